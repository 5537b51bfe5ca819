"""The brief, put together from its sections."""

from __future__ import annotations

from merida.brief.document import Document, Section
from merida.brief.sections.border import border
from merida.brief.sections.elsewhere import elsewhere
from merida.brief.sections.first_page import first_page, tiles
from merida.brief.sections.limits import gaps, sources, trust
from merida.brief.sections.money import money
from merida.brief.sections.violence import violence
from merida.facts import Facts
from merida.facts.schema import tables
from merida.facts.warehouse import record_span

SECTIONS = (first_page, violence, elsewhere, money, border, gaps, trust, sources)


def build(facts: Facts) -> Document:
    """Return the brief of the record as `facts` knows it."""
    facts.connect(tables())  # all at once: the brief touches nearly every table
    sections = tuple(Section(maker.__name__, tuple(maker(facts))) for maker in SECTIONS)
    return Document(facts.as_of or record_span()[1], facts.as_of, tiles(facts), sections)
