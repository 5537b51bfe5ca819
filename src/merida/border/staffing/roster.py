"""The roster of officers over a week that loses the fewest hours in line, as a linear program with its bound.

With work counted in booth-hours (a vehicle brings 1 / service of them), in week s of a sample, lane class k, hour h:

    line[k,s,h+1] >= line[k,s,h] + work[k,s,h] - booths[k,h],    line >= 0
    1 <= booths[k,h] <= most[k] where open; where closed one booth stays until whoever is in line is through
    sum of booths <= booth_hours;   with shifts: sum over k of booths[.,h] <= shifts that began in the last hours
    minimise  sum of weight[k,s] line[k,s,h] / weeks

The line is carried from hour to hour, over midnight and from week to week (the last week meets the first). Relaxed to
part booths this is a linear program, whose optimum no roster of whole booths can beat: the bound. `scipy.optimize.milp`
(HiGHS) then looks for whole booths, and says how far from the bound it stopped.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from merida.distributions import Floats
from merida.errors import BorderError

WEEKLY_HOURS = 40  # at a booth of one officer: five shifts of eight hours, as in border_invest
SHIFT_HOURS = 8
SECONDS, GAP = 20.0, 0.002
Flags = npt.NDArray[np.bool_]


class Demand(NamedTuple):
    """What K lane classes are asked to serve in S weeks of H hours."""

    work: Floats  # (K, S, H) booth-hours that come in the hour
    is_open: Flags  # (K, H)
    most: Floats  # (K,) booths
    weight: (
        Floats  # (K, S) what an hour of one booth-hour of work in line is worth: vehicles, persons or dollars
    )


@dataclass(frozen=True, eq=False)
class Roster:
    """A roster, what it loses on the weeks on which it was made, and the bound.

    Parameters
    ----------
    booths : array, shape (K, H)
        The booths open, whole numbers.
    shifts : array, shape (H,), or None
        The officers whose shift begins in the hour.
    loss, bound : float
        The weighted hours in line in a week: of this roster, and those below which no roster of as many hours comes.
    """

    booths: Floats
    shifts: Floats | None
    loss: float
    bound: float

    @property
    def gap(self) -> float:
        """The part of the loss that a better roster could at most save."""
        return 0.0 if self.loss <= 0 else max(1 - self.bound / self.loss, 0.0)


def fewest_officers(demand: Demand) -> tuple[int, int]:
    """Return the officers that keep one booth open in every hour of service, and those that serve all who come.

    Examples
    --------
    >>> work, is_open = np.full((1, 1, 168), 2.0), np.ones((1, 168), dtype=bool)
    >>> fewest_officers(Demand(work, is_open, np.array([4.0]), np.ones((1, 1))))
    (5, 9)
    """
    open_hours = demand.is_open.sum(axis=1)
    serving = np.maximum(open_hours, demand.work.sum(axis=2).mean(axis=1))
    return ceil(open_hours.sum() / WEEKLY_HOURS), ceil(serving.sum() / WEEKLY_HOURS)


def planned(
    demand: Demand, booth_hours: float, shifts: bool = False, seconds: float = SECONDS, gap: float = GAP
) -> Roster:
    """Return the roster that loses least on the weeks of a demand.

    Parameters
    ----------
    booth_hours : float
        The booth-hours that officers have in a week.
    shifts : bool
        Whether they come in shifts of `SHIFT_HOURS` in a row, each of one officer; else in any hours.
    seconds, gap : float
        How long whole booths are looked for, and how near to the bound is near enough.

    Raises
    ------
    BorderError
        If the hours do not keep one booth open in every hour of service, or not serve all who come; the message says
        how many officers do.

    Examples
    --------
    >>> work, is_open = np.array([[[3.0, 1.0]]]), np.ones((1, 2), dtype=bool)
    >>> planned(Demand(work, is_open, np.array([3.0]), np.ones((1, 1))), 4).booths.tolist()
    [[3.0, 1.0]]
    """
    open_hours = float(demand.is_open.sum())
    serving, most = needed(demand), float((demand.is_open.sum(axis=1) * demand.most).sum())
    if booth_hours < max(open_hours, serving):
        raise BorderError(
            "border_roster_too_few",
            found=booth_hours / WEEKLY_HOURS,
            opened=ceil(open_hours / WEEKLY_HOURS),
            serving=ceil(max(open_hours, serving) / WEEKLY_HOURS),
        )
    problem = Program(demand, min(booth_hours, most), shifts)
    relaxed = problem.solve(whole=False, seconds=seconds, gap=gap)
    if relaxed is None:
        raise BorderError("border_roster_too_few_in_shifts", found=booth_hours / WEEKLY_HOURS)
    solved = problem.solve(whole=True, seconds=seconds, gap=gap)
    if solved is None:
        raise BorderError("border_roster_not_found", seconds=seconds)
    booths, starts, bound = solved
    return Roster(booths, starts, loss(demand, booths), max(bound, relaxed[2]))


def needed(demand: Demand) -> float:
    """Return the booth-hours a week without which lines never end in one of the lane classes."""
    each = demand.work.sum(axis=2).mean(axis=1) - (~demand.is_open).sum(axis=1)
    return float(np.maximum(demand.is_open.sum(axis=1), each).sum())


class Program:
    """The linear program of `planned`: its matrices, made once for part booths and whole ones."""

    def __init__(self, demand: Demand, booth_hours: float, shifts: bool) -> None:
        classes, weeks, hours = demand.work.shape
        self.classes, self.hours, self.shifts = classes, hours, shifts
        booths, lines = classes * hours, classes * weeks * hours
        self.starts = hours if shifts else 0
        size = booths + self.starts + lines
        line = booths + self.starts + np.arange(lines).reshape(classes, weeks * hours)
        following = np.roll(line, -1, axis=1)
        row = np.arange(lines)
        open_now = np.tile(np.arange(booths).reshape(classes, 1, hours), (1, weeks, 1)).ravel()
        flow = sparse.csr_array(
            (
                np.concatenate([np.ones(lines), -np.ones(lines), np.ones(lines)]),
                (np.tile(row, 3), np.concatenate([following.ravel(), line.ravel(), open_now])),
            ),
            shape=(lines, size),
        )
        stays = np.where(demand.is_open, 0.0, 1.0)[
            :, None, :
        ]  # the booth that stays until the line is through
        self.constraints = [
            LinearConstraint(flow, (demand.work - stays).ravel(), np.inf),
            self.hours_of_officers(size, booth_hours),
        ]
        if shifts:
            self.constraints.append(self.on_duty(size))
        low = np.concatenate([demand.is_open.ravel().astype(np.float64), np.zeros(self.starts + lines)])
        high = np.concatenate(
            [(demand.is_open * demand.most[:, None]).ravel(), np.full(self.starts + lines, np.inf)]
        )
        self.bounds = Bounds(low, high)
        self.cost = np.concatenate(
            [np.zeros(booths + self.starts), np.repeat(demand.weight.ravel(), hours) / weeks]
        )
        self.whole = np.concatenate([np.ones(booths + self.starts), np.zeros(lines)])

    def hours_of_officers(self, size: int, booth_hours: float) -> LinearConstraint:
        """Return that no more hours are worked than there are."""
        first, count, each = (
            (self.classes * self.hours, self.starts, SHIFT_HOURS)
            if self.shifts
            else (0, self.classes * self.hours, 1)
        )
        row = sparse.csr_array(
            (np.full(count, float(each)), (np.zeros(count, dtype=int), first + np.arange(count))),
            shape=(1, size),
        )
        return LinearConstraint(row, -np.inf, booth_hours)

    def on_duty(self, size: int) -> LinearConstraint:
        """Return that booths open in an hour have officers whose shift began in the last hours."""
        hours, at = np.arange(self.hours), self.classes * self.hours
        booths = np.concatenate([k * self.hours + hours for k in range(self.classes)])
        began = np.concatenate(
            [at + (hours - back) % self.hours for back in range(min(SHIFT_HOURS, self.hours))]
        )
        values = np.concatenate([np.ones(len(booths)), -np.ones(len(began))])
        rows = np.concatenate([np.tile(hours, self.classes), np.tile(hours, min(SHIFT_HOURS, self.hours))])
        duty = sparse.csr_array((values, (rows, np.concatenate([booths, began]))), shape=(self.hours, size))
        return LinearConstraint(duty, -np.inf, 0.0)

    def solve(self, whole: bool, seconds: float, gap: float) -> tuple[Floats, Floats | None, float] | None:
        """Return booths, starts of shifts and the bound; None if there is no such roster, or none was found in time."""
        found = milp(
            self.cost,
            constraints=self.constraints,
            bounds=self.bounds,
            integrality=self.whole * whole,
            options={"time_limit": seconds, "mip_rel_gap": gap},
        )
        if found.x is None:
            return None
        count = self.classes * self.hours
        values = np.round(found.x) if whole else found.x
        booths = values[:count].reshape(self.classes, self.hours)
        starts = values[count : count + self.starts] if self.shifts else None
        return booths, starts, float(found.mip_dual_bound if whole else found.fun)


def loss(demand: Demand, booths: Floats) -> float:
    """Return the weighted hours in line in a week under booths, the last week meeting the first.

    Parameters
    ----------
    booths : array, shape (K, H)
        The booths open; where closed one stays until the line is through.

    Raises
    ------
    BorderError
        If the line never ends.
    """
    classes, weeks, hours = demand.work.shape
    served = np.where(demand.is_open, booths, 1.0)
    line: Floats = np.zeros(classes)
    for around in range(3):
        began, total = line, 0.0
        for week in range(weeks):
            for hour in range(hours):
                total += float(demand.weight[:, week] @ line)
                line = np.maximum(line + demand.work[:, week, hour] - served[:, hour], 0.0)
        if around > 0 and np.allclose(began, line, atol=1e-9):
            return total / int(weeks)
    raise BorderError("border_roster_never_ends")
