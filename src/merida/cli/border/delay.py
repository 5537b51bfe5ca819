"""``merida border delay | waits | score``: what waiting costs, what is published of it, and how that is predicted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from merida.border.assumptions import calibration, investment
from merida.cli.output import (
    HERE,
    AsOfOption,
    DecimalOption,
    Format,
    FormatOption,
    LanguageOption,
    SeedOption,
    SeparatorOption,
    finite,
    out,
    print_json,
    print_rows,
    say,
)
from merida.cli.settings import SetOption, print_held, priors_with, recorded
from merida.errors import BorderError
from merida.words import Words, words

if TYPE_CHECKING:
    from merida.border.delay import Delay, Predicted, Score
    from merida.distributions import Floats
    from merida.facts import Facts
    from merida.priors import Priors

PortOption = Annotated[str | None, typer.Option("--port", help=say("cli.border_delay.port"))]
PeriodOption = Annotated[
    str | None, typer.Option("--period", metavar="YYYY[-MM]", help=say("cli.border_delay.period"))
]

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def interval(values: Floats, said: Words, decimals: int = 0, over: float = 1.0) -> str:
    """Return a median with the 90 % interval in brackets."""
    from merida.border.investment import quantiles

    low, middle, high = (value / over for value in quantiles(values))
    return f"{middle:,.{decimals}f} ({low:,.{decimals}f} – {high:,.{decimals}f})"


def median(values: Floats) -> float:
    """Return the median of draws."""
    import numpy as np

    return float(np.median(values))


def border_delay(
    port: PortOption = None,
    mode: Annotated[str | None, typer.Option("--mode", help=say("cli.border_delay.mode"))] = None,
    period: PeriodOption = None,
    rows: Annotated[int, typer.Option("--rows", min=1, help=say("cli.border_delay.rows"))] = 25,
    draws: Annotated[int, typer.Option("--draws", help=say("cli.border_delay.draws"))] = 24,
    seed: SeedOption = 0,
    map_file: Annotated[Path | None, typer.Option("--map", help=say("cli.border_delay.map"))] = None,
    settings: SetOption = None,
    as_of: AsOfOption = None,
    output: FormatOption = Format.TABLE,
    language: LanguageOption = HERE,
) -> None:
    from merida.border import find_place
    from merida.border.crossings import last_full_year, on_record, sites
    from merida.border.delay import delay, national
    from merida.border.queueing import number
    from merida.charts.files import check_charts
    from merida.cli.output import working
    from merida.facts import Facts
    from merida.parameters.registry import CALIBRATION, INVESTMENT

    check_charts(map_file)
    number("draws", draws, 2, 2000)
    priors = priors_with(settings, (CALIBRATION, INVESTMENT))
    facts, said = Facts(as_of), words(language.value)
    checked_period(period)
    period = period or last_full_year(facts)
    place = find_place(facts, port) if port is not None else None
    chosen = on_record(facts, sites(facts, place, mode), period)
    if not chosen:
        raise BorderError("border_nothing_in_period", period=period)
    with working(said.text("border_delay.working")) as progress:
        delays = delay(facts, chosen, period, draws, seed, progress, priors)
    delays.sort(key=lambda delay_there: -median(delay_there.usd))
    if map_file is not None:
        draw_map(map_file, facts, delays, said)
    if output is Format.JSON:
        print_json(
            finite(
                {
                    "as_of": as_of,
                    "period": period,
                    "draws": draws,
                    "seed": seed,
                    "base_year": 2012,
                    "border": {
                        mode_there: {name: band(values) for name, values in total.items()}
                        for mode_there, total in national(delays).items()
                    },
                    "crossings": [delay_json(delay_there) for delay_there in delays],
                    "assumptions": calibration(priors)
                    | {
                        f"invest.{path}": about
                        for path, about in investment(priors, "border.values.").items()
                    },
                    **recorded(priors),
                }
            )
        )
        return
    print_delay(delays, rows, said)
    print_held_at_border(priors, said)


def checked_period(period: str | None) -> None:
    """Refuse what is neither a year nor a month."""
    import re

    if period is not None and not re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2]))?", period):
        raise BorderError("border_not_a_period", found=period[:80])


def band(values: Floats) -> dict[str, float]:
    """Return 5th, 50th and 95th percentile of draws."""
    from merida.border.investment import quantiles

    return dict(zip(("low", "median", "high"), quantiles(values), strict=True))


def delay_json(delay: Delay) -> dict[str, Any]:
    """Return the delay of a crossing for programs."""
    return {
        "crossing": delay.site.crossing,
        "name": delay.site.name,
        "port": delay.site.port.name,
        "mode": delay.site.mode,
        "period": delay.period,
        "calibrated": delay.calibrated,
        "crossings_a_year": float(delay.crossings.sum()),
        "hours": band(delay.hours.sum(axis=1)),
        "usd": band(delay.usd),
        "minutes_each": band(delay.minutes_each),
        "minutes_by_lane": {
            name: band(delay.minutes_by_lane[:, lane_class]) for lane_class, name in enumerate(delay.lanes)
        },
        "chance_of_eight_hours_on_a_day": {name: band(values) for name, values in delay.eight_hours.items()},
    }


def print_held_at_border(priors: Priors, said: Words) -> None:
    """Print what the user holds, and that the fitted schedules are set aside where it shaped them."""
    from merida.border.crossings.schedules import shaped_fit

    print_held(priors)
    if shaped_fit(priors):
        out.print(said.text("border_delay.notes.fit_set_aside"), markup=False)


def print_delay(delays: Sequence[Delay], rows: int, said: Words) -> None:
    """Print the delay for people: the border as a whole, then crossings with the most dollars lost."""
    from merida.border.delay import national

    text = said.text
    print_rows(
        (
            {
                text("border_delay.mode"): text(f"border.modes.{mode}"),
                text("border_delay.hours"): interval(total["hours"], said, 2, 1e6),
                text("border_delay.usd"): interval(total["usd"], said, 0, 1e6),
                text("border_delay.minutes"): interval(total["minutes_each"], said, 0),
            }
            for mode, total in national(delays).items()
        ),
        title=text("border_delay.title", period=delays[0].period),
    )
    out.print()
    print_rows(
        {
            text("border_delay.crossing"): ("* " if delay_there.calibrated else "")
            + f"{delay_there.site.name}, {text(f'border.modes.{delay_there.site.mode}')}",
            text("border_delay.hours"): interval(delay_there.hours.sum(axis=1), said, 1, 1e6),
            text("border_delay.usd"): interval(delay_there.usd, said, 0, 1e6),
            text("border_delay.by_lane"): "; ".join(
                f"{text('border.lanes.' + lane)} {median(delay_there.minutes_by_lane[:, lane_class]):.0f}"
                for lane_class, lane in enumerate(delay_there.lanes)
            ),
            text("border_delay.wait_8"): interval(delay_there.eight_hours["wait"], said, 1, 0.01),
            text("border_delay.line_8"): interval(delay_there.eight_hours["line"], said, 0, 0.01),
        }
        for delay_there in delays[:rows]
    )
    for note in ("what", "eight", "fitted_note", "assumed"):
        out.print(text(f"border_delay.notes.{note}"), markup=False)
    if len(delays) > rows:
        out.print(text("border_delay.more", count=len(delays) - rows), markup=False)


def draw_map(path: Path, facts: Facts, delays: Sequence[Delay], said: Words) -> None:
    """Write the map of dollars lost at each port, all modes together."""
    import polars as pl

    from merida.charts.border_waits import delay_map
    from merida.charts.files import write_chart
    from merida.charts.theme import specification

    places = facts.sql("select port, name, latitude, longitude from ports")
    rows = pl.DataFrame(
        {
            "port": [delay.site.port.code for delay in delays],
            "usd_million": [median(delay.usd) / 1e6 for delay in delays],
            "minutes": [median(delay.hours.sum(axis=1)) * 60 for delay in delays],
            "crossings": [float(delay.crossings.sum()) for delay in delays],
        }
    )
    by_port = rows.group_by("port").agg(
        pl.col("usd_million").sum(),
        minutes_each=pl.col("minutes").sum() / pl.col("crossings").sum(),
    )
    states = facts.sql("select geometry from map_states")
    rows = by_port.join(places, on="port").sort("usd_million")
    write_chart(path, specification(*delay_map(rows, states, said)))


def border_waits(
    crossing: Annotated[str, typer.Argument(metavar="CROSSING", help=say("cli.border_delay.crossing"))],
    mode: Annotated[str, typer.Option("--mode", help=say("cli.border_delay.mode"))] = "cars",
    period: PeriodOption = None,
    weekday: Annotated[
        int | None, typer.Option("--weekday", min=1, max=7, help=say("cli.border_delay.weekday"))
    ] = None,
    draws: Annotated[int, typer.Option("--draws", help=say("cli.border_delay.draws"))] = 48,
    seed: SeedOption = 0,
    chart: Annotated[Path | None, typer.Option("--chart", help=say("cli.border_delay.chart"))] = None,
    heat: Annotated[Path | None, typer.Option("--heat", help=say("cli.border_delay.heat"))] = None,
    settings: SetOption = None,
    as_of: AsOfOption = None,
    output: FormatOption = Format.TABLE,
    language: LanguageOption = HERE,
) -> None:
    from merida.border import find_place, one_site
    from merida.border.crossings import CLASSES, MEAN_MONTH
    from merida.border.delay import climatology, predicted
    from merida.border.queueing import number
    from merida.charts.files import check_charts
    from merida.facts import Facts
    from merida.parameters.registry import CALIBRATION

    check_charts(chart, heat)
    number("draws", draws, 2, 2000)
    priors = priors_with(settings, (CALIBRATION,))
    facts, said = Facts(as_of), words(language.value)
    checked_period(period)
    site = one_site(facts, find_place(facts, crossing), mode)
    published = {lane: climatology(facts, site, lane) for lane in CLASSES[mode]}
    if period is None and any(published.values()):
        period = MEAN_MONTH  # the years of the published means, beside which the waits stand
    prediction = predicted(facts, site, period, draws, seed, priors)
    table = hours(prediction, published, weekday)
    if chart is not None or heat is not None:
        draw_waits(chart, heat, prediction, table, said)
    if output is Format.JSON:
        print_json(
            finite(
                {
                    "crossing": site.crossing,
                    "name": site.name,
                    "mode": mode,
                    "period": period,
                    "as_of": as_of,
                    "weekday": weekday,
                    "draws": draws,
                    "seed": seed,
                    "waits": table,
                    **recorded(priors),
                }
            )
        )
        return
    day = (
        said.text("border_delay.every_day")
        if weekday is None
        else said.text(f"border_invest.days.{DAYS[weekday - 1]}")
    )
    by_hour: dict[int, dict[str, Any]] = {}
    for row in table:
        cell = "–" if row["median"] is None else f"{row['median']:.0f} ({row['low']:.0f}–{row['high']:.0f})"
        if row["published"] is not None:
            cell += f" [{row['published']:.0f}]"
        by_hour.setdefault(row["hour"], {said.text("border.hour"): row["hour"]})[
            said.text(f"border.lanes.{row['lane']}")
        ] = cell
    print_rows(
        by_hour.values(),
        title=said.text(
            "border_delay.waits_title", name=site.name, mode=said.text(f"border.modes.{mode}"), day=day
        ),
    )
    out.print(said.text("border_delay.notes.waits"), markup=False)
    print_held_at_border(priors, said)


def hours(
    prediction: Predicted, published: dict[str, dict[tuple[int, int], Any]], weekday: int | None
) -> list[dict[str, Any]]:
    """Return waits by lane and hour with intervals and, where there are some, published means."""
    import numpy as np

    from merida.statistics import low_median_high

    days = range(7) if weekday is None else [weekday - 1]
    rows = []
    for lane_class, lane in enumerate(prediction.lanes):
        for hour in range(24):
            is_open = [day for day in days if prediction.open_hours[lane_class, day, hour] > 0]
            known = [published[lane][day, hour].mean() for day in is_open if (day, hour) in published[lane]]
            values = prediction.mean[:, lane_class, is_open, hour].mean(axis=1) if is_open else None
            ends = [None] * 3 if values is None else low_median_high(values).tolist()
            rows.append(
                {"lane": lane, "hour": hour, "low": ends[0], "median": ends[1], "high": ends[2]}
                | {"published": float(np.mean(known)) if known else None}
            )
    return rows


def draw_waits(
    chart: Path | None, heat: Path | None, prediction: Predicted, table: list[dict[str, Any]], said: Words
) -> None:
    """Write the wait by hour with its band, and the map of heat over hour and weekday."""
    import numpy as np
    import polars as pl

    from merida.charts.border import waits
    from merida.charts.border_waits import heat_map
    from merida.charts.files import write_chart
    from merida.charts.theme import specification

    if chart is not None:
        rows = pl.DataFrame(table, infer_schema_length=None).drop_nulls("median")
        names = {"median": "mean_minutes", "low": "low_minutes", "high": "high_minutes"}
        write_chart(chart, specification(waits(rows.rename(names), said)))
    if heat is not None:
        middles = np.median(prediction.mean, axis=0)
        cells = [
            {"lane": lane, "weekday": day, "hour": hour, "minutes": float(middles[lane_class, day, hour])}
            for lane_class, lane in enumerate(prediction.lanes)
            for day in range(7)
            for hour in range(24)
            if prediction.open_hours[lane_class, day, hour] > 0
        ]
        write_chart(heat, specification(heat_map(pl.DataFrame(cells), said)))


def border_score(
    file: Annotated[Path, typer.Option("--file", help=say("cli.border_delay.file"))],
    separator: SeparatorOption = None,
    decimal: DecimalOption = None,
    seed: SeedOption = 0,
    settings: SetOption = None,
    as_of: AsOfOption = None,
    output: FormatOption = Format.TABLE,
    language: LanguageOption = HERE,
) -> None:
    from merida.border.delay import read_waits, score
    from merida.facts import Facts
    from merida.parameters.registry import CALIBRATION

    facts, said, priors = Facts(as_of), words(language.value), priors_with(settings, (CALIBRATION,))
    waits, remarks = read_waits(facts, file, separator, decimal)
    notes = [note.text(said) for note in remarks]
    scores = score(facts, waits, seed, priors)
    if output is Format.JSON:
        report = {"file": str(file), "as_of": as_of, "seed": seed, "scores": list(map(asdict, scores))}
        print_json(finite(report | ({"notes": notes} if notes else {}) | recorded(priors)))
        return
    print_rows(
        (score_row(lane_score, said) for lane_score in scores), title=said.text("border_delay.score_title")
    )
    for text in (*notes, said.text("border_delay.notes.score")):
        out.print(text, markup=False)
    print_held_at_border(priors, said)


def score_row(score: Score, said: Words) -> dict[str, Any]:
    """Return a score for people."""
    text = said.text

    def pair(ours: float | None, theirs: float | None, decimals: int) -> str:
        shown = ("–" if value is None else f"{value:.{decimals}f}" for value in (ours, theirs))
        return " / ".join(shown)

    return {
        text("border_delay.crossing"): score.crossing,
        text("border_delay.mode"): text(f"border.modes.{score.mode}"),
        text("border.class"): text(f"border.lanes.{score.lane}"),
        text("border_delay.count"): score.count,
        text("border_delay.observed"): f"{score.observed:.1f}",
        text("border_delay.predicted"): f"{score.predicted:.1f}",
        text("border_delay.mae"): pair(score.mae, score.climatology_mae, 1),
        "CRPS": pair(score.crps, score.climatology_crps, 2),
        "R²": pair(score.r2, score.climatology_r2, 2),
        text("border_delay.coverage"): f"{100 * score.coverage:.0f} %",
    }
