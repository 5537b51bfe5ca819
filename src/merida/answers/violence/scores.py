"""What a backtest answers: scores of the forecast and its baselines, from past Decembers or on a user's own deaths."""

from __future__ import annotations

from dataclasses import dataclass

from merida.facts.schema import Text as Both

Scores = dict[str, dict[str, float]]  # measure, level
Means = dict[str, Scores]  # model


@dataclass(frozen=True)
class Score:
    """One model's mean scores at one level, in one year of the horizon; the CRPS also of early and of late origins."""

    year_of_horizon: int
    level: str
    model: str
    crps: float
    log_score: float
    interval_score_90: float
    crps_log: float
    coverage_50: float
    coverage_90: float
    coverage_95: float
    crps_to_2015: float | None
    crps_from_2016: float | None


@dataclass(frozen=True)
class Gain:
    """What share lower the forecast's CRPS is than a baseline's, with its 90 % interval over origins."""

    model: str
    gain: float
    low: float
    high: float


@dataclass(frozen=True)
class Likelihood:
    """In places to which so likely an event was forecast: the mean forecast, how often it happened, how many cases."""

    forecast: float
    observed: float
    cases: int


@dataclass(frozen=True)
class Event:
    """How well the probability of an event was forecast: Brier scores, beside those of a logit, and calibration."""

    cases: int
    brier: float
    brier_logit: float
    skill: float
    reliability: tuple[Likelihood, ...]


@dataclass(frozen=True)
class Backtested:
    """The scores of the forecast and its baselines from past Decembers.

    Attributes
    ----------
    models : dict
        By model, measure and level: means over origins of the first year.
    by_year_of_horizon, by_origin : list, dict
        The same for each year of the horizon, and for parts of the record.
    skill : list of dict
        For each year of the horizon by level: the gain over resampling and over the best baseline.
    pit : dict
        Shares of the forecast's probability integral transform in ten equal bins, by stratum.
    forecast : str
        Which of the models is Mérida's.
    scores : tuple of Score
        All means as one table.
    """

    origins: tuple[str, ...]
    horizon_months: int
    draws: int
    vintage: str
    models: Means
    by_year_of_horizon: tuple[Means, ...]
    by_origin: dict[str, Means]
    skill: tuple[dict[str, dict[str, Gain]], ...]
    pit: dict[str, tuple[float, ...]]
    event: Event
    forecast: str
    scores: tuple[Score, ...]


@dataclass(frozen=True)
class FileScore:
    """One model's scores at one level in a year of the file, or as means over its months (``months``)."""

    period: str
    level: str
    model: str
    crps: float
    log_score: float
    interval_score_90: float
    crps_log: float
    coverage_50: float
    coverage_90: float
    coverage_95: float


@dataclass(frozen=True)
class PlaceScore:
    """What was forecast of one place in one period, and what happened, in deaths; see the room's `PlaceScore`."""

    place: str
    name: str
    period: str
    actual: int
    median: int
    low: int
    high: int
    crps: float


@dataclass(frozen=True)
class OnFile:
    """The scores of one forecast and its baselines on deaths of the user's own.

    Attributes
    ----------
    without_place : dict
        By period, the share of deaths whose municipality is unknown.
    left_out, partly_named : tuple
        Periods and municipalities that are not scored.
    complete : dict
        By period, the sums that the file completes: ``MX`` and codes of states.
    models : dict
        By model, measure and level: means over the years, or over the months.
    notes : tuple of Text
        What was done with the file that its owner should know.
    """

    origins: tuple[str, ...]
    horizon_months: int
    basis: str
    without_place: dict[str, float]
    left_out: tuple[int | str, ...]
    partly_named: tuple[str, ...]
    complete: dict[str, tuple[str, ...]]
    not_named_counted_as_none: dict[str, int]
    models: Means
    years: dict[str, Means]
    months: dict[str, Means]
    places: tuple[PlaceScore, ...]
    notes: tuple[Both, ...]
    scores: tuple[FileScore, ...]
