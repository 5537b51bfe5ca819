"""Ports of the record as scenarios, and the commands that simulate them."""

import json
from pathlib import Path

import numpy as np
import pytest

from merida.border import find_place, officer_cost_per_hour, port_scenario
from merida.border.crossings.ports import (
    MODES,
    arrivals_per_day,
    class_shares,
    day_shape,
    lanes_on_record,
    shared_out,
)
from merida.errors import BorderError
from merida.facts import Facts
from merida.words import words
from tests.runner import CliRunner, app


@pytest.mark.parametrize("wanted", ["San Ysidro", "san ysidro", " SAN YSIDRO ", "2504"])
def test_a_port_is_found_by_name_and_code(facts: Facts, wanted: str) -> None:
    assert find_place(facts, wanted).port.code == "2504"


def test_an_unknown_port_names_the_nearest(facts: Facts) -> None:
    with pytest.raises(BorderError) as error:
        find_place(facts, "San Isidro")
    for language in ("en", "es"):
        assert "San Ysidro" in error.value.message(language)


def test_arrivals_are_the_month_of_the_record(facts: Facts) -> None:
    port = find_place(facts, "Laredo")
    recorded = facts.sql(
        "select crossings from border_crossings where port = '2304' and month = '2019-02' and measure = 'trucks'"
    ).item()
    assert arrivals_per_day(facts, port, "trucks", "2019-02") == (recorded / 28, "2019-02")


def test_lanes_listed_twice_are_counted_once(facts: Facts) -> None:
    assert (
        lanes_on_record(facts, find_place(facts, "Brownsville"), "cars")
        == facts.sql(
            "select sum(lanes) from port_lanes where port = '2301' and lane_group = 'passenger' and crossing <> '230103'"
        ).item()
    )


def test_the_shape_of_the_day_gives_back_the_waits_at_constant_capacity(facts: Facts) -> None:
    """Arrivals 1 + W'(t) at constant capacity 1: the fluid queue that they make has the waits W, up to a constant."""
    shape = day_shape(facts, "cars", "general")
    assert shape.sum() == pytest.approx(1)
    waits = facts.sql(
        "select avg(wait_minutes) as wait from border_waits where lane_group = 'passenger' and lane_type = 'standard' "
        "group by hour order by hour"
    )["wait"].to_numpy()
    backlog = np.cumsum(24 * shape - 1) * 60  # minutes of work in the queue at each hour's end
    centred = (waits + np.roll(waits, -1)) / 2  # central differences carry half an hour
    assert np.allclose(backlog - backlog.mean(), centred - centred.mean(), atol=0.5)


def test_before_the_waits_were_published_the_day_is_flat(facts_2012: Facts) -> None:
    assert np.allclose(day_shape(facts_2012, "cars", "general"), 1 / 24)
    assert officer_cost_per_hour(facts_2012) is None


@pytest.mark.parametrize("trusted", [None, 0.0, 0.4, 1.0])
@pytest.mark.parametrize("mode", MODES)
def test_shares_sum_to_one(facts: Facts, mode: str, trusted: float | None) -> None:
    if mode == "buses" and trusted:
        with pytest.raises(BorderError):
            class_shares(facts, mode, trusted)
        return
    shares = class_shares(facts, mode, trusted)
    assert sum(shares.values()) == pytest.approx(1)
    assert min(shares.values()) >= 0


def test_booths_are_shared_out_whole_and_within_their_limits() -> None:
    assert shared_out(10, {"a": 3.0, "b": 1.0, "c": 0.0}) == {"a": 7, "b": 3, "c": 0}
    assert shared_out(10, {"a": 3.0, "b": 1.0}, {"a": 4, "b": 9}) == {"a": 4, "b": 6}
    assert shared_out(2, {"a": 100.0, "b": 0.1}) == {"a": 1, "b": 1}
    assert sum(shared_out(17, {"a": 1.0, "b": 2.0, "c": 3.0}).values()) == 17


