"""``merida facts …``: the public record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from merida.cli.output import (
    HERE,
    AsOfOption,
    Format,
    FormatOption,
    LanguageOption,
    finite,
    out,
    print_json,
    print_rows,
    say,
    visible,
)
from merida.errors import FactsError
from merida.words import words

if TYPE_CHECKING:
    from merida.facts import Why
    from merida.facts.checks import Check
    from merida.facts.schema import Table

facts_app = typer.Typer(no_args_is_help=True, help=say("cli.facts.help"))


@facts_app.command("list", help=say("cli.facts.list"))
def facts_list(output: FormatOption = Format.TABLE, language: LanguageOption = HERE) -> None:
    from merida.facts.schema import tables

    rows = [
        {
            "table": table.name,
            "title": table.title.to(language.value),
            "period": table.period.to(language.value),
            "institution": table.institution.to(language.value),
            "status": table.status,
        }
        for table in tables().values()
    ]
    print_json(rows) if output is Format.JSON else print_rows(rows)


@facts_app.command("show", help=say("cli.facts.show"))
def facts_show(
    table: Annotated[str, typer.Argument(help=say("cli.table"))],
    rows: Annotated[int, typer.Option("--rows", min=0, help=say("cli.rows"))] = 10,
    as_of: AsOfOption = None,
    output: FormatOption = Format.TABLE,
    language: LanguageOption = HERE,
) -> None:
    from merida.facts import Facts, known_table

    known = known_table(table)
    facts = Facts(as_of)
    first = facts.sql(f"select * from {known.name} limit {rows}").to_dicts()
    count = facts.sql(f"select count(*) from {known.name}").item()
    if output is Format.JSON:
        print_json({"table": known.model_dump(), "rows_in_all": count, "rows": first})
        return
    text = words(language.value).text
    out.print(f"[bold]{known.name}[/bold]  {known.title.to(language.value)}")
    for key, value in source_lines(known, language.value, known.status):
        out.print(visible(f"{text('why.' + key)}: {value}"), markup=False)
    out.print()
    print_rows(
        {
            text("why.column"): name + (" *" if column.key else ""),
            text("why.type"): column.type,
            text("why.unit"): unit_name(column.unit, language.value),
            text("why.about"): column.about.to(language.value),
        }
        for name, column in known.columns.items()
    )
    out.print(text("why.key_mark"))
    out.print(text("why.derived"))
    print_defects(((known.name, defect.id) for defect in known.defects), language.value)
    out.print()
    print_rows(first, title=text("why.first_rows", shown=len(first), count=count))


def source_lines(table: Table, language: str, status: str) -> list[tuple[str, str]]:
    """Return what is known of a table's source, as (key under ``why`` in words, text)."""
    availability = table.availability
    return [
        ("institution", table.institution.to(language)),
        ("source", table.source.to(language)),
        ("locators", "; ".join(table.locators)),
        ("licence", table.licence.to(language)),
        ("period", table.period.to(language)),
        ("status", words(language).text(f"status.{status}")),
        ("lag", f"{availability.note.to(language)} ({words(language).text('grade.' + availability.grade)})"),
        ("compiled", table.compiled.to(language)),
    ]


def unit_name(unit: str, language: str) -> str:
    """Return a unit in words, or nothing for a column without one."""
    return words(language).text(f"units.{unit}") if unit else ""


def print_defects(defects: Iterable[tuple[str, str]], language: str) -> None:
    """Print known defects, each given as (table, defect id)."""
    from merida.facts.schema import tables

    for table, wanted in defects:
        defect = next(defect for defect in tables()[table].defects if defect.id == wanted)
        out.print(f"! {defect.id}: {defect.about.to(language)}", markup=False)


@facts_app.command("sql", help=say("cli.facts.sql"))
def facts_sql(
    query: Annotated[str, typer.Argument(help=say("cli.query"))],
    as_of: AsOfOption = None,
    seconds: Annotated[float, typer.Option("--seconds", min=0.1, max=3600, help=say("cli.seconds"))] = 30.0,
    output: FormatOption = Format.TABLE,
) -> None:
    from merida.facts import Facts

    rows = finite(Facts(as_of).sql(query, seconds=seconds).to_dicts())
    print_json(rows) if output is Format.JSON else print_rows(rows)


