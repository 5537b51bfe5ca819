"""A port of the record, simulated event by event: waits by hour and class, queues, use of booths, officer hours, cost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator

from merida.answers.border.common import alone, assumed_count, assumption_lines, lane_of, mode_of, said_period
from merida.answers.context import Context
from merida.answers.fields import Number, Text, Whole, numbers, option, spoken
from merida.answers.holding import held_lines, priors_of
from merida.answers.questions import Answer, Question
from merida.answers.request import Drawn, Settable
from merida.document.blocks import AnswerBlock, Cell, Column, Sentence, Table
from merida.document.values import written
from merida.errors import BorderError
from merida.progress import Work
from merida.statistics import Interval
from merida.words import Words

if TYPE_CHECKING:
    from merida.border import LaneFlow, PortOutcome
    from merida.priors import Priors

EveryMode = Annotated[Literal["trucks", "cars", "pedestrians", "buses"], spoken("border.modes")]
Series = tuple[float | None, ...]
SURE = 1.96  # standard errors to each end of a 95 % interval


def joined(value: object) -> object:
    """Return numbers, or lanes by class, as the command line writes them."""
    if isinstance(value, Mapping):
        return ",".join(f"{name}={count}" for name, count in value.items())
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def lanes_of(text: str) -> int | dict[str, int]:
    """Return lanes as a number, or by class from ``general=10,sentri=3``."""
    if re.fullmatch(r"-?[0-9]{1,9}", text.strip()):
        return int(text)
    pairs = re.findall(r"\s*(\w+)\s*=\s*(-?[0-9]{1,9})\s*(?:,|$)", text)
    lanes = {name.lower(): int(count) for name, count in pairs}
    if not pairs or len(lanes) < len(pairs) or len(pairs) != text.count(",") + 1:
        raise BorderError("border_bad_lanes", found=text[:80])
    return lanes


def shares_of(text: str) -> list[float]:
    """Return the shares of a day's hours from ``0.02,0.01,…``."""
    try:
        return numbers(text)
    except ValueError:
        raise BorderError("border_not_numbers", what="profile", found=text[:80]) from None


def pair_of(name: str, text: str) -> tuple[float, float]:
    """Return two numbers separated by a comma."""
    try:
        first, second = numbers(text)
    except ValueError:
        raise BorderError("border_not_a_pair", what=name, found=text[:80]) from None
    return first, second


Joined = Annotated[Text, BeforeValidator(joined)]


class AskSimulate(Drawn, Settable):
    """A port of the record, simulated event by event."""

    question = "border.simulate"
    example: ClassVar[Mapping[str, Any]] = {"port": "San Ysidro"}
    port: Text = option("cli.border.port", argument=True, metavar="PORT")
    mode: EveryMode = option("cli.border_invest.mode_finance", "cars", metavar="MODE")
    month: Text | None = option("cli.border.month", None, metavar="YYYY-MM")
    lanes: Joined | None = option("cli.border.lanes", None, metavar="N|CLASS=N,…")
    officers: Whole | None = option("cli.border.officers", None, ge=1, le=1000)
    trusted_share: Number | None = option("cli.border.trusted_share", None, ge=0, le=1)
    profile: Joined | None = option("cli.border.profile", None, metavar="SHARE,…")
    weekday: Whole | None = option("cli.border.weekday", None, ge=1, le=7)
    baulking: Joined | None = option("cli.border.baulking", None, metavar="MINUTES,MINUTES")
    pressure: Joined | None = option("cli.border.pressure", None, metavar="SHARE,MINUTES")
    initial_queue: Whole = option("cli.border.initial_queue", 0, ge=0)
    days: Whole = option("cli.border.days", 1, ge=1, le=366)
    replications: Whole = option("cli.border.replications", 200, ge=1)


@dataclass(frozen=True)
class Basis:
    """What a scenario rests on: crossings a day, their month, and by class shares, lanes and minutes at a booth."""

    arrivals_per_day: float
    month: str
    shares: dict[str, float]
    lanes: dict[str, int]
    service_minutes: dict[str, float]
    by_the_hour: bool


