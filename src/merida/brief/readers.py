"""The brief for one reader: a state, a municipality, a port, a pillar, a programme or a plan; six pages at most.

Each asks the questions that the program answers anyway, and shows their answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from merida.answers import Request
from merida.answers.border.delay import AskDelay
from merida.answers.border.invest import Invest
from merida.answers.evidence.known import Show as ShowEvidence
from merida.answers.plans.plan import ShowPlan
from merida.answers.plans.simulate import Simulate
from merida.answers.plans.usual import DRAWS
from merida.answers.violence.forecast import Forecast, fan_of
from merida.answers.violence.monitor import Monitor
from merida.border import find_place as find_port
from merida.brief.findings import Studied
from merida.brief.parts import plan_called, say
from merida.brief.portrait import Portrait
from merida.brief.sections import evidence
from merida.brief.sections.forecast import MONTHS
from merida.brief.sections.monitor import painter, shown
from merida.document.blocks import (
    Again,
    Block,
    Cell,
    Column,
    Document,
    Paragraph,
    Picture,
    Section,
    Sentence,
    Table,
)
from merida.errors import BriefError, EvidenceError, ViolenceError, nearest
from merida.facts.compiled import record_span
from merida.facts.schema import Text
from merida.framework import Plan, plan_named
from merida.framework.labels import labels
from merida.names import meant, nearest_names
from merida.parameters.standings import standings
from merida.places import find_place
from merida.violence.monitoring.cross_section import cross_section_of

PLACE_CHARTS = ("series", "rates")
PLACE_DRAWS, PORT_DRAWS = 300, 24
GAINS = 10  # lines of what would be gained at a port


@dataclass(frozen=True)
class Written:
    """What a reader's brief holds.

    Parameters
    ----------
    named : Text or str
        Whom it is for, as its title says.
    file : str
        The same in the name of its files.
    sections : tuple of Section
    plan : Plan or None
        The plan of which it speaks.
    """

    named: Text | str
    file: str
    sections: tuple[Section, ...]
    plan: Plan | None = None


def brief_for(reader: str, portrait: Portrait) -> tuple[Document, Plan | None]:
    """Return the brief for a reader in no language, and the plan of which it speaks.

    Parameters
    ----------
    reader : str
        A kind of `READERS`, a colon, and a code, a name or a file: ``state:08``, ``plan:my.toml``.

    Raises
    ------
    BriefError
        If there is no such kind of reader.
    MeridaError
        If there is none of that name; the message names the nearest.
    """
    kind, _, name = reader.partition(":")
    if kind not in READERS or not name.strip():
        raise BriefError(
            "unknown_reader", found=reader[:80], known=", ".join(READERS), nearest=nearest(kind, READERS)
        )
    made, facts = READERS[kind](name.strip(), portrait), portrait.facts
    file = re.sub(r"[^\w-]+", "-", made.file).strip("-")
    return (
        Document(
            facts.as_of or record_span()[1],
            facts.as_of,
            (),
            made.sections,
            facts.own_rows(),
            Sentence("brief.title_for", {"reader": made.named}),
            f"brief.{kind}-{file}",
        ),
        made.plan,
    )


def answered(portrait: Portrait, request: Request) -> tuple[Block, ...]:
    """Return what shows an answer, and the command that gives it again."""
    return (*portrait.ask(request).blocks(), Again((request,)))


def place(kind: str) -> Callable[[str, Portrait], Written]:
    """Return what writes for the places of a kind."""

    def write(name: str, portrait: Portrait) -> Written:
        facts = portrait.facts
        there = find_place(facts, f"{kind}:{name}" if name.isdigit() else name)
        if there.kind != kind:
            raise BriefError("reader_of_other_kind", found=name, kind=kind, other=there.text)
        watched = Monitor(place=there.text, **portrait.shared)
        found, across = portrait.ask(watched).result, cross_section_of(facts, portrait.seed)
        charts = [one for chart in PLACE_CHARTS for one in shown(chart, facts, across, found)]
        sections = [
            Section("place_now", (*answered(portrait, watched), *charts)),
            Section("place_next", tuple(ahead(there.text, portrait))),
        ]
        return Written(there.name, there.code, tuple(sections))

    return write


def ahead(place: str, portrait: Portrait) -> Iterator[Block]:
    """Yield the forecast of a place, with its chart."""
    request = Forecast(place=place, months=MONTHS, draws=PLACE_DRAWS, **portrait.shared)
    try:
        yield from answered(portrait, request)
    except ViolenceError:
        yield say("forecast.nothing")
        return
    fan = fan_of(portrait.ask(request).payload, by_month=False)
    yield Picture(fan.name, painter(fan), fan.values, fan.origins, ("caption",))


def port(name: str, portrait: Portrait) -> Written:
    """Return what is written for a port or a crossing of it."""
    there = find_port(portrait.facts, name)
    wanted = there.crossing or there.port.code
    delay = AskDelay(port=wanted, draws=PORT_DRAWS, **portrait.shared)
    gains = Invest(port=wanted, rows=GAINS, framework=portrait.framework.source, **portrait.shared)
    sections = (
        Section("port_delay", answered(portrait, delay)),
        Section("port_gains", answered(portrait, gains)),
    )
    return Written(there.name, wanted, sections)


def pillar(name: str, portrait: Portrait) -> Written:
    """Return what is written for a pillar: what studies say of its programmes, and what plans give them."""
    framework = portrait.framework
    called = {code: (one.title.en, one.title.es) for code, one in framework.pillars.items()}
    codes = meant(name, called)
    if len(codes) != 1:
        raise BriefError("unknown_pillar", found=name[:80], nearest=nearest_names(name, called))
    code = codes[0]
    of_pillar = [one for one, about in framework.programmes.items() if about.pillar == code]
    known = studied(portrait, of_pillar)
    title = framework.pillars[code].title
    aim = Sentence(
        "common.text", {"text": Text(en=framework.pillars[code].aim.en, es=framework.pillars[code].aim.es)}
    )
    sections = [
        Section(
            "pillar_evidence",
            (aim, say("evidence.scale"), *evidence.programmes(known), *evidence.readings(known)),
        ),
        Section("pillar_money", tuple(money(portrait, known))),
    ]
    return Written(Text(en=title.en, es=title.es), code, tuple(sections))


def programme(name: str, portrait: Portrait) -> Written:
    """Return what is written for a programme: what studies say of it, and what plans give it."""
    framework = portrait.framework
    code = framework.programme_called(name)
    if code is None:
        close = nearest_names(name, framework.programme_names)
        raise BriefError("unknown_programme_reader", found=name[:80], nearest=close)
    about, known = framework.programmes[code], studied(portrait, [code])
    law = known.standings[0].known
    said: list[Block] = [
        say(
            "programme_evidence.what",
            delivers=Text(en=about.delivers.en, es=about.delivers.es),
            unit=Text(en=about.unit.en, es=about.unit.es),
        )
    ]
    try:
        request = ShowEvidence(name=code, as_of=portrait.context.as_of, framework=framework.source)
        said += answered(portrait, request)
    except EvidenceError:
        said += evidence.programmes(known)
    if law is not None and law.distribution.with_figure:
        said.append(evidence.picture(known, code, law))
    sections = (
        Section("programme_evidence", tuple(said)),
        Section("programme_money", tuple(money(portrait, known))),
    )
    return Written(Text(en=about.title.en, es=about.title.es), code, sections)


def studied(portrait: Portrait, programmes: list[str]) -> Studied:
    """Return what studies say of some programmes."""
    framework, facts = portrait.framework, portrait.facts
    of_all = standings(framework, facts)
    chosen = tuple(one for one in of_all if one.programme in programmes)
    return Studied(framework=framework, as_of=facts.as_of, standings=chosen)


def money(portrait: Portrait, known: Studied) -> Iterator[Block]:
    """Yield what each plan that the framework brings along, and the continuation, give to programmes in a year."""
    framework, facts = portrait.framework, portrait.facts
    plans = [plan_named(name, framework, facts) for name in (*framework.plans, "continuation")]
    given = {
        name: [sum(row.usd_per_year for row in plan.rows if row.programme == name) for plan in plans]
        for name in (one.programme for one in known.standings)
    }
    yield say("programme_money.lead", base_year=framework.base_year)
    columns = (
        Column("tables.given.programme"),
        *(
            Column(Sentence("common.text", {"text": plan_called(plan.name)}), "usd_million_constant", 1, 1e6)
            for plan in plans
        ),
    )
    rows: list[tuple[Cell, ...]] = [(evidence.title(known, name), *usd) for name, usd in given.items()]
    yield Table(columns, tuple(rows), Sentence("tables.given.title"))
    yield Again(
        tuple(ShowPlan(plan=plan.name, as_of=facts.as_of, framework=framework.source) for plan in plans)
    )


def plan(name: str, portrait: Portrait) -> Written:
    """Return what is written for a plan: what it holds, and what it can be expected to do."""
    framework, facts = portrait.framework, portrait.facts
    read = portrait.context.plan(name)
    shown_plan = ShowPlan(plan=name, framework=framework.source, as_of=facts.as_of)
    asked = Simulate(plan=name, draws=DRAWS, nation_only=True, framework=framework.source, **portrait.shared)
    sections = (
        Section(
            "plan_effect",
            (Paragraph((say("plans.lead"), say("plans.intervals"))), *answered(portrait, asked)),
        ),
        Section("plan_rows", answered(portrait, shown_plan)),
    )
    label = labels([read], framework, facts)[0]  # a changed plan does not pass as the one that it was made of
    return Written(plan_called(label), label, sections, read)


READERS: dict[str, Callable[[str, Portrait], Written]] = {
    "state": place("state"),
    "municipality": place("municipality"),
    "port": port,
    "pillar": pillar,
    "programme": programme,
    "plan": plan,
}
"""By its kind, what writes for a reader."""
