"""What waiting at the border costs: hours and dollars by crossing, and the chance of an eight-hour queue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from merida.answers.border.common import (
    BASE_YEAR,
    MOST_DRAWS,
    Mode,
    Period,
    alone,
    assumed_count,
    assumption_lines,
    calibration_paths,
    fitted_lines,
    lane_of,
    listed,
    mode_of,
    named,
    said_period,
)
from merida.answers.context import Context
from merida.answers.fields import Text, Whole, option
from merida.answers.holding import priors_of
from merida.answers.questions import Answer, Question
from merida.answers.request import Drawn, Settable
from merida.document.blocks import AnswerBlock, Cell, Column, Sentence, Table
from merida.document.values import written
from merida.errors import BorderError
from merida.progress import Work
from merida.statistics import Interval
from merida.words import Words

if TYPE_CHECKING:
    from merida.border.delay import Delay
    from merida.distributions import Floats
    from merida.priors import Priors

VALUES = "border.values."  # what an hour is worth, of all that investments assume


class AskDelay(Drawn, Settable):
    """What waiting at the border costs."""

    question = "border.delay"
    port: Text | None = option("cli.border_invest.port", None, metavar="PORT")
    mode: Mode | None = option("cli.border_invest.mode", None, metavar="MODE")
    period: Period | None = option("cli.border_delay.period", None, metavar="YYYY[-MM]")
    busiest: Whole | None = option("cli.border_delay.busiest", None, metavar="N", ge=1)
    rows: Whole = option("cli.border_delay.rows", 25, ge=1, shown=True)
    draws: Whole = option("cli.border_invest.draws", 24, ge=2, le=MOST_DRAWS)


@dataclass(frozen=True)
class ModeDelay:
    """The delay of a year at all crossings together: hours, dollars of 2012, minutes of one crossing."""

    hours: Interval
    usd: Interval
    minutes_each: Interval


@dataclass(frozen=True)
class MonthDelay:
    """The delay of one month at all crossings of a mode together: hours, dollars of 2012 in proportion to them."""

    month: str
    mode: str
    hours: Interval
    usd: Interval


@dataclass(frozen=True)
class PostedWaits:
    """Waits that were posted of a lane class, minutes: mean, longest, and the mean that the model would post."""

    mean: float
    longest: float
    modelled: float


@dataclass(frozen=True)
class CrossingDelay:
    """The delay of a year at one crossing; dollars of 2012; chances on a day, by reading: ``wait``, ``line``."""

    crossing: str
    name: str
    port: str
    mode: str
    period: str
    calibrated: bool
    crossings_a_year: float
    hours: Interval
    usd: Interval
    minutes_each: Interval
    minutes_by_lane: dict[str, Interval]
    chance_of_eight_hours_on_a_day: dict[str, Interval]
    port_code: str
    by_the_hour: bool
    chance_of_more_than_hours_on_a_day: dict[str, Interval]
    posted_by_lane: dict[str, PostedWaits]

    @property
    def posted(self) -> float | None:
        """The mean of what was posted, all lane classes alike, minutes."""
        lanes = self.posted_by_lane.values()
        return sum(lane.mean for lane in lanes) / len(lanes) if lanes else None

    @property
    def gap(self) -> float | None:
        """What the model would post less what was posted, minutes."""
        lanes = self.posted_by_lane.values()
        return sum(lane.modelled - lane.mean for lane in lanes) / len(lanes) if lanes else None

    @property
    def longest(self) -> float | None:
        """The longest wait that was posted, minutes."""
        return max((lane.longest for lane in self.posted_by_lane.values()), default=None)


@dataclass(frozen=True)
class BorderDelay:
    """The delay at the border, by mode and by crossing, the costliest first, and what it rests on."""

    as_of: str | None
    period: str
    draws: int
    seed: int
    base_year: int
    border: dict[str, ModeDelay]
    crossings: tuple[CrossingDelay, ...]
    assumptions: dict[str, Any]
    months: tuple[MonthDelay, ...]


def ask(request: AskDelay, context: Context, work: Work) -> tuple[BorderDelay, tuple[Delay, ...]]:
    """Return the delay of a year at the crossings that were asked for."""
    from merida.border import find_place
    from merida.border.assumptions import calibration, investment
    from merida.border.crossings import busiest, last_full_year, on_record, sites
    from merida.border.delay import delay, national

    priors, facts = priors_of_delay(request), context.facts
    period = request.period or last_full_year(facts)
    place = None if request.port is None else find_place(facts, request.port)
    chosen = on_record(facts, sites(facts, place, request.mode), period)
    if not chosen:
        raise BorderError("border_nothing_in_period", period=period)
    if request.busiest is not None:
        chosen = busiest(facts, chosen, period, request.busiest)
    crossings = work.stage("crossings")
    delays = tuple(delay(facts, chosen, period, request.draws, request.seed, crossings, priors))
    values = {f"invest.{path}": about for path, about in investment(priors, VALUES).items()}
    payload = BorderDelay(
        request.as_of,
        period,
        request.draws,
        request.seed,
        BASE_YEAR,
        {mode: ModeDelay(**intervals(total)) for mode, total in national(delays).items()},
        tuple(sorted(map(line, delays), key=lambda one: -one.usd.median)),
        calibration(priors) | values,
        tuple(by_month(period, delays)),
    )
    return payload, delays


def priors_of_delay(request: AskDelay) -> Priors:
    """Return what the delay rests on, with what the request holds of it."""
    from merida.parameters.registry import CALIBRATION, INVESTMENT

    return priors_of(request, CALIBRATION, INVESTMENT)


def intervals(drawn: Mapping[str, Floats]) -> dict[str, Interval]:
    """Return the intervals of several draws."""
    return {name: Interval.of(values) for name, values in drawn.items()}


def by_month(period: str, delays: Sequence[Delay]) -> Iterator[MonthDelay]:
    """Yield hours and dollars by month and mode, where all crossings of a mode rest on the hourly model."""
    for mode in dict.fromkeys(one.site.mode for one in delays):
        known = [
            (one.by_month, one.by_month / one.hours.sum(axis=1, keepdims=True) * one.usd[:, None])
            for one in delays
            if one.site.mode == mode and one.by_month is not None
        ]
        if known:
            hours, usd = (sum(parts) for parts in zip(*known, strict=True))
            for month in range(12):
                name = f"{period}-{month + 1:02d}"
                yield MonthDelay(name, mode, Interval.of(hours[:, month]), Interval.of(usd[:, month]))


def line(there: Delay) -> CrossingDelay:
    """Return the delay at one crossing with its draws as medians and intervals."""
    return CrossingDelay(
        crossing=there.site.crossing,
        name=there.site.name,
        port=there.site.port.name,
        mode=there.site.mode,
        period=there.period,
        calibrated=there.calibrated,
        crossings_a_year=float(there.crossings.sum()),
        hours=Interval.of(there.hours.sum(axis=1)),
        usd=Interval.of(there.usd),
        minutes_each=Interval.of(there.minutes_each),
        minutes_by_lane=intervals(dict(zip(there.lanes, there.minutes_by_lane.T, strict=True))),
        chance_of_eight_hours_on_a_day=intervals(there.eight_hours),
        port_code=there.site.port.code,
        by_the_hour=there.by_the_hour,
        chance_of_more_than_hours_on_a_day=intervals(
            {str(hours): over for hours, over in there.over.items()}
        ),
        posted_by_lane={lane: PostedWaits(**vars(one)) for lane, one in there.posted.items()},
    )


COST = (
    Column("border_delay.hours", "million_hours", None, 1e6),
    Column("border_delay.usd", "usd_million_2012", None, 1e6),
    Column("border_delay.minutes_each", "minutes", 0),
)
POSTED = (
    Column("border_delay.posted", "minutes", 0),
    Column("border_delay.gap", "minutes", 0),
    Column("border_delay.longest", "minutes", 0),
)
OVER = tuple(
    Column(Sentence("border_delay.over", {"count": hours}), "percent_of_days", 0, 0.01) for hours in (1, 3)
)
CHANCES = (
    Column("border_delay.wait_8", "percent_of_days", 1, 0.01),
    Column("border_delay.line_8", "percent_of_days", 0, 0.01),
)


def blocks(request: AskDelay, found: BorderDelay) -> Iterator[AnswerBlock]:
    """Yield the border as a whole, then the costliest crossings of each mode, and what they rest on."""
    title = Sentence("border_delay.title", {"period": said_period(found.period)})
    totals = tuple(
        (mode_of(mode), total.hours, total.usd, total.minutes_each) for mode, total in found.border.items()
    )
    yield Table((Column("border_delay.mode"), *COST), totals, title)
    if found.months:
        yield months(found)
    shown = found.crossings[: request.rows]
    for mode in found.border:
        if of_mode := [one for one in shown if one.mode == mode]:
            yield by_crossing(mode, of_mode)
    if len(found.crossings) > len(shown):
        yield Sentence("border_delay.more", {"count": len(found.crossings) - len(shown)})
    yield Sentence("border_delay.notes.what")
    yield Sentence("border_delay.notes.eight")
    yield fitted_note(found.crossings)
    yield assumed_count(assumed())
    yield from fitted_lines(request, priors_of_delay(request))


def months(found: BorderDelay) -> Table:
    """Return hours and dollars by month, a pair of columns for each mode, of the crossings with posted waits."""
    modes = list(dict.fromkeys(one.mode for one in found.months))
    columns = [Column("border_delay.month")]
    cells: dict[str, list[Cell]] = {}
    for mode in modes:
        of = {"mode": mode_of(mode)}
        columns.append(Column(Sentence("border_delay.hours_of", of), "thousand_hours", 0, 1e3))
        columns.append(Column(Sentence("border_delay.usd_of", of), "usd_million_2012", None, 1e6))
        for one in found.months:
            if one.mode == mode:
                cells.setdefault(one.month, []).extend((one.hours, one.usd))
    rows = tuple((said_period(month), *of_month) for month, of_month in cells.items())
    return Table(tuple(columns), rows, Sentence("border_delay.by_month"))


def by_crossing(mode: str, shown: Sequence[CrossingDelay]) -> Table:
    """Return the table of one mode's crossings."""
    hourly, posted = any(one.by_the_hour for one in shown), any(one.posted_by_lane for one in shown)
    lanes = list(dict.fromkeys(lane for one in shown for lane in one.minutes_by_lane))
    columns = (
        Column("border_delay.crossing"),
        *COST[:2],
        *(Column(Sentence("border_delay.in_lanes", {"lane": lane_of(lane)}), "minutes", 0) for lane in lanes),
        *(OVER if hourly else ()),
        *CHANCES,
        *(POSTED if posted else ()),
    )
    rows = tuple(
        (
            named(one.name, one.crossing),
            one.hours,
            one.usd,
            *(one.minutes_by_lane.get(lane) for lane in lanes),
            *([one.chance_of_more_than_hours_on_a_day.get(hours) for hours in ("1", "3")] if hourly else ()),
            one.chance_of_eight_hours_on_a_day["wait"],
            one.chance_of_eight_hours_on_a_day["line"],
            *((one.posted, one.gap, one.longest) if posted else ()),
        )
        for one in shown
    )
    return Table(columns, rows, Sentence("border_delay.of_mode", {"mode": mode_of(mode)}))


