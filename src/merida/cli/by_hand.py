"""The commands that are no question: they write documents and schemas."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from merida.cli import guide
from merida.cli.terminal import asked_language, say
from merida.errors import BriefError, RequestError
from merida.words import words

SHELLS = ("bash", "zsh", "fish")
COMPLETE = "_MERIDA_COMPLETE"  # the variable by which a shell asks for the words that may follow


class Schema(click.Command):
    """``merida schema QUESTION``: what an answer's JSON holds."""

    def __init__(self) -> None:
        super().__init__(
            "schema",
            params=[click.Argument(["question"], nargs=-1, required=True, metavar="QUESTION")],
            callback=self.show,
        )

    def show(self, question: tuple[str, ...]) -> None:
        """Print the schema."""
        from merida.answers import question as found

        say(json.dumps(found(".".join(question)).schema(), ensure_ascii=False, indent=1))

    def get_help(self, ctx: click.Context) -> str:
        """Return the help of the command."""
        return guide.of_hand(ctx.command_path, "schema", ("QUESTION",), (), asked_language())


class WriteBrief(click.Command):
    """``merida brief``: the brief in English and in Spanish."""

    def __init__(self) -> None:
        options = (
            "--for",
            "--pages",
            "--write",
            "--as-of",
            "--framework",
            "--seed",
            "--language",
            "--out",
            "--format",
        )
        params: list[click.Parameter] = [
            click.Option([name, "reader"] if name == "--for" else [name]) for name in options
        ]
        params.append(click.Option(["--no-plans"], is_flag=True))
        super().__init__("brief", params=params, callback=self.write)

    def write(
        self,
        reader: str | None,
        pages: str | None,
        write: str | None,
        as_of: str | None,
        framework: str | None,
        seed: str | None,
        language: str | None,
        out: str | None,
        format: str | None,  # noqa: A002
        no_plans: bool,
    ) -> None:
        """Write the brief and say where."""
        from merida.brief import DEFAULT
        from merida.cli.asking import Face
        from merida.cli.progress import Meter
        from merida.lab import Lab
        from merida.words import LANGUAGES

        face, folder = Face(format, language), Path(out or "brief")
        said = words(asked_language())
        meter = Meter(said)
        try:
            lab = Lab(as_of=as_of, framework=framework or "merida", seed=whole("--seed", seed) or 0)
            languages = (language,) if language else LANGUAGES
            brief = lab.brief(languages, not no_plans, reader, first_page=first_page_alone(pages))
            written = brief.write(folder, write.split(",") if write is not None else DEFAULT, meter)
        finally:
            meter.clear()
        if face.chosen == "json":
            held = {"files": [str(path) for path in written], "as_of": as_of}
            say(json.dumps(held, ensure_ascii=False, indent=1))
        else:
            say("\n".join(said.text("cli.brief.written", path=path) for path in written))

    def get_help(self, ctx: click.Context) -> str:
        """Return the help of the command."""
        said = words(asked_language())
        options = (
            ("--for READER", said.text("cli.brief.for")),
            ("--pages 1", said.text("cli.brief.pages")),
            ("--no-plans", said.text("cli.brief.no_plans")),
            ("--write FORMS", said.text("cli.brief.write")),
            ("--as-of YYYY-MM", said.text("cli.as_of")),
            ("--framework NAME|FILE", said.text("cli.runs.framework")),
            ("--seed N", said.text("cli.seed")),
            ("--language LANG", said.text("cli.brief.language")),
            ("--out DIR", said.text("cli.brief.out")),
            ("--format FORMAT", said.text("help.format_files")),
        )
        return guide.of_hand(ctx.command_path, "brief", (), options, asked_language())


def first_page_alone(pages: str | None) -> bool:
    """Tell whether the first page alone is wanted.

    Raises
    ------
    BriefError
        If another number of pages is.
    """
    if pages not in (None, "1"):
        raise BriefError("unknown_pages", found=pages[:60])
    return pages is not None


def whole(option: str, text: str | None) -> int | None:
    """Return a whole number that was typed, or None where nothing was.

    Raises
    ------
    RequestError
        If it is no whole number.
    """
    if text is None:
        return None
    try:
        return int(text)
    except ValueError as error:
        expected = RequestError("expected_whole_number")
        raise RequestError("request_option", option=option, found=text[:60], expected=expected) from error


