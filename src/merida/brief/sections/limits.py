"""What the record does not hold, how far it agrees with itself, and its sources."""

from __future__ import annotations

from merida.brief.parts import deaths_year, holds, paragraph, say, waits_held
from merida.document.blocks import Block, Paragraph, Points, Sources, Traps
from merida.facts import Facts
from merida.facts.checks import checks, failed_by_own, run
from merida.facts.schema import tables
from merida.figure import Figure, Origin

GAPS = ("police", "pillars", "outputs", "disappeared", "organised", "funnel", "flows")
LESS = {  # gaps that a table of later years narrows: the table, and what is said since
    "police": ("state_police", "police_since"),
    "disappeared": ("missing_persons", "disappeared_since"),
}
WAITS = {"posted": "waits_posted", "averages": "waits", None: "waits_all"}  # by what is held


def gaps(facts: Facts) -> list[Block]:
    """Return what the record does not hold."""
    return [
        Points(
            (
                *(say(f"gaps.{gap_of(facts, name)}") for name in GAPS),
                say(f"gaps.{WAITS[waits_held(facts)]}"),
                *(say("gaps.recent", year=year) for year in [deaths_year(facts)] if year),
            )
        )
    ]


def gap_of(facts: Facts, name: str) -> str:
    """Return which sentence says of a gap what is true at the date."""
    table, since = LESS.get(name, ("", ""))
    return since if table and holds(facts, table) else name


def trust(facts: Facts) -> list[Block]:
    """Return what the cross-checks found. They compare with sources of today, so not as of a date."""
    if facts.as_of:
        return [Paragraph((say("trust.as_of"),))]
    outcomes = [run(facts, check) for check in checks()]

    def counted(number: int) -> Figure:
        return Figure(number, None, None, "checks", "fact", Origin((), "", "checks"))

    def count(verdict: str) -> Figure:
        return counted(sum(outcome.verdict == verdict for outcome in outcomes))

    yours = len(failed_by_own(outcomes, facts))
    return [
        *paragraph(
            say("trust.checks", holds=count("holds"), failed=count("failed"), traps=count("trap")),
            say("trust.yours", failed=counted(yours)) if yours else None,
        ),
        Traps(tuple(outcome.check.id for outcome in outcomes if outcome.verdict in ("trap", "failed"))),
    ]


def sources(facts: Facts) -> list[Block]:
    """Return the tables of the record that held rows at the date; as of a date, those of its first edition."""
    held = []
    for name, table in tables().items():
        first = table.first_edition if facts.as_of else "true"
        part = name if first == "true" else f"{name} where {first}"
        rows = facts.figure(f"select nullif(count(*), 0) from {part}", "rows")
        if rows:
            held.append((name, rows, facts.sql(f"select max(available_from) from {part}").item()))
    return [Paragraph((say("sources.lead"),)), Sources(tuple(held))]
