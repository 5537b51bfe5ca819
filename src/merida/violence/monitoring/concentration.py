"""How concentrated deaths are: Lorenz curve, Gini coefficient, share of the worst places."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from merida.draws import stream

Floats = npt.NDArray[np.float64]

CHANCE_DRAWS = 200


def lorenz(deaths: Floats, population: Floats) -> tuple[Floats, Floats]:
    """Return the Lorenz curve: cumulative shares (N + 1,) of people and of deaths, lowest rate first."""
    order = np.argsort(deaths / population, kind="stable")
    people = np.concatenate([[0.0], np.cumsum(population[order])]) / population.sum()
    dead = np.concatenate([[0.0], np.cumsum(deaths[order])]) / max(float(deaths.sum()), 1e-300)
    return people, dead


def gini(deaths: Floats, population: Floats) -> float:
    """Return the Gini coefficient over people: 0 if every place has the same rate, towards 1 if one has all deaths."""
    people, dead = lorenz(deaths, population)
    return float(1 - np.sum(np.diff(people) * (dead[1:] + dead[:-1])))


def gini_by_chance(deaths: Floats, population: Floats, seed: int = 0) -> Floats:
    """Return draws of the Gini coefficient if as many deaths fell on people at random: what few deaths alone give."""
    draws = stream(seed, "monitor.gini").multinomial(
        int(deaths.sum()), population / population.sum(), size=CHANCE_DRAWS
    )
    return np.array([gini(draw.astype(float), population) for draw in draws])


def share_of_worst(deaths: Floats, count: int) -> float:
    """Return the share of all deaths in the `count` places with the most."""
    return float(np.sort(deaths)[::-1][:count].sum() / deaths.sum()) if deaths.sum() else 0.0
