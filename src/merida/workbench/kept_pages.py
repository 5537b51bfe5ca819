"""Pages that are shown again as they were made, as long as nothing that they show can have changed.

While a page is made, whoever answers for it notes what may change in the next moment (a run at work) and which answers it
would show if they were there. A page without the first is kept in memory, compressed; it is made anew once one of the
second is there, the day is over, or rows of the user's own change.
"""

from __future__ import annotations

import asyncio
import gzip
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from weakref import WeakValueDictionary

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from merida.answers.request import Request as Asked
from merida.workbench.contexts import own_now

MOST_BYTES = 48_000_000  # of all pages together, compressed
PARTS = ("hx-request", "hx-target", "hx-trigger")  # headers by which a part of a page is asked for
LEVEL = 6  # of compression: more takes longer than it saves


@dataclass
class Noted:
    """What was noted while a page was made."""

    changes: bool = False
    missing: list[Asked] = field(default_factory=list)


NOTED: ContextVar[Noted | None] = ContextVar("noted", default=None)


def note_change() -> None:
    """Note that the page that is being made shows what may change in the next moment."""
    if (noted := NOTED.get()) is not None:
        noted.changes = True


def note_missing(request: Asked) -> None:
    """Note that the page that is being made would show an answer if it were there."""
    if (noted := NOTED.get()) is not None:
        noted.missing.append(request)


@dataclass(frozen=True)
class Kept:
    """A page as it is sent."""

    body: bytes
    headers: dict[str, str]
    missing: tuple[Asked, ...]

    def response(self, call: Request) -> Response:
        """Return the page, compressed where the reader's browser takes that."""
        if "gzip" in call.headers.get("accept-encoding", ""):
            return Response(self.body, headers=self.headers | {"content-encoding": "gzip"})
        return Response(gzip.decompress(self.body), headers=self.headers)


class KeptPages:
    """The pages that stand.

    Parameters
    ----------
    is_missing : callable
        Tells whether a request still has neither an answer nor a run.
    """

    def __init__(self, is_missing: Callable[[Asked], bool]) -> None:
        self.is_missing = is_missing
        self.pages: OrderedDict[Hashable, Kept] = OrderedDict()
        self.size = 0
        self.changing = threading.Lock()
        self.making: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    async def page(
        self, call: Request, language: str, make: Callable[[], Response], also: Hashable = ()
    ) -> Response:
        """Return the page of an address: as it was made, or made in a thread; who asks meanwhile waits for it.

        Parameters
        ----------
        language : str
            Of the reader.
        also : hashable
            What else the page shows that its address does not say, such as what one browser alone sees.
        """
        asks = tuple(call.headers.get(name, "") for name in PARTS)
        key = (call.url.path, call.url.query, language, asks, own_now(), date.today(), also)
        held = self.held(key)
        if held is not None:
            return held.response(call)
        lock = self.making.setdefault(key, asyncio.Lock())
        if lock.locked():
            async with lock:
                pass
            held = self.held(key)
            return held.response(call) if held is not None else await run_in_threadpool(make)
        async with lock:
            return await run_in_threadpool(self.made, key, make)

    def held(self, key: Hashable) -> Kept | None:
        """Return a page that still stands."""
        with self.changing:
            found = self.pages.get(key)
            if found is None:
                return None
            self.pages.move_to_end(key)
        if all(map(self.is_missing, found.missing)):
            return found
        with self.changing:
            self.drop(key)
        return None

    def made(self, key: Hashable, make: Callable[[], Response]) -> Response:
        """Make a page, and keep it where nothing on it changes by itself."""
        noted = Noted()
        token = NOTED.set(noted)
        try:
            response = make()
        finally:
            NOTED.reset(token)
        if response.status_code != 200 or noted.changes:
            return response
        body = gzip.compress(bytes(response.body), LEVEL, mtime=0)
        headers = {name: value for name, value in response.headers.items() if name != "content-length"}
        headers["vary"] = ", ".join(filter(None, (headers.get("vary"), "Accept-Encoding")))
        with self.changing:
            self.drop(key)
            self.pages[key] = Kept(body, headers, tuple(noted.missing))
            self.size += len(body)
            while self.size > MOST_BYTES:
                self.drop(next(iter(self.pages)))
        return response

    def drop(self, key: Hashable) -> None:
        """Forget a page."""
        if (gone := self.pages.pop(key, None)) is not None:
            self.size -= len(gone.body)
