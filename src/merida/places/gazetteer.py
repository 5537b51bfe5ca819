"""The gazetteer of the record: every state and municipality with the codes and names by which users name them.

Names are compared without capitals, accents and full stops. Besides the names of the record there are those of
``aliases.toml``: head towns that do not bear their municipality's name, states in English, official abbreviations.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, cached_property, lru_cache
from typing import Literal

from merida.errors import PlaceError
from merida.facts import Facts
from merida.shipped import toml, whole
from merida.words import Words, plain, words

Kind = Literal["nation", "state", "municipality"]
NATION_NAMES = ("nation", "mx", "nation:mx", "nacion", "pais", "country")
KINDS = {
    "estado": "state",
    "edo": "state",
    "municipio": "municipality",
    "muni": "municipality",
    "mun": "municipality",
}
COUNTRY = ("mexico", "mx")  # after a name and its state it says nothing more
CITY = re.compile(r"^(?:h(?:eroica)? )?(?:ciudad (?:de )?)?")  # what stands before the names of cities
SHOWN = 8  # candidates listed in a message

CATALOGUE = """
with people as (select municipality, arg_max(population, year) as people from population_census group by all)
select 'state' as kind, s.state as code, s.name, s.name as state_name, s.state as unit, null::bigint as year_created,
  [s.official_name, s.abbreviation] as also, coalesce(sum(people), 0) as people
from states s left join people on municipality[1:2] = s.state group by all
union all by name
select 'municipality' as kind, m.municipality as code, m.name, s.name as state_name, unit_2000 as unit, year_created,
  []::varchar[] as also, coalesce(people, 0) as people
