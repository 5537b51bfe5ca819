"""What the register says of a programme, beside plain random effects of the same studies."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from merida.answers.evidence.forest import (
    ELASTICITY_HEADS,
    HEADS,
    axis_of,
    in_words,
    interval_of,
    mark_row,
    study_row,
)
from merida.answers.evidence.studies import of_framework
from merida.answers.holding import priors_of
from merida.answers.questions import Frame
from merida.document.blocks import AnswerBlock, Cell, Column, Month, Rounded, Sentence, Table
from merida.errors import EvidenceError
from merida.statistics import Interval
from merida.words import Words, words

if TYPE_CHECKING:
    from merida.answers.context import Context
    from merida.answers.evidence.pool import Pool
    from merida.evidence.beside import Beside
    from merida.progress import Work

FIGURES = (Column("evidence.pooled.figure"), Column("evidence.pooled.value", figures=True))


@dataclass(frozen=True)
class NewSetting:
    """The effect in a new setting in Mexico."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Model:
    """The model of the whole register for one programme; ends are those of 90 percent."""

    mean: float
    low: float
    high: float
    new_setting: NewSetting
    probability_harm: float
    probability_benefit: float
    tau: Interval
    studies: int
    clusters: int
    clusters_with_figure: int
    share_from_data: float
    prior_driven: bool
    contested: bool


@dataclass(frozen=True)
class Plain:
    """Plain random effects of the studies with a figure and a published error."""

    method: str
    interval: str
    prediction: str
    level: float
    k: int
    estimate: float
    std_error: float
    p: float
    ci: tuple[float, float]
    prediction_interval: tuple[float, float] | None
    tau2: float
    tau2_ci: tuple[float, float] | None
    I2: float
    Q: float
    Q_p: float


@dataclass(frozen=True)
class ProgrammeAnswer:
    """What the register says of a programme; effects are logarithms of rate ratios, or elasticities."""

    programme: str
    outcome: str | None
    as_of: str | None
    bias: bool
    scale: str
    model: Model
    plain_rows: tuple[str, ...]
    plain_shares_data: bool
    plain: Plain | None
    studies: Frame


def programme_answer(
    request: Pool, context: Context, work: Work, options: Mapping[str, Any]
) -> ProgrammeAnswer:
    """Return what the register says of a programme and an outcome."""
    from merida.evidence import Register
    from merida.evidence.beside import pooled_beside
    from merida.evidence.search import outcome_called, programme_called
    from merida.facts.warehouse import checked_as_of
    from merida.parameters.registry import EVIDENCE

    work.stage("studies")
    register = Register(checked_as_of(request.as_of), priors=priors_of(request, EVIDENCE))
    programme, outcome = programme_called(register, request.programme or ""), request.outcome
    if outcome is not None:
        outcome = outcome_called(register, programme, outcome)
    try:
        found = pooled_beside(register, programme, outcome, not request.no_bias, options)
    except EvidenceError as error:
        raise of_framework(request.programme, context, error) from None
    model = found.model
    return ProgrammeAnswer(
        programme=programme,
        outcome=outcome,
        as_of=request.as_of,
        bias=not request.no_bias,
        scale=model.scale,
        model=Model(
            mean=model.mean,
            low=model.low,
            high=model.high,
            new_setting=NewSetting(model.new_mean, model.new_low, model.new_high),
            probability_harm=model.probability_harm,
            probability_benefit=1.0 - model.probability_harm,
            tau=Interval(model.tau_low, model.tau, model.tau_high),
            studies=len(model.studies),
            clusters=model.independent,
            clusters_with_figure=model.with_figure,
            share_from_data=model.share_from_data,
            prior_driven=model.prior_driven,
            contested=model.contested,
        ),
        plain_rows=found.exact,
        plain_shares_data=found.shares_data,
        plain=plain_of(found, request),
        studies=found.studies,
    )


def plain_of(found: Beside, request: Pool) -> Plain | None:
    """Return plain random effects."""
    if found.plain is None:
        return None
    effect, seen = found.plain.coefficients[0], found.plain.heterogeneity
    return Plain(
        method=request.method,
        interval=request.interval,
        prediction=request.prediction,
        level=request.level,
        k=found.plain.k,
        estimate=effect.estimate,
        std_error=effect.std_error,
        p=effect.p,
        ci=effect.ci,
        prediction_interval=found.plain.prediction,
        tau2=seen.tau2,
        tau2_ci=seen.tau2_ci,
        I2=seen.i2,
        Q=seen.q,
        Q_p=seen.q_p,
    )


def outcome_of(found: ProgrammeAnswer) -> Cell:
    """Return an outcome, a class of outcomes, or all of them, in words."""
    if found.outcome is None:
        return Sentence("evidence.pooled.every_outcome")
    key = f"evidence.classes.{found.outcome}"
    return Sentence(key) if words("en").has(key) else in_words("studied_outcomes", found.outcome)


