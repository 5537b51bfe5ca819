"""The document as Word file and as Markdown, by pandoc: the layout becomes its own tree, so nothing of it is markup."""

from __future__ import annotations

import json
import os
import subprocess
from base64 import b64decode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from merida.charts.files import lone
from merida.charts.theme import png_of
from merida.document.laid import MANY, Laid, Run, as_bytes
from merida.document.word_file import finished
from merida.errors import BriefError
from merida.shipped import content

API = [1, 23, 1]  # of pandoc's tree
REFERENCE = "reference.docx"
# A PNG of one point: what pandoc sets where a chart will stand.
NOTHING = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
WIDE = 6.5  # inches of the page's column
LOCALES = {"en": "en-US", "es": "es-MX"}
NONE: list[Any] = ["", [], []]  # attributes of nothing in particular
STYLED = {"interval": "Interval", "assumption": "Assumption"}

Node = dict[str, Any]


def word(laid: Laid) -> bytes:
    """Return a document as a Word file, in which simple charts can be edited."""
    charts = [laid.pictures[node["file"]].plotted for node in laid.nodes("picture")]
    pictures = {
        f"{Path(name).stem}.png": NOTHING if drawn.plotted else as_png(drawn.wide)
        for name, drawn in laid.pictures.items()
    }
    return finished(
        convert(laid, "docx", pictures), charts, laid.head["month"], LOCALES[laid.head["language"]]
    )


def markdown(laid: Laid, folder: str) -> dict[str, str | bytes]:
    """Return a document as Markdown under the name "", and the pictures and tables beside it, by their names."""
    pictures = {name: as_bytes(drawn.wide) for name, drawn in laid.pictures.items()}
    text = convert(laid, "gfm", pictures, f"{folder}/").decode()
    alone = {name: lone(held.decode()) if name.endswith(".svg") else held for name, held in pictures.items()}
    return {"": text, **alone, **laid.tables}


def as_png(drawing: str | bytes) -> bytes:
    """Return a picture as PNG."""
    return drawing if isinstance(drawing, bytes) else png_of(drawing)


def convert(laid: Laid, form: str, pictures: Mapping[str, bytes], folder: str = "") -> bytes:
    """Return a document in one of pandoc's forms.

    Parameters
    ----------
    laid : Laid
    form : {"docx", "gfm"}
    pictures : mapping of str to bytes
        What stands for each of its pictures, by the name under which it is read.
    folder : str
        Where the document says that its pictures are.

    Raises
    ------
    BriefError
        If pandoc cannot convert it.
    """
    import pypandoc

    tree = document(laid, form, list(pictures), folder)
    if form != "docx":
        tree = tree | {"blocks": bare(tree["blocks"])}
    year, month = map(int, laid.head["month"].split("-"))
    epoch = str(int(datetime(year, month, 1, tzinfo=UTC).timestamp()))
    given = dict(pictures) | (
        {REFERENCE: content(f"document/templates/{REFERENCE}")} if form == "docx" else {}
    )
    with TemporaryDirectory() as place:
        for name, held in given.items():
            (Path(place) / name).write_bytes(held)
        command = [pypandoc.get_pandoc_path(), "--from", "json", "--to", form, "--output", "-"]
        if form == "docx":
            command += ["--reference-doc", REFERENCE]
        else:
            command += ["--wrap", "none"]
        done = subprocess.run(
            command,
            input=json.dumps(tree, ensure_ascii=False).encode(),
            capture_output=True,
            cwd=place,
            env=os.environ | {"SOURCE_DATE_EPOCH": epoch},
            check=False,
        )
    if done.returncode:
        raise BriefError("pandoc_refused", reason=done.stderr.decode(errors="replace").strip()[:300])
    return done.stdout


def document(laid: Laid, form: str, pictures: list[str], folder: str) -> Node:
    """Return pandoc's tree of a document."""
    head, word = laid.head, form == "docx"
    meta = {"lang": text_of(LOCALES[head["language"]])}
    blocks: list[Node] = []
    if word:
        meta |= {"title": inlines(head["title"]), "author": inlines("Mérida")}
    else:
        blocks.append(header(1, head["title"]))
    blocks.append(styled("Date", [paragraph([(head["date"], "")])]))
    if head["own"]:
        blocks.append(styled("Date", [paragraph([(head["own"], "")])]))
    if head["tiles"]:
        blocks.append(points([[*tile["value"], (f" {tile['label']}", "")] for tile in head["tiles"]]))
    annexed = False
    for section in laid.sections:
        if section["annex"] and not annexed:
            annexed = True
            blocks.append(header(1, head["words"]["annex"], "annex"))
        blocks.append(header(2 if annexed or not word else 1, section["title"], section["name"]))
        level = 3 if annexed or not word else 2
        blocks += [one for node in section["nodes"] for one in shown(node, level, pictures, folder)]
    return {"pandoc-api-version": API, "meta": meta, "blocks": blocks}


def shown(node: Node, level: int, pictures: list[str], folder: str) -> Iterator[Node]:
    """Yield what shows one node of the layout."""
    kind = node["kind"]
    if kind == "paragraph":
        yield paragraph(node["runs"])
    elif kind == "note":
        yield styled("Note", [paragraph(node["runs"])])
    elif kind == "points":
        yield points(node["items"])
    elif kind == "code":
        yield {"t": "CodeBlock", "c": [NONE, node["text"]]}
    elif kind == "heading":
        yield header(level, node["text"])
    elif kind == "picture":
        yield from picture(node, pictures, folder)
    elif kind == "table":
        yield table(node)
    else:
        for one in node["items"]:
            entry = [(one["title"], "strong"), (" ", ""), (one["name"], "code"), (f". {one['text']}", "")]
            yield styled("Entry", [paragraph(entry)])


