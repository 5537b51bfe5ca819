"""When states begin the accusatory procedure: what was known at a date, closed forms, and scores on what happened."""

import numpy as np
import pytest

from merida.facts import Facts
from merida.models.reform_transition import DEADLINE, READINGS, constant, first_years, transition
from merida.parameters import entries
from merida.statistics.scores import crps

STATES = tuple(f"{number:02d}" for number in range(1, 33))
ACTUAL = first_years(Facts())


def law(reading: str) -> dict[str, float]:
    return {name: float(name == reading) for name in READINGS}


def test_at_a_date_only_the_years_known_then_count() -> None:
    assert sum(year <= 2012 for year in ACTUAL.values()) == len(first_years(Facts("2012-12"))) == 12
    for known in (ACTUAL, first_years(Facts("2012-12"))):
        found = transition(known, STATES, 2012, law("constant"), draws=50)
        assert (found.begun, len(found.waiting)) == (12, 20)


def test_a_constant_hazard_is_the_gamma_posterior() -> None:
    starts, at_risk = np.array([2, 1, 3]), np.array([32, 30, 29])
    drawn = constant(starts, at_risk, 1, 40_000, np.random.default_rng(0))
    assert drawn.mean() == pytest.approx(6.5 / 91, rel=0.02)
    assert drawn.var() == pytest.approx(6.5 / 91**2, rel=0.05)


def test_under_the_deadline_those_who_comply_begin_evenly_and_none_after() -> None:
    found = transition(ACTUAL, STATES, 2012, law("deadline"), last=2018, draws=6000)
    mean = found.chances.mean(axis=0)
    np.testing.assert_allclose(mean, 0.85 * np.array([0.25, 0.5, 0.75, 1, 1, 1]), atol=0.01)


def test_a_state_that_has_begun_does_not_stop_and_states_sum_to_the_count() -> None:
    found = transition(ACTUAL, STATES, 2012, dict.fromkeys(READINGS, 1 / 3), draws=500)
    assert (np.diff(found.operating.astype(int), axis=2) >= 0).all()
    np.testing.assert_allclose(found.counts.mean(axis=0), found.begun + found.chances.sum(axis=0))


def test_the_mixture_beats_a_constant_hazard_on_what_happened() -> None:
    stated = {name: entries()[f"justice.transition.{name}"].number for name in READINGS[:2]}
    mixture = stated | {"deadline": 1 - sum(stated.values())}
    for origin in (2011, 2012, 2013, 2014):
        ahead = range(origin + 1, DEADLINE + 1)
        counted = np.array([sum(year <= then for year in ACTUAL.values()) for then in ahead])
        scores = []
        for weights in (mixture, law("constant")):
            found = transition(ACTUAL, STATES, origin, weights)
            happened = np.array([[ACTUAL[state] <= year for year in found.years] for state in found.waiting])
            scores.append((crps(found.counts, counted).mean(), np.mean((found.chances - happened) ** 2)))
        assert scores[0] < scores[1]
