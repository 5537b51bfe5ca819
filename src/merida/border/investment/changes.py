"""What each investment changes at a crossing: booths, arrivals by class, or time at a booth.

Where an officer or a lane works best is chosen on half of the draws and used on the other half, both ways, so that no
gain is read on the draws that chose its place (the optimiser's curse).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from merida.border.crossings.schedules import Schedules
from merida.border.crossings.sites import TRUSTED, Site
from merida.border.crossings.weekly_waits import (
    HOURS,
    WEEKS_A_YEAR,
    Integers,
    Slopes,
    Waits,
    Week,
    slopes,
    waits,
    week,
)
from merida.border.priors import PRIORS
from merida.distributions import Floats
from merida.one_line import OneLine
from merida.priors import Priors

Booleans = npt.NDArray[np.bool_]
SHIFT_HOURS, SHIFTS = 8, 5  # of one officer in a week
TRUSTED_POINTS = 0.10
MOST_MOVED = 0.95  # of a class


@dataclass(frozen=True, eq=False, repr=False)
class Crossing(OneLine):
    """A site with its schedules and with its waits of today, by lane class.

    Parameters
    ----------
    site : Site
        The crossing and its mode.
    given : Schedules
        Its schedules.
    weeks, waits, slopes : tuple
        The week of each lane class, its waits, and what one more vehicle or booth-hour changes.
    elsewhere : tuple of array, shape (D, 168)
        For each lane class, the arrivals in it at the other crossings of the area.
    relief, their_wait : tuple of array, shape (D, 168)
        For each lane class, the minutes that one vehicle fewer there saves all who wait there, and the vehicle's own
        wait. Both are means over those crossings.
    """

    site: Site
    given: Schedules
    weeks: tuple[Week, ...]
    waits: tuple[Waits, ...]
    slopes: tuple[Slopes, ...]
    elsewhere: tuple[Floats, ...] = ()
    relief: tuple[Floats, ...] = ()
    their_wait: tuple[Floats, ...] = ()

    @property
    def draws(self) -> int:
        """The number of draws."""
        return len(self.given.day_sd)


class Part(NamedTuple):
    """One lane class after a change, or, draw by draw, the class that changes.

    Parameters
    ----------
    week : Week
        The week with the arrivals before anybody answers.
    lanes : array of int, shape (D,)
        The class to which each draw belongs.
    waits : Waits or None
        The waits of `week`, where they are known.
    """

    week: Week
    lanes: Integers
    waits: Waits | None = None


@dataclass(frozen=True, eq=False, repr=False)
class CrossingChange(OneLine):
    """A crossing after an investment.

    Parameters
    ----------
    parts : tuple of Part
        The lane classes that change.
    amount : array, shape (D,)
        The amount to which the investment's yearly cost is proportional. For a lane it is the hours a year in which the
        lane is staffed; for trusted traffic, the trips a year of those who enrol; for all others it is 1.
    extra_minutes : array, shape (D,)
        The minutes a week that are saved beside what the new waits save: by those who enrol, and in secondary inspection.
    lane : str
        The class in which the investment works, on all draws together.
    hours : array, shape (168,), or None
        1 in the hours of the week in which it works, on all draws together.
    """

    parts: tuple[Part, ...]
    amount: Floats
    extra_minutes: Floats
    lane: str = ""
    hours: Floats | None = None


def of_lanes(fields: tuple[Floats, ...], lanes: Integers) -> Floats:
    """Return a table whose row d comes from the class ``lanes[d]``.

    Parameters
    ----------
    fields : tuple of array, shape (D, ...)
        A table for each class.
    lanes : array of int, shape (D,)
        The class of each draw.
    """
    return np.stack(fields)[lanes, np.arange(len(lanes))]


def whole(here: Crossing, lane_class: int) -> Integers:
    """Return the same class for every draw, shape (D,)."""
    return np.full(here.draws, lane_class)


def crossing(site: Site, given: Schedules) -> Crossing:
    """Return a crossing as it is, alone in its area.

    Examples
    --------
    >>> crossing(site, schedules(Facts(), site, draws=2)).draws
    2
    """
    lanes = tuple(week(given, lane_class) for lane_class in range(len(given.lanes)))
    nothing = tuple(np.zeros_like(lane_week.arrivals) for lane_week in lanes)
    return Crossing(
        site,
        given,
        lanes,
        tuple(waits(lane_week) for lane_week in lanes),
        tuple(slopes(lane_week) for lane_week in lanes),
        nothing,
        nothing,
        nothing,
    )


def among(here: Crossing, others: list[Crossing]) -> Crossing:
    """Return a crossing that knows the other crossings of its area and mode."""
    elsewhere, relief, their_wait = [], [], []
    for name in here.given.lanes:
        theirs_by_site = [
            (
                other.weeks[lane_class].arrivals,
                other.slopes[lane_class].arrivals,
                other.waits[lane_class].mean,
            )
            for other in others
            for lane_class, theirs in enumerate(other.given.lanes)
            if theirs == name
        ]
        total = sum(
            (theirs_there[0] for theirs_there in theirs_by_site), np.zeros_like(here.weeks[0].arrivals)
        )
        weight = np.maximum(total, 1e-9)
        elsewhere.append(total)
        relief.append(sum((a * slope for a, slope, _ in theirs_by_site), np.zeros_like(total)) / weight)
        their_wait.append(sum((a * wait for a, _, wait in theirs_by_site), np.zeros_like(total)) / weight)
    return replace(here, elsewhere=tuple(elsewhere), relief=tuple(relief), their_wait=tuple(their_wait))


def halves(draws: int) -> list[tuple[Booleans, Booleans]]:
    """Return pairs of masks over draws: those that choose a place, and those on which the choice is used; both ways."""
    even = np.arange(draws) % 2 == 0
    return [(even, ~even), (~even, even)] if draws > 1 else [(even, even)]


def room(here: Crossing, extra_lanes: float = 0.0) -> Floats:
    """Return how much of one more booth fits into the lanes, and only while the crossing is open; shape (D, 168).

    Parameters
    ----------
    extra_lanes : float
        The lanes that are built in addition.
    """
    is_open = np.tile(here.site.open_hours, HOURS // 24)
    staffed = sum((lane_week.booths for lane_week in here.weeks), np.zeros((here.draws, HOURS)))
    lanes = np.inf if here.site.lanes is None else max(here.site.lanes, len(here.weeks)) + extra_lanes
    return np.where(is_open | (staffed > 0.01), np.clip(lanes - staffed, 0.0, 1.0), 0.0)


def best_shifts(saved: Floats) -> Floats:
    """Return 1 in the hours of the week of five shifts of eight hours, one a day, that save most; shape (168,).

    Parameters
    ----------
    saved : array, shape (168,)
        What one more booth in each hour saves.
    """
    by_start = sum((np.roll(saved, -hour) for hour in range(SHIFT_HOURS)), np.zeros(HOURS))
    chosen, days = np.zeros(HOURS), set[int]()
    for start in np.argsort(-by_start, kind="stable"):
        hours = (start + np.arange(SHIFT_HOURS)) % HOURS
        if start // 24 not in days and not chosen[hours].any():
            chosen[hours] = 1.0
            days.add(int(start // 24))
        if len(days) == SHIFTS:
            break
    return chosen


def peak_hours(delay: Floats, priors: Priors = PRIORS) -> Floats:
    """Return 1 in the fewest hours of the week that hold most of the delay; shape (168,).

    Parameters
    ----------
    delay : array, shape (168,)
        The delay of each hour. The share that is to be held is the assumption ``border.invest.peak_share``.
    """
    order = np.argsort(-delay, kind="stable")
    held = np.cumsum(delay[order])
    count = int(np.searchsorted(held, priors.number("border.invest.peak_share") * held[-1])) + 1
    chosen = np.zeros(HOURS)
    chosen[order[:count]] = 1.0
    return chosen


def officer(here: Crossing) -> CrossingChange:
    """Return the crossing with one more officer: five shifts of eight hours a week, in the class that gains most.

    Examples
    --------
    >>> int(officer(crossing(site, schedules(Facts(), site, draws=2))).hours.sum())
    40
    """
    return one_more_booth(here, 0.0, lambda saved, _: best_shifts(saved))


def officer_even(here: Crossing) -> CrossingChange:
    """Return the crossing with one more officer whose hours are spread evenly over those in which it is open.

    Examples
    --------
    >>> round(officer_even(crossing(site, schedules(Facts(), site, draws=2))).hours.sum())
    40
    """
    is_open = np.tile(here.site.open_hours, HOURS // 24).astype(np.float64)
    share = SHIFTS * SHIFT_HOURS * is_open / is_open.sum()
    return one_more_booth(here, 0.0, lambda saved, _: share)


def lane(here: Crossing, priors: Priors = PRIORS) -> CrossingChange:
    """Return the crossing with one more lane and its officers, open in the hours that hold most of a class's delay.

    Examples
    --------
    >>> lane(crossing(site, schedules(Facts(), site, draws=2))).lane in ("general", "ready", "sentri")
    True
    """
    return one_more_booth(here, 1.0, lambda _, delay: peak_hours(delay, priors))


def one_more_booth(
    here: Crossing, extra_lanes: float, place: Callable[[Floats, Floats], Floats]
) -> CrossingChange:
    """Return the crossing with one more booth, in the hours and the class that `place` finds best.

    Parameters
    ----------
    extra_lanes : float
        The lanes that are built in addition.
    place : function of two arrays, shape (168,)
        It takes what one more booth saves in a class and the class's delay, by hour of the week, and returns the hours.
    """
    space = room(here, extra_lanes)
    saved = np.stack([-slope.booths * space for slope in here.slopes])
    delay = np.stack(
        [
            lane_week.arrivals * lane_waits.mean
            for lane_week, lane_waits in zip(here.weeks, here.waits, strict=True)
        ]
    )

    def choose(among: Booleans) -> tuple[int, Floats]:
        means = saved[:, among].mean(axis=1)
        hours = [place(s, d) for s, d in zip(means, delay[:, among].mean(axis=1), strict=True)]
        best = int(np.argmax([(s * h).sum() for s, h in zip(means, hours, strict=True)]))
        return best, hours[best]

    lanes, added, staffed = whole(here, 0), np.zeros((here.draws, HOURS)), np.zeros(here.draws)
    for chooses, used in halves(here.draws):
        lane_class, hours = choose(chooses)
        lanes[used], added[used], staffed[used] = (
            lane_class,
            (hours * space)[used],
            WEEKS_A_YEAR * hours.sum(),
        )
    today = Week(*(of_lanes(tables, lanes) for tables in zip(*here.weeks, strict=True)))
    lane_class, hours = choose(np.ones(here.draws, dtype=bool))
    part = Part(today._replace(booths=today.booths + added), lanes)
    return CrossingChange((part,), staffed, np.zeros(here.draws), here.given.lanes[lane_class], hours)


def trusted(here: Crossing, priors: Priors = PRIORS) -> CrossingChange | None:
    """Return the crossing with ten points of its traffic enrolled, or None where no lane is for them.

    Those who enrol come out of the other classes in proportion. Booths either stay or follow the traffic, whichever saves
    more on the other half of the draws. Where they follow, the taker gets what the newcomers need at the load of
    ``border.invest.trusted_load``, out of the booths of the classes that give.

    Examples
    --------
    >>> trusted(crossing(site, schedules(Facts(), site, draws=2))) is None  # it has no SENTRI lane
    True
    """
    names = here.given.lanes
    if TRUSTED[here.site.mode] not in names or len(names) == 1:
        return None
    taker = names.index(TRUSTED[here.site.mode])
    givers = [lane_class for lane_class in range(len(names)) if lane_class != taker]
    total = sum((lane_week.arrivals for lane_week in here.weeks), np.zeros((here.draws, HOURS))).sum(axis=1)
    giving = sum((here.weeks[lane_class].arrivals for lane_class in givers), np.zeros((here.draws, HOURS)))
    share = np.minimum(TRUSTED_POINTS * total / np.maximum(giving.sum(axis=1), 1e-9), MOST_MOVED)[:, None]
    newcomers = share * giving
    their_wait = here.waits[taker].mean
    extra = np.zeros(here.draws)
    for lane_class in givers:
        extra += (share * here.weeks[lane_class].arrivals * (here.waits[lane_class].mean - their_wait)).sum(
            axis=1
        )
    booths = sum((here.weeks[lane_class].booths for lane_class in givers), np.zeros((here.draws, HOURS)))
    needed = (
        newcomers
        * here.weeks[taker].service_minutes[:, None]
        / 60
        / priors.number("border.invest.trusted_load")
    )
    taken = np.minimum(needed / np.maximum(booths, 1e-9), 0.9)

    def moved(follow: Floats) -> dict[int, Week]:
        share_of_booths = taken * follow[:, None]
        new = {
            lane_class: here.weeks[lane_class]._replace(
                arrivals=here.weeks[lane_class].arrivals * (1 - share),
                booths=here.weeks[lane_class].booths * (1 - share_of_booths),
            )
            for lane_class in givers
        }
        lane_week = here.weeks[taker]
        new[taker] = lane_week._replace(
            arrivals=lane_week.arrivals + newcomers, booths=lane_week.booths + share_of_booths * booths
        )
        return new

    options = []
    for follows in (0.0, 1.0):
        new = moved(np.full(here.draws, follows))
        met_waits = {lane_class: waits(lane_week) for lane_class, lane_week in new.items()}
        options.append(
            (
                new,
                met_waits,
                sum(
                    (new[lane_class].arrivals * met_waits[lane_class].mean).sum(axis=1) for lane_class in new
                ),
            )
        )
    (stays, stays_met, if_stays), (followed, followed_met, if_follows) = options
    chosen = np.zeros(here.draws, dtype=bool)
    for chooses, used in halves(here.draws):
        chosen[used] = if_follows[chooses].mean() < if_stays[chooses].mean()

    def mixed(with_booths: tuple[Floats, ...], without: tuple[Floats, ...]) -> Iterator[Floats]:
        for yes, no in zip(with_booths, without, strict=True):
            yield np.where(chosen.reshape(-1, *(1,) * (yes.ndim - 1)), yes, no)

    parts = tuple(
        Part(
            Week(*mixed(followed[lane_class], stays[lane_class])),
            whole(here, lane_class),
            Waits(*mixed(followed_met[lane_class], stays_met[lane_class])),
        )
        for lane_class in stays
    )
    return CrossingChange(parts, WEEKS_A_YEAR * newcomers.sum(axis=1), extra, names[taker])


def scanner(
    here: Crossing, referral: Floats, secondary_minutes: Floats, seed: int, priors: Priors = PRIORS
) -> CrossingChange | None:
    """Return a crossing for trucks with one more scanner, or None for other modes.

    The time at the booth changes by ``border.invest.scanner_primary``, which may be for the worse. A share of those
    referred to secondary inspection is scanned instead of unloaded, no more than the scanner can take, and saves a share
    of the inspection.

    Parameters
    ----------
    referral, secondary_minutes : array, shape (D,)
        The share of trucks that is referred, and the minutes of an inspection.
    seed : int
        The seed of the draws.

    Examples
    --------
    >>> scanner(crossing(site, scheduled), np.full(2, 0.05), np.full(2, 20.0), seed=0) is None  # a site for cars
    True
    """
    if here.site.mode != "trucks":
        return None

    def of(name: str) -> Floats:
        return priors.drawn(f"border.invest.{name}", here.draws, seed)

    shorter = of("scanner_primary")
    parts = tuple(
        Part(
            lane_week._replace(service_minutes=lane_week.service_minutes * (1 - shorter)),
            whole(here, lane_class),
        )
        for lane_class, lane_week in enumerate(here.weeks)
    )
    trucks = sum((lane_week.arrivals for lane_week in here.weeks), np.zeros((here.draws, HOURS)))
    scanned = np.minimum(trucks * (referral * of("scanned_share"))[:, None], of("scans_per_hour")[:, None])
    extra = scanned.sum(axis=1) * secondary_minutes * of("scan_saving")
    return CrossingChange(parts, np.ones(here.draws), extra)
