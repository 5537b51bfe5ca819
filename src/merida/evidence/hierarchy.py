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
there, whose first two moments are taken, one bound after the other (exact for one).

With s, t and a log-normal, on a grid: given these all is normal and is conditioned exactly (Gelman and others, *Bayesian
Data Analysis*, 2013, section 5.4); the grid's points are weighted by the likelihood of the studies with a figure. A new
setting in Mexico gets m + d + f + p + r(Mexico) + o + u: no bias, and t^2 more variance (Higgins, Thompson and
Spiegelhalter, 2009). Bias by design, additive and uncertain, follows Turner, Spiegelhalter, Smith and Thompson (2009).

A before-after study alone moves the mean by at most a quarter of its estimate: its error variance is at least three
times the prior variance of what it measures (SCIENCE rule 10). Every number assumed stands in ``effects.toml``, the
families in ``families.toml``. `posterior.py` does the algebra.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from merida.distributions import Floats
from merida.errors import EvidenceError
from merida.evidence.posterior import Posterior, condition, has_figure, solved
from merida.evidence.register import Register, names_in
from merida.evidence.rows import Scale, Study, counted, kinds, rows_of, unit
from merida.evidence.terms import setting
from merida.names import nearest_names
from merida.one_line import OneLine

FEW = 3  # clusters with a figure below which an interval is the prior's


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
    every = tuple(sorted([*named, *others], key=lambda cluster: cluster[0].cluster))
    return condition(solved(every, priors, bias), target[None], priors)[0]


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
    >>> outcomes_of(Register("2014-12"), "summer_jobs")
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
