"""What is believed of a number before, or instead of, data: one schema and one reader for every prior of every room.

A prior stands in a TOML file beside the code that uses it, under its dotted path, and has a unit, bounds, a grade and
a note. What stands in a table holds for every prior under it, so that a unit or a note shared by many is stated once::

    [border.calibration.service_minutes.cars]
    unit = "minutes"
    bounds = [0.01, 60]
    grade = "assumption"
    note = "border.service_cars"
    general = { value = 0.8, distribution = { kind = "lognormal", low = 0.4, high = 1.6 } }

`merida.parameters` names all such files; a room below it reads its own.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from merida.distributions import Distribution, Floats
from merida.errors import ModelError
from merida.shipped import text
from merida.words import words

TABLES = (
    "distribution",
    "note",
    "law",
)  # parts of a prior that are tables; `law` is the old word of the first


class Note(BaseModel):
    """What a reader must know of a prior, in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    en: str
    es: str


class Reading(BaseModel):
    """One reading of the evidence: some studies, and the weight given to them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str
    weight: float = Field(gt=0, le=1)
    studies: tuple[str, ...]


class Entry(BaseModel):
    """One prior as its file states it.

    Parameters
    ----------
    unit : str
        Key under ``parameter_units`` in ``words/``.
    value : float or None
        The number used where one is needed. None: the median of the distribution.
    distribution : Distribution or None
        What is assumed; or, beside `fact`, what is assumed while the fact was not yet published.
    range : (float, float) or None
        Ends between which a number without a distribution may well lie. They are shown, and nothing is drawn from them.
    fact : str or None
        Id of a published fact; `spread` is the factor between its 5th and 95th percentile and itself.
    evidence : tuple of Reading or None
        Readings of the evidence, each a set of studies with a weight; several make a mixture.
    kind : str
        The kind of programme that speaks where none of the studies is known (``evidence/families.toml``).
    scale : {"log_rate_ratio", "elasticity"}
        The scale of the evidence.
    bounds : (float, float)
        Draws outside are held at the bound, and a user cannot hold the prior outside.
    grade : {"assumption", "fact", "evidence"}
        What the number rests on.
    note : Note or str
        What a reader must know; a string is a key in ``words/``.
    source : str
        Where an assumed number was read; empty where no source was read.

    Examples
    --------
    >>> entry = Entry(unit="share", value=0.8, bounds=(0, 1), grade="assumption", note=Note(en="x", es="x"))
    >>> entry.number
    0.8
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    unit: str
    value: float | None = Field(default=None, allow_inf_nan=False)
    distribution: Distribution | None = None
    range: tuple[float, float] | None = None
    fact: str | None = None
    spread: float = 1.0
    evidence: tuple[Reading, ...] | None = None
    kind: str = ""
    scale: Literal["log_rate_ratio", "elasticity"] = "log_rate_ratio"
    bounds: tuple[float, float]
    grade: Literal["assumption", "fact", "evidence"]
    note: Note | str
    source: str = ""

    @model_validator(mode="after")
    def consistent(self) -> Entry:
        """Refuse a grade that is not that of what is stated, and a number outside the bounds."""
        stated = self.distribution is not None or self.value is not None
        if self.grade == "evidence" and (self.evidence is None or stated or self.fact):
            raise ValueError("a parameter that names evidence holds no number")
        if bool(self.kind) != (self.grade == "evidence"):
            raise ValueError("a parameter that names evidence, and no other, names its kind of programme")
        if self.grade == "fact" and (self.fact is None or self.distribution is None or self.spread <= 1):
            raise ValueError(
                "a fact needs its id, a spread above 1, and the distribution assumed before it was published"
            )
        if self.grade == "assumption" and (not stated or self.fact or self.evidence is not None):
            raise ValueError("an assumption has a distribution or a value, and neither fact nor evidence")
        if self.distribution is not None and self.range is not None:
            raise ValueError("a distribution says the range already")
        if not -math.inf < self.bounds[0] < self.bounds[1] < math.inf:
            raise ValueError("`bounds` are two finite numbers, the lower first")
        if stated and not self.bounds[0] <= self.number <= self.bounds[1]:
            raise ValueError("the number lies outside the bounds")
        return self

    @property
    def number(self) -> float:
        """The number used where one is needed: the value, or else the median of the distribution."""
        if self.value is not None:
            return self.value
        assert self.distribution is not None
        return self.distribution.median

    @property
    def ends(self) -> tuple[float, float] | None:
        """The 5th and 95th percentile of the distribution, or the range, or None where neither is stated."""
        return self.range if self.distribution is None else self.distribution.ends

    def note_in(self, language: str) -> str:
        """Return the note in a language, ``en`` or ``es``."""
        if isinstance(self.note, Note):
            return self.note.en if language == "en" else self.note.es
        return words(language).text(self.note)


