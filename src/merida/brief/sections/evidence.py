"""What the evidence says of each programme, and how little that is."""

from __future__ import annotations

import math
from collections.abc import Sequence

from merida.answers.evidence.gaps import Gaps
from merida.answers.evidence.known import Show as ShowEvidence
from merida.brief.findings import Findings, Studied
from merida.brief.parts import say
from merida.charts import evidence as charts
from merida.charts.theme import specification
from merida.claims.claims import both
from merida.document.blocks import Block, Grid, Paragraph, Picture, Points, Value
from merida.document.drawing import drawn
from merida.evidence import Register
from merida.evidence.known import Known, Summary
from merida.facts.schema import Text
from merida.figure import Figure, Origin
from merida.parameters.standings import KNOWN_BY, Standing, how_known, known_by, totals
from merida.words import words

DRAWN = 2  # forests shown: more would weigh down the page
# What effects are shown on, each in tables of its own: no column mixes outcomes or units.
OUTCOMES = ("elasticity", *reversed(KNOWN_BY))


def evidence(found: Findings) -> list[Block]:
    """Return the section."""
    return [
        *how_little(found),
        Paragraph((say("evidence.scale"),)),
        *programmes(found),
        *readings(found),
        *forests(found),
    ]


def show(found: Studied, name: str) -> ShowEvidence:
    """Return the question of what is known of a programme."""
    return ShowEvidence(name=name, as_of=found.as_of, framework=found.framework.source)


def figure(found: Studied, name: str, value: float, low: float, high: float, unit: str, note: str) -> Figure:
    """Return an estimate on a programme, with the question that gives it again."""
    return Figure(value, low, high, unit, "estimate", Origin((), note=note, request=show(found, name)))


def exactly(found: Studied, name: str, value: float, unit: str, note: str) -> Figure:
    """Return a count or a share, which has no interval of its own."""
    return figure(found, name, value, value, value, unit, note)


def how_little(found: Studied) -> list[Block]:
    """Return how many programmes rest on how much."""
    gaps = Origin(
        (), note="evidence_counts", request=Gaps(as_of=found.as_of, framework=found.framework.source)
    )

    def count(number: int, unit: str = "effects") -> Figure:
        return Figure(number, number, number, unit, "estimate", gaps)

    numbers = {name: count(number) for name, number in totals(found.standings).items()}
    lacks = ("none", "before_after", "mexican", "contested", "costs")
    return [
        Paragraph((say("evidence.lead"),)),
        Paragraph(
            (say("evidence.few", **{name: numbers[name] for name in ("programmes", "pulled", "few")}),)
        ),
        Points(tuple(say(f"evidence.{name}", **{name: numbers[name]}) for name in lacks)),
    ]


def effect(found: Studied, name: str, known: Known, one: Summary) -> Figure:
    """Return the change in percent of the studies' outcome at their dose, or an elasticity, in a new setting."""
    if known.elasticity:
        return figure(found, name, one.median, one.low, one.high, "percent_for_percent", "effect_elasticity")
    middle, low, high = (100 * math.expm1(of) for of in (one.median, one.low, one.high))
    return figure(found, name, middle, low, high, "percent", "effect_law")


def chances(found: Studied, name: str, one: Summary) -> tuple[Figure, Figure]:
    """Return the probabilities of harm and of benefit in percent."""
    return (
        exactly(found, name, 100 * one.harm, "percent_whole", "effect_harm"),
        exactly(found, name, 100 * one.benefit, "percent_whole", "effect_benefit"),
    )


def outcome_of(found: Studied, one: Standing) -> str | None:
    """Return on what a programme's effect is shown, one of `OUTCOMES`, or None where no study could speak to it."""
    if one.known is None:
        return None
    return "elasticity" if one.known.elasticity else known_by(found.framework.programmes[one.programme])


def named(outcome: str) -> dict[str, Value]:
    """Return the outcome and the unit that the head of a table of effects names."""
    return {name: both(f"brief.evidence.outcomes.{outcome}.{name}") for name in ("outcome", "unit")}


def programmes(found: Studied) -> list[Block]:
    """Return a table for each outcome: effect, harm and benefit, what was measured, and how it is known."""
    tables = [of_outcome(found, outcome) for outcome in OUTCOMES]
    rest = tuple(
        (
            title(found, one.programme),
            both(f"basis.{how_known(found.framework.programmes[one.programme].lever, None)}"),
        )
        for one in found.standings
        if one.known is None
    )
    unstudied = Grid("programmes_unstudied", ("programme", "basis"), rest)
    return [one for one in (*tables, unstudied) if one.rows]


