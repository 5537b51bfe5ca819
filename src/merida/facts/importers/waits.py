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
    pass

GROUPS = {"passenger": "passenger", "pedestrian": "pedestrian", "commercial": "commercial"}
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
}
MEXICO = ("mexicanborder", "usmexicoborder")


def meaning(name: str) -> str | None:
    """Return what a place in a record is: ``port_number``, ``passenger.ready.delay_minutes``, … or None.

    Examples
    --------
    >>> meaning("commercial_vehicle_lanes.FAST_lanes.lanes_open"), meaning("pedestrian_lanes.maximum_lanes")
    ('commercial.fast.lanesopen', 'pedestrian.maximum')
    """
    if letters(name) in PLACES:
        return PLACES[letters(name)]
    group, *parts = name.split(".")
    kind = next((known for known in GROUPS if letters(group).startswith(known)), None)
    if kind is None or not letters(group).endswith("lanes") or not parts:
        return None
    if letters(parts[0]) == "maximumlanes":
        return f"{kind}.maximum"
    lane = LANES.get(letters(parts[0]).removesuffix("lanes"))
    return f"{kind}.{lane}.{letters(parts[1])}" if lane and len(parts) > 1 else None


def layout(found: Found) -> str | None:
    """Return whether these are the records of CBP."""
    lanes = any(name.endswith(".delayminutes") for name in found.columns)
    return "cbp_waits" if lanes and {"port_number", "date", "time"} <= set(found.columns) else None


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
    frames = []
    for group, lane in dict.fromkeys(
        tuple(name.split(".")[:2]) for name in found.columns if name.count(".") == 2
    ):
        at = f"{group}.{lane}."
        text = {
            name: pl.col(at + name) if at + name in rows.columns else pl.lit("")
            for name in ("operationalstatus", "delayminutes", "lanesopen", "updatetime")
        }
        for name in ("delayminutes", "lanesopen"):
            if at + name in rows.columns:
                bad = not_whole(rows, at + name)
                draft.faults += faults_of(
                    rows, bad, at + name, found.title(at + name), "table_whole", low=0, high=1_440
                )
        status = (
            text["operationalstatus"].str.strip_chars().str.to_lowercase().str.replace_all(r"[\s_]+", "_")
        )
        most = f"{group}.maximum"
        frames.append(
            rows.select(
                LINE,
                "crossing",
                "observed_at",
                port=pl.col("crossing").str.slice(0, 4),
                lane_group=pl.lit(group),
                lane_type=pl.lit(lane),
                lane_status=pl.when(status.is_in(STATUS)).then(status),
                wait_minutes=whole(rows, at + "delayminutes")
                if at + "delayminutes" in rows.columns
                else None,
                lanes_open=whole(rows, at + "lanesopen") if at + "lanesopen" in rows.columns else None,
                maximum_lanes=whole(rows, most) if most in rows.columns else None,
                updated=pl.when(text["updatetime"] != "").then(text["updatetime"]),
            )
        )
    draft.rows = pl.concat(frames, how="vertical_relaxed").unique(
        ["crossing", "observed_at", "lane_group", "lane_type"], keep="first", maintain_order=True
    )
    return draft


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
