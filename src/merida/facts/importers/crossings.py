"""Border Crossing Entry Data of BTS as published: a line for each port, month and measure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from merida.facts.importers.cells import meant, month_of, not_whole, nothing, whole
from merida.facts.importers.draft import Asked, Draft, Found, fault, faults_of, lines_text
from merida.facts.importers.names import Names, letters
from merida.user_tables import Note
from merida.user_tables.grid import LINE

if TYPE_CHECKING:
    import polars as pl

COLUMNS = Names(
    {
        "port_name": ["Port Name"],
        "state": ["State"],
        "port_code": ["Port Code"],
        "border": ["Border"],
        "date": ["Date"],
        "measure": ["Measure"],
        "value": ["Value"],
    }
)
MEASURES = Names(
    {
        "bus_passengers": ["Bus Passengers"],
        "buses": ["Buses"],
        "pedestrians": ["Pedestrians"],
        "personal_vehicle_passengers": ["Personal Vehicle Passengers"],
        "personal_vehicles": ["Personal Vehicles"],
        "rail_containers_empty": ["Rail Containers Empty"],
        "rail_containers_loaded": ["Rail Containers Loaded", "Rail Containers Full"],
        "train_passengers": ["Train Passengers"],
        "trains": ["Trains"],
        "truck_containers_empty": ["Truck Containers Empty"],
        "truck_containers_loaded": ["Truck Containers Loaded", "Truck Containers Full"],
        "trucks": ["Trucks"],
    }
)
MEXICO = "usmexicoborder"
MOST_LOADED = 1.3  # loaded containers to a truck beyond which the record marks a count
AMERICAN = re.compile(r"(\d{1,2})/\d{1,2}/(\d{4})(?: .*)?")


def layout(found: Found) -> str | None:
    """Return whether these are the columns of BTS."""
    needed = ("port_code", "border", "date", "measure", "value")
    return "bts_crossings" if all(name in found.columns for name in needed) else None


def read(found: Found, _: str, asked: Asked) -> Draft:
    """Return the counts at the border with Mexico."""
    import polars as pl

    draft = Draft("border_crossings", pl.DataFrame())
    rows = found.body()
    other = meant(rows, "border", letters) != MEXICO
    if count := rows.filter(other).height:
        draft.notes.append(Note("other_border_left_out", {"count": count}))
    rows = rows.filter(~other)
    code = pl.col("port_code").str.strip_chars().str.replace(r"\.0+$", "").str.zfill(4)
    rows = rows.with_columns(
        port=pl.when(code.str.contains(r"^\d{4}$")).then(code),
        month=meant(rows, "date", month),
        kind=meant(rows, "measure", MEASURES.find),
        crossings=whole(rows, "value"),
    )
    bad_value = not_whole(rows, "value") | nothing(rows, "value")
    for bad, name, key in (
        (pl.col("port").is_null(), "port_code", "import_port"),
        (pl.col("month").is_null(), "date", "import_month"),
        (pl.col("kind").is_null(), "measure", "import_measure"),
    ):
        draft.faults += faults_of(rows, bad, name, found.title(name), key)
    draft.faults += faults_of(
        rows, bad_value, "value", found.title("value"), "table_whole", low=0, high=100_000_000
    )
    rows = rows.drop_nulls(["port", "month", "kind", "crossings"])
    rows = rows.select(LINE, "port", "month", "crossings", measure="kind")
    known = set(asked.facts.sql("select port from ports")["port"])
    new = sorted(set(rows["port"]) - known)
    if new:
        draft.notes.append(Note("places_not_in_record", {"count": len(new), "places": "; ".join(new[:6])}))
    draft.rows = marked(distinct(rows, found, draft))
    return draft


def month(cell: str) -> str | None:
    """Return the month of a date as BTS has written it: ``Apr 2024``, ``04/01/2024 12:00:00 AM``, ``2024-04-01``."""
    american = AMERICAN.fullmatch(cell.strip())
    if american and 1 <= int(american[1]) <= 12:
        return f"{american[2]}-{int(american[1]):02}"
    return month_of(cell)


def distinct(rows: pl.DataFrame, found: Found, draft: Draft) -> pl.DataFrame:
    """Return one row for each port, month and measure: identical ones are one, and zero gives way to a count."""
    import polars as pl

    key = ["port", "month", "measure"]
    same = rows.filter(~pl.struct([*key, "crossings"]).is_first_distinct())
    if same.height:
        lines = lines_text(same[LINE].to_list())
        draft.notes.append(Note("identical_merged", {"count": same.height, "lines": lines}))
    rows = rows.unique([*key, "crossings"], keep="first", maintain_order=True)
    twice = pl.struct(key).is_duplicated()
    zeros = rows.filter(twice & (pl.col("crossings") == 0))
    if zeros.height:
        lines = lines_text(zeros[LINE].to_list())
        draft.notes.append(Note("zero_beside_count", {"count": zeros.height, "lines": lines}))
        rows = rows.filter(~pl.col(LINE).is_in(zeros[LINE].to_list()))
    clash = rows.filter(pl.struct(key).is_duplicated()).with_columns(first=pl.col(LINE).min().over(key))
    for line, count, first in (
        clash.filter(pl.col(LINE) > pl.col("first")).select(LINE, "crossings", "first").iter_rows()
    ):
        draft.faults.append(fault(line, found.title("value"), "import_conflict", found=count, other=first))
    return rows.unique(key, keep="first", maintain_order=True)


def marked(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with the record's mark on loaded containers beyond what their trucks can carry."""
    import polars as pl

    trucks = rows.filter(pl.col("measure") == "trucks").select("port", "month", trucks="crossings")
    joined = rows.join(trucks, on=["port", "month"], how="left", maintain_order="left")
    loaded = pl.col("measure") == "truck_containers_loaded"
    beyond = loaded & (pl.col("crossings") > MOST_LOADED * pl.col("trucks"))
    return joined.with_columns(
        flag=pl.when(beyond).then(pl.lit("loaded_above_1_3_times_trucks")).otherwise(None)
    ).drop("trucks")
