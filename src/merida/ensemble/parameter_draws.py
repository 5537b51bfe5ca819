"""The draws of every parameter of a run, as the arrays that the system takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import merida.numerics  # noqa: F401  isort: skip
import jax.numpy as jnp
from jax import Array

from merida.distributions import Distribution, Floats
from merida.draws import stream
from merida.evidence import Register
from merida.facts import Facts
from merida.framework import Cost, Framework
from merida.models import border, communities, delivery, demand, institutions, policing, system
from merida.models.border_surrogate import DelaySurrogate
from merida.models.domain import Domain
from merida.parameters.parameters import Parameters


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


def draw(domain: Domain, parameters: Parameters, lags: delivery.Posterior, seed: int, count: int) -> Drawn:
    """Return `count` draws of every parameter.

    Parameters
    ----------
    lags : delivery.Posterior
        The lags of foreign assistance, fitted to what was published.
    """
    values = parameters.draws(seed, count) | programme_draws(domain.framework, parameters, seed, count)

    def column(levers: tuple[str, ...], name: str) -> Array:
        """Return one parameter of each lever, shape (draws, levers, 1)."""
        return jnp.array(np.stack([values[f"{lever}.{name}"] for lever in levers], axis=1)[:, :, None])

    def scalar(path: str) -> Array:
        return jnp.array(values[path])

    def lines(name: str) -> Array:
        return jnp.array(
            np.stack([values[f"programme.{one}.{name}"] for one, _ in domain.lines], axis=1)[:, :, None]
        )

    beyond = scalar("violence.beyond_dose")
    one_each = np.ones(count)  # where units themselves count, not what they cover
    needs = [values.get(f"programme.{one}.units_per_need", one_each) for one in domain.programmes]
    theta = system.Theta(
        delivery=delivery_theta(domain, values, lags, seed, count),
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
        border=None if domain.response is None else border_theta(domain.response, values, seed, count),
    )
    return Drawn(seed, count, theta, values)


def border_theta(response: DelaySurrogate, values: dict[str, Floats], seed: int, count: int) -> border.Theta:
    """Return the parameters of the border; each draw takes one member of the set of schedules."""
    random = stream(seed, "border.schedules").random(count)
    member = np.minimum((random * len(response.hours)).astype(int), len(response.hours) - 1)
    names = ("customs_officers.booth_hours", "lanes_roads.staffed", "trusted_traders.crossings")
    officer, lane, certificate = (values[f"border.{name}"][:, None] for name in names)

    def over(amount: Floats, there: Floats) -> Floats:
        relative: Floats = amount / np.maximum(there[member], 1e-9)
        return relative

    trucks = response.crossings * (np.asarray(response.modes) == "trucks")
    ends = [np.log(values[f"border.southbound.flow_{end}_usd"]) for end in ("low", "high")]
    flow = np.exp(ends[0] + values["border.southbound.flow_between"] * (ends[1] - ends[0]))
    cash = values["border.southbound.cash_usd_year"]
    seized_share = cash / flow * values["border.southbound.arms_found"]
    referred = values["border.secondary.referred"] * values["border.agricultural_specialists.share"]
    scanner = "border.non_intrusive_inspection"
    return border.Theta(
        hours=jnp.array(response.hours[member]),
        power=jnp.array(response.power[member]),
        scale=jnp.array(response.scale[member]),
        per_unit=jnp.array(
            np.stack(
                [
                    over(officer / border.HOURS_A_YEAR, response.booths),
                    over(lane, response.lanes),
                    over(certificate, response.untrusted),
                ],
                axis=1,
            )
        ),
        retained=jnp.array(values["border.retained"]),
        referred=jnp.array(referred[:, None] * trucks[member]),
        inspection_hours=jnp.array(values["border.secondary.minutes"] / 60),
        load=jnp.array(values["border.secondary.load"]),
        specialist_hours=jnp.array(values["border.agricultural_specialists.inspection_hours"]),
        trucks=jnp.array(trucks[member]),
        scans=jnp.array(values[f"{scanner}.scans"]),
        scan_hours=jnp.array(values[f"{scanner}.minutes_saved"] / 60),
        cash=jnp.array(cash),
        arms=jnp.array(seized_share * values["border.southbound.arms_flow_year"]),
        teams=jnp.array(values["border.southbound.teams"]),
        marginal=jnp.array(values["border.southbound.marginal"]),
    )


def delivery_theta(
    domain: Domain, values: dict[str, Floats], lags: delivery.Posterior, seed: int, count: int
) -> delivery.Theta:
    """Return lags and capacity by line, shape (draws, lines, 1): fitted for foreign assistance, assumed at home."""
    z = np.stack([stream(seed, f"delivery.{name}").standard_normal(count) for name in delivery.NAMES], axis=1)
    fitted = lags.at(z)
    values |= {f"delivery.foreign_{name}": drawn for name, drawn in fitted.items()}
    foreign = np.array([kind == "foreign_assistance" for _, kind in domain.lines])

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
        needed = () if programme.need is None else (("units_per_need", programme.need.units_per),)
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


def unit_cost(cost: Cost, facts: Facts, register: Register, z: Floats) -> Floats:
    """Return draws of a unit cost: from its row where that had been published, else as assumed."""
    amount, distribution = known_cost(cost, facts, register)
    return amount * distribution.at(z)


def known_cost(cost: Cost, facts: Facts, register: Register) -> tuple[float, Distribution]:
    """Return the published amount and the law of its scale, or 1 and the law assumed."""
    if cost.distribution is not None:
        return 1.0, cost.distribution
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
