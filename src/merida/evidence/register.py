"""The register of studies and costs, as it was known at a date."""

from __future__ import annotations

import hashlib
import io
import math
import re
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from typing import Any

import polars as pl

from merida.errors import EvidenceError, nearest
from merida.evidence import conversions
from merida.evidence.schema import checked
from merida.priors import Priors
from merida.shipped import content, toml, whole
from merida.words import LANGUAGES, words

PRIORS_FILE = "evidence/effects.toml"


class Register:
    """Verified studies and costs that had been published by a month, and what is assumed of studies.

    Two registers with the same rows at the same date, under the same assumptions, are equal, and share what is kept of
    their models.

    Parameters
    ----------
    as_of : str or None
        ``YYYY-MM``; None: all of them. A study is taken as published by the end of its year.
    rows : DataFrame or None
        Studies in place of the register's own (to see what changes when one is left out).
    priors : Priors or None
        What is assumed of effects (default: as ``effects.toml`` states it).

    Examples
    --------
    >>> Register("2012-12").study("chalfin_mccrary2018_murder") is None
    True
    >>> Register("2018-12").study("chalfin_mccrary2018_murder")["estimate"]
    -0.67
    """

    def __init__(
        self, as_of: str | None = None, rows: pl.DataFrame | None = None, priors: Priors | None = None
    ) -> None:
        self.as_of = as_of
        self._all = table("register.csv") if rows is None else rows
        self.priors = Priors((PRIORS_FILE,)) if priors is None else priors.within(PRIORS_FILE)

    def under(self, priors: Priors) -> Register:
        """Return the same studies with what a user holds of the priors of the evidence."""
        return Register(self.as_of, self._all, priors)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Register) and self._content == other._content

    def __hash__(self) -> int:
        return hash(self._content)

    @cached_property
    def _content(self) -> tuple[str | None, str, Priors]:
        """The date, the SHA-256 of all rows, and what is assumed."""
        return self.as_of, hashlib.sha256(self._all.write_csv().encode()).hexdigest(), self.priors

    @property
    def listed(self) -> pl.DataFrame:
        """Every study of the register, whether it counts or not."""
        return self._all

    @cached_property
    def rows(self) -> pl.DataFrame:
        """The studies that count: verified and published."""
        return known(self._all, self.as_of)

    @cached_property
    def costs(self) -> pl.DataFrame:
        """The costs that count: verified and published."""
        return known(table("costs.csv"), self.as_of)

    def study(self, name: str) -> dict[str, object] | None:
        """Return a study's row, or None while it was not known.

        Raises
        ------
        EvidenceError
            If the register does not hold it at any date.
        """
        if name not in self._all["study"]:
            raise EvidenceError("unknown_study", found=name, nearest=nearest(name, self._all["study"]))
        known_rows = self.rows.filter(pl.col("study") == name)
        return known_rows.row(0, named=True) if known_rows.height else None

    def cost(self, name: str) -> dict[str, object] | None:
        """Return a cost's row, or None while it was not known.

        Raises
        ------
        EvidenceError
            If the register does not hold it at any date.
        """
        names = table("costs.csv")["cost"]
        if name not in names:
            raise EvidenceError("unknown_cost", found=name, nearest=nearest(name, names))
        known_rows = self.costs.filter(pl.col("cost") == name)
        return known_rows.row(0, named=True) if known_rows.height else None

    def without(self, study: str) -> Register:
        """Return the register less one study, which then counts as never published.

        Raises
        ------
        EvidenceError
            If the register does not hold it at any date.
        """
        self.study(study)
        later = pl.when(pl.col("study") == study).then(pl.lit("unverified")).otherwise("status")
        return Register(self.as_of, self._all.with_columns(later.alias("status")), self.priors)

    def flipped(self, study: str) -> Register:
        """Return the register with the sign of one study's effect turned round.

        Raises
        ------
        EvidenceError
            If the register does not hold it at any date.
        """
        self.study(study)
        mine = self._all["study"] == study
        one = pl.DataFrame([turned(self._all.filter(mine).row(0, named=True))], schema=self._all.schema)
        rows = pl.concat([self._all.filter(~mine), one])
        order = pl.DataFrame({"study": self._all["study"]})
        return Register(
            self.as_of,
            order.join(rows, on="study", how="left", maintain_order="left").select(self._all.columns),
            self.priors,
        )

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the studies and costs that count, for run records."""
        text = self.rows.write_csv() + self.costs.write_csv()
        return hashlib.sha256(text.encode()).hexdigest()


def turned(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a study with the sign of its effect turned round, on whatever scale it is."""
    now = dict(row)
    now["direction"] = {"harm": "benefit", "benefit": "harm"}.get(row["direction"], row["direction"])
    if row["log_rate_ratio"] is not None:
        now["log_rate_ratio"] = -row["log_rate_ratio"]
    elif row["scale"] in ("elasticity", "smd") and row["estimate"] is not None:
        now["estimate"] = -row["estimate"]
    elif row["scale"] == "level" and row["base"] is not None:
        now["estimate"] = row["base"] * math.expm1(-conversions.level(row["estimate"], row["base"]))
    elif row["scale"] == "odds_ratio" and row["estimate"] is not None:
        now["estimate"] = 1 / row["estimate"]
    elif row["scale"] == "bound":
        for end, other in (("range_low", "range_high"), ("range_high", "range_low")):
            now[end] = None if row[other] is None else 100 * math.expm1(-math.log1p(row[other] / 100))
    return now


@cache
def table(name: str) -> pl.DataFrame:
    """Return one of the room's two tables, checked."""
    with whole(f"evidence/{name}"):
        rows = pl.read_csv(io.BytesIO(content(f"evidence/{name}")), infer_schema_length=None)
    return checked(name, rows)


def known(rows: pl.DataFrame, as_of: str | None) -> pl.DataFrame:
    """Return the rows that are verified and had been published."""
    rows = rows.filter(pl.col("status") == "verified")
    return rows if as_of is None else rows.filter(pl.col("available_from") <= as_of)


def names_in(group: str, codes: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return what is shown of codes of the register in each language, from a group of ``words/``.

    Examples
    --------
    >>> names_in("countries", ["MX"])
    {'MX': ('Mexico', 'México')}
    """
    return {code: tuple(words(language).named(group, code) for language in LANGUAGES) for code in codes}


def outcomes_by_class(rows: pl.DataFrame) -> dict[str, list[str]]:
    """Return the outcomes that studies measured, sorted, by the class that they belong to."""
    return {
        str(name): sorted(set(of["outcome"]))
        for (name,), of in rows.group_by("outcome_class", maintain_order=True)
    }


def wider_countries(rows: pl.DataFrame) -> dict[str, list[str]]:
    """Return, for each country, the names in the register that it is part of: MX is part of MX and of MX/US."""
    names = set(rows["country"].drop_nulls())
    return {
        code: [name for name in names if code in re.split(r"[/+ ]+", name)]
        for code in names
        if code.isupper()
    }


def spoken(row: Mapping[str, Any], column: str, language: str) -> str | None:
    """Return a study's setting, sample or dose as the register words it, or in Spanish."""
    text: str | None = row[column]
    return text if language == "en" or text is None else in_spanish(column, text)


def in_spanish(column: str, text: str) -> str:
    """Return a setting, sample or dose in Spanish; a number is the same in both."""
    return text if text.replace(",", "").isdigit() else spanish()[column][text]


@cache
def spanish() -> dict[str, dict[str, str]]:
    """Return settings, samples and doses in Spanish by the register's own words, read from ``spanish.toml``."""
    return toml("evidence/spanish.toml")
