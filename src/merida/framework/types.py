"""A framework as data: pillars, agencies, accounts, indicators, programmes and how its money ran."""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from merida.distributions import Distribution

Kind = Literal["foreign_assistance", "customs", "domestic"]
Level = Literal["nation", "state", "municipality", "port", "united_states"]
Month = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
Share = Annotated[float, Field(ge=0, le=1)]


class Strict(BaseModel):
    """A model that refuses what it does not know and does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Text(Strict):
    """One text in both languages."""

    en: Annotated[str, Field(min_length=1)]
    es: Annotated[str, Field(min_length=1)]

    def of(self, language: str) -> str:
        """Return the text in one language."""
        return self.es if language == "es" else self.en


class Pillar(Strict):
    """A goal of the framework."""

    title: Text
    aim: Text


class Agency(Strict):
    """Who carries programmes out."""

    title: Text


class Account(Strict):
    """A line of appropriations: its kind walls it off from the others (SCIENCE rule 6)."""

    title: Text
    kind: Kind
    legal_source: Text


class Indicator(Strict):
    """What shows progress in a pillar: a query of the record that gives one number.

    Parameters
    ----------
    sql : str
        The actual; empty where the record has none.
    target : float or None
        None where the framework set none; then `target_note` says so.
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
    """A law that is assumed, and why."""

    distribution: Distribution
    grade: Literal["assumption"]
    note: Text


class Need(Strict):
    """What a programme's units are held against.

    Parameters
    ----------
    measure : {"population", "homicides", "officers", "none"}
        Yearly homicides; police officers; ``none``: the nation as a whole counts as one.
    units_per : Distribution
        Units at work that give the study's dose, for each one of the measure.
    """

    measure: Literal["population", "homicides", "officers", "none"]
    units_per: Distribution
    grade: Literal["assumption"]
    note: Text


class Cost(Strict):
    """What one unit costs, in dollars of the base year: an assumed law, a row of ``costs.csv``, or a published fact.

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

    distribution: Distribution | None = None
    cost: str | None = None
    fact: str | None = None
    scale: Distribution = Distribution(kind="fixed", value=1.0)
    divide: Annotated[float, Field(gt=0)] = 1.0
    otherwise: Distribution | None = None
    grade: Literal["assumption", "source"]
    note: Text

    @model_validator(mode="after")
    def one(self) -> Cost:
        """Refuse a cost with no source or with several."""
        if sum(part is not None for part in (self.distribution, self.cost, self.fact)) != 1:
            raise ValueError("give one of `distribution`, `cost` and `fact`")
        if (self.distribution is None) != (self.otherwise is not None):
            raise ValueError("`otherwise` goes with `cost` or `fact`, and is needed there")
        if (self.distribution is None) != (self.grade == "source"):
            raise ValueError("a law is an assumption; a cost or fact is a source")
        return self


class Programme(Strict):
    """What money buys: the unit, who delivers it, where, for whom, and which mechanism it pulls."""

    pillar: str
    title: Text
    delivers: Text
    unit: Text
    unit_cost: Cost
    implementer: str
    accounts: Annotated[tuple[str, ...], Field(min_length=1)]
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
    usd_per_year: Annotated[float, Field(gt=0)]
    note: Text | None = None


class NamedPlan(Strict):
    """A plan that a framework brings along."""

    title: Text
    lines: tuple[Line, ...]


class History(Strict):
    """How past money is taken to have run: its split over programmes is not on record (SCIENCE rule 22).

    Parameters
    ----------
    mix : mapping
        Share of each account's money that went to each programme; an assumption.
    unsplit : mapping
        Share of money that the record does not split by account; an assumption.
    """

    mix: dict[str, dict[str, Share]]
    unsplit: dict[str, Share]
    note: Text


class Framework(Strict):
    """A framework: see the module. `source` is what `Framework.load` was given."""

    source: str
    name: str
    title: Text
    base_year: int
    history_start: Month
    spending_years: Annotated[int, Field(ge=1, le=20)]
    evaluation_years: Annotated[int, Field(ge=1, le=30)]
    pillars: dict[str, Pillar]
    agencies: dict[str, Agency]
    accounts: dict[str, Account]
    indicators: dict[str, Indicator] = {}
    programmes: dict[str, Programme]
    history: History
    plans: dict[str, NamedPlan]

    def eligible(self, programme: str, account: str) -> bool:
        """Tell whether an account may pay for a programme."""
        return account in self.programmes[programme].accounts

    def digest(self) -> str:
        """Return the SHA-256 of what the framework says, for run records."""
        return hashlib.sha256(self.model_dump_json(exclude={"source"}).encode()).hexdigest()

    @classmethod
    def load(cls, source: str) -> Framework:
        """Return the framework of that name, or in that file; see `loading.load`."""
        from merida.framework.loading import load

        return load(source)
