"""A framework as data: its pillars, agencies, accounts, indicators and programmes, and how its money ran in the past.

A framework file is TOML that fits `Framework`; `merida.framework.framework` reads it and says what does not fit.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from merida.distributions import Distribution
from merida.schema_faults import broken

Kind = Literal["foreign_assistance", "customs", "domestic"]
Level = Literal["nation", "state", "municipality", "port", "united_states"]
FIRST_YEAR, LAST_YEAR = 1980, 2100
MOST_USD = 1e12
LEAST, MOST = 1e-9, 1e15  # of a cost, a life or a need: beyond them sums lose their digits
RESERVED = ("history", "continuation", "none", "reference", "best")
"""The plans that every framework has, and those that the house makes; see `builtin.plan_named` and `labels.INNER`."""


def is_year(year: int) -> int:
    """Return a year that a framework may speak of."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise broken("expected_year", first=FIRST_YEAR, last=LAST_YEAR)
    return year


def is_month(text: str) -> str:
    """Return a text that is a month ``YYYY-MM`` of the years that a framework may speak of."""
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", text) or not FIRST_YEAR <= int(text[:4]) <= LAST_YEAR:
        raise broken("expected_month", first=f"{FIRST_YEAR}-01", last=f"{LAST_YEAR}-12")
    return text


def is_name(text: str) -> str:
    """Return a text that can name a thing in a path, a file and a table: letters, digits, ``_`` and ``-``."""
    if not re.fullmatch(r"[\w-]{1,64}", text):
        raise broken("expected_name")
    return text


def is_plan_name(text: str) -> str:
    """Return a name that no plan of every framework has."""
    if is_name(text) in RESERVED:
        raise broken("expected_other_plan_name", reserved=", ".join(RESERVED))
    return text


def is_positive(distribution: Distribution) -> Distribution:
    """Return a distribution that gives numbers above 0 alone, of sizes that can be computed with.

    Nothing costs, lasts or needs less than nothing, and dollars are divided by all of these.
    """
    numbers = (distribution.value, distribution.low, distribution.high)
    if distribution.kind == "normal" or not all(
        LEAST <= number <= MOST for number in numbers if number is not None
    ):
        raise broken("expected_positive_distribution", least=LEAST, most=MOST)
    return distribution


Year = Annotated[int, AfterValidator(is_year)]
Month = Annotated[str, AfterValidator(is_month)]
Name = Annotated[str, AfterValidator(is_name)]
PlanName = Annotated[str, AfterValidator(is_plan_name)]
Positive = Annotated[Distribution, AfterValidator(is_positive)]
Share = Annotated[float, Field(ge=0, le=1)]


class Strict(BaseModel):
    """A model that refuses what it does not know, takes nothing for something else, and does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Text(Strict):
    """One text in both languages."""

    en: Annotated[str, Field(min_length=1)]
    es: Annotated[str, Field(min_length=1)]

    def of(self, language: str) -> str:
        """Return the text in one language."""
        return self.es if language == "es" else self.en


class Pillar(Strict):
    """A goal of the framework, under which programmes are grouped."""

    title: Text
    aim: Text


class Agency(Strict):
    """An agency of the United States that carries programmes out."""

    title: Text


class Account(Strict):
    """A line of appropriations. Money does not cross from one kind of account to another (SCIENCE rule 6)."""

    title: Text
    kind: Kind
    legal_source: Text


class Indicator(Strict):
    """What shows progress in a pillar: a query of the record whose answer is one number.

    Parameters
    ----------
    sql : str
        The query of the actual figure; empty where the record holds none.
    target : float or None
        None where the framework set no figure; then `target_note` says so.
    """

    title: Text
    pillar: str
    unit: Text
    sql: str = ""
    target: float | None = None
    target_note: Text


class Targeting(Strict):
    """Which municipalities a programme serves: those whose yearly homicides per 100,000 reach a rate."""

    homicide_rate_at_least: Annotated[float, Field(ge=0)] = 0.0


class Assumed(Strict):
    """A distribution of numbers above 0 that is assumed, and why."""

    distribution: Positive
    grade: Literal["assumption"]
    note: Text


class Need(Strict):
    """What a programme's units are held against, so that units become a dose.

    Parameters
    ----------
    measure : {"population", "homicides", "officers", "none"}
        Residents, homicides in a year, or police officers; ``none`` counts the nation as a whole as one.
    units_per : Distribution or None
        Units at work that give the study's dose, for each one of the measure. None where the mechanism counts the need
        itself: then the measure says only how a state's units are shared out among its municipalities.
    """

    measure: Literal["population", "homicides", "officers", "none"]
    units_per: Positive | None = None
    grade: Literal["assumption"]
    note: Text


class Cost(Strict):
    """What one unit costs, in dollars of the base year.

    It is an assumption, a row of the register's ``costs.csv``, or a published fact; `merida.parameters.unit_costs` reads
    it.

    Parameters
    ----------
    distribution : Distribution or None
        An assumption.
    cost : str or None
        Id of a row of costs; `scale` brings it to Mexico and the base year.
    fact : str or None
        Id of a published fact, over `divide`.
    otherwise : Distribution or None
        What is assumed while the row or fact was not yet published.
    """

    distribution: Positive | None = None
    cost: Name | None = None
    fact: Name | None = None
    scale: Positive = Distribution(kind="fixed", value=1.0)
    divide: Annotated[float, Field(ge=LEAST, le=MOST)] = 1.0
    otherwise: Positive | None = None
    grade: Literal["assumption", "source"]
    note: Text

    @model_validator(mode="after")
    def one(self) -> Cost:
        """Refuse a cost with no source or with several."""
        if sum(part is not None for part in (self.distribution, self.cost, self.fact)) != 1:
            raise broken("expected_one_cost")
        if (self.distribution is None) != (self.otherwise is not None):
            raise broken("expected_otherwise_with_source")
        if (self.distribution is None) != (self.grade == "source"):
            raise broken("expected_grade_of_cost")
        return self


class Programme(Strict):
    """What money buys: the unit, who delivers it, where and for whom, and which mechanism it pulls.

    A programme without a `lever` is counted in units and moves no outcome.
    """

    pillar: str
    title: Text
    delivers: Text
    unit: Text
    unit_cost: Cost
    implementer: str
    accounts: Annotated[tuple[str, ...], Field(min_length=1, strict=False)]
    level: Level
    targeting: Targeting = Targeting()
    need: Need | None = None
    life_years: Assumed
    ramp_months: Assumed
    lever: str | None = None
    outcome: str


class Line(Strict):
    """One line of a plan that a framework brings along."""

    programme: str
    account: str
    usd_per_year: Annotated[float, Field(gt=0, le=MOST_USD)]
    note: Text | None = None


class NamedPlan(Strict):
    """A plan that a framework brings along."""

    title: Text
    lines: Annotated[tuple[Line, ...], Field(strict=False)]


class History(Strict):
    """How past money is assumed to have run, since its split over programmes is not on record (SCIENCE rule 22).

    Parameters
    ----------
    mix : mapping
        The share of each account's money that went to each programme, which is an assumption.
    unsplit : mapping
        The share of each account in money that the record does not split, which is an assumption.
    """

    mix: dict[str, dict[str, Share]]
    unsplit: dict[str, Share]
    note: Text
