"""Firearms and cash on the way to Mexico: the stock's closed forms, published counts, the bound on what they can do."""

from functools import cache, partial

import numpy as np
import pytest

import merida.numerics  # noqa: F401  isort: skip
import jax
import jax.numpy as jnp

from merida.ensemble.parameter_draws import draw
from merida.evidence import Register
from merida.facts import Facts
from merida.models import flows
from merida.models.socket.domain import US
from merida.parameters import Parameters
from merida.parameters.scenarios import held_under
from tests.models.small_domain import facts_2012, small_domain

YEARS = 5
TEAMS, AGENTS = 40.0, 300.0


def theta(**changed: float) -> flows.Theta:
    """Return parameters by hand: 200,000 firearms bought a year, 1.5 million in use, each leaving after 7.5 years."""
    in_use, leaving = flows.steady(200_000.0, 0.0, 50_000.0, 10.0)
    given = flows.Theta(
        cash=4e7,
        seized=115.0,
        teams=80.0,
        marginal=0.5,
        bought=200_000.0,
        in_use=in_use,
        leaving=leaving,
        response=0.2,
        firearm_share=0.6,
        agents=1000.0,
        effect=np.log(0.8),
        beyond=0.3,
        known=jnp.array([1.0, 0.0]),
    )
    return flows.Theta(*(jnp.asarray(value) for value in given._replace(**changed)))


def after(given: flows.Theta, years: float, teams: float = 0.0, agents: float = 0.0) -> jax.Array:
    kept = flows.kept(given, jnp.asarray(teams), jnp.asarray(agents))[0]
    return months(given, jnp.zeros(2), kept, round(12 * years))


@partial(jax.jit, static_argnums=3)
def months(given: flows.Theta, difference: jax.Array, kept: jax.Array, count: int) -> jax.Array:
    return jax.lax.fori_loop(0, count, lambda _, now: flows.next_difference(given, now, kept), difference)


def test_the_stock_is_the_steady_state_in_which_as_many_leave_as_come() -> None:
    bought, on_the_way, in_mexico, life = 212_887.0, 115.0, 26_000.0, 12.0
    in_use, leaving = flows.steady(bought, on_the_way, in_mexico, life)
    assert in_use == pytest.approx((bought - on_the_way - in_mexico) * life)
    assert leaving * in_use == pytest.approx(bought - on_the_way)
    assert in_use / life + in_mexico == pytest.approx(bought - on_the_way)
    assert flows.steady(1000.0, 0.0, 5000.0, 10.0)[0] == pytest.approx(1000.0)  # a tenth stays at the least


def test_firearms_kept_are_missed_by_the_closed_form_and_wear_off() -> None:
    given = theta()
    kept = 115.0 * (np.sqrt(1.5) - 1)
    rate = float(given.leaving)
    for years in (1, 5, 40):
        found = after(given, years, teams=TEAMS)[0]
        assert found == pytest.approx(-kept / rate * -np.expm1(-rate * years), rel=1e-10)
    assert after(given, 300, teams=TEAMS)[0] == pytest.approx(-kept / rate, rel=1e-9)
    left = months(given, jnp.array([-96.0, 0.0]), jnp.zeros(2), 120)
    assert float(left[0]) == pytest.approx(-96 * np.exp(-10 * rate), rel=1e-10)


def test_as_many_teams_again_seize_what_was_published_again_where_nobody_goes_round_them() -> None:
    firearms, cash = flows.kept(theta(marginal=1.0), jnp.asarray(80.0), jnp.asarray(0.0))
    np.testing.assert_allclose([float(firearms[0]), float(cash)], [115.0, 4e7])


def test_no_units_do_nothing_and_twice_the_units_at_most_twice_as_much() -> None:
    given = theta(known=jnp.ones(2))
    assert not after(given, YEARS).any()
    for size in (0.1, 1.0, 30.0):
        once, twice = (after(given, YEARS, more * size * TEAMS, more * size * AGENTS) for more in (1, 2))
        assert (once < 0).all()
        assert (twice <= once).all()
        assert (twice >= 2 * once * (1 + 1e-9)).all()


def test_ninety_six_firearms_of_a_million_move_homicides_by_their_share_times_the_elasticity() -> None:
    given = theta(in_use=1e6, response=0.3 / 0.58)
    averted = flows.averted_share(given, jnp.array([1.0, 0.6, flows.UNKNOWN]), jnp.array([-96.0, 0.0]))
    bound = 96 / 1e6 * 0.3 / 0.58
    np.testing.assert_allclose(averted[0], [bound, 0.6 * bound, 0.6 * bound])
    assert 30_000 * 5 * bound < 8  # of 150,000 homicides in five years
    assert not averted[1].any()


