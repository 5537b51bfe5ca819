"""The answer of ``merida evidence pool --file``: its figures by their public names, documented in docs/models/meta.md."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from merida.words import Words

if TYPE_CHECKING:
    from merida.evidence.meta.pooling import Pooled, Test
    from merida.evidence.meta.studies import Studies
    from merida.evidence.meta.three_level import ThreeLevel


def summary(found: Pooled | ThreeLevel, ratio: bool = False) -> dict[str, Any]:
    """Return the figures of a meta-analysis by their public names."""
    from merida.evidence.meta.three_level import ThreeLevel

    alone = found.coefficients[0] if len(found.coefficients) == 1 else None
    prediction = found.prediction
    head: dict[str, Any] = {
        "k": found.k,
        "estimate": alone and alone.estimate,
        "std_error": alone and alone.std_error,
        "statistic": alone and alone.statistic,
        "df": found.df,
        "p": alone and alone.p,
        "ci": alone and alone.ci,
        "prediction_interval": prediction,
        "ratio": None,
    }
    if alone and ratio:
        head["ratio"] = {
            "estimate": ratio_of(alone.estimate),
            "ci": [ratio_of(end) for end in alone.ci],
            "prediction_interval": [ratio_of(end) for end in prediction] if prediction else None,
        }
    return head | (of_three_level(found) if isinstance(found, ThreeLevel) else of_pooled(found))


def ratio_of(logarithm: float) -> float:
    """Return the ratio of a logarithm, infinite where no number is large enough."""
    return math.exp(logarithm) if logarithm < math.log(sys.float_info.max) else math.inf


def of_pooled(found: Pooled) -> dict[str, Any]:
    """Return heterogeneity and moderators of a model of two levels."""
    seen, moderation = found.heterogeneity, found.moderation
    return {
        "tau2": seen.tau2,
        "tau2_std_error": seen.tau2_std_error,
        "tau2_ci": seen.tau2_ci,
        "I2": seen.i2,
        "I2_ci": seen.i2_ci,
        "H2": seen.h2,
        "H2_ci": seen.h2_ci,
        "I2_from_Q": seen.i2_from_q,
        "H2_from_Q": seen.h2_from_q,
        "Q": seen.q,
        "Q_df": seen.q_df,
        "Q_p": seen.q_p,
        "R2": moderation and moderation.r2,
        **(of_tests(moderation.test, moderation.each) if moderation else of_tests(None, {})),
        "coefficients": [asdict(one) for one in found.coefficients],
        "components": None,
    }


def of_three_level(found: ThreeLevel) -> dict[str, Any]:
    """Return heterogeneity and moderators of a model of three levels; what has no single tau² is None."""
    return {
        "tau2": found.total,
        "tau2_std_error": None,
        "tau2_ci": None,
        "I2": found.i2,
        "I2_ci": None,
        "H2": found.h2,
        "H2_ci": None,
        "I2_from_Q": found.i2_from_q,
        "H2_from_Q": found.q / found.q_df,
        "Q": found.q,
        "Q_df": found.q_df,
        "Q_p": found.q_p,
        "R2": None,
        **of_tests(found.together, found.each),
        "coefficients": [asdict(one) for one in found.coefficients],
        "components": {
            "clusters": found.clusters,
            "sigma2_between": found.between,
            "sigma2_between_ci": found.between_ci,
            "sigma2_within": found.within,
            "sigma2_within_ci": found.within_ci,
            "intraclass_correlation": found.intraclass_correlation,
            "I2_between": found.i2_between,
            "I2_within": found.i2_within,
            "robust": [asdict(one) for one in found.robust],
        },
    }


def of_tests(together: Test | None, each: Mapping[str, Test]) -> dict[str, Any]:
    """Return the tests of moderators."""
    return {
        "QM": together and together.statistic,
        "QM_df": together and together.df,
        "QM_df2": together and together.df2,
        "QM_p": together and together.p,
        "moderators": [{"name": name} | asdict(test) for name, test in each.items()],
    }


def rows(given: Studies, found: Pooled | ThreeLevel, level: float) -> list[dict[str, Any]]:
    """Return the studies with their own intervals and weights."""
    from merida.evidence.meta.pooling import Pooled, interval_of

    shrunken = found.shrunken.tolist() if isinstance(found, Pooled) else [None] * found.k
    return [
        {
            "study": label,
            "estimate": y,
            "variance": v,
            "ci": interval_of(y, math.sqrt(v), None, level),
            "weight": weight,
            "shrunken": seen,
        }
        for label, y, v, weight, seen in zip(
            given.labels, given.y.tolist(), given.v.tolist(), found.weights.tolist(), shrunken, strict=True
        )
    ]


def notes(given: Studies, found: Pooled | ThreeLevel, wald: bool, to_all: bool, said: Words) -> list[str]:
    """Return what a reader must know of the answer."""
    texts = []
    if given.omitted:
        lines = [f"{line} ({column})" for line, column in given.omitted]
        texts.append(said.text("meta.omitted", count=len(lines), lines=few(lines)))
    if given.silent:
        lines = [str(line) for line in given.silent]
        texts.append(said.text("meta.silent", count=len(lines), lines=few(lines)))
    if given.corrected:
        lines = [str(line) for line in given.corrected]
        key = "meta.corrected_all" if to_all else "meta.corrected"
        texts.append(said.text(key, count=len(lines), add=f"{given.added:g}", lines=few(lines)))
    if given.cluster is not None and not wald:
        texts.append(said.text("meta.t_instead"))
    if found.k < 5:
        texts.append(said.text("meta.few", k=found.k))
    return texts


def few(lines: list[str], most: int = 10) -> str:
    """Return the first of many lines."""
    return ", ".join(lines[:most]) + ("…" if len(lines) > most else "")


def biases(
    given: Studies, options: dict[str, Any], steps: list[float], texts: list[str], said: Words
) -> dict[str, Any]:
    """Return tests of asymmetry, trim and fill, and the selection model; what cannot be estimated is noted."""
    from merida.evidence.meta.bias import asymmetry

    found = asymmetry(given.y, given.v, steps, **options)
    if found.not_fitted is not None:
        texts.append(found.not_fitted.message(said.language))
    kept = ("k", "estimate", "std_error", "p", "ci", "tau2", "I2", "Q", "Q_p")
    return {
        "egger": asdict(found.egger),
        "egger_classical": asdict(found.classical),
        "rank": asdict(found.rank),
        "trim_and_fill": {
            estimator.value: {
                "missing": filled.missing,
                "missing_std_error": filled.std_error,
                "missing_p": filled.p,
                "side": filled.side,
                **{name: summary(filled.pooled)[name] for name in kept},
            }
            for estimator, filled in found.filled.items()
        },
        "selection": found.selection and asdict(found.selection),
    }
