"""One forecast scored on deaths that the user supplies."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from merida.errors import ViolenceError, nearest
from merida.facts import Facts
from merida.priors import Priors
from merida.violence.forecasting.backtest import OURS, WALK, Rows, measured
from merida.violence.forecasting.baselines import BASELINES, log_random_walk
from merida.violence.forecasting.forecast import MOST_MONTHS, PRIORS, checked, fitted
from merida.violence.panel import panel, summed

COLUMNS = ("municipality", "year", "deaths", "basis")
BASES = ("occurrence", "registration")


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
    """

    deaths: dict[int, npt.NDArray[np.int64]]
    nowhere: dict[int, int]
    basis: str


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
    """

    origin: int
    basis: str
    years: dict[int, dict[str, Rows]]
    seconds: dict[str, float]
    without_place: dict[int, float]
    left_out: tuple[int, ...]


def read(path: Path, units: Mapping[str, str], places: tuple[str, ...]) -> Actuals:
    """Return the deaths of a CSV file: municipality, year, deaths, basis.

    Parameters
    ----------
    units : mapping
        The harmonised municipality of each municipality's code.
    places : tuple of str
        Harmonised municipalities, in the order of the arrays.

    Raises
    ------
    ViolenceError
        If the file cannot be read, lacks a column, has a row that is not as it must be, says a municipality-year
        twice, or mixes bases; the message names the row and column.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ViolenceError("actuals_unreadable", path=path, reason=error) from error
    rows = csv.DictReader(io.StringIO(text))
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise ViolenceError(
            "actuals_column", path=path, missing=", ".join(missing), expected=", ".join(COLUMNS),
            found=", ".join(rows.fieldnames or ()) or "–",
        )  # fmt: skip
    at = {place: row for row, place in enumerate(places)}
    deaths: dict[int, npt.NDArray[np.int64]] = {}
    nowhere: dict[int, int] = {}
    seen: set[tuple[str, int]] = set()
    bases: set[str] = set()
    for number, row in enumerate(rows, 2):
        code, basis = (row["municipality"] or "").strip(), (row["basis"] or "").strip()
        year, count = whole(row["year"], path, number, "year"), whole(row["deaths"], path, number, "deaths")
        if basis not in BASES:
            raise ViolenceError(
                "actuals_value",
                path=path,
                row=number,
                column="basis",
                found=basis,
                expected=" | ".join(BASES),
            )
        if (code, year) in seen:
            raise ViolenceError("actuals_twice", path=path, row=number, place=code, year=year)
        seen.add((code, year))
        bases.add(basis)
        if len(bases) > 1:
            raise ViolenceError("actuals_bases", path=path, row=number)
        year_deaths = deaths.setdefault(year, np.zeros(len(places), dtype=np.int64))
        nowhere.setdefault(year, 0)
        if code in units:
            year_deaths[at[units[code]]] += count
        elif len(code) == 5 and code.isdigit() and code[2:] in ("998", "999"):
            nowhere[year] += count if code[:2] != "33" else 0  # deaths abroad are of no Mexican place
        else:
            raise ViolenceError(
                "actuals_place", path=path, row=number, found=code, nearest=nearest(code, units)
            )
    if not deaths:
        raise ViolenceError("actuals_empty", path=path)
    return Actuals(deaths, nowhere, bases.pop())


def whole(text: str | None, path: Path, row: int, column: str) -> int:
    """Return a whole number that is not negative."""
    found = (text or "").strip()
    if not found.isdecimal():
        raise ViolenceError("actuals_number", path=path, row=row, column=column, found=found)
    return int(found)


def score(origin: int, path: Path, draws: int = 1000, seed: int = 0, priors: Priors = PRIORS) -> Scored:
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
    actual = read(path, units, known.places)
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
            drawn = fitted(known, months, seed, priors).samples(draws).counts
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
    )
