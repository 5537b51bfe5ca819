import os
import re
import stat
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from merida.answers import Context
from merida.atomic import write_whole
from merida.brief import Brief, Portrait, parts
from merida.brief.content import build
from merida.document.blocks import Document, Grid, Paragraph, Picture, Points
from merida.document.html import Page, render
from merida.errors import BriefError, OutputError
from merida.facts import Facts
from merida.figure import Figure, Origin
from merida.lab import Lab
from merida.progress import Progress
from merida.words import words

LANGUAGES = ("en", "es")


class Text(HTMLParser):
    """Collects the words that stand outside figures, years, names, pictures, sources and origins."""

    VOID = frozenset({"meta", "link", "img", "br", "hr"})

    def __init__(self) -> None:
        super().__init__()
        self.path: list[str] = []
        self.outside: list[str] = []
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.images_without_alt = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        if values.get("id"):
            self.ids.add(str(values["id"]))
        for name in ("href", "popovertarget"):
            target = values.get(name)
            if target and (name == "popovertarget" or target.startswith("#")):
                self.links.append(target.lstrip("#"))
        if (tag == "img" and not values.get("alt")) or (
            values.get("role") == "img" and not values.get("aria-label")
        ):
            self.images_without_alt += 1
        if tag not in self.VOID:
            self.path.append(
                f"{tag}.{values.get('class', '')}" + (" hidden" if "aria-hidden" in values else "")
            )

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            self.path.pop()

    def handle_data(self, data: str) -> None:
        skipped = ("figure ", "label", "record", "origin", "hidden", "style", "caption", "pre.")
        if not any(word in step for step in self.path for word in skipped) and not any(
            step.startswith(("button.", "figcaption.", "title.", "details.", "th.", "a."))
            for step in self.path
        ):
            self.outside.append(data)


@pytest.fixture(scope="module")
def pages(document: Document) -> dict[str, str]:
    return {language: render(document, language, LANGUAGES) for language in LANGUAGES}


@pytest.fixture(scope="module")
def pages_2012(document_2012: Document) -> dict[str, str]:
    return {language: render(document_2012, language, LANGUAGES) for language in LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_number_is_printed_but_through_a_figure(pages: dict[str, str], language: str) -> None:
    page = Text()
    page.feed(pages[language])
    prose = " ".join(page.outside)
    numbers = [n for n in re.findall(r"\d[\d,.]*", prose) if not re.fullmatch(r"(19|20)\d\d[.,]?", n)]
    # Only the unit of rates ("per 100,000 residents") and the tiles' thresholds may stand without an origin.
    assert set(numbers) <= {"100,000", "12"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_and_origin_leads_somewhere(pages: dict[str, str], language: str) -> None:
    page = Text()
    page.feed(pages[language])
    assert page.links
    assert set(page.links) <= page.ids
    assert page.images_without_alt == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_self_contained(pages: dict[str, str], language: str) -> None:
    assert not re.findall(r"(?:src|href)=\"(?:https?:|//)", pages[language])
    assert "<script" not in pages[language]
    assert "@import" not in pages[language]
    assert f'<html lang="{language}">' in pages[language]


def figures(document: Document) -> list[Figure]:
    found: list[Figure] = []
    found += [figure for _, figure, _ in document.tiles]
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Paragraph | Points):
                values = [value for sentence in block.sentences for value in sentence.values.values()]
            elif isinstance(block, Grid):
                values = [value for row in block.rows for value in row]
            elif isinstance(block, Picture):
                values = list(block.values.values())
            else:
                values = []
            found += [value for value in values if isinstance(value, Figure)]
    return found


@pytest.mark.parametrize("as_of", [None, pytest.param("2012-12", marks=pytest.mark.end_to_end)])
def test_every_figure_is_what_its_own_query_gives(as_of: str | None, request: pytest.FixtureRequest) -> None:
    fresh = Facts(as_of)
    built = request.getfixturevalue("document_2012" if as_of else "document")
    shown = [figure for figure in figures(built) if figure.origin.note != "checks"]
    assert len(shown) > 80
    for figure in shown:
        assert figure.origin.tables
        if figure.origin.request is not None:  # of a model: tests/end_to_end/test_brief_cites.py asks again
            assert figure.origin.request.command().startswith(("merida violence ", "merida scorecard"))
            continue
        answer = fresh.sql(figure.origin.query)
        if figure.kind == "fact":
            assert answer.item() == pytest.approx(figure.value, rel=1e-12)
        else:  # the query gives what an estimate was made of
            assert answer.height


@pytest.mark.parametrize("language", LANGUAGES)
def test_december_2012_shows_nothing_published_later(pages_2012: dict[str, str], language: str) -> None:
    page = pages_2012[language]
    body = page[page.index("<main") : page.index('<section id="sources"')]
    # The forecast is of later years, the checklist of today; the contents and a picture of the first page name them.
    for apart in ("forecast", "cheers"):
        body = re.sub(f'<section id="{apart}">.*?</section>', "", body, flags=re.DOTALL)
    ahead = r'<figure class="chart">\s*<figcaption>[^<]*(?:forecast|pronóstico).*?</figure>'
    body = re.sub(f"<nav.*?</nav>|{ahead}", "", body, flags=re.DOTALL)
    visible = re.sub(
        r"<style.*?</style>|data:[^\"]*|<svg.*?</svg>|popovertarget=\"\w+\"", "", body, flags=re.DOTALL
    )
    assert not re.findall(r"\b201[3-9]\b|\b202\d\b", re.sub("<[^>]+>", " ", visible))
    assert "--as-of 2012-12" in page
    years = [int(year) for year in re.findall(r">((?:19|20)\d\d)</text>", body)]
    assert max(years) <= 2012


@pytest.fixture(scope="module")
def page_2008() -> str:
    """The brief of a month before there was a plan, in Spanish: the smallest that draws most charts."""
    return render(build(Facts("2008-06")), "es", LANGUAGES)


@pytest.mark.end_to_end
def test_a_brief_can_be_written_for_any_month(page_2008: str) -> None:
    for page in (page_2008, render(build(Facts("1991-10")), "en", LANGUAGES)):
        assert "None" not in re.sub(r"<svg.*?</svg>|data:[^\"]*|<pre>.*?</pre>", "", page, flags=re.DOTALL)


@pytest.mark.end_to_end
def test_the_same_bytes_with_another_hash_seed(tmp_path: Path, page_2008: str) -> None:
    # this process has a hash seed of its own, drawn at its start
    code = (
        "from pathlib import Path; from merida.brief.content import build; from merida.document.html import render; "
        "from merida.facts import Facts; "
        f"Path('es.html').write_text(render(build(Facts('2008-06')), 'es', {LANGUAGES!r}), encoding='utf-8')"
    )
    subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": "1"}, cwd=tmp_path, check=True
    )
    assert (tmp_path / "es.html").read_text(encoding="utf-8") == page_2008


