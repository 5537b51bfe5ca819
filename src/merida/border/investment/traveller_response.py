"""How travellers answer when waits change: another hour, another crossing, no trip.

Each of the three answers stands under a named prior of ``investment.toml`` and is drawn:

- *Another hour.* A share of those who arrive in an hour could come up to three hours earlier or later. They are paired
  with the like of those other hours. Within a pair the shares of today move by an incremental logit in the change of
  the wait (Ben-Akiva & Lerman, 1985; pairs as in Chu, 1989). Trips are conserved.
- *Another crossing* of the same area, for the same lane class, in the same way. Waits at the others are held as they
  are; what the diverted relieve there is counted at the margin (`weekly_waits.slopes`).
- *No trip.* Trips follow ``exp(-s change)``. The survey of San Diego of 2005 gives the size: 8 million trips not made
  against 60 million made, at a mean delay of 45 minutes.

No change gives no answer, by construction. Answers and waits settle at a fixed point: arrivals follow from the waits that
they make. Freight answers less than travellers do: its `s` is a drawn share of theirs.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from merida.border.crossings.weekly_waits import Integers, Waits
from merida.border.delay.value_of_time import published
from merida.border.priors import PRIORS
from merida.border.queueing.mean_wait import DAY_STARTS
from merida.distributions import Floats
from merida.facts import Facts
from merida.priors import Priors

REACH = 3  # hours, either way
TOLERANCE = 0.05  # of the largest change of a wait in the week
LEAST_MINUTES = 0.05  # below which a change of wait is nobody's reason
EVALUATIONS = 12
LARGEST = 0.4  # change of the log of trips, beyond which no survey speaks
DAMPING, DEPTH = 0.5, 3
LOST, MADE, DELAY = "B032", "B036", "B031"  # San Diego, 2005: trips not made, trips made, minutes


class Response(NamedTuple):
    """How strongly a mode's travellers answer to waits; D draws."""

    flexible: Floats  # (D,), share that could come at another hour
    hour_logit: Floats  # (D,), change of the log odds between two hours for a minute
    mobile: Floats  # (D,), share that could take another crossing
    crossing_logit: Floats  # (D,), for a minute
    lost: Floats  # (D,), fall of the log of trips for a minute


class Settled(NamedTuple):
    """Arrivals and the waits that they make."""

    arrivals: Floats  # (D, 168)
    waits: Waits
    diverted: Floats  # (D, 168), come from other crossings, in the hour
    residual: Floats  # (D,), largest change of a wait that is left, over the largest change of a wait


def response(facts: Facts, mode: str, draws: int, seed: int = 0, priors: Priors = PRIORS) -> Response:
    """Return draws of how a mode's travellers answer to waits.

    Examples
    --------
    >>> response(Facts(), "trucks", draws=3).flexible.shape
    (3,)
    """

    def of(name: str) -> Floats:
        return priors.drawn(f"border.elastic.{name}", draws, seed)

    lost, made, delay = (published(facts, name) for name in (LOST, MADE, DELAY))
    if lost and made and delay:
        per_minute = math.log((made + lost) / made) / delay * of("lost_scale")
    else:
        per_minute = of("lost_per_minute")
    freight = of("freight_share") if mode == "trucks" else np.ones(draws)
    return Response(
        of("flexible") * freight,
        of("hour_logit"),
        of("mobile") * freight,
        of("crossing_logit"),
        per_minute * freight,
    )


def shifted(arrivals: Floats, change: Floats, flexible: Floats, logit: Floats) -> Floats:
    """Return arrivals after some have moved to hours whose wait rose less.

    Parameters
    ----------
    arrivals, change : array, shape (D, hours)
        The arrivals over a week that repeats, and how the wait of each hour has changed, minutes.
    flexible, logit : array, shape (D,)
        As in `Response`.

    Returns
    -------
    array, shape (D, hours)
        Their sum over the week is that of `arrivals`; an hour without arrivals attracts none.
    """
    moved = arrivals.copy()
    pool = flexible[:, None] * arrivals / (2 * REACH)
    for hours in range(1, REACH + 1):
        other, there = np.roll(pool, -hours, axis=1), np.roll(change, -hours, axis=1)
        leaves = pool - paired(pool, other, logit[:, None] * (change - there))
        moved += np.roll(leaves, hours, axis=1) - leaves
    return moved


def paired(here: Floats, there: Floats, worse: Floats) -> Floats:
    """Return who is here after the log odds of here against there have fallen by `worse`: an incremental logit."""
    both = here + there
    share = here / np.maximum(here + there * np.exp(np.clip(worse, -30, 30)), 1e-12)
    return np.where(both > 0, both * share, 0.0)


