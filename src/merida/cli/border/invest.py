"""``merida border invest``: what officers, lanes and trusted traffic gain at crossings, ranked by the dollar."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from merida.cli.border.assumptions import investment
from merida.cli.output import (
    HERE,
    AsOfOption,
    Format,
    FormatOption,
    LanguageOption,
    SeedOption,
    finite,
    out,
    print_json,
    print_rows,
    say,
)
from merida.cli.plans.runs import FrameworkOption
from merida.cli.settings import SetOption, print_held, priors_at_border, recorded
from merida.errors import BorderError
from merida.words import Words, words

if TYPE_CHECKING:
    from merida.border.investment import Gain
    from merida.distributions import Floats
    from merida.facts import Facts
    from merida.priors import Priors

PortOption = Annotated[str | None, typer.Option("--port", help=say("cli.border_invest.port"))]
DrawsOption = Annotated[int, typer.Option("--draws", help=say("cli.border_invest.draws"))]
SHOWN = 20
DRAWS = 32
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def border_invest(
    port: PortOption = None,
    mode: Annotated[str | None, typer.Option("--mode", help=say("cli.border_invest.mode"))] = None,
    what: Annotated[str | None, typer.Option("--what", help=say("cli.border_invest.what"))] = None,
    month: Annotated[
        str | None, typer.Option("--month", metavar="YYYY-MM", help=say("cli.border_invest.month"))
    ] = None,
    fixed: Annotated[bool, typer.Option("--fixed-arrivals", help=say("cli.border_invest.fixed"))] = False,
    rate: Annotated[
        float | None, typer.Option("--discount-rate", min=0.0, max=0.5, help=say("cli.border_invest.rate"))
    ] = None,
    rows: Annotated[int, typer.Option("--rows", min=1, help=say("cli.border_invest.rows"))] = SHOWN,
    draws: DrawsOption = DRAWS,
    seed: SeedOption = 0,
    chart: Annotated[Path | None, typer.Option("--chart", help=say("cli.border_invest.chart"))] = None,
    map_file: Annotated[Path | None, typer.Option("--map", help=say("cli.border_invest.map"))] = None,
    settings: SetOption = None,
    framework: FrameworkOption = "merida",
    as_of: AsOfOption = None,
    output: FormatOption = Format.TABLE,
    language: LanguageOption = HERE,
) -> None:
    from merida.border import find_place
    from merida.border.investment import gains, ranked
    from merida.border.queueing import number
    from merida.charts.files import check_charts
    from merida.facts import Facts
    from merida.framework import Framework

    check_charts(chart, map_file)
    number("draws", draws, 2, 2000)
    if rate is not None:
        number("discount_rate", rate, 0, 0.5)
    priors = priors_at_border(settings)
    facts, said = Facts(as_of), words(language.value)
    place = find_place(facts, port) if port is not None else None
    ranking = gathered(
        gains(
            facts,
            place=place,
            mode=mode,
            what=what,
            month=month,
            draws=draws,
            seed=seed,
            rate=rate,
            elastic=not fixed,
            priors=priors,
            framework=Framework.load(framework),
        ),
        said,
    )
    if not ranking:
        raise BorderError("border_trusted_not_served")
    ranking = ranked(ranking)
    if chart is not None:
        draw_ranking(chart, ranking[:SHOWN], said)
    if map_file is not None:
        draw_map(map_file, facts, ranking, said)
    if output is Format.JSON:
        print_json(
            finite(
                {
                    "draws": draws,
                    "seed": seed,
                    "as_of": as_of,
                    "elastic": not fixed,
                    "base_year": 2012,
                    "gains": [gain_json(gain) for gain in ranking],
                    "assumptions": investment(priors),
                    **recorded(priors),
                }
            )
        )
        return
    print_gains(ranking, rows, said, place is not None)
    if place is not None:
        print_assumptions(priors, said)
    print_held(priors)


def gathered(steps: Iterator[tuple[int, int, list[Gain]]], said: Words) -> list[Gain]:
    """Run through the crossings with a progress bar on stderr, and return all gains."""
    from merida.cli.plans.runs import working

    every_gain: list[Gain] = []
    with working(said.text("border_invest.working")) as progress:
        for done, total, of_crossing in steps:
            every_gain += of_crossing
            progress(done, total)
    return every_gain


def interval(values: Floats, said: Words, decimals: int = 0, over: float = 1.0) -> str:
    """Return a median with the 90 % interval in brackets."""
    from merida.border.investment import quantiles

    low, middle, high = (value / over for value in quantiles(values))
    return f"{middle:,.{decimals}f} ({low:,.{decimals}f} – {high:,.{decimals}f})"


def print_gains(ranking: Sequence[Gain], rows: int, said: Words, one_port: bool) -> None:
    """Print gains for people: a line each, what is seized southbound, and what it rests on."""
    text = said.text
    print_rows(
        (
            {
                text("border_invest.crossing"): gain.site.name,
                text("border_invest.mode"): text(f"border.modes.{gain.site.mode}"),
                text("border_invest.investment"): text(f"border_invest.short.{gain.what}"),
                text("border_invest.per_dollar"): interval(gain.per_dollar, said, 1),
                text("border_invest.usd"): interval(gain.usd, said, 1, 1e6),
                text("border_invest.cost"): f"{median(gain.cost) / 1e6:,.2f}",
                text("border_invest.hours"): interval(gain.hours, said, 0, 1e3),
                text("border_invest.harm"): f"{100 * float((gain.usd < 0).mean()):.0f} %",
            }
            for gain in ranking[:rows]
        ),
        title=text("border_invest.title", count=len(ranking), shown=min(rows, len(ranking))),
    )
    for gain in ranking[:rows] if one_port else ():
        if gain.works is not None and float(abs(gain.per_dollar).max()) > 0:
            out.print(
                text(
                    "border_invest.works",
                    what=text(f"border_invest.short.{gain.what}"),
                    crossing=gain.site.name,
                    mode=text(f"border.modes.{gain.site.mode}"),
                    lane=text(f"border.lanes.{gain.lane}"),
                    hours=", ".join(spans(gain.works, said)),
                ),
                markup=False,
            )
        if gain.cash_usd is not None:
            out.print(
                text(
                    "border_invest.seized",
                    crossing=gain.site.name,
                    mode=text(f"border.modes.{gain.site.mode}"),
                    cash=interval(gain.cash_usd, said, 2, 1e6),
                    arms="–" if gain.firearms is None else interval(gain.firearms, said, 1),
                ),
                markup=False,
            )
    months = sorted({gain.month for gain in ranking})
    shown = months[0] if len(months) == 1 else f"{months[0]} – {months[-1]}"
    out.print(text("border_invest.month", month=shown))
    fitted = len({gain.site.key for gain in ranking if gain.calibrated})
    out.print(text("border_invest.fitted", fitted=fitted, all=len({gain.site.key for gain in ranking})))
    loose = max(gain.unsettled for gain in ranking)
    if loose > 0:
        out.print(text("border_invest.unsettled", share=round(100 * loose)))
    for name in ("reading", "welfare", "assumed"):
        out.print(text(f"border_invest.{name}"), markup=False)


def print_assumptions(priors: Priors, said: Words) -> None:
    """Print every assumption of investments, by the path of ``--set``, with its range and note."""
    from merida.parameters.registry import INVESTMENT

    for path, entry in priors.within(INVESTMENT).entries.items():
        span = " – ".join(f"{end:g}" for end in entry.ends or [entry.number])
        unit = said.text(f"parameter_units.{entry.unit}")
        out.print(f"  {path}: {span} ({unit}). {entry.note_in(said.language)}", markup=False)


def median(values: Floats) -> float:
    """Return the median of draws."""
    import numpy as np

    return float(np.median(values))


def spans(works: Floats, said: Words) -> list[str]:
    """Return the hours of a week as text, days alike together: ``Mon 6–14``."""
    by_hours: dict[str, list[str]] = {}
    for day, hours in enumerate(works.reshape(7, 24)):
        on = [hour for hour in range(24) if hours[hour]]
        ends = [hour for hour in on if hour + 1 not in on]
        begins = [hour for hour in on if hour - 1 not in on]
        if on:
            key = ", ".join(f"{first}–{last + 1}" for first, last in zip(begins, ends, strict=True))
            by_hours.setdefault(key, []).append(said.text(f"border_invest.days.{DAYS[day]}"))
    return [f"{' '.join(days)} {hours}" for hours, days in by_hours.items()]


def gain_json(gain: Gain) -> dict[str, Any]:
    """Return a gain for programs: quantiles of 5, 50 and 95 %."""
    from merida.border.investment import quantiles

    named = {
        name: dict(zip(("low", "median", "high"), quantiles(values), strict=True))
        for name, values in (
            ("hours", gain.hours),
            ("hours_fixed_arrivals", gain.hours_fixed),
            ("usd", gain.usd),
            ("time_usd", gain.time_usd),
            ("cost_usd", gain.cost),
            ("per_dollar", gain.per_dollar),
            ("minutes_each", gain.minutes_each),
            ("cash_seized_usd", gain.cash_usd),
            ("firearms_seized", gain.firearms),
        )
        if values is not None
    }
    return {
        "crossing": gain.site.crossing,
        "name": gain.site.name,
        "port": gain.site.port.code,
        "port_name": gain.site.port.name,
        "mode": gain.site.mode,
        "investment": gain.what,
        "month": gain.month,
        "calibrated": gain.calibrated,
        **named,
        "hours_by_lane": {name: median(values) for name, values in gain.hours_by_lane.items()},
        "p_harm": float((gain.usd < 0).mean()),
        "p_pays": float((gain.usd > gain.cost).mean()),
        "unsettled_share": gain.unsettled,
        "lane": gain.lane,
        "works_hours_of_week": None
        if gain.works is None
        else [int(hour) for hour in gain.works.nonzero()[0]],
    }


def draw_ranking(path: Path, best: Sequence[Gain], said: Words) -> None:
    """Write the ranking as SVG or PNG."""
    import polars as pl

    from merida.border.investment import quantiles
    from merida.charts.border_invest import ranking
    from merida.charts.files import write_chart
    from merida.charts.theme import specification

    rows = pl.DataFrame(
        [
            {"crossing": gain.site.name, "mode": gain.site.mode, "what": gain.what}
            | dict(zip(("low", "middle", "high"), quantiles(gain.per_dollar), strict=True))
            for gain in best
        ]
    )
    write_chart(path, specification(ranking(rows, said)))


def draw_map(path: Path, facts: Facts, ranking: Sequence[Gain], said: Words) -> None:
    """Write the map of the best crossing of each port, for the investment that comes first, as SVG or PNG."""
    import polars as pl

    from merida.border.investment import quantiles
    from merida.charts.border_invest import gain_map
    from merida.charts.files import write_chart
    from merida.charts.theme import specification

    best: dict[str, Gain] = {}
    for gain in ranking:
        if gain.what == ranking[0].what:
            best.setdefault(gain.site.port.code, gain)
    places = facts.sql("select port, name, latitude, longitude from ports")
    rows = pl.DataFrame(
        [
            {"port": code} | dict(zip(("low", "middle", "high"), quantiles(gain.per_dollar), strict=True))
            for code, gain in best.items()
        ]
    ).join(places, on="port")
    states = facts.sql("select geometry from map_states order by state")
    write_chart(path, specification(*gain_map(rows, states, said)))
