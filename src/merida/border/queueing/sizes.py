"""What a simulation would take in time and memory, so that one without end is refused before it begins."""

from __future__ import annotations

from merida.errors import BorderError

MOST_SECONDS, MOST_GIGABYTES = 300.0, 8.0
# Measured on two cores of 2026 in November 2026, rounded towards the slow side.
BOOTHS_A_SECOND = 6e7  # vehicles times the booths that are looked at for each
FIXED_BOOTHS = 12  # what drawing and counting a vehicle takes, as so many booths
SERVERS_A_SECOND = 1.5e8  # customers of the bare queue times its servers
CUSTOMERS_A_SECOND = 3e6  # of the bare queue, however few its servers


def refuse_too_large(what: str, seconds: float, gigabytes: float) -> None:
    """Refuse work that would take longer than five minutes or more than eight gigabytes.

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
        minutes=seconds / 60,
        gigabytes=gigabytes,
        most_minutes=MOST_SECONDS / 60,
        most_gigabytes=MOST_GIGABYTES,
    )
