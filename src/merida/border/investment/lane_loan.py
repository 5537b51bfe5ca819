"""A loan of the North American Development Bank for one lane at a port: its terms, its cash flow and what it is worth.

Terms that a user leaves open are the medians of what is assumed. Everything is in dollars of 2012, and rates are real.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from merida.border.crossings.sites import Place
from merida.border.investment.costs import LANES, life, unit_cost, yearly
from merida.border.investment.finance import CashFlow, lasting, loan, net_present_value, public_cost
from merida.border.investment.gain import Gain
from merida.border.investment.invest import gains, gathered, ranked
from merida.border.priors import PRIORS
from merida.distributions import Floats
from merida.facts import Facts
from merida.framework import Framework
from merida.priors import Priors

SCALE_FACTS = {"P134": "lent", "P135": "lent", "P136": "lent", "P137": "capital"}  # what each is of the bank
TOLLED = "Texas"  # the only state whose bridges take tolls


class Terms(NamedTuple):
    """The terms of a loan: dollars of 2012, shares, a rate a year, years, and pledged tolls in the first year."""

    cost: float
    loan_share: float
    rate: float
    grace_years: int
    tenor_years: int
    tolls: float


@dataclass(frozen=True, eq=False)
class LaneLoan:
    """A loan for the lane that gains most at a place; D draws.

    Parameters
    ----------
    best : Gain
        The lane.
    terms : Terms
    flow : CashFlow
        At the terms' cost.
    public_cost : dict of float to float
        The present value of public money by discount rate, dollars of 2012.
    worth : dict of float to array, shape (D,)
        The net present value of the lane by discount rate, dollars of 2012.
    """

    best: Gain
    terms: Terms
    flow: CashFlow
    public_cost: dict[float, float]
    worth: dict[float, Floats]


def lane_loan(
    framework: Framework,
    facts: Facts,
    place: Place,
    mode: str,
    stated: Mapping[str, Any] | None = None,
    *,
    draws: int,
    seed: int = 0,
    priors: Priors = PRIORS,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> LaneLoan:
    """Return a loan for the lane of a mode that gains most for a dollar at a place.

    Parameters
    ----------
    stated : mapping
        Terms that are not as assumed, by the names of `Terms`.
    draws, seed : int
        The draws of schedules and values, and their seed.
    progress : callable
        Called with (done, total) after each step.

    Raises
    ------
    BorderError
        Before any long work, if the terms cannot hold together; or if the place has no such lanes.

    Examples
    --------
    >>> framework, facts = Framework.load("merida"), Facts()
    >>> there = find_place(facts, "Tecate")
    >>> found = lane_loan(framework, facts, there, "cars", {"cost": 5e6}, draws=2)
    >>> found.terms.cost, float(found.flow.works.sum())
    (5000000.0, 5000000.0)
    """
    stated = stated or {}
    cash_flow(terms(priors, {"cost": 1.0, "tolls": 0.0}, stated), priors)
    steps = gains(
        facts,
        place=place,
        mode=mode,
        what="lane",
        draws=draws,
        seed=seed,
        priors=priors,
        framework=framework,
    )
    best = ranked(gathered(steps, progress))[0]
    built = unit_cost(framework, facts, LANES, draws, seed, priors)
    tolls = pledged_tolls(facts, best, priors)
    agreed = terms(priors, {"cost": float(np.median(built)), "tolls": tolls}, stated)
    if "cost" in stated:
        built = np.full(draws, agreed.cost)
    flow = cash_flow(agreed, priors)
    rates = (priors.number("border.finance.low_rate"), priors.number("border.invest.rate"))
    return LaneLoan(
        best,
        agreed,
        flow,
        {rate: public_cost(flow, rate) for rate in rates},
        {rate: net_worth(framework, facts, best, flow, built, rate, seed, priors) for rate in rates},
    )


def terms(priors: Priors, reckoned: Mapping[str, float], stated: Mapping[str, Any]) -> Terms:
    """Return terms as stated, else as reckoned from the lane, else at the medians of what is assumed."""
    assumed = {
        "loan_share": priors.number("border.finance.loan_share"),
        "rate": priors.number("border.finance.nadbank_rate"),
        "grace_years": int(priors.number("border.finance.grace_years")),
        "tenor_years": int(priors.number("border.finance.tenor_years")),
    }
    return Terms(**(assumed | dict(reckoned) | dict(stated)))


def cash_flow(agreed: Terms, priors: Priors) -> CashFlow:
    """Return the cash flow of a loan on these terms."""
    return loan(
        **agreed._asdict(),
        draw_years=int(priors.number("border.finance.draw_years")),
        growth=priors.number("border.finance.growth"),
    )


def pledged_tolls(facts: Facts, best: Gain, priors: Priors) -> float:
    """Return the tolls of a year that are pledged to a lane, at the medians, dollars; none where bridges take none."""
    state = facts.sql(f"select us_state from ports where port = '{best.site.port.code}'").item()
    a_crossing = priors.number(f"border.finance.toll_{best.site.mode}")
    pledged = a_crossing * priors.number("border.finance.pledged_share")
    return pledged * float(np.median(best.vehicles)) if state == TOLLED else 0.0


def net_worth(
    framework: Framework,
    facts: Facts,
    best: Gain,
    flow: CashFlow,
    built: Floats,
    rate: float,
    seed: int,
    priors: Priors,
) -> Floats:
    """Return draws of the net present value: delay saved less officers and upkeep, works, and what is left at the end.

    Parameters
    ----------
    flow : CashFlow
        Of works at one cost; each draw's works are in proportion to its own.
    built : array, shape (D,)
        Draws of the cost of the lane, dollars of 2012.
    """
    draws = len(built)
    lives = life(framework, LANES, draws, seed, priors)
    _, an_hour = yearly(framework, facts, best.site.mode, rate, draws, seed, priors)["lane"]
    hours = 0.0 if best.works is None else float(best.works.sum()) * 365.25 / 7
    running = an_hour * hours + built * priors.drawn("border.invest.lane_upkeep", draws, seed)
    years = np.arange(len(flow.works))
    building = flow.works > 0
    cost = flow.works.sum()
    values = []
    for draw in range(draws):
        working = ~building & (years - building.sum() < lives[draw])
        benefit = np.where(working, best.usd[draw] - running[draw], 0.0)
        benefit[-1] += built[draw] * lasting(lives[draw], len(years) - building.sum(), rate)
        values.append(net_present_value(flow._replace(works=flow.works * built[draw] / cost), rate, benefit))
    return np.array(values)


def published_scale(facts: Facts) -> list[dict[str, Any]]:
    """Return what is published of the bank's lending in all and of its capital, to compare a loan with.

    Returns
    -------
    list of dict
        fact, what (lent in all, or new capital), usd (current dollars), period, institution, title.

    Examples
    --------
    >>> [row["fact"] for row in published_scale(Facts())]
    ['P134', 'P135', 'P136', 'P137']
    """
    names = ", ".join(f"'{name}'" for name in SCALE_FACTS)
    rows = facts.sql(
        "select id as fact, value as usd, period, institution, source_title as title from published_facts "
        f"where status = 'verified' and id in ({names}) order by id"
    )
    return [{"what": SCALE_FACTS[row["fact"]]} | row for row in rows.to_dicts()]
