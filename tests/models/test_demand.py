"""Demand in the United States: RAND's transitions, people counted, a ceiling on deaths, no way to Mexico but by name."""

from functools import cache, partial

import numpy as np
import pytest

import merida.numerics  # noqa: F401  isort: skip
import jax
import jax.numpy as jnp

from merida.ensemble.parameter_draws import draw
from merida.evidence import Register
from merida.facts import Facts
from merida.models import demand
from merida.models.socket.domain import US
from merida.parameters import Parameters
from merida.parameters.scenarios import held_under
from tests.models.small_domain import facts_2012, small_domain

RAND = (0.15, 0.024, 0.04, 0.02)
PROGRAMMES = ("hope_probation", "drug_treatment", "drug_prevention")
NOBODY = np.zeros(3)


def theta(**changed: object) -> demand.Theta:
    """Return parameters by hand: RAND's rates, 4 million heavy users who spend 20,000 dollars a year each."""
    kept, gained = demand.a_month(demand.transitions(*RAND))
    given = demand.Theta(
        use=np.log([0.5, 0.6, 0.9]),
        people=np.array([1e6, 2e6, 1e7]),
        starting=0.02,
        lasting=0.05,
        kept=kept,
        gained=gained,
        users=np.array([2e7, 4e6]),
        spending=np.array([1000.0, 20_000.0]),
        income_share=0.07,
        income_elasticity=0.5,
        deaths_effect=np.log(0.5),
        deaths_per_person_year=0.03,
        national_deaths=40_000.0,
        deaths_ceiling=0.305,
        arrests_effect=np.log(0.8),
        arrests_per_person_year=0.5,
        known=np.ones((3, 1)),
    )
    return demand.Theta(*(jnp.asarray(value) for value in given._replace(**changed)))


def after(given: demand.Theta, people: np.ndarray, years: float) -> np.ndarray:
    return np.asarray(months(given, jnp.zeros((3, 2)), jnp.asarray(people), round(12 * years)))


@partial(jax.jit, static_argnums=3)
def months(given: demand.Theta, difference: jax.Array, people: jax.Array, count: int) -> jax.Array:
    return jax.lax.fori_loop(0, count, lambda _, now: demand.next_users(given, now, people), difference)


def test_the_slow_rate_and_its_half_life_are_those_of_the_closed_form() -> None:
    """RAND MR-332: an epidemic of heavy use halves in "more than a decade"."""
    slow = np.linalg.eigvals(demand.transitions(*RAND)).real.max()
    assert slow == pytest.approx(-0.05212, abs=5e-6)
    assert np.log(0.5) / slow == pytest.approx(13.30, abs=5e-3)
    _, vectors = np.linalg.eig(demand.transitions(*RAND))
    heavy = vectors[:, np.argmax(np.linalg.eigvals(demand.transitions(*RAND)).real)]
    start = jnp.zeros((3, 2)).at[1].set(jnp.asarray(heavy.real))
    difference = months(theta(), start, jnp.zeros(3), round(12 * 13.30))
    np.testing.assert_allclose(difference[1] / heavy.real, 0.5, rtol=2e-3)


def test_people_who_quit_are_missed_as_the_steady_state_says() -> None:
    """A (DL, DH) = flow, solved by hand: a flow of 5,000 a year out of heavy use."""
    found = after(theta(), np.array([0.0, 1e5, 0.0]), 400)[1]
    light, escalate, settle, heavy = RAND
    fewer_heavy = 5000 * (light + escalate) / ((light + escalate) * (settle + heavy) - settle * escalate)
    np.testing.assert_allclose(found, [-settle * fewer_heavy / (light + escalate), -fewer_heavy], rtol=1e-6)


def test_prevention_keeps_pupils_from_starting_and_heavy_use_falls_later() -> None:
    one, ten = (after(theta(), np.array([0.0, 0.0, 1e6]), years)[2] for years in (1, 10))
    assert one[0] == pytest.approx(-1e6 * 0.02 * 0.1, rel=0.1)
    assert 0 < one[1] / one[0] < 0.02
    assert ten[1] / ten[0] > one[1] / one[0] > 0
    assert not after(theta(), NOBODY, 3).any()


def test_outcomes_at_home_count_people_at_work() -> None:
    deaths, arrests = demand.at_home(theta(), jnp.array(1000.0), jnp.array(200.0))
    np.testing.assert_allclose([deaths * 12, arrests * 12], [1000 * 0.03 * 0.5, 200 * 0.5 * 0.2], rtol=1e-12)


def test_evidence_turned_round_turns_the_outcomes_round() -> None:
    worse = theta(deaths_effect=np.log(2.0), arrests_effect=np.log(1.25))
    deaths, arrests = demand.at_home(worse, jnp.array(1000.0), jnp.array(200.0))
    np.testing.assert_allclose([deaths * 12, arrests * 12], [-30.0, -25.0], rtol=1e-12)


def test_dollars_not_spent_are_people_times_what_each_spends() -> None:
    unspent = demand.not_spent(theta(), jnp.zeros((3, 2)), jnp.array([100.0, 1000.0, 5e6]))
    np.testing.assert_allclose(unspent, [100 * 0.5 * 2e4, 1000 * 0.4 * 2e4, 0.0])
    quit_heavy = jnp.zeros((3, 2)).at[1, 1].set(-10.0)
    np.testing.assert_allclose(demand.not_spent(theta(), quit_heavy, jnp.zeros(3)), [0, 2e5, 0])


