"""Arithmetic of the units in which everything is measured: months, prices of a year, two currencies, decimals.

It lies below every room that counts, and knows no data. NumPy is not imported, so that frameworks are read fast.
"""

from merida.units.conversion import Conversion, Currency, Money, Used, conversions
from merida.units.decimals import decimals
from merida.units.months import days_in_month, month_number, month_range, month_text, shifted
from merida.units.prices import price_level

__all__ = [
    "Conversion",
    "Currency",
    "Money",
    "Used",
    "conversions",
    "days_in_month",
    "decimals",
    "month_number",
    "month_range",
    "month_text",
    "price_level",
    "shifted",
]
