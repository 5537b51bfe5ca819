"""The first page and the pages of places as a reader meets them: map, zoom, search, a place; two languages and widths."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from merida.words import words
from tests.end_to_end.serving import served

pytestmark = pytest.mark.end_to_end
LEFT = (
    "htmx:sendAbort",
    "htmx:afterRequest",
)  # what htmx says of a request whose page was left before its answer
PATIENCE = 240_000  # milliseconds, on a machine that does other things


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The link of a server with folders of its own."""
    with served(tmp_path_factory.mktemp("places")) as (found, _):
        yield found


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots are kept to be looked at."""
    return Path(os.environ.get("MERIDA_SCREENSHOTS") or tmp_path_factory.mktemp("shots"))


def opened(browser: Any, width: int, language: str, scheme: str = "light") -> Any:
    """Return a page of a new browser."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, locale=language, color_scheme=scheme
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.told = []
    page.on(
        "console", lambda message: None if message.text.startswith(LEFT) else page.told.append(message.text)
    )
    page.on("pageerror", lambda error: page.told.append(str(error)))
    return page


def until(told: Callable[[], bool]) -> None:
    """Wait until something holds; the policy lets no script of a test's own look for it within the page."""
    deadline = time.monotonic() + PATIENCE / 1000
    while not told():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_the_first_page_comes_at_once_and_fills_itself(link: str, browser: Any, shots: Path) -> None:
    page = opened(browser, 1280, "en")
    begun = time.monotonic()
    page.goto(link, wait_until="commit")
    page.locator("h1").wait_for()
    took = time.monotonic() - begun
    page.locator("#record ul").first.wait_for()
    page.locator("#ahead .tiles").wait_for()
    assert page.locator("#plan progress").count() == 0, "what takes minutes is not begun by looking"
    page.screenshot(path=shots / "today.png", full_page=True)
    assert not page.told
    assert took < 10, "two seconds on a machine that does nothing else"


@pytest.mark.parametrize(("language", "width", "scheme"), [("en", 1280, "light"), ("es", 390, "dark")])
def test_the_map_is_coloured_searched_and_left_for_a_place(
    link: str, browser: Any, shots: Path, language: str, width: int, scheme: str
) -> None:
    page, said = opened(browser, width, language, scheme), words(language)
    page.goto(f"{link}/places")
    page.locator("figure.map svg").first.wait_for()
    assert page.locator("h1").inner_text() == said.text("workbench_places.title")
    assert page.locator("figure.map >> nth=0").locator("a").count() == 2443
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.screenshot(path=shots / f"places-{language}-{width}.png")
    juarez = page.locator('figure.map >> nth=0 >> a[href="/places/08037"]')
    was = juarez.get_attribute("class")
    page.select_option("#by", "missing")
    page.wait_for_url("**/places?by=missing")
    until(lambda: juarez.get_attribute("class") != was)
    page.fill("#named", "merida")
    page.wait_for_url("**q=merida*")
    until(lambda: page.locator("#side tbody tr").count() < 9)
    page.select_option("#state", "31")
    until(lambda: page.locator("#side tbody tr").count() == 1)
    page.locator("#side tbody a").click()
    page.wait_for_url("**/places/31050")
    assert page.locator("h1").inner_text() == "Mérida, Yucatán"
    assert not page.told


def test_the_map_is_zoomed_by_keys_and_buttons(link: str, browser: Any) -> None:
    page = opened(browser, 1280, "en")
    page.goto(f"{link}/places")
    figure = page.locator("figure.map >> nth=0")
    figure.wait_for()
    whole = figure.locator("svg").get_attribute("viewBox")
    figure.focus()
    page.keyboard.press("+")
    near = figure.locator("svg").get_attribute("viewBox")
    assert float(near.split()[2]) < 0.75 * float(whole.split()[2])
    page.keyboard.press("ArrowRight")
    assert figure.locator("svg").get_attribute("viewBox") != near
    figure.locator("[data-zoom='0']").click()
    assert figure.locator("svg").get_attribute("viewBox") == whole
    figure.locator('a[href="/places/08037"]').hover()
    assert "Juárez, Chihuahua" in page.locator(".tip").inner_text()


def test_a_place_stands_beside_another(link: str, browser: Any, shots: Path) -> None:
    page = opened(browser, 1280, "es")
    page.goto(f"{link}/places/08037?beside=19")
    until(
        lambda: (
            page.locator("figure.chart svg").count() >= 4 and page.locator(".glance tbody tr").count() >= 8
        )
    )
    assert page.locator(".glance thead").inner_text().split("\t")[-1].strip() == "Nuevo León"
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    page.screenshot(path=shots / "beside.png", full_page=True)
