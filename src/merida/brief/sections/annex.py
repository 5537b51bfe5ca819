"""The annex: long tables, the method, what is assumed, a checklist, and which questions were asked."""

from __future__ import annotations

from collections.abc import Iterator

from merida.answers.naming import in_both
from merida.answers.plans.welfare import ValueOf
from merida.brief.parts import say
from merida.brief.portrait import Portrait
from merida.claims.claims import both
from merida.document.blocks import (
    Block,
    Cell,
    Column,
    Grid,
    Listing,
    Paragraph,
    Rounded,
    Section,
    Sentence,
    Table,
    Verbatim,
)
from merida.facts.compiled import record_span
from merida.facts.schema import Text
from merida.parameters.parameters import entries
from merida.statistics import Interval

ROWS = 12  # of a table that stays in the text
METHOD = ("record", "violence", "evidence", "money", "plans", "border", "more")
# The items of CHEERS 2022, in their order.
ITEMS = (
    "title",
    "abstract",
    "background",
    "analysis_plan",
    "population",
    "setting",
    "comparators",
    "perspective",
    "horizon",
    "discount_rate",
    "outcomes",
    "measurement",
    "valuation",
    "costs",
    "currency",
    "model",
    "analytics",
    "heterogeneity",
    "distribution",
    "uncertainty",
    "engagement",
    "parameters",
    "results",
    "effect_of_uncertainty",
    "effect_of_engagement",
    "findings",
    "funding",
    "interests",
)
SHOWN = 12  # letters of a digest


def annex(portrait: Portrait) -> Iterator[Section]:
    """Yield the sections behind the text that are the same for every reader."""
    yield Section("method", tuple(Paragraph((say(f"method.{name}"),)) for name in METHOD), annex=True)
    yield Section(
        "assumptions", (Paragraph((say("assumptions.lead"),)), assumed(portrait.context.as_of)), annex=True
    )
    yield Section("cheers", (Paragraph((say("cheers.lead"),)), checklist()), annex=True)


def assumed(as_of: str | None = None) -> Table:
    """Return every number that is an assumption, with its range; as of a date its path alone: notes cite later years."""
    rows: list[tuple[Cell, ...]] = []
    for path, entry in entries().items():
        if entry.grade != "assumption" or (entry.value is None and entry.distribution is None):
            continue
        low, high = entry.ends or (entry.number, entry.number)
        shown = entry.number if low == high else Interval(low, entry.number, high)
        note = Text(en=entry.note_in("en"), es=entry.note_in("es"))
        rows.append(
            (path if as_of else Listing((note, path), " "), both(f"parameter_units.{entry.unit}"), shown)
        )
    columns = (
        Column("tables.assumptions.parameter"),
        Column("tables.assumptions.unit"),
        Column("tables.assumptions.range", figures=True),
    )
    return Table(columns, tuple(rows), Sentence("tables.assumptions.title"))


def checklist() -> Table:
    """Return the items of CHEERS 2022, each answered (Husereau and others, 2022, doi:10.1136/bmj-2021-067975)."""
    rate = Rounded(100 * ValueOf.model_fields["discount_rate"].default, 1)
    rows = tuple(
        (number, say(f"cheers.items.{name}"), Sentence(f"brief.cheers.answers.{name}", {"rate": rate}))
        for number, name in enumerate(ITEMS, start=1)
    )
    heads = ("number", "item", "answer")
    return Table(tuple(Column(f"tables.cheers.{head}") for head in heads), rows)


def run_record(portrait: Portrait) -> Section:
    """Return the questions that were asked, and on what their answers rest; the PDF holds the whole record."""
    month = record_span()[1] if portrait.context.as_of is None else portrait.context.as_of
    lead = say(
        "run_record.lead",
        month=in_both(lambda said: said.month(month)),
        seed=str(portrait.seed),
        facts=portrait.facts.digest[:SHOWN],
        framework=portrait.framework.digest()[:SHOWN],
    )
    commands = sorted(request.command() for request in portrait.asked)
    blocks: list[Block] = [Paragraph((lead,))]
    if commands:
        blocks.append(Verbatim("\n".join(commands)))
    return Section("run_record", tuple(blocks), annex=True)


def without_long_tables(sections: list[Section]) -> list[Section]:
    """Return sections whose long tables stand in the annex, which a sentence says where they stood."""
    moved: list[Block] = []
    kept = []
    for section in sections:
        blocks: list[Block] = []
        for block in section.blocks:
            if isinstance(block, Grid) and len(block.rows) > ROWS and not section.annex:
                title = Sentence(f"tables.{block.name}.title", block.values)
                blocks.append(
                    Paragraph(
                        (Sentence("brief.long_tables.moved", {"title": title, "rows": len(block.rows)}),)
                    )
                )
                moved.append(block)
            else:
                blocks.append(block)
        kept.append(Section(section.name, tuple(blocks), section.annex))
    if moved:
        at = next((place for place, one in enumerate(kept) if one.annex), len(kept))
        lead = Paragraph((say("long_tables.lead"),))
        kept.insert(at, Section("long_tables", (lead, *moved), annex=True))
    return kept
