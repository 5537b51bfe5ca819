"""Groups of what draws tell apart, against independent normals, whose probabilities are known by quadrature."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from merida.statistics.grouping import SURE, among_first, grouped, levels, until_settled

# Two that are near each other above two that are near each other; the last is far below.
MEANS = {"a": 10.0, "b": 9.5, "c": 6.0, "d": 5.8, "e": 0.0}
SDS = {"a": 1.0, "b": 1.5, "c": 1.0, "d": 0.5, "e": 1.0}
TRUE = (("a", "b"), ("c", "d"), ("e",))


def better(one: str, other: str) -> float:
    """Return P(one > other) of independent normals."""
    return float(norm.cdf((MEANS[one] - MEANS[other]) / np.hypot(SDS[one], SDS[other])))


def first_by_quadrature(name: str, first: int) -> float:
    """Return the probability that fewer than `first` of the others lie above one: a Poisson binomial at each value."""

    def density(x: float) -> float:
        fewer = np.array([1.0])  # probabilities of 0, 1, 2, ... others above x
        for other in set(MEANS) - {name}:
            above = norm.sf(x, MEANS[other], SDS[other])
            fewer = np.convolve(fewer, [1 - above, above])
        return float(norm.pdf(x, MEANS[name], SDS[name]) * fewer[:first].sum())

    return float(quad(density, -10, 20, limit=200)[0])


def normals(seed: int, count: int) -> np.ndarray:
    scores = np.random.default_rng(seed).standard_normal((count, len(MEANS)))
    return np.array(list(MEANS.values())) + np.array(list(SDS.values())) * scores


def test_three_seeds_give_the_groups_that_the_closed_form_gives() -> None:
    for upper, lower in pairwise(TRUE):
        for below in lower:
            assert max(better(above, below) for above in upper) > SURE
    for group in TRUE:
        assert all(better(one, other) <= SURE for one in group for other in group)
    for seed in (0, 1, 2):
        drawn = normals(seed, 8192)
        values, (found,) = until_settled(
            lambda first, end, drawn=drawn: drawn[first:end, None], tuple(MEANS), start=64, most=8192
        )
        assert found.settled
        assert found.draws_needed is None
        assert found.groups == TRUE
        assert found.draws == len(values) < 8192


def test_the_probability_of_being_among_the_first_is_that_of_quadrature() -> None:
    drawn = normals(3, 40_000)
    for first in (1, 2):
        share = among_first(drawn, first)
        for name, found in zip(MEANS, share, strict=True):
            known = first_by_quadrature(name, first)
            # Four standard errors of a share of that many draws: 1 in 16,000 by chance.
            assert found == pytest.approx(known, abs=4 * np.sqrt(known * (1 - known) / len(drawn)) + 1e-4)


def test_a_pair_on_the_line_is_said_not_to_be_settled_and_how_many_draws_it_would_take() -> None:
    shift = norm.ppf(SURE + 0.02) * np.sqrt(2)  # P(better) = 0.92
    drawn = np.random.default_rng(0).standard_normal((4096, 2)) + np.array([shift, 0.0])
    few = grouped(drawn[:128], ("a", "b"))
    assert not few.settled
    assert few.groups == (("a", "b"),)  # not told apart before its error is left behind
    assert few.draws_needed is not None
    assert few.draws_needed > 128
    settled = grouped(drawn, ("a", "b"))
    assert settled.settled
    assert settled.groups == (("a",), ("b",))


def test_the_draws_needed_are_those_of_the_score_test_by_hand() -> None:
    # 94 of 100 better: away from 0.9 by 0.04; n = 0.9 * 0.1 * (1.645 / 0.04)^2 = 152.2.
    values = np.stack([np.where(np.arange(100) < 94, 1.0, -1.0), np.zeros(100)], axis=1)
    assert grouped(values, ("a", "b")).draws_needed == 153


def test_a_group_is_the_longest_chain_above() -> None:
    apart = np.zeros((4, 4), dtype=bool)
    apart[0, 2] = apart[2, 3] = apart[1, 3] = True
    assert levels(apart).tolist() == [0, 0, 1, 2]
    assert levels(np.zeros((3, 3), dtype=bool)).tolist() == [0, 0, 0]


def test_alternatives_that_always_tie_are_one_group() -> None:
    found = grouped(np.zeros((500, 3)), ("a", "b", "c"))
    assert found.groups == (("a", "b", "c"),)
    assert found.settled
    assert not found.told_apart
    assert found.group_of("c") == 1
