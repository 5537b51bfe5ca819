"""The evidence: programmes with what studies say, contested readings as sliders, studies, and a table of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter
from fastapi import Request as Call
from fastapi.responses import HTMLResponse, Response

from merida.answers import Answer
from merida.answers.evidence.forest import axis_of, in_words, interval_of
from merida.answers.evidence.gaps import GapList, Gaps
from merida.answers.evidence.known import EffectAnswer, Law, Show, counted
from merida.answers.evidence.studies import ListStudies, effect_of
from merida.answers.evidence.study import StudyAnswer
from merida.answers.evidence.weigh import LEAST, Weigh, Weighed
from merida.answers.plans.deciding import measured
from merida.answers.plans.voi import Voi, amount
from merida.document.values import written
from merida.document.web import render
from merida.errors import RequestError
from merida.words import Words
from merida.workbench import forests, pages
from merida.workbench.bench import Bench, given, here, only, owner_of, together, words_of
from merida.workbench.rooms.questions import far, page_of_run
from merida.workbench.runs import Run

LEAST_WEIGHT, MOST_WEIGHT = 1, 99  # of a slider, in proportion to the others


def router(bench: Bench) -> APIRouter:
    """Return the addresses of the evidence."""
    routes = APIRouter()

    @routes.get("/evidence")
    @routes.get("/evidence.json")
    async def every(call: Call) -> Response:
        return await bench.page(call, lambda: programmes_page(bench, call))

    @routes.get("/evidence/of/{name}")
    async def one(call: Call, name: str) -> Response:
        return await bench.page(call, lambda: effect_page(bench, call, name))

    @routes.get("/evidence/studies")
    @routes.get("/evidence/studies.json")
    async def studies(call: Call) -> Response:
        return await bench.page(call, lambda: studies_page(bench, call))

    return routes


def still(said: Words, call: Call, template: str, run: Run | None, **values: Any) -> Response:
    """Return a page whose run is at work, failed, or did not begin."""
    return page_of_run(pages.page(template, said, here(call), **pages.at_work(run, said), **values), run)


def programmes_page(bench: Bench, call: Call) -> Response:
    """Return the programmes with what is known of each, the thinnest last."""
    said, form = words_of(call), call.url.path.endswith(".json")
    found = bench.of(call, Gaps.of(given(call)))
    title = said.text("workbench_evidence.title")
    if not isinstance(found, Answer):
        if form:
            return far(found, said)
        return still(said, call, "evidence.html.j2", found, title=title, rows=[], answer=None, marks=[])
    if form:
        return together({"programmes": found})
    rows, marks = programme_rows(found.payload, said)
    values = {"title": title, "rows": rows, "marks": marks, "answer": pages.cited(found), "run": None}
    return HTMLResponse(
        pages.page("evidence.html.j2", said, here(call), rest=render(found.blocks()[-2:], said), **values)
    )


def programme_rows(found: GapList, said: Words) -> tuple[list[dict[str, Any]], list[tuple[float, float]]]:
    """Return the programmes as rows of one forest, those with most behind them first, and the marks of its axis."""
    laws = [one.law for one in found.programmes if one.law is not None and not one.elasticity]
    axis = (min(law.low for law in laws), max(law.high for law in laws)) if laws else (-1.0, 1.0)
    rows = []
    for one in reversed(found.programmes):
        law = one.law
        rows.append(
            {
                "name": one.programme,
                "title": one.title.to(said.language),
                "known": law is not None,
                "bar": None
                if law is None or one.elasticity
                else forests.bar(law.median, law.low, law.high, axis),
                "effect": ""
                if law is None
                else effect_text(one.elasticity, law.median, law.low, law.high, said),
                "harm": one.probability_harm,
                "studies": one.studies,
                "contested": bool(one.contested),
                "prior": bool(one.prior_driven),
            }
        )
    return rows, forests.marks(axis, elasticity=False)


def effect_text(elasticity: bool, median: float, low: float, high: float, said: Words) -> str:
    """Return an effect with its interval and its unit."""
    text = written(interval_of(elasticity, median, low, high), said)
    return text if elasticity else f"{text} %"


def effect_page(bench: Bench, call: Call, name: str) -> Response:
    """Return what is known of a programme's effect: its forest, and the weights of contested readings as sliders."""
    form = "json" if name.endswith(".json") else ""
    said, name = words_of(call), name.removesuffix(".json")
    query = given(call)
    found = bench.of(call, Show(name=name))
    if not isinstance(found, Answer):
        if form:
            return far(found, said)
        empty: dict[str, Any] = {"title": name, "known": None, "law": None, "study": None, "answer": None}
        return still(said, call, "evidence_effect.html.j2", found, **empty)
    if isinstance(found.payload, StudyAnswer):
        return study_page(call, said, found, form)
    known: EffectAnswer = found.payload
    only(call, *(keys_of(known) if known.contested else ()))
    weights = weights_of(known, query)
    law = (
        bench.of(call, Weigh.of({"name": name, "held": held_of(known, weights)})) if known.contested else None
    )
    if form:
        return together({"effect": found} | ({"weighed": law} if isinstance(law, Answer) else {}))
    values: dict[str, Any] = {
        "title": known.title.to(said.language) if known.title else known.name,
        "known": known,
        "study": None,
        "run": None,
        "answer": pages.cited(found),
        "sliders": sliders_of(known, weights, said),
        "law": law_values(law, said) if isinstance(law, Answer) else None,
        "worth": worth_of(bench, call, known, said),
        **forest_of(known, said),
    }
    if call.headers.get("hx-target") == "law":
        page = pages.page("evidence_law.html.j2", said, here(call), **values)
        return HTMLResponse(page, headers={"Vary": "HX-Target"})
    lead = render(found.blocks()[:-1] if not known.contested else found.blocks()[3:5], said)
    return HTMLResponse(pages.page("evidence_effect.html.j2", said, here(call), lead=lead, **values))


