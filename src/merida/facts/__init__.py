"""The public record: what was counted, who says so, and what was known at a date.

`Facts` answers any query that reads and refuses every other; `why` says where one figure came from; `tables` lists
what there is, with sources, units, dates of publication and known defects; `checks` hold the record against itself.
"""

from merida.facts.compiled import record_span
from merida.facts.provenance import Why, why
from merida.facts.schema import tables
from merida.facts.warehouse import Facts, checked_as_of, known_table

__all__ = ["Facts", "Why", "checked_as_of", "known_table", "record_span", "tables", "why"]
