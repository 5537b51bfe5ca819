"""The roster of officers over a week that loses the fewest hours in line at a crossing, beside the posted one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from merida.answers.border.common import BASE_YEAR, Mode, lane_of, mode_of, named
from merida.answers.border.waits import DAYS
from merida.answers.context import Context
from merida.answers.fields import Text, Whole, option
from merida.answers.questions import Question
from merida.answers.request import Drawn
from merida.document.blocks import AnswerBlock, Cell, Column, Sentence, Table
from merida.errors import BorderError
from merida.progress import Work
from merida.statistics import Interval

if TYPE_CHECKING:
    from merida.border.crossings import Site
    from merida.border.hourly import HourlyLane
    from merida.facts import Facts

VALUE_DRAWS = 200


class AskPlanLanes(Drawn):
    """The roster of a week that loses the fewest hours."""

    question = "border.plan-lanes"
    example: ClassVar[Mapping[str, Any]] = {"crossing": "Otay Mesa", "mode": "trucks"}
    crossing: Text = option("cli.border_delay.crossing", argument=True, metavar="CROSSING")
    officers: Whole | None = option("cli.border_staffing.officers", None, metavar="N", ge=1, le=2000)
    mode: Mode | None = option("cli.border_invest.mode", None, metavar="MODE")
    weigh: Literal["persons", "dollars"] = option("cli.border_staffing.weigh", "persons", metavar="WHAT")
    shifts: bool = option("cli.border_staffing.shifts", False)
    month: Whole | None = option("cli.border_staffing.month", None, metavar="N", ge=1, le=12)
    weeks: Whole = option("cli.border_staffing.weeks", 4, ge=1, le=20)


@dataclass(frozen=True)
class RosterLane:
    """The booths of a lane class by hour of the week, Monday midnight first: to open, and as posted on average."""

    mode: str
    lane: str
    booths: tuple[int, ...]
    posted: tuple[float, ...]


@dataclass(frozen=True)
class WeekLost:
    """A week under a roster, on draws that did not make it; `lost` in person-hours or dollars, as asked."""

    name: str
    booth_hours: Interval
    lost: Interval
    minutes_each: Interval


@dataclass(frozen=True)
class LanesPlanned:
    """A roster, what it rests on and how it fares beside today's way of staffing.

    `officers` have 40 booth-hours a week each. `loss` is that of the roster on the weeks on which it was made, `bound`
    that below which no roster of as many hours comes there, `gap` the part between; `gain` is that of a week.
    """

    crossing: str
    name: str
    as_of: str | None
    officers: float
    booth_hours: float
    weigh: str
    base_year: int
    shifts: tuple[int, ...] | None
    month: int | None
    weeks: int
    seed: int
    loss: float
    bound: float
    gap: float
    fares: tuple[WeekLost, ...]
    gain: Interval
    p_better: float
    lanes: tuple[RosterLane, ...]


def ask(request: AskPlanLanes, context: Context, work: Work) -> LanesPlanned:
    """Return the roster."""
    import numpy as np

    from merida.border import find_place
    from merida.border.crossings import posted_by, sites
    from merida.border.hourly.lane import kept
    from merida.border.staffing.weekly_plan import weekly_plan

    facts = context.facts
    place = find_place(facts, request.crossing)
    posted_by(facts, str(kept()["known_from"]))
    here = sites(facts, place, request.mode)
    if len({site.crossing for site in here}) > 1:
        own = [site for site in here if site.name == place.name]
        here = tuple(own) or here
    crossings = {site.crossing: site.name for site in here}
    if len(crossings) > 1:
        known = ", ".join(f"{number} {name}" for number, name in crossings.items())
        raise BorderError("border_several_places", found=request.crossing, known=known)
    classes = posted_classes(facts, here)
    if not classes:
        raise BorderError("border_no_posted_waits", where=request.crossing)
    work.stage("waits")
    weights = weights_of(facts, [site.mode for site, _, _ in classes], request)
    plan = weekly_plan(
        [lane for _, _, lane in classes],
        np.array(weights),
        request.officers,
        request.shifts,
        request.weeks,
        request.month,
        request.seed,
    )
    fares = (("posted", plan.posted), ("planned", plan.planned), ("mean_week", plan.on_mean_week))
    booths = plan.roster.booths.astype(int).tolist()
    return LanesPlanned(
        here[0].crossing,
        here[0].name,
        request.as_of,
        plan.booth_hours / 40,
        plan.booth_hours,
        request.weigh,
        BASE_YEAR,
        None if plan.roster.shifts is None else tuple(plan.roster.shifts.astype(int).tolist()),
        request.month,
        request.weeks,
        request.seed,
        plan.roster.loss,
        plan.roster.bound,
        plan.roster.gap,
        tuple(
            WeekLost(name, Interval.of(one.booth_hours), Interval.of(one.hours), Interval.of(one.minutes))
            for name, one in fares
        ),
        Interval.of(plan.gain),
        float((plan.gain > 0).mean()),
        tuple(
            RosterLane(site.mode, lane, tuple(of_lane), tuple(posted))
            for (site, lane, _), of_lane, posted in zip(
                classes, booths, plan.posted_booths.tolist(), strict=True
            )
        ),
    )


def posted_classes(facts: Facts, here: Sequence[Site]) -> list[tuple[Site, str, HourlyLane]]:
    """Return the lane classes of a crossing that the hourly model holds: the site, our name of the class, the model's."""
    from merida.border.delay.by_the_hour import lanes_of
    from merida.border.hourly import hourly_lanes

    known = hourly_lanes(facts)
    return [(site, lane, found) for site in here for lane, found in lanes_of(site, known)]


