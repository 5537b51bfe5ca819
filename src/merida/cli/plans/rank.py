"""``merida rank``: programmes by what a further million dollars averts, and what that order rests on."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated

import typer

from merida.cli.output import AsOfOption, Format, FormatOption, out, print_json, print_rows, say
from merida.cli.plans.runs import FrameworkOption, SeedOption, YearsOption, working
from merida.cli.settings import SetOption, held, print_held, priors_with, recorded

if TYPE_CHECKING:
    from merida.decide.ranking import Ranking

SURE = 0.9  # share of draws from which a programme may be said to be among the first


def rank(
    draws: Annotated[int, typer.Option("--draws", metavar="N", help=say("cli.runs.rank_draws"))] = 128,
    leave_one_out: Annotated[
        bool, typer.Option("--leave-one-out", help=say("cli.runs.leave_one_out"))
    ] = False,
    as_of: AsOfOption = None,
    years: YearsOption = None,
    seed: SeedOption = 0,
    framework: FrameworkOption = "merida",
    settings: SetOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    from merida.lab import Lab
    from merida.parameters.registry import RUN_FILES

    lab, priors = (
        Lab(as_of=as_of, framework=framework, seed=seed),
        priors_with(settings, RUN_FILES, framework),
    )
    with working(say("cli.runs.working")) as progress:
        from merida.decide.ranking import ranking

        found = ranking(
            lab.framework,
            lab.facts,
            draws=draws,
            years=years,
            seed=seed,
            leave_one_out=leave_one_out,
            held=held(settings),
            progress=progress,
        )
    if output is Format.JSON:
        print_json(as_json(found) | recorded(priors))
        return
    print_rows(
        [
            {
                say("plan.programme"): row.programme,
                say("rank.averted"): round(row.mean, 2),
                say("rank.low"): round(row.low, 2),
                say("rank.high"): round(row.high, 2),
                say("rank.harm"): round(row.harm, 2),
                say("rank.first"): round(row.first, 2),
                say("rank.studies"): len(row.distribution.studies) if row.distribution else None,
            }
            for row in found.rows
        ],
        title=say("rank.title", draws=draws),
    )
    out.print()
    print_rows(
        [
            {
                say("plan.programme"): name,
                say("rank.place"): at,
                **{f"{share:.0%}": order.index(name) + 1 for share, order in found.additionality.items()},
                **{
                    say("rank.years", years=window): order.index(name) + 1
                    for window, order in found.windows.items()
                },
            }
            for at, name in enumerate(found.order, 1)
        ],
        title=say("rank.ranks_title"),
    )
    out.print()
    print_held(priors)
    out.print(say("rank.rests", found=found.with_study, of=len(found.rows)))
    if max(row.first for row in found.rows) < SURE:
        out.print(say("rank.not_separated", sure=SURE))
    if leave_one_out:
        left_out(found)


def left_out(found: Ranking) -> None:
    """Print the studies without which others are among the first."""
    rows = []
    for study, order in found.without.items():
        before, after = found.first(found.order), found.first(order)
        if set(after) != set(before):
            enters = ", ".join(name for name in after if name not in before)
            leaves = ", ".join(name for name in before if name not in after)
            rows.append({say("rank.study"): study, say("rank.enters"): enters, say("rank.leaves"): leaves})
    if not rows:
        out.print(say("rank.none_changes"))
        return
    out.print(say("rank.changes", found=len(rows), of=len(found.without)))
    out.print()
    print_rows(rows, title=say("rank.out_title"))


def as_json(found: Ranking) -> dict[str, object]:
    """Return the ranking for programs."""
    return {
        "programmes": [
            {
                **{
                    field.name: getattr(row, field.name)
                    for field in dataclasses.fields(row)
                    if field.name != "distribution"
                },
                "studies": list(row.distribution.studies) if row.distribution else [],
                "prior_driven": row.distribution is None or row.distribution.prior_driven,
            }
            for row in found.rows
        ],
        "effects_with_study": found.with_study,
        "additionality": {str(share): list(order) for share, order in found.additionality.items()},
        "years": {str(window): list(order) for window, order in found.windows.items()},
        "without": {
            study: {"bears_on": list(found.bears_on[study]), "first": list(found.first(order))}
            for study, order in found.without.items()
        },
    }
