"""The one finder of ports and crossings: what a user may call them, in English or Spanish, and what is meant.

A name is compared without case, accents and signs. It is looked for as a number, then as a whole name, then as a whole
name without the words that say only that it is a crossing, then as part of a name. Where several ports or crossings
fit equally well, the user is shown them and asked for a number; where none does, the nearest names are shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from merida.border.crossings.sites import (
    CLASSES,
    MODES,
    Place,
    Port,
    Site,
    first_volume,
    listed,
    sites,
    traffic,
)
from merida.errors import BorderError, nearest
from merida.facts import Facts
from merida.shipped import toml
from merida.words import plain

Named = dict[Place, tuple[str, ...]]  # the names of each port and crossing


@cache
def other_names() -> dict[str, Any]:
    """Return what ``names.toml`` holds: other names of ports and crossings by number, and words that tell none apart."""
    return toml("border/crossings/names.toml")


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name in lower case, without accents and signs."""
    return tuple(re.findall(r"[a-z0-9]+", plain(name).replace("&", " and ")))


def telling(name: str) -> tuple[str, ...]:
    """Return the words of a name that tell it from others."""
    return tuple(word for word in words_of(name) if word not in other_names()["silent"])


@lru_cache(maxsize=4)
def named_places(facts: Facts) -> Named:
    """Return every port of the record and every crossing of those ports, with all their names."""
    codes = facts.sql("select port, name from ports order by port").rows()
    ports = {code: Port(code, name) for code, name in codes}
    bridges = dict(facts.sql("select bridge, name from bridges").rows())
    others = other_names()
    named: Named = {
        Place(port, None, port.name): (port.name, *others["ports"].get(code, ()))
        for code, port in ports.items()
    }
    for crossing, about in listed().items():
        if about["port"] in ports:
            names = [about["name"], *others["crossings"].get(crossing, ())]
            if about.get("bridge") in bridges:
                names.append(bridges[about["bridge"]])
            named[Place(ports[about["port"]], crossing, about["name"])] = tuple(names)
    return named


def find_place(facts: Facts, wanted: str) -> Place:
    """Return the port or the crossing that a user names.

    Where a port and crossings of it share a name, the port is meant; `one_site` narrows it to a crossing.

    Parameters
    ----------
    facts : Facts
        The record, which may be as of a date.
    wanted : str
        A port's code, a crossing's number, with or without a zero before it, or a name: ``2504``, ``0250401``,
        ``San Ysidro``, ``BOTA``, ``Puente del Comercio Mundial``.

    Returns
    -------
    Place
        The port, and the crossing where one was named.

    Raises
    ------
    BorderError
        If nothing is called so (the message holds the nearest names), if several places are (it lists them), or if
        nothing had been published of the border, or of the place, by the record's date.

    Examples
    --------
    >>> find_place(Facts(), "BOTA").name
    'Bridge of the Americas'
    """
    first_volume(facts)
    named = named_places(facts)
    places = fitting(named, wanted)
    whole_ports = {place.port for place in places if place.crossing is None}
    places = [place for place in places if place.crossing is None or place.port not in whole_ports]
    if len(places) == 1:
        return places[0]
    if places:
        known = ", ".join(f"{place.crossing or place.port.code} {place.name}" for place in places)
        raise BorderError("border_several_places", found=wanted, known=known)
    if facts.as_of is not None and fitting(named_places(Facts()), wanted):
        raise BorderError("border_place_not_yet", found=wanted, as_of=facts.as_of)
    close = nearest(wanted.strip(), {name for names in named.values() for name in names})
    raise BorderError("border_unknown_place", found=wanted.strip()[:80], nearest=close)


def crossing_name(facts: Facts, crossing: str) -> str:
    """Return the name of a crossing by its number: ours, or that of CBP's feed with the port before it.

    Examples
    --------
    >>> crossing_name(Facts(), "250407")
    'PedWest'
    """
    if crossing in listed():
        return str(listed()[crossing]["name"])
    rows = facts.sql(
        f"select port_name, crossing_name from wait_crossings where crossing = '{crossing}'"
    ).rows()
    return ", ".join(part for part in rows[0] if part) if rows else crossing


