"""Schedules of a month: from the fit, from the prior, and how they follow volumes."""

import numpy as np
import pytest

from merida.border.crossings.find import find_place, one_site
from merida.border.crossings.panels import reference_volume
from merida.border.crossings.schedules import KEPT, kept, schedules, waits
from merida.border.crossings.sites import per_day, sites
from merida.border.delay.posted_waits import climatology, predicted
from merida.border.priors import MEAN_MONTH
from merida.errors import BorderError
from merida.facts import Facts

FACTS, THEN = Facts(), Facts("2012-12")
BOTA = one_site(FACTS, find_place(FACTS, "Bridge of the Americas"), "cars")
OTAY = one_site(FACTS, find_place(FACTS, "Otay Mesa Commercial"), "trucks")


def test_every_crossing_of_the_record_has_been_fitted() -> None:
    assert {site.key for site in sites(FACTS)} == {
        name.removesuffix(".served") for name in kept() if name.endswith(".served")
    }
    assert sum(name.endswith(".month") for name in kept()) == 8  # those with published hourly waits


@pytest.mark.parametrize("month", ["2019-06", "2012", None])
def test_arrivals_sum_to_the_volume_of_the_period(month: str | None) -> None:
    given = schedules(FACTS, OTAY, month, draws=6)
    volume, period = per_day(FACTS, OTAY, month)
    assert given.month == period
    np.testing.assert_allclose(
        given.arrivals.sum(axis=(1, 2, 3)) / 7, volume, rtol=2e-3
    )  # kept in half precision


def test_published_means_come_out_of_the_fit() -> None:
    found = predicted(FACTS, BOTA, MEAN_MONTH)
    for lane in ("general", "ready"):
        published = climatology(FACTS, BOTA, lane)
        observed = np.array([[published[day, hour].mean() for hour in range(24)] for day in range(7)])
        ours = np.median(found.mean[:, found.lanes.index(lane)], axis=0)
        # a mean over twelve months is fitted with an error of 1.5 minutes and six per cent
        assert np.abs(ours - observed).mean() < 2.5
        assert np.corrcoef(ours.ravel(), observed.ravel())[0, 1] > 0.97


def test_months_of_the_year_keep_their_published_level() -> None:
    rows = dict(
        FACTS.sql(
            "select month_of_year, avg(wait_minutes) from border_waits where crossing = '240201' "
            "and lane_group = 'passenger' and lane_type = 'standard' group by all"
        ).rows()
    )
    for month in (2, 7):
        found = predicted(FACTS, BOTA, f"{month:02d}", draws=16)
        assert found.mean[:, 0].mean() == pytest.approx(rows[month], rel=0.08)


def test_as_of_2012_nothing_published_later_is_used() -> None:
    site = one_site(THEN, find_place(THEN, "Bridge of the Americas"), "cars")
    given = schedules(THEN, site, draws=6)
    assert not given.calibrated
    assert given.month == "2011"
    assert given.lanes == ("general", "sentri")  # Ready lanes at San Ysidro were counted in 2022
    np.testing.assert_allclose(
        given.arrivals.sum(axis=(1, 2, 3)) / 7, reference_volume(THEN, site), rtol=0.25
    )
    late = Facts("2026-01")
    assert not schedules(late, one_site(late, find_place(late, "240201"), "cars"), "2012", draws=2).calibrated
    assert schedules(FACTS, BOTA, "2012", draws=2).calibrated


def test_far_years_are_less_sure() -> None:
    def spread(year: str) -> float:
        given = schedules(FACTS, BOTA, year, draws=24)
        return float(np.std(np.log(given.booths[:, 0].sum(axis=(1, 2)))))

    assert spread("2008") > spread("2023")


def test_volume_of_another_year_does_not_jam_the_booths() -> None:
    # trucks at the Bridge of the Americas in 2012 were near three times those of the reference years
    site = one_site(FACTS, find_place(FACTS, "Bridge of the Americas"), "trucks")
    found = waits(schedules(FACTS, site, "2012", draws=16))
    assert np.isfinite(found).all()
    assert np.median(found.mean(axis=(1, 2, 3))) < 120


def test_draws_are_a_prefix_of_more_draws() -> None:
    few, many = schedules(FACTS, BOTA, "2023", draws=5), schedules(FACTS, BOTA, "2023", draws=KEPT + 1)
    np.testing.assert_array_equal(few.arrivals, many.arrivals[:5])
    np.testing.assert_array_equal(few.booths, many.booths[:5])


def test_no_draws_are_refused() -> None:
    with pytest.raises(BorderError) as raised:
        schedules(FACTS, BOTA, draws=0)
    assert raised.value.key == "border_draws"
