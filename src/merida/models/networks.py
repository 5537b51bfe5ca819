"""Networks: removals of leaders and where violence follows them; financial intelligence and aircraft as counts.

    removals a year  = L (1 - exp(-operations * removals per operation / L)),   L leaders who can be found in a year
    averted share    = - sum over kinds k of  open_k * exposure_k * (RR_k - 1)

A removal keeps a window of months open (`violence.removals.MONTHS`): 12 at the place of capture, 6 where the same
organisation is present, 6 in places that merely adjoin. open_k counts the removals whose window is open, exposure_k
is the chance that a removal finds a cell in that position: the organisation as in the record's removals, the place of
capture by homicides among the municipalities where it is present, its neighbours by their borders.

RR is drawn from what was published, then moved to the record's own event study by inverse variance,

    log RR  <-  x + k (y - x),        k = s^2 / (s^2 + c e^2)

with x a draw of the published effect, y one of the own estimate, s the error of the first, e of the second and c = 2, for
both count the same deaths. A studied effect is the most that any draw may hold.

Under the scenario ``recruitment`` a removal does none of this and takes one member away, as in the model of
`merida.models.recruitment`, where each member fewer is so many deaths fewer a year, for good:

    averted share    = as_recruitment * deaths per member * members taken / homicides of a year

What Mexico removes without a plan is in the forecast. No count leads from an analyst or an aircraft to an operation:
their years of work are shown, and no homicide hangs on them but under the scenario ``wide_law``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import merida.numerics  # noqa: F401  isort: skip
import jax.numpy as jnp
import numpy as np
from jax import Array

from merida.distributions import Floats
from merida.draws import stream
from merida.facts import Facts
from merida.models.reduced_form import averted_share, known_ways
from merida.models.socket.mechanism import (
    AVERTED_SHARE,
    COVERAGE,
    ByLever,
    Draws,
    Fixed,
    Mechanism,
    Signal,
    Signals,
    counted,
)
from merida.one_line import OneLine
from merida.violence.removals import (
    KINDS,
    MONTHS,
    Pooled,
    borders,
    estimate,
    organisations,
    presence,
    recorded,
)

if TYPE_CHECKING:
    from merida.models.socket.domain import Domain

LEADERS, FINANCE, AVIATION = LEVERS = (
    "networks.leadership_targeting",
    "networks.financial_intelligence",
    "networks.aviation",
)
EFFECTS = ("effect", "present_effect", "adjoining_effect")  # of the kinds of place, in their order
LAST_DEATHS = """
select unit_2000 as place, sum(deaths)::double as deaths from homicides_year join municipalities using (municipality)
where basis = 'registration' and year = (select max(year) from homicides_year where basis = 'registration') group by all
order by all"""
FEWEST = 3  # events from which an own estimate is one
SAME_DEATHS = 2.0  # c: published and own estimates count the same deaths
UNKNOWN = -1.0  # where no table of presence was published yet
LONGEST = max(MONTHS.values())
OPEN = np.array([[float(age < MONTHS[kind]) for age in range(LONGEST)] for kind in KINDS])

REMOVED = Signal("leaders_removed", "persons beside those removed anyway")
ANALYSTS = Signal("analysts_at_work", "analysts")
AIRCRAFT = Signal("aircraft_at_work", "aircraft")


class Theta(NamedTuple):
    """Parameters of one draw."""

    log_ratio: Array  # (kinds, 1)
    per_operation: Array  # scalar: leaders removed by an operation
    leaders: Array  # scalar: L
    presence: Array  # scalar: share of places with the organisation, before a table of it was published
    as_recruitment: Array  # scalar: 1 under the rival reading
    deaths_per_member: Array  # scalar, a year
    effect: Array  # (2, 1): of finance and aircraft, under the wide law
    share: Array  # (2, 1)
    link: Array  # (2, 1)
    beyond: Array  # scalar
    known: Array  # (levers, 1)


class Inputs(NamedTuple):
    """What does not vary by draw. P programmes, C cells."""

    pulls: Fixed  # (levers, P)
    exposure: Fixed  # (kinds, C)
    adjoins: Fixed  # (C,) chance that a cell adjoins the place of capture, whoever is present
    deaths: Fixed  # homicides of the last year known
    waiting: Fixed  # (LONGEST,) zeros: removals of the months before


class State(NamedTuple):
    """What is remembered of removals."""

    months: Array  # (LONGEST,) removals of each month, the latest first
    members: Array  # scalar: taken away so far


@dataclass(frozen=True, repr=False)
class Record(OneLine):
    """What the record tells of removals at its date.

    Parameters
    ----------
    organisations : dict of str to float
        Share of each organisation in the removals.
    present : dict of str to set of str
        Municipalities in which each is present; empty before the table was published.
    borders : list of (str, str)
    own : dict of str to Pooled
        The event study, by kind of place; empty with fewer than `FEWEST` events.
    deaths : dict of str to float
        Homicides of the last year published, by municipality of the record: by these the place of capture is drawn.
    """

    organisations: dict[str, float]
    present: dict[str, set[str]]
    borders: list[tuple[str, str]]
    own: dict[str, Pooled]
    deaths: dict[str, float] = field(default_factory=dict)


def record(facts: Facts) -> Record:
    """Return what the record tells of removals."""
    present = presence(facts)
    own: dict[str, Pooled] = {}
    if present:
        setting, events = recorded(facts)
        own = estimate(setting, events) if len(events) >= FEWEST else {}
    return Record(organisations(facts), present, borders(facts), own, dict(facts.sql(LAST_DEATHS).rows()))


def exposures(known: Record, places: tuple[str, ...], deaths: Floats) -> tuple[Floats, Floats]:
    """Return the chances that a removal finds each place in each position, (kinds, places), and adjoining anyone's.

    Parameters
    ----------
    deaths : array, shape (places,)
        Homicides by which the place of capture is drawn among those where the organisation is present.
    """
    row = {place: number for number, place in enumerate(places)}
    pairs = np.array(
        [(row[one], row[other]) for one, other in known.borders if one in row and other in row],
        dtype=np.int64,
    ).reshape(-1, 2)
    found, near_any = np.zeros((len(KINDS), len(places))), np.zeros(len(places))
    shares = known.organisations if known.present and known.organisations else {"": 1.0}
    for organisation, share in shares.items():
        there = np.array([place in known.present.get(organisation, ()) for place in places])
        taken = deaths * there if (deaths * there).any() else deaths
        taken = taken / max(taken.sum(), 1e-12)
        near = np.zeros(len(places))
        np.add.at(near, pairs[:, 0], taken[pairs[:, 1]])
        np.add.at(near, pairs[:, 1], taken[pairs[:, 0]])
        found += share * np.stack([taken, there * (1 - taken), ~there * near])
        near_any += share * near
    if not known.present:
        found[1:] = UNKNOWN
    return found, near_any


def conditioned(published: Floats, error: float, own: Floats, own_error: float) -> Floats:
    """Return draws of an effect moved to an own estimate by inverse variance.

    Parameters
    ----------
    published, own : array, shape (draws,)
        Draws of both, independent of each other.
    error, own_error : float
        Their standard errors.

    Examples
    --------
    >>> conditioned(np.array([0.0]), 1.0, np.array([1.0]), 1.0).tolist()
    [0.5]
    """
    moved: Floats = published + error**2 / (error**2 + own_error**2) * (own - published)
    return moved


def log_ratios(known: Record, draws: Draws) -> Floats:
    """Return the log ratio of each kind of place, published and own together, shape (draws, kinds)."""
    part, error = draws.values["networks.own_part"], float(draws.values["networks.published_error"][0])
    together = []
    for kind, name in zip(KINDS, EFFECTS, strict=True):
        published = draws.values[f"{LEADERS}.{name}"]
        if (own := known.own.get(kind)) is not None:
            own_error = own.error * SAME_DEATHS**0.5
            score = stream(draws.seed, f"networks.own.{kind}").standard_normal(draws.count)
            moved = conditioned(published, error, own.value + own_error * score, own_error)
            published = published + part * (moved - published)
        together.append(published)
    largest = draws.values["networks.largest"][:, None]
    return np.clip(np.stack(together, axis=1), -largest, largest)


def parameters(domain: Domain, draws: Draws) -> Theta:
    """Return the parameters with a leading axis of draws."""
    value = {name: jnp.asarray(drawn) for name, drawn in draws.values.items() if name.startswith("networks.")}
    return Theta(
        log_ratio=jnp.asarray(log_ratios(domain.tables["removals"], draws)[:, :, None]),
        per_operation=value[f"{LEADERS}.removals_per_operation"],
        leaders=value["networks.leaders"],
        presence=value["networks.presence"],
        as_recruitment=value["networks.as_recruitment"],
        deaths_per_member=value["networks.deaths_per_member"],
        effect=jnp.asarray(draws.by_lever(LEVERS[1:], "effect")),
        share=jnp.asarray(draws.by_lever(LEVERS[1:], "share")),
        link=jnp.asarray(draws.by_lever(LEVERS[1:], "link")),
        beyond=jnp.asarray(draws.values["violence.beyond_dose"]),
        known=known_ways(LEVERS, draws),
    )


def prepare(domain: Domain) -> Inputs:
    """Return who works on what, and how a removal finds each cell: as its state, wherever borders of municipalities lie.

    The state's chance is the mean over the record's own municipalities, by their homicides.
    """
    known: Record = domain.tables["removals"]
    places, deaths = tuple(known.deaths), np.array(list(known.deaths.values()), dtype=np.float64)
    by_place, adjoins = exposures(known, places, deaths)
    states, at = np.unique([place[:2] for place in places], return_inverse=True)
    weight = np.maximum(deaths, 1e-9)
    whole = np.bincount(at, weight)
    by_state = [np.bincount(at, weight * one) / whole for one in (*by_place, adjoins)]
    nation = [np.average(one, weights=weight) for one in (*by_place, adjoins)]
    of_state = np.full(int(domain.cells.max()) + 1, -1)
    for cell, state in zip(domain.cells, domain.forecast.states, strict=True):
        if state in states:
            of_state[cell] = np.searchsorted(states, state)
    by_cell = [
        np.where(of_state >= 0, one[of_state], mean) for one, mean in zip(by_state, nation, strict=True)
    ]
    return Inputs(
        pulls=np.stack([domain.pulls(lever) for lever in LEVERS]),
        exposure=np.stack(by_cell[:-1]),
        adjoins=by_cell[-1],
        deaths=np.maximum(domain.measures["homicides"].sum(), 1.0),
        waiting=np.zeros(LONGEST),
    )


def removals_a_year(theta: Theta, operations: Array) -> Array:
    """Return the leaders whom operations at work remove in a year: each in proportion at first, never more than L."""
    return theta.leaders * -jnp.expm1(-operations * theta.per_operation / theta.leaders)


def exposed(theta: Theta, inputs: Inputs) -> Array:
    """Return the chance that a removal finds each cell in each position, (kinds, C); a prior where nothing is known."""
    prior = jnp.stack(
        [inputs.exposure[0], theta.presence * (1 - inputs.exposure[0]), (1 - theta.presence) * inputs.adjoins]
    )
    return jnp.where(inputs.exposure < 0, prior, inputs.exposure)


def averted_by_removals(theta: Theta, inputs: Inputs, months: Array) -> Array:
    """Return the averted share of homicides by cell, negative where violence rises.

    Parameters
    ----------
    months : array, shape (LONGEST,)
        Removals of this month and of each before it.
    """
    still_open = OPEN @ months
    return -jnp.sum(still_open[:, None] * exposed(theta, inputs) * jnp.expm1(theta.log_ratio), axis=0)


def initial(inputs: Inputs) -> State:
    """Return no removals: those of before are in the forecast."""
    return State(jnp.asarray(inputs.waiting), jnp.asarray(0.0))


def before(theta: Theta, inputs: Inputs, signals: Signals) -> Array:
    """Return the leaders removed in a month."""
    working = inputs.pulls[0] @ jnp.sum(signals["units_at_work"], axis=1)
    return removals_a_year(theta, working) / 12


def step(
    theta: Theta, inputs: Inputs, state: State, removed: Array, month: Array
) -> tuple[State, tuple[State, Array]]:
    """Return the removals of the last months, and those of this one."""
    removals = State(jnp.concatenate([removed[None], state.months[:-1]]), state.members + removed)
    return removals, (removals, removed)


def after(theta: Theta, inputs: Inputs, said: tuple[State, Array], signals: Signals) -> dict[str, Any]:
    """Return what is at work, and the averted share of homicides of each lever."""
    removals, removed = said
    working = inputs.pulls @ jnp.sum(signals["units_at_work"], axis=1)
    covered = signals[COVERAGE.name].of(LEVERS[1:])
    family = averted_share(covered, theta.effect, theta.share, theta.link, theta.beyond)
    by_members = theta.deaths_per_member * removals.members / inputs.deaths
    by_removals = (1 - theta.as_recruitment) * averted_by_removals(theta, inputs, removals.months)
    by_removals = jnp.minimum(by_removals + theta.as_recruitment * by_members, 0.95)
    return {
        AVERTED_SHARE.name: ByLever(LEVERS, theta.known * jnp.concatenate([by_removals[None], family])),
        REMOVED.name: removed,
        ANALYSTS.name: working[1],
        AIRCRAFT.name: working[2],
    }


MECHANISM = Mechanism(
    name="networks",
    levers=LEVERS,
    main_outcome="homicides",
    parameters=parameters,
    prepare=prepare,
    initial=initial,
    before=before,
    step=step,
    after=after,
    reads=(COVERAGE.name, "units_at_work"),
    writes=(AVERTED_SHARE, REMOVED, ANALYSTS, AIRCRAFT),
    outcomes=(
        counted("leaders_removed", "people", REMOVED),
        counted("financial_analysts", "analyst_years", ANALYSTS, per=12.0),
        counted("aircraft_years", "aircraft_years", AIRCRAFT, per=12.0),
    ),
    tables={"removals": record},
)
