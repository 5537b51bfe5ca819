"""The crossings of the record: each gate or bridge with what crosses it, its lanes, its hours and its volumes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from merida.errors import BorderError, Word
from merida.facts import Facts
from merida.shipped import toml

# What is counted of each mode in the table of crossings, and the group of lanes that serves it.
MODES = {
    "trucks": ("trucks", "commercial"),
    "cars": ("personal_vehicles", "passenger"),
    "pedestrians": ("pedestrians", "pedestrian"),
    "buses": ("buses", "commercial"),
}
TRUSTED = {"trucks": "fast", "cars": "sentri", "pedestrians": "ready"}  # the class for trusted travellers
NO_MONTH = "9999-12"  # after all months on record
# Kinds of lane in the tables of U.S. Customs and Border Protection (CBP), by mode, in the order of the classes here.
CLASSES = {
    "trucks": {"general": "standard", "fast": "fast"},
    "cars": {"general": "standard", "ready": "ready", "sentri": "sentri"},
    "pedestrians": {"general": "standard", "ready": "ready"},
}


@dataclass(frozen=True)
class Port:
    """A port of entry of the record, by CBP's code and by its name."""

    code: str
    name: str


@dataclass(frozen=True)
class Place:
    """A port of entry, or one crossing of a port.

    Parameters
    ----------
    port : Port
        The port of entry.
    crossing : str or None
        CBP's number of the crossing; None where the whole port is meant.
    name : str
        The name of the crossing, or else of the port.
    """

    port: Port
    crossing: str | None
    name: str


@dataclass(frozen=True, eq=False)
class Site:
    """One crossing and one mode of traffic there.

    Parameters
    ----------
    crossing : str
        The crossing's number in CBP's list.
    name : str
        The crossing's name.
    port : Port
        The port of entry to which the crossing belongs.
    mode : {"trucks", "cars", "pedestrians"}
        What crosses.
    bridge : str or None
        The code of the bridge in the counts by bridge, which exist for Texas; None elsewhere.
    lanes : int or None
        The most lanes that CBP displays (2022); None where that had not been published at the date.
    open_hours : array of bool, shape (24,)
        The hours of the day in which the crossing is open. Where they are not on record, all hours are.
    """

    crossing: str
    name: str
    port: Port
    mode: str
    bridge: str | None
    lanes: int | None
    open_hours: npt.NDArray[np.bool_]

    @property
    def key(self) -> str:
        """The dotted path under which the site's random draws are named."""
        return f"{self.crossing}.{self.mode}"


@cache
def listed() -> Mapping[str, Mapping[str, Any]]:
    """Return the crossings by number as ``sites.toml`` describes them."""
    return toml("border/crossings/sites.toml")


def open_hours(text: str | None) -> npt.NDArray[np.bool_]:
    """Return the hours in which a crossing is open.

    Parameters
    ----------
    text : str or None
        The hours as CBP writes them: ``6 am-10 pm``, ``8 am-Midnight``, ``24 hrs/day``. None means that they
        are not on record.

    Returns
    -------
    array of bool, shape (24,)
    """
    hour = np.arange(24)
    match = re.fullmatch(r"(\d+) (am|pm)-(?:(\d+) (am|pm)|Midnight)", text or "")
    if match is None:
        return hour >= 0
    first, first_half, last, last_half = match.groups()
    opens = int(first) % 12 + 12 * (first_half == "pm")
    closes = 24 if last is None else int(last) % 12 + 12 * (last_half == "pm")
    return np.asarray((hour >= opens) & (hour < closes))


