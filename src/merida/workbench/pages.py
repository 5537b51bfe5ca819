"""Pages: what each is filled with. The words stand in ``words/``, the order of things in ``templates/``."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any
from urllib.parse import urlencode
from weakref import WeakKeyDictionary

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from merida.answers import Answer
from merida.answers.questions import Question
from merida.answers.registry import question
from merida.charts.theme import font_file, svg
from merida.document.web import render
from merida.progress import Progress
from merida.shipped import text, walked
from merida.words import Words
from merida.workbench.asked import open_questions
from merida.workbench.forms import fields
from merida.workbench.runs import LIVE, Run

FONTS = {"Regular.woff2": 400, "SemiBold.woff2": 600, "ExtraBold.ttf": 800}
TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "woff2": "font/woff2",
    "ttf": "font/ttf",
    "svg": "image/svg+xml",
}
PAGES = {
    "today": "/",
    "places": "/places",
    "border": "/border",
    "evidence": "/evidence",
    "plan": "/plan",
    "risk": "/risk",
    "scorecard": "/scorecard",
    "claims": "/claims",
    "brief": "/brief",
    "data": "/data",
    "questions": "/questions",
}
"""The pages of the menu, in their order, each with its address."""
SHOWN: WeakKeyDictionary[Answer[Any, Any], dict[Any, dict[str, Any]]] = WeakKeyDictionary()
ROOMS = ("violence", "border", "evidence", "plan", "facts")
ELSEWHERE = {
    "claims": "facts",
    "questions": "facts",
    "doctor": "facts",
}  # of questions in no room; the others are on plans


@cache
def assets() -> dict[str, tuple[bytes, str]]:
    """Return by its address what pages load, with its type: an address holds the hash of its content."""
    held = dict(walked("workbench/static"))
    held |= {name: font_file(*name.split(".")) for name in FONTS}
    fonts = {name: address(name, held[name]) for name in FONTS}
    face = '@font-face{{font-family:"Public Sans";font-weight:{};font-display:swap;src:url("{}")}}'
    faces = "".join(face.format(weight, fonts[name]) for name, weight in FONTS.items())
    held["bench.css"] = faces.encode() + held["bench.css"]
    return {address(name, body): (body, TYPES[name.rpartition(".")[2]]) for name, body in held.items()}


def address(name: str, body: bytes) -> str:
    """Return the address of a file: its content's hash stands in it, so that a browser may keep it for good."""
    return f"/static/{hashlib.sha256(body).hexdigest()[:16]}/{name}"


def asset(name: str) -> str:
    """Return the address of one asset by its name."""
    return next(place for place in assets() if place.endswith(f"/{name}"))


@cache
def environment() -> Environment:
    """Return what fills the templates; every value is escaped."""
    made = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FunctionLoader(lambda name: text(f"workbench/templates/{name}")),
    )
    made.globals["asset"] = asset
    made.filters["without"] = without
    return made


def without(given: Mapping[str, Any], name: str) -> str:
    """Return the query of an address with all that is given but one option."""
    held = {other: value for other, value in given.items() if other != name and value not in ("", None)}
    return "?" + urlencode(held) if held else ""


def page(template: str, said: Words, here: str, **values: Any) -> str:
    """Return a page: `here` is its own address, for the switch of languages and the menu."""
    return environment().get_template(template).render(said=said, here=here, pages=PAGES, **values)


def rooms(said: Words) -> list[dict[str, Any]]:
    """Return the rooms with their questions, for the menu and the first page."""
    found: dict[str, list[dict[str, str]]] = {room: [] for room in ROOMS}
    for path in open_questions():
        room = path.partition(".")[0]
        found[room if room in found else ELSEWHERE.get(path, "plan")].append(
            {"path": address_of(path), "name": named(path, said), "about": said.text(f"questions.{path}")}
        )
    return [
        {"name": room, "title": said.text(f"workbench.rooms.{room}"), "questions": questions}
        for room, questions in found.items()
    ]


