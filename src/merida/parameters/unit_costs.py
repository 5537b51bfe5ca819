"""What a unit of a programme costs: its assumption, a row of the register's costs, or a published fact.

Plans (`merida.ensemble`) and investments at crossings (`merida.border`) pay the same for the same programme.
"""

from __future__ import annotations

from merida.distributions import Distribution, Floats
from merida.errors import FrameworkError, nearest
from merida.evidence import Register
from merida.facts import Facts
from merida.framework import Cost, Framework


def unit_cost(cost: Cost, facts: Facts, register: Register, z: Floats) -> Floats:
    """Return draws of a unit cost in dollars of the framework's base year, at standard normal scores `z`.

    Raises
    ------
    EvidenceError, FrameworkError
        If the row of costs or the fact does not exist at any date.

    Examples
    --------
    >>> cost = Framework.load("merida").programmes["vetting"].unit_cost
    >>> unit_cost(cost, Facts(), Register(), np.zeros(2)).shape
    (2,)
    """
    amount, distribution = known_cost(cost, facts, register)
    return amount * distribution.at(z)


def known_cost(cost: Cost, facts: Facts, register: Register) -> tuple[float, Distribution]:
    """Return the published amount and the distribution of its scale; 1 and what is assumed, while it was unpublished."""
    if cost.distribution is not None:
        return 1.0, cost.distribution
    amount: float | None
    if cost.cost is not None:
        row = register.cost(cost.cost)
        amount = float(str(row["amount"])) if row else None
    else:
        amount = published_fact(facts, str(cost.fact))
    if amount is not None:
        return amount / cost.divide, cost.scale
    assert cost.otherwise is not None
    return 1.0, cost.otherwise


def published_fact(facts: Facts, name: str) -> float | None:
    """Return a verified figure of the record, or None while it had not been published.

    Raises
    ------
    FrameworkError
        If the record holds no such figure at any date, for a mistyped name is not an unpublished figure.
    """
    known = dict(
        facts.sql(
            "select id, value from published_facts where status = 'verified' and value is not null"
        ).rows()
    )
    if name in known:
        return float(known[name])
    every = Facts().sql("select id from published_facts")["id"].to_list()
    if name not in every:
        raise FrameworkError("unknown_cost_fact", found=name, nearest=nearest(name, every))
    return None


def programme_of(framework: Framework, lever: str) -> str:
    """Return the first programme of a framework that pulls a lever.

    Raises
    ------
    FrameworkError
        If none does.

    Examples
    --------
    >>> programme_of(Framework.load("merida"), "border.lanes_roads")
    'lanes_roads'
    """
    for name, programme in framework.programmes.items():
        if programme.lever == lever:
            return name
    raise FrameworkError("no_programme_of_lever", framework=framework.name, lever=lever)
