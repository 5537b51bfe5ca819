"""The forecast and its baselines re-run from past Decembers, and scored on what came after.

*Perfect vintage* knows the deaths of the origin's year. *Real time* knows those published by then, which end a year
earlier and lack what was registered later; both are scored on the twelve months after the origin, and further years.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from merida.distributions import Floats
from merida.errors import ViolenceError
from merida.facts import Facts
from merida.one_line import OneLine
from merida.priors import Priors
from merida.progress import Counted
from merida.statistics import scores
from merida.violence.forecasting.baselines import BASELINES, log_random_walk
from merida.violence.forecasting.fitting import fitted
from merida.violence.forecasting.forecast import PRIORS
from merida.violence.forecasting.samples import checked
from merida.violence.forecasting.workers import in_processes
from merida.violence.panel import ENOUGH, LATE, Panel, origin_outside, panel, summed

Vintage = Literal["perfect", "real_time"]
Rows = dict[str, dict[str, float]]  # level, measure
OURS = "hierarchical"
FIRST_ORIGIN = 2005
COPIES = 6  # arrays of draws that scoring a model holds, two processes together
WALK = "log_random_walk"
STRATA = {"top_50": (0, 50), "next_150": (50, 200), "rest": (200, 10**6)}
MANY, FEW, DEATHS = 24, 6, 12  # the event: at least twelve deaths, where the last year had six to twenty-four
MEASURES = ("crps", "log_score", "interval_score_90", "crps_log", "coverage_50", "coverage_90", "coverage_95")


@dataclass(frozen=True, repr=False)
class OriginScores(OneLine):
    """The scores of every model from one origin.

    Parameters
    ----------
    year : int
        The origin is December of it.
    scores : list of dict, one for each year of the horizon
        By model, level and measure.
    pit : dict
        Counts in ten bins, by stratum; of the forecast, the first year.
    events : array, shape (places, 3)
        Probability by the forecast, by a logit on the last year's deaths, and whether it happened.
    """

    year: int
    scores: list[dict[str, Rows]]
    pit: dict[str, list[int]]
    events: Floats


@dataclass(frozen=True, repr=False)
class Backtest(OneLine):
    """Scores of every model at every origin."""

    origins: tuple[OriginScores, ...]
    months: int
    draws: int
    vintage: Vintage
    models: tuple[str, ...] = field(default=(OURS, *BASELINES, WALK))

    def mean(
        self, model: str, level: str, measure: str, year: int = 0, among: Sequence[int] | None = None
    ) -> float | None:
        """Return a mean over origins, or over those of the years in `among`; None where the model gives none."""
        values = [
            origin.scores[year][model][level][measure]
            for origin in self.origins
            if level in origin.scores[year].get(model, {}) and (among is None or origin.year in among)
        ]
        return float(np.mean(values)) if values else None

    def best(self, level: str, year: int = 0) -> str:
        """Return the baseline of the lowest CRPS."""
        known = {
            model: value
            for model in self.models
            if model != OURS and (value := self.mean(model, level, "crps", year)) is not None
        }
        return min(known, key=lambda model: known[model])

    def skill(self, level: str, against: str, year: int = 0) -> tuple[float, float, float]:
        """Return 1 - CRPS / CRPS of a baseline, and its 90 % paired-bootstrap interval over origins."""
        pairs = np.array(
            [
                [origin.scores[year][model][level]["crps"] for model in (OURS, against)]
                for origin in self.origins
            ]
        )
        low, high = scores.bootstrap(pairs)
        return float(1 - pairs[:, 0].sum() / pairs[:, 1].sum()), low, high

    def pit(self) -> dict[str, Floats]:
        """Return the share of the forecast's PIT in each tenth, by stratum."""
        out = {}
        for stratum in self.origins[0].pit:
            counts = np.sum([origin.pit[stratum] for origin in self.origins], axis=0)
            out[stratum] = counts / counts.sum()
        return out

    def event(self) -> dict[str, Any]:
        """Return Brier scores of the event, skill against the logit, and reliability by tenths of probability."""
        every = np.concatenate([origin.events for origin in self.origins])
        ours, logit = (((every[:, column] - every[:, 2]) ** 2).mean() for column in (0, 1))
        tenth = np.minimum((every[:, 0] * 10).astype(int), 9)
        return {
            "cases": len(every),
            "brier": float(ours),
            "brier_logit": float(logit),
            "skill": float(1 - ours / logit),
            "reliability": [
                {
                    "forecast": float(every[cases, 0].mean()),
                    "observed": float(every[cases, 2].mean()),
                    "cases": int(cases.sum()),
                }
                for cases in (tenth == number for number in range(10))
                if cases.any()
            ],
        }


