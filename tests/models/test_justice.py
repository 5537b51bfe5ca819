"""From crime to sentence: closed forms, published shares, and an effect bounded by the cases that officials can add."""

import math
from typing import Any

import numpy as np
import pytest

import merida.numerics  # noqa: F401  isort: skip
import jax
import jax.numpy as jnp

from merida.ensemble.parameter_draws import draw
from merida.evidence import Register
from merida.facts import Facts
from merida.models import deterrence, justice
from merida.models.socket.mechanism import COVERAGE, ByLever
from merida.parameters import Parameters
from tests.ensemble.test_anchors import domain, study, theta

LEVERS = justice.LEVERS
COURTS = int(np.argmax(domain().pulls(LEVERS[0])))


def working(officials: float) -> jax.Array:
    """Return officials trained in the state of Chihuahua, (programmes, places)."""
    found = np.zeros((len(domain().programmes), len(domain().places)))
    found[COURTS, domain().places.index("08")] = officials
    return jnp.asarray(found)


def months(
    one: dict[str, Any], officials: list[float], dose: float = 0.0
) -> tuple[justice.State, list[dict[str, np.ndarray]]]:
    """Return what happens while so many officials are at work in each month."""
    inputs, cells = domain().inputs["justice"], domain().inputs["deterrence"]
    state, said = justice.initial(inputs), []
    for at, number in enumerate(officials):
        month = jnp.array(domain().first + at)
        signals = {"units_at_work": working(number), COVERAGE.name: ByLever(LEVERS, jnp.full((3, 3), dose))}
        state, new = justice.step(one["justice"], inputs, state, signals, month)
        _, averted = deterrence.step(one["deterrence"], cells, None, signals | new, month)
        said.append({name: np.asarray(value) for name, value in new.items()})
        said[-1]["averted_share"] = np.asarray(averted["averted_share"].values)
    return state, said


def held(worth: float | None = None, **numbers: float) -> dict[str, Any]:
    """Return parameters held; `worth` may lie beyond what is likely."""
    found = theta({f"justice.{name}": number for name, number in numbers.items()})
    if worth is not None:
        found["justice"] = found["justice"]._replace(worth=jnp.array(worth))
    return found


def test_published_shares_multiply_and_are_the_dark_figure() -> None:
    published = dict(
        Facts().sql("select id, value from published_facts where id in ('P067', 'P070', 'P071')").rows()
    )
    opened = justice.funnel(published["P070"] / 100, published["P071"] / 100)
    assert 100 - 100 * opened == pytest.approx(published["P067"], abs=0.05)
    assert justice.funnel(0.11, 0.691, 0.0115) == pytest.approx(0.11 * 0.691 * 0.0115, rel=1e-15)


def test_two_stages_are_the_matrix_exponential_of_their_rates() -> None:
    """After n months of a doubled inflow: the closed form of two exponential stages in a row."""
    first, second, n = 5.0, 9.0, 14
    month = justice.one_month(np.array([first]), np.array([second]))[0]
    flow = np.ones(2)
    for _ in range(n):
        flow = month @ np.array([*flow, 2.0])
    alone, both = math.exp(-n / first), first * math.exp(-n / first) - second * math.exp(-n / second)
    np.testing.assert_allclose(flow, [2 - alone, 2 - (-both) / (second - first)], rtol=1e-12)


def test_backlog_grows_by_what_comes_less_what_is_resolved() -> None:
    one = held(backlog_years=2.0)
    _, said = months(one, [0.0] * 24)
    survey = justice.survey(Facts("2012-12"))["08"]
    opened, able = survey.crimes * (1 - survey.dark) / 12, survey.crimes * float(one["justice"].resolved) / 12
    np.testing.assert_allclose(said[-1]["files_resolved"][0], able, rtol=1e-12)
    np.testing.assert_allclose(said[-1]["files_pending"][0], 24 * opened + (opened - able) * 24, rtol=1e-12)
    # Its age, by Little: months until the last file that waits is reached.
    assert said[-1]["files_pending"][0] / able == pytest.approx((24 * opened + 24 * (opened - able)) / able)


def test_no_more_files_are_resolved_than_there_are() -> None:
    one = held(resolved_pct=20.0, backlog_years=0.0, clearance_elasticity=1.0, worth=5.0)
    state, said = months(one, [1e9] * 30)
    survey = justice.survey(Facts("2012-12"))["08"]
    resolved = sum(each["files_resolved"][0] for each in said)
    assert resolved == pytest.approx(30 * survey.crimes * (1 - survey.dark) / 12)
    assert float(state.pending[0]) == pytest.approx(0.0, abs=1e-6)


