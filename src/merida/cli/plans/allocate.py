"""``merida allocate``: the best division of foreign assistance, or of customs money, and the price of the walls."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from merida.atomic import check_files
from merida.cli.output import AsOfOption, Format, FormatOption, SeedOption, out, print_json, print_rows, say
from merida.cli.plans.plan import AsGivenOption
from merida.cli.plans.runs import (
    DrawsOption,
    FrameworkOption,
    YearsOption,
    check_request,
    labelled,
    rounded,
    working,
)
from merida.cli.settings import SetOption, held, print_held, priors_with, recorded
from merida.errors import PlanError
from merida.words import words

if TYPE_CHECKING:
    from merida.decide import Allocation
    from merida.ensemble.summary import Difference
    from merida.framework import Framework, Plan, PlanRow

BY_SIZE = 0.1  # less to move than this: the placement follows the size of violence alone
OTHER = {"homicides": "averted", "delay": "hours_saved"}


def allocate(
    objective: Annotated[
        str, typer.Option("--objective", metavar="homicides|delay", help=say("cli.runs.objective"))
    ] = "homicides",
    budget: Annotated[
        float | None, typer.Option("--budget", metavar="USD", help=say("cli.runs.budget"))
    ] = None,
    no_walls: Annotated[bool, typer.Option("--no-walls", help=say("cli.runs.no_walls"))] = False,
    draws: DrawsOption = 2000,
    as_of: AsOfOption = None,
    years: YearsOption = None,
    seed: SeedOption = 0,
    framework: FrameworkOption = "merida",
    settings: SetOption = None,
    file: Annotated[
        Path | None, typer.Option("--plan", metavar="FILE", help=say("cli.runs.plan_file"))
    ] = None,
    as_given: AsGivenOption = False,
    all_rows: Annotated[bool, typer.Option("--rows", help=say("cli.runs.rows"))] = False,
    output: FormatOption = Format.TABLE,
) -> None:
    from merida.decide.allocation import check_question, gained
    from merida.lab import Lab
    from merida.parameters.registry import RUN_FILES

    check_files(file)
    if file and file.suffix.lower() not in (".csv", ".toml"):
        raise PlanError("plan_suffix", file=file)
    lab = Lab(as_of=as_of, framework=framework, seed=seed)
    priors = priors_with(settings, RUN_FILES, framework)
    check_question(lab.framework, objective, budget, draws, years, as_given=as_given)
    check_request(lab.framework, draws, years, file)
    if file and file.suffix.lower() not in (".csv", ".toml"):
        raise PlanError("plan_suffix", file=file)
    with working(say("cli.runs.searching")) as progress:
        best = lab.allocate(
            budget_usd=budget,
            objective=objective,
            walls=not no_walls,
            draws=draws,
            years=years,
            held=held(settings),
            as_given=as_given,
            progress=progress,
        )
    if file:
        best.plan.copy_in(file).write(file)
    other = "delay" if objective == "homicides" else "homicides"
    rules = [
        {
            "plan": name,
            **cells(gained(best.simulation, objective, name, "reference"), objective),
            OTHER[other]: interval(gained(best.simulation, other, name, "reference")),
            "p_best_beats": rounded(best.beats.get(name)),
        }
        for name in best.simulation.plans
        if name != "reference"
    ]
    if output is Format.JSON:
        print_json(
            {
                "objective": objective,
                "rules": rules,
                "trained_averted": best.trained,
                "fresh_averted": best.fresh,
                "optimism_gap": best.trained - best.fresh,
                "marginal_per_million_usd_year": {
                    account: dataclasses.asdict(million)
                    for account, million in best.marginal[objective].items()
                },
                "wall_prices": {
                    of: {account: dataclasses.asdict(million) for account, million in by_account.items()}
                    for of, by_account in best.marginal.items()
                },
                "placement_to_move": best.placement,
                "best_rule": best.best_rule,
                "chosen": best.chosen,
                "separated": best.separated,
                "plan": [dataclasses.asdict(row) for row in best.plan.rows],
                **recorded(priors),
            }
        )
        return
    print_rows(division(lab.framework, best.plan), title=say("runs.division_title"))
    out.print()
    print_rows([labelled(row) for row in rules], title=say("runs.rules_title"))
    for of, by_account in best.marginal.items():
        digits = 1 if of == "homicides" else 3
        out.print()
        print_rows(
            [
                {
                    say("runs.account"): account,
                    say("plan.programme"): million.programme,
                    say("plan.place"): million.place,
                    say("runs.median"): round(million.median, digits),
                    say("runs.low"): round(million.low, digits),
                    say("runs.high"): round(million.high, digits),
                    say("runs.mean"): round(million.mean, digits),
                }
                for account, million in by_account.items()
            ],
            title=say("runs.marginal" if of == "homicides" else "runs.marginal_delay"),
        )
    out.print()
    gap = "gap" if objective == "homicides" else "gap_delay"
    out.print(say(f"runs.{gap}", trained=best.trained, fresh=best.fresh, gap=best.trained - best.fresh))
    for sentence in verdicts(best):
        out.print(sentence)
    if all_rows:
        out.print()
        print_rows(listed(best.plan.rows), title=say("runs.rows_title"))
    print_held(priors)
    if file:
        out.print(say("cli.runs.written", path=file), markup=False)


def division(framework: Framework, plan: Plan) -> list[dict[str, Any]]:
    """Return a plan's money by pillar and programme, most first within each pillar."""
    usd: dict[tuple[str, str], float] = {}
    places: dict[str, set[str]] = {}
    for row in plan.rows:
        pillar = framework.programmes[row.programme].pillar
        usd[pillar, row.programme] = usd.get((pillar, row.programme), 0.0) + row.usd_per_year
        places.setdefault(row.programme, set()).add(row.place)
    whole, language = sum(usd.values()), words().language
    order = list(framework.pillars)
    return [
        {
            say("plan.pillar"): framework.pillars[pillar].title.of(language),
            say("plan.programme"): programme,
            say("plan.usd_million"): round(dollars / 1e6, 2),
            say("runs.share"): f"{dollars / whole:.0%}",
            say("runs.places"): len(places[programme]),
        }
        for (pillar, programme), dollars in sorted(
            usd.items(), key=lambda item: (order.index(item[0][0]), -item[1])
        )
    ]


