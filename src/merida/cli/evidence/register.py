"""``merida evidence list | show | gaps``: the register of studies, what it says of programmes, and how little that is."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from merida.cli.evidence.known import as_json, print_known, write_chart
from merida.cli.output import (
    HERE,
    AsOfOption,
    Format,
    FormatOption,
    LanguageOption,
    err,
    finite,
    out,
    print_json,
    print_rows,
    say,
)
from merida.cli.settings import SetOption, print_held, priors_with, recorded
from merida.errors import EvidenceError, nearest
from merida.words import LANGUAGES, Words, plain, words

if TYPE_CHECKING:
    import polars as pl

    from merida.evidence import Register
    from merida.evidence.known import Known
    from merida.framework import Framework

FrameworkOption = Annotated[str, typer.Option("--framework", help=say("cli.runs.framework"))]
NoBiasOption = Annotated[bool, typer.Option("--no-bias", help=say("cli.evidence.no_bias"))]


def evidence_list(
    programme: Annotated[str | None, typer.Option("--programme", help=say("cli.evidence.programme"))] = None,
    outcome: Annotated[str | None, typer.Option("--outcome", help=say("cli.evidence.outcome"))] = None,
    country: Annotated[str | None, typer.Option("--country", help=say("cli.evidence.country"))] = None,
    design: Annotated[str | None, typer.Option("--design", help=say("cli.evidence.design"))] = None,
    everything: Annotated[bool, typer.Option("--all", help=say("cli.evidence.all"))] = False,
    as_of: AsOfOption = None,
    output: FormatOption = Format.TABLE,
    language: LanguageOption = HERE,
) -> None:
    import polars as pl

    from merida.evidence.register import outcomes_by_class, table, wider_countries
    from merida.evidence.rows import kinds
    from merida.facts.warehouse import checked_as_of

    said, whole = words(language.value), table("register.csv")
    rows = whole if everything else whole.filter(pl.col("status") == "verified")
    if checked_as_of(as_of) is not None:
        rows = rows.filter(pl.col("available_from") <= as_of)
    alike = {name: kind.programmes for name, kind in kinds().items() if kind.programmes}
    wanted = {
        "programme": matching(programme, whole["programme"], "studied_programmes", "--programme", alike),
        "outcome": matching(
            outcome, whole["outcome"], "studied_outcomes", "--outcome", outcomes_by_class(whole)
        ),
        "country": matching(
            country, whole["country"].drop_nulls(), "countries", "--country", wider_countries(whole)
        ),
        "design": matching(design, whole["design"], "evidence.designs", "--design"),
    }
    for column, names in wanted.items():
        if names is not None:
            rows = rows.filter(pl.col(column).is_in(names))
    hidden = 0 if everything else int((whole["status"] != "verified").sum())
    answer: dict[str, Any] = {
        "as_of": as_of,
        "studies": rows.height,
        "clusters": rows["cluster"].n_unique(),
        "verified": rows.filter(pl.col("status") == "verified").height,
        "unverified_left_out": hidden,
        "rows": rows.to_dicts(),
    }
    if output is Format.JSON:
        print_json(finite(answer))
        return
    if as_of:
        out.print(said.text("evidence.counted_as_of", month=said.month(as_of)), markup=False)
    if not rows.height:
        out.print(said.text("evidence.none_counted"), markup=False)
        return
    out.print(listed(rows, said))
    numbers = {name: answer[name] for name in ("studies", "clusters", "verified")}
    out.print(said.text("evidence.counted", **numbers), markup=False)
    if answer["verified"] < rows.height:
        out.print(f"* {said.text('evidence.standing.unverified')}", markup=False)
    if hidden:
        out.print(said.text("evidence.hidden", count=hidden), markup=False)


def matching(
    wanted: str | None,
    names: Iterable[str],
    group: str,
    option: str,
    alike: Mapping[str, Iterable[str]] | None = None,
) -> list[str] | None:
    """Return the names of the register that a filter means: one, by itself or by its words, or some by a common name.

    Raises
    ------
    EvidenceError
        If there are none; the message names the nearest.
    """
    if wanted is None:
        return None
    known, alike = sorted(set(names)), alike or {}

    def same(name: str) -> bool:
        texts = [name, *(words(language).named(group, name) for language in LANGUAGES)]
        return bare(wanted) in {bare(text) for text in texts}

    if found := sorted(
        {*filter(same, known), *(name for common in filter(same, alike) for name in alike[common])}
    ):
        return found
    raise EvidenceError(
        "unknown_in_register", option=option, found=wanted, nearest=nearest(wanted, {*known, *alike})
    )


def bare(text: str) -> str:
    """Return a name to compare: no case, no accents, spaces for underscores."""
    return plain(text).replace("_", " ")


def listed(rows: pl.DataFrame, said: Words) -> Table:
    """Return studies as a table, by programme."""
    text = said.text
    found = Table(box=None, pad_edge=False, header_style="bold")
    found.add_column(text("evidence.study"), no_wrap=True)
    for name in ("outcome", "country", "design", "effect"):
        found.add_column(text(f"evidence.{name}"))
    rows = rows.sort("programme", "study")
    for (programme,), studies in rows.group_by("programme", maintain_order=True):
        found.add_row(Text(said.named("studied_programmes", str(programme)), style="italic"))
        for row in studies.iter_rows(named=True):
            mark = "" if row["status"] == "verified" else " *"
            found.add_row(
                Text(f"  {row['study']}{mark}"),
                said.named("studied_outcomes", row["outcome"]),
                said.named("countries", row["country"] or "–"),
                text(f"evidence.designs_short.{row['design']}"),
                Text(f"{effect_text(row, said)}, {text('evidence.directions.' + row['direction'])}"),
            )
    return found


def effect_text(row: Mapping[str, Any], said: Words) -> str:
    """Return a study's own figure with its scale, or that it gave none."""
    if row["estimate"] is None:
        return said.text("evidence.sign_of")
    forms = {"percent_change": "change_of", "rate_ratio": "ratio_of", "elasticity": "elasticity_of",
             "bound": "at_least_of", "smd": "difference_of", "level": "level_of", "share": "share_of"}  # fmt: skip
    value = row["estimate"]
    decimals = next(digits for digits in (0, 1, 2, 3) if digits == 3 or round(value, digits) == value)
    return said.text(f"evidence.{forms[row['scale']]}", value=said.number(value, decimals))


