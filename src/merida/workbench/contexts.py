"""The record and framework of a date, made once and shared, and anew once rows of the user's own change."""

from __future__ import annotations

from functools import lru_cache

from merida.answers.context import Context
from merida.facts.own.shelf import additions

Own = tuple[tuple[str, str], ...]


def context_of(as_of: str | None, framework: str) -> Context:
    """Return the record and framework of a date, with the rows of the user's own that stand now."""
    return _made(as_of, framework, own_now())


def own_now() -> Own:
    """Return which additions there are now, each with the hash of its rows."""
    return tuple((one.id, one.rows_sha256) for one in additions())


@lru_cache(maxsize=4)
def _made(as_of: str | None, framework: str, _: Own) -> Context:
    return Context(as_of, framework)
