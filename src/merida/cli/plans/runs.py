"""``merida simulate``, ``compare`` and ``reproduce``: what plans do."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from merida.atomic import check_files, write_whole
from merida.cli.output import (
    AsOfOption,
    Format,
    FormatOption,
    SeedOption,
    err,
    out,
    print_json,
    print_rows,
    say,
)
from merida.cli.plans import port_outcomes
from merida.cli.plans.plan import AsGivenOption, say_without_mechanism
from merida.cli.settings import SetOption, held
from merida.errors import PlanError, RunError
from merida.words import words

if TYPE_CHECKING:
    from merida.ensemble import Simulation
    from merida.framework import Framework
    from merida.lab import Lab

DrawsOption = Annotated[int, typer.Option("--draws", metavar="N", help=say("cli.runs.draws"))]
YearsOption = Annotated[int | None, typer.Option("--years", metavar="N", help=say("cli.runs.years"))]
FrameworkOption = Annotated[
    str, typer.Option("--framework", metavar="NAME|FILE", help=say("cli.runs.framework"))
]
OutOption = Annotated[Path | None, typer.Option("--out", metavar="FILE", help=say("cli.runs.out"))]


def say_idle(settings: dict[str, float], as_of: str | None) -> None:
    """Say on stderr which weights have no effect, since no study of their reading was known at the date."""
    from merida.evidence import Register
    from merida.parameters.standings import idle_weights

    said = words()
    for path, label in idle_weights(Register(as_of), settings).items() if as_of else ():
        reading = said.named("readings", label)
        line = said.text("evidence.idle_weight", path=path, reading=reading, month=said.month(as_of or ""))
        err.print(line, markup=False)


@contextmanager
def working(text: str, *, goes_on: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Show progress on stderr; Ctrl-C ends with one line, of whether the same command goes on, and exit 130."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=err, transient=True) as bar:
            task = bar.add_task(text, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)
    except KeyboardInterrupt:
        err.print(say("cli.runs.stopped" if goes_on else "cli.runs.stopped_afresh"))
        raise typer.Exit(130) from None


def check_request(framework: Framework, draws: int, years: int | None, file: Path | None) -> None:
    """Refuse a size that cannot be run and a file that cannot be written, before any work."""
    from merida.atomic import check_files
    from merida.ensemble.sizes import check_size

    check_size(draws, framework.evaluation_years if years is None else years)
    check_files(file)


def simulated(
    lab: Lab, names: Sequence[str], as_given: bool, settings: SetOption, draws: int, years: int | None
) -> tuple[Simulation, list[str]]:
    """Return the run of plans, kept in parts as it goes, with each plan's label, saying what there is to say of them."""
    chosen, values = [lab.plan(name, as_given) for name in names], held(settings)
    say_without_mechanism(lab.framework, chosen)
    say_idle(values, lab.record.as_of)
    with working(say("cli.runs.working"), goes_on=True) as progress:
        run = lab.simulate(chosen, draws=draws, years=years, held=values, keep=True, progress=progress)
    return run, [run.label(plan) for plan in chosen]


