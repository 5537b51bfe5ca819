"""Finished answers in the user's cache, keyed by the request and by all that it rests on.

A stored answer is JSON with a checksum: it is read through the same types as it was written from, and one that was cut or
altered is not read but answered again, which the user is told (`merida.cache`).
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache as once
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from merida import cache
from merida.answers.fields import option_of
from merida.answers.request import Request

if TYPE_CHECKING:
    from merida.answers.context import Context
    from merida.answers.questions import Question

RUNS = "runs"
OTHERS = (RUNS, "border", "charts", "jax", "briefs")  # folders of the cache beside that of answers
MOST_BYTES = (
    500_000_000  # of all answers together, and of each other cache; what was not used for longest goes first
)
KEPT_DAYS = 180  # without being used


@once
def program() -> str:
    """Return the hash of Mérida's own code, texts and parameters."""
    return cache.code("**/*")


def folder() -> Path:
    """Return where answers are kept."""
    return cache.folder() / "answers"


def key(request: Request, context: Context) -> Path:
    """Return the place of an answer: a hash of request, program, record, framework and the user's files."""
    about = {name: option_of(field) for name, field in type(request).model_fields.items()}
    rests_on: dict[str, Any] = {
        "request": {
            name: value
            for name, value in request.data().items()
            if name not in about or not about[name].shown
        },
        "program": program(),
        "facts": context.facts.digest,
        "files": [hashlib.sha256(path.read_bytes()).hexdigest() for path in files(request)],
    }
    if context.facts.own:  # an answer names the files and their days
        rests_on["own"] = [(one.id, one.file_name, one.added) for one in context.facts.own]
    if "framework" in type(request).model_fields:
        rests_on["framework"] = context.framework.digest()
    content = json.dumps(rests_on, sort_keys=True).encode()
    return folder() / f"{request.question}-{hashlib.sha256(content).hexdigest()[:40]}"


def files(request: Request) -> Iterator[Path]:
    """Yield the files of the user's that a request names; what is no file, such as a plan's name, is passed over."""
    for name, value in request:
        if value is not None and option_of(type(request).model_fields[name]).file:
            for one in value if isinstance(value, tuple) else (value,):
                with suppress(OSError, ValueError):
                    if Path(one).is_file():
                        yield Path(one)


def save(place: Path, question: Question[Any, Any], payload: Any, request: Request) -> Any:
    """Keep a finished answer, where the cache can be written, make room for it, and return it as it will be read back."""
    body = json.dumps(question.adapter.dump_python(payload, mode="json"))  # which has a word for infinity
    cache.save_bytes(place, request.command().encode() + b"\0" + body.encode())
    make_room()
    return question.adapter.validate_json(body)


def load(place: Path, question: Question[Any, Any]) -> Any:
    """Return the payload of a kept answer, or None where there is none that is as it was written."""
    content = cache.load_bytes(place)
    if content is None:
        return None
    try:
        return question.adapter.validate_json(content.partition(b"\0")[2])
    except ValidationError:
        return None


def make_room() -> None:
    """Remove what was not used for longest: answers and parts of runs each time, once a process what else is kept.

    Nothing is kept that nobody used for `KEPT_DAYS`: what a run left that was killed goes with it.
    """
    places = [folder(), cache.folder() / RUNS]
    if "tidied" not in cache.said:
        cache.said.add("tidied")
        places += [cache.folder() / name for name in OTHERS if name != RUNS]
    oldest = time.time() - 86_400 * KEPT_DAYS
    for place in places:
        total = 0
        for path, about in sorted(held(place).items(), key=lambda one: -one[1].st_mtime):
            total += about.st_size
            if total > MOST_BYTES or about.st_mtime < oldest:
                with suppress(OSError):
                    path.unlink()
                    if place.name == RUNS:
                        path.parent.rmdir()  # the last of a run's parts


def held(place: Path) -> dict[Path, os.stat_result]:
    """Return the plain files under a folder of the cache; a link is none, nor is what another process just removed."""
    if place.is_symlink() or not place.is_dir():
        return {}
    found = {}
    # A walk passes over folders that end while it walks: others finish their runs in the meantime.
    for path in sorted(Path(folder) / name for folder, _, names in os.walk(place) for name in names):
        with suppress(OSError):
            if stat.S_ISREG((about := path.lstat()).st_mode):
                found[path] = about
    return found


def listed() -> Iterator[tuple[str, int]]:
    """Yield the command and the bytes of each kept answer."""
    for path, about in held(folder()).items():
        content = cache.load_bytes(path.with_name(path.name.removesuffix(cache.SUFFIX))) or b"?\0"
        yield content.partition(b"\0")[0].decode(errors="replace"), about.st_size


def others() -> dict[str, tuple[int, int]]:
    """Return, for each other folder of the cache, how many files and bytes it holds."""
    found = {name: held(cache.folder() / name) for name in OTHERS}
    return {
        name: (len(paths), sum(about.st_size for about in paths.values()))
        for name, paths in found.items()
        if paths
    }


def clear() -> tuple[int, int]:
    """Empty the cache's own folders and return how many files and bytes they held."""
    files = size = 0
    for name in (folder().name, *OTHERS):
        for path, about in held(cache.folder() / name).items():
            with suppress(OSError):
                path.unlink()
                files, size = files + 1, size + about.st_size
    return files, size
