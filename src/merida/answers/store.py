"""Finished answers in the user's cache, keyed by the request and by all that it rests on.

A stored answer is JSON with a checksum: it is read through the same types as it was written from, and one that was cut or
altered is not read but answered again, which the user is told (`merida.cache`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cache as once
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from merida import cache
from merida.answers.fields import option_of
from merida.answers.request import Request

if TYPE_CHECKING:
    from merida.answers.answer import Question
    from merida.answers.context import Context

MOST_BYTES = 500_000_000  # of all answers together; the ones not used for longest go first


@once
def program() -> str:
    """Return the hash of Mérida's own code, texts and parameters."""
    return cache.code("**/*")


def folder() -> Path:
    """Return where answers are kept."""
    return cache.folder() / "answers"


def key(request: Request, context: Context) -> Path:
    """Return the place of an answer: a hash of request, program, record, framework and the user's files."""
    rests_on: dict[str, Any] = {
        "request": request.data(),
        "program": program(),
        "facts": context.facts.digest,
        "files": [hashlib.sha256(path.read_bytes()).hexdigest() for path in files(request) if path.is_file()],
    }
    if "framework" in type(request).model_fields:
        rests_on["framework"] = context.framework.digest()
    content = json.dumps(rests_on, sort_keys=True).encode()
    return folder() / f"{request.question}-{hashlib.sha256(content).hexdigest()[:40]}"


def files(request: Request) -> Iterator[Path]:
    """Yield the files of the user's that a request names."""
    for name, value in request:
        if value is not None and option_of(type(request).model_fields[name]).file:
            yield from (Path(one) for one in (value if isinstance(value, tuple) else (value,)))


def save(place: Path, question: Question[Any, Any], payload: Any, request: Request) -> None:
    """Keep a finished answer, where the cache can be written."""
    body = question.adapter.dump_json(payload)
    cache.save_bytes(place, json.dumps(request.data()).encode() + b"\n" + body)


def load(place: Path, question: Question[Any, Any]) -> Any:
    """Return the payload of a kept answer, or None where there is none that is as it was written."""
    content = cache.load_bytes(place)
    if content is None:
        return None
    try:
        return question.adapter.validate_json(content.partition(b"\n")[2])
    except ValidationError:
        return None
