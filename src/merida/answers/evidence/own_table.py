"""A meta-analysis of a user's own table; its figures by their public names, which docs/models/meta.md documents."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from merida.answers.questions import finite
from merida.facts.schema import Text as Both
from merida.words import LANGUAGES, words

if TYPE_CHECKING:
    from merida.evidence.meta.analysis import Analysis
    from merida.evidence.meta.pooling import Pooled, Test
    from merida.evidence.meta.three_level import ThreeLevel
    from merida.progress import Work

Pair = tuple[float | None, float | None]
NOTED = 10  # lines of a table that a note lists


@dataclass(frozen=True)
class Ratio:
    """The pooled effect as a ratio; None where no number is large enough."""

    estimate: float | None
    ci: Pair
    prediction_interval: Pair | None


@dataclass(frozen=True)
class CoefficientLine:
    """A coefficient with its test and interval."""

    name: str
    estimate: float
    std_error: float
    statistic: float | None
    p: float | None
    ci: Pair


@dataclass(frozen=True)
class ModeratorLine:
    """The test of one moderator."""

    name: str
    statistic: float | None
    df: int
    df2: int | None
    p: float | None


@dataclass(frozen=True)
class Components:
    """The variances between and within clusters, and the coefficients with robust errors."""

    clusters: int
    sigma2_between: float
    sigma2_between_ci: Pair
    sigma2_within: float
    sigma2_within_ci: Pair
    intraclass_correlation: float | None
    I2_between: float
    I2_within: float
    robust: tuple[CoefficientLine, ...]


@dataclass(frozen=True)
class EggerLine:
    """A regression of effects on their standard errors, and the effect of a study without error."""

    slope: CoefficientLine
    limit: CoefficientLine
    df: int | None


@dataclass(frozen=True)
class RankLine:
    """Kendall's tau between effects and variances."""

    tau: float | None
    p: float | None


@dataclass(frozen=True)
class FilledLine:
    """How many studies one estimator finds missing, and the effect with them."""

    missing: int
    missing_std_error: float
    missing_p: float | None
    side: str
    k: int
    estimate: float
    std_error: float
    p: float | None
    ci: Pair
    tau2: float
    I2: float
    Q: float
    Q_p: float


@dataclass(frozen=True)
class StepLine:
    """A step of p-values with its weight."""

    above: float
    up_to: float
    k: int
    weight: float
    std_error: float | None
    ci: Pair | None


@dataclass(frozen=True)
class SelectionLine:
    """The selection model."""

    alternative: str
    effect: CoefficientLine
    tau2: float
    tau2_std_error: float | None
    steps: tuple[StepLine, ...]
    statistic: float | None
    df: int
    p: float | None


@dataclass(frozen=True)
class Bias:
    """Small studies against large ones."""

    egger: EggerLine
    egger_classical: EggerLine
    rank: RankLine
    trim_and_fill: dict[str, FilledLine]
    selection: SelectionLine | None


@dataclass(frozen=True)
class Omitted:
    """A row left out for an empty cell."""

    line: int
    column: str


@dataclass(frozen=True)
class StudyLine:
    """A study with its own interval, its weight in percent and its effect as the model sees it."""

    study: str
    estimate: float
    variance: float
    ci: Pair
    weight: float
    shrunken: float | None


@dataclass(frozen=True)
class TableAnswer:
    """The meta-analysis of a table; shares in percent; what a model does not have is None."""

    file: str
    measure: str | None
    method: str
    interval: str
    prediction: str
    level: float
    k: int
    estimate: float | None
    std_error: float | None
    statistic: float | None
    df: int | None
    p: float | None
    ci: Pair | None
    prediction_interval: Pair | None
    ratio: Ratio | None
    tau2: float
    tau2_std_error: float | None
    tau2_ci: Pair | None
    I2: float
    I2_ci: Pair | None
    H2: float
    H2_ci: Pair | None
    I2_from_Q: float
    H2_from_Q: float
    Q: float
    Q_df: int
    Q_p: float
    R2: float | None
    QM: float | None
    QM_df: int | None
    QM_df2: int | None
    QM_p: float | None
    moderators: tuple[ModeratorLine, ...]
    coefficients: tuple[CoefficientLine, ...]
    components: Components | None
    bias: Bias | None
    omitted: tuple[Omitted, ...]
    corrected: tuple[int, ...]
    added: float | None
    without_information: tuple[int, ...]
    notes: tuple[Both, ...]
    studies: tuple[StudyLine, ...]


