"""From the record to a `Forecast`: its strengths are fitted, and its laws given what is known since the panel."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from merida.facts import Facts
from merida.parameters.registry import FORECAST
from merida.priors import Priors
from merida.violence.forecasting import shares, sights, trend
from merida.violence.forecasting.forecast import PRIORS, Forecast
from merida.violence.later import Later, later
from merida.violence.panel import Panel, national, panel, people_of, summed


def forecast(facts: Facts, months: int, seed: int = 0, priors: Priors = PRIORS) -> Forecast:
    """Return the forecast from the last year of deaths known at the record's date.

    Parameters
    ----------
    months : int
        Months from the first unknown one; up to 60 for samples, as many as a plan needs for rates.
    priors : Priors
        What is assumed (``forecast.toml``), with what a user holds of it.

    Raises
    ------
    ViolenceError
        If fewer than three years of deaths had been published.
    """
    return replace(fit_to(facts, priors.within(FORECAST)), months=months, seed=seed)


@lru_cache(maxsize=4)
def fit_to(facts: Facts, priors: Priors) -> Forecast:
    """Return the forecast of a month fitted to a record, kept because a run asks for it many times."""
    known = panel(facts)
    return fitted(known, 1, priors=priors, since=later(facts, known))


def fitted(
    known: Panel, months: int, seed: int = 0, priors: Priors = PRIORS, since: Later | None = None
) -> Forecast:
    """Return the forecast fitted to a panel, and given what is known since."""
    priors = priors.within(FORECAST)
    state, place = shares.memories(known, priors)
    people = people_of(known)
    nation = np.zeros(len(known.codes), dtype=np.int64)
    by_state = summed(known.deaths, known.state_of, len(known.codes))
    path = Forecast(
        known=known,
        trend=trend.fit(national(known), priors),
        state_strengths=shares.fit(by_state, nation, people[0], state, priors, "states"),
        place_strengths=shares.fit(known.deaths, known.state_of, people[1], place, priors, "places"),
        month_shape=shares.fit_month(known.deaths, priors),
        months=months,
        seed=seed,
        priors=priors,
        since=since if since and since.months else None,
    )
    return replace(path, given=given(path)) if path.since else path


def given(path: Forecast) -> tuple[sights.Conditioned, sights.Conditioned]:
    """Return the laws of the nation's levels and last drift, and of the states' walks, given what is known since."""
    assert path.since is not None
    known, months, states = path.known, path.estimated, len(path.known.codes)
    (level, drift), centre = path.level[0], []
    for _ in range(months):
        level, drift = level + drift, path.trend.damping * drift
        centre.append(level)
    nation, shared = sights.sights(known, path.since, path.priors)
    nation = replace(nation, values=nation.values - nation.spans @ np.resize(path.season, months))
    shared = replace(shared, values=shared.values - np.log(path.shared[0])[:, None])
    share, level = path.shared[0], np.exp(path.level[0][0])
    expected = level * path.shared[1] * share[known.state_of]
    variance = expected + expected**2 / path.month_shapes(expected)
    at_once, monthly = (sd[:, None, None] for sd in path.walk)
    steps = np.tile(np.tril(np.ones((months, months))), (states, 1, 1))
    return (
        sights.conditioned(
            nation,
            np.array([*centre, drift]),
            path.trend.root(path.level[1], months)[None],
            np.array([path.trend.noise**2]),
        ),
        sights.conditioned(
            shared,
            np.zeros(months),
            np.concatenate([np.ones((months, 1)) * at_once, steps * monthly], axis=2),
            summed(variance, known.state_of, states) / (level * share) ** 2,
        ),
    )
