"""What net benefits are expected to be given parameters: penalised regressions in closed form, with held-out values.

A single parameter enters by its normal scores through a cubic spline basis that depends on ranks alone. Of several
together those enter that go most with the outcome, two, five, twelve or thirty of them: by splines of each, products of
pairs, and a Gaussian kernel at inducing points. Generalised cross-validation chooses among them and how much each is
penalised; every candidate is a ridge regression.

Every fit comes with held-out values: draws are dealt to `FOLDS` folds, and each is told what the same choices, made
without its fold, expect of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.interpolate import BSpline
from scipy.linalg import eigh
from scipy.special import ndtri
from scipy.stats import rankdata

from merida.distributions import Floats

FOLDS = 4
END = 3.0  # of the splines, in normal scores
PIECES, FEWER_PIECES = 10, 5  # of the spline of one parameter alone, and of each of several
PENALTIES = np.logspace(-4, 8, 25)  # relative to the data's own scale
TOGETHER = (2, 5, 12, 30)  # parameters that enter together
PAIRS_UP_TO, KERNEL_UP_TO = 12, 5
POINTS = 60
DRAWS_A_FEATURE = 4  # at least, beyond the first candidate
LENGTHS = (1.0, 2.0)  # of the kernel, in root mean squared distances of normal scores

Whole = npt.NDArray[np.int64]


class Fit(NamedTuple):
    """What is expected in each draw, shape (draws, columns): by the fit of all draws, and without the draw's fold."""

    fitted: Floats
    held_out: Floats


class Ridge:
    """Ridge regressions of any outcomes on one set of features, at penalties that cross-validation chooses.

    Parameters
    ----------
    features : array, shape (draws, features)
    penalty : array, shape (features, features), or None
        The quadratic form that is penalised (default: the sum of squares).
    """

    def __init__(self, features: Floats, penalty: Floats | None = None) -> None:
        self.features = features
        products = features.T @ features
        size = len(products)
        scale = np.trace(products) / size
        products += 1e-9 * scale * np.eye(size)
        # With these vectors products are the identity and the penalty diagonal: all penalties cost one pass.
        if penalty is None:
            strength, vectors = eigh(products)
            rough, self.vectors = scale / strength, vectors / np.sqrt(strength)
        else:
            rough, self.vectors = eigh(penalty * scale * size / np.trace(penalty), products)
        self.shrunk = 1 / (1 + PENALTIES[:, None] * np.maximum(rough, 0.0))  # (penalties, features)

    def fit(self, outcomes: Floats) -> tuple[Floats, Floats]:
        """Return weights (features, columns) of each column of outcomes at its own penalty, and what is lost by each."""
        loadings = self.vectors.T @ (self.features.T @ outcomes)
        explained = (2 * self.shrunk - self.shrunk**2) @ loadings**2  # (penalties, columns)
        left = np.maximum((outcomes**2).sum(axis=0) - explained, 0.0)
        freedom = np.maximum(1 - self.shrunk.sum(axis=1) / len(outcomes), 1e-3)
        lost = left / freedom[:, None] ** 2
        return self.vectors @ (self.shrunk[lost.argmin(axis=0)].T * loadings), lost.min(axis=0)


def scores(columns: Floats) -> Floats:
    """Return normal scores of each column's ranks; ties share theirs."""
    ranks = rankdata(columns, axis=0)
    return np.asarray(ndtri((ranks - 0.5) / len(columns)), dtype=np.float64)


def spline_basis(z: Floats, pieces: int) -> Floats:
    """Return cubic B-splines of normal scores, shape (draws, pieces + 3); scores are clipped to the knots' range."""
    step = 2 * END / pieces
    knots = -END + step * np.arange(-3, pieces + 4)
    inside = np.clip(z, -END, np.nextafter(knots[-4], 0))
    return np.asarray(BSpline.design_matrix(inside, knots, 3).toarray(), dtype=np.float64)


def dealt(draws: int) -> Whole:
    """Return the fold of each draw, in an order in which outcomes have no part."""
    return np.arange(draws) % FOLDS


def spline_fits(columns: Floats, outcomes: Floats) -> Iterator[Fit]:
    """Yield the fit of the outcomes on each column alone.

    Parameters
    ----------
    columns : array, shape (draws, parameters)
    outcomes : array, shape (draws, columns)
    """
    draws = len(columns)
    basis = spline_basis(ndtri((np.arange(draws) + 0.5) / draws), PIECES)
    bends = np.diff(np.eye(basis.shape[1]), n=2, axis=0)
    folds, means = dealt(draws), outcomes.mean(axis=0)
    whole = Ridge(basis, bends.T @ bends)
    without = [Ridge(basis[folds != fold], bends.T @ bends) for fold in range(FOLDS)]
    for column in columns.T:
        order = np.argsort(column, kind="stable")
        sorted_outcomes = outcomes[order] - means
        held = np.empty_like(outcomes)
        for fold, ridge in enumerate(without):
            held[folds == fold] = basis[folds == fold] @ ridge.fit(sorted_outcomes[folds != fold])[0]
        back = np.argsort(order)
        firsts = np.flatnonzero(np.r_[True, np.diff(column[order]) > 0])
        fitted = basis @ whole.fit(sorted_outcomes)[0]
        yield Fit(*(means + alike(values, firsts)[back] for values in (fitted, held)))


