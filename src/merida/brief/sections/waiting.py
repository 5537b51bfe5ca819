"""What waiting at the border costs."""

from __future__ import annotations

from merida.border.delay import Delay
from merida.brief.findings import DELAY_DRAWS, Findings
from merida.brief.parts import say
from merida.distributions import Floats
from merida.document.blocks import Block, Grid, Paragraph, Value
from merida.facts.schema import Text
from merida.figure import Figure, Origin
from merida.statistics import low_median_high
from merida.words import words

TABLES = ("border_crossings", "bridge_crossings", "port_lanes", "lanes_open_snapshot", "border_waits")


def waiting(found: Findings) -> list[Block]:
    """Return the section: crossings with the most cars and trucks, what waiting costs there, and how that is known."""
    if not found.delays:
        return []
    fitted = any(one.calibrated for one in found.delays)
    year = int(found.delays[0].period)
    columns = ("crossing", "hours", "usd", "minutes", "wait_8", "line_8")
    rows = tuple(row(found, one) for one in found.delays)
    return [
        Paragraph((say("waiting.lead", year=year), say("waiting.fitted" if fitted else "waiting.prior"))),
        Grid("delays", columns, rows, {"year": year}),
        Paragraph((say("waiting.eight"), say("waiting.invest"))),
    ]


def row(found: Findings, one: Delay) -> tuple[Value, ...]:
    """Return the line of one crossing."""
    mode = {to: words(to).text(f"border.modes.{one.site.mode}") for to in ("en", "es")}
    return (
        Text(en=f"{one.site.name}, {mode['en']}", es=f"{one.site.name}, {mode['es']}"),
        figure(found, one, one.hours.sum(axis=1) / 1e6, "million_hours"),
        figure(found, one, one.usd / 1e6, "usd_million_constant"),
        figure(found, one, one.minutes_each, "minutes"),
        figure(found, one, 100 * one.eight_hours["wait"], "percent"),
        figure(found, one, 100 * one.eight_hours["line"], "percent_whole"),
    )


def figure(found: Findings, one: Delay, values: Floats, unit: str) -> Figure:
    """Return the median and 90 % interval of draws, with the command that gives them again."""
    low, middle, high = map(float, low_median_high(values))
    command = (
        f'merida border delay --port "{one.site.port.name}" --mode {one.site.mode} --draws {DELAY_DRAWS} '
        f"--seed {found.seed}"
    )
    return Figure(middle, low, high, unit, "estimate", Origin(TABLES, note="border_delay", command=command))
