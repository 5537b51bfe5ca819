"""What the questions about investments at the border share: lines of gains, what may be held, the list of assumptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from merida.answers.border.common import mode_of, named
from merida.answers.context import Context
from merida.answers.request import Settable
from merida.document.blocks import AnswerBlock, Cell, Column, Points, Sentence, Table
from merida.statistics import Interval

if TYPE_CHECKING:
    from merida.border.investment import Gain
    from merida.facts import Facts
    from merida.priors import Priors

DRAWS = 32
ABOVE = 1.5  # times the published value, from which on ours is called apart from it


@dataclass(frozen=True)
class GainLine:
    """What one investment gains in a year at one crossing; intervals are of 90 %, dollars of 2012."""

    crossing: str
    name: str
    port: str
    port_name: str
    mode: str
    investment: str
    month: str
    calibrated: bool
    hours: Interval
    hours_fixed_arrivals: Interval
    usd: Interval
    time_usd: Interval
    cost_usd: Interval
    per_dollar: Interval
    minutes_each: Interval
    cash_seized_usd: Interval | None
    firearms_seized: Interval | None
    hours_by_lane: dict[str, float]
    p_harm: float
    p_pays: float
    unsettled_share: float
    lane: str
    works_hours_of_week: tuple[int, ...] | None
    life_hours: Interval | None
    life_time_usd: Interval | None


@dataclass(frozen=True)
class OfficerReadings:
    """The time that one officer saves in a year, dollars of 2012, mean over crossings: three readings of him.

    `queue` is by the queue of each crossing, `life` by the hours in which booths opened or closed, at the `on_life`
    crossings that post them. `published` holds what studies found for their own crossings; the first is a lower bound.
    """

    crossings: int
    on_life: int
    queue: Interval
    life: Interval | None
    published: tuple[float, ...]


def officer_readings(gains: Sequence[Gain], facts: Facts) -> OfficerReadings | None:
    """Return what is said of the officers among some gains; None where there are none."""
    import numpy as np

    from merida.border.investment import published_officer

    officers = [gain for gain in gains if gain.what == "officer"]
    if not officers:
        return None
    life = [gain.life_time_usd for gain in officers if gain.life_time_usd is not None]
    return OfficerReadings(
        len(officers),
        len(life),
        Interval.of(np.mean([gain.time_usd for gain in officers], axis=0)),
        Interval.of(np.mean(life, axis=0)) if life else None,
        published_officer(facts),
    )


def officer_blocks(found: OfficerReadings | None, lines: Sequence[GainLine]) -> Iterator[AnswerBlock]:
    """Yield the three readings of an officer, over all crossings and at each of some, alike in every answer."""
    if found is None:
        return
    yield Sentence("border_invest.officer.queue", {"count": found.crossings, "usd": usd(found.queue)})
    if found.life is not None:
        yield Sentence("border_invest.officer.life", {"count": found.on_life, "usd": usd(found.life)})
    if found.published:
        ends = {"low": min(found.published) / 1e6, "high": max(found.published) / 1e6}
        times = found.queue.median / max(found.published)
        verdict = "above" if times > ABOVE else "below" if times < 1 / ABOVE else "near"
        yield Sentence(f"border_invest.officer.{verdict}", ends | {"times": times})
    rows = tuple(
        (at(one), one.time_usd, one.life_time_usd)
        for one in lines
        if one.investment == "officer" and one.life_time_usd is not None
    )
    if rows:
        yield Table(
            (
                Column("border_invest.crossing"),
                Column("border_invest.by_queue", "usd_million_2012", 2, 1e6),
                Column("border_invest.by_matched", "usd_million_2012", 2, 1e6),
            ),
            rows,
            Sentence("border_invest.officer.title"),
        )


def usd(of: Interval) -> Sentence:
    """Return millions of dollars with their interval."""
    return Sentence(
        "border_invest.officer.usd",
        {"median": of.median / 1e6, "low": of.low / 1e6, "high": of.high / 1e6},
    )


def line(gain: Gain) -> GainLine:
    """Return a gain with its draws as medians and intervals."""
    return GainLine(
        crossing=gain.site.crossing,
        name=gain.site.name,
        port=gain.site.port.code,
        port_name=gain.site.port.name,
        mode=gain.site.mode,
        investment=gain.what,
        month=gain.month,
        calibrated=gain.calibrated,
        hours=Interval.of(gain.hours),
        hours_fixed_arrivals=Interval.of(gain.hours_fixed),
        usd=Interval.of(gain.usd),
        time_usd=Interval.of(gain.time_usd),
        cost_usd=Interval.of(gain.cost),
        per_dollar=Interval.of(gain.per_dollar),
        minutes_each=Interval.of(gain.minutes_each),
        cash_seized_usd=None if gain.cash_usd is None else Interval.of(gain.cash_usd),
        firearms_seized=None if gain.firearms is None else Interval.of(gain.firearms),
        hours_by_lane=gain.median_hours_by_lane,
        p_harm=gain.p_harm,
        p_pays=gain.p_pays,
        unsettled_share=gain.unsettled,
        lane=gain.lane,
        works_hours_of_week=gain.works_hours_of_week,
        life_hours=None if gain.life_hours is None else Interval.of(gain.life_hours),
        life_time_usd=None if gain.life_time_usd is None else Interval.of(gain.life_time_usd),
    )


def investment_of(what: str) -> Sentence:
    """Return an investment in words."""
    return Sentence(f"border_invest.short.{what}")


def at(one: GainLine) -> Sentence:
    """Return a crossing with what crosses there."""
    where = named(one.name, one.crossing)
    return Sentence("border_invest.at", {"crossing": where, "mode": mode_of(one.mode)})


def priors_at_border(request: Settable, context: Context) -> Priors:
    """Return every prior with what the request holds of investments at the border and what they rest on.

    Raises
    ------
    ModelError
        If a path does not exist or has no part in the answer, or its number lies outside its bounds.
    """
    from merida.parameters.registry import CALIBRATION, INVESTMENT, PORTS, settings

    held = dict(request.held)
    return settings(held, context.framework if held else None, (CALIBRATION, PORTS, INVESTMENT))


def assumption_lines(assumed: Mapping[str, Mapping[str, Any]]) -> Iterator[AnswerBlock]:
    """Yield every assumption with the path by which it is held, its range and its note."""
    yield Sentence("border_invest.every_assumption")
    yield Points(
        tuple(
            Sentence(
                "border_invest.assumption",
                {
                    "path": f"border.{path}",
                    "range": ends_of(one),
                    "unit": Sentence(f"parameter_units.{one['unit']}"),
                    "note": Sentence(one["note"]),
                },
            )
            for path, one in assumed.items()
        )
    )


def ends_of(one: Mapping[str, Any]) -> Cell:
    """Return the range of an assumption, or its number where it has none."""
    if one.get("low") is None:
        return f"{one['value']:g}"
    return Sentence("numbers.range", {"low": f"{one['low']:g}", "high": f"{one['high']:g}"})
