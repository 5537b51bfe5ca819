"""A meta-analysis of a user's own table as a person reads it: forest, figures, coefficients, small studies, notes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from merida.answers.evidence.forest import label
from merida.answers.evidence.own_table import Bias, CoefficientLine, Pair, TableAnswer
from merida.document.blocks import AnswerBlock, Bar, Cell, Column, Rounded, Sentence, Table
from merida.statistics import Interval
from merida.words import Words

MOST = 60  # studies shown
TINY = 1e-4  # p-values below it are not told apart
LARGEST = 700.0  # logarithm of the largest ratio that is shown

P = Column("meta.p", figures=True)
FIGURES = (
    Column("meta.figure"), Column("meta.value", figures=True), Column("meta.std_error", figures=True), P,
)  # fmt: skip
COEFFICIENTS = (Column("meta.coefficient"), *FIGURES[1:])
TESTS = (
    Column("meta.test"), Column("meta.value", figures=True), P, Column("meta.corrected_effect", figures=True),
)  # fmt: skip
FOREST = (
    Column("meta.study"),
    Column("meta.estimate", figures=True),
    Column("meta.weight", unit="percent_short", figures=True),
    Column("meta.drawn"),
)


def chance(p: float | None) -> Cell:
    """Return a p-value."""
    return "" if p is None else f"< {TINY:.4f}" if p < TINY else Rounded(p, 4)


def band(value: float | None, ends: Pair | None) -> Cell:
    """Return a number with its interval, where both are finite."""
    if value is None:
        return None
    if ends is None or None in ends:
        return value
    low, high = ends
    return Interval(low or 0.0, value, high or 0.0)


def own_blocks(found: TableAnswer) -> Iterator[AnswerBlock]:
    """Yield the forest of the studies, the figures of the model, its coefficients, tests of small studies, and notes."""
    values: dict[str, Cell] = {
        "k": found.k,
        "method": found.method,
        "interval": Sentence(f"meta.intervals.{found.interval}"),
        "level": f"{found.level:g}",
    }
    yield Table(FOREST, tuple(forest_rows(found)), Sentence("meta.title", values))
    if len(found.studies) > MOST:
        yield Sentence("meta.more", {"count": len(found.studies) - MOST})
    yield Table(FIGURES, tuple(figure_rows(found)))
    if found.moderators:
        yield Table(COEFFICIENTS, tuple(map(coefficient_row, found.coefficients)))
    if found.components:
        rows = tuple(map(coefficient_row, found.components.robust))
        yield Table(COEFFICIENTS, rows, Sentence("meta.robust"))
    if found.bias:
        yield Table(TESTS, tuple(bias_rows(found.bias)), Sentence("meta.bias"))
    for note in found.notes:
        yield Sentence("meta.note", {"note": note})


def forest_rows(found: TableAnswer) -> Iterator[tuple[Cell, ...]]:
    """Yield the studies with intervals, weights and a drawing; ratios on a scale of logarithms."""
    shown = found.studies[:MOST]
    ends = [0.0, *(one.estimate for one in shown), *(end for end in found.ci or () if end is not None)]
    margin = 0.15 * (max(ends) - min(ends)) or 1.0
    axis = (min(ends) - margin, max(ends) + margin)

    def row(name: Cell, value: float, ends: Pair, weight: Cell, mark: str) -> tuple[Cell, ...]:
        low, high = (value if end is None else end for end in ends)
        numbers = (low, value, high)
        if found.ratio is not None:
            numbers = tuple(math.exp(min(one, LARGEST)) for one in numbers)  # type: ignore[assignment]  # three
        return name, Interval(*numbers), weight, Bar(value, low, high, axis, mark)

    for one in shown:
        yield row(label(one.study), one.estimate, one.ci, Rounded(one.weight, 1), "■")
    if found.estimate is not None and found.ci is not None:
        yield row(Sentence("meta.pooled"), found.estimate, found.ci, Rounded(100.0, 1), "◆")
        if found.prediction_interval:
            yield row(Sentence("meta.predicted"), found.estimate, found.prediction_interval, "", "")


def figure_rows(found: TableAnswer) -> Iterator[tuple[Cell, ...]]:
    """Yield the figures of the model: name, value with its interval, error, p-value."""

    def row(
        key: str, value: Cell, error: float | None = None, p: float | None = None, **values: Cell
    ) -> tuple[Cell, ...]:
        return Sentence(f"meta.{key}", values), value, "" if error is None else error, chance(p)

    if found.estimate is not None:
        yield row("pooled", band(found.estimate, found.ci), found.std_error, found.p)
        if found.ratio:
            yield row("as_ratio", band(found.ratio.estimate, found.ratio.ci))
        if found.prediction_interval:
            yield row("predicted", band(found.estimate, found.prediction_interval))
    yield row("tau2", band(found.tau2, found.tau2_ci), found.tau2_std_error)
    if found.components:
        parts = found.components
        yield row("sigma2_between", band(parts.sigma2_between, parts.sigma2_between_ci))
        yield row("sigma2_within", band(parts.sigma2_within, parts.sigma2_within_ci))
    yield row("I2", band(found.I2, found.I2_ci))
    yield row("H2", band(found.H2, found.H2_ci))
    yield row("I2_from_Q", found.I2_from_Q)
    yield row("Q", found.Q, None, found.Q_p, df=found.Q_df)
    if found.moderators:
        degrees = "; ".join(str(df) for df in (found.QM_df, found.QM_df2) if df)
        yield row("QM", found.QM, None, found.QM_p, df=degrees)
        if found.R2 is not None:
            yield row("R2", found.R2)


def coefficient_row(one: CoefficientLine) -> tuple[Cell, ...]:
    """Return a coefficient; its name holds the user's own column and value."""
    name: Cell = Sentence("meta.intercept") if one.name == "intercept" else label(one.name)
    return name, band(one.estimate, one.ci), one.std_error, chance(one.p)