def fitting(named: Named, wanted: str) -> list[Place]:
    """Return the places that a name fits best: by number, by whole name, by its telling words, by some of them."""
    number, spoken, sought = plain(wanted).lstrip("0"), words_of(wanted), telling(wanted)
    tests: tuple[Callable[[Place, str], bool], ...] = (
        lambda place, _: number == plain(place.crossing or place.port.code).lstrip("0"),
        lambda _, name: spoken == words_of(name),
        lambda _, name: bool(sought) and sought == telling(name),
        lambda _, name: bool(sought) and set(sought) <= set(telling(name)),
    )
    for fits in tests:
        places = [place for place, names in named.items() if any(fits(place, name) for name in names)]
        if places:
            return places
    return []


def one_site(facts: Facts, place: Place, mode: str) -> Site:
    """Return the one crossing of a place that serves a mode.

    Where several do, the one that is called as the place is meant: San Ysidro, of the port of San Ysidro.

    Parameters
    ----------
    place : Place
        From `find_place`.
    mode : {"trucks", "cars", "pedestrians"}
        What crosses there.

    Raises
    ------
    BorderError
        If there is no such mode, if the place does not serve it, or if several of its crossings do.

    Examples
    --------
    >>> one_site(Facts(), find_place(Facts(), "Otay Mesa"), "trucks").name
    'Otay Mesa Commercial'
    """
    serving = sites(facts, place, mode)
    chosen = [site for site in serving if plain(site.name) == plain(place.name)] or serving
    if len(chosen) == 1:
        return chosen[0]
    known = ", ".join(f"{site.crossing} {site.name}" for site in chosen)
    raise BorderError("border_several_places", found=place.name, known=known)


def posted_by(facts: Facts, first: str | None = None) -> None:
    """Refuse a date at which posted waits, or what was fitted to them, were not yet known.

    Parameters
    ----------
    first : str or None
        The month ``YYYY-MM`` from which they are known; None: that of the first posted waits.

    Raises
    ------
    BorderError
        If the record is as of an earlier month; the message says from which.

    Examples
    --------
    >>> posted_by(Facts())
    """
    if facts.as_of is None:
        return
    first = first or Facts().sql("select min(available_from) from posted_waits").item()
    if facts.as_of < str(first):
        raise BorderError("border_no_posted_waits_yet", as_of=facts.as_of, first=first)


# Where a lane class that a crossing has leaves a trace.
LANES_ON_RECORD = "posted_waits", "border_waits", "lanes_open_snapshot"


@lru_cache(maxsize=4)
def lane_types(facts: Facts) -> frozenset[tuple[str, str, str]]:
    """Return every (crossing, lane_group, lane_type) of which a wait or an open lane is on record."""
    query = " union ".join(
        f"select crossing, lane_group, lane_type from {table} where "
        + ("lanes_open > 0" if table == "lanes_open_snapshot" else "wait_minutes is not null")
        for table in LANES_ON_RECORD
    )
    return frozenset(facts.sql(query).rows())


def lanes_of(facts: Facts, site: Site) -> tuple[str, ...]:
    """Return the classes of lanes that a crossing has for a mode, as far as the record says; else every class of it.

    Examples
    --------
    >>> lanes_of(Facts(), one_site(Facts(), find_place(Facts(), "DeConcini"), "cars"))
    ('general', 'sentri')
    """
    known, group = lane_types(facts), MODES[site.mode][1]
    classes = CLASSES[site.mode]
    found = tuple(lane for lane, kind in classes.items() if (site.crossing, group, kind) in known)
    return found or tuple(classes)


def one_lane(facts: Facts, site: Site, lane: str) -> str:
    """Return a class of lanes of a crossing, by our name or by that of U.S. Customs and Border Protection.

    Raises
    ------
    BorderError
        If the crossing has no lanes of that class; the message lists those that it has.

    Examples
    --------
    >>> one_lane(Facts(), one_site(Facts(), find_place(Facts(), "BOTA"), "cars"), "standard")
    'general'
    """
    here = lanes_of(facts, site)
    wanted = plain(lane)
    for name in here:
        if wanted in (name, CLASSES[site.mode][name]):
            return name
    raise BorderError(
        "border_lane_not_served",
        found=lane.strip()[:40],
        crossing=site.name,
        number=site.crossing,
        mode=traffic(site.mode),
        known=", ".join(here),
    )
