"""Plans that name many municipalities: two levels give what the whole domain gives, and its slopes."""

from dataclasses import replace

import jax
import numpy as np
import pytest

from merida.decide.division.by_municipality import gains_by_municipality
from merida.decide.division.objectives import Aim
from merida.decide.division.rules import choices
from merida.decide.division.search import base
from merida.ensemble.run import pasts, trajectories
from merida.ensemble.simulation import prepared
from merida.facts import Facts
from merida.framework import Framework, Plan, PlanRow, plan_named
from merida.models.two_levels import TwoLevels, two_levels

CODES = 60  # of municipalities that are named
DRAWS = 2


@pytest.fixture(scope="module")
def framework() -> Framework:
    return Framework.load("merida")


@pytest.fixture(scope="module")
def rows(framework: Framework, facts_2012: Facts) -> tuple[PlanRow, ...]:
    """Rows by year: all that are not of municipalities, and those of some municipalities."""
    domain = prepared(framework, facts_2012, {}, draws=1, seed=0, years=2)[0]
    continuation = plan_named("continuation", framework, facts_2012)
    every = choices(domain, continuation, 1e8, walls=True, municipalities=True).rows
    codes = sorted({row.place for row in every if len(row.place) == 5})
    chosen = set(codes[:: len(codes) // CODES])
    kept = [row for row in every if len(row.place) == 2 or row.place in chosen]
    return tuple(replace(row, start=f"{year}-01", end=f"{year}-12") for year in (2013, 2014) for row in kept)


@pytest.fixture(scope="module")
def ground(framework: Framework, facts_2012: Facts, rows: tuple[PlanRow, ...]):  # type: ignore[no-untyped-def]
    plans = {"rows": Plan("rows", "merida", rows)}
    domain, _, drawn = prepared(framework, facts_2012, plans, draws=DRAWS, seed=0, years=2)
    return domain, drawn, base(domain, DRAWS)


@pytest.fixture(scope="module")
def two(ground, rows: tuple[PlanRow, ...]) -> TwoLevels:  # type: ignore[no-untyped-def]
    found = two_levels(ground[0], [Plan("rows", "merida", rows)])
    assert found is not None
    return found


@pytest.fixture(scope="module")
def millions(rows: tuple[PlanRow, ...]) -> np.ndarray:  # type: ignore[type-arg]
    random = np.random.default_rng(0)
    x = (0.1 + random.gamma(0.3, size=len(rows))) * (random.random(len(rows)) < 0.7)  # some are given nothing
    return np.asarray(x * 550 / x.sum())


def test_every_signal_is_that_of_the_whole_domain(  # type: ignore[no-untyped-def]
    ground, two: TwoLevels, rows: tuple[PlanRow, ...], millions, framework: Framework, facts_2012: Facts
) -> None:
    domain, drawn, _ = ground
    plans = [
        plan_named("history", framework, facts_2012),
        Plan(
            "plan",
            "merida",
            tuple(replace(r, usd_per_year=x * 1e6) for r, x in zip(rows, millions, strict=True)),
        ),
    ]
    found = []
    for on in (domain, two):
        money = on.money(*plans)
        memory = pasts(on, drawn.theta, jax.tree.leaves(money)[0])
        found.append(trajectories(on, drawn.theta, money, memory))
    whole, levels = found
    assert whole.keys() == levels.keys()
    for name, values in whole.items():
        np.testing.assert_allclose(
            levels[name], values, rtol=1e-9, atol=1e-9 * max(np.abs(values).max(), 1e-12)
        )


def test_slopes_are_what_small_changes_do(  # type: ignore[no-untyped-def]
    ground, two: TwoLevels, rows: tuple[PlanRow, ...], millions, framework: Framework, facts_2012: Facts
) -> None:
    domain, drawn, bases = ground
    past = (plan_named("history", framework, facts_2012),)
    given = (*past, plan_named("continuation", framework, facts_2012))
    goal = Aim("homicides", {"homicides": 1.0}).goal(domain)
    gains = gains_by_municipality(two, rows, past, given, drawn, bases, goal)
    weights = np.array([0.25, 0.75])
    way = np.random.default_rng(1).random(len(rows)) * (millions > 0)
    named = np.array([len(row.place) == 5 for row in rows])
    slope = gains(millions)[1](weights)
    for part in (way * named, way * ~named):
        more, less = (weights @ gains(millions + step * part)[0] for step in (1e-5, -1e-5))
        assert (more - less) / 2e-5 == pytest.approx(float(slope @ part), rel=1e-3)


def test_few_municipalities_other_levers_and_the_past_stay_on_one_level(  # type: ignore[no-untyped-def]
    ground, rows: tuple[PlanRow, ...]
) -> None:
    domain = ground[0]
    municipal = next(row for row in rows if len(row.place) == 5)
    assert two_levels(domain, [Plan("early", "merida", (replace(municipal, start="2009-01"),))]) is None
    assert two_levels(domain, [Plan("other", "merida", (replace(municipal, programme="vetting"),))]) is None
    assert two_levels(replace(domain, named=domain.named[:3]), [Plan("few", "merida", (municipal,))]) is None
