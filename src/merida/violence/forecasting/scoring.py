"""One forecast scored on deaths that the user supplies: places that the file names, and sums that it completes.

A file of one city says nothing of other places, so only the city is scored. Files of a whole state or nation usually
list the places that have deaths and leave out the others. With r the deaths of a place in the last year known, one
that goes on like it is without any in a year with probability exp(-r), so the places with deaths hold a share

    sum of r (1 - exp(-r)) / sum of r

of the last year's deaths (exp(-r / 12) in a month). A state is taken as complete if the places that a file names for it
hold 95 % of that share, and all states are if those named hold it of the nation; places not named then count as without
deaths, and the sum is scored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from merida.distributions import Floats
from merida.errors import ViolenceError
from merida.facts import Facts
from merida.one_line import OneLine
from merida.places import Gazetteer
from merida.priors import Priors
from merida.progress import Counted
from merida.statistics import HIGH, LOW, crps
from merida.units import month_number
from merida.user_tables import DecimalSign, Note, Separator
from merida.violence.forecasting.actuals import Actuals, read
from merida.violence.forecasting.backtest import COPIES, OURS, WALK, Rows, measured
from merida.violence.forecasting.baselines import BASELINES, Counts, log_random_walk
from merida.violence.forecasting.fitting import fitted
from merida.violence.forecasting.forecast import PRIORS
from merida.violence.forecasting.samples import MOST_MONTHS, checked
from merida.violence.panel import Panel, panel, summed

COVER = 0.95  # of the deaths that places with deaths are expected to hold must be of places named
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Period:
    """The deaths of one year or month of a file, on the axis of the forecast.

    Parameters
    ----------
    label : str
        ``2022`` or ``2022-03``.
    start, months : int
        First month of the horizon, counted from 0, and how many months it has: 12 or 1.
    deaths : integer array, shape (P,)
        By harmonised municipality; none where none is named.
    named : bool array, shape (P,)
        Whether the file names the municipality, with every part that has become one of its own.
    complete : bool array, shape (S,)
        Whether the deaths of a state are all there.
    nowhere : int
        Deaths whose municipality is unknown.
    """

    label: str
    start: int
    months: int
    deaths: npt.NDArray[np.int64]
    named: Flags
    complete: Flags
    nowhere: int

    @property
    def kind(self) -> str:
        """Whether it is a ``year`` or a ``month``."""
        return "year" if self.months == 12 else "month"


@dataclass(frozen=True)
class PlaceScore:
    """What was forecast of one place in one period, and what happened.

    Parameters
    ----------
    place, name : str
        ``municipality:08037``, ``state:08`` or ``nation``, and its name.
    actual, median, low, high : int
        Deaths; the ends are the 5th and 95th percentile of the draws.
    crps : float
        In deaths.
    """

    place: str
    name: str
    period: str
    actual: int
    median: int
    low: int
    high: int
    crps: float


@dataclass(frozen=True, repr=False)
class Scored(OneLine):
    """Scores of every model in each period after an origin.

    Parameters
    ----------
    months : int
        The horizon.
    years, by_month : dict
        By period, model, level and measure.
    places : tuple of PlaceScore
        The municipalities named and the sums completed, beside the forecast.
    complete : dict
        By period, the sums that are complete: ``MX`` and codes of states.
    assumed_none : dict
        By period, how many municipalities count as without deaths because the file completes their state without them.
    partly : tuple of str
        Municipalities left out because the file names a part of them alone.
    without_place : dict
        By period, the share of deaths whose municipality is unknown.
    left_out : tuple of str
        Periods of the file beyond the horizon or before the origin.
    notes : tuple of Note
        What there is to say of the file.
    """

    origin: int
    basis: str
    months: int
    years: dict[str, dict[str, Rows]]
    by_month: dict[str, dict[str, Rows]]
    places: tuple[PlaceScore, ...]
    complete: dict[str, tuple[str, ...]]
    assumed_none: dict[str, int]
    partly: tuple[str, ...]
    without_place: dict[str, float]
    left_out: tuple[str, ...]
    notes: tuple[Note, ...] = ()


def score(
    origin: int,
    path: Path,
    draws: int = 1000,
    seed: int = 0,
    complete: bool | None = None,
    separator: Separator | None = None,
    decimal: DecimalSign | None = None,
    priors: Priors = PRIORS,
    progress: Counted = lambda *_: None,
) -> Scored:
    """Return the scores of the forecast from December of `origin`, and of its baselines, on a file of deaths.

    By municipality, state and nation, in years or months as the file has them; the sums only where it completes them.
    ``nation_year_all`` counts deaths of unknown place too, with the share of them that the forecast has.

    Parameters
    ----------
    complete : bool or None
        True: the file names every place with deaths of the states that it names. False: it does not. None: the rule
        of the module decides.
    separator, decimal : Separator, DecimalSign or None
        How the file is written; None: as it shows.
    priors : Priors
        What the forecast assumes, with what a user holds of it; its baselines assume nothing of it.
    progress : callable
        Called with how many steps are done, and of how many.

    Raises
    ------
    ViolenceError
        If the file is not as it must be, has no period within sixty months of the origin, or names no municipality.

    Examples
    --------
    >>> scored = score(2011, Path("deaths.csv"), draws=200)
    >>> [(row.name, row.actual, row.low, row.high) for row in scored.places]
    [('Juárez, Chihuahua', 797, 640, 2254)]
    """
    facts = Facts()
    gazetteer = Gazetteer.of(facts)
    actual = read(path, gazetteer, separator, decimal)
    ends = 12 * (origin + 1), 12 * (origin + 1) + MOST_MONTHS
    inside = [label for label in sorted(actual.deaths) if ends[0] <= first_month(label) < ends[1]]
    if not inside:
        found = ", ".join(sorted(actual.deaths)[:10])
        last = origin + MOST_MONTHS // 12
        raise ViolenceError("actuals_years", path=path, found=found, first=origin + 1, last=last)
    known = panel(facts, origin)
    periods, partly = gathered(actual, inside, known, gazetteer, origin, complete)
    if not any(period.named.any() for period in periods):
        key = "actuals_parts" if partly else "actuals_nowhere"
        raise ViolenceError(key, path=path, places=", ".join(partly))
    months = 12 * -(-max(period.start + period.months for period in periods) // 12)
    checked(months, draws, COPIES)
    rows: dict[str, dict[str, Rows]] = {period.label: {} for period in periods}
    places: list[PlaceScore] = []
    done, steps = 0, (1 + len(BASELINES)) * (1 + len(periods))

    def tick(*_: int) -> None:
        progress(done, steps)

    models: dict[str, Callable[[], Counts]] = {
        OURS: lambda: fitted(known, months, seed, priors).samples(draws, tick).counts,
        **{name: lambda name=name: BASELINES[name](known, months, draws, seed) for name in BASELINES},  # type: ignore[misc]
    }
    for name, model in models.items():
        tick()
        drawn = model()
        for period in periods:
            done += 1
            tick()
            of_period = drawn[:, :, period.start : period.start + period.months].sum(axis=2, dtype=np.int64)
            rows[period.label][name] = by_level(of_period, period, known)
            if name == OURS:
                places += beside(of_period, period, known, gazetteer)
        done += 1
    state, nation = log_random_walk(known, months, draws, seed)
    for period in periods:
        if period.kind == "year":
            rows[period.label][WALK] = of_sums(
                state[:, :, period.start // 12], nation[:, period.start // 12, None], period, known
            )
    return Scored(
        origin=origin,
        basis=actual.basis,
        months=months,
        years={period.label: rows[period.label] for period in periods if period.kind == "year"},
        by_month={period.label: rows[period.label] for period in periods if period.kind == "month"},
        places=tuple(places),
        complete={period.label: sums_of(period, known) for period in periods},
        assumed_none={period.label: int((scored_places(period, known) & ~period.named).sum()) for period in periods},
        partly=partly,
        without_place={
            period.label: period.nowhere / max(int(period.deaths.sum()) + period.nowhere, 1)
            for period in periods
        },
        left_out=tuple(sorted(set(actual.deaths) - set(inside))),
        notes=actual.notes,
    )  # fmt: skip


def first_month(label: str) -> int:
    """Return the number of the first month of a period."""
    return month_number(label) if "-" in label else 12 * int(label)


def gathered(
    actual: Actuals, labels: list[str], known: Panel, gazetteer: Gazetteer, origin: int, complete: bool | None
) -> tuple[list[Period], tuple[str, ...]]:
    """Return the periods of a file, the years that its months fill after them, and what it names a part of alone."""
    row_of = {place: row for row, place in enumerate(known.places)}
    members: dict[str, list[tuple[str, int]]] = {place: [] for place in known.places}
    for entry in gazetteer.entries:
        if entry.kind == "municipality":
            members[entry.unit].append((entry.code, entry.year_created or 0))
    periods, partly = [], set()
    for label in labels:
        given = actual.deaths[label]
        deaths, named = np.zeros(len(known.places), dtype=np.int64), np.zeros(len(known.places), dtype=bool)
        for unit in {gazetteer.by_code[code].unit for code in given if code in gazetteer.by_code}:
            deaths[row_of[unit]] = sum(given.get(code, 0) for code, _ in members[unit])
            named[row_of[unit]] = all(
                code in given for code, created in members[unit] if created <= int(label[:4])
            )
            if not named[row_of[unit]]:
                partly.add(unit)
        nowhere = sum(count for code, count in given.items() if code not in gazetteer.by_code)
        start, months = first_month(label) - 12 * (origin + 1), 1 if "-" in label else 12
        periods.append(
            Period(
                label,
                start,
                months,
                deaths,
                named,
                completed(named | (deaths > 0), months, known, complete),
                nowhere,
            )
        )
    years = sorted({label[:4] for label in labels if "-" in label})
    for year in years:
        of_year = [period for period in periods if period.kind == "month" and period.label[:4] == year]
        if len(of_year) == 12:
            periods.append(
                Period(
                    year, 12 * (int(year) - origin - 1), 12,
                    np.sum([period.deaths for period in of_year], axis=0),
                    np.all([scored_places(period, known) for period in of_year], axis=0),
                    np.all([period.complete for period in of_year], axis=0),
                    sum(period.nowhere for period in of_year),
                )
            )  # fmt: skip
    scored = np.any([scored_places(period, known) for period in periods], axis=0)
    return periods, tuple(sorted(unit for unit in partly if not scored[row_of[unit]]))


def completed(given: Flags, months: int, known: Panel, declared: bool | None) -> Flags:
    """Return which states are complete in a period of so many months, shape (S,), from the places given, shape (P,)."""
    states = len(known.codes)
    places = summed(given.astype(np.int64), known.state_of, states)
    if declared:
        return np.asarray(places > 0)
    every = places == np.bincount(known.state_of, minlength=states)
    if declared is False:
        return np.asarray(every)
    recent = known.deaths[:, -12:].sum(axis=1).astype(np.float64)
    expected = COVER * recent * -np.expm1(-recent * months / 12)  # where a place of few deaths may have none
    if recent[given].sum() >= expected.sum():
        return np.ones(states, dtype=bool)
    covered, needed = (summed(values, known.state_of, states) for values in (recent * given, expected))
    return np.asarray(every | ((needed > 0) & (covered >= needed)))


def scored_places(period: Period, known: Panel) -> Flags:
    """Return which municipalities are scored: those named, and every one of a complete state, shape (P,)."""
    return np.asarray(period.named | period.complete[known.state_of])


def sums_of(period: Period, known: Panel) -> tuple[str, ...]:
    """Return the codes of complete sums, the nation's first."""
    states = tuple(code for code, whole in zip(known.codes, period.complete, strict=True) if whole)
    return ("MX", *states) if period.complete.all() else states


