"""Allocation beside pymoo's NSGA-II on one model, to the same value: evaluations and seconds.

Run: python benchmarks/decide_allocate.py          with pymoo installed in an environment of its own

The model is a stand-in for the system: DRAWS draws of concave curves of ROWS entries in GROUPS groups that overlap, of
which some do harm. The peer is given what it is good at: a share of the budget for each entry, so that every candidate
meets the constraint, and no slopes. It stops when it reaches the value found here less one part in a thousand, or at MOST
evaluations; then the value that it reached is printed.
"""

from __future__ import annotations

import time

import numpy as np

from merida.decide.optimiser.feasible import Feasible, Row
from merida.decide.optimiser.frank_wolfe import maximise
from merida.distributions import Floats

ROWS, GROUPS, DRAWS, BUDGET, MOST, SEED = 100, 20, 64, 275.0, 100_000, 0


class Model:
    """Gains of a plan: in each draw, what groups of entries reach together, which is bounded."""

    def __init__(self) -> None:
        random = np.random.default_rng(SEED)
        self.effect = random.normal(0.15, 0.1, (DRAWS, ROWS)) / random.uniform(1.0, 8.0, ROWS)
        self.group = np.eye(GROUPS)[random.integers(0, GROUPS, ROWS)]
        self.evaluations = 0

    def value(self, x: Floats) -> float:
        """Return the mean gain."""
        self.evaluations += 1
        reached = (self.effect * x) @ self.group
        return float(-np.expm1(-reached).sum(axis=1).mean())

    def both(self, x: Floats) -> tuple[float, Floats]:
        """Return the mean gain and its slope."""
        reached = (self.effect * x) @ self.group
        slope = (np.exp(-reached) @ self.group.T * self.effect).mean(axis=0)
        return self.value(x), slope


def peer(model: Model, wanted: float) -> float:
    """Return the value that NSGA-II reaches."""
    from pymoo.algorithms.moo.nsga2 import NSGA2
    from pymoo.core.callback import Callback
    from pymoo.core.problem import ElementwiseProblem
    from pymoo.optimize import minimize

    class Problem(ElementwiseProblem):  # type: ignore[misc]  # untyped
        def __init__(self) -> None:
            super().__init__(n_var=ROWS, n_obj=1, xl=0.0, xu=1.0)

        def _evaluate(self, x: Floats, out: dict[str, float], *_: object, **__: object) -> None:
            share = x**4  # so that many entries can be near nought
            out["F"] = -model.value(BUDGET * share / max(share.sum(), 1e-12))

    class Enough(Callback):  # type: ignore[misc]  # untyped
        def notify(self, algorithm: object) -> None:
            if -float(algorithm.opt.get("F").min()) >= wanted:  # type: ignore[attr-defined]
                algorithm.termination.force_termination = True  # type: ignore[attr-defined]

    found = minimize(Problem(), NSGA2(pop_size=100), ("n_eval", MOST), callback=Enough(), seed=SEED)
    return -float(found.F.min())


def main() -> None:
    """Print both."""
    purse = Feasible(ROWS, (Row("budget", np.arange(ROWS), np.ones(ROWS), BUDGET, BUDGET),))
    model = Model()
    begun = time.perf_counter()
    ours = maximise(model.both, purse, np.full(ROWS, BUDGET / ROWS), steps=40)
    seconds, evaluations = time.perf_counter() - begun, model.evaluations
    print(f"{'':10} {'value':>10} {'evaluations':>12} {'seconds':>9}")
    print(f"{'here':10} {ours.value:10.4f} {evaluations:12d} {seconds:9.2f}   gap {ours.gap:.4f}")
    reached = next(at for at, point in enumerate(ours.points, 1) if point.value >= 0.999 * ours.value)
    print(f"{'  to 0.999':10} {0.999 * ours.value:10.4f} {reached:12d}")
    model = Model()
    begun = time.perf_counter()
    value = peer(model, 0.999 * ours.value)
    print(f"{'NSGA-II':10} {value:10.4f} {model.evaluations:12d} {time.perf_counter() - begun:9.2f}")


if __name__ == "__main__":
    main()
