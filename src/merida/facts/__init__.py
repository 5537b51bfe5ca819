"""The public record: tables with their sources, a read-only warehouse, provenance, cross-checks."""

from merida.facts.provenance import Why, why
from merida.facts.warehouse import Facts, known_table

__all__ = ["Facts", "Why", "known_table", "why"]
