"""Programmes ranked by what the next million dollars would avert, and on what that order rests (SCIENCE rules 5, 7, 10).

The value of a programme is the slope of expected homicides by dollars at the continuation, national money spread by need,
draw by draw; programmes are in the order of its mean. The order is taken again where another part of each dollar is
additional, when fewer years count, and with each study left out of the register: always on the same draws, so that what
changes is the change's own doing. It says which programme's first dollar does most, not how far the money carries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from merida.decide.rules import distribution_of
from merida.decide.search import Slopes, base, slopes
from merida.distributions import Floats
from merida.ensemble.parameter_draws import draw
from merida.ensemble.simulate import prepared
from merida.errors import PlanError
from merida.evidence import EffectDistribution, Register
from merida.facts import Facts
from merida.framework import Framework, plan_named
from merida.framework.builtin import place
from merida.models.registry import levers_of
from merida.parameters.parameters import Parameters
from merida.statistics import low_median_high

ADDITIONALITY = (0.3, 0.6, 1.0)
WINDOWS = (3, 5, 10, 15)
FIRST = 5

Progress = Callable[[int, int], None]
Order = tuple[str, ...]


@dataclass(frozen=True)
class Ranked:
    """One programme: homicides averted by a further million dollars.

    Parameters
    ----------
    mean, low, high : float
        The ends are the 5th and 95th percentile of the draws.
    harm : float
        Share of draws in which the dollar adds homicides.
    first : float
        Share of draws in which the programme is among the first five.
    distribution : EffectDistribution or None
        Its effect on homicide; None where no study could speak to it.
    """

    programme: str
    mean: float
    low: float
    high: float
    harm: float
    first: float
    distribution: EffectDistribution | None


@dataclass(frozen=True)
class Ranking:
    """The programmes that are meant to move homicides, best first, and the same order under other assumptions.

    Attributes
    ----------
    rows : tuple of Ranked
    additionality : mapping of float to Order
        Where this part of each dollar of foreign assistance is additional.
    windows : mapping of int to Order
        Where homicides count in the first so many years alone.
    without : mapping of str to Order
        With one study left out; empty if that was not asked for.
    bears_on : mapping of str to Order
        The programmes whose law each study is part of.
    """

    rows: tuple[Ranked, ...]
    additionality: Mapping[float, Order]
    windows: Mapping[int, Order]
    without: Mapping[str, Order]
    bears_on: Mapping[str, Order]

    @property
    def order(self) -> Order:
        """The programmes, best first."""
        return tuple(row.programme for row in self.rows)

    @staticmethod
    def first(order: Order) -> Order:
        """Return the first five of an order."""
        return order[:FIRST]

    @property
    def with_study(self) -> int:
        """How many of the ranked effects rest on a study at all."""
        return sum(row.distribution is not None and bool(row.distribution.studies) for row in self.rows)


def ranking(
    framework: Framework,
    facts: Facts,
    *,
    draws: int = 128,
    years: int | None = None,
    seed: int = 0,
    leave_one_out: bool = True,
    register: Register | None = None,
    progress: Progress = lambda *_: None,
) -> Ranking:
    """Return the ranking of programmes as of the record's date.

    Parameters
    ----------
    draws : int
        Draws of each order; a slope costs about three runs of a plan.
    leave_one_out : bool
        Whether to drop each study in turn.
    register : Register or None
        The evidence (default: the register as of the record's date).

    Raises
    ------
    PlanError
        If draws or years lie outside what can be run, or nothing had been enacted.
    """
    continuation = plan_named("continuation", framework, facts)
    history = plan_named("history", framework, facts)
    if not continuation.rows:
        raise PlanError("no_enacted_money", as_of=facts.as_of)
    register = register or Register(facts.as_of)
    domain, parameters, _ = prepared(
        framework, facts, {}, draws=draws, seed=seed, years=years, register=register
    )
    bases = base(domain, draws)
    window = continuation.rows[0]
    names = [name for name, one in framework.programmes.items() if one.lever in levers_of("homicides")]
    rows = [
        replace(window, programme=name, account=programme.accounts[0], place=place(framework, name))
        for name, programme in framework.programmes.items()
        if name in names
    ]
    lines = [domain.line(row) for row in rows]
    shares = np.stack([domain.spread(row) for row in rows])
    money = domain.money(history, continuation)
    per_million = (
        1e6 * 12 / int(domain.running(window).sum())
    )  # a dollar a year is one in each year of the window

    distributions = {name: distribution_of(parameters, framework.programmes[name].lever) for name in names}
    studies = {
        name: distribution.studies if distribution else () for name, distribution in distributions.items()
    }
    bears_on = {
        study: tuple(name for name in names if study in studies[name])
        for study in sorted({study for several in studies.values() for study in several})
    }
    earlier = [years for years in WINDOWS if years < domain.years]
    total = 1 + len(ADDITIONALITY) + len(earlier) + len(bears_on) * leave_one_out
    count = iter(range(1, total + 1))

    def sloped(source: Register, held: Mapping[str, float]) -> Slopes:
        drawn = draw(domain, Parameters(facts, source, held), seed, draws)
        return slopes(domain, drawn, bases, history, continuation)

    def averted(slope: Slopes, years: int | None = None) -> Floats:
        """Return homicides averted by a further million, shape (draws, programmes)."""
        _, by_place = slope(money, years)
        progress(next(count), total)
        return np.asarray(
            -per_million * np.einsum("kpq,pq->kp", by_place[:, lines], shares), dtype=np.float64
        )

    def order(values: Floats) -> Order:
        means = dict(zip(names, values.mean(axis=0), strict=True))
        return tuple(sorted(names, key=lambda name: (-means[name], name)))

    known = sloped(register, {})
    main = averted(known)
    ahead = np.argsort(np.argsort(-main, axis=1, kind="stable"), axis=1) < FIRST
    low, _, high = low_median_high(main)
    found = {
        name: Ranked(
            name,
            float(main[:, at].mean()),
            float(low[at]),
            float(high[at]),
            float(np.mean(main[:, at] < 0)),
            float(ahead[:, at].mean()),
            distributions[name],
        )
        for at, name in enumerate(names)
    }
    return Ranking(
        rows=tuple(found[name] for name in order(main)),
        additionality={
            share: order(averted(sloped(register, {"violence.additionality": share})))
            for share in ADDITIONALITY
        },
        windows={years: order(averted(known, years)) for years in earlier} | {domain.years: order(main)},
        without={
            study: order(averted(sloped(register.without(study), {}))) for study in bears_on if leave_one_out
        },
        bears_on=bears_on,
    )
