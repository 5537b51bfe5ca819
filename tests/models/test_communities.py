"""Communities: counted needs and doses against hand-worked cases, published counts and the invariances."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import merida.numerics  # noqa: F401  isort: skip
import jax
import jax.numpy as jnp

from merida.ensemble.parameter_draws import draw
from merida.evidence import Register
from merida.facts import Facts
from merida.models import communities
from merida.models.communities import DETERRENCE, JOBS, LEVERS, OUTREACH, PEOPLE, POLICING, SPACE, THERAPY
from merida.models.socket.domain import Domain
from merida.parameters.parameters import Parameters
from tests.models.small_domain import facts_2012, small_domain

DRAWS = 200
CHIHUAHUA = 0  # cell of 08037 in the small domain


@cache
def drawn() -> tuple[dict[str, np.ndarray], Any]:
    found = draw(small_domain(), Parameters(facts_2012(), Register("2012-12"), {}), 0, DRAWS)
    return found.scalars, found.theta["communities"]


def one(**held: float) -> Any:
    """Return the parameters of one draw, some of them held by path with ``__`` for the dot."""
    paths = {f"communities.{path.replace('__', '.')}": number for path, number in held.items()}
    found = draw(small_domain(), Parameters(facts_2012(), Register("2012-12"), paths), 0, 1)
    return jax.tree.map(lambda values: jnp.asarray(values)[0], found.theta["communities"])


def inputs() -> Any:
    return small_domain().inputs["communities"]


def working(units: float, place: str = "08", *levers: str) -> jax.Array:
    """Return units at work of each programme that pulls one of the levers, in one place."""
    domain = small_domain()
    at_work = np.zeros((len(domain.programmes), len(domain.places)))
    for number, programme in enumerate(domain.framework.programmes.values()):
        if programme.lever in (levers or LEVERS):
            at_work[number, domain.places.index(place)] = units
    return jnp.asarray(at_work)


def steps(theta: Any, *months: jax.Array, ground: Any = None) -> list[dict[str, Any]]:
    """Return what the mechanism says in each month."""
    ground = inputs() if ground is None else ground
    theta, state, said = communities.with_counts(theta, ground), communities.initial(ground), []
    for number, units in enumerate(months):
        state, now = communities.MECHANISM.one_month(
            theta, ground, state, {"units_at_work": units}, jnp.array(number)
        )
        said.append(now)
    return said


def averted(said: dict[str, Any]) -> np.ndarray:
    return np.asarray(said["averted_share"].values)


def each_draw(units: float) -> np.ndarray:
    """Return averted shares in the first month, (draws, levers, cells)."""
    _, theta = drawn()
    ground, at_work = inputs(), {"units_at_work": working(units)}
    start = communities.initial(ground)
    share = jax.vmap(
        lambda one: (
            communities.MECHANISM.one_month(one, ground, start, at_work, jnp.array(0))[1][
                "averted_share"
            ].values
        )
    )
    return np.asarray(share(theta))


def test_needs_by_hand() -> None:
    """Members: half of 1,200 homicides of which 0.766 are of organised crime, at 0.02 a member.

    Streets: 17 for each 1,000 of 1.3 million people, 4.5 percent of them. Young men: 12.4 percent of people, 5 of them.
    """
    theta = one(
        focused_deterrence__share=0.5, killings_per_member=0.02, streets_per_1000=17, hot_streets=0.045,
        young_men=0.124, youth_cbt__at_risk=0.05,
    )  # fmt: skip
    need = dict(zip(LEVERS, np.asarray(communities.needs(theta, inputs())[1])[:, CHIHUAHUA], strict=True))
    share = communities.organised(facts_2012())["08"]
    assert share == pytest.approx(0.766, abs=0.001)
    assert need[DETERRENCE] == pytest.approx(0.5 * share * 1200 / 0.02)
    assert need[SPACE] == pytest.approx(1300 * 17 * 0.045)
    assert need[THERAPY] == pytest.approx(1.3e6 * 0.124 * 0.05)
    assert need[POLICING] == 1.3e6


def test_killings_of_a_member_lie_between_bostons_and_the_model_of_mexican_organisations() -> None:
    values, _ = drawn()
    found = values["communities.killings_per_member"]
    for published in (0.6 * 44 / 1300, 67.24 * 52 / 115_000):
        assert np.quantile(found, 0.1) < published < np.quantile(found, 0.9)


def test_the_share_of_young_men_is_that_of_the_record_and_older_facts_alone_are_used() -> None:
    query = "select sum(deaths) from homicides_sex_age where state = '02' and month between '2009-01' and '2011-12'"
    young = " and sex = 'male' and age_group in ('15-17', '18-24', '25-29')"
    by_hand = facts_2012().sql(query + young).item() / facts_2012().sql(query).item()
    assert communities.young_men(facts_2012())["02"] == pytest.approx(by_hand)
    assert communities.organised(Facts("2010-12")) == {}
    known = communities.mexican_money(facts_2012())
    assert known.paid == ()


def test_no_units_no_effect_and_nobody_reached() -> None:
    assert np.all(each_draw(0.0) == 0)
    said = steps(one(), working(0.0))[0]
    assert all(np.all(np.asarray(said[signal.name]) == 0) for signal in communities.REACHED.values())


def test_twice_the_units_do_at_most_twice_as_much_and_nothing_goes_beyond_the_need() -> None:
    once, twice, all_of_it = each_draw(20.0), each_draw(40.0), each_draw(1e9)
    assert np.all(np.abs(twice) <= 2 * np.abs(once) * (1 + 1e-9))
    values, theta = drawn()
    involved = jax.vmap(lambda one: communities.needs(one, inputs())[0])(theta)
    room = jax.vmap(lambda one: communities.left(one, inputs(), communities.needs(one, inputs())[1]))(theta)
    largest = np.asarray(involved * room * jnp.abs(jnp.expm1(theta.link * theta.effect)))
    part = np.abs(1 - values["communities.displacement"])[:, None, None]
    more = np.abs(values["communities.displacement"] * values["communities.leaves"])[:, None, None]
    assert np.all(np.abs(all_of_it) <= largest * (part + more) + 1e-12)


def test_outputs_and_effects_come_from_the_same_units() -> None:
    """Members reached over their need, times what one is worth, is the averted share."""
    theta = one(displacement=0.0)
    said = steps(theta, working(3.0, "08", DETERRENCE))[0]
    involved, need = (np.asarray(each)[0, CHIHUAHUA] for each in communities.needs(theta, inputs()))
    reached = float(said["group_members_reached"][0])
    assert reached == pytest.approx(3 * float(theta.reach[0, 0]))
    worth = -np.expm1(float(theta.link[0, 0] * theta.effect[0, 0]))
    assert averted(said)[0, CHIHUAHUA] == pytest.approx(involved * reached / need * worth)
    assert np.all(averted(said)[1:] == 0)


def test_the_sign_of_the_evidence_turns_the_result() -> None:
    for effect, sign in ((-0.5, 1), (0.5, -1)):
        said = steps(one(street_outreach__effect=effect, displacement=0.1), working(5.0, "08", OUTREACH))[0]
        assert np.sign(averted(said)[LEVERS.index(OUTREACH), CHIHUAHUA]) == sign


def test_a_vetted_need_is_not_covered_again() -> None:
    """Where Mexico covers all of it, units add nothing; where it covers half, they reach the other half at most."""
    at = LEVERS.index(SPACE)
    full = steps(one(public_space__own=1.0, displacement=0.0), working(1e9, "08", SPACE))[0]
    assert np.all(averted(full)[at] == 0)
    assert np.all(np.asarray(full["streets_improved"]) == 0)
    theta = one(public_space__own=0.5, displacement=0.0)
    half = steps(theta, working(1e9, "08", SPACE))[0]
    need = float(communities.needs(theta, inputs())[1][at, CHIHUAHUA])
    assert float(half["streets_improved"][0]) == pytest.approx(0.5 * need)


def test_places_keep_the_best_that_they_had_and_it_fades() -> None:
    theta = one(displacement=0.0, focused_deterrence__lasting_years=0.5, focused_deterrence__effect=-0.5)
    on, off = working(3.0, "08", DETERRENCE), working(0.0)
    found = [averted(said)[0, CHIHUAHUA] for said in steps(theta, on, on, off, off, on)]
    assert found[0] == found[1] == found[4]  # withdrawn and restored
    assert found[2] == pytest.approx(found[1] * np.exp(-1 / 6))
    assert found[3] == pytest.approx(found[1] * np.exp(-2 / 6))


def test_people_stay_a_year_and_those_who_were_there_count_until_it_fades() -> None:
    """With c in the programme for good, those of before tend to c / 12 / (1 - exp(-1 / (12 T))), near c T."""
    theta = one(displacement=0.0, youth_cbt__lasting_years=2.0, youth_cbt__effect=-0.5)
    said = steps(theta, *[working(10.0, "08", THERAPY)] * 240)
    at = LEVERS.index(THERAPY)
    first, last = averted(said[0])[at, CHIHUAHUA], averted(said[-1])[at, CHIHUAHUA]
    before = np.exp(-1 / 24) / 12 / (1 - np.exp(-1 / 24))
    assert last / first == pytest.approx(1 + before, rel=1e-3)
    assert before == pytest.approx(2.0, abs=0.05)
    assert PEOPLE[at, 0]
    assert not PEOPLE[LEVERS.index(SPACE), 0]


def test_units_for_the_nation_reach_as_many_as_the_same_units_by_state() -> None:
    theta = one()
    for lever in (JOBS, SPACE):
        name = communities.REACHED[lever].name
        whole = np.asarray(steps(theta, working(50.0, "MX", lever))[0][name])
        assert whole.sum() == pytest.approx(50.0 * float(theta.reach[LEVERS.index(lever), 0]))


def state(second: float = 0.0) -> tuple[Domain, Any]:
    """Return a state of two named places and one more, of which a part may stand as a fourth."""
    forecast = SimpleNamespace(
        first_month="2012-01",
        places=("08037", "08019", "08017", "08998"),
        states=("08",) * 4,
        population=np.array([1.3e6, 0.8e6, 1e5 * (1 - second), 1e5 * second]),
        recent_deaths=np.array([1200.0, 500.0, 60.0 * (1 - second), 60.0 * second]),
    )
    base = small_domain()
    domain = Domain(
        base.framework, forecast, ("08037", "08019"), "2013-01", 5, 300.0, base.mechanisms, base.tables
    )
    return domain, domain.inputs["communities"]


@pytest.mark.parametrize("displacement", [0.3, -0.3])
def test_what_moves_leaves_the_place_for_the_state_which_loses_exactly_that_part(displacement: float) -> None:
    domain, ground = state()
    theta = one(displacement=displacement, leaves=0.4, public_space__effect=-0.5)
    still = one(displacement=0.0, leaves=0.4, public_space__effect=-0.5)
    at_work = np.zeros((len(domain.programmes), len(domain.places)))
    at_work[domain.programmes.index("public_space"), domain.places.index("08037")] = 20.0
    at = LEVERS.index(SPACE)
    found, without = (
        averted(steps(each, jnp.asarray(at_work), ground=ground)[0])[at] for each in (theta, still)
    )
    deaths = np.asarray(ground.deaths)
    assert found @ deaths == pytest.approx((1 - displacement) * (without @ deaths))
    neighbours = [int(domain.cells[domain.forecast.places.index(place)]) for place in ("08019", "08017")]
    assert np.all(without[neighbours] == 0)
    assert np.all(np.sign(found[neighbours]) == -np.sign(displacement))
    assert found[neighbours[0]] == pytest.approx(found[neighbours[1]])


def test_a_municipality_in_two_parts_changes_no_total() -> None:
    totals = []
    for second in (1e-9, 0.5):
        domain, ground = state(second)
        at_work = np.zeros((len(domain.programmes), len(domain.places)))
        at_work[:, domain.places.index("08")] = 4.0
        said = steps(one(), jnp.asarray(at_work), ground=ground)[0]
        counts = [float(np.asarray(said[signal.name]).sum()) for signal in communities.REACHED.values()]
        totals.append([*counts, *(averted(said) @ np.asarray(ground.deaths))])
    assert totals[0] == pytest.approx(totals[1], rel=1e-6)


def test_a_framework_may_state_the_need_in_units_itself() -> None:
    theta = one(displacement=0.0, public_space__own=0.0)
    at = small_domain().programmes.index("public_space")
    row = list(np.asarray(inputs().programmes)).index(at)
    theta = theta._replace(
        units_per_need=theta.units_per_need.at[row, 0].set(0.01)
    )  # 12 units for 1,200 homicides
    need = communities.needs(theta, inputs())[1][LEVERS.index(SPACE), CHIHUAHUA]
    said = steps(theta, working(6.0, "08", SPACE))[0]
    assert float(said["streets_improved"][0]) == pytest.approx(float(need) / 2)
