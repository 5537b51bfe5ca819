"""What guards the pages: who may ask, how much, and what a page may load."""

from __future__ import annotations

import time
from collections import deque
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOSTS = ("127.0.0.1", "localhost", "[::1]")
MOST_BODY = 1_000_000  # bytes of a form
UPLOADS = {"/data/add": 201_000_000}  # bytes that addresses take which files are sent to
MOST_ADDRESS = 16_000  # letters of an address with its query
CALLS, SECONDS = 60, 60.0  # runs, queries and files that one browser may ask for in so many seconds
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Refused(Exception):  # noqa: N818  # an answer, not a fault
    """The request is not taken.

    Parameters
    ----------
    status : int
    reason : str
        Key under ``workbench.refused`` in ``words/``.
    """

    def __init__(self, status: int, reason: str) -> None:
        self.status, self.reason = status, reason
        super().__init__(reason)


class Rate:
    """How often each asker asked lately."""

    def __init__(self, calls: int = CALLS, seconds: float = SECONDS) -> None:
        self.calls, self.seconds = calls, seconds
        self.asked: dict[str, deque[float]] = {}

    def take(self, asker: str) -> None:
        """Count one call.

        Raises
        ------
        Refused
            If there were too many.
        """
        now = time.monotonic()
        if len(self.asked) > 1000:
            self.asked = {
                one: times for one, times in self.asked.items() if times and times[-1] > now - self.seconds
            }
        times = self.asked.setdefault(asker, deque())
        while times and times[0] < now - self.seconds:
            times.popleft()
        if len(times) >= self.calls:
            raise Refused(429, "too_often")
        times.append(now)


def check(headers: dict[str, str], method: str, address: str) -> None:
    """Refuse what another site sends, what names another host, and what is too large.

    Raises
    ------
    Refused
        Whoever reaches a loopback address under another name is led here by a page that is not ours.
    """
    host = headers.get("host", "")
    if host.rpartition(":")[0] not in HOSTS and host not in HOSTS:
        raise Refused(421, "host")
    if len(address) > MOST_ADDRESS:
        raise Refused(414, "address")
    if method not in ("GET", "HEAD", "POST"):
        raise Refused(405, "method")
    if method == "POST":
        origin = headers.get("origin", "")
        site = headers.get("sec-fetch-site", "")
        if (
            (origin and urlsplit(origin).netloc != host)
            or site not in ("", "same-origin", "none")
            or not (origin or site)
        ):
            raise Refused(403, "site")
        if not headers.get("content-length", "").isdigit():
            raise Refused(411, "length")
        if int(headers["content-length"]) > UPLOADS.get(urlsplit(address).path, MOST_BODY):
            raise Refused(413, "body")


def local(address: str) -> str:
    """Return an address within the workbench, or nothing where it leads elsewhere.

    Examples
    --------
    >>> local("/plan?plan=memo"), local("//elsewhere.org")
    ('/plan?plan=memo', '')
    """
    return address if address.startswith("/") and not address.startswith(("//", "/\\")) else ""


def is_foreign(headers: dict[str, str]) -> bool:
    """Tell whether another site's page asks: it may lead here, and starts no work."""
    return headers.get("sec-fetch-site", "") in ("cross-site", "same-site")


class Guard:
    """Adds the headers of safety to every answer of an application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on and complete what comes back."""

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, complete if scope["type"] == "http" else send)