def address_of(path: str) -> str:
    """Return the address of a question's page."""
    return "/" + path.replace(".", "/")


def named(path: str, said: Words) -> str:
    """Return the short name of a question."""
    return said.text(f"workbench.names.{path}")


def asked_page(
    path: str,
    said: Words,
    here: str,
    given: Mapping[str, Any],
    answered: Answer[Any, Any] | None = None,
    error: str = "",
    run: Run | None = None,
) -> str:
    """Return the page of a question: its form, and its answer, the error, or how far the run is."""
    asked: Question[Any, Any] = question(path)
    return page(
        "question.html.j2",
        said,
        here,
        path=path,
        title=named(path, said),
        about=said.text(f"questions.{path}"),
        fields=list(fields(asked, given, said)),
        example=asked.request.of(asked.request.example).url() if asked.request.example else "",
        answer=shown(answered, said) if answered is not None else {},
        error=error,
        **at_work(run, said),
    )


def shown(answered: Answer[Any, Any], said: Words, pictures: Collection[str] | None = None) -> dict[str, Any]:
    """Return an answer as a page shows it: its pictures or some, blocks, assumptions, the question elsewhere.

    It is made once for each language and choice of pictures as long as the answer is held in memory.
    """
    made = SHOWN.setdefault(answered, {})
    key = (said.language, None if pictures is None else tuple(pictures))
    if key not in made:
        made[key] = show(answered, said, pictures)
    return made[key]


def show(answered: Answer[Any, Any], said: Words, pictures: Collection[str] | None) -> dict[str, Any]:
    """Make what `shown` returns."""
    asked = answered.question
    assumed = asked.assumptions(answered.request, answered.payload) if asked.assumptions else []
    return cited(answered) | {
        "blocks": render(answered.blocks(), said),
        "pictures": [
            picture(answered, name, said) for name in (asked.pictures if pictures is None else pictures)
        ],
        "assumptions": render(assumed, said) if assumed else Markup(""),
    }


def cited(answered: Answer[Any, Any]) -> dict[str, Any]:
    """Return where else an answer can be had, for a page that shows it in its own way."""
    request = answered.request
    return {
        "command": request.command(),
        "python": request.python(),
        "url": request.url(),
        "tables": answered.tables(),
        "drawable": bool(answered.question.pictures),
    }


def picture(answered: Answer[Any, Any], name: str, said: Words) -> Markup:
    """Return one picture of an answer as SVG."""
    return Markup(svg(answered.specification(name, said.language)))


def at_work(run: Run | None, said: Words) -> dict[str, Any]:
    """Return what a template shows of a run: the run, whether the page waits for it, how far it is and why it failed."""
    return {
        "run": run,
        "waits": run is not None and run.state in LIVE,
        "step": step(run, said) if run else "",
        "failure": failure(run, said) if run else "",
    }


def step(run: Run, said: Words) -> str:
    """Return how far a run is, counted; of one that ended, how, and how far it had come."""
    now = Progress(run.done, run.total, run.stage)
    ended = "" if run.state in LIVE else said.text(f"workbench.states.{run.state}")
    stage = (
        said.text(f"steps.{now.stage}") if now.stage else ended or said.text(f"workbench.states.{run.state}")
    )
    counted = f"{stage}: {said.number(now.done)} / {said.number(now.total)}" if now.total else stage
    return f"{ended} ({counted})" if ended and counted != ended else counted


def run_step(run: Run, said: Words) -> Markup:
    """Return how far a run is as a page shows it, counted and as a bar."""
    macro: Any = environment().get_template("parts.html.j2").module
    return Markup(str(macro.counted(run, step(run, said))).strip())


def failure(run: Run, said: Words) -> str:
    """Return why a run failed, in the reader's language."""
    if not run.error:
        return ""
    told: dict[str, str] = json.loads(run.error)
    return told.get(said.language) or said.text(f"errors.{told['key']}")
