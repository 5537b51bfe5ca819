"""Print what the laws of the parameters alone say of a large plan, as the table of docs/models/system.md.

Run: python benchmarks/plan_predictive.py [--draws 1000] [--seed 0] [--scenario wide_law]

The memorandum's plan, and its foreign assistance alone, against no programmes at all: the change of the nation's
homicides in three years, and dollars for each homicide averted in all years. Beside it stands the register's cost of a
homicide averted by police in the United States.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np

from merida.ensemble import Simulation, simulate
from merida.evidence import Register
from merida.facts import Facts
from merida.framework import Framework, plan_named
from merida.parameters.scenarios import held_under

YEARS = 3
FALL = 0.2


def row(run: Simulation, plan: str, as_of: str | None) -> str:
    """Return a line of the table: changes in per cent, money in millions of dollars."""
    before, after = run.homicides("none", YEARS), run.homicides(plan, YEARS)
    change = after / before - 1
    low, middle, high = 100 * np.quantile(change, [0.05, 0.5, 0.95])
    cost = run.cost_per_death(plan, "none")
    assert cost is not None
    ends = (f"{end / 1e6:,.1f}" if end else "none" for end in (cost.value, cost.low, cost.high))
    cells = (
        as_of or "whole record",
        plan,
        f"{run.usd(plan) / 1e6 / run.domain.framework.spending_years:,.0f}",
        f"{middle:+.2f} ({low:+.1f} to {high:+.1f})",
        f"{100 * change.mean():+.2f}",
        f"{100 * np.mean(change > 0):.0f} %",
        f"{100 * np.mean(change < -FALL):.1f} %",
        *ends,
    )
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scenario", action="append", default=[], help="a structural scenario by name")
    chosen = parser.parse_args()
    framework = Framework.load("merida")
    print(
        "| As of | Plan | A year | Change in 3 years, % | Mean | P(rise) | P(fall > 20 %) "
        "| For each averted | at best | at worst |"
    )
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for as_of in ("2012-12", None):
        facts = Facts(as_of)
        memo, none = (plan_named(name, framework, facts) for name in ("memo", "none"))
        abroad = tuple(
            one for one in memo.rows if framework.accounts[one.account].kind == "foreign_assistance"
        )
        plans = {"memo": memo, "memo abroad": replace(memo, name="memo abroad", rows=abroad), "none": none}
        run = simulate(
            framework,
            facts,
            plans,
            draws=chosen.draws,
            seed=chosen.seed,
            held=held_under(tuple(chosen.scenario), {}),
            places=False,
            border=False,
        )
        for plan in ("memo", "memo abroad"):
            print(row(run, plan, as_of), flush=True)
    published = Register().cost("chalfin2022_cost_per_life")
    assert published is not None
    ends = [float(str(published[key])) / 1e6 for key in ("amount", "low", "high")]
    print(
        f"\nUnited States police: {ends[0]} ({ends[1]} to {ends[2]}) million dollars of {published['price_year']}"
    )


if __name__ == "__main__":
    main()