@facts_app.command("why", help=say("cli.facts.why"))
def facts_why(
    table: Annotated[str, typer.Argument(help=say("cli.table"))],
    key: Annotated[list[str], typer.Argument(metavar="KEY=VALUE...", help=say("cli.key"))],
    as_of: AsOfOption = None,
    output: FormatOption = Format.TABLE,
    language: LanguageOption = HERE,
) -> None:
    from merida.facts import Facts, why

    pairs = {}
    for item in key:
        name, equals, value = item.partition("=")
        if not equals or not name or not value:
            raise FactsError("key_not_a_pair", found=item)
        if name in pairs:
            raise FactsError("key_twice", found=name)
        pairs[name] = value
    answer = why(Facts(as_of), table, pairs)
    print_json(why_as_json(answer)) if output is Format.JSON else print_why(answer, language.value)


def why_as_json(answer: Why) -> dict[str, Any]:
    """Return the answer of ``why`` for programs, texts in both languages."""
    table = answer.table
    return {
        "table": table.name,
        "row": answer.row,
        "recorded": answer.recorded,
        "units": {name: table.columns[name].unit for name in table.measures},
        "institution": table.institution.model_dump(),
        "source": table.source.model_dump(),
        "locators": list(table.locators),
        "licence": table.licence.model_dump(),
        "status": answer.row.get("status", table.status),
        "available_from": answer.row["available_from"],
        "availability": table.availability.model_dump(),
        "compiled": table.compiled.model_dump(),
        "defects": [defect.model_dump() for defect in table.defects if defect.id in answer.defects],
        "query": answer.query,
    }


def print_why(answer: Why, language: str) -> None:
    """Print the answer of ``why`` for people."""
    text, table = words(language).text, answer.table
    out.print(f"[bold]{table.name}[/bold]  {table.title.to(language)}")
    for name, value in answer.row.items():
        if name in table.columns and name != "available_from":
            column = table.columns[name]
            unit = unit_name(column.unit, language) if column.unit != "year" else ""
            bold = "bold" if name in table.measures else ""
            shown = "–" if value is None else str(value)
            out.print(visible(f"  {name} = {shown} {unit}".rstrip()), style=bold, markup=False)
    if not answer.recorded:
        out.print(text("why.absent"))
    out.print(text("why.available_from", month=answer.row["available_from"]))
    for key, value in source_lines(table, language, answer.row.get("status", table.status)):
        out.print(visible(f"{text('why.' + key)}: {value}"), markup=False)
    print_defects(((table.name, defect) for defect in answer.defects), language)
    out.print(visible(text("why.again", query=answer.query)), markup=False)


@facts_app.command("check", help=say("cli.facts.check"))
def facts_check(output: FormatOption = Format.TABLE, language: LanguageOption = HERE) -> None:
    from merida.facts import Facts
    from merida.facts.checks import checks, run

    text = words(language.value).text
    facts = Facts()
    outcomes = [run(facts, check) for check in checks()]
    failed = [outcome for outcome in outcomes if outcome.verdict == "failed"]
    if output is Format.JSON:
        print_json(
            [
                {
                    "check": outcome.check.id,
                    "kind": outcome.check.kind,
                    "verdict": outcome.verdict,
                    "compared": outcome.compared,
                    "about": outcome.check.about.model_dump(),
                    "found": outcome.check.found.model_dump() if outcome.check.found else None,
                    "fired": outcome.fired.to_dicts(),
                }
                for outcome in outcomes
            ]
        )
    else:
        for outcome in outcomes:
            mark = text(f"check.{outcome.verdict}")
            style = {"failed": "bold red", "trap": "yellow"}.get(outcome.verdict, "green")
            out.print(
                f"[{style}]{mark:8}[/] [bold]{outcome.check.id}[/] {outcome.check.about.to(language.value)}"
            )
            for row in outcome.fired.head(5).to_dicts() if outcome.verdict in ("failed", "trap") else []:
                out.print("         " + visible(fired_row(outcome.check, row, language.value)), markup=False)
            if outcome.fired.height > 5:
                out.print("         " + text("check.more", count=outcome.fired.height - 5))
        counts = {
            name: sum(o.verdict == name for o in outcomes) for name in ("holds", "failed", "trap", "quiet")
        }
        out.print(text("check.summary", **counts))
    if failed:
        raise typer.Exit(1)


def fired_row(check: Check, row: Mapping[str, Any], language: str) -> str:
    """Return one row that a check found, with what its number counts."""
    said = check.found.to(language) if check.found else ""
    expected = (
        f" ({words(language).text('check.expected', value=row['expected'])})" if "expected" in row else ""
    )
    return f"{row['at']}: {row['found']:,.6g} {said}{expected}".rstrip()