def of_outcome(found: Studied, outcome: str) -> Grid:
    """Return the table of the programmes whose effect is on one outcome; those that share an effect share a line."""
    shared: dict[str, list[Standing]] = {}
    for one in found.standings:
        if one.known is not None and outcome_of(found, one) == outcome:
            shared.setdefault(one.known.path, []).append(one)
    rows: list[tuple[Value, ...]] = []
    for ones in shared.values():
        name, known = ones[0].programme, ones[0].known
        assert known is not None  # only those with an effect were taken
        law = known.distribution
        rows.append(
            (
                titles(found, [one.programme for one in ones]),
                measured(known),
                effect(found, name, known, known.whole),
                *chances(found, name, known.whole),
                exactly(found, name, len(set(law.studies)), "studies", "effect_studies"),
                exactly(found, name, law.with_figure, "clusters", "effect_figures"),
                exactly(found, name, 100 * law.share_from_data, "percent_whole", "effect_share"),
                both(f"basis.{known.basis}"),
            )
        )
    columns = ("programme", "measured", "effect", "harm", "benefit", "studies", "figures", "share", "basis")
    return Grid("programmes", columns, tuple(rows), named(outcome))


def measured(known: Known) -> Text | None:
    """Return the kinds of outcome that the studies of an effect measured, or None where there is no study."""
    classes = dict(Register().listed.select("study", "outcome_class").iter_rows())
    kinds = dict.fromkeys(classes[study] for study in known.counted["study"])
    if not kinds:
        return None
    return Text(
        **{to: "; ".join(words(to).text(f"evidence.classes.{kind}") for kind in kinds) for to in ("en", "es")}
    )


def titles(found: Studied, names: Sequence[str]) -> Text:
    """Return the titles of programmes in one text."""
    several = [title(found, name) for name in names]
    return Text(en="; ".join(one.en for one in several), es="; ".join(one.es for one in several))


def title(found: Studied, name: str) -> Text:
    """Return a programme's title in both languages."""
    text = found.framework.programmes[name].title
    return Text(en=text.en, es=text.es)


def readings(found: Studied) -> list[Block]:
    """Return the readings of each contested effect with their weights, a table for each outcome."""
    tables = [of_readings(found, outcome) for outcome in OUTCOMES]
    shown = [one for one in tables if one.rows]
    return [Paragraph((say("evidence.contradict"),)), *shown] if shown else []


def of_readings(found: Studied, outcome: str) -> Grid:
    """Return the readings of the contested effects on one outcome, once where several programmes share them."""
    shared: dict[str, list[str]] = {}
    contested: dict[str, Known] = {}
    for one in found.standings:
        if one.known is not None and one.known.distribution.contested and outcome_of(found, one) == outcome:
            contested[one.known.path] = one.known
            shared.setdefault(one.known.path, []).append(one.programme)
    rows: list[tuple[Value, ...]] = []
    for path, known in contested.items():
        name = shared[path][0]
        for reading in known.readings:
            label = reading.reading or ""
            counted = known.counted.filter(known.counted["reading"] == label)["study"].n_unique()
            rows.append(
                (
                    titles(found, shared[path]),
                    Text(en=words("en").named("readings", label), es=words("es").named("readings", label)),
                    exactly(found, name, 100 * reading.weight, "percent_whole", "reading_weight"),
                    effect(found, name, known, reading),
                    *chances(found, name, reading),
                    exactly(found, name, counted, "studies", "effect_studies"),
                )
            )
    columns = ("programme", "reading", "weight", "effect", "harm", "benefit", "studies")
    return Grid("readings", columns, tuple(rows), named(outcome))


def forests(found: Findings) -> list[Block]:
    """Return the forest charts of the programmes that rank first among those with a figure."""
    by_name = {one.programme: one for one in found.standings}
    chosen: dict[str, Standing] = {}
    for name in (line.programme for line in found.ranking.programmes):
        known = by_name[name].known
        if known is not None and known.distribution.with_figure:
            chosen.setdefault(known.path, by_name[name])
    return [picture(found, one.programme, one.known) for one in list(chosen.values())[:DRAWN] if one.known]


def picture(found: Studied, name: str, known: Known) -> Picture:
    """Return the forest chart of one programme."""
    return Picture(
        "effects",
        lambda said: drawn(
            specification(charts.forest(*charts.shown(known, said), said, elasticity=known.elasticity))
        ),
        {"name": title(found, name)},
        (Origin((), request=show(found, name)),),
        ("caption",),
    )
