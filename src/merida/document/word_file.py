"""A Word file made ready: charts that can be edited, the house's fonts inside, tables as wide as the page, one date."""

from __future__ import annotations

import io
import re
import uuid
import zipfile
from collections.abc import Mapping, Sequence

from merida.charts.series import Plotted
from merida.charts.theme import FONT, font_file
from merida.document.word_charts import RELATED, TEXT, TYPES, added, with_charts

DATE = (1980, 1, 1, 0, 0, 0)  # of every part, so that the same document gives the same bytes
EMBEDDED = (("embedRegular", "Regular"), ("embedBold", "SemiBold"))
OBFUSCATED = "application/vnd.openxmlformats-officedocument.obfuscatedFont"
PANDOCS, OURS = 7920, 9360  # twentieths of a point that pandoc takes the page's column for, and that it is
# The letters of an interval, whose signs no line is to break from their numbers.
INTERVAL = re.compile(r'(<w:rStyle w:val="Interval" /></w:rPr>)(<w:t xml:space="preserve">[^<]*</w:t>)')
HYPHEN = '</w:t><w:noBreakHyphen/><w:t xml:space="preserve">'
HIDDEN = 32  # bytes of a font that are obfuscated (ECMA-376 part 4, 17.8.1)


def finished(document: bytes, charts: Sequence[Plotted | None], month: str, locale: str) -> bytes:
    """Return a Word file of pandoc's made ready.

    Parameters
    ----------
    document : bytes
    charts : sequence of Plotted or None
        One for each of its pictures, see `with_charts`.
    month : str
        The document's month.
    locale : str
        Its language, such as ``es-MX``: in which its spelling is checked and it is read out.
    """
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        parts = {one.filename: archive.read(one) for one in archive.infolist()}
    parts = with_fonts(with_charts(parts, charts, month))
    parts[TEXT] = widened(parts[TEXT].decode()).encode()
    styles = re.sub(r'(<w:lang\b[^>]*w:val=")[^"]+', rf"\g<1>{locale}", parts["word/styles.xml"].decode())
    return zipped(parts | {"word/styles.xml": styles.encode()})


def widened(text: str) -> str:
    """Return a document whose tables fill the column, and whose rows no page and intervals no line breaks."""

    def wider(found: re.Match[str]) -> str:
        return f'<w:gridCol w:w="{int(found[1]) * OURS // PANDOCS}" />'

    text = INTERVAL.sub(lambda found: found[1] + found[2].replace("-", HYPHEN), text)
    text = re.sub(r'<w:gridCol w:w="(\d+)" />', wider, text)
    return text.replace("<w:trPr>", "<w:trPr><w:cantSplit />").replace(
        "<w:tr><w:tc>", "<w:tr><w:trPr><w:cantSplit /></w:trPr><w:tc>"
    )


def with_fonts(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the parts with the house's fonts among them, so that the pages look alike where they are not installed."""
    made, relations, elements = dict(parts), "", ""
    for number, (element, weight) in enumerate(EMBEDDED, start=1):
        font = font_file(weight)
        key = uuid.uuid5(uuid.NAMESPACE_OID, f"{FONT} {weight}")
        made[f"word/fonts/font{number}.odttf"] = obfuscated(font, key)
        relations += (
            f'<Relationship Id="rId{number}" Type="{RELATED}/font" Target="fonts/font{number}.odttf"/>'
        )
        elements += f'<w:{element} r:id="rId{number}" w:fontKey="{{{str(key).upper()}}}"/>'
    table = parts["word/fontTable.xml"].decode()
    named = re.search(rf'<w:font w:name="{FONT}">.*?(?=</w:font>)', table, re.DOTALL)
    assert named  # the reference document names it
    made["word/fontTable.xml"] = table.replace(named[0], named[0] + elements).encode()
    made["word/_rels/fontTable.xml.rels"] = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}</Relationships>'
    ).encode()
    types = parts[TYPES].decode()
    if 'Extension="odttf"' not in types:  # pandoc names it already
        types = added(types, "Types", f'<Default Extension="odttf" ContentType="{OBFUSCATED}"/>')
    settings = parts["word/settings.xml"].decode()
    settings = settings.replace("<w:embedSystemFonts", "<w:embedTrueTypeFonts /><w:embedSystemFonts", 1)
    return made | {TYPES: types.encode(), "word/settings.xml": settings.encode()}


def obfuscated(font: bytes, key: uuid.UUID) -> bytes:
    """Return a font as a Word file holds it: its first bytes are mixed with a key that stands beside it."""
    mask = key.bytes[::-1] * 2
    return bytes(one ^ other for one, other in zip(font[:HIDDEN], mask, strict=True)) + font[HIDDEN:]


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """Return the parts as one file; their types come first, as readers expect."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(parts, key=lambda name: (name != TYPES, name)):
            archive.writestr(zipfile.ZipInfo(name, DATE), parts[name], zipfile.ZIP_DEFLATED)
    return out.getvalue()
