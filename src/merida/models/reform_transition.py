"""Done by 2016? When the states begin the accusatory procedure, as known at a date (SCIENCE rule 14).

The constitution of 2008 gave the states until June 2016. Three readings of how states begin, each fitted to the first
years known at the origin, stand in a mixture with stated weights, drawn for all states together:

    constant        hazard h a year; h ~ Gamma(d + 1/2, exposure) after d first operations in so many state-years
    accelerating    hazard h exp(g (t - origin)), g not negative; h and g by their likelihood on a grid
    deadline        a share q of states complies, and begins in each year up to the deadline with chance 1 / years left

The record holds the first operation anywhere in a state, not completion: a state that has begun is not done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from merida.distributions import Floats
from merida.draws import stream
from merida.facts import Facts
from merida.one_line import OneLine

LAW, DEADLINE = 2007, 2016  # the first year of any state, and the last that the constitution allowed
READINGS = ("constant", "accelerating", "deadline")
COMPLIANCE = (0.7, 1.0)  # ends between which the share of states that comply is taken to lie
STEEPEST, LOWEST, HIGHEST = 1.0, 0.005, 2.0  # ends of the grid of g, and of h


@dataclass(frozen=True, repr=False)
class Transition(OneLine):
    """States that have not begun at the origin, and when they do.

    Attributes
    ----------
    begun : int
        States that operate at the origin.
    waiting : tuple of str
        Those that do not.
    years : tuple of int
        From the year after the origin to the last asked for.
    operating : array of bool, shape (draws, waiting, years)
        Whether a state has begun by the end of a year.
    """

    begun: int
    waiting: tuple[str, ...]
    years: tuple[int, ...]
    operating: npt.NDArray[np.bool_]

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """States that operate by the end of each year, shape (draws, years)."""
        return np.asarray(self.begun + self.operating.sum(axis=1), dtype=np.int64)

    @property
    def chances(self) -> Floats:
        """Chance that a waiting state operates by the end of each year, shape (waiting, years)."""
        return np.asarray(self.operating.mean(axis=0), dtype=np.float64)


def first_years(facts: Facts) -> dict[str, int]:
    """Return the year in which each state first operated, as far as it was known."""
    return dict(facts.sql("select state, first_operation_year from judicial_reform order by state").rows())


def transition(
    known: Mapping[str, int],
    states: tuple[str, ...],
    origin: int,
    weights: Mapping[str, float],
    *,
    last: int = DEADLINE,
    draws: int = 2000,
    seed: int = 0,
) -> Transition:
    """Return when the states that have not begun by the end of a year do so.

    Parameters
    ----------
    known : mapping of str to int
        First year of operation of states; years after `origin` are not used.
    states : tuple of str
        All states.
    origin : int
        The last year known.
    weights : mapping of str to float
        Weight of each of `READINGS`; they sum to one.
    last : int
        The last year asked for.

    Examples
    --------
    >>> found = transition({"01": 2010}, ("01", "02"), 2012, dict.fromkeys(READINGS, 1 / 3), draws=100)
    >>> found.begun, found.waiting, found.years
    (1, ('02',), (2013, 2014, 2015, 2016))
    """
    random = stream(seed, "justice.transition")
    begun = {state: year for state, year in known.items() if year <= origin}
    waiting = tuple(state for state in states if state not in begun)
    years = np.arange(origin + 1, last + 1)
    past = np.arange(LAW, origin + 1)
    starts = np.array([sum(year == then for year in begun.values()) for then in past])
    at_risk = len(states) - np.concatenate([[0], np.cumsum(starts)[:-1]])
    hazards = {
        "constant": constant(starts, at_risk, len(years), draws, random),
        "accelerating": accelerating(starts, at_risk, len(years), draws, random),
    }
    picked = random.choice(len(READINGS), size=draws, p=[weights[name] for name in READINGS])
    chance = np.empty((draws, len(waiting), len(years)))
    for number, name in enumerate(READINGS[:2]):
        here = picked == number
        chance[here] = -np.expm1(-hazards[name][here])[:, None, :]
    here = picked == READINGS.index("deadline")
    complies = random.random((draws, len(waiting))) < random.uniform(*COMPLIANCE, size=(draws, 1))
    left = np.where(years <= DEADLINE, 1.0 / np.maximum(DEADLINE - years + 1, 1), 0.0)
    chance[here] = (complies[:, :, None] * left)[here]
    operating = np.logical_or.accumulate(random.random(chance.shape) < chance, axis=2)
    return Transition(len(begun), waiting, tuple(int(year) for year in years), operating)


def constant(
    starts: npt.NDArray[np.int64],
    at_risk: npt.NDArray[np.int64],
    ahead: int,
    draws: int,
    random: np.random.Generator,
) -> Floats:
    """Return draws of a constant hazard, shape (draws, ahead)."""
    hazard = random.gamma(starts.sum() + 0.5, 1 / at_risk.sum(), size=draws)
    return np.repeat(hazard[:, None], ahead, axis=1)


def accelerating(
    starts: npt.NDArray[np.int64],
    at_risk: npt.NDArray[np.int64],
    ahead: int,
    draws: int,
    random: np.random.Generator,
) -> Floats:
    """Return draws of a hazard that grows from year to year, shape (draws, ahead)."""
    grows, level = np.meshgrid(np.linspace(0, STEEPEST, 41), np.geomspace(LOWEST, HIGHEST, 81), indexing="ij")
    back = np.arange(len(starts)) - (len(starts) - 1)
    then = level[..., None] * np.exp(grows[..., None] * back)
    fit = (starts * np.log(-np.expm1(-then)) - (at_risk - starts) * then).sum(axis=-1).ravel()
    weight = np.exp(fit - fit.max())
    at = random.choice(len(weight), size=draws, p=weight / weight.sum())
    return level.ravel()[at, None] * np.exp(grows.ravel()[at, None] * np.arange(1, ahead + 1))
