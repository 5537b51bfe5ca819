"""Allocation beside pymoo's NSGA-II and EMA Workbench's optimiser on one model, to the same value: evaluations, seconds.

    python -m venv peers && peers/bin/pip install -r benchmarks/requirements-decide.txt pymoo
    PYTHONPATH=peers/lib/python3.11/site-packages python benchmarks/decide_allocate.py [--system]

The model is a stand-in for the system: DRAWS draws of concave curves of ROWS entries in GROUPS groups that overlap, of
which some do harm; with `--system` it is the system itself (SYSTEM_DRAWS draws, five years, the rows of a national
allocation, its walls), and a peer is stopped after twenty times our seconds and a hundred times our evaluations.

The peers are given what they are good at: a share of its purse for each entry, so that every candidate meets the
constraints, and no slopes; on the system what they evaluate is compiled without slopes, which takes less than half. A
peer stops when it reaches the value found here less one part in a thousand, or at MOST evaluations; then the value that
it reached is printed. Ours is the best of five runs, compilation apart.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from merida.decide.optimiser.feasible import Feasible, Row
from merida.decide.optimiser.frank_wolfe import Found, maximise
from merida.distributions import Floats

ROWS, GROUPS, DRAWS, BUDGET, MOST, SEED = 100, 20, 64, 275.0, 100_000, 0
SYSTEM_DRAWS, SYSTEM_YEARS, STEPS = 16, 5, 40
TIMES, EVALUATIONS = 20, 100  # the targets
POPULATION = 100


@dataclass
class Model:
    """What is made large: a value for the peers, a value with its slope for us; counted."""

    size: int
    may_be: Feasible
    start: Floats
    value_of: Callable[[Floats], float]
    both_of: Callable[[Floats], tuple[float, Floats]]
    evaluations: int = 0
    ours: int = 0
    best: float = -np.inf
    until: float = np.inf
    wanted: float = np.inf
    purse: Any = field(init=False)
    sums: Floats = field(init=False)

    def __post_init__(self) -> None:
        assert self.may_be.purses is not None
        self.purse, self.sums = self.may_be.purses

    def value(self, x: Floats) -> float:
        """Return the value of a plan."""
        self.evaluations += 1
        return self.value_of(x)

    def both(self, x: Floats) -> tuple[float, Floats]:
        """Return the value of a plan and its slope."""
        self.evaluations += 1
        return self.both_of(x)

    def of_shares(self, genes: Floats) -> float:
        """Return the value of the plan that a peer's numbers stand for; raise `Over` where it is enough."""
        share = np.asarray(genes) ** 4 + 1e-12  # so that many entries can be near nought
        of_purse = np.bincount(self.purse, weights=share)
        value = self.value(share * (self.sums / of_purse)[self.purse])
        self.best = max(self.best, value)
        enough = self.evaluations >= EVALUATIONS * self.ours and time.perf_counter() > self.until
        if self.best >= self.wanted or self.evaluations >= MOST or enough:
            raise Over
        return value


class Over(Exception):  # noqa: N818  # not a fault
    """A peer has had what it was given."""


def stand_in() -> Model:
    """Return the stand-in: gains of a plan are, in each draw, what groups of entries reach together, which is bounded."""
    random = np.random.default_rng(SEED)
    effect = random.normal(0.15, 0.1, (DRAWS, ROWS)) / random.uniform(1.0, 8.0, ROWS)
    group = np.eye(GROUPS)[random.integers(0, GROUPS, ROWS)]

    def value(x: Floats) -> float:
        return float(-np.expm1(-((effect * x) @ group)).sum(axis=1).mean())

    def both(x: Floats) -> tuple[float, Floats]:
        reached = (effect * x) @ group
        return float(-np.expm1(-reached).sum(axis=1).mean()), (np.exp(-reached) @ group.T * effect).mean(
            axis=0
        )

    may_be = Feasible(ROWS, (Row("budget", np.arange(ROWS), np.ones(ROWS), BUDGET, BUDGET),))
    return Model(ROWS, may_be, np.full(ROWS, BUDGET / ROWS), value, both)


