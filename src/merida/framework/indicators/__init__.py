"""The results framework as data: what each indicator counts, for which pillar, from which query of the record.

Definitions stand in the TOML files beside this one, one a subject. An indicator has actuals (`sql`, or `metric`: the
published figures of that name) or says why it has none (`gap`). No actual and no target is typed: both are queries of
the record, so that ``as_of`` holds for them too. The one number of the memorandum's own advice is a query that names it.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Literal

from pydantic import Field, model_validator

from merida.framework.types import Name, Strict, Text
from merida.shipped import toml, whole

SUBJECTS = ("money", "disrupt", "rule_of_law", "border", "communities", "shared")
MONEY = "money"
"""What stands for a pillar where money is of no pillar: the record does not split it."""

Level = Literal["input", "output", "outcome", "impact"]
Direction = Literal["up", "down", "none"]
DATE = r"(19|20)\d\d(-(0[1-9]|1[0-2]))?"
# The year or month that a published figure's period names last; a fiscal year ends in September.
OF_METRIC = """select regexp_extract_all(period, '(?:19|20)\\d{{2}}(?:-(?:0[1-9]|1[0-2]))?')[-1]
  || case when starts_with(period, 'FY') then '-09' else '' end as date, arg_max(value, available_from){scale} as value
from published_facts where metric = '{metric}' and status = 'verified' and value is not null group by 1"""


class Target(Strict):
    """A value to be reached, with its source.

    Parameters
    ----------
    sql : str
        The query that gives it.
    date : str or None
        ``YYYY-MM``; None where the source names no date.
    known : str
        The month from which it was public.
    place : str
        ``nation``, or the two digits of a state.
    """

    sql: str
    date: Annotated[str, Field(pattern=rf"^{DATE}$")] | None = None
    known: Annotated[str, Field(pattern=rf"^{DATE}$")]
    source: Text
    place: str = "nation"


class Change(Strict):
    """A dated change of what an indicator counts."""

    date: Annotated[str, Field(pattern=rf"^{DATE}$")]
    note: Text


class Indicator(Strict):
    """One line of a scorecard.

    Parameters
    ----------
    name, code : str
        Its path in the files, and the short code that a table shows.
    pillar, programme : mapping of str to str
        By framework; a framework that is not named does not have the indicator.
    level : {"input", "output", "outcome", "impact"}
    unit : str
        Key under ``units`` in ``words/``.
    decimals : int
        With which it is published.
    direction : {"up", "down", "none"}
        Which way is good; none where the framework wants neither.
    summable : bool
        Whether values of places, or of years for a flow, may be added.
    title, counts, excludes : Text
        What it is, what counts and what does not.
    numerator, denominator : Text or None
        Of a share or rate, each described.
    column : str
        The columns of the record that hold it.
    sql, state_sql : str
        Queries that give (date, value[, numerator, denominator]) and (state, date, value); a date is ``YYYY`` or
        ``YYYY-MM``.
    metric : str
        Instead of `sql`: the published figures of that name, divided by `scale`.
    ceiling : float or None
        The most that it can be.
    targets : tuple of Target
    changes : tuple of Change
    gap : Text or None
        Why there are no actuals.
    """

    name: Name
    code: Annotated[str, Field(pattern=r"^[\w.-]{1,16}$")]
    pillar: dict[str, str]
    programme: dict[str, str] = Field(default_factory=dict)
    level: Level
    unit: str
    decimals: int = 0
    scale: float = 1.0
    direction: Direction
    summable: bool
    title: Text
    counts: Text
    excludes: Text
    numerator: Text | None = None
    denominator: Text | None = None
    column: str = ""
    sql: str = ""
    state_sql: str = ""
    metric: str = ""
    ceiling: float | None = None
    targets: Annotated[tuple[Target, ...], Field(strict=False)] = ()
    changes: Annotated[tuple[Change, ...], Field(strict=False)] = ()
    gap: Text | None = None

    @model_validator(mode="after")
    def complete(self) -> Indicator:
        """Refuse an indicator with no source and no gap, or with several, or half a share."""
        if sum(bool(part) for part in (self.sql, self.metric, self.gap)) != 1:
            raise ValueError("one of `sql`, `metric` and `gap`")
        if (self.numerator is None) != (self.denominator is None):
            raise ValueError("`numerator` and `denominator` go together")
        if self.direction == "none" and self.targets:
            raise ValueError("a target needs a direction")
        return self

    @property
    def query(self) -> str:
        """The query of the actuals, on one line; empty for a gap."""
        scale = f" / {self.scale:.0f}" if self.scale != 1 else ""
        made = OF_METRIC.format(metric=self.metric, scale=scale) if self.metric else self.sql
        return " ".join(made.split())

    @property
    def state_query(self) -> str:
        """The query of the states' actuals, on one line; empty where the record has none."""
        return " ".join(self.state_sql.split())


@cache
def indicators() -> dict[str, Indicator]:
    """Return every indicator by name, in the order of the files."""
    found: dict[str, Indicator] = {}
    for subject in SUBJECTS:
        file = f"framework/indicators/{subject}.toml"
        with whole(file):
            found |= {name: Indicator(name=name, **entry) for name, entry in toml(file).items()}
    return found


@cache
def periods() -> dict[str, tuple[str, str]]:
    """Return the first and last month of each framework's scorecard."""
    return {name: (first, last) for name, (first, last) in toml("framework/indicators/periods.toml").items()}


def of_framework(framework: str) -> dict[str, Indicator]:
    """Return the indicators that a framework has, by name."""
    return {name: one for name, one in indicators().items() if framework in one.pillar}
