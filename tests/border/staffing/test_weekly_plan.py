"""A weekly plan on a lane class made up by hand: made on some draws, judged on others, like with like."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from merida.border.hourly import HourlyLane
from merida.border.staffing.weekly_plan import demand_of, judged, some_draws, under, weekly_plan
from merida.errors import BorderError

DRAWS = 4


def lane(**changed: object) -> HourlyLane:
    """A lane open from six to midnight, a rush at seven each day, booths that ignore it."""
    arrivals, booths = np.zeros(168), np.zeros(168)
    for day in range(7):
        arrivals[24 * day + 6 : 24 * day + 24] = 60.0
        arrivals[24 * day + 7 : 24 * day + 10] = 190.0
        booths[24 * day + 6 : 24 * day + 24] = 2.0

    def each(value: float) -> np.ndarray:
        return np.full(DRAWS, value)

    made = HourlyLane(
        crossing="250401", lane_group="passenger", lane_type="standard",
        arrivals_per_hour=np.tile(arrivals, (DRAWS, 1)), month_factor=np.ones((DRAWS, 12)),
        booths=np.tile(booths, (DRAWS, 1)), most_booths=5, service_per_booth_hour=each(60.0),
        response_booths_per_queue=each(0.0), day_log_sd=each(0.05), day_autocorrelation=each(0.3),
        hour_log_sd=each(0.05), usual_line=np.zeros(168), put_off_per_hour=each(0.1), uneven_hours=each(0.1),
        supply_log_sd=each(0.0), rounding_minutes=5.0, estimate_log_sd=each(0.2), no_delay_minutes=each(2.0),
        repeat_probability=0.3, from_neighbours=False,
    )  # fmt: skip
    return replace(made, **changed)


def test_the_same_officers_laid_where_people_come_lose_less() -> None:
    plan = weekly_plan([lane()], np.ones(1), officers=6, weeks=2, seconds=1.0)
    assert plan.roster.booths.sum() <= 240
    rush = plan.roster.booths.reshape(7, 24)[:, 7:10].mean()
    assert rush > 2.5  # today two, whatever comes
    assert np.mean(plan.planned.hours) < 0.7 * np.mean(plan.posted.hours)
    assert (plan.gain > 0).all()
    assert plan.roster.bound <= plan.roster.loss
    assert (plan.roster.booths[0].reshape(7, 24)[:, :6] == 0).all()


def test_work_is_brought_to_the_booth_hours_that_all_draws_use() -> None:
    uneven = lane(service_per_booth_hour=np.array([60.0, 60.0, 120.0, 120.0]))
    sampled, mean, used = demand_of([uneven], np.ones(1), 4, None, 0)
    assert used == pytest.approx(252)  # two booths, eighteen hours, seven days
    assert sampled.work.shape == (1, 4, 168)
    assert mean.work.sum() < used
    assert sampled.weight[0].tolist() == [60, 60, 120, 120]


def test_the_draws_that_judge_are_not_those_that_made_it() -> None:
    lanes = [lane(day_log_sd=np.arange(1.0, 5.0) / 50)]
    made, judges = some_draws(lanes, 0), some_draws(lanes, 1)
    assert set(made[0].day_log_sd).isdisjoint(judges[0].day_log_sd)
    one = replace(lanes[0], day_log_sd=lanes[0].day_log_sd[:1])
    assert some_draws([one], 0)[0].day_log_sd.tolist() == some_draws([one], 1)[0].day_log_sd.tolist()


def test_the_posted_roster_held_as_it_is_fares_as_today_where_booths_do_not_answer() -> None:
    lanes = [lane()]
    today = judged(under(lanes, None, None, 0), np.ones(1))
    held = judged(under(lanes, lanes[0].booths[:1], None, 0), np.ones(1))
    assert held.hours == pytest.approx(today.hours)
    assert held.booth_hours == pytest.approx(today.booth_hours)


def test_too_few_officers_are_refused() -> None:
    with pytest.raises(BorderError, match="2 officers"):
        weekly_plan([lane()], np.ones(1), officers=2, weeks=1)