def alike(values: Floats, firsts: Whole) -> Floats:
    """Return values in which runs of ties, which begin at `firsts`, share their mean."""
    lengths = np.diff(np.r_[firsts, len(values)])
    return np.repeat(np.add.reduceat(values, firsts, axis=0) / lengths[:, None], lengths, axis=0)


def group_means(column: Floats, outcomes: Floats) -> Fit:
    """Return the fit on a parameter of few values: the mean of the draws at each."""
    member = np.unique(column, return_inverse=True)[1]
    folds = dealt(len(column))

    def means(used: npt.NDArray[np.bool_]) -> Floats:
        counts = np.bincount(member[used], minlength=member.max() + 1)[:, None]
        sums = np.stack([np.bincount(member[used], y[used], len(counts)) for y in outcomes.T], axis=1)
        return np.where(counts > 0, sums / np.maximum(counts, 1), outcomes[used].mean(axis=0))[member]

    held = np.empty_like(outcomes)
    for fold in range(FOLDS):
        held[folds == fold] = means(folds != fold)[folds == fold]
    return Fit(means(np.ones(len(column), dtype=bool)), held)


def joint_fit(columns: Floats, outcomes: Floats) -> Fit:
    """Return the fit of the outcomes on all columns together, with interactions where they predict better."""
    z = scores(columns)
    folds = np.random.default_rng(0).permutation(dealt(len(z)))
    fitted, held = np.empty_like(outcomes), np.empty_like(outcomes)
    made = cache(lambda chosen: tuple(candidates(z[:, chosen])))
    for at, outcome in enumerate(outcomes.T):
        fitted[:, at] = expected(z, outcome, np.ones(len(z), dtype=bool), made)
        for fold in range(FOLDS):
            held[folds == fold, at] = expected(z, outcome, folds != fold, made)[folds == fold]
    return Fit(fitted, held)


def expected(
    z: Floats,
    outcome: Floats,
    used: npt.NDArray[np.bool_],
    made: Callable[[tuple[int, ...]], tuple[Floats, ...]],
) -> Floats:
    """Return what the best candidate expects in each draw, its choices made from the draws that are `used`.

    Parameters
    ----------
    made : callable
        Takes the numbers of some parameters and returns their `candidates`.
    """
    mean = outcome[used].mean()
    order = np.argsort(-association(z[used], outcome[used]), kind="stable")
    best: tuple[float, Floats] = (np.inf, np.zeros(len(z)))
    for size in sorted({min(size, z.shape[1]) for size in TOGETHER}):
        for features in made(tuple(sorted(order[:size].tolist()))):
            if features.shape[1] * DRAWS_A_FEATURE > used.sum() and np.isfinite(best[0]):
                break
            weights, lost = Ridge(features[used]).fit(outcome[used, None] - mean)
            if lost[0] < best[0]:
                best = float(lost[0]), features @ weights[:, 0]
    return np.asarray(mean + best[1], dtype=np.float64)


def association(z: Floats, outcome: Floats) -> Floats:
    """Return for each parameter how much the outcome and its square go with the parameter's score and its square.

    A parameter that matters only beside another one moves the spread of the outcome, though not its mean.
    """
    moments = np.stack([outcome, (outcome - outcome.mean()) ** 2], axis=1)
    spread = moments.std(axis=0)
    standing = (moments - moments.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return np.asarray(
        ((z.T @ standing) ** 2 + ((z**2 - 1).T @ standing) ** 2 / 2).sum(axis=1), dtype=np.float64
    )


def candidates(z: Floats) -> Iterator[Floats]:
    """Yield sets of features of some parameters, each wider than the one before it."""
    size = z.shape[1]
    features = standard(np.concatenate([z, *(spline_basis(one, FEWER_PIECES) for one in z.T)], axis=1))
    yield features
    if 1 < size <= PAIRS_UP_TO:
        first, second = np.triu_indices(size, 1)
        features = np.concatenate([features, standard(z[:, first] * z[:, second])], axis=1)
        yield features
    if 1 < size <= KERNEL_UP_TO:
        for length in LENGTHS:
            yield np.concatenate([features, standard(kernel(z, length))], axis=1)


def standard(features: Floats) -> Floats:
    """Return features with mean 0 and deviation 1; those that do not vary are left out."""
    spread = features.std(axis=0)
    kept = spread > 1e-9
    return np.asarray((features[:, kept] - features[:, kept].mean(axis=0)) / spread[kept], dtype=np.float64)


def kernel(z: Floats, length: float) -> Floats:
    """Return Gaussian bumps at points spread over the draws, shape (draws, points)."""
    points = z[np.linspace(0, len(z) - 1, min(POINTS, len(z) // 4)).astype(int)]
    squared = (z**2).sum(axis=1)[:, None] + (points**2).sum(axis=1) - 2 * z @ points.T
    return np.asarray(np.exp(-0.5 * squared / (length**2 * z.shape[1])), dtype=np.float64)
