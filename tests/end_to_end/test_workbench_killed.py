"""Server and worker are killed again and again while a run works and files are sent: nothing is lost or half there.

What was added stands whole with the bytes that were sent, or not at all; the run goes on under the next worker and its
answer is the one that a process which nobody kills gives.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from merida.answers import answer
from merida.answers.registry import from_url
from tests.end_to_end.serving import served

pytestmark = pytest.mark.end_to_end
TIMES = 20
RUN = "/border/delay?port=Laredo&draws=24"
ROWS = 400
BOUNDARY = "edge"


def file_of(number: int) -> bytes:
    """Return a file of rows that no other number has."""
    lines = (f"{code},{1991 + number},registration,{number + 1}" for code in CODES)
    return ("municipality,year,basis,deaths\n" + "\n".join(lines) + "\n").encode()


CODES = tuple(f"20{number:03d}" for number in range(1, ROWS + 1))


def call(link: str, address: str, body: bytes | None = None, kind: str = "") -> tuple[int, str, bytes]:
    """Return the status, the address in the end and the content of what is asked; 0 where nobody answers."""
    headers = {"Origin": link} | ({"Content-Type": kind} if kind else {})
    with suppress(OSError):
        try:
            with urllib.request.urlopen(
                urllib.request.Request(link + address, body, headers), timeout=60
            ) as told:
                return told.status, told.url, told.read()
        except urllib.error.HTTPError as error:
            return error.code, error.url, error.read()
    return 0, "", b""


def add(link: str, number: int) -> None:
    """Send a file and add it, as far as the server lives."""
    part = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{number}.csv"\r\n\r\n'
    body = part.encode() + file_of(number) + f"\r\n--{BOUNDARY}--\r\n".encode()
    _, place, _ = call(link, "/data/add", body, f"multipart/form-data; boundary={BOUNDARY}")
    if "/data/incoming/" in place:
        call(link, place.removeprefix(link), b"", "application/x-www-form-urlencoded")


def children(parent: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(parent)], capture_output=True, text=True, check=False)
    return [int(line) for line in found.stdout.split()]


def whole(home: Path) -> list[dict[str, Any]]:
    """Return what stands of the user's own rows; each addition must be whole, and of the file that was sent."""
    import polars as pl

    found = []
    shelf = home / "home/facts"
    for folder in sorted(shelf.glob("homicides_year-*")) if shelf.is_dir() else []:
        about = json.loads((folder / "addition.json").read_text(encoding="utf-8"))
        rows = pl.read_parquet(folder / "rows.parquet")
        number = int(about["file_name"].removesuffix(".csv"))
        assert rows.height == about["rows"] == ROWS, folder
        assert set(rows["deaths"]) == {number + 1}, folder
        found.append(about)
    return found


def test_nothing_is_lost_or_half_there(tmp_path: Path) -> None:
    draw = random.Random(3)
    for number in range(TIMES):
        with served(tmp_path) as (link, server):
            call(link, RUN)
            sending = threading.Thread(target=add, args=(link, number))
            sending.start()
            time.sleep(draw.uniform(0.0, 6.0))
            victims = children(server.pid) if number % 2 else [server.pid]
            for victim in victims:
                os.kill(victim, signal.SIGKILL)
            if number % 2:
                time.sleep(0.3)
                server.kill()
            server.wait(30)
            sending.join(60)
        whole(tmp_path)
    with served(tmp_path) as (link, _):
        before = len(whole(tmp_path))
        add(link, 30)
        assert len(whole(tmp_path)) == before + 1, "what was left half there does not stand in the way"
        address = RUN.replace("?", ".json?")
        call(link, RUN)
        deadline = time.monotonic() + 600
        while (told := call(link, address))[0] != 200 and time.monotonic() < deadline:
            if told[0] == 409:  # three workers of one run were killed: it is asked again, as its page offers
                again = urllib.parse.urlencode({"request": from_url(RUN).json()}).encode()
                call(link, "/runs", again, "application/x-www-form-urlencoded")
            time.sleep(1)
        assert told[0] == 200
    assert whole(tmp_path)
    assert json.loads(told[2])["crossings"] == json.loads(answer(from_url(RUN)).json())["crossings"]
    left = [one.name for one in (tmp_path / "home/incoming").glob(".new-*")]
    assert len(left) <= TIMES, "swept after a day"