def weights_of(facts: Facts, modes: Sequence[str], request: AskPlanLanes) -> list[float]:
    """Return what an hour of one vehicle or person in line counts, by mode: persons, or dollars."""
    import numpy as np

    from merida.border.delay.value_of_time import persons_per_car, values

    if request.weigh == "persons":
        return [persons_per_car(facts) if mode == "cars" else 1.0 for mode in modes]
    worth = {mode: float(np.median(values(facts, mode, VALUE_DRAWS).per_hour)) for mode in set(modes)}
    return [worth[mode] for mode in modes]


def blocks(request: AskPlanLanes, found: LanesPlanned) -> Iterator[AnswerBlock]:
    """Yield how the roster fares, its bound, then the roster itself."""
    lost = "usd" if found.weigh == "dollars" else "person_hours"
    unit, decimals, scale = ("usd_million_2012", 2, 1e6) if found.weigh == "dollars" else ("hours", 0, 1.0)
    yield Table(
        (
            Column("border_staffing.roster"),
            Column("border_staffing.booth_hours", "hours", 0),
            Column(f"border_staffing.{lost}", unit, decimals, scale),
            Column("border_delay.minutes_each", "minutes", 1),
        ),
        tuple(
            (Sentence(f"border_staffing.rosters.{one.name}"), one.booth_hours, one.lost, one.minutes_each)
            for one in found.fares
        ),
        Sentence(
            "border_staffing.plan_title",
            {
                "crossing": named(found.name, found.crossing),
                "officers": f"{found.officers:g}",
                "hours": f"{found.booth_hours:g}",
            },
        ),
    )
    yield Sentence("border_staffing.notes.gain", {"chance": found.p_better})
    yield Sentence("border_staffing.notes.bound", {"gap": found.gap, "weeks": found.weeks})
    for lane in found.lanes:
        yield roster_table(lane)
    yield Sentence("border_staffing.notes.officer")
    yield Sentence("border_staffing.notes.plan")


def roster_table(lane: RosterLane) -> Table:
    """Return the booths to open of one lane class, a line an hour, a column a day, and the posted mean over days."""
    rows: list[tuple[Cell, ...]] = []
    for hour in range(24):
        posted = sum(lane.posted[hour::24]) / 7
        if not posted:
            continue
        rows.append((hour, *(lane.booths[24 * day + hour] for day in range(7)), posted))
    return Table(
        (
            Column("border.hour"),
            *(Column(f"border_invest.days.{day}", decimals=0) for day in DAYS),
            Column("border_staffing.posted", decimals=1),
        ),
        tuple(rows),
        Sentence("border_staffing.kind", {"mode": mode_of(lane.mode), "lane": lane_of(lane.lane)}),
    )


QUESTIONS = (Question(AskPlanLanes, LanesPlanned, ask, blocks, table="lanes", kept=True),)
