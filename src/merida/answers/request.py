"""A request: what is asked, with every option, as one frozen and validated value.

It is made from the command line, from Python, from an address or from JSON through one gate, and writes itself back as
each of them. What a document cites for a figure is the request that gave it.
"""

from __future__ import annotations

import ast
import json
import shlex
from collections.abc import Iterator, Mapping
from types import NoneType
from typing import Any, ClassVar, Self, TypeVar, get_args, get_origin
from urllib.parse import parse_qsl, urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from merida.answers.fields import EVERY_SEED, Held, Option, Text, Whole, option, option_of
from merida.errors import RequestError, nearest
from merida.schema_faults import expected, found, path_of

LAB = ("as_of", "framework", "seed")  # what a Lab holds for all its questions
PROGRAM, LAB_CALL = "merida", "merida.Lab"
# A Lab's `framework` is the framework itself, so that the questions about frameworks are in a room of another name.
IN_PYTHON = {"framework.": "frameworks."}


class Request(BaseModel):
    """What every request can do; see `merida.answers.registry` for the list of them.

    Attributes
    ----------
    question : str
        The path of the question, ``border.delay``: ``merida border delay``, ``lab.border.delay()``, ``/border/delay``.
    example : mapping
        Options of a request that is worth asking: those at least that have no default.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    question: ClassVar[str]
    example: ClassVar[Mapping[str, Any]] = {}

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Return the request with these options, as they came from a command, an address, Python or JSON.

        Raises
        ------
        RequestError
            With every option that is not as it must be: what was found and what is expected.
        """
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise refusal(cls, error) from None

    @classmethod
    def options(cls) -> dict[str, FieldInfo]:
        """Return the fields in the order in which a reader meets them: required ones, arguments, its own, then shared."""
        own = (name for kind in cls.__mro__ for name in vars(kind).get("__annotations__", ()))
        names = [name for name in dict.fromkeys(own) if name in cls.model_fields]
        fields = {name: cls.model_fields[name] for name in names}
        return dict(
            sorted(fields.items(), key=lambda one: (not one[1].is_required(), not option_of(one[1]).argument))
        )

    def stated(self) -> dict[str, Any]:
        """Return the options that are not as they are by default."""
        return {
            name: value
            for name, value in self
            if type(self).model_fields[name].is_required() or value != type(self).model_fields[name].default
        }

    def with_options(self, **values: Any) -> Self:
        """Return the same question with other options."""
        return type(self).of(dict(self) | values)

    def command(self) -> str:
        """Return the request as a command line.

        Examples
        --------
        >>> Delay(port="San Ysidro", draws=12).command()
        "merida border delay --port 'San Ysidro' --draws 12"
        """
        return shlex.join([PROGRAM, *self.question.split("."), *self.words()])

    def words(self) -> list[str]:
        """Return the options and arguments of the command line."""
        options: list[str] = []
        arguments: list[str] = []
        for name, value in self.stated().items():
            about = option_of(type(self).model_fields[name])
            texts = [str_of(one) for one in many(value)]
            if about.argument:
                arguments += texts
            elif value is True:
                options.append(flag(name, about))
            else:
                options += [
                    part
                    for text in texts
                    for part in (
                        [f"{flag(name, about)}={text}"] if text.startswith("-") else [flag(name, about), text]
                    )
                ]
        if any(text.startswith("-") for text in arguments):
            return [*options, "--", *arguments]
        return [*arguments, *options]

    def python(self) -> str:
        """Return the request as a call of a `Lab`.

        Examples
        --------
        >>> Delay(port="San Ysidro", as_of="2012-12").python()
        "merida.Lab(as_of='2012-12').border.delay(port='San Ysidro')"
        """
        stated = self.stated()
        held = call({name: value for name, value in stated.items() if name in LAB})
        asked = call({name: value for name, value in stated.items() if name not in LAB})
        return f"{LAB_CALL}({held}).{python_path(self.question)}({asked})"

    def url(self) -> str:
        """Return the request as the address of its page.

        Examples
        --------
        >>> Delay(port="San Ysidro").url()
        '/border/delay?port=San+Ysidro'
        """
        pairs = [(name, str_of(one)) for name, value in self.stated().items() for one in many(value)]
        return "/" + self.question.replace(".", "/") + ("?" + urlencode(pairs) if pairs else "")

    def data(self) -> dict[str, Any]:
        """Return the request as JSON holds it, with every option, the question first."""
        values = {name: dict(value) if is_held(name, self) else value for name, value in self}
        return {"question": self.question} | {
            name: list(value) if isinstance(value, tuple) else value for name, value in values.items()
        }

    def json(self) -> str:  # type: ignore[override]
        """Return the request as one line of JSON."""
        return json.dumps(self.data(), ensure_ascii=False)


class Dated(Request):
    """A request whose answer rests on the record as of a date."""

    as_of: Text | None = option("cli.as_of", None, metavar="YYYY-MM")


class Drawn(Dated):
    """A request whose answer rests on random draws besides."""

    seed: Whole = option("cli.seed", 0, metavar="N", ge=-EVERY_SEED, le=EVERY_SEED - 1)


