"""The table of draws by options: against hand-made runs, and against what `welfare` says of the same plans."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from merida.decide.worth.options import FORECAST, of_group, of_outcome
from merida.distributions import Floats
from merida.errors import PlanError


def run(good: str = "less") -> Any:
    totals = {"reference": np.array([100.0, 90.0]), "memo": np.array([80.0, 95.0])}

    def total(outcome: str, plan: str, years: int | None = None) -> Floats:
        if plan not in totals:
            raise PlanError("plan_not_in_run", found=plan, nearest="memo")
        return totals[plan]

    return SimpleNamespace(
        plans=dict.fromkeys(totals),
        outcome=lambda name: SimpleNamespace(good=good, unit="homicides"),
        total=total,
        homicides=lambda plan: totals[plan],
        drawn=SimpleNamespace(scalars={"a.b": np.array([1.0, 2.0]), "c": np.ones(2)}),
    )


def test_fewer_of_a_bad_outcome_are_more_and_what_does_not_vary_is_left_out() -> None:
    found = of_outcome(run())
    assert found.names == ("memo",)
    assert found.values.tolist() == [[20.0], [-5.0]]
    assert found.paths == ("a.b", FORECAST)
    assert found.drawn.tolist() == [[1.0, 100.0], [2.0, 90.0]]
    assert of_outcome(run("more")).values.tolist() == [[-20.0], [5.0]]


def test_the_reference_is_worth_nothing_beside_itself_and_options_are_compared_on_the_same_draws() -> None:
    found = of_outcome(run(), names=("reference", "memo"))
    assert found.values[:, 0].tolist() == [0.0, 0.0]
    assert found.less("memo", "reference").tolist() == [20.0, -5.0]


def test_a_group_is_a_path_and_what_lies_below_it() -> None:
    assert found_paths("a") == 1
    assert found_paths("a.b") == 1
    assert found_paths("a.") == 0
    assert not of_group("ab", "a")


def found_paths(prefix: str) -> int:
    return of_outcome(run()).group(prefix).shape[1]


def test_a_plan_that_is_not_in_the_run_is_refused() -> None:
    with pytest.raises(PlanError):
        of_outcome(run(), names=("memos",))
