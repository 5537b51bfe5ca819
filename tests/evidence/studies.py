"""Registers made up for tests."""

from typing import Any

import polars as pl

from merida.evidence import Reading, Register

USUAL = {
    "citation": "A study", "year": 2010, "available_from": "2010-12", "programme": "cure_violence",
    "outcome": "homicide", "outcome_class": "homicide", "setting": "a city", "country": "US", "dose_ratio": None,
    "design": "rct", "scale": "rate_ratio", "estimate": 0.67, "base": None, "log_rate_ratio": -0.4, "std_error": 0.2,
    "error_from": "standard_error", "error_least": None, "error_most": None, "range_low": None, "range_high": None,
    "direction": "benefit", "reported_by_owner": False, "part_of": None, "status": "verified",
}  # fmt: skip
NUMBERS = dict.fromkeys(
    ("dose_ratio", "estimate", "base", "log_rate_ratio", "std_error", "error_least", "error_most", "range_low",
     "range_high"),
    float,
)  # fmt: skip
SIGN = {"scale": "direction", "estimate": None, "log_rate_ratio": None, "std_error": None}


def register(*rows: dict[str, Any], as_of: str | None = None) -> Register:
    """Return a register of studies made up for a test."""
    full = [USUAL | {"cluster": row["study"]} | row for row in rows]
    return Register(as_of, pl.DataFrame(full, schema_overrides=NUMBERS | {"direction": str, "part_of": str}))


def one(*studies: str, weight: float = 1.0, label: str = "studies") -> Reading:
    """Return a reading."""
    return Reading(label=label, weight=weight, studies=studies)
