"""The workbench as a reader meets it: a real server and worker, headless Chromium, both languages, two widths."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from merida.words import words
from merida.workbench.asked import open_questions
from merida.workbench.pages import PAGES
from tests.end_to_end.serving import served

pytestmark = pytest.mark.end_to_end
WIDTHS = (390, 1280)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """The link of a server, and its process."""
    with served(tmp_path_factory.mktemp("workbench")) as (link, process):
        yield link, process.pid


def workers(parent: int) -> list[int]:
    """Return the processes that a server began."""
    found = subprocess.run(["pgrep", "-P", str(parent)], capture_output=True, text=True, check=False)
    return [int(line) for line in found.stdout.split()]


def asked(link: str) -> tuple[int, Any]:
    """Return the status and the JSON of an address."""
    try:
        with urllib.request.urlopen(link, timeout=60) as answered:
            return answered.status, json.load(answered)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_a_run_outlives_its_worker(server: tuple[str, int]) -> None:
    link, process = server
    address = f"{link}/border/delay.json?port=Laredo&draws=60"
    assert asked(address)[0] == 202
    deadline = time.monotonic() + 60
    while asked(address)[1].get("state") == "queued" and time.monotonic() < deadline:
        time.sleep(0.1)
    for worker in workers(process):
        os.kill(worker, signal.SIGKILL)
    deadline = time.monotonic() + 300
    while (found := asked(address))[0] == 202 and time.monotonic() < deadline:
        time.sleep(0.5)
    assert found[0] == 200
    assert found[1]["question"] == "border.delay"


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_stands_in_both_languages_at_both_widths(
    server: tuple[str, int], browser: Any, language: str
) -> None:
    link, _ = server
    said = words(language)
    for width in WIDTHS:
        context = browser.new_context(viewport={"width": width, "height": 900}, locale=language)
        page = context.new_page()
        told: list[str] = []
        page.on("console", lambda message, told=told: told.append(message.text))
        for path in open_questions():
            page.goto(f"{link}/{path.replace('.', '/')}")
            heading = page.locator("h1").inner_text()
            assert heading
            if path not in PAGES:  # those have a heading of their own
                assert heading == said.text(f"workbench.names.{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        page.goto(link)
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "jump-q"
        assert not [
            text for text in told if "favicon" not in text and "404" not in text and "400" not in text
        ], told
        context.close()
