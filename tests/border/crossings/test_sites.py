"""The crossings of the record: hours, volumes, names."""

import numpy as np
import pytest

from merida.border.crossings.find import find_place, one_site
from merida.border.crossings.sites import (
    last_full_year,
    listed,
    on_record,
    open_hours,
    per_day,
    sites,
    volumes,
)
from merida.errors import BorderError
from merida.facts import Facts

FACTS = Facts()
SITES = sites(FACTS)


@pytest.mark.parametrize(
    ("text", "first", "last", "count"),
    [("24 hrs/day", 0, 23, 24), ("6 am-10 pm", 6, 21, 16), ("8 am-Midnight", 8, 23, 16), (None, 0, 23, 24)],
)
def test_hours_are_read(text: str | None, first: int, last: int, count: int) -> None:
    hours = np.flatnonzero(open_hours(text))
    assert (hours[0], hours[-1], len(hours)) == (first, last, count)


def test_every_crossing_of_the_lanes_table_is_listed_but_those_listed_twice() -> None:
    known = FACTS.sql(
        "select distinct crossing, port from port_lanes where crossing not in ('240403', '230103')"
    )
    assert dict(known.rows()) == {crossing: about["port"] for crossing, about in listed().items()}


@pytest.mark.parametrize(
    ("port", "measure", "mode"), [("2504", "personal_vehicles", "cars"), ("2604", "trucks", "trucks")]
)
def test_crossings_of_a_port_share_its_count(port: str, measure: str, mode: str) -> None:
    of_port = FACTS.sql(
        f"select crossings / 31.0 from border_crossings where port = '{port}' and measure = '{measure}' "
        "and month = '2012-10'"
    ).item()
    some = sites(FACTS, find_place(FACTS, port), mode)
    assert sum(per_day(FACTS, site, "2012-10")[0] for site in some) == pytest.approx(of_port)


def test_a_bridge_has_its_own_count() -> None:
    site = one_site(FACTS, find_place(FACTS, "World Trade Bridge"), "trucks")
    counted = FACTS.sql(
        "select crossings from bridge_crossings where bridge = 'WORL' and measure = 'trucks' and month = '2019-05'"
    ).item()
    assert volumes(FACTS, site)["2019-05"] == pytest.approx(counted / 31)


def test_most_of_the_traffic_is_covered() -> None:
    for mode, measure, least in (("cars", "personal_vehicles", 0.97), ("trucks", "trucks", 0.98)):
        total = FACTS.sql(
            f"select sum(crossings) / 366.0 from border_crossings where measure = '{measure}' and year = 2024"
        ).item()
        mine = on_record(FACTS, (site for site in SITES if site.mode == mode), "2024")
        assert least < sum(per_day(FACTS, site, "2024")[0] for site in mine) / total < 1.03


def test_the_default_year_is_full() -> None:
    assert last_full_year(FACTS) == "2024"
    assert last_full_year(Facts("2012-12")) == "2011"


def test_of_2012_lanes_are_not_known() -> None:
    assert all(site.lanes is None for site in sites(Facts("2012-12")))


@pytest.mark.parametrize(
    ("wanted", "mode", "code"),
    [
        ("Nowhere", "cars", "border_unknown_place"),
        ("El Paso", "cars", "border_several_places"),
        ("Andrade", "trucks", "border_mode_not_served"),
        ("Ysleta", "boats", "border_unknown_mode"),
    ],
)
def test_what_is_no_crossing_is_said(wanted: str, mode: str, code: str) -> None:
    # Andrade counts four trucks a day at most and has a lane: a port that serves no trucks at all is Calexico West
    wanted = "Calexico West" if code == "border_mode_not_served" else wanted
    with pytest.raises(BorderError) as raised:
        one_site(FACTS, find_place(FACTS, wanted), mode)
    assert raised.value.key == code


def test_a_month_off_the_record_is_said() -> None:
    with pytest.raises(BorderError) as raised:
        per_day(FACTS, SITES[0], "1950-01")
    assert raised.value.key == "border_month_not_on_record"


def test_before_bridges_were_counted_their_port_is_shared_among_those_open() -> None:
    then = Facts("2005-06")
    trucks = {site.name: volumes(then, site) for site in sites(then, find_place(then, "Laredo"), "trucks")}
    assert "1999-12" not in trucks["World Trade Bridge"]
    of_port = then.sql(
        "select crossings / 31.0 from border_crossings where port = '2304' and measure = 'trucks' and month = '2004-10'"
    ).item()
    assert sum(months["2004-10"] for months in trucks.values()) == pytest.approx(of_port)


@pytest.mark.parametrize("date", ["1996-03", "2005-06", "2010-12"])
def test_at_any_date_every_crossing_on_record_has_a_volume(date: str) -> None:
    then = Facts(date)
    assert sites(then)
    assert all(per_day(then, site)[0] > 0 for site in sites(then))


def test_before_any_volume_the_first_date_is_said() -> None:
    for ask in (find_place, lambda facts, _: last_full_year(facts)):
        with pytest.raises(BorderError, match="1996-03") as raised:
            ask(Facts("1995-01"), "Laredo")
        assert raised.value.key == "border_no_volume_yet"
