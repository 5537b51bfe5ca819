"""Flows: firearms and cash on their way to Mexico, and the stock of firearms in use there.

Firearms of the United States in use in Mexico are a stock S: b are bought a year for Mexico, s of them are seized on the
way, M a year are seized in Mexico, and the rest wear out at the rate w. In a steady state

    S = (b - s - M) / w,        every firearm leaves at the rate  r = w + M / S = (b - s) / S

A programme keeps k firearms a year more from entering. What is in use then differs by D from what would be without it,

    dD/dt = -k - r D,           D(t) = -(k / r) (1 - exp(-r t)) while k stays

which is stepped exactly from month to month and starts at nought: what runs without money of a plan is in S. Homicides by
firearm, a share f of those of a state, answer all illegal firearms, of which those of the United States are a share u:

    averted share = f e u (-D / S)

on a straight line, so that the second firearm is never worth more than the first. e is the elasticity of homicide to the
prevalence of firearms (Cook and Ludwig, 2006), all of it on homicide by firearm, over the share by firearm there.

**Southbound checks.** Seizures of cash and firearms are those published, times (1 + teams / teams then) ** m; what is
more than published is k. **Arms tracing.** No count leads from an agent to firearms kept from flowing, so k is nought.
Under the scenario ``wide_law`` its family's law acts on the flow: k = b g(agents / agents at the dose) (1 - RR).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import merida.numerics  # noqa: F401  isort: skip
import jax.numpy as jnp
import numpy as np
from jax import Array

from merida.facts import Facts
from merida.models.reduced_form import known_ways, reach
from merida.models.socket.mechanism import (
    AVERTED_SHARE,
    ByLever,
    Draws,
    Fixed,
    Mechanism,
    Signal,
    Signals,
    counted,
)

if TYPE_CHECKING:
    from merida.models.socket.domain import Domain

LEVERS = ("flows.southbound_checks", "flows.arms_tracing")
UNKNOWN = -1.0  # the share by firearm where the record has none
LEAST_STAYS = 0.1  # of what is bought: published seizures and flows do not come from one count

CASH = Signal("southbound_cash_usd", "usd seized beside today's")
ARMS = Signal("southbound_arms", "firearms seized beside today's")
IN_USE = Signal("arms_in_use", "firearms in use beside those without programmes")

RECENT = """
select state, sum(files) filter (where modality = 'firearm') as firearm, sum(files) as homicides
from crime_files where crime = 'intentional_homicide' and month > (
  select (left(max(month), 4)::int - 3)::text || right(max(month), 3) from crime_files)