def by_level(drawn: npt.NDArray[np.int64], period: Period, known: Panel) -> Rows:
    """Return the measures of one period at every level that can be scored, from draws of shape (draws, P)."""
    rows: Rows = {}
    scored = scored_places(period, known)
    if scored.any():
        rows[f"municipality_{period.kind}"] = measured(drawn[:, scored], period.deaths[scored], counts=True)
    state = np.stack([summed(draw, known.state_of, len(known.codes)) for draw in drawn])
    nation = drawn.sum(axis=1, keepdims=True)
    rows |= of_sums(state, nation, period, known)
    if period.kind == "year" and period.complete.all():
        everywhere = nation / (1 - known.unknown[-1])
        rows["nation_year_all"] = measured(everywhere, period.deaths.sum(keepdims=True) + period.nowhere)
    return rows


def of_sums(
    state: Floats | npt.NDArray[np.int64],
    nation: Floats | npt.NDArray[np.int64],
    period: Period,
    known: Panel,
) -> Rows:
    """Return the measures of complete states and of the nation, from draws of shape (draws, S) and (draws, 1)."""
    truth, rows = summed(period.deaths, known.state_of, len(known.codes)), {}
    if period.complete.any():
        rows[f"state_{period.kind}"] = measured(state[:, period.complete], truth[period.complete])
    if period.complete.all():
        rows[f"nation_{period.kind}"] = measured(nation, truth.sum(keepdims=True))
    return rows


