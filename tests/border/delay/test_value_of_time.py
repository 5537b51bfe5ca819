"""The value of an hour of delay."""

import numpy as np
import pytest

from merida.border.delay.value_of_time import persons_per_car, to_base_year, values
from merida.errors import BorderError
from merida.facts import Facts


def test_a_person_on_the_way_to_work_is_worth_the_published_income_lost(facts: Facts) -> None:
    """42 million dollars over 3 million hours is 14 dollars of 2005; the law's median scale and ratio by hand."""
    found = values(facts, "pedestrians", 4000)
    scale, other = (0.6 * 1.2) ** 0.5, 1 / (1 + ((0.7 / 0.3) * (0.2 / 0.8)) ** 0.5)
    expected = 14 * to_base_year(facts, 2005) * scale * (0.15 + 0.85 * other)
    assert np.median(found.per_hour) == pytest.approx(expected, rel=0.02)  # Monte Carlo error of a median
    assert not found.vehicle.any()


def test_a_car_is_worth_its_people_and_its_own_cost(facts: Facts) -> None:
    car, person = values(facts, "cars", 50), values(facts, "pedestrians", 50)
    assert car.time == pytest.approx(person.time * persons_per_car(facts))
    assert 1 < persons_per_car(facts) < 3
    assert (car.per_hour > car.time).all()


def test_dollars_are_linear_in_hours_and_count_nothing_but_time_reliability_and_vehicle(facts: Facts) -> None:
    truck = values(facts, "trucks", 20)
    hours, spread = np.arange(20.0)[:, None] * [1, 2], np.ones((20, 2))
    expected = (truck.time + truck.vehicle)[:, None] * hours + (truck.time * truck.reliability)[:, None]
    assert truck.dollars(hours, spread) == pytest.approx(expected)
    assert truck.dollars(2 * hours) == pytest.approx(2 * truck.dollars(hours))


def test_a_draw_depends_on_its_number_alone_and_the_date_on_what_was_published(facts: Facts) -> None:
    assert values(facts, "trucks", 5, 3).time == pytest.approx(values(facts, "trucks", 9, 3).time[:5])
    early = values(Facts("2001-01"), "pedestrians", 5)  # before the survey of San Diego was published
    assert np.isfinite(early.time).all()
    assert (early.time != values(facts, "pedestrians", 5).time).any()


def test_a_mode_without_a_value_is_refused(facts: Facts) -> None:
    with pytest.raises(BorderError, match="buses"):
        values(facts, "buses", 2)
