"""The brief: what the record says, for people who decide, in English and in Spanish."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from merida.brief.content import build
from merida.brief.html import render
from merida.decide.portrait import Portrait
from merida.errors import BriefError
from merida.facts import Facts
from merida.words import LANGUAGES, words

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Brief:
    """The brief of a record, in some languages."""

    facts: Facts
    languages: tuple[str, ...]
    portrait: Callable[[Callable[[str], None]], Portrait | None] = lambda _: None

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
        BriefError
            If the folder cannot be written.
        """
        folder = Path(folder)
        check_writable(folder)
        say = words().text
        progress(0, 1, say("steps.record"))
        document = build(self.facts, self.portrait(lambda name: progress(0, 1, say(f"steps.{name}"))))
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
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(pages)
        except OSError as error:
            raise BriefError("out_not_writable", folder=folder, reason=error.strerror or error) from error
        return list(pages)


def check_writable(folder: Path) -> None:
    """Refuse, before the work, a folder that could not be written after it."""
    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not nearest.is_dir():
        raise BriefError("out_not_writable", folder=folder, reason=f"{nearest} is a file")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise BriefError("out_not_writable", folder=folder, reason=os.strerror(13))
    try:
        Path(tempfile.mkdtemp(dir=nearest)).rmdir()  # some folders only say no when they are asked
    except OSError as error:
        raise BriefError("out_not_writable", folder=folder, reason=error.strerror or error) from error


def write_whole(pages: Mapping[Path, str | bytes]) -> None:
    """Write files so that a reader sees all the old ones or, once every new one is complete, the new ones."""
    waiting: dict[Path, Path] = {}
    try:
        for path, page in pages.items():
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            waiting[Path(name)] = path
            with os.fdopen(handle, "wb") as file:
                file.write(page.encode() if isinstance(page, str) else page)
            Path(name).chmod(0o644)
        for temporary, path in waiting.items():
            temporary.replace(path)
    finally:
        for temporary in waiting:
            temporary.unlink(missing_ok=True)
