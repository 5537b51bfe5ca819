"""What plans can be expected to do, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence

from merida.brief.findings import Compared, Findings
from merida.brief.parts import say
from merida.brief.sections.evidence import chances, effect, title
from merida.claims.claims import recommendations
from merida.decide.allocation import BEST
from merida.decide.grouping import SURE
from merida.document.blocks import Block, Grid, Paragraph, Points, Sentence, Value
from merida.ensemble.lines import Driver
from merida.ensemble.summary import Difference
from merida.facts.schema import Text
from merida.figure import Figure, Kind, Origin
from merida.parameters.parameters import entries
from merida.words import words

BASIS = ("homicides_year", "appropriations")  # what every run rests on first


def plans(found: Findings) -> list[Block]:
    """Return the section."""
    return [
        Paragraph((say("plans.lead"), say("plans.intervals"), say("plans.programmes"))),
        *recommended(found),
        side_by_side(found),
        Paragraph((verdict(found), *costs(found))),
        Paragraph((say("plans.change"),)),
        *drivers(found),
        additionality(found),
        *ranked(found),
    ]


def figure(
    found: Findings,
    value: float,
    low: float,
    high: float,
    unit: str,
    note: str,
    kind: Kind = "estimate",
    command: str = "",
) -> Figure:
    """Return an estimate of the run, or an assumption of it, with the command that gives it again."""
    command = command or f"merida compare {found.own} continuation none --draws {found.draws}"
    origin = Origin(BASIS, note=note, command=f"{command} --seed {found.seed}")
    return Figure(value, low, high, unit, kind, origin)


def searched(found: Findings) -> str:
    """Return the command that gives the best plan again."""
    budget = next(one.foreign_usd_year for one in found.plans if one.name == found.own)
    return f"merida allocate --budget {budget:.0f} --draws {found.draws}"


def chance(found: Findings, share: float, note: str, draws: int | None = None, command: str = "") -> Figure:
    """Return a probability in percent; its interval is that of so many draws (Wilson, 1927)."""
    n, z = found.draws if draws is None else draws, 1.645
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    low, high = max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))
    return figure(found, 100 * share, 100 * low, 100 * high, "percent_whole", note, command=command)


def recommended(found: Findings) -> list[Block]:
    """Return the memorandum's recommendations with what is now expected of the programmes that they concern."""
    rows: list[tuple[Value, ...]] = []
    by_name = {one.programme: one.known for one in found.standings}
    for one in recommendations().values():
        for name in one.programmes:
            if name not in by_name:
                continue
            known = by_name[name]
            expected: tuple[Value, ...] = (None, None, None)
            if known is not None:
                expected = (effect(found, name, known, known.whole), *chances(found, name, known.whole))
            rows.append((one.said, title(found, name), *expected))
    columns = ("recommendation", "programme", "effect", "harm", "benefit")
    return [Grid("recommendations", columns, tuple(rows))] if rows else []


def side_by_side(found: Findings) -> Grid:
    """Return the table of plans against the continuation."""
    rows: list[tuple[Value, ...]] = [
        (
            plan_name(one),
            dollars(found, one.foreign_usd_year),
            dollars(found, one.home_usd_year),
            *(
                averted(found, one.by_window[years], searched(found) if one.name == BEST else "")
                for years in sorted(one.by_window)
            ),
            chance(found, one.by_window[max(one.by_window)].better, "plan_chance"),
            chance(found, one.by_window[max(one.by_window)].worse, "plan_chance"),
        )
        for one in found.plans
    ]
    return Grid(
        "plans", ("plan", "foreign", "home", "averted_5", "averted_15", "better", "harm"), tuple(rows)
    )


def plan_name(one: Compared) -> Text:
    """Return a plan's name in both languages; a framework's own plan keeps its name."""
    key = f"plan_names.{one.name}"
    if not words("en").has(key):
        return Text(en=one.name, es=one.name)
    return Text(en=words("en").text(key), es=words("es").text(key))


def dollars(found: Findings, usd: float) -> Figure:
    """Return a plan's yearly dollars: the plan's own figure, an assumption without a range."""
    millions = usd / 1e6
    return figure(found, millions, millions, millions, "usd_million", "plan_dollars", "assumption")


def averted(found: Findings, difference: Difference, command: str = "") -> Figure:
    """Return homicides averted against the continuation."""
    of = difference.averted
    return figure(found, of.value, of.low, of.high, "deaths", "plan_averted", command=command)


def verdict(found: Findings) -> Sentence:
    """Return whether the evidence separates the framework's plan from the continuation."""
    last = found.plans[0].by_window[max(found.plans[0].by_window)].averted
    return say("plans.separated" if last.low > 0 or last.high < 0 else "plans.not_separated")


def costs(found: Findings) -> list[Sentence]:
    """Return the cost per homicide averted of the framework's plan, or why there is none, and the best plan."""
    cost = found.plans[0].cost
    sentences = []
    if cost is None:
        sentences.append(say("plans.cost_withheld"))
    elif cost.value is None:
        sentences.append(say("plans.cost_none"))
    elif cost.low is not None and cost.high is not None:
        value = figure(found, cost.value / 1e6, cost.low / 1e6, cost.high / 1e6, "usd_million_2", "plan_cost")
        sentences.append(say("plans.cost", usd=value))
    else:
        sentences.append(say("plans.cost_open"))
    best = found.allocation
    share = best.beats[best.best_rule]
    if best.chosen in best.beats:
        sentences.append(say(f"plans.best_is.{best.chosen}"))
    elif share is not None:
        sentences.append(say("plans.best_found", share=chance(found, share, "plan_chance")))
    if best.placement is not None:
        to_move = 100 * best.placement
        moved = figure(
            found, to_move, to_move, to_move, "percent_whole", "plan_placement", "assumption", searched(found)
        )
        sentences.append(say("plans.placement", share=moved))
    return sentences


