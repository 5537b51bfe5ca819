"""The document as PDF, by Typst: tagged, to keep (PDF/A-3a) and for every reader (PDF/UA-1), with its data attached.

The page is a template of the package; all that is read reaches it as JSON data, never as markup. Typst sees the files
that it is given and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from merida.charts.theme import FONTS, font_file
from merida.document.laid import Laid, as_bytes
from merida.errors import BriefError
from merida.shipped import content

TEMPLATE = "document/templates/brief.typ"
STANDARDS: Final = ("a-3a", "ua-1")
REGIONS = {"en": "us", "es": "mx"}


@dataclass(frozen=True)
class Attached:
    """A file within a document.

    Parameters
    ----------
    name : str
    content : str
    kind : str
        Its media type.
    relationship : {"source", "data", "supplement"}
        What it is to the document.
    description : str
        What it is, in the document's language.
    """

    name: str
    content: str
    kind: str
    relationship: str
    description: str


def render(laid: Laid, attached: Sequence[Attached] = ()) -> bytes:
    """Return a document as PDF.

    Raises
    ------
    BriefError
        If Typst finds that the document is not accessible, or cannot set it.
    """
    import typst

    told = [{name: text for name, text in asdict(one).items() if name != "content"} for one in attached]
    head = laid.head | {"region": REGIONS[laid.head["language"]]}
    whole = {"head": head, "sections": laid.sections, "files": told}
    given = {"brief.typ": content(TEMPLATE), "content.json": json.dumps(whole, ensure_ascii=False).encode()}
    given |= {name: as_bytes(drawn.wide) for name, drawn in laid.pictures.items()}
    given |= {one.name: as_bytes(one.content) for one in attached}
    year, month = map(int, laid.head["month"].split("-"))
    given |= {f"PublicSans-{weight}.ttf": font_file(weight) for weight in FONTS}
    with TemporaryDirectory() as folder:
        for name, held in given.items():
            (Path(folder) / name).write_bytes(held)
        try:
            page = typst.compile(
                Path(folder) / "brief.typ",
                root=Path(folder),
                font_paths=[Path(folder)],
                ignore_system_fonts=True,
                format="pdf",
                pdf_standards=list(STANDARDS),
                timestamp=datetime(year, month, 1, tzinfo=UTC),
            )
        except RuntimeError as error:  # typst.TypstError is one
            raise BriefError("typst_refused", reason=str(error).splitlines()[0][:300]) from error
    assert isinstance(page, bytes)
    return page
