"""What an outcome hangs on: rank correlations for a quick look, shares of its variance with intervals where asked.

First-order index: the share of the variance that knowing a parameter would take away on average, V(E[y|x])/V(y). Total
index: the share that is left when all others are known. From a function they come by the design of Saltelli and others
(2010), as SciPy has it, with intervals from resampled rows of the design; from draws that are there already, such as
those of a run of plans, the first-order index comes by regression (`merida.decide.information.regression`), and there is
no total.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.stats import qmc, rankdata, sobol_indices

from merida.decide.information.regression import spline_fits
from merida.distributions import Floats

RESAMPLES = 400
ENDS = (0.05, 0.95)


class Index(NamedTuple):
    """An index of each parameter between the ends of its 90 % interval; each of shape (parameters,)."""

    value: Floats
    low: Floats
    high: Floats


class Sobol(NamedTuple):
    """Shares of the variance of an outcome: of each parameter alone, and with all its interactions."""

    first: Index
    total: Index
    variance: float


def rank_correlation(inputs: npt.ArrayLike, outcome: npt.ArrayLike) -> Floats:
    """Return Spearman's correlation of each parameter's draws with the outcome, shape (parameters,); 0 of a constant.

    Parameters
    ----------
    inputs : array, shape (draws, parameters)
    outcome : array, shape (draws,)

    Examples
    --------
    >>> rank_correlation([[1, 1], [2, 1], [3, 1]], [1, 4, 9]).tolist()
    [1.0, 0.0]
    """
    ranks = rankdata(np.asarray(inputs, dtype=np.float64), axis=0)
    own = rankdata(np.asarray(outcome, dtype=np.float64))
    ranks, own = ranks - ranks.mean(axis=0), own - own.mean()
    scale = np.sqrt((ranks**2).sum(axis=0) * (own**2).sum())
    found: Floats = np.divide(own @ ranks, scale, out=np.zeros(ranks.shape[1]), where=scale > 0)
    return found


def sobol(
    function: Callable[[Floats], npt.ArrayLike] | Mapping[str, npt.ArrayLike],
    laws: Sequence[Any] = (),
    draws: int = 4096,
    seed: int = 0,
) -> Sobol:
    """Return Sobol's indices of a function, or of values that a function had at the three parts of a design.

    Parameters
    ----------
    function : callable or mapping
        Takes parameters, shape (n, parameters), and returns the outcome, shape (n,). Or values by part of the design:
        ``f_A`` and ``f_B`` of shape (draws,), draws a power of two, ``f_AB`` of shape (parameters, draws), where row i
        has A with column i from B.
    laws : sequence
        What each parameter is drawn from: two ends of an even law, or an object with ``ppf``.
    draws : int
        Rows of the design, a power of two; the function is asked draws * (parameters + 2) times.
    seed : int

    Raises
    ------
    ValueError
        If the outcome does not vary, the parts of the design do not fit each other, or `draws` is no power of two.

    Examples
    --------
    >>> found = sobol(lambda x: x[:, 0] + 2 * x[:, 1], [(0, 1), (0, 1)], 1024)
    >>> found.first.value.round(2).tolist(), found.total.value.round(2).tolist()
    ([0.2, 0.8], [0.2, 0.8])
    """
    if callable(function):
        one, two, mixed = (asked(function, part) for part in design(laws, draws, seed))
        parts: dict[str, Floats] = {"f_A": one, "f_B": two, "f_AB": mixed.reshape(len(laws), -1)}
    else:
        parts = {name: np.asarray(values, dtype=np.float64) for name, values in function.items()}
    one, two, mixed = parts["f_A"], parts["f_B"], parts["f_AB"]
    if one.ndim != 1 or one.shape != two.shape or mixed.shape[1:] != one.shape:
        raise ValueError("f_A and f_B must be (draws,), f_AB (parameters, draws)")
    variance = float(np.concatenate([one, two]).var())
    if not variance > 0:
        raise ValueError("the outcome does not vary")
    found = sobol_indices(func={"f_A": one[None], "f_B": two[None], "f_AB": mixed[:, None]}, n=len(one))
    first, total = resampled(one, two, mixed, seed)
    return Sobol(
        Index(np.ravel(found.first_order), *np.quantile(first, ENDS, axis=0)),
        Index(np.ravel(found.total_order), *np.quantile(total, ENDS, axis=0)),
        variance,
    )


def asked(function: Callable[[Floats], npt.ArrayLike], rows: Floats) -> Floats:
    """Return what a function says of rows of parameters."""
    return np.asarray(function(rows), dtype=np.float64).ravel()


def design(laws: Sequence[Any], draws: int, seed: int) -> tuple[Floats, Floats, Floats]:
    """Return the rows of A, of B, and of A with each column in turn from B, one after the other."""
    count = len(laws)
    even = qmc.Sobol(2 * count, seed=seed).random(draws)
    columns = [
        law.ppf(values) if hasattr(law, "ppf") else law[0] + (law[1] - law[0]) * values
        for law, values in zip([*laws, *laws], even.T, strict=True)
    ]
    one, two = np.stack(columns[:count], axis=1), np.stack(columns[count:], axis=1)
    mixed = np.repeat(one[None], count, axis=0)
    mixed[np.arange(count), :, np.arange(count)] = two.T
    return one, two, mixed.reshape(-1, count)


def resampled(one: Floats, two: Floats, mixed: Floats, seed: int) -> tuple[Floats, Floats]:
    """Return both indices of resampled rows of the design, each of shape (resamples, parameters).

    Every resample is a row of weights, exponential and summing to one (the Bayesian bootstrap of Rubin, 1981), so that
    all means are products of matrices.
    """
    draws = len(one)
    weights = np.random.default_rng(seed).standard_exponential((RESAMPLES, draws))
    weights /= weights.sum(axis=1, keepdims=True)
    centre = np.concatenate([one, two]).mean()
    one, two, mixed = one - centre, two - centre, mixed - centre
    moments = weights @ np.stack([one + two, one**2 + two**2], axis=1) / 2
    variance = (moments[:, 1] - moments[:, 0] ** 2)[:, None]
    first = weights @ (two * (mixed - one)).T / variance
    total = weights @ ((one - mixed) ** 2).T / 2 / variance
    return first, total


def first_order(inputs: npt.ArrayLike, outcome: npt.ArrayLike) -> Index:
    """Return the first-order index of each parameter from draws that are there already.

    Parameters
    ----------
    inputs : array, shape (draws, parameters)
    outcome : array, shape (draws,)

    Returns
    -------
    Index
        From draws that the regression had not seen, so that noise has about none; the interval is that of a mean over
        draws of what was explained.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> drawn = random.random((4000, 2))
    >>> first_order(drawn, drawn[:, 0] + 2 * drawn[:, 1]).value.round(1).tolist()
    [0.2, 0.8]
    """
    drawn, values = np.asarray(inputs, dtype=np.float64), np.asarray(outcome, dtype=np.float64)
    centred = values - values.mean()
    variance = float(centred.var())
    found, errors = np.zeros(drawn.shape[1]), np.zeros(drawn.shape[1])
    for at, fit in enumerate(spline_fits(drawn, values[:, None]) if variance > 0 else ()):
        explained = centred**2 - (values - fit.held_out[:, 0]) ** 2
        found[at] = explained.mean() / variance
        errors[at] = (explained - found[at] * centred**2).std(ddof=1) / np.sqrt(len(values)) / variance
    return Index(*(np.clip(found + z * errors, 0.0, 1.0) for z in (0.0, -1.6449, 1.6449)))
