"""The border and the evidence as a reader meets them: sliders that answer at once, two widths, both languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from merida.words import words
from tests.end_to_end.serving import served

pytestmark = pytest.mark.end_to_end
WIDTHS = (390, 1280)
PAGES = (
    "/border",
    "/border?mode=trucks&part=valley",
    "/border/at/250501",
    "/border/at/250501/now",
    "/evidence/studies",
    "/evidence/table",
)
CONTESTED = "/evidence/of/leadership_targeting"


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The link of a server with folders of its own."""
    with served(tmp_path_factory.mktemp("border")) as (found, _):
        yield found


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en")
    made = context.new_page()
    made.told = []
    made.on("console", lambda message: made.told.append(message.text))
    yield made
    context.close()


@pytest.mark.parametrize("language", ["en", "es"])
def test_pages_fit_both_widths_in_both_languages(link: str, browser: Any, language: str) -> None:
    for width in WIDTHS:
        context = browser.new_context(viewport={"width": width, "height": 900}, locale=language)
        page = context.new_page()
        for address in PAGES:
            page.goto(link + address)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, width)
            assert page.locator("h1").inner_text()
        page.goto(f"{link}/border")
        assert page.locator("h1").inner_text() == words(language).text("workbench_border.title")
        context.close()


def slide(page: Any, name: str, value: int) -> None:
    """Move a slider as a hand does: it tells of each change, and of its end."""
    page.locator(f"#s-{name}").evaluate(
        "(slider, value) => { slider.value = value; for (const kind of ['input', 'change']) "
        "slider.dispatchEvent(new Event(kind, {bubbles: true})); }",
        value,
    )


def test_a_slider_moves_the_waits_and_the_address(link: str, page: Any) -> None:
    page.goto(f"{link}/border/at/250501?mode=cars")
    before = page.locator("#tried .line").first.get_attribute("d")
    today = page.locator("#tried .usual").first.get_attribute("d")
    slide(page, "officers", int(page.locator("#s-officers").get_attribute("max")))
    page.wait_for_function(
        "before => document.querySelector('#tried .line').getAttribute('d') !== before", arg=before
    )
    assert page.locator("#tried .usual").first.get_attribute("d") == today, "today's stays where it is"
    page.wait_for_url("**officers=*")
    shown = page.locator("#tried table").first.inner_text()
    page.reload()
    assert page.locator("#tried table").first.inner_text() == shown
    assert page.locator("output[for=s-officers]").inner_text() == page.locator("#s-officers").get_attribute(
        "max"
    )
    assert not page.told


def test_the_map_is_walked_by_keyboard(link: str, page: Any) -> None:
    page.goto(f"{link}/border?mode=trucks")
    page.locator(".map a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/border/at/*")
    assert page.locator("h1").inner_text()


def test_pages_read_without_script(link: str, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en")
    page = context.new_page()
    page.goto(f"{link}/border/at/250501?mode=cars")
    page.locator("#s-month").select_option("10")
    page.locator(".sliders button").click()
    assert "month=10" in page.url
    assert "October" in page.locator("#tried").inner_text()
    context.close()


def test_weights_move_the_law(link: str, page: Any) -> None:
    page.goto(link + CONTESTED)
    for _ in range(240):
        if page.locator("#law").count():
            break
        page.wait_for_timeout(1000)
        page.goto(link + CONTESTED)
    before = page.locator("#law .line").first.get_attribute("d")
    slide(page, "violence_rises", 5)
    page.wait_for_function(
        "before => document.querySelector('#law .line').getAttribute('d') !== before", arg=before
    )
    page.wait_for_url("**violence_rises=5*")
    assert (
        "--set networks.leadership_targeting.effect.weight.violence_rises"
        in page.locator("#law").inner_html()
    )


def test_a_pasted_table_is_mended_and_pooled(link: str, page: Any) -> None:
    page.goto(f"{link}/evidence/table")
    page.locator("#table").fill("study,estimate,variance\na,0.1,0.02\nb,x,0.03\nc,0.2,0.01\n")
    page.locator(".sliders button").click()
    assert page.locator("tr.bad").inner_text().startswith("3")
    page.locator("#table").fill("study,estimate,variance\na,0.1,0.02\nb,0.3,0.03\nc,0.2,0.01\n")
    page.locator(".sliders button").click()
    assert page.locator("#pooled figure svg").count() == 1


@pytest.mark.parametrize("address", PAGES)
def test_no_serious_fault_is_found_by_axe(link: str, page: Any, address: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page.goto(link + address)
    found = axe.Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    serious = [one["id"] for one in found if one["impact"] in ("serious", "critical")]
    assert not serious, serious
