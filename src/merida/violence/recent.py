"""The first model of violence: the recent year, resampled, with shocks to nation, state and municipality.

For place p in state s and year h of the forecast, in draw k,

    log lambda = log(level_p) + N_h + S_sh + P_ph

level_p is drawn from Gamma(y_p + c r_s n_p, 1 + c): the deaths of the last year known, resampled with a little of the
state's rate r_s for its n_p people (c, in years of exposure, is estimated from how places differ). The pseudo-count is
proportional to people, so that a municipality split in two keeps its totals. N, S and P are random walks over years
whose standard deviations are those of the record's own changes, less the noise of counting. Beyond five years N goes
back to the record's mean level, with the standard deviation of its yearly levels, and S and P towards zero; half-life
and start are assumptions (``recent.toml``).

Deaths are by year of registration: they are not revised, they include deaths at unknown places, which are places of
their own, and they are known as of a date. Deaths registered late are in them a year late, about as many each year.
There is no season. The model that scores better will take this one's place behind the same interface.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincinv, ndtri

from merida.draws import stream
from merida.facts import Facts
from merida.facts.record import population
from merida.laws import Floats

ENOUGH = 20  # deaths a year from which a place's yearly change says something
ABROAD = "33"
UNKNOWN = "99"
Words64 = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Shocks:
    """Standard deviations of yearly log changes, and the record's log levels beside the last year."""

    nation: float
    state: float
    place: float
    long_run_mean: float
    long_run_sd: float


