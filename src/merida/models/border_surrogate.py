"""How the hours lost at each port answer officers, lanes and trusted traffic: a curve read off the border's kernel.

For each draw of the schedules the kernel gives the minutes waited in a mean week of the last full year, today and with
two sizes of each lever; see `border.py` for the curve through them. A site with little delay is not run again: it
takes the curve of its mode. A crossing that opened after the last full year counts with the year in which it has
traffic, so that any date of the record has all its crossings.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import merida.numerics  # noqa: F401  isort: skip
import numpy as np
import numpy.typing as npt

from merida.border.crossings import Site, first_volume, sites
from merida.border.crossings.schedules import Schedules, schedules
from merida.border.queueing import waited_minutes
from merida.distributions import Floats
from merida.facts import Facts
from merida.one_line import OneLine

MODES = ("trucks", "cars", "pedestrians")
SERVES = {  # the traffic that the units of each lever work on
    "border.customs_officers": MODES,
    "border.lanes_roads": ("trucks", "cars"),
    "border.trusted_traders": ("trucks",),
    "border.agricultural_specialists": ("trucks",),
    "border.non_intrusive_inspection": ("trucks",),
}
QUEUES = (
    "border.customs_officers",
    "border.lanes_roads",
    "border.trusted_traders",
)  # levers that shorten queues
SCHEDULES = 16  # members of the set of schedules: the prior of each costs seconds
MOST_TRUSTED = 0.25  # of the trucks that are not: the largest share at which the curve is read off
SIZES = np.array([[0.05, 0.4], [0.05, 0.3], [0.05, MOST_TRUSTED]])  # of each lever, relative to what is there
SHIFT_HOURS = 8
COVERED = 0.97  # of the hours lost, at the sites that are run again
WEEKS = 365.25 / 7
SHUT = 0.01  # booths below which none is open
BLOCK = 256  # rows that one call of the kernel runs
FASTER = 0.5  # time at the booth of a trusted truck over another's, where it has no lane of its own

Scheduled = Callable[[Facts, Site, int], Schedules]


@dataclass(frozen=True, eq=False, repr=False)
class DelaySurrogate(OneLine):
    """Ports and modes, and how delay answers there. S draws of the schedules, G pairs of port and mode.

    Attributes
    ----------
    ports, modes : tuple of str
        The port's code and the mode of each of the G.
    hours : array, shape (S, G)
        The hours waited before the booths in a year.
    power, scale : array, shape (S, 3, G)
        a and c of each lever's curve.
    booths : array, shape (S, G)
        The open booths, a mean over the week.
    lanes : array, shape (S, G)
        The lanes on display, or, where these are not known, the most that are open.
    crossings : array, shape (S, G)
        The crossings in a year.
    untrusted : array, shape (S, G)
        The crossings in a year that are in no lane for the trusted.
    """

    ports: tuple[str, ...]
    modes: tuple[str, ...]
    hours: Floats
    power: Floats
    scale: Floats
    booths: Floats
    lanes: Floats
    crossings: Floats
    untrusted: Floats

    def weight(self) -> dict[str, Floats]:
        """Return the share of nation-wide units of each lever at each port and mode, shape (G,).

        Units that shorten queues go where the traffic that they serve loses most hours, the others where most of it
        crosses.
        """
        lost, crossings = self.hours.mean(axis=0), self.crossings.mean(axis=0)
        shares = {}
        for lever, modes in SERVES.items():
            amount = (lost if lever in QUEUES else crossings) * np.isin(self.modes, modes)
            shares[lever] = np.asarray(amount / np.maximum(amount.sum(), 1e-300), dtype=np.float64)
        return shares

    def within(self) -> dict[str, Floats]:
        """Return the share of a named port's units of each lever at each of its modes, shape (G,)."""
        ports = np.asarray(self.ports)
        shares = {}
        for lever, weight in self.weight().items():
            sums = np.array([weight[ports == port].sum() for port in self.ports])
            shares[lever] = np.divide(weight, sums, out=np.zeros_like(weight), where=sums > 0)
        return shares


class LaneRows(NamedTuple):
    """Lane classes of sites and draws, as the kernel takes them."""

    arrivals: Floats  # (rows, 168)
    booths: Floats  # (rows, 168)
    service_minutes: Floats  # (rows,)
    service_cv: Floats
    day_sd: Floats
    shape: tuple[int, int]  # draws and classes of the site


def mean_day_schedules(facts: Facts, site: Site, draws: int) -> Schedules:
    """Return the schedules of a site on the mean day of the last full year; they do not depend on a run's seed."""
    return schedules(facts, site, draws=draws, seed=0)


