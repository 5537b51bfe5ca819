"""What plans can be expected to do, and how sure that is."""

from __future__ import annotations

from merida.answers import Request
from merida.brief.findings import WINDOWS, Findings
from merida.brief.parts import plan_called, say
from merida.brief.sections.evidence import OUTCOMES, chances, effect, outcome_of, title, titles
from merida.brief.sections.evidence import named as outcome_named
from merida.claims.claims import both, recommendations
from merida.decide.said.lines import DriverLine, WindowLine
from merida.document.blocks import Block, Grid, Paragraph, Points, Sentence, Value
from merida.ensemble.lines import Comparison
from merida.facts.schema import Text
from merida.figure import Figure, Kind, Origin
from merida.parameters.parameters import entries
from merida.parameters.registry import PROGRAMME_UNITS
from merida.parameters.routes import has_way
from merida.parameters.standings import how_known, known_by
from merida.statistics.grouping import SURE
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
        before=start - 1,
        end=start + framework.spending_years - 1,
        until=start + framework.evaluation_years - 1,
    )


def figure(
    request: Request,
    value: float,
    low: float,
    high: float,
    unit: str,
    note: str,
    kind: Kind = "estimate",
) -> Figure:
    """Return an estimate of a run, or an assumption of it, with the question that gives it again."""
    return Figure(value, low, high, unit, kind, Origin(BASIS, note=note, request=request))


def chance(request: Request, share: float, note: str) -> Figure:
    """Return a probability in percent: a share of draws, which has no interval of its own."""
    of = 100 * share
    return figure(request, of, of, of, "percent_whole", note)


def recommended(found: Findings) -> list[Block]:
    """Return the memorandum's recommendations with what is now expected of the programmes that they concern.

    There is a table for each outcome, and one of the programmes to which no study could speak, or which no known way
    connects to the outcome.
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
            lever = found.framework.programmes[names[0]].lever
            if of.known is None or not acts(found, names[0]):
                how = both(f"basis.{how_known(lever, None)}")
                rows[None].append((one.said, programmes, how))
                continue
            law = of.known.whole
            expected = (effect(found, names[0], of.known, law), *chances(found, names[0], law))
            rows[outcome_of(found, of)].append((one.said, programmes, *expected))
    columns = ("recommendation", "programme", "effect", "harm", "benefit")
    tables = [Grid("recommendations", columns, tuple(rows[name]), outcome_named(name)) for name in OUTCOMES]
    unstudied = Grid("recommendations_unstudied", ("recommendation", "programme", "basis"), tuple(rows[None]))
    return [one for one in (*tables, unstudied) if one.rows]


def acts(found: Findings, name: str) -> bool:
    """Return whether a known way connects a programme to the outcome by which it is known."""
    programme = found.framework.programmes[name]
    outcome = known_by(programme)
    return programme.lever is not None and outcome is not None and has_way(programme.lever, outcome)


def side_by_side(found: Findings) -> Grid:
    """Return the table of plans against the continuation."""
    rows: list[tuple[Value, ...]] = []
    for one in found.plans:
        windows = {line.years: line for line in one.windows}
        shown = [windows[years] for years in WINDOWS if years in windows] or [one.windows[-1]]
        rows.append(
            (
                plan_called(one.plan),
                dollars(found, one.foreign_usd_year),
                dollars(found, one.home_usd_year),
                *(averted(found.search, line) for line in shown),
                chance(found.search, shown[-1].p_better, "plan_chance"),
                chance(found.search, shown[-1].p_harm, "plan_chance"),
            )
        )
    columns = ("plan", "foreign", "home", "averted_5", "averted_15", "better", "harm")
    return Grid("plans", columns, tuple(rows), {"base_year": found.framework.base_year})


def dollars(found: Findings, usd: float) -> Figure:
    """Return a plan's yearly dollars: the plan's own figure, an assumption without a range."""
    millions = usd / 1e6
    return figure(
        found.search, millions, millions, millions, "usd_million_constant", "plan_dollars", "assumption"
    )


def averted(request: Request, of: WindowLine | Comparison) -> Figure:
    """Return homicides averted against the continuation."""
    return figure(request, of.averted, of.low, of.high, "deaths", "plan_averted")


def verdict(found: Findings) -> Sentence:
    """Return whether the evidence separates the framework's plan from the continuation."""
    last = found.plans[0].windows[-1]
    return say("plans.separated" if last.low > 0 or last.high < 0 else "plans.not_separated")