def test_every_port_that_serves_a_mode_makes_a_scenario(facts: Facts) -> None:
    refused = []
    for code, name in facts.sql("select port, name from ports order by port").rows():
        for mode in MODES:
            try:
                scenario, basis = port_scenario(facts, find_place(facts, code), mode)
            except BorderError as error:
                refused.append((name, mode, error.key))
                continue
            arrivals = sum(lane.arrivals_per_hour.sum() for lane in scenario.classes)
            if not basis["by_the_hour"]:  # there, those who put the trip off are counted too
                assert arrivals == pytest.approx(basis["arrivals_per_day"])
            assert arrivals >= basis["arrivals_per_day"] - 1e-6
    assert {key for _, _, key in refused} <= {"border_mode_not_served", "border_overloaded"}
    # CBP displays fewer lanes than these ports must have used
    assert {(name, mode) for name, mode, key in refused if key == "border_overloaded"} <= {
        ("Eagle Pass", "trucks"),
        ("Eagle Pass", "pedestrians"),
    }


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"mode": "ships"}, "border_unknown_mode"),
        ({"month": "1890-01"}, "border_month_not_on_record"),
        ({"trusted_share": 1.5}, "border_out_of_range"),
        ({"lanes": 0}, "border_out_of_range"),
        ({"lanes": -2}, "border_out_of_range"),
        ({"lanes": 1_000_000}, "border_out_of_range"),
        ({"officers": 10**400}, "border_out_of_range"),
        ({"lanes": {"general": 3, "nexus": 1}}, "border_unknown_class"),
        ({"lanes": {"general": 3}}, "border_class_without_lane"),
        (
            {"lanes": {"general": 1, "ready": 1, "sentri": 1}, "month": "2019-12", "profile": [1 / 24] * 24},
            "border_overloaded",
        ),
        ({"officers": 0}, "border_out_of_range"),
        ({"days": 0}, "border_out_of_range"),
        ({"profile": [0.5, 0.5]}, "border_profile_sum"),
        ({"profile": [0.05] * 24}, "border_profile_sum"),
        ({"profile": [-1.0] + [2 / 23] * 23}, "border_not_a_rate"),
        ({"initial_queue": -1}, "border_too_small"),
        ({"weekday": 8}, "border_out_of_range"),
    ],
)
def test_a_wrong_argument_gives_one_clear_error(facts: Facts, changes: dict[str, object], key: str) -> None:
    with pytest.raises(BorderError) as error:
        port_scenario(facts, find_place(facts, "San Ysidro"), **changes)  # type: ignore[arg-type]
    assert error.value.key == key
    assert error.value.message("en") != error.value.message("es")


PEAK = ",".join(["0.01"] * 5 + ["0.05"] * 19)
LAREDO = (
    f"border simulate laredo --lanes general=6,ready=7,sentri=4 --profile {PEAK} --replications 8".split()
)


def test_the_commands_answer(tmp_path: Path) -> None:
    run = CliRunner().invoke
    chart = tmp_path / "waits.png"
    done = run(app, [*LAREDO, "--chart", str(chart), "--format", "json"])
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert [flow["name"] for flow in answer["classes"]] == ["general", "ready", "sentri"]
    assert len(answer["classes"][0]["wait_by_hour"]) == 24
    assert answer["officer_hours"] > 24 * 9
    assert chart.read_bytes().startswith(b"\x89PNG")
    for language in ("en", "es"):
        shown = run(app, [*LAREDO, "--language", language])
        assert shown.exit_code == 0
        lines = " ".join(shown.stdout.split())
        assert lines.startswith(words(language).text("border.by_the_hour"))  # before any number
        assert "border.booth_load" not in lines
    queue = [
        "border",
        "queue",
        "--arrivals-per-hour",
        "3",
        "--service-per-hour",
        "5",
        "--servers",
        "1",
        "--customers",
        "200000",
    ]
    found = json.loads(run(app, [*queue, "--format", "json"]).stdout)
    # M/M/1: the mean wait is rho / (mu - lambda) = 18 minutes
    assert abs(found["mean_wait_minutes"] - 18) < 4 * found["standard_error_minutes"]
    assert run(app, queue).exit_code == 0


def test_who_turns_away_and_who_hurries_shortens_the_wait() -> None:
    run = CliRunner().invoke
    call = [*LAREDO, "--weekday", "1", "--format", "json"]
    plain = json.loads(run(app, call).stdout)["classes"][0]
    turned = json.loads(run(app, [*call, "--baulking", "5,20"]).stdout)["classes"][0]
    hurried = json.loads(run(app, [*call, "--pressure", "0.2,30"]).stdout)["classes"][0]
    assert plain["baulked"] == 0 < turned["baulked"]
    assert max(turned["mean_wait"], hurried["mean_wait"]) < plain["mean_wait"]
    assert isinstance(run(app, [*call, "--baulking", "5"]).exception, BorderError)


def test_the_days_of_the_week_differ_in_shape(facts: Facts) -> None:
    monday, sunday = (day_shape(facts, "cars", "general", day) for day in (1, 7))
    assert monday.sum() == pytest.approx(1)
    assert abs(monday - sunday).max() > 0.001


def test_more_booths_on_the_same_draws_never_make_anyone_wait_longer(facts: Facts) -> None:
    from merida.border import simulate

    port = find_place(facts, "Otay Mesa")
    profile = [float(share) for share in PEAK.split(",")]
    few, many = (
        simulate(
            port_scenario(facts, port, lanes={"general": g, "ready": 9, "sentri": 2}, profile=profile)[0], 16
        )
        for g in (5, 6)
    )
    assert (many.classes[0].wait_by_hour <= few.classes[0].wait_by_hour + 1e-9).all()
    assert np.array_equal(many.classes[1].wait_by_hour, few.classes[1].wait_by_hour, equal_nan=True)
