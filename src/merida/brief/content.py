"""The brief, put together from its sections."""

from __future__ import annotations

from dataclasses import replace

from merida.answers import Context
from merida.brief.findings import Findings
from merida.brief.portrait import Portrait
from merida.brief.sections.annex import annex, run_record, without_long_tables
from merida.brief.sections.border import border
from merida.brief.sections.claims import claims
from merida.brief.sections.elsewhere import elsewhere
from merida.brief.sections.evidence import evidence
from merida.brief.sections.first_page import first_page
from merida.brief.sections.forecast import forecast
from merida.brief.sections.limits import gaps, sources, trust
from merida.brief.sections.money import money
from merida.brief.sections.monitor import monitor
from merida.brief.sections.plans import plans
from merida.brief.sections.recorded import recorded, tiles
from merida.brief.sections.violence import violence
from merida.brief.sections.waiting import waiting
from merida.document.blocks import Document, Section
from merida.facts import Facts
from merida.facts.compiled import record_span
from merida.facts.schema import tables

SECTIONS = (
    recorded,
    violence,
    elsewhere,
    money,
    border,
    claims,
    gaps,
    trust,
    sources,
)  # which read the record
ASKING = (monitor, forecast)  # which ask questions of it
ORDER = (
    "first_page", "recorded", "violence", "monitor", "forecast", "elsewhere", "money", "border", "claims", "gaps",
    "trust", "sources",
)  # fmt: skip
BEHIND = ("trust", "sources")  # which stand in the annex


def build(facts: Facts, findings: Findings | None = None, portrait: Portrait | None = None) -> Document:
    """Return the brief of a record as it is known, with what is expected of plans where that was found.

    Parameters
    ----------
    facts : Facts
        The record.
    findings : Findings, optional
        What `gather` found of programmes and plans.
    portrait : Portrait, optional
        What the sections ask of; by default the record with the first framework.
    """
    facts.connect(tables())  # all at once: the brief touches nearly every table
    portrait = portrait or Portrait(Context.around(facts))
    made = {maker.__name__: tuple(maker(facts)) for maker in SECTIONS}
    made |= {maker.__name__: tuple(maker(portrait)) for maker in ASKING}
    made["first_page"] = tuple(first_page(portrait, findings))
    sections = [Section(name, made[name]) for name in ORDER]
    if findings is not None:
        ready = [Section(maker.__name__, tuple(maker(findings))) for maker in (evidence, plans)]
        at = ORDER.index("gaps")
        sections[at:at] = ready
        after = ORDER.index("border") + 1
        sections[after:after] = [Section(waiting.__name__, tuple(waiting(findings)))]
    sections = without_long_tables([replace(one, annex=one.name in BEHIND) for one in sections])
    at = next(place for place, one in enumerate(sections) if one.name == BEHIND[0])
    sections[at:at] = annex(portrait)
    sections.append(run_record(portrait))
    month = facts.as_of or record_span()[1]
    return Document(month, facts.as_of, tiles(facts), tuple(sections), facts.own_rows())
