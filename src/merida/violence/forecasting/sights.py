"""What later observations on other bases say of the paths after the panel: the law of the forecast, conditioned.

The law of the forecast gives the months after the panel as a Gaussian vector f = c + A w, w standard normal: for the
nation the levels of ``trend.py`` and the drift at the end, for a state the walk of the log of its share. Each source of
`Later` observes sums of it,

    y = H (f + month) + ratio + noise,

H picks a month, or the mean of the twelve of a registered year; *month* is the noise of the deaths themselves, which
every source of one month shares; *ratio* is the log of the source's count beside the panel's: a random walk with
variance q a month whose past is seen where source and panel overlap; *noise* has r times the Poisson variance of the
count. q and r maximise the likelihood of the overlap times the priors of ``forecast.basis`` (a local level, Harvey,
1989), one pair for a source and level. Registered years hold deaths of earlier years and lack late ones, state months
lack those registered since (`Panel.complete` puts these back), victims are of another basis: the ratio is all of that.

So f given y is Gaussian too (Rasmussen and Williams, 2006, section A.2), with

    mean c + G (y - H c),  covariance (I - G H) A A',    G = A A' H' (H A A' H' + N)^-1,

N the covariance of all but H f. Where the law's draws are Student's, so are these, with the same factor.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from merida.distributions import Floats
from merida.priors import Priors
from merida.statistics.modes import least
from merida.violence.later import Later
from merida.violence.panel import LATE, Panel, month_lengths, summed

LEAST_OVERLAP = 12  # months before the panel's end, without which a source's ratio is not known
HALF = 0.5  # of a death, added where a logarithm is taken


@dataclass(frozen=True)
class Sight:
    """Noisy observations of the paths of G places after the panel, K of each.

    Parameters
    ----------
    spans : array, shape (K, months)
        H: which months are observed, and with what weight.
    values : array, shape (G, K)
        y less the mean of the ratio.
    basis : array, shape (G, K, K)
        Covariance of ratios and noise.
    """

    spans: Floats
    values: Floats
    basis: Floats


@dataclass(frozen=True)
class Conditioned:
    """The law of the paths of G places given what a `Sight` holds.

    Parameters
    ----------
    mean : array, shape (G, F)
    root : array, shape (G, F, F)
        Of the covariance.
    """

    mean: Floats
    root: Floats

    def drawn(self, normal: Floats) -> Floats:
        """Return a draw of each path, shape (G, F), from normal numbers of the same shape."""
        return np.asarray(self.mean + (self.root @ normal[:, :, None])[:, :, 0])


def conditioned(sight: Sight, centre: Floats, root: Floats, month_variance: Floats) -> Conditioned:
    """Return the law given a sight.

    Parameters
    ----------
    centre : array, shape (F,)
        c, of every path; its first numbers are months, others may follow.
    root : array, shape (G, F, W)
        A.
    month_variance : array, shape (G,)
        Variance of the log of a month's deaths about the path.
    """
    spans = np.pad(sight.spans, ((0, 0), (0, len(centre) - sight.spans.shape[1])))
    prior = root @ np.swapaxes(root, 1, 2)
    noise = sight.basis + month_variance[:, None, None] * (spans @ spans.T)
    gain = np.swapaxes(np.linalg.solve(spans @ prior @ spans.T + noise, spans @ prior), 1, 2)
    mean = centre + (gain @ (sight.values - spans @ centre)[:, :, None])[:, :, 0]
    covariance = prior - gain @ (spans @ prior)
    return Conditioned(
        mean, np.asarray(np.linalg.cholesky(covariance + 1e-12 * np.eye(len(centre))), np.float64)
    )


def sights(known: Panel, later: Later, priors: Priors) -> tuple[Sight, Sight]:
    """Return what is seen of the nation's log level, and of the logs of the states' shares."""
    months = later.months
    lengths = month_lengths(known.last_year + 1, 12 * (months // 12 + 1))
    states = summed(known.deaths, known.state_of, len(known.codes)) / known.complete
    nation = states.sum(axis=0) / (1 - np.repeat(known.unknown, 12))
    complete = np.ones(later.state_months.shape[1])
    if later.state_months.shape[1] > later.overlaps[1]:
        complete[-LATE:] = known.complete[
            -LATE:
        ]  # this file, too, ends with the registrations of its last year
    registered = summed(later.registered, known.state_of, len(known.codes)).astype(np.float64)
    sources = (
        (12, later.overlaps[0], registered, sum(later.nowhere.values(), np.zeros(registered.shape[1]))),
        (1, later.overlaps[1], later.state_months / complete, 0.0),
        (1, later.overlaps[2], later.victims.astype(np.float64), 0.0),
    )
    seen: tuple[list[Sight], list[Sight]] = ([], [])
    for width, overlap, counts, unplaced in sources:
        after, columns = counts.shape[1] - overlap, min(overlap, states.shape[1] // width)
        if columns * width < LEAST_OVERLAP or not after:
            continue
        whole = (counts.sum(axis=0) + unplaced)[None, -columns - after :]
        at_nation = by_span(nation[None], width, columns)
        spans = np.kron(np.eye(after), np.full(width, 1 / width))
        spans = np.pad(spans, ((0, 0), (0, months - spans.shape[1])))
        days = np.log(lengths[: after * width].reshape(after, width).sum(axis=1))
        ratio = np.log(whole[:, :columns] / at_nation)
        mean, basis = ratios(ratio, whole, width, priors)
        seen[0].append(Sight(spans, np.log(whole[:, columns:]) - days - mean, basis))
        shares = np.log(shared(counts[:, -columns - after :]))
        ratio = shares[:, :columns] - np.log(shared(by_span(states, width, columns)))
        mean, basis = ratios(ratio, counts[:, -columns - after :] + HALF, width, priors)
        seen[1].append(Sight(spans, shares[:, columns:] - mean, basis))
    return together(seen[0], 1, months), together(seen[1], len(states), months)


def by_span(values: Floats, width: int, columns: int) -> Floats:
    """Return sums over the last spans of months, shape (G, columns)."""
    return np.asarray(values[:, -width * columns :].reshape(len(values), columns, width).sum(axis=2))


def shared(counts: Floats) -> Floats:
    """Return the states' shares of counts, none of them zero."""
    return np.asarray((counts + HALF) / (counts + HALF).sum(axis=0))


