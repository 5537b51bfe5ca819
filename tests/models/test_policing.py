"""Officers trained and vetted: closed forms, published counts, and no homicide where no study speaks."""

from dataclasses import replace

import numpy as np
import pytest

import merida.numerics  # noqa: F401  isort: skip
import jax
import jax.numpy as jnp
from scipy.integrate import solve_ivp

from merida.ensemble.parameter_draws import draw
from merida.evidence import Register
from merida.facts import Facts
from merida.models import policing
from merida.models.socket.mechanism import COVERAGE, ByLever
from merida.parameters import Parameters
from tests.ensemble.test_anchors import domain, theta

LEVERS = policing.LEVERS
NO_DOSE = ByLever(LEVERS, jnp.zeros((3, 3)))


def units(state: str, number: float, lever: int = 2) -> jax.Array:
    """Return units of one lever at work in one state, (programmes, places)."""
    working = np.zeros((len(domain().programmes), len(domain().places)))
    programme = int(np.argmax(domain().pulls(LEVERS[lever])))
    working[programme, domain().places.index(state)] = number
    return jnp.asarray(working)


def after(
    held: dict[str, float], working: jax.Array, dose: float = 0.0, month: int = 0
) -> dict[str, np.ndarray]:
    signals = {"units_at_work": working, COVERAGE.name: ByLever(LEVERS, jnp.full((3, 3), dose))}
    _, said = policing.step(
        theta(held)["policing"], domain().inputs["policing"], None, signals, jnp.array(domain().first + month)
    )
    return {
        name: np.asarray(value.values if name == "averted_share" else value) for name, value in said.items()
    }


def test_in_the_long_run_the_stock_is_hires_times_passing_times_tenure() -> None:
    officers, passing, tenure = 5000.0, 0.8, 7.0
    hires = officers / tenure
    stock = officers * policing.own_share(
        jnp.array(0.2), jnp.array(passing), jnp.array(tenure), jnp.array(1e4)
    )
    np.testing.assert_allclose(stock, hires * passing * tenure, rtol=1e-12)


def test_the_chain_of_recruits_is_that_of_its_differential_equation() -> None:
    start, passing, tenure = 0.3, 0.8, 6.0
    solved = solve_ivp(lambda t, v: passing / tenure - v / tenure, (0, 9), [start], rtol=1e-10, atol=1e-12)
    found = policing.own_share(jnp.array(start), jnp.array(passing), jnp.array(tenure), jnp.array(9.0))
    np.testing.assert_allclose(found, solved.y[0, -1], rtol=1e-8)


def test_levels_sum_to_the_rate_and_come_near_published_counts() -> None:
    """Municipal staff, 2016, and local police, 2018, by the published counts; federal police about a tenth."""
    facts = Facts()
    published = dict(
        facts.sql("select id, value from published_facts where id in ('T172', 'T176', 'P080', 'T170')").rows()
    )
    people = jnp.array([112.3e6])  # the census of 2010
    found = policing.forces(
        theta(
            {
                "policing.officers_per_100k": published["P080"],
                "policing.municipal_per_100k": published["T170"],
                "policing.federal_share": 0.1,
            }
        )["policing"],
        people,
    )
    every = float(found.federal[0] + found.local[0])
    assert every == pytest.approx(112.3e6 * published["P080"] / 1e5)
    assert float(found.federal[0]) / every == pytest.approx(0.1)
    assert float(found.municipal[0]) == pytest.approx(published["T172"], rel=0.05)
    assert float(found.local[0]) == pytest.approx(published["T176"], rel=0.15)


def test_valid_exams_of_2025_are_the_published_share_and_unknown_before() -> None:
    counted = Facts().sql("select sum(officers), sum(vetting_valid) from state_police").row(0)
    assert counted == (161311, 109618)
    by_state = dict(Facts().sql("select state, officers from state_police").rows())
    share = policing.valid_exams(Facts())
    assert sum(by_state[state] * share[state] for state in by_state) / counted[0] == pytest.approx(
        0.68, abs=0.005
    )
    assert policing.valid_exams(Facts("2025-09")) == {}


def test_units_turn_into_officers_who_passed_and_a_vetted_state_buys_no_more() -> None:
    held = {"policing.vetting.passing_pct": 80.0, "policing.vetting.valid_pct": 50.0}
    nothing, some = (after(held, units("08", number))["local_officers_vetted"] for number in (0.0, 1000.0))
    np.testing.assert_allclose(some - nothing, [800.0, 0.0], atol=1e-6)
    full = {"policing.vetting.passing_pct": 100.0, "policing.vetting.valid_pct": 100.0}
    nothing, more = (after(full, units("08", number))["local_officers_vetted"] for number in (0.0, 1e6))
    np.testing.assert_array_equal(more, nothing)
    officers = policing.forces(theta(held)["policing"], domain().inputs["policing"].people).local
    assert after(held, units("08", 1e9))["local_officers_vetted"][0] == pytest.approx(float(officers[0]))


def test_officers_trained_federally_work_where_people_live_and_none_is_lost() -> None:
    nothing, some = (after({}, units("MX", number, 0))["federal_officers_trained"] for number in (0.0, 100.0))
    people = domain().inputs["policing"].people
    np.testing.assert_allclose(some - nothing, 100.0 * people / people.sum(), rtol=1e-9)


def test_no_homicide_hangs_on_training_or_vetting_and_the_wide_law_is_bounded_by_the_elasticity() -> None:
    assert (after({}, units("08", 1e5), dose=1.0)["averted_share"] == 0).all()
    held = {
        "violence.wide_law": 1.0,
        "policing.vetting.valid_pct": 100.0,
        "policing.vetting.passing_pct": 100.0,
    }
    assert (after(held, units("08", 0.0), dose=1.0)["averted_share"][2] == 0).all()  # nobody left to vet
    here = replace(domain())
    drawn = draw(here, Parameters(Facts("2012-12"), Register("2012-12"), {"violence.wide_law": 1.0}), 0, 200)
    for number in range(200):
        one = jax.tree.map(lambda values, number=number: jnp.asarray(values)[number], drawn.theta["policing"])
        signals = {"units_at_work": units("08", 1e4), COVERAGE.name: ByLever(LEVERS, jnp.full((3, 3), 0.4))}
        _, said = policing.step(one, here.inputs["policing"], None, signals, jnp.array(here.first))
        moved = np.abs(np.log1p(-np.asarray(said["averted_share"].values)))
        most = np.abs(one.elasticity * np.log1p(np.asarray(one.quality) * 0.4))
        assert (moved <= most + 1e-12).all()


def test_more_police_by_one_percent_moves_homicide_by_the_elasticity() -> None:
    one = theta({"policing.elasticity": -0.67} | {f"{lever}.quality": 0.01 for lever in LEVERS})["policing"]
    averted = policing.averted_shares(one, jnp.ones((3, 1)))
    np.testing.assert_allclose(np.log1p(-averted), -0.67 * np.log(1.01), rtol=1e-12)
