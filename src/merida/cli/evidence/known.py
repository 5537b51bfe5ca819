"""What is known of one effect, for people and for programs: its readings as a forest, and the law that follows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from merida.cli.evidence.forest import bar
from merida.cli.output import out
from merida.errors import EvidenceError
from merida.words import Words

if TYPE_CHECKING:
    from merida.evidence.known import Known, Summary

NAME, NARROW = 32, 76  # letters of a name; columns that all but the drawing take
ENDS = (math.log(0.15), math.log(4.0))  # an axis of ratios never runs beyond these


def between(elasticity: bool, value: float, low: float, high: float, said: Words, unit: str = "") -> str:
    """Return a number with its ends in the units of its scale."""
    ends = {"low": number_of(elasticity, low, said), "high": number_of(elasticity, high, said)}
    return f"{number_of(elasticity, value, said)}{unit} ({said.text('numbers.range', **ends)})"


def number_of(elasticity: bool, value: float, said: Words) -> str:
    """Return an elasticity as it is, and the logarithm of a ratio as a change in percent."""
    return said.number(value, 2) if elasticity else said.number(100 * math.expm1(value))


def percent(share: float, said: Words) -> str:
    """Return a share in whole percent."""
    return said.number(100 * share)


def as_json(known: Known) -> dict[str, Any]:
    """Return what is known of an effect for programs; effects are logarithms of rate ratios, or elasticities."""
    distribution = known.distribution

    def distribution_of(one: Summary) -> dict[str, Any]:
        return {
            "reading": one.reading,
            "weight": one.weight,
            "median": one.median,
            "low": one.low,
            "high": one.high,
            "probability_harm": one.harm,
            "probability_benefit": one.benefit,
        }

    return {
        "parameter": known.path,
        "scale": "elasticity" if known.elasticity else "log_rate_ratio",
        "law": distribution_of(known.whole),
        "readings": [distribution_of(one) for one in known.readings],
        "studies_counted": len(set(distribution.studies)),
        "clusters": distribution.independent,
        "clusters_with_figure": distribution.with_figure,
        "mexican_studies": known.mexican,
        "designs": known.designs,
        "share_from_data": distribution.share_from_data,
        "basis": known.basis,
        "prior_driven": distribution.prior_driven,
        "contested": distribution.contested,
        "settings": list(known.settings),
        "studies": known.studies.to_dicts(),
    }


def print_known(known: Known, idle: Mapping[str, str], said: Words, month: str | None) -> None:
    """Print the distribution of an effect, on what it rests, and the forest of its readings.

    Settings in `idle` give a weight to a reading that could not be made at the date.
    """
    text, one = said.text, known.whole
    unit = "" if known.elasticity else " %"
    effect = between(known.elasticity, one.median, one.low, one.high, said, unit)
    chances = {"harm": percent(one.harm, said), "benefit": percent(one.benefit, said)}
    out.print(text("evidence.law", effect=effect, **chances), style="bold", markup=False)
    out.print(text("evidence.elasticity_dose" if known.elasticity else "evidence.at_dose"), markup=False)
    for line in basis_lines(known, said, month):
        out.print(line, markup=False)
    if known.studies.height:
        out.print()
        out.print(grid(known, said))
    if known.distribution.contested:
        out.print(text("evidence.settable", paths=", ".join(known.settings)), markup=False)
    for path, label in idle.items() if month else ():
        values = {"path": path, "reading": said.named("readings", label), "month": said.month(month or "")}
        out.print(text("evidence.idle_weight", **values), markup=False)


def basis_lines(known: Known, said: Words, month: str | None) -> Iterator[str]:
    """Yield on what a law rests, and whether it is contested or the prior's."""
    distribution, text = known.distribution, said.text
    if not distribution.studies:
        share = percent(distribution.share_from_data, said)
        if month is None:
            yield text("evidence.no_study", share=share)
        else:
            yield text("evidence.no_study_as_of", share=share, month=said.month(month))
        return
    yield text(
        "evidence.rests",
        studies=len(set(distribution.studies)),
        clusters=distribution.independent,
        figures=distribution.with_figure,
        mexican=known.mexican,
        share=percent(distribution.share_from_data, said),
    )
    if distribution.contested:
        yield text("evidence.contested")
    if distribution.prior_driven:
        yield text("evidence.prior_driven")


Mark = tuple[str, float, float, float]  # what it is, and a value with its ends


