"""What backtests say: the means of their scores by model and level, and the gain over the baselines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from merida.violence.forecasting.backtest import MEASURES, Backtest, Rows
from merida.violence.forecasting.scoring import Scored

LEVELS = ("municipality_month", "state_year", "nation_year", "nation_year_rescaled")
SCORED_LEVELS = (
    "municipality_year", "state_year", "nation_year", "nation_year_all",
    "municipality_month", "state_month", "nation_month",
)  # fmt: skip
TUNED = range(
    2000, 2016
)  # origins on whose scores the model was chosen; later ones were looked at afterwards
PARTS = {"to_2015": TUNED, "2016_to_2019": range(2016, 2020), "2020": range(2020, 2021)}
Means = dict[str, dict[str, float]]  # measure, level


def means(tested: Backtest, model: str, year: int = 0, among: Sequence[int] | None = None) -> Means:
    """Return a model's means over origins by measure and level, of a year of the horizon, counted from 0."""
    return {
        measure: {
            level: value
            for level in LEVELS
            if (value := tested.mean(model, level, measure, year, among)) is not None
        }
        for measure in MEASURES
    }


def by_part(tested: Backtest) -> dict[str, dict[str, Means]]:
    """Return the means of the first year's scores by part of the record and model, for parts that hold an origin."""
    years = [origin.year for origin in tested.origins]
    among = {name: [year for year in years if year in part] for name, part in PARTS.items()}
    return {
        name: {model: means(tested, model, 0, chosen) for model in tested.models}
        for name, chosen in among.items()
        if chosen
    }


def gains(tested: Backtest, level: str, year: int) -> dict[str, dict[str, Any]]:
    """Return the gain over resampling and over the best baseline, each a share with its 90 % interval."""
    models = {"resampling": "resampling", "best": tested.best(level, year)}
    return {
        against: dict(
            zip(("model", "gain", "low", "high"), (model, *tested.skill(level, model, year)), strict=True)
        )
        for against, model in models.items()
    }


def lines(tested: Backtest) -> list[dict[str, Any]]:
    """Return every mean as one row a year of the horizon, level and model; the CRPS of two parts of the record too."""
    years = [origin.year for origin in tested.origins]
    early, late = ([year for year in years if (year in TUNED) == tuned] for tuned in (True, False))
    return [
        {
            "year_of_horizon": year + 1,
            "level": level,
            "model": model,
            **{measure: tested.mean(model, level, measure, year) for measure in MEASURES},
            "crps_to_2015": tested.mean(model, level, "crps", year, early),
            "crps_from_2016": tested.mean(model, level, "crps", year, late),
        }
        for year in range(tested.months // 12)
        for level in LEVELS
        for model in tested.models
        if tested.mean(model, level, "crps", year) is not None
    ]


def scored_means(scored: Scored) -> dict[str, Means]:
    """Return each model's means over the years of a user's file, or over its months, by measure and level."""
    return {
        model: {
            measure: {
                level: sum(values) / len(values)
                for level in SCORED_LEVELS
                if (values := values_of(scored, model, level, measure))
            }
            for measure in MEASURES
        }
        for model in models_of(scored)
    }


def values_of(scored: Scored, model: str, level: str, measure: str) -> list[float]:
    """Return a model's scores at a level in each period of the file that has them."""
    periods = scored.by_month if level.endswith("_month") else scored.years
    return [rows[model][level][measure] for rows in periods.values() if level in rows.get(model, {})]


def models_of(scored: Scored) -> list[str]:
    """Return the models in the order in which they are shown."""
    periods: list[dict[str, Rows]] = [*scored.by_month.values(), *scored.years.values()]
    return list(dict.fromkeys(model for rows in periods for model in rows))


def scored_lines(scored: Scored) -> list[dict[str, Any]]:
    """Return the scores on a user's file as one row a period, level and model; months as one row for all of them."""
    periods = [(label, rows) for label, rows in scored.years.items()]
    found = [
        {"period": label, "level": level, "model": model, **rows[model][level]}
        for label, rows in periods
        for level in SCORED_LEVELS
        for model in rows
        if level in rows[model]
    ]
    every = scored_means(scored)
    return found + [
        {
            "period": "months",
            "level": level,
            "model": model,
            **{measure: every[model][measure][level] for measure in MEASURES},
        }
        for level in SCORED_LEVELS
        if level.endswith("_month")
        for model in every
        if level in every[model]["crps"]
    ]