@dataclass(frozen=True)
class Flow:
    """What one class of lanes met, or secondary inspection; see `merida.border.LaneFlow`."""

    name: str
    arrivals: int
    served: int
    baulked: int
    mean_wait: float | None
    standard_error: float | None
    quantiles: Series
    share_over_60: float | None
    baulked_share: float | None
    utilisation: float | None
    open_hours: float
    arrivals_by_hour: Series
    baulked_by_hour: Series
    throughput_by_hour: Series
    utilisation_by_hour: Series
    wait_by_hour: Series
    share_over_60_by_hour: Series
    quantiles_by_hour: tuple[Series, ...]
    wait_band_by_hour: tuple[Series, ...]
    queue_by_hour: Series
    queue_band_by_hour: tuple[Series, ...]


@dataclass(frozen=True)
class FlowAtHour:
    """What one class of lanes met in one hour: vehicles, and the mean wait in minutes with its 80 % band of days."""

    lane: str
    hour: int
    arrivals: float | None
    queue: float | None
    mean_minutes: float | None
    low_minutes: float | None
    high_minutes: float | None


@dataclass(frozen=True)
class Simulated:
    """What the simulation of a port tells, and what it rests on."""

    port: str
    crossing: str | None
    name: str
    mode: str
    basis: Basis
    hours: int
    replications: int
    seed: int
    classes: tuple[Flow, ...]
    secondary: Flow | None
    officer_hours: float
    cost_usd_per_day: float | None
    assumptions: dict[str, Any]
    by_hour: tuple[FlowAtHour, ...]


def ask(request: AskSimulate, context: Context, work: Work) -> tuple[Simulated, PortOutcome]:
    """Return what the simulation of a port tells."""
    from merida.border import Baulking, Pressure, find_place, officer_cost_per_hour, port_scenario, simulate
    from merida.border.assumptions import ports

    turning, hurrying = (
        None if text is None else pair_of(name, text)
        for name, text in (("baulking", request.baulking), ("pressure", request.pressure))
    )
    lanes = None if request.lanes is None else lanes_of(request.lanes)
    profile = None if request.profile is None else shares_of(request.profile)
    facts, priors = context.facts, priors_of_ports(request)
    place = find_place(facts, request.port)
    scenario, basis = port_scenario(
        facts,
        place,
        request.mode,
        month=request.month,
        lanes=lanes,
        officers=request.officers,
        trusted_share=request.trusted_share,
        days=request.days,
        profile=profile,
        weekday=request.weekday,
        initial_queue=request.initial_queue,
        baulking=None if turning is None else Baulking(*turning),
        pressure=None if hurrying is None else Pressure(*hurrying),
        priors=priors,
    )
    outcome = simulate(scenario, request.replications, request.seed, progress=work.stage("replications"))
    cost = officer_cost_per_hour(facts, priors)
    payload = Simulated(
        port=place.port.code,
        crossing=place.crossing,
        name=place.name,
        mode=request.mode,
        basis=Basis(**basis),
        hours=outcome.hours,
        replications=outcome.replications,
        seed=outcome.seed,
        classes=tuple(map(flow, outcome.classes)),
        secondary=None if outcome.secondary is None else flow(outcome.secondary),
        officer_hours=outcome.officer_hours,
        cost_usd_per_day=None if cost is None else outcome.officer_hours / (outcome.hours / 24) * cost,
        assumptions=ports(priors),
        by_hour=tuple(
            hourly(lane, hour) for lane in map(flow, outcome.classes) for hour in range(outcome.hours)
        ),
    )
    return payload, outcome


def priors_of_ports(request: AskSimulate) -> Priors:
    """Return what a scenario rests on, with what the request holds of it."""
    from merida.parameters.registry import PORTS

    return priors_of(request, PORTS)


def flow(met: LaneFlow) -> Flow:
    """Return what a class of lanes met, as JSON can hold it."""
    return Flow(**{one.name: plain(getattr(met, one.name)) for one in fields(Flow)})


def plain(value: Any) -> Any:
    """Return arrays as tuples, and None for what is no number: the wait of nobody."""
    value = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(value, list):
        return tuple(map(plain, value))
    return None if isinstance(value, float) and not isfinite(value) else value


def hourly(lane: Flow, hour: int) -> FlowAtHour:
    """Return what a class of lanes met in one hour."""
    low, high = (band[hour] for band in lane.wait_band_by_hour)
    return FlowAtHour(
        lane.name,
        hour,
        lane.arrivals_by_hour[hour],
        lane.queue_by_hour[hour],
        lane.wait_by_hour[hour],
        low,
        high,
    )


