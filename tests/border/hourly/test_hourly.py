"""Lane classes by the hour: closed forms of the line, holidays, quantiles, and what the package keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from merida.border.hourly.holidays import KINDS, easter, kind, nth
from merida.border.hourly.lane import HourlyLane, hourly_lanes
from merida.border.hourly.paths import simulate
from merida.border.hourly.posted import LEVELS, PROBABILITIES, ahead, kept, of_neighbours, predicted, rows
from merida.border.hourly.recalibrate import normal_score, pooled
from merida.facts import Facts

EVEN = np.full((1, 168), 30.0)


def lane(**fields: object) -> HourlyLane:
    """Return a lane class without chance: two booths that serve ten an hour each, and thirty who come."""
    one = HourlyLane(
        "1", "passenger", "standard", EVEN, np.ones((1, 12)), np.full((1, 168), 2.0), 2, np.array([10.0]),
        np.zeros(1), np.zeros(1), np.zeros(1), np.zeros(1), np.zeros(168), np.zeros(1), np.full(1, 1e-9),
        np.zeros(1), 5.0, np.zeros(1), np.zeros(1), 0.0, False,
    )  # fmt: skip
    return replace(one, **fields)  # type: ignore[arg-type]


def test_a_line_grows_by_what_comes_less_what_is_served() -> None:
    found = simulate([lane()], 1)
    # Half an hour of work more each hour: after n hours the line is n / 2 hours long before two booths.
    hour = np.arange(168, 336)
    assert found.wait[0, 0, 0, 0] == pytest.approx(30 * (2 * hour + 1) / 2, rel=1e-6)
    assert found.arrivals[0, 0, 0, 0] == pytest.approx(30.0)


def test_the_line_is_carried_over_midnight_and_served_when_the_lane_closes() -> None:
    booths = np.full((1, 168), 2.0)
    booths[:, 100:110] = 0.0
    wait = simulate([lane(booths=booths, usual_line=np.zeros(168))], 1).wait[0, 0, 0, 0]
    assert wait[24] > wait[23] > 0
    assert wait[100:110].sum() == 0
    assert wait[110] == pytest.approx(15.0, rel=1e-6)


def test_those_who_put_the_trip_off_bound_the_line() -> None:
    wait = simulate([lane(put_off_per_hour=np.array([1.0]))], 1, weeks=2).wait[0, 0, 0, 1]
    # In balance 30 exp(-w) = 20, with w the line of the beginning of the hour.
    assert wait[-1] == pytest.approx(60 * np.log(1.5), rel=1e-6)


def test_booths_answer_the_line_up_to_the_most() -> None:
    found = simulate([lane(response_booths_per_queue=np.array([0.5]), most_booths=3)], 1, weeks=2)
    assert found.booths[0, 0, 0, 1, -1] == pytest.approx(3.0)


def test_days_differ_by_their_law() -> None:
    one = lane(
        arrivals_per_hour=np.full((1, 168), 1.0),
        day_log_sd=np.array([0.3]),
        day_autocorrelation=np.array([0.5]),
    )
    arrivals = simulate([one], 200, weeks=2).arrivals[0, 0].reshape(200, 14, 24)[:, :, 0]
    logs = np.log(arrivals)
    assert logs.std() == pytest.approx(0.3, rel=0.05)
    assert np.corrcoef(logs[:, :-1].ravel(), logs[:, 1:].ravel())[0, 1] == pytest.approx(0.5, abs=0.06)
    assert arrivals.mean() == pytest.approx(1.0, rel=0.03)


def test_a_roster_replaces_booths_on_the_same_days() -> None:
    usual = lane(day_log_sd=np.array([0.2]))
    more = simulate([usual], 5, booths=np.full((1, 168), 4.0))
    assert (more.wait <= simulate([usual], 5).wait).all()
    assert more.booths.min() == 4.0


def test_holidays() -> None:
    assert [easter(year) for year in (2024, 2025, 2026)] == [
        date(2024, 3, 31),
        date(2025, 4, 20),
        date(2026, 4, 5),
    ]
    assert nth(2025, 11, 0, 3) == date(2025, 11, 17)
    assert nth(2025, 5, 0, -1) == date(2025, 5, 26)
    assert KINDS[kind(date(2025, 11, 27))] == "us"
    assert KINDS[kind(date(2025, 11, 17))] == "mexico"
    assert KINDS[kind(date(2025, 12, 28))] == "season"
    assert kind(date(2025, 11, 12)) == -1


def test_pooling_one_sample_gives_it_back() -> None:
    posted, simulated = np.sort(np.random.default_rng(0).normal(size=(2, 3, LEVELS)), axis=2)
    assert (pooled(posted, simulated, 0.0) == posted).all()
    assert (pooled(posted, simulated, 1.0) == simulated).all()
    half = pooled(np.zeros((1, LEVELS)), np.ones((1, LEVELS)), 0.25)
    assert half.mean() == pytest.approx(0.25)


def test_normal_scores_of_the_middle_are_nought() -> None:
    function = np.repeat(np.clip(np.arange(301) / 100, 0, 1)[None], 168, axis=0)
    assert normal_score(function, np.array([0]), np.array([50.0]))[0] == pytest.approx(0.0, abs=0.02)


def test_what_is_kept_holds_every_large_crossing(facts: Facts) -> None:
    lanes = hourly_lanes(facts)
    assert len(lanes) > 130
    ysidro = lanes["250401", "passenger", "standard"]
    assert ysidro.arrivals_per_hour.shape == ysidro.booths.shape == (len(ysidro.day_log_sd), 168)
    sentri = lanes["250401", "passenger", "sentri"]
    both = simulate([ysidro, sentri], 4)
    assert (
        both.posted[1].mean(axis=(0, 1, 2)) < both.posted[0].mean(axis=(0, 1, 2))
    ).all()  # at every hour, one at night too
    assert hourly_lanes(Facts("2025-06")) == {}


def test_predictions_follow_open_lanes_and_readings() -> None:
    row = rows()["250401", "passenger", "standard"]
    at = np.array([row])
    none = np.array([-1])

    def of(lanes_open: float) -> np.ndarray:
        return predicted(at, np.array([60]), np.array([10]), none, np.array([lanes_open]))[0]

    assert of(np.nan).shape == PROBABILITIES.shape
    assert (np.diff(of(np.nan)) >= 0).all()
    effect = float(kept()["lanes_effect"][row])
    assert np.sign(of(20.0).mean() - of(1.0).mean()) in (0.0, np.sign(effect))
    long, short = ahead(row, 60, 180, 24), ahead(row, 60, 0, 24)
    assert (long.mean(axis=1)[:3] > short.mean(axis=1)[:3]).all()
    assert long[0].std() < long[-1].std()


def test_neighbours_stand_in_and_are_wide() -> None:
    there = of_neighbours(("250401", "passenger", "standard"))["quantiles"][0, 60]
    own = kept()["quantiles"][rows()["250401", "passenger", "standard"], 60]
    assert there[36] - there[4] > 0.5 * (own[36] - own[4])
    assert (np.diff(there) >= 0).all()
