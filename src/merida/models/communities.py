"""Communities: programmes that work in a place, on the people, groups or streets where violence gathers.

Each lever has a need N that is counted: members of groups that kill, young men at risk, people who live in violent
neighbourhoods, streets where violence gathers, residents. With D a place's homicides in a year, P its people, a the part
of its homicides that the record counts as of the target's kind (a state's victims who are men of 15 to 29; deaths that
the government attributed to organised crime) and s the part of these that the need accounts for,

    N = n P        a count of people or streets, n a chain of published quantities; or
    N = s a D / q  members, each of whom kills q people in a year

Units u at work in a place each reach k of these. What Mexico covers itself, m (`merida.parameters.counterpart`), is not
reached again, and nothing beyond the need is:

    c = min(k u / N, 1 - m)

What was reached lasts. A place keeps the best that it had, which fades with the time T; people stay a year, and those
who were in the programme before count beside those who are in it:

    places   E' = max(c, E exp(-1/T))            people   A' = A exp(-1/T) + c / 12,    E = min(c + A, 1 - m)

Of what is averted, s a E (1 - RR^k), a part d moves: to other streets where d > 0, while where d < 0 the benefit
spreads. Of what moves a part o leaves the municipality for others of the state, in proportion to their homicides:

    averted = A (1 - d) + d o (A - mean of A over the state's homicides)

so that a state loses exactly d of it, and dividing a municipality changes no sum.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import merida.numerics  # noqa: F401  isort: skip
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from merida.facts.record import price_rows
from merida.models.reduced_form import known_ways
from merida.models.socket.domain import Ground
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
from merida.parameters.counterpart import NATION, Paid, money, stated
from merida.units import month_number

if TYPE_CHECKING:
    from merida.distributions import Floats
    from merida.facts import Facts
    from merida.models.socket.domain import Domain

DETERRENCE, OUTREACH, THERAPY, JOBS, PREVENTION, SPACE, POLICING = LEVERS = (
    "communities.focused_deterrence",
    "communities.street_outreach",
    "communities.youth_cbt",
    "communities.youth_jobs",
    "communities.prevention",
    "communities.public_space",
    "communities.community_policing",
)
PEOPLE = np.array([[lever in (THERAPY, JOBS)] for lever in LEVERS])  # who stay a year; the others are places
MOST = 0.95  # of a place's homicides

REACHED = {
    DETERRENCE: Signal("group_members_reached", "members of groups", ("state",)),
    OUTREACH: Signal("outreach_residents", "residents", ("state",)),
    THERAPY: Signal("young_men_in_therapy", "young men", ("state",)),
    JOBS: Signal("young_people_in_jobs", "young people", ("state",)),
    PREVENTION: Signal("prevention_residents", "residents", ("state",)),
    SPACE: Signal("streets_improved", "streets", ("state",)),
    POLICING: Signal("community_policing_residents", "residents", ("state",)),
}
YEARS_OF = (
    "person_years",
    "resident_years",
    "person_years",
    "person_years",
    "resident_years",
    "street_years",
)

YOUNG_MEN = """
select state, sum(deaths) filter (where sex = 'male' and age_group in ('15-17', '18-24', '25-29')) / sum(deaths)
from homicides_sex_age
where left(month, 4)::int > (select max(left(month, 4)::int) - 3 from homicides_sex_age)
group by state
"""
ORGANISED = """
with attributed as (
  select left(municipality, 2) as state, year, sum(deaths) as deaths from organised_crime_homicides
  where year <= (select max(year) from organised_crime_homicides where right(month, 2) = '12') group by all),
registered as (
  select left(municipality, 2) as state, year, sum(deaths) as deaths from homicides_year
  where basis = 'registration' group by all)
select state, least(sum(attributed.deaths) / sum(registered.deaths), 1)
from attributed join registered using (state, year) where year > 2006 group by state
"""


class Money(NamedTuple):
    """Mexico's own money, and the prices of dollars by year."""

    paid: tuple[Paid, ...]
    prices: dict[int, float]


BLOCK = 32  # draws whose counts are made by one call of a compiled program


class Theta(NamedTuple):
    """Parameters of one draw; arrays of shape (levers, 1) unless said otherwise."""

    effect: Array
    share: Array
    link: Array
    reach: Array  # of what the need counts, by one unit in a year
    per_person: Array  # N of one resident
    per_homicide: Array  # N of one homicide a year that involves the target
    uncounted: Array  # a, where the record has none
    kept: Array  # of what was reached, after a month
    own: Array  # m that no money on record explains
    own_units: Array  # (levers, S): units that Mexican money on record bought and that still stand
    units_per_need: Array  # (P, 1): where the framework itself states the need in units; else nan
    displacement: Array  # scalar
    leaves: Array  # scalar, o
    known: Array
    involved: Any = None  # (L, C) s a
    need: Any = None  # (L, C) N
    room: Any = None  # (L, C) 1 - m
    by_unit: Any = None  # (P, C) the part of the need that all of a programme's units would cover there


