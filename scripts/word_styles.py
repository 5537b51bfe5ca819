"""Write the house style of Word documents: pandoc's own reference document with our styles, page and footer.

python scripts/word_styles.py        # writes src/merida/document/templates/reference.docx
"""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from pathlib import Path

import pypandoc

PLACE = Path(__file__).parents[1] / "src/merida/document/templates/reference.docx"
FONT, FIXED = "Public Sans", "Consolas"
INK, GREY, HAIR, ACCENT = "1B1B1B", "565C65", "DFE1E2", "12263F"
DATE = (1980, 1, 1, 0, 0, 0)  # of every part, so that the same styles give the same bytes
FOOTER = "application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"
NAMES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)


def letters(points: float, colour: str = INK, extra: str = "") -> str:
    """Return the properties of letters; a size in Word is in half points."""
    size = round(2 * points)
    return (
        f'<w:rPr><w:rFonts w:ascii="{FONT}" w:hAnsi="{FONT}" w:eastAsia="{FONT}" w:cs="{FONT}"/>{extra}'
        f'<w:color w:val="{colour}"/><w:sz w:val="{size}"/><w:szCs w:val="{size}"/></w:rPr>'
    )


def space(before: int, after: int, line: int = 264, keep: bool = False) -> str:
    """Return the spacing of a paragraph, in twentieths of a point."""
    kept = "<w:keepNext/><w:keepLines/>" if keep else ""
    return f'{kept}<w:spacing w:before="{before}" w:after="{after}" w:line="{line}" w:lineRule="auto"/>'


def style(name: str, title: str, paragraph: str, run: str, based: str = "Normal", follows: str = "") -> str:
    """Return one style of paragraphs."""
    own = ' w:customStyle="1"' if title[0].isupper() and name not in BUILT_IN else ""
    after = f'<w:next w:val="{follows}"/>' if follows else ""
    return (
        f'<w:style w:type="paragraph"{own} w:styleId="{name}"><w:name w:val="{title}"/><w:basedOn w:val="{based}"/>{after}'
        f"<w:qFormat/><w:pPr>{paragraph}</w:pPr>{run}</w:style>"
    )


BUILT_IN = ("BodyText", "Title", "Subtitle", "Date", "Caption")
BOLD = "<w:b/><w:bCs/>"
RULE = f'<w:pBdr><w:top w:val="single" w:sz="12" w:space="6" w:color="{ACCENT}"/></w:pBdr>'


def heading(level: int, points: float, before: int, rule: str = "") -> str:
    """Return the style of a heading: the rule above it comes before its spacing, as the schema has it."""
    kept = f"<w:keepNext/><w:keepLines/>{rule}" + space(before, 100) + f'<w:outlineLvl w:val="{level - 1}"/>'
    return style(
        f"Heading{level}", f"heading {level}", kept, letters(points, ACCENT, BOLD), follows="BodyText"
    )