def test_progress_ends_at_the_last_step(tmp_path: Path) -> None:
    steps: list[Progress] = []
    written = Lab("1991-10").brief("es").write(tmp_path / "new/folder", progress=steps.append)
    assert [path.name for path in written] == ["brief.es.html", "brief.es.pdf"]
    assert steps[-1].done == steps[-1].total > 0
    assert stat.S_IMODE(written[0].stat().st_mode) == 0o644


def test_an_unknown_language_is_refused(facts: Facts) -> None:
    with pytest.raises(BriefError) as error:
        Brief(Portrait(Context.around(facts)), ("fr",))
    assert "en, es" in error.value.message("en")


def test_a_failed_write_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = {name: tmp_path / name for name in ("a.html", "b.html")}
    for path in old.values():
        path.write_text("old")

    def full(_self: Path, _target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OutputError, match="No space"):
        write_whole(dict.fromkeys(old.values(), "new"))
    assert [path.read_text() for path in old.values()] == ["old", "old"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.html", "b.html"]


def test_leaders_are_counted_at_the_date_of_the_count_beside_them(facts: Facts, facts_2012: Facts) -> None:
    """The published count is of October 2012: what the record documents later is said apart."""
    then, now = (parts.sourced_leaders(facts, until) for until in (parts.COUNTED, None))
    assert then is not None
    assert now is not None
    assert (then.value, now.value) == (14, 22)
    known = parts.sourced_leaders(facts_2012, parts.COUNTED)
    assert known is not None
    assert known.value == then.value


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_and_head_with_dollars_says_of_which_year(language: str) -> None:
    texts = words(language).texts
    money = re.compile({"en": r"million|dollars", "es": r"millón|millones|dólares"}[language])
    dollars = re.compile({"en": "dollar", "es": "dólar"}[language])
    year = re.compile(
        {"en": "current|constant|2012|base_year", "es": "corriente|constante|2012|base_year"}[language]
    )
    amounts = {
        key: text
        for key, text in texts.items()
        if key.startswith(("brief.", "tables.", "units.usd_")) and money.search(text) and dollars.search(text)
    }
    assert len(amounts) > 20
    bare = {key for key, text in amounts.items() if not year.search(text)}
    assert not bare


def test_an_interval_that_reads_as_its_figure_is_not_printed() -> None:
    page = Page(words("en"), None)
    origin = Origin(())

    def shown(value: float, low: float, high: float, unit: str) -> str:
        return re.sub("<[^>]+>", "", page.figure(Figure(value, low, high, unit, "estimate", origin)))

    assert shown(0.01, 0.0, 0.04, "percent") == "0.0"
    assert shown(17, 16.8, 17.3, "percent_whole") == "17"
    assert shown(17, 16.8, 18.3, "percent_whole") == "17 (17–18)"
