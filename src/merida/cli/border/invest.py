"""``merida border invest | create | finance``: what investments at crossings gain, and how they are paid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

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
    from merida.border.investment.create_experiment import PublishedCheck
    from merida.border.investment.gain import Gain
    from merida.distributions import Floats
    from merida.facts import Facts

PortOption = Annotated[str | None, typer.Option("--port", help=say("cli.border_invest.port"))]
DrawsOption = Annotated[int, typer.Option("--draws", help=say("cli.border_invest.draws"))]
SeedOption = Annotated[int, typer.Option("--seed", help=say("cli.seed"))]
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
    as_of: AsOfOption = None,
    output: FormatOption = Format.TABLE,
    language: LanguageOption = HERE,
) -> None:
    from merida.border import find_place
    from merida.border.investment.invest import gains, ranked
    from merida.border.queueing.scenario import number
    from merida.facts import Facts

    number("draws", draws, 2, 2000)
    if rate is not None:
        number("discount_rate", rate, 0, 0.5)
    facts, said = Facts(as_of), words(language.value)
    place = find_place(facts, port) if port is not None else None
    found = gathered(
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
        ),
        said,
    )
    if not found:
        raise BorderError("border_trusted_not_served")
    found = ranked(found)
    if chart is not None:
        draw_ranking(chart, found[:SHOWN], said)
    if map_file is not None:
        draw_map(map_file, facts, found, said)
    if output is Format.JSON:
        print_json(
            finite(
                {
                    "draws": draws,
                    "seed": seed,
                    "as_of": as_of,
                    "elastic": not fixed,
                    "base_year": 2012,
                    "gains": [gain_json(one) for one in found],
                    "assumptions": assumptions(),
                }
            )
        )
        return
    print_gains(found, rows, said, place is not None)


def gathered(steps: Iterator[tuple[int, int, list[Gain]]], said: Words) -> list[Gain]:
    """Run through the crossings with a progress bar on stderr, and return all gains."""
    from merida.cli.plans.runs import working

    found: list[Gain] = []
    with working(said.text("border_invest.working")) as progress:
        for done, total, some in steps:
            found += some
            progress(done, total)
    return found


def interval(values: Floats, said: Words, decimals: int = 0, over: float = 1.0) -> str:
    """Return a median with the 90 % interval in brackets."""
    from merida.border.investment.gain import quantiles

    low, middle, high = (value / over for value in quantiles(values))
    return f"{middle:,.{decimals}f} ({low:,.{decimals}f} – {high:,.{decimals}f})"


def print_gains(found: Sequence[Gain], rows: int, said: Words, one_port: bool) -> None:
    """Print gains for people: a line each, what is seized southbound, and what it rests on."""
    text = said.text
    print_rows(
        (
            {
                text("border_invest.crossing"): one.site.name,
                text("border_invest.mode"): text(f"border.modes.{one.site.mode}"),
                text("border_invest.investment"): text(f"border_invest.short.{one.what}"),
                text("border_invest.per_dollar"): interval(one.per_dollar, said, 1),
                text("border_invest.usd"): interval(one.usd, said, 1, 1e6),
                text("border_invest.cost"): f"{median(one.cost) / 1e6:,.2f}",
                text("border_invest.hours"): interval(one.hours, said, 0, 1e3),
                text("border_invest.harm"): f"{100 * float((one.usd < 0).mean()):.0f} %",
            }
            for one in found[:rows]
        ),
        title=text("border_invest.title", count=len(found), shown=min(rows, len(found))),
    )
    for one in found[:rows] if one_port else ():
        if one.works is not None and float(abs(one.per_dollar).max()) > 0:
            out.print(
                text(
                    "border_invest.works",
                    what=text(f"border_invest.short.{one.what}"),
                    crossing=one.site.name,
                    mode=text(f"border.modes.{one.site.mode}"),
                    lane=text(f"border.lanes.{one.lane}"),
                    hours=", ".join(spans(one.works, said)),
                ),
                markup=False,
            )
        if one.cash_usd is not None:
            out.print(
                text(
                    "border_invest.seized",
                    crossing=one.site.name,
                    mode=text(f"border.modes.{one.site.mode}"),
                    cash=interval(one.cash_usd, said, 2, 1e6),
                    arms="–" if one.firearms is None else interval(one.firearms, said, 1),
                ),
                markup=False,
            )
    months = sorted({one.month for one in found})
    shown = months[0] if len(months) == 1 else f"{months[0]} – {months[-1]}"
    out.print(text("border_invest.month", month=shown))
    fitted = len({one.site.key for one in found if one.calibrated})
    out.print(text("border_invest.fitted", fitted=fitted, all=len({one.site.key for one in found})))
    loose = max(one.unsettled for one in found)
    if loose > 0:
        out.print(text("border_invest.unsettled", share=round(100 * loose)))
    for name in ("reading", "welfare", "assumed"):
        out.print(text(f"border_invest.{name}"), markup=False)
    if one_port:
        print_assumptions(said)


def print_assumptions(said: Words) -> None:
    """Print every assumption with its range and note."""
    for name, about in assumptions().items():
        ends = [about["value"]] if "value" in about else [about["low"], about["high"]]
        unit = said.text(f"border_invest.units.{about['unit']}")
        span = " – ".join(f"{end:g}" for end in ends)
        out.print(f"  {name}: {span} ({unit}). {said.text(about['note'])}", markup=False)


def assumptions() -> dict[str, dict[str, Any]]:
    """Return the assumptions by dotted path."""
    from merida.border.delay.value_of_time import assumptions as read

    return read()


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


def gain_json(one: Gain) -> dict[str, Any]:
    """Return a gain for programs: quantiles of 5, 50 and 95 %."""
    from merida.border.investment.gain import quantiles

    named = {
        name: dict(zip(("low", "median", "high"), quantiles(values), strict=True))
        for name, values in (
            ("hours", one.hours),
            ("hours_fixed_arrivals", one.hours_fixed),
            ("usd", one.usd),
            ("time_usd", one.time_usd),
            ("cost_usd", one.cost),
            ("per_dollar", one.per_dollar),
            ("minutes_each", one.minutes_each),
            ("cash_seized_usd", one.cash_usd),
            ("firearms_seized", one.firearms),
        )
        if values is not None
    }
    return {
        "crossing": one.site.crossing,
        "name": one.site.name,
        "port": one.site.port.code,
        "port_name": one.site.port.name,
        "mode": one.site.mode,
        "investment": one.what,
        "month": one.month,
        "calibrated": one.calibrated,
        **named,
        "hours_by_lane": {name: median(values) for name, values in one.hours_by_lane.items()},
        "p_harm": float((one.usd < 0).mean()),
        "p_pays": float((one.usd > one.cost).mean()),
        "unsettled_share": one.unsettled,
        "lane": one.lane,
        "works_hours_of_week": None if one.works is None else [int(at) for at in one.works.nonzero()[0]],
    }


def draw_ranking(path: Path, found: Sequence[Gain], said: Words) -> None:
    """Write the ranking as SVG or PNG."""
    import polars as pl

    from merida.border.investment.gain import quantiles
    from merida.charts.border_invest import ranking

    rows = pl.DataFrame(
        [
            {"crossing": one.site.name, "mode": one.site.mode, "what": one.what}
            | dict(zip(("low", "middle", "high"), quantiles(one.per_dollar), strict=True))
            for one in found
        ]
    )
    write(path, ranking(rows, said), None)


def draw_map(path: Path, facts: Facts, found: Sequence[Gain], said: Words) -> None:
    """Write the map of the best crossing of each port, for the investment that comes first, as SVG or PNG."""
    import polars as pl

    from merida.border.investment.gain import quantiles
    from merida.charts.border_invest import gain_map

    best: dict[str, Gain] = {}
    for one in found:
        if one.what == found[0].what:
            best.setdefault(one.site.port.code, one)
    places = facts.sql("select port, name, latitude, longitude from ports")
    rows = pl.DataFrame(
        [
            {"port": code} | dict(zip(("low", "middle", "high"), quantiles(one.per_dollar), strict=True))
            for code, one in best.items()
        ]
    ).join(places, on="port")
    states = facts.sql("select geometry from map_states order by state")
    write(path, *gain_map(rows, states, said))


def write(path: Path, chart: Any, data: Any) -> None:
    """Write a chart whole or not at all."""
    from merida.atomic import write_whole
    from merida.charts.theme import png, specification, svg

    spec = specification(chart, data)
    try:
        write_whole({path: png(spec) if path.suffix == ".png" else svg(spec)})
    except OSError as error:
        raise BorderError("chart_not_writable", path=path, reason=error.strerror or error) from error


def border_create(
    draws: DrawsOption = DRAWS,
    seed: SeedOption = 0,
    as_of: AsOfOption = None,
    output: FormatOption = Format.TABLE,
    language: LanguageOption = HERE,
) -> None:
    from merida.border.investment.create_experiment import checks, experiment, theirs
    from merida.border.queueing.scenario import number
    from merida.facts import Facts

    number("draws", draws, 2, 2000)
    facts, said = Facts(as_of), words(language.value)
    found = gathered(experiment(facts, draws, seed), said)
    made = checks(facts, found, draws, seed)
    found = [one for one in found if one.what == "officer"]
    ratios = theirs(facts)
    if output is Format.JSON:
        print_json(
            finite(
                {
                    "draws": draws,
                    "seed": seed,
                    "as_of": as_of,
                    "sites": [gain_json(one) for one in found],
                    "checks": [check_json(one) for one in made],
                    "their_ratios_to_value_of_time": ratios,
                    "assumptions": assumptions(),
                }
            )
        )
        return
    print_create(found, made, ratios, said)


def check_json(one: PublishedCheck) -> dict[str, Any]:
    """Return a check for programs."""
    from merida.border.investment.gain import quantiles

    ours = dict(zip(("low", "median", "high"), quantiles(one.ours), strict=True))
    return {
        "name": one.name,
        "fact": one.fact,
        "unit": one.unit,
        "published_low": one.low,
        "published_high": one.high,
        "ours": ours,
        "comparable": one.comparable,
        "holds": one.holds,
    }


def print_create(
    found: Sequence[Gain], made: Sequence[PublishedCheck], ratios: dict[str, float], said: Words
) -> None:
    """Print the experiment: the sites, published numbers beside ours, and why they differ."""
    import numpy as np

    text = said.text
    print_rows(
        (
            {
                text("border_invest.crossing"): one.site.name,
                text("border_invest.mode"): text(f"border.modes.{one.site.mode}"),
                text("border_invest.hours"): interval(one.hours, said, 1, 1e3),
                text("border_invest.minutes_each"): interval(one.minutes_each, said, 2),
                text("border_invest.time_usd"): interval(one.time_usd, said, 2, 1e6),
            }
            for one in found
        ),
        title=text("border_invest.create_title", sites=len(found)),
    )
    out.print()
    print_rows(
        {
            text("border_invest.check"): text(f"border_invest.checks.{one.name}"),
            text("border_invest.published"): shown_range(one, said),
            text("border_invest.ours"): interval(one.ours, said, 1, 1e6 if one.unit == "usd" else 1.0),
            text("border_invest.verdict"): text(
                "border_invest.verdicts."
                + ("apart" if one.holds is None else "holds" if one.holds else "misses")
            ),
            text("border_invest.source"): one.fact,
        }
        for one in made
    )
    if ratios:
        officer = median(np.mean([one.time_usd for one in found], axis=0))
        out.print(
            text(
                "border_invest.theirs",
                gdp=f"{officer * ratios['gdp_usd'] / 1e6:,.1f}",
                jobs=f"{officer * ratios['jobs']:,.0f}",
            ),
            markup=False,
        )
    for reason in ("sites", "staffing", "elastic", "days", "value"):
        out.print("  " + text(f"border_invest.reasons.{reason}"), markup=False)


def shown_range(one: PublishedCheck, said: Words) -> str:
    """Return what was published."""
    over, decimals = (1e6, 1) if one.unit == "usd" else (1.0, 0)
    ends = sorted({one.low / over, one.high / over} - {float("inf")})
    unit = said.text("border_invest.units." + ("million_usd" if one.unit == "usd" else one.unit))
    least = "> " if one.high == float("inf") else ""
    return least + " – ".join(f"{end:,.{decimals}f}" for end in ends) + f" {unit}"
