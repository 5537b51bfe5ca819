"""Running a record again, and demanding the same result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, ClassVar

from merida.answers.context import Context
from merida.answers.fields import Text, option
from merida.answers.questions import Answer, Question
from merida.answers.request import Request
from merida.document.blocks import AnswerBlock, Sentence
from merida.progress import Work

if TYPE_CHECKING:
    from merida.ensemble.run_record import Record


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
    from merida.ensemble.reproduction import again

    with TemporaryDirectory() as folder:
        saved, framework = given(request, Path(folder))
        run, found = again(saved, framework, work.stage("draws"))
    elsewhere = tuple(
        Elsewhere(str(one["field"]), str(one["record"]), str(one["now"])) for one in found["elsewhere"]
    )
    return Reproduced(
        **{**found, "inputs_changed": tuple(found["inputs_changed"]), "elsewhere": elsewhere}
    ), run


def given(request: Reproduce, folder: Path) -> tuple[Record, str | None]:
    """Return the record, of a file or of an archive, and the file of its framework where it is no shipped one.

    `folder` takes the framework that an archive holds.
    """
    from merida.ensemble.archive import FRAMEWORK, opened
    from merida.ensemble.record_reading import read
    from merida.framework.framework import SHIPPED
    from merida.user_tables.archive import is_zip

    path = Path(request.record)
    if not is_zip(path):
        return read(path), request.framework
    saved, text = opened(path)
    if request.framework is not None or saved.framework in SHIPPED:
        return saved, request.framework
    (folder / FRAMEWORK).write_text(text, encoding="utf-8")
    return saved, str(folder / FRAMEWORK)


def archive_file(answer: Answer[Reproduce, Reproduced], _: Path) -> bytes:
    """Return the replication archive of the run that was made again."""
    from merida.ensemble.archive import archive

    with TemporaryDirectory() as folder:
        return archive(*given(answer.request, Path(folder)))


def blocks(_: Reproduce, found: Reproduced) -> Iterator[AnswerBlock]:
    """Yield whether it is the same, and what is another machine's."""
    key = "same_bytes" if found.same_bytes else "same_numbers"
    yield Sentence(f"cli.runs.{key}", {"difference": found.largest_relative or 0.0})
    for one in found.elsewhere:
        yield Sentence("errors.record_difference", {"field": one.field, "saved": one.record, "now": one.now})


QUESTIONS = (
    Question(
        Reproduce,
        Reproduced,
        reproduce,
        blocks,
        files={"archive": archive_file},
        endings={"archive": (".zip",)},
    ),
)
