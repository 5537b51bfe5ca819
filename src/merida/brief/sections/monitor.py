"""The monitor of the nation: level, change, concentration, clusters, onset, who is said to kill."""

from __future__ import annotations

from collections.abc import Callable

from merida.answers.violence.monitor import Monitor as MonitorRequest
from merida.brief.parts import asked, paragraph, picture, plainly, say
from merida.brief.portrait import Portrait
from merida.charts import violence as violence_charts
from merida.charts.drawing import Drawing
from merida.charts.monitor_drawings import DRAWINGS, drawing
from merida.document.blocks import Block, Drawn, Grid, Paragraph, Picture
from merida.document.drawing import drawn, mapped
from merida.facts import Facts
from merida.figure import Figure, Origin
from merida.places import NATION
from merida.violence.monitoring import CrossSection, Monitor
from merida.violence.monitoring.chart_tables import rates_table
from merida.violence.monitoring.cross_section import cross_section_of
from merida.violence.monitoring.disappearances import aparts, by_year
from merida.violence.population import population
from merida.words import Words

TEN = 10


def monitor(portrait: Portrait) -> list[Block]:
    """Return the section."""
    facts = portrait.facts
    if not facts.sql(f"select count(*) from ({population(facts)[0]})").item():
        return [Paragraph((say("monitor.nothing"),))]
    cross_section = cross_section_of(facts)
    request = MonitorRequest(**portrait.shared)
    found: Monitor = portrait.ask(request).result
    charts = {name: shown(name, facts, cross_section, found) for name in DRAWINGS}
    blocks = [
        *level(found),
        *charts["series"],
        *charts["change"],
        *where(found),
        *charts["clusters"],
        *charts["lorenz"],
        *charts["onset"],
        Paragraph((say("monitor.shrunk"),)),
        highest(cross_section, portrait),
        *charts["rates"],
        *actors(found),
        *missing(found, portrait),
    ]
    return [asked(block, request) for block in blocks]


def shown(name: str, facts: Facts, cross_section: CrossSection, found: Monitor) -> list[Block]:
    """Return one chart: a map as PNG, another as SVG."""
    made = drawing(name, facts, cross_section, found)
    if made is None:
        return []  # too few years had been published at the date
    return [Picture(made.name, painter(made), made.values, made.origins, ("caption",))]


def painter(made: Drawing) -> Callable[[Words], Drawn]:
    """Return what draws a chart in a language."""
    return lambda words: (
        mapped(made.specification(words)) if made.is_map else drawn(made.specification(words))
    )


def level(found: Monitor) -> list[Block]:
    """Return the last year's count and rate, and the changes."""
    moved = [
        say("monitor.moved", year=of.year, change=of.change, real=plainly(of.real)) for of in found.moved
    ]
    return paragraph(
        say(
            "monitor.level",
            year=found.year,
            deaths=found.level.deaths,
            rate=found.level.rate,
            underlying=found.level.underlying,
        ),
        *moved,
    )


def where(found: Monitor) -> list[Block]:
    """Return concentration, clusters and onset."""
    spread, onset = found.concentration, found.onset
    worst = spread.worst[-1] if spread and spread.worst else None
    return [
        *paragraph(
            say(
                "monitor.concentration",
                worst=str(worst[0]),
                share=worst[1],
                year=found.year,
                gini=spread.gini,
                chance=spread.gini_by_chance,
            )
            if spread and worst
            else None
        ),
        *paragraph(
            say("monitor.clusters", high=found.clusters.counts["high"], low=found.clusters.counts["low"]),
            say(
                "monitor.onset",
                first=int(onset.first_month[:4]) + 1,
                later=onset.later,
                level=f"{onset.level:g}",
                before=onset.since_start,
            ),
        ),
    ]


def actors(found: Monitor) -> list[Block]:
    """Return what is said of who kills, and how contested it is."""
    full = [of for of in found.attributed if of.months == 12]
    reached = found.spread.attributed
    present = {of.table: of for of in found.presence}
    news = present.get("organisation_presence")
    groups = present.get("organisation_presence_states")
    return paragraph(
        say("monitor.attributed", year=full[-1].year, share=full[-1].share) if full else None,
        say(
            "monitor.reached",
            first=reached[0][1],
            first_year=reached[0][0],
            last=reached[-1][1],
            last_year=reached[-1][0],
            threshold=str(found.spread.threshold),
        )
        if len(reached) > 1 and reached[-1][0] == 2011
        else None,
        say("monitor.contested") if full else None,
        say(
            "monitor.local",
            count=news.count,
            year=news.year,
            groups=groups.count,
            groups_year=groups.year,
            alone=groups.local,
        )
        if news and groups
        else None,
    )


def missing(found: Monitor, portrait: Portrait) -> list[Block]:
    """Return missing persons beside homicides, and the states in which the two moved apart."""
    held, facts = found.missing, portrait.facts
    if held is None or held.moved is None:
        return []
    recorded = by_year(facts, NATION)
    last = held.years[-1]
    before, after = (f"{first}–{end}" for first, end in (held.before, held.after))
    states = aparts(facts, "state")
    names = dict(facts.sql("select state, name from states").rows())
    changed = [names[apart.code] for apart in states if apart.way == "register"]
    rows = []
    for apart in states:
        if apart.way in ("missing_rose", "missing_fell"):
            request = MonitorRequest(place=f"state:{apart.code}", **portrait.shared)
            rows.append((names[apart.code], apart.deaths.asked(request), apart.missing.asked(request)))
    return [
        *paragraph(
            say(
                "monitor.missing",
                year=last.year,
                registered=last.registered,
                not_located=last.not_located,
                found_dead=last.found_dead,
            ),
            say(
                "monitor.missing_apart",
                before=before,
                after=after,
                deaths=held.moved.deaths,
                missing=held.moved.missing,
            ),
            say("monitor.missing_register", names=", ".join(changed)) if changed else None,
        ),
        *picture(
            "missing",
            lambda words: violence_charts.missing(recorded.rows, words),
            recorded,
            captions=("caption",),
            first=held.years[0].year,
            last=last.year,
        ),
        Grid(
            "missing_apart", ("state", "deaths", "missing"), tuple(rows), {"before": before, "after": after}
        ),
    ]


def highest(cross_section: CrossSection, portrait: Portrait) -> Grid:
    """Return the ten municipalities of the highest underlying rates, with their intervals."""
    origin = cross_section.units.answer.origin
    rows = []
    for row in rates_table(cross_section, NATION, TEN).to_dicts():
        one = f"from ({origin.query}) where unit = '{row['unit']}' and year = {cross_section.year}"
        deaths = cross_section.facts.figure(f"select deaths {one}", "deaths", "harmonised")
        recorded = cross_section.facts.figure(
            f"select 100000.0 * deaths / population {one}", "per_100k", origin.note
        )
        place = MonitorRequest(place=f"municipality:{row['unit']}", **portrait.shared)
        shrunk = Origin(origin.tables, note="shrunk_rate", request=place)
        rate = Figure(row["rate"], row["low"], row["high"], "per_100k", "estimate", shrunk)
        rows.append((row["name"], deaths, recorded, rate))
    columns = ("municipality", "deaths", "recorded", "rate")
    return Grid("monitor_rates", columns, tuple(rows), {"year": cross_section.year})
