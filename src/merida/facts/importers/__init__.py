"""Files that a user adds to the record: official ones as published, and tables of the user's own.

A file is taken apart as text in a process with limits (`merida.user_tables.apart`); what it is is told by what its
columns mean; its rows come back in the schema of the table that they belong to, or with every fault at once.
"""

from merida.facts.importers.reading import Options, read_incoming

__all__ = ["Options", "read_incoming"]
