"""``merida plan`` and ``merida framework``: what may be paid for, and what a plan pays for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from merida.cli.output import (
    HERE,
    AsOfOption,
    Format,
    FormatOption,
    LanguageOption,
    err,
    out,
    print_json,
    print_rows,
    say,
)
from merida.errors import FrameworkError
from merida.words import words

if TYPE_CHECKING:
    from merida.framework import Framework, Plan

plan_app = typer.Typer(no_args_is_help=True, help=say("cli.plan.help"))
framework_app = typer.Typer(no_args_is_help=True, help=say("cli.framework.help"))

AsGivenOption = Annotated[bool, typer.Option("--as-given", help=say("cli.runs.as_given"))]
FrameworkOption = Annotated[
    str, typer.Option("--framework", metavar="NAME|FILE", help=say("cli.runs.framework"))
]
PlanArgument = Annotated[str, typer.Argument(metavar="NAME|FILE", help=say("cli.plan.plan"))]


@plan_app.command("show", help=say("cli.plan.show"))
def show(
    plan: PlanArgument,
    as_of: AsOfOption = None,
    framework: FrameworkOption = "merida",
    language: LanguageOption = HERE,
    output: FormatOption = Format.TABLE,
) -> None:
    from merida.lab import Lab

    lab = Lab(as_of=as_of, framework=framework)
    found = lab.plan(plan)
    for note in found.notes:
        err.print(note.text(words(language.value)), markup=False)
    if output is Format.JSON:
        print_json(
            {"name": found.name, "framework": found.framework, "row": [asdict(row) for row in found.rows]}
        )
        return
    text = words(language.value)
    print_rows(
        [
            {
                text.text("plan.programme"): row.programme,
                text.text("plan.account"): row.account,
                text.text("plan.place"): row.place,
                text.text("plan.months"): f"{row.start} – {row.end}",
                text.text("plan.usd_million"): round(row.usd_per_year / 1e6, 2),
            }
            for row in found.rows
        ],
        title=text.text("plan.title", plan=found.name, year=lab.framework.base_year),
    )
    out.print()
    print_rows(totals(lab.framework, found, language.value))


def totals(framework: Framework, plan: Plan, language: str) -> list[dict[str, object]]:
    """Return the dollars of a plan by kind of account and pillar."""
    text = words(language)
    sums: dict[tuple[str, str], float] = {}
    for (programme, account, _, _), usd in plan.by_year().items():
        key = (framework.accounts[account].kind, framework.programmes[programme].pillar)
        sums[key] = sums.get(key, 0.0) + usd
    return [
        {
            text.text("plan.kind"): text.text(f"account_kinds.{kind}"),
            text.text("plan.pillar"): framework.pillars[pillar].title.of(language),
            text.text("plan.total_million"): round(usd / 1e6, 1),
        }
        for (kind, pillar), usd in sorted(sums.items())
    ]


@plan_app.command("diff", help=say("cli.plan.diff"))
def diff(
    a: PlanArgument,
    b: PlanArgument,
    as_of: AsOfOption = None,
    framework: FrameworkOption = "merida",
    output: FormatOption = Format.TABLE,
) -> None:
    from merida.framework import labels
    from merida.lab import Lab

    lab = Lab(as_of=as_of, framework=framework)
    plans = [lab.plan(a), lab.plan(b)]
    found = plans[0].diff(plans[1])
    if output is Format.JSON:
        print_json([asdict(one) | {"usd_difference": one.usd_difference} for one in found])
        return
    first, second = labels(plans, lab.framework, lab.record)
    if not found:
        out.print(say("plan.same"))
        return
    print_rows(
        [
            {
                say("plan.programme"): one.programme,
                say("plan.account"): one.account,
                say("plan.place"): one.place,
                say("plan.year"): one.year,
                first: round(one.usd_a / 1e6, 2),
                second: round(one.usd_b / 1e6, 2),
                say("plan.difference"): round(one.usd_difference / 1e6, 2),
            }
            for one in found
        ],
        title=say("plan.diff_title", first=first, second=second),
    )


@plan_app.command("check", help=say("cli.plan.check"))
def check(
    file: Path,
    as_of: AsOfOption = None,
    framework: FrameworkOption = "merida",
    as_given: AsGivenOption = False,
) -> None:
    from merida.lab import Lab

    found = Lab(as_of=as_of, framework=framework).plan(str(file), as_given)
    for note in found.notes:
        out.print(note.text(words()), markup=False)
    out.print(say("plan.valid", file=file, rows=len(found.rows)), markup=False)


@plan_app.command("write", help=say("cli.plan.write"))
def write(
    plan: PlanArgument, file: Path, as_of: AsOfOption = None, framework: FrameworkOption = "merida"
) -> None:
    from merida.lab import Lab

    Lab(as_of=as_of, framework=framework).plan(plan).copy_in(file).write(file)
    out.print(say("cli.runs.written", path=file), markup=False)


@framework_app.command("show", help=say("cli.framework.show"))
def show_framework(
    framework: Annotated[str, typer.Argument(metavar="NAME|FILE")] = "merida",
    language: LanguageOption = HERE,
    output: FormatOption = Format.TABLE,
) -> None:
    from merida.framework import Framework

    found = Framework.load(framework)
    if output is Format.JSON:
        print_json(found.model_dump(mode="json"))
        return
    text, to = words(language.value), language.value
    out.print(found.title.of(to))
    for name, pillar in found.pillars.items():
        rows = [
            {
                text.text("plan.programme"): identity,
                text.text("plan.unit"): one.unit.of(to),
                text.text("plan.accounts"): ", ".join(one.accounts),
                text.text("plan.level"): text.text(f"levels.{one.level}"),
                text.text("plan.lever"): one.lever or text.text("plan.no_lever"),
            }
            for identity, one in found.programmes.items()
            if one.pillar == name
        ]
        out.print()
        print_rows(rows, title=pillar.title.of(to))


@framework_app.command("check", help=say("cli.framework.check"))
def check_framework(file: str) -> None:
    from merida.framework import Framework
    from merida.models.registry import lever_faults

    found = Framework.load(file)
    faults = tuple(lever_faults(found))
    if faults:
        raise FrameworkError("framework_invalid", file=file, faults=faults)
    out.print(say("plan.framework_valid", file=file, programmes=len(found.programmes)), markup=False)
    say_without_mechanism(found)


def say_without_mechanism(framework: Framework, plans: Iterable[Plan] | None = None) -> None:
    """Tell the user on stderr which programmes, of some plans or of the framework, move no outcome."""
    programmes = None if plans is None else {row.programme for plan in plans for row in plan.rows}
    names = framework.without_mechanism(programmes)
    if names:
        err.print(say("plan.framework_no_lever", programmes=", ".join(names)), markup=False)
