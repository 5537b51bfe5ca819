"""How arrivals answer to waits: signs, conservation, the fixed point."""

import numpy as np
import pytest

from merida.border.crossings.weekly_waits import HOURS, Integers, Waits, Week, of_draws, waits
from merida.border.investment.traveller_response import (
    LEAST_MINUTES,
    REACH,
    TOLERANCE,
    Response,
    answer,
    paired,
    response,
    settle,
    shifted,
)
from merida.distributions import Floats
from merida.facts import Facts

D = 3
HOW = Response(*(np.full(D, value) for value in (0.4, 0.03, 0.3, 0.03, 0.003)))
DAY = 30 + 20 * np.sin(np.arange(HOURS) / 24 * 2 * np.pi)
ARRIVALS = np.tile(DAY, (D, 1)) * np.array([[0.9], [1.0], [1.1]])


def test_no_change_gives_no_answer() -> None:
    came, diverted = answer(ARRIVALS, np.zeros_like(ARRIVALS), 2 * ARRIVALS, HOW)
    assert came == pytest.approx(ARRIVALS, abs=1e-12)
    assert diverted == pytest.approx(np.zeros_like(ARRIVALS), abs=1e-12)


def test_shifted_trips_are_conserved_and_leave_the_hour_that_got_worse() -> None:
    change = np.zeros_like(ARRIVALS)
    change[:, 40] = 30.0
    moved = shifted(ARRIVALS, change, HOW.flexible, HOW.hour_logit)
    assert moved.sum(axis=1) == pytest.approx(ARRIVALS.sum(axis=1))
    assert (moved[:, 40] < ARRIVALS[:, 40]).all()
    near = [40 + at for at in range(-REACH, REACH + 1) if at]
    assert (moved[:, near] > ARRIVALS[:, near]).all()
    far = [at for at in range(HOURS) if abs(at - 40) > REACH]
    assert moved[:, far] == pytest.approx(ARRIVALS[:, far])
    # nobody but the flexible can move
    assert (moved[:, 40] >= (1 - HOW.flexible) * ARRIVALS[:, 40]).all()


def test_hours_without_arrivals_attract_nobody_and_hours_wrap_around_the_week() -> None:
    closed = ARRIVALS.copy()
    closed[:, :6] = 0.0
    change = np.full_like(closed, 20.0)
    change[:, :6] = 0.0
    assert shifted(closed, change, HOW.flexible, HOW.hour_logit)[:, :6] == pytest.approx(np.zeros((D, 6)))
    change = np.zeros_like(ARRIVALS)
    change[:, 0] = 30.0
    assert (shifted(ARRIVALS, change, HOW.flexible, HOW.hour_logit)[:, -1] > ARRIVALS[:, -1]).all()


def test_the_pair_is_an_incremental_logit() -> None:
    """The log odds of here against there fall by exactly what here got worse."""
    here, there, worse = np.array([4.0]), np.array([6.0]), np.array([0.7])
    left = paired(here, there, worse)
    assert np.log(left / (10 - left)) == pytest.approx(np.log(4 / 6) - 0.7)


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_longer_waits_send_trips_away_and_shorter_ones_bring_them(sign: float) -> None:
    change = np.full_like(ARRIVALS, sign * 10)
    came, diverted = answer(ARRIVALS, change, 2 * ARRIVALS, HOW)
    assert (np.sign(came - ARRIVALS) == -sign).all()
    assert (np.sign(diverted) == -sign).all()
    alone, none = answer(ARRIVALS, change, np.zeros_like(ARRIVALS), HOW)
    assert alone == pytest.approx(
        ARRIVALS * np.exp(-sign * 10 * 0.003)
    )  # a change alike in all hours shifts nobody
    assert not none.any()


def queue(booths: float) -> Week:
    """Return a queue that is busy by day."""
    return Week(ARRIVALS, np.full_like(ARRIVALS, booths), np.full(D, 2.0), np.full(D, 0.8), np.full(D, 0.1))


def test_settled_arrivals_and_waits_agree_and_take_back_part_of_the_fall() -> None:
    now, more = queue(1.7), queue(2.0)
    before, fixed = waits(now), waits(more)

    def waits_of(arrivals: Floats, draws: Integers) -> Waits:
        return waits(of_draws(more, draws)._replace(arrivals=arrivals))

    found = settle(ARRIVALS, before.mean, np.zeros_like(ARRIVALS), HOW, waits_of, fixed)
    assert found.residual.max() <= TOLERANCE
    again, _ = answer(ARRIVALS, found.waits.mean - before.mean, np.zeros_like(ARRIVALS), HOW)
    # what is left of the residual, in trips: 2 % of a change of some ten minutes at 0.3 % a minute, and shifts
    assert found.arrivals == pytest.approx(again, rel=0.02)
    by_day = [found.waits.mean, fixed.mean, before.mean]
    settled, alone, old = ((ARRIVALS * wait).sum(axis=1) for wait in by_day)
    assert (alone < settled).all()
    assert (settled < old).all()


def test_where_nothing_changes_nothing_is_asked_of_the_kernel() -> None:
    now = queue(1.7)
    met = waits(now)

    def refuse(arrivals: Floats, draws: Integers) -> Waits:
        raise AssertionError

    found = settle(ARRIVALS, met.mean + LEAST_MINUTES / 2, ARRIVALS, HOW, refuse, met)
    assert (found.arrivals == ARRIVALS).all()


def test_trips_not_made_are_those_of_the_survey(facts: Facts) -> None:
    """At the survey's 45 minutes and the median scale, a fall to none brings log(68 / 60) of the trips."""
    found = response(facts, "cars", 2001)
    assert np.median(found.lost) * 45 == pytest.approx(np.log(68 / 60) * (0.3 * 2.0) ** 0.5, rel=0.05)
    freight = response(facts, "trucks", 2001)
    assert (freight.lost < found.lost).all()
    assert np.isfinite(response(Facts("2001-01"), "cars", 3).lost).all()
