"""What else is recorded: other crimes, unreported crime, the reform of the courts, leaders removed."""

from __future__ import annotations

from merida.brief import parts
from merida.brief.parts import paragraph, picture, say
from merida.charts import justice as justice_charts
from merida.charts import violence as violence_charts
from merida.document.blocks import Block
from merida.facts import Facts, record
from merida.figure import Figure


def elsewhere(facts: Facts) -> list[Block]:
    """Return the section."""
    return [*other_crimes(facts), *dark_figure(facts), *reform(facts), *leaders(facts)]


def other_crimes(facts: Facts) -> list[Block]:
    """Return what prosecutors recorded of other crimes."""
    crimes = record.other_crimes(facts)
    first, last = record.span(crimes)

    def victims(crime: str) -> Figure | None:
        query = f"select sum(victims) from crime_victims where crime = '{crime}' and year = {last}"
        return facts.figure(query, "victims", "recorded_crime") if last else None

    return [
        *paragraph(
            say(
                "elsewhere.crimes",
                year=last,
                kidnapping=victims("kidnapping"),
                extortion=victims("extortion"),
            )
        ),
        *picture(
            "other_crimes",
            lambda words: violence_charts.other_crimes(crimes.rows, words),
            crimes,
            captions=("caption",),
            first=first,
            last=last,
        ),
    ]


def dark_figure(facts: Facts) -> list[Block]:
    """Return how much crime reaches no investigation; one year alone makes no chart."""
    dark = record.dark_figure(facts)
    first, last = record.span(dark)
    share = parts.dark_figure(facts, last)
    said = paragraph(say("elsewhere.dark", year=last, share=share))
    if last is not None and first == last:
        return said
    return [
        *said,
        *picture(
            "dark_figure",
            lambda words: justice_charts.dark_figure(dark.rows, words),
            dark,
            first=first,
            last=last,
            nation=share,
        ),
    ]


def reform(facts: Facts) -> list[Block]:
    """Return when the states' new courts began to work."""
    opened = record.reform(facts)
    first, last = record.span(opened)
    unverified = "select nullif(count(*), 0) from judicial_reform where status = 'unverified'"
    sourced = "select nullif(count(*), 0) from judicial_reform where status = 'verified'"
    july, december = parts.fact(facts, "P061", "states"), parts.fact(facts, "P060", "states")
    return [
        *paragraph(
            say("elsewhere.reform_july", states=july),
            say("elsewhere.reform_december", states=december),
            say("elsewhere.reform_unverified", states=facts.figure(unverified, "states")),
        ),
        *picture(
            "reform",
            lambda words: justice_charts.reform(opened.rows, words),
            opened,
            first=first,
            last=last,
            states=facts.figure(sourced, "states", "reform"),
        ),
    ]


def leaders(facts: Facts) -> list[Block]:
    """Return the leaders removed, as far as a source was read."""
    removed = record.leaders(facts)
    last_year = int(removed.rows["month"].to_list()[-1][:4]) if removed.rows.height else None
    unverified = "select nullif(count(*), 0) from leaders_removed where status = 'unverified'"
    return [
        *paragraph(
            say(
                "elsewhere.leaders",
                removed=parts.fact(facts, "P116", "people"),
                listed=parts.fact(facts, "P111", "people"),
                sourced=parts.sourced_leaders(facts, parts.COUNTED),
            ),
            say("elsewhere.leaders_later", sourced=parts.sourced_leaders(facts), year=last_year)
            if last_year is not None and last_year > int(parts.COUNTED[:4])
            else None,
            say("elsewhere.leaders_unverified", count=facts.figure(unverified, "people")),
        ),
        *picture(
            "leaders",
            lambda words: violence_charts.leaders(removed.rows, words),
            removed,
            count=str(removed.rows.height),
        ),
    ]