def system() -> Model:
    """Return the system: homicides averted by the rows of a national allocation."""
    import jax

    from merida.decide.division.candidates import allowed
    from merida.decide.division.ground import Ground
    from merida.decide.division.objectives import Divided, aim_of, gains_of, objective_of
    from merida.decide.division.rules import choices
    from merida.decide.division.search import chunks_of, counted_goal
    from merida.facts import Facts
    from merida.framework import Framework
    from merida.models.registry import outcomes
    from merida.models.socket import system as whole
    from merida.models.socket.mechanism import Run

    framework, facts = Framework.load("merida"), Facts()
    ground = Ground(framework, facts, SEED, SYSTEM_YEARS, {}, False, {})
    domain, drawn, bases = ground.drawn(SYSTEM_DRAWS, 1)
    chosen = choices(domain, ground.continuation, BUDGET * 1e6, walls=True)
    may_be = allowed(domain, chosen, ground.continuation, BUDGET * 1e6, ())
    goal = aim_of("homicides", facts, framework.base_year).goal(domain)
    divided = Divided(domain, chosen.rows, domain.money(ground.history))
    reference = domain.money(ground.history, ground.continuation)
    both = objective_of(gains_of(divided, drawn, bases, reference, goal), "mean")
    counted = [outcomes()[name] for name in goal.outcomes]
    chunks = chunks_of(domain, drawn, bases, reference, reference, goal)

    @jax.jit
    def forward(money: Any, draws: Any) -> Any:
        def one(draw: Any) -> Any:
            theta, forecast, heard, memory = draw
            plan = whole.trajectory(domain.mechanisms, theta, domain.inputs, money, domain.first, memory)
            return counted_goal(counted, Run(theta, plan, heard, forecast), goal.weights)

        return jax.lax.map(one, draws)

    def lost(money: Floats) -> float:
        by_draw = np.concatenate([np.asarray(forward(money, draws)) for draws in chunks])
        return float(by_draw[: drawn.count].mean())

    without = lost(reference)
    size = len(chosen.rows)
    start = may_be.nearest(np.full(size, BUDGET / size))
    model = Model(size, may_be, start, lambda x: without - lost(divided.money(x)), both)
    ours, theirs = model.both_of(start)[0], model.value_of(start)
    assert abs(ours - theirs) < 1e-6 * abs(without), (ours, theirs)  # one model, one value
    return model


def pymoo(model: Model) -> None:
    """Let NSGA-II search."""
    from pymoo.algorithms.moo.nsga2 import NSGA2
    from pymoo.core.problem import ElementwiseProblem
    from pymoo.optimize import minimize

    class Problem(ElementwiseProblem):  # type: ignore[misc]  # untyped
        def __init__(self) -> None:
            super().__init__(n_var=model.size, n_obj=1, xl=0.0, xu=1.0)

        def _evaluate(self, x: Floats, out: dict[str, float], *_: object, **__: object) -> None:
            out["F"] = -model.of_shares(x)

    minimize(Problem(), NSGA2(pop_size=POPULATION), ("n_eval", MOST), seed=SEED)


def ema(model: Model) -> None:
    """Let EMA Workbench's own search, with epsilon-NSGA-II."""
    from ema_workbench import Model as Theirs
    from ema_workbench import RealParameter, ScalarOutcome, SequentialEvaluator
    from ema_workbench.em_framework.optimization import EpsNSGAII
    from ema_workbench.util.ema_exceptions import EMAError

    names = [f"share{at}" for at in range(model.size)]

    def run(**given: float) -> dict[str, float]:
        return {"gain": model.of_shares(np.array([given[name] for name in names]))}

    theirs = Theirs("plan", function=run)
    theirs.levers = [RealParameter(name, 0.0, 1.0) for name in names]
    theirs.outcomes = [ScalarOutcome("gain", kind=ScalarOutcome.MAXIMIZE)]
    with SequentialEvaluator(theirs) as evaluator:
        try:
            evaluator.optimize(
                algorithm=EpsNSGAII,
                nfe=MOST,
                searchover="levers",
                epsilons=[1e-3],
                population_size=POPULATION,
            )
        except EMAError as error:  # it wraps what a model raises
            raise Over from error


def searched(model: Model) -> tuple[Found, float]:
    """Return what our search finds and the seconds it takes, the best of five."""
    took = []
    for _ in range(5):
        model.evaluations = 0
        begun = time.perf_counter()
        found = maximise(model.both, model.may_be, model.start, steps=STEPS)
        took.append(time.perf_counter() - begun)
    return found, min(took)


def main() -> None:
    """Print ours and the peers'."""
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--system", action="store_true")
    given = wanted.parse_args()
    model = system() if given.system else stand_in()
    found, seconds = searched(model)
    reached = next(at for at, point in enumerate(found.points, 1) if point.value >= 0.999 * found.value)
    print(f"{model.size} rows; {'':12} {'value':>10} {'evaluations':>12} {'seconds':>9}")
    print(f"{'here':20} {found.value:12.4f} {model.evaluations:12d} {seconds:9.3f}   gap {found.gap:.4f}")
    print(f"{'  0.999 of it':20} {0.999 * found.value:12.4f} {reached:12d}")
    for name, peer in (("NSGA-II (pymoo)", pymoo), ("eps-NSGA-II (EMA)", ema)):
        model.evaluations, model.best, model.wanted = 0, -np.inf, 0.999 * found.value
        model.ours = reached
        begun = time.perf_counter()
        if given.system:
            model.until = begun + TIMES * seconds
        try:
            peer(model)
        except ImportError as missing:
            print(f"{name:20} not at hand: {missing}", file=sys.stderr)
            continue
        except Over:
            pass
        took = time.perf_counter() - begun
        told = (
            "" if model.best >= model.wanted else f"   reached {100 * model.best / found.value:.1f} % of ours"
        )
        ratios = f"{model.evaluations / reached:.0f} x, {took / seconds:.0f} x"
        print(f"{name:20} {model.best:12.4f} {model.evaluations:12d} {took:9.2f}   {ratios}{told}")


if __name__ == "__main__":
    main()
