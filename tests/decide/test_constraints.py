"""Constraints as lines of text: what they mean on a plan, and what is refused with the cure."""

from pathlib import Path

import numpy as np
import pytest

from merida.decide.division.constraints import Money, feasible, read
from merida.decide.optimiser.feasible import Feasible
from merida.errors import PlanError
from merida.framework import Framework, PlanRow

PLACES = ("MX", "08", "09")
NAMES = ("focused_deterrence", "prosecutors_courts", "vetting", "local_police_training")


@pytest.fixture(scope="module")
def framework() -> Framework:
    return Framework.load("merida")


@pytest.fixture(scope="module")
def money(framework: Framework) -> Money:
    rows = tuple(
        PlanRow(name, framework.programmes[name].accounts[0], place, f"{year}-01", f"{year}-12", 1.0)
        for year in (2013, 2014)
        for name in NAMES
        for place in ("08", "09")
    )
    weights = {"population": {"08": 0.25, "09": 0.75}, "homicides": {"08": 0.5, "09": 0.5}}
    return Money(framework, rows, 100.0, {"vetting": 10.0}, weights)


def made(money: Money, framework: Framework, *lines: str) -> Feasible:
    return feasible(money, [("budget", np.arange(len(money.rows)), 100.0)], read(lines, framework, PLACES))


def spent(money: Money, x: np.ndarray, name: str, year: str = "", place: str = "") -> float:
    return float(
        sum(
            usd
            for row, usd in zip(money.rows, x, strict=True)
            if row.programme == name and row.start.startswith(year) and row.place.startswith(place)
        )
    )


def wanting(money: Money, name: str, sign: float = 1.0) -> np.ndarray:
    return np.array([sign * (row.programme == name) for row in money.rows])


def test_the_budget_is_that_of_each_year(money: Money, framework: Framework) -> None:
    x = made(money, framework).best(wanting(money, "vetting"))
    assert spent(money, x, "vetting", "2013") == pytest.approx(100.0)
    assert spent(money, x, "vetting", "2014") == pytest.approx(100.0)


def test_floors_and_ceilings_by_pillar_programme_account_agency_and_place(
    money: Money, framework: Framework
) -> None:
    x = made(money, framework, "floor pillar:communities 30%").best(wanting(money, "vetting"))
    assert spent(money, x, "focused_deterrence", "2014") == pytest.approx(30.0)
    x = made(money, framework, "ceiling programme:vetting 40e6").best(wanting(money, "vetting"))
    assert spent(money, x, "vetting", "2013") == pytest.approx(40.0)
    x = made(money, framework, "ceiling agency:INL 10%").best(wanting(money, "vetting"))
    assert spent(money, x, "vetting", "2013") == pytest.approx(10.0)
    x = made(money, framework, "ceiling place:08 0%").best(wanting(money, "vetting"))
    assert spent(money, x, "vetting", "2013", "08") == 0
    named = made(money, framework, "floor account:INCLE 20%")
    assert len(named.rows) == 4  # the budget and the floor, each of two years


def test_growth_begins_at_what_was_enacted(money: Money, framework: Framework) -> None:
    x = made(money, framework, "growth programme:vetting 50%").best(wanting(money, "vetting"))
    assert spent(money, x, "vetting", "2013") == pytest.approx(15.0)
    assert spent(money, x, "vetting", "2014") == pytest.approx(22.5)
    x = made(money, framework, "growth programme:vetting 50% 20e6").best(wanting(money, "vetting"))
    assert spent(money, x, "vetting", "2014") == pytest.approx(45.0)


def test_all_or_nothing(money: Money, framework: Framework) -> None:
    lines = ("minimum programme:vetting 60e6", "ceiling programme:vetting 50e6")
    x = made(money, framework, *lines).best(wanting(money, "vetting"))
    assert spent(money, x, "vetting") == pytest.approx(0.0, abs=1e-6)
    x = made(money, framework, lines[0]).best(wanting(money, "vetting", 1.0))
    assert spent(money, x, "vetting", "2013") >= 60 - 1e-6


def test_equity_keeps_each_state_its_part(money: Money, framework: Framework) -> None:
    only = np.array([float(row.place == "08") for row in money.rows])
    x = made(money, framework, "equity population 50%").best(only)
    assert sum(spent(money, x, name, "2013", "09") for name in NAMES) == pytest.approx(37.5)


def test_vetting_before_training(money: Money, framework: Framework) -> None:
    may_be = made(money, framework, "before programme:vetting programme:local_police_training 100%")
    x = may_be.best(wanting(money, "local_police_training"))
    for place in ("08", "09"):
        early, late = (spent(money, x, name, "2013", place) for name in NAMES[2:])
        assert late <= early + 1e-6
    assert spent(money, x, NAMES[3]) == pytest.approx(spent(money, x, NAMES[2]))


def test_a_file_holds_a_list(tmp_path: Path, money: Money, framework: Framework) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('constraints = ["floor all 10%", "ceiling programme:Vetting 5e6"]', encoding="utf-8")
    assert [one.kind for one in read([str(file)], framework, PLACES)] == ["floor", "ceiling"]
    file.write_text("floors = 3", encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        read([str(file)], framework, PLACES)
    assert caught.value.key == "constraints_file"


@pytest.mark.parametrize(
    ("lines", "key", "cure"),
    [
        (("flor all 10%",), "constraint_kind", "floor"),
        (("floor all",), "constraint_form", "AMOUNT"),
        (("floor all much",), "constraint_form", "40e6"),
        (("floor all -3",), "constraint_form", "40e6"),
        (("growth all 3",), "constraint_form", "SHARE%"),
        (("equity need 50%",), "constraint_measure", "population"),
        (("floor vetting 10%",), "constraint_target", "programme:ID"),
        (("floor programme:veting 10%",), "constraint_unknown", "vetting"),
        (("floor place:77 10%",), "constraint_unknown", "place"),
        (("floor programme:aviation 10%",), "constraint_without_money", "aviation"),
        (("floor all 60%", "ceiling all 50%"), "floor_above_ceiling", "Lower"),
    ],
)
def test_what_cannot_be_is_refused_with_its_cure(
    money: Money, framework: Framework, lines: tuple[str, ...], key: str, cure: str
) -> None:
    with pytest.raises(PlanError, match=cure) as caught:
        made(money, framework, *lines)
    assert caught.value.key == key


def test_what_contradicts_is_named(money: Money, framework: Framework) -> None:
    lines = ("floor pillar:communities 60%", "floor programme:vetting 30%", "floor pillar:rule_of_law 50%")
    may_be = made(money, framework, *lines)
    assert may_be.conflicting() == ("budget", lines[0], lines[2])