def bias_rows(bias: Bias) -> Iterator[tuple[Cell, ...]]:
    """Yield tests of asymmetry and corrected effects."""
    for key, egger in (("egger", bias.egger), ("egger_classical", bias.egger_classical)):
        slope, limit = egger.slope, egger.limit
        yield Sentence(f"meta.{key}"), slope.statistic, chance(slope.p), band(limit.estimate, limit.ci)
    yield Sentence("meta.rank"), bias.rank.tau, chance(bias.rank.p), ""
    for name, one in bias.trim_and_fill.items():
        values: dict[str, Cell] = {"estimator": name, "side": Sentence(f"meta.sides.{one.side}")}
        values["error"] = Rounded(one.missing_std_error, 1)
        yield (
            Sentence("meta.trim_and_fill", values),
            one.missing,
            chance(one.missing_p),
            band(one.estimate, one.ci),
        )
    chosen = bias.selection
    if chosen:
        effect = band(chosen.effect.estimate, chosen.effect.ci)
        yield Sentence("meta.selection"), chosen.statistic, chance(chosen.p), effect
        for step in chosen.steps:
            values = {"k": step.k, "above": f"{step.above:g}", "up_to": f"{step.up_to:g}"}
            yield Sentence("meta.step", values), step.weight, "", ""


def own_chart(found: TableAnswer, said: Words) -> dict[str, Any]:
    """Return the forest of the studies."""
    from merida.charts.frame import framed
    from merida.charts.meta import Line, forest
    from merida.charts.theme import specification

    def line(name: str, value: float, ends: Pair, weight: float | None = None) -> Line:
        low, high = (value if end is None else end for end in ends)
        return Line(name, value, low, high, weight)

    lines = [line(one.study, one.estimate, one.ci, one.weight / 100) for one in found.studies[:MOST]]
    if found.estimate is not None and found.ci is not None:
        lines.append(line(said.text("meta.pooled"), found.estimate, found.ci))
        if found.prediction_interval:
            lines.append(line(said.text("meta.predicted"), found.estimate, found.prediction_interval))
    interval = said.text(f"meta.intervals.{found.interval}")
    title = said.text(
        "meta.title", k=found.k, method=found.method, interval=interval, level=f"{found.level:g}"
    )
    axis = said.text("meta.axis_ratio" if found.ratio else "meta.estimate")
    drawn = specification(forest(lines, axis, said, scale="ratio" if found.ratio else "number"))
    return framed(drawn, "meta", said, Path(found.file).name, {"place": "", "title": title})
