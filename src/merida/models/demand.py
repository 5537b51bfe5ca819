"""Demand: people who use drugs in the United States, what they spend, and who dies and is arrested.

Users are light (L) or heavy (H), as in RAND's model of cocaine (Rydell and Everingham, 1994), by rates a year:

    dL/dt = entry - (quit_light + escalate) L + settle H
    dH/dt = escalate L - (settle + quit_heavy) H

Programmes take people from these flows. What a plan changes, (DL, DH), obeys the same equations from nought and is
stepped exactly from month to month:

    prevention   entry is less by     pupils * starting * (1 - RU)
    treatment    heavy users quit:    people * lasting

with RU the rate ratio of use. No more people are treated or supervised than there are. At home

    overdose deaths averted a year = people in treatment * m (1 - RR) - DH * national deaths / H
    arrests averted a year         = people supervised * a (1 - RR)
    dollars not spent a year       = (people in programmes * (1 - RU) - DH) * spending of one heavy user
                                     - DL * spending of one light user

m and a are the yearly deaths and arrests of such people without the programme. Deaths averted stay under a ceiling c,
the part of national deaths that the whole package of policies averts in FDA's SOURCE projections: averted =
c (1 - exp(-x / c)).

Mexican organisations earn a part of what is spent, and lose the same share of it that is not spent. That this moves
homicide is not known: no study connects income to it, so the route is ``unknown``. Under a scenario that opens the way,

    averted share = elasticity * share of spending that is not spent

on a straight line; ``scarcity_raises`` and ``scarcity_lowers`` hold the elasticity at either end (Castillo, Mejía and
Restrepo, 2020, found that scarcity of cocaine raised violence).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import merida.numerics  # noqa: F401  isort: skip
import jax.numpy as jnp
import numpy as np
from jax import Array
from scipy.linalg import expm

from merida.distributions import Floats
from merida.facts import Facts
from merida.models.reduced_form import known_ways
from merida.models.socket.domain import US
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

LEVERS = ("demand.hope_probation", "demand.treatment", "demand.prevention")
MOST_LOST = 0.3  # of spending: elasticities are of small changes
RATES = ("quit_light", "escalate", "settle", "quit_heavy")

DEATHS_AVERTED = Signal("us_overdose_deaths_averted", "deaths")
ARRESTS_AVERTED = Signal("us_arrests_averted", "arrests of people on probation")
NOT_SPENT = Signal("us_drug_spending_averted", "usd")
INCOME_LOST = Signal("organisations_income_lost", "usd")
HEAVY = Signal("us_heavy_users_beside", "people")


class Theta(NamedTuple):
    """Parameters of one draw; L levers, in their order."""

    use: Array  # (L,): log rate ratio of drug use
    people: Array  # (L,): at most so many can be in the programme
    starting: Array  # pupils who start using in a year
    lasting: Array  # people in treatment who quit in a year and would not have
    kept: Array  # (2, 2): of (DL, DH) after a month
    gained: Array  # (2, 2): from a flow a year into (L, H) that runs for a month
    users: Array  # (2,): light and heavy
    spending: Array  # (2,): dollars a year of one light and one heavy user
    income_share: Array  # of spending that Mexican organisations earn
    income_elasticity: Array
    deaths_effect: Array  # log rate ratio of death in treatment
    deaths_per_person_year: Array
    national_deaths: Array  # a year
    deaths_ceiling: Array  # share of national deaths
    arrests_effect: Array  # log rate ratio of arrest under swift probation
    arrests_per_person_year: Array
    known: Array  # (L, 1): 1 where a lever has a way to homicides


class Inputs(NamedTuple):
    """What does not vary by draw."""

    pulls: Fixed  # (L, P) 1 where a programme pulls a lever
    cells: Fixed  # (C,) ones, one for each cell
    nothing: Fixed  # (L, 2) zeros: (DL, DH) by lever before the first month


def national_deaths(facts: Facts) -> float:
    """Return deaths by overdose in the United States in the last year that was published.

    Examples
    --------
    >>> national_deaths(Facts("2012-12"))
    41340.0
    """
    return float(facts.sql("select deaths from us_drug_deaths order by year desc limit 1").rows()[0][0])


def transitions(quit_light: Any, escalate: Any, settle: Any, quit_heavy: Any) -> Floats:
    """Return the matrix of rates a year between light and heavy users, shape (..., 2, 2).

    Examples
    --------
    >>> slow = np.linalg.eigvals(transitions(0.15, 0.024, 0.04, 0.02)).real.max()
    >>> round(float(slow), 5), round(float(np.log(0.5) / slow), 2)
    (-0.05212, 13.3)
    """
    return np.stack(
        [
            np.stack([-(quit_light + escalate), settle], axis=-1),
            np.stack([escalate, -(settle + quit_heavy)], axis=-1),
        ],
        axis=-2,
    )


def a_month(rates: Floats) -> tuple[Floats, Floats]:
    """Return what is kept of users after a month, and what a flow of a year adds in one, each of shape (..., 2, 2)."""
    kept = expm(rates / 12)
    return kept, np.linalg.solve(rates, kept - np.eye(2))


def at_home(theta: Theta, treated: Array, supervised: Array) -> tuple[Array, Array]:
    """Return the deaths and the arrests averted in one month among people in a programme.

    Parameters
    ----------
    treated, supervised : array, scalar
        People in treatment and on swift probation.
    """
    deaths = treated * theta.deaths_per_person_year * -jnp.expm1(theta.deaths_effect)
    arrests = supervised * theta.arrests_per_person_year * -jnp.expm1(theta.arrests_effect)
    return deaths / 12.0, arrests / 12.0


def below_ceiling(theta: Theta, deaths: Array) -> Array:
    """Return deaths averted in a month, which never reach the ceiling; harm has none."""
    ceiling = theta.deaths_ceiling * theta.national_deaths / 12
    return ceiling * -jnp.expm1(-jnp.maximum(deaths, 0.0) / ceiling) + jnp.minimum(deaths, 0.0)


def next_users(theta: Theta, difference: Array, people: Array) -> Array:
    """Return (DL, DH) of each lever after a month with so many people in its programme, shape (L, 2)."""
    _, treated, pupils = people
    quitting = jnp.stack([jnp.zeros(()), treated * theta.lasting])
    starting = jnp.stack([pupils * theta.starting * -jnp.expm1(theta.use[2]), jnp.zeros(())])
    flow = jnp.stack([jnp.zeros(2), quitting, starting])
    return difference @ theta.kept.T - flow @ theta.gained.T


def not_spent(theta: Theta, difference: Array, people: Array) -> Array:
    """Return the dollars a year that users do not spend because of each lever, shape (L,).

    Those in a programme use less while they are in it; pupils are not users.
    """
    adults = jnp.asarray([1.0, 1.0, 0.0])
    using_less = adults * people * -jnp.expm1(theta.use) * theta.spending[1]
    return using_less - difference @ theta.spending


def averted_share(theta: Theta, unspent: Array) -> Array:
    """Return the averted share of homicides in Mexico by lever for dollars a year that are not spent, shape (L, 1)."""
    lost = jnp.minimum(unspent / (theta.users @ theta.spending), MOST_LOST)
    return theta.known * (theta.income_elasticity * lost)[:, None]


def parameters(domain: Domain, draws: Draws) -> Theta:
    """Return the parameters with a leading axis of draws."""
    values = {name: drawn for name, drawn in draws.values.items() if name.startswith("demand.")}
    kept, gained = a_month(transitions(*(draws.values[f"demand.{name}"] for name in RATES)))
    users = np.stack([values["demand.light_users"], values["demand.heavy_users"]], axis=1)
    by_heavy = values["demand.heavy_spending_share"]
    by_users = values["demand.spending_usd_year"][:, None] * np.stack([1 - by_heavy, by_heavy], axis=1)
    return Theta(
        use=jnp.asarray(draws.by_lever(LEVERS, "use")[:, :, 0]),
        people=jnp.asarray(draws.by_lever(LEVERS, "people")[:, :, 0]),
        starting=jnp.asarray(values["demand.prevention.starting"]),
        lasting=jnp.asarray(values["demand.treatment.lasting"]),
        kept=jnp.asarray(kept),
        gained=jnp.asarray(gained),
        users=jnp.asarray(users),
        spending=jnp.asarray(by_users / users),
        income_share=jnp.asarray(values["demand.income_share"]),
        income_elasticity=jnp.asarray(values["demand.income_elasticity"]),
        deaths_effect=jnp.asarray(values["demand.treatment.deaths_effect"]),
        deaths_per_person_year=jnp.asarray(values["demand.treatment.deaths_per_person_year"]),
        national_deaths=jnp.asarray(np.full(draws.count, domain.tables["us_overdose_deaths"])),
        deaths_ceiling=jnp.asarray(values["demand.deaths_ceiling"]),
        arrests_effect=jnp.asarray(values["demand.hope_probation.arrests_effect"]),
        arrests_per_person_year=jnp.asarray(values["demand.hope_probation.arrests_per_person_year"]),
        known=known_ways(LEVERS, draws),
    )


def prepare(domain: Domain) -> Inputs:
    """Return which programmes pull which lever."""
    return Inputs(
        pulls=np.stack([domain.pulls(lever) for lever in LEVERS]),
        cells=np.ones(int(domain.cells.max()) + 1),
        nothing=np.zeros((len(LEVERS), 2)),
    )


def initial(inputs: Inputs) -> Array:
    """Return no difference: users without a plan's money are those of the record."""
    return jnp.asarray(inputs.nothing)


