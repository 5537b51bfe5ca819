"""The brief: what the record says, for people who decide, in English and in Spanish."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from merida.atomic import check_folder, make_folder, write_whole
from merida.brief.content import build
from merida.brief.findings import Findings
from merida.document.html import render
from merida.errors import BriefError
from merida.facts import Facts
from merida.progress import Progress
from merida.words import LANGUAGES


@dataclass(frozen=True)
class Brief:
    """The brief of a record, in some languages."""

    facts: Facts
    languages: tuple[str, ...]
    findings: Callable[[Callable[[str], None]], Findings | None] = lambda _: None

    def __post_init__(self) -> None:
        """Refuse a language that Mérida does not speak."""
        for language in self.languages:
            if language not in LANGUAGES:
                raise BriefError("unknown_language", found=language, known=", ".join(LANGUAGES))

    def write(self, folder: str | Path, progress: Callable[[Progress], None] = lambda _: None) -> list[Path]:
        """Write ``brief.LANGUAGE.html`` into `folder`, each whole or not at all, and return the paths.

        Parameters
        ----------
        folder : path
            Made if it does not exist.
        progress : callable
            Called with a `Progress` as each stage and each page's section is done.

        Raises
        ------
        OutputError
            If the folder cannot be written.
        """
        folder = Path(folder)
        check_folder(folder)
        progress(Progress(0, 0, "record"))
        document = build(self.facts, self.findings(lambda name: progress(Progress(0, 0, name))))
        sections = len(document.sections) * len(self.languages)
        done = count(1)

        def step(_: str) -> None:
            progress(Progress(next(done), sections, "charts"))

        progress(Progress(0, sections, "charts"))
        pages = {
            folder / f"brief.{language}.html": render(document, language, self.languages, step)
            for language in self.languages
        }
        make_folder(folder)
        write_whole(pages)
        return list(pages)
