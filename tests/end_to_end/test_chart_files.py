"""Charts as files in real headless Chromium: the font is the file's own, and nothing lies outside."""

from pathlib import Path

import pytest

from merida.charts.files import write_chart
from merida.charts.theme import WEIGHTS
from merida.words import words
from tests.charts.test_files import border

pytestmark = pytest.mark.end_to_end

OUTSIDE = """() => {
  const sheet = document.documentElement.getBoundingClientRect();
  return [...document.querySelectorAll('text')].filter(text => {
    const box = text.getBoundingClientRect();
    return box.left < sheet.left || box.right > sheet.right || box.top < sheet.top || box.bottom > sheet.bottom;
  }).map(text => text.textContent);
}"""
FONTS = "() => document.fonts.ready.then(all => [...all].map(font => font.weight + ' ' + font.status).sort())"


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_chart_opened_by_itself_has_its_font_and_cuts_nothing(
    browser, tmp_path: Path, language: str
) -> None:
    for name, spec in border(words(language)).items():
        path = tmp_path / f"{name}.svg"
        write_chart(path, spec)
        page = browser.new_page(viewport={"width": 1000, "height": 900})
        page.goto(path.as_uri())
        assert page.evaluate(FONTS) == [f"{weight} loaded" for weight in sorted(WEIGHTS.values())], name
        assert page.evaluate(OUTSIDE) == [], name
        page.close()
