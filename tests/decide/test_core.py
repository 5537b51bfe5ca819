"""The robust core on worlds made by hand."""

import numpy as np

from merida.decide.division.core import ALL, HOLDS, NONE, PARTS, SOME, Core, believed, envelope
from merida.decide.optimiser.feasible import Feasible, Row

BUDGET = 100.0
AMOUNTS = np.array(PARTS) * BUDGET
MOST = {"works": BUDGET, "useless": BUDGET, "harms": BUDGET}
PURSE = Feasible(3, (Row("budget", np.arange(3), np.ones(3), BUDGET, BUDGET),))


def test_the_envelope_is_the_least_concave_function_above() -> None:
    x = np.array([1.0, 2.0, 3.0, 5.0])
    for seed in range(20):
        y = np.random.default_rng(seed).normal(size=4).cumsum()
        slopes = envelope(x, y)
        above = np.cumsum(slopes * np.diff(x, prepend=0.0))
        assert (np.diff(slopes) <= 1e-12).all()
        assert (above >= y - 1e-12).all()
        corners = np.flatnonzero(np.abs(np.diff(slopes)) > 1e-9)
        np.testing.assert_allclose(above[corners], y[corners])


def test_what_alone_works_is_in_every_good_plan_and_what_harms_in_none() -> None:
    linear = np.stack([AMOUNTS, 0 * AMOUNTS, -AMOUNTS])
    held, plans, values = believed(PURSE, list(MOST), MOST, linear[None])
    assert held.tolist() == [[ALL, NONE, NONE]]
    np.testing.assert_allclose(plans[0], [BUDGET, 0.0, 0.0])
    assert values[0] == BUDGET


def test_where_money_is_not_scarce_what_is_useless_may_be_in_some() -> None:
    soon_full = np.stack([np.minimum(AMOUNTS, PARTS[2] * BUDGET), 0 * AMOUNTS, -AMOUNTS])
    held, _, values = believed(PURSE, list(MOST), MOST, soon_full[None])
    assert held.tolist() == [[ALL, SOME, NONE]]
    assert values[0] == PARTS[2] * BUDGET > HOLDS * BUDGET


def test_two_that_do_the_same_are_each_in_some() -> None:
    same = np.stack([AMOUNTS, AMOUNTS, 0 * AMOUNTS])
    assert believed(PURSE, list(MOST), MOST, same[None])[0].tolist() == [[SOME, SOME, NONE]]


def test_beliefs_that_differ_leave_it_open() -> None:
    one = np.stack([AMOUNTS, 0 * AMOUNTS, -AMOUNTS])
    other = one[[1, 0, 2]]
    held, _, _ = believed(PURSE, list(MOST), MOST, np.stack([one, other]))
    found = Core(tuple(MOST), held, np.ones(1))
    np.testing.assert_allclose(found.shares[0], [0.5, 0.5, 0.0])
    assert found.verdicts == {"works": "open", "useless": "open", "harms": "none"}


def test_a_demanded_programme_is_in_every_plan() -> None:
    demanded = Feasible(3, (*PURSE.rows, Row("floor", np.array([1]), np.ones(1), 20.0, np.inf)))
    linear = np.stack([AMOUNTS, 0 * AMOUNTS, -AMOUNTS])
    assert believed(demanded, list(MOST), MOST, linear[None])[0].tolist() == [[ALL, ALL, NONE]]