def test_at_most_all_officials_are_trained_and_at_most_all_homicides_punished() -> None:
    one = held(deterrence_elasticity=-0.5, homicides_sentenced_pct=90.0, worth=9.0)
    _, said = months(one, [1e9] * 400)
    officials = float(one["justice"].officials) * 2.1 / 2.5
    assert said[-1]["officials_trained"][0] == pytest.approx(officials, rel=1e-9)
    assert said[-1]["averted_share"][0].max() == pytest.approx(1 - (1 / 0.9) ** -0.5)


def test_effect_is_the_change_in_certainty_times_its_elasticity_and_flips_with_the_evidence() -> None:
    numbers = {"worth": 0.3, "clearance_elasticity": 0.66}
    good, bad = (
        months(held(deterrence_elasticity=e, **numbers), [500.0] * 600)[1][-1]["averted_share"][0, 0]
        for e in (-0.4, 0.4)
    )
    officials = float(held()["justice"].officials) * 2.1 / 2.5
    change = 0.66 * math.log1p(0.3 * 500 / officials)
    assert math.log1p(-good) == pytest.approx(-0.4 * change, rel=1e-6)
    assert math.log1p(-bad) == pytest.approx(0.4 * change, rel=1e-6)
    assert good > 0 > bad


def test_other_states_are_left_alone_and_withdrawal_gives_the_start_back() -> None:
    one = held(deterrence_elasticity=-0.4)
    _, said = months(one, [800.0] * 24 + [0.0] * 900)
    assert said[23]["averted_share"][0, 0] > 0
    elsewhere = domain().state_of_cell != domain().states.index("08")
    assert all((each["averted_share"][0, elsewhere] == 0).all() for each in said)
    assert abs(said[-1]["averted_share"][0, 0]) < 1e-9


def test_in_every_draw_the_effect_is_bounded_by_the_part_reached_and_twice_the_units_do_at_most_twice() -> (
    None
):
    here = domain()
    drawn = draw(here, Parameters(Facts("2012-12"), Register("2012-12"), {}), 0, 200)
    inputs = here.inputs["justice"]
    for number in range(200):
        one, law = (
            jax.tree.map(lambda values, number=number: jnp.asarray(values)[number], drawn.theta[name])
            for name in ("justice", "deterrence")
        )
        officials = one.officials * inputs.people / inputs.people.sum()
        found = []
        for trained in (0.0, 900.0, 1800.0):
            ratio = justice.capacity(one, officials, jnp.array([trained, 0.0]))
            found.append(float(deterrence.deterred(law, ratio)[0]))
            part = min(trained / float(officials[0]), 1.0)
            most = abs(float(law.elasticity)) * math.log1p(part)
            assert abs(math.log1p(-found[-1])) <= most + 1e-12
        assert found[0] == 0
        assert abs(found[2]) <= 2 * abs(found[1]) + 1e-15


def test_prisons_and_integrity_move_no_homicide_unless_the_wide_law_is_asked_for() -> None:
    _, said = months(held(), [0.0], dose=1.0)
    assert (said[0]["averted_share"] == 0).all()
    drawn = theta({"violence.wide_law": 1.0, "justice.prisons.effect": -0.4})
    assert (months(drawn, [0.0], dose=1.0)[1][0]["averted_share"][1] > 0).any()


def test_under_the_rival_reading_the_study_of_the_reform_is_recovered() -> None:
    """The change of procedure as a whole, at its dose and in its own population, gives its estimate back."""
    anchor = study("mx_reform_cgo2024")
    numbers = {"prosecutors_courts.share": 1.0, "prosecutors_courts.link": 1.0, "reform_effect": anchor.value}
    rival, chain = (
        months(held(as_reform=part, **numbers), [0.0] * 2, dose=1.0)[1][-1]["averted_share"][0]
        for part in (1.0, 0.0)
    )
    np.testing.assert_allclose(np.log1p(-rival), anchor.value, rtol=1e-12)
    assert (chain == 0).all()


def test_states_sum_to_the_nation_and_hours_to_those_of_officials() -> None:
    one = held()
    _, said = months(one, [700.0])
    told = said[0]
    hours = 700.0 * float(one["justice"].worth * one["justice"].hours_per_year) / 12
    assert told["official_hours_added"] == pytest.approx(hours)
    assert told["officials_trained"].sum() == pytest.approx(700.0)
