"""What is simulated at one port of entry: classes of lanes, with their arrivals, booths and service by the hour.

Everything is checked here, once. The engine and the fluid approximation assume that a scenario is valid.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from merida.errors import BorderError
from merida.one_line import OneLine

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def hourly(name: str, values: ArrayLike) -> Floats:
    """Return numbers by the hour as an array; refuse what is not finite or is negative.

    Parameters
    ----------
    name : str
        What the numbers are, for the message.
    values : array_like, shape (hours,)
        One number for each hour; a single number is one hour.

    Raises
    ------
    BorderError
        If they are no numbers, not one-dimensional, not finite, or negative; the message names the hour.
    """
    try:
        array = np.atleast_1d(np.asarray(values, dtype=np.float64))
    except (TypeError, ValueError) as error:
        raise BorderError("border_not_numbers", what=name, found=values) from error
    if array.ndim != 1 or not array.size:
        raise BorderError("border_not_hourly", what=name, shape=array.shape)
    wrong = np.flatnonzero(~np.isfinite(array) | (array < 0))
    if wrong.size:
        raise BorderError("border_not_a_rate", what=name, hour=int(wrong[0]), found=float(array[wrong[0]]))
    return array


def whole(name: str, values: ArrayLike) -> Integers:
    """Return counts by the hour as whole numbers; refuse a fraction of a booth, and whatever `hourly` refuses."""
    array = hourly(name, values)
    wrong = np.flatnonzero(array != np.round(array))
    if wrong.size:
        raise BorderError("border_not_whole", what=name, hour=int(wrong[0]), found=float(array[wrong[0]]))
    return array.astype(np.int64)


def number(name: str, value: float, low: float, high: float = math.inf) -> None:
    """Refuse what is no number, is not finite, or lies outside its range.

    Parameters
    ----------
    name : str
        What the number is, for the message.
    value : float
        The number; whole numbers may have any size.
    low, high : float
        The ends of its range, both allowed.

    Raises
    ------
    BorderError
        If it is refused; the message says what was found and what is allowed.
    """
    try:
        fits = low <= value <= min(high, sys.float_info.max)
    except TypeError:
        fits = False
    if not fits:
        key = "border_out_of_range" if math.isfinite(high) else "border_too_small"
        raise BorderError(key, what=name, found=f"{value!s:.40}", low=low, high=high)


@dataclass(frozen=True, eq=False, repr=False)
class LaneClass(OneLine):
    """One class of lanes with a queue and booths of its own: general, ready, sentri, fast.

    Parameters
    ----------
    name : str
        The class.
    arrivals_per_hour : array, shape (hours,)
        The mean number of arrivals in each hour. They are a Poisson process whose rate is constant within the hour.
    booths_open : array of int, shape (hours,)
        The booths open in each hour. A booth that closes finishes the vehicle that it has begun.
    service_minutes : float
        The mean time at the booth, minutes.
    service_cv : float
        The coefficient of variation of that time (gamma distribution; 1 is the exponential, 0 a constant).
    referral_share : float
        The share of vehicles that is referred to secondary inspection.
    initial_queue : int
        The vehicles that wait when the simulation begins.

    Raises
    ------
    BorderError
        If a field is not as it must be; the message names it.

    Examples
    --------
    >>> int(LaneClass("general", [600.0] * 24, [10] * 24, 0.75).booths_open.sum())
    240
    """

    name: str
    arrivals_per_hour: Floats
    booths_open: Integers
    service_minutes: float
    service_cv: float = 1.0
    referral_share: float = 0.0
    initial_queue: int = 0

    def __post_init__(self) -> None:
        """Check every field."""
        object.__setattr__(
            self, "arrivals_per_hour", hourly(f"{self.name}.arrivals_per_hour", self.arrivals_per_hour)
        )
        object.__setattr__(self, "booths_open", whole(f"{self.name}.booths_open", self.booths_open))
        if self.arrivals_per_hour.shape != self.booths_open.shape:
            raise BorderError(
                "border_hours_differ",
                what=self.name,
                arrivals=len(self.arrivals_per_hour),
                booths=len(self.booths_open),
            )
        number(f"{self.name}.service_minutes", self.service_minutes, 1e-6)
        number(f"{self.name}.service_cv", self.service_cv, 0)
        number(f"{self.name}.referral_share", self.referral_share, 0, 1)
        number(f"{self.name}.initial_queue", self.initial_queue, 0)
        whole(f"{self.name}.initial_queue", [self.initial_queue])


@dataclass(frozen=True, eq=False)
class Secondary:
    """Secondary inspection, which the classes share; its queue holds up no booth.

    Parameters
    ----------
    inspectors : array of int, shape (hours,)
        The inspectors at work in each hour.
    service_minutes : float
        The mean time of an inspection, minutes.
    service_cv : float
        The coefficient of variation of that time.

    Raises
    ------
    BorderError
        If a field is not as it must be; the message names it.

    Examples
    --------
    >>> Secondary([4] * 24, 20.0).service_cv
    1.0
    """

    inspectors: Integers
    service_minutes: float
    service_cv: float = 1.0

    def __post_init__(self) -> None:
        """Check every field."""
        object.__setattr__(self, "inspectors", whole("secondary.inspectors", self.inspectors))
        number("secondary.service_minutes", self.service_minutes, 1e-6)
        number("secondary.service_cv", self.service_cv, 0)


@dataclass(frozen=True)
class Baulking:
    """Who turns away: of those who see the wait w, the share ``1 - exp(-max(0, w - tolerance) / scale)``.

    Parameters
    ----------
    tolerance_minutes : float
        The wait that everybody accepts, minutes.
    scale_minutes : float
        The mean wait beyond it that a traveller accepts, minutes.

    Examples
    --------
    >>> Baulking(tolerance_minutes=60.0, scale_minutes=30.0).scale_minutes
    30.0
    """

    tolerance_minutes: float
    scale_minutes: float

    def __post_init__(self) -> None:
        """Check every field."""
        number("baulking.tolerance_minutes", self.tolerance_minutes, 0)
        number("baulking.scale_minutes", self.scale_minutes, 1e-6)


@dataclass(frozen=True)
class Pressure:
    """Service that speeds up under pressure: its time falls by ``saving * min(1, w / wait)`` at the wait w.

    Parameters
    ----------
    saving_share : float
        The share of the service time that can be saved, from 0 to 0.95.
    wait_minutes : float
        The wait from which on all of it is saved, minutes.

    Examples
    --------
    >>> Pressure(saving_share=0.2, wait_minutes=60.0).saving_share
    0.2
    """

    saving_share: float
    wait_minutes: float

    def __post_init__(self) -> None:
        """Check every field."""
        number("pressure.saving_share", self.saving_share, 0, 0.95)
        number("pressure.wait_minutes", self.wait_minutes, 1e-6)


@dataclass(frozen=True, eq=False, repr=False)
class Scenario(OneLine):
    """A port of entry over some hours.

    Parameters
    ----------
    classes : tuple of LaneClass
        The classes of lanes, at least one, all over the same hours.
    secondary : Secondary or None
        Secondary inspection; None where nobody is referred.
    baulking, pressure : Baulking, Pressure or None
        Who turns away, and how service speeds up; None where neither happens.

    Raises
    ------
    BorderError
        If a field is not as it must be, or if a class has more arrivals than its booths can ever serve and nobody
        may turn away; the message says how many booths would suffice.

    Examples
    --------
    >>> Scenario((LaneClass("general", [600.0] * 24, [10] * 24, 0.75),)).hours
    24
    """

    classes: tuple[LaneClass, ...]
    secondary: Secondary | None = None
    baulking: Baulking | None = None
    pressure: Pressure | None = None
    hours: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        """Check that the parts fit together."""
        if not self.classes:
            raise BorderError("border_no_class")
        hours = len(self.classes[0].booths_open)
        object.__setattr__(self, "hours", hours)
        for lane in self.classes:
            if len(lane.booths_open) != hours:
                raise BorderError(
                    "border_hours_differ", what=lane.name, arrivals=hours, booths=len(lane.booths_open)
                )
            self._check_capacity(lane)
        if self.secondary is not None:
            self._check_secondary(self.secondary)

    def _check_capacity(self, lane: LaneClass) -> None:
        fastest = lane.service_minutes * (1 - (self.pressure.saving_share if self.pressure else 0))
        # arrivals may turn away where baulking is allowed; who already waits does not
        arrivals = 0.0 if self.baulking is not None else float(lane.arrivals_per_hour.sum())
        refuse_overload(lane.name, arrivals + lane.initial_queue, fastest, lane.booths_open)

    def _check_secondary(self, secondary: Secondary) -> None:
        if len(secondary.inspectors) != self.hours:
            raise BorderError(
                "border_hours_differ", what="secondary", arrivals=self.hours, booths=len(secondary.inspectors)
            )
        referred = sum(
            lane.referral_share * (float(lane.arrivals_per_hour.sum()) + lane.initial_queue)
            for lane in self.classes
        )
        # with baulking the number referred is not known beforehand, but somebody must be there to inspect
        if self.baulking is None or not secondary.inspectors.any():
            refuse_overload("secondary", referred, secondary.service_minutes, secondary.inspectors)


def refuse_overload(what: str, wanted: float, minutes: float, open_by_hour: Integers) -> None:
    """Refuse more vehicles than can ever be served; the message says how many booths would suffice.

    Parameters
    ----------
    what : str
        The class, or ``secondary``.
    wanted : float
        The vehicles that want to be served over all hours.
    minutes : float
        The service time of each, minutes.
    open_by_hour : array of int, shape (hours,)
        The booths open in each hour.
    """
    open_minutes = 60.0 * float(open_by_hour.sum())
    if wanted * minutes <= open_minutes:
        return
    open_hours = int((open_by_hour > 0).sum()) or len(open_by_hour)
    raise BorderError(
        "border_overloaded",
        what=what,
        arrivals=wanted,
        served=open_minutes / minutes,
        booths=math.ceil(wanted * minutes / 60 / open_hours),
        hours=open_hours,
    )
