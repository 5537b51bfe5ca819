"""The ports of the record as scenarios: volumes, lanes and the shape of the day from the facts, the rest assumed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

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
from merida.errors import BorderError, nearest
from merida.facts import Facts
from merida.priors import Priors
from merida.words import plain

MODES = {
    "trucks": ("trucks", "commercial"),
    "cars": ("personal_vehicles", "passenger"),
    "pedestrians": ("pedestrians", "pedestrian"),
    "buses": ("buses", "commercial"),
}
TRUSTED = {"trucks": "fast", "cars": "sentri", "pedestrians": "ready"}
LANE_TYPES = {"general": "standard", "ready": "ready", "sentri": "sentri", "fast": "fast"}
LISTED_TWICE = ("240403", "230103")  # CBP lists Fort Hancock and Gateway under two numbers
# Published shares at San Ysidro: SENTRI 13 % of 55,000 vehicles (2005), SENTRI and Ready together 70 % (2022-23).
SENTRI_PER_DAY, VEHICLES_PER_DAY, TRUSTED_AND_READY = "B054", "B055", "B062"
STAFF_COST_PER_THOUSAND = "B013"


@dataclass(frozen=True)
class Port:
    """A port of entry of the record."""

    code: str
    name: str


def service_minutes(mode: str, priors: Priors) -> dict[str, float]:
    """Return the minutes at a booth by lane class of a mode, as they are assumed until a port is calibrated."""
    prefix = f"border.service_minutes.{mode}."
    return {
        path.removeprefix(prefix): priors.number(path) for path in priors.entries if path.startswith(prefix)
    }


def find_port(facts: Facts, wanted: str) -> Port:
    """Return the port of that name or code.

    Raises
    ------
    BorderError
        If there is none; the message names the nearest.
    """
    rows = facts.sql("select port, name from ports order by port").rows()
    for code, name in rows:
        if wanted == code or plain(wanted) == plain(name):
            return Port(code, name)
    names = {plain(name): name for _, name in rows}
    close = [names[name] for name in nearest(plain(wanted), names).split(", ")]
    raise BorderError("border_unknown_port", found=wanted, nearest=", ".join(close))


def arrivals_per_day(facts: Facts, port: Port, mode: str, month: str | None) -> tuple[float, str]:
    """Return the mean number of crossings a day in a month (default: the last on record), and the month."""
    measure = MODES[mode][0]
    where = f"measure = '{measure}' and port = '{port.code}' and crossings > 0"
    rows = facts.sql(f"select month, crossings from border_crossings where {where} order by month").rows()
    if not rows:
        raise BorderError("border_mode_not_served", port=port.name, mode=mode)
    found = dict(rows)
    month = month or rows[-1][0]
    if month not in found:
        raise BorderError(
            "border_month_not_on_record",
            port=port.name,
            mode=mode,
            month=month,
            first=rows[0][0],
            last=rows[-1][0],
        )
    days = facts.sql(f"select day(last_day(('{month}' || '-01')::date))").item()
    return found[month] / days, month


def lanes_on_record(facts: Facts, port: Port, mode: str) -> int:
    """Return the lanes that CBP displays for a port and kind of traffic (2022), at least one."""
    twice = ", ".join(f"'{crossing}'" for crossing in LISTED_TWICE)
    found = facts.sql(
        f"select sum(lanes) from port_lanes where port = '{port.code}' and lane_group = '{MODES[mode][1]}' "
        f"and crossing not in ({twice})"
    ).item()
    return int(found or 1)


def day_shape(facts: Facts, mode: str, lane: str, weekday: int | None = None) -> Floats:
    """Return the share of a day's arrivals in each hour, from the published mean waits of El Paso.

    With first come, first served and constant capacity, whoever arrives at t leaves at t + W(t), so arrivals
    follow 1 + W'(t). Constant staffing is an assumption: other schedules fit the same waits. Flat where the waits
    were not published at the date, or not for all hours. `weekday` (Monday is 1) takes the waits of that day.

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
    """Return the share of each lane class in the traffic of a mode."""
    if mode not in TRUSTED:
        if trusted_share:
            raise BorderError("border_no_trusted_lane", mode=mode)
        return {"general": 1.0}
    values = dict(
        facts.sql(
            "select id, value from published_facts where status = 'verified' and value is not null"
        ).rows()
    )
    if mode == "cars":
        published = {SENTRI_PER_DAY, VEHICLES_PER_DAY} <= values.keys()
        sentri = values[SENTRI_PER_DAY] / values[VEHICLES_PER_DAY] if published else 0.0
        both = values.get(TRUSTED_AND_READY, 100 * sentri) / 100
        trusted = sentri if trusted_share is None else trusted_share
        ready = max(0.0, both - sentri) / (1 - sentri) * (1 - trusted)
        return {"general": 1 - trusted - ready, "ready": ready, "sentri": trusted}
    trusted = 0.0 if trusted_share is None else trusted_share
    return {"general": 1 - trusted, TRUSTED[mode]: trusted}


def shared_out(
    total: int, weights: Mapping[str, float], most: Mapping[str, int] | None = None
) -> dict[str, int]:
    """Return `total` booths shared out, one at least to each class with weight, then to the most loaded."""
    wanted = {name: weight for name, weight in weights.items() if weight > 0}
    limit = {name: (most or {}).get(name, total) for name in wanted}
    given = {name: min(1, limit[name]) for name in wanted}
    while sum(given.values()) < total:
        open_to = [name for name in wanted if given[name] < limit[name]]
        if not open_to:
            break
        neediest = max(open_to, key=lambda name: wanted[name] / given[name])
        given[neediest] += 1
    return {name: given.get(name, 0) for name in weights}