def drivers(found: Findings) -> list[Block]:
    """Return what would change the answer: the parameters that go with it, with their ranges."""
    if not found.drivers:
        return [Paragraph((say("plans.no_driver"),))]
    rows = tuple(
        (named(found, one), assumption(found, one), correlation(found, one)) for one in found.drivers
    )
    return [Grid("drivers", ("parameter", "range", "correlation"), rows)]


def named(found: Findings, one: Driver) -> Text:
    """Return what a parameter is, in both languages."""
    if one.path in entries():
        entry = entries()[one.path]
        return Text(**{to: f"{one.path}: {entry.note_in(to)}" for to in ("en", "es")})
    parts = one.path.split(".")
    if parts[0] == "programme":
        title = found.framework.programmes[parts[1]].title
        said = {to: words(to).text(f"programme_fields.{parts[2]}") for to in ("en", "es")}
        return Text(en=f"{title.en}: {said['en']}", es=f"{title.es}: {said['es']}")
    said = {to: words(to).text(f"fitted.{parts[-1].removeprefix('foreign_')}") for to in ("en", "es")}
    return Text(en=said["en"], es=said["es"])


def assumption(found: Findings, one: Driver) -> Figure:
    """Return a parameter's median and range."""
    median, low, high = found.assumed[one.path]
    graded = one.path in entries() and entries()[one.path].grade == "evidence"
    kind: Kind = "estimate" if graded else "assumption"
    unit = "plain_large" if abs(median) >= 100 else "plain"
    return figure(found, median, low, high, unit, "parameter_draws", kind)


def correlation(found: Findings, one: Driver) -> Figure:
    """Return a rank correlation with its sampling interval (Fisher's z)."""
    z, half = math.atanh(one.correlation), 1.645 / math.sqrt(max(found.draws - 3, 1))
    return figure(
        found, one.correlation, math.tanh(z - half), math.tanh(z + half), "plain", "rank_correlation"
    )


def additionality(found: Findings) -> Points:
    """Return how the comparison moves with the part of each dollar that is additional."""
    return Points(
        tuple(
            say(
                "plans.additionality",
                share=figure(
                    found,
                    100 * share,
                    100 * share,
                    100 * share,
                    "percent_whole",
                    "additionality",
                    "assumption",
                ),
                averted=averted(found, difference),
            )
            for share, difference in found.additionality.items()
        )
    )


def ranked(found: Findings) -> list[Block]:
    """Return the programmes in groups of which nothing is told apart, and what changes the best group."""
    ranking, command = found.ranking, f"merida rank --draws {found.ranking_draws}"

    def count(number: float, unit: str, note: str, kind: Kind = "estimate") -> Figure:
        return figure(found, number, number, number, unit, note, kind, command)

    groups = len(ranking.grouping.groups)
    sure = count(100 * SURE, "percent_whole", "ranking_sure", "assumption")
    sentences = [
        say("plans.told_apart", groups=count(groups, "groups", "ranking_groups"), sure=sure)
        if ranking.grouping.told_apart
        else say("plans.not_told_apart", sure=sure),
        say(
            "plans.ranking",
            found=count(ranking.with_study, "effects", "ranking_rests"),
            of=count(len(ranking.rows), "effects", "ranking_rests"),
        ),
    ]
    if not ranking.grouping.settled:
        sentences.append(
            say(
                "plans.not_settled",
                draws=count(ranking.grouping.draws, "draws", "ranking_groups", "assumption"),
            )
        )
    rows: list[tuple[Value, ...]] = []
    for row in ranking.rows:
        title = found.framework.programmes[row.programme].title
        ends = (min(row.low, row.mean), max(row.high, row.mean))  # a mean can lie beyond nine in ten draws
        rows.append(
            (
                Text(en=title.en, es=title.es),
                count(row.group, "group", "ranking_groups"),
                chance(found, row.first, "ranking_first", ranking.grouping.draws, command),
                figure(found, row.median, row.low, row.high, "deaths_2", "ranking_averted", command=command),
                figure(found, row.mean, *ends, "deaths_2", "ranking_mean", command=command),
            )
        )
    columns = ("programme", "group", "first", "averted", "mean")
    return [Paragraph(tuple(sentences)), Grid("ranking", columns, tuple(rows)), *moved(found, command)]


def moved(found: Findings, command: str) -> list[Block]:
    """Return which programmes enter or leave the best group where something else is assumed."""
    ranking = found.ranking
    cases = [
        ("plans.if_additional", 100 * share, "percent_whole", one)
        for share, one in ranking.additionality.items()
    ]
    cases += [("plans.if_years", years, "years", one) for years, one in ranking.windows.items()]
    told = []
    for key, value, unit, grouping in cases:
        assumed = figure(found, value, value, value, unit, "ranking_assumed", "assumption", command)
        for verb, names in (("enter", ranking.enters(grouping)), ("leave", ranking.leaves(grouping))):
            if names:
                told.append(say(f"{key}.{verb}", assumed=assumed, programmes=titles(found, names)))
    if not told:
        return [Paragraph((say("plans.none_moves"),))]
    return [Points(tuple(told))]


def titles(found: Findings, names: Sequence[str]) -> Text:
    """Return the titles of programmes in one text."""
    several = [found.framework.programmes[name].title for name in names]
    return Text(en="; ".join(title.en for title in several), es="; ".join(title.es for title in several))