def listed(rows: Sequence[PlanRow]) -> list[dict[str, Any]]:
    """Return every row of a plan, for those who ask for them."""
    return [
        {
            say("plan.programme"): row.programme,
            say("plan.account"): row.account,
            say("plan.place"): row.place,
            say("plan.months"): f"{row.start} – {row.end}",
            say("plan.usd_million"): round(row.usd_per_year / 1e6, 3),
        }
        for row in rows
    ]


def cells(found: Difference, objective: str) -> dict[str, Any]:
    """Return a gain by the objective as cells: rounded as far as the draws carry."""
    digits = 1 if objective == "homicides" else 2
    of = found.averted
    return {
        "averted" if objective == "homicides" else "hours_saved": round(of.value, digits),
        "low": round(of.low, digits),
        "high": round(of.high, digits),
        "p_better": rounded(found.better),
        "p_harm": rounded(found.worse),
    }


def interval(found: Difference) -> str:
    """Return the other objective's gain in one cell."""
    of = found.averted
    return f"{of.value:,.1f} ({of.low:,.1f} – {of.high:,.1f})"


def verdicts(best: Allocation) -> list[str]:
    """Return what is to be said of the plan found: whether it is a rule, beats one, and what its placement follows."""
    said = []
    if best.chosen in best.beats:
        said.append(say("runs.is_rule", rule=best.chosen))
    share = best.beats[best.best_rule]
    if share is not None:
        key = "separated" if best.separated else "not_separated"
        said.append(say(f"runs.{key}", rule=best.best_rule, share=share))
    if best.placement is not None and best.objective == "homicides":
        key = "placement_by_size" if best.placement < BY_SIZE else "placement"
        said.append(say(f"runs.{key}", share=best.placement))
    return said
