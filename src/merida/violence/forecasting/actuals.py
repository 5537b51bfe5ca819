"""One forecast scored on deaths that the user supplies."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from merida.errors import ViolenceError, nearest
from merida.facts import Facts
from merida.user_tables import Choice, Decimal, Note, Separator, Table, Text, Whole, read_table
from merida.violence.forecasting.backtest import OURS, WALK, Rows, measured
from merida.violence.forecasting.baselines import BASELINES, log_random_walk
from merida.violence.forecasting.forecast import MOST_MONTHS, checked, fitted
from merida.violence.panel import panel, summed

BASES = ("occurrence", "registration")
UNKNOWN = re.compile(
    "[0-9]{2}99[89]"
)  # a municipality that the record does not know, of a state that it does
ABROAD = "33"  # deaths abroad are of no Mexican place
DEATHS = (
    Text("municipality"),
    Whole("year", low=1900, high=2100),
    Whole("deaths", low=0, high=1_000_000),
    Choice("basis", {basis: basis for basis in BASES}),
)


@dataclass(frozen=True)
class Actuals:
    """Deaths by harmonised municipality and year.

    Parameters
    ----------
    deaths : dict
        By year, an array over harmonised municipalities; a municipality that a year does not name has none.
    nowhere : dict
        By year, deaths whose municipality is unknown.
    basis : str
        ``occurrence`` or ``registration``.
    notes : tuple of Note
        What there is to say of the file.
    """

    deaths: dict[int, npt.NDArray[np.int64]]
    nowhere: dict[int, int]
    basis: str
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Scored:
    """Scores of every model in each year after an origin.

    Parameters
    ----------
    years : dict
        By year, model, level and measure.
    seconds : dict
        By model.
    without_place : dict
        By year, the share of deaths whose municipality is unknown.
    left_out : tuple of int
        Years of the file beyond the horizon or before the origin.
    notes : tuple of Note
        What there is to say of the file.
    """

    origin: int
    basis: str
    years: dict[int, dict[str, Rows]]
    seconds: dict[str, float]
    without_place: dict[int, float]
    left_out: tuple[int, ...]
    notes: tuple[Note, ...] = ()


def read(
    path: Path,
    units: Mapping[str, str],
    places: tuple[str, ...],
    separator: Separator | None = None,
    decimal: Decimal | None = None,
) -> Actuals:
    """Return the deaths of a file of separated values: municipality, year, deaths, basis.

    Parameters
    ----------
    path : Path
        The user's file.
    units : mapping
        The harmonised municipality of each municipality's code.
    places : tuple of str
        Harmonised municipalities, in the order of the arrays.
    separator, decimal : Separator, Decimal or None
        What separates the cells, and the sign of decimals; None: as the file shows.

    Raises
    ------
    ViolenceError
        If the file cannot be read, lacks a column, has a row that is not as it must be, says a municipality-year
        twice, or mixes bases; the message lists every such row with its line and column.

    Examples
    --------
    >>> deaths = read(Path("deaths.csv"), {"08037": "08037"}, ("08037",))  # doctest: +SKIP
    >>> deaths.deaths[2012]                                                # doctest: +SKIP
    array([750])
    """
    table = read_table(path, DEATHS, ViolenceError, separator=separator, decimal=decimal)
    check_places(table, units)
    check_rows(table)
    table.check()
    row_of = {place: row for row, place in enumerate(places)}
    deaths = {year: np.zeros(len(places), dtype=np.int64) for year in dict.fromkeys(table["year"])}
    nowhere = dict.fromkeys(deaths, 0)
    for code, year, count in zip(table["municipality"], table["year"], table["deaths"], strict=True):
        if code in units:
            deaths[year][row_of[units[code]]] += count
        elif code[:2] != ABROAD:
            nowhere[year] += count
    return Actuals(deaths, nowhere, table["basis"][0], tuple(table.notes))


def check_places(table: Table, units: Mapping[str, str]) -> None:
    """Mark codes that are no municipality, and no unknown municipality of a state."""
    for row, code in enumerate(table["municipality"]):
        if code is None or code in units or UNKNOWN.fullmatch(code):
            continue
        if f"0{code}" in units or UNKNOWN.fullmatch(f"0{code}"):
            table.fault(row, table.column("municipality"), "table_lost_zero", meant=f"0{code}")
        else:
            close = partial(nearest, code, units)
            table.fault(row, table.column("municipality"), "actuals_place", nearest=close)


def check_rows(table: Table) -> None:
    """Mark a municipality-year that stands twice, and a basis that is not that of the first row."""
    seen: set[tuple[str, int]] = set()
    first = table["basis"][0]
    for row, key in enumerate(zip(table["municipality"], table["year"], strict=True)):
        if key in seen and None not in key:
            table.fault(row, table.column("year"), "actuals_twice", place=key[0], year=key[1])
        seen.add(key)
    table.refuse(
        (first is not None and basis not in (first, None) for basis in table["basis"]),
        "actuals_bases",
        "basis",
    )


def score(
    origin: int,
    path: Path,
    draws: int = 1000,
    seed: int = 0,
    separator: Separator | None = None,
    decimal: Decimal | None = None,
) -> Scored:
    """Return the scores of the forecast from December of `origin`, and of its baselines, on a file of deaths.

    By municipality-year, state-year and nation-year; ``nation_year_all`` counts deaths of unknown place too, with the
    share of them that the forecast has.

    Raises
    ------
    ViolenceError
        If the file is not as it must be, or has no year within sixty months of the origin.
    """
    facts = Facts()
    known = panel(facts, origin)
    if known.last_year != origin:
        raise ViolenceError(
            "origin_outside",
            found=f"{origin}-12",
            first=f"{known.first_year + 2}-12",
            last=f"{known.last_year}-12",
        )
    units = dict(facts.sql("select municipality, unit_2000 from municipalities order by 1").rows())
    actual = read(path, units, known.places, separator, decimal)
    inside = sorted(year for year in actual.deaths if origin < year <= origin + MOST_MONTHS // 12)
    if not inside:
        years = ", ".join(map(str, sorted(actual.deaths)))
        raise ViolenceError(
            "actuals_years", path=path, found=years, first=origin + 1, last=origin + MOST_MONTHS // 12
        )
    months = 12 * (inside[-1] - origin)
    checked(months, draws)
    found: dict[int, dict[str, Rows]] = {year: {} for year in inside}
    seconds = {}
    states = len(known.codes)
    for name in (OURS, *BASELINES):
        began = time.perf_counter()
        if name == OURS:
            drawn = fitted(known, months, seed).samples(draws).counts
        else:
            drawn = BASELINES[name](known, months, draws, seed)
        seconds[name] = time.perf_counter() - began
        for year in inside:
            start, truth = 12 * (year - origin - 1), actual.deaths[year]
            yearly = drawn[:, :, start : start + 12].sum(axis=2, dtype=np.int64)
            nation = yearly.sum(axis=1, keepdims=True)
            found[year][name] = {
                "municipality_year": measured(yearly, truth, counts=True),
                "state_year": measured(
                    np.stack([summed(one, known.state_of, states) for one in yearly]),
                    summed(truth, known.state_of, states),
                ),
                "nation_year": measured(nation, truth.sum(keepdims=True)),
                "nation_year_all": measured(
                    nation / (1 - known.unknown[-1]), truth.sum(keepdims=True) + actual.nowhere[year]
                ),
            }
    began = time.perf_counter()
    state, nation = log_random_walk(known, months, draws, seed)
    seconds[WALK] = time.perf_counter() - began
    for year in inside:
        truth, at = summed(actual.deaths[year], known.state_of, states), year - origin - 1
        found[year][WALK] = {
            "state_year": measured(state[:, :, at], truth),
            "nation_year": measured(nation[:, at : at + 1], truth.sum(keepdims=True)),
        }
    return Scored(
        origin=origin,
        basis=actual.basis,
        years=found,
        seconds=seconds,
        without_place={
            year: actual.nowhere[year] / max(int(actual.deaths[year].sum()) + actual.nowhere[year], 1)
            for year in inside
        },
        left_out=tuple(sorted(set(actual.deaths) - set(inside))),
        notes=actual.notes,
    )
