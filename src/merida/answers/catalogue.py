"""Questions about the questions: what can be asked, with which options, and how each is spelled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

from merida.answers.context import Context
from merida.answers.fields import bounds_of, option_of
from merida.answers.questions import Question
from merida.answers.registry import QUESTIONS as KNOWN
from merida.answers.registry import question
from merida.answers.request import Request, bare, flag, several
from merida.document.blocks import AnswerBlock, Column, Sentence, Table
from merida.progress import Work

KINDS = {bool: "truth", int: "whole", float: "number", str: "text"}


class ListQuestions(Request):
    """Which questions there are."""

    question = "questions"


@dataclass(frozen=True)
class Field:
    """One option of a question.

    Attributes
    ----------
    kind : str
        ``text``, ``whole``, ``number``, ``truth``, ``setting`` (a path and its number) or ``choice``.
    default : object
        None where it is required, or where the answer itself decides.
    """

    name: str
    option: str
    kind: str
    several: bool
    required: bool
    default: Any
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    unit: str
    help: str


@dataclass(frozen=True)
class Line:
    """One question with its options and its four spellings, those of an example."""

    question: str
    fields: tuple[Field, ...]
    command: str
    python: str
    url: str
    json: str
    pictures: tuple[str, ...]
    files: tuple[str, ...]


@dataclass(frozen=True)
class Catalogue:
    """Every question that the program answers."""

    questions: tuple[Line, ...]


def fields_of(kind: type[Request]) -> Iterator[Field]:
    """Yield the options of a request."""
    for name, field in kind.options().items():
        about, (low, high), of = option_of(field), bounds_of(field), bare(field)
        if several(field):
            of = get_args(of)[0]
        choices = tuple(one for one in get_args(of) if isinstance(one, str)) if name != "held" else ()
        yield Field(
            name=name,
            option=about.metavar or name.upper() if about.argument else flag(name, about),
            kind="choice" if choices else "setting" if name == "held" else KINDS.get(of, "text"),
            several=several(field),
            required=field.is_required(),
            default=None if field.is_required() else field.default,
            low=low,
            high=high,
            choices=choices,
            unit=about.unit,
            help=about.help,
        )


def line(name: str) -> Line:
    """Return one question with its options and spellings."""
    asked = question(name)
    kind: type[Request] = asked.request
    example = kind.of(kind.example)
    return Line(
        question=name,
        fields=tuple(fields_of(kind)),
        command=example.command(),
        python=example.python(),
        url=example.url(),
        json=example.json(),
        pictures=tuple(asked.pictures),
        files=tuple(asked.files),
    )


def list_questions(_: ListQuestions, __: Context, ___: Work) -> Catalogue:
    """Return every question."""
    return Catalogue(tuple(map(line, KNOWN)))


def blocks(_: ListQuestions, found: Catalogue) -> Iterator[AnswerBlock]:
    """Yield what each question answers, and how it is spelled."""
    columns = (Column("catalogue.question"), Column("catalogue.what"), Column("catalogue.command"))
    rows = tuple(
        (one.question, Sentence(f"questions.{one.question}"), one.command) for one in found.questions
    )
    yield Table(columns, rows)
    yield Sentence("catalogue.more")


QUESTIONS = (Question(ListQuestions, Catalogue, list_questions, blocks),)
