"""What is known of one effect, for people and for programs: its readings as a forest, and the law that follows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from merida.cli.forest import bar
from merida.cli.output import out
from merida.errors import EvidenceError
from merida.words import Words

if TYPE_CHECKING:
    from merida.decide.knowledge import Known, Summary

NARROW = 76  # columns that all but the drawing take
ENDS = (math.log(0.15), math.log(4.0))  # an axis of ratios never runs beyond these


def effect(known: Known, one: Summary, said: Words) -> str:
    """Return an effect with its interval: percent, or an elasticity."""
    return between(known.elasticity, one.median, one.low, one.high, said)


def between(elasticity: bool, value: float, low: float, high: float, said: Words) -> str:
    """Return a number with its ends in the units of its scale."""
    decimals, many = (2, lambda x: x) if elasticity else (0, lambda x: 100 * math.expm1(x))
    return f"{said.number(many(value), decimals)} ({said.interval(many(low), many(high), decimals)})"


def percent(share: float, said: Words) -> str:
    """Return a share in whole percent."""
    return said.number(100 * share)


def as_json(known: Known) -> dict[str, Any]:
    """Return what is known of an effect for programs; effects are logarithms of rate ratios, or elasticities."""
    law = known.law

    def law_of(one: Summary) -> dict[str, Any]:
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
        "law": law_of(known.whole),
        "readings": [law_of(one) for one in known.readings],
        "studies_counted": len(set(law.studies)),
        "clusters": law.independent,
        "clusters_with_figure": law.with_figure,
        "mexican_studies": known.mexican,
        "designs": known.designs,
        "share_from_data": law.share_from_data,
        "basis": known.basis,
        "prior_driven": law.prior_driven,
        "contested": law.contested,
        "studies": known.studies.to_dicts(),
    }


def print_known(known: Known, said: Words, month: str | None) -> None:
    """Print the law of an effect, on what it rests, and the forest of its readings."""
    law, text = known.law, said.text
    out.print(
        text("evidence.law", effect=effect(known, known.whole, said), harm=percent(known.whole.harm, said),
             benefit=percent(known.whole.benefit, said)),
        style="bold", markup=False,
    )  # fmt: skip
    out.print(text("evidence.elasticity_dose" if known.elasticity else "evidence.at_dose"), markup=False)
    for line in basis_lines(known, said, month):
        out.print(line, markup=False)
    if known.studies.height:
        out.print()
        out.print(grid(known, said))


def basis_lines(known: Known, said: Words, month: str | None) -> Iterator[str]:
    """Yield on what a law rests, and whether it is contested or the prior's."""
    law, text = known.law, said.text
    if not law.studies:
        key = "no_study" if month is None else "no_study_as_of"
        yield text(f"evidence.{key}", **({} if month is None else {"month": said.month(month)}))
        return
    yield text(
        "evidence.rests",
        studies=len(set(law.studies)),
        clusters=law.independent,
        figures=law.with_figure,
        mexican=known.mexican,
        share=percent(law.share_from_data, said),
    )
    if law.contested:
        yield text("evidence.contested")
    if law.prior_driven:
        yield text("evidence.prior_driven")


def grid(known: Known, said: Words) -> Table:
    """Return the forest: each reading with its studies, its law in a new setting, and the law of all readings."""
    text = said.text
    axis = limits(known)
    width = max(15, min(41, out.width - NARROW))
    found = Table(box=None, pad_edge=False, header_style="bold")
    found.add_column(text("evidence.study"), no_wrap=True, overflow="ellipsis", max_width=30)
    found.add_column(text("evidence.design"), no_wrap=True)
    found.add_column(text("evidence.effect"), justify="right", no_wrap=True)
    found.add_column(text("evidence.weight"), justify="right", no_wrap=True)
    found.add_column("", no_wrap=True, min_width=width)
    readings = {one.reading: one for one in known.readings}
    for reading in dict.fromkeys(known.studies["reading"]):
        law = readings.get(reading)
        if law is not None:
            heading = text("evidence.reading", reading=said.named("readings", reading), weight=percent(law.weight, said))
            found.add_row(Text(heading, style="italic"))
        for row in known.counted.filter(known.counted["reading"] == reading).iter_rows(named=True):
            found.add_row(*study_cells(known, row, said), drawn(row, axis, width, "■"))
        if law is not None and len(readings) > 1:
            found.add_row(*law_cells(known, law, said, "new_setting"), drawn_law(law, axis, width))
    found.add_row(*law_cells(known, known.whole, said, "new_setting_all" if len(readings) > 1 else "new_setting"),
                  drawn_law(known.whole, axis, width))  # fmt: skip
    return found


def study_cells(known: Known, row: dict[str, Any], said: Words) -> tuple[Text | str, ...]:
    """Return a study's name and country, design, effect and weight."""
    name = Text(f"  {row['name']} · {row['country'] or '–'}")
    if row["estimate"] is None:
        figure = said.text(f"evidence.directions.{row['direction']}")
    else:
        figure = between(known.elasticity, row["estimate"], row["low"], row["high"], said)
    weight = "" if row["weight"] is None else f"{percent(row['weight'], said)} %"
    return name, said.text(f"evidence.designs_short.{row['design']}"), figure, weight


def law_cells(known: Known, one: Summary, said: Words, key: str) -> tuple[Text | str, ...]:
    """Return a law's name, effect and probability of harm."""
    harm = said.text("evidence.harm_short", harm=percent(one.harm, said))
    return Text(said.text(f"evidence.{key}"), style="bold"), harm, effect(known, one, said), ""


def limits(known: Known) -> tuple[float, float]:
    """Return the ends of the drawing's axis: those of all intervals, cut where ratios run off, and zero."""
    ends = [0.0, known.whole.low, known.whole.high]
    ends += [value for name in ("low", "high") for value in known.counted[name].drop_nulls()]
    if known.elasticity:
        return min(ends), max(ends)
    return max(min(ends), ENDS[0]), min(max(ends), ENDS[1])


def drawn(row: dict[str, Any], axis: tuple[float, float], width: int, mark: str) -> str:
    """Return a study's interval as a line; none where it gave a sign alone."""
    if row["estimate"] is None:
        return ""
    return bar(row["estimate"], (row["low"], row["high"]), axis, width, mark)


def drawn_law(one: Summary, axis: tuple[float, float], width: int) -> str:
    """Return a law's interval as a line."""
    return bar(one.median, (one.low, one.high), axis, width, "◆")


def write_chart(path: Path, known: Known, name: str, said: Words) -> None:
    """Write the forest chart with its title and caption as SVG or, by the file's ending, PNG.

    Raises
    ------
    EvidenceError
        If there is no study to draw, or the file cannot be written.
    """
    from merida.brief import write_whole
    from merida.charts.evidence import forest, shown
    from merida.charts.theme import png, specification, svg

    if not known.counted.height:
        raise EvidenceError("no_forest", found=name)
    spec = specification(forest(*shown(known, said), said, elasticity=known.elasticity))
    spec["title"] = {
        "text": said.text("charts.effects.title", name=name),
        "subtitle": said.text("charts.effects.caption").split(". ", 1),
        "anchor": "start", "fontSize": 13, "subtitleFontSize": 10.5, "subtitlePadding": 5, "offset": 14, "limit": 900,
    }  # fmt: skip
    try:
        write_whole({path: png(spec) if path.suffix == ".png" else svg(spec)})
    except OSError as error:
        raise EvidenceError("chart_not_writable", path=path, reason=error.strerror or error) from error
