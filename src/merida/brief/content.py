"""The brief, put together from its sections."""

from __future__ import annotations

from merida.brief.findings import Findings
from merida.brief.sections.border import border
from merida.brief.sections.claims import claims
from merida.brief.sections.elsewhere import elsewhere
from merida.brief.sections.evidence import evidence
from merida.brief.sections.first_page import first_page, tiles
from merida.brief.sections.forecast import forecast
from merida.brief.sections.limits import gaps, sources, trust
from merida.brief.sections.money import money
from merida.brief.sections.monitor import monitor
from merida.brief.sections.plans import plans
from merida.brief.sections.violence import violence
from merida.brief.sections.waiting import waiting
from merida.document.blocks import Document, Section
from merida.facts import Facts
from merida.facts.schema import tables
from merida.facts.warehouse import record_span

SECTIONS = (first_page, violence, monitor, forecast, elsewhere, money, border, claims, gaps, trust, sources)


def build(facts: Facts, findings: Findings | None = None) -> Document:
    """Return the brief of the record as `facts` knows it, with what was simulated of plans on it."""
    facts.connect(tables())  # all at once: the brief touches nearly every table
    sections = [Section(maker.__name__, tuple(maker(facts))) for maker in SECTIONS]
    if findings is not None:
        ready = [Section(maker.__name__, tuple(maker(findings))) for maker in (evidence, plans)]
        at = SECTIONS.index(gaps)
        sections[at:at] = ready
        after = SECTIONS.index(border) + 1
        sections[after:after] = [Section(waiting.__name__, tuple(waiting(findings)))]
    return Document(facts.as_of or record_span()[1], facts.as_of, tiles(facts), tuple(sections))
