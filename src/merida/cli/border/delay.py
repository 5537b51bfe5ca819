"""``merida border delay | waits | score``: what waiting costs, what is published of it, and how that is predicted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from merida.cli.border.invest import DAYS, interval, median
from merida.cli.output import (
    HERE,
    AsOfOption,
    Format,
    FormatOption,
    LanguageOption,
    finite,
    out,
    print_json,
    print_rows,
    say,
)
from merida.errors import BorderError
from merida.words import Words, words

if TYPE_CHECKING:
    from merida.border.delay.hours_lost import Delay
    from merida.border.delay.posted_waits import Predicted, Score
    from merida.distributions import Floats
    from merida.facts import Facts

PortOption = Annotated[str | None, typer.Option("--port", help=say("cli.border_delay.port"))]
PeriodOption = Annotated[
    str | None, typer.Option("--period", metavar="YYYY[-MM]", help=say("cli.border_delay.period"))
]
SeedOption = Annotated[int, typer.Option("--seed", help=say("cli.seed"))]


def border_delay(
    port: PortOption = None,
    mode: Annotated[str | None, typer.Option("--mode", help=say("cli.border_delay.mode"))] = None,
    period: PeriodOption = None,
    rows: Annotated[int, typer.Option("--rows", min=1, help=say("cli.border_delay.rows"))] = 25,
    draws: Annotated[int, typer.Option("--draws", help=say("cli.border_delay.draws"))] = 24,
    seed: SeedOption = 0,
    map_file: Annotated[Path | None, typer.Option("--map", help=say("cli.border_delay.map"))] = None,
    as_of: AsOfOption = None,
    output: FormatOption = Format.TABLE,
    language: LanguageOption = HERE,
) -> None:
    from merida.border import find_place
    from merida.border.crossings.sites import last_full_year, on_record, sites
    from merida.border.delay.hours_lost import delay, national
    from merida.border.queueing.scenario import number
    from merida.cli.plans.runs import working
    from merida.facts import Facts

    number("draws", draws, 2, 2000)
    facts, said = Facts(as_of), words(language.value)
    checked_period(period)
    period = period or last_full_year(facts)
    place = find_place(facts, port) if port is not None else None
    chosen = on_record(facts, sites(facts, place, mode), period)
    if not chosen:
        raise BorderError("border_nothing_in_period", period=period)
    with working(said.text("border_delay.working")) as progress:
        found = delay(facts, chosen, period, draws, seed, progress)
    found.sort(key=lambda one: -median(one.usd))
    if map_file is not None:
        draw_map(map_file, facts, found, said)
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
                        one: {name: band(values) for name, values in total.items()}
                        for one, total in national(found).items()
                    },
                    "crossings": [delay_json(one) for one in found],
                    "assumptions": assumptions(),
                }
            )
        )
        return
    print_delay(found, rows, said)


def checked_period(period: str | None) -> None:
    """Refuse what is neither a year nor a month."""
    import re

    if period is not None and not re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2]))?", period):
        raise BorderError("border_not_a_period", found=period[:80])


def band(values: Floats) -> dict[str, float]:
    """Return 5th, 50th and 95th percentile of draws."""
    from merida.border.investment.gain import quantiles

    return dict(zip(("low", "median", "high"), quantiles(values), strict=True))


def delay_json(one: Delay) -> dict[str, Any]:
    """Return the delay of a crossing for programs."""
    return {
        "crossing": one.site.crossing,
        "name": one.site.name,
        "port": one.site.port.name,
        "mode": one.site.mode,
        "period": one.period,
        "calibrated": one.calibrated,
        "crossings_a_year": float(one.crossings.sum()),
        "hours": band(one.hours.sum(axis=1)),
        "usd": band(one.usd),
        "minutes_each": band(one.minutes_each),
        "minutes_by_lane": {name: band(one.minutes_by_lane[:, at]) for at, name in enumerate(one.lanes)},
        "chance_of_eight_hours_on_a_day": {name: band(values) for name, values in one.eight_hours.items()},
    }


def assumptions() -> dict[str, Any]:
    """Return what the delay rests on by assumption, by dotted path."""
    from merida.border.crossings.panels import assumed
    from merida.border.delay.value_of_time import assumptions as of_values

    return {f"calibration.{name}": distribution for name, distribution in assumed().items()} | {
        f"invest.{path}": distribution
        for path, distribution in of_values().items()
        if path.startswith("values.")
    }


def print_delay(found: Sequence[Delay], rows: int, said: Words) -> None:
    """Print the delay for people: the border as a whole, then crossings with the most dollars lost."""
    from merida.border.delay.hours_lost import national

    text = said.text
    print_rows(
        (
            {
                text("border_delay.mode"): text(f"border.modes.{one}"),
                text("border_delay.hours"): interval(total["hours"], said, 2, 1e6),
                text("border_delay.usd"): interval(total["usd"], said, 0, 1e6),
                text("border_delay.minutes"): interval(total["minutes_each"], said, 0),
            }
            for one, total in national(found).items()
        ),
        title=text("border_delay.title", period=found[0].period),
    )
    out.print()
    print_rows(
        {
            text("border_delay.crossing"): ("* " if one.calibrated else "")
            + f"{one.site.name}, {text(f'border.modes.{one.site.mode}')}",
            text("border_delay.hours"): interval(one.hours.sum(axis=1), said, 1, 1e6),
            text("border_delay.usd"): interval(one.usd, said, 0, 1e6),
            text("border_delay.by_lane"): "; ".join(
                f"{text('border.lanes.' + lane)} {median(one.minutes_by_lane[:, at]):.0f}"
                for at, lane in enumerate(one.lanes)
            ),
            text("border_delay.wait_8"): interval(one.eight_hours["wait"], said, 1, 0.01),
            text("border_delay.line_8"): interval(one.eight_hours["line"], said, 0, 0.01),
        }
        for one in found[:rows]
    )
    for note in ("what", "eight", "fitted_note", "assumed"):
        out.print(text(f"border_delay.notes.{note}"), markup=False)
    if len(found) > rows:
        out.print(text("border_delay.more", count=len(found) - rows), markup=False)


def draw_map(path: Path, facts: Facts, found: Sequence[Delay], said: Words) -> None:
    """Write the map of dollars lost at each port, all modes together."""
    import polars as pl

    from merida.charts.border_waits import delay_map
    from merida.cli.border.invest import write

    places = facts.sql("select port, name, latitude, longitude from ports")
    rows = pl.DataFrame(
        {
            "port": [one.site.port.code for one in found],
            "usd_million": [median(one.usd) / 1e6 for one in found],
            "minutes": [median(one.hours.sum(axis=1)) * 60 for one in found],
            "crossings": [float(one.crossings.sum()) for one in found],
        }
    )
    by_port = rows.group_by("port").agg(
        pl.col("usd_million").sum(),
        minutes_each=pl.col("minutes").sum() / pl.col("crossings").sum(),
    )
    states = facts.sql("select geometry from map_states")
    write(path, *delay_map(by_port.join(places, on="port").sort("usd_million"), states, said))


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
    as_of: AsOfOption = None,
    output: FormatOption = Format.TABLE,
    language: LanguageOption = HERE,
) -> None:
    from merida.border import find_place, one_site
    from merida.border.crossings.schedules import MEAN_MONTH
    from merida.border.crossings.sites import CLASSES
    from merida.border.delay.posted_waits import climatology, predicted
    from merida.border.queueing.scenario import number
    from merida.facts import Facts

    number("draws", draws, 2, 2000)
    facts, said = Facts(as_of), words(language.value)
    checked_period(period)
    site = one_site(facts, find_place(facts, crossing), mode)
    published = {lane: climatology(facts, site, lane) for lane in CLASSES[mode]}
    if period is None and any(published.values()):
        period = MEAN_MONTH  # the years of the published means, beside which the waits stand
    found = predicted(facts, site, period, draws, seed)
    table = hours(found, published, weekday)
    if chart is not None or heat is not None:
        draw_waits(chart, heat, found, table, said)
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


def hours(
    found: Predicted, published: dict[str, dict[tuple[int, int], Any]], weekday: int | None
) -> list[dict[str, Any]]:
    """Return waits by lane and hour with intervals and, where there are some, published means."""
    import numpy as np

    days = range(7) if weekday is None else [weekday - 1]
    rows = []
    for at, lane in enumerate(found.lanes):
        for hour in range(24):
            is_open = [day for day in days if found.open_hours[at, day, hour] > 0]
            known = [published[lane][day, hour].mean() for day in is_open if (day, hour) in published[lane]]
            values = found.mean[:, at, is_open, hour].mean(axis=1) if is_open else None
            ends = [None] * 3 if values is None else np.quantile(values, [0.05, 0.5, 0.95]).tolist()
            rows.append(
                {"lane": lane, "hour": hour, "low": ends[0], "median": ends[1], "high": ends[2]}
                | {"published": float(np.mean(known)) if known else None}
            )
    return rows


def draw_waits(
    chart: Path | None, heat: Path | None, found: Predicted, table: list[dict[str, Any]], said: Words
) -> None:
    """Write the wait by hour with its band, and the map of heat over hour and weekday."""
    import numpy as np
    import polars as pl

    from merida.charts.border import waits
    from merida.charts.border_waits import heat_map
    from merida.cli.border.invest import write

    if chart is not None:
        rows = pl.DataFrame(table, infer_schema_length=None).drop_nulls("median")
        names = {"median": "mean_minutes", "low": "low_minutes", "high": "high_minutes"}
        write(chart, waits(rows.rename(names), said), None)
    if heat is not None:
        middles = np.median(found.mean, axis=0)
        cells = [
            {"lane": lane, "weekday": day, "hour": hour, "minutes": float(middles[at, day, hour])}
            for at, lane in enumerate(found.lanes)
            for day in range(7)
            for hour in range(24)
            if found.open_hours[at, day, hour] > 0
        ]
        write(heat, heat_map(pl.DataFrame(cells), said), None)


def border_score(
    file: Annotated[Path, typer.Option("--file", help=say("cli.border_delay.file"))],
    seed: SeedOption = 0,
    as_of: AsOfOption = None,
    output: FormatOption = Format.TABLE,
    language: LanguageOption = HERE,
) -> None:
    from merida.border.delay.posted_waits import score
    from merida.border.delay.waits_table import read_waits
    from merida.facts import Facts

    facts, said = Facts(as_of), words(language.value)
    found = score(facts, read_waits(facts, file), seed)
    if output is Format.JSON:
        print_json(
            finite(
                {"file": str(file), "as_of": as_of, "seed": seed, "scores": [asdict(one) for one in found]}
            )
        )
        return
    print_rows((score_row(one, said) for one in found), title=said.text("border_delay.score_title"))
    out.print(said.text("border_delay.notes.score"), markup=False)


def score_row(one: Score, said: Words) -> dict[str, Any]:
    """Return a score for people."""
    text = said.text

    def pair(ours: float | None, theirs: float | None, decimals: int) -> str:
        shown = ("–" if value is None else f"{value:.{decimals}f}" for value in (ours, theirs))
        return " / ".join(shown)

    return {
        text("border_delay.crossing"): one.crossing,
        text("border_delay.mode"): text(f"border.modes.{one.mode}"),
        text("border.class"): text(f"border.lanes.{one.lane}"),
        text("border_delay.count"): one.count,
        text("border_delay.observed"): f"{one.observed:.1f}",
        text("border_delay.predicted"): f"{one.predicted:.1f}",
        text("border_delay.mae"): pair(one.mae, one.climatology_mae, 1),
        "CRPS": pair(one.crps, one.climatology_crps, 2),
        "R²": pair(one.r2, one.climatology_r2, 2),
        text("border_delay.coverage"): f"{100 * one.coverage:.0f} %",
    }
