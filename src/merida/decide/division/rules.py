"""What an allocation chooses among: where each account's money may go, and the four simple rules (SCIENCE rule 23)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from merida.decide.said.lines import SIMPLE_RULES
from merida.distributions import Floats
from merida.ensemble.simulation import FOREIGN
from merida.evidence import EffectDistribution
from merida.framework import Plan, PlanRow, Programme
from merida.framework.amounts import LEAST_ROW_USD
from merida.models.socket.domain import Domain, Integers
from merida.one_line import OneLine
from merida.parameters.parameters import Parameters
from merida.parameters.standings import studied_path

RULES = SIMPLE_RULES["homicides"]


@dataclass(frozen=True, repr=False)
class Choices(OneLine):
    """Where money may go, and the walls between it.

    Parameters
    ----------
    rows : tuple of PlanRow
        One for each programme, foreign account that may pay for it, and place that it can be given to.
    pool : array, shape (rows,)
        Dollars a year of the purse that a row is paid from.
    purse : array, shape (rows,)
        Number of that purse: one for each account, or one for all if there were no walls.
    """

    rows: tuple[PlanRow, ...]
    pool: Floats
    purse: Integers

    def each_year(self) -> Choices:
        """Return the same with a row for each year of spending; every year has its purses."""
        first, last = int(self.rows[0].start[:4]), int(self.rows[0].end[:4])
        years = range(first, last + 1)
        rows = [
            replace(row, start=max(row.start, f"{year}-01"), end=min(row.end, f"{year}-12"))
            for year in years
            for row in self.rows
        ]
        apart = int(self.purse.max()) + 1
        purse = np.concatenate([self.purse + apart * number for number in range(len(years))])
        return Choices(tuple(rows), np.tile(self.pool, len(years)), purse)

    def name_of(self, purse: int) -> str:
        """Return what a purse is called in messages: its account, or the budget."""
        mine = [row for row, number in zip(self.rows, self.purse, strict=True) if number == purse]
        accounts = {row.account for row in mine}
        usd = float(self.pool[self.purse == purse][0])
        name = f"account {accounts.pop()}" if len(accounts) == 1 else "budget"
        return f"{name} = {usd:,.0f}"

    def normalised(self, share: Floats) -> Floats:
        """Return shares that sum to 1 within each purse."""
        return np.asarray(share / np.bincount(self.purse, weights=share)[self.purse], dtype=np.float64)

    def shares(self, plan: Plan) -> Floats:
        """Return the share of its purse that each row has in a plan whose rows run through."""
        usd: dict[tuple[str, str, str], float] = {}
        for row in plan.rows:
            key = (row.programme, row.account, row.place)
            usd[key] = usd.get(key, 0.0) + row.usd_per_year
        return (
            np.array([usd.get((row.programme, row.account, row.place), 0.0) for row in self.rows]) / self.pool
        )

    def plan(self, name: str, framework: str, share: Floats) -> Plan:
        """Return the plan of some shares, to the cent; rows below a thousand dollars leave theirs to the others."""
        dollars = share * self.pool
        for purse in np.unique(self.purse):
            mine = np.flatnonzero(self.purse == purse)
            pool, usd = self.pool[mine[0]], dollars[mine]
            usd = np.where(usd >= min(LEAST_ROW_USD, usd.max()), usd, 0.0)
            usd = np.round(usd * pool / usd.sum(), 2)
            usd[usd.argmax()] += pool - usd.sum()  # cents
            dollars[mine] = usd
        rows = (
            replace(row, usd_per_year=round(usd, 2))  # a NumPy number would not be written as one of TOML
            for row, usd in zip(self.rows, dollars.tolist(), strict=True)
            if usd > 0
        )
        return Plan(name, framework, tuple(rows))


def choices(
    domain: Domain, continuation: Plan, budget_usd: float, *, walls: bool, municipalities: bool = False
) -> Choices:
    """Return where foreign assistance may go, in the proportions of accounts of the continuation.

    Parameters
    ----------
    budget_usd : float
        Dollars a year of all accounts together.
    walls : bool
        Keep each account's money in the account.
    municipalities : bool
        Let programmes that work in municipalities be given to each of those that they serve, besides to states.
    """
    framework = domain.framework

    def places(programme: Programme) -> tuple[str, ...]:
        if programme.level == "nation":
            return ("MX",)
        if not municipalities or programme.level != "municipality":
            return states(domain)
        served = zip(domain.forecast.places, domain.eligible(programme), strict=True)
        return (*states(domain), *(code for code, wanted in served if wanted))

    rows = [row for row in continuation.rows if framework.accounts[row.account].kind == FOREIGN]
    accounts = sorted({row.account for row in rows})
    enacted = [sum(row.usd_per_year for row in rows if row.account == account) for account in accounts]
    budgets = [budget_usd * usd / sum(enacted) for usd in enacted]
    start, end = min(row.start for row in rows), max(row.end for row in rows)
    choice = [
        PlanRow(name, account, place, start, end, 1.0)
        for name, programme in framework.programmes.items()
        if programme.level in ("nation", "state", "municipality")
        for account in programme.accounts
        if account in accounts
        for place in places(programme)
    ]
    purse = np.array([accounts.index(row.account) if walls else 0 for row in choice])
    pool = np.array([budgets[number] for number in purse]) if walls else np.full(len(choice), budget_usd)
    return Choices(tuple(choice), pool, purse)


def states(domain: Domain) -> tuple[str, ...]:
    """Return the codes of the states, in the order of the domain's places."""
    return domain.places[2 : len(domain.places) - len(domain.named)]