class Settable(Request):
    """A request in which priors can be held at one number: ``--set PATH=VALUE``."""

    held: Held = option("cli.runs.set", (), flag="set", metavar="PATH=VALUE")


def python_path(question: str) -> str:
    """Return the path of a question's method in a Lab.

    Examples
    --------
    >>> python_path("framework.show")
    'frameworks.show'
    >>> python_path("border.plan-lanes")
    'border.plan_lanes'
    """
    for room, renamed in IN_PYTHON.items():
        question = renamed + question.removeprefix(room) if question.startswith(room) else question
    return question.replace("-", "_")


def flag(name: str, about: Option) -> str:
    """Return the name of an option on the command line."""
    return "--" + (about.flag or name.rstrip("_").replace("_", "-"))


def is_held(name: str, request: Request) -> bool:
    """Tell whether a field holds pairs of a path and a number."""
    return name == "held" and "held" in type(request).model_fields


def many(value: Any) -> Iterator[Any]:
    """Yield the values that an option is repeated for."""
    if isinstance(value, tuple):
        yield from value
    elif value is not None:
        yield value


def str_of(value: Any) -> str:
    """Return one value as the command line and an address write it."""
    if isinstance(value, tuple):
        path, number = value
        return f"{path}={number!r}"
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, float) else str(value)


def call(values: Mapping[str, Any]) -> str:
    """Return arguments as Python writes them."""
    return ", ".join(
        f"{name}={dict(value) if name == 'held' else list(value) if isinstance(value, tuple) else value!r}"
        for name, value in values.items()
    )


def several(field: FieldInfo) -> bool:
    """Tell whether an option may be given more than once."""
    return get_origin(bare(field)) is tuple


def bare(field: FieldInfo) -> Any:
    """Return the type of a field without the None that may stand for it."""
    kinds = [kind for kind in get_args(field.annotation) if kind is not NoneType]
    optional = NoneType in get_args(field.annotation)
    kind = kinds[0] if optional else field.annotation
    return get_args(kind)[0] if get_origin(kind) is not None and hasattr(kind, "__metadata__") else kind


def refusal(kind: type[Request], error: ValidationError) -> RequestError:
    """Return what is wrong with options as one error of ours, each option named as the command line names it."""
    wrong = []
    for fault in error.errors():
        name = str(path_of(fault)[0]) if path_of(fault) else ""
        field = kind.model_fields.get(name)
        if field is None:
            known = nearest(name, kind.model_fields)
            wrong.append(
                RequestError("request_unknown_option", found=name, question=kind.question, nearest=known)
            )
            continue
        shown = (
            option_of(field).metavar or name if option_of(field).argument else flag(name, option_of(field))
        )
        if fault["type"] == "missing":
            wrong.append(
                RequestError("request_missing", option=shown, question=kind.question.replace(".", " "))
            )
        else:
            wanted = expected(fault, RequestError)
            wrong.append(RequestError("request_option", option=shown, found=found(fault), expected=wanted))
    return wrong[0] if len(wrong) == 1 else RequestError("request_options", faults=tuple(wrong))


def read_url(url: str) -> tuple[str, dict[str, Any]]:
    """Return the question and the options of an address."""
    parts = urlsplit(url)
    values: dict[str, Any] = {}
    for name, value in parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)):
        values.setdefault(name, []).append(value)
    return parts.path.strip("/").replace("/", "."), values


R = TypeVar("R", bound=Request)


def of_lists(kind: type[R], values: Mapping[str, list[str]]) -> R:
    """Return the request with options as an address gives them, each as often as it stands there."""
    single: dict[str, Any] = dict(values)
    for name, given in values.items():
        if len(given) == 1 or name not in kind.model_fields:
            single[name] = given[0]
        elif not several(kind.model_fields[name]):
            raise RequestError("request_twice", option=name)
    return kind.of(single)


def read_json(text: str) -> tuple[str, dict[str, Any]]:
    """Return the question and the options of a request in JSON."""
    try:
        values = json.loads(text)
        name = values.pop("question")
        if not isinstance(name, str):
            raise TypeError
        return name, values
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError):
        raise RequestError("request_not_json", found=text[:60]) from None


def read_python(text: str) -> tuple[str, dict[str, Any]]:
    """Return the question and the options of a call of a Lab, in which every argument is a plain value with its name."""
    try:
        tree: Any = ast.parse(text.strip(), mode="eval").body
        values = {argument.arg: ast.literal_eval(argument.value) for argument in tree.keywords}
        path: list[str] = []
        at = tree.func
        while isinstance(at, ast.Attribute):
            path, at = [at.attr, *path], at.value
        held = {argument.arg: ast.literal_eval(argument.value) for argument in at.keywords}
        if tree.args or at.args or ast.unparse(at.func) != LAB_CALL:
            raise ValueError
    except (ValueError, SyntaxError, AttributeError, MemoryError, RecursionError):
        raise RequestError("request_not_python", found=text[:60]) from None
    question = ".".join(path).replace("_", "-")  # names of questions hold no other sign between words
    for room, renamed in IN_PYTHON.items():
        question = room + question.removeprefix(renamed) if question.startswith(renamed) else question
    return question, held | values
