"""What an allocation for the ports chooses among: customs money by programme and port, and four simple rules.

The money is that of customs accounts in the framework's own plan, for none is in the record of appropriations;
foreign assistance is behind a wall (SCIENCE rule 6) and goes on as enacted. The rules are those of SCIENCE rule 23 in
the terms of the border: the framework's split, spread by crossings, spread by hours lost, and by what a first dollar
would save.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from merida.decide.division.rules import Choices
from merida.distributions import Floats
from merida.errors import PlanError
from merida.facts import Facts
from merida.framework import Framework, Plan, PlanRow, plan_named
from merida.models.border import LEVERS
from merida.models.border_surrogate import SERVES, DelaySurrogate

CUSTOMS = "customs"
OPENINGS = ("first_dollar", "own_plan")


def own_rows(framework: Framework, facts: Facts) -> tuple[PlanRow, ...]:
    """Return the rows of the framework's own plan that customs accounts pay for programmes that shorten queues.

    Raises
    ------
    PlanError
        If it has none.
    """
    own = plan_named(next(iter(framework.plans)), framework, facts)
    rows = tuple(
        row
        for row in own.rows
        if framework.accounts[row.account].kind == CUSTOMS
        and framework.programmes[row.programme].lever in LEVERS
    )
    if not rows:
        raise PlanError("no_border_money", plan=own.name)
    return rows


def ports(response: DelaySurrogate) -> tuple[str, ...]:
    """Return the ports, in order."""
    return tuple(sorted(set(response.ports)))


def choices(
    framework: Framework, response: DelaySurrogate, own: Sequence[PlanRow], budget_usd: float, *, walls: bool
) -> Choices:
    """Return where customs money may go: every programme that its account may pay for, at every port that it serves.

    Parameters
    ----------
    own : sequence of PlanRow
        The framework's: accounts keep their proportions.
    budget_usd : float
        Dollars a year of all accounts together.
    walls : bool
        Keep each account's money in the account.
    """
    accounts = sorted({row.account for row in own})
    usd = [sum(row.usd_per_year for row in own if row.account == account) for account in accounts]
    start, end = min(row.start for row in own), max(row.end for row in own)
    choice = [
        PlanRow(name, account, place, start, end, 1.0)
        for name, programme in framework.programmes.items()
        if programme.lever in LEVERS
        for account in programme.accounts
        if account in accounts
        for place in (("MX",) if programme.level == "nation" else served(response, programme.lever))
    ]
    purse = np.array([accounts.index(row.account) if walls else 0 for row in choice])
    pool = (
        np.array([budget_usd * usd[number] / sum(usd) for number in purse])
        if walls
        else np.full(len(choice), budget_usd)
    )
    return Choices(tuple(choice), pool, purse)


def served(response: DelaySurrogate, lever: str) -> tuple[str, ...]:
    """Return the ports whose traffic a lever serves."""
    within = response.within()[lever]
    return tuple(port for port in ports(response) if within[np.asarray(response.ports) == port].sum() > 0)


def rules(
    framework: Framework,
    response: DelaySurrogate,
    own: Sequence[PlanRow],
    budget_usd: float,
    chosen: Choices,
    first: Floats,
) -> dict[str, Plan]:
    """Return the plans of the four simple rules at one budget, by the rule's name.

    Parameters
    ----------
    first : array, shape (rows,)
        What the first dollar to each row saves.
    """
    factor = budget_usd / sum(row.usd_per_year for row in own)
    scaled = [replace(row, usd_per_year=row.usd_per_year * factor) for row in own]
    gain = chosen.normalised(np.maximum(first, 0.0) * chosen.pool + 1e-12)
    return {
        "own_plan": Plan("own_plan", framework.name, tuple(scaled)),
        "by_crossings": Plan(
            "by_crossings", framework.name, spread(framework, response, scaled, response.crossings)
        ),
        "by_delay": Plan("by_delay", framework.name, spread(framework, response, scaled, response.hours)),
        "first_dollar": chosen.plan("first_dollar", framework.name, gain),
    }


def spread(
    framework: Framework, response: DelaySurrogate, rows: Sequence[PlanRow], measure: Floats
) -> tuple[PlanRow, ...]:
    """Return rows with their money spread over ports by a measure, (S, G), of the traffic that the programme serves."""
    given = []
    for row in rows:
        programme = framework.programmes[row.programme]
        if programme.level != "port":
            given.append(row)
            continue
        assert programme.lever is not None
        modes = SERVES[programme.lever]
        amount = measure.mean(axis=0) * np.array([mode in modes for mode in response.modes])
        sums = {port: float(amount[np.asarray(response.ports) == port].sum()) for port in ports(response)}
        given += [
            replace(row, place=port, usd_per_year=row.usd_per_year * crossed / sum(sums.values()))
            for port, crossed in sums.items()
            if crossed > 0
        ]
    return tuple(given)
