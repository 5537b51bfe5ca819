"""``merida rank``: programmes by what a further million dollars averts, in groups of which nothing is told apart."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Any

import typer

from merida.cli.output import (
    AsOfOption,
    Format,
    FormatOption,
    SeedOption,
    finite,
    out,
    print_json,
    print_rows,
    say,
)
from merida.cli.plans.runs import FrameworkOption, YearsOption, check_request, working
from merida.cli.settings import SetOption, held, print_held, priors_with, recorded

if TYPE_CHECKING:
    from merida.decide import Grouping, Ranking


def rank(
    draws: Annotated[int, typer.Option("--draws", metavar="N", help=say("cli.runs.rank_draws"))] = 512,
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

    lab = Lab(as_of=as_of, framework=framework, seed=seed)
    priors = priors_with(settings, RUN_FILES, framework)
    check_request(lab.framework, draws, years, None)
    with working(say("cli.runs.working")) as progress:
        from merida.decide import ranking

        found = ranking(
            lab.framework,
            lab.record,
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
    for sentence in verdict(found.grouping):
        out.print(sentence)
    out.print()
    print_rows(programmes(found), title=say("rank.title", draws=found.grouping.draws))
    out.print()
    print_rows(assumptions(found), title=say("rank.assumptions_title"))
    out.print()
    print_held(priors)
    out.print(say("rank.rests", found=found.with_study, of=len(found.rows)))
    if leave_one_out:
        left_out(found)


def verdict(grouping: Grouping) -> list[str]:
    """Return in the first sentence whether programmes are told apart, and then whether more draws could change that."""
    from merida.decide.grouping import SURE

    if grouping.told_apart:
        said = [say("rank.told_apart", groups=len(grouping.groups), sure=SURE, best=", ".join(grouping.best))]
    else:
        said = [say("rank.not_told_apart", sure=SURE)]
    if grouping.settled:
        return [*said, say("rank.settled", draws=grouping.draws)]
    if grouping.draws_needed is None:
        return [*said, say("rank.never_settled", draws=grouping.draws)]
    return [*said, say("rank.not_settled", draws=grouping.draws, needed=grouping.draws_needed)]


def programmes(found: Ranking) -> list[dict[str, Any]]:
    """Return the table of programmes: by group, then by the probability of being among the first five."""
    return [
        {
            say("plan.programme"): row.programme,
            say("rank.group"): row.group,
            say("rank.first"): f"{row.first:.2f} ± {row.first_error:.2f}",
            say("rank.median"): f"{row.median:.2f} ± {row.median_error:.2f}",
            say("rank.low"): round(row.low, 2),
            say("rank.high"): round(row.high, 2),
            say("rank.mean"): f"{row.mean:.2f} ± {row.mean_error:.2f}",
            say("rank.harm"): round(row.harm, 2),
            say("rank.studies"): len(row.distribution.studies) if row.distribution else None,
        }
        for row in found.rows
    ]


def assumptions(found: Ranking) -> list[dict[str, Any]]:
    """Return what each assumption does to the groups: which programmes enter the best one, and which leave it."""
    cases = {say("rank.additional", share=share): grouping for share, grouping in found.additionality.items()}
    cases |= {say("rank.years", years=years): grouping for years, grouping in found.windows.items()}
    return [{say("rank.assumption"): name, **moved(found, grouping)} for name, grouping in cases.items()]


def moved(found: Ranking, grouping: Grouping) -> dict[str, Any]:
    """Return the groups under another assumption as cells of a row."""
    return {
        say("rank.groups"): len(grouping.groups),
        say("rank.enters"): ", ".join(found.enters(grouping)) or None,
        say("rank.leaves"): ", ".join(found.leaves(grouping)) or None,
        say("rank.settled_column"): say("rank.yes" if grouping.settled else "rank.no"),
    }


def left_out(found: Ranking) -> None:
    """Print the studies without which other programmes are in the best group."""
    rows = [
        {say("rank.study"): study, **moved(found, grouping)}
        for study, grouping in found.without.items()
        if found.enters(grouping) or found.leaves(grouping)
    ]
    if not rows:
        out.print(say("rank.none_changes"))
        return
    out.print(say("rank.changes", found=len(rows), of=len(found.without)))
    out.print()
    print_rows(rows, title=say("rank.out_title"))


def as_json(found: Ranking) -> Any:
    """Return the ranking for programs."""

    def told(grouping: Grouping) -> dict[str, object]:
        return {
            **dataclasses.asdict(grouping),
            "enters": list(found.enters(grouping)),
            "leaves": list(found.leaves(grouping)),
        }

    return finite(
        {
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
            "told_apart": found.grouping.told_apart,
            **dataclasses.asdict(found.grouping),
            "effects_with_study": found.with_study,
            "additionality": {str(share): told(grouping) for share, grouping in found.additionality.items()},
            "years": {str(window): told(grouping) for window, grouping in found.windows.items()},
            "without": {
                study: {"bears_on": list(found.bears_on[study]), **told(grouping)}
                for study, grouping in found.without.items()
            },
        }
    )