def by_state(domain: Domain, measure: str) -> Floats:
    """Return each state's share of a measure of need, shape (states,); the shares sum to 1."""
    state_of_place = np.asarray(domain.forecast.states)
    sums = np.array([domain.measures[measure][state_of_place == state].sum() for state in states(domain)])
    return np.asarray(sums / sums.sum(), dtype=np.float64)


def rules(
    domain: Domain, parameters: Parameters, continuation: Plan, budget_usd: float, chosen: Choices
) -> dict[str, Plan]:
    """Return the plans of the four simple rules at one budget, by the rule's name."""
    abroad = [row for row in continuation.rows if domain.framework.accounts[row.account].kind == FOREIGN]
    factor = budget_usd / sum(row.usd_per_year for row in abroad)
    scaled = [replace(row, usd_per_year=row.usd_per_year * factor) for row in abroad]
    name = domain.framework.name
    return {
        "continuation": Plan("continuation", name, tuple(scaled)),
        "per_head": Plan("per_head", name, spread(domain, scaled, "population")),
        "by_homicides": Plan("by_homicides", name, spread(domain, scaled, "homicides")),
        "need_evidence": chosen.plan("need_evidence", name, need_evidence(domain, parameters, chosen)),
    }


def spread(domain: Domain, rows: Sequence[PlanRow], measure: str) -> tuple[PlanRow, ...]:
    """Return rows with the money of state programmes spread over states by a measure."""
    weights = dict(zip(states(domain), by_state(domain, measure).tolist(), strict=True))
    given = []
    for row in rows:
        local = domain.framework.programmes[row.programme].level in ("state", "municipality")
        shares = weights if local else {row.place: 1.0}
        given += [
            replace(row, place=code, usd_per_year=row.usd_per_year * share) for code, share in shares.items()
        ]
    return tuple(given)


def need_evidence(domain: Domain, parameters: Parameters, chosen: Choices) -> Floats:
    """Return the shares of need times evidence: a programme's by what its studies say, a state's by its homicides."""
    homicides = dict(zip(states(domain), by_state(domain, "homicides"), strict=True))
    homicides |= dict.fromkeys(domain.named, 0.0)  # its state has a row
    weights = []
    for row in chosen.rows:
        distribution = distribution_of(parameters, domain.framework.programmes[row.programme].lever)
        evidence = (
            0.0 if distribution is None else max(-distribution.mean, 0.0) * distribution.share_from_data
        )
        weights.append(evidence * homicides.get(row.place, 1.0) + 1e-9)
    return chosen.normalised(np.array(weights))


def distribution_of(parameters: Parameters, lever: str | None) -> EffectDistribution | None:
    """Return the distribution of a lever's effect on homicide, or None where no study could speak to it.

    Police training is known by the elasticity of homicide to police numbers alone.
    """
    path = studied_path(lever, "homicides")
    return None if path is None else parameters.effect(path)


def placement(domain: Domain, plan: Plan) -> float | None:
    """Return the part of the money given to states that would have to move to lie in proportion to homicides.

    It is None where the plan gives no money to single states, and 0 where the size of violence alone decides the places.
    """
    usd = [
        sum(row.usd_per_year for row in plan.rows if row.place.isdigit() and row.place[:2] == state)
        for state in states(domain)
    ]
    if not sum(usd):
        return None
    return float(np.abs(np.array(usd) / sum(usd) - by_state(domain, "homicides")).sum() / 2)
