"""No table and no chart of the brief is cut: at every width of a screen, on paper, in both languages."""

from pathlib import Path

import pytest

from merida.answers import Context
from merida.brief import Portrait
from merida.brief.content import build
from merida.brief.findings import gather
from merida.document.html import render
from merida.facts import Facts
from tests.end_to_end.test_first_page import few
from tests.end_to_end.widths import WIDTHS, illegible, spilling, spilling_on_paper

pytestmark = pytest.mark.end_to_end
LANGUAGES = ("en", "es")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, facts: Facts) -> Path:
    folder = tmp_path_factory.mktemp("widths")
    portrait = Portrait(Context.around(facts))
    with pytest.MonkeyPatch.context() as patch:
        few(patch)
        document = build(facts, gather(portrait), portrait)
    for language in LANGUAGES:
        page = render(document, language, LANGUAGES)
        (folder / f"brief.{language}.html").write_text(page, encoding="utf-8")
    return folder


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_cut_at_any_width_or_on_paper(browser, folder: Path, language: str) -> None:
    page = browser.new_page()
    page.goto((folder / f"brief.{language}.html").as_uri())
    assert {width: found for width in WIDTHS if (found := spilling(page, width))} == {}
    assert spilling_on_paper(page) == []
    assert {width: found for width in WIDTHS if (found := illegible(page, width))} == {}
    page.close()
