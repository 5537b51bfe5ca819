"""The brief: what the record says, for people who decide, in English and in Spanish."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from merida.answers.facts import Sql
from merida.atomic import check_folder, make_folder, write_whole
from merida.brief.content import build
from merida.brief.findings import gather
from merida.brief.portrait import Portrait
from merida.document.html import render
from merida.errors import BriefError
from merida.figure import Asked, Origin
from merida.progress import Progress
from merida.words import LANGUAGES

__all__ = ["Brief", "Portrait"]


@dataclass(frozen=True)
class Brief:
    """The brief of a record, in some languages.

    Parameters
    ----------
    portrait : Portrait
        The record and framework, and who asks of them.
    languages : tuple of str
    plans : bool
        Whether programmes and plans are simulated.

    Raises
    ------
    BriefError
        If Mérida does not speak one of the languages.
    """

    portrait: Portrait
    languages: tuple[str, ...]
    plans: bool = True

    def __post_init__(self) -> None:
        """Refuse a language that Mérida does not speak."""
        for language in self.languages:
            if language not in LANGUAGES:
                raise BriefError("unknown_language", found=language, known=", ".join(LANGUAGES))

    def write(self, folder: str | Path, progress: Callable[[Progress], None] = lambda _: None) -> list[Path]:
        """Write ``brief.LANGUAGE.html`` into `folder`, all whole or none, and return the paths.

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
        portrait = replace(self.portrait, progress=progress)
        document = build(portrait.facts, gather(portrait) if self.plans else None, portrait)
        sections = len(document.sections) * len(self.languages)
        done = count(1)

        def step(_: str) -> None:
            progress(Progress(next(done), sections, "charts"))

        progress(Progress(0, sections, "charts"))
        pages = {
            folder / f"brief.{language}.html": render(document, language, self.languages, step, self.asked)
            for language in self.languages
        }
        make_folder(folder)
        write_whole(pages)
        return list(pages)

    def asked(self, origin: Origin) -> Asked | None:
        """Return the question that gives a figure again: the one that gave it, or the query of a fact."""
        if origin.request is not None or not origin.query:
            return origin.request
        return Sql(query=" ".join(origin.query.split()), as_of=self.portrait.context.as_of)
