"""The brief: what the record says, for people who decide, in English and in Spanish."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path

from merida.answers.facts import Sql
from merida.atomic import check_folder, make_folder, refusal, write_whole
from merida.brief.content import build
from merida.brief.findings import gather
from merida.brief.portrait import Portrait
from merida.brief.readers import brief_for
from merida.brief.writing import WRITINGS, attachments, pictures, written
from merida.document.blocks import Document
from merida.document.laid import Laid
from merida.document.reading import Reading
from merida.document.typst import Attached
from merida.errors import BriefError, nearest
from merida.figure import Asked, Origin
from merida.framework import Plan, plan_named
from merida.progress import Progress
from merida.words import LANGUAGES

__all__ = ["Brief", "Portrait"]

DEFAULT = ("html", "pdf")
FIRST_PAGE = "page-1"  # in the name of a file that holds it alone


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
    reader : str or None
        For whom: ``state:08``, ``plan:my.toml`` and so on; None for whoever decides.
    first_page : bool
        Whether the first page alone is wanted.

    Raises
    ------
    BriefError
        If Mérida does not speak one of the languages.
    """

    portrait: Portrait
    languages: tuple[str, ...]
    plans: bool = True
    reader: str | None = None
    first_page: bool = False

    def __post_init__(self) -> None:
        """Refuse a language that Mérida does not speak."""
        for language in self.languages:
            if language not in LANGUAGES:
                raise BriefError("unknown_language", found=language, known=", ".join(LANGUAGES))

    def write(
        self,
        folder: str | Path,
        writings: Iterable[str] = DEFAULT,
        progress: Callable[[Progress], None] = lambda _: None,
    ) -> list[Path]:
        """Write ``brief.LANGUAGE.html`` and so on into `folder`, all whole or none, and return the paths.

        Parameters
        ----------
        folder : path
            Made if it does not exist.
        writings : iterable of str
            Some of ``html``, ``pdf``, ``docx`` and ``md``; pictures and tables of Markdown lie in a folder beside it.
        progress : callable
            Called with a `Progress` as each stage, each picture and each writing is done.

        Raises
        ------
        BriefError
            If a writing is not known, or one cannot be made.
        OutputError
            If the folder cannot be written, or there is no room in it.
        """
        chosen = known(writings)
        folder = Path(folder)
        check_folder(folder)
        progress(Progress(0, 0, "record"))
        portrait = replace(self.portrait, progress=progress)
        document, plan = self.document(portrait)
        try:
            files = self.files(document, partial(attachments, portrait, plan), chosen, progress)
        except OSError as error:  # no room for what is made on the way
            raise refusal(folder, error) from error
        return write_all({folder / name: held for name, held in files.items()}, folder)

    def document(self, portrait: Portrait) -> tuple[Document, Plan | None]:
        """Return the brief in no language, and the plan of which it speaks."""
        plan: Plan | None = None
        if self.reader is not None:
            document, plan = brief_for(self.reader, portrait)
        else:
            found = gather(portrait) if self.plans else None
            if found is not None:
                plan = plan_named(found.own, portrait.framework, portrait.facts)
            document = build(portrait.facts, found, portrait)
        if self.first_page:
            name = f"{document.name}.{FIRST_PAGE}"
            document = replace(document, sections=document.sections[:1], name=name)
        return document, plan

    def files(
        self,
        document: Document,
        attached: Callable[[Laid, Reading], list[Attached]],
        writings: tuple[str, ...],
        progress: Callable[[Progress], None],
    ) -> dict[str, str | bytes]:
        """Return the files of a document in every language, by name."""
        steps = len(self.languages) * (len(pictures(document)) + len(writings))
        done = count(1)
        progress(Progress(0, steps, "charts"))

        def step() -> None:
            progress(Progress(next(done), steps, "charts"))

        return {
            name: held
            for language in self.languages
            for name, held in written(
                document, language, self.languages, writings, attached, self.asked, step
            )
        }

    def asked(self, origin: Origin) -> Asked | None:
        """Return the question that gives a figure again: the one that gave it, or the query of a fact."""
        if origin.request is not None or not origin.query:
            return origin.request
        return Sql(query=" ".join(origin.query.split()), as_of=self.portrait.context.as_of)


def known(writings: Iterable[str]) -> tuple[str, ...]:
    """Return the writings that are wanted, each once.

    Raises
    ------
    BriefError
        If one is not known, or there is none; the message names the nearest.
    """
    wanted = tuple(dict.fromkeys(writing.strip().lower() for writing in writings))
    for writing in wanted or ("",):
        if writing not in WRITINGS:
            close = nearest(writing, WRITINGS)
            raise BriefError("unknown_writing", known=", ".join(WRITINGS), found=writing, nearest=close)
    return wanted


def write_all(files: dict[Path, str | bytes], folder: Path) -> list[Path]:
    """Write files into a folder and into those within it, all whole or none; a folder that stays empty is removed."""
    within = sorted({path.parent for path in files} - {folder})
    new = [one for one in within if not one.exists()]
    for one in (folder, *within):
        make_folder(one)
    try:
        write_whole(files)
    except BaseException:
        for one in new:
            with suppress(OSError):
                one.rmdir()
        raise
    return [path for path in files if path.parent == folder]
