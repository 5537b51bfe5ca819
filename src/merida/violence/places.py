"""Places that a user names: the nation, a state, a municipality; by code, or by name with or without accents."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

from merida.errors import ViolenceError
from merida.facts import Facts
from merida.words import plain, words

Kind = Literal["nation", "state", "municipality"]
NATION_NAMES = ("nation", "mx", "nation:mx", "nacion", "pais", "country")
ALSO = {  # what states are called besides their names of the record
    "09": ("mexico city", "distrito federal", "df"),
    "15": ("state of mexico", "estado de mexico", "edomex"),
}
KINDS = {"estado": "state", "municipio": "municipality"}
SHOWN = 8  # candidates listed in a message


@dataclass(frozen=True)
class Place:
    """A place of the monitor.

    Parameters
    ----------
    kind : {"nation", "state", "municipality"}
        What it is.
    code : str
        ``MX``, the two digits of the state, or the five of the harmonised municipality.
    name : str
        Its name; of a municipality with its state's.
    asked : str
        The name of the municipality that was asked for, where it is a part of the harmonised unit; else empty.
    year_created : int or None
        Year in which that part became a municipality.
    """

    kind: Kind
    code: str
    name: str
    asked: str = ""
    year_created: int | None = None

    @property
    def state(self) -> str | None:
        """The two digits of its state; none for the nation."""
        return None if self.kind == "nation" else self.code[:2]

    @property
    def text(self) -> str:
        """How a user names it: ``nation``, ``state:08``, ``municipality:08037``."""
        return "nation" if self.kind == "nation" else f"{self.kind}:{self.code}"

    def called(self, language: str) -> str:
        """Return its name in a language: the record's Spanish one, but for the nation's."""
        return words(language).text("places.nation") if self.kind == "nation" else self.name

    def where(self) -> str:
        """Return the SQL condition on `municipality` that holds for its deaths, unknown places of a state included."""
        if self.kind == "nation":
            return "true"
        if self.kind == "state":
            return f"municipality[1:2] = '{self.code}'"
        return f"municipality in (select municipality from municipalities where unit_2000 = '{self.code}')"


NATION = Place("nation", "MX", "México")


def find_place(facts: Facts, text: str | None = None) -> Place:
    """Return the place that a user means.

    Parameters
    ----------
    facts : Facts
        The record as of its date: a municipality created later is not there yet.
    text : str or None
        ``nation`` (also None), ``state:08``, ``municipality:08037``, a code alone, a name, or a name with its
        state (``Juárez, Chihuahua``); capitals and accents do not matter.

    Raises
    ------
    ViolenceError
        If there is no such place (the message suggests the nearest), if several bear the name (it lists them),
        or if it was created after the record's date.
    """
    if text is None or plain(text) in NATION_NAMES:
        return NATION
    catalogue = _catalogue(facts)
    wanted = text.strip()
    found = _by_code(catalogue, wanted) or _by_name(catalogue, wanted)
    if len(found) == 1:
        return _place(catalogue, found[0])
    if found:
        raise ViolenceError(
            "place_ambiguous", found=text, candidates="; ".join(map(_label, found[:SHOWN])), count=len(found)
        )
    if facts.as_of:
        later = _catalogue(Facts())
        unborn = _by_code(later, wanted) or _by_name(later, wanted)
        if unborn and unborn[0]["year_created"]:
            raise ViolenceError(
                "place_not_yet", found=text, name=unborn[0]["name"], year=unborn[0]["year_created"],
                month=facts.as_of, parent=f"municipality:{unborn[0]['unit']}",
            )  # fmt: skip
    raise ViolenceError("place_unknown", found=text, nearest="; ".join(map(_label, _near(catalogue, wanted))))


def _catalogue(facts: Facts) -> list[dict[str, Any]]:
    """Return the nation, then every state and municipality, the most populous first (at the last census known)."""
    nation: dict[str, Any] = {
        "kind": "nation",
        "code": "MX",
        "name": "México",
        "also": [],
        "year_created": None,
    }
    rows = facts.sql(
        """with people as (select municipality, arg_max(population, year) as people from population_census group by all)