def in_short(found: Findings) -> Paragraph:
    """Return what the first page says of the framework's plan: what it averts, what it costs, and for each homicide."""
    last = found.plans[0].windows[-1]
    said = say(
        "plans.in_short",
        averted=averted(found.search, last),
        start=found.start,
        until=found.start + last.years - 1,
    )
    return Paragraph((said, verdict(found), *per_homicide(found)))


def per_homicide(found: Findings) -> list[Sentence]:
    """Return the cost per homicide averted of the framework's plan, by the money that can move homicide, or why not."""
    own, base_year = found.plans[0], found.framework.base_year
    cost, sentences = own.cost_per_homicide_averted, []
    if cost is not None:
        moving, whole = (dollars(found, usd) for usd in (cost.usd, own.usd_more))
        sentences.append(say("plans.money_moving", whole=whole, moving=moving, base_year=base_year))
    if cost is None:
        sentences.append(say("plans.cost_withheld"))
    elif cost.value is None:
        sentences.append(say("plans.cost_none"))
    elif cost.low is not None and cost.high is not None:
        ends = (cost.value / 1e6, cost.low / 1e6, cost.high / 1e6)
        value = figure(found.search, *ends, "usd_million_constant_2", "plan_cost")
        sentences.append(say("plans.cost", usd=value, base_year=base_year))
    else:
        usd, best = (
            figure(found.search, end, end, end, "usd_million_constant_2", "plan_cost")
            for end in (cost.value / 1e6, (cost.low or 0.0) / 1e6)
        )
        sentences.append(say("plans.cost_open", usd=usd, best=best, base_year=base_year))
    return sentences


def costs(found: Findings) -> list[Sentence]:
    """Return what the framework's plan costs for each homicide averted, and the best plan."""
    sentences = per_homicide(found)
    best = found.allocation
    beats = {line.plan: line.p_best_beats for line in best.rules}
    share = beats[best.best_rule]
    if best.chosen in beats:
        sentences.append(say(f"plans.best_is.{best.chosen}"))
    elif share is not None:
        sentences.append(say("plans.best_found", share=chance(found.search, share, "plan_chance")))
    if best.placement_to_move is not None:
        to_move = 100 * best.placement_to_move
        moved = figure(
            found.search, to_move, to_move, to_move, "percent_whole", "plan_placement", "assumption"
        )
        sentences.append(say("plans.placement", share=moved))
    return sentences


def drivers(found: Findings) -> list[Block]:
    """Return what would change the answer: the parameters that go with it, with their ranges."""
    found_drivers = found.plans[0].drivers
    if not found_drivers:
        return [Paragraph((say("plans.no_driver"),))]
    rows = tuple(
        (named(found, one), unit(found, one), assumption(found, one), correlation(found, one))
        for one in found_drivers
    )
    return [Grid("drivers", ("parameter", "unit", "range", "correlation"), rows)]


def named(found: Findings, one: DriverLine) -> Text:
    """Return what a parameter is, in both languages."""
    if one.path in entries():
        entry = entries()[one.path]
        return Text(**{to: f"{one.path}: {entry.note_in(to)}" for to in ("en", "es")})
    parts = one.path.split(".")
    if parts[0] == "programme":
        title = found.framework.programmes[parts[1]].title
        said = {to: words(to).text(f"programme_fields.{parts[2]}") for to in ("en", "es")}
        return Text(en=f"{title.en}: {said['en']}", es=f"{title.es}: {said['es']}")
    law, _, lag = parts[-1].partition("_")
    said = {
        to: words(to).text(f"fitted.{lag}", law=words(to).text(f"fitted.laws.{law}")) for to in ("en", "es")
    }
    return Text(en=said["en"], es=said["es"])


