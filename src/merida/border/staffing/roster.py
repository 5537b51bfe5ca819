"""The roster of officers over a week that loses the fewest hours in line, as a linear program with its bound.

With work counted in booth-hours (a vehicle brings 1 / service of them), in week s of a sample, lane class k, hour h:

    line[k,s,h+1] >= u booths softplus((line[k,s,h] + work[k,s,h] - booths[k,h]) / (u booths))
    1 <= booths[k,h] <= most[k] where open; where closed one booth stays until whoever is in line is through
    sum of booths <= booth_hours;   with shifts: sum over k of booths[.,h] <= shifts that began in the last hours
    minimise  sum of weight[k,s] line[k,s,h] / weeks

u hours of work stand in line before all booths are busy, for vehicles come unevenly (0: a plain fluid, the larger of
what is left and nothing). That is jointly convex in line and booths, so its tangents, which are linear in both, bound
it from below: two of them make the plain fluid, `BENDS` more follow the bend. The line is carried from hour to hour,
over midnight and from week to week (the last week meets the first). Relaxed to
part booths this is a linear program, whose optimum no roster of whole booths can beat: the bound. Whole booths are then
looked for (HiGHS through `scipy.optimize.milp`) next above or below the part ones; in shifts, among all.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.special import expit

from merida.distributions import Floats
from merida.errors import BorderError

WEEKLY_HOURS = 40  # at a booth of one officer: five shifts of eight hours, as in border_invest
SHIFT_HOURS = 8
SECONDS, GAP = 10.0, 0.002
FEW = 100  # booths and starts of shifts, up to which every whole number is tried
LAPS = 60  # of the sample, until the line that is left at its end is that at its start
BENDS = (-4.0, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 4.0)  # where the bend is touched, in hours of work over u
BENDS_WHOLE = (-2.0, 0.0, 2.0)  # the same where whole booths are looked for
Flags = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]


class Demand(NamedTuple):
    """What K lane classes are asked to serve in S weeks of H hours."""

    work: Floats  # (K, S, H) booth-hours that come in the hour
    is_open: Flags  # (K, H)
    most: Floats  # (K,) booths
    weight: Floats  # (K, S) what an hour of one booth-hour in line is worth: vehicles, persons or dollars
    uneven: Floats  # (K, S) hours of work that stand in line before all booths are busy; 0 for a plain fluid


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
    >>> fewest_officers(Demand(work, is_open, np.array([4.0]), np.ones((1, 1)), np.zeros((1, 1))))
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
    >>> planned(Demand(work, is_open, np.array([3.0]), np.ones((1, 1)), np.zeros((1, 1))), 4).booths.tolist()
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
    relaxed = problem.relaxed()
    if relaxed is None:
        raise BorderError("border_roster_too_few_in_shifts", found=booth_hours / WEEKLY_HOURS)
    part, bound = relaxed
    near = None if shifts or problem.integer.sum() <= FEW else part
    coarse = problem if near is None else Program(demand, min(booth_hours, most), shifts, BENDS_WHOLE)
    whole = coarse.whole(near, seconds, gap)
    found: list[tuple[Floats, Floats | None]] = [] if near is None else [(rounded(near), None)]
    if whole is not None:
        found.append(whole[:2])
        bound = max(bound, whole[2]) if near is None else bound
    losses = [loss(demand, booths) for booths, _ in found]
    if not np.isfinite(losses).any():
        raise BorderError("border_roster_not_found", seconds=seconds)
    best = int(np.argmin(losses))
    return Roster(*found[best], losses[best], bound)


def rounded(part: Floats) -> Floats:
    """Return part booths made whole so that no running sum of them is off by more than a half.

    Examples
    --------
    >>> rounded(np.array([[1.5, 1.5, 1.0]])).tolist()
    [[2.0, 1.0, 1.0]]
    """
    sums = np.floor(np.cumsum(part.ravel()) + 0.5 + 1e-9)
    sums[-1] = np.floor(part.sum() + 1e-6)
    return np.diff(sums, prepend=0.0).reshape(part.shape)


def needed(demand: Demand) -> float:
    """Return the booth-hours a week without which lines never end in one of the lane classes."""
    each = demand.work.sum(axis=2).mean(axis=1) - (~demand.is_open).sum(axis=1)
    return float(np.maximum(demand.is_open.sum(axis=1), each).sum())


class Program:
    """The linear program of `planned`: its matrices, made once for part booths and whole ones."""

    def __init__(
        self, demand: Demand, booth_hours: float, shifts: bool, bends: tuple[float, ...] = BENDS
    ) -> None:
        classes, weeks, hours = demand.work.shape
        self.classes, self.hours, self.shifts = classes, hours, shifts
        booths, lines = classes * hours, classes * weeks * hours
        self.starts = hours if shifts else 0
        size = booths + self.starts + lines
        line = booths + self.starts + np.arange(lines).reshape(classes, weeks * hours)
        following = np.roll(line, -1, axis=1)
        open_now = np.tile(np.arange(booths).reshape(classes, 1, hours), (1, weeks, 1)).ravel()
        flat = (size, following.ravel(), line.ravel(), open_now)
        self.constraints = [
            self.hours_of_officers(size, booth_hours),
            self.left_over(demand, 1.0, 0.0, *flat),
        ]
        if demand.uneven.any():
            for bend in bends:
                slope = float(expit(bend))
                self.constraints.append(
                    self.left_over(demand, slope, float(np.logaddexp(0.0, bend)) - slope * bend, *flat)
                )
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
        self.integer = np.concatenate([np.ones(booths + self.starts), np.zeros(lines)])

    @staticmethod
    def left_over(
        demand: Demand, slope: float, apart: float, size: int, following: Whole, line: Whole, open_now: Whole
    ) -> LinearConstraint:
        """Return a tangent of what is left in line after an hour: slope (line + work - booths) + apart u booths."""
        hours = demand.work.shape[2]
        of_booths = slope - apart * np.repeat(demand.uneven.ravel(), hours)
        rows = np.arange(len(line))
        flow = sparse.csr_array(
            (
                np.concatenate([np.ones(len(line)), np.full(len(line), -slope), of_booths]),
                (np.tile(rows, 3), np.concatenate([following, line, open_now])),
            ),
            shape=(len(line), size),
        )
        # Where the lane is closed one booth stays until the line is through.
        stays = np.repeat(~demand.is_open[:, None, :], demand.work.shape[1], axis=1).ravel()
        return LinearConstraint(flow, slope * demand.work.ravel() - stays * of_booths, np.inf)

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

    def relaxed(self) -> tuple[Floats, float] | None:
        """Return the best booths where parts of them count, and what they lose: the bound. None if there are none."""
        rows = [one.A if np.isfinite(one.ub).any() else -one.A for one in self.constraints]
        ends = [one.ub if np.isfinite(one.ub).any() else -one.lb for one in self.constraints]
        found = linprog(
            self.cost,
            A_ub=sparse.vstack([sparse.csr_array(row) for row in rows]),
            b_ub=np.concatenate(
                [np.broadcast_to(end, row.shape[0]) for end, row in zip(ends, rows, strict=True)]
            ),
            bounds=np.stack([self.bounds.lb, self.bounds.ub], axis=1),
            method="highs-ipm",
        )
        return None if found.x is None else (self.booths_of(found.x), float(found.fun))

    def booths_of(self, values: Floats) -> Floats:
        """Return the booths among the values of a solution, shape (K, H)."""
        return np.asarray(values[: self.classes * self.hours].reshape(self.classes, self.hours))

    def whole(
        self, near: Floats | None, seconds: float, gap: float
    ) -> tuple[Floats, Floats | None, float] | None:
        """Return whole booths, starts of shifts and the bound, next above or below `near` where it is given, or None."""
        bounds = self.bounds
        if near is not None:
            low, high = bounds.lb.copy(), bounds.ub.copy()
            count = near.size
            low[:count] = np.maximum(low[:count], np.floor(near.ravel() + 1e-6))
            high[:count] = np.minimum(high[:count], np.ceil(near.ravel() - 1e-6))
            bounds = Bounds(low, np.maximum(low, high))
        found = milp(
            self.cost,
            constraints=self.constraints,
            bounds=bounds,
            integrality=self.integer,
            options={"time_limit": seconds, "mip_rel_gap": gap},
        )
        if found.x is None:
            return None
        values = np.round(found.x)
        count = self.classes * self.hours
        starts = values[count : count + self.starts] if self.starts else None
        return self.booths_of(values), starts, float(found.mip_dual_bound)


def loss(demand: Demand, booths: Floats) -> float:
    """Return the weighted hours in line in a week under booths; infinite if the line never ends.

    The line is carried from week to week, and from the last to the first.

    Parameters
    ----------
    booths : array, shape (K, H)
        The booths open; where closed one stays until the line is through.
    """
    classes, weeks, hours = demand.work.shape
    served = np.where(demand.is_open, booths, 1.0)
    line: Floats = np.zeros(classes)
    for around in range(LAPS):
        began, total = line, 0.0
        for week in range(weeks):
            spread = np.maximum(demand.uneven[:, week], 1e-9)
            for hour in range(hours):
                total += float(demand.weight[:, week] @ line)
                bend = spread * served[:, hour]
                line = bend * np.logaddexp(0.0, (line + demand.work[:, week, hour] - served[:, hour]) / bend)
        if around > 0 and np.allclose(began, line, atol=1e-6):
            return total / int(weeks)
    return np.inf
