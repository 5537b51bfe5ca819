"""The forecast of homicides: one hierarchical model of counts, coherent from municipality to nation.

For place p of state s in month h of the forecast, in draw k,

    lambda = nation_h  state_sh  place_ph  (1 - unknown_h)

nation_h: the damped trend of ``trend.py`` on all deaths, those registered late and those of unknown place put back.
state_sh: the state's share of ``shares.py`` times exp of a random walk, and the shares sum to one in every draw.
place_ph: the place's share of its state, times a gamma factor for the first year (its shape is fitted) and log-normal
steps for later ones; they too sum to one. unknown_h: the share of deaths without a municipality, one of the last years'.
Deaths of a month are Poisson about lambda times gamma noise. Beyond five years nation, states and places go back to a
wide law of the record's own levels (``forecast.toml``). The forecast is conditional on the reference plan (SCIENCE
rule 1).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from merida.distributions import Floats
from merida.draws import stream
from merida.errors import ViolenceError
from merida.facts import Facts
from merida.one_line import OneLine
from merida.parameters.registry import FORECAST
from merida.priors import Priors
from merida.progress import Counted
from merida.violence.forecasting import shares, trend
from merida.violence.forecasting.sampling import gamma, keyed, negative_binomial, normal
from merida.violence.panel import Panel, month_lengths, panel, summed

MOST_MONTHS = 60
MUNICIPALITIES = 2443  # harmonised ones: sizes are checked before the record is loaded
MOST_BYTES = 8 * 10**9  # of draws held at once
CELLS_A_MINUTE = 4 * 10**8  # municipality-months drawn, by two threads
DEGREES = 5.0  # of freedom of the shocks to nation and states
PRIORS = Priors((FORECAST,))
Counts = npt.NDArray[np.int32]


@dataclass(frozen=True, repr=False)
class Samples(OneLine):
    """Draws of deaths by municipality and month.

    Parameters
    ----------
    counts : integer array, shape (draws, places, months)
    places, states : tuple of str
        Harmonised municipalities, and their states.
    first_month : str
    """

    counts: Counts
    places: tuple[str, ...]
    states: tuple[str, ...]
    first_month: str

    def of(self, place: str) -> Counts:
        """Return draws of a municipality (five digits), a state (two) or the nation (``MX``), shape (draws, months)."""
        if place == "MX":
            return np.asarray(self.counts.sum(axis=1, dtype=np.int32))
        if len(place) == 2:
            return np.asarray(self.counts[:, np.asarray(self.states) == place].sum(axis=1, dtype=np.int32))
        return np.asarray(self.counts[:, self.places.index(place)])


@dataclass(frozen=True, repr=False)
class Forecast(OneLine):
    """Paths of expected homicides, one for each draw.

    Parameters
    ----------
    known : Panel
        The deaths it is fitted to.
    trend : Trend
        The nation's.
    state_strengths, place_strengths : Strengths
        Of states in the nation and of places in their states.
    month_shape : tuple of float
        f and g of the shape f m^g of a month's noise about its expectation m.
    months : int
    seed : int
    priors : Priors
        What is assumed, with what a user holds of it.
    """

    known: Panel
    trend: trend.Trend
    state_strengths: shares.Strengths
    place_strengths: shares.Strengths
    month_shape: tuple[float, float]
    months: int
    seed: int
    priors: Priors = PRIORS

    def assumed(self, name: str) -> float:
        """Return an assumed number by its path under ``forecast``."""
        return self.priors.number(f"forecast.{name}")

    @property
    def first_month(self) -> str:
        """The first month after the last year known."""
        return f"{self.known.last_year + 1}-01"

    @cached_property
    def nowhere(self) -> tuple[str, ...]:
        """Codes of unknown places."""
        return tuple(sorted(self.known.nowhere))

    @cached_property
    def places(self) -> tuple[str, ...]:
        """The harmonised municipalities, then unknown places: ``SS999``, and ``99999`` where the state is unknown."""
        return self.known.places + self.nowhere

    @cached_property
    def states(self) -> tuple[str, ...]:
        """Each place's state; ``99`` where unknown."""
        return self.known.states + tuple(code[:2] for code in self.nowhere)

    @cached_property
    def population(self) -> Floats:
        """People by place in the last year known; none at unknown places."""
        return np.concatenate([self.known.population, np.zeros(len(self.nowhere))])

    @cached_property
    def recent_deaths(self) -> Floats:
        """Deaths by place in the last year known."""
        total, share = self.known.deaths[:, -12:].sum(axis=1).astype(np.float64), self.known.unknown[-1]
        return np.concatenate([total, self.unknown_split * total.sum() * share / (1 - share)])

    @cached_property
    def unknown_split(self) -> Floats:
        """The part of deaths without a municipality at each unknown place."""
        found = np.array([self.known.nowhere[code] for code in self.nowhere])
        return found / max(float(found.sum()), 1.0)

    @cached_property
    def keys(self) -> npt.NDArray[np.uint64]:
        """A number for each municipality that depends on its code alone."""
        return keyed(self.known.places)

    @cached_property
    def shared(self) -> tuple[Floats, Floats]:
        """Shares of the states in the nation's deaths and of places in their state's, after the last month."""
        known, at = self.known, self.known.deaths.shape[1] - 1
        state, place = memories(known, self.priors)
        nation = np.zeros(len(known.codes), dtype=np.int64)
        people = people_of(known)
        return (
            state.shares(self.state_strengths, people[0], nation, at),
            place.shares(self.place_strengths, people[1], known.state_of, at),
        )

    @cached_property
    def level(self) -> tuple[Floats, Floats]:
        """Mean (2,) and the root (2, 2) of the covariance of the nation's level and drift after the last month."""
        mean, cov, _ = self.trend.filtered(national(self.known))
        return mean, np.asarray(np.linalg.cholesky(cov + 1e-12 * np.eye(2)), dtype=np.float64)

    @cached_property
    def long_run(self) -> tuple[float, float]:
        """Mean and standard deviation of the record's yearly log levels, beside the last."""
        levels = np.log(self.known.yearly)
        return float(levels.mean() - levels[-1]), float(levels.std())

    @cached_property
    def expected(self) -> Floats:
        """Deaths a month by municipality at the last level."""
        state, place = self.shared
        return np.asarray(place * state[self.known.state_of] * np.exp(self.level[0][0]))

    @cached_property
    def noise_shape(self) -> Floats:
        """The shape of a month's gamma noise by municipality."""
        f, g = self.month_shape
        return np.asarray(f * (self.expected + 0.05) ** g)

    def nation(self, draw: int) -> Floats:
        """Return the log of the nation's deaths by month in one draw, those at unknown places included."""
        keep = 0.5 ** (1 / (12 * self.assumed("long_run.half_life_years")))
        late = 12 * self.assumed("long_run.after_years")
        source = stream(self.seed, "violence.nation", draw)
        wide = heavy(source.standard_gamma(DEGREES / 2))
        random = source.standard_normal((self.months + 2, 2)) * wide
        mean, root = self.level
        level, drift = mean + root @ random[0]
        goal = mean[0] + self.long_run[0] + self.long_run[1] * random[1, 0]
        path = np.empty(self.months)
        for month, (first, second) in enumerate(random[2:]):
            if month >= late:
                level = goal + keep * (level - goal)
            level += drift + self.trend.level * first
            drift = self.trend.damping * drift + self.trend.drift * second
            path[month] = level
        return np.asarray(path + np.log(month_lengths(self.known.last_year + 1, self.months)))

    def state_shares(self, draw: int) -> Floats:
        """Return the states' shares by month in one draw, shape (states, months)."""
        share, at_first = self.shared[0], self.assumed("states.at_once")
        variance = 1 / self.state_strengths.year_shape(share * 12 * np.exp(self.level[0][0]))
        at_once = np.sqrt(at_first * variance)
        # the mean over its first year of a random walk has 13 * 25 / (6 * 12) / 12 of the variance of 12 steps
        monthly = np.sqrt((1 - at_first) * variance / (13 * 25 / 72))
        keep = 0.5 ** (1 / (12 * self.assumed("long_run.half_life_years")))
        late = 12 * self.assumed("long_run.after_years")
        source = stream(self.seed, "violence.states", draw)
        wide = heavy(source.standard_gamma(DEGREES / 2, len(share)))
        random = source.standard_normal((self.months + 1, len(share))).T * wide[:, None]
        level, path = at_once * random[:, 0], np.empty((len(share), self.months))
        # Beyond the horizon the walk keeps its spread: what it loses by going back, new shocks give.
        held = np.sqrt((at_once**2 + late * monthly**2) * (1 - keep**2))
        for month in range(self.months):
            later = month >= late
            level = level * (keep if later else 1.0) + (held if later else monthly) * random[:, month + 1]
            path[:, month] = level
        moved = share[:, None] * np.exp(path)
        return np.asarray(moved / moved.sum(axis=0))

    def place_shares(self, draw: int) -> Floats:
        """Return the places' shares of their states by year of the forecast in one draw, shape (places, years)."""
        wide_after = self.assumed("long_run.after_years")
        years = -(-self.months // 12)
        # the noise of the months is in the year's spread already
        spread = 1 / self.place_strengths.year_shape(12 * self.expected) - 1 / (12 * self.noise_shape)
        shape = 1 / np.maximum(spread, 1e-3)
        first = gamma(self.keys, shape, self.seed, draw) / shape
        keep, sd = 0.5 ** (1 / self.assumed("long_run.half_life_years")), self.assumed("places.later_sd")
        path = np.empty((len(shape), years))
        path[:, 0] = level = np.log(np.maximum(first, 1e-12))
        for year in range(1, years):
            late = year >= wide_after
            step = sd * np.sqrt(wide_after * (1 - keep**2)) if late else sd
            level = level * (keep if late else 1.0) + step * normal(self.keys, self.seed, draw, year)
            path[:, year] = level
        return shares.normalised(self.shared[1][:, None] * np.exp(path), self.known.state_of)

    def log_rates(self, draw: int) -> Floats:
        """Return the log of expected deaths by place and month in one draw, shape (places, months)."""
        nation, unknown = self.nation(draw), self.known.unknown[-1]
        state = np.log(self.state_shares(draw))
        place = np.repeat(np.log(self.place_shares(draw)), 12, axis=1)[:, : self.months]
        known = nation + np.log(1 - unknown) + state[self.known.state_of] + place
        split = np.log(np.maximum(self.unknown_split, 1e-12))
        return np.concatenate([known, nation + np.log(max(unknown, 1e-12)) + split[:, None]])

    def counts(self, draw: int) -> Counts:
        """Return deaths by municipality and month in one draw, shape (municipalities, months)."""
        expected = np.exp(self.log_rates(draw)[: len(self.known.places)])
        random = stream(self.seed, "violence.counts", draw)
        return negative_binomial(expected, self.noise_shape[:, None], random)

    def samples(self, draws: int, progress: Counted = lambda *_: None) -> Samples:
        """Return the first `draws` draws of deaths; what `progress` raises between two of them ends the work.

        Raises
        ------
        ViolenceError
            If there are no draws, or the horizon is beyond sixty months.
        """
        checked(self.months, draws)
        out = np.empty((draws, len(self.known.places), self.months), dtype=np.int32)

        def fill(draw: int) -> None:
            out[draw] = self.counts(draw)

        fill(0)  # what is computed once is computed here
        with ThreadPoolExecutor(2) as pool:  # more would wait for one another
            try:
                for done, _ in enumerate(pool.map(fill, range(1, draws)), 2):
                    progress(done, draws)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return Samples(out, self.known.places, self.known.states, self.first_month)


def heavy(chi: npt.ArrayLike) -> Floats:
    """Return the factors that make normal paths Student ones of the same variance, from gamma numbers."""
    return np.sqrt((DEGREES / 2 - 1) / np.asarray(chi))


def checked(months: int, draws: int, copies: int = 1) -> None:
    """Refuse, before any work, a horizon that is not 1 to 60 months, no draws, and more than memory holds.

    Parameters
    ----------
    copies : int
        How many arrays of all draws are held at once.

    Raises
    ------
    ViolenceError
        The message says what so many draws would take, and how many are computed.
    """
    if not 1 <= months <= MOST_MONTHS:
        raise ViolenceError("horizon", found=months, most=MOST_MONTHS)
    if draws < 1:
        raise ViolenceError("no_draws", found=draws)
    cells = MUNICIPALITIES * months
    most = MOST_BYTES // (4 * cells * copies)
    if draws > most:
        raise ViolenceError(
            "too_large", draws=draws, months=months, most=most, memory=4 * cells * copies * draws // 10**9,
            minutes=draws * cells * copies // CELLS_A_MINUTE + 1,
        )  # fmt: skip


def forecast(facts: Facts, months: int, seed: int = 0, priors: Priors = PRIORS) -> Forecast:
    """Return the forecast from the last year of deaths known at the record's date.

    Parameters
    ----------
    months : int
        Months from the first unknown one; up to 60 for samples, as many as a plan needs for rates.
    priors : Priors
        What is assumed (``forecast.toml``), with what a user holds of it.

    Raises
    ------
    ViolenceError
        If fewer than three years of deaths had been published.
    """
    return replace(fit_to(facts, priors.within(FORECAST)), months=months, seed=seed)


@lru_cache(maxsize=4)
def fit_to(facts: Facts, priors: Priors) -> Forecast:
    """Return the forecast of a month fitted to a record, kept because a run asks for it many times."""
    return fitted(panel(facts), 1, priors=priors)


def fitted(known: Panel, months: int, seed: int = 0, priors: Priors = PRIORS) -> Forecast:
    """Return the forecast fitted to a panel."""
    priors = priors.within(FORECAST)
    state, place = memories(known, priors)
    people = people_of(known)
    nation = np.zeros(len(known.codes), dtype=np.int64)
    by_state = summed(known.deaths, known.state_of, len(known.codes))
    return Forecast(
        known=known,
        trend=trend.fit(national(known), priors),
        state_strengths=shares.fit(by_state, nation, people[0], state, priors, "states"),
        place_strengths=shares.fit(known.deaths, known.state_of, people[1], place, priors, "places"),
        month_shape=shares.fit_month(known.deaths, priors),
        months=months,
        seed=seed,
        priors=priors,
    )


def national(known: Panel) -> Floats:
    """Return the log of the nation's deaths in months of mean length, late and unknown ones put back."""
    whole = known.complete * (1 - np.repeat(known.unknown, 12))
    lengths = month_lengths(known.first_year, known.deaths.shape[1])
    return np.asarray(np.log(np.maximum(known.deaths.sum(axis=0), 0.5) / whole / lengths))


def memories(known: Panel, priors: Priors) -> tuple[shares.Memory, shares.Memory]:
    """Return what is remembered of states in the nation and of places in their states."""
    by_state = summed(known.deaths, known.state_of, len(known.codes))
    nation = np.zeros(len(known.codes), dtype=np.int64)
    states, places = (
        [priors.number(f"forecast.{level}.{memory}_months") for memory in ("fast", "slow")]
        for level in ("states", "places")
    )
    return (
        shares.remembered(by_state, nation, *states),
        shares.remembered(known.deaths, known.state_of, *places),
    )


def people_of(known: Panel) -> tuple[Floats, Floats]:
    """Return shares of the nation's people by state, and of the state's by place."""
    by_state = summed(known.population, known.state_of, len(known.codes))
    return by_state / by_state.sum(), known.population / by_state[known.state_of]
