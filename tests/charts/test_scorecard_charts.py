"""The scorecard's pictures: every indicator has its sign, signs differ in shape, and both languages are said."""

import re

import pytest

from merida.charts.scorecard import SIGNS, Scope, course, glance, page, sign_of
from merida.charts.theme import specification, svg
from merida.facts.schema import Text
from merida.words import words

PILLARS = [{"pillar": "border", "title": Text(en="Border", es="Frontera"), "gaps": 1}]


def indicator(
    code: str, verdict: str, value: float | None = 5.0, moved: str | None = None
) -> dict[str, object]:
    return {
        "code": code, "pillar": "border", "title": Text(en=f"Trucks {code}", es=f"Camiones {code}"), "decimals": 0,
        "unit": "crossings", "date": "2019", "value": value, "target": 9.0 if verdict == "met" else None,
        "target_date": "2020-12", "verdict": verdict, "moved": moved,
    }  # fmt: skip


LINES = [
    indicator("B-01", "met"),
    indicator("B-02", "no_target", moved="worse"),
    indicator("B-03", "no_target"),
    indicator("B-04", "gap", None),
]


def texts(drawn: str) -> list[str]:
    return [re.sub("<[^>]+>", "", text) for text in re.findall(r"<text[^>]*>(.*?)</text>", drawn)]


def test_signs_differ_in_shape_or_fill() -> None:
    assert len({(shape, filled) for shape, _, filled in SIGNS.values()}) == len(SIGNS)
    assert [sign_of(one) for one in LINES] == ["met", "worse", "without", "gap"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_indicator_is_on_the_glance(language: str) -> None:
    said = words(language)
    drawn = texts(svg(specification(glance(PILLARS, LINES, Scope("merida", "Chihuahua", "2012-12"), said))))
    assert {"B-01", "B-02", "B-03", "B-04"} <= set(drawn)
    assert {said.text(f"scorecard.signs.{name}") for name in ("met", "worse", "without", "gap")} <= set(drawn)
    assert any(said.month("2012-12") in text and "Chihuahua" in text for text in drawn)


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_shows_figures_and_counts_gaps(language: str) -> None:
    said = words(language)
    drawn = texts(
        svg(
            specification(
                page(PILLARS, LINES, {"B-01": [(2010.0, 1.0), (2011.0, 3.0)]}, Scope("bicentennial"), said)
            )
        )
    )
    assert "/ 9 (2020-12)" in drawn
    assert said.text("scorecard.page.gaps", count=1) in drawn
    assert not any("B-04" in text for text in drawn)


def test_a_course_runs_from_its_least_to_its_greatest() -> None:
    points = course("B-01", 3.0, [(2004.0, 9.0), (2006.0, 1.0), (2010.0, 3.0)], 2010.0)
    assert [round(one["y"], 2) for one in points] == [3.36, 2.64]
    assert course("B-01", 3.0, [(2006.0, 1.0)], 2010.0) == []