def port_scenario(
    facts: Facts,
    port: Port,
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
    """Return the scenario of a port and what it rests on.

    Parameters
    ----------
    facts : Facts
        The record.
    port : Port
        From `find_port`.
    mode : {"trucks", "cars", "pedestrians", "buses"}
        What crosses.
    month : str or None
        ``YYYY-MM`` whose mean day is simulated; None: the last on record.
    lanes : int, mapping of class to int, or None
        Lanes in all, shared out by workload, or by class; None: the lanes that CBP displays.
    officers : int or None
        Officers at the booths at any time, one a booth; None: one for each lane that is given, or for lanes on
        record as many as the assumed load asks for.
    trusted_share : float or None
        Share of SENTRI (cars), FAST (trucks) or Ready (pedestrians).
    days : int
        Days in a row.
    profile : sequence of 24 floats or None
        Shares of the day's arrivals by hour, which sum to 1; None: from the waits of El Paso.
    weekday : int or None
        Day whose shape is taken, Monday is 1; volumes by weekday are not on record. None: the mean of the week.
    initial_queue : int
        Vehicles waiting in the first class at midnight.
    baulking, pressure : Baulking, Pressure or None
        Who turns away, and how service speeds up.
    priors : Priors
        What is assumed (``ports.toml``), with what a user holds of it.

    Raises
    ------
    BorderError
        If an argument is not as it must be.
    """
    if mode not in MODES:
        raise BorderError("border_unknown_mode", found=mode, known=", ".join(MODES))
    number("days", days, 1, 366)
    if weekday is not None:
        number("weekday", weekday, 1, 7)
    if trusted_share is not None:
        number("trusted_share", trusted_share, 0, 1)
    per_day, month = arrivals_per_day(facts, port, mode, month)
    shares = class_shares(facts, mode, trusted_share)
    if lanes is None and trusted_share is None and lanes_on_record(facts, port, mode) < len(shares):
        shares = {"general": 1.0}  # too few lanes to keep one for each class
    service = service_minutes(mode, priors)
    workload = {name: shares[name] * service[name] for name in shares}
    if lanes is None and mode == "buses":  # CBP displays no lanes for buses
        lanes = math.ceil(per_day * service["general"] / 1440 / priors.number("border.bus_load"))
    open_lanes = _lanes(facts, port, mode, lanes, workload)
    if officers is not None:
        number("officers", officers, sum(load > 0 for load in workload.values()))
        open_lanes = shared_out(min(officers, sum(open_lanes.values())), workload, open_lanes)
    elif lanes is None:
        load = priors.number("border.booth_load")
        asked = {name: math.ceil(per_day * work / 1440 / load) for name, work in workload.items()}
        open_lanes = {name: min(count, asked[name]) for name, count in open_lanes.items()}
    shape = None if profile is None else _checked_profile(profile)
    referral, minutes = priors.number("border.referral_share"), priors.number("border.secondary_minutes")
    classes = tuple(
        LaneClass(
            name,
            np.tile(
                per_day
                * shares[name]
                * (shape if shape is not None else day_shape(facts, mode, name, weekday)),
                days,
            ),
            np.full(24 * days, open_lanes[name]),
            service[name],
            priors.number("border.service_cv"),
            referral,
            initial_queue if at == 0 else 0,
        )
        for at, name in enumerate(name for name in shares if shares[name] > 0)
    )
    referred = per_day * referral * minutes / 1440
    inspectors = math.ceil(referred / priors.number("border.secondary_load"))
    secondary = Secondary(np.full(24 * days, inspectors), minutes)
    basis = {
        "arrivals_per_day": per_day,
        "month": month,
        "shares": shares,
        "lanes": open_lanes,
        "service_minutes": service,
    }
    return Scenario(classes, secondary, baulking, pressure), basis


def _lanes(
    facts: Facts, port: Port, mode: str, lanes: int | Mapping[str, int] | None, workload: Mapping[str, float]
) -> dict[str, int]:
    if isinstance(lanes, Mapping):
        for name, count in lanes.items():
            if name not in workload:
                raise BorderError("border_unknown_class", found=name, known=", ".join(workload))
            number(f"lanes.{name}", count, 1)
        missing = [name for name, load in workload.items() if load > 0 and name not in lanes]
        if missing:
            raise BorderError("border_class_without_lane", missing=", ".join(missing))
        return {name: int(lanes.get(name, 0)) for name in workload}
    total = lanes_on_record(facts, port, mode) if lanes is None else lanes
    number("lanes", total, sum(load > 0 for load in workload.values()))
    return shared_out(int(total), workload)


def _checked_profile(profile: Sequence[float]) -> Floats:
    shape = hourly("profile", profile)
    if len(shape) != 24 or abs(shape.sum() - 1) > 1e-6:
        raise BorderError("border_profile_sum", hours=len(shape), found=float(shape.sum()))
    return shape


def officer_cost_per_hour(facts: Facts, priors: Priors = PRIORS) -> float | None:
    """Return what an officer costs an hour, in U.S. dollars, from the published cost of a thousand officers a year."""
    cost = facts.sql(
        f"select any_value(value) from published_facts where id = '{STAFF_COST_PER_THOUSAND}' and status = 'verified'"
    ).item()
    if cost is None:
        return None
    return float(cost) / 1000 / priors.number("border.officer_hours_per_year")
