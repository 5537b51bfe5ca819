"""What is said of an allocation and of a ranking: plain records, which a kept answer is read back into on their own."""

from __future__ import annotations

from dataclasses import dataclass

from merida.ensemble.lines import CostPerDeath
from merida.facts.schema import Text
from merida.statistics import Interval

SIMPLE_RULES = {
    "homicides": ("continuation", "per_head", "by_homicides", "need_evidence"),
    "delay": ("own_plan", "by_crossings", "by_delay", "first_dollar"),
}
"""The simple rules beside which a plan is judged, by objective (SCIENCE rule 23)."""


@dataclass(frozen=True)
class DivisionLine:
    """A programme's part of a plan's money; `places` is how many places it goes to."""

    pillar: str
    programme: str
    usd_per_year: float
    share: float
    places: int
    pillar_title: Text
    title: Text


@dataclass(frozen=True)
class HomicidesLine:
    """Homicides that a plan averts beside the reference, and the million hours that it saves at the ports besides.

    Attributes
    ----------
    p_best_beats : float or None
        Share of draws in which the best plan found does better.
    """

    plan: str
    averted: float
    low: float
    high: float
    p_better: float
    p_harm: float
    hours_saved: Interval | None
    p_best_beats: float | None


@dataclass(frozen=True)
class HoursLine:
    """Million hours that a plan saves at the ports beside the reference, and the homicides that it averts besides."""

    plan: str
    hours_saved: float
    low: float
    high: float
    p_better: float
    p_harm: float
    averted: Interval
    p_best_beats: float | None


@dataclass(frozen=True)
class MillionLine:
    """What the next million dollars a year of an account would avert or save, and where; see `decide.wall_prices`."""

    programme: str
    place: str
    mean: float
    median: float
    low: float
    high: float
    title: Text
    place_name: Text


@dataclass(frozen=True)
class WindowLine:
    """Homicides averted beside the reference in the first years; `mean` is over the draws."""

    years: int
    averted: float
    low: float
    high: float
    mean: float
    p_better: float
    p_harm: float


@dataclass(frozen=True)
class DriverLine:
    """A parameter, the rank correlation of its draws with the result, and the draws' own median and interval."""

    path: str
    correlation: float
    median: float
    low: float
    high: float


@dataclass(frozen=True)
class PlanLine:
    """A plan of the run beside the reference, by the label that it has there.

    Attributes
    ----------
    foreign_usd_year, home_usd_year : float
        Dollars a year of foreign assistance, and of all other accounts, summed over the plan's rows.
    usd_more : float
        Dollars of the whole plan beyond the reference's, all years.
    late_share : float or None
        Share of what it averts on average that comes after year 5.
    drivers : tuple of DriverLine
        What the homicides that it averts go with most.
    """

    plan: str
    name: str
    digest: str
    foreign_usd_year: float
    home_usd_year: float
    usd_more: float
    windows: tuple[WindowLine, ...]
    late_share: float | None
    cost_per_homicide_averted: CostPerDeath | None
    drivers: tuple[DriverLine, ...]


@dataclass(frozen=True)
class RankedLine:
    """One programme: homicides averted by a further million dollars; see `merida.decide.ranking.Ranked`."""

    programme: str
    group: int
    median: float
    median_error: float | None
    low: float
    high: float
    mean: float
    mean_error: float
    harm: float
    first: float
    first_error: float
    studies: tuple[str, ...]
    prior_driven: bool
    title: Text


@dataclass(frozen=True)
class MovedLine:
    """The groups where something else is assumed, and who enters or leaves the best one."""

    groups: tuple[tuple[str, ...], ...]
    draws: int
    settled: bool
    draws_needed: int | None
    enters: tuple[str, ...]
    leaves: tuple[str, ...]


@dataclass(frozen=True)
class LeftOutLine:
    """The groups without one study, and the programmes whose effect it is part of."""

    bears_on: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    draws: int
    settled: bool
    draws_needed: int | None
    enters: tuple[str, ...]
    leaves: tuple[str, ...]


