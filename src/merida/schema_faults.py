"""What Pydantic finds wrong with a value, in the user's words: where it stands, what was found, what was expected."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from pydantic_core import ErrorDetails, PydanticCustomError

from merida.errors import MeridaError, nearest
from merida.words import words

Path = tuple[str | int, ...]

MOST_LETTERS = 60  # of a value that a message repeats
MOST_LISTED = 8  # values that a message lists before it gives the nearest alone
EXPECTED = {
    "missing": "expected_missing",
    "extra_forbidden": "expected_unknown_key",
    "string_type": "expected_text",
    "string_too_short": "expected_text",
    "int_type": "expected_whole_number",
    "int_from_float": "expected_whole_number",
    "int_parsing_size": "expected_whole_number",
    "float_type": "expected_number",
    "finite_number": "expected_finite_number",
    "bool_type": "expected_truth",
    "greater_than": "expected_above",
    "greater_than_equal": "expected_at_least",
    "less_than": "expected_below",
    "less_than_equal": "expected_at_most",
    "dict_type": "expected_table",
    "model_type": "expected_table",
    "model_attributes_type": "expected_table",
    "list_type": "expected_list",
    "tuple_type": "expected_list",
    "too_short": "expected_longer_list",
    "too_long": "expected_shorter_list",
    "value_error": "expected_distribution",  # no other schema that users write raises one
}
"""The name of what was expected, under ``errors`` in ``words/``, by Pydantic's name of the fault."""


def broken(rule: str, **values: Any) -> PydanticCustomError:
    """Return the error that a validator of a schema raises: `rule` is its text under ``errors`` in ``words/``.

    Examples
    --------
    >>> broken("expected_month").type
    'expected_month'
    """
    return PydanticCustomError(rule, rule, values or None)


def path_of(fault: ErrorDetails) -> Path:
    """Return where a fault stands in the file: keys and, in lists, places from 0."""
    return tuple(part for part in fault["loc"] if part != "[key]")


def found(fault: ErrorDetails) -> str:
    """Return what stands there, as a file would write it, short."""
    return "–" if fault["type"] == "missing" else shown(fault["input"])


def shown(value: object) -> str:
    """Return a value as a file would write it, short.

    Examples
    --------
    >>> shown("soon"), shown(True), shown([1, 2]), shown(float("inf"))
    ('"soon"', 'true', '[1, 2]', 'inf')
    """
    text = str(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MOST_LETTERS else f"{text[:MOST_LETTERS]}…"


def expected(fault: ErrorDetails, error: type[MeridaError]) -> MeridaError:
    """Return what was expected there, as an error whose message completes "expected …"."""
    context: dict[str, Any] = {name: value for name, value in fault.get("ctx", {}).items() if name != "error"}
    if fault["type"] == "literal_error":
        return one_of(str(fault["input"]), re.findall(r"'([^']*)'", str(context["expected"])), error)
    rule = EXPECTED.get(fault["type"], fault["type"])
    return error(rule if words("en").has(f"errors.{rule}") else "expected_other", **context)


def one_of(value: str, known: Iterable[str], error: type[MeridaError]) -> MeridaError:
    """Return that one of some names was expected: all of a few, the nearest of many."""
    names = list(known)
    if len(names) > MOST_LISTED:
        return error("expected_nearest", nearest=nearest(value, names))
    return error("expected_one_of", known=", ".join(names))
