"""What plans can be expected to do, and how sure that is."""

from __future__ import annotations

from merida.brief.findings import Compared, Findings
from merida.brief.parts import say
from merida.brief.sections.evidence import OUTCOMES, both, chances, effect, outcome_of, title, titles
from merida.brief.sections.evidence import named as outcome_named
from merida.claims.claims import recommendations
from merida.decide.allocation import BEST
from merida.decide.grouping import SURE
from merida.document.blocks import Block, Grid, Paragraph, Points, Sentence, Value
from merida.ensemble.lines import Driver
from merida.ensemble.summary import Difference
from merida.facts.schema import Text
from merida.figure import Figure, Kind, Origin
from merida.parameters.parameters import entries
from merida.parameters.registry import PROGRAMME_UNITS
from merida.parameters.standings import how_known
from merida.words import words

BASIS = ("homicides_year", "appropriations")  # what every run rests on first


def plans(found: Findings) -> list[Block]:
    """Return the section."""
    return [
        Paragraph((say("plans.lead"), say("plans.intervals"), say("plans.programmes"))),
        Paragraph((when(found), say("plans.dollars", base_year=found.framework.base_year))),
        *recommended(found),
        side_by_side(found),
        Paragraph((verdict(found), *costs(found))),
        Paragraph((say("plans.change"),)),
        *drivers(found),
        additionality(found),
        *ranked(found),
    ]


def when(found: Findings) -> Sentence:
    """Return why plans begin when they do, and until when they spend and are judged."""
    framework, start = found.framework, found.start
    return say(
        "plans.years_as_of" if found.as_of else "plans.years",
        start=start,
        end=start + framework.spending_years - 1,
        until=start + framework.evaluation_years - 1,
    )


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


def chance(found: Findings, share: float, note: str, command: str = "") -> Figure:
    """Return a probability in percent: a share of draws, which has no interval of its own."""
    of = 100 * share
    return figure(found, of, of, of, "percent_whole", note, command=command)


def recommended(found: Findings) -> list[Block]:
    """Return the memorandum's recommendations with what is now expected of the programmes that they concern.

    There is a table for each outcome, and one of the programmes to which no study could speak.
    """
    standing = {one.programme: one for one in found.standings}
    rows: dict[str | None, list[tuple[Value, ...]]] = {outcome: [] for outcome in (*OUTCOMES, None)}
    for one in recommendations().values():
        shared: dict[str, list[str]] = {}
        for name in one.programmes:
            if name in standing:
                known = standing[name].known
                shared.setdefault(known.path if known else name, []).append(name)
        for names in shared.values():
            of, programmes = standing[names[0]], titles(found, names)
            if of.known is None:
                how = both(f"basis.{how_known(found.framework.programmes[names[0]].lever, None)}")
                rows[None].append((one.said, programmes, how))
                continue
            law = of.known.whole
            expected = (effect(found, names[0], of.known, law), *chances(found, names[0], law))
            rows[outcome_of(found, of)].append((one.said, programmes, *expected))
    columns = ("recommendation", "programme", "effect", "harm", "benefit")
    tables = [Grid("recommendations", columns, tuple(rows[name]), outcome_named(name)) for name in OUTCOMES]
    unstudied = Grid("recommendations_unstudied", ("recommendation", "programme", "basis"), tuple(rows[None]))
    return [one for one in (*tables, unstudied) if one.rows]


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
    columns = ("plan", "foreign", "home", "averted_5", "averted_15", "better", "harm")
    return Grid("plans", columns, tuple(rows), {"base_year": found.framework.base_year})


def plan_name(one: Compared) -> Text:
    """Return a plan's name in both languages; a framework's own plan keeps its name."""
    key = f"plan_names.{one.name}"
    if not words("en").has(key):
        return Text(en=one.name, es=one.name)
    return Text(en=words("en").text(key), es=words("es").text(key))


def dollars(found: Findings, usd: float) -> Figure:
    """Return a plan's yearly dollars: the plan's own figure, an assumption without a range."""
    millions = usd / 1e6
    return figure(found, millions, millions, millions, "usd_million_constant", "plan_dollars", "assumption")


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
        ends = (cost.value / 1e6, cost.low / 1e6, cost.high / 1e6)
        value = figure(found, *ends, "usd_million_constant_2", "plan_cost")
        sentences.append(say("plans.cost", usd=value, base_year=found.framework.base_year))
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
        (named(found, one), unit(found, one), assumption(found, one), correlation(found, one))
        for one in found.drivers
    )
    return [Grid("drivers", ("parameter", "unit", "range", "correlation"), rows)]


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


def unit(found: Findings, one: Driver) -> Text:
    """Return the unit of a parameter, in both languages; dollars are those of the framework's base year."""
    last = one.path.split(".")[-1]
    name = entries()[one.path].unit if one.path in entries() else PROGRAMME_UNITS.get(last, "")
    name = name or (
        "months" if last.endswith("months") else "share"
    )  # the fitted laws of delivery hold these two
    if name == "usd":
        year = found.framework.base_year
        return Text(**{to: words(to).text("brief.plans.usd", base_year=year) for to in ("en", "es")})
    return both(f"parameter_units.{name}")


def assumption(found: Findings, one: Driver) -> Figure:
    """Return a parameter's median and range."""
    median, low, high = found.assumed[one.path]
    graded = one.path in entries() and entries()[one.path].grade == "evidence"
    kind: Kind = "estimate" if graded else "assumption"
    shown = "plain_large" if abs(median) >= 100 else "plain"
    return figure(found, median, low, high, shown, "parameter_draws", kind)


def correlation(found: Findings, one: Driver) -> Figure:
    """Return a rank correlation, as the draws have it."""
    of = one.correlation
    return figure(found, of, of, of, "plain", "rank_correlation")


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

    groups, year = len(ranking.grouping.groups), dict[str, Value](base_year=found.framework.base_year)
    sure = count(100 * SURE, "percent_whole", "ranking_sure", "assumption")
    sentences = [
        say("plans.told_apart", groups=count(groups, "groups", "ranking_groups"), sure=sure, **year)
        if ranking.grouping.told_apart
        else say("plans.not_told_apart", sure=sure, **year),
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
    rows = tuple(
        (
            title(found, row.programme),
            count(row.group, "group", "ranking_groups"),
            chance(found, row.first, "ranking_first", command),
            figure(found, row.median, row.low, row.high, "deaths_2", "ranking_averted", command=command),
            count(row.mean, "deaths_2", "ranking_mean"),
        )
        for row in ranking.rows
    )
    columns = ("programme", "group", "first", "averted", "mean")
    return [Paragraph(tuple(sentences)), Grid("ranking", columns, rows, year), *moved(found, command)]


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
