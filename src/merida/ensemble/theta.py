"""The draws of every parameter of a run, as the arrays that the system takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import merida.numerics  # noqa: F401  isort: skip
import jax.numpy as jnp
from jax import Array

from merida.draws import stream
from merida.evidence import Register
from merida.facts import Facts
from merida.framework import Cost, Framework
from merida.laws import Floats, Law
from merida.models import communities, delivery, demand, institutions, policing, system
from merida.models.layout import Ground
from merida.models.parameters import Parameters


@dataclass(frozen=True)
class Drawn:
    """The draws of a run.

    Parameters
    ----------
    seed, count : int
        The run's seed and number of draws.
    theta : system.Theta
        Arrays with a leading axis of draws.
    scalars : dict of str to array, shape (draws,)
        Every parameter by its dotted path, for what drives the result.
    """

    seed: int
    count: int
    theta: system.Theta
    scalars: dict[str, Floats]


def draw(ground: Ground, parameters: Parameters, lags: delivery.Posterior, seed: int, count: int) -> Drawn:
    """Return `count` draws of every parameter.

    Parameters
    ----------
    lags : delivery.Posterior
        The lags of foreign assistance, fitted to what was published.
    """
    values = parameters.draws(seed, count) | programme_draws(ground.framework, parameters, seed, count)

    def column(levers: tuple[str, ...], name: str) -> Array:
        """Return one parameter of each lever, shape (draws, levers, 1)."""
        return jnp.array(np.stack([values[f"{lever}.{name}"] for lever in levers], axis=1)[:, :, None])

    def scalar(path: str) -> Array:
        return jnp.array(values[path])

    def lines(name: str) -> Array:
        return jnp.array(
            np.stack([values[f"programme.{one}.{name}"] for one, _ in ground.lines], axis=1)[:, :, None]
        )

    beyond = scalar("violence.beyond_dose")
    needs = [values[f"programme.{one}.units_per_need"] for one in ground.programmes]
    theta = system.Theta(
        delivery=delivery_theta(ground, values, lags, seed, count),
        unit_cost=lines("unit_cost"),
        life_months=12 * lines("life_years"),
        ramp_months=jnp.maximum(lines("ramp_months"), 1.0),
        units_per_need=jnp.array(np.stack(needs, axis=1)),
        additionality=scalar("violence.additionality"),
        overlap=scalar("violence.overlap"),
        policing=policing.Theta(column(policing.LEVERS, "quality"), scalar("policing.elasticity"), beyond),
        communities=communities.Theta(
            effect=column(communities.LEVERS, "effect"),
            share=column(communities.LEVERS, "share"),
            link=column(communities.LEVERS, "link"),
            displacement=scalar("communities.displacement"),
            beyond=beyond,
        ),
        institutions=institutions.Theta(
            effect=column(institutions.LEVERS, "effect"),
            share=column(institutions.LEVERS, "share"),
            link=column(institutions.LEVERS, "link"),
            beyond=beyond,
        ),
        demand=demand.Theta(
            use=column(demand.USE, "use"),
            income_share=column(demand.USE, "income_share"),
            income_elasticity=scalar("demand.income_elasticity"),
            arms_effect=column(demand.ARMS, "effect"),
            arms_share=scalar("demand.arms_share"),
            beyond=beyond,
            deaths_effect=scalar("demand.treatment.deaths_effect"),
            deaths_per_person_year=scalar("demand.treatment.deaths_per_person_year"),
            arrests_effect=scalar("demand.hope_probation.arrests_effect"),
            arrests_per_person_year=scalar("demand.hope_probation.arrests_per_person_year"),
        ),
    )
    return Drawn(seed, count, theta, values)


def delivery_theta(
    ground: Ground, values: dict[str, Floats], lags: delivery.Posterior, seed: int, count: int
) -> delivery.Theta:
    """Return lags and capacity by line, shape (draws, lines, 1): fitted for foreign assistance, assumed at home."""
    z = np.stack([stream(seed, f"delivery.{name}").standard_normal(count) for name in delivery.NAMES], axis=1)
    fitted = lags.at(z)
    values |= {f"delivery.foreign_{name}": drawn for name, drawn in fitted.items()}
    foreign = np.array([kind == "foreign_assistance" for _, kind in ground.lines])

    def by_line(name: str) -> Array:
        at_home = values[f"delivery.home_{name}"][:, None]
        return jnp.array(np.where(foreign, values[f"delivery.foreign_{name}"][:, None], at_home)[:, :, None])

    return delivery.Theta(
        obligate_months=by_line("obligate_months"),
        expend_months=by_line("expend_months"),
        deliver_months=by_line("deliver_months"),
        lapse_share=by_line("lapse_share"),
        capacity_usd_month=by_line("capacity_usd_month"),
    )


def programme_draws(framework: Framework, parameters: Parameters, seed: int, count: int) -> dict[str, Floats]:
    """Return the draws of every programme's unit cost, need, life and ramp, by path."""
    found = {}
    for name, programme in framework.programmes.items():
        for field, law in (
            ("units_per_need", programme.need.units_per),
            ("life_years", programme.life_years.law),
            ("ramp_months", programme.ramp_months.law),
        ):
            path = f"programme.{name}.{field}"
            found[path] = law.at(stream(seed, path).standard_normal(count))
        path = f"programme.{name}.unit_cost"
        z = stream(seed, path).standard_normal(count)
        found[path] = unit_cost(programme.unit_cost, parameters.facts, parameters.register, z)
    return found


def unit_cost(cost: Cost, facts: Facts, register: Register, z: Floats) -> Floats:
    """Return draws of a unit cost: from its row where that had been published, else as assumed."""
    amount, law = known_cost(cost, facts, register)
    return amount * law.at(z)


def known_cost(cost: Cost, facts: Facts, register: Register) -> tuple[float, Law]:
    """Return the published amount and the law of its scale, or 1 and the law assumed."""
    if cost.law is not None:
        return 1.0, cost.law
    if cost.cost is not None:
        row = register.cost(cost.cost)
        amount = float(str(row["amount"])) if row else None
    else:
        rows = facts.sql(
            f"select value from published_facts where id = '{cost.fact}' and status = 'verified'"
        )
        amount = float(rows.item()) if rows.height else None
    if amount is not None:
        return amount / cost.divide, cost.scale
    assert cost.otherwise is not None
    return 1.0, cost.otherwise