def delay_surrogate(
    facts: Facts,
    draws: int = SCHEDULES,
    chosen: Sequence[Site] | None = None,
    of_site: Scheduled = mean_day_schedules,
) -> DelaySurrogate:
    """Return how delay answers at every port. For all of them it takes most of a minute (`ensemble.surrogate_cache`).

    Parameters
    ----------
    draws : int
        The draws of the schedules, S.
    chosen : sequence of Site or None
        The sites; by default all on record.
    of_site : callable
        It gives the schedules of a site.

    Raises
    ------
    BorderError
        If no volume had been published by the record's date.

    Examples
    --------
    >>> surrogate = delay_surrogate(Facts(), draws=2)
    >>> surrogate.hours.shape == (2, len(surrogate.ports))
    True
    """
    first_volume(facts)
    chosen = sites(facts) if chosen is None else chosen
    scheduled = [of_site(facts, site, draws) for site in chosen]
    groups = sorted({(site.port.code, site.mode) for site in chosen})
    member = np.array([groups.index((site.port.code, site.mode)) for site in chosen])

    def summed(by_site: Sequence[Floats]) -> Floats:
        """Return sums over the sites of each port and mode, a list of (S,) to (S, G)."""
        table = np.zeros((draws, len(groups)))
        for row, values in zip(member, by_site, strict=True):
            table[:, row] += values
        return table

    today = minutes_waited([lane_rows(schedule) for schedule in scheduled])
    lost = [minutes.sum(axis=(1, 2)) * WEEKS / 60 for minutes in today]
    hours = summed(lost)
    again = np.flatnonzero(
        where_levers_are_tried(np.array([hours.mean() for hours in lost]), [site.mode for site in chosen])
    ).tolist()
    before = summed([lost[row] * (row in again) for row in range(len(chosen))])
    after = np.stack([before] * 6).reshape(3, 2, draws, len(groups))
    for lever, name in enumerate(QUEUES):
        serves = [row for row in again if chosen[row].mode in SERVES[name]]
        for number, size in enumerate(SIZES[lever] if serves else ()):
            changed = [CHANGES[lever](chosen[row], scheduled[row], today[row], size) for row in serves]
            for row, minutes in zip(serves, minutes_waited(changed), strict=True):
                after[lever, number, :, member[row]] += minutes.sum(axis=(1, 2)) * WEEKS / 60 - lost[row]
    of_mode = tuple(mode for _, mode in groups)
    power, scale = fitted_curves(log_declines(before, after, hours, of_mode))
    untrusted = [
        schedule.arrivals[:, [name != "fast" for name in schedule.lanes]].sum(axis=(1, 2, 3)) * WEEKS
        for schedule in scheduled
    ]
    open_booths = [schedule.booths.sum(axis=1) for schedule in scheduled]
    lanes = [
        np.maximum(site.lanes or 0.0, booths.max(axis=(1, 2)))
        for site, booths in zip(chosen, open_booths, strict=True)
    ]
    return DelaySurrogate(
        ports=tuple(port for port, _ in groups),
        modes=of_mode,
        hours=hours,
        power=power,
        scale=scale,
        booths=summed([booths.mean(axis=(1, 2)) for booths in open_booths]),
        lanes=summed(lanes),
        crossings=summed([schedule.arrivals.sum(axis=(1, 2, 3)) * WEEKS for schedule in scheduled]),
        untrusted=summed(untrusted),
    )


def lane_rows(given: Schedules) -> LaneRows:
    """Return the lane classes of a site's draws as rows of the kernel."""
    draws, classes = given.arrivals.shape[:2]
    return LaneRows(
        given.arrivals.reshape(-1, 168),
        given.booths.reshape(-1, 168),
        given.service_minutes.reshape(-1),
        given.service_cv.reshape(-1),
        np.repeat(given.day_sd, classes),
        (draws, classes),
    )


def minutes_waited(parts: Sequence[LaneRows]) -> list[Floats]:
    """Return the minutes waited by hour of the week at each site, each of shape (S, classes, 168)."""
    fields = [np.concatenate(field) for field in list(zip(*parts, strict=True))[:-1]]
    count = len(fields[0])

    def block(first: int) -> Floats:
        numbers = np.minimum(np.arange(first, first + BLOCK), count - 1)  # the last block is padded
        return np.asarray(waited_minutes(*(field[numbers] for field in fields)))[: count - first]

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        minutes = np.concatenate(list(pool.map(block, range(0, count, BLOCK))))
    ends = np.cumsum([draws * classes for draws, classes in (part.shape for part in parts)])
    return [
        minutes.reshape(*part.shape, 168)
        for minutes, part in zip(np.split(minutes, ends[:-1]), parts, strict=True)
    ]


