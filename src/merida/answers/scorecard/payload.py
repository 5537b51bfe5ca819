"""What the answer to a scorecard holds."""

from __future__ import annotations

from dataclasses import dataclass

from merida.facts.schema import Text as Both
from merida.scorecard.effort import StageRow
from merida.scorecard.scoring import Reliability
from merida.statistics import Interval


@dataclass(frozen=True)
class Line:
    """One indicator: its definition, its baseline, actual and target, and its verdict.

    Attributes
    ----------
    place : str
        ``nation``, or the two digits of a state.
    baseline_date, date, target_date : str or None
        ``YYYY`` or ``YYYY-MM``.
    moved : {"better", "worse"} or None
        Which way the latest value lies from the baseline, whatever the noise; no verdict.
    probability, probability_trend : float or None
        That the target is met at its date, by the random walk (which gives the verdict) and by the normal trend.
    target_met_with : float or None
        The actual at the target's date, where the record has one.
    regression_value, regression_says, growth_ratio, growth_says
        What the two baselines give, and whether they call the target on track.
    gap : Both or None
        Why there is no actual at all.
    own : bool
        Whether it is the user's own.
    query : str
        That gives the actuals again: ``merida facts sql "QUERY"``; empty for a gap and for a user's own.
    """

    code: str
    name: str
    pillar: str
    programme: str | None
    level: str
    title: Both
    counts: Both
    excludes: Both
    numerator_is: Both | None
    denominator_is: Both | None
    unit: str
    decimals: int
    direction: str
    summable: bool
    tables: tuple[str, ...]
    column: str
    place: str
    baseline_date: str | None
    baseline: float | None
    date: str | None
    value: float | None
    numerator: float | None
    denominator: float | None
    moved: str | None
    points: int
    target_date: str | None
    target: float | None
    target_met_with: float | None
    target_source: Both | None
    verdict: str
    probability: float | None
    probability_trend: float | None
    regression_value: float | None
    regression_says: bool | None
    growth_ratio: float | None
    growth_says: bool | None
    gap: Both | None
    changes: tuple[Both, ...]
    own: bool
    query: str


@dataclass(frozen=True)
class ValueLine:
    """One value of the indicator that was asked for in full."""

    date: str
    value: float
    numerator: float | None
    denominator: float | None


@dataclass(frozen=True)
class PillarLine:
    """How the indicators of one pillar stand."""

    pillar: str
    title: Both
    indicators: int
    with_actuals: int
    gaps: int
    met: int
    on_track: int
    cannot_tell: int
    off_track: int
    missed: int
    due_unknown: int
    without_target: int


@dataclass(frozen=True)
class Traced:
    """Dollars appropriated in all, tied by a source to a programme, to an objective alone, and to no programme."""

    appropriated_usd: float | None
    programme_usd: float | None
    objective_usd: float | None
    untraced_usd: float | None


@dataclass(frozen=True)
class PaceLine:
    """Months from appropriation to a stage, of one account's money of one fiscal year; see `merida.scorecard.pace`."""

    account: str
    stage: str
    fiscal_year: int
    usd: float
    spent_share: float
    months: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Fitted:
    """Months from appropriation to expenditure of an account, with the 5th and 95th percentile."""

    account: str
    months: float
    low: float
    high: float


@dataclass(frozen=True)
class EvenLine:
    """One index of evenness, between its ends; of what is counted the ends are the same.

    Attributes
    ----------
    what : str
        ``by_account``, ``2014_2018`` (money over pillars), ``courts``, ``vetted`` (outputs over states).
    index : {"pielou", "theil", "gini", "hoover"}
    verdict : {"uneven", "cannot_tell", "counted"}
    """

    what: str
    index: str
    low: float
    high: float
    verdict: str


@dataclass(frozen=True)
class PillarShare:
    """The least and the most of the money that a pillar can have got, as shares."""

    what: str
    pillar: str
    low: float
    high: float


@dataclass(frozen=True)
class EffortLine:
    """The Initiative beside Mexico's own fund for the states, million pesos of the year."""

    year: int
    initiative_mxn_million: float
    fasp_mxn_million: float
    at_most_pct: float


@dataclass(frozen=True)
class ScoreLine:
    """The scores of a method on targets that fell due; lower is better.

    Attributes
    ----------
    gain : Interval or None
        The share by which the walk's Brier score lies below the method's hedged one, over indicators drawn anew.
    on : str
        ``real`` targets, ``rolling`` ones, or ``later`` ones: rolling, from years after the drift was chosen.
    """

    on: str
    method: str
    cases: int
    brier: float
    log: float
    brier_hedged: float
    log_hedged: float
    gain: Interval | None


@dataclass(frozen=True)
class Board:
    """The scorecard of a framework."""

    framework: str
    pillar: str | None
    state: str | None
    as_of: str | None
    period: tuple[str, str]
    pillars: tuple[PillarLine, ...]
    indicators: tuple[Line, ...]
    values: tuple[ValueLine, ...]
    money: tuple[StageRow, ...]
    traced: Traced | None
    pace: tuple[PaceLine, ...]
    fitted: tuple[Fitted, ...]
    evenness: tuple[EvenLine, ...]
    pillar_shares: tuple[PillarShare, ...]
    effort: tuple[EffortLine, ...]
    unknown_parts: tuple[str, ...]
    scores: tuple[ScoreLine, ...]
    reliability: tuple[Reliability, ...]