def fitted_note(crossings: Sequence[CrossingDelay]) -> Sentence:
    """Return which crossings were fitted to waits of their own, and what the others rest on."""
    if any(one.by_the_hour for one in crossings):
        others: list[Cell] = list(dict.fromkeys(one.name for one in crossings if not one.by_the_hour))
        if not others:
            return Sentence("border_delay.notes.hourly")
        return Sentence("border_delay.notes.hourly_but", {"names": listed(others)})
    fitted: list[Cell] = list(dict.fromkeys(one.name for one in crossings if one.calibrated))
    if not fitted:
        return Sentence("border_delay.notes.carried")
    if all(one.calibrated for one in crossings):
        return Sentence("border_delay.notes.fitted_all")
    return Sentence("border_delay.notes.fitted", {"names": listed(fitted)})


def assumed() -> tuple[str, ...]:
    """Return the paths of what the delay assumes: of the schedules, and of what an hour is worth."""
    from merida.parameters.registry import INVESTMENT
    from merida.priors import read

    return (*calibration_paths(), *(path for path in read(INVESTMENT) if path.startswith(VALUES)))


def costs(answer: Answer[AskDelay, BorderDelay], said: Words) -> dict[str, Any]:
    """Draw the map of dollars lost at each port, all modes together."""
    import polars as pl

    from merida.border.crossings.on_map import located, states
    from merida.border.delay import by_port
    from merida.charts.border_waits import delay_map
    from merida.charts.theme import specification

    facts, found = answer.context.facts, answer.payload
    rows = [
        {
            "port": one.port_code,
            "usd": one.usd.median,
            "hours": one.hours.median,
            "crossings": one.crossings_a_year,
        }
        for one in found.crossings
    ]
    spec = specification(*delay_map(located(facts, by_port(pl.DataFrame(rows))), states(facts), said))
    period, modes = said_period(found.period), listed([mode_of(mode) for mode in found.border])
    about = {"period": written(period, said), "modes": written(modes, said)}
    return alone(spec, "delay_map", said, said.text("charts.border"), **about)


QUESTIONS = (
    Question(
        AskDelay,
        BorderDelay,
        ask,
        blocks,
        table="crossings",
        pictures={"map": costs},
        assumptions=lambda request, _: assumption_lines(priors_of_delay(request), assumed()),
        kept=True,
    ),
)