class WritePlan(click.Command):
    """``merida plan write PLAN FILE``: a plan as a file, to start one of one's own."""

    def __init__(self) -> None:
        arguments = [
            click.Argument([name], metavar=mark) for name, mark in (("plan", "PLAN"), ("file", "FILE"))
        ]
        options = [click.Option([name]) for name in ("--as-of", "--framework", "--language")]
        super().__init__("write", params=[*arguments, *options], callback=self.write)

    def write(
        self, plan: str, file: str, as_of: str | None, framework: str | None, language: str | None
    ) -> None:
        """Write the file and say so."""
        from merida.atomic import check_files
        from merida.lab import Lab

        path = Path(file)
        check_files(path)
        Lab(as_of=as_of, framework=framework or "merida").plan(plan).copy_in(path).write(path)
        say(words(language or asked_language()).text("cli.brief.written", path=path))

    def get_help(self, ctx: click.Context) -> str:
        """Return the help of the command."""
        said = words(asked_language())
        options = (
            ("PLAN", said.text("cli.plan.plan")),
            ("FILE", said.text("cli.runs.plan_file")),
            ("--as-of YYYY-MM", said.text("cli.as_of")),
            ("--framework NAME|FILE", said.text("cli.runs.framework")),
        )
        return guide.of_hand(ctx.command_path, "plan.write", ("PLAN", "FILE"), options, asked_language())


class Serve(click.Command):
    """``merida serve``: the laboratory in the browser, on this machine alone."""

    def __init__(self) -> None:
        valued = [click.Option([name]) for name in ("--port", "--language")]
        super().__init__(
            "serve", params=[*valued, click.Option(["--no-browser"], is_flag=True)], callback=self.serve
        )

    def serve(self, port: str | None, no_browser: bool, language: str | None) -> None:
        """Serve until Ctrl-C."""
        import gc

        from merida.errors import RequestError

        gc.disable()  # what is loaded here stays until the end, and to look through it takes a tenth of the start
        from merida.workbench.serving import PORT, serve

        gc.freeze()
        gc.enable()

        said = words(language or asked_language())
        if port is not None and not (port.isascii() and port.isdigit() and int(port) < 2**16):
            wanted = RequestError("expected_port")
            raise RequestError("request_option", option="--port", found=port, expected=wanted)
        serve(
            int(port) if port is not None else PORT,
            not no_browser,
            lambda link: say(said.text("workbench.served", link=link)),
        )

    def get_help(self, ctx: click.Context) -> str:
        """Return the help of the command."""
        said = words(asked_language())
        options = (
            ("--port N", said.text("workbench.port")),
            ("--no-browser", said.text("workbench.no_browser")),
        )
        return guide.of_hand(ctx.command_path, "serve", (), options, asked_language())


class Complete(click.Command):
    """``merida completion SHELL``: what makes a shell complete the commands."""

    def __init__(self) -> None:
        params = [
            click.Argument(["shell"], metavar="SHELL"),
            click.Option(["--language"], expose_value=False),
        ]
        super().__init__("completion", params=params, callback=self.show)

    def show(self, shell: str) -> None:
        """Print the script of a shell."""
        from click.shell_completion import get_completion_class

        from merida.cli.commands import program

        found = get_completion_class(shell)
        if found is None:
            wanted = RequestError("expected_one_of", known=", ".join(SHELLS))
            raise RequestError("request_option", option="SHELL", found=shell[:60], expected=wanted)
        say(found(program(), {}, "merida", COMPLETE).source())

    def get_help(self, ctx: click.Context) -> str:
        """Return the help of the command."""
        options = (("SHELL", words(asked_language()).text("completion.shell")),)
        return guide.of_hand(ctx.command_path, "completion", ("SHELL",), options, asked_language())


BY_HAND: dict[str, Callable[[], Any]] = {
    "plan.write": WritePlan,
    "brief": WriteBrief,
    "serve": Serve,
    "schema": Schema,
    "completion": Complete,
}
"""By path, what makes the command."""
