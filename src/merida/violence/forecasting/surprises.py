"""Where the forecast was wrong: what it said a year before the record's end, beside what came.

Deaths are those whose municipality is known, by month of occurrence, as the forecast counts them. Where nine in ten
intervals hold what came, as many as should, one outside is no fault by itself; the share outside says whether they do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from merida.facts import Facts
from merida.places.names import place_names
from merida.priors import Priors
from merida.progress import Counted
from merida.statistics import HIGH, LOW
from merida.violence.forecasting.backtest import Vintage, known_at, origins_within
from merida.violence.forecasting.fitting import fitted
from merida.violence.forecasting.forecast import PRIORS
from merida.violence.forecasting.samples import checked
from merida.violence.panel import panel

MONTHS = 12
FARTHEST = 20  # municipalities listed


@dataclass(frozen=True)
class Surprise:
    """What was forecast of a place's twelve months, and what came.

    Attributes
    ----------
    place : str
        ``MX``, a state's two digits, a harmonised municipality's five.
    before : int
        Deaths of the twelve months before the origin, as known then.
    low, median, high, actual : int
        Deaths.
    below : float
        Share of draws below what came, half of those equal to it counted: near 0 or 1 it is a surprise.
    """

    place: str
    name: str
    before: int
    low: int
    median: int
    high: int
    actual: int
    below: float

    @property
    def way(self) -> str:
        """``above``, ``below`` or ``inside`` the 90 % interval."""
        return "above" if self.actual > self.high else "below" if self.actual < self.low else "inside"


@dataclass(frozen=True)
class Surprises:
    """What came beside what was forecast from December of a year.

    Attributes
    ----------
    nation : Surprise
    states : tuple of Surprise
        By how far from the middle of the forecast they lie.
    above, below, municipalities : int
        How many municipalities came above and below their interval, and of how many.
    farthest : tuple of Surprise
        Municipalities outside their interval, those farthest in deaths first.
    """

    origin: int
    vintage: Vintage
    draws: int
    nation: Surprise
    states: tuple[Surprise, ...]
    above: int
    below: int
    municipalities: int
    farthest: tuple[Surprise, ...]


def surprises(
    year: int | None,
    draws: int,
    seed: int = 0,
    vintage: Vintage = "perfect",
    priors: Priors = PRIORS,
    progress: Counted = lambda *_: None,
) -> Surprises:
    """Return what came beside what was forecast.

    Parameters
    ----------
    year : int or None
        The origin is its December; None for the last after which the record holds twelve months.

    Raises
    ------
    ViolenceError
        If the record does not hold the twelve months after it, or three years before it.
    """
    checked(MONTHS, draws)
    facts = Facts()
    origin = origins_within(MONTHS, [] if year is None else [year], vintage)[-1]
    whole = panel(facts)
    known, lead = known_at(facts, whole, origin, vintage, seed)
    counts = fitted(known, lead + MONTHS, seed, priors).samples(draws, progress).counts
    places = len(known.places)
    drawn = counts[:, :places, lead : lead + MONTHS].sum(axis=2, dtype=np.int64)
    start = 12 * (origin + 1 - whole.first_year)
    actual = whole.deaths[:, start : start + MONTHS].sum(axis=1)
    before = known.deaths[:, -MONTHS:].sum(axis=1)
    names = place_names(facts, ["MX", *known.codes, *known.places])

    def line(code: str, inside: npt.NDArray[np.bool_]) -> Surprise:
        here, came = drawn[:, inside].sum(axis=1), int(actual[inside].sum())
        low, median, high = np.quantile(here, (LOW, 0.5, HIGH), method="inverted_cdf")
        below = float((here < came).mean() + (here == came).mean() / 2)
        counted = int(before[inside].sum())
        return Surprise(code, names[code].es, counted, int(low), int(median), int(high), came, below)

    state_of, codes = np.asarray(known.states), np.asarray(known.places)
    states = [line(code, state_of == code) for code in known.codes]
    low, median, high = np.quantile(drawn, (LOW, 0.5, HIGH), axis=0, method="inverted_cdf")
    outside = np.flatnonzero((actual > high) | (actual < low))
    farthest = outside[np.argsort(-np.abs(actual - median)[outside], kind="stable")][:FARTHEST]
    return Surprises(
        origin=origin,
        vintage=vintage,
        draws=draws,
        nation=line("MX", np.ones(places, dtype=bool)),
        states=tuple(sorted(states, key=lambda one: (-abs(one.below - 0.5), one.place))),
        above=int((actual > high).sum()),
        below=int((actual < low).sum()),
        municipalities=places,
        farthest=tuple(line(str(codes[at]), codes == codes[at]) for at in farthest),
    )
