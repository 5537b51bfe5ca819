"""The crossings of the record: each gate or bridge with its mode, its lanes, its hours and its volumes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from merida.border.crossings.ports import MODES, Port
from merida.errors import BorderError
from merida.facts import Facts

# Kinds of lane in CBP's tables, by mode, in the order of the classes here.
CLASSES = {
    "trucks": {"general": "standard", "fast": "fast"},
    "cars": {"general": "standard", "ready": "ready", "sentri": "sentri"},
    "pedestrians": {"general": "standard", "ready": "ready"},
}


@dataclass(frozen=True, eq=False)
class Site:
    """One crossing and one mode.

    Parameters
    ----------
    crossing : str
        CBP's number of the crossing.
    name : str
    port : Port
    mode : {"trucks", "cars", "pedestrians"}
    bridge : str or None
        Its bridge in the counts by bridge.
    lanes : int or None
        The most lanes that CBP displays (2022); None where that had not been published at the date.
    open_hours : array of bool, shape (24,)
        Hours of the day in which it is open; all of them where not on record.
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
        """The dotted path of the site's draws."""
        return f"{self.crossing}.{self.mode}"


@cache
def listed() -> Mapping[str, Mapping[str, Any]]:
    """Return the crossings by number, read from ``sites.toml``."""
    return tomllib.loads((files("merida.border.crossings") / "sites.toml").read_text(encoding="utf-8"))


def open_hours(text: str | None) -> npt.NDArray[np.bool_]:
    """Return the hours in which a crossing is open, from CBP's text (``6 am-10 pm``, ``24 hrs/day``)."""
    hour = np.arange(24)
    found = re.fullmatch(r"(\d+) (am|pm)-(?:(\d+) (am|pm)|Midnight)", text or "")
    if found is None:
        return hour >= 0
    first, half, last, other = found.groups()
    opens = int(first) % 12 + 12 * (half == "pm")
    closes = 24 if last is None else int(last) % 12 + 12 * (other == "pm")
    return np.asarray((hour >= opens) & (hour < closes))


def sites(facts: Facts, port: Port | None = None, mode: str | None = None) -> tuple[Site, ...]:
    """Return the crossings with traffic on record, by port, crossing and mode.

    Parameters
    ----------
    port, mode : Port, str or None
        Only those of a port, of a mode.

    Raises
    ------
    BorderError
        If the mode does not exist, or the port does not serve it.
    """
    if mode is not None and mode not in CLASSES:
        raise BorderError("border_unknown_mode", found=mode, known=", ".join(CLASSES))
    found = tuple(
        site
        for site in every_site(facts)
        if (port is None or site.port.code == port.code) and mode in (None, site.mode)
    )
    if not found and port is not None and mode is not None:
        raise BorderError("border_mode_not_served", port=port.name, mode=mode)
    return found


@lru_cache(maxsize=4)
def every_site(facts: Facts) -> tuple[Site, ...]:
    """Return all crossings with traffic on record, by port, crossing and mode; kept for the last few records asked."""
    lanes = {
        (crossing, group): (count, hours)
        for crossing, group, count, hours in facts.sql(
            "select crossing, lane_group, max(lanes), any_value(hours) from port_lanes group by all"
        ).rows()
    }
    names = dict(facts.sql("select port, name from ports").rows())
    crossed = counts(facts)
    found = []
    for crossing, about in listed().items():
        for one in about["modes"]:
            bridge, measure = about.get("bridge"), MODES[one][0]
            if (bridge or about["port"], measure) not in crossed or about["port"] not in names:
                continue
            count, hours = lanes.get((crossing, MODES[one][1]), (None, None))
            at = Port(about["port"], names[about["port"]])
            found.append(Site(crossing, about["name"], at, one, bridge, count, open_hours(hours)))
    return tuple(sorted(found, key=lambda site: (site.port.code, site.crossing, site.mode)))


@lru_cache(maxsize=4)
def counts(facts: Facts) -> dict[tuple[str, str], dict[str, float]]:
    """Return the mean crossings a day by month of every (bridge or port, measure) that ever counted anything."""
    per_day = "crossings / day(last_day((month || '-01')::date))"
    found: dict[tuple[str, str], dict[str, float]] = {}
    for place, measure, month, count in facts.sql(
        f"select bridge as place, measure, month, {per_day} from bridge_crossings where crossings > 0 "
        f"union all select port, measure, month, {per_day} from border_crossings where crossings > 0 order by all"
    ).rows():
        found.setdefault((place, measure), {})[month] = count
    return found


def volumes(facts: Facts, site: Site) -> dict[str, float]:
    """Return the mean crossings a day of a site by month ``YYYY-MM``, months with traffic only.

    A bridge has counts of its own. Elsewhere the port's count is shared among its crossings without one, in
    proportion to lanes (equally where lanes are not known).
    """
    of_place = counts(facts)[site.bridge or site.port.code, MODES[site.mode][0]]
    share = 1.0
    if site.bridge is None:
        others = [one for one in sites(facts, site.port, site.mode) if one.bridge is None]
        share = float(site.lanes or 1) / sum(float(one.lanes or 1) for one in others)
    return {month: share * count for month, count in of_place.items()}


def per_day(facts: Facts, site: Site, when: str | None = None) -> tuple[float, str]:
    """Return the mean crossings a day of a site in a month ``YYYY-MM`` or a year ``YYYY``, and which.

    Parameters
    ----------
    when : str or None
        None: the last year of which all months are on record for the whole border, or the site's last year.

    Raises
    ------
    BorderError
        If the period is not on record there.
    """
    found = volumes(facts, site)
    when = when or min(last_full_year(facts), max(found)[:4])
    counted = [count for month, count in found.items() if month == when or month[:4] == when]
    if not counted:
        raise BorderError(
            "border_month_not_on_record",
            port=site.name,
            mode=site.mode,
            month=when,
            first=min(found),
            last=max(found),
        )
    return sum(counted) / len(counted), when


def on_record(facts: Facts, chosen: Iterable[Site], when: str | None) -> tuple[Site, ...]:
    """Return those of the sites that have traffic in a month or a year (None: any)."""
    return tuple(
        site
        for site in chosen
        if when is None or any(month == when or month[:4] == when for month in volumes(facts, site))
    )


def last_full_year(facts: Facts) -> str:
    """Return the last year of which the port counts hold every month."""
    return str(
        facts.sql(
            "select max(year) from (select year from border_crossings group by year having count(distinct month) = 12)"
        ).item()
    )
