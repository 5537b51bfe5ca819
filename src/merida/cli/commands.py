"""The commands, made from the questions: each option is a field of the request, its help is its words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from merida.answers.registry import QUESTIONS
from merida.cli import guide
from merida.cli.by_hand import BY_HAND
from merida.cli.terminal import asked_language
from merida.words import words


class Ask(click.Command):
    """The command of one question."""

    def __init__(self, question: str) -> None:
        from merida.answers.command_line import parameters
        from merida.answers.registry import question as found

        self.question = found(question)
        faces = [click.Option(["--format", "face_format"]), click.Option(["--language", "face_language"])]
        faces.append(click.Option(["--out", "face_out"], metavar="FILE"))
        if self.question.assumptions is not None:
            faces.append(click.Option(["--assumptions", "face_assumptions"], is_flag=True))
        faces += [
            click.Option([f"--{name}", f"face_file_{name}"], metavar="FILE")
            for name in (*self.question.pictures, *self.question.files)
        ]
        super().__init__(
            question.rpartition(".")[2],
            params=[*parameters(self.question.request), *faces],
            callback=self.ask,
        )

    def ask(self, **values: Any) -> int:
        """Ask the question and show its answer."""
        from merida.answers.command_line import given
        from merida.cli.asking import Face, ask

        stated = given(values)
        face = {name: stated.pop(name) for name in list(stated) if name.startswith("face_")}
        files = {
            name.removeprefix("face_file_"): Path(str(path))
            for name, path in face.items()
            if name.startswith("face_file_")
        }
        out = face.get("face_out")
        return ask(
            self.question,
            stated,
            Face(
                face.get("face_format"),
                face.get("face_language"),
                Path(out) if out else None,
                bool(face.get("face_assumptions")),
                files,
            ),
        )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words of the command line; what is wrong with them is told of this command."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise

    def get_help(self, ctx: click.Context) -> str:
        """Return the help of the question, in the language that was asked for."""
        return guide.of_question(self.question, ctx.command_path, asked_language())


class Room(click.Group):
    """The commands of a room, or of the program: each is made when it is asked for."""

    def __init__(self, prefix: str = "", **settings: Any) -> None:
        super().__init__(prefix.rstrip(".") or "merida", no_args_is_help=True, **settings)
        self.prefix = prefix
        self.params.append(click.Option(["--language", "face_language"], expose_value=False))

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order of the questions."""
        paths = (path for path in (*QUESTIONS, *BY_HAND) if path.startswith(self.prefix))
        return list(dict.fromkeys(path.removeprefix(self.prefix).partition(".")[0] for path in paths))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of a name, or None."""
        path = self.prefix + cmd_name
        if "." in cmd_name:
            return None
        if path in BY_HAND:
            command: click.Command = BY_HAND[path]()
            return command
        if path in QUESTIONS:
            return Ask(path)
        return Room(f"{path}.") if cmd_name in self.list_commands(ctx) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the words begin with; an unknown one is told with the nearest."""
        found = self.get_command(ctx, args[0])
        if found is None:
            from merida.errors import RequestError, nearest

            close = nearest(args[0], self.list_commands(ctx))
            raise RequestError(
                "usage_no_such_command", command=ctx.command_path, found=args[0], nearest=close
            )
        # A question may be a room too: `merida scorecard` asks it, `merida scorecard add` a question of the room.
        if len(args) > 1 and f"{self.prefix}{args[0]}.{args[1]}" in QUESTIONS:
            return args[0], Room(f"{self.prefix}{args[0]}."), args[1:]
        return args[0], found, args[1:]

    def get_help(self, ctx: click.Context) -> str:
        """Return the help of the room."""
        return guide.of_room(self.prefix, ctx.command_path, self.list_commands(ctx), asked_language())


def program() -> Room:
    """Return the whole command line."""
    made = Room()
    made.params.append(
        click.Option(["--version"], is_flag=True, is_eager=True, expose_value=False, callback=version)
    )
    return made


def version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Print the version, and end."""
    if wanted:
        from importlib.metadata import version as of

        from merida.answers.doctor import record_name
        from merida.cli.terminal import say
        from merida.installation import lock

        said = words(asked_language())
        say(said.text("doctor.installed", program=of("merida"), record=record_name(), lock=lock()))
        ctx.exit()
