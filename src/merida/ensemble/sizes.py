"""What a run would take in memory and time, said before it starts."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from merida.errors import PlanError

MOST_DRAWS, MOST_YEARS = 100_000, 30
# Measured on runs of the shipped frameworks: 2,460 municipalities, 33 states, 26 programmes.
BYTES, BYTES_OF_PLACES = 2_000, 10_000  # that a draw of a plan keeps for each year
COPIES = 2  # while the parts of a run are joined
SECONDS = 0.03  # that a draw of a plan takes on two cores
SHARE = 0.75  # of the machine's memory that a run may take
CONTROL_GROUP = Path("/sys/fs/cgroup/memory.max")


def check_size(draws: int, years: int, plans: int = 2, *, places: bool = False) -> None:
    """Refuse a run that this machine cannot hold, before anything of it is computed.

    Parameters
    ----------
    draws, years : int
        Of the run.
    plans : int
        That run, the reference among them (default: one beside it).
    places : bool
        Whether municipalities are kept.

    Raises
    ------
    PlanError
        If draws or years are none or too many, or the run would take more memory than there is; the message says what it
        would take and how many draws can be run.

    Examples
    --------
    >>> check_size(1000, 15, 3, places=True)
    """
    if not 1 <= years <= MOST_YEARS:
        raise PlanError("run_out_of_range", what="years", found=years, most=MOST_YEARS)
    if draws < 1:
        raise PlanError("run_out_of_range", what="draws", found=draws, most=MOST_DRAWS)
    of_draw = COPIES * plans * years * (BYTES + BYTES_OF_PLACES * places)
    most = min(MOST_DRAWS, int(SHARE * memory() / of_draw))
    if draws > most:
        counted = min(draws, 10**15)  # integers have no bound, the numbers of a message do
        raise PlanError(
            "run_too_large",
            draws=draws,
            plans=plans,
            years=years,
            gigabytes=counted * of_draw / 1e9,
            hours=counted * plans * SECONDS / 3600,
            most=most,
        )


def memory() -> int:
    """Return the bytes of memory that this process may use: the machine's, or less where a container says so."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with suppress(OSError, ValueError):  # "max" where there is no limit
        total = min(total, int(CONTROL_GROUP.read_text()))
    return total
