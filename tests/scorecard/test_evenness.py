"""Indices in closed form, and the ends of mappings by hand, by grid and by another solver."""

import itertools

import numpy as np
import pytest

from merida.scorecard.evenness import Mappings, evenness, indices


def test_the_indices_of_the_published_shares() -> None:
    found = indices([0.50, 0.30, 0.15, 0.05])
    assert found.entropy == pytest.approx(1.1421200, abs=1e-7)
    assert found.pielou == pytest.approx(0.8238655, abs=1e-7)
    assert found.theil == pytest.approx(0.2441743, abs=1e-7)
    assert found.gini == pytest.approx(0.375, abs=1e-12)
    assert found.hoover == pytest.approx(0.30, abs=1e-12)
    assert found.variation == pytest.approx(0.6782330, abs=1e-7)
    assert found.simpson == pytest.approx(0.6849315, abs=1e-7)


def test_even_shares_and_one_alone_are_the_ends_of_every_index() -> None:
    even, alone = indices([3, 3, 3, 3]), indices([0, 7, 0, 0])
    assert (even.pielou, even.theil, even.gini, even.hoover) == pytest.approx((1, 0, 0, 0), abs=1e-12)
    assert (alone.pielou, alone.theil, alone.gini, alone.hoover) == pytest.approx(
        (0, np.log(4), 0.75, 0.75), abs=1e-12
    )


def test_shares_as_those_of_the_population_are_even_against_it() -> None:
    people = [5.0, 1.0, 2.0]
    found = indices([10, 2, 4], people)
    assert (found.theil, found.gini, found.hoover) == pytest.approx((0, 0, 0), abs=1e-12)
    assert indices([8, 8, 0], people).gini == pytest.approx(
        0.5
    )  # Lorenz curve by hand: (1/4, 0) (7/8, 1/2) (1, 1)


def test_money_that_may_lie_evenly_cannot_be_told() -> None:
    free = Mappings.of({"a": 6.0, "b": 4.0}, {"a": ("x", "y"), "b": ("y",)}, ("x", "y"))
    found = evenness(free)
    assert found.verdict == "cannot_tell"
    assert (found.theil.low, found.gini.low, found.hoover.low) == pytest.approx((0, 0, 0), abs=1e-9)
    assert found.theil.high == pytest.approx(np.log(2))  # all in y
    assert [(one.low, one.high) for one in found.shares] == [
        pytest.approx((0.0, 0.6)), pytest.approx((0.4, 1.0)),
    ]  # fmt: skip


def test_money_that_cannot_lie_evenly_is_uneven() -> None:
    tied = Mappings.of({"a": 2.0, "b": 8.0}, {"a": ("x", "y"), "b": ("y",)}, ("x", "y"))
    found = evenness(tied)
    assert found.verdict == "uneven"
    assert found.theil.low == pytest.approx(indices([2, 8]).theil, abs=1e-9)
    assert found.gini.low == pytest.approx(0.3)  # |0.2 - 0.8| / 2
    assert found.hoover.low == pytest.approx(0.3)


def test_the_ends_are_those_of_a_grid_over_all_mappings() -> None:
    """Two accounts, three pillars, a published share: each index on a grid of mappings."""
    pillars = ("x", "y", "z")
    mappings = Mappings.of(
        {"a": 6.0, "b": 4.0}, {"a": pillars, "b": ("x", "y")}, pillars, [(("x", "y"), 0.7)]
    )
    steps = np.linspace(0, 1, 21)
    points = [
        np.array([6 * p + 4 * r, 6 * q + 4 * (1 - r), 6 * (1 - p - q)])
        for p, q, r in itertools.product(steps, steps, steps)
        if p + q <= 1 + 1e-12
    ]
    held = [indices(np.maximum(one, 0)) for one in points if one[0] + one[1] >= 7 - 1e-9]
    found = evenness(mappings)
    for name in ("pielou", "theil", "gini", "hoover"):
        values, ends = [getattr(one, name) for one in held], getattr(found, name)
        assert ends.low <= min(values) + 1e-9
        assert ends.high >= max(values) - 1e-9
        assert min(values) - ends.low < 0.02
        assert max(values) - ends.high < 1e-9
    assert found.verdict == "uneven" or found.theil.low < 1e-6


def test_dollars_are_conserved_at_every_vertex() -> None:
    mappings = Mappings.of(
        {"a": 6.0, "b": 4.0}, {"a": ("x", "y"), "b": ("y", "z")}, ("x", "y", "z"), [(("z",), 0.1)]
    )
    corners = list(mappings.vertices())
    assert corners
    assert all(one.sum() == pytest.approx(10) and one[2] >= 1 - 1e-9 for one in corners)
