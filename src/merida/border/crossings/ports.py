"""The ports of the record as scenarios: volumes, lanes and the shape of the day from the facts, the rest assumed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from merida.border.crossings.sites import MODES, TRUSTED, Place, counts, every_site, traffic, volumes
from merida.border.crossings.usual_day import usual_day
from merida.border.priors import PRIORS
from merida.border.queueing.scenario import (
    Baulking,
    Floats,
    LaneClass,
    Pressure,
    Scenario,
    Secondary,
    hourly,
    number,
)
from merida.errors import BorderError
from merida.facts import Facts
from merida.priors import Priors

LANE_TYPES = {"general": "standard", "ready": "ready", "sentri": "sentri", "fast": "fast"}
LISTED_TWICE = ("240403", "230103")  # CBP lists Fort Hancock and Gateway under two numbers
# Published shares at San Ysidro: SENTRI 13 % of 55,000 vehicles (2005), SENTRI and Ready together 70 % (2022-23).
SENTRI_PER_DAY, VEHICLES_PER_DAY, TRUSTED_AND_READY = "B054", "B055", "B062"
STAFF_COST_PER_THOUSAND = "B013"
SERVICE = "border.service_minutes"
MOST_LANES = 1000  # at one port: San Ysidro, the largest, has 34


def service_minutes(mode: str, priors: Priors) -> dict[str, float]:
    """Return the minutes at a booth by lane class of a mode, as they are assumed until a port is calibrated."""
    prefix = f"{SERVICE}.{mode}."
    return {
        path.removeprefix(prefix): priors.number(path) for path in priors.entries if path.startswith(prefix)
    }


def arrivals_per_day(facts: Facts, place: Place, mode: str, month: str | None) -> tuple[float, str]:
    """Return the mean number of crossings a day at a port or crossing in a month, and the month.

    Parameters
    ----------
    month : str or None
        ``YYYY-MM``; None means the last month on record.

    Raises
    ------
    BorderError
        If the place does not serve the mode, or the month is not on record there.
    """
    if place.crossing is None:
        by_month = counts(facts).get((place.port.code, MODES[mode][0]), {})
    else:
        serving = [site for site in every_site(facts) if (site.crossing, site.mode) == (place.crossing, mode)]
        by_month = volumes(facts, serving[0]) if serving else {}
    if not by_month:
        raise BorderError("border_mode_not_served", port=place.name, mode=traffic(mode))
    first, last = min(by_month), max(by_month)
    month = last if month is None else month
    if month not in by_month:
        raise BorderError(
            "border_month_not_on_record",
            port=place.name,
            mode=traffic(mode),
            month=month,
            first=first,
            last=last,
        )
    return by_month[month], month


def lanes_on_record(facts: Facts, place: Place, mode: str) -> int | None:
    """Return the lanes that CBP displays at a port or crossing for a mode (2022), at least one.

    None means that no lanes had been published at the date. CBP displays none for buses.
    """
    twice = ", ".join(f"'{crossing}'" for crossing in LISTED_TWICE)
    here = f"port = '{place.port.code}' and crossing not in ({twice})"
    if place.crossing is not None:
        here = f"crossing = '{place.crossing}'"
    published, lanes = facts.sql(
        f"select count(*), sum(lanes) filter (where lane_group = '{MODES[mode][1]}' and {here}) from port_lanes"
    ).row(0)
    if not published or mode == "buses":
        return None
    return int(lanes or 1)


def day_shape(facts: Facts, mode: str, lane: str, weekday: int | None = None) -> Floats:
    """Return the share of a day's arrivals in each hour, from the published mean waits of El Paso.

    With first come, first served and constant capacity, whoever arrives at t leaves at t + W(t), so arrivals
    follow 1 + W'(t). Constant staffing is an assumption: other schedules fit the same waits. The shape is flat where
    the waits had not been published at the date, or were not published for all hours.

    Parameters
    ----------
    mode : str
        A key of `MODES`.
    lane : {"general", "ready", "sentri", "fast"}
        The lane class.
    weekday : int or None
        The day of the week whose waits are taken, Monday is 1; None takes all days together.

    Returns
    -------
    array, shape (24,)
        Shares that sum to 1.
    """
    waits = facts.sql(
        f"select hour, avg(wait_minutes) as wait from border_waits where lane_group = '{MODES[mode][1]}' "
        f"and lane_type = '{LANE_TYPES[lane]}' {'' if weekday is None else f'and weekday = {weekday}'} "
        f"group by hour having count(*) > {100 if weekday is None else 14} order by hour"
    )
    if waits.height != 24:
        return np.full(24, 1 / 24)
    wait_hours = waits["wait"].to_numpy() / 60
    slope = (np.roll(wait_hours, -1) - np.roll(wait_hours, 1)) / 2
    shape = np.maximum(1 + slope, 0.05)
    return np.asarray(shape / shape.sum(), dtype=np.float64)


def class_shares(facts: Facts, mode: str, trusted_share: float | None) -> dict[str, float]:
    """Return the share of each lane class in the traffic of a mode; they sum to 1.

    Parameters
    ----------
    mode : str
        A key of `MODES`.
    trusted_share : float or None
        The share of trusted travellers, from 0 to 1. None takes the share published for SENTRI at San Ysidro
        for cars, where it had been published at the date, and none for other modes.

    Raises
    ------
    BorderError
        If a share is given for a mode without lanes for trusted travellers.
    """
    if mode not in TRUSTED:
        if trusted_share:
            raise BorderError("border_no_trusted_lane", mode=traffic(mode))
        return {"general": 1.0}
    if mode != "cars":
        trusted = 0.0 if trusted_share is None else trusted_share
        return {"general": 1 - trusted, TRUSTED[mode]: trusted}
    values = dict(
        facts.sql(
            "select id, value from published_facts where status = 'verified' and value is not null"
        ).rows()
    )
    published = {SENTRI_PER_DAY, VEHICLES_PER_DAY} <= values.keys()
    sentri = values[SENTRI_PER_DAY] / values[VEHICLES_PER_DAY] if published else 0.0
    both = values.get(TRUSTED_AND_READY, 100 * sentri) / 100
    trusted = sentri if trusted_share is None else trusted_share
    ready = max(0.0, both - sentri) / (1 - sentri) * (1 - trusted)
    return {"general": 1 - trusted - ready, "ready": ready, "sentri": trusted}


def shared_out(
    total: int, weights: Mapping[str, float], most: Mapping[str, int] | None = None
) -> dict[str, int]:
    """Return booths shared out among classes: one to each class with weight, then always to the most loaded.

    Parameters
    ----------
    total : int
        The booths to share out.
    weights : mapping of class to float
        The work of each class; a class without work gets none.
    most : mapping of class to int, optional
        The most booths that a class may have; by default all.
    """
    working = {name: weight for name, weight in weights.items() if weight > 0}
    limit = {name: (most or {}).get(name, total) for name in working}
    booths = {name: min(1, limit[name]) for name in working}
    while sum(booths.values()) < total:
        open_to = [name for name in working if booths[name] < limit[name]]
        if not open_to:
            break
        neediest = max(open_to, key=lambda name: working[name] / booths[name])
        booths[neediest] += 1
    return {name: booths.get(name, 0) for name in weights}


def port_scenario(
    facts: Facts,
    place: Place,
    mode: str = "cars",
    *,
    month: str | None = None,
    lanes: int | Mapping[str, int] | None = None,
    officers: int | None = None,
    trusted_share: float | None = None,
    days: int = 1,
    profile: Sequence[float] | None = None,
    weekday: int | None = None,
    initial_queue: int = 0,
    baulking: Baulking | None = None,
    pressure: Pressure | None = None,
    priors: Priors = PRIORS,
) -> tuple[Scenario, dict[str, Any]]:
    """Return the scenario of a port or of one crossing, and what it rests on.

    Parameters
    ----------
    facts : Facts
        The record.
    place : Place
        From `find_place`.
    mode : {"trucks", "cars", "pedestrians", "buses"}
        What crosses.
    month : str or None
        The month ``YYYY-MM`` whose mean day is simulated; None means the last on record.
    lanes : int, mapping of class to int, or None
        Lanes in all, which are shared out by workload, or lanes by class. None means the lanes that CBP displays,
        or, where none had been published at the date, as many as the assumed load of a booth asks for.
    officers : int or None
        Officers at the booths at any time, one to a booth. None means one for each lane that is given, or, for
        lanes on record, as many as the assumed load asks for.
    trusted_share : float or None
        The share of SENTRI (cars), FAST (trucks) or Ready (pedestrians) in the traffic.
    days : int
        How many days in a row are simulated.
    profile : sequence of 24 floats or None
        Shares of the day's arrivals by hour, which sum to 1; None takes them from the waits of El Paso.
    weekday : int or None
        The day whose shape is taken, Monday is 1; volumes by weekday are not on record. None is the mean of the week.
    initial_queue : int
        Vehicles waiting in the first class at midnight.
    baulking, pressure : Baulking, Pressure or None
        Who turns away, and how service speeds up when the wait is long.
    priors : Priors
        What is assumed (``ports.toml``), with what a user holds of it.

    Returns
    -------
    Scenario
        What `simulate` takes.
    dict
        What it rests on: arrivals a day, the month, shares and lanes by class, minutes of service by class.

    Raises
    ------
    BorderError
        If an argument is not as it must be, or the scenario would be too large to simulate.

    Examples
    --------
    >>> scenario, basis = port_scenario(Facts(), find_place(Facts(), "Laredo"), "trucks", month="2019-05")
    >>> basis["month"]
    '2019-05'
    """
    if mode not in MODES:
        raise BorderError("border_unknown_mode", found=mode, known=", ".join(MODES))
    number("days", days, 1, 366)
    if weekday is not None:
        number("weekday", weekday, 1, 7)
    if trusted_share is not None:
        number("trusted_share", trusted_share, 0, 1)
    per_day, month = arrivals_per_day(facts, place, mode, month)
    held = {path for path, _ in priors.held}
    shaped = trusted_share is not None or any(not path.startswith(SERVICE) for path in held)
    usual = {} if shaped else usual_day(facts, place, mode, weekday)
    shares = class_shares(facts, mode, trusted_share)
    if usual:
        total = sum(float(day.arrivals.sum()) for day in usual.values())
        shares = {name: float(day.arrivals.sum()) / total for name, day in usual.items()}
    displayed = lanes_on_record(facts, place, mode)
    if (
        not usual
        and lanes is None
        and trusted_share is None
        and displayed is not None
        and displayed < len(shares)
    ):
        shares = {"general": 1.0}  # too few lanes to keep one for each class
    service = service_minutes(mode, priors) | {
        name: day.service_minutes for name, day in usual.items() if f"{SERVICE}.{mode}.{name}" not in held
    }
    workload = {name: share * service[name] for name, share in shares.items()}
    load = priors.number("border.bus_load" if mode == "buses" else "border.booth_load")
    asked = {name: math.ceil(per_day * work / 1440 / load) for name, work in workload.items()}
    open_lanes = asked if lanes is None and displayed is None else _lanes(displayed, lanes, workload)
    if officers is not None:
        number("officers", officers, sum(work > 0 for work in workload.values()), MOST_LANES)
        limit = None if lanes is None and displayed is None else open_lanes
        total = officers if limit is None else min(officers, sum(limit.values()))
        open_lanes = shared_out(total, workload, limit)
    elif lanes is None:
        open_lanes = {name: min(count, asked[name]) for name, count in open_lanes.items()}
    shape = None if profile is None else _checked_profile(profile)
    puts_off = bool(usual) and profile is None and baulking is None and pressure is None
    referral, minutes = priors.number("border.referral_share"), priors.number("border.secondary_minutes")

    def shape_of(name: str) -> Floats:
        if shape is not None:
            return shape
        if name in usual:
            come = usual[name].wished if puts_off else usual[name].arrivals
            return np.asarray(come / usual[name].arrivals.sum())
        return day_shape(facts, mode, name, weekday)

    def by_hour(name: str) -> Floats:
        if name in usual and lanes is None and officers is None:
            return np.asarray(np.maximum(np.round(usual[name].booths), usual[name].booths > 0))
        return np.full(24, open_lanes[name])

    def in_line(name: str) -> int:
        return round(usual[name].line) if name in usual and not initial_queue else 0

    classes = tuple(
        LaneClass(
            name,
            np.tile(per_day * shares[name] * shape_of(name), days),
            np.tile(by_hour(name), days),
            service[name],
            priors.number("border.service_cv"),
            referral,
            initial_queue if initial_queue and position == 0 else in_line(name),
        )
        for position, name in enumerate(name for name in shares if shares[name] > 0)
    )
    referred = per_day * referral * minutes / 1440
    inspectors = math.ceil(referred / priors.number("border.secondary_load"))
    if puts_off:  # the model's form is that of baulking without tolerance
        rate = sum(shares[name] * day.put_off for name, day in usual.items())
        baulking = Baulking(0.0, 60 / rate)
    secondary = Secondary(np.full(24 * days, inspectors), minutes)
    basis = {
        "arrivals_per_day": per_day,
        "month": month,
        "shares": shares,
        "lanes": open_lanes,
        "service_minutes": service,
        "by_the_hour": bool(usual),
    }
    return Scenario(classes, secondary, baulking, pressure), basis


def _lanes(
    displayed: int | None, lanes: int | Mapping[str, int] | None, workload: Mapping[str, float]
) -> dict[str, int]:
    """Return the lanes of each class: those given, or those displayed and shared out by workload."""
    if isinstance(lanes, Mapping):
        for name, count in lanes.items():
            if name not in workload:
                raise BorderError("border_unknown_class", found=name, known=", ".join(workload))
            number(f"lanes.{name}", count, 1, MOST_LANES)
        missing = [name for name, work in workload.items() if work > 0 and name not in lanes]
        if missing:
            raise BorderError("border_class_without_lane", missing=", ".join(missing))
        return {name: int(lanes.get(name, 0)) for name in workload}
    total = displayed if lanes is None else lanes
    assert total is not None
    number("lanes", total, sum(work > 0 for work in workload.values()), MOST_LANES)
    return shared_out(int(total), workload)


def _checked_profile(profile: Sequence[float]) -> Floats:
    """Return the shares of a day's hours after checking that there are 24 and that they sum to 1."""
    shape = hourly("profile", profile)
    if len(shape) != 24 or abs(shape.sum() - 1) > 1e-6:
        raise BorderError("border_profile_sum", hours=len(shape), found=float(shape.sum()))
    return shape


def officer_cost_per_hour(facts: Facts, priors: Priors = PRIORS) -> float | None:
    """Return what an officer costs an hour in U.S. dollars, or None where that had not been published at the date.

    It is the published cost of a thousand officers a year over the assumed hours that an officer works.

    Examples
    --------
    >>> officer_cost_per_hour(Facts("2012-12")) is None
    True
    """
    cost = facts.sql(
        f"select any_value(value) from published_facts where id = '{STAFF_COST_PER_THOUSAND}' and status = 'verified'"
    ).item()
    if cost is None:
        return None
    return float(cost) / 1000 / priors.number("border.officer_hours_per_year")