class Inputs(NamedTuple):
    """What does not vary by draw. L levers, P programmes that pull them, Q places of money, C cells, S states."""

    programmes: Fixed  # (P,) of all programmes of the framework
    pulls: Fixed  # (L, P)
    sharing: Fixed  # (P, Q) what units at each place of money are shared out by
    measure: Fixed  # (P, C) the same by cell, 0 where a programme does not serve
    people: Fixed  # (C,)
    deaths: Fixed  # (C,) homicides in a year
    target: Fixed  # (L, C) a; nan where the record has none
    ground: Ground
    state: Fixed  # (C,) the state of each cell; S where it has none
    in_state: Fixed  # (C, S + 1) 1 where a cell lies in a state, or in none
    deaths_of_state: Fixed  # (S + 1,)
    nothing: Fixed  # (L, C) zeros


def young_men(facts: Facts) -> dict[str, float]:
    """Return the share of a state's victims of homicide who were men of 15 to 29, in the last three years known.

    Examples
    --------
    >>> round(young_men(Facts("2012-12"))["08"], 3)
    0.413
    """
    return dict(facts.sql(YOUNG_MEN).rows())


def organised(facts: Facts) -> dict[str, float]:
    """Return the share of a state's homicides that the government attributed to organised crime, in full years from 2007.

    Examples
    --------
    >>> shares = organised(Facts("2012-12"))
    >>> len(shares), shares["25"] > shares["31"]  # Sinaloa, Yucatán
    (32, True)
    """
    return dict(facts.sql(ORGANISED).rows())


def mexican_money(facts: Facts) -> Money:
    """Return Mexico's own money for such programmes, in dollars of the last year whose prices are known."""
    funds, rows = stated()[0], price_rows(facts).rows.to_dicts()
    prices = {row["year"]: row["us_cpi"] for row in rows if row["us_cpi"]}
    mine = {name for name, fund in funds.items() if {*fund.levers} & {*LEVERS} and not fund.all_purposes}
    paid = money(facts, max(prices, default=0))
    return Money(tuple(one for one in paid if one.usd and one.fund in mine), prices)


def programmes(domain: Domain) -> list[str]:
    """Return the framework's programmes that pull one of these levers."""
    return [name for name, one in domain.framework.programmes.items() if one.lever in LEVERS]


def own_units(domain: Domain, draws: Draws) -> Floats:
    """Return the units that Mexican money on record bought and that still stand at the start, (draws, levers, S + 1).

    The last column is of money that is known for the nation alone. A fund buys a lever's units with the part `own_part`
    of its money, at the programme's own cost, and they wear out as the programme's do.
    """
    known: Money = domain.tables["mexican_money"]
    units = np.zeros((draws.count, len(LEVERS), len(domain.states) + 1))
    start = month_number(domain.forecast.first_month) / 12
    base = known.prices.get(
        domain.framework.base_year, known.prices[max(known.prices)] if known.prices else 1.0
    )
    for name in programmes(domain):
        lever = str(domain.framework.programmes[name].lever)
        part = draws.values.get(f"{lever}.own_part", np.zeros(draws.count))
        for one in known.paid:
            if lever not in stated()[0][one.fund].levers or one.place not in (NATION, *domain.states):
                continue
            dollars = (one.usd or 0.0) * base / known.prices[one.price_year]
            age = max(start - one.year - 0.5, 0.0)
            column = -1 if one.place == NATION else domain.states.index(one.place)
            standing = np.exp(-age / draws.values[f"programme.{name}.life_years"])
            bought = part * dollars / draws.values[f"programme.{name}.unit_cost"]
            units[:, LEVERS.index(lever), column] += bought * standing
    return units


