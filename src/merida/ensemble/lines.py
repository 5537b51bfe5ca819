"""The lines of a run's report: plain records, which are read back from a kept answer without loading what made them."""

from __future__ import annotations

from dataclasses import dataclass

from merida.facts.schema import Text


@dataclass(frozen=True)
class CostPerDeath:
    """Dollars for each homicide averted; an end is None where the interval of deaths averted reaches zero there.

    Parameters
    ----------
    usd : float
        What the plan costs beyond the other.
    value, low, high : float or None
        None where nothing is averted at that end: no sum of money buys one.
    """

    usd: float
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Driver:
    """A parameter and the rank correlation of its draws with the result (Spearman, 1904)."""

    path: str
    correlation: float


@dataclass(frozen=True)
class LeverShare:
    """What part of the variance of the difference between two plans one lever makes.

    Attributes
    ----------
    lever : str
        Its path; empty for what levers do together.
    programmes : tuple of str
        The programmes that pull it.
    titles : Text or None
        Their titles in both languages.
    grounds : str
        ``study``, ``chain`` or ``none``, how the lever's way to homicide is known; ``together`` for the rest.
    share, low, high : float
        Covariance with the difference over its variance; the interval is that of the draws.
    averted : float
        Median of the homicides that it averts by itself.
    """

    lever: str
    programmes: tuple[str, ...]
    titles: Text | None
    grounds: str
    share: float
    low: float
    high: float
    averted: float


@dataclass(frozen=True)
class Gain:
    """How much better a plan is in an outcome, in the outcome's unit."""

    value: float
    low: float
    high: float
    p_better: float
    p_harm: float


@dataclass(frozen=True)
class Comparison:
    """Expected homicides averted in the first years, with the share of draws in which some are averted and added."""

    plan: str
    versus: str
    years: int
    averted: float
    low: float
    high: float
    p_better: float
    p_harm: float


@dataclass(frozen=True)
class StateLine:
    """Homicides averted in a state, all years."""

    state: str
    name: str
    averted: float
    low: float
    high: float
    p_better: float
    p_harm: float


@dataclass(frozen=True)
class YearLine:
    """The nation in a year: homicides under the first plan with chance, and what it averts."""

    year: int
    homicides: int
    homicides_low: int
    homicides_high: int
    averted: float
    low: float
    high: float


@dataclass(frozen=True)
class MunicipalityLine:
    """A municipality in which the first plan changes most: expected homicides and those averted, all years."""

    municipality: str
    name: str
    expected: float
    averted: float
    low: float
    high: float


@dataclass(frozen=True)
class OutcomeLine:
    """An outcome in the first years, against another plan."""

    versus: str
    years: int
    value: float
    low: float
    high: float
    p_better: float
    p_harm: float


@dataclass(frozen=True)
class OutcomeTable:
    """One outcome against every other plan; `good` is ``less`` or ``more``."""

    unit: str
    level: str
    good: str
    comparisons: tuple[OutcomeLine, ...]


@dataclass(frozen=True)
class HoursLine:
    """Million hours saved at the ports in the first years."""

    years: int
    value: float
    low: float
    high: float
    p_better: float
    p_harm: float


@dataclass(frozen=True)
class ModeLine:
    """Million hours saved by one mode of traffic."""

    mode: str
    million_hours_a_year: float
    value: float
    low: float
    high: float
    p_better: float
    p_harm: float


@dataclass(frozen=True)
class CountLine:
    """Inspections or seizures more than otherwise."""

    what: str
    value: float
    low: float
    high: float
    p_better: float
    p_harm: float


@dataclass(frozen=True)
class AtPorts:
    """What a plan does at the ports; `years` is the window of all but the first table."""

    million_hours_saved: tuple[HoursLine, ...]
    years: int
    by_mode: tuple[ModeLine, ...]
    counts: tuple[CountLine, ...]
    imports_usd_published_multiplier: Gain | None