def picture(node: Node, pictures: list[str], folder: str) -> list[Node]:
    """Return a picture beneath its title and above its caption."""
    file = next(name for name in pictures if Path(name).stem == Path(node["file"]).stem)
    wide = {"width": f"{WIDE}in", "height": f"{WIDE * node['height'] / node['width']:.3f}in"}
    image = {
        "t": "Image",
        "c": [["", [], list(map(list, wide.items()))], inlines_list(node["alt"]), [folder + file, ""]],
    }
    return [
        styled("Figure Title", [paragraph([(node["title"], "")])]),
        styled("Figure", [{"t": "Para", "c": [image]}]),
        styled("Note", [paragraph([(node["caption"], "")])]),
    ]


def table(node: Node) -> Node:
    """Return a table with its title; numbers stand to the right."""
    many = " Many" if len(node["heads"]) > MANY else ""
    sides = [{"t": "AlignRight" if right else "AlignLeft"} for right in node["right"]]
    widths = [{"t": "ColWidth", "c": width} for width in node["widths"]]
    caption = [None, [{"t": "Plain", "c": runs([(node["title"], "")])}] if node["title"] else []]
    heads = [NONE, [row([[(head, "")] for head in node["heads"]], f"Table Head{many}")]]
    body = [NONE, 1, [], [row(cells, f"Table Text{many}") for cells in node["rows"]]]
    specs = [list(pair) for pair in zip(sides, widths, strict=True)]
    return {"t": "Table", "c": [NONE, caption, specs, heads, [body], [NONE, []]]}


def row(cells: list[list[Run]], style: str) -> list[Any]:
    """Return one row of a table."""
    held = ([styled(style, [paragraph(cell)])] for cell in cells)
    return [NONE, [[NONE, {"t": "AlignDefault"}, 1, 1, blocks] for blocks in held]]


def bare(parts: list[Node]) -> list[Node]:
    """Return blocks or inlines without what only Word knows, so that Markdown needs no HTML: styles, sizes, captions."""
    found: list[Node] = []
    for part in parts:
        kind: str = part["t"]
        held: Any = part.get("c")
        if kind in ("Div", "Span"):
            found += bare(held[1])
        elif kind in ("Para", "Plain"):
            found.append({"t": kind, "c": bare(held)})
        elif kind == "BulletList":
            found.append({"t": kind, "c": [bare(item) for item in held]})
        elif kind == "Image":
            found.append({"t": kind, "c": [NONE, *held[1:]]})
        elif kind == "Table":
            _, (_, title), specs, (_, head), ((_, _, _, rows),), foot = held
            found += [{"t": "Para", "c": [{"t": "Strong", "c": one["c"]}]} for one in title]
            sides = [[side, {"t": "ColWidthDefault"}] for side, _ in specs]
            body = [NONE, 0, [], [bare_row(one) for one in rows]]
            lines = [NONE, [bare_row(one) for one in head]]
            found.append({"t": kind, "c": [NONE, [None, []], sides, lines, [body], foot]})
        else:
            found.append(part)
    return found


def bare_row(held: list[Any]) -> list[Any]:
    """Return a row of a table without what only Word knows."""
    plain = [[*cell[:4], bare(cell[4])] for cell in held[1]]
    return [NONE, [[*cell[:4], [one | {"t": "Plain"} for one in cell[4]]] for cell in plain]]


def header(level: int, text: str, name: str = "") -> Node:
    """Return a heading."""
    return {"t": "Header", "c": [level, [name, [], []], inlines_list(text)]}


def points(items: list[list[Run]]) -> Node:
    """Return a list."""
    return {"t": "BulletList", "c": [[{"t": "Plain", "c": runs(item)}] for item in items]}


def paragraph(parts: list[Run]) -> Node:
    """Return a paragraph."""
    return {"t": "Para", "c": runs(parts)}


def styled(style: str, blocks: list[Node]) -> Node:
    """Return blocks in one of the house's own styles, which only Word knows."""
    return {"t": "Div", "c": [["", [], [["custom-style", style]]], blocks]}


def runs(parts: list[Run]) -> list[Node]:
    """Return runs as pandoc's inline elements."""
    made: list[Node] = []
    for text, kind in parts:
        if kind == "code":
            made.append({"t": "Code", "c": [NONE, text]})
        elif kind == "strong":
            made.append({"t": "Strong", "c": inlines_list(text)})
        elif kind in STYLED:
            made.append({"t": "Span", "c": [["", [], [["custom-style", STYLED[kind]]]], inlines_list(text)]})
        else:
            made += inlines_list(text)
    return made


def inlines_list(text: str) -> list[Node]:
    """Return a text as words with spaces between them."""
    made: list[Node] = []
    for at, word in enumerate(text.split(" ")):
        made += [{"t": "Space"}] if at else []
        made += [{"t": "Str", "c": word}] if word else []
    return made


def inlines(text: str) -> Node:
    """Return a text as pandoc's metadata holds it."""
    return {"t": "MetaInlines", "c": inlines_list(text)}


def text_of(text: str) -> Node:
    """Return a bare text as pandoc's metadata holds it."""
    return {"t": "MetaString", "c": text}
