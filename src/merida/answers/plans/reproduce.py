"""Running a record again, and demanding the same result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from merida.answers.context import Context
from merida.answers.fields import Text, option
from merida.answers.questions import Question
from merida.answers.request import Request
from merida.document.blocks import AnswerBlock, Sentence
from merida.progress import Work


class Reproduce(Request):
    """The record of a run, run again."""

    question = "reproduce"
    example: ClassVar[Mapping[str, Any]] = {"record": "run.json"}
    record: Text = option("cli.runs.record", argument=True, metavar="RUN.JSON", file=True)
    framework: Text | None = option("cli.runs.record_framework", None, metavar="FILE")


@dataclass(frozen=True)
class Elsewhere:
    """A version or processor that is another now than in the record."""

    field: str
    record: str
    now: str


@dataclass(frozen=True)
class Reproduced:
    """How close the new run came to the record."""

    same_bytes: bool
    largest_relative: float | None
    same_lock_and_processor: bool
    inputs_changed: tuple[str, ...]
    elsewhere: tuple[Elsewhere, ...]


def reproduce(request: Reproduce, _: Context, work: Work) -> tuple[Reproduced, Any]:
    """Run the record again; a result that differs is an error that names each field."""
    from merida.ensemble.record_reading import read
    from merida.ensemble.reproduction import again

    saved = read(Path(request.record))
    run, found = again(saved, request.framework, work.stage("draws"))
    elsewhere = tuple(
        Elsewhere(str(one["field"]), str(one["record"]), str(one["now"])) for one in found["elsewhere"]
    )
    return Reproduced(
        **{**found, "inputs_changed": tuple(found["inputs_changed"]), "elsewhere": elsewhere}
    ), run


def blocks(_: Reproduce, found: Reproduced) -> Iterator[AnswerBlock]:
    """Yield whether it is the same, and what is another machine's."""
    key = "same_bytes" if found.same_bytes else "same_numbers"
    yield Sentence(f"cli.runs.{key}", {"difference": found.largest_relative or 0.0})
    for one in found.elsewhere:
        yield Sentence("errors.record_difference", {"field": one.field, "saved": one.record, "now": one.now})


QUESTIONS = (Question(Reproduce, Reproduced, reproduce, blocks),)
