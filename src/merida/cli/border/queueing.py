"""``merida border …``: ports of entry as queues."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from merida.border.assumptions import ports
from merida.cli.output import (
    HERE,
    AsOfOption,
    Format,
    FormatOption,
    LanguageOption,
    SeedOption,
    err,
    finite,
    out,
    print_json,
    print_rows,
    say,
)
from merida.cli.settings import SetOption, print_held, priors_with, recorded
from merida.errors import BorderError
from merida.words import Words, words

if TYPE_CHECKING:
    from merida.border.crossings import Place
    from merida.border.queueing import PortOutcome
    from merida.priors import Priors

border_app = typer.Typer(no_args_is_help=True, help=say("cli.border.help"))


@border_app.command("queue", help=say("cli.border.queue"))
def border_queue(
    arrivals_per_hour: Annotated[
        float, typer.Option("--arrivals-per-hour", help=say("cli.border.arrivals_per_hour"))
    ],
    service_per_hour: Annotated[
        float, typer.Option("--service-per-hour", help=say("cli.border.service_per_hour"))
    ],
    servers: Annotated[int, typer.Option("--servers", help=say("cli.border.servers"))],
    service_cv: Annotated[float, typer.Option("--service-cv", help=say("cli.border.service_cv"))] = 1.0,
    customers: Annotated[int, typer.Option("--customers", help=say("cli.border.customers"))] = 1_000_000,
    seed: SeedOption = 0,
    output: FormatOption = Format.TABLE,
    language: LanguageOption = HERE,
) -> None:
    from merida.border import queue

    result = queue(arrivals_per_hour, service_per_hour, servers, service_cv, customers, seed)
    answer = asdict(result)
    if output is Format.JSON:
        print_json(answer)
        return
    text = words(language.value).text
    out.print(text("border.queue_title", servers=servers, customers=result.customers))
    for name, value in answer.items():
        out.print(f"  {text('border.' + name)}: {value:,.6g}", markup=False)


@border_app.command("simulate", help=say("cli.border.simulate"))
def border_simulate(
    port: Annotated[str, typer.Argument(help=say("cli.border.port"))],
    mode: Annotated[str, typer.Option("--mode", help=say("cli.border.mode"))] = "cars",
    month: Annotated[
        str | None, typer.Option("--month", metavar="YYYY-MM", help=say("cli.border.month"))
    ] = None,
    lanes: Annotated[str | None, typer.Option("--lanes", help=say("cli.border.lanes"))] = None,
    officers: Annotated[int | None, typer.Option("--officers", help=say("cli.border.officers"))] = None,
    trusted_share: Annotated[
        float | None, typer.Option("--trusted-share", help=say("cli.border.trusted_share"))
    ] = None,
    profile: Annotated[str | None, typer.Option("--profile", help=say("cli.border.profile"))] = None,
    weekday: Annotated[int | None, typer.Option("--weekday", help=say("cli.border.weekday"))] = None,
    baulking: Annotated[str | None, typer.Option("--baulking", help=say("cli.border.baulking"))] = None,
    pressure: Annotated[str | None, typer.Option("--pressure", help=say("cli.border.pressure"))] = None,
    initial_queue: Annotated[int, typer.Option("--initial-queue", help=say("cli.border.initial_queue"))] = 0,
    days: Annotated[int, typer.Option("--days", help=say("cli.border.days"))] = 1,
    replications: Annotated[int, typer.Option("--replications", help=say("cli.border.replications"))] = 200,
    seed: SeedOption = 0,
    chart: Annotated[Path | None, typer.Option("--chart", help=say("cli.border.chart"))] = None,
    settings: SetOption = None,
    as_of: AsOfOption = None,
    output: FormatOption = Format.TABLE,
    language: LanguageOption = HERE,
) -> None:
    from merida.border import Baulking, Pressure, find_place, officer_cost_per_hour, port_scenario, simulate
    from merida.charts.files import check_charts
    from merida.facts import Facts
    from merida.parameters.registry import PORTS

    check_charts(chart)
    facts, priors = Facts(as_of), priors_with(settings, (PORTS,))
    place = find_place(facts, port)
    scenario, basis = port_scenario(
        facts,
        place,
        mode,
        month=month,
        lanes=read_lanes(lanes),
        officers=officers,
        trusted_share=trusted_share,
        profile=read_profile(profile),
        weekday=weekday,
        baulking=Baulking(*read_pair("baulking", baulking)) if baulking else None,
        pressure=Pressure(*read_pair("pressure", pressure)) if pressure else None,
        initial_queue=initial_queue,
        days=days,
        priors=priors,
    )
    with err.status(say("cli.border.working")):
        outcome = simulate(scenario, replications, seed)
    cost = officer_cost_per_hour(facts, priors)
    if chart is not None:
        write_chart(chart, outcome, words(language.value))
    if output is Format.JSON:
        head = named(place) | {"mode": mode}
        print_json(head | as_json(outcome, basis, cost, priors) | recorded(priors))
    else:
        text = words(language.value).text
        title = text(
            "border.title",
            port=place.name,
            mode=text(f"border.modes.{mode}"),
            month=words(language.value).month(basis["month"]),
            replications=replications,
        )
        print_outcome(outcome, basis, cost, title, words(language.value), mode)
        print_assumptions(priors, words(language.value), mode, len(basis["shares"]) > 1)
        print_held(priors)


def named(place: Place) -> dict[str, str]:
    """Return a port for programs: its code, the crossing's number where one is meant, and the name."""
    crossing = {} if place.crossing is None else {"crossing": place.crossing}
    return {"port": place.port.code} | crossing | {"name": place.name}