def before(theta: Theta, inputs: Inputs, signals: Signals) -> Array:
    """Return the people in the programme of each lever, shape (L,)."""
    return jnp.minimum(inputs.pulls @ signals["units_at_work"][:, US], theta.people)


def step(
    theta: Theta, inputs: Inputs, state: Array, people: Array, month: Array
) -> tuple[Array, tuple[Array, Array]]:
    """Return the users after the month beside those without programmes, and those in one."""
    difference = next_users(theta, state, people)
    return difference, (difference, people)


def after(theta: Theta, inputs: Inputs, said: tuple[Array, Array], signals: Signals) -> dict[str, Any]:
    """Return what is averted at home, and in Mexico."""
    difference, people = said
    unspent = not_spent(theta, difference, people)
    deaths, arrests = at_home(theta, people[1], people[0])
    fewer = -jnp.sum(difference[:, 1])
    deaths += fewer * theta.national_deaths / theta.users[1] / 12
    return {
        AVERTED_SHARE.name: ByLever(LEVERS, averted_share(theta, unspent) * inputs.cells),
        DEATHS_AVERTED.name: below_ceiling(theta, deaths),
        ARRESTS_AVERTED.name: arrests,
        NOT_SPENT.name: jnp.sum(unspent) / 12,
        INCOME_LOST.name: theta.income_share * jnp.sum(unspent) / 12,
        HEAVY.name: -fewer,
    }


MECHANISM = Mechanism(
    name="demand",
    levers=LEVERS,
    main_outcome="homicides",
    parameters=parameters,
    prepare=prepare,
    initial=initial,
    before=before,
    step=step,
    after=after,
    reads=("units_at_work",),
    writes=(AVERTED_SHARE, DEATHS_AVERTED, ARRESTS_AVERTED, NOT_SPENT, INCOME_LOST, HEAVY),
    outcomes=(
        counted("us_overdose_deaths", "deaths", DEATHS_AVERTED, good="less", level="united_states", per=-1.0),
        counted("us_arrests", "arrests", ARRESTS_AVERTED, good="less", level="united_states", per=-1.0),
        counted("us_heavy_use_years", "person_years", HEAVY, good="less", level="united_states", per=12.0),
        counted("us_drug_spending_usd", "usd", NOT_SPENT, good="less", level="united_states", per=-1.0),
        counted("organisations_income_usd", "usd", INCOME_LOST, good="less", per=-1.0),
    ),
    tables={"us_overdose_deaths": national_deaths},
)
