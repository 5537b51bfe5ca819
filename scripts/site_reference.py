"""Write the site's pages on tables, programmes and outcomes from the files that hold them; `docs/conf.py` calls it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from merida.atomic import write_whole
from merida.facts.schema import Table, tables
from merida.framework import Framework
from merida.framework.framework import SHIPPED
from merida.models.registry import MECHANISMS
from merida.words import words


def write_pages(folder: Path) -> None:
    """Write every page into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = {"tables": record(), "programmes": programmes(), "outcomes": outcomes()}
    write_whole({folder / f"{name}.md": "\n".join(lines) + "\n" for name, lines in pages.items()})


def rows(heads: Iterable[str], lines: Iterable[Iterable[object]]) -> Iterator[str]:
    """Yield a table in Markdown."""
    names = list(heads)
    yield "| " + " | ".join(names) + " |"
    yield "|" + "---|" * len(names)
    for line in lines:
        yield "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in line) + " |"
    yield ""


def record() -> Iterator[str]:
    """Yield the page on every table of the record."""
    yield "# Every table\n"
    yield "What `merida facts show TABLE` says of each. A star marks the columns that name a row.\n"
    for table in sorted(tables().values(), key=lambda table: (table.room, table.name)):
        yield from of_table(table)


def of_table(table: Table) -> Iterator[str]:
    """Yield what the page says of one table."""
    yield f"## {table.name}\n"
    yield f"{table.title.en}. {table.institution.en}; {table.period.en}; {table.status.replace('_', ' ')}.\n"
    yield f"- Source: {table.source.en}"
    yield f"- Licence: {table.licence.en}"
    yield f"- Publication: {table.availability.note.en} ({table.availability.grade})"
    yield from (f"- Known defect `{defect.id}`: {defect.about.en}" for defect in table.defects)
    yield ""
    yield from rows(
        ("column", "type", "unit", "meaning"),
        (
            (f"`{name}`{' *' if column.key else ''}", column.type, column.unit, column.about.en)
            for name, column in table.columns.items()
        ),
    )


def programmes() -> Iterator[str]:
    """Yield the page on what the frameworks may pay for."""
    yield "# Every programme\n"
    for name in SHIPPED:
        framework = Framework.load(name)
        yield f"## {framework.title.en} (`{name}`)\n"
        yield from rows(
            ("programme", "name", "pillar", "unit", "accounts", "level", "lever", "delivers"),
            (
                (
                    f"`{code}`", one.title.en, one.pillar, one.unit.en, ", ".join(one.accounts), one.level,
                    f"`{one.lever}`" if one.lever else "none", one.delivers.en,
                )
                for code, one in framework.programmes.items()
            ),
        )  # fmt: skip


def outcomes() -> Iterator[str]:
    """Yield the page on what plans are compared by."""
    said = words("en")
    yield "# Every outcome\n"
    yield "What plans are compared, allocated and valued by. An outcome that does not steer is counted and no money follows it.\n"
    yield from rows(
        ("outcome", "name", "unit", "finest place", "good is", "steers", "mechanism"),
        (
            (
                f"`{one.name}`", said.text(f"outcomes.{one.name}"), one.unit.replace("_", " "), one.level.replace("_", " "),
                one.good, "yes" if one.steers else "no", f"`{mechanism.name}`",
            )
            for mechanism in MECHANISMS
            for one in mechanism.outcomes
        ),
    )  # fmt: skip
