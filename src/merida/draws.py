"""Named random streams: a draw depends on the seed, the stream's name and its number alone.

Adding a parameter, a lane or a replication leaves every other draw as it was, so that two plans are compared on
the same draws (common random numbers).
"""

from __future__ import annotations

import hashlib

import numpy as np


def stream(seed: int, name: str, number: int = 0) -> np.random.Generator:
    """Return the random stream of draw `number` of `name`, keyed by BLAKE2b.

    Parameters
    ----------
    seed : int
        The run's seed.
    name : str
        Dotted path of what is drawn, for example ``border.arrivals.sentri``.
    number : int
        The draw or replication.
    """
    digest = hashlib.blake2b(f"{seed}|{name}|{number}".encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest, "little")))