@dataclass(frozen=True)
class Forecast:
    """Paths of expected homicides, one for each draw.

    Parameters
    ----------
    places : tuple of str
        The harmonised municipalities, then unknown places: ``SS999``, and ``99999`` where the state is unknown.
    states : tuple of str
        Each place's state; ``99`` where unknown.
    population, recent_deaths : array, shape (places,)
        People, and deaths, in the last year known; no people at unknown places.
    exposure : float
        c of the model, in years.
    first_month : str
        The first month after the last year known.
    months : int
    seed : int
    """

    places: tuple[str, ...]
    states: tuple[str, ...]
    population: Floats
    recent_deaths: Floats
    exposure: float
    shocks: Shocks
    first_month: str
    months: int
    seed: int

    @cached_property
    def keys(self) -> Words64:
        """A number for each place that depends on its code alone."""
        return keyed(self.places)

    @cached_property
    def shape(self) -> Floats:
        """The shape of each place's level, deaths and pseudo-deaths together."""
        states = np.asarray(self.states)
        rate = np.zeros(len(states))
        for state in np.unique(states):
            here = (states == state) & (self.population > 0)
            if here.any():
                rate[here] = self.recent_deaths[here].sum() / self.population[here].sum()
        return self.recent_deaths + self.exposure * rate * self.population + 1e-6

    def log_rates(self, draw: int) -> Floats:
        """Return the log of expected deaths by place and month in one draw, shape (places, months)."""
        years = -(-self.months // 12)
        level = gammaincinv(self.shape, uniform(self.keys, self.seed, draw, 0))
        level = np.maximum(level, 1e-12) / (1 + self.exposure * (self.population > 0))
        codes = sorted(set(self.states))
        state = self.walk(keyed(tuple(f"state {code}" for code in codes)), draw, years, self.shocks.state)
        place = self.walk(self.keys, draw, years, self.shocks.place)
        at = np.searchsorted(codes, self.states)
        yearly = np.log(level / 12)[:, None] + self.nation(draw, years) + state[at] + place
        return np.repeat(yearly, 12, axis=1)[:, : self.months]

    def nation(self, draw: int, years: int) -> Floats:
        """Return the nation's log level beside the last year, by year."""
        assumed = long_run()
        random = stream(self.seed, "violence.nation", draw).standard_normal(years + 1)
        goal = self.shocks.long_run_mean + self.shocks.long_run_sd * random[0]
        keep = 0.5 ** (1 / assumed["half_life_years"])
        path, level = np.zeros(years), 0.0
        for year in range(years):
            late = year >= assumed["after_years"]
            level = (goal + keep * (level - goal) if late else level) + self.shocks.nation * random[1 + year]
            path[year] = level
        return path

    def walk(self, keys: Words64, draw: int, years: int, sd: float) -> Floats:
        """Return a random walk over years for each key, going back to zero in the long run.

        Less half its variance, so that many places together keep the level of the nation.
        """
        assumed = long_run()
        keep = 0.5 ** (1 / assumed["half_life_years"])
        path = np.zeros((len(keys), years))
        level = np.zeros(len(keys))
        for year in range(years):
            late = year >= assumed["after_years"]
            # Beyond the horizon the walk keeps its spread: what it loses by going back, new shocks give.
            step = sd * np.sqrt(assumed["after_years"] * (1 - keep**2)) if late else sd
            level = level * (keep if late else 1.0) + step * normal(keys, self.seed, draw, 1 + year)
            path[:, year] = level - sd**2 * min(year + 1, assumed["after_years"]) / 2
        return path


def forecast(facts: Facts, months: int, seed: int = 0) -> Forecast:
    """Return the forecast from the last year of deaths known at the record's date.

    Parameters
    ----------
    months : int
        Months from the first unknown one.
    """
    people, _ = population(facts)
    last = int(facts.sql("select max(year) from homicides_year where basis = 'registration'").item())
    rows = facts.sql(f"""
with people as ({people}),
units as (select unit_2000 as place, sum(population) as people from people
  join municipalities using (municipality) where year = {last} group by all),
dead as (select coalesce(unit_2000, h.municipality) as place, sum(deaths) as deaths from homicides_year h
  left join municipalities m on h.municipality = m.municipality
  where basis = 'registration' and year = {last} and h.municipality[1:2] != '{ABROAD}' group by all)
select coalesce(units.place, dead.place) as place, coalesce(people, 0) as people, coalesce(deaths, 0) as deaths
from units full join dead on units.place = dead.place order by people = 0, place""")
    places = tuple(rows["place"].to_list())
    n, y = rows["people"].to_numpy().astype(float), rows["deaths"].to_numpy().astype(float)
    states = tuple(place[:2] if place[:2] <= "32" else UNKNOWN for place in places)
    return Forecast(
        places=places,
        states=states,
        population=n,
        recent_deaths=y,
        exposure=exposure(np.asarray(states), n, y),
        shocks=shocks(facts, last),
        first_month=f"{last + 1}-01",
        months=months,
        seed=seed,
    )


def exposure(states: npt.NDArray[np.str_], people: Floats, deaths: Floats) -> float:
    """Return the years of exposure that the state's rate is worth, from how places differ (moments).

    With the pseudo-count c r n the variance of deaths is r n (1 + 1 / c).
    """
    expected = np.zeros(len(people))
    for state in np.unique(states):
        here = (states == state) & (people > 0)
        if here.any():
            expected[here] = people[here] * deaths[here].sum() / people[here].sum()
    known = people > 0
    spread = ((deaths - expected)[known] ** 2).sum() / max(float(expected[known].sum()), 1.0)
    return float(1 / max(spread - 1, 0.1))


def shocks(facts: Facts, last: int) -> Shocks:
    """Return how much nation, states and places changed from year to year, less the noise of counting."""
    rows = facts.sql(f"""
select coalesce(unit_2000, h.municipality) as place, year, sum(deaths) as deaths from homicides_year h
left join municipalities m on h.municipality = m.municipality
where basis = 'registration' and year <= {last} and h.municipality[1:2] <= '32' group by all""")
    wide = rows.pivot(on="year", index="place", values="deaths", sort_columns=True).sort("place").fill_null(0)
    deaths = wide.drop("place").to_numpy().astype(float)
    states = np.array([place[:2] for place in wide["place"]])
    by_state = np.stack([deaths[states == state].sum(axis=0) for state in np.unique(states)])
    nation = by_state.sum(axis=0)
    national = np.diff(np.log(nation))
    state_change = np.diff(np.log(by_state))
    state_own = state_change - national
    state_noise = 1 / by_state[:, 1:] + 1 / by_state[:, :-1]
    at = np.searchsorted(np.unique(states), states)
    enough = (deaths[:, 1:] >= ENOUGH) & (deaths[:, :-1] >= ENOUGH)
    some = np.maximum(deaths, 1.0)
    own = np.diff(np.log(some)) - state_change[at]
    noise = 1 / some[:, 1:] + 1 / some[:, :-1]
    levels = np.log(nation)
    return Shocks(
        nation=float(national.std()),
        state=float(np.sqrt(max(np.mean(state_own**2 - state_noise), 1e-4))),
        place=float(np.sqrt(max(np.mean((own**2 - noise)[enough]), 1e-4))),
        long_run_mean=float(levels.mean() - levels[-1]),
        long_run_sd=float(levels.std()),
    )


@cache
def long_run() -> dict[str, float]:
    """Return what is assumed of the long run."""
    text = (files("merida.violence") / "recent.toml").read_text(encoding="utf-8")
    return dict(tomllib.loads(text)["long_run"])


def keyed(names: tuple[str, ...]) -> Words64:
    """Return 64 bits for each name, by BLAKE2b."""
    digests = (hashlib.blake2b(name.encode(), digest_size=8).digest() for name in names)
    return np.array([int.from_bytes(digest, "little") for digest in digests], dtype=np.uint64)


def mixed(keys: Words64, seed: int, draw: int, number: int) -> Words64:
    """Return 64 random bits for each key, by key, seed, draw and number (SplitMix64; Steele and others, 2014)."""
    salt = hashlib.blake2b(f"{seed}|violence|{draw}|{number}".encode(), digest_size=8).digest()
    x = keys ^ np.uint64(int.from_bytes(salt, "little"))
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        x = (x ^ (x >> np.uint64(shift))) * np.uint64(factor)
    return x ^ (x >> np.uint64(31))


def uniform(keys: Words64, seed: int, draw: int, number: int) -> Floats:
    """Return a uniform number between 0 and 1, ends excluded, for each key."""
    bits = mixed(mixed(keys, seed, draw, number), seed, draw, number)
    return (np.asarray(bits >> np.uint64(11), dtype=np.float64) + 0.5) / 2.0**53


def normal(keys: Words64, seed: int, draw: int, number: int) -> Floats:
    """Return a standard normal number for each key."""
    return np.asarray(ndtri(uniform(keys, seed, draw, number)), dtype=np.float64)
