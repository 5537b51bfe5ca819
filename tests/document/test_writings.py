"""The four writings of a small document: PDF, Word file, Markdown and page."""

import csv
import io
import re
import zipfile
import zlib
from xml.etree import ElementTree

import fastexcel
import pytest

from merida.charts.theme import font_file
from merida.document import html, pandoc, typst
from merida.document.laid import Laid, laid, widths
from merida.document.reading import Reading
from merida.document.typst import Attached
from merida.document.word_file import HIDDEN
from merida.errors import BriefError
from merida.words import words
from tests.document.small import HOSTILE, small

LANGUAGES = ("en", "es")
ATTACHED = [
    Attached("run.json", "{}", "application/json", "source", "run"),
    Attached("t.csv", "a\r\n", "text/csv", "data", "t"),
]


def layout(language: str) -> Laid:
    return laid(small(), Reading(words(language), None))


@pytest.fixture(scope="module", params=LANGUAGES)
def pdf(request: pytest.FixtureRequest) -> bytes:
    return typst.render(layout(request.param), ATTACHED)


@pytest.fixture(scope="module", params=LANGUAGES)
def word(request: pytest.FixtureRequest) -> bytes:
    return pandoc.word(layout(request.param))


def text_of(page: bytes) -> bytes:
    """Return a PDF with its streams opened, as far as they are deflated."""
    opened = [page]
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", page, re.DOTALL):
        try:
            opened.append(zlib.decompress(found[1]))
        except zlib.error:
            opened.append(found[1])
    return b"\n".join(opened)


def test_the_pdf_is_tagged_to_keep_and_for_every_reader(pdf: bytes) -> None:
    held = text_of(pdf)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in held
    assert b"<pdfaid:part>3</pdfaid:part>" in held
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in held
    assert b"/StructTreeRoot" in held
    for name in (b"run.json", b"t.csv"):
        assert name in held


def test_a_picture_without_alternative_text_is_refused() -> None:
    without = layout("en")
    for node in without.nodes("picture"):
        node["alt"] = None
    with pytest.raises(BriefError, match="alt"):
        typst.render(without)


def test_nothing_a_document_says_is_markup(pdf: bytes, word: bytes) -> None:
    # Typst would have failed on the path, and shown bold letters; pandoc would have made a link.
    assert pdf.startswith(b"%PDF")
    document = zipfile.ZipFile(io.BytesIO(word)).read("word/document.xml").decode()
    said = "".join(ElementTree.fromstring(document).itertext())
    assert HOSTILE in said
    assert HOSTILE.replace("<b>", "\\<b\\>").split()[0][:5] in pandoc.markdown(layout("en"), "x")[""]


def test_two_runs_give_the_same_bytes(pdf: bytes, word: bytes) -> None:
    again = {language: layout(language) for language in LANGUAGES}
    assert pdf in [typst.render(one, ATTACHED) for one in again.values()]
    assert word in [pandoc.word(one) for one in again.values()]
    assert pandoc.markdown(again["en"], "x") == pandoc.markdown(layout("en"), "x")


def test_every_part_of_the_word_file_has_a_type_and_every_relationship_a_target(word: bytes) -> None:
    """ECMA-376 part 2, 7.2.3 and 6.5: what a program checks before it says that a file must be repaired."""
    with zipfile.ZipFile(io.BytesIO(word)) as archive:
        names = archive.namelist()
        assert len(names) == len(set(names))
        types = ElementTree.fromstring(archive.read("[Content_Types].xml"))
        endings = [one.get("Extension") for one in types if one.tag.endswith("Default")]
        parts = [str(one.get("PartName")) for one in types if one.tag.endswith("Override")]
        assert len(endings) == len(set(endings))
        assert {part.lstrip("/") for part in parts} <= set(names)
        for name in names[1:]:
            assert f"/{name}" in parts or name.rpartition(".")[2] in endings, name
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(archive.read(name))
        for name in (one for one in names if one.endswith(".rels")):
            folder = name.replace("_rels/", "").rpartition("/")[0]
            for relation in ElementTree.fromstring(archive.read(name)):
                if relation.get("TargetMode") != "External":
                    assert resolved(folder, str(relation.get("Target"))) in names, (name, relation.attrib)


def resolved(folder: str, target: str) -> str:
    if target.startswith("/"):
        return target[1:]
    steps = folder.split("/") if folder else []
    for step in target.split("/"):
        steps = steps[:-1] if step == ".." else [*steps, step]
    return "/".join(steps)


def test_a_simple_chart_can_be_edited_with_its_data_and_its_intervals(word: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(word)) as archive:
        names = archive.namelist()
        chart = archive.read("word/charts/chart1.xml").decode()
        book = fastexcel.read_excel(archive.read("word/embeddings/chart1.xlsx"))
        document = archive.read("word/document.xml").decode()
        assert [name for name in names if "/charts/chart" in name] == ["word/charts/chart1.xml"]
        assert len([name for name in names if name.startswith("word/media/")]) == 1  # the dots stay a picture
    ElementTree.fromstring(chart)
    assert "<c:errBars>" in chart
    assert 'r:id="rId1"' in chart
    rows = book.load_sheet(0, header_row=None).to_polars().rows()
    assert [float(row[1]) for row in rows[1:]] == [10.0 * at for at in range(6)]
    assert [float(row[2]) for row in rows[1:]] == [pytest.approx(3.0 * at) for at in range(6)]  # above
    assert [float(row[3]) for row in rows[1:]] == [pytest.approx(2.0 * at) for at in range(6)]  # below
    described = re.findall(r'<wp:docPr [^>]*descr="([^"]*)"', document)
    assert len(described) == 2
    assert all(described)


def test_the_fonts_within_are_the_houses(word: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(word)) as archive:
        held = archive.read("word/fonts/font1.odttf")
        key = re.search(
            r'embedRegular [^>]*fontKey="\{([^}]+)\}"', archive.read("word/fontTable.xml").decode()
        )
    assert key
    mask = bytes.fromhex(key[1].replace("-", ""))[::-1] * 2
    font = bytes(one ^ other for one, other in zip(held[:HIDDEN], mask, strict=True)) + held[HIDDEN:]
    assert font == font_file("Regular")


@pytest.mark.parametrize("language", LANGUAGES)
def test_markdown_has_its_tables_and_pictures_beside_it(language: str) -> None:
    made = pandoc.markdown(layout(language), "brief.files")
    text = str(made[""])
    for name in re.findall(r"\(brief\.files/([^)]+)\)", text):
        assert made[name]
    assert {"national.svg", "states.svg", "worst.csv"} <= made.keys()
    assert "<table" not in text
    assert "<div" not in text
    low = words(language).text("brief.paper.low")
    heads, *rows = csv.reader(io.StringIO(str(made["worst.csv"])))
    assert heads[-2].endswith(f": {low}")
    assert rows[0][2:] == ["33550", "33550", "25.4", "24.8", "25.9"]


def test_a_page_shows_what_an_answer_is_made_of() -> None:
    page = html.render(small(), "en", LANGUAGES)
    assert "<h3>" in page
    assert "merida violence monitor" in page
    assert "&lt;b&gt;x" in page


def test_a_column_is_as_wide_as_its_longest_word() -> None:
    shares = widths(["A", "B"], [["x" * 60], ["1"]], [False, True])
    assert sum(shares) == pytest.approx(1, abs=1e-3)
    assert shares[0] > 0.8