from municipalities m join states s using (state) left join people using (municipality)
order by people desc, code"""


@dataclass(frozen=True)
class Place:
    """The nation, a state, or a harmonised municipality (one of those that existed in 2000).

    Parameters
    ----------
    kind : {"nation", "state", "municipality"}
        What it is.
    code : str
        ``MX``, the two digits of the state, or the five of the harmonised municipality.
    name : str
        Its name; of a municipality with its state's.
    asked : str
        The name of the municipality that was asked for, where it is a part of the harmonised one; else empty.
    year_created : int or None
        Year in which that part became a municipality.
    parts : tuple of (str, int)
        Every municipality taken from this one since 2000, by name and year; their deaths are counted here.

    Examples
    --------
    >>> place = find_place(Facts(), "Cancún")
    >>> place.text, place.name
    ('municipality:23005', 'Benito Juárez, Quintana Roo')
    """

    kind: Kind
    code: str
    name: str
    asked: str = ""
    year_created: int | None = None
    parts: tuple[tuple[str, int], ...] = ()

    @property
    def state(self) -> str | None:
        """The two digits of its state; None for the nation."""
        return None if self.kind == "nation" else self.code[:2]

    @property
    def text(self) -> str:
        """How a user names it: ``nation``, ``state:08``, ``municipality:08037``."""
        return "nation" if self.kind == "nation" else f"{self.kind}:{self.code}"

    def called(self, language: str) -> str:
        """Return its name in a language: the record's Spanish one, but for the nation's."""
        return words(language).text("places.nation") if self.kind == "nation" else self.name

    def note(self, said: Words) -> str | None:
        """Return the sentence on municipalities that are shown as one with it, or None where there are none."""
        if self.asked:
            return said.text(
                "places.part", asked=self.asked, year=self.year_created, place=self.name, code=self.text
            )
        if self.parts:
            listed = ", ".join(f"{name} ({year})" for name, year in self.parts)
            return said.text("places.whole", place=self.name, parts=listed)
        return None

    def where(self) -> str:
        """Return the SQL condition on `municipality` that holds for its deaths, unknown places of a state included."""
        if self.kind == "nation":
            return "true"
        if self.kind == "state":
            return f"municipality[1:2] = '{self.code}'"
        return f"municipality in (select municipality from municipalities where unit_2000 = '{self.code}')"


NATION = Place("nation", "MX", "México")


@dataclass(frozen=True)
class Entry:
    """One line of the gazetteer.

    Parameters
    ----------
    kind, code, name : str
        As of a `Place`, but for the code of a municipality, which is its own and not the harmonised one's.
    state_name : str
        Name of its state.
    unit : str
        Code of the harmonised municipality; of a state its own.
    year_created : int or None
        Year in which it became a municipality, if that was after 1990.
    also : tuple of str
        Its other names.
    """

    kind: Kind
    code: str
    name: str
    state_name: str = ""
    unit: str = ""
    year_created: int | None = None
    also: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """How a message lists it: its code as a user may give it, then its name."""
        if self.kind == "nation":
            return f"nation ({self.name})"
        name = self.name if self.kind == "state" else f"{self.name}, {self.state_name}"
        return f"{self.kind}:{self.code} ({name})"


class Gazetteer:
    """Every place of the record at a date, found by code or name.

    Parameters
    ----------
    entries : iterable of Entry
        The most populous first: in this order candidates are listed.

    Examples
    --------
    >>> gazetteer = Gazetteer.of(Facts())
    >>> [entry.code for entry in gazetteer.matches("Distrito Federal")]
    ['09']
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)

    @classmethod
    @lru_cache(maxsize=4)
    def of(cls, facts: Facts) -> Gazetteer:
        """Return the gazetteer of a record, made once; a municipality created after its date is not there yet."""
        rows = facts.sql(CATALOGUE).drop("people").to_dicts()
        entries = (Entry(**row | {"also": (*row["also"], *aliases().get(row["code"], ()))}) for row in rows)
        return cls((Entry("nation", "MX", NATION.name), *entries))

    @cached_property
    def by_code(self) -> dict[str, Entry]:
        """Every entry by its code."""
        return {entry.code: entry for entry in self.entries}

    @cached_property
    def by_name(self) -> dict[str, list[Entry]]:
        """Every entry by each of its names, as they are compared."""
        named: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            for name in dict.fromkeys(map(simplified, (entry.name, *entry.also))):
                named[name].append(entry)
        return named

    def matches(self, text: str) -> list[Entry]:
        """Return every place that a text may mean, the most populous first; none where there is no such place.

        Parameters
        ----------
        text : str
            A code with or without its leading zero, or a name with or without its state. ``state:`` or
            ``municipality:`` (``muni:``, ``municipio:``) before it narrows the choice.
        """
        if simplified(text) in NATION_NAMES:
            return [self.by_code["MX"]]
        kind, _, rest = simplified(text).rpartition(":")
        kind = KINDS.get(kind.strip(), kind.strip())
        if re.fullmatch(r"\d{1,2}|\d{4,5}", rest.strip()):
            entry = self.by_code.get(rest.strip().zfill(2 if len(rest.strip()) <= 2 else 5))
            return [entry] if entry and kind in ("", entry.kind) else []
        name, *after = (part.strip() for part in rest.replace("(", ",").replace(")", "").split(","))
        if len(after) == 2 and after[1] in COUNTRY:
            after.pop()
        if len(after) > 1:
            return []
        found = [entry for entry in self._named(name) if kind in ("", entry.kind)]
        if not after:
            return found
        states = {entry.code for entry in self.by_name.get(after[0], ()) if entry.kind == "state"}
        return [entry for entry in found if entry.kind == "municipality" and entry.code[:2] in states]

    def _named(self, name: str) -> list[Entry]:
        """Return the entries of a whole name; else without the word city; else those that go on with a hero's name."""
        if name in self.by_name:
            return self.by_name[name]
        city = CITY.sub("", name, count=1)
        longer = {
            known: entries
            for known, entries in self.by_name.items()
            if city and known.startswith(f"{city} de ")
        }
        same = self.by_name.get(city) or [entry for entries in longer.values() for entry in entries]
        return [entry for entry in dict.fromkeys(same) if entry.kind == "municipality"]

    def nearest(self, text: str) -> list[Entry]:
        """Return up to three places whose code begins alike, or whose name is nearest."""
        bare = simplified(text).rpartition(":")[2].partition(",")[0].strip()
        if bare.isascii() and bare.isdigit():
            digits = 2 if len(bare) <= 2 else 5
            alike = [entry for entry in self.entries[1:] if len(entry.code) == digits]
            return sorted(alike, key=lambda entry: (abs(int(entry.code) - int(bare[:9])), entry.code))[:3]
        near = [name for name in self.by_name if bare and name.startswith(bare)]
        near += get_close_matches(bare[:60], self.by_name, n=3, cutoff=0.5)
        near += [name for name in self.by_name if bare and bare in name]
        listed = dict.fromkeys(self.by_name[name][0] for name in near)
        return list(listed)[:3] or list(self.entries[1:4])

    def place(self, entry: Entry) -> Place:
        """Return the place of an entry; of a municipality created since 2000 that of which it was a part."""
        if entry.kind == "nation":
            return NATION
        if entry.kind == "state":
            return Place("state", entry.code, entry.name)
        unit = self.by_code[entry.unit]
        name = f"{unit.name}, {unit.state_name}"
        if entry is not unit:
            return Place("municipality", unit.code, name, entry.name, entry.year_created)
        parts = sorted(
            (other.year_created or 0, other.name)
            for other in self.entries
            if other.unit == unit.code and other is not unit and other.kind == "municipality"
        )
        return Place("municipality", unit.code, name, parts=tuple((part, year) for year, part in parts))


