r"""One model of all studies of the register, and what it says of a programme in a new place.

Studies of one cluster (one experiment, one set of deaths) count as one, at their mean weighted by precision, with the
error that it has if theirs are one and the same: (sum_j w_j e_j)^2. Cluster i, on the scale of its kind of programme
over the scale's unit:

    y_i = m + d + f + p + r + o + b + u_i + e_i
    m ~ N(m0, s_m^2)     mean of all programmes
    d ~ N(0, s_d^2)      what those that get studied have beyond it: a programme never studied has none
    f, p                 family, kind of programme: N(0, w s^2), N(0, (1 - w) s^2)
    r, o                 region of the world, class of outcome: N(0, s_r^2), N(0, s_o^2)
    b                    bias of the design: N(0, q h^2) common to its studies, N(0, (1 - q) h^2) each study's own;
                         and of what gets reported, so many of its standard errors: N(0, h_r^2) common to all studies
    u_i ~ N(0, t^2)      between settings; none for a synthesis, whose error is of a mean over settings
    e_i ~ N(0, v_i)      v_i published; where it was not, (a h_e)^2 by design, held within what the study's significance
                         leaves of it

A study that gives no more than a bound says that its y_i lies beyond it: the posterior is that of a normal cut off
there, whose first two moments are taken, one bound after the other (exact for one). With s, t and a log-normal, on a grid: given these all is normal and is conditioned exactly (Gelman and others, *Bayesian
Data Analysis*, 2013, section 5.4); the grid's points are weighted by the likelihood of the studies with a figure. A new
setting in Mexico gets m + d + f + p + r(Mexico) + o + u: no bias, and t^2 more variance (Higgins, Thompson and
Spiegelhalter, 2009). Bias by design, additive and uncertain, follows Turner, Spiegelhalter, Smith and Thompson (2009).

A before-after study alone moves the mean by at most a quarter of its estimate: its error variance is at least three
times the prior variance of what it measures (SCIENCE rule 10). Every number assumed stands in ``effects.toml``, the
families in ``families.toml``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve_triangular
from scipy.optimize import brentq
from scipy.special import log_ndtr, logsumexp, ndtr

from merida.distributions import Floats
from merida.errors import EvidenceError
from merida.evidence.register import Register, names_in
from merida.evidence.rows import Scale, Study, counted, kinds, rows_of, unit
from merida.evidence.terms import grid, parts, setting, shared, terms
from merida.names import nearest_names
from merida.one_line import OneLine
from merida.priors import Priors

QUARTER = 0.25
FEW = 3  # clusters with a figure below which an interval is the prior's


@dataclass(frozen=True, repr=False)
class Observed(OneLine):
    """Clusters as the model takes them.

    Attributes
    ----------
    names : tuple of str
        Those with a figure first, then signs, then those that give a bound alone.
    y : array, shape (clusters,)
        Effect in units of a programme at its study's dose, or the bound.
    own : array, shape (clusters,)
        Variance of the design's own bias.
    errors, least, most : array, shape (studies,)
        Standard error of each study, and the least and most that one that is assumed may be.
    assumed : array of bool, shape (studies,)
        Whether the error is assumed, and taken times a.
    member : array, shape (studies, clusters)
        Weight of each study in its cluster.
    setting : array, shape (clusters,)
        1 where the cluster is of one setting, 0 where it is a synthesis of many.
    terms : array, shape (clusters, terms)
        Weight of each term (mean, families, kinds, regions, outcomes).
    bias : array, shape (clusters, designs)
        Standard deviation of each design's common bias.
    before_after : array of bool, shape (clusters,)
    figures : int
        Clusters that give a figure.
    below : tuple of bool
        Of each cluster that gives a bound, the last ones: whether its effect lies below, not above.
    """

    names: tuple[str, ...]
    y: Floats
    own: Floats
    errors: Floats
    least: Floats
    most: Floats
    assumed: npt.NDArray[np.bool_]
    member: Floats
    setting: Floats
    terms: Floats
    bias: Floats
    before_after: npt.NDArray[np.bool_]
    figures: int
    below: tuple[bool, ...]


@dataclass(frozen=True, repr=False)
class Posterior(OneLine):
    """What the studies say of one mean effect, at each point of the grid; shape (points,).

    Attributes
    ----------
    weights : array
        Posterior weights of the points.
    mean, variance : array
        Of the mean effect, given the point.
    before : array
        Prior variance of the mean effect.
    tau : array
        Standard deviation between settings.
    """

    weights: Floats
    mean: Floats
    variance: Floats
    before: Floats
    tau: Floats

    @property
    def share_from_data(self) -> float:
        """Part of the prior variance of the mean effect that the studies took away."""
        return float(self.weights @ (1 - self.variance / self.before))

    def below(self, effect: float, new: bool) -> float:
        """Return the probability that the mean effect, or that in a new setting, lies below a number."""
        sd = np.sqrt(self.variance + new * self.tau**2)
        return float(self.weights @ ndtr((effect - self.mean) / sd))

    def quantile(self, q: float, new: bool) -> float:
        """Return the q-th quantile of the mean effect, or of that in a new setting."""
        sd = np.sqrt(self.variance + new * self.tau**2)
        low, high = float(np.min(self.mean - 10 * sd)), float(np.max(self.mean + 10 * sd))
        return float(brentq(lambda x: self.below(x, new) - q, low, high))


def biased_designs(priors: Priors) -> dict[str, float]:
    """Return the standard deviation of the bias of each design, and of owners' reports and of what gets reported."""
    prefix = "evidence.bias_sd."
    return {
        path.removeprefix(prefix): priors.number(path) for path in priors.entries if path.startswith(prefix)
    }


