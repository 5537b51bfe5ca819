"""The brief in real headless Chromium: read, clicked, narrowed, printed."""

from pathlib import Path

import pytest

from merida.lab import Lab
from tests.end_to_end.widths import WIDTHS, spilling, spilling_on_paper

pytestmark = pytest.mark.end_to_end


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("brief")
    Lab().brief().write(folder)
    return folder


@pytest.fixture
def page(browser, folder: Path, request: pytest.FixtureRequest):
    page = browser.new_page(viewport={"width": 1000, "height": 900})
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("requestfailed", lambda failed: problems.append(failed.url))
    page.goto((folder / f"brief.{request.param}.html").as_uri())
    yield page
    assert problems == []
    page.close()


both = pytest.mark.parametrize("page", ["en", "es"], indirect=True)


@both
def test_a_figure_opens_its_origin_and_closes_again(page) -> None:
    first = page.locator("p button.figure.fact").first
    target = page.locator(f"#{first.get_attribute('popovertarget')}")
    assert not target.is_visible()
    first.click()
    assert target.is_visible()
    assert first.inner_text() in target.inner_text()
    assert "merida " in target.inner_text(), "the command that gives it again"
    page.keyboard.press("Escape")
    assert not target.is_visible()


@both
def test_a_figure_can_be_reached_by_keyboard(page) -> None:
    page.locator("p button.figure").first.focus()
    page.keyboard.press("Enter")
    assert page.locator(".origin:popover-open").count() == 1


@both
def test_a_source_link_opens_at_its_table(page) -> None:
    link = page.locator("figure .caption a").first
    place = link.get_attribute("href")
    assert place.startswith("#source-")
    link.click()
    assert page.url.endswith(place)
    assert page.locator(place).is_visible()


@both
def test_the_other_language_is_one_click_away(page) -> None:
    before = page.locator("html").get_attribute("lang")
    page.locator(".house a").click()
    assert {before, page.locator("html").get_attribute("lang")} == {"en", "es"}


@both
def test_nothing_is_cut_at_any_width_or_on_paper(page) -> None:
    assert {width: found for width in WIDTHS if (found := spilling(page, width))} == {}
    assert spilling_on_paper(page) == []


@both
def test_charts_keep_their_text_inside(page) -> None:
    """No letter of a chart lies outside its drawing, and no two axis labels of a chart overlap."""
    outside = page.evaluate(
        """() => [...document.querySelectorAll('figure svg')].flatMap(svg => {
          const frame = svg.getBoundingClientRect();
          return [...svg.querySelectorAll('text')].filter(t => t.textContent).filter(t => {
            const box = t.getBoundingClientRect();
            return box.left < frame.left - 2 || box.right > frame.right + 2
              || box.top < frame.top - 2 || box.bottom > frame.bottom + 2;
          }).map(t => t.textContent);
        })"""
    )
    assert outside == []
    overlapping = page.evaluate(
        """() => [...document.querySelectorAll('figure svg')].flatMap(svg => {
          const boxes = [...svg.querySelectorAll('text')].filter(t => t.textContent.trim())
            .map(t => [t.textContent, t.getBoundingClientRect()]);
          const hits = [];
          for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length; j++) {
            const [a, b] = [boxes[i][1], boxes[j][1]];
            const w = Math.min(a.right, b.right) - Math.max(a.left, b.left);
            const h = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
            const halo = boxes[i][0] === boxes[j][0] && Math.abs(a.left - b.left) + Math.abs(a.top - b.top) < 1;
            if (w > 2 && h > 3 && !halo) hits.push(boxes[i][0] + ' | ' + boxes[j][0]);
          }
          return hits;
        })"""
    )
    assert overlapping == []


@both
def test_it_prints_with_its_origins(page) -> None:
    pdf = page.pdf(format="A4")
    assert pdf.startswith(b"%PDF")
    page.emulate_media(media="print")
    assert page.locator("#o1").is_visible()
