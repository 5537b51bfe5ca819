"""The brief as a run: its request, what writes it, and where the four writings of one are kept whole.

They are kept in one file of the cache, whose name is a hash of the request and of all that the brief rests on. JAX is
never imported where pages are served: what writes the brief is imported in the worker alone.
"""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any, Literal

from merida import cache
from merida.answers import registry, store
from merida.answers.context import Context
from merida.answers.fields import Text, option
from merida.answers.request import Dated, Request, read_json
from merida.errors import RequestError
from merida.progress import Cancel, Progress
from merida.workbench.asked import PLAN_FILES

WRITINGS = ("html", "pdf", "docx", "md")
EVERY = (1980, 1, 1, 0, 0, 0)  # the time of day of each file in the archive: the same brief is the same bytes


class WriteBrief(Dated):
    """The brief for a reader, in a language."""

    question = "brief"
    reader: Text | None = option("cli.brief.for", None, flag="for", metavar="READER")
    language: Literal["en", "es"] = option("cli.brief.language", "en", metavar="LANG")
    framework: Literal["merida", "bicentennial"] = option("cli.runs.framework", "merida", metavar="NAME")
    no_plans: bool = option("cli.brief.no_plans", False)

    def command(self) -> str:
        """Return the brief as a command line, which names its language and its writings."""
        language = "" if "language" in self.stated() else f" --language {self.language}"
        return f"{super().command()}{language} --write {','.join(WRITINGS)}"

    def python(self) -> str:
        """Return the brief as a call of a `Lab`."""
        held = {"as_of": self.as_of, "framework": self.framework if self.framework != "merida" else None}
        lab = ", ".join(f"{name}={value!r}" for name, value in held.items() if value is not None)
        more = ", plans=False" * self.no_plans + (f", for_={self.reader!r}" if self.reader else "")
        return f'merida.Lab({lab}).brief("{self.language}"{more}).write("brief", {WRITINGS})'


def read(text: str) -> Request:
    """Return the request that a line of JSON in the table of runs holds: of a question, or of a brief."""
    name, values = read_json(text)
    return brief_of(values) if name == WriteBrief.question else registry.request_of(name, values)


def brief_of(values: dict[str, Any]) -> WriteBrief:
    """Return the request of a brief; one whose reader is a file of the user's is refused.

    Raises
    ------
    RequestError
        If an option is not as it must be.
    """
    request = WriteBrief.of(values)
    if request.reader and PurePath(request.reader.strip()).suffix.lower() in PLAN_FILES:
        raise RequestError("workbench_no_files", option="--for", found=request.reader[:80])
    return request


def place(request: WriteBrief, context: Context) -> Path:
    """Return where a brief is kept: a hash of its request and of all that it rests on."""
    rests_on = [
        request.data(),
        store.program(),
        context.facts.digest,
        context.framework.digest(),
        [(one.id, one.file_name, one.added) for one in context.facts.own],
    ]
    content = json.dumps(rests_on, sort_keys=True).encode()
    return cache.folder() / "briefs" / hashlib.sha256(content).hexdigest()[:40]


def written(request: WriteBrief, context: Context) -> bytes | None:
    """Return the archive of a brief's files, or None where it is not written yet."""
    return cache.load_bytes(place(request, context))


def files(archive: bytes) -> dict[str, bytes]:
    """Return the files of an archive by their names."""
    with zipfile.ZipFile(io.BytesIO(archive)) as held:
        return {name: held.read(name) for name in held.namelist()}


def write(request: WriteBrief, context: Context, tell: Callable[[Progress], None], cancel: Cancel) -> None:
    """Write a brief and keep it."""
    from merida.brief import Brief, Portrait

    def step(progress: Progress) -> None:
        cancel.check()
        tell(progress)

    brief = Brief(Portrait(context), (request.language,), not request.no_plans, request.reader)
    content = io.BytesIO()
    with tempfile.TemporaryDirectory(prefix="merida-") as name, zipfile.ZipFile(content, "w") as archive:
        folder = Path(name)
        brief.write(folder, WRITINGS, step)
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            about = zipfile.ZipInfo(str(path.relative_to(folder)), EVERY)
            about.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(about, path.read_bytes())
    cache.save_bytes(place(request, context), content.getvalue())