def programme_blocks(found: ProgrammeAnswer) -> Iterator[AnswerBlock]:
    """Yield the forest of a programme's studies, the model's figures and plain random effects."""
    model, elasticity = found.model, found.scale == "elasticity"
    title = {"programme": in_words("studied_programmes", found.programme), "outcome": outcome_of(found)}
    yield Sentence("evidence.pooled.title", title)
    if found.as_of:
        yield Sentence("evidence.counted_as_of", {"month": Month(found.as_of)})
    if not found.bias:
        yield Sentence("evidence.bias_off")
    new = model.new_setting
    marks = {
        "evidence.mean_effect": (model.mean, model.low, model.high),
        "evidence.new_setting": (new.mean, new.low, new.high),
    }
    studies = sorted(found.studies.to_dicts(), key=lambda row: -row["weight"])
    axis = axis_of(studies, [ends[1:] for ends in marks.values()], elasticity)
    rows = [study_row(row, axis, elasticity) for row in studies]
    rows += [mark_row(Sentence(key), *ends, axis, elasticity) for key, ends in marks.items()]
    yield Table(ELASTICITY_HEADS if elasticity else HEADS, tuple(rows))
    yield Sentence("evidence.elasticity_dose" if elasticity else "evidence.at_dose")
    mean, predictive = ("mean_elasticity", "predictive_elasticity") if elasticity else ("mean", "predictive")
    figures: dict[str, Cell] = {
        mean: interval_of(elasticity, model.mean, model.low, model.high),
        predictive: interval_of(elasticity, new.mean, new.low, new.high),
        "harm": Rounded(100 * model.probability_harm),
        "benefit": Rounded(100 * model.probability_benefit),
        "tau": Rounded(model.tau, 2),
        "rows_counted": model.studies,
        "clusters": model.clusters,
        "figures": model.clusters_with_figure,
        "share": Rounded(100 * model.share_from_data),
    }
    yield figure_table(figures, Sentence("evidence.pooled.model"))
    for key in ("contested", "prior_driven"):
        if getattr(model, key):
            yield Sentence(f"evidence.pooled.{key}")
    yield from plain_blocks(found, elasticity)


def figure_table(figures: Mapping[str, Cell], title: Sentence) -> Table:
    """Return figures one below the other."""
    rows = tuple((Sentence(f"evidence.pooled.{key}"), value) for key, value in figures.items())
    return Table(FIGURES, rows, title)


def plain_blocks(found: ProgrammeAnswer, elasticity: bool) -> Iterator[AnswerBlock]:
    """Yield plain random effects, or why there are none."""
    plain = found.plain
    if plain is None:
        yield Sentence("evidence.pooled.plain_none", {"k": len(found.plain_rows)})
        return
    figures: dict[str, Cell] = {"plain_mean": interval_of(elasticity, plain.estimate, *plain.ci)}
    if plain.prediction_interval:
        ends = plain.prediction_interval
        shown = ends if elasticity else tuple(100 * math.expm1(min(end, 700.0)) for end in ends)
        low, high = (Rounded(end, 2 if elasticity else 0) for end in shown)
        figures["plain_predictive"] = Sentence("numbers.range", {"low": low, "high": high})
    figures |= {"plain_tau2": Rounded(plain.tau2, 4), "plain_i2": Rounded(plain.I2, 1)}
    values: dict[str, Cell] = {
        "k": plain.k,
        "method": plain.method,
        "interval": Sentence(f"meta.intervals.{plain.interval}"),
        "level": f"{plain.level:g}",
    }
    yield figure_table(figures, Sentence("evidence.pooled.plain", values))
    if found.plain_shares_data:
        yield Sentence("evidence.pooled.same_cluster")


def programme_chart(found: ProgrammeAnswer, said: Words) -> dict[str, Any]:
    """Return the forest of a programme's studies."""
    from merida.charts.frame import framed
    from merida.charts.meta import Line, forest
    from merida.charts.theme import specification
    from merida.document.values import written

    elasticity, model = found.scale == "elasticity", found.model
    lines = [
        Line(
            f"{row['name']} · {said.named('countries', row['country'] or '–')}",
            row["estimate"],
            row["low"],
            row["high"],
            row["weight"],
        )
        for row in sorted(found.studies.to_dicts(), key=lambda row: -row["weight"])
        if row["estimate"] is not None
    ]
    new = model.new_setting
    lines.append(Line(said.text("evidence.mean_effect"), model.mean, model.low, model.high))
    lines.append(Line(said.text("evidence.new_setting"), new.mean, new.low, new.high))
    title = said.text(
        "evidence.pooled.title",
        programme=said.named("studied_programmes", found.programme),
        outcome=written(outcome_of(found), said),
    )
    axis = "charts.effects.elasticity" if elasticity else "charts.effects.change"
    if found.as_of:
        source = said.text("charts.meta.register_as_of", month=said.month(found.as_of))
    else:
        source = said.text("charts.meta.register")
    drawn = specification(forest(lines, said.text(axis), said, scale="number" if elasticity else "change"))
    return framed(drawn, "meta", said, source, {"place": "", "title": title})
