"""The page of plans as a reader meets it: a change is answered, undone, shared; a search holds up no short run."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from merida.words import words
from tests.end_to_end.serving import served

pytestmark = pytest.mark.end_to_end
FEW = "draws=32"


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The link of a server whose worker has compiled."""
    with served(tmp_path_factory.mktemp("plans")) as (found, _):
        until(lambda: read(f"{found}/ready.json")["worker"], 900)
        yield found


def read(address: str) -> Any:
    """Return the JSON at an address, whatever its status."""
    try:
        with urllib.request.urlopen(address, timeout=60) as answered:
            return json.load(answered)
    except urllib.error.HTTPError as error:
        return json.load(error)


def until(true: Callable[[], object], seconds: float = 120.0) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


def draws(page: Any) -> str:
    """Return how many draws the page says that its answer has."""
    found = page.evaluate("(document.querySelector('#result .count') || {innerText: ''}).innerText")
    return re.sub(r"[^\d,].*", "", found)


def answered(page: Any, beside: str = "") -> bool:
    """Tell whether the page shows an answer from 32 draws, at another address than one."""
    return draws(page) == "32" and page.url != beside


def test_a_change_is_answered_reloaded_undone_and_shared(link: str, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en")
    page, told = context.new_page(), []
    page.on("console", lambda message: told.append(message.text))
    page.goto(f"{link}/plan?{FEW}")
    until(lambda: answered(page))
    first, before = page.url, page.locator("#result table").first.inner_text()
    field = page.locator(".money .usd").nth(3)
    field.fill("150")
    field.dispatch_event("change")
    until(lambda: answered(page, first))
    changed = page.locator("#result table").first.inner_text()
    assert changed != before
    address = page.url
    page.reload()
    until(lambda: answered(page))
    assert page.locator(".money .usd").nth(3).input_value() == "150"
    assert page.locator("#result table").first.inner_text() == changed

    clean = browser.new_context(viewport={"width": 390, "height": 900}, locale="es").new_page()
    clean.goto(address)
    assert clean.locator(".money .usd").nth(3).input_value() == "150"
    assert words("es").text("plan_names.plan") in clean.locator("#does").inner_text()
    assert clean.evaluate("document.documentElement.scrollWidth") <= 390

    page.locator("#undo").click()
    until(lambda: page.url == first and answered(page))
    assert page.locator(".money .usd").nth(3).input_value() != "150"
    assert page.locator("#result table").first.inner_text() == before
    assert not [text for text in told if "favicon" not in text], told
    context.close()


def test_what_is_wrong_is_said_where_one_looks_and_the_address_stays(link: str, browser: Any) -> None:
    page = browser.new_context(locale="es").new_page()
    page.goto(f"{link}/plan?{FEW}")
    page.locator(".fold summary").first.click()
    field = page.locator('.row input[name="place"]').first
    field.fill("Narnia")
    field.dispatch_event("change")
    until(lambda: page.locator("#result [role=alert]").count() == 1)
    assert "Narnia" in page.locator("#result [role=alert]").inner_text()
    assert page.url.endswith(f"/plan?{FEW}")


def test_a_search_holds_up_no_plan_and_stops_at_once(link: str, browser: Any) -> None:
    context = browser.new_context(locale="en")
    page, other = context.new_page(), context.new_page()
    page.goto(f"{link}/plan/improve?plan=memo&go=true")
    queued = words("en").text("workbench.states.queued")
    until(lambda: page.locator(".run").count() and queued not in page.locator(".run").inner_text())
    other.goto(f"{link}/plan?plan=none&versus=memo&{FEW}")
    until(lambda: answered(other))
    assert page.locator(".run progress").count() == 1  # still at work
    page.locator(".run button").click()
    until(lambda: words("en").text("workbench.states.cancelled") in page.locator(".run").inner_text(), 5)
    context.close()
