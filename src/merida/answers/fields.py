"""The fields of requests: one place for an option's type, unit, bounds, default and help."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf, isfinite
from typing import Annotated, Any, get_args

from annotated_types import Ge, Gt, Le, Lt
from pydantic import AfterValidator, BeforeValidator, Field
from pydantic.fields import FieldInfo

from merida.errors import PlanError
from merida.schema_faults import broken
from merida.words import LANGUAGES, plain, words

NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*", re.ASCII | re.IGNORECASE)
EVERY_SEED = 2**63
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True)
class Option:
    """What a request's field says of itself beside its type, bounds and default.

    Parameters
    ----------
    help : str
        Key in ``words/`` of what it is.
    metavar : str
        What stands for its value in help.
    argument : bool
        Whether the command line takes it by its place instead of by ``--name``.
    flag : str
        Its name on the command line, where it is not the field's own.
    unit : str
        Key under ``units`` in ``words/``.
    file : bool
        Whether it names a file of the user's, whose content the answer rests on.
    shown : bool
        Whether it says only how much of the answer is shown, so that a kept answer serves every value of it.
    """

    help: str
    metavar: str = ""
    argument: bool = False
    flag: str = ""
    unit: str = ""
    file: bool = False
    shown: bool = False


def option(
    help: str,  # noqa: A002  # what it is
    default: Any = ...,
    *,
    metavar: str = "",
    argument: bool = False,
    flag: str = "",
    unit: str = "",
    file: bool = False,
    shown: bool = False,
    **bounds: Any,
) -> Any:
    """Return a field of a request; see `Option`. `bounds` are Pydantic's: ``ge``, ``le``, ``gt``, ``lt``."""
    about = Option(help, metavar, argument, flag, unit, file, shown)
    made: Any = Field(default, **bounds)
    made.metadata.append(about)
    return made


def option_of(field: FieldInfo) -> Option:
    """Return what a field says of itself."""
    return next(about for about in field.metadata if isinstance(about, Option))


def bounds_of(field: FieldInfo) -> tuple[float | None, float | None]:
    """Return the least and the greatest number that a field takes, or None."""
    low = next(
        (at.ge if isinstance(at, Ge) else at.gt for at in field.metadata if isinstance(at, Ge | Gt)), None
    )
    high = next(
        (at.le if isinstance(at, Le) else at.lt for at in field.metadata if isinstance(at, Le | Lt)), None
    )
    return low, high  # type: ignore[return-value]


def numbers(text: str) -> list[float]:
    """Return the numbers that a text holds, separated by commas.

    Raises
    ------
    ValueError
        If a part is not one finite number in plain digits.

    Examples
    --------
    >>> numbers("0.5,1e3")
    [0.5, 1000.0]
    """
    found = [float(part) if NUMBER.fullmatch(part) else inf for part in text.split(",")]
    if not all(map(isfinite, found)):
        raise ValueError(text)
    return found


def _number(value: object) -> object:
    """Return the text of a number as a number; digits of other scripts, underscores and truth values are none."""
    if isinstance(value, bool):
        raise broken("expected_number")
    if not isinstance(value, str):
        return value
    if not NUMBER.fullmatch(value):
        raise broken("expected_number")
    return float(value)


def _whole(value: object) -> object:
    """Return the text of a whole number as one."""
    if isinstance(value, bool):
        raise broken("expected_whole_number")
    if not isinstance(value, str):
        return value
    if not re.fullmatch(r"\s*[+-]?\d{1,30}\s*", value, re.ASCII):
        raise broken("expected_whole_number")
    return int(value)


def _texts(value: object) -> object:
    """Return one text as a list of one."""
    return (value,) if isinstance(value, str) else value


def _pairs(value: object) -> object:
    """Return ``PATH=VALUE`` texts, or a mapping, as pairs of a path and a number, in the order of the paths."""
    if isinstance(value, Mapping):
        value = tuple(value.items())
    if not isinstance(value, Iterable):
        raise broken("expected_list")
    pairs: dict[str, Any] = {}
    for one in (value,) if isinstance(value, str) else value:
        given = one if isinstance(one, tuple | list) else _pair(one)
        if len(given) != 2 or not isinstance(given[0], str) or isinstance(given[1], bool):
            raise PlanError("setting_not_a_pair", found=str(one))
        if given[0] in pairs:
            raise PlanError("setting_twice", found=given[0])
        pairs[given[0]] = given[1]
    return tuple(sorted(pairs.items()))


def _pair(text: object) -> tuple[str, float]:
    path, _, number = (part.strip() for part in str(text).partition("="))
    if not NUMBER.fullmatch(number):
        raise PlanError("setting_not_a_pair", found=str(text)[:80])
    return path, float(number)


def spoken(group: str) -> BeforeValidator:
    """Take a choice by the name under which it is displayed, in any language, as well as by its own.

    Parameters
    ----------
    group : str
        Key in ``words/`` of the names of the choices.

    Examples
    --------
    >>> from typing import Literal
    >>> from pydantic import TypeAdapter
    >>> Traffic = Annotated[Literal["trucks", "cars"], spoken("border.modes")]
    >>> TypeAdapter(Traffic).validate_python("Camiones")
    'trucks'
    """

    def choice(value: object) -> object:
        if not isinstance(value, str):
            return value
        for language in LANGUAGES:
            for key, name in words(language).texts.items():
                if key.startswith(f"{group}.") and plain(name) == plain(value):
                    return key.removeprefix(f"{group}.")
        return value

    return BeforeValidator(choice)


def any_case(choices: Any, **also: str) -> BeforeValidator:
    """Return what takes choices in any case of letters; `also` are other names for some of them, in lower case.

    Examples
    --------
    >>> from typing import Literal
    >>> from pydantic import TypeAdapter
    >>> Sign = Literal["Plus", "Minus"]
    >>> TypeAdapter(Annotated[Sign, any_case(Sign, add="Plus")]).validate_python("add")
    'Plus'
    """
    known = {choice.casefold(): choice for choice in get_args(choices)} | also
    return BeforeValidator(
        lambda value: known.get(value.casefold(), value) if isinstance(value, str) else value
    )


def _printable(text: str) -> str:
    """Refuse signs that no command, address or page can hold as they are."""
    if UNPRINTABLE.search(text):
        raise broken("expected_printable")
    return text


Text = Annotated[str, AfterValidator(_printable)]
Whole = Annotated[int, BeforeValidator(_whole)]
Number = Annotated[float, BeforeValidator(_number)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_texts)]
Held = Annotated[tuple[tuple[Text, float], ...], BeforeValidator(_pairs)]