group by state
"""
OLDER = """
select state, sum(firearm_deaths) as firearm, sum(deaths) as homicides
from firearm_homicides where year > (select max(year) - 3 from firearm_homicides) group by state
"""


class Theta(NamedTuple):
    """Parameters of one draw."""

    cash: Array  # dollars seized on the way in a year, with the teams at the time
    seized: Array  # firearms seized on the way in a year, with the teams at the time
    teams: Array  # at the time
    marginal: Array  # m
    bought: Array  # b, firearms a year
    in_use: Array  # S, firearms
    leaving: Array  # r, a year
    response: Array  # e u: of homicide by firearm to firearms of the United States
    firearm_share: Array  # f where the record has none
    agents: Array  # who trace at the dose of the family's law
    effect: Array  # log rate ratio of the flow at that dose
    beyond: Array
    known: Array  # (2,): 1 where a lever has a known way to homicides


class Inputs(NamedTuple):
    """What does not vary by draw. P programmes, C cells."""

    teams: Fixed  # (P,) 1 where a programme's units check traffic to the south
    agents: Fixed  # (P,) 1 where they trace firearms
    firearm_share: Fixed  # (C,) f; `UNKNOWN` where the record has none
    nothing: Fixed  # (2,) zeros: D before the first month


def firearm_shares(facts: Facts) -> dict[str, float]:
    """Return the share of homicides by firearm by state, in the last three years that were published.

    They are of investigation files, or of death certificates where no file was published yet (to 2008).

    Examples
    --------
    >>> shares = firearm_shares(Facts("2012-12"))
    >>> len(shares), shares["25"] > shares["31"]  # Sinaloa, Yucatán
    (32, True)
    """
    rows = facts.sql(RECENT).rows() or facts.sql(OLDER).rows()
    return {state: (firearm or 0) / homicides for state, firearm, homicides in rows if homicides}


def steady(bought: Any, on_the_way: Any, in_mexico: Any, life_years: Any) -> tuple[Any, Any]:
    """Return the firearms in use in a steady state, and the rate a year at which each leaves.

    Parameters
    ----------
    bought, on_the_way, in_mexico : array
        Firearms a year bought for Mexico, seized on the way and seized in Mexico.
    life_years : array
        Years until a firearm is worn out.

    Examples
    --------
    >>> in_use, leaving = steady(200_000.0, 0.0, 50_000.0, 10.0)
    >>> float(in_use), round(float(leaving), 6)
    (1500000.0, 0.133333)
    """
    stays = np.maximum(bought - on_the_way - in_mexico, LEAST_STAYS * bought)
    in_use = stays * life_years
    return in_use, 1.0 / life_years + in_mexico / in_use


def kept(theta: Theta, teams: Array, agents: Array) -> tuple[Array, Array]:
    """Return the firearms a year that each lever keeps from entering, shape (2,), and the cash that checks seize.

    Parameters
    ----------
    teams, agents : array, scalar
        At work: who check traffic to the south, and who trace.
    """
    more = jnp.expm1(theta.marginal * jnp.log1p(teams / theta.teams))
    traced = theta.bought * reach(agents / theta.agents, theta.beyond) * -jnp.expm1(theta.effect)
    return (
        jnp.stack([jnp.minimum(theta.seized * more, theta.bought), theta.known[1] * traced]),
        theta.cash * more,
    )


def next_difference(theta: Theta, difference: Array, kept_a_year: Array) -> Array:
    """Return D after a month in which so many a year were kept from entering."""
    left = jnp.exp(-theta.leaving / 12)
    return difference * left - kept_a_year / theta.leaving * (1 - left)


def averted_share(theta: Theta, firearm_share: Array, difference: Array) -> Array:
    """Return the averted share of homicides, shape (2, cells), where D firearms more are in use, shape (2,)."""
    share = jnp.where(firearm_share < 0, theta.firearm_share, firearm_share)
    return theta.known[:, None] * theta.response * (-difference / theta.in_use)[:, None] * share


def parameters(domain: Domain, draws: Draws) -> Theta:
    """Return the parameters with a leading axis of draws."""
    values = {name: drawn for name, drawn in draws.values.items() if name.startswith("flows.")}
    share, seized = values["flows.us_share"], values["flows.southbound.arms_year"]
    in_mexico = values["flows.seized_in_mexico_2009_2012"] / 4 * share
    in_use, leaving = steady(values["flows.bought_year"], seized, in_mexico, values["flows.life_years"])
    return Theta(
        cash=jnp.asarray(values["flows.southbound.cash_usd_year"]),
        seized=jnp.asarray(seized),
        teams=jnp.asarray(values["flows.southbound.teams"]),
        marginal=jnp.asarray(values["flows.southbound.marginal"]),
        bought=jnp.asarray(values["flows.bought_year"]),
        in_use=jnp.asarray(in_use),
        leaving=jnp.asarray(leaving),
        response=jnp.asarray(values["flows.elasticity"] / values["flows.us_firearm_share"] * share),
        firearm_share=jnp.asarray(values["flows.firearm_share"]),
        agents=jnp.asarray(values["flows.arms_tracing.agents"]),
        effect=jnp.asarray(values["flows.arms_tracing.effect"]),
        beyond=jnp.asarray(draws.values["violence.beyond_dose"]),
        known=jnp.asarray(np.asarray(known_ways(LEVERS, draws))[:, :, 0]),
    )


def prepare(domain: Domain) -> Inputs:
    """Return which programmes check and trace, and the share of homicides by firearm in each cell."""
    known = domain.tables["firearm_shares"]
    share = np.full(int(domain.cells.max()) + 1, UNKNOWN)
    share[domain.cells] = [known.get(state, UNKNOWN) for state in domain.forecast.states]
    return Inputs(
        teams=domain.pulls(LEVERS[0]),
        agents=domain.pulls(LEVERS[1]),
        firearm_share=share,
        nothing=np.zeros(len(LEVERS)),
    )


def initial(inputs: Inputs) -> Array:
    """Return no difference: what is in use without a plan's money is the stock."""
    return jnp.asarray(inputs.nothing)


class Month(NamedTuple):
    """What is kept from entering in a month."""

    firearms: Array  # (2,) a year, by lever
    cash: Array  # dollars a year


def before(theta: Theta, inputs: Inputs, signals: Signals) -> Month:
    """Return what units at work keep from entering."""
    working = jnp.sum(signals["units_at_work"], axis=1)
    return Month(*kept(theta, inputs.teams @ working, inputs.agents @ working))


def step(
    theta: Theta, inputs: Inputs, state: Array, now: Month, month: Array
) -> tuple[Array, tuple[Array, Month]]:
    """Return D after the month, and what was kept from entering in it."""
    difference = next_difference(theta, state, now.firearms)
    return difference, (difference, now)


def after(theta: Theta, inputs: Inputs, said: tuple[Array, Month], signals: Signals) -> dict[str, Any]:
    """Return what was seized, and the averted share of homicides of each lever by cell."""
    difference, now = said
    return {
        AVERTED_SHARE.name: ByLever(LEVERS, averted_share(theta, inputs.firearm_share, difference)),
        ARMS.name: now.firearms[0] / 12,
        CASH.name: now.cash / 12,
        IN_USE.name: jnp.sum(difference),
    }


MECHANISM = Mechanism(
    name="flows",
    levers=LEVERS,
    main_outcome="homicides",
    parameters=parameters,
    prepare=prepare,
    initial=initial,
    before=before,
    step=step,
    after=after,
    reads=("units_at_work",),
    writes=(AVERTED_SHARE, ARMS, CASH, IN_USE),
    outcomes=(
        counted("cash_seized_usd", "usd", CASH, beside=True),
        counted("arms_seized", "firearms", ARMS, beside=True),
        counted("arms_in_use_years", "firearm_years", IN_USE, good="less", per=12.0, beside=True),
    ),
    tables={"firearm_shares": firearm_shares},
)
