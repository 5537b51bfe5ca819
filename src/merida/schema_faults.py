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
    "missing": "missing",
    "extra_forbidden": "unknown_key",
    "string_type": "text",
    "string_too_short": "text",
    "int_type": "whole_number",
    "int_from_float": "whole_number",
    "int_parsing_size": "whole_number",
    "float_type": "number",
    "finite_number": "finite_number",
    "bool_type": "truth",
    "greater_than": "above",
    "greater_than_equal": "at_least",
    "less_than": "below",
    "less_than_equal": "at_most",
    "dict_type": "table",
    "model_type": "table",
    "model_attributes_type": "table",
    "list_type": "list",
    "tuple_type": "list",
    "too_short": "longer_list",
    "too_long": "shorter_list",
    "value_error": "distribution",  # no other schema that users write raises one
}
"""The name of what was expected, under ``errors.expected_…`` in ``words/``, by Pydantic's name of the fault."""


def broken(rule: str, **values: Any) -> PydanticCustomError:
    """Return the error that a validator of a schema raises: `rule` is its text under ``errors.expected_…`` in ``words/``.

    Examples
    --------
    >>> broken("month").type
    'month'
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
    rule = f"expected_{EXPECTED.get(fault['type'], fault['type'])}"
    return error(rule if words("en").has(f"errors.{rule}") else "expected_other", **context)


def one_of(value: str, known: Iterable[str], error: type[MeridaError]) -> MeridaError:
    """Return that one of some names was expected: all of a few, the nearest of many."""
    names = list(known)
    if len(names) > MOST_LISTED:
        return error("expected_nearest", nearest=nearest(value, names))
    return error("expected_one_of", known=", ".join(names))
