"""The page of the scorecard shows the question's own answer; what it is filtered by stands in its address."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from merida.answers import answer
from merida.answers.registry import from_url
from merida.words import words
from merida.workbench.drawn import course


def test_each_indicator_of_the_answer_stands_on_the_page_with_its_verdict_and_its_query(
    visitor: TestClient,
) -> None:
    page = visitor.get("/scorecard?pillar=border").text
    board = answer(from_url("/scorecard?pillar=border"))
    for line in board.indicators:
        assert f"indicator={line.code}" in page
        assert line.title.en.replace("'", "&#39;") in page
    held = [one for one in board.indicators if one.verdict != "gap"]
    assert page.count('class="course small"') == len(held)
    assert page.count("/facts/sql?query=") >= len(held)
    assert visitor.get("/scorecard.json?pillar=border").json() == board.data()


def test_filters_are_the_options_of_the_question_and_are_kept_in_the_form(visitor: TestClient) -> None:
    page = visitor.get("/scorecard?state=08&pillar=rule_of_law&as_of=2012-12").text
    assert re.search(r'<option value="08" selected>', page)
    assert re.search(r'<option value="rule_of_law" selected>', page)
    assert 'value="2012-12"' in page
    one = visitor.get("/scorecard?indicator=B-08", headers={"accept-language": "es"}).text
    assert 'class="course wide"' in one
    assert words("es").text("scorecard.target") in one


@pytest.mark.parametrize(
    "query", ["pillar=nothing", "state=99", "indicator=X-1", "verdict=met", "as_of=1850-01"]
)
def test_what_cannot_be_asked_is_said_on_the_page(visitor: TestClient, query: str) -> None:
    shown = visitor.get(f"/scorecard?{query}")
    assert shown.status_code == 400
    assert 'role="alert"' in shown.text
    assert visitor.get(f"/scorecard.json?{query}").status_code == 400


def test_a_course_runs_from_its_least_to_its_greatest_and_shows_its_target() -> None:
    drawn = course([2000.0, 2001.0, 2002.0], [0.0, 10.0, 5.0], 10.0)
    points = [
        tuple(map(float, point.split(","))) for point in re.findall(r'points="([^"]+)"', drawn)[0].split()
    ]
    assert [x for x, _ in points] == [8.0, 66.0, 124.0]
    low, high, middle = (y for _, y in points)
    assert high < middle < low
    assert middle == pytest.approx((low + high) / 2, abs=0.06)
    assert f'y1="{high}"' in drawn, "the target is the greatest value"
    assert "<text" not in drawn
    assert "&lt;b&gt;" in course([2000.0], [1.0], None, (("<b>", "2000"), ("1", "1")))
