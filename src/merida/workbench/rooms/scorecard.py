"""The scorecard: each pillar's indicators by verdict, with their course, target and chance; one indicator in full.

The page takes the options of the question ``scorecard``, so that ``/scorecard.json`` is the answer that it shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup

from merida.answers import Answer
from merida.answers.facts import Sql
from merida.answers.scorecard.card import Scorecard
from merida.answers.scorecard.payload import Board, Line
from merida.document.blocks import Table
from merida.document.web import render
from merida.words import Words
from merida.workbench import pages
from merida.workbench.bench import Bench, context_of, here, states, words_of
from merida.workbench.drawn import course

if TYPE_CHECKING:
    from merida.scorecard.card import Entry

QUESTION = Scorecard.question


def router(bench: Bench) -> APIRouter:
    """Return the address of the scorecard."""
    routes = APIRouter()

    @routes.get("/scorecard")
    async def scorecard(call: Request) -> Response:
        return await bench.page(call, lambda: page(bench, call))

    return routes


def page(bench: Bench, call: Request) -> Response:
    """Return the scorecard's page, or why its options cannot be taken."""
    said = words_of(call)
    found, error = bench.asked(call, QUESTION)
    values: dict[str, Any] = {"groups": [], "answer": {}, "lead": "", "one": None}
    if isinstance(found, Answer):
        values |= filled(found, said)
    given = dict(parse_qsl(call.url.query))
    shown = pages.page(
        "scorecard.html.j2",
        said,
        here(call),
        title=pages.named(QUESTION, said),
        about=said.text(f"questions.{QUESTION}"),
        error=error,
        given=given,
        choices=choices(given, said),
        **values,
    )
    return HTMLResponse(shown, status_code=400 if error else 200)


def choices(given: dict[str, str], said: Words) -> dict[str, list[tuple[str, str]]]:
    """Return what the filters offer: frameworks, pillars of the framework, states; each a value and its name."""
    names = ("merida", "bicentennial")
    framework = given.get("framework") if given.get("framework") in names else "merida"
    context = context_of(None, framework or "merida")
    pillars = context.framework.pillars
    return {
        "framework": [(one, said.text(f"scorecard.frameworks.{one}")) for one in names],
        "pillar": [(code, getattr(one.title, said.language)) for code, one in pillars.items()],
        "state": sorted(states(context), key=lambda one: one[1]),
    }


def filled(found: Answer[Scorecard, Board], said: Words) -> dict[str, Any]:
    """Return what the page shows of an answer."""
    board, request = found.payload, found.request
    lead = []
    for block in found.blocks():
        if isinstance(block, Table):
            break
        lead.append(block)
    courses = {one.indicator.code: one for one in found.result}
    answer = pages.shown(found, said)
    if request.indicator is not None:
        wanted = next(one for one in board.indicators if one.code == request.indicator)
        return {
            "answer": answer,
            "lead": "",
            "one": item(wanted, courses[wanted.code], request, said, wide=True),
            "groups": [],
        }
    groups = [
        {"title": pillar.title.to(said.language), "gaps": pillar.gaps, "verdicts": by_verdict(mine)}
        for pillar in board.pillars
        if (
            mine := [
                item(one, courses[one.code], request, said)
                for one in board.indicators
                if one.pillar == pillar.pillar
            ]
        )
    ]
    return {"answer": answer, "lead": render(lead, said), "one": None, "groups": groups}


def by_verdict(items: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return items in groups of one sign, in the signs' order; those that the record does not hold come last."""
    from merida.charts.scorecard import SIGNS

    return [(sign, held) for sign in SIGNS if (held := [one for one in items if one["sign"] == sign])]


def item(line: Line, entry: Entry, request: Scorecard, said: Words, wide: bool = False) -> dict[str, Any]:
    """Return one indicator as the page shows it."""
    from merida.charts.scorecard import sign_of

    def figure(value: float | None) -> str:
        if value is None:
            return ""
        number = said.number(value, line.decimals)
        return f"{number} {said.unit(line.unit, number)}"

    sign = sign_of(vars(line))
    chance = "" if line.probability is None else said.number(100 * line.probability)
    target = None if line.target is None else float(line.target)
    series = entry.series
    drawn, labels = Markup(""), None
    if series.actuals:
        ends = [*series.values, *([] if target is None else [target])]
        if wide:
            dates = (series.actuals[0].date, series.actuals[-1].date)
            labels = (dates, tuple(said.number(end, line.decimals) for end in (min(ends), max(ends))))
        drawn = course(series.times, series.values, target, labels)
    return {
        "code": line.code,
        "title": line.title.to(said.language),
        "counts": line.counts.to(said.language),
        "url": request.with_options(indicator=line.code).url(),
        "figures": Sql(query=" ".join(line.query.split()), as_of=request.as_of).url() if line.query else "",
        "value": figure(line.value),
        "date": line.date or "",
        "baseline": figure(line.baseline),
        "baseline_date": line.baseline_date or "",
        "target": figure(line.target),
        "target_date": line.target_date or "",
        "chance": chance,
        "sign": sign,
        "said": said.text(f"scorecard.verdicts.{line.verdict}") if line.verdict != "no_target" or not line.moved
        else said.text(f"scorecard.moved.{line.moved}"),
        "gap": line.gap.to(said.language) if line.gap else "",
        "own": line.own,
        "course": drawn,
    }  # fmt: skip
