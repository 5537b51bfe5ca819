"""Charts of a Word file that Word can edit: a picture is replaced by a chart with its workbook inside.

XlsxWriter writes the workbook and, in another one, the chart; what it says of the chart is taken over as it is. The parts
of a Word file, their types and relationships: ECMA-376, parts 1 (21.2) and 2 (9, 10).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from math import ceil, floor
from typing import Any

from merida.charts.series import Plotted, Series
from merida.charts.theme import FONT, GREY, INK, RULE, SERIES

SHEET = "Data"
TEXT, TYPES, RELATIONS = "word/document.xml", "[Content_Types].xml", "word/_rels/document.xml.rels"
SMALL = 1000  # below, the ticks of an axis may need decimals
STEP = 5  # of what the axis measures, to which its ends are rounded
DASHES = ("solid", "dash", "round_dot", "dash_dot", "square_dot")
CHART = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
BOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DRAWN = "http://schemas.openxmlformats.org/drawingml/2006/chart"
GRAPHIC = re.compile(r"<a:graphic\b.*?</a:graphic>", re.DOTALL)
DRAWING = re.compile(r"<w:drawing>.*?</w:drawing>", re.DOTALL)


def with_charts(parts: Mapping[str, bytes], charts: Sequence[Plotted | None], month: str) -> dict[str, bytes]:
    """Return the parts of a Word file in which the pictures that are simple charts are charts.

    Parameters
    ----------
    parts : mapping of str to bytes
        As pandoc wrote them.
    charts : sequence of Plotted or None
        One for each of its pictures in their order; None where it stays a picture.
    month : str
        The document's month, which its workbooks bear.
    """
    types, relations = parts[TYPES].decode(), parts[RELATIONS].decode()
    placed = iter(enumerate(charts, start=1))
    given: dict[str, bytes] = {}

    def replaced(found: re.Match[str]) -> str:
        nonlocal types, relations
        number, chart = next(placed)
        if chart is None:
            return found[0]
        given.update(parts_of(chart, number, month))
        types = added(
            types, "Types", f'<Override PartName="/word/charts/chart{number}.xml" ContentType="{CHART}"/>'
        )
        relation = (
            f'<Relationship Id="rIdChart{number}" Type="{RELATED}/chart" Target="charts/chart{number}.xml"/>'
        )
        relations = added(relations, "Relationships", relation)
        graphic = (
            '<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
            f'<a:graphicData uri="{DRAWN}"><c:chart xmlns:c="{DRAWN}" xmlns:r="{RELATED}" r:id="rIdChart{number}"/>'
            "</a:graphicData></a:graphic>"
        )
        return GRAPHIC.sub(graphic, found[0])

    text = DRAWING.sub(replaced, parts[TEXT].decode())
    if given:
        types = added(types, "Types", f'<Default Extension="xlsx" ContentType="{BOOK}"/>')
    made = {**parts, TEXT: text.encode(), TYPES: types.encode(), RELATIONS: relations.encode(), **given}
    return without_unused(made, text)


def added(part: str, root: str, element: str) -> str:
    """Return a part with one more element at the end of its root."""
    return part.replace(f"</{root}>", f"{element}</{root}>")


def without_unused(parts: Mapping[str, bytes], text: str) -> dict[str, bytes]:
    """Return the parts without the pictures that charts took the place of, their types and relationships."""
    relations, types, kept = parts[RELATIONS].decode(), parts[TYPES].decode(), dict(parts)
    for found in re.finditer(r"<Relationship\b[^>]*?/>", relations):
        identity, target = (
            re.search(r'\bId="([^"]+)"', found[0]),
            re.search(r'Target="(media/[^"]+)"', found[0]),
        )
        if identity and target and f'"{identity[1]}"' not in text:
            name = f"word/{target[1]}"
            relations = relations.replace(found[0], "")
            types = re.sub(rf'<Override\b[^>]*PartName="/{re.escape(name)}"[^>]*/>', "", types)
            kept.pop(name, None)
    return kept | {RELATIONS: relations.encode(), TYPES: types.encode()}


def parts_of(chart: Plotted, number: int, month: str) -> dict[str, bytes]:
    """Return the parts of one chart: what draws it, its workbook, and what joins the two."""
    with zipfile.ZipFile(io.BytesIO(workbook(chart, month, drawn=True))) as book:
        xml = book.read("xl/charts/chart1.xml").decode()
    held = '<c:externalData r:id="rId1"><c:autoUpdate val="0"/></c:externalData>'
    before = xml.index("<c:printSettings>") if "<c:printSettings>" in xml else xml.index("</c:chartSpace>")
    joined = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{RELATED}/package" Target="../embeddings/chart{number}.xlsx"/></Relationships>'
    )
    return {
        f"word/charts/chart{number}.xml": (xml[:before] + held + "</c:chartSpace>").encode(),
        f"word/charts/_rels/chart{number}.xml.rels": joined.encode(),
        f"word/embeddings/chart{number}.xlsx": workbook(chart, month),
    }


def workbook(chart: Plotted, month: str, drawn: bool = False) -> bytes:
    """Return the workbook of a chart, with the chart itself in it if it is to be `drawn`."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    year, at = map(int, month.split("-"))
    book.set_properties({"created": datetime(year, at, 1)})
    sheet = book.add_worksheet(SHEET)
    sheet.write_column(1, 0, chart.categories)
    rows = len(chart.categories)
    kinds = {"line": {"type": "line"}, "bars": {"type": "column", "subtype": "stacked"}}
    made = book.add_chart(kinds[chart.kind]) if drawn else None
    column = 1
    for place, series in enumerate(chart.series):
        sheet.write(0, column, series.name)
        write_cells(sheet, column, series.values)
        about = looks(chart.kind, place) | {
            "name": [SHEET, 0, column],
            "categories": [SHEET, 1, 0, rows, 0],
            "values": [SHEET, 1, column, rows, column],
        }
        if series.low:
            above, below = ends(series).values()
            for offset, (name, values) in enumerate(ends(series).items(), start=1):
                sheet.write(0, column + offset, f"{series.name} {name}")
                write_cells(sheet, column + offset, values)
            about["y_error_bars"] = {
                "type": "custom",
                "plus_values": f"={SHEET}!{cells(column + 1, rows)}",
                "minus_values": f"={SHEET}!{cells(column + 2, rows)}",
                "plus_data": above,
                "minus_data": below,
                "line": {"color": GREY, "width": 0.75},
            }
            column += 2
        if made is not None:
            made.add_series(about)
        column += 1
    if made is not None:
        dress(made, chart)
        sheet.insert_chart(0, column + 1, made)
    book.close()
    return out.getvalue()


