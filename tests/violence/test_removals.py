"""The event study of removals on simulated deaths with a known effect, without any, and on the record's own events."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from merida.facts import Facts
from merida.violence.removals import (
    KINDS,
    Event,
    Setting,
    borders,
    chance,
    contrasts,
    detectable,
    estimate,
    groups,
    organisations,
    placebos,
    pooled,
    presence,
    removed,
)

SIDE, MONTHS = 16, 96
TRUE = {"place": 0.5, "present": 0.25, "adjoining": -0.3}


def simulated(seed: int, effects: dict[str, float], count: int = 8) -> tuple[Setting, list[Event]]:
    """Return municipalities on a grid with 20 deaths a month each, two organisations and events with known effects."""
    random = np.random.default_rng(seed)
    places = SIDE * SIDE
    at = np.arange(places).reshape(SIDE, SIDE)
    next_to: list[list[int]] = [[] for _ in range(places)]
    for one, other in [
        *zip(at[:, 1:].ravel(), at[:, :-1].ravel(), strict=True),
        *zip(at[1:].ravel(), at[:-1].ravel(), strict=True),
    ]:
        next_to[one].append(int(other))
        next_to[other].append(int(one))
    present = {"Sinaloa Cartel": random.random(places) < 0.15, "Juárez Cartel": random.random(places) < 0.15}
    nowhere = np.zeros(places, dtype=bool)
    setting = Setting(
        np.zeros((places, MONTHS)),
        random.lognormal(11, 0.5, places),
        present | {"Los Zetas": nowhere},
        [np.array(each) for each in next_to],
    )
    events, rates = [], 20.0 * np.ones((places, MONTHS))
    for number in range(count):
        organisation = ("Sinaloa", "Juárez")[number % 2]
        place = int(random.choice(np.flatnonzero(setting.of(organisation))))
        event = Event(str(number), organisation, int(random.integers(24, MONTHS - 12)), place)
        events.append(event)
        for kind, rows in groups(setting, event).items():
            months = slice(event.month, event.month + (12 if kind == "place" else 6))
            rates[rows, months] *= np.exp(effects.get(kind, 0.0) if len(rows) else 0.0)
    taken = frozenset(event.place for event in events)
    return replace(setting, deaths=random.poisson(rates).astype(float), taken=taken), events


def test_a_single_event_is_recovered_within_its_sampling_error() -> None:
    misses = []
    for seed in range(20):
        setting, events = simulated(seed, TRUE, count=1)
        found = contrasts(setting, events[0])
        misses += [(value - TRUE[kind]) / variance**0.5 for kind, (value, variance) in found.items()]
    assert abs(np.mean(misses)) < 0.5
    assert 0.5 < np.std(misses) < 1.7


def test_pooled_effects_keep_their_three_signs() -> None:
    """Windows of other events lie in the bases of some, which blurs what is pooled and not its sign."""
    setting, events = simulated(1, TRUE)
    found = estimate(setting, events)
    for kind in KINDS:
        assert np.sign(found[kind].value) == np.sign(TRUE[kind])
        assert abs(found[kind].value - TRUE[kind]) < 3 * found[kind].error + 0.1
        low, high = found[kind].without_one
        assert low <= found[kind].value <= high


def test_without_an_effect_chances_are_spread_and_with_one_they_are_small() -> None:
    chances = []
    for seed in range(12):
        setting, events = simulated(100 + seed, {}, count=4)
        apart = placebos(setting, events, 19, seed)
        found = estimate(setting, events)
        chances += [chance(found[kind].value, apart[kind]) for kind in ("place", "present")]
    assert 0.3 < np.mean(chances) < 0.7
    assert np.mean(np.array(chances) <= 0.2) < 0.45
    setting, events = simulated(7, TRUE, count=4)
    apart = placebos(setting, events, 19, 0)
    assert chance(estimate(setting, events)["place"].value, apart["place"]) == pytest.approx(0.05)
    np.testing.assert_array_equal(apart["place"], placebos(setting, events, 19, 0)["place"])


def test_pooling_chances_and_detectable_effects_by_hand() -> None:
    same = pooled([(0.2, 0.04), (0.2, 0.01)])
    assert same.value == pytest.approx(0.2)
    assert same.error == pytest.approx((25 + 100) ** -0.5)
    assert pooled([(0.0, 0.01), (1.0, 0.01)]).value == pytest.approx(0.5)
    assert pooled([(0.0, 0.01), (1.0, 0.01)]).without_one == pytest.approx((0.0, 1.0))
    assert pooled([(0.3, 0.01)]).without_one == (0.3, 0.3)
    assert chance(0.5, np.array([-0.6, 0.1, 0.2])) == pytest.approx(2 / 4)
    assert detectable(np.array([-1.0, 1.0])) == pytest.approx(2.8 * 2**0.5)


@cache
def then() -> Facts:
    return Facts("2012-12")


def test_the_record_s_events_are_those_with_a_month_a_place_and_a_source() -> None:
    rows = removed(Facts())
    assert ("Arturo Beltran Leyva", "Beltrán Leyva", "2009-12", "17007") in rows
    assert "Nazario Moreno Gonzalez" not in {row[0] for row in rows}
    assert len(removed(Facts(), remembered=True)) > len(rows) > len(removed(then()))
    assert sum(organisations(Facts()).values()) == pytest.approx(1.0)
    assert set(organisations(Facts())) <= set(presence(Facts()))
    assert not presence(Facts("2012-09"))
    assert len({code for pair in borders(Facts()) for code in pair}) > 2400
