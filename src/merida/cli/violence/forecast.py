"""``merida violence forecast`` and ``backtest``: what is likely next, and how well that was said before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import Progress

from merida.cli.output import (
    HERE,
    AsOfOption,
    DecimalOption,
    Format,
    FormatOption,
    LanguageOption,
    SeedOption,
    SeparatorOption,
    err,
    out,
    print_json,
    print_rows,
    say,
)
from merida.cli.settings import SetOption, print_held, priors_with, recorded
from merida.errors import ViolenceError
from merida.words import Words, words

if TYPE_CHECKING:
    from merida.violence.forecasting import Backtest, Scored

DrawsOption = Annotated[int, typer.Option("--draws", help=say("cli.forecast.draws"))]
MonthsOption = Annotated[int, typer.Option("--months", help=say("cli.forecast.months"))]
LEVELS = ("municipality_month", "state_year", "nation_year", "nation_year_rescaled")
SCORED_LEVELS = (
    "municipality_year", "state_year", "nation_year", "nation_year_all",
    "municipality_month", "state_month", "nation_month",
)  # fmt: skip
SHOWN_MEASURES = ("crps", "crps_log", "coverage_50", "coverage_90", "coverage_95")
SHOWN = 60  # rows of places and periods listed for people
TUNED = range(2000, 2016)


class Vintage(StrEnum):
    """What was known at an origin."""

    PERFECT = "perfect"
    REAL_TIME = "real_time"


def violence_forecast(
    place: Annotated[str, typer.Option("--place", help=say("cli.violence.place"))] = "nation",
    months: MonthsOption = 36,
    draws: DrawsOption = 1000,
    seed: SeedOption = 0,
    settings: SetOption = None,
    as_of: AsOfOption = None,
    output: FormatOption = Format.TABLE,
    language: LanguageOption = HERE,
) -> None:
    from merida.facts import Facts
    from merida.parameters.registry import FORECAST
    from merida.violence.forecasting import outlook

    priors = priors_with(settings, (FORECAST,))
    ahead = outlook(Facts(as_of), place, months, draws, seed, priors)
    said = words(language.value)
    note = ahead.place.note(said)
    if output is Format.JSON:
        print_json(ahead.as_json() | ({"note": note} if note else {}) | recorded(priors))
        return
    name = ahead.place.called(said.language)
    out.print(said.text("forecast.title", place=name, last=ahead.last_year), style="bold", markup=False)
    if note:
        out.print(note, markup=False)
    if as_of:
        out.print(said.text("monitor.as_of", month=as_of), markup=False)
    bands = {q: said.text("forecast.quantile", percent=q) for q in (5, 25, 50, 75, 95)}
    print_rows(
        {
            said.text("forecast.period"): row["period"],
            said.text("forecast.mean"): said.number(row["mean"], 1),
            **{name: said.number(row[f"q{q:02}"]) for q, name in bands.items()},
        }
        for row in ahead.years
    )
    for event in ahead.events:
        out.print(said.text(f"forecast.events.{event.name}", percent=said.number(100 * event.probability), **event.values), markup=False)  # fmt: skip  # noqa: E501
    print_held(priors)
    out.print(said.text("forecast.reads", last=ahead.last_year, draws=draws), markup=False)


def violence_backtest(
    origin: Annotated[
        list[str] | None, typer.Option("--origin", metavar="YYYY-12", help=say("cli.forecast.origin"))
    ] = None,
    actuals: Annotated[Path | None, typer.Option("--actuals", help=say("cli.forecast.actuals"))] = None,
    separator: SeparatorOption = None,
    decimal: DecimalOption = None,
    complete: Annotated[
        bool | None, typer.Option("--complete/--partial", help=say("cli.forecast.complete"))
    ] = None,
    months: MonthsOption = 12,
    draws: DrawsOption = 1000,
    seed: SeedOption = 0,
    vintage: Annotated[
        Vintage, typer.Option("--vintage", help=say("cli.forecast.vintage"))
    ] = Vintage.PERFECT,
    settings: SetOption = None,
    output: FormatOption = Format.TABLE,
    language: LanguageOption = HERE,
) -> None:
    from merida.parameters.registry import FORECAST
    from merida.violence.forecasting import backtest, origins_within, score

    said, priors = words(language.value), priors_with(settings, (FORECAST,))
    years = [december(text) for text in origin or ()]
    if actuals is not None:
        if len(years) != 1:
            raise ViolenceError("actuals_origin", count=len(years))
        scored = score(years[0], actuals, draws, seed, complete, separator, decimal, priors)
        if output is Format.JSON:
            print_json(scored_json(scored) | recorded(priors))
        else:
            print_scored(scored, said)
            print_held(priors)
        for note in scored.notes:
            err.print(note.text(said), markup=False)
        return
    with Progress(console=err, transient=True) as bar:
        task = bar.add_task(said.text("forecast.running"), total=None)
        tested = backtest(
            origins_within(months, years, vintage.value), months, draws, seed, vintage.value,
            lambda done, of: bar.update(task, completed=done, total=of), priors,
        )  # fmt: skip
    if output is Format.JSON:
        print_json(backtest_json(tested) | recorded(priors))
    else:
        print_backtest(tested, said)
        print_held(priors)


def december(text: str) -> int:
    """Return the year of an origin, which is a December."""
    year, _, month = text.partition("-")
    if not (year.isascii() and year.isdecimal() and len(year) == 4 and month == "12"):
        raise ViolenceError("origin_not_december", found=text[:60])
    return int(year)


def backtest_json(tested: Backtest) -> dict[str, Any]:
    """Return a backtest for programs."""
    from merida.violence.forecasting.backtest import MEASURES, OURS

    def means(model: str, year: int = 0, among: Sequence[int] | None = None) -> dict[str, Any]:
        return {
            measure: {
                level: value
                for level in LEVELS
                if (value := tested.mean(model, level, measure, year, among)) is not None
            }
            for measure in MEASURES
        }

    years = [origin.year for origin in tested.origins]
    parts = {"to_2015": [y for y in years if y in TUNED], "2016_to_2019": [y for y in years if 2016 <= y < 2020],
             "2020": [y for y in years if y == 2020]}  # fmt: skip
    return {
        "origins": [f"{origin.year}-12" for origin in tested.origins],
        "horizon_months": tested.months,
        "draws": tested.draws,
        "vintage": tested.vintage,
        "models": {
            model: {**means(model), "seconds": sum(origin.seconds[model] for origin in tested.origins)}
            for model in tested.models
        },
        "by_year_of_horizon": [
            {model: means(model, year) for model in tested.models} for year in range(tested.months // 12)
        ],
        "by_origin": {
            name: {model: means(model, 0, among) for model in tested.models}
            for name, among in parts.items()
            if among
        },
        "skill": [
            {level: skill_of(tested, level, year) for level in LEVELS} for year in range(tested.months // 12)
        ],
        "pit": {stratum: [round(float(v), 4) for v in values] for stratum, values in tested.pit().items()},
        "event": tested.event(),
        "forecast": OURS,
    }


def skill_of(tested: Backtest, level: str, year: int) -> dict[str, Any]:
    """Return the gain over resampling and over the best baseline, with 90 % intervals."""
    best = tested.best(level, year)
    return {
        against: dict(
            zip(("model", "gain", "low", "high"), (model, *tested.skill(level, model, year)), strict=True)
        )
        for against, model in (("resampling", "resampling"), ("best", best))
    }


def print_backtest(tested: Backtest, said: Words) -> None:
    """Print a backtest for people: a table a level, then calibration."""
    first, last = tested.origins[0].year, tested.origins[-1].year
    out.print(
        said.text("forecast.backtest_title", first=first, last=last, count=len(tested.origins), draws=tested.draws),
        style="bold", markup=False,
    )  # fmt: skip
    out.print(said.text(f"forecast.vintages.{tested.vintage}"), markup=False)
    years = [origin.year for origin in tested.origins]
    parts = {"to_2015": [y for y in years if y in TUNED], "from_2016": [y for y in years if y not in TUNED]}
    for year in range(tested.months // 12):
        for level in LEVELS:
            rows = []
            for model in tested.models:
                if tested.mean(model, level, "crps", year) is None:
                    continue
                digits = 4 if level == "municipality_month" else 1

                def mean(measure: str, among: Sequence[int] | None = None, name: str = model) -> float | None:
                    return tested.mean(name, level, measure, year, among)  # noqa: B023

                def shown(value: float | None, decimals: int) -> str:
                    return "–" if value is None else said.number(value, decimals)

                rows.append(
                    {
                        said.text("forecast.model"): said.text(f"forecast.models.{model}"),
                        "CRPS": shown(mean("crps"), digits),
                        said.text("forecast.to_2015"): shown(mean("crps", parts["to_2015"]), digits),
                        said.text("forecast.from_2016"): shown(mean("crps", parts["from_2016"]), digits),
                        "log(1+y)": shown(mean("crps_log"), 4),
                        said.text("forecast.log_score"): shown(mean("log_score"), 3),
                        said.text("forecast.interval_score"): shown(mean("interval_score_90"), digits // 2),
                        **{f"{share} %": shown(100 * (mean(f"coverage_{share}") or 0.0), 0) for share in (50, 90, 95)},
                    }
                )  # fmt: skip
            print_rows(rows, said.text(f"forecast.levels.{level}", year=year + 1))
            for against, skill in skill_of(tested, level, year).items():
                out.print(
                    said.text(
                        f"forecast.skill.{against}", model=said.text(f"forecast.models.{skill['model']}"),
                        **{key: said.number(100 * skill[key], 1) for key in ("gain", "low", "high")},
                    ),
                    markup=False,
                )  # fmt: skip
    print_rows(
        (
            {
                said.text("forecast.stratum"): said.text(f"forecast.strata.{stratum}"),
                **{f"{tenth + 1}": said.number(100 * share, 1) for tenth, share in enumerate(values)},
            }
            for stratum, values in tested.pit().items()
        ),
        said.text("forecast.pit"),
    )
    event = tested.event()
    print_rows(
        (
            {
                said.text("forecast.said"): said.number(100 * row["forecast"]),
                said.text("forecast.happened"): said.number(100 * row["observed"]),
                said.text("forecast.cases"): row["cases"],
            }
            for row in event["reliability"]
        ),
        said.text("forecast.event"),
    )
    out.print(
        said.text(
            "forecast.brier", brier=said.number(event["brier"], 4), logit=said.number(event["brier_logit"], 4),
            skill=said.number(100 * event["skill"], 1),
        ),
        markup=False,
    )  # fmt: skip


def scored_json(scored: Scored) -> dict[str, Any]:
    """Return the scores on a user's deaths for programs; a model's figures are means over the years, or the months."""
    from merida.violence.forecasting.backtest import MEASURES

    def mean(model: str, level: str, measure: str) -> float | None:
        periods = scored.by_month if level.endswith("_month") else scored.years
        values = [rows[model][level][measure] for rows in periods.values() if level in rows.get(model, {})]
        return sum(values) / len(values) if values else None

    return {
        "origins": [f"{scored.origin}-12"],
        "horizon_months": scored.months,
        "basis": scored.basis,
        "without_place": scored.without_place,
        "left_out": [int(label) if label.isdigit() else label for label in scored.left_out],
        "partly_named": list(scored.partly),
        "complete": {label: list(codes) for label, codes in scored.complete.items()},
        "not_named_counted_as_none": scored.assumed_none,
        "models": {
            model: {
                **{
                    measure: {
                        level: value
                        for level in SCORED_LEVELS
                        if (value := mean(model, level, measure)) is not None
                    }
                    for measure in MEASURES
                },
                "seconds": seconds,
            }
            for model, seconds in scored.seconds.items()
        },
        "years": scored.years,
        "months": scored.by_month,
        "places": [asdict(place) for place in scored.places],
    }


def print_scored(scored: Scored, said: Words) -> None:
    """Print each place beside its forecast for people, then the scores of every model, a table a period."""
    out.print(said.text("forecast.scored_title", origin=f"{scored.origin}-12"), style="bold", markup=False)
    out.print(said.text(f"forecast.bases.{scored.basis}"), markup=False)
    print_places(scored, said)
    for label, rows in scored.years.items():
        print_rows(
            score_rows(rows, said),
            said.text("forecast.scored_year", year=label, percent=said.number(100 * scored.without_place[label], 1)),
        )  # fmt: skip
    if scored.by_month:
        print_rows(
            score_rows(scored_json(scored)["models"], said, turned=True), said.text("forecast.scored_months")
        )
    for key, labels in (("left_out", scored.left_out), ("partly", scored.partly)):
        if labels:
            out.print(said.text(f"forecast.{key}", years=", ".join(labels)), markup=False)


def print_places(scored: Scored, said: Words) -> None:
    """Print the places of the file, most deaths of a period first, beside their forecast, and what sums rest on."""
    places = sorted(scored.places, key=lambda place: (place.period, -place.actual))
    print_rows(
        (
            {
                said.text("forecast.period"): place.period,
                said.text("forecast.place"): said.text("places.nation") if place.place == "nation" else place.name,
                said.text("forecast.actual"): said.number(place.actual),
                said.text("forecast.median"): said.number(place.median),
                said.text("forecast.interval"): said.interval(place.low, place.high),
                "CRPS": said.number(place.crps, 2),
            }
            for place in places[:SHOWN]
        ),
        said.text("forecast.beside"),
    )  # fmt: skip
    if len(places) > SHOWN:
        out.print(said.text("forecast.more_places", count=len(places) - SHOWN), markup=False)
    if not any(scored.complete.values()):
        out.print(said.text("forecast.no_sum"), markup=False)
    if none := max(scored.assumed_none.values()):
        out.print(said.text("forecast.assumed_none", count=none), markup=False)


def score_rows(rows: Mapping[str, Any], said: Words, turned: bool = False) -> list[dict[str, str]]:
    """Return a table of scores by level and model, from those by model, level and measure (`turned`: measure, level)."""
    shown = []
    for level in SCORED_LEVELS:
        for model, levels in rows.items():
            scores = (
                {name: levels[name].get(level) for name in SHOWN_MEASURES} if turned else levels.get(level)
            )
            if not scores or scores["crps"] is None or (turned and not level.endswith("_month")):
                continue
            shown.append(
                {
                    said.text("forecast.level"): said.text(f"forecast.levels_year.{level}"),
                    said.text("forecast.model"): said.text(f"forecast.models.{model}"),
                    "CRPS": said.number(scores["crps"], 3 if level.startswith("municipality") else 1),
                    "log(1+y)": said.number(scores["crps_log"], 4),
                    **{f"{share} %": said.number(100 * scores[f"coverage_{share}"]) for share in (50, 90, 95)},
                }
            )  # fmt: skip
    return shown
