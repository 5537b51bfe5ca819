"""Recipes of the tables on waits at the border, hour by hour: CBP's posted waits, the crossings, a private app."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from recipes.crime import texts

# The inputs put Douglas and Naco 8 hours behind universal time, and their updates an hour too young. The hours that CBP
# names there are as old as elsewhere only at 7 hours, Arizona's time and that of its other crossings.
ARIZONA = ("260101", "260301")


def wait_crossings(inputs: Path) -> pl.DataFrame:
    source = pl.read_csv(inputs / "border/cbp_wait_times_crossings.csv", infer_schema_length=0)
    return source.select(
        "port_name",
        "hours",
        crossing="port",
        port=pl.when(pl.col("port") == "l24501").then(pl.lit("2404")).otherwise("bts_port_code"),
        crossing_name=pl.col("crossing_name").replace("", None),
        commercial_lanes=pl.col("commercial").cast(pl.Int64),
        passenger_lanes=pl.col("passenger").cast(pl.Int64),
        pedestrian_lanes=pl.col("pedestrian").cast(pl.Int64),
        reports=pl.col("reports").cast(pl.Int64),
    )


def posted_waits(inputs: Path) -> pl.DataFrame:
    """Gives every row the local time of its crossing: hours of a crossing never change offset within the period."""
    source = texts(inputs / "border/cbp_wait_times_hourly_2025_03_to_2025_10.parquet")
    offset = (
        pl.when(pl.col("port").is_in(ARIZONA))
        .then(pl.lit(-7))
        .otherwise(pl.col("utc_offset_h").max().over("port"))
        .cast(pl.Int64)
    )
    local = pl.col("snapshot_utc") + pl.duration(hours="utc_offset_hours")
    # An update that names the coming hour has just been made.
    age = (local.dt.hour().cast(pl.Int64) - pl.col("update_hour_local").cast(pl.Int64)) % 24
    return source.with_columns(utc_offset_hours=offset).select(
        "status",
        "lanes_open",
        "utc_offset_hours",
        "suspect",
        crossing="port",
        lane_group="mode",
        lane_type="lane",
        read_at=local.dt.strftime("%Y-%m-%d %H:%M"),
        wait_minutes="delay_minutes",
        update_age_hours=age.replace({23: 0}),
    )


def private_app_waits(inputs: Path) -> pl.DataFrame:
    return texts(inputs / "border/bordify_wait_times_baja_hourly_2025_03_to_2025_10.parquet").select(
        "lanes_open",
        crossing="port",
        lane_group=pl.col("mode").replace({"vehicle": "passenger"}),
        lane_type=pl.col("lane").replace({"general": "standard"}),
        hour=pl.col("hour_local").dt.strftime("%Y-%m-%d %H:00"),
        wait_minutes="delay_minutes",
        share_of_1_6=pl.col("share_1p6_lattice").cast(pl.Float64).round(2),
        reports="n",
    )


TABLES = {
    "wait_crossings": wait_crossings,
    "posted_waits": posted_waits,
    "private_app_waits": private_app_waits,
}