def test_tracing_moves_no_firearm_but_under_the_wide_law_and_its_sign_follows_its_effect() -> None:
    assert after(theta(), YEARS, agents=AGENTS)[1] == 0
    wide = theta(known=jnp.ones(2))
    kept = float(flows.kept(wide, jnp.asarray(0.0), jnp.asarray(1000.0))[0][1])
    assert kept == pytest.approx(0.2 * 200_000)
    assert (
        after(wide, YEARS, agents=AGENTS)[1] < 0 < after(wide._replace(effect=jnp.log(1.2)), YEARS, 0, 300)[1]
    )


@cache
def drawn(*scenarios: str) -> tuple[flows.Theta, flows.Inputs, np.ndarray]:
    """Return the parameters of many draws of the record, inputs, and units of 100 teams and 300 agents at work."""
    domain = small_domain()
    held = held_under(scenarios, {})
    found = draw(domain, Parameters(facts_2012(), Register("2012-12"), held, domain.framework), 0, 1000)
    working = np.zeros((len(domain.programmes), len(domain.places)))
    working[domain.programmes.index("southbound_checks"), US] = 100.0
    working[domain.programmes.index("arms_tracing"), US] = 300.0
    return found.theta["flows"], domain.inputs["flows"], working


@pytest.mark.parametrize("scenarios", [(), ("wide_law",)])
def test_in_every_draw_the_effect_is_at_most_the_part_reached_times_the_largest_elasticity(
    scenarios: tuple[str, ...],
) -> None:
    given, inputs, working = drawn(*scenarios)
    signals = {"units_at_work": jnp.asarray(working)}

    def five_years(one: flows.Theta) -> tuple[jax.Array, jax.Array, jax.Array]:
        def month(state: jax.Array, at: jax.Array) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
            after, said = flows.MECHANISM.one_month(one, inputs, state, signals, at)
            return after, (said[flows.ARMS.name], said["averted_share"].values)

        state, (seized, averted) = jax.lax.scan(month, jnp.zeros(2), jnp.arange(12 * YEARS))
        return state, seized.sum(), averted[-1]

    state, seized, averted = map(np.asarray, jax.jit(jax.vmap(five_years))(given))
    bound = np.abs(state) / np.asarray(given.in_use)[:, None] * np.asarray(given.response)[:, None]
    assert (np.abs(averted) <= bound[:, :, None] + 1e-15).all()
    assert (np.abs(state[:, 0]) <= seized * (1 + 1e-9)).all()  # outputs and effects are of the same firearms
    assert averted[:, 0].all()
    # the largest elasticity that was studied, over a share by firearm that is lower than any drawn
    assert (
        np.abs(averted) <= np.abs(state / np.asarray(given.in_use)[:, None])[:, :, None] * 0.3 / 0.5
    ).all()
    assert averted[:, 1].any() == bool(scenarios)


def test_flow_of_the_study_and_counts_of_the_record_are_inside_what_is_drawn() -> None:
    """McDougal and others (2015): 212,887 a year; the Trans-Border Institute: 15 % of them seized in both countries."""
    given, _, _ = drawn()
    assert np.median(given.bought) == pytest.approx(212_887, rel=0.03)
    low, high = np.percentile(given.bought, [2.5, 97.5])
    assert low == pytest.approx(89_816, rel=0.12)
    assert high == pytest.approx(359_205, rel=0.06)
    today = Parameters(Facts(), Register(), {}).draws(0, 2000)
    seized = today["flows.southbound.arms_year"]
    seized_share = (today["flows.seized_in_mexico_2009_2012"] / 4 * today["flows.us_share"] + seized) / today[
        "flows.bought_year"
    ]
    assert np.percentile(seized_share, 5) < 0.15 < np.percentile(seized_share, 95)
    assert np.median(seized) == pytest.approx(115, rel=0.1)


def test_shares_by_firearm_are_of_what_was_published_and_of_the_last_years() -> None:
    then, now = flows.firearm_shares(facts_2012()), flows.firearm_shares(Facts())
    assert len(then) == len(now) == 32
    of_2008 = facts_2012().sql(
        "select sum(firearm_deaths)::double / sum(deaths) from firearm_homicides where year >= 2006 and state = '25'"
    )
    assert then["25"] == pytest.approx(of_2008.rows()[0][0])
    nation = Facts().sql(
        "select sum(files) filter (where modality = 'firearm')::double / sum(files) from crime_files "
        "where crime = 'intentional_homicide' and month >= '2024-01'"
    )
    assert nation.rows()[0][0] == pytest.approx(0.72, abs=0.01)
    assert 0.6 < np.mean(list(now.values())) < 0.75
