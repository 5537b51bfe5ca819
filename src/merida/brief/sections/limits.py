"""What the record does not hold, how far it agrees with itself, and its sources."""

from __future__ import annotations

from merida.brief.document import Block, Paragraph, Points, Sources, Traps
from merida.brief.parts import paragraph, say
from merida.facts import Facts
from merida.facts.checks import checks, run
from merida.facts.schema import tables
from merida.figure import Figure, Origin

GAPS = ("police", "pillars", "outputs", "disappeared", "organised", "funnel", "waits", "flows", "recent")


def gaps(_facts: Facts) -> list[Block]:
    """Return what the record does not hold."""
    return [Points(tuple(say(f"gaps.{name}") for name in GAPS))]


def trust(facts: Facts) -> list[Block]:
    """Return what the cross-checks found; they run on the whole record."""
    whole = facts if facts.as_of is None else Facts()
    outcomes = [run(whole, check) for check in checks()]

    def count(verdict: str) -> Figure:
        number = sum(outcome.verdict == verdict for outcome in outcomes)
        return Figure(number, None, None, "checks", "fact", Origin((), "", "checks"))

    return [
        *paragraph(say("trust.checks", holds=count("holds"), failed=count("failed"), traps=count("trap"))),
        Traps(tuple(outcome.check.id for outcome in outcomes if outcome.verdict in ("trap", "failed"))),
    ]


def sources(facts: Facts) -> list[Block]:
    """Return the tables of the record that held rows at the date."""
    held = tuple(name for name in tables() if facts.sql(f"select count(*) from {name}").item())
    return [Paragraph((say("sources.lead"),)), Sources(held)]
