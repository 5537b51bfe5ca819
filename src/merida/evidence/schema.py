"""What the register's two tables must be: columns, types, choices and order; a mistake is named by row and column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import polars as pl

from merida.errors import EvidenceError

MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"
STATUSES = ("verified", "unverified", "computed", "unopened")
CHOICES: dict[str, tuple[str | None, ...]] = {
    "design": (
        "rct", "meta_rct", "quasi", "meta_quasi", "before_after", "review", "model", "qualitative",
    ),
    "scale": (
        "percent_change", "rate_ratio", "odds_ratio", "log_ratio", "elasticity", "smd", "level", "share", "bound",
        "direction",
    ),
    "error_from": ("standard_error", "interval", "p_value", "counts", "computed", "memory", None),
    "direction": ("harm", "benefit", "null", "mixed", "context"),
    "outcome_class": ("homicide", "violence", "crime", "arrest", "death", "other"),
    "source_level": ("abstract", "full_text", "table", "secondary", "owner", "computed", "memory"),
    "status": STATUSES,
}  # fmt: skip
TEXT = {
    "register.csv": (
        "study", "citation", "available_from", "programme", "outcome", "outcome_class", "dose", "design", "scale",
        "direction", "source_level", "cluster", "status", "locator",
    ),
    "costs.csv": ("cost", "citation", "available_from", "item", "currency", "status", "locator"),
}  # fmt: skip
MAY_LACK = {
    "register.csv": ("setting", "country", "sample", "followup_months", "error_from", "part_of"),
    "costs.csv": ("unit", "country", "price_year"),
}
NUMBERS = {
    "register.csv": (
        "dose_ratio", "estimate", "base", "log_rate_ratio", "std_error", "error_least", "error_most", "low", "high",
        "level", "range_low", "range_high",
    ),
    "costs.csv": ("amount", "low", "high"),
}  # fmt: skip
ABOVE_ZERO = ("dose_ratio", "std_error", "error_least", "error_most", "base", "level")


def checked(name: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Return a table as it is, if it is as it must be.

    Parameters
    ----------
    name : {"register.csv", "costs.csv"}

    Raises
    ------
    EvidenceError
        Naming the first row and column that is not.
    """
    key = TEXT[name][0]
    flags = ("reported_by_owner",) if name == "register.csv" else ()
    for column in (*TEXT[name], *MAY_LACK[name], *NUMBERS[name], *flags, "year"):
        if column not in rows.columns:
            raise EvidenceError("register_column", table=name, column=column)
    for column in NUMBERS[name]:
        if not (rows[column].dtype.is_numeric() or rows[column].dtype == pl.Null):
            raise EvidenceError("register_not_numbers", table=name, column=column)
    seen = set()
    for row in rows.iter_rows(named=True):
        for column, expected in faults(name, row):
            raise EvidenceError(
                "register_row", table=name, row=row[key], column=column, found=row[column], expected=expected
            )
        if row[key] in seen:
            raise EvidenceError(
                "register_row", table=name, row=row[key], column=key, found=row[key], expected="unique"
            )
        seen.add(row[key])
    return rows


def faults(name: str, row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (column, what was expected) of each mistake in a row."""
    mistakes = [(column, "text") for column in TEXT[name] if not row[column]]
    mistakes += [
        (column, " | ".join(choice for choice in choices if choice))
        for column, choices in CHOICES.items()
        if column in row and row[column] not in choices
    ]
    if not isinstance(row["year"], int) or not 1900 <= row["year"] <= 2100:
        mistakes.append(("year", "1900-2100"))
    month = str(row["available_from"] or "")
    if not re.match(MONTH, month) or month[:4] < str(row["year"]):
        mistakes.append(("available_from", "YYYY-MM >= year"))
    mistakes += [
        (column, "> 0") for column in ABOVE_ZERO if row.get(column) is not None and not row[column] > 0
    ]
    for low, high in (("low", "high"), ("range_low", "range_high")):
        if row.get(low) is not None and row.get(high) is not None and row[low] > row[high]:
            mistakes.append((low, f"<= {high}"))
    if row.get("scale") == "percent_change" and row["estimate"] is not None and row["estimate"] <= -100:
        mistakes.append(("estimate", "> -100"))
    if (
        row.get("scale") in ("rate_ratio", "odds_ratio")
        and row["estimate"] is not None
        and row["estimate"] <= 0
    ):
        mistakes.append(("estimate", "> 0"))
    return mistakes