def read_lanes(given: str | None) -> int | dict[str, int] | None:
    """Return lanes as a number, or by class from ``general=10,sentri=3``."""
    if given is None:
        return None
    if re.fullmatch(r"-?[0-9]{1,9}", given.strip()):
        return int(given)
    pairs = re.findall(r"\s*(\w+)\s*=\s*(-?[0-9]{1,9})\s*(?:,|$)", given)
    lanes = {name: int(count) for name, count in pairs}
    if not pairs or len(lanes) < len(pairs) or len(pairs) != given.count(",") + 1:
        raise BorderError("border_bad_lanes", found=given[:80])
    return lanes


def read_pair(name: str, given: str) -> tuple[float, float]:
    """Return two numbers separated by a comma."""
    try:
        first, second = (float(part) for part in given.split(","))
    except ValueError as error:
        raise BorderError("border_not_a_pair", what=name, found=given[:80]) from error
    return first, second


def read_profile(given: str | None) -> list[float] | None:
    """Return the shares of a day's hours from ``0.02,0.01,…``."""
    if given is None:
        return None
    try:
        return [float(share) for share in given.split(",")]
    except ValueError as error:
        raise BorderError("border_not_numbers", what="profile", found=given[:80]) from error


def as_json(
    outcome: PortOutcome, basis: Mapping[str, Any], cost: float | None, priors: Priors
) -> dict[str, Any]:
    """Return the outcome for programs."""
    days = outcome.hours / 24
    return {
        "basis": dict(basis),
        "hours": outcome.hours,
        "replications": outcome.replications,
        "seed": outcome.seed,
        "classes": [finite(asdict(flow)) for flow in outcome.classes],
        "secondary": finite(asdict(outcome.secondary)) if outcome.secondary else None,
        "officer_hours": outcome.officer_hours,
        "cost_usd_per_day": None if cost is None else outcome.officer_hours / days * cost,
        "assumptions": ports(priors),
    }


def print_outcome(
    outcome: PortOutcome, basis: Mapping[str, Any], cost: float | None, title: str, said: Words, mode: str
) -> None:
    """Print the outcome for people: a line for each class, then the waits by hour."""
    text, days = said.text, outcome.hours / 24
    everyone = [*outcome.classes, *([outcome.secondary] if outcome.secondary else [])]
    print_rows(
        (
            {
                text("border.class"): text(f"border.lanes.{flow.name}"),
                text("border.booths"): round(flow.open_hours / outcome.hours),
                text("border.arrivals"): f"{flow.arrivals / outcome.replications / days:,.0f}",
                text("border.mean"): f"{flow.mean_wait:.1f} ± {1.96 * flow.standard_error:.1f}",
                "10 / 50 / 90 %": " / ".join(f"{wait:.1f}" for wait in flow.quantiles),
                text("border.over_60"): f"{100 * flow.share_over_60:.1f} %",
                text("border.longest"): f"{flow.queue_by_hour.max():,.0f}",
                text("border.utilisation"): f"{100 * flow.utilisation:.0f} %",
                **(
                    {text("border.baulked"): f"{100 * flow.baulked_share:.1f} %"}
                    if any(f.baulked for f in everyone)
                    else {}
                ),
            }
            for flow in everyone
        ),
        title=title,
    )
    out.print()
    print_rows(
        {text("border.hour"): hour}
        | {
            text(f"border.lanes.{flow.name}"): f"{flow.wait_by_hour[hour]:.1f} "
            f"({flow.wait_band_by_hour[0, hour]:.1f}–{flow.wait_band_by_hour[1, hour]:.1f})"
            for flow in outcome.classes
        }
        for hour in range(min(outcome.hours, 24))
    )
    out.print(text("border.by_hour"))
    out.print(text("border.officer_hours", hours=outcome.officer_hours / days))
    if cost is not None:
        out.print(text("border.cost", usd=outcome.officer_hours / days * cost, rate=cost))


def print_assumptions(priors: Priors, said: Words, mode: str, several_classes: bool) -> None:
    """Print what is assumed of a port, by the path of ``--set``, with its range and note."""
    from merida.parameters.registry import PORTS

    text = said.text
    out.print(text("border.assumptions"))
    for path, entry in priors.within(PORTS).entries.items():
        name = path.removeprefix("border.")
        low, high = entry.ends or (entry.number, entry.number)
        of_mode = name.split(".")[1] == mode if "." in name else name != "bus_load" or mode == "buses"
        if of_mode:
            out.print(
                "  "
                + text(
                    "border.assumption",
                    what=path,
                    note=entry.note_in(said.language),
                    value=priors.number(path),
                    low=low,
                    high=high,
                )
            )
    out.print("  " + text("border.shape"))
    if mode == "cars" and several_classes:
        out.print("  " + text("border.shares"))


def write_chart(path: Path, outcome: PortOutcome, said: Words) -> None:
    """Write the waits by hour as SVG or, by the file's ending, PNG."""
    import polars as pl

    from merida.charts import files
    from merida.charts.border import waits
    from merida.charts.theme import specification

    rows = pl.DataFrame(
        [
            {
                "lane": flow.name,
                "hour": hour,
                "mean_minutes": flow.wait_by_hour[hour],
                "low_minutes": flow.wait_band_by_hour[0, hour],
                "high_minutes": flow.wait_band_by_hour[1, hour],
            }
            for flow in outcome.classes
            for hour in range(outcome.hours)
        ]
    )
    files.write_chart(path, specification(waits(rows, said)))
