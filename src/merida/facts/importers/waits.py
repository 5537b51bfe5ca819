"""CBP's posted waits as its site gives them (JSON or XML): a record for each crossing, its lanes one in another."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from merida.facts.importers.cells import meant, not_whole, whole
from merida.facts.importers.draft import Asked, Draft, Found, faults_of
from merida.facts.importers.names import letters
from merida.user_tables import Note
from merida.user_tables.grid import LINE

if TYPE_CHECKING:
    import polars as pl

GROUPS = ("passenger", "pedestrian", "commercial")
LANES = {
    "standard": "standard",
    "ready": "ready",
    "nexussentri": "sentri",
    "sentri": "sentri",
    "fast": "fast",
}
STATUS = ("delay", "no_delay", "lanes_closed", "update_pending")
PLACES = {
    "portnumber": "port_number",
    "border": "border",
    "date": "date",
    "time": "time",
    # Of a file in which each lane has its own line.
    "lanegroup": "lane_group",
    "lanetype": "lane_type",
    "maximumlanes": "maximum",
    "operationalstatus": "operationalstatus",
    "delayminutes": "delayminutes",
    "lanesopen": "lanesopen",
    "updatetime": "updatetime",
}
NESTED = re.compile(
    r"(passenger|pedestrian|commercial)(?:vehicles?)?lanes"
    r"(?:(standard|ready|nexussentri|sentri|fast|maximum)lanes)(delayminutes|lanesopen|operationalstatus|updatetime)?"
)
MOST_MINUTES = 10_000  # of a delay that is taken for a number; CBP mistypes some
MEXICO = ("mexicanborder", "usmexicoborder")


def meaning(name: str) -> str | None:
    """Return what a place in a record is: ``port_number``, ``passenger.ready.delayminutes``, … or None.

    Examples
    --------
    >>> meaning("commercial_vehicle_lanes.FAST_lanes.lanes_open"), meaning("pedestrian_lanes_maximum_lanes")
    ('commercial.fast.lanesopen', 'pedestrian.maximum')
    """
    bare = letters(name)
    if found := NESTED.fullmatch(bare):
        lane = "maximum" if found[2] == "maximum" else f"{LANES[found[2]]}.{found[3]}"
        return f"{found[1]}.{lane}" if bool(found[3]) != (found[2] == "maximum") else None
    return PLACES.get(bare)


def layout(found: Found) -> str | None:
    """Return whether these are the records of CBP."""
    nested = any(name.endswith(".delayminutes") for name in found.columns)
    single = {"lane_group", "lane_type", "delayminutes"} <= set(found.columns)
    needed = {"port_number", "date", "time"} <= set(found.columns)
    return "cbp_waits" if needed and (nested or single) else None


def read(found: Found, _: str, asked: Asked) -> Draft:
    """Return the waits and open lanes at the border with Mexico at the instant of the file."""
    import polars as pl

    draft = Draft("lanes_open_snapshot", pl.DataFrame())
    rows = found.body()
    if "border" in rows.columns:
        other = ~meant(rows, "border", letters).is_in(MEXICO)
        if count := rows.filter(other).height:
            draft.notes.append(Note("other_border_left_out", {"count": count}))
        rows = rows.filter(~other)
    instants = {pair: instant(*pair) for pair in rows.select("date", "time").unique().iter_rows()}
    rows = rows.with_columns(
        crossing=pl.col("port_number").str.strip_chars().str.to_lowercase().str.zfill(6),
        observed_at=pl.Series(
            [instants[pair] for pair in rows.select("date", "time").iter_rows()], dtype=pl.String
        ),
    )
    draft.faults += faults_of(
        rows,
        ~pl.col("crossing").str.contains(r"^\w{6}$"),
        "port_number",
        found.title("port_number"),
        "import_port",
    )
    draft.faults += faults_of(
        rows, pl.col("observed_at").is_null(), "date", found.title("date"), "import_instant"
    )
    rows = rows.drop_nulls("observed_at")
    lanes = dict.fromkeys(tuple(name.split(".")[:2]) for name in found.columns if name.count(".") == 2)
    frames = [
        of_lane(rows, found, draft, f"{group}.{lane}.", f"{group}.maximum").with_columns(
            lane_group=pl.lit(group), lane_type=pl.lit(lane)
        )
        for group, lane in lanes
    ]
    if "lane_group" in rows.columns:
        for name, known in (("lane_group", group_of), ("lane_type", lane_of)):
            bad = meant(rows, name, known).is_null()
            draft.faults += faults_of(rows, bad, name, found.title(name), "import_lane")
            rows = rows.with_columns(meant(rows, name, known)).drop_nulls(name)
        frames = [of_lane(rows, found, draft, "", "maximum")]
    key = ["crossing", "observed_at", "lane_group", "lane_type"]
    draft.rows = pl.concat(frames, how="diagonal_relaxed").unique(key, keep="first", maintain_order=True)
    return draft


def group_of(text: str) -> str | None:
    """Return the kind of traffic that a text names."""
    return next((group for group in GROUPS if letters(text).startswith(group)), None)


def lane_of(text: str) -> str | None:
    """Return the kind of lane that a text names."""
    return LANES.get(letters(text).removesuffix("lanes"))


def of_lane(rows: pl.DataFrame, found: Found, draft: Draft, at: str, most: str) -> pl.DataFrame:
    """Return what the columns that begin with `at` say of one kind of lane, and `most` of how many there are."""
    import polars as pl

    def text(name: str) -> pl.Expr:
        return pl.col(at + name).str.strip_chars() if at + name in rows.columns else pl.lit("")

    def count(name: str) -> pl.Expr:
        if name not in rows.columns:
            return pl.lit(None, dtype=pl.Int64)
        bad = not_whole(rows, name)
        draft.faults.extend(
            faults_of(rows, bad, name, found.title(name), "table_whole", low=0, high=MOST_MINUTES)
        )
        return whole(rows, name)

    status = text("operationalstatus").str.to_lowercase().str.replace_all(r"[\s_]+", "_")
    kept = [
        name for name in (LINE, "crossing", "observed_at", "lane_group", "lane_type") if name in rows.columns
    ]
    return rows.select(
        *kept,
        port=pl.col("crossing").str.slice(0, 4),
        lane_status=pl.when(status.is_in(STATUS)).then(status),
        wait_minutes=count(at + "delayminutes"),
        lanes_open=count(at + "lanesopen"),
        maximum_lanes=count(most),
        updated=pl.when(text("updatetime") != "").then(text("updatetime")),
    )


def instant(date: str, time: str) -> str | None:
    """Return a date and a time of CBP as ``YYYY-MM-DD HH:MM:SS``, or None.

    Examples
    --------
    >>> instant("6/29/2022", "16:03:24"), instant("2022-06-29", "4:03 pm")
    ('2022-06-29 16:03:24', '2022-06-29 16:03:00')
    """
    from datetime import datetime

    text = f"{date.strip()} {time.strip()}"
    for day in ("%m/%d/%Y", "%Y-%m-%d"):
        for clock in ("%H:%M:%S", "%H:%M", "%I:%M %p", "%I:%M:%S %p"):
            try:
                return datetime.strptime(re.sub(r"\s+", " ", text), f"{day} {clock}").strftime(
                    "%Y-%m-%d %H:%M:%S"
                )
            except ValueError:
                continue
    return None
