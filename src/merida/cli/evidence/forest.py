"""A meta-analysis in the terminal: a forest of studies, and its figures as rows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from merida.cli.output import out
from merida.words import Words

LABEL, NARROW = 24, 62  # letters of a study's name; columns that all but the drawing take
MOST = 60  # studies drawn


def number(value: float | None) -> str:
    """Return a number with four decimals, or four digits where that would say nothing."""
    if value is None or not math.isfinite(value):
        return "–"
    return f"{value:.4f}" if value == 0 or 1e-3 <= abs(value) < 1e6 else f"{value:.4g}"


def chance(p: float | None) -> str:
    """Return a p-value."""
    if p is not None and not math.isfinite(p):
        return "–"
    return "" if p is None else "< 0.0001" if p < 1e-4 else f"{p:.4f}"


def between(ends: Sequence[float] | None) -> str:
    """Return an interval."""
    return "" if ends is None else f"[{number(ends[0])}, {number(ends[1])}]"


def print_forest(answer: dict[str, Any], said: Words) -> None:
    """Print the studies with intervals, weights and a drawing; ratios on a scale of logarithms."""
    studies = answer["studies"]
    shown = studies[:MOST]
    ends = [one["estimate"] for one in shown] + list(answer["ci"] or ()) + [0.0]
    margin = 0.15 * (max(ends) - min(ends)) or 1.0
    axis = (min(ends) - margin, max(ends) + margin)
    width = max(15, min(41, out.width - NARROW))
    ratio = answer["ratio"] is not None
    grid = Table(
        box=None, pad_edge=False, header_style="bold", title_justify="left", title=title(answer, said)
    )
    grid.add_column(said.text("meta.study"), no_wrap=True, overflow="ellipsis", max_width=LABEL)
    grid.add_column(said.text("meta.estimate"), justify="right", no_wrap=True)
    grid.add_column(said.text("meta.weight"), justify="right", no_wrap=True)
    grid.add_column("", no_wrap=True, min_width=width)

    def scaled(value: float) -> str:
        return f"{math.exp(min(value, 700.0)) if ratio else value:#.3g}"

    def line(name: str, value: float, ci: Sequence[float], weight: str, mark: str) -> None:
        figures = f"{scaled(value)} [{scaled(ci[0])}, {scaled(ci[1])}]"
        label = "".join(
            letter if letter.isprintable() else "�" for letter in name
        )  # no escape to the terminal
        grid.add_row(Text(label), Text(figures), weight, bar(value, ci, axis, width, mark))

    for one in shown:
        line(one["study"], one["estimate"], one["ci"], f"{one['weight']:.1f} %", "■")
    if len(studies) > MOST:
        grid.add_row(said.text("meta.more", count=len(studies) - MOST), "", "", "")
    if answer["estimate"] is not None:
        line(said.text("meta.pooled"), answer["estimate"], answer["ci"], "100 %", "◆")
    if answer["prediction_interval"]:
        line(said.text("meta.predicted"), answer["estimate"], answer["prediction_interval"], "", " ")
    out.print(grid)


def title(answer: dict[str, Any], said: Words) -> str:
    """Return what was done to which table."""
    return said.text(
        "meta.title",
        k=answer["k"],
        method=answer["method"].value,
        interval=said.text("meta.intervals." + answer["interval"].value),
        level=f"{answer['level']:g}",
    )


def bar(value: float, ci: Sequence[float], axis: tuple[float, float], width: int, mark: str) -> str:
    """Return an interval as a line, with its value, on an axis that shows where 0 is."""
    low, high = axis

    def place(at: float) -> int:
        return round((min(max(at, low), high) - low) / (high - low) * (width - 1))

    cells = [" "] * width
    cells[place(0.0)] = "┊"
    for at in range(place(ci[0]), place(ci[1]) + 1):
        cells[at] = "─"
    if ci[0] < low:
        cells[0] = "◄"
    if ci[1] > high:
        cells[-1] = "►"
    if mark.strip():
        cells[place(value)] = mark
    return "".join(cells)


def figure_rows(answer: dict[str, Any], said: Words) -> Iterator[dict[str, str]]:
    """Return the figures of the model, one in each row: name, value, interval, p-value."""

    def row(
        key: str, value: str, ends: Sequence[float] | None = None, p: float | None = None
    ) -> dict[str, str]:
        return {
            said.text("meta.figure"): said.text(f"meta.{key}"),
            said.text("meta.value"): value,
            said.text("meta.ci"): between(ends),
            "p": chance(p),
        }

    if answer["estimate"] is not None:
        error = number(answer["std_error"])
        yield row("pooled", f"{number(answer['estimate'])} ({error})", answer["ci"], answer["p"])
        if answer["ratio"]:
            yield row("as_ratio", number(answer["ratio"]["estimate"]), answer["ratio"]["ci"])
        if answer["prediction_interval"]:
            yield row("predicted", "", answer["prediction_interval"])
    yield row("tau2", number(answer["tau2"]), answer["tau2_ci"])
    if answer["components"]:
        parts = answer["components"]
        yield row("sigma2_between", number(parts["sigma2_between"]), parts["sigma2_between_ci"])
        yield row("sigma2_within", number(parts["sigma2_within"]), parts["sigma2_within_ci"])
    yield row("I2", f"{answer['I2']:.2f} %", answer["I2_ci"])
    yield row("H2", f"{answer['H2']:.2f}", answer["H2_ci"])
    yield row("I2_from_Q", f"{answer['I2_from_Q']:.2f} %")
    yield row("Q", f"{number(answer['Q'])} ({answer['Q_df']})", None, answer["Q_p"])
    if answer["moderators"]:
        degrees = "; ".join(str(answer[name]) for name in ("QM_df", "QM_df2") if answer[name])
        yield row("QM", f"{number(answer['QM'])} ({degrees})", None, answer["QM_p"])
        if answer["R2"] is not None:
            yield row("R2", f"{answer['R2']:.2f} %")


def coefficient_rows(coefficients: Sequence[dict[str, Any]], said: Words) -> Iterator[dict[str, str]]:
    """Return coefficients as rows."""
    for one in coefficients:
        yield {
            said.text("meta.coefficient"): escape(one["name"]),
            said.text("meta.estimate"): number(one["estimate"]),
            said.text("meta.std_error"): number(one["std_error"]),
            said.text("meta.ci"): between(one["ci"]),
            "p": chance(one["p"]),
        }


def bias_rows(bias: dict[str, Any], said: Words) -> Iterator[dict[str, str]]:
    """Return tests of asymmetry and corrected effects as rows."""

    def row(key: str, value: str, effect: str, p: float | None, **values: object) -> dict[str, str]:
        return {
            said.text("meta.test"): said.text(f"meta.{key}", **values),
            said.text("meta.value"): value,
            "p": chance(p),
            said.text("meta.corrected_effect"): effect,
        }

    for key in ("egger", "egger_classical"):
        slope, limit = bias[key]["slope"], bias[key]["limit"]
        yield row(key, number(slope["statistic"]), of_effect(limit), slope["p"])
    yield row("rank", number(bias["rank"]["tau"]), "", bias["rank"]["p"])
    for name, one in bias["trim_and_fill"].items():
        found = f"{one['missing']} ({number(one['missing_std_error'])})"
        side = said.text("meta.sides." + one["side"])
        yield row("trim_and_fill", found, of_effect(one), one["missing_p"], estimator=name, side=side)
    chosen = bias["selection"]
    if chosen:
        yield row("selection", number(chosen["statistic"]), of_effect(chosen["effect"]), chosen["p"])
        for step in chosen["steps"]:
            ends = {name: f"{step[name]:g}" for name in ("above", "up_to")}
            yield row("step", number(step["weight"]), "", None, k=step["k"], **ends)


def of_effect(one: dict[str, Any]) -> str:
    """Return an effect with its interval."""
    return f"{number(one['estimate'])} {between(one['ci'])}"
