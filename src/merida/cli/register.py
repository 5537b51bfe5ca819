"""``merida evidence list | show | gaps``: the register of studies, what it says of programmes, and how little that is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

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
from merida.errors import EvidenceError, nearest
from merida.words import LANGUAGES, Words, plain, words

if TYPE_CHECKING:
    import polars as pl

    from merida.decide.knowledge import Standing
    from merida.evidence import Register
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

    from merida.evidence.register import table
    from merida.evidence.rows import kinds
    from merida.facts.warehouse import checked_as_of

    said, whole = words(language.value), table("register.csv")
    rows = whole if everything else whole.filter(pl.col("status") == "verified")
    if checked_as_of(as_of) is not None:
        rows = rows.filter(pl.col("available_from") <= as_of)
    alike = {name: kind.programmes for name, kind in kinds().items() if kind.programmes}
    wanted = {
        "programme": matching(programme, whole["programme"], "studied_programmes", "--programme", alike),
        "outcome": matching(outcome, whole["outcome"], "studied_outcomes", "--outcome", classes(whole)),
        "country": matching(country, whole["country"].drop_nulls(), "countries", "--country", parts(whole)),
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
    print_rows(listed(rows, said, everything))
    numbers = {name: answer[name] for name in ("studies", "clusters", "verified")}
    out.print(said.text("evidence.counted", **numbers), markup=False)
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

    if found := sorted({*filter(same, known), *(name for common in filter(same, alike) for name in alike[common])}):
        return found
    raise EvidenceError(
        "unknown_in_register", option=option, found=wanted, nearest=nearest(wanted, {*known, *alike})
    )


def bare(text: str) -> str:
    """Return a name to compare: no case, no accents, spaces for underscores."""
    return plain(text).replace("_", " ")


def classes(rows: pl.DataFrame) -> dict[str, list[str]]:
    """Return the outcomes of each class."""
    return {
        str(name): sorted(set(of["outcome"])) for (name,), of in rows.group_by("outcome_class", maintain_order=True)
    }


def parts(rows: pl.DataFrame) -> dict[str, list[str]]:
    """Return the countries of the register that a country is part of: MX is part of MX/US."""
    every = set(rows["country"].drop_nulls())
    return {code: [name for name in every if code in re.split(r"[/+ ]+", name)] for code in every if code.isupper()}


def listed(rows: pl.DataFrame, said: Words, everything: bool) -> list[dict[str, Any]]:
    """Return studies as rows of a table."""
    text = said.text
    return [
        {
            text("evidence.study"): row["study"],
            text("evidence.programme"): said.named("studied_programmes", row["programme"]),
            text("evidence.outcome"): said.named("studied_outcomes", row["outcome"]),
            text("evidence.country"): said.named("countries", row["country"] or ""),
            text("evidence.design"): text(f"evidence.designs_short.{row['design']}"),
            text("evidence.effect"): effect_text(row, said),
            text("evidence.sign"): text(f"evidence.directions.{row['direction']}"),
            text("evidence.published"): row["available_from"],
        }
        | ({text("evidence.status"): text(f"evidence.states.{row['status']}")} if everything else {})
        for row in rows.iter_rows(named=True)
    ]


def effect_text(row: Mapping[str, Any], said: Words) -> str:
    """Return a study's own figure with its scale, or that it gave none."""
    if row["estimate"] is None:
        return said.text("evidence.sign_of")
    forms = {"percent_change": "change_of", "rate_ratio": "ratio_of", "elasticity": "elasticity_of",
             "bound": "at_least_of", "smd": "difference_of", "level": "level_of", "share": "share_of"}  # fmt: skip
    value = row["estimate"]
    decimals = 0 if value == int(value) else 2 if abs(value) < 10 else 1
    return said.text(f"evidence.{forms[row['scale']]}", value=said.number(value, decimals))


def evidence_show(
    name: Annotated[str, typer.Argument(metavar="STUDY|PROGRAMME|PARAMETER", help=say("cli.evidence.name"))],
    framework: FrameworkOption = "merida",
    no_bias: NoBiasOption = False,
    chart: Annotated[Path | None, typer.Option("--chart", help=say("cli.evidence.chart"))] = None,
    as_of: AsOfOption = None,
    output: FormatOption = Format.TABLE,
    language: LanguageOption = HERE,
) -> None:
    from merida.evidence.register import table
    from merida.facts import Facts
    from merida.framework import Framework

    facts, frame, said = Facts(as_of), Framework.load(framework), words(language.value)
    studies = table("register.csv")
    if name in studies["study"]:
        if chart is not None:
            raise EvidenceError("no_forest", found=name)
        show_study(studies.filter(pl_name(name)).row(0, named=True), frame, facts, not no_bias, output, said)
        return
    show_effect(name, frame, facts, not no_bias, chart, output, said)