select 'state' as kind, s.state as code, s.name, s.name as state_name, s.state as unit, null::bigint as year_created,
  [s.official_name, s.abbreviation] as also, coalesce(sum(people), 0) as people
from states s left join people on municipality[1:2] = s.state group by all
union all by name
select 'municipality' as kind, m.municipality as code, m.name, s.name as state_name, unit_2000 as unit, year_created,
  []::varchar[] as also, coalesce(people, 0) as people
from municipalities m join states s using (state) left join people using (municipality)
order by people desc, code"""
    ).to_dicts()
    return [nation, *rows]


def _by_code(catalogue: list[dict[str, Any]], wanted: str) -> list[dict[str, Any]]:
    """Return the place of a code, with or without its leading zero; a kind before it must be the place's."""
    coded = re.fullmatch(r"(?:(\w+)\s*:)?\s*(\d{1,2}|\d{4,5})", plain(wanted))
    if not coded:
        return []
    code = coded[2].zfill(2 if len(coded[2]) <= 2 else 5)
    kind = KINDS.get(coded[1], coded[1])
    return [row for row in catalogue if row["code"] == code and kind in (None, row["kind"])]


def _by_name(catalogue: list[dict[str, Any]], wanted: str) -> list[dict[str, Any]]:
    """Return the places of a name; a kind before it or a state after it, in full or short, narrows the choice."""
    kind, _, rest = plain(wanted).rpartition(":")
    kind = KINDS.get(kind.strip(), kind.strip())
    name, _, state = (part.strip() for part in rest.partition(","))
    state = state.replace(".", "")

    def names(row: dict[str, Any]) -> set[str]:
        return {plain(row["name"]), *map(plain, row["also"]), *ALSO.get(row["code"], ())}

    states = {row["code"] for row in catalogue if row["kind"] == "state" and state in names(row)}

    def named(name: str) -> list[dict[str, Any]]:
        return [
            row
            for row in catalogue
            if name in names(row)
            and kind in ("", row["kind"])
            and (not state or (row["kind"] == "municipality" and row["code"][:2] in states))
        ]

    # A city often bears the municipality's name with the word city before it.
    return named(name) or named(re.sub(r"^(ciudad|cd\.?) ", "", name))


def _near(catalogue: list[dict[str, Any]], wanted: str) -> list[dict[str, Any]]:
    """Return the places whose code begins alike, or whose name is nearest."""
    bare = plain(wanted).rpartition(":")[2].partition(",")[0].strip()
    if bare.isdigit():
        alike = [row for row in catalogue[1:] if len(row["code"]) == (2 if len(bare) <= 2 else 5)]
        return sorted(alike, key=lambda row: (abs(int(row["code"]) - int(bare)), row["code"]))[:3]
    names = {plain(row["name"]): row for row in reversed(catalogue)}  # the most populous of a name stays
    near = [name for name in names if bare and name.startswith(bare)][::-1]
    near += get_close_matches(bare, names, n=3, cutoff=0.5)
    near += [name for name in names if bare and bare in name]
    return [names[name] for name in dict.fromkeys(near)][:3] or catalogue[1:4]


def _label(row: dict[str, Any]) -> str:
    kind = row["kind"]
    if kind == "nation":
        return f"nation ({row['name']})"
    named = row["name"] if kind == "state" else f"{row['name']}, {row['state_name']}"
    return f"{kind}:{row['code']} ({named})"


def _place(catalogue: list[dict[str, Any]], row: dict[str, Any]) -> Place:
    if row["kind"] == "nation":
        return NATION
    if row["kind"] == "state":
        return Place("state", row["code"], row["name"])
    if row["unit"] == row["code"]:
        return Place("municipality", row["code"], f"{row['name']}, {row['state_name']}")
    unit = next(
        other for other in catalogue if other["kind"] == "municipality" and other["code"] == row["unit"]
    )
    return Place(
        "municipality",
        unit["code"],
        f"{unit['name']}, {unit['state_name']}",
        row["name"],
        row["year_created"],
    )
