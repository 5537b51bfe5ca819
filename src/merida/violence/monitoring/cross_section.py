"""What the monitors of all places share: every municipality, and what is computed of them once."""

from __future__ import annotations

from functools import cached_property, lru_cache

from merida.facts import Facts
from merida.facts.record import Answer
from merida.figure import Origin
from merida.violence.deaths import EMPTY, Floats, Units, monthly_units, units
from merida.violence.monitoring.change import change, fit_prior, overdispersion
from merida.violence.monitoring.shrinkage import Shrunk, shrink
from merida.violence.monitoring.spatial import Adjacency, Clusters, adjacency, clusters, log_rates

RECENT = 120  # months from which overdispersion is taken
SPAN = 3  # years pooled for clusters: one year is mostly noise in a small municipality


class CrossSection:
    """All municipalities at the record's date, and what the monitors of all places compute of them once.

    Parameters
    ----------
    facts : Facts
        The record as of its date.
    seed : int
        Of the permutations.

    Examples
    --------
    >>> cross_section = CrossSection(Facts("2012-12"))
    >>> cross_section.year, len(cross_section.units.codes)
    (2011, 2443)
    """

    def __init__(self, facts: Facts, seed: int = 0) -> None:
        self.facts, self.seed = facts, seed

    @cached_property
    def units(self) -> Units:
        """Every harmonised municipality by year."""
        return units(self.facts)

    @property
    def year(self) -> int:
        """The last year whose deaths had been published."""
        return self.units.years[-1]

    @cached_property
    def _months(self) -> tuple[list[str], Floats, Answer]:
        return monthly_units(self.facts, self.units.codes)

    @property
    def months(self) -> list[str]:
        """Every month on record (T,)."""
        return self._months[0]

    @property
    def by_month(self) -> Floats:
        """Deaths by unit and month (U, T)."""
        return self._months[1]

    @property
    def months_origin(self) -> Origin:
        """Where the months come from."""
        return self._months[2].origin

    @cached_property
    def overdispersion(self) -> Floats:
        """Variance over mean of each unit's monthly deaths (U,)."""
        return overdispersion(self.by_month[:, -RECENT:])

    @cached_property
    def rates(self) -> Shrunk:
        """Rates of the last year, each drawn towards its state's; of effective deaths (U,)."""
        deaths, exposure = self.units.at(self.year)
        return shrink(deaths / self.overdispersion, exposure / self.overdispersion, self.units.states)

    def prior(self, lag: int) -> tuple[float, float]:
        """Return centre and spread of the log ratio of rates over municipalities, `lag` years apart."""
        (after, now), (before, then) = self.units.at(self.year), self.units.at(self.year - lag)
        both = (now > EMPTY) & (then > EMPTY)
        phi = self.overdispersion[both]
        return fit_prior(before[both] / phi, after[both] / phi, now[both] / then[both])

    @cached_property
    def adjacency(self) -> Adjacency:
        """Which units touch."""
        return adjacency(self.facts, self.units.codes)

    @cached_property
    def clusters(self) -> Clusters:
        """Clusters of the last three years' rates."""
        deaths, exposure = self.units.at(self.year, SPAN)
        x = log_rates(deaths / self.overdispersion, exposure / self.overdispersion)
        return clusters(x, self.adjacency, seed=self.seed)

    def changes(self, lag: int) -> list[tuple[str, float, float]]:
        """Return of each unit its code, the ratio of its rates `lag` years apart, and the probability of a rise."""
        (after, now), (before, then) = self.units.at(self.year), self.units.at(self.year - lag)
        centre, spread = self.prior(lag)
        rows = []
        for row, code in enumerate(self.units.codes):
            phi = self.overdispersion[row]
            people = now[row] / then[row] if then[row] > EMPTY < now[row] else 1.0
            moved = change(before[row] / phi, after[row] / phi, people, centre, spread)
            rows.append((code, moved.ratio, moved.probability_of_rise))
        return rows


@lru_cache(maxsize=4)
def cross_section_of(facts: Facts, seed: int = 0) -> CrossSection:
    """Return what the monitors of all places of a record share, kept for the next monitor of the same record.

    Examples
    --------
    >>> cross_section_of(Facts("2012-12")) is cross_section_of(Facts("2012-12"))
    True
    """
    return CrossSection(facts, seed)