def grid(known: Known, said: Words) -> Table:
    """Return the forest: each reading with its studies, its law in a new setting, and the law of all readings."""
    text, several = said.text, len(known.readings) > 1
    axis = limits(known.counted.to_dicts(), [law_mark(known.whole, "")], known.elasticity)
    found, width = columns(said)
    distributions = {one.reading: one for one in known.readings}
    for reading in dict.fromkeys(known.studies["reading"]):
        if (distribution := distributions.get(reading)) is None:
            continue
        heading = {"reading": said.named("readings", reading), "weight": percent(distribution.weight, said)}
        found.add_row(Text(text("evidence.reading", **heading), style="italic"))
        for row in known.counted.filter(known.counted["reading"] == reading).iter_rows(named=True):
            found.add_row(*study_cells(row, axis, width, known.elasticity, said))
        if several:
            mark = law_mark(distribution, text("evidence.new_setting"))
            harm = text("evidence.harm_short", harm=percent(distribution.harm, said))
            found.add_row(*mark_cells(mark, axis, width, known.elasticity, said, harm))
    mark = law_mark(known.whole, text("evidence.new_setting_all" if several else "evidence.new_setting"))
    harm = text("evidence.harm_short", harm=percent(known.whole.harm, said))
    found.add_row(*mark_cells(mark, axis, width, known.elasticity, said, harm))
    return found


def study_grid(
    studies: Sequence[dict[str, Any]], marks: Sequence[Mark], elasticity: bool, said: Words
) -> Table:
    """Return a forest of studies, the heaviest first, with what is made of them below."""
    axis = limits(studies, marks, elasticity)
    found, width = columns(said)
    for row in sorted(studies, key=lambda row: -row["weight"]):
        found.add_row(*study_cells(row, axis, width, elasticity, said))
    for mark in marks:
        found.add_row(*mark_cells(mark, axis, width, elasticity, said))
    return found


def columns(said: Words) -> tuple[Table, int]:
    """Return an empty forest, and how many columns its drawing has."""
    width = max(15, min(41, out.width - NARROW))
    found = Table(box=None, pad_edge=False, header_style="bold")
    found.add_column(said.text("evidence.study"), max_width=NAME)
    found.add_column(said.text("evidence.design"), no_wrap=True)
    found.add_column(said.text("evidence.effect"), justify="right", no_wrap=True)
    found.add_column("%", justify="right", no_wrap=True)
    found.add_column("", no_wrap=True, min_width=width)
    return found, width


def study_cells(
    row: dict[str, Any], axis: tuple[float, float], width: int, elasticity: bool, said: Words
) -> tuple[Text | str, ...]:
    """Return a study's name and country, design, effect, weight and drawing; a sign alone has no drawing."""
    name = Text(f"  {row['study']} · {said.named('countries', row['country'] or '–')}")
    design = said.text(f"evidence.designs_short.{row['design']}")
    weight = percent(row["weight"], said)
    if row["estimate"] is None:
        return name, design, said.text(f"evidence.directions.{row['direction']}"), weight, ""
    ends = (row["low"], row["high"])
    figure = between(elasticity, row["estimate"], *ends, said)
    return name, design, figure, weight, bar(row["estimate"], ends, axis, width, "■")


def law_mark(one: Summary, name: str) -> Mark:
    """Return a law as a mark of a forest."""
    return name, one.median, one.low, one.high


def mark_cells(
    mark: Mark, axis: tuple[float, float], width: int, elasticity: bool, said: Words, beside: str = ""
) -> tuple[Text | str, ...]:
    """Return a pooled effect or a law with its drawing."""
    name, value, low, high = mark
    figure = between(elasticity, value, low, high, said)
    return Text(name, style="bold"), beside, figure, "", bar(value, (low, high), axis, width, "◆")


def limits(studies: Sequence[dict[str, Any]], marks: Sequence[Mark], elasticity: bool) -> tuple[float, float]:
    """Return the ends of a drawing's axis: those of all intervals, cut where ratios run off, and zero."""
    ends = [0.0, *(end for mark in marks for end in mark[2:])]
    ends += [row[end] for row in studies for end in ("low", "high") if row[end] is not None]
    if elasticity:
        return min(ends), max(ends)
    return max(min(ends), ENDS[0]), min(max(ends), ENDS[1])


def write_chart(path: Path, known: Known, name: str, said: Words) -> None:
    """Write the forest chart with its title and caption as SVG or, by the file's ending, PNG.

    Raises
    ------
    EvidenceError
        If there is no study to draw.
    OutputError
        If the file cannot be written.
    """
    from merida.charts import files
    from merida.charts.evidence import forest, shown
    from merida.charts.theme import specification

    if not known.counted.height:
        raise EvidenceError("no_forest", found=name)
    spec = specification(forest(*shown(known, said), said, elasticity=known.elasticity))
    spec["title"] = {
        "text": said.text("charts.effects.title", name=name),
        "subtitle": said.text("charts.effects.caption").replace(". ", ".\n", 1).splitlines(),
        "anchor": "start", "fontSize": 13, "subtitleFontSize": 10.5, "subtitlePadding": 5, "offset": 14, "limit": 900,
    }  # fmt: skip
    files.write_chart(path, spec)
