"""The panel of deaths that the forecast learns from: harmonised municipalities by month.

Deaths are by month of occurrence since 2000; where fewer than three such years had been published, by month of
registration. Deaths registered late and deaths of unknown place are in neither: `complete` says what share of each
month's deaths is registered so far, `unknown` what share of each year's has no municipality, and the forecast puts both
back (SCIENCE rule 18).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from merida.distributions import Floats
from merida.draws import stream
from merida.errors import ViolenceError
from merida.facts import Facts
from merida.one_line import OneLine
from merida.units import days_in_month
from merida.violence.population import population

Integers = npt.NDArray[np.int64]
Groups = npt.NDArray[np.int64]
Number = TypeVar("Number", np.int64, np.float64)
ENOUGH = 36  # months from which the model can be fitted
ABROAD = "33"
TABLES = (
    "homicides_month",
    "homicides_state_month",
    "homicides_year",
    "municipalities",
    "population",
    "population_census",
)
LATE = 12  # months before the end of the record in which deaths may still be registered


@dataclass(frozen=True, repr=False)
class Panel(OneLine):
    """Deaths by harmonised municipality and month.

    Parameters
    ----------
    places, states : tuple of str, length P
        Codes of the harmonised municipalities and of their states.
    population : array, shape (P,)
        People in the last year.
    deaths : integer array, shape (P, T)
        Deaths by month, whole years.
    first_year : int
    complete : array, shape (T,)
        Share of the month's deaths that is registered.
    unknown : array, shape (T // 12,)
        Share of the year's deaths whose municipality is unknown.
    nowhere : dict of str to float
        Deaths of the last three years at unknown places, by their code (``SS999``, ``99999``).
    yearly : array, shape (years since 1990,)
        Registered deaths of the nation by year, unknown places included.
    """

    places: tuple[str, ...]
    states: tuple[str, ...]
    population: Floats
    deaths: Integers
    first_year: int
    complete: Floats
    unknown: Floats
    nowhere: dict[str, float]
    yearly: Floats

    @property
    def last_year(self) -> int:
        """The last year whose deaths are known."""
        return self.first_year + len(self.unknown) - 1

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The states, in order."""
        return tuple(sorted(set(self.states)))

    @cached_property
    def state_of(self) -> Groups:
        """The number of each place's state."""
        return np.searchsorted(self.codes, self.states)

    def as_published(self, profile: Floats, seed: int) -> Panel:
        """Return the panel without the deaths that were registered after its end, drawn at random.

        Parameters
        ----------
        profile : array, shape (12,)
            Share of a month's deaths that is registered at the end, the last twelve months.
        """
        random = stream(seed, "violence.vintage", self.last_year)
        deaths = self.deaths.copy()
        deaths[:, -LATE:] = random.binomial(deaths[:, -LATE:], profile)
        complete = self.complete.copy()
        complete[-LATE:] = profile
        return replace(self, deaths=deaths, complete=complete)


def summed(values: npt.NDArray[Number], groups: Groups, count: int) -> npt.NDArray[Number]:
    """Return the sums of `values` over the rows of each group, shape (count, ...).

    Examples
    --------
    >>> summed(np.array([1, 2, 3]), np.array([0, 1, 0]), 2).tolist()
    [4, 2]
    """
    sums = np.zeros((count, *values.shape[1:]), dtype=values.dtype)
    np.add.at(sums, groups, values)
    return sums


def month_lengths(first_year: int, months: int) -> Floats:
    """Return the length of each month from January of a year, beside that of the mean month, shape (months,)."""
    days = [days_in_month(12 * first_year + month) for month in range(months)]
    return np.array(days) / (365.25 / 12)


def panel(facts: Facts, last_year: int | None = None) -> Panel:
    """Return the panel as it was known at the record's date.

    Parameters
    ----------
    last_year : int or None
        The last year to keep, for a backtest; what was registered since of the deaths before stays in.

    Raises
    ------
    ViolenceError
        If fewer than three years had been published, or `last_year` leaves fewer or lies beyond the record.
    """
    facts.connect(TABLES)  # all at once: each new one would load the others again
    spans = {
        str(basis): (int(start), int(end))
        for basis, start, end in facts.sql(
            "select basis, min(year), max(year) from homicides_month group by all"
        ).rows()
    }
    first, last = spans.get("occurrence", (0, -1))
    basis = "occurrence"
    if 12 * (last - first + 1) < ENOUGH:
        basis, (first, last) = "registration", spans.get("registration", (0, -1))
    years = ENOUGH // 12
    if last - first + 1 < years:
        raise ViolenceError("too_early", found=facts.as_of, years=years, first=first_forecast())
    if last_year is not None:
        if not first + years - 1 <= last_year <= last:
            raise origin_outside(last_year, years, first, first + years - 1, last)
        last = last_year
    people, _ = population(facts)
    units = facts.sql(f"""
with people as ({people})
select unit_2000, coalesce(sum(population), 1.0) from municipalities
left join (select * from people where year = {last}) using (municipality)
group by all order by 1""").rows()
    places = tuple(str(place) for place, _ in units)
    deaths = np.zeros((len(places), 12 * (last - first + 1)), dtype=np.int64)
    rows = facts.sql(f"""
select unit_2000 as place, 12 * (year - {first}) + cast(month[6:7] as integer) - 1 as "column", sum(deaths) as deaths
from homicides_month join municipalities using (municipality) where basis = '{basis}' and year <= {last} group by all""")
    row_of = np.searchsorted(places, rows["place"].to_list())
    np.add.at(deaths, (row_of, rows["column"].to_numpy()), rows["deaths"].to_numpy())
    yearly = facts.sql(f"""
select year, sum(deaths) as deaths, sum(deaths) filter (municipality like '%999') / sum(deaths) as unknown
from homicides_year where basis = 'registration' and municipality[1:2] != '{ABROAD}' and year <= {last}
group by all order by year""")
    nowhere = facts.sql(f"""
select municipality, sum(deaths) from homicides_year where basis = 'registration' and municipality like '%999'
and municipality[1:2] != '{ABROAD}' and year > {last} - 3 and year <= {last} group by all order by 1""")
    share = dict(yearly.select("year", "unknown").fill_null(0.0).rows())
    return Panel(
        places=places,
        states=tuple(place[:2] for place in places),
        population=np.array([float(count) for _, count in units]),
        deaths=deaths,
        first_year=first,
        complete=completeness(facts, deaths.sum(axis=0), first, basis),
        unknown=np.array([share[year] for year in range(first, last + 1)], dtype=np.float64),
        nowhere={str(code): float(count) for code, count in nowhere.rows()},
        yearly=yearly["deaths"].to_numpy().astype(np.float64),
    )


def national(known: Panel) -> Floats:
    """Return the log of the nation's deaths in months of mean length, late and unknown ones put back."""
    whole = known.complete * (1 - np.repeat(known.unknown, 12))
    lengths = month_lengths(known.first_year, known.deaths.shape[1])
    return np.asarray(np.log(np.maximum(known.deaths.sum(axis=0), 0.5) / whole / lengths))


def people_of(known: Panel) -> tuple[Floats, Floats]:
    """Return shares of the nation's people by state, and of the state's by place."""
    by_state = summed(known.population, known.state_of, len(known.codes))
    return by_state / by_state.sum(), known.population / by_state[known.state_of]


def first_forecast() -> str:
    """Return the first month by which enough years of monthly deaths had been published for a forecast."""
    return str(
        Facts()
        .sql(
            "select min(available_from) from homicides_month where basis = 'registration' "
            f"and year = (select min(year) + {ENOUGH // 12 - 1} from homicides_month where basis = 'registration')"
        )
        .item()
    )


def origin_outside(origin: int, years: int, begins: int, first: int, last: int) -> ViolenceError:
    """Return the refusal of an origin before or after those that the record allows."""
    ends = {"found": f"{origin:04}-12", "first": f"{first}-12", "last": f"{last}-12"}
    return ViolenceError("origin_outside", years=years, begins=begins, **ends)


def completeness(facts: Facts, national: Integers, first_year: int, basis: str) -> Floats:
    """Return what share of each month's deaths is registered.

    The states' counts by month hold a year more of registrations than the municipalities'. How far these fall short of
    them in the last year, beside the year before (whose difference is deaths of unknown municipality), is late.
    """
    complete = np.ones(len(national))
    if basis == "registration":
        return complete
    last = first_year + len(national) // 12 - 1
    rows = facts.sql(
        f"select month, sum(deaths) from homicides_state_month where year in ({last} - 1, {last}) "
        "group by all order by 1"
    ).rows()
    fuller = np.array([float(count) for _, count in rows])
    if len(fuller) == 2 * LATE:
        ratio = national[-2 * LATE :] / fuller
        complete[-LATE:] = np.minimum(ratio[LATE:] / ratio[:LATE].mean(), 1.0)
    return complete