def evidence_show(
    name: Annotated[str, typer.Argument(metavar="STUDY|PROGRAMME|PARAMETER", help=say("cli.evidence.name"))],
    framework: FrameworkOption = "merida",
    no_bias: NoBiasOption = False,
    settings: SetOption = None,
    chart: Annotated[Path | None, typer.Option("--chart", help=say("cli.evidence.chart"))] = None,
    as_of: AsOfOption = None,
    output: FormatOption = Format.TABLE,
    language: LanguageOption = HERE,
) -> None:
    from merida.charts.files import check_charts
    from merida.evidence import Register
    from merida.evidence.register import table
    from merida.facts import Facts
    from merida.framework import Framework
    from merida.parameters import Parameters, effect_path, entries, knowledge
    from merida.parameters.registry import EVIDENCE
    from merida.parameters.standings import idle_weights

    check_charts(chart)
    facts, frame, said = Facts(as_of), Framework.load(framework), words(language.value)
    priors = priors_with(settings, (EVIDENCE,))
    parameters = Parameters(facts, Register(facts.as_of), dict(priors.held), frame)
    studies = table("register.csv")["study"].to_list()
    title = name
    if name in frame.programmes:
        programme = frame.programmes[name]
        title, path = programme.title.of(said.language), effect_path(programme)
        if path is None:
            raise EvidenceError("no_effect_known", found=name, title=title)
    elif name in studies:
        if chart is not None:
            raise EvidenceError("no_forest", found=name)
        found = study_answer(name, frame, parameters.evidence, not no_bias, dict(priors.held))
        if output is Format.JSON:
            print_json(finite(found | recorded(priors)))
        else:
            print_study(found, said)
            print_held(priors)
        return
    elif name in entries() and entries()[name].evidence is not None:
        path = name
    else:
        speaking = [one for one, entry in entries().items() if entry.evidence is not None]
        raise EvidenceError(
            "unknown_evidence", found=name, nearest=nearest(name, {*studies, *frame.programmes, *speaking})
        )
    known = knowledge(parameters, path, not no_bias)
    if output is Format.JSON:
        answer = {"name": name, "as_of": as_of, "bias": not no_bias, **as_json(known), **recorded(priors)}
        print_json(finite(answer))
    else:
        idle = idle_weights(parameters.evidence, known.settings)
        print_effect(title, known, idle, said, as_of, no_bias)
        print_held(priors)
    if chart is not None:
        write_chart(chart, known, title, said)
        err.print(said.text("evidence.written", path=chart), markup=False)


