"""``merida brief``: the brief in English and in Spanish."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import typer

from merida.cli.output import AsOfOption, Format, FormatOption, Language, err, out, print_json, remember, say
from merida.words import LANGUAGES

SHOWN_SECONDS = 0.5  # shorter stages are not worth a line


def brief(
    as_of: AsOfOption = None,
    language: Annotated[
        Language | None,
        typer.Option("--language", help=say("cli.brief.language"), callback=remember, is_eager=True),
    ] = None,
    folder: Annotated[Path, typer.Option("--out", metavar="DIR", help=say("cli.brief.out"))] = Path("brief"),
    output: FormatOption = Format.TABLE,
) -> None:
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from merida.lab import Lab

    languages = (language.value,) if language else LANGUAGES
    lab = Lab(as_of=as_of)
    stages: list[tuple[str, float]] = []
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=err, transient=True) as bar:
            task = bar.add_task(say("cli.brief.working"), total=None)

            def progress(done: int, total: int, step: str) -> None:
                bar.update(task, completed=done, total=total, description=step)
                stages.append((step, time.monotonic()))

            written = lab.brief(languages).write(folder, progress)
    except KeyboardInterrupt:
        err.print(say("cli.stopped"))
        raise typer.Exit(130) from None
    for (step, begun), (_, ended) in pairwise([*stages, ("", time.monotonic())]):
        if ended - begun >= SHOWN_SECONDS:
            err.print(f"{ended - begun:5.1f} s  {step}", markup=False)
    if output is Format.JSON:
        print_json({"files": [str(path) for path in written], "as_of": as_of})
    else:
        for path in written:
            out.print(say("cli.brief.written", path=path), markup=False)