@lru_cache(maxsize=2048)
def averaged(cluster: tuple[Study, ...], bias: bool, priors: Priors) -> tuple[Floats, Floats, Floats]:
    """Return a cluster's numbers (y, own and setting of `Observed`), its terms and its common biases."""
    sds, in_common = biased_designs(priors), priors.number("evidence.bias_shared")
    designs = list(sds)
    numbers, biased = np.zeros(3), np.zeros(len(designs))
    for study, weight in zip(cluster, parts(cluster), strict=True):
        by_design = [study.design, "owner_reported"] if study.owner else [study.design]
        own = 0.0
        for design in by_design if bias else []:
            own += (1 - in_common) * sds[design] ** 2
            biased[designs.index(design)] += weight * sds[design] * math.sqrt(in_common)
        if bias:
            error = study.error / unit(study.kind, priors)
            biased[designs.index("reported")] += weight * sds["reported"] * error
        numbers += weight * np.array([study.value / unit(study.kind, priors), own, study.one_setting])
    return numbers, setting(cluster), biased


def observe(clusters: Iterable[tuple[Study, ...]], priors: Priors, bias: bool = True) -> Observed:
    """Return clusters as the model takes them: each at the mean of its studies, those with figures first."""
    ordered = sorted(clusters, key=lambda cluster: (is_bound(cluster), not has_figure(cluster)))
    averages = [averaged(cluster, bias, priors) for cluster in ordered]
    numbers, weights, biased = (
        np.array([average[part] for average in averages]).reshape(len(averages), width)
        for part, width in enumerate((3, len(terms()), len(biased_designs(priors))))
    )
    studies = [study for cluster in ordered for study in cluster]
    many = np.array([unit(study.kind, priors) for study in studies])
    member = np.zeros((len(studies), len(ordered)))
    member[np.arange(len(studies)), np.repeat(np.arange(len(ordered)), [len(c) for c in ordered])] = (
        np.concatenate([parts(cluster) for cluster in ordered]) if ordered else 0.0
    )
    bounds = [cluster for cluster in ordered if is_bound(cluster)]
    return Observed(
        tuple(cluster[0].cluster for cluster in ordered),
        numbers[:, 0],
        numbers[:, 1],
        np.array([study.error for study in studies]) / many,
        np.array([study.least for study in studies]) / many,
        np.array([study.most for study in studies]) / many,
        np.array([study.assumed for study in studies], dtype=bool),
        member,
        numbers[:, 2],
        weights,
        biased,
        np.array([all(study.before_after for study in cluster) for cluster in ordered], dtype=bool),
        sum(has_figure(cluster) for cluster in ordered) - len(bounds),
        tuple(cluster[0].below for cluster in bounds),
    )


