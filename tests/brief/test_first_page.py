"""The first page answers what to do, and says where nobody can tell."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from merida.answers import Context
from merida.answers.plans.allocate import Allocate
from merida.answers.plans.voi import Voi, Worth
from merida.brief import Portrait
from merida.brief.sections.first_page import NAMED, fresh, pillars, to_do, to_learn
from merida.decide.said.lines import CoreLine, CoreTable
from merida.document.blocks import Paragraph, Sentence
from merida.document.html import Page
from merida.facts import Facts
from merida.facts.schema import Text
from merida.figure import Figure
from merida.words import words


def found(**verdicts: str) -> Any:
    lines = tuple(
        CoreLine(name, 0.0, 0.0, 0.0, verdict, Text(en=name.title(), es=name.upper()))
        for name, verdict in verdicts.items()
    )
    core = CoreTable(200, 0.05, 0.1, 8, None, lines)
    return SimpleNamespace(search=Allocate(draws=300), allocation=SimpleNamespace(core=core))


def sentences(**verdicts: str) -> dict[str, Sentence]:
    (paragraph,) = to_do(found(**verdicts))
    assert isinstance(paragraph, Paragraph)
    return {one.key.removeprefix("brief.answer."): one for one in paragraph.sentences}


def test_it_names_what_every_good_plan_holds_and_what_none_does() -> None:
    said = sentences(courts="all", patrols="none", jobs="open", walls="none")
    assert list(said) == ["all", "none", "open", "good"]
    assert said["all"].values["programmes"] == Text(en="Courts", es="COURTS")
    assert said["none"].values["programmes"] == Text(en="Patrols; Walls", es="PATROLS; WALLS")
    share = said["good"].values["share"]
    assert isinstance(share, Figure)
    assert round(share.value) == 5
    assert share.origin.request is not None
    assert share.origin.request.command().startswith("merida allocate")


def test_where_nothing_is_in_every_good_plan_its_first_sentence_says_so_and_many_are_counted() -> None:
    assert list(sentences(**{f"p{at}": "open" for at in range(NAMED + 1)})) == ["untold", "good"]
    said = sentences(walls="none", **{f"p{at}": "open" for at in range(NAMED + 1)})
    assert list(said) == ["all_nothing", "none", "open_many", "good"]
    number = said["open_many"].values["number"]
    assert isinstance(number, Figure)
    assert number.value == NAMED + 1


def test_an_allocation_without_a_core_says_nothing_of_it() -> None:
    assert to_do(SimpleNamespace(allocation=SimpleNamespace(core=None))) == []  # type: ignore[arg-type]


def test_what_to_find_out_first_is_named_where_its_value_is_told_from_nothing() -> None:
    told = Worth("x", Text(en="an effect", es="un efecto"), "", None, 1, 12.0, 2.0, True)
    untold = replace(told, value=3.0, told=False)

    def sentence(*parameters: Worth) -> Sentence:
        worth = SimpleNamespace(evpi=20.0, evpi_standard_error=3.0, parameters=parameters)
        (block,) = to_learn(SimpleNamespace(worth=(Voi(plans=("memo", "none")), worth)))  # type: ignore[arg-type]
        assert isinstance(block, Paragraph)
        return block.sentences[0]

    assert sentence(told, untold).key == "brief.answer.learn"
    assert sentence(told).values["name"] == told.name
    value = sentence(told).values["value"]
    assert isinstance(value, Figure)
    assert value.low is not None
    assert value.low < 12.0
    assert sentence(untold).key == "brief.answer.learn_no_single"


@pytest.mark.parametrize("language", ["en", "es"])
def test_its_sentences_read_in_both_languages(facts: Facts, language: str) -> None:
    portrait = Portrait(Context.around(facts))
    said = [*sentences(courts="all", patrols="none", jobs="open").values(), *pillars(portrait)]
    last = fresh(facts)
    assert last is not None
    page = Page(words(language), None, ("en", "es"), lambda origin: origin.request)
    for sentence in (*said, last):
        shown = re.sub("<[^>]+>", "", str(page.sentence(sentence)))
        assert "{" not in shown
        assert shown.endswith(".")


def test_targets_that_fell_due_are_counted_as_the_scorecard_counts_them(facts: Facts) -> None:
    portrait = Portrait(Context.around(facts))
    first = pillars(portrait)[0]
    (board,) = (answered.payload for answered in portrait.asked.values())
    missed = first.values["missed"]
    assert isinstance(missed, Figure)
    assert missed.value == sum(one.verdict == "missed" for one in board.indicators)
