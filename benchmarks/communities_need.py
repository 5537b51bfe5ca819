"""What the programmes of communities meet, what one unit does, and what Mexico's own money would have covered.

`python benchmarks/communities_need.py` prints the tables of `docs/models/communities.md`. Nothing is fitted.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from merida.ensemble import simulate
from merida.facts import Facts
from merida.framework import Framework
from merida.models import communities
from merida.parameters.counterpart import money, stated

DRAWS = 256


def told(values: object, decimals: int = 0) -> str:
    """Return the median and the middle nine tenths."""
    low, middle, high = np.quantile(np.asarray(values), (0.05, 0.5, 0.95))
    return f"{middle:,.{decimals}f} ({low:,.{decimals}f} to {high:,.{decimals}f})"


def needs(as_of: str | None) -> None:
    """Print the need of the nation, the units that meet it, and the part of homicides that one unit averts."""
    framework, facts = Framework.load("merida"), Facts(as_of)
    found = simulate(framework, facts, {}, draws=DRAWS, places=False)
    domain, theta = found.domain, found.drawn.theta["communities"]
    ground = jax.tree.map(jnp.asarray, domain.inputs["communities"])
    involved, need = jax.vmap(lambda one: communities.needs(one, ground))(theta)
    left = jax.vmap(lambda one, wanted: communities.left(one, ground, wanted))(theta, need)
    served = np.asarray(ground.pulls @ (ground.measure > 0) > 0)
    deaths, values = np.asarray(ground.deaths), found.drawn.scalars
    print(f"\n{as_of or 'today'}: {deaths.sum():,.0f} homicides a year")
    for number, lever in enumerate(communities.LEVERS):
        here = served[number] * np.asarray(need)[:, number]
        units = here.sum(axis=1) / np.asarray(theta.reach)[:, number, 0]
        of_homicides = (np.asarray(involved)[:, number] * served[number] * deaths).sum(axis=1) / deaths.sum()
        worth = 1 - np.exp(values[f"{lever}.link"] * values[f"{lever}.effect"])
        free = (np.asarray(left)[:, number] * here).sum(axis=1) / here.sum(axis=1)
        name = next(name for name, one in framework.programmes.items() if one.lever == lever)
        cost = values[f"programme.{name}.unit_cost"]
        averted = of_homicides * deaths.sum() * worth
        print(
            f"| `{lever}` | {told(here.sum(axis=1))} | {told(units)} | {told(units * cost / 1e6)} "
            f"| {told(100 * of_homicides)} | {told(100 * free)} | {told(averted / (units * cost / 1e6), 2)} |"
        )


def mexican() -> None:
    """Print the part of the need that Mexican money on record would have covered in its years."""
    framework, facts = Framework.load("merida"), Facts()
    found = simulate(framework, facts, {}, draws=DRAWS, places=False)
    domain, theta, values = found.domain, found.drawn.theta["communities"], found.drawn.scalars
    ground = jax.tree.map(jnp.asarray, domain.inputs["communities"])
    served = np.asarray(ground.pulls @ (ground.measure > 0) > 0)
    need = np.asarray(jax.vmap(lambda one: communities.needs(one, ground)[1])(theta))
    print()
    for fund in ("pronapred", "subsemun"):
        year = stated()[0][fund].last
        dollars = sum(one.usd or 0.0 for one in money(facts, 2012) if one.fund == fund and one.year == year)
        for number, lever in enumerate(communities.LEVERS):
            if lever not in stated()[0][fund].levers:
                continue
            name = next(name for name, one in framework.programmes.items() if one.lever == lever)
            units = values[f"{lever}.own_part"] * dollars / values[f"programme.{name}.unit_cost"]
            part = units * values[f"{lever}.reach"] / (served[number] * need[:, number]).sum(axis=1)
            print(
                f"{fund} {year}: {dollars / 1e6:,.0f} million; {lever}: {told(units)} units, {told(100 * part, 1)} %"
            )


if __name__ == "__main__":
    needs("2012-12")
    needs(None)
    mexican()
