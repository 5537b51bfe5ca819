"""No table and no chart of the brief is cut: at every width of a screen, on paper, in both languages."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from merida.brief.content import build
from merida.brief.findings import Compared, Findings
from merida.decide.grouping import grouped
from merida.decide.ranking import Ranking, ranked
from merida.document.html import render
from merida.ensemble.summary import Difference, Driver, Estimate
from merida.facts import Facts
from merida.framework import Framework
from merida.parameters.standings import standings
from tests.end_to_end.widths import WIDTHS, illegible, spilling, spilling_on_paper

pytestmark = pytest.mark.end_to_end
LANGUAGES = ("en", "es")


def wide(value: float) -> Difference:
    """Return a difference of as many digits as plans can have."""
    return Difference(Estimate(value, -9.9 * value, 9.9 * value), value, 0.5, 0.5)


def findings(facts: Facts) -> Findings:
    """Return findings of every kind that the page shows, with long numbers and no simulation behind them."""
    framework = Framework.load("merida")
    names = tuple(name for name, one in framework.programmes.items() if one.lever)
    values = 40 * np.random.default_rng(0).standard_normal((400, len(names)))
    grouping = grouped(values, names)
    rows = ranked(values, grouping, names, dict.fromkeys(names))
    crossing = SimpleNamespace(
        site=SimpleNamespace(
            name="Bridge of the Americas", mode="trucks", port=SimpleNamespace(name="El Paso")
        ),
        hours=np.full((20, 2), 4.4e6) * np.linspace(0.1, 9, 20)[:, None],
        usd=1234e6 * np.linspace(0.1, 9, 20),
        minutes_each=np.linspace(11, 222, 20),
        eight_hours={"wait": np.linspace(0, 0.5, 20), "line": np.linspace(0, 1, 20)},
        calibrated=True,
        period="2025",
    )
    by_window = {5: wide(1234), 15: wide(12345)}
    return cast(
        Findings,
        SimpleNamespace(
            framework=framework, own="memo", as_of=None, start=2022, draws=300, seed=0,
            standings=standings(framework, facts),
            plans=tuple(Compared(name, 2.75e8, 6.15e8, by_window, 0.5, None) for name in ("memo", "best", "none")),
            drivers=(Driver("demand.arms_tracing.effect", -0.59), Driver("programme.vetting.unit_cost", 0.3)),
            additionality={0.3: wide(1234), 1.0: wide(12345)},
            assumed={
                "demand.arms_tracing.effect": (-0.04, -0.5, 0.41),
                "programme.vetting.unit_cost": (41234, 4123, 91234),
            },
            allocation=SimpleNamespace(best_rule="per_head", beats={"per_head": 0.5}, chosen="best", placement=0.1),
            ranking=Ranking(rows, grouping, {0.3: grouping}, {15: grouping}, {}, {}),
            ranking_draws=400,
            delays=(crossing,),
        ),
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, facts: Facts) -> Path:
    folder = tmp_path_factory.mktemp("widths")
    document = build(facts, findings(facts))
    for language in LANGUAGES:
        page = render(document, language, LANGUAGES)
        (folder / f"brief.{language}.html").write_text(page, encoding="utf-8")
    return folder


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_cut_at_any_width_or_on_paper(browser, folder: Path, language: str) -> None:
    page = browser.new_page()
    page.goto((folder / f"brief.{language}.html").as_uri())
    assert {width: found for width in WIDTHS if (found := spilling(page, width))} == {}
    assert spilling_on_paper(page) == []
    assert {width: found for width in WIDTHS if (found := illegible(page, width))} == {}
    page.close()
