"""What the evidence says of each programme, and how little that is."""

from __future__ import annotations

import math

from merida.brief.findings import Findings
from merida.brief.parts import say
from merida.charts import evidence as charts
from merida.charts.theme import specification, svg
from merida.document.blocks import Block, Grid, Paragraph, Picture, Points, Value
from merida.evidence.known import Known, Summary
from merida.facts.schema import Text
from merida.figure import Figure, Origin
from merida.parameters.standings import Standing, how_known, totals
from merida.words import words

DRAWN = 2  # forests shown: more would weigh down the page


def evidence(found: Findings) -> list[Block]:
    """Return the section."""
    return [
        *how_little(found),
        programmes(found),
        Paragraph((say("evidence.scale"),)),
        *readings(found),
        *forests(found),
    ]


def command(found: Findings, rest: str) -> str:
    """Return a command on the portrait's framework."""
    other = "" if found.framework.name == "merida" else f" --framework {found.framework.source}"
    return f"merida evidence {rest}{other}"


def figure(found: Findings, name: str, value: float, low: float, high: float, unit: str, note: str) -> Figure:
    """Return an estimate on a programme, with the command that gives it again."""
    return Figure(
        value, low, high, unit, "estimate", Origin((), note=note, command=command(found, f"show {name}"))
    )


def exactly(found: Findings, name: str, value: float, unit: str, note: str) -> Figure:
    """Return a count or a share, which has no interval of its own."""
    return figure(found, name, value, value, value, unit, note)


def how_little(found: Findings) -> list[Block]:
    """Return how many programmes rest on how much."""
    gaps = Origin((), note="evidence_counts", command=command(found, "gaps"))

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


def effect(found: Findings, name: str, known: Known, one: Summary) -> Figure:
    """Return the change in percent of the studies' outcome at their dose, or an elasticity, in a new setting."""
    if known.elasticity:
        return figure(found, name, one.median, one.low, one.high, "percent_for_percent", "effect_elasticity")
    middle, low, high = (100 * math.expm1(of) for of in (one.median, one.low, one.high))
    return figure(found, name, middle, low, high, "percent", "effect_law")


def chances(found: Findings, name: str, one: Summary) -> tuple[Figure, Figure]:
    """Return the probabilities of harm and of benefit in percent."""
    return (
        exactly(found, name, 100 * one.harm, "percent_whole", "effect_harm"),
        exactly(found, name, 100 * one.benefit, "percent_whole", "effect_benefit"),
    )


def programmes(found: Findings) -> Grid:
    """Return the table of programmes: effect, harm and benefit, studies and figures, and how it is known."""
    rows: list[tuple[Value, ...]] = []
    for one in found.standings:
        programme, known = found.framework.programmes[one.programme], one.known
        how = both(f"basis.{known.basis if known else how_known(programme.lever, None)}")
        if known is None:
            rows.append((title(found, one.programme), *[None] * 6, how))
            continue
        rows.append(
            (
                title(found, one.programme),
                effect(found, one.programme, known, known.whole),
                *chances(found, one.programme, known.whole),
                exactly(
                    found, one.programme, len(set(known.distribution.studies)), "studies", "effect_studies"
                ),
                exactly(found, one.programme, known.distribution.with_figure, "clusters", "effect_figures"),
                exactly(
                    found,
                    one.programme,
                    100 * known.distribution.share_from_data,
                    "percent_whole",
                    "effect_share",
                ),
                how,
            )
        )
    columns = ("programme", "effect", "harm", "benefit", "studies", "figures", "share", "basis")
    return Grid("programmes", columns, tuple(rows))


def title(found: Findings, name: str) -> Text:
    """Return a programme's title in both languages."""
    text = found.framework.programmes[name].title
    return Text(en=text.en, es=text.es)


def both(key: str) -> Text:
    """Return a text of ``words/`` in both languages."""
    return Text(en=words("en").text(key), es=words("es").text(key))


def readings(found: Findings) -> list[Block]:
    """Return the readings of each contested effect with their weights, once where several programmes share it."""
    shared: dict[str, list[str]] = {}
    contested: dict[str, Known] = {}
    for one in found.standings:
        if one.known is not None and one.known.distribution.contested:
            contested[one.known.path] = one.known
            shared.setdefault(one.known.path, []).append(one.programme)
    rows: list[tuple[Value, ...]] = []
    for path, known in contested.items():
        titles = [title(found, name) for name in shared[path]]
        together = Text(en="; ".join(one.en for one in titles), es="; ".join(one.es for one in titles))
        name = shared[path][0]
        for reading in known.readings:
            label = reading.reading or ""
            counted = known.counted.filter(known.counted["reading"] == label)["study"].n_unique()
            rows.append(
                (
                    together,
                    Text(en=words("en").named("readings", label), es=words("es").named("readings", label)),
                    exactly(found, name, 100 * reading.weight, "percent_whole", "reading_weight"),
                    effect(found, name, known, reading),
                    *chances(found, name, reading),
                    exactly(found, name, counted, "studies", "effect_studies"),
                )
            )
    if not rows:
        return []
    columns = ("programme", "reading", "weight", "effect", "harm", "benefit", "studies")
    return [Paragraph((say("evidence.contradict"),)), Grid("readings", columns, tuple(rows))]


def forests(found: Findings) -> list[Block]:
    """Return the forest charts of the programmes that rank first among those with a figure."""
    by_name = {one.programme: one for one in found.standings}
    chosen: dict[str, Standing] = {}
    for name in found.ranking.order:
        known = by_name[name].known
        if known is not None and known.distribution.with_figure:
            chosen.setdefault(known.path, by_name[name])
    return [picture(found, one.programme, one.known) for one in list(chosen.values())[:DRAWN] if one.known]


def picture(found: Findings, name: str, known: Known) -> Picture:
    """Return the forest chart of one programme."""
    return Picture(
        "effects",
        lambda said: svg(
            specification(charts.forest(*charts.shown(known, said), said, elasticity=known.elasticity))
        ),
        {"name": title(found, name)},
        (Origin((), command=command(found, f"show {name}")),),
        ("caption",),
    )