def parameters(domain: Domain, draws: Draws) -> Theta:
    """Return the parameters with a leading axis of draws."""
    value, count = draws.values, draws.count
    zero, one = np.zeros(count), np.ones(count)
    men, streets = value["communities.young_men"], value["communities.streets_per_1000"] / 1000
    violent = value["communities.violent_residents"]
    per_person = (
        zero, violent, men * value[f"{THERAPY}.at_risk"], men * value[f"{JOBS}.at_risk"], violent,
        streets * value["communities.hot_streets"], one,
    )  # fmt: skip
    victims = value["communities.young_victims"]
    uncounted = (value["communities.organised_share"], one, victims, victims, one, one, one)
    per_homicide = (1 / value["communities.killings_per_member"], *6 * (zero,))
    unstated = np.full(count, np.nan)
    by_framework = [value.get(f"programme.{name}.units_per_need", unstated) for name in programmes(domain)]
    theta = Theta(
        effect=jnp.asarray(draws.by_lever(LEVERS, "effect")),
        share=jnp.asarray(draws.by_lever(LEVERS, "share")),
        link=jnp.asarray(draws.by_lever(LEVERS, "link")),
        reach=jnp.asarray(draws.by_lever(LEVERS, "reach")),
        per_person=jnp.asarray(np.stack(per_person, axis=1)[:, :, None]),
        per_homicide=jnp.asarray(np.stack(per_homicide, axis=1)[:, :, None]),
        uncounted=jnp.asarray(np.stack(uncounted, axis=1)[:, :, None]),
        kept=jnp.asarray(np.exp(-1 / (12 * draws.by_lever(LEVERS, "lasting_years")))),
        own=jnp.asarray(draws.by_lever(LEVERS, "own")),
        own_units=jnp.asarray(own_units(domain, draws)),
        units_per_need=jnp.asarray(np.stack(by_framework or [unstated], axis=1)[:, :, None]),
        displacement=jnp.asarray(value["communities.displacement"]),
        leaves=jnp.asarray(value["communities.leaves"]),
        known=known_ways(LEVERS, draws),
    )
    inputs, given = prepare(domain), jax.tree.map(np.asarray, theta)
    done = []
    for first in range(0, count, BLOCK):
        block = np.minimum(np.arange(first, first + BLOCK), count - 1)  # the last one is padded
        done.append(
            jax.tree.map(np.asarray, blocks()(jax.tree.map(lambda one, at=block: one[at], given), inputs))
        )
    whole: Theta = jax.tree.map(lambda *parts: jnp.asarray(np.concatenate(parts)[:count]), *done)
    return whole


@cache
def blocks() -> Callable[[Theta, Inputs], Theta]:
    """Return `with_counts` over a block of draws, compiled once whatever the number of draws."""
    return jax.jit(jax.vmap(with_counts, in_axes=(0, None)))


def prepare(domain: Domain) -> Inputs:
    """Return what is counted of each cell, and where units of each programme may work."""
    cells, forecast = domain.cells, domain.forecast
    count = int(cells.max()) + 1
    at = [domain.programmes.index(name) for name in programmes(domain)]
    target = np.full((len(LEVERS), count), 1.0)
    men, crime = domain.tables["young_victims"], domain.tables["organised_homicides"]
    for cell, state in zip(cells, forecast.states, strict=True):
        target[LEVERS.index(DETERRENCE), cell] = crime.get(state, np.nan)
        target[PEOPLE[:, 0], cell] = men.get(state, np.nan)
    measured = []
    for one, name in zip(at, programmes(domain), strict=True):
        stated_need = domain.framework.programmes[name].need
        by = domain.measures[stated_need.measure if stated_need else "homicides"]
        measured.append(np.bincount(cells, np.where(domain.served[one], by, 0.0), count))
    deaths = np.bincount(cells, domain.measures["homicides"], count)
    return Inputs(
        programmes=np.array(at, dtype=np.int64),
        pulls=np.stack([domain.pulls(lever)[at] for lever in LEVERS]),
        sharing=domain.need[at],
        measure=np.stack(measured) if measured else np.zeros((0, count)),
        people=np.bincount(cells, domain.measures["population"], count),
        deaths=deaths,
        target=target,
        ground=domain.ground,
        state=domain.state_of_cell,
        in_state=domain.in_state,
        deaths_of_state=np.bincount(domain.state_of_cell, deaths, len(domain.states) + 1),
        nothing=np.zeros((len(LEVERS), count)),
    )


def needs(theta: Theta, inputs: Inputs) -> tuple[Array, Array]:
    """Return the part of a place's homicides that involves each target, s a, and the need, each of shape (L, C)."""
    involved = theta.share * jnp.where(jnp.isnan(inputs.target), theta.uncounted, inputs.target)
    return involved, theta.per_person * inputs.people + theta.per_homicide * involved * inputs.deaths


def with_counts(theta: Theta, inputs: Inputs) -> Theta:
    """Return the parameters of a draw with what they count in each cell, which no month changes."""
    involved, need = needs(theta, inputs)
    needed = inputs.pulls.T @ over(need, jnp.broadcast_to(theta.reach, need.shape))
    needed = jnp.where(jnp.isnan(theta.units_per_need), needed, theta.units_per_need * inputs.measure)
    by_unit = over(jnp.asarray(inputs.measure), needed)
    return theta._replace(involved=involved, need=need, room=left(theta, inputs, need), by_unit=by_unit)