def unit(found: Findings, one: DriverLine) -> Text:
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


def assumption(found: Findings, one: DriverLine) -> Figure:
    """Return a parameter's median and range."""
    median, low, high = one.median, one.low, one.high
    graded = one.path in entries() and entries()[one.path].grade == "evidence"
    kind: Kind = "estimate" if graded else "assumption"
    shown = "plain_large" if abs(median) >= 100 else "plain"
    return figure(found.search, median, low, high, shown, "parameter_draws", kind)


def correlation(found: Findings, one: DriverLine) -> Figure:
    """Return a rank correlation, as the draws have it."""
    of = one.correlation
    return figure(found.search, of, of, of, "plain", "rank_correlation")


def additionality(found: Findings) -> Points:
    """Return how the comparison moves with the part of each dollar that is additional."""

    def held(request: Request, share: float) -> Figure:
        percent = 100 * share
        return figure(request, percent, percent, percent, "percent_whole", "additionality", "assumption")

    return Points(
        tuple(
            say("plans.additionality", share=held(request, share), averted=averted(request, line))
            for share, (request, line) in found.additionality.items()
        )
    )


def ranked(found: Findings) -> list[Block]:
    """Return the programmes in groups of which nothing is told apart, and what changes the best group."""
    ranking, request = found.ranking, found.ranked

    def count(number: float, unit: str, note: str, kind: Kind = "estimate") -> Figure:
        return figure(request, number, number, number, unit, note, kind)

    groups, year = len(ranking.groups), dict[str, Value](base_year=found.framework.base_year)
    sure = count(100 * SURE, "percent_whole", "ranking_sure", "assumption")
    sentences = [
        say("plans.told_apart", groups=count(groups, "groups", "ranking_groups"), sure=sure, **year)
        if ranking.told_apart
        else say("plans.not_told_apart", sure=sure, **year),
        say(
            "plans.ranking",
            found=count(ranking.effects_with_study, "effects", "ranking_rests"),
            of=count(len(ranking.programmes), "effects", "ranking_rests"),
        ),
    ]
    if not ranking.settled:
        sentences.append(
            say(
                "plans.not_settled",
                draws=count(ranking.draws, "draws", "ranking_groups", "assumption"),
            )
        )
    rows = tuple(
        (
            title(found, row.programme),
            count(row.group, "group", "ranking_groups"),
            chance(request, row.first, "ranking_first"),
            figure(request, row.median, row.low, row.high, "deaths_2", "ranking_averted"),
            count(row.mean, "deaths_2", "ranking_mean"),
        )
        for row in ranking.programmes
    )
    columns = ("programme", "group", "first", "averted", "mean")
    return [Paragraph(tuple(sentences)), Grid("ranking", columns, rows, year), *moved(found)]


def moved(found: Findings) -> list[Block]:
    """Return which programmes enter or leave the best group where something else is assumed."""
    ranking = found.ranking
    cases = [
        ("plans.if_additional", 100 * float(share), "percent_whole", one)
        for share, one in ranking.additionality.items()
    ]
    cases += [("plans.if_years", float(years), "years", one) for years, one in ranking.years.items()]
    told = []
    for key, value, unit, grouping in cases:
        assumed = figure(found.ranked, value, value, value, unit, "ranking_assumed", "assumption")
        for verb, names in (("enter", grouping.enters), ("leave", grouping.leaves)):
            if names:
                told.append(say(f"{key}.{verb}", assumed=assumed, programmes=titles(found, names)))
    if not told:
        return [Paragraph((say("plans.none_moves"),))]
    return [Points(tuple(told))]
