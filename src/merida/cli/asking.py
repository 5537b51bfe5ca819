"""One question from the command line: ask it, and show its answer as it was wished for."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from merida.cli.terminal import asked_language, remark, say
from merida.errors import RequestError, nearest
from merida.words import LANGUAGES, words

if TYPE_CHECKING:
    from merida.answers import Answer, Question

FORMATS = ("table", "json", "csv", "md", "xlsx", "parquet")
ENDINGS = {
    ".json": "json",
    ".csv": "csv",
    ".md": "md",
    ".txt": "table",
    ".xlsx": "xlsx",
    ".parquet": "parquet",
}


@dataclass(frozen=True)
class Face:
    """How an answer is to be shown.

    Parameters
    ----------
    format : str or None
        ``table``, ``json``, ``csv`` or ``md``; None leaves it to the ending of `out`.
    language : str or None
    out : Path or None
        The file that takes the answer instead of the terminal.
    assumptions : bool
        Whether every assumption is listed.
    files : mapping of str to Path
        Pictures and other files of the answer, by name.
    """

    format: str | None = None
    language: str | None = None
    out: Path | None = None
    assumptions: bool = False
    files: Mapping[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a format or language that there is not, before any work."""
        for option, value, known in (
            ("--format", self.format, FORMATS),
            ("--language", self.language, LANGUAGES),
        ):
            if value is not None and value not in known:
                wanted = RequestError("expected_one_of", known=", ".join(known))
                raise RequestError("request_option", option=option, found=value, expected=wanted)
        if (
            self.out is not None
            and self.format is None
            and self.out.suffix not in ENDINGS
            and is_new_file(self.out)
        ):
            raise RequestError("out_format_unknown", found=self.out.suffix or nearest("", [self.out.name]))

    @property
    def chosen(self) -> str:
        """The format."""
        if self.format is not None:
            return self.format
        return ENDINGS.get(self.out.suffix, "table") if self.out is not None else "table"


def is_new_file(path: Path) -> bool:
    """Tell whether a path is, or would be, a plain file rather than a device or pipe."""
    return path.is_file() or not path.exists()


def ask(question: Question[Any, Any], options: Mapping[str, Any], face: Face) -> int:
    """Ask a question, show its answer, write its files, and return the exit code."""
    from merida.answers import answer
    from merida.atomic import check_files
    from merida.charts.files import check_charts
    from merida.cli.progress import Meter
    from merida.progress import Progress

    request = question.request.of(options)
    pictures = {name: path for name, path in face.files.items() if name in question.pictures}
    check_files(face.out, *face.files.values())
    check_charts(*pictures.values())
    check_endings(question, face.files)
    language = face.language or asked_language()
    meter = Meter(words(language))
    try:
        answered = answer(request, progress=meter)
        content = rendered(answered, face, language)
        pages: dict[Path, str | bytes] = {} if face.out is None else {face.out: content}
        for name, path in face.files.items():
            meter(Progress(0, 0, "charts"))
            drawing = name in pictures
            pages[path] = (
                picture(answered, name, path, language) if drawing else question.files[name](answered, path)
            )
    finally:
        meter.clear()
    write(pages, language)
    if face.out is None:
        show(content)
    return int(question.failed(answered.payload))


def show(content: str | bytes) -> None:
    """Print an answer; a workbook goes into a pipe or a file, and not to a terminal."""
    if isinstance(content, str):
        say(content.removesuffix("\n"))
    elif sys.stdout.isatty():
        raise RequestError("format_needs_out")
    else:
        sys.stdout.buffer.write(content)


def check_endings(question: Question[Any, Any], files: Mapping[str, Path]) -> None:
    """Refuse a file whose ending says nothing of how it is to be written, before any work."""
    for name, path in files.items():
        known = question.endings.get(name)
        if known and path.suffix.lower() not in known:
            raise RequestError("file_ending", option=f"--{name}", found=path, known=", ".join(known))


def write(pages: Mapping[Path, str | bytes], language: str) -> None:
    """Write files, all or none, and say so on stderr."""
    if pages:
        from merida.atomic import write_whole

        write_whole(pages)
        for path in pages:
            remark(words(language).text("cli.brief.written", path=path))


def picture(answered: Answer[Any, Any], name: str, path: Path, language: str) -> str | bytes:
    """Return a picture of the answer as its file's ending asks for."""
    from merida.charts.files import drawn

    return drawn(path, answered.specification(name, language))


def rendered(answered: Answer[Any, Any], face: Face, language: str) -> str | bytes:
    """Return the answer in the format that was wished for; texts end with a line's end."""
    if face.chosen in answered.question.writers:
        return answered.question.writers[face.chosen](answered)
    if face.chosen in ("csv", "xlsx", "parquet"):
        from merida.document.frames import WRITERS

        if not answered.tables():
            raise RequestError("no_csv", question=answered.question.name.replace(".", " "))
        return WRITERS[face.chosen](answered.table())
    if face.chosen == "json":
        return answered.json() + "\n"
    if face.chosen == "md":
        return answered.markdown(language, face.assumptions) + "\n"
    return answered.text(language, assumptions=face.assumptions) + "\n"
