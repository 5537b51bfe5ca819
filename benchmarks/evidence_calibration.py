"""Judge the model of the register on clusters of studies that it did not see, as the tables of docs/models/evidence.md.

Run: python benchmarks/evidence_calibration.py [--no-bias]

Each cluster that gives a figure is predicted from all others: density of its figure (mean log score, higher is better)
and coverage of central intervals, beside (a) the prior alone and (b) the former closed form, in which each kind of
programme was fitted alone with fixed spreads.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
from scipy.special import logsumexp
from scipy.stats import norm

from merida.distributions import Floats
from merida.evidence import Register
from merida.evidence.hierarchy import clusters_of
from merida.evidence.posterior import Observed, biased_designs, covariance, held, observe
from merida.evidence.terms import grid, terms

PRIORS = Register().priors
PRIOR_SD, BETWEEN = 0.25, 0.2  # of the former closed form
QUARTER = 3.0  # what a before-after study's variance was held to at least, in prior variances

Predictive = tuple[Floats, Floats, Floats]  # weights, means, standard deviations of normal parts


def by_model(data: Observed) -> list[Predictive]:
    """Return the predictive law of each cluster with a figure from all others, in closed form given the spreads."""
    among, m0 = covariance(data, PRIORS), PRIORS.number("evidence.grand_mean")
    y = data.y - m0 * data.terms[:, 0]
    bounds = list(range(len(y) - len(data.below), len(y)))
    figures = [*range(data.figures), *bounds]  # the weights of the grid rest on figures and bounds alone
    few, every = (np.linalg.inv(part) for part in (among[:, figures][:, :, figures], among))
    size = np.linalg.slogdet(among[:, : data.figures, : data.figures])[1]
    exact = np.linalg.inv(among[:, : data.figures, : data.figures])
    whole = -size / 2 - np.einsum("i,gij,j->g", y[: data.figures], exact, y[: data.figures]) / 2
    found = []
    for i in range(data.figures):
        alone = 1 / exact[:, i, i]
        of_this = norm.logpdf(y[i], y[i] - alone * (exact[:, i] @ y[: data.figures]), np.sqrt(alone))
        weights = grid(PRIORS).log_weight + whole - of_this
        mean, joint = left_out(few, y[figures], [i, *range(data.figures, len(figures))])
        for place, below in enumerate(data.below):
            chance, mean, joint = held(mean, joint, 1 + place, y[bounds[place]], below)
            weights = weights + chance
        mean, joint = left_out(every, y, [i, *bounds])
        for place, below in enumerate(data.below):
            _, mean, joint = held(mean, joint, 1 + place, y[bounds[place]], below)
        weights = np.exp(weights - logsumexp(weights))
        found.append((weights, mean[:, 0] + m0 * data.terms[i, 0], np.sqrt(joint[:, 0, 0])))
    return found


def left_out(precision: Floats, y: Floats, some: list[int]) -> tuple[Floats, Floats]:
    """Return mean and covariance of some of a normal's parts given all others, from its precision."""
    among = np.linalg.inv(precision[:, some][:, :, some])
    return y[some] - np.einsum("gij,gj->gi", among, precision[:, some] @ y), among


def by_prior(data: Observed) -> list[Predictive]:
    """Return the law of each cluster with a figure before any study is seen."""
    k, weights = covariance(data, PRIORS), np.exp(grid(PRIORS).log_weight)
    return [(weights, np.zeros(len(k)), np.sqrt(k[:, i, i])) for i in range(data.figures)]


def by_closed_form(data: Observed) -> list[Predictive]:
    """Return the predictive law of each cluster with a figure from the others of its kind alone."""
    kind = data.terms[:, [at for name, at in terms().items() if name.startswith("kind:")]].argmax(axis=1)
    bias = np.delete(data.bias, list(biased_designs(PRIORS)).index("reported"), axis=1)
    total = data.own + (data.errors @ data.member) ** 2 + (bias**2).sum(axis=1) + BETWEEN**2
    total = np.where(data.before_after, np.maximum(total, QUARTER * PRIOR_SD**2), total)
    found = []
    for i in range(data.figures):
        others = (kind == kind[i]) & (np.arange(len(kind)) != i)
        precision = PRIOR_SD**-2 + (1 / total[others]).sum()
        mean = (data.y[others] / total[others]).sum() / precision
        found.append((np.ones(1), np.array([mean]), np.array([np.sqrt(1 / precision + total[i])])))
    return found


def scored(data: Observed, distributions: list[Predictive]) -> tuple[Floats, Floats]:
    """Return the log density and the probability below of each figure."""
    density, below = [], []
    for y, (weights, mean, sd) in zip(data.y, distributions, strict=False):
        density.append(logsumexp(np.log(weights) + norm.logpdf(y, mean, sd)))
        below.append(weights @ norm.cdf(y, mean, sd))
    return np.array(density), np.array(below)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-bias", action="store_true")
    bias = not parser.parse_args().no_bias
    data = observe(clusters_of(Register()).values(), PRIORS, bias)
    print(f"{data.figures} clusters with a figure, {len(data.names)} in all")
    print("| Law | Mean log score | against the model | 50 % holds | 90 % holds | Mean of the ranks |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    ways: dict[str, Callable[[Observed], list[Predictive]]] = {
        "hierarchical model": by_model,
        "prior alone": by_prior,
        "former closed form": by_closed_form,
    }
    best = scored(data, by_model(data))[0]
    for name, way in ways.items():
        density, below = scored(data, way(data))
        less = density - best
        error = less.std(ddof=1) / np.sqrt(len(less))
        middle, wide = (np.mean(np.abs(below - 0.5) < share / 2) for share in (0.5, 0.9))
        against = "" if name == "hierarchical model" else f"{less.mean():+.2f} (s.e. {error:.2f})"
        cells = (
            name,
            f"{density.mean():.2f}",
            against,
            f"{100 * middle:.0f} %",
            f"{100 * wide:.0f} %",
            f"{below.mean():.2f}",
        )
        print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
