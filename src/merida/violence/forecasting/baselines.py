"""What a researcher would reach for first: the baselines that the forecast is measured against.

Each takes a panel, a horizon in months, a number of draws and a seed, and returns draws of deaths by municipality and
month; the random walk forecasts totals alone, by year: states and the nation.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from merida.distributions import Floats
from merida.draws import stream
from merida.violence.panel import Panel, summed

Counts = npt.NDArray[np.int32]
Model = Callable[[Panel, int, int, int], Counts]
LEVEL = 3  # last months that the random walk starts from
YEARS = 3  # years of the same month that seasonal naive draws from


def resampling(known: Panel, months: int, draws: int, seed: int) -> Counts:
    """Return each municipality's last twelve months, drawn anew for every month."""
    random = stream(seed, "baseline.resampling")
    last = known.deaths[:, -12:].astype(np.int32)
    at = random.integers(0, 12, (draws, len(last), months), dtype=np.int8)
    return np.asarray(last[np.arange(len(last))[None, :, None], at], dtype=np.int32)


def resampling_with_shocks(known: Panel, months: int, draws: int, seed: int) -> Counts:
    """Return resampling, Poisson about it times yearly random walks of the nation and of states."""
    drawn = resampling(known, months, draws, seed)
    random = stream(seed, "baseline.resampling_with_shocks")
    return poisson(drawn, factors(known, months, draws, random)[:, known.state_of], random)


def gamma_poisson(known: Panel, months: int, draws: int, seed: int) -> Counts:
    """Return Poisson counts about a gamma level of the last year, times yearly random walks of nation and states.

    The level's prior is the state's rate, worth as many deaths as the moments of the places say.
    """
    random = stream(seed, "baseline.gamma_poisson")
    year = known.deaths[:, -12:].sum(axis=1).astype(np.float64)
    rate = summed(year, known.state_of, len(known.codes)) / summed(
        known.population, known.state_of, len(known.codes)
    )
    expected = np.maximum(rate[known.state_of] * known.population, 1e-6)
    spread = max(float(((year - expected) ** 2 - expected).sum() / (expected**2).sum()), 0.1)
    level = random.gamma(year + 1 / spread, 1.0, (draws, len(year))) / (12 + 12 / (spread * expected))
    return poisson(
        np.repeat(level[:, :, None], months, axis=2),
        factors(known, months, draws, random)[:, known.state_of],
        random,
    )


def poisson_persistence(known: Panel, months: int, draws: int, seed: int) -> Counts:
    """Return Poisson counts about the mean of the last twelve months."""
    mean: Floats = known.deaths[:, -12:].mean(axis=1)
    random = stream(seed, "baseline.poisson_persistence")
    drawn = random.poisson(mean[None, :, None], (draws, len(mean), months))
    return np.asarray(drawn, dtype=np.int32)


def seasonal_naive(known: Panel, months: int, draws: int, seed: int) -> Counts:
    """Return the same month of one of the last three years."""
    random = stream(seed, "baseline.seasonal_naive")
    places = len(known.places)
    back = random.integers(1, YEARS + 1, (draws, places, months))
    at = known.deaths.shape[1] - 12 * back + np.arange(months) % 12
    return np.asarray(known.deaths[np.arange(places)[None, :, None], at], dtype=np.int32)


def log_random_walk(known: Panel, months: int, draws: int, seed: int) -> tuple[Floats, Floats]:
    """Return draws of totals by year, of states (draws, states, years) and of the nation (draws, years).

    Log random walks from the level of the last three months, each on its own; they do not add up.
    """
    random = stream(seed, "baseline.log_random_walk")
    by_state = summed(known.deaths, known.state_of, len(known.codes))
    years = np.arange(1, months // 12 + 1)
    sd_state, sd_nation = changes(by_state)[1:]
    level = 12 * by_state[:, -LEVEL:].mean(axis=1)
    state = level[None, :, None] * np.exp(
        sd_state * np.sqrt(years) * random.standard_normal((draws, len(level), len(years)))
    )
    nation = level.sum() * np.exp(sd_nation * np.sqrt(years) * random.standard_normal((draws, len(years))))
    return state, nation


def changes(by_state: npt.NDArray[np.int64]) -> tuple[float, float, float]:
    """Return standard deviations of yearly log changes: of states beside the nation, of states, of the nation."""
    yearly = np.maximum(by_state.reshape(len(by_state), -1, 12).sum(axis=2), 1)
    state, nation = np.diff(np.log(yearly), axis=1), np.diff(np.log(yearly.sum(axis=0)))
    return float((state - nation).std()), float(state.std()), float(nation.std())


def factors(known: Panel, months: int, draws: int, random: np.random.Generator) -> Floats:
    """Return yearly random walks of nation and states by month, as factors, shape (draws, states, months)."""
    own, _, nation = changes(summed(known.deaths, known.state_of, len(known.codes)))
    years = -(-months // 12)
    walk = nation * random.standard_normal((draws, 1, years)) + own * random.standard_normal(
        (draws, len(known.codes), years)
    )
    return np.asarray(np.repeat(np.exp(walk.cumsum(axis=2)), 12, axis=2)[:, :, :months])


def poisson(mean: npt.NDArray[np.generic], factor: Floats, random: np.random.Generator) -> Counts:
    """Return Poisson counts about `mean` times `factor`, draw by draw to hold little memory."""
    out = np.empty(mean.shape, dtype=np.int32)
    for draw in range(len(out)):
        out[draw] = random.poisson(mean[draw] * factor[draw])
    return out


BASELINES: dict[str, Model] = {
    "resampling": resampling,
    "resampling_with_shocks": resampling_with_shocks,
    "gamma_poisson": gamma_poisson,
    "poisson_persistence": poisson_persistence,
    "seasonal_naive": seasonal_naive,
}
