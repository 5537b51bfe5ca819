"""What the brief says of the evidence, at both dates and in both languages."""

import re
from types import SimpleNamespace

import pytest

from merida.brief.findings import Findings
from merida.brief.sections.evidence import DRAWN, evidence
from merida.document.blocks import Document, Grid, Picture, Section, Sentence, Value
from merida.document.html import render
from merida.facts import Facts
from merida.facts.schema import Text
from merida.figure import Figure
from merida.framework import Framework
from merida.parameters.standings import standings

LANGUAGES = ("en", "es")
MERIDA = Framework.load("merida")


def told(facts: Facts) -> Findings:
    """Return what the section takes of a portrait, without the simulations of the rest."""
    order = ("community_prevention", "focused_deterrence", "prisons", "public_space")
    lines = tuple(SimpleNamespace(programme=name) for name in order)
    return SimpleNamespace(  # type: ignore[return-value]
        framework=MERIDA,
        as_of=facts.as_of,
        standings=standings(MERIDA, facts),
        ranking=SimpleNamespace(programmes=lines),
    )


@pytest.fixture(scope="module", params=["2012-12", None])
def found(request: pytest.FixtureRequest) -> Findings:
    return told(Facts(request.param))


def grids(found: Findings, name: str) -> list[Grid]:
    return [block for block in evidence(found) if isinstance(block, Grid) and block.name == name]


def rows(found: Findings, name: str) -> list[tuple[Value, ...]]:
    return [row for grid in grids(found, name) for row in grid.rows]


def test_every_effect_has_its_line_with_harm_beside_benefit(found: Findings) -> None:
    effects = {one.known.path: one.known for one in found.standings if one.known is not None}
    first = {one.known.path: one.programme for one in reversed(found.standings) if one.known is not None}
    by_name = {first[path]: known for path, known in effects.items()}
    lines = rows(found, "programmes")
    assert len(lines) == len(effects)
    for _, measured, effect, harm, benefit, studies, figures, _, _ in lines:
        assert isinstance(effect, Figure)
        assert isinstance(harm, Figure)
        assert isinstance(benefit, Figure)
        assert isinstance(studies, Figure)
        assert isinstance(figures, Figure)
        assert effect.kind == "estimate"
        assert harm.low == harm.value == harm.high
        assert harm.value + benefit.value == pytest.approx(100)
        known = by_name.pop(effect.origin.request.name)  # type: ignore[union-attr]
        assert studies.value == len(set(known.distribution.studies))
        assert (measured is None) == (studies.value == 0)
        assert figures.value == known.distribution.with_figure
        assert not effect.origin.tables


def test_every_programme_stands_in_one_table(found: Findings) -> None:
    named = [row[0] for row in (*rows(found, "programmes"), *rows(found, "programmes_unstudied"))]
    shown = [title for text in named if isinstance(text, Text) for title in text.en.split("; ")]
    assert sorted(shown) == sorted(one.title.en for one in found.framework.programmes.values())


@pytest.mark.parametrize("name", ["programmes", "readings"])
def test_no_column_mixes_outcomes_or_units(found: Findings, name: str) -> None:
    """Police are known by an elasticity, treatment by deaths of patients: neither stands among changes of violence."""
    heads = []
    for grid in grids(found, name):
        column = grid.columns.index("effect")
        units = {row[column].unit for row in grid.rows if isinstance(row[column], Figure)}
        assert len(units) == 1
        heads.append(grid.values["outcome"])
    assert len(heads) == len(set(heads))


def test_how_little_is_known_is_counted(found: Findings) -> None:
    sentences: list[Sentence] = [s for block in evidence(found)[:3] for s in getattr(block, "sentences", ())]
    values = {
        name: value.value
        for one in sentences
        for name, value in one.values.items()
        if isinstance(value, Figure)
    }
    prior = [
        one
        for one in found.standings
        if one.routes and (one.known is None or one.known.distribution.prior_driven)
    ]
    assert values["few"] == len(prior)
    assert values["programmes"] == len(found.standings)


def test_forests_are_few_and_of_effects_with_a_figure(found: Findings) -> None:
    pictures = [block for block in evidence(found) if isinstance(block, Picture)]
    assert 0 < len(pictures) <= DRAWN


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_december_2012_opens_each_figure_with_its_command(
    facts_2012: Facts, language: str
) -> None:
    section = Section("evidence", tuple(evidence(told(facts_2012))))
    page = render(Document("2012-12", "2012-12", (), (section,)), language, LANGUAGES)
    assert "merida evidence show focused_deterrence --as-of 2012-12" in page
    assert "merida evidence gaps --as-of 2012-12" in page
    visible = re.sub(
        r"<style.*?</style>|<svg.*?</svg>|popovertarget=\"\w+\"|<[^>]+>", " ", page, flags=re.DOTALL
    )
    assert not re.findall(r"\b201[3-9]\b|\b202\d\b", visible)
    assert "None" not in visible
    assert all(int(year) <= 2012 for year in re.findall(r" (20\d\d) ·", page))  # of the studies drawn


def test_contested_effects_show_every_reading_with_its_weight(facts: Facts) -> None:
    now = told(facts)
    lines = rows(now, "readings")
    contested = {
        one.known.path: one.known for one in now.standings if one.known and one.known.distribution.contested
    }
    assert len(lines) == sum(len(known.readings) for known in contested.values())
    weights = [row[2].value for row in lines if isinstance(row[2], Figure)]
    assert sum(weights) == pytest.approx(100 * len(contested))