def of_states(inputs: Inputs, by_cell: Array) -> Array:
    """Return sums over the cells of each state and of the unknown one, shape (..., S + 1)."""
    sums: Array = by_cell @ inputs.in_state
    return sums


def over(part: Array, whole: Array) -> Array:
    """Return a part of a whole, 0 where there is nothing of it."""
    return jnp.where(whole > 0, part / jnp.where(whole > 0, whole, 1.0), 0.0)


def covered(theta: Theta, inputs: Inputs, working: Array) -> Array:
    """Return the part of the need that units at work reach, unbounded, shape (L, C).

    Parameters
    ----------
    working : array, shape (P, Q)
        Units at work of these programmes at each place of money: a state's are shared out among the municipalities
        that the programme serves, in proportion to its measure.
    """
    units = inputs.ground.reached(over(working, inputs.sharing))
    part: Array = inputs.pulls @ (units * theta.by_unit)
    return part


def left(theta: Theta, inputs: Inputs, need: Array) -> Array:
    """Return the part of the need that Mexico leaves to a programme, shape (L, C)."""
    served = (inputs.pulls @ (inputs.measure > 0) > 0) * need
    by_state = of_states(inputs, served)
    whole = jnp.sum(served, axis=1, keepdims=True)
    here = over(theta.own_units[:, :-1] * theta.reach, by_state[:, :-1]) + over(
        theta.own_units[:, -1:] * theta.reach, whole
    )
    own = theta.own + jnp.pad(here, ((0, 0), (0, 1)))[:, inputs.state]
    return 1.0 - jnp.minimum(own, 1.0)


def moved(theta: Theta, inputs: Inputs, averted: Array) -> Array:
    """Return averted shares after what moves to other streets, and to other municipalities of the state, (L, C)."""
    by_state = over(of_states(inputs, averted * inputs.deaths), inputs.deaths_of_state)
    mean: Array = (
        by_state @ inputs.in_state.T
    )  # a product: the slope of an index by cell takes ten times as long
    kept: Array = averted * (1.0 - theta.displacement) + theta.displacement * theta.leaves * (averted - mean)
    return kept


def initial(inputs: Inputs) -> Array:
    """Return nothing that was reached before the first month."""
    return jnp.asarray(inputs.nothing)


class Reached(NamedTuple):
    """What of the need is reached in a month, shape (L, C)."""

    now: Array
    lasting: Array  # of what was reached before
    best: Array  # the more of both


def before(theta: Theta, inputs: Inputs, signals: Signals) -> Array:
    """Return the part of the need that units at work reach, shape (L, C)."""
    part: Array = jnp.minimum(covered(theta, inputs, signals["units_at_work"][inputs.programmes]), theta.room)
    return part


def step(theta: Theta, inputs: Inputs, state: Array, now: Array, month: Array) -> tuple[Array, Reached]:
    """Return what was reached and lasts, after and in a month."""
    lasting = state * theta.kept
    best = jnp.maximum(now, lasting)
    return jnp.where(PEOPLE, lasting + now / 12.0, best), Reached(now, lasting, best)


def after(theta: Theta, inputs: Inputs, said: Reached, signals: Signals) -> dict[str, Any]:
    """Return those reached by state, and the averted share of homicides of each lever."""
    effective = jnp.where(PEOPLE, jnp.minimum(said.now + said.lasting, theta.room), said.best)
    averted = jnp.minimum(theta.involved * effective * -jnp.expm1(theta.link * theta.effect), MOST)
    reached = of_states(inputs, said.now * theta.need)[:, :-1]
    return {
        AVERTED_SHARE.name: ByLever(LEVERS, theta.known * moved(theta, inputs, averted)),
    } | {signal.name: reached[number] for number, signal in enumerate(REACHED.values())}


MECHANISM = Mechanism(
    name="communities",
    levers=LEVERS,
    main_outcome="homicides",
    parameters=parameters,
    prepare=prepare,
    initial=initial,
    before=before,
    step=step,
    after=after,
    reads=("units_at_work",),
    writes=(AVERTED_SHARE, *REACHED.values()),
    outcomes=tuple(
        counted(signal.name, unit, signal, per=12.0)
        for signal, unit in zip(REACHED.values(), (*YEARS_OF, "resident_years"), strict=True)
    ),
    tables={"young_victims": young_men, "organised_homicides": organised, "mexican_money": mexican_money},
    counts_need=True,
)
