"""One content, four writings: web page, PDF, Word file and Markdown, with what goes into a PDF beside the text."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Iterator
from importlib.metadata import version

from merida.brief.portrait import Portrait
from merida.document import html, pandoc, typst
from merida.document.blocks import Document, Picture
from merida.document.laid import Laid, laid
from merida.document.reading import Reading
from merida.document.typst import Attached
from merida.figure import Asked, Origin
from merida.framework import Plan
from merida.words import words

WRITINGS = ("html", "pdf", "docx", "md")
WRITERS = ("merida", "typst", "pypandoc-binary", "vl-convert-python")


def written(
    document: Document,
    language: str,
    languages: tuple[str, ...],
    writings: tuple[str, ...],
    attached: Callable[[Laid, Reading], list[Attached]],
    asks: Callable[[Origin], Asked | None],
    step: Callable[[], None],
) -> Iterator[tuple[str, str | bytes]]:
    """Yield the files of a document in one language, each with its name.

    Parameters
    ----------
    document : Document
    language : str
    languages : tuple of str
        All that are written, for the links between pages.
    writings : tuple of str
        Some of `WRITINGS`.
    attached : callable
        Takes the layout and the reading and returns what goes into the PDF.
    asks : callable
        See `Reading`.
    step : callable
        Called after each picture and each writing.
    """
    reading = Reading(words(language), document.as_of, asks, document.own)
    for picture in pictures(document):
        reading.drawing(picture)
        step()
    layout = laid(document, reading) if set(writings) - {"html"} else None
    for writing in writings:
        stem = f"{document.name}.{language}"
        if writing == "html":
            yield f"{stem}.html", html.render(document, language, languages, asks, reading.drawings)
        elif layout is not None and writing == "pdf":
            yield f"{stem}.pdf", typst.render(layout, attached(layout, reading))
        elif layout is not None and writing == "docx":
            yield f"{stem}.docx", pandoc.word(layout)
        elif layout is not None:
            for name, held in pandoc.markdown(layout, f"{stem}.files").items():
                yield f"{stem}.files/{name}" if name else f"{stem}.md", held
        step()


def pictures(document: Document) -> list[Picture]:
    """Return the pictures of a document."""
    return [block for section in document.sections for block in section.blocks if isinstance(block, Picture)]


def attachments(portrait: Portrait, plan: Plan | None, laid: Laid, reading: Reading) -> list[Attached]:
    """Return what goes into a PDF: the record of its questions, the plan of which it speaks, and its tables."""
    files = [
        Attached(
            "run.json",
            run_record(portrait, plan),
            "application/json",
            "source",
            reading.text("brief.paper.run_record"),
        )
    ]
    if plan is not None:
        files.append(
            Attached("plan.csv", plan.as_csv(), "text/csv", "source", reading.text("brief.paper.plan"))
        )
    for node in laid.nodes("table"):
        title = node["title"] or node["name"]
        named = f"{node['name']}.csv"
        about = reading.text("brief.paper.table", title=title)
        files.append(Attached(named, laid.tables[named], "text/csv", "data", about))
    return files


def run_record(portrait: Portrait, plan: Plan | None) -> str:
    """Return, as JSON, which questions a brief asked, and the hashes of what their answers rest on."""
    held = {
        "kind": "merida brief",
        "format": 1,
        "as_of": portrait.context.as_of,
        "seed": portrait.seed,
        "framework": portrait.framework.source,
        "framework_digest": portrait.framework.digest(),
        "facts_digest": portrait.facts.digest,
        "plan": plan and {"name": plan.name, "digest": plan.digest},
        "versions": {name: version(name) for name in WRITERS} | {"python": platform.python_version()},
        "questions": sorted(request.command() for request in portrait.asked),
    }
    return json.dumps(held, ensure_ascii=False, indent=1) + "\n"
