"""The pages of the scorecard, the memo, the brief and the record in Chromium, and axe-core on every page of the menu."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from merida.words import words
from merida.workbench.pages import PAGES
from tests.end_to_end.serving import served

pytestmark = pytest.mark.end_to_end
AXE = files("axe_playwright_python") / "axe.min.js"
SERIOUS = ("serious", "critical")
PATIENCE_MS = 300_000.0
MORE = ("/scorecard?indicator=B-08", "/data/tables/homicides_year", "/data/sql?query=select+1+as+n", "/find?q=juarez",
        "/plan/show?plan=memo", "/facts/show?table=nothing", "/brief?reader=plan:x.csv")  # fmt: skip
FILE = "municipality,year,basis,deaths\n08037,2023,registration,1200\n"


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("record")) as (found, _):
        yield found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_no_page_has_a_serious_fault_of_access(browser: Any, link: str, language: str, scheme: str) -> None:
    context = browser.new_context(
        locale=language, viewport={"width": 390, "height": 900}, color_scheme=scheme
    )
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(AXE.read_text(encoding="utf-8"))
    found = []
    for address in (*PAGES.values(), *MORE):
        page = context.new_page()  # one that waits for a run comes again by itself
        page.goto(link + address)
        page.wait_for_function("!document.querySelector('.run progress')", timeout=PATIENCE_MS)
        page.wait_for_load_state("load")
        told = page.evaluate("axe.run()")
        assert len(told["passes"]) > 10, address
        found += [
            (address, one["id"], one["nodes"][0]["html"][:160])
            for one in told["violations"]
            if one["impact"] in SERIOUS
        ]
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
        page.close()
    context.close()
    assert not found, "\n".join(map(str, found))


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_file_is_sent_checked_added_and_removed(
    browser: Any, link: str, language: str, tmp_path: Path
) -> None:
    said = words(language)
    own = tmp_path / "own rows.csv"
    own.write_text(FILE, encoding="utf-8")
    context = browser.new_context(locale=language, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.goto(f"{link}/data#add")
    page.set_input_files("#file", own)
    page.get_by_role("button", name=said.text("workbench_data.check")).click()
    assert page.locator("h1").inner_text() == "own rows.csv"
    page.get_by_role("button", name=said.text("workbench_data.put")).click()
    page.wait_for_url("**/data/own/homicides_year-1")
    page.goto(f"{link}/data#own")
    page.get_by_role("link", name="homicides_year-1").click()
    page.locator("summary", has_text=said.text("workbench_data.remove")).click()
    page.get_by_role("button", name=said.text("workbench_data.remove")).click()
    page.wait_for_url("**/data#own")
    assert said.text("own.none") in page.locator("#own").inner_text()
    context.close()
    assert not told


def test_the_jump_menu_goes_by_the_keyboard_alone(browser: Any, link: str) -> None:
    context = browser.new_context(locale="es", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{link}/questions")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "jump-q"
    page.keyboard.type("tablero")
    page.wait_for_selector("#jump-found a")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/scorecard")
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    assert not page.evaluate("document.getElementById('jump').open")
    context.close()


def test_the_jump_menu_is_a_page_without_script(browser: Any, link: str) -> None:
    context = browser.new_context(locale="en", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{link}/questions")
    page.fill("#q", "Ciudad Juarez")
    page.press("#q", "Enter")
    assert page.get_by_role("link", name="Juárez").count() > 0
    context.close()


def test_a_query_runs_and_what_is_wrong_with_it_stands_beside_it(browser: Any, link: str) -> None:
    context = browser.new_context(locale="es", viewport={"width": 390, "height": 900})
    page = context.new_page()
    page.goto(f"{link}/data/sql")
    page.fill("#sql", "select 6 * 7 as respuesta")
    page.get_by_role("button", name=words("es").text("workbench_data.run")).click()
    assert page.locator("td, th", has_text="42").count() == 1
    page.fill("#sql", "drop table states")
    page.get_by_role("button", name=words("es").text("workbench_data.run")).click()
    assert page.get_by_role("alert").count() == 1
    assert page.locator("#sql").input_value() == "drop table states"
    context.close()
