"""The brief: what the record says, for people who decide, in English and in Spanish."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from merida.atomic import check_folder, make_folder, write_whole
from merida.brief.content import build
from merida.brief.findings import Findings
from merida.document.html import render
from merida.errors import BriefError
from merida.facts import Facts
from merida.words import LANGUAGES, words

Progress = Callable[[int, int, str], None]


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

    def write(self, folder: str | Path, progress: Progress = lambda *_: None) -> list[Path]:
        """Write ``brief.LANGUAGE.html`` into `folder`, each whole or not at all, and return the paths.

        Parameters
        ----------
        folder : path
            Made if it does not exist.
        progress : callable
            Called with (steps done, steps in all, name of the step).

        Raises
        ------
        OutputError
            If the folder cannot be written.
        """
        folder = Path(folder)
        check_folder(folder)
        say = words().text
        progress(0, 1, say("steps.record"))
        document = build(self.facts, self.findings(lambda name: progress(0, 1, say(f"steps.{name}"))))
        steps = len(document.sections) * len(self.languages) + 1
        done = 1

        def step(name: str) -> None:
            nonlocal done
            done += 1
            progress(done, steps, say(f"brief.{name}.title"))

        progress(done, steps, say("steps.charts"))
        pages = {
            folder / f"brief.{language}.html": render(document, language, self.languages, step)
            for language in self.languages
        }
        make_folder(folder)
        write_whole(pages)
        return list(pages)
