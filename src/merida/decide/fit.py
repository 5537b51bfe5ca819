"""Which programmes can work in a place, and what they can reach there (SCIENCE rules 25 and 26).

A programme reaches a countable part of something: members of groups, young men, residents, streets, officers. How many
of these a place has, what one unit reaches of them and what a unit costs are those of a run of the whole system, draw by
draw; nothing is simulated. In programmes of communities what Mexico covers itself is taken off.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from merida.distributions import Floats
from merida.ensemble.simulation import prepared
from merida.facts import Facts
from merida.framework import Framework, Plan, PlanRow, plan_named
from merida.framework.types import Programme
from merida.models import communities
from merida.models.socket.domain import Domain
from merida.parameters.routes import routes
from merida.places import Place
from merida.statistics import Interval

MILLION = 1e6
YEARS = 1  # of the run that is made ready and not run
Where = Literal["here", "not_targeted", "state", "nation", "port", "united_states"]
Way = Literal["studies", "chain", "none"]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Fitting:
    """A programme and a place.

    Attributes
    ----------
    where : str
        Whether it works ``here``; in the ``state`` or ``nation`` around it; at ports or in the United States; or nowhere
        here, because its rate of homicides is below what the programme is for (``not_targeted``).
    way : {"studies", "chain", "none"}
        Whether studies, or a chain of counted steps, connect it to homicide.
    cost_usd : Interval
        Of one unit, in dollars of the framework's base year.
    works_on : str
        Key under ``fit.works_on``: what it reaches; empty where that is not counted by place.
    need : Interval or None
        How many of these the place has.
    left : Interval or None
        The share of them that Mexico does not cover itself, where that is counted.
    units : Interval or None
        Units at work that would reach all of them.
    bought : Interval
        Units that a million dollars buys.
    covers : Interval or None
        The share of them that those would reach, at most all.
    """

    programme: str
    where: Where
    way: Way
    cost_usd: Interval
    works_on: str
    need: Interval | None
    left: Interval | None
    units: Interval | None
    bought: Interval
    covers: Interval | None


def fit(framework: Framework, facts: Facts, place: Place, draws: int, seed: int = 0) -> tuple[Fitting, ...]:
    """Return every programme of a framework beside a place, those that work in it first.

    Examples
    --------
    >>> found = fit(Framework.load("merida"), Facts(), find_place(Facts(), "08037"), 20)
    >>> next(one.where for one in found if one.programme == "focused_deterrence")
    'here'
    """
    domain, _, drawn = prepared(
        framework, facts, naming(framework, facts, place), draws=draws, seed=seed, years=YEARS
    )
    inside = np.array(
        [place.kind == "nation" or code.startswith(place.code) for code in domain.forecast.places]
    )
    found = [
        fitting(name, programme, domain, drawn.theta["communities"], drawn.scalars, inside, place)
        for name, programme in framework.programmes.items()
    ]
    order: tuple[Where, ...] = ("here", "state", "nation", "not_targeted", "port", "united_states")
    ways: tuple[Way, ...] = ("studies", "chain", "none")
    return tuple(sorted(found, key=lambda one: (order.index(one.where), ways.index(one.way))))


def naming(framework: Framework, facts: Facts, place: Place) -> dict[str, Plan]:
    """Return a plan that names a municipality, so that what is counted there is counted by itself; else none."""
    local = [name for name, one in framework.programmes.items() if one.level == "municipality"]
    if place.kind != "municipality" or not local:
        return {}
    account = framework.programmes[local[0]].accounts[0]
    row = PlanRow(local[0], account, place.code, "2020-01", "2020-12", 1.0)
    return {"there": replace(plan_named("none", framework, facts), rows=(row,))}


def fitting(
    name: str,
    programme: Programme,
    domain: Domain,
    theta: Any,
    scalars: dict[str, Floats],
    inside: Mask,
    place: Place,
) -> Fitting:
    """Return one programme beside a place.

    Parameters
    ----------
    theta : communities.Theta
        Of the draws: what is counted of each cell.
    scalars : mapping of str to array, shape (draws,)
        Every parameter by its path.
    inside : array, shape (places,)
        Which places of the forecast lie in the place.
    """
    served = domain.served[domain.programmes.index(name)] & inside
    where = where_of(programme, place, bool(served.any()))
    route = routes().get((programme.lever or "", "homicides"))
    way: Way = "none"
    if route is not None and route.route != "unknown":
        way = "studies" if route.route == "reduced form" else "chain"
    cost = scalars[f"programme.{name}.unit_cost"]
    counted = (
        None
        if where in ("port", "united_states")
        else needed(name, programme, domain, theta, scalars, served)
    )
    bought = Interval.of(MILLION / cost)
    if counted is None:
        return Fitting(name, where, way, Interval.of(cost), "", None, None, None, bought, None)
    works_on, need, left, units = counted
    covers = np.minimum(MILLION / cost / units, 1.0)
    return Fitting(
        name,
        where,
        way,
        Interval.of(cost),
        works_on,
        Interval.of(need),
        None if left is None else Interval.of(left),
        Interval.of(units),
        bought,
        Interval.of(covers),
    )


def where_of(programme: Programme, place: Place, served: bool) -> Where:
    """Return where a programme works, seen from a place."""
    if programme.level in ("port", "united_states"):
        return programme.level
    if not served:
        return "not_targeted"
    rank = ("municipality", "state", "nation")
    wider = rank.index(programme.level) > rank.index(place.kind)
    return programme.level if wider else "here"  # type: ignore[return-value]


def needed(
    name: str, programme: Programme, domain: Domain, theta: Any, scalars: dict[str, Floats], served: Mask
) -> tuple[str, Floats, Floats | None, Floats] | None:
    """Return what a programme works on in places, how many there are, the share left, and the units that reach all."""
    if programme.need is None or programme.need.measure == "none" or not served.any():
        return None
    measure = float(domain.measures[programme.need.measure][served].sum())
    per_need = scalars.get(f"programme.{name}.units_per_need")
    if programme.lever in communities.LEVERS:
        lever = communities.LEVERS.index(programme.lever)
        cells = np.unique(domain.cells[served])
        by_cell = np.asarray(theta.need)[:, lever, cells]
        need = by_cell.sum(axis=1)
        room = (by_cell * np.asarray(theta.room)[:, lever, cells]).sum(axis=1) / np.maximum(need, 1e-12)
        units = need / np.asarray(theta.reach)[:, lever, 0] if per_need is None else per_need * measure
        return (programme.lever, need, room, units) if need.min() > 0 and units.min() > 0 else None
    if per_need is None or measure <= 0:
        return None
    return programme.need.measure, np.full(len(per_need), measure), None, per_need * measure