def answer(arrivals: Floats, change: Floats, elsewhere: Floats, how: Response) -> tuple[Floats, Floats]:
    """Return who arrives after waits have changed, and how many of them come from other crossings.

    Parameters
    ----------
    arrivals, change, elsewhere : array, shape (D, 168)
        The arrivals before; the change of the wait, minutes; and the arrivals in the same class at the other crossings of
        the area.
    how : Response
        How strongly they answer.

    Examples
    --------
    >>> nobody = np.zeros((1, 168))
    >>> how = Response(*(np.full(1, 0.1) for _ in Response._fields))
    >>> bool((answer(nobody + 10, nobody, nobody, how)[0] == 10).all())
    True
    """
    moved = shifted(arrivals, change, how.flexible, how.hour_logit)
    mobile = how.mobile[:, None]
    stays = paired(mobile * moved, mobile * elsewhere, how.crossing_logit[:, None] * change)
    diverted = stays - mobile * moved
    made = np.exp(np.clip(-how.lost[:, None] * change, -LARGEST, LARGEST))
    return (moved + diverted) * made, diverted * made


def settle(
    arrivals: Floats,
    before: Floats,
    elsewhere: Floats,
    how: Response,
    waits_of: Callable[[Floats, Integers], Waits],
    first: Waits,
) -> Settled:
    """Return the arrivals and waits that agree with each other after a change.

    The fixed point is damped and accelerated day by day and draw by draw (Anderson, 1965, of depth three, with a
    ridge). Waits are kept between those before the change and those after it with nobody answering, give or take a
    quarter: an answer undoes part of a change, no more. Draws that have settled are left alone. Where one does not
    settle in `EVALUATIONS`, its best try stands and its residual tells.

    Parameters
    ----------
    arrivals, before : array, shape (D, 168)
        The arrivals that answer, and the waits that they are used to, minutes.
    elsewhere : array, shape (D, 168)
        As in `answer`.
    how : Response
        How strongly they answer.
    waits_of : function of arrivals, shape (n, 168), and of the draws that they are of, shape (n,)
        It gives the waits after the change.
    first : Waits
        The waits of `arrivals` after the change.
    """
    largest = np.abs(first.mean - before).max(axis=1)
    slack = 0.25 * largest[:, None]
    low = np.maximum(np.minimum(before, first.mean) - slack, 0.0)
    high = np.maximum(before, first.mean) + slack
    nobody = np.zeros_like(arrivals)
    best = Settled(
        arrivals.copy(), Waits(*(field.copy() for field in first)), nobody, np.zeros(len(arrivals))
    )
    open_ = np.flatnonzero(largest > LEAST_MINUTES)
    best.residual[open_] = np.inf
    tried = first.mean.copy()
    tries: list[Floats] = []
    offs: list[Floats] = []
    for _ in range(EVALUATIONS):
        if not open_.size:
            break
        part = Response(*(field[open_] for field in how))
        came, diverted = answer(arrivals[open_], (tried - before)[open_], elsewhere[open_], part)
        new_waits = waits_of(came, open_)
        off = np.zeros_like(tried)
        off[open_] = new_waits.mean - tried[open_]
        residual = np.abs(off[open_]).max(axis=1) / largest[open_]
        wins = residual < best.residual[open_]
        rows = open_[wins]
        best.arrivals[rows], best.diverted[rows], best.residual[rows] = (
            came[wins],
            diverted[wins],
            residual[wins],
        )
        best.waits.mean[rows], best.waits.spread[rows] = new_waits.mean[wins], new_waits.spread[wins]
        open_ = open_[best.residual[open_] > TOLERANCE]
        by_day, off = days(tried), days(off)
        step = DAMPING * off - accelerated(by_day, off, tries[-DEPTH:], offs[-DEPTH:])
        tries.append(by_day)
        offs.append(off)
        tried = np.clip(tried + np.roll(step.reshape(tried.shape), DAY_STARTS, axis=1), low, high)
    return best


def days(week: Floats) -> Floats:
    """Return days that begin when queues are shortest, shape (7 D, 24), since the kernel runs each by itself."""
    return np.roll(week, -DAY_STARTS, axis=1).reshape(-1, 24)


def accelerated(tried: Floats, off: Floats, tries: list[Floats], offs: list[Floats]) -> Floats | float:
    """Return what Anderson's acceleration takes off the damped step, from earlier tries; shape (rows, 24)."""
    if not tries:
        return 0.0
    moved = np.stack([tried - earlier for earlier in tries], axis=1)
    turned = np.stack([off - earlier for earlier in offs], axis=1)
    normal = turned @ turned.transpose(0, 2, 1)
    ridge = 1e-8 * np.trace(normal, axis1=1, axis2=2) + 1e-12
    normal += ridge[:, None, None] * np.eye(len(tries))
    weight = np.linalg.solve(normal, turned @ off[:, :, None])
    return np.asarray((weight * (moved + DAMPING * turned)).sum(axis=1))
