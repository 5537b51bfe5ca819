"""What an option of a request is, in words: for the help of the command line, of Python and of forms."""

from __future__ import annotations

from typing import Any, get_args, get_origin

from merida.answers.fields import bounds_of, option_of
from merida.answers.request import bare, several, str_of
from merida.words import Words


def metavar(field: Any) -> str:
    """Return what stands for a value of a field."""
    kind = bare(field)
    return "N" if kind in (int, float) else "TEXT"


def meaning(field: Any, said: Words) -> str:
    """Return what a field is, with its unit, its bounds and its default."""
    about = option_of(field)
    notes = []
    kind = bare(field)
    if (
        get_origin(kind) is not None
        and get_args(kind)
        and all(isinstance(one, str) for one in get_args(kind))
    ):
        notes.append(said.text("help.one_of", known=", ".join(get_args(kind))))
    if about.unit:
        notes.append(said.unit(about.unit, "2"))
    low, high = bounds_of(field)
    if low is not None and high is not None and high < 2**62:
        notes.append(said.text("help.range", low=f"{low:g}", high=f"{high:,.15g}"))
    elif low is not None and low > -(2**62):
        notes.append(said.text("help.from", low=f"{low:g}"))
    if several(field):
        notes.append(said.text("help.repeat"))
    if field.is_required():
        notes.append(said.text("help.required"))
    elif field.default not in (None, (), False, ""):
        notes.append(said.text("help.default", value=str_of(field.default)))
    return said.text(about.help) + (f" [{'; '.join(notes)}]" if notes else "")
