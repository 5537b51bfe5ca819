"""From what a plan gains in each draw to one number: the mean, the mean of the worst part, or the largest regret.

Each is written with the weight that a draw (or a scenario) has in it, which is also its weight in the slope.
"""

from __future__ import annotations

import numpy as np

from merida.distributions import Floats

WORST = 0.1  # the part of draws that CVaR looks at
SHARPNESS = 200.0  # of the smooth maximum over scenarios, per part of the largest gain


def mean(gains: Floats) -> tuple[float, Floats]:
    """Return the mean of draws, and each draw's weight, shape (draws,)."""
    return float(gains.mean()), np.full(len(gains), 1.0 / len(gains))


def cvar(gains: Floats, worst: float = WORST) -> tuple[float, Floats]:
    """Return the mean of the worst part of the draws, and each draw's weight (Rockafellar and Uryasev, 2000).

    Parameters
    ----------
    gains : array, shape (draws,)
        More is better.
    worst : float
        The part, above 0 and at most 1; a draw may count in part.

    Examples
    --------
    >>> cvar(np.array([4.0, 1.0, 2.0, 3.0]), 0.5)[0]
    1.5
    >>> from scipy.stats import norm
    >>> round(cvar(norm.ppf((np.arange(1_000_000) + 0.5) / 1_000_000))[0], 5)
    -1.75498
    """
    order = np.argsort(gains, kind="stable")
    weights = np.zeros(len(gains))
    weights[order] = np.clip(worst * len(gains) - np.arange(len(gains)), 0.0, 1.0) / (worst * len(gains))
    return float(weights @ gains), weights


def least_regret(gains: Floats, best: Floats) -> tuple[float, Floats]:
    """Return the largest regret over scenarios with its sign turned, and each scenario's weight in its slope.

    Parameters
    ----------
    gains, best : array, shape (scenarios,)
        What the plan gains on average in each, and what the best plan for it does.
    """
    regret = best - gains
    weights = np.exp(SHARPNESS * (regret - regret.max()) / max(float(np.abs(best).max()), 1e-300))
    return -float(regret.max()), weights / weights.sum()


RISKS = {"mean": mean, "cvar": cvar}