def backtest(
    origins: Sequence[int],
    months: int = 12,
    draws: int = 1000,
    seed: int = 0,
    vintage: Vintage = "perfect",
    progress: Counted = lambda *_: None,
    priors: Priors = PRIORS,
) -> Backtest:
    """Return scores of the forecast and its baselines from December of each year of `origins`, on the whole record.

    Parameters
    ----------
    origins : sequence of int
        Years.
    months : int
        Months after the origin, whole years that the record holds.
    priors : Priors
        What the forecast assumes; its baselines assume nothing of it.
    vintage : {"perfect", "real_time"}
        Whether the deaths of the origin's year are known, or only those published by then.
    progress : callable
        Called several times a second with how many origins are done, and of how many; of a single one, how many steps.

    Raises
    ------
    ViolenceError
        If the horizon or the draws are beyond what is computed.

    Examples
    --------
    >>> scores = backtest([2010, 2015], draws=100)
    >>> scores.best("nation_year")
    'log_random_walk'
    """
    checked(months, draws, COPIES)
    jobs = [(origin, months, draws, seed, vintage, priors) for origin in origins]
    if len(jobs) == 1:
        return Backtest((score_origin(*jobs[0], progress),), months, draws, vintage)
    scored = in_processes(score_origin, jobs, progress)
    return Backtest(tuple(scored), months, draws, vintage)