def write_cells(sheet: Any, column: int, values: Sequence[float | None]) -> None:
    """Write a column below its head; what is not known stays empty."""
    for row, value in enumerate(values, start=1):
        if value is not None:
            sheet.write_number(row, column, value)


def ends(of: Series) -> dict[str, list[float | None]]:
    """Return how far an interval reaches above and below each value, as error bars are given."""
    return {"+": reach(of.values, of.high, 1), "−": reach(of.values, of.low, -1)}


def reach(values: Sequence[float | None], to: Sequence[float | None], sign: int) -> list[float | None]:
    """Return how far each end lies from its value, in one direction."""
    return [
        None if value is None or end is None else max(sign * (end - value), 0.0)
        for value, end in zip(values, to, strict=True)
    ]


def cells(column: int, rows: int) -> str:
    """Return a column's cells as a formula names them."""
    from xlsxwriter.utility import xl_range_abs

    named: str = xl_range_abs(1, column, rows, column)
    return named


def looks(kind: str, place: int) -> dict[str, Any]:
    """Return how a series looks: lines differ by dash and lightness, bars by lightness, so that they read in grey."""
    colour = SERIES[place % len(SERIES)]
    if kind == "line":
        return {
            "line": {"color": colour, "width": 1.75, "dash_type": DASHES[place % len(DASHES)]},
            "marker": {"type": "none"},
        }
    return {"fill": {"color": colour}, "border": {"color": "#ffffff", "width": 0.5}, "gap": 40}


def ends_of_axis(chart: Plotted) -> dict[str, float]:
    """Return the ends of the axis of a chart whose intervals lie far from nought: programs look at the values alone."""
    low = [end for one in chart.series for end in one.low if end is not None]
    high = [end for one in chart.series for end in one.high if end is not None]
    if not low or not high or min(low) < max(high) / 2:
        return {}
    return {"min": STEP * floor(min(low) / STEP), "max": STEP * ceil(max(high) / STEP)}


def form(chart: Plotted) -> str:
    """Return the format of an axis: whole numbers in groups, or, of small ones, the decimals that they need."""
    largest = max(
        (abs(value) for one in chart.series for value in one.values if value is not None), default=0
    )
    return "#,##0" if largest >= SMALL else "General"


def dress(made: Any, chart: Plotted) -> None:
    """Give a chart the house's fonts, rules and axes."""
    small = {"name": FONT, "size": 8, "color": GREY}
    step = max(1, len(chart.categories) // 10)
    made.set_x_axis(
        {"name": chart.across, "name_font": small | {"bold": False}, "num_font": small, "interval_unit": step,
         "line": {"color": GREY}, "major_tick_mark": "none", "label_position": "low"}
    )  # fmt: skip
    made.set_y_axis(
        ends_of_axis(chart) |
        {"name": chart.upward, "name_font": small | {"bold": False}, "num_font": small, "num_format": form(chart),
         "line": {"none": True}, "major_gridlines": {"visible": True, "line": {"color": RULE, "width": 0.5}}}
    )  # fmt: skip
    made.set_title({"none": True})
    made.set_chartarea({"border": {"none": True}})
    made.show_na_as_empty_cell()
    if len(chart.series) > 1:
        made.set_legend({"position": "bottom", "font": small | {"color": INK}})
    else:
        made.set_legend({"none": True})