def find_place(facts: Facts, text: str | None = None) -> Place:
    """Return the place that a user means.

    Parameters
    ----------
    facts : Facts
        The record as of its date: a municipality created later is not there yet.
    text : str or None
        ``nation`` (also None), ``state:08``, ``municipality:08037``, a code alone with or without its leading zero, a
        name, or a name with its state (``Juárez, Chihuahua``); capitals, accents and full stops do not matter.

    Raises
    ------
    PlaceError
        If there is no such place (the message suggests the nearest), if several bear the name (it lists them),
        or if it was created after the record's date.

    Examples
    --------
    >>> find_place(Facts(), "Ciudad Juárez").code
    '08037'
    """
    if text is None:
        return NATION
    gazetteer = Gazetteer.of(facts)
    matches = gazetteer.matches(text)
    if len(matches) == 1:
        return gazetteer.place(matches[0])
    if matches:
        raise PlaceError("place_ambiguous", found=text[:60], candidates=listed(matches), count=len(matches))
    if facts.as_of:
        later = [entry for entry in Gazetteer.of(Facts()).matches(text) if entry.year_created]
        if later:
            raise PlaceError(
                "place_not_yet", found=text, name=later[0].name, year=later[0].year_created,
                month=facts.as_of, parent=f"municipality:{later[0].unit}",
            )  # fmt: skip
    raise PlaceError("place_unknown", found=text[:60], nearest=listed(gazetteer.nearest(text)))


def listed(entries: list[Entry]) -> str:
    """Return the first entries as a message lists them."""
    return "; ".join(entry.label for entry in entries[:SHOWN])


def simplified(text: str) -> str:
    """Return a name as it is compared: lower case, no accents, no full stops, single spaces, "cd" in full."""
    return re.sub(r"^cd ", "ciudad ", " ".join(plain(text).replace(".", " ").split()))


@cache
def aliases() -> dict[str, tuple[str, ...]]:
    """Return the other names of places by code, read from ``aliases.toml``."""
    with whole("places/aliases.toml"):
        tree = toml("places/aliases.toml")
        return {code: tuple(of["also"]) for level in tree.values() for code, of in level.items()}