def study_page(call: Call, said: Words, found: Answer[Show, StudyAnswer], form: str) -> Response:
    """Return a study with all its fields, its source as a link."""
    only(call)
    if form:
        return together({"study": found})
    shown = {
        "blocks": render(found.blocks(), said),
        "programmes": {
            code: title.to(said.language) for code, title in found.payload.programme_titles.items()
        },
        "locator": found.payload.locator,
        "citation": found.payload.citation,
    }
    values: dict[str, Any] = {
        "known": None,
        "law": None,
        "run": None,
        "answer": pages.cited(found),
        "study": shown,
    }
    page = pages.page("evidence_effect.html.j2", said, here(call), title=found.payload.study, **values)
    return HTMLResponse(page)


def keys_of(known: EffectAnswer) -> dict[str, str]:
    """Return the paths of the weights by what an address calls them."""
    return {path.rpartition(".")[2]: path for path in known.settings}


def weights_of(known: EffectAnswer, query: dict[str, str]) -> dict[str, int]:
    """Return the weights that sliders stand at, in proportion to one another: as the address says, else as stated.

    Raises
    ------
    RequestError
        If a weight is no whole number from 1 to 99.
    """
    keys = keys_of(known)
    weights = {}
    for key, reading in zip(keys, known.readings, strict=False):
        text = query.get(key, str(round(100 * reading.weight)))
        if not (text.isascii() and text.isdigit() and LEAST_WEIGHT <= int(text[:4]) <= MOST_WEIGHT):
            raise RequestError(
                "workbench_weight", option=key, found=text[:20], low=LEAST_WEIGHT, high=MOST_WEIGHT
            )
        weights[key] = int(text)
    return weights


def held_of(known: EffectAnswer, weights: dict[str, int]) -> list[str]:
    """Return what the question holds for weights: nothing where they are those stated."""
    if all(
        round(100 * one.weight) == weight
        for one, weight in zip(known.readings, weights.values(), strict=True)
    ):
        return []
    total, keys = sum(weights.values()), keys_of(known)
    some = list(weights.items())[:-1]  # the last has what is left
    return [f"{keys[key]}={min(max(weight / total, LEAST), 1 - LEAST):.4f}" for key, weight in some]


def sliders_of(known: EffectAnswer, weights: dict[str, int], said: Words) -> list[dict[str, Any]]:
    """Return the sliders of a contested effect, none for another."""
    if not known.contested:
        return []
    return [
        {
            "name": key,
            "value": weights[key],
            "reading": written(in_words("readings", reading.reading), said),
            "stated": round(100 * reading.weight),
        }
        for key, reading in zip(weights, known.readings, strict=True)
    ]


def worth_of(bench: Bench, call: Call, known: EffectAnswer, said: Words) -> dict[str, str]:
    """Return what it is worth to know an effect before choosing among the example's plans, where that was answered."""
    request = Voi.of(Voi.example)
    found = bench.answered(request, owner_of(call), False)
    if not isinstance(found, Answer):
        return {"url": request.url(), "value": ""}
    answered = found.payload
    line = next((one for one in answered.parameters if one.path == known.parameter), None)
    unit = written(measured(answered.unit, answered.outcome), said)
    numbers = [0.0, 0.0] if line is None else [line.value, line.standard_error]
    value, error = (written(amount(answered, one), said) for one in numbers)
    return {"url": request.url(), "value": f"{value} ± {error} {unit}"}


