"""What the brief says of programmes beside one another: groups, never places."""

from types import SimpleNamespace

import numpy as np
import pytest

from merida.answers.plans.rank import Rank
from merida.brief.findings import Findings
from merida.brief.sections.plans import in_short, ranked, recommended, when
from merida.decide.ranking import Ranking
from merida.decide.ranking import ranked as rows_of
from merida.decide.said.lines import PlanLine, WindowLine
from merida.document.blocks import Grid, Paragraph, Points
from merida.ensemble.lines import CostPerDeath
from merida.figure import Figure
from merida.framework import Framework
from merida.parameters.standings import how_known
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


def test_what_has_no_known_way_to_homicide_stands_in_no_table_of_effects() -> None:
    framework = Framework.load("merida")
    studied = SimpleNamespace(
        path="networks.aviation.effect"
    )  # of police numbers and the like, not of homicide
    found = SimpleNamespace(
        framework=framework,
        standings=(
            SimpleNamespace(programme="aviation", known=studied),
            SimpleNamespace(programme="prosecutors_courts", known=None),
        ),
    )
    (unstudied,) = recommended(found)  # type: ignore[arg-type]
    assert isinstance(unstudied, Grid)
    basis = {row[1].en: row[2].en for row in unstudied.rows}  # type: ignore[union-attr]
    titles = {name: framework.programmes[name].title.en for name in ("aviation", "prosecutors_courts")}
    assert basis == {
        titles["aviation"]: words("en").text("basis.unknown"),
        titles["prosecutors_courts"]: words("en").text("basis.chain"),
    }


def test_courts_act_by_a_chain_and_aircraft_by_no_known_way() -> None:
    assert how_known("justice.prosecutors_courts", None) == "chain"
    assert how_known("networks.aviation", None) == "unknown"
    assert how_known("border.lanes_roads", None) == "queues"


def plan_line(cost: CostPerDeath | None) -> PlanLine:
    window = WindowLine(15, 300.0, -20.0, 900.0, 350.0, 0.9, 0.1)
    return PlanLine("memo", "memo", "", 3e8, 1e8, 3.7e9, (window,), None, cost, ())


@pytest.mark.parametrize(
    ("cost", "said"),
    [
        (CostPerDeath(7e8, 2.3e6, 1e6, 9e6), ["money_moving", "cost"]),
        (CostPerDeath(7e8, 2.3e6, 1e6, None), ["money_moving", "cost_open"]),
        (CostPerDeath(7e8, None, None, None), ["money_moving", "cost_none"]),
        (None, ["cost_withheld"]),
    ],
)
def test_the_first_page_divides_by_the_money_that_can_move_homicide_and_says_the_whole(
    cost: CostPerDeath | None, said: list[str]
) -> None:
    found = SimpleNamespace(
        plans=(plan_line(cost),), search=Rank(), start=2026, framework=Framework.load("merida"), as_of=None
    )
    sentences = in_short(found).sentences  # type: ignore[arg-type]
    assert [one.key.removeprefix("brief.plans.") for one in sentences] == ["in_short", "not_separated", *said]
    assert sentences[0].values["until"] == 2040
    if cost is not None:
        money = sentences[2].values
        assert isinstance(money["whole"], Figure)
        assert isinstance(money["moving"], Figure)
        assert (money["whole"].value, money["moving"].value) == (3700.0, 700.0)
    for sentence in sentences:
        for language in ("en", "es"):
            assert words(language).has(sentence.key)


def test_plans_begin_after_the_last_deaths_on_record() -> None:
    found = SimpleNamespace(framework=Framework.load("merida"), start=2026, as_of=None)
    values = {name: str(value) for name, value in when(found).values.items()}  # type: ignore[arg-type]
    text = words("en").text("brief.plans.years", **values)
    assert text.startswith("The record holds deaths up to 2025, so that plans begin in 2026;")
