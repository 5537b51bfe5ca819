"""The jump-to menu: places, crossings, programmes, pages and questions whose names hold what is typed, accents or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from merida.answers import answer
from merida.answers.context import Context
from merida.answers.facts import ShowTable
from merida.answers.registry import QUESTIONS, question
from merida.places import Gazetteer
from merida.words import Words, plain
from merida.workbench.asked import open_questions
from merida.workbench.pages import PAGES, address_of, named

MOST, MOST_OF_A_KIND = 24, 8
MOST_LETTERS = 100  # of what is typed


@dataclass(frozen=True)
class Hit:
    """One thing that can be jumped to: what kind of thing it is, its name, what it is, its address, its other names."""

    kind: str
    name: str
    about: str
    path: str
    also: tuple[str, ...] = ()


def find(wanted: str, said: Words, context: Context) -> list[Hit]:
    """Return what goes by a name, the nearest of each kind first.

    Parameters
    ----------
    wanted : str
        What was typed.
    said : Words
        The reader's language.
    context : Context
        The record and framework.
    """
    typed = plain(wanted[:MOST_LETTERS])
    if not typed:
        return []
    found: list[Hit] = []
    for hits in (
        pages(said),
        places(context),
        crossings(context),
        programmes(said, context),
        questions(said),
    ):
        near = sorted(
            (rank, at, hit) for at, hit in enumerate(hits) if (rank := distance(typed, hit)) is not None
        )
        found += [hit for _, _, hit in near[:MOST_OF_A_KIND]]
    return found[:MOST]


def distance(typed: str, hit: Hit) -> int | None:
    """Return how far a thing is from what is typed: 0 its name, 1 its beginning, 2 a word's, 3 within it, 4 about it."""
    near = [
        0 if name == typed else 1 if name.startswith(typed) else 2 if f" {typed}" in name else 3
        for name in map(plain, (hit.name, *hit.also))
        if typed in name
    ]
    return min(near) if near else 4 if typed in plain(hit.about) else None


def pages(said: Words) -> Iterator[Hit]:
    """Yield the pages of the menu."""
    for name, address in PAGES.items():
        yield Hit("page", said.text(f"workbench.pages.{name}"), "", address)


def places(context: Context) -> Iterator[Hit]:
    """Yield the nation, its states and its municipalities, the most populous first."""
    for one in Gazetteer.of(context.facts).entries:
        wanted = one.code if one.kind == "nation" else f"{one.kind}:{one.code}"
        address = (
            f"/places/{one.code}" if "places" in PAGES
            else question("violence.monitor").request.of({"place": wanted}).url()
        )  # fmt: skip
        about = one.state_name if one.kind == "municipality" else ""
        yield Hit("place", one.name, about, address, one.also)


@lru_cache(maxsize=4)
def crossing_names(context: Context) -> tuple[tuple[str, str, str], ...]:
    """Return each port of entry's name, state and address, and each crossing's with its port."""
    held = answer(ShowTable(table="ports", rows=1000, as_of=context.as_of), context).payload.rows
    delay = question("border.delay").request
    found = [
        (name, state, delay.of({"port": name}).url())
        for name, state in held.select("name", "us_state").rows()
    ]
    if "border.list" in QUESTIONS:
        lines = answer(
            question("border.list").request.of({"as_of": context.as_of}), context
        ).payload.crossings
        found = [(one.name, one.port_name, f"/border/at/{one.crossing}") for one in lines] + found
    return tuple(dict.fromkeys(found))


def crossings(context: Context) -> Iterator[Hit]:
    """Yield the crossings and ports of the border."""
    for name, about, address in crossing_names(context):
        yield Hit("crossing", name, about, address)


def programmes(said: Words, context: Context) -> Iterator[Hit]:
    """Yield the programmes of the framework."""
    for code, one in context.framework.programmes.items():
        address = (
            f"/evidence/of/{code}" if "evidence" in PAGES
            else question("evidence.show").request.of({"name": code}).url()
        )  # fmt: skip
        yield Hit("programme", getattr(one.title, said.language), "", address)


def questions(said: Words) -> Iterator[Hit]:
    """Yield the questions."""
    for path in open_questions():
        yield Hit("question", named(path, said), said.text(f"questions.{path}"), address_of(path))
