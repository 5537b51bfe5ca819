"""What the record says, in short: violence, justice, money and the border."""

from __future__ import annotations

from merida.answers.naming import in_both
from merida.brief import parts
from merida.brief.parts import BASE_YEAR, THRESHOLD, paragraph, say
from merida.document.blocks import Block, Sentence, Value
from merida.facts import Facts, record
from merida.facts.schema import Text
from merida.figure import Figure
from merida.violence import summaries


def tiles(facts: Facts) -> tuple[tuple[str, Figure, dict[str, Value]], ...]:
    """Return the few figures at the top of the page."""
    year, crossed = parts.deaths_year(facts), record.span(record.crossings(facts))[1]
    found: list[tuple[str, Figure | None, dict[str, Value]]] = [
        ("deaths", summaries.registered(facts, year), {"year": year}),
        ("spread", parts.reaching(facts, year), {"year": year, "threshold": str(THRESHOLD)}),
        ("money", parts.appropriated(facts, "merida"), parts.fiscal_years(facts, "merida")),
        ("trucks", parts.entered(facts, "trucks", crossed), {"year": crossed}),
    ]
    return tuple((name, figure, values) for name, figure, values in found if figure is not None)


def recorded(facts: Facts) -> list[Block]:
    """Return the section."""
    return [
        *paragraph(*violence(facts)),
        *paragraph(*justice(facts)),
        *paragraph(*money_and_border(facts)),
        *parts.national_picture(facts),
    ]


def violence(facts: Facts) -> list[Sentence]:
    """Return the sentences on violence."""
    year = parts.deaths_year(facts)
    if year is None:
        return []
    later = year if year > BASE_YEAR else None
    worst = summaries.years_by_deaths(facts)[-1]
    half = summaries.half_of_deaths(facts, year).origin
    return [
        say("first.deaths", deaths=summaries.registered(facts, year), year=year),
        say("first.base", deaths=summaries.registered(facts, BASE_YEAR) if later else None, year=BASE_YEAR),
        say("first.worst", year=year)
        if worst == year
        else say("first.peak", deaths=summaries.registered(facts, worst), year=worst),
        say(
            "first.spread",
            before=parts.reaching(facts, BASE_YEAR) if later else None,
            base_year=BASE_YEAR,
            now=parts.reaching(facts, later),
            year=later,
            threshold=str(THRESHOLD),
        ),
        say("first.half", year=year, half=facts.figure(half.query, "municipalities", half.note)),
    ]


def justice(facts: Facts) -> list[Sentence]:
    """Return the sentences on unreported crime, the reform and the leaders removed."""
    year = record.span(record.dark_figure(facts))[1]
    december = parts.fact(facts, "P060", "states")
    return [
        say("first.dark", year=year, share=parts.dark_figure(facts, year)),
        say("first.reform", states=december)
        if december
        else say("first.reform_july", states=parts.fact(facts, "P061", "states")),
        say(
            "first.leaders",
            removed=parts.fact(facts, "P116", "people"),
            listed=parts.fact(facts, "P111", "people"),
            sourced=parts.sourced_leaders(facts, parts.COUNTED),
        ),
    ]


def money_and_border(facts: Facts) -> list[Sentence | None]:
    """Return the sentences on money, the border and what is missing."""
    upper, crossed = "all_account_upper_bound", record.span(record.crossings(facts))[1]
    return [
        say("first.money", usd=parts.appropriated(facts, "merida"), **parts.fiscal_years(facts, "merida")),
        say("first.money_upper", usd=parts.appropriated(facts, upper), **parts.fiscal_years(facts, upper)),
        say(
            "first.border",
            trucks=parts.entered(facts, "trucks", crossed),
            cars=parts.entered(facts, "personal_vehicles", crossed),
            year=crossed,
        ),
        say("first.gaps"),
        waits(facts),
    ]


def waits(facts: Facts) -> Sentence | None:
    """Return the sentence on what is known of waits at the ports."""
    held = parts.waits_held(facts)
    if held == "posted":
        first, last = facts.sql("select min(read_at)[1:7], max(read_at)[1:7] from posted_waits").row(0)
        return say("first.waits_posted", first=month_in_words(first), last=month_in_words(last))
    return say("first.gaps_waits") if held else None


def month_in_words(month: str) -> Text:
    """Return a month as ``YYYY-MM`` in the words of each language."""
    return in_both(lambda said: said.month(month))
