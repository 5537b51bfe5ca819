"""``merida violence …``: where violence is and how it moves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from merida.cli.output import (
    HERE,
    AsOfOption,
    Format,
    FormatOption,
    LanguageOption,
    SeedOption,
    err,
    finite,
    out,
    print_json,
    print_rows,
    say,
)
from merida.errors import ViolenceError
from merida.figure import Figure
from merida.words import Words, words

if TYPE_CHECKING:
    from merida.facts import Facts
    from merida.places import Place
    from merida.violence.monitoring import CrossSection, Monitor

violence_app = typer.Typer(no_args_is_help=True, help=say("cli.violence.help"))
violence_app.callback()(lambda: None)  # keeps `monitor` a command by its name while it is the only one

NAMED = 8  # organisations and clusters named in a line
HALF = 0.5  # of a change's variance that the place's own deaths must settle, or else a warning is shown


class Draw(StrEnum):
    """A chart of the monitor."""

    SERIES = "series"
    RATES = "rates"
    CHANGE = "change"
    CLUSTERS = "clusters"
    LORENZ = "lorenz"
    ONSET = "onset"


@violence_app.command("monitor", help=say("cli.violence.monitor"))
def violence_monitor(
    place: Annotated[str, typer.Option("--place", help=say("cli.violence.place"))] = "nation",
    threshold: Annotated[int, typer.Option("--threshold", help=say("cli.violence.threshold"))] = 12,
    level: Annotated[float, typer.Option("--level", help=say("cli.violence.level"))] = 25.0,
    chart: Annotated[Path | None, typer.Option("--chart", help=say("cli.violence.chart"))] = None,
    draw: Annotated[Draw, typer.Option("--draw", help=say("cli.violence.draw"))] = Draw.SERIES,
    seed: SeedOption = 0,
    as_of: AsOfOption = None,
    output: FormatOption = Format.TABLE,
    language: LanguageOption = HERE,
) -> None:
    from merida.charts.files import check_charts
    from merida.facts import Facts
    from merida.violence.monitoring import monitor
    from merida.violence.monitoring.cross_section import cross_section_of

    check_charts(chart)
    facts = Facts(as_of)
    cross_section = cross_section_of(facts, seed)
    monitored = monitor(facts, place, threshold, level, seed, cross_section)
    said = words(language.value)
    if output is Format.JSON:
        print_json(as_json(monitored, said))
    else:
        print_monitor(monitored, said)
    if chart is not None:
        write_chart(chart, draw, facts, cross_section, monitored, said)
        err.print(said.text("monitor.written", path=chart), markup=False)


def plain_value(value: Any) -> Any:
    """Return figures, records and their nests as what JSON can hold."""
    if isinstance(value, Figure):
        return {
            "value": value.value, "low": value.low, "high": value.high, "unit": value.unit, "kind": value.kind,
            "tables": list(value.origin.tables), "query": " ".join(value.origin.query.split()),
        }  # fmt: skip
    if is_dataclass(value):
        return {field.name: plain_value(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain_value(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain_value(item) for item in value]
    return value


def as_json(monitored: Monitor, said: Words) -> dict[str, Any]:
    """Return the monitor for programs; months stand for their numbers in the series."""
    kept = {
        field.name: plain_value(getattr(monitored, field.name))
        for field in fields(monitored)
        if field.name not in ("breaks", "series", "months")
    }
    months = monitored.series.rows["month"].to_list()
    kept["place"] = place_json(monitored.place, said)
    kept["breaks"] = [
        {
            "month": months[step.first],
            "low": months[step.low],
            "high": months[step.high],
            "ratio": step.ratio,
        }
        for step in monitored.breaks.breaks
    ]
    kept["months"] = {"first": monitored.months[0], "last": monitored.months[-1]}
    return dict(finite(kept))


def place_json(place: Place, said: Words) -> dict[str, Any]:
    """Return a place for programs, with what is shown together with it where there is such."""
    shown: dict[str, Any] = {
        "kind": place.kind, "code": place.code, "name": place.name, "asked": place.asked,
        "year_created": place.year_created, "text": place.text,
    }  # fmt: skip
    return shown | ({"note": note} if (note := place.note(said)) else {})


def write_chart(
    path: Path, draw: Draw, facts: Facts, cross_section: CrossSection, monitored: Monitor, said: Words
) -> None:
    """Write one chart with its title, caption and source as SVG or, by the file's ending, PNG."""
    from merida.charts import files
    from merida.charts.monitor_drawings import drawing
    from merida.facts.schema import tables

    made = drawing(draw.value, facts, cross_section, monitored)
    if made is None:
        raise ViolenceError("chart_without_data", chart=draw.value, place=monitored.place.text)
    held = (tables()[name] for name in made.tables)
    source = "; ".join(
        f"{table.institution.to(said.language)}, {table.title.to(said.language)}"
        for table in held
        if table.room != "places"
    )
    name = f"charts.{made.name}"
    spec = made.specification(said)
    spec["title"] = {
        "text": made.title(said),
        "subtitle": [said.text(f"{name}.caption"), f"{said.text('monitor.source')}: {source}."],
        "anchor": "start", "fontSize": 13, "subtitleFontSize": 10.5, "subtitlePadding": 5, "offset": 14, "limit": 900,
    }  # fmt: skip
    files.write_chart(path, spec)


