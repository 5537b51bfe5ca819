"""What the brief says of programmes beside one another: groups, never places."""

from types import SimpleNamespace

import numpy as np
import pytest

from merida.answers.plans.rank import Rank
from merida.brief.findings import Findings
from merida.brief.sections.plans import ranked
from merida.decide.ranking import Ranking
from merida.decide.ranking import ranked as rows_of
from merida.document.blocks import Grid, Paragraph, Points
from merida.figure import Figure
from merida.framework import Framework
from merida.statistics.grouping import grouped
from merida.words import words
from tests.decide.test_commands import payload

NAMES = ("vetting", "youth_therapy", "prisons")


def told(shift: float, draws: int = 4000) -> Findings:
    """Return what the section takes of the findings: the first programme is so much better than the others."""
    values = np.random.default_rng(0).standard_normal((draws, 3)) + np.array([shift, 0.0, 0.0])
    grouping = grouped(values, NAMES)
    alone = grouped(values + np.array([9.0, 0.0, 0.0]), NAMES)
    ranking = Ranking(
        rows_of(values, grouping, NAMES, dict.fromkeys(NAMES), first=1),
        grouping,
        {0.3: alone, 1.0: grouping},
        {15: grouping},
        {},
        {},
    )
    return SimpleNamespace(  # type: ignore[return-value]
        framework=Framework.load("merida"), ranking=payload(ranking), ranked=Rank(draws=draws)
    )


def test_where_nothing_is_told_apart_the_first_sentence_says_so() -> None:
    paragraph, grid, moves = ranked(told(0.1))
    assert isinstance(paragraph, Paragraph)
    assert paragraph.sentences[0].key == "brief.plans.not_told_apart"
    assert isinstance(grid, Grid)
    assert [row[1].value for row in grid.rows] == [1, 1, 1]  # type: ignore[union-attr]
    assert isinstance(moves, Points)  # with 30 percent additional, one stands above the two others
    assert [sentence.key for sentence in moves.sentences] == ["brief.plans.if_additional.leave"]


def test_groups_are_counted_and_each_figure_cites_its_command() -> None:
    paragraph, grid, _ = ranked(told(5.0))
    assert isinstance(paragraph, Paragraph)
    assert paragraph.sentences[0].key == "brief.plans.told_apart"
    groups = paragraph.sentences[0].values["groups"]
    assert isinstance(groups, Figure)
    assert groups.value == 2
    assert isinstance(grid, Grid)
    for row in grid.rows:
        for value in row[1:]:
            assert isinstance(value, Figure)
            assert value.origin.request is not None
            assert value.origin.request.command() == "merida rank --draws 4000"
        first, median = row[2], row[3]
        assert isinstance(first, Figure)
        assert isinstance(median, Figure)
        assert first.low == first.value == first.high
        assert median.low is not None
        assert median.low < median.value


def test_few_draws_are_said_not_to_settle_the_groups() -> None:
    paragraph = ranked(told(1.8, draws=20))[0]
    assert isinstance(paragraph, Paragraph)
    assert paragraph.sentences[-1].key == "brief.plans.not_settled"


@pytest.mark.parametrize("language", ["en", "es"])
def test_its_sentences_exist_in_both_languages(language: str) -> None:
    for shift in (0.1, 5.0):
        paragraph, _, moves = ranked(told(shift, draws=20))
        for block in (paragraph, moves):
            for sentence in block.sentences:  # type: ignore[union-attr]
                assert words(language).has(sentence.key)
