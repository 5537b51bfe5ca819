"""What a simulation would take in time and memory, so that one without end is refused before it begins."""

from __future__ import annotations

from merida.errors import BorderError

MOST_SECONDS, MOST_GIGABYTES = 1800.0, 4.0
# Measured on two cores of 2026 in November 2026, rounded towards the slow side.
BOOTHS_A_SECOND = 6e7  # vehicles times the booths that are looked at for each
FIXED_BOOTHS = 12  # what drawing and counting a vehicle takes, as so many booths
SERVERS_A_SECOND = 1.5e8  # customers of the bare queue times its servers
CUSTOMERS_A_SECOND = 3e6  # of the bare queue, however few its servers


def refuse_too_large(what: str, seconds: float, gigabytes: float) -> None:
    """Refuse work that would take longer than half an hour or more than four gigabytes.

    Parameters
    ----------
    what : str
        What the user can ask less of, by option: ``--replications, --days``.
    seconds, gigabytes : float
        What it would take.

    Raises
    ------
    BorderError
        If either is beyond its limit; the message says both, and the limits.
    """
    if seconds <= MOST_SECONDS and gigabytes <= MOST_GIGABYTES:
        return
    raise BorderError(
        "border_too_large",
        what=what,
        hours=seconds / 3600,
        gigabytes=gigabytes,
        most_hours=MOST_SECONDS / 3600,
        most_gigabytes=MOST_GIGABYTES,
    )
