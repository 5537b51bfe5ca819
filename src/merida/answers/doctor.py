"""The question what this machine has and lacks for Mérida, what each part is for, and how to get it."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from merida import cache
from merida.answers.context import Context
from merida.answers.questions import Question
from merida.answers.request import Request
from merida.atomic import check_folder
from merida.charts.theme import FONTS, font_file
from merida.document.blocks import AnswerBlock, Column, Sentence, Table
from merida.errors import FactsError, InstallationError, OutputError
from merida.facts.compiled import bundle, manifest, verified_bytes
from merida.facts.own.shelf import home
from merida.installation import PROGRAM, libraries, lock
from merida.progress import Work

State = Literal["ready", "missing", "optional"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
OFFICES = ("soffice", "libreoffice")
MEMORY_BYTES = 3 * 2**30  # an assumption: no machine with less was tried
FREE_BYTES = 10**9  # twice what the cache may hold


class Examine(Request):
    """What this machine has and lacks."""

    question = "doctor"


@dataclass(frozen=True)
class Part:
    """One thing that Mérida needs.

    Attributes
    ----------
    part : str
        Its key under ``doctor.parts`` in ``words/``.
    state : {"ready", "missing", "optional"}
        Missing stops the work that it is for; optional is not there and is needed for tests alone.
    found : str
        What is there: a version, a folder, a size, or why it cannot be used.
    """

    part: str
    state: State
    found: str


@dataclass(frozen=True)
class Examined:
    """What is installed, and each thing that it needs."""

    program: str
    record: str
    lock: str
    parts: tuple[Part, ...]


def examine(_: Examine, __: Context, ___: Work) -> Examined:
    """Look at each thing that Mérida needs; nothing is changed."""
    parts = (
        Part("python", "ready", f"{platform.python_version()} ({sys.executable})"),
        _libraries(),
        _record(),
        _fonts(),
        _folder("cache", cache.folder()),
        _folder("own", home()),
        _disk(),
        _memory(),
        _program("browser", BROWSERS),
        _program("office", OFFICES),
    )
    return Examined(version(PROGRAM), record_name(), lock(), parts)


def record_name() -> str:
    """Return the last month of the bundled record with twelve letters of its hashes, or a dash where it is damaged."""
    try:
        stated = manifest()
    except FactsError:
        return "-"
    sums = hashlib.sha256(json.dumps(stated["sha256"], sort_keys=True).encode()).hexdigest()
    return f"{stated['published'][1]} {sums[:12]}"


def _libraries() -> Part:
    found = libraries()
    if gone := [name for name, held in found.items() if held is None]:
        return Part("libraries", "missing", ", ".join(gone))
    return Part("libraries", "ready", str(len(found)))


def _record() -> Part:
    try:
        names = manifest()["sha256"]
        return Part("record", "ready", f"{sum(len(verified_bytes(name)) for name in names) / 1e6:.1f} MB")
    except FactsError:
        return Part("record", "missing", str(bundle()))


def _fonts() -> Part:
    try:
        for weight in FONTS:
            font_file(weight)
    except InstallationError:
        return Part("fonts", "missing", "")
    return Part("fonts", "ready", "Public Sans")


def _folder(part: str, folder: Path) -> Part:
    try:
        check_folder(folder)
    except OutputError:
        return Part(part, "missing", str(folder))
    return Part(part, "ready", str(folder))


def _disk() -> Part:
    nearest = next(path for path in (cache.folder(), *cache.folder().absolute().parents) if path.exists())
    free = shutil.disk_usage(nearest).free
    return Part("disk", "ready" if free >= FREE_BYTES else "missing", f"{free / 1e9:,.1f} GB")


def _memory() -> Part:
    try:
        held = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows tells it otherwise
        return Part("memory", "ready", "?")
    return Part("memory", "ready" if held >= MEMORY_BYTES else "missing", f"{held / 1e9:,.1f} GB")


def _program(part: str, names: tuple[str, ...]) -> Part:
    found = next(filter(None, map(shutil.which, names)), None)
    return Part(part, "ready" if found else "optional", found or "")


def examined_blocks(_: Examine, found: Examined) -> Iterator[AnswerBlock]:
    """Yield what is installed, a line for each part, and the cure of what is missing."""
    yield Sentence("doctor.installed", {"program": found.program, "record": found.record, "lock": found.lock})
    yield Table(
        tuple(Column(f"doctor.{name}") for name in ("part", "state", "found", "for")),
        tuple(
            (
                Sentence(f"doctor.parts.{one.part}"),
                Sentence(f"doctor.states.{one.state}"),
                one.found or None,
                Sentence(f"doctor.purposes.{one.part}"),
            )
            for one in found.parts
        ),
    )
    missing = [one for one in found.parts if one.state != "ready"]
    for one in missing:
        yield Sentence(f"doctor.cures.{one.part}", {"found": one.found})
    if not any(one.state == "missing" for one in missing):
        yield Sentence("doctor.well")


QUESTIONS = (
    Question(
        Examine,
        Examined,
        examine,
        examined_blocks,
        table="parts",
        failed=lambda found: any(one.state == "missing" for one in found.parts),
    ),
)
