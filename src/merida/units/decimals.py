"""With how many decimals a figure of a unit is shown."""

from __future__ import annotations

DECIMALS = {
    "plain": 2,
    "percent_for_percent": 2,
    "usd_million_constant_2": 2,
    "deaths_2": 2,
    "percent": 1,
    "percentage_points": 1,
    "per_100k": 1,
    "millions": 1,
    "million_hours": 1,
}


def decimals(unit: str) -> int:
    """Return the decimals with which documents show a figure of a unit; whole numbers unless the unit says otherwise.

    Examples
    --------
    >>> decimals("per_100k"), decimals("deaths")
    (1, 0)
    """
    return DECIMALS.get(unit, 0)
