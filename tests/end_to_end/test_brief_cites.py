"""Every figure of a brief names the question that gave it: the command is run, and must give the figure."""

from __future__ import annotations

import html
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from merida.answers import Answer, answer, from_command
from merida.lab import Lab

pytestmark = pytest.mark.end_to_end

SECTION = re.compile(r'<section id="(\w+)">(.*?)</section>', re.DOTALL)
BUTTON = re.compile(r'<button type="button" class="figure \w+"[^>]*data-origin="(\d+)">([^<]*)</button>')
POPOVER = re.compile(r'<div popover class="origin" id="o(\d+)"[^>]*>(.*?)</div>', re.DOTALL)
COMMAND = re.compile(r"<pre>(.*?)</pre>", re.DOTALL)
NUMBER = re.compile(r"-?[\d,]+(?:\.\d+)?")
EACH = 8  # figures of a section that are tried
# A page may say a share in percent, a count in millions, and an effect on logarithms as a change in percent.
SAID = (
    lambda value: value,
    lambda value: 100 * value,
    lambda value: value / 1e6,
    lambda value: 100 * math.expm1(value) if value < 50 else math.inf,
)
answered: dict[str, Answer[Any, Any]] = {}


@dataclass(frozen=True)
class Cited:
    """A figure as a page shows it, with the command that the page gives for it."""

    page: str
    section: str
    shown: str
    command: str


@pytest.fixture(scope="module", params=[None, "2012-12"], ids=["today", "2012-12"])
def pages(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("brief")
    written = Lab(as_of=request.param).brief().write(folder, ("html",))
    return {path.name: Path(path).read_text(encoding="utf-8") for path in written}


def cited(name: str, page: str) -> Iterator[Cited]:
    """Yield every figure of a page that names a command."""
    commands = {}
    for number, body in POPOVER.findall(page):
        found = COMMAND.search(body)
        if found:
            commands[number] = html.unescape(found[1])
    for section, body in SECTION.findall(page):
        for number, shown in BUTTON.findall(body):
            if number in commands:
                yield Cited(name, section, html.unescape(shown), commands[number])


def leaves(value: Any) -> Iterator[float]:
    """Yield every number of an answer."""
    if isinstance(value, dict):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from leaves(one)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)


def counts(value: Any) -> Iterator[int]:
    """Yield the length of every list of an answer, and how many of its records have the same word in a field."""
    if isinstance(value, dict):
        for one in value.values():
            yield from counts(one)
    elif isinstance(value, list | tuple):
        yield len(value)
        records = [one for one in value if isinstance(one, dict)]
        words = Counter(
            (key, word)
            for one in records
            for key, word in one.items()
            if word is None or isinstance(word, str)
        )
        yield from words.values()
        for one in value:
            yield from counts(one)


def gives(command: str, shown: str) -> bool:
    """Tell whether the answer to a command holds a number as the page shows it."""
    if command not in answered:
        answered[command] = answer(from_command(command))
    text = NUMBER.match(shown)
    assert text, shown
    number = float(text[0].replace(",", ""))
    room = 0.5 * 10.0 ** -len(text[0].partition(".")[2]) * (1 + 1e-9)
    data = {key: value for key, value in answered[command].data().items() if key != "request"}
    values = list(leaves(data))
    held = set(counts(data))  # so many programmes, groups, rows; so many of them of a kind
    return any(abs(said(value) - number) <= room for value in values for said in SAID) or number in held


def test_figures_of_every_section_are_what_their_commands_give(pages: dict[str, str]) -> None:
    tried = 0
    wrong = []
    for name, page in pages.items():
        by_section: dict[str, list[Cited]] = {}
        for one in cited(name, page):
            by_section.setdefault(one.section, []).append(one)
        for figures in by_section.values():
            step = max(len(figures) // EACH, 1)
            for one in figures[::step][:EACH]:
                tried += 1
                if not gives(one.command, one.shown):
                    wrong.append(one)
    assert tried >= 60
    assert not wrong, wrong[:10]


def test_every_estimate_of_a_plan_names_a_question(pages: dict[str, str]) -> None:
    for page in pages.values():
        commands = " ".join(COMMAND.findall(page))
        for question in (
            "allocate",
            "rank",
            "simulate",
            "border delay",
            "violence forecast",
            "evidence show",
        ):
            assert f"merida {question}" in commands, question
