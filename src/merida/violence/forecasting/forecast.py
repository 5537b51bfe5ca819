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

The months from the panel's end to the last that anything is known of (`Later`) are drawn given what is known of them:
nation and states by ``sights.py``, places by the registered years (``shares.factors``). The forecast goes on from there.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from merida.distributions import Floats
from merida.draws import stream
from merida.one_line import OneLine
from merida.parameters.registry import FORECAST
from merida.priors import Priors
from merida.progress import Counted
from merida.units import month_text, shifted
from merida.violence.forecasting import shares, trend
from merida.violence.forecasting.samples import Samples, checked
from merida.violence.forecasting.sampling import Counts, gamma, keyed, negative_binomial, normal
from merida.violence.forecasting.sights import Conditioned
from merida.violence.later import Later
from merida.violence.panel import Panel, month_lengths, national, people_of

DEGREES = 5.0  # of freedom of the shocks to nation and states
PRIORS = Priors((FORECAST,))


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
        Of which nothing is known, from `first_month` on.
    seed : int
    priors : Priors
        What is assumed, with what a user holds of it.
    since : Later or None
        What is known of the months after the panel; None where nothing is.
    given : pair of Conditioned or None
        The laws of the nation's levels and last drift, and of the states' walks, given what is known since.
    """

    known: Panel
    trend: trend.Trend
    state_strengths: shares.Strengths
    place_strengths: shares.Strengths
    month_shape: tuple[float, float]
    months: int
    seed: int
    priors: Priors = PRIORS
    since: Later | None = None
    given: tuple[Conditioned, Conditioned] | None = None

    def assumed(self, name: str) -> float:
        """Return an assumed number by its path under ``forecast``."""
        return self.priors.number(f"forecast.{name}")

    @property
    def first_month(self) -> str:
        """The first month of which nothing is known."""
        return month_text(12 * (self.known.last_year + 1) + self.estimated)

    @property
    def estimated(self) -> int:
        """Months between the panel's last and the first of which nothing is known: drawn given what is known of them."""
        return self.since.months if self.since else 0

    @property
    def years_since(self) -> int:
        """Years after the panel whose deaths are known by municipality and year of registration."""
        return self.since.years if self.since else 0

    @property
    def last_year(self) -> int:
        """The last year whose deaths are known by municipality, by month or as a year."""
        return self.known.last_year + self.years_since

    @cached_property
    def registered(self) -> tuple[Floats, Floats]:
        """Deaths of the years since the panel, by place (P, J) and at unknown places (codes, J)."""
        if self.since is None:
            return np.zeros((len(self.known.places), 0)), np.zeros((0, 0))
        new = slice(self.since.overlaps[0], None)
        unplaced = np.array([self.since.nowhere[code][new] for code in sorted(self.since.nowhere)])
        return self.since.registered[:, new].astype(np.float64), unplaced.astype(np.float64)

    @cached_property
    def unplaced(self) -> dict[str, float]:
        """Deaths of the last three years at unknown places, by their code."""
        if self.since is None or not self.years_since:
            return self.known.nowhere
        found = {code: float(deaths[-3:].sum()) for code, deaths in self.since.nowhere.items()}
        return {code: deaths for code, deaths in found.items() if deaths}

    @cached_property
    def nowhere(self) -> tuple[str, ...]:
        """Codes of unknown places."""
        return tuple(sorted(self.unplaced))

    @cached_property
    def unknown(self) -> Floats:
        """Share of deaths without a municipality: of the panel's last year, then of each year since, shape (1 + J,)."""
        placed, unplaced = (deaths.sum(axis=0) for deaths in self.registered)
        return np.append(self.known.unknown[-1], unplaced / (placed + unplaced) if self.years_since else [])

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
        total = self.registered[0][:, -1] if self.years_since else self.known.deaths[:, -12:].sum(axis=1)
        total, share = total.astype(np.float64), self.unknown[-1]
        return np.concatenate([total, self.unknown_split * total.sum() * share / (1 - share)])

    @cached_property
    def unknown_split(self) -> Floats:
        """The part of deaths without a municipality at each unknown place."""
        found = np.array([self.unplaced[code] for code in self.nowhere])
        return found / max(float(found.sum()), 1.0)

    @cached_property
    def keys(self) -> npt.NDArray[np.uint64]:
        """A number for each municipality that depends on its code alone."""
        return keyed(self.known.places)

    @cached_property
    def shared(self) -> tuple[Floats, Floats]:
        """Shares of the states in the nation's deaths and of places in their state's, after the last month."""
        known, at = self.known, self.known.deaths.shape[1] - 1
        state, place = shares.memories(known, self.priors)
        nation = np.zeros(len(known.codes), dtype=np.int64)
        people = people_of(known)
        return (
            state.shares(self.state_strengths, people[0], nation, at),
            place.shares(self.place_strengths, people[1], known.state_of, at),
        )

    @cached_property
    def level(self) -> tuple[Floats, Floats]:
        """Mean (2,) and the root (2, 2) of the covariance of the nation's level and drift after the last month."""
        x = national(self.known)
        mean, cov, _ = self.trend.filtered(x - np.resize(self.season, len(x)))
        return mean, np.asarray(np.linalg.cholesky(cov + 1e-12 * np.eye(2)), dtype=np.float64)

    @cached_property
    def season(self) -> Floats:
        """What each calendar month adds to the log of the nation's level, shape (12,).

        Nothing where the forecast starts in January: there month effects did not improve it.
        """
        return trend.season(national(self.known)) if self.estimated else np.zeros(12)

    @cached_property
    def walk(self) -> tuple[Floats, Floats]:
        """Standard deviations of the logs of the states' shares: at once, and of each month's step."""
        share, at_first = self.shared[0], self.assumed("states.at_once")
        variance = 1 / self.state_strengths.year_shape(share * 12 * np.exp(self.level[0][0]))
        # the mean over its first year of a random walk has 13 * 25 / (6 * 12) / 12 of the variance of 12 steps
        return np.sqrt(at_first * variance), np.sqrt((1 - at_first) * variance / (13 * 25 / 72))

    @cached_property
    def levels(self) -> Floats:
        """Means of the nation's level: of the panel's last month, then of the months since, shape (1 + estimated,)."""
        return np.append(self.level[0][0], self.given[0].mean[0, :-1] if self.given else [])

    @cached_property
    def long_run(self) -> tuple[float, float]:
        """Mean and standard deviation of the record's yearly log levels, as levels of a month."""
        levels = np.log(
            np.concatenate([self.known.yearly, sum(deaths.sum(axis=0) for deaths in self.registered)])
        )
        last = self.levels[-12:].mean() if self.years_since else self.levels[0]
        return float(last + (levels.mean() - levels[-1])), float(levels.std())

    @cached_property
    def factors(self) -> list[tuple[Floats, Floats]]:
        """Means and shapes of the places' factors in the years since the panel, and in the first year not known."""
        state, place = self.shared
        expected = place * state[self.known.state_of] * np.exp(self.level[0][0])

        def shape(expected: Floats) -> Floats:
            # the noise of the months is in the year's spread already
            spread = 1 / self.place_strengths.year_shape(12 * expected) - 1 / (
                12 * self.month_shapes(expected)
            )
            return np.asarray(1 / np.maximum(spread, 1e-3))

        basis = self.since.basis_noise(self.known) if self.since else 0.0
        return shares.factors(self.registered[0], place, self.known.state_of, shape, expected, basis)

    @cached_property
    def expected(self) -> Floats:
        """Deaths a month by municipality at the last level."""
        state, place = self.shared
        if self.given is not None:
            state = state * np.exp(self.given[1].mean[:, -1])
            state, place = (
                state / state.sum(),
                shares.normalised(place * self.factors[-1][0], self.known.state_of),
            )
        return np.asarray(place * state[self.known.state_of] * np.exp(self.levels[-1]))

    def month_shapes(self, expected: Floats) -> Floats:
        """Return the shape of a month's gamma noise where so many deaths a month are expected."""
        f, g = self.month_shape
        return np.asarray(f * (expected + 0.05) ** g)

    @cached_property
    def noise_shape(self) -> Floats:
        """The shape of a month's gamma noise by municipality."""
        return self.month_shapes(self.expected)

    def nation(self, draw: int) -> Floats:
        """Return the log of the nation's deaths by month since the panel in one draw, unknown places too."""
        keep = 0.5 ** (1 / (12 * self.assumed("long_run.half_life_years")))
        late = 12 * self.assumed("long_run.after_years")
        source = stream(self.seed, "violence.nation", draw)
        wide = heavy(source.standard_gamma(DEGREES / 2))
        random = source.standard_normal((self.months + 2, 2)) * wide
        mean, root = self.level
        level, drift = mean + root @ random[0]
        goal = self.long_run[0] + self.long_run[1] * random[1, 0]
        path = np.empty(self.estimated + self.months)
        if self.given is not None:
            normal = stream(self.seed, "violence.nation.since", draw).standard_normal((1, self.estimated + 1))
            *path[: self.estimated], drift = self.given[0].drawn(wide * normal)[0]
            level = path[self.estimated - 1]
        for month, (first, second) in enumerate(random[2:]):
            if month >= late:
                level = goal + keep * (level - goal)
            level += drift + self.trend.level * first
            drift = self.trend.damping * drift + self.trend.drift * second
            path[self.estimated + month] = level
        lengths = np.log(month_lengths(self.known.last_year + 1, len(path)))
        return np.asarray(path + lengths + np.resize(self.season, len(path)))

    def state_shares(self, draw: int) -> Floats:
        """Return the states' shares by month since the panel in one draw, shape (states, months)."""
        share, (at_once, monthly) = self.shared[0], self.walk
        keep = 0.5 ** (1 / (12 * self.assumed("long_run.half_life_years")))
        late = 12 * self.assumed("long_run.after_years")
        source = stream(self.seed, "violence.states", draw)
        wide = heavy(source.standard_gamma(DEGREES / 2, len(share)))
        random = source.standard_normal((self.months + 1, len(share))).T * wide[:, None]
        level, path = at_once * random[:, 0], np.empty((len(share), self.estimated + self.months))
        if self.given is not None:
            normal = stream(self.seed, "violence.states.since", draw).standard_normal(
                (len(share), self.estimated)
            )
            path[:, : self.estimated] = self.given[1].drawn(wide[:, None] * normal)
            level = path[:, self.estimated - 1]
        # Beyond the horizon the walk keeps its spread: what it loses by going back, new shocks give.
        held = np.sqrt((at_once**2 + late * monthly**2) * (1 - keep**2))
        for month in range(self.months):
            later = month >= late
            level = level * (keep if later else 1.0) + (held if later else monthly) * random[:, month + 1]
            path[:, self.estimated + month] = level
        moved = share[:, None] * np.exp(path)
        return np.asarray(moved / moved.sum(axis=0))

    def place_shares(self, draw: int, first: int = 0) -> Floats:
        """Return the places' shares of their states by year since the panel in one draw, shape (places, years - first).

        Parameters
        ----------
        first : int
            Years to leave out; none that is not known.
        """
        wide_after = self.assumed("long_run.after_years")
        years, seen = -(-(self.estimated + self.months) // 12), self.years_since
        keep, sd = 0.5 ** (1 / self.assumed("long_run.half_life_years")), self.assumed("places.later_sd")
        path = np.empty((len(self.keys), years))
        for year, (mean, shape) in list(enumerate(self.factors))[first:]:
            factor = gamma(self.keys, shape, self.seed, draw, seen - year) / shape
            path[:, year] = level = np.log(np.maximum(factor, 1e-12))
            path[:, year] += np.log(mean)
        for year in range(1, years - seen):
            late = year >= wide_after
            step = sd * np.sqrt(wide_after * (1 - keep**2)) if late else sd
            level = level * (keep if late else 1.0) + step * normal(self.keys, self.seed, draw, year)
            path[:, seen + year] = level + np.log(mean)
        return shares.normalised(self.shared[1][:, None] * np.exp(path[:, first:]), self.known.state_of)

    def log_rates(self, draw: int, back: int = 0) -> Floats:
        """Return the log of expected deaths by place and month in one draw, shape (places, back + months).

        Parameters
        ----------
        back : int
            Months before `first_month` to begin with, none before the panel's end.
        """
        months = np.arange(self.estimated - back, self.estimated + self.months)
        year = months // 12
        nation, unknown = self.nation(draw)[months], self.unknown[np.minimum(1 + year, self.years_since)]
        state = np.log(self.state_shares(draw)[:, months])
        first = min(int(year[0]), self.years_since)
        place = np.log(self.place_shares(draw, first))[:, year - first]
        known = nation + np.log(1 - unknown) + state[self.known.state_of] + place
        split = np.log(np.maximum(self.unknown_split, 1e-12))
        return np.concatenate([known, nation + np.log(np.maximum(unknown, 1e-12)) + split[:, None]])

    def counts(self, draw: int, back: int = 0) -> Counts:
        """Return deaths by municipality and month in one draw, shape (municipalities, back + months)."""
        expected = np.exp(self.log_rates(draw, back)[: len(self.known.places)])
        random = stream(self.seed, "violence.counts", draw)
        return negative_binomial(expected, self.noise_shape[:, None], random)

    def estimates(self, place: str, draws: int) -> Counts:
        """Return draws of a place's deaths in the months since the panel, shape (draws, estimated).

        The draws are those of `log_rates`; the noise of the months of a state or nation is that of their municipalities.

        Parameters
        ----------
        place : str
            As `Samples.of` takes it.
        """
        short = replace(self, months=1)  # the first draws of more months are the same
        inside = np.array([place == "MX" or code.startswith(place) for code in self.known.places])
        year, states = np.arange(self.estimated) // 12, np.unique(self.known.state_of[inside])
        unknown = self.unknown[np.minimum(1 + year, self.years_since)]
        shape = self.expected[inside].sum() ** 2 / (self.expected**2 / self.noise_shape)[inside].sum()
        found = np.empty((draws, self.estimated), dtype=np.int32)
        for draw in range(draws):
            part = 1.0 if place == "MX" else short.state_shares(draw)[states[0], : self.estimated]
            if len(place) > 2:
                part = part * short.place_shares(draw)[inside][0, year]
            mean = np.exp(short.nation(draw)[: self.estimated]) * (1 - unknown) * part
            found[draw] = negative_binomial(mean, shape, stream(self.seed, "violence.counts.since", draw))
        return found

    def samples(self, draws: int, progress: Counted = lambda *_: None, back: int = 0) -> Samples:
        """Return the first `draws` draws of deaths; what `progress` raises between two of them ends the work.

        Parameters
        ----------
        back : int
            Months before `first_month` to begin with, none before the panel's end.

        Raises
        ------
        ViolenceError
            If there are no draws, or the horizon is beyond sixty months.
        """
        checked(self.months, draws)
        out = np.empty((draws, len(self.known.places), back + self.months), dtype=np.int32)

        def fill(draw: int) -> None:
            out[draw] = self.counts(draw, back)

        fill(0)  # what is computed once is computed here
        with ThreadPoolExecutor(2) as pool:  # more would wait for one another
            try:
                for done, _ in enumerate(pool.map(fill, range(1, draws)), 2):
                    progress(done, draws)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return Samples(out, self.known.places, self.known.states, shifted(self.first_month, -back))


def heavy(chi: npt.ArrayLike) -> Floats:
    """Return the factors that make normal paths Student ones of the same variance, from gamma numbers."""
    return np.sqrt((DEGREES / 2 - 1) / np.asarray(chi))