def score_origin(
    origin: int,
    months: int,
    draws: int,
    seed: int,
    vintage: Vintage,
    priors: Priors = PRIORS,
    progress: Counted = lambda *_: None,
) -> OriginScores:
    """Return the scores of every model from December of a year."""
    facts = Facts()
    whole = panel(facts)
    known, lead = known_at(facts, whole, origin, vintage, seed)
    start = 12 * (origin + 1 - whole.first_year)
    actual = whole.deaths[:, start : start + months]
    share = whole.unknown[origin + 1 - whole.first_year :]
    rows: list[dict[str, Rows]] = [{} for _ in range(months // 12)]
    bins: dict[str, list[int]] = {}
    events = np.zeros((0, 3))
    models = (OURS, *BASELINES)
    steps = len(models) * (1 + months // 12)
    for at, name in enumerate(models):
        done = at * (1 + months // 12)
        progress(done, steps)
        if name == OURS:
            forecast = fitted(known, lead + months, seed, priors)
            drawn = forecast.samples(draws, lambda *_, done=done: progress(done, steps)).counts
        else:
            drawn = BASELINES[name](known, lead + months, draws, seed)
        for year in range(months // 12):
            progress(done + 1 + year, steps)
            span = slice(lead + 12 * year, lead + 12 * year + 12)
            scored = by_level(
                drawn[:, :, span],
                actual[:, 12 * year : 12 * year + 12],
                known,
                (1 - share[year]) / (1 - known.unknown[-1]),
            )
            rows[year][name] = scored
        if name == OURS:
            span = slice(lead, lead + 12)
            bins = pit_bins(drawn[:, :, span], actual[:, :12], known)
            events = event_rows(drawn[:, :, span], actual[:, :12], known)
    state, nation = log_random_walk(known, lead + months, draws, seed)
    for year in range(months // 12):
        truth = summed(actual[:, 12 * year : 12 * year + 12].sum(axis=1), known.state_of, len(known.codes))
        column = lead // 12 + year
        rows[year][WALK] = {
            "state_year": measured(state[:, :, column], truth),
            "nation_year": measured(nation[:, column : column + 1], truth.sum(keepdims=True)),
        }
    return OriginScores(origin, rows, bins, events)


def known_at(facts: Facts, whole: Panel, origin: int, vintage: Vintage, seed: int) -> tuple[Panel, int]:
    """Return the panel known at an origin, and the months that lie between its end and the origin."""
    if vintage == "perfect":
        return panel(facts, origin), 0
    return panel(facts, origin - 1).as_published(whole.complete[-LATE:], seed), LATE


def by_level(drawn: npt.NDArray[np.int32], actual: npt.NDArray[np.int64], known: Panel, kept: float) -> Rows:
    """Return the measures at every level of one year.

    Parameters
    ----------
    kept : float
        Share of deaths with a municipality in that year beside the forecast's; all deaths are scored by it too.
    """
    year = drawn.sum(axis=2, dtype=np.int32)
    state = np.stack([summed(draw.astype(np.int64), known.state_of, len(known.codes)) for draw in year])
    truth = summed(actual.sum(axis=1), known.state_of, len(known.codes))
    nation = state.sum(axis=1, keepdims=True)
    return {
        "municipality_month": measured(drawn, actual, counts=True),
        "state_year": measured(state, truth),
        "nation_year": measured(nation, truth.sum(keepdims=True)),
        "nation_year_rescaled": measured(nation, truth.sum(keepdims=True) / kept),
    }


def measured(drawn: scores.Values, actual: scores.Values, counts: bool = False) -> dict[str, float]:
    """Return the means of all measures."""
    log_score = scores.log_score_counts if counts else scores.log_score_totals
    if counts:
        # as small integers sorting is fast, and nothing is lost
        drawn = drawn.astype(np.int16) if drawn.max(initial=0) < 2**15 else drawn
    out = {
        "crps": scores.crps(drawn, actual),
        "log_score": log_score(drawn, actual),
        "crps_log": scores.crps(np.log1p(drawn, dtype=np.float32), np.log1p(actual)),
        "interval_score_90": scores.interval_score(drawn, actual, 0.9),
    }
    out |= {f"coverage_{level}": scores.covered(drawn, actual, level / 100) for level in (50, 90, 95)}
    return {name: float(values.mean()) for name, values in out.items()}


def pit_bins(
    drawn: npt.NDArray[np.int32], actual: npt.NDArray[np.int64], known: Panel
) -> dict[str, list[int]]:
    """Return how many municipality-months fall in each tenth of the PIT, by stratum of the last year's deaths."""
    random = np.random.default_rng(1)
    order = np.lexsort((-known.population, -known.deaths[:, -12:].sum(axis=1)))
    out = {}
    for stratum, (start, end) in STRATA.items():
        places = order[start:end]
        values = scores.pit(drawn[:, places], actual[places], random)
        out[stratum] = [int(count) for count in np.histogram(values, 10, (0, 1))[0]]
    return out


def event_rows(drawn: npt.NDArray[np.int32], actual: npt.NDArray[np.int64], known: Panel) -> Floats:
    """Return the event's two probabilities and whether it happened, where the last year had six to twenty-four deaths.

    The logit is on the log of the last twelve months' deaths, learnt from the years before the origin.
    """
    from scipy.optimize import minimize

    past, after = [], []
    for month in range(24, known.deaths.shape[1] - 11, 6):
        last = known.deaths[:, month - 12 : month].sum(axis=1)
        some = (last >= FEW) & (last <= MANY)
        past.append(np.log(last[some]))
        after.append(known.deaths[some, month : month + 12].sum(axis=1) >= DEATHS)
    x, y = np.concatenate(past), np.concatenate(after).astype(np.float64)

    def loss(point: Floats) -> float:
        score = point[0] + point[1] * x
        return float(np.logaddexp(0, score).sum() - (y * score).sum())

    intercept, slope = minimize(loss, [0.0, 1.0], method="BFGS").x
    last = known.deaths[:, -12:].sum(axis=1)
    some = (last >= FEW) & (last <= MANY)
    ours = (drawn[:, some].sum(axis=2) >= DEATHS).mean(axis=0)
    happened = actual[some].sum(axis=1) >= DEATHS
    return np.column_stack([ours, expit(intercept + slope * np.log(last[some])), happened]).astype(np.float64)


def origins_within(months: int, asked: Sequence[int], vintage: Vintage) -> list[int]:
    """Return the origins asked for, or every one from 2005 whose horizon the record holds.

    Raises
    ------
    ViolenceError
        If the record does not hold the horizon after an origin, or three years before it.
    """
    whole = panel(Facts())
    first = whole.first_year + (2 if vintage == "perfect" else 3)
    last = whole.last_year - months // 12
    if months < 12 or months % 12 or last < FIRST_ORIGIN:
        raise ViolenceError("horizon_years", found=months, most=12 * (whole.last_year - FIRST_ORIGIN))
    for year in asked:
        if not first <= year <= last:
            raise origin_outside(year, ENOUGH // 12, whole.first_year, first, last)
    return sorted(set(asked)) or list(range(FIRST_ORIGIN, last + 1))
