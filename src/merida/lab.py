"""Lab: what users hold. It has a method for each question, made from the question's request."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from merida.answers.context import Context
from merida.answers.registry import QUESTIONS, question
from merida.answers.request import LAB, Request, python_path
from merida.framework import Framework, Plan
from merida.progress import Cancel, Progress
from merida.words import words

if TYPE_CHECKING:
    from merida.answers import Answer
    from merida.brief import Brief
    from merida.facts import Facts


METHODS = {python_path(question): question for question in QUESTIONS}
"""The question of each method, by its path in a Lab."""


class Lab:
    """The laboratory, as of a date.

    Parameters
    ----------
    as_of : str or None
        ``YYYY-MM``: only what had been published by the end of that month. None: the whole record.
    framework : str
        ``merida``, ``bicentennial``, or the path of a framework file.
    seed : int
        Seed of every draw.

    Raises
    ------
    FactsError
        If `as_of` is not a month within the record.

    Examples
    --------
    >>> lab = Lab(as_of="2012-12")
    >>> lab.facts.sql("select max(year) as last from homicides_year").item()
    2011
    >>> lab.plan("memo").diff(lab.plan("memo"))
    ()
    """

    def __init__(self, as_of: str | None = None, framework: str = "merida", seed: int = 0) -> None:
        self.context = Context(as_of, framework)
        self.seed = seed
        self.record: Facts = self.context.facts

    @property
    def framework(self) -> Framework:
        """The framework, read when it is first needed."""
        return self.context.framework

    @property
    def plan(self) -> Plans:
        """A plan by name, of a file or in JSON, ``lab.plan("memo")``; and the questions about plans."""
        return Plans(self, "plan")

    def ask(
        self,
        request: Request,
        progress: Callable[[Progress], None] = lambda _: None,
        cancel: Cancel | None = None,
    ) -> Answer[Any, Any]:
        """Return the answer to a request, on this laboratory's record where they share date and framework."""
        from merida.answers import answer

        own = Context.of(request)
        return answer(request, self.context if own == self.context else own, progress, cancel)

    def brief(
        self,
        language: str | Iterable[str] = ("en", "es"),
        plans: bool = True,
        for_: str | None = None,
        first_page: bool = False,
    ) -> Brief:
        """Return the brief, in one language or several; ``.write(folder)`` writes it.

        `plans` says whether programmes and plans are simulated; `for_` names a reader, such as ``state:08``; `first_page`
        leaves the first page alone.
        """
        from merida.brief import Brief, Portrait

        languages = (language,) if isinstance(language, str) else tuple(language)
        return Brief(Portrait(self.context, self.seed), languages, plans, for_, first_page)

    def __getattr__(self, name: str) -> Any:
        if name in QUESTIONS:
            return method(self, name)
        if any(path.startswith(f"{name}.") for path in METHODS):
            return Room(self, name)
        raise AttributeError(f"a Lab has no {name!r}")

    def __dir__(self) -> Sequence[str]:
        return sorted({*super().__dir__(), *(path.partition(".")[0] for path in METHODS)})

    def __repr__(self) -> str:
        held = self.context
        return f"Lab(as_of={held.as_of!r}, framework={held.framework_name!r}, seed={self.seed})"


class Room:
    """The questions of one room of a laboratory: each is a method, and its help is its options."""

    def __init__(self, lab: Lab, name: str) -> None:
        self._lab, self._name = lab, name

    def __getattr__(self, name: str) -> Any:
        if f"{self._name}.{name}" in METHODS:
            return method(self._lab, METHODS[f"{self._name}.{name}"])
        if self._name == "facts":  # the record itself is at hand too
            return getattr(self._lab.record, name)
        raise AttributeError(f"lab.{self._name} has no {name!r}")

    def __dir__(self) -> Sequence[str]:
        return sorted(path.partition(".")[2] for path in METHODS if path.startswith(f"{self._name}."))

    def __repr__(self) -> str:
        said = words()
        lines = (
            f"lab.{self._name}.{name}()  {said.text(f'questions.{METHODS[path]}')}"
            for path in METHODS
            if path.startswith(f"{self._name}.") and (name := path.partition(".")[2])
        )
        return "\n".join(lines)


class Plans(Room):
    """The questions about plans, and plans themselves."""

    def __call__(self, name: str | Path, as_given: bool = False) -> Plan:
        """Return a plan by name, of a file or in JSON; see `merida.framework.plan_of`.

        `as_given` takes amounts that are far outside what was ever enacted as they are.

        Raises
        ------
        PlanError
            If there is none of that name, or a row of the file cannot be; the message names it.
        """
        return self._lab.context.plan(str(name), as_given)


def method(lab: Lab, path: str) -> Callable[..., Answer[Any, Any]]:
    """Return the method that asks a question of a laboratory."""
    kind = question(path).request
    names = [name for name in kind.options() if name not in LAB]
    held = {"as_of": lab.context.as_of, "framework": lab.context.framework_name, "seed": lab.seed}

    def ask(
        *values: Any,
        progress: Callable[[Progress], None] = lambda _: None,
        cancel: Cancel | None = None,
        **options: Any,
    ) -> Answer[Any, Any]:
        if len(values) > len(names):
            raise TypeError(f"{path}() takes {len(names)} options by place, and was given {len(values)}")
        placed = dict(zip(names, values, strict=False))
        if twice := placed.keys() & options.keys():
            raise TypeError(f"{path}() was given {sorted(twice)[0]} by place and by name")
        own = {name: value for name, value in held.items() if name in kind.model_fields}
        stated = {name: plain(value) for name, value in (placed | options).items() if value is not None}
        return lab.ask(kind.of(own | stated), progress, cancel)

    for inner, question_of in METHODS.items():  # a room too: lab.scorecard(), lab.scorecard.add()
        if inner.rpartition(".")[0] == path:
            setattr(ask, inner.rpartition(".")[2], method(lab, question_of))
    ask.__name__ = ask.__qualname__ = path.rpartition(".")[2]
    ask.__doc__ = documented(kind)
    ask.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(
                name,
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=inspect.Parameter.empty if field.is_required() else field.default,
            )
            for name, field in kind.options().items()
            if name not in LAB
        ]
    )
    return ask


def plain(value: Any) -> Any:
    """Return a value as a request holds it: a plan as its JSON, a path as text."""
    if isinstance(value, Plan):
        return value.json()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(map(plain, value))
    return dict(value) if isinstance(value, Mapping) else value


def documented(kind: type[Request]) -> str:
    """Return the documentation of a question's method: its words, and those of its options."""
    from merida.answers.options import meaning

    said = words()
    lines = [
        f"{name}\n    {meaning(field, said)}" for name, field in kind.options().items() if name not in LAB
    ]
    options = "\n".join(lines)
    parameters = f"\n\nParameters\n----------\n{options}" if options else ""
    return f"{said.text(f'questions.{kind.question}')}{parameters}"