def beside(
    drawn: npt.NDArray[np.int64], period: Period, known: Panel, gazetteer: Gazetteer
) -> list[PlaceScore]:
    """Return the complete sums and the municipalities named, each beside its forecast."""
    state = np.stack([summed(draw, known.state_of, len(known.codes)) for draw in drawn])
    truth = summed(period.deaths, known.state_of, len(known.codes))
    nation = ["MX"] if period.complete.all() else []
    draws = np.concatenate(
        [
            state.sum(axis=1, keepdims=True)[:, : len(nation)],
            state[:, period.complete],
            drawn[:, period.named],
        ],
        axis=1,
    )
    deaths = np.concatenate(
        [truth.sum(keepdims=True)[: len(nation)], truth[period.complete], period.deaths[period.named]]
    )
    states, named = np.array(known.codes)[period.complete], np.array(known.places)[period.named]
    places = [gazetteer.place(gazetteer.by_code[str(code)]) for code in (*nation, *states, *named)]
    scores = crps(draws, deaths)
    low, median, high = np.quantile(draws, (LOW, 0.5, HIGH), axis=0, method="inverted_cdf")
    return [
        PlaceScore(
            place.text, place.name, period.label, int(deaths[at]), int(median[at]), int(low[at]), int(high[at]),
            float(scores[at]),
        )
        for at, place in enumerate(places)
    ]  # fmt: skip