def sites(facts: Facts, place: Place | None = None, mode: str | None = None) -> tuple[Site, ...]:
    """Return the crossings that have traffic on record, sorted by port, crossing and mode.

    Parameters
    ----------
    place : Place or None
        Only the crossings of this port, or this crossing; None: all crossings of the border.
    mode : str or None
        Only this mode; None: all modes.

    Raises
    ------
    BorderError
        If the mode does not exist, or the place does not serve it.

    Examples
    --------
    >>> [site.name for site in sites(Facts(), find_place(Facts(), "Nogales"), "trucks")]
    ['Mariposa']
    """
    if mode is not None and mode not in CLASSES:
        raise BorderError("border_unknown_mode", found=mode, known=", ".join(CLASSES))
    chosen = tuple(
        site
        for site in every_site(facts)
        if (place is None or (site.port.code == place.port.code and place.crossing in (None, site.crossing)))
        and mode in (None, site.mode)
    )
    if not chosen and place is not None and mode is not None:
        raise BorderError("border_mode_not_served", port=place.name, mode=traffic(mode))
    return chosen


@lru_cache(maxsize=4)
def every_site(facts: Facts) -> tuple[Site, ...]:
    """Return all crossings with traffic on record; the answer is kept for the last few records that were asked."""
    lanes = {
        (crossing, group): (count, hours)
        for crossing, group, count, hours in facts.sql(
            "select crossing, lane_group, max(lanes), any_value(hours) from port_lanes group by all"
        ).rows()
    }
    names = dict(facts.sql("select port, name from ports").rows())
    known = []
    for crossing, about in listed().items():
        if about["port"] not in names:
            continue
        for mode in about["modes"]:
            count, hours = lanes.get((crossing, MODES[mode][1]), (None, None))
            port = Port(about["port"], names[about["port"]])
            known.append(
                Site(crossing, about["name"], port, mode, about.get("bridge"), count, open_hours(hours))
            )
    counted = (site for site in known if volumes_among(facts, site, known))
    return tuple(sorted(counted, key=lambda site: (site.port.code, site.crossing, site.mode)))


@lru_cache(maxsize=4)
def counts(facts: Facts) -> dict[tuple[str, str], dict[str, float]]:
    """Return the mean crossings a day by month, for every bridge or port and every measure with any count above 0."""
    per_day = "crossings / day(last_day((month || '-01')::date))"
    by_place: dict[tuple[str, str], dict[str, float]] = {}
    for place, measure, month, count in facts.sql(
        f"select bridge as place, measure, month, {per_day} from bridge_crossings where crossings > 0 "
        f"union all select port, measure, month, {per_day} from border_crossings where crossings > 0 order by all"
    ).rows():
        by_place.setdefault((place, measure), {})[month] = count
    return by_place


@lru_cache(maxsize=4)
def first_volume(facts: Facts) -> str:
    """Return the first month with any volume on record.

    Raises
    ------
    BorderError
        If no volume had been published by the record's date; the message says from which date there is one.
    """
    first = facts.sql("select min(month) from border_crossings").item()
    if first is None:
        from_then = Facts().sql("select min(available_from) from border_crossings").item()
        raise BorderError("border_no_volume_yet", as_of=facts.as_of, first=from_then)
    return str(first)


def traffic(mode: str) -> Word:
    """Return a kind of traffic as messages name it."""
    return Word(f"border.modes.{mode}")


@lru_cache(maxsize=4)
def counted_by_bridge(facts: Facts) -> str:
    """Return the first month of the counts by bridge, or a month after all others where there are none."""
    return str(facts.sql("select min(month) from bridge_crossings").item() or NO_MONTH)


def volumes(facts: Facts, site: Site) -> dict[str, float]:
    """Return the mean crossings a day of a site by month ``YYYY-MM``; only months with traffic are there.

    A bridge of Texas has counts of its own from 2008 on. Elsewhere, and before 2008, the port's count is shared
    among its crossings that have none of their own, in proportion to lanes, or equally where lanes are not known.
    Only bridges that had been opened share a count.
    """
    return volumes_among(facts, site, every_site(facts))