def blocks(request: AskSimulate, found: Simulated) -> Iterator[AnswerBlock]:
    """Yield that nothing is calibrated, then a line for each class, the waits by hour, officers and cost."""
    values: dict[str, Cell] = {
        "port": found.name,
        "mode": mode_of(found.mode),
        "month": said_period(found.basis.month),
        "replications": found.replications,
    }
    yield Sentence("border.by_the_hour" if found.basis.by_the_hour else "border.uncalibrated")
    yield by_class(found, Sentence("border.title", values))
    yield by_hour(found)
    yield Sentence("border.brackets")
    days = found.hours / 24
    yield Sentence("border.officer_hours", {"hours": found.officer_hours / days})
    if found.cost_usd_per_day is not None:
        cost = found.cost_usd_per_day
        yield Sentence("border.cost", {"usd": cost, "rate": cost * days / found.officer_hours})
    yield assumed_count(tuple(found.assumptions))
    yield from held_lines(request)


def by_class(found: Simulated, title: Sentence) -> Table:
    """Return the table with a line for each class of lanes, and secondary inspection."""
    everyone = [*found.classes, *([found.secondary] if found.secondary else [])]
    columns = [
        Column("border.class"),
        Column("border.booths", decimals=0),
        Column("border.arrivals", decimals=0),
        Column("border.mean", "minutes", 1),
        Column("border.spread", "minutes", 1),
        Column("border.over_60", "percent", 1, 0.01),
        Column("border.longest", decimals=0),
        Column("border.utilisation", "percent", 0, 0.01),
    ]
    rows: list[list[Cell]] = [class_line(one, found) for one in everyone]
    if any(one.baulked for one in everyone):
        columns.append(Column("border.baulked", "percent", 1, 0.01))
        for row, one in zip(rows, everyone, strict=True):
            row.append(one.baulked_share)
    return Table(tuple(columns), tuple(map(tuple, rows)), title)


def class_line(one: Flow, found: Simulated) -> list[Cell]:
    """Return the line of one class of lanes."""
    return [
        lane_of(one.name),
        round(one.open_hours / found.hours),
        one.arrivals / found.replications / (found.hours / 24),
        sure(one.mean_wait, one.standard_error),
        between(*one.quantiles),
        one.share_over_60,
        max((queue for queue in one.queue_by_hour if queue is not None), default=None),
        one.utilisation,
    ]


def sure(mean: float | None, error: float | None) -> Cell:
    """Return a mean with its 95 % interval, where there is one."""
    if mean is None or error is None:
        return mean
    return Interval(max(mean - SURE * error, 0.0), mean, mean + SURE * error)


def between(low: float | None, middle: float | None, high: float | None) -> Cell:
    """Return a number between two others, where there are any."""
    return middle if low is None or middle is None or high is None else Interval(low, middle, high)


def by_hour(found: Simulated) -> Table:
    """Return the table of the waits of the first day, an hour a line."""
    hours = range(min(found.hours, 24))
    columns = (Column("border.hour"), *(Column(lane_of(one.name), "minutes", 1) for one in found.classes))
    at = {
        (one.lane, one.hour): between(one.low_minutes, one.mean_minutes, one.high_minutes)
        for one in found.by_hour
    }
    rows = tuple((hour, *(at[lane.name, hour] for lane in found.classes)) for hour in hours)
    return Table(columns, rows, Sentence("border.by_hour"))


def assumptions(request: AskSimulate, found: Simulated) -> Iterator[AnswerBlock]:
    """Yield what is assumed of traffic of this kind, and of the shape of the day."""
    yield from assumption_lines(
        priors_of_ports(request), tuple(f"border.{path}" for path in found.assumptions)
    )
    yield Sentence("border.shape")
    if found.mode == "cars" and len(found.basis.shares) > 1:
        yield Sentence("border.shares")


def waits(answer: Answer[AskSimulate, Simulated], said: Words) -> dict[str, Any]:
    """Draw the waits by hour."""
    import polars as pl

    from merida.charts.border import waits as drawn
    from merida.charts.theme import specification

    found = answer.payload
    spec = specification(
        drawn(pl.DataFrame(list(map(asdict, found.by_hour)), infer_schema_length=None), said)
    )
    day = Sentence("border.mean_day", {"month": said_period(found.basis.month)})
    about = {"mode": written(mode_of(found.mode), said), "day": written(day, said)}
    return alone(
        spec, "waits", said, found.name, crossing=found.name, replications=f"{found.replications:,}", **about
    )


QUESTIONS = (
    Question(
        AskSimulate,
        Simulated,
        ask,
        blocks,
        table="by_hour",
        pictures={"chart": waits},
        assumptions=assumptions,
        kept=True,
    ),
)