def shown(said: Words, figure: Figure | None, decimals: int = 0) -> str:
    """Return a figure with its interval, if it has one."""
    if figure is None:
        return "–"
    number = said.number(figure.value, decimals)
    if figure.low is None or figure.high is None:
        return number
    return f"{number} ({said.interval(figure.low, figure.high, decimals)})"


def print_monitor(monitored: Monitor, said: Words) -> None:
    """Print the monitor for people."""
    text, place = said.text, monitored.place
    name = place.called(said.language)

    def line(key: str, **values: object) -> None:
        out.print(text(f"monitor.{key}", **values), markup=False)

    def table(key: str, rows: Iterable[Mapping[str, Any]], **values: object) -> None:
        rows = list(rows)
        if rows:
            out.print()
            print_rows(rows, title=text(f"monitor.{key}", **values))

    out.print(f"[bold]{text('monitor.title', place=name, year=monitored.year)}[/bold]")
    if monitored.as_of:
        line("as_of", month=said.month(monitored.as_of))
    if note := place.note(said):
        out.print(note, markup=False)
    level = monitored.level
    line("deaths", year=monitored.year, deaths=shown(said, level.deaths), people=shown(said, level.people),
         rate=shown(said, level.rate, 1))  # fmt: skip
    if level.towards is None:
        line("underlying", rate=shown(said, level.underlying, 1))
    else:
        line(
            "underlying_towards", rate=shown(said, level.underlying, 1), towards=said.number(level.towards, 1)
        )
    table(
        "change",
        (
            {
                text("monitor.against"): text("monitor.months", months=of.months, year=of.year),
                text("monitor.before"): shown(said, of.before),
                text("monitor.moved"): shown(said, of.change, 1),
                text("monitor.real"): shown(said, of.real, 1),
            }
            for of in monitored.moved
        ),
    )
    for of in monitored.moved:
        if of.from_data < HALF:
            line("mostly_prior", year=of.year, share=said.number(100 * of.from_data))
    table("spread_state" if place.kind == "municipality" else "spread", spread_rows(monitored, said),
          threshold=monitored.spread.threshold)  # fmt: skip
    out.print()
    print_where(monitored, said)
    months = monitored.series.rows["month"].to_list()
    table(
        "breaks",
        (
            {
                text("monitor.from_month"): said.month(months[of.first]),
                text("monitor.range"): f"{said.month(months[of.low])} – {said.month(months[of.high])}",
                text("monitor.times"): said.number(of.ratio, 2) if of.ratio < float("inf") else "–",
            }
            for of in monitored.breaks.breaks
        ),
    )
    if not monitored.breaks.breaks:
        line("breaks_none")
    table(
        "organised",
        (
            {
                text("monitor.year"): str(of.year)
                if of.months == 12
                else text("monitor.partial", year=of.year, months=of.months),
                text("monitor.deaths_column"): shown(said, of.deaths),
                text("monitor.share"): shown(said, of.share, 1),
            }
            for of in monitored.attributed
        ),
    )
    if monitored.presence:
        out.print()
    for held in monitored.presence:
        municipal = held.table == "organisation_presence"
        wide = "newspapers_wide" if place.kind != "municipality" else "newspapers"
        line(
            "present." + (wide if municipal else "state" if place.state else "nation"),
            year=held.year,
            count=shown(said, held.count),
            local=shown(said, held.local),
            names=organisations(held.names, said),
        )
    table(
        "crimes_state" if place.kind == "municipality" else "crimes",
        (
            {
                text("monitor.crime"): text(f"crimes.{of.name}"),
                str(of.first_year): shown(said, of.first),
                str(of.last_year): shown(said, of.last),
            }
            for of in monitored.crimes
        ),
    )
    out.print()
    line("notes")
    for note in notes(monitored):
        out.print("  " + text(f"notes.{note}"), markup=False)