def simulate(
    plan: Annotated[str, typer.Argument(metavar="PLAN", help=say("cli.runs.plan"))],
    versus: Annotated[
        str, typer.Option("--versus", metavar="PLAN", help=say("cli.runs.versus"))
    ] = "continuation",
    draws: DrawsOption = 1000,
    as_of: AsOfOption = None,
    years: YearsOption = None,
    seed: SeedOption = 0,
    framework: FrameworkOption = "merida",
    settings: SetOption = None,
    as_given: AsGivenOption = False,
    file: OutOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    from merida.lab import Lab

    check_files(file)
    lab = Lab(as_of=as_of, framework=framework, seed=seed)
    check_request(lab.framework, draws, years, file)
    asked = {
        "command": "simulate", "plans": [plan, versus], "draws": draws, "as_of": as_of, "years": years, "seed": seed,
        "framework": framework, "set": list(settings or ()), "as_given": as_given,
    }  # fmt: skip
    report(*simulated(lab, (plan, versus), as_given, settings, draws, years), asked, file, output)


def compare(
    plans: Annotated[list[str], typer.Argument(metavar="PLAN...", help=say("cli.runs.plans"))],
    draws: DrawsOption = 1000,
    as_of: AsOfOption = None,
    years: YearsOption = None,
    seed: SeedOption = 0,
    framework: FrameworkOption = "merida",
    settings: SetOption = None,
    as_given: AsGivenOption = False,
    file: OutOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    from merida.lab import Lab

    check_files(file)
    lab = Lab(as_of=as_of, framework=framework, seed=seed)
    if len(plans) < 2:
        raise PlanError("one_plan_to_compare", found=len(plans))
    check_request(lab.framework, draws, years, file)
    asked = {
        "command": "compare", "plans": plans, "draws": draws, "as_of": as_of, "years": years, "seed": seed,
        "framework": framework, "set": list(settings or ()), "as_given": as_given,
    }  # fmt: skip
    report(*simulated(lab, plans, as_given, settings, draws, years), asked, file, output)


def reproduce(
    path: Annotated[Path, typer.Argument(metavar="RUN.JSON", help=say("cli.runs.record"))],
    framework: Annotated[
        str | None, typer.Option("--framework", metavar="FILE", help=say("cli.runs.record_framework"))
    ] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    from merida.ensemble.record_reading import read
    from merida.ensemble.reproduction import again

    saved = read(path)
    with working(say("cli.runs.working")) as progress:
        _, found = again(saved, framework, progress)
    if output is Format.JSON:
        print_json(found)
        return
    key = "same_bytes" if found["same_bytes"] else "same_numbers"
    out.print(say(f"cli.runs.{key}", difference=found["largest_relative"]))
    for one in found["elsewhere"]:
        told = RunError("record_difference", field=one["field"], saved=one["record"], now=one["now"])
        out.print(told.message(words().language), markup=False)


def rounded(share: float | None) -> float | None:
    """Return a share of draws as far as the draws carry."""
    return None if share is None else round(share, 3)


def difference_row(run: Simulation, plan: str, versus: str, **where: Any) -> dict[str, Any]:
    """Return one plan against another as a row: rounded as far as the draws carry."""
    found = run.difference(plan, versus, **where)
    return {
        "averted": round(found.averted.value, 1),
        "low": round(found.averted.low, 1),
        "high": round(found.averted.high, 1),
        "p_better": rounded(found.better),
        "p_harm": rounded(found.worse),
    }


def labelled(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with its columns' names in the user's language."""
    return {say(f"runs.{name}"): value for name, value in row.items()}


def report(
    run: Simulation, labels: Sequence[str], asked: dict[str, Any], file: Path | None, output: Format
) -> None:
    """Print what plans do, the first against each other, and write the record of the run."""
    from merida.ensemble import run_record

    first, others = labels[0], list(dict.fromkeys(labels[1:]))
    saved = run_record.record(run, asked)
    if file:
        write_whole({file: run_record.text(saved)})
    windows = [years for years in (3, 5, 10, 15) if years <= len(run.years)] or [len(run.years)]
    found = [
        {"plan": first, "versus": other, "years": years, **difference_row(run, first, other, years=years)}
        for other in others
        for years in windows
    ]
    by_state = [
        {"state": state, **difference_row(run, first, others[0], state=state)}
        for state in run.states
        if state != "99"
    ]
    by_year = yearly_rows(run, first, others[0])
    ports = {other: port_outcomes.answer(run, first, other, windows) for other in others}
    if output is Format.JSON:
        cost = {other: run.cost_per_death(first, other) for other in others}
        print_json(
            {
                "record": saved.model_dump(mode="json"),
                "comparisons": found,
                "by_year": by_year,
                "by_state": by_state,
                "by_municipality": run.municipalities(first, others[0]),
                "usd": {name: run.usd(name) for name in (first, *others)},
                "cost_per_homicide_averted": {
                    other: dataclasses.asdict(value) if value else None for other, value in cost.items()
                },
                "share_after_year_5": {other: run.late_share(first, other) for other in others},
                "outcomes": {
                    name: outcome_rows(run, name, first, others, windows) for name in run.outcomes.value
                },
                "ports": ports if "border_delay" in run.outcomes.value else None,
                "drivers": [dataclasses.asdict(one) for one in run.drivers(first, others[0])],
            }
        )
        return
    print_rows([labelled(row) for row in found], title=say("runs.title", draws=run.drawn.count))
    out.print()
    print_rows([labelled(row) for row in by_year], title=say("runs.by_year_title", plan=first))
    strongest = sorted(by_state, key=lambda row: -abs(row["averted"]))[:8]
    if any(row["averted"] for row in strongest):
        out.print()
        print_rows([labelled(row) for row in strongest], title=say("runs.by_state_title"))
    out.print()
    elsewhere = [
        {"outcome": say(f"outcomes.{name}"), **at_home_cells(row)}
        for name in run.outcomes.value
        if run.outcome(name).level == "united_states"
        for row in outcome_rows(run, name, first, others[:1], windows[-1:])["comparisons"]
        if row["value"]
    ]
    if elsewhere:
        print_rows([labelled(row) for row in elsewhere], title=say("runs.at_home_title", plan=first))
        out.print()
    for other in others:
        costs(run, first, other)
    if "border_delay" in run.outcomes.value:
        for other in others:
            out.print()
            port_outcomes.show(ports[other], first, other)
    drivers = run.drivers(first, others[0], 6)
    if drivers:
        out.print()
        rows = [{"parameter": one.path, "correlation": round(one.correlation, 2)} for one in drivers]
        print_rows([labelled(row) for row in rows], title=say("runs.drivers_title"))
    if file:
        out.print(say("cli.runs.written", path=file), markup=False)


def at_home_cells(row: dict[str, Any]) -> dict[str, Any]:
    """Return what the table of outcomes in the United States shows of a row, in whole numbers."""
    whole = {name: f"{row[name]:,.0f}" for name in ("value", "low", "high")}
    return whole | {name: row[name] for name in ("p_better", "p_harm")}


def outcome_rows(
    run: Simulation, name: str, first: str, others: Sequence[str], windows: Sequence[int]
) -> dict[str, Any]:
    """Return how much better the first plan is than each other in one outcome, in windows of years."""
    outcome = run.outcome(name)
    rows = [
        {"versus": other, "years": years, **port_outcomes.row(run.gain(name, first, other, years), 3)}
        for other in others
        for years in windows
    ]
    return {"unit": outcome.unit, "level": outcome.level, "good": outcome.good, "comparisons": rows}


def yearly_rows(run: Simulation, first: str, other: str) -> list[dict[str, Any]]:
    """Return homicides of the nation by year: expected and counted, and what the first plan averts."""
    from merida.ensemble.summary import difference, estimate

    rows = []
    expected = run.outcomes.value["homicides"]
    for at, year in enumerate(run.years):
        counted = estimate(run.outcomes.counts[first][:, :, at].sum(axis=1))
        averted = difference(expected[first][:, :, at].sum(axis=1), expected[other][:, :, at].sum(axis=1))
        rows.append(
            {
                "year": year,
                "homicides": round(counted.value),
                "homicides_low": round(counted.low),
                "homicides_high": round(counted.high),
                "averted": round(averted.averted.value, 1),
                "low": round(averted.averted.low, 1),
                "high": round(averted.averted.high, 1),
            }
        )
    return rows


def costs(run: Simulation, first: str, other: str) -> None:
    """Print what a plan costs beyond another, for each homicide averted, and how much comes late."""
    cost, late = run.cost_per_death(first, other), run.late_share(first, other)
    more = (run.usd(first) - run.usd(other)) / 1e6
    out.print(say("runs.money", plan=first, versus=other, usd=more), markup=False)
    if cost is None:
        out.print(say("runs.cost_withheld"))
    elif cost.value is None:
        out.print(say("runs.cost_none"))
    elif cost.high is None:
        out.print(say("runs.cost_open", value=cost.value / 1e6, low=(cost.low or 0) / 1e6))
    else:
        out.print(say("runs.cost", value=cost.value / 1e6, low=(cost.low or 0) / 1e6, high=cost.high / 1e6))
    if late is not None:
        out.print(say("runs.late", share=100 * late))
    elif len(run.years) > 5:
        out.print(say("runs.late_none"))
