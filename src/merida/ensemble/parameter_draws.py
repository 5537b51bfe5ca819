"""The draws of every parameter of a run, as the arrays that the system takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from merida.distributions import Floats
from merida.draws import stream
from merida.framework import Framework
from merida.models.socket.domain import Domain
from merida.models.socket.mechanism import Draws
from merida.one_line import OneLine
from merida.parameters.parameters import Parameters
from merida.parameters.unit_costs import unit_cost


@dataclass(frozen=True, repr=False)
class Drawn(OneLine):
    """The draws of a run.

    Parameters
    ----------
    seed, count : int
        The run's seed and number of draws.
    theta : mapping of str to Any
        The parameters of each mechanism, trees of arrays with a leading axis of draws.
    scalars : dict of str to array, shape (draws,)
        Every parameter by its dotted path, for what drives the result.
    """

    seed: int
    count: int
    theta: Mapping[str, Any]
    scalars: dict[str, Floats]


def draw(domain: Domain, parameters: Parameters, seed: int, count: int) -> Drawn:
    """Return `count` draws of every parameter of the mechanisms that run."""
    values = parameters.draws(seed, count) | programme_draws(domain.framework, parameters, seed, count)
    values |= parameters.held_programmes(count)
    for mechanism in domain.mechanisms:
        if mechanism.fitted is not None:
            values |= mechanism.fitted(domain, seed, count)
    draws = Draws(values, seed, count)
    theta = {mechanism.name: mechanism.parameters(domain, draws) for mechanism in domain.mechanisms}
    return Drawn(seed, count, theta, values)


def programme_draws(framework: Framework, parameters: Parameters, seed: int, count: int) -> dict[str, Floats]:
    """Return the draws of every programme's unit cost, need, life and ramp, by path."""
    found = {}
    for name, programme in framework.programmes.items():
        units_per = programme.need.units_per if programme.need else None
        needed = () if units_per is None else (("units_per_need", units_per),)
        for field, distribution in (
            *needed,
            ("life_years", programme.life_years.distribution),
            ("ramp_months", programme.ramp_months.distribution),
        ):
            path = f"programme.{name}.{field}"
            found[path] = distribution.at(stream(seed, path).standard_normal(count))
        path = f"programme.{name}.unit_cost"
        z = stream(seed, path).standard_normal(count)
        found[path] = unit_cost(programme.unit_cost, parameters.facts, parameters.register, z)
    return found