def law_values(found: Answer[Weigh, Weighed], said: Words) -> dict[str, Any]:
    """Return the law under the weights of the sliders as its page shows it."""
    law, elasticity = found.payload, found.payload.scale == "elasticity"
    points = ([getattr(one, name) for one in law.curve] for name in ("effect", "density", "stated"))
    return {
        "curve": forests.curve(*points, elasticity=elasticity),
        "elasticity": elasticity,
        "blocks": render(found.blocks()[1:], said),
        "answer": pages.cited(found),
    }


def forest_of(known: EffectAnswer, said: Words) -> dict[str, Any]:
    """Return the forest: each reading with its studies and its law, then the law of all."""
    elasticity = known.scale == "elasticity"
    studies = counted(known)
    axis = axis_of(studies, [(law.low, law.high) for law in (known.law, *known.readings)], elasticity)
    several = len(known.readings) > 1

    def law_row(law: Law) -> dict[str, Any]:
        return {
            "bar": forests.bar(law.median, law.low, law.high, axis),
            "effect": effect_text(elasticity, law.median, law.low, law.high, said),
            "harm": law.probability_harm,
        }

    readings = [
        {
            "name": written(in_words("readings", law.reading), said) if several else "",
            "weight": law.weight,
            "law": law_row(law) if several else None,
            "studies": list(
                study_rows([row for row in studies if row["reading"] == law.reading], known, axis, said)
            ),
        }
        for law in known.readings
    ]
    return {
        "readings": readings,
        "whole": law_row(known.law),
        "marks": forests.marks(axis, elasticity),
        "elasticity": elasticity,
    }


def study_rows(
    rows: list[dict[str, Any]], known: EffectAnswer, axis: forests.Axis, said: Words
) -> Iterator[dict[str, Any]]:
    """Yield studies as rows of a forest; one that gave a sign alone has no bar."""
    elasticity = known.scale == "elasticity"
    for row in rows:
        drawn = row["estimate"] is not None
        yield {
            "study": row["study"],
            "name": row["name"],
            "country": written(in_words("countries", row["country"]), said),
            "design": said.text(f"evidence.designs_short.{row['design']}"),
            "outcome": written(in_words("studied_outcomes", row["outcome"]), said),
            "weight": row["weight"],
            "bar": forests.bar(row["estimate"], row["low"], row["high"], axis, row["weight"])
            if drawn
            else None,
            "effect": effect_text(elasticity, row["estimate"], row["low"], row["high"], said)
            if drawn
            else said.text(f"evidence.directions.{row['direction']}"),
        }


def studies_page(bench: Bench, call: Call) -> Response:
    """Return the studies of the register, those that fit the filters, each with its source."""
    said = words_of(call)
    found = bench.at_once(ListStudies.of(given(call)), owner_of(call))
    if call.url.path.endswith(".json"):
        return together({"studies": found})
    rows = [
        {
            "study": row["study"],
            "citation": row["citation"],
            "programme": written(in_words("studied_programmes", row["programme"]), said),
            "outcome": written(in_words("studied_outcomes", row["outcome"]), said),
            "country": written(in_words("countries", row["country"]), said),
            "design": said.text(f"evidence.designs_short.{row['design']}"),
            "effect": written(effect_of(row), said),
            "sign": said.text(f"evidence.directions.{row['direction']}"),
            "locator": row["locator"],
            "verified": row["status"] == "verified",
        }
        for row in found.payload.rows.iter_rows(named=True)
    ]
    page = pages.page(
        "evidence_studies.html.j2",
        said,
        here(call),
        title=said.text("workbench_evidence.studies"),
        rows=rows,
        choices=choices(bench, call, said),
        asked=given(call),
        answer=pages.cited(found),
    )
    return HTMLResponse(page)


def choices(bench: Bench, call: Call, said: Words) -> dict[str, list[tuple[str, str]]]:
    """Return what each filter of the studies may be: code and name."""
    every = bench.at_once(ListStudies(), owner_of(call))
    groups = {"programme": "studied_programmes", "outcome": "studied_outcomes", "country": "countries"}
    found = {
        name: [
            (code, written(in_words(group, code), said))
            for code in sorted(set(every.payload.rows[name].drop_nulls()))
        ]
        for name, group in groups.items()
    }
    designs = sorted(set(every.payload.rows["design"].drop_nulls()))
    found["design"] = [(code, said.text(f"evidence.designs_short.{code}")) for code in designs]
    return {name: sorted(pairs, key=lambda pair: pair[1]) for name, pairs in found.items()}
