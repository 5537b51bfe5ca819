"""Rosters: small cases against every roster there is, the bound, shifts, and what cannot be."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from merida.border.staffing.roster import Demand, Roster, fewest_officers, loss, planned
from merida.distributions import Floats
from merida.errors import BorderError


def demand(
    work: object, most: object, weight: object = None, is_open: object = None, uneven: float = 0.0
) -> Demand:
    came = np.asarray(work, dtype=float)
    classes, weeks, hours = came.shape
    return Demand(
        came,
        np.ones((classes, hours), dtype=bool) if is_open is None else np.asarray(is_open, dtype=bool),
        np.asarray(most, dtype=float),
        np.ones((classes, weeks)) if weight is None else np.asarray(weight, dtype=float),
        np.full((classes, weeks), uneven),
    )


def line_by_hand(asked: Demand, booths: Floats) -> float:
    """Return the weighted hours in line, each class and hour in a plain loop of its own; infinite if it never ends."""
    classes, weeks, hours = asked.work.shape
    total = 0.0
    for k in range(classes):
        line = 0.0
        for _lap in range(40):
            began, here = line, 0.0
            for s in range(weeks):
                for h in range(hours):
                    here += asked.weight[k, s] * line
                    serves = booths[k, h] if asked.is_open[k, h] else 1.0
                    left, bend = line + asked.work[k, s, h] - serves, asked.uneven[k, s] * serves
                    line = bend * np.logaddexp(0, left / bend) if bend else max(left, 0.0)
            if abs(line - began) < 1e-9:
                break
        else:
            return np.inf
        total += here
    return total / weeks


def best_of_all(asked: Demand, hours: float) -> float:
    """Return the least loss over every roster of whole booths."""
    choices = [
        range(1, int(asked.most[k]) + 1) if asked.is_open[k, h] else (0,)
        for k in range(asked.work.shape[0])
        for h in range(asked.work.shape[2])
    ]
    return min(
        line_by_hand(asked, np.array(one, dtype=float).reshape(asked.is_open.shape))
        for one in product(*choices)
        if sum(one) <= hours
    )


@pytest.mark.parametrize("seed", range(6))
def test_no_roster_of_a_small_case_is_better(seed: int) -> None:
    random = np.random.default_rng(seed)
    asked = demand(
        random.uniform(0.2, 2.4, (2, 2, 4)),
        [3, 2],
        weight=random.uniform(0.5, 2, (2, 2)),
        is_open=np.ones((2, 4)),
    )
    hours = np.ceil(sum(max(asked.work[k].sum(axis=1).mean(), 4) for k in range(2))) + 1
    found = planned(asked, hours, gap=0.0)
    best = best_of_all(asked, hours)
    assert found.loss == pytest.approx(best)
    assert found.loss == pytest.approx(line_by_hand(asked, found.booths))
    assert found.bound <= best + 1e-6
    assert found.gap < 1e-6
    assert found.booths.sum() <= hours


@pytest.mark.parametrize("seed", range(4))
def test_with_uneven_arrivals_the_bound_holds_and_the_roster_is_near_the_best(seed: int) -> None:
    random = np.random.default_rng(seed)
    asked = demand(random.uniform(0.4, 2.2, (2, 1, 4)), [3, 2], uneven=0.2)
    hours = np.ceil(sum(max(asked.work[k].sum(), 4) for k in range(2))) + 2
    found = planned(asked, hours, gap=0.0)
    best = best_of_all(asked, hours)
    assert found.loss == pytest.approx(line_by_hand(asked, found.booths), rel=1e-4)
    assert found.bound <= best + 1e-6  # tangents lie below what they touch
    assert best <= found.loss + 1e-4
    assert found.loss <= 1.1 * best
    assert found.bound >= 0.9 * best


def test_part_booths_bound_whole_ones_from_below() -> None:
    asked = demand([[[1.5, 1.5]]], [3])
    found = planned(asked, 3.0, gap=0.0)
    assert found.booths.sum() == 3
    assert found.loss == pytest.approx(0.5)  # two booths, then one: half a booth-hour waits an hour
    assert found.bound <= found.loss


def test_a_closed_hour_keeps_one_booth_until_the_line_is_through() -> None:
    asked = demand([[[3.0, 0.0, 0.0, 0.0]]], [2], is_open=[[True, False, False, False]])
    found = planned(asked, 2.0, gap=0.0)
    assert found.booths.tolist() == [[2, 0, 0, 0]]
    assert found.loss == pytest.approx(1.0)  # one booth-hour is left at the close and served in the next hour


def test_shifts_are_eight_hours_in_a_row_and_cover_the_booths() -> None:
    work = np.full((1, 1, 24), 0.5)
    work[0, 0, 8:16] = 1.9
    found = planned(demand(work, [3]), 32.0, shifts=True, gap=0.0)
    assert found.shifts is not None
    on_duty = sum(np.roll(found.shifts, back) for back in range(8))
    assert (found.booths.sum(axis=0) <= on_duty + 1e-9).all()
    assert found.shifts.sum() == 4
    assert found.loss == 0  # three shifts round the clock and one more over the rush


def test_a_class_worth_more_gets_the_booth() -> None:
    work = [[[1.4, 0.0]], [[1.4, 0.0]]]
    found = planned(demand(work, [2, 2], weight=[[1.0], [3.0]]), 5.0, gap=0.0)
    assert found.booths[:, 0].tolist() == [1, 2]


def test_too_few_officers_are_told_how_many_are_needed() -> None:
    work = np.full((2, 1, 168), 1.5)
    asked = demand(work, [4, 4])
    assert fewest_officers(asked) == (9, 13)
    with pytest.raises(BorderError) as refused:
        planned(asked, 5 * 40)
    assert str(refused.value) == (
        "5 officers (40 booth-hours a week each) are too few: 9 keep one booth open in every hour of service, and 13 "
        "serve all who come. Give at least 13."
    )


def test_more_officers_never_lose_more_and_full_booths_end_it() -> None:
    random = np.random.default_rng(1)
    asked = demand(random.uniform(0.5, 2.5, (1, 2, 12)), [3])
    losses = [planned(asked, hours, gap=0.0).loss for hours in (20, 24, 30, 36, 99)]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] == pytest.approx(losses[-2])  # three booths in each of twelve hours are all there are


def test_a_line_that_never_ends_loses_without_end() -> None:
    assert loss(demand([[[2.0, 2.0]]], [3]), np.ones((1, 2))) == np.inf


def test_a_week_of_many_booths_is_rounded_near_its_bound() -> None:
    random = np.random.default_rng(3)
    asked = demand(random.uniform(1.0, 6.0, (1, 1, 168)), [9], uneven=0.15)
    found = planned(asked, 1.1 * asked.work.sum(axis=2).mean(), seconds=1.0)
    assert found.booths.sum() <= 1.1 * asked.work.sum(axis=2).mean()
    assert (found.booths == np.round(found.booths)).all()
    assert found.gap < 0.3  # of small numbers of booths a good part cannot be had in whole ones


def test_the_gap_of_no_loss_is_none() -> None:
    assert Roster(np.ones((1, 1)), None, 0.0, 0.0).gap == 0