def table_answer(path: Path, table: Mapping[str, Any], pooling: Mapping[str, Any], work: Work) -> TableAnswer:
    """Return the meta-analysis of a file."""
    from merida.evidence.meta.analysis import analyse

    done = analyse(path, **table, **pooling, progress=work.stage("meta"))
    given = done.given
    answer = {
        "file": str(path),
        "measure": table["measure"],
        **{name: pooling[name].value for name in ("method", "interval", "prediction")},
        "level": 100 * pooling["level"],
        **summary(done.found, done.ratio),
        "bias": None if done.asymmetry is None else bias_of(done),
        "omitted": [{"line": line, "column": column} for line, column in given.omitted],
        "corrected": given.corrected,
        "added": given.added,
        "without_information": given.silent,
        "notes": list(notes(done, pooling, table)),
        "studies": list(study_lines(done)),
    }
    return TypeAdapter(TableAnswer).validate_python(finite(answer))


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


def study_lines(done: Analysis) -> Iterator[dict[str, Any]]:
    """Yield the studies with their own intervals and weights."""
    from merida.evidence.meta.pooling import Pooled, interval_of

    given, found = done.given, done.found
    shrunken = found.shrunken.tolist() if isinstance(found, Pooled) else [None] * found.k
    columns = (given.labels, given.y.tolist(), given.v.tolist(), found.weights.tolist(), shrunken)
    for label, y, v, weight, seen in zip(*columns, strict=True):
        ci = interval_of(y, math.sqrt(v), None, done.level)
        yield {"study": label, "estimate": y, "variance": v, "ci": ci, "weight": weight, "shrunken": seen}


def bias_of(done: Analysis) -> dict[str, Any]:
    """Return tests of asymmetry, trim and fill, and the selection model."""
    found = done.asymmetry
    assert found is not None
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


def notes(done: Analysis, pooling: Mapping[str, Any], table: Mapping[str, Any]) -> Iterator[Both]:
    """Yield what a reader must know of the answer: how the file was read, what was left out, what was not fitted."""
    given, asymmetry = done.given, done.asymmetry
    for note in done.notes:
        yield Both(**{language: note.text(words(language)) for language in LANGUAGES})
    if given.omitted:
        lines = few(f"{line} ({column})" for line, column in given.omitted)
        yield noted("meta.omitted", count=len(given.omitted), lines=lines)
    if given.silent:
        yield noted("meta.silent", count=len(given.silent), lines=few(given.silent))
    if given.corrected:
        key = "meta.corrected_all" if table["to"].value == "all" else "meta.corrected"
        yield noted(key, count=len(given.corrected), add=f"{given.added:g}", lines=few(given.corrected))
    if given.cluster is not None and pooling["interval"].value != "wald":
        yield noted("meta.t_instead")
    if done.found.k < 5:
        yield noted("meta.few", k=done.found.k)
    if asymmetry is not None and asymmetry.not_fitted is not None:
        error = asymmetry.not_fitted
        yield Both(**{language: error.message(language) for language in LANGUAGES})


def noted(key: str, **values: object) -> Both:
    """Return a text in both languages."""
    return Both(**{language: words(language).text(key, **values) for language in LANGUAGES})


def few(lines: Iterable[object]) -> str:
    """Return the first of many lines."""
    texts = [str(line) for line in lines]
    return ", ".join(texts[:NOTED]) + ("…" if len(texts) > NOTED else "")
