"""The memo's figures, held against the record."""

from __future__ import annotations

from merida.brief.parts import paragraph, say
from merida.claims.claims import TOPICS, Result, both, check_all
from merida.document.blocks import Block, Grid, Value
from merida.facts import Facts

COLUMNS = ("said", "record", "unit", "counted", "verdict")


def claims(facts: Facts) -> list[Block]:
    """Return the section: how many statements hold, then every one of them by topic."""
    results = check_all(facts)

    def count(*verdicts: str) -> str:
        return str(sum(result.verdict in verdicts for result in results))

    return [
        *paragraph(
            say(
                "claims.lead",
                count=count("holds", "holds_under_definition", "does_not_hold"),
                holds=count("holds"),
                under=count("holds_under_definition"),
                fails=count("does_not_hold"),
            ),
            say("claims.cannot", cannot=count("cannot_be_checked")),
        ),
        *paragraph(say("claims.definitions"), say("claims.words")),
        *(topic_table(topic, results) for topic in TOPICS),
    ]


def topic_table(topic: str, results: tuple[Result, ...]) -> Grid:
    """Return the statements of one topic, each with what the record gives and how it was counted."""
    rows = [row for result in results if result.claim.topic == topic for row in rows_of(result)]
    return Grid("claims", COLUMNS, tuple(rows), {"topic": both(f"claims.topics.{topic}")})


def rows_of(result: Result) -> list[tuple[Value, ...]]:
    """Return one row, or two where another way of counting gives another answer."""
    verdict = both(f"claims.verdicts.{result.verdict}")
    if result.reason is not None:
        return [(result.claim.said, None, "", result.reason, verdict)]
    unit = "" if result.claim.unit == "year" else both(f"units.{result.claim.unit}")
    first, *others = result.shown
    return [
        (result.claim.said, first.figure, unit, first.definition.about, verdict),
        *(("", other.figure, unit, other.definition.about, "") for other in others),
    ]