STYLES = (
    f'<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/>{letters(10)}</w:style>',
    style("BodyText", "Body Text", space(80, 120), letters(10)),
    style("FirstParagraph", "First Paragraph", space(80, 120), letters(10), "BodyText", "BodyText"),
    style("Compact", "Compact", space(0, 50), letters(10), "BodyText"),
    style("Title", "Title", space(0, 80, 240, True), letters(20, ACCENT, BOLD), follows="BodyText"),
    style("Author", "Author", space(0, 60, keep=True), letters(10, ACCENT, BOLD), follows="BodyText"),
    style("Date", "Date", space(0, 120), letters(8, GREY)),
    heading(1, 14, 360, RULE),
    heading(2, 12, 280),
    heading(3, 10.5, 200),
    style("FigureTitle", "Figure Title", space(200, 60, keep=True), letters(9, INK, BOLD)),
    style("Figure", "Figure", "<w:keepNext/>" + space(0, 40, 240), letters(9)),
    style("Note", "Note", space(0, 200), letters(8, GREY)),
    style("Entry", "Entry", space(0, 100), letters(8)),
    style("Caption", "caption", space(200, 60, keep=True), letters(9, INK, BOLD)),
    style("TableCaption", "Table Caption", space(200, 60, keep=True), letters(9, INK, BOLD), "Caption"),
    style("TableText", "Table Text", space(20, 20, 240), letters(8)),
    style("TableHead", "Table Head", "<w:keepNext/>" + space(20, 20, 240), letters(8, INK, BOLD)),
    style("TableTextMany", "Table Text Many", space(20, 20, 240), letters(6.5)),
    style("TableHeadMany", "Table Head Many", "<w:keepNext/>" + space(20, 20, 240), letters(6.5, INK, BOLD)),
    style("Footer", "footer", space(0, 0, 240), letters(7.5, GREY)),
    '<w:style w:type="character" w:customStyle="1" w:styleId="Interval"><w:name w:val="Interval"/>'
    f'<w:basedOn w:val="DefaultParagraphFont"/><w:rPr><w:color w:val="{GREY}"/></w:rPr></w:style>',
    '<w:style w:type="character" w:customStyle="1" w:styleId="Assumption"><w:name w:val="Assumption"/>'
    '<w:basedOn w:val="DefaultParagraphFont"/><w:rPr><w:i/><w:iCs/></w:rPr></w:style>',
    '<w:style w:type="character" w:customStyle="1" w:styleId="VerbatimChar"><w:name w:val="Verbatim Char"/>'
    f'<w:rPr><w:rFonts w:ascii="{FIXED}" w:hAnsi="{FIXED}"/><w:sz w:val="15"/><w:szCs w:val="15"/></w:rPr></w:style>',
    '<w:style w:type="table" w:default="1" w:styleId="Table"><w:name w:val="Table"/><w:basedOn w:val="TableNormal"/><w:qFormat/>'
    f'<w:tblPr><w:tblBorders><w:bottom w:val="single" w:sz="4" w:space="0" w:color="{HAIR}"/>'
    f'<w:insideH w:val="single" w:sz="4" w:space="0" w:color="{HAIR}"/></w:tblBorders><w:tblCellMar>'
    '<w:top w:w="20" w:type="dxa"/><w:left w:w="40" w:type="dxa"/><w:bottom w:w="20" w:type="dxa"/>'
    '<w:right w:w="40" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblStylePr w:type="firstRow"><w:tcPr><w:tcBorders>'
    f'<w:bottom w:val="single" w:sz="6" w:space="0" w:color="{INK}"/></w:tcBorders><w:vAlign w:val="bottom"/></w:tcPr>'
    "</w:tblStylePr></w:style>",
)  # fmt: skip
PAGE = (
    '<w:sectPr><w:footerReference w:type="default" r:id="rIdFooter"/><w:footnotePr><w:numRestart w:val="eachSect"/>'
    '</w:footnotePr><w:pgSz w:w="12240" w:h="15840"/><w:pgMar w:top="1200" w:right="1440" w:bottom="1200" '
    'w:left="1440" w:header="720" w:footer="560" w:gutter="0"/></w:sectPr>'
)
FOOT = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:ftr {NAMES}><w:p><w:pPr><w:pStyle w:val="Footer"/>'
    '<w:tabs><w:tab w:val="right" w:pos="9360"/></w:tabs></w:pPr><w:r><w:t>Mérida</w:t></w:r><w:r><w:tab/></w:r>'
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p></w:ftr>'
)


def main() -> None:
    done = subprocess.run(
        [pypandoc.get_pandoc_path(), "--print-default-data-file", "reference.docx"],
        capture_output=True,
        check=True,
    )
    with zipfile.ZipFile(io.BytesIO(done.stdout)) as default:
        parts = {one.filename: default.read(one) for one in default.infolist() if not one.is_dir()}
    parts |= {
        name: changed(name, held.decode()).encode()
        for name, held in parts.items()
        if name.endswith((".xml", ".rels"))
    }
    parts["word/footer1.xml"] = FOOT.encode()
    with zipfile.ZipFile(PLACE, "w", zipfile.ZIP_DEFLATED) as made:
        for name in sorted(parts, key=lambda name: (name != "[Content_Types].xml", name)):
            made.writestr(zipfile.ZipInfo(name, DATE), parts[name], zipfile.ZIP_DEFLATED)


def changed(name: str, held: str) -> str:
    """Return a part of the reference document with what is ours."""
    if name == "word/styles.xml":
        for one in STYLES:
            named = re.search(r'w:styleId="(\w+)"', one)
            assert named
            held = re.sub(
                rf'\s*<w:style [^>]*w:styleId="{named[1]}">.*?</w:style>', "", held, flags=re.DOTALL
            )
        return held.replace("</w:styles>", "".join(STYLES) + "</w:styles>")
    if name == "word/document.xml":
        return re.sub(r"<w:sectPr>.*?</w:sectPr>", PAGE, held, flags=re.DOTALL)
    if name == "word/_rels/document.xml.rels":
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer"
        foot = f'<Relationship Type="{kind}" Id="rIdFooter" Target="footer1.xml" />'
        return held.replace("</Relationships>", foot + "</Relationships>")
    if name == "[Content_Types].xml":
        foot = f'<Override PartName="/word/footer1.xml" ContentType="{FOOTER}" />'
        return held.replace("</Types>", foot + "</Types>")
    if name == "word/fontTable.xml":
        font = f'<w:font w:name="{FONT}"><w:altName w:val="Arial"/><w:family w:val="swiss"/></w:font>'
        return held.replace("</w:fonts>", font + "</w:fonts>")
    return held


if __name__ == "__main__":
    main()
