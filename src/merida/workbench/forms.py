"""A question as a form: one field for each option of its request, as HTML knows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from merida.answers.fields import bounds_of, option_of
from merida.answers.options import meaning
from merida.answers.questions import Question
from merida.answers.request import bare, many, several, str_of
from merida.words import Words


@dataclass(frozen=True)
class Field:
    """One field of a form.

    Attributes
    ----------
    name : str
        As the address writes it.
    kind : {"choice", "number", "check", "text", "several"}
        Several texts stand one on each line.
    help : str
        What it means, with unit, bounds and default.
    value : str
        What was asked, or the default.
    choices : tuple of str
    least, most : str
        Bounds of a number, empty where there are none that a form could use.
    step : str
    required : bool
    """

    name: str
    kind: str
    help: str
    value: str
    choices: tuple[str, ...] = ()
    least: str = ""
    most: str = ""
    step: str = "any"
    required: bool = False


def fields(question: Question[Any, Any], given: Mapping[str, Any], said: Words) -> Iterator[Field]:
    """Yield the fields of a question's form, with what was asked.

    Parameters
    ----------
    question : Question
    given : mapping
        The options that were asked, by name; they need not be valid.
    said : Words
    """
    for name, field in question.request.options().items():
        about = option_of(field)
        if about.file and about.metavar == "FILE":
            continue
        kind = bare(field)
        value = given.get(name, None if field.is_required() else field.default)
        texts = [str_of(one) for one in many(value)]
        choices = get_args(kind) if get_origin(kind) is not None else ()
        common = {
            "name": name,
            "help": meaning(field, said),
            "required": field.is_required(),
        }
        if kind is bool:
            yield Field(kind="check", value="true" if texts == ["true"] else "", **common)
        elif several(field):
            yield Field(kind="several", value="\n".join(texts), **common)
        elif choices and all(isinstance(one, str) for one in choices):
            some = choices if field.is_required() or field.default is not None else ("", *choices)
            yield Field(kind="choice", value=texts[0] if texts else "", choices=some, **common)
        elif kind in (int, float):
            low, high = (
                ("" if end is None or abs(end) >= 2**53 else f"{end:.15g}") for end in bounds_of(field)
            )
            step = "1" if kind is int else "any"
            yield Field(
                kind="number", value=texts[0] if texts else "", least=low, most=high, step=step, **common
            )
        else:
            yield Field(kind="text", value=texts[0] if texts else "", **common)