@cache
def read(file: str) -> Mapping[str, Entry]:
    """Return the priors of one file by dotted path.

    Parameters
    ----------
    file : str
        The file's path within the package, for example ``evidence/effects.toml``.

    Raises
    ------
    ModelError
        If the file is not TOML, or a prior is not as it must be; the message names the file and the path.
    InstallationError
        If the file is missing, empty or no text.
    """
    return parsed(file, text(file))


def parsed(file: str, text: str) -> dict[str, Entry]:
    """Return the priors that the text of a file states, by dotted path."""
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ModelError("parameter_file", file=file, reason=error) from error
    entries = {}
    for path, stated in leaves(tree):
        if "law" in stated:
            raise ModelError("parameter_law", file=file, path=path)
        try:
            entries[path] = Entry.model_validate(stated)
        except ValidationError as error:
            first = min(error.errors(), key=lambda mistake: mistake["type"] != "extra_forbidden")
            where = ".".join(str(part) for part in first["loc"]) or path.rpartition(".")[2]
            raise ModelError(
                "parameter_invalid", file=file, path=path, where=where, reason=first["msg"]
            ) from error
    return entries


def leaves(
    table: Mapping[str, Any], path: str = "", shared: Mapping[str, Any] | None = None
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (dotted path, what is stated of it) for each table that holds no others, with what stands above it."""
    below = {name: item for name, item in table.items() if isinstance(item, Mapping) and name not in TABLES}
    own = {**(shared or {}), **{name: item for name, item in table.items() if name not in below}}
    if not below:
        yield path, own
    for name, item in below.items():
        yield from leaves(item, f"{path}.{name}" if path else name, own)


@dataclass(frozen=True)
class Priors:
    """The priors of some files, of which a user may hold some at one number.

    Two are equal where they say the same, so that what is computed from them can be kept under them.

    Parameters
    ----------
    files : tuple of str
        Paths of the files within the package.
    held : tuple of (str, float)
        What a user holds, by dotted path, as `merida.parameters.settings` checked it.

    Examples
    --------
    >>> priors = Priors(("evidence/effects.toml",), (("evidence.sign_only", 0.2),))
    >>> priors.number("evidence.sign_only"), priors.number("evidence.bias_shared")
    (0.2, 0.5)
    """

    files: tuple[str, ...]
    held: tuple[tuple[str, float], ...] = ()

    @property
    def entries(self) -> Mapping[str, Entry]:
        """Every prior by its dotted path, in the order of the files."""
        return together(self.files)

    def within(self, *files: str) -> Priors:
        """Return the priors of some files alone, with what a user holds of them."""
        known = together(files)
        return Priors(files, tuple((path, number) for path, number in self.held if path in known))

    def holds(self, path: str) -> bool:
        """Tell whether a user holds a prior."""
        return path in dict(self.held)

    def number(self, path: str) -> float:
        """Return the number of a prior: the one that a user holds, or else the one stated."""
        numbers = dict(self.held)
        return numbers[path] if path in numbers else self.entries[path].number

    def sd(self, path: str) -> float:
        """Return the standard deviation of a prior on the scale on which it is normal; 0 where a user holds it."""
        if self.holds(path):
            return 0.0
        distribution = self.entries[path].distribution
        assert distribution is not None
        return distribution.sd_on_scale

    def distribution(self, path: str) -> Distribution:
        """Return the distribution of a prior: the number alone where a user holds it, or no distribution is stated."""
        distribution = self.entries[path].distribution
        if distribution is None or self.holds(path):
            return Distribution(kind="fixed", value=self.number(path))
        return distribution

    def drawn(self, path: str, draws: int, seed: int, of: str = "") -> Floats:
        """Return draws of a prior within its bounds, shape (draws,).

        Draw k depends on the seed, the path and k alone; `of` tells apart places that have draws of their own.
        """
        import numpy as np

        from merida.draws import stream

        scores = stream(seed, f"{path}{of}").standard_normal(draws)
        return np.clip(self.distribution(path).at(scores), *self.entries[path].bounds)


@cache
def together(files: tuple[str, ...]) -> Mapping[str, Entry]:
    """Return the priors of some files together, by dotted path.

    Raises
    ------
    ModelError
        If a path stands in two of them.
    """
    entries: dict[str, Entry] = {}
    for file in files:
        for path, entry in read(file).items():
            if path in entries:
                raise ModelError("parameter_twice", file=file, path=path)
            entries[path] = entry
    return entries
