"""The lines of a hindcast: plain records, which a kept answer is read back into on their own."""

from __future__ import annotations

from dataclasses import dataclass

from merida.decide.said.lines import DivisionLine


@dataclass(frozen=True)
class ThenLine:
    """What would have been said of a plan: homicides averted beside the continuation. It cannot be tested.

    Attributes
    ----------
    plan : str
        ``memo`` or another plan of the framework's, ``best`` for what a search would have found then, ``enacted`` for
        what was really enacted, or a simple rule.
    usd_more : float
        Dollars beyond the continuation's, all years.
    best_rule : bool
        Whether it is the simple rule that would have been expected to avert most.
    """

    plan: str
    years: int
    usd_more: float
    averted: float
    low: float
    high: float
    p_better: float
    p_harm: float
    best_rule: bool


@dataclass(frozen=True)
class YearScore:
    """Homicides of a year in the nation or a state: what was said, what happened, and the CRPS of both forecasts.

    Attributes
    ----------
    place, name : str
        ``MX`` or the state's code, and its name.
    crps, walk_crps : float
        Of the laboratory's forecast, and of a random walk of the logarithm known on the same day; in homicides.
    """

    place: str
    name: str
    year: int
    happened: int
    median: float
    low: float
    high: float
    inside: bool
    crps: float
    walk_crps: float


@dataclass(frozen=True)
class LevelScore:
    """The scores of a level in a year, means over its places."""

    level: str
    year: int
    places: int
    crps: float
    walk_crps: float
    inside: int


@dataclass(frozen=True)
class OperatingLine:
    """States that operate by the accusatory procedure by the end of a year: said and happened."""

    year: int
    median: float
    low: float
    high: float
    happened: int
    inside: bool
    crps: float


@dataclass(frozen=True)
class StateReform:
    """A state that had not begun: the chance that was given to it by the end of each year, and when it began.

    Attributes
    ----------
    chances : dict of str to float
        By year.
    began : int or None
        None where the record holds no first operation.
    """

    state: str
    name: str
    chances: dict[str, float]
    began: int | None


@dataclass(frozen=True)
class VolumeLine:
    """Crossings of a year by mode: as many as in the last year known, with the spread of past changes."""

    mode: str
    year: int
    said: float
    low: float
    high: float
    happened: float
    inside: bool


@dataclass(frozen=True)
class MoneyLine:
    """How far money had got: a share of what was appropriated, or dollars paid in a year; said and published."""

    point: str
    stage: str
    scope: str
    month: str
    median: float
    low: float
    high: float
    published: float
    inside: bool
    crps_log: float


@dataclass(frozen=True)
class LookedBack:
    """What would have been said, and its scores.

    Attributes
    ----------
    plans : tuple of ThenLine
        What each plan would have been said to avert: not testable, for only one of them happened.
    best : tuple of DivisionLine
        The money of the plan that a search would have found then, by pillar and programme.
    nation, states : tuple of YearScore
        Homicides by year, under the money that was really enacted.
    levels : tuple of LevelScore
        Means of those scores.
    operating, reform : tuple
        The judicial reform: states operating by year, and each state that had not begun.
    brier : float or None
        Of the reform, by state and year.
    volumes : tuple of VolumeLine
        Crossings by mode and year.
    money : tuple of MoneyLine
        Published sums of money obligated, paid and delivered.
    """

    plans: tuple[ThenLine, ...]
    best: tuple[DivisionLine, ...]
    nation: tuple[YearScore, ...]
    states: tuple[YearScore, ...]
    levels: tuple[LevelScore, ...]
    operating: tuple[OperatingLine, ...]
    reform: tuple[StateReform, ...]
    brier: float | None
    volumes: tuple[VolumeLine, ...]
    money: tuple[MoneyLine, ...]
