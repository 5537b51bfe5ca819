"""What waiting at the border costs."""

from __future__ import annotations

from dataclasses import astuple

from merida.answers import Request
from merida.answers.border.delay import CrossingDelay
from merida.answers.border.officers import OfficerLine
from merida.brief.findings import Findings
from merida.brief.parts import say
from merida.document.blocks import Block, Grid, Paragraph, Value
from merida.facts.schema import Text
from merida.figure import Figure, Origin
from merida.statistics import Interval
from merida.words import words

TABLES = ("border_crossings", "bridge_crossings", "port_lanes", "lanes_open_snapshot", "border_waits")
MATCHED = ("posted_waits", "border_crossings", "published_facts")


def waiting(found: Findings) -> list[Block]:
    """Return the section: crossings with the most cars and trucks, what waiting costs there, and how that is known."""
    if not found.delays:
        return []
    fitted = any(one.calibrated for _, one in found.delays)
    year = int(found.delays[0][1].period)
    columns = ("crossing", "hours", "usd", "minutes", "wait_8", "line_8")
    rows = tuple(row(request, one) for request, one in found.delays)
    return [
        Paragraph((say("waiting.lead", year=year), say("waiting.fitted" if fitted else "waiting.prior"))),
        Grid("delays", columns, rows, {"year": year}),
        *officers(found),
        Paragraph((say("waiting.eight"), say("waiting.invest"))),
    ]


def officers(found: Findings) -> list[Block]:
    """Return what an officer would save at the costliest crossings, where hours alike on record say it."""
    if not found.officers:
        return []
    rows = tuple(
        (
            named(one),
            figure(request, one.hours, "thousand_hours", 1e-3, MATCHED),
            figure(request, one.time_usd, "usd_million_constant", 1e-6, MATCHED),
        )
        for request, one in found.officers
    )
    return [Grid("officers", ("crossing", "hours", "usd"), rows), Paragraph((say("waiting.officers"),))]


def named(one: CrossingDelay | OfficerLine) -> Text:
    """Return a crossing with what crosses there."""
    mode = {to: words(to).text(f"border.modes.{one.mode}") for to in ("en", "es")}
    return Text(en=f"{one.name}, {mode['en']}", es=f"{one.name}, {mode['es']}")


def row(request: Request, one: CrossingDelay) -> tuple[Value, ...]:
    """Return the line of one crossing."""
    eight = one.chance_of_eight_hours_on_a_day
    return (
        named(one),
        figure(request, one.hours, "million_hours", 1e-6),
        figure(request, one.usd, "usd_million_constant", 1e-6),
        figure(request, one.minutes_each, "minutes"),
        figure(request, eight["wait"], "percent", 100),
        figure(request, eight["line"], "percent_whole", 100),
    )


def figure(
    request: Request, of: Interval, unit: str, scale: float = 1.0, tables: tuple[str, ...] = TABLES
) -> Figure:
    """Return a median with its 90 % interval, in its unit, with the question that gives it again."""
    low, middle, high = (scale * value for value in astuple(of))
    return Figure(middle, low, high, unit, "estimate", Origin(tables, note="border_delay", request=request))