def organisations(names: tuple[tuple[str, int], ...], said: Words) -> str:
    """Return the first organisations with the number of their places, where it is more than one."""
    listed = [
        said.named("organisations", name) + (f" ({places})" if places > 1 else "")
        for name, places in names[:NAMED]
    ]
    return ", ".join(listed) + (" …" if len(names) > NAMED else "." if names else "")


def spread_rows(monitored: Monitor, said: Words) -> list[dict[str, Any]]:
    """Return the years of the attributed series, and the first and last of all homicides."""
    everyone, attributed = dict(monitored.spread.by_year), dict(monitored.spread.attributed)
    years = sorted({min(everyone), 2007, max(everyone), *attributed} & everyone.keys())
    months = {of.year: of.months for of in monitored.attributed}
    rows = []
    for year in years:
        row = {
            said.text("monitor.year"): str(year),
            said.text("monitor.all_homicides"): shown(said, everyone[year]),
        }
        if attributed:
            count = shown(said, attributed.get(year))
            partial = months.get(year, 12) < 12
            row[said.text("monitor.attributed")] = (
                said.text("monitor.annualised", count=count) if partial else count
            )
        rows.append(row)
    return rows


def print_where(monitored: Monitor, said: Words) -> None:
    """Print concentration, clusters and onset."""
    text, place, clusters, onset = said.text, monitored.place, monitored.clusters, monitored.onset
    name, municipal = place.called(said.language), place.kind == "municipality"

    def line(key: str, **values: object) -> None:
        out.print(text(f"monitor.{key}", **values), markup=False)

    if monitored.concentration:
        shares = "; ".join(
            text("monitor.worst", count=count, share=said.number(share.value, 1))
            for count, share in monitored.concentration.worst
        )
        line("concentration_state" if municipal else "concentration", year=monitored.year, shares=shares)
        line("gini", gini=shown(said, monitored.concentration.gini, 1),
             chance=shown(said, monitored.concentration.gini_by_chance, 1))  # fmt: skip
    out.print()
    print_rows(
        (
            {text("monitor.kind"): text(f"monitor.kinds.{kind}"), text("monitor.count"): shown(said, count)}
            for kind, count in clusters.counts.items()
        ),
        title=text(
            "monitor.clusters_state" if municipal else "monitor.clusters",
            first=clusters.first,
            last=clusters.last,
        ),
    )
    if clusters.kind is not None:
        line("own_cluster", place=name, kind=text(f"monitor.kinds.{clusters.kind}"),
             **{field: said.number(getattr(clusters, field), decimals)
                for field, decimals in (("moran", 2), ("gi_star", 2), ("p", 4), ("q", 4))})  # fmt: skip
    if clusters.high:
        line("high_names", names="; ".join(clusters.high[:NAMED]))
    most = max(onset.by_year, key=lambda year: (onset.by_year[year], -year))
    level = said.number(onset.level, 0 if onset.level == int(onset.level) else 1)
    out.print()
    line("onset_state" if municipal else "onset", level=level, later=shown(said, onset.later),
         first=said.month(onset.first_month), before=shown(said, onset.since_start))  # fmt: skip
    if onset.by_year[most]:
        line("onset_most", year=most, most=onset.by_year[most])
    if municipal:
        before = "onset_own_before" if onset.month == onset.first_month else "onset_own"
        line("onset_own_none" if onset.month is None else before, place=name, level=level,
             month=said.month(onset.month or onset.first_month))  # fmt: skip


def notes(monitored: Monitor) -> list[str]:
    """Return the keys of what a reader must know of the figures shown, each once."""
    keys = [
        monitored.level.rate.origin.note,
        monitored.level.underlying.origin.note,
        monitored.series.origin.note,
    ]
    keys += [of.change.origin.note for of in monitored.moved[:1]]
    keys += ["clusters", "onset"]
    keys += ["organised_crime", "organised_crime_year"] * bool(monitored.attributed)
    keys += ["presence"] * bool(monitored.presence)
    keys += ["recorded_crime"] * bool(monitored.crimes)
    return list(dict.fromkeys(key for key in keys if key))
