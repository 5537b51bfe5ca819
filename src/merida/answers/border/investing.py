"""What the questions about investments at the border share: lines of gains, what may be held, the list of assumptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from merida.answers.border.common import mode_of
from merida.answers.context import Context
from merida.answers.request import Settable
from merida.document.blocks import AnswerBlock, Cell, Points, Sentence
from merida.statistics import Interval

if TYPE_CHECKING:
    from merida.border.investment import Gain
    from merida.priors import Priors

DRAWS = 32


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
    )


def investment_of(what: str) -> Sentence:
    """Return an investment in words."""
    return Sentence(f"border_invest.short.{what}")


def at(one: GainLine) -> Sentence:
    """Return a crossing with what crosses there."""
    return Sentence("border_invest.at", {"crossing": one.name, "mode": mode_of(one.mode)})


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
