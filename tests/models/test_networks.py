"""Removals and where violence follows them: closed forms, studied effects, the bound, what no homicide hangs on."""

from functools import cache

import numpy as np
import pytest

import merida.numerics  # noqa: F401  isort: skip
import jax
import jax.numpy as jnp

from merida.evidence import Register
from merida.facts import Facts
from merida.models import networks, recruitment
from merida.models.socket.domain import MX
from merida.models.socket.mechanism import ByLever, Draws
from merida.parameters import Parameters
from merida.parameters.scenarios import held_under
from merida.violence.removals import KINDS, MONTHS
from tests.models.small_domain import facts_2012, small_domain

PLACES = ("a", "b", "c", "d")
KNOWN = networks.Record(
    {"one": 1.0}, {"one": {"a", "b"}}, [("a", "b"), ("a", "c"), ("b", "c"), ("c", "d")], {}
)
COUNT = 200
UP = np.log(np.array([1.8, 1.3, 0.9]))


def theta(**changed: object) -> networks.Theta:
    given = networks.Theta(
        log_ratio=UP[:, None],
        per_operation=0.1,
        leaders=37.0,
        presence=0.15,
        as_recruitment=0.0,
        deaths_per_member=0.078,
        effect=np.log([[0.8], [0.8]]),
        share=np.full((2, 1), 0.1),
        link=np.ones((2, 1)),
        beyond=0.3,
        known=np.array([[1.0], [0.0], [0.0]]),
    )
    return networks.Theta(*(jnp.asarray(value) for value in given._replace(**changed)))


def inputs(exposure: np.ndarray) -> networks.Inputs:
    return networks.Inputs(np.eye(3), exposure, np.zeros(exposure.shape[1]), 20_000.0, np.zeros(12))


def path(given: networks.Theta, one: networks.Inputs, units: np.ndarray) -> tuple[np.ndarray, float]:
    """Return averted shares, (months, levers, cells), and leaders removed, for units at work by month, (months, 3)."""
    state, averted, removed = networks.initial(one), [], 0.0
    covered = ByLever(networks.LEVERS, jnp.ones((3, one.exposure.shape[1])) * (units.any()))
    for month, working in enumerate(units):
        signals = {"units_at_work": jnp.asarray(working)[:, None], "coverage": covered}
        state, said = networks.MECHANISM.one_month(given, one, state, signals, jnp.asarray(month))
        averted.append(np.asarray(said["averted_share"].values))
        removed += float(said["leaders_removed"])
    return np.array(averted), removed


def test_a_removal_finds_places_in_three_positions_by_hand() -> None:
    """The organisation is in a and b, with 30 and 10 deaths: taken in a with 3/4; c adjoins both, d only c."""
    found, near = networks.exposures(KNOWN, PLACES, np.array([30.0, 10.0, 5.0, 5.0]))
    np.testing.assert_allclose(found[0], [0.75, 0.25, 0, 0])
    np.testing.assert_allclose(found[1], [0.25, 0.75, 0, 0])
    np.testing.assert_allclose(found[2], [0, 0, 1, 0])
    np.testing.assert_allclose(near, [0.25, 0.75, 1, 0])
    unknown, _ = networks.exposures(KNOWN.__class__({}, {}, KNOWN.borders, {}), PLACES, np.ones(4))
    np.testing.assert_allclose(unknown[0], 0.25)
    assert (unknown[1:] == networks.UNKNOWN).all()
    one = networks.Inputs(np.eye(3), unknown, np.full(4, 0.5), 20_000.0, np.zeros(12))
    prior = np.asarray(networks.exposed(theta(), one))
    np.testing.assert_allclose(prior[1], 0.15 * 0.75)
    np.testing.assert_allclose(prior[2], 0.85 * 0.5)


def test_one_removal_raises_homicide_as_studied_for_as_long_as_studied_and_falls_next_door() -> None:
    """Lindo and Padilla-Romo: 80 % for twelve months in the place, 30 % for six where the organisation is."""
    months = jnp.zeros(12).at[0].set(1.0)
    one = inputs(np.eye(3))  # three cells, each surely in one position
    for age in range(12):
        found = -np.asarray(networks.averted_by_removals(theta(), one, jnp.roll(months, age)))
        np.testing.assert_allclose(found, np.array([0.8, 0.3, -0.1]) * [1.0, age < 6, age < 6], atol=1e-12)
    assert MONTHS == {"place": 12, "present": 6, "adjoining": 6}


def test_removals_are_in_proportion_at_first_and_never_more_than_can_be_found() -> None:
    given = theta()
    assert float(networks.removals_a_year(given, jnp.asarray(1e-6))) == pytest.approx(1e-7)
    assert float(networks.removals_a_year(given, jnp.asarray(1e9))) == pytest.approx(37.0)
    for units in (1.0, 30.0, 1000.0):
        once, twice = (float(networks.removals_a_year(given, jnp.asarray(more * units))) for more in (1, 2))
        assert once < twice <= 2 * once