def is_bound(cluster: Sequence[Study]) -> bool:
    """Return whether a cluster gives a bound and no figure: beside figures a bound counts as one, at its end."""
    return len(cluster) == 1 and cluster[0].source == "bound"


def has_figure(cluster: Iterable[Study]) -> bool:
    """Return whether a study of the cluster gives a figure, not a sign alone."""
    return any(study.has_figure for study in cluster)


def condition(data: Observed, targets: Floats, priors: Priors) -> list[Posterior]:
    """Return the posterior of each weighted sum of terms.

    Points of the grid are weighed by the clusters that give a figure: that signs are alike says nothing of spreads.

    Parameters
    ----------
    data : Observed
        The clusters.
    targets : array, shape (targets, terms)
        The weight of each term in the effects that are asked for.
    """
    points, m0 = grid(priors), priors.number("evidence.grand_mean")
    before = shared(targets, targets, priors)
    weights, mean, joint = given(
        data, covariance(data, priors), shared(data.terms, targets, priors), before, m0, points.log_weight
    )
    mean = mean + m0 * targets[:, 0]
    return [
        Posterior(
            weights, mean[:, target], joint[:, target, target], before[:, target, target], points.settings
        )
        for target in range(len(targets))
    ]


def given(
    data: Observed, among: Floats, across: Floats, targets: Floats, m0: float, log_weight: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return the weights of the grid's points, and mean and covariance of what is asked for beyond the grand mean.

    Parameters
    ----------
    among, across, targets : array, shape (points, clusters, clusters), (points, clusters, asked), (points, asked, asked)
        Prior covariance among clusters, of them with what is asked for, and of that.
    """
    n, asked = len(data.names) - len(data.below), targets.shape[1]
    apart = data.y - m0 * data.terms[:, 0]
    left = np.concatenate([across, among[:, :, n:]], axis=2)  # what is asked for, then the bounds
    root = np.linalg.cholesky(among[:, :n, :n])
    side = np.broadcast_to(apart[:n, None], (len(root), n, 1))
    half = solve_triangular(root, np.concatenate([side, left[:, :n]], axis=2), lower=True)
    off, half = half[:, :, 0], half[:, :, 1:]
    size = np.log(np.einsum("gii->gi", root))
    whole = np.block([[targets, across[:, n:].swapaxes(1, 2)], [across[:, n:], among[:, n:, n:]]])

    def after(first: int) -> tuple[Floats, Floats]:
        """Return mean and covariance of what is left, given the first clusters."""
        some = half[:, :first]
        return np.einsum("gi,gik->gk", off[:, :first], some), whole - some.swapaxes(1, 2) @ some

    log_weight = log_weight - (size + off**2 / 2)[:, : data.figures].sum(axis=1)
    for place, below in enumerate(data.below):  # signs say nothing of spreads: figures and bounds alone weigh the points
        mean, joint = after(data.figures) if place == 0 else (mean, joint)
        chance, mean, joint = held(mean, joint, asked + place, apart[n + place], below)
        log_weight = log_weight + chance
    mean, joint = after(n)
    for place, below in enumerate(data.below):
        _, mean, joint = held(mean, joint, asked + place, apart[n + place], below)
    return np.exp(log_weight - logsumexp(log_weight)), mean[:, :asked], joint[:, :asked, :asked]


def held(
    mean: Floats, joint: Floats, at: int, limit: float, below: bool
) -> tuple[Floats, Floats, Floats]:
    """Return the log probability that one of several normals lies below (or above) a limit, and their moments if it does."""
    sign = 1.0 if below else -1.0
    variance = joint[:, at, at]
    z = sign * (limit - mean[:, at]) / np.sqrt(variance)
    chance = log_ndtr(z)
    ratio = np.exp(-(z**2) / 2 - chance) / math.sqrt(2 * math.pi)
    gain = joint[:, :, at] / np.sqrt(variance)[:, None]
    shrunk = ratio * (z + ratio)
    mean = mean - sign * gain * ratio[:, None]
    return chance, mean, joint - shrunk[:, None, None] * gain[:, :, None] * gain[:, None, :]


def covariance(data: Observed, priors: Priors) -> Floats:
    """Return the prior covariance of the clusters at each point of the grid, shape (points, clusters, clusters)."""
    common = shared(data.terms, data.terms, priors) + data.bias @ data.bias.T
    return np.asarray(common + noise(data, priors)[:, :, None] * np.eye(len(data.names)))


def noise(data: Observed, priors: Priors) -> Floats:
    """Return the variance that each cluster has for itself at each point of the grid, shape (points, clusters)."""
    points = grid(priors)
    errors = np.clip(points.error[:, None] * data.errors, data.least, data.most)
    errors = np.where(data.assumed, errors, data.errors)
    own = data.setting * points.settings[:, None] ** 2 + data.own + (errors @ data.member) ** 2
    measured = np.einsum("gii->gi", shared(data.terms, data.terms, priors))
    least = (1 / QUARTER - 1) * measured - (data.bias**2).sum(axis=1)
    return np.where(data.before_after, np.maximum(own, least), own)


@lru_cache(maxsize=512)
def clusters_of(register: Register) -> dict[str, tuple[Study, ...]]:
    """Return the studies of a register that count, by cluster."""
    return counted(rows_of(register), register.priors)[0]


def fit(
    register: Register,
    named: Sequence[tuple[Study, ...]],
    aside: frozenset[str],
    target: Floats,
    bias: bool = True,
) -> Posterior:
    """Return the posterior of one effect from the clusters that a reading names and all others of the register.

    Parameters
    ----------
    register : Register
        The studies, as of a date.
    named : sequence of tuple of Study
        The reading's clusters, with the studies of each that it names.
    aside : frozenset of str
        Clusters that speak for another reading of the same effect: not believed in this one.
    target : array, shape (terms,)
        The weight of each term in the effect that is asked for.
    bias : bool
        Whether designs are taken to be biased either way.
    """
    left_out = aside | {cluster[0].cluster for cluster in named}
    others = [cluster for name, cluster in clusters_of(register).items() if name not in left_out]
    priors = register.priors
    return condition(observe([*named, *others], priors, bias), target[None], priors)[0]


@dataclass(frozen=True, repr=False)
class Pooled(OneLine):
    """What the register says of one of its programmes, on the scale of its kind.

    Attributes
    ----------
    mean, low, high : float
        Mean effect in places like the studies' own, with its 90 percent interval.
    new_mean, new_low, new_high : float
        Effect in a new setting in Mexico, 90 percent predictive interval.
    probability_harm : float
        That the effect in a new setting is above zero.
    tau, tau_low, tau_high : float
        Standard deviation between settings.
    independent, with_figure : int
        Clusters of studies; those among them that give a figure.
    studies : tuple of str
        Those that count.
    contested : bool
        Whether some found benefit and others harm or none.
    """

    programme: str
    outcome: str | None
    scale: Scale
    mean: float
    low: float
    high: float
    new_mean: float
    new_low: float
    new_high: float
    probability_harm: float
    tau: float
    tau_low: float
    tau_high: float
    independent: int
    with_figure: int
    studies: tuple[str, ...]
    share_from_data: float
    prior_driven: bool
    contested: bool


def programmes_of(register: Register) -> tuple[str, ...]:
    """Return the programmes of the register of which a study counts, sorted.

    Examples
    --------
    >>> "cure_violence" in programmes_of(Register())
    True
    """
    return tuple(sorted({study.programme for cluster in clusters_of(register).values() for study in cluster}))


def _first_counted(register: Register, programme: str) -> str | None:
    """Return the month in which the first study of a programme that counts was published, whatever the date."""
    every = clusters_of(Register(None, register.listed, register.priors)).values()
    counts = [study.name for cluster in every for study in cluster if study.programme == programme]
    rows = register.listed.filter(register.listed["study"].is_in(counts))
    return None if rows.is_empty() else str(rows["available_from"].min())


def outcomes_of(register: Register, programme: str) -> tuple[str, ...]:
    """Return the outcomes of a programme for which a study counts, and their classes, sorted.

    Examples
    --------
    >>> outcomes_of(Register(), "summer_jobs")
    ('violence', 'violent_crime_arrests')
    """
    every = (study for cluster in clusters_of(register).values() for study in cluster)
    mine = [study for study in every if study.programme == programme]
    return tuple(sorted({study.measured for study in mine} | {study.outcome for study in mine}))


def pooled(register: Register, programme: str, outcome: str | None = None, bias: bool = True) -> Pooled:
    """Return what all studies say of a programme of the register and an outcome, or a class of outcomes.

    Parameters
    ----------
    register : Register
        The studies, as of a date.
    programme : str
        As the register names it.
    outcome : str or None
        As the register names it, or a class; None: all that count.
    bias : bool
        Whether designs are taken to be biased either way.

    Raises
    ------
    EvidenceError
        If the register holds no such programme, none of its studies counts or did by its date, or none has that
        outcome.

    Examples
    --------
    >>> effect = pooled(Register(), "cure_violence")
    >>> effect.new_low < effect.low < effect.mean < effect.high < effect.new_high
    True
    """
    known = programmes_of(register)
    if programme not in known:
        first = _first_counted(register, programme)
        if register.as_of is not None and first is not None:
            raise EvidenceError(
                "programme_not_yet_pooled", found=programme, as_of=register.as_of, first=first
            )
        key = "programme_not_pooled" if programme in register.listed["programme"] else "unknown_programme"
        alike = kinds()[programme].programmes if programme in kinds() else ()
        close = ", ".join(name for name in alike if name in known)
        close = close or nearest_names(programme, names_in("studied_programmes", known))
        raise EvidenceError(key, found=programme, nearest=close)

    def wanted(study: Study) -> bool:
        return study.programme == programme and outcome in (None, study.measured, study.outcome)

    mine = [tuple(study for study in cluster if wanted(study)) for cluster in clusters_of(register).values()]
    named = [cluster for cluster in mine if cluster]
    if not named:
        raise EvidenceError(
            "unknown_study_outcome",
            found=outcome,
            programme=programme,
            known=", ".join(outcomes_of(register, programme)),
        )
    kind = named[0][0].kind
    here, there = (
        np.mean([setting(cluster, place) for cluster in named], axis=0) for place in ("", "mexico")
    )
    studied, new = (fit(register, named, frozenset(), target, bias) for target in (here, there))
    many = unit(kind, register.priors)
    order = np.argsort(studied.tau)
    tau = np.interp([0.05, 0.5, 0.95], np.cumsum(studied.weights[order]), studied.tau[order])
    with_figure = sum(has_figure(cluster) for cluster in named)
    signs = {np.sign(round(study.value, 12)) for cluster in named for study in cluster}
    return Pooled(
        programme=programme,
        outcome=outcome,
        scale=kinds()[kind].scale,
        mean=many * float(studied.weights @ studied.mean),
        low=many * studied.quantile(0.05, new=False),
        high=many * studied.quantile(0.95, new=False),
        new_mean=many * float(new.weights @ new.mean),
        new_low=many * new.quantile(0.05, new=True),
        new_high=many * new.quantile(0.95, new=True),
        probability_harm=1 - new.below(0.0, new=True),
        tau=many * float(tau[1]),
        tau_low=many * float(tau[0]),
        tau_high=many * float(tau[2]),
        independent=len(named),
        with_figure=with_figure,
        studies=tuple(study.name for cluster in named for study in cluster),
        share_from_data=studied.share_from_data,
        prior_driven=with_figure < FEW,
        contested=len(signs) > 1 and -1.0 in signs,
    )
