"""What ``--help`` says: the words of a question and of its request's fields."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from merida.answers.registry import QUESTIONS
from merida.words import Words, words

if TYPE_CHECKING:
    from merida.answers import Question

MOST_INDENT = 34  # letters of the left column
Line = tuple[str, str]


def of_room(prefix: str, path: str, names: Iterable[str], language: str) -> str:
    """Return the help of a room, or of the whole program."""
    said = words(language)
    about = said.text(f"groups.{prefix.rstrip('.')}" if prefix else "cli.merida")
    lines = [(name, brief_of(f"{prefix}{name}", said)) for name in names]
    usage = f"{said.text('help.usage')}: {path} {said.text('help.options_mark')} {said.text('help.command_mark')} …"
    options = [("--help", said.text("help.help"))]
    if not prefix:
        options.append(("--version", said.text("help.version")))
    return page(usage, about, {"commands": lines, "options": options}, said)


def brief_of(path: str, said: Words) -> str:
    """Return the line on a command or a room."""
    return said.text(f"questions.{path}" if said.has(f"questions.{path}") else f"groups.{path}")


def of_question(question: Question[Any, Any], path: str, language: str) -> str:
    """Return the help of one question."""
    from merida.answers.fields import option_of
    from merida.answers.options import meaning, metavar
    from merida.answers.request import bare, flag

    said = words(language)
    arguments: list[Line] = []
    options: list[Line] = []
    for name, field in question.request.options().items():
        about = option_of(field)
        if about.argument:
            arguments.append((about.metavar or name.upper(), meaning(field, said)))
        else:
            mark = "" if bare(field) is bool else f" {about.metavar or metavar(field)}"
            options.append((flag(name, about) + mark, meaning(field, said)))
    faces = [("--format FORMAT", said.text("help.format")), ("--language LANG", said.text("help.language"))]
    faces.append(("--out FILE", said.text("help.out")))
    if question.assumptions is not None:
        faces.append(("--assumptions", said.text("help.assumptions")))
    faces += [
        (f"--{name} FILE", said.text("help.picture", name=picture_name(name, said)))
        for name in question.pictures
    ]
    faces += [
        (f"--{name} FILE", said.text("help.file", name=said.text(f"files.{name}"))) for name in question.files
    ]
    faces.append(("--help", said.text("help.help")))
    marks = " ".join(mark for mark, _ in arguments)
    usage = f"{said.text('help.usage')}: {path} {said.text('help.options_mark')} {marks}".rstrip()
    about_question = said.text(f"questions.{question.name}")
    room = f"{question.name}."
    commands = [
        (path.removeprefix(room), brief_of(path, said)) for path in QUESTIONS if path.startswith(room)
    ]
    parts = {"arguments": arguments, "commands": commands, "options": [*options, *faces]}
    return page(usage, about_question, parts, said)


def of_hand(path: str, name: str, marks: Iterable[str], options: Iterable[Line], language: str) -> str:
    """Return the help of a command that is no question."""
    said = words(language)
    usage = f"{said.text('help.usage')}: {path} {said.text('help.options_mark')} {' '.join(marks)}".rstrip()
    rows = [*options, ("--help", said.text("help.help"))]
    return page(usage, said.text(f"questions.{name}"), {"options": rows}, said)


def picture_name(name: str, said: Words) -> str:
    """Return the name of a picture in words, where it has one."""
    return said.text(f"pictures.{name}") if said.has(f"pictures.{name}") else name


def page(usage: str, about: str, parts: dict[str, list[Line]], said: Words) -> str:
    """Return a page of help that fits the terminal."""
    from merida.document.terminal import terminal_width, wrapped

    width = terminal_width()
    lines = [*wrapped(usage, width, indent="  "), "", *wrapped(about, width)]
    for name, rows in parts.items():
        if not rows:
            continue
        lines += ["", said.text(f"help.{name}") + ":"]
        indent = min(max(len(left) for left, _ in rows) + 4, MOST_INDENT, width // 2)
        for left, right in rows:
            told = wrapped(right, max(width - indent, 20))
            first = f"  {left}".ljust(indent)
            if len(first) > indent:
                lines.append(first)
                first = " " * indent
            lines += [first + told[0], *(" " * indent + more for more in told[1:])]
    return "\n".join(lines)
