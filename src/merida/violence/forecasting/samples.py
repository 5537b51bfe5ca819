"""Draws of deaths by municipality and month, and how many of them are computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from merida.errors import ViolenceError
from merida.extras import extra
from merida.one_line import OneLine
from merida.violence.forecasting.sampling import Counts

MOST_MONTHS = 60
MUNICIPALITIES = 2443  # harmonised ones: sizes are checked before the record is loaded
MOST_BYTES = 8 * 10**9  # of draws held at once
CELLS_A_MINUTE = 4 * 10**8  # municipality-months drawn, by two threads


@dataclass(frozen=True, repr=False)
class Samples(OneLine):
    """Draws of deaths by municipality and month.

    Parameters
    ----------
    counts : integer array, shape (draws, places, months)
    places, states : tuple of str
        Harmonised municipalities, and their states.
    first_month : str
    """

    counts: Counts
    places: tuple[str, ...]
    states: tuple[str, ...]
    first_month: str

    def of(self, place: str) -> Counts:
        """Return draws of a municipality (five digits), a state (two) or the nation (``MX``), shape (draws, months)."""
        if place == "MX":
            return np.asarray(self.counts.sum(axis=1, dtype=np.int32))
        if len(place) == 2:
            return np.asarray(self.counts[:, np.asarray(self.states) == place].sum(axis=1, dtype=np.int32))
        return np.asarray(self.counts[:, self.places.index(place)])

    def to_xarray(self) -> Any:
        """Return the draws as an xarray.Dataset with the dimensions chain, draw, place and month, as ArviZ takes them.

        Raises
        ------
        InstallationError
            If xarray is not installed (``pip install merida[xarray]``).
        """
        months = np.datetime64(self.first_month, "M") + np.arange(self.counts.shape[2])
        held = ("chain", "draw", "place", "month"), self.counts[np.newaxis], {"units": "deaths a month"}
        coordinates = {
            "chain": [0],
            "draw": np.arange(self.counts.shape[0]),
            "place": list(self.places),
            "state": ("place", list(self.states)),
            "month": months.astype("datetime64[ns]"),
        }
        about = {"title": "Homicides by harmonised municipality and month: draws of the forecast"}
        return extra("xarray").Dataset({"deaths": held}, coordinates, about)


def checked(months: int, draws: int, copies: int = 1) -> None:
    """Refuse, before any work, a horizon that is not 1 to 60 months, no draws, and more than memory holds.

    Parameters
    ----------
    copies : int
        How many arrays of all draws are held at once.

    Raises
    ------
    ViolenceError
        The message says what so many draws would take, and how many are computed.
    """
    if not 1 <= months <= MOST_MONTHS:
        raise ViolenceError("horizon", found=months, most=MOST_MONTHS)
    if draws < 1:
        raise ViolenceError("no_draws", found=draws)
    cells = MUNICIPALITIES * months
    most = MOST_BYTES // (4 * cells * copies)
    if draws > most:
        raise ViolenceError(
            "too_large", draws=draws, months=months, most=most, memory=4 * cells * copies * draws // 10**9,
            minutes=draws * cells * copies // CELLS_A_MINUTE + 1,
        )  # fmt: skip