def study_answer(
    name: str, framework: Framework, register: Register, bias: bool, held: Mapping[str, float]
) -> dict[str, Any]:
    """Return a study's row, where it speaks, with whom it shares data, and whether it counts."""
    import polars as pl

    from merida.evidence.hierarchy import clusters_of
    from merida.evidence.known import standing_of
    from merida.evidence.rows import kinds
    from merida.parameters import uses

    every = register.listed
    row = every.filter(pl.col("study") == name).row(0, named=True)
    mates = every.filter((pl.col("cluster") == row["cluster"]) & (pl.col("study") != name))["study"]
    used = uses(framework, register, bias, held).get(name, ())
    counts = next((one for same in clusters_of(register).values() for one in same if one.name == name), None)
    standing = standing_of(register)[name]
    return {
        **row,
        "cluster_mates": mates.to_list(),
        "counts_as": counts
        and {
            "scale": kinds()[counts.kind].scale,
            "estimate": counts.value,
            "std_error": counts.error,
            "error_source": counts.source,
        },
        "standing": "informs" if standing == "counted" and not used else standing,
        "speaks_in": [dataclasses.asdict(one) for one in used],
    }


def print_study(found: Mapping[str, Any], said: Words) -> None:
    """Print every field of a study in words."""
    from merida.evidence.register import spoken

    text = said.text

    def pair(low: float | None, high: float | None) -> str | None:
        return None if low is None or high is None else said.interval(low, high, 2)

    fields = {
        "citation": found["citation"],
        "published": found["available_from"],
        "programme": said.named("studied_programmes", found["programme"]),
        "outcome": said.named("studied_outcomes", found["outcome"]),
        "outcome_class": text(f"evidence.classes.{found['outcome_class']}"),
        "setting": spoken(found, "setting", said.language),
        "sample": spoken(found, "sample", said.language),
        "dose": spoken(found, "dose", said.language),
        "country": said.named("countries", found["country"] or "") or None,
        "design": text(f"evidence.designs.{found['design']}"),
        "effect": effect_text(found, said),
        "used": used_text(found["counts_as"], said),
        "error": error_text(found["counts_as"], said),
        "interval": pair(found["low"], found["high"]),
        "range": pair(found["range_low"], found["range_high"]),
        "sign": text(f"evidence.directions.{found['direction']}"),
        "followup": found["followup_months"],
        "owner": text("evidence.yes" if found["reported_by_owner"] else "evidence.no"),
        "read": text(f"evidence.levels_read.{found['source_level']}"),
        "cluster": ", ".join(found["cluster_mates"]) or text("evidence.cluster_alone"),
        "status": text(f"evidence.states.{found['status']}"),
        "counts": text(f"evidence.standing.{found['standing']}"),
        "locator": found["locator"],
    }
    out.print(found["study"], style="bold", markup=False)
    print_rows(
        {text("evidence.field"): text(f"evidence.{key}"), text("evidence.value"): value}
        for key, value in fields.items()
    )
    for one in found["speaks_in"]:
        out.print(
            text(
                "evidence.speaks_in",
                path=one["path"],
                reading=said.named("readings", one["reading"]),
                weight=said.number(100 * one["weight"]),
                share=said.number(100 * one["share"]),
                programmes=", ".join(one["programmes"]) or "–",
            ),
            markup=False,
        )


def used_text(counts: Mapping[str, Any] | None, said: Words) -> str | None:
    """Return what a study counts as."""
    if counts is None:
        return None
    value = said.number(counts["estimate"], 2)
    if counts["scale"] == "elasticity":
        return said.text("evidence.elasticity_of", value=value)
    change = said.number(100 * math.expm1(counts["estimate"]))
    return said.text("evidence.log_ratio", change=change, value=value)


def error_text(counts: Mapping[str, Any] | None, said: Words) -> str | None:
    """Return the standard error that a study counts with, and where it is from."""
    if counts is None:
        return None
    key = {"published": "published_error", "design": "design_error", "sign": "sign_error"}[
        counts["error_source"]
    ]
    return said.text(f"evidence.{key}", value=said.number(counts["std_error"], 2))


def print_effect(
    title: str, known: Known, idle: Mapping[str, str], said: Words, as_of: str | None, no_bias: bool
) -> None:
    """Print what is known of an effect."""
    out.print(title, style="bold", markup=False)
    if no_bias:
        out.print(said.text("evidence.bias_off"), markup=False)
    print_known(known, idle, said, as_of)