def test_income_lost_moves_homicide_by_its_elasticity_and_either_way() -> None:
    spent = 2e7 * 1000 + 4e6 * 2e4
    averted = [
        float(demand.averted_share(theta(income_elasticity=e), jnp.array([0.01 * spent, 0, 0]))[0, 0])
        for e in (0.8, -0.8)
    ]
    np.testing.assert_allclose(averted, [0.008, -0.008])
    shut = demand.averted_share(theta(known=np.zeros((3, 1))), jnp.array([1e9, 1e9, 1e9]))
    assert not np.asarray(shut).any()


def test_deaths_averted_never_reach_the_package_of_the_source_projections() -> None:
    """FDA SOURCE: the package of all policies averts 30.5 % of deaths by 2032 (28.9 to 32.9)."""
    monthly = 40_000 * 0.305 / 12
    few, many, harm = (float(demand.below_ceiling(theta(), jnp.array(x))) for x in (1.0, 1e6, -5.0))
    assert few == pytest.approx(1.0, rel=1e-3)
    assert few < 1.0
    assert many <= monthly
    assert harm == -5.0


@cache
def drawn(*scenarios: str) -> tuple[demand.Theta, demand.Inputs]:
    domain = small_domain()
    held = held_under(scenarios, {})
    found = draw(domain, Parameters(facts_2012(), Register("2012-12"), held, domain.framework), 0, 400)
    return found.theta["demand"], domain.inputs["demand"]


def five_years(people: tuple[float, float, float], *scenarios: str) -> dict[str, np.ndarray]:
    """Return what is said in the last month of five years in every draw, with so many units at work."""
    given, inputs = drawn(*scenarios)
    domain = small_domain()
    working = np.zeros((len(domain.programmes), len(domain.places)))
    for name, units in zip(PROGRAMMES, people, strict=True):
        working[domain.programmes.index(name), US] = units
    signals = {"units_at_work": jnp.asarray(working)}

    def one(given: demand.Theta) -> dict[str, jax.Array]:
        def month(state: jax.Array, at: jax.Array) -> tuple[jax.Array, dict[str, jax.Array]]:
            after, said = demand.MECHANISM.one_month(given, inputs, state, signals, at)
            return after, said | {"averted_share": said["averted_share"].values}

        return jax.tree.map(
            lambda values: values[-1], jax.lax.scan(month, jnp.zeros((3, 2)), jnp.arange(60))[1]
        )

    return {name: np.asarray(value) for name, value in jax.jit(jax.vmap(one))(given).items()}


def test_in_every_draw_any_plan_stays_under_the_ceiling_and_moves_no_homicide_by_default() -> None:
    found = five_years((1e8, 1e8, 1e9))
    deaths = found[demand.DEATHS_AVERTED.name] * 12
    assert (deaths <= 0.34 * 41_340).all()
    assert not found["averted_share"].any()
    nobody = five_years((0.0, 0.0, 0.0))
    assert not any(value.any() for value in nobody.values())


def test_a_fifth_more_treatment_averts_few_deaths_and_twice_at_most_twice() -> None:
    """SOURCE: a fifth more treatment capacity averts about none; here it stays under a tenth of deaths."""
    once, twice = (five_years((0.0, people, 0.0)) for people in (200_000.0, 400_000.0))
    assert np.median(once[demand.DEATHS_AVERTED.name]) * 12 < 0.1 * 41_340
    for name in (demand.DEATHS_AVERTED.name, demand.NOT_SPENT.name, demand.INCOME_LOST.name):
        assert (np.abs(twice[name]) <= 2 * np.abs(once[name]) * (1 + 1e-9)).all()


def test_rivals_of_scarcity_have_opposite_signs_and_the_effect_is_bounded_by_income_lost() -> None:
    people = (20_000.0, 20_000.0, 1e6)
    raises, lowers = (five_years(people, f"scarcity_{name}") for name in ("raises", "lowers"))
    np.testing.assert_allclose(raises["averted_share"], -lowers["averted_share"], rtol=1e-12)
    given, _ = drawn("scarcity_lowers")
    spent = np.sum(np.asarray(given.users) * np.asarray(given.spending), axis=1)
    lost = 12 * np.abs(lowers[demand.NOT_SPENT.name]) / spent
    total = np.abs(lowers["averted_share"].sum(axis=1))[:, 0]
    assert (total <= 0.8 * lost * (1 + 1e-9)).all()


def test_users_and_deaths_fit_the_survey_and_the_record() -> None:
    """NSDUH 2012: 23.9 million in the last month; RAND: 100 billion dollars a year; deaths in the record."""
    today = Parameters(Facts(), Register(), {}).draws(0, 2000)
    assert np.median(today["demand.light_users"]) == pytest.approx(23.9e6, rel=0.03)
    assert np.median(today["demand.spending_usd_year"]) == pytest.approx(100e9, rel=0.04)
    each = 41_340 / today["demand.heavy_users"]
    treated = today["demand.treatment.deaths_per_person_year"]
    assert np.percentile(treated, 5) < np.median(each) < np.percentile(treated, 95)
