"""Write docs/reference/commands.md and comandos.md: every command with an example, its options, and its call in Python.

Run: python scripts/commands_reference.py
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import click

from merida.answers import QUESTIONS, question
from merida.answers.fields import option_of
from merida.answers.options import meaning
from merida.answers.request import bare, flag
from merida.atomic import write_whole
from merida.cli.by_hand import BY_HAND
from merida.words import Words, words

FOLDER = Path(__file__).parent.parent / "docs/reference"
PAGES = {"en": FOLDER / "commands.md", "es": FOLDER / "comandos.md"}
HEADS = {
    "en": """# Every command

Written by `scripts/commands_reference.py` from the list of questions; do not edit it by hand.

A command is a question. Each also takes `--format table|json|csv|md`, `--language en|es` and `--out FILE`, and says all of
this itself: `merida COMMAND --help`. The same question in Python takes the same options, with the same names. A list of the
commands with an example that can be run at once: [a session, line by line](../how-to/commands.md).
""",
    "es": """# Todos los comandos

Escrita por `scripts/commands_reference.py` a partir de la lista de preguntas; no se edita a mano.

Un comando es una pregunta. Cada uno admite además `--format table|json|csv|md`, `--language en|es` y `--out ARCHIVO`, y lo
explica él mismo: `merida COMANDO --help`. La misma pregunta en Python lleva las mismas opciones, con los mismos nombres. La
lista de comandos con un ejemplo que puede ejecutarse de inmediato: [una sesión, renglón por renglón](../how-to/comandos.md).
""",
}
COLUMNS = {"en": ("option", "meaning"), "es": ("opción", "significado")}
ALSO = {"en": "Also writes", "es": "También escribe"}


def page(language: str) -> str:
    """Return the page of one language."""
    said = words(language)
    rooms: dict[str, list[str]] = {}
    for path in (*QUESTIONS, *BY_HAND):
        rooms.setdefault(path.partition(".")[0], []).append(path)
    parts = [HEADS[language]]
    for room, paths in rooms.items():
        if len(paths) > 1:
            about = f"{said.text(f'groups.{room}')}\n" if said.has(f"groups.{room}") else ""
            parts.append(f"## merida {room} …\n\n{about}")
        for path in paths:
            head = f"{'###' if len(paths) > 1 else '##'} merida {path.replace('.', ' ')}"
            told = by_hand(path, language) if path in BY_HAND else asked(path, said, language)
            parts.append(f"{head}\n\n{told}")
    return "\n".join(parts)


def asked(path: str, said: Words, language: str) -> str:
    """Return what the page says of one question."""
    found = question(path)
    example = found.request.of(found.request.example)
    lines = [said.text(f"questions.{path}"), ""]
    lines += [f"    {example.command()}", f"    {example.python()}", ""]
    if rows := list(options(path, said)):
        lines += [f"| {COLUMNS[language][0]} | {COLUMNS[language][1]} |", "|---|---|", *rows, ""]
    if writes := (*found.pictures, *found.files):
        lines += [f"{ALSO[language]}: " + ", ".join(f"`--{name}`" for name in writes) + ".", ""]
    return "\n".join(lines)


def options(path: str, said: Words) -> Iterator[str]:
    """Yield a row for each option of a question."""
    for name, field in question(path).request.options().items():
        about = option_of(field)
        shown = about.metavar or name.upper() if about.argument else flag(name, about)
        mark = "" if about.argument or bare(field) is bool or not about.metavar else f" {about.metavar}"
        cells = (f"`{shown}{mark}`", meaning(field, said))
        yield " | ".join(("", *(cell.replace("|", "\\|") for cell in cells), "")).strip()


def by_hand(path: str, language: str) -> str:
    """Return what the page says of a command that is no question: its own help."""
    name = f"merida {path.replace('.', ' ')}"
    with (
        mock.patch("merida.cli.by_hand.asked_language", return_value=language),
        mock.patch.dict("os.environ", {"COLUMNS": "100"}),
    ):
        told = BY_HAND[path]().get_help(click.Context(click.Command(name), info_name=name))
    return "\n".join(("```text", told.rstrip(), "```", ""))


if __name__ == "__main__":
    write_whole({PAGES[language]: page(language) for language in PAGES})