def together(seen: list[Sight], groups: int, months: int) -> Sight:
    """Return the observations of several sources as one; their ratios are independent."""
    rows = sum(len(sight.spans) for sight in seen)
    basis, at = np.zeros((groups, rows, rows)), 0
    for sight in seen:
        here = slice(at, at := at + len(sight.spans))
        basis[:, here, here] = sight.basis
    return Sight(
        np.concatenate([np.zeros((0, months)), *(sight.spans for sight in seen)]),
        np.concatenate([np.zeros((groups, 0)), *(sight.values for sight in seen)], axis=1),
        basis,
    )


def ratios(past: Floats, counts: Floats, width: int, priors: Priors) -> tuple[Floats, Floats]:
    """Return mean (G, 1) and covariance (G, K, K) of later log ratios with their noise, from those of the overlap.

    Parameters
    ----------
    past : array, shape (G, O)
        Log of the source's count beside the panel's.
    counts : array, shape (G, O + K)
        The source's, whose Poisson variance the noise is a multiple of.
    width : int
        Months from one to the next.
    priors : Priors
        ``forecast.basis``: of the logarithm of ``drift``, the root of q, and of ``noise``, r; what a user holds is not
        fitted.
    """
    names = ("drift", "noise")
    centre = np.log([priors.number(f"forecast.basis.{name}") for name in names])
    spread = np.array([priors.sd(f"forecast.basis.{name}") for name in names])
    scale = np.where(spread > 0, spread, 1.0)
    overlap = past.shape[1]
    poisson = 1 / counts

    def loss(at: Floats) -> float:
        return (
            0.5 * float((((at - centre) / scale) ** 2).sum())
            - filtered(past, width * np.exp(2 * at[0]), np.exp(at[1]) * poisson[:, :overlap])[2]
        )

    drift, noise = np.exp(least(loss, centre, spread > 0, "Nelder-Mead", {"xatol": 1e-2, "fatol": 1e-2}))
    mean, variance, _ = filtered(past, width * drift**2, noise * poisson[:, :overlap])
    ahead = width * np.arange(1, counts.shape[1] - overlap + 1)
    walk = variance[:, None, None] + drift**2 * np.minimum(ahead[:, None], ahead)
    each = noise * poisson[:, overlap:, None] * np.eye(len(ahead))
    return mean[:, None], walk + each


def filtered(x: Floats, step: float, noise: Floats) -> tuple[Floats, Floats, float]:
    """Return mean and variance (G,) of local levels after series x, shape (G, T), and the log likelihood of all.

    Parameters
    ----------
    step : float
        Variance of a level's step.
    noise : array, shape (G, T)
        Variance of each observation about its level.
    """
    mean, variance, likelihood = x[:, 0], noise[:, 0], 0.0
    for value, own in zip(x[:, 1:].T, noise[:, 1:].T, strict=True):
        prior = variance + step
        error, total = value - mean, prior + own
        likelihood -= 0.5 * float((np.log(2 * np.pi * total) + error**2 / total).sum())
        mean, variance = mean + prior / total * error, prior * own / total
    return mean, variance, likelihood