def volumes_among(facts: Facts, site: Site, known: Iterable[Site]) -> dict[str, float]:
    """Return the mean crossings a day of a site by month, as `volumes` does, among the crossings given."""
    by_place, measure = counts(facts), MODES[site.mode][0]
    of_port = by_place.get((site.port.code, measure), {})
    rivals = [other for other in known if (other.port.code, other.mode) == (site.port.code, site.mode)]
    if site.bridge is None:
        share = share_of(site, [other for other in rivals if other.bridge is None])
        return {month: share * count for month, count in of_port.items()}
    own = by_place.get((site.bridge, measure), {})
    if not own and counted_by_bridge(facts) < NO_MONTH:
        return {}  # the counts by bridge hold nothing of this mode there
    shared = {}
    for month, count in of_port.items():
        if month < counted_by_bridge(facts) and opened(site) <= month:
            share = share_of(site, [other for other in rivals if opened(other) <= month])
            shared[month] = share * count
    return shared | own


def share_of(site: Site, rivals: Iterable[Site]) -> float:
    """Return a crossing's share of its port's count: its lanes over those of all crossings that share it."""
    return float(site.lanes or 1) / sum(float(other.lanes or 1) for other in rivals)


def opened(site: Site) -> str:
    """Return the month in which a crossing opened; an early month where it is older than the record."""
    return str(listed()[site.crossing].get("opened", "0000-01"))


def per_day(facts: Facts, site: Site, when: str | None = None) -> tuple[float, str]:
    """Return the mean crossings a day of a site in a period, and the period.

    Parameters
    ----------
    when : str or None
        A month ``YYYY-MM`` or a year ``YYYY``. None means the last full year on record; where the site has no
        traffic in it, the last earlier year in which it has some, or else, for a new crossing, its last year.

    Raises
    ------
    BorderError
        If the period is not on record at the site.

    Examples
    --------
    >>> per_day(Facts(), site, "2012-10")[1]
    '2012-10'
    """
    by_month = volumes(facts, site)
    if when is None:
        years = {month[:4] for month in by_month}
        when = max((year for year in years if year <= last_full_year(facts)), default=max(years))
    counted = [count for month, count in by_month.items() if when in (month, month[:4])]
    if not counted:
        raise BorderError(
            "border_month_not_on_record",
            port=site.name,
            mode=traffic(site.mode),
            month=when,
            first=min(by_month),
            last=max(by_month),
        )
    return sum(counted) / len(counted), when


def on_record(facts: Facts, chosen: Iterable[Site], when: str | None) -> tuple[Site, ...]:
    """Return those of the sites that have traffic in a month or a year; with None all of them.

    Examples
    --------
    >>> [site.name for site in on_record(facts, sites(facts, mode="trucks"), "2012")][:2]
    ['Veterans at Los Tomates', 'Free Trade (Los Indios)']
    """
    return tuple(
        site
        for site in chosen
        if when is None or any(when in (month, month[:4]) for month in volumes(facts, site))
    )


def busiest(facts: Facts, chosen: Iterable[Site], when: str, count: int) -> tuple[Site, ...]:
    """Return so many sites of each mode, those with the most traffic a day in a month or year, the busiest first.

    Examples
    --------
    >>> trucks = on_record(facts, sites(facts, mode="trucks"), "2024")
    >>> [site.name for site in busiest(facts, trucks, "2024", 1)]
    ['World Trade Bridge']
    """
    ordered = sorted(chosen, key=lambda site: -per_day(facts, site, when)[0])
    by_mode: dict[str, list[Site]] = {}
    for site in ordered:
        by_mode.setdefault(site.mode, []).append(site)
    return tuple(site for there in by_mode.values() for site in there[:count])


@lru_cache(maxsize=4)
def last_full_year(facts: Facts) -> str:
    """Return the last year of which the port counts hold every month, or the first year while none is full.

    Raises
    ------
    BorderError
        If no volume had been published by the record's date.

    Examples
    --------
    >>> last_full_year(Facts("2012-12"))
    '2011'
    """
    full = facts.sql(
        "select max(year) from (select year from border_crossings group by year having count(distinct month) = 12)"
    ).item()
    return first_volume(facts)[:4] if full is None else str(full)