@dataclass(frozen=True)
class ValuationLine:
    """What a life is worth in a country, as published and in constant dollars.

    Attributes
    ----------
    cost : str
        The row of the register's costs.
    amount, low, high : float
        In dollars of `price_year`, as published; the ends where they were.
    usd : float
        In dollars of `usd_year`.
    prices : tuple of float
        US consumer prices of `usd_year` and of `price_year` that moved it; empty where the years are the same.
    """

    country: str
    cost: str
    citation: str
    locator: str
    available_from: str
    price_year: int
    amount: float
    low: float | None
    high: float | None
    usd: float
    usd_year: int
    prices: tuple[float, ...]


@dataclass(frozen=True)
class PerspectiveLine:
    """The present value of what a plan does to those of one perspective, dollars."""

    perspective: str
    usd: Interval


@dataclass(frozen=True)
class LivesLine:
    """Deaths averted, and the same discounted as dollars are."""

    outcome: str
    averted: Interval
    discounted: Interval


@dataclass(frozen=True)
class WelfareLine:
    """The net present value under one choice of set, standing and rates; `lives_rate` is that of lives."""

    valuation: str
    standing: str
    discount_rate: float
    lives_rate: float
    net_usd: Interval
    p_positive: float


@dataclass(frozen=True)
class GainLine:
    """What a plan gains beside the reference in the objective's own unit, and the homicides that it averts besides."""

    plan: str
    gained: float
    low: float
    high: float
    p_better: float
    p_harm: float
    averted: Interval
    p_best_beats: float | None


@dataclass(frozen=True)
class Certificate:
    """How much better any other division could be, on the draws of the search.

    Attributes
    ----------
    segments, broken : int
        Segments between plans that were evaluated, and on how many of them the objective was not concave.
    gap : float or None
        How much more any plan could gain, in the objective's unit; None where there is no certificate.
    gained : float
        What the plan found gains on these draws.
    bound : float or None
        What no plan can gain: by the slopes at no money, each draw without its harms. None where that was not
        computed, or a plan that was evaluated gains more than its own first dollars allow.
    starts, evaluations : int
        Starts that were followed, and plans that went through the system.
    draws : int
    """

    segments: int
    broken: int
    gap: float | None
    gained: float
    bound: float | None
    starts: int
    evaluations: int
    draws: int


@dataclass(frozen=True)
class CoreLine:
    """A programme, and in what share of beliefs every good plan holds it, only some do, or none.

    Attributes
    ----------
    verdict : {"all", "none", "open"}
        What nine in ten beliefs say, or that it cannot be told.
    """

    programme: str
    in_all: float
    in_some: float
    in_none: float
    verdict: str
    title: Text


@dataclass(frozen=True)
class CoreTable:
    """Which programmes every good plan holds; see `decide.core`.

    Attributes
    ----------
    beliefs : int
        Resampled beliefs: draws of every parameter together.
    within, holds : float
        A good plan loses at most this part of what the best gains; a programme is held from this part of the money on.
    checked : int
        Beliefs whose best plan went through the whole system.
    agrees : Interval or None
        What these plans gain there, over what they gain by the curves of single programmes.
    """

    beliefs: int
    within: float
    holds: float
    checked: int
    agrees: Interval | None
    lines: tuple[CoreLine, ...]


@dataclass(frozen=True)
class RobustCell:
    """What a plan gains beside the reference in a scenario: homicides averted, or under a set of values million dollars.

    Attributes
    ----------
    regret : float or None
        How much less it gains on average than the best plan there, as a part of what that one gains; None where no plan
        gains.
    p_best, p_enough : float
        Share of draws in which it gains most, and in which it gains enough.
    """

    scenario: str
    kind: str
    plan: str
    gained: float
    low: float
    high: float
    mean: float
    regret: float | None
    p_best: float
    p_enough: float


@dataclass(frozen=True)
class RobustPlan:
    """A plan over all scenarios.

    Attributes
    ----------
    largest_regret, worst : float or None, str or None
        Its largest regret, and in which scenario.
    enough : float
        Share of scenarios in which it is likelier than not to gain enough.
    """

    plan: str
    largest_regret: float | None
    worst: str | None
    enough: float


@dataclass(frozen=True)
class Flip:
    """A scenario in which a plan is likely to do worse than another that it is likely to beat as assumed.

    Attributes
    ----------
    p_assumed, p_there : float
        Share of draws in which `ahead` gains more than `behind`, as assumed and in the scenario.
    """

    scenario: str
    kind: str
    ahead: str
    behind: str
    p_assumed: float
    p_there: float