def test_no_units_do_nothing_twice_the_units_at_most_twice_and_withdrawn_ones_are_forgotten() -> None:
    one = inputs(np.full((3, 2), 0.2))
    nothing, removed = path(theta(), one, np.zeros((24, 3)))
    assert not nothing.any()
    assert removed == 0
    for size in (1.0, 50.0):
        once, twice = (path(theta(), one, np.full((24, 3), more * size))[0][-1, 0] for more in (1, 2))
        assert (once < 0).all()
        assert (twice >= 2 * once * (1 + 1e-9)).all()
    for_a_year = np.zeros((36, 3))
    for_a_year[:12] = 10.0
    averted, _ = path(theta(), one, for_a_year)
    assert averted[11, 0].any()
    assert not averted[23:, 0].any()


def test_signs_follow_the_evidence_and_finance_and_aircraft_act_under_the_wide_law_alone() -> None:
    one, units = inputs(np.full((3, 2), 0.2)), np.full((12, 3), 10.0)
    up, _ = path(theta(), one, units)
    down, _ = path(theta(log_ratio=-UP[:, None]), one, units)
    assert (up[-1, 0] < 0).all()
    assert (down[-1, 0] > 0).all()
    assert not up[:, 1:].any()
    wide, _ = path(theta(known=np.ones((3, 1))), one, units)
    np.testing.assert_allclose(wide[-1, 1:], 0.1 * 0.2)


def test_own_and_published_estimates_meet_at_the_normal_closed_form() -> None:
    random = np.random.default_rng(0)
    prior, own = random.normal(0.5, 0.3, 200_000), random.normal(0.2, 0.2, 200_000)
    found = networks.conditioned(prior, 0.3, own, 0.2)
    weights = np.array([1 / 0.3**2, 1 / 0.2**2])
    assert found.mean() == pytest.approx(weights @ [0.5, 0.2] / weights.sum(), abs=0.002)
    assert found.std() == pytest.approx(weights.sum() ** -0.5, rel=0.01)


def test_under_the_rival_reading_a_leader_is_one_member_fewer() -> None:
    one, units = inputs(np.full((3, 2), 0.2)), np.full((60, 3), 10.0)
    averted, removed = path(theta(as_recruitment=1.0), one, units)
    np.testing.assert_allclose(averted[-1, 0], 0.078 * removed / 20_000)
    assert 0 < averted[-1, 0, 0] < 1e-4


def test_deaths_per_member_are_those_of_the_model_with_one_more_taken_a_week() -> None:
    conflict = recruitment.ties(Facts()).conflict
    rates = recruitment.PUBLISHED
    more = rates._replace(incapacitation=rates.incapacitation + 1)
    start = recruitment.members_after(
        recruitment.at_start(recruitment.START, len(conflict)), conflict, rates, 520
    )
    for weeks in (26, 260):
        with_it, without = (recruitment.members_after(start, conflict, one, weeks) for one in (more, rates))
        deaths = [recruitment.deaths_a_week(one, conflict, rates) for one in (with_it, without)]
        assert 52 * (deaths[1] - deaths[0]) / weeks == pytest.approx(0.078, rel=0.06)
        assert without.sum() - with_it.sum() == pytest.approx(
            weeks, rel=0.03
        )  # who is taken is not made up for


@cache
def drawn(**held: float) -> networks.Theta:
    values = held_under((), {path.replace("__", "."): value for path, value in held.items()})
    values = Parameters(facts_2012(), Register("2012-12"), values).draws(0, COUNT)
    return networks.parameters(small_domain(), Draws(values, 0, COUNT))


def test_in_every_draw_the_effect_is_at_most_removals_by_places_by_the_largest_studied_effect() -> None:
    given, one = drawn(), small_domain().inputs["networks"]
    operations = np.zeros((len(small_domain().programmes), len(small_domain().places)))
    operations[small_domain().programmes.index("leadership_targeting"), MX] = 40.0
    largest = 0.8  # of 80 % more at the place of capture
    reached = networks.OPEN.sum(axis=1)

    def averted(theta: networks.Theta) -> tuple[jax.Array, jax.Array]:
        removed = networks.removals_a_year(theta, jnp.asarray(40.0)) / 12
        return networks.averted_by_removals(theta, one, jnp.full(12, removed)), removed

    found, removed = jax.vmap(averted)(given)
    exposed = np.asarray(jax.vmap(lambda theta: networks.exposed(theta, one))(given))
    bound = np.asarray(removed)[:, None] * largest * np.einsum("k,dkc->dc", reached, exposed)
    assert (np.abs(np.asarray(found)) <= bound * (1 + 1e-9)).all()
    assert (12 * np.asarray(removed) <= np.asarray(given.leaders)).all()
    assert given.log_ratio.shape == (COUNT, len(KINDS), 1)


def test_the_own_estimate_of_the_date_is_known_at_the_date_and_can_be_set_aside() -> None:
    """As of December 2012 four removals had a month, a place, a source and both windows in the record."""
    known = small_domain().tables["removals"]
    assert {kind: one.events for kind, one in known.own.items()} == {"place": 4, "present": 4, "adjoining": 2}
    alone, both = drawn(networks__own_part=0.0), drawn()
    assert np.std(both.log_ratio[:, 1]) < np.std(alone.log_ratio[:, 1])
    held = drawn(networks__own_part=0.0, networks__leadership_targeting__effect=0.3)
    np.testing.assert_allclose(held.log_ratio[:, 0], 0.3)