def where_levers_are_tried(lost: Floats, modes: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Return at which sites levers are tried: those that hold most of the hours lost, mode by mode.

    Parameters
    ----------
    lost : array, shape (sites,)
        The hours lost at each site.
    modes : sequence of str
        The mode of each site.
    """
    chosen = np.zeros(len(lost), dtype=bool)
    for mode in set(modes):
        mine = np.array([row for row, other in enumerate(modes) if other == mode])
        order = mine[np.argsort(-lost[mine], kind="stable")]
        ahead = np.cumsum(lost[order]) - lost[order]
        chosen[order[ahead < COVERED * lost[mine].sum()]] = True
    return chosen


def with_officers(site: Site, given: Schedules, today: Floats, size: float) -> LaneRows:
    """Return a site with more booth-hours, a share `size` of those there are, in shifts laid where most wait.

    Parameters
    ----------
    today : array, shape (S, classes, 168)
        The minutes waited today by hour of the week.
    size : float
        The share.
    """
    wait = np.mean([np.roll(today, hour - SHIFT_HOURS // 2, axis=2) for hour in range(SHIFT_HOURS)], axis=0)
    rows, booths = lane_rows(given), given.booths.reshape(*today.shape)
    wait = np.where(booths > SHUT, wait + 1e-9, 0.0)
    more = wait / wait.sum(axis=(1, 2), keepdims=True) * size * booths.sum(axis=(1, 2), keepdims=True)
    if site.lanes is not None:
        free = np.maximum(site.lanes - booths.sum(axis=1, keepdims=True), 0.0)
        wanted = more.sum(axis=1, keepdims=True)
        more = more * np.minimum(1.0, free / np.maximum(wanted, 1e-12))
    return rows._replace(booths=(booths + more).reshape(-1, 168))


def with_lanes(site: Site, given: Schedules, today: Floats, size: float) -> LaneRows:
    """Return a site with a share `size` more lanes, which are open when the others are."""
    rows = lane_rows(given)
    return rows._replace(booths=rows.booths * (1 + size))


def with_trusted(site: Site, given: Schedules, today: Floats, size: float) -> LaneRows:
    """Return a site where a share `size` of the other trucks are trusted, and booths follow the work that moves.

    Where no lane is for them, they are only faster at the booth.
    """
    if "fast" not in given.lanes or len(given.lanes) == 1:
        rows = lane_rows(given)
        return rows._replace(service_minutes=rows.service_minutes * (1 - size * (1 - FASTER)))
    taker = given.lanes.index("fast")
    others = np.array([lane_class for lane_class in range(len(given.lanes)) if lane_class != taker])
    arrivals, booths = given.arrivals.copy(), given.booths.copy()
    gone = size * arrivals[:, others]
    quicker = np.minimum(given.service_minutes[:, [taker]] / given.service_minutes[:, others], 1.0)
    lent = size * booths[:, others] * quicker[:, :, None, None]
    arrivals[:, others], booths[:, others] = arrivals[:, others] - gone, booths[:, others] - lent
    arrivals[:, taker] += gone.sum(axis=1)
    booths[:, taker] += lent.sum(axis=1)
    return lane_rows(given._replace(arrivals=arrivals, booths=booths))


CHANGES: tuple[Callable[[Site, Schedules, Floats, float], LaneRows], ...] = (
    with_officers,
    with_lanes,
    with_trusted,
)


def log_declines(before: Floats, after: Floats, hours: Floats, modes: Sequence[str]) -> Floats:
    """Return the decline of the logarithm of the hours lost, shape (3, 2, S, G), never below nought.

    Parameters
    ----------
    before : array, shape (S, G)
        Hours lost today at the sites where levers are tried.
    after : array, shape (3, 2, S, G)
        By lever and size.
    hours : array, shape (S, G)
        Hours lost today at all sites: where those tried hold less than half of them the mode's decline is taken.
    """
    left = np.zeros_like(after)
    for mode in set(modes):
        mine = np.array([other == mode for other in modes])
        sums = after[..., mine].sum(axis=-1, keepdims=True) / np.maximum(
            before[:, mine].sum(axis=-1, keepdims=True), 1e-9
        )
        enough = (before > 0.5 * hours) & (before > 1.0)
        own = after / np.where(enough, before, 1.0)
        left[..., mine] = np.where(enough, own, np.where(sums > 0, sums, 1.0))[..., mine]
    return np.maximum(-np.log(np.clip(left, 1e-12, None)), 0.0)


def fitted_curves(decline: Floats) -> tuple[Floats, Floats]:
    """Return a and c of (1 + x / c) ** -a through the declines at two sizes, shapes (S, 3, G).

    Where the decline rises faster than in proportion to the size, c is so large that it is in proportion.
    """
    ratio = decline[:, 1] / np.maximum(decline[:, 0], 1e-12)
    steps = np.geomspace(1e-3, 1e6, 2000)
    power, scale = np.zeros(decline[:, 0].shape), np.ones(decline[:, 0].shape)
    for lever, (small, large) in enumerate(SIZES):
        at_steps = np.log1p(steps * large / small) / np.log1p(steps)
        step = np.interp(-ratio[lever], -at_steps, steps)
        shape = np.stack([np.log1p(step), np.log1p(step * large / small)])
        power[lever] = (shape * decline[lever]).sum(axis=0) / (shape**2).sum(axis=0)
        scale[lever] = small / step
    return power.transpose(1, 0, 2), scale.transpose(1, 0, 2)
