"""What is likely next in every municipality at once: twelve months from the first of which nothing is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from merida.facts import Facts
from merida.priors import Priors
from merida.progress import Counted
from merida.statistics import HIGH, LOW
from merida.units import shifted
from merida.violence.forecasting.fitting import forecast
from merida.violence.forecasting.forecast import PRIORS
from merida.violence.forecasting.outlook import RISE
from merida.violence.forecasting.samples import checked

MONTHS = 12


@dataclass(frozen=True)
class UnitAhead:
    """What is likely next in one harmonised municipality.

    Attributes
    ----------
    municipality, name, state : str
    people : float or None
        Residents of the last year on record; None where none are.
    recent : int
        Deaths of the last year known.
    median, low, high : int
        Deaths of the twelve months, with their 90 % interval.
    mean : float
    rate_per_100k : float or None
        The mean a year per 100,000 residents: the median of a small place is none in most.
    bad_year : float or None
        Probability of more deaths per 100,000 residents than `Ahead.level`.
    rise : float
        Probability of over a fifth more deaths than in the last year known.
    """

    municipality: str
    name: str
    state: str
    people: float | None
    recent: int
    median: int
    low: int
    high: int
    mean: float
    rate_per_100k: float | None
    bad_year: float | None
    rise: float


@dataclass(frozen=True)
class Ahead:
    """What is likely next in every harmonised municipality, from `first_month` to `last_month`."""

    first_month: str
    last_month: str
    last_year: int
    level: float
    draws: int
    units: tuple[UnitAhead, ...]


def ahead(
    facts: Facts,
    level: float,
    draws: int,
    seed: int = 0,
    priors: Priors = PRIORS,
    progress: Counted = lambda *_: None,
) -> Ahead:
    """Return what is likely next in every municipality.

    Parameters
    ----------
    level : float
        Deaths a year per 100,000 residents beyond which a year is a bad one.

    Raises
    ------
    ViolenceError
        If so many draws are beyond what is computed.

    Examples
    --------
    >>> ahead(Facts("2012-12"), 25.0, 50).first_month
    '2012-01'
    """
    checked(MONTHS, draws)
    path = forecast(facts, MONTHS, seed, priors)
    back = path.estimated - 12 * path.years_since
    drawn = path.samples(draws, progress, back).counts[:, :, back : back + MONTHS].sum(axis=2, dtype=np.int32)
    known = path.known
    last = path.registered[0][:, -1] if path.years_since else known.deaths[:, -12:].sum(axis=1)
    names = {
        code: f"{name}, {state}"
        for code, name, state in facts.sql(
            "select municipality, m.name, s.name from municipalities m join states s using (state)"
        ).iter_rows()
    }
    low, median, high = np.quantile(
        drawn[:, : len(known.places)], (LOW, 0.5, HIGH), axis=0, method="inverted_cdf"
    )
    lines = []
    for at, code in enumerate(known.places):
        people, here = float(known.population[at]), drawn[:, at]
        settled = people > 0
        lines.append(
            UnitAhead(
                municipality=code,
                name=names.get(code, code),
                state=known.states[at],
                people=people if settled else None,
                recent=int(last[at]),
                median=int(median[at]),
                low=int(low[at]),
                high=int(high[at]),
                mean=float(here.mean()),
                rate_per_100k=1e5 * float(here.mean()) / people if settled else None,
                bad_year=float((1e5 * here > level * people).mean()) if settled else None,
                rise=float((here > RISE * last[at]).mean()),
            )
        )
    end = shifted(path.first_month, MONTHS - 1)
    return Ahead(path.first_month, end, path.last_year, level, draws, tuple(lines))
