"""Random numbers of a place that depend on its code, the seed and the draw alone, and counts drawn fast."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from merida.distributions import Floats

Words64 = npt.NDArray[np.uint64]
Counts = npt.NDArray[np.int32]
GAMMA = 1000  # numbers of a place from which its gamma numbers come
LARGE = 3.0  # means from which the noise is drawn
MOST = 10_000  # a count that the sum of terms does not reach but for rounding


def keyed(names: tuple[str, ...]) -> Words64:
    """Return 64 bits for each name, by BLAKE2b."""
    digests = (hashlib.blake2b(name.encode(), digest_size=8).digest() for name in names)
    return np.array([int.from_bytes(digest, "little") for digest in digests], dtype=np.uint64)


def mixed(keys: Words64, seed: int, draw: int, number: int) -> Words64:
    """Return 64 random bits for each key, by key, seed, draw and number (SplitMix64; Steele and others, 2014)."""
    salt = hashlib.blake2b(f"{seed}|violence|{draw}|{number}".encode(), digest_size=8).digest()
    x = keys ^ np.uint64(int.from_bytes(salt, "little"))
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        x = (x ^ (x >> np.uint64(shift))) * np.uint64(factor)
    return x ^ (x >> np.uint64(31))


def uniform(keys: Words64, seed: int, draw: int, number: int) -> Floats:
    """Return a uniform number between 0 and 1, ends excluded, for each key."""
    bits = mixed(mixed(keys, seed, draw, number), seed, draw, number)
    return (np.asarray(bits >> np.uint64(11), dtype=np.float64) + 0.5) / 2.0**53


def normal(keys: Words64, seed: int, draw: int, number: int) -> Floats:
    """Return a standard normal number for each key."""
    return np.asarray(ndtri(uniform(keys, seed, draw, number)), dtype=np.float64)


def gamma(keys: Words64, shape: Floats, seed: int, draw: int, which: int = 0) -> Floats:
    """Return a gamma number of each key's shape and scale one (Marsaglia and Tsang, 2000).

    Parameters
    ----------
    shape : array, shape (keys,)
        Above zero; below one it is raised by one, and the number made smaller by a power of a uniform one.
    which : int
        Numbers of another `which` are others.
    """
    raised = np.where(shape < 1, shape + 1, shape)
    d = raised - 1 / 3
    first = GAMMA * (1 + which)
    out, left, number = np.empty(len(keys)), np.arange(len(keys)), first
    while left.size:
        x = normal(keys[left], seed, draw, number)
        v = (1 + x / np.sqrt(9 * d[left])) ** 3
        u = uniform(keys[left], seed, draw, number + 1)
        log_v = np.log(np.maximum(v, 1e-300))
        accepted = (v > 0) & (np.log(u) < 0.5 * x**2 + d[left] * (1 - v + log_v))
        out[left[accepted]] = (d[left] * v)[accepted]
        left, number = left[~accepted], number + 2
    below = shape < 1
    out[below] *= uniform(keys[below], seed, draw, first - 1) ** (1 / shape[below])
    return out


def negative_binomial(mean: Floats, shape: Floats, random: np.random.Generator) -> Counts:
    """Return Poisson counts about `mean` times gamma noise of mean one.

    Small means, which are most, by inverting the distribution function term by term, ten times faster than drawing the
    noise.

    Parameters
    ----------
    mean, shape : array, of one shape
    """
    flat, wide = mean.ravel(), np.broadcast_to(shape, mean.shape).ravel()
    out = np.zeros(flat.size, dtype=np.int32)
    large = flat > LARGE
    out[large] = random.poisson(flat[large] * random.standard_gamma(wide[large]) / wide[large])
    u = random.random(flat.size)
    first = np.exp(-wide * np.log1p(flat / wide))
    left = np.flatnonzero((u > first) & ~large)
    term, total, f, count = first[left], first[left], wide[left], 0
    odds, u = flat[left] / (f + flat[left]), u[left]
    while left.size and count < MOST:
        term = term * (count + f) / (count + 1) * odds
        total, count = total + term, count + 1
        more = u > total
        out[left[~more]] = count
        left, term, total = left[more], term[more], total[more]
        f, odds, u = f[more], odds[more], u[more]
    out[left] = count
    return out.reshape(mean.shape)
