"""Recipes of the tables on the border: ports, crossings, bridges, lanes, waits and trade."""

from __future__ import annotations

from pathlib import Path

import polars as pl


def _port(code: str) -> pl.Expr:
    return pl.col(code).cast(pl.String).str.zfill(4).alias("port")


def _month(year: str, month: str) -> pl.Expr:
    return pl.format("{}-{}", year, pl.col(month).cast(pl.String).str.zfill(2)).alias("month")


def border_crossings(inputs: Path) -> pl.DataFrame:
    return pl.read_csv(
        inputs / "border/bts_crossings_us_mexico_port_month.csv.gz", infer_schema_length=None
    ).select(
        _port("port_code"),
        month="date",
        measure=pl.col("measure").str.to_lowercase().str.replace_all(" ", "_"),
        crossings="value",
        flag=pl.col("flag").replace_strict({"loaded_gt_1.3x_trucks": "loaded_above_1_3_times_trucks"}),
    )


def _known_from(counts: pl.DataFrame, place: str) -> pl.DataFrame:
    """Two months after the first month in which a place is counted: when it is taken as known."""
    first = pl.col("month").min().str.to_date("%Y-%m").dt.offset_by("2mo")
    return counts.group_by(place).agg(available_from=first.dt.strftime("%Y-%m"))


def ports(inputs: Path) -> pl.DataFrame:
    listed = pl.read_csv(inputs / "violence/us_mx_ports_of_entry.csv").select(
        _port("port_code"),
        name="port_name",
        us_state="us_state",
        latitude="lat",
        longitude="lon",
        is_road_port="is_road_port",
        # Ysleta was counted inside El Paso until 2020-02; their sum is the only long series.
        series_port=_port("port_code").replace({"2401": "2402"}),
    )
    return listed.join(_known_from(border_crossings(inputs), "port"), on="port", how="left")


# The port of entry that Texas figures name, as CBP's port code (names as in the table ports).
TEXAS_PORTS = {
    "Brownsville": "2301",
    "Del Rio": "2302",
    "Eagle Pass": "2303",
    "Laredo": "2304",
    "Hidalgo": "2305",
    "Rio Grande City": "2307",
    "Progreso": "2309",
    "Roma": "2310",
    "Ysleta": "2401",
    "El Paso": "2402",
    "Presidio": "2403",
    "Marcelino Serna": "2404",
}


def _texas_port(name: str, bridge: str) -> pl.Expr:
    """Boquillas is a port of its own; the Texas figures put it under Presidio, or under none."""
    boquillas = pl.col(bridge) == "Boquillas"
    named = pl.col(name).fill_null("Presidio").replace_strict(TEXAS_PORTS)
    return pl.when(boquillas).then(pl.lit("2410")).otherwise(named)


def bridge_crossings(inputs: Path) -> pl.DataFrame:
    measures = {
        "Buses": "buses",
        "Commercial Trucks": "trucks",
        "Passenger Vehicles": "personal_vehicles",
        "Pedestrians/ Bicyclists": "pedestrians",
        "Railcars": "rail_cars",
    }
    return pl.read_csv(
        inputs / "border/tx_mx_bridge_month_2008_2025.csv.gz", infer_schema_length=None
    ).select(
        _month("year", "month"),
        bridge=pl.col("id").str.extract(r"^\d{4}-\d{2}-(\w+)-"),
        port=_texas_port("poe", "crossing"),
        measure=pl.col("mode").replace_strict(measures),
        crossings="northbound_crossings",
    )


def bridges(inputs: Path) -> pl.DataFrame:
    code = pl.col("Code").str.extract(r"^\w+-\w+-(.+)$")
    listed = pl.read_csv(inputs / "border/tx_mx_bridge_coordinates.csv").select(
        bridge=code,
        series_bridge=code.str.slice(0, 4),
        name="Border Crossing Name",
        port=_texas_port("Port Of Entry", "Border Crossing Name"),
        city="City",
        county="County",
        latitude="Lat",
        longitude="Lon",
    )
    known = _known_from(bridge_crossings(inputs), "bridge").rename({"bridge": "series_bridge"})
    return listed.join(known, on="series_bridge", how="left")


# Crossings of CBP's wait-time list whose number does not begin with the port's code.
CROSSING_PORTS = {
    "240203": "2401",
    "250301": "2507",
    "250409": "2582",
    "535501": "2301",
    "535502": "2301",
    "535503": "2301",
    "535504": "2301",
    "l24501": "2404",
}
LANE_GROUPS = {
    "commercial_vehicle": "commercial",
    "passenger_vehicle": "passenger",
    "pedestrian": "pedestrian",
}


def _crossing_port(crossing: pl.Expr) -> pl.Expr:
    return crossing.replace_strict(CROSSING_PORTS, default=crossing.str.slice(0, 4))


def port_lanes(inputs: Path) -> pl.DataFrame:
    return (
        pl.read_csv(inputs / "border/cbp_max_lanes_by_crossing_2022.csv", infer_schema_length=None)
        .unpivot(
            on=list(LANE_GROUPS),
            index=["port_number", "port_name", "crossing_name", "hours"],
            variable_name="lane_group",
            value_name="lanes",
        )
        .filter(pl.col("lanes").is_not_null())
        .select(
            crossing="port_number",
            port=_crossing_port(pl.col("port_number")),
            port_name="port_name",
            crossing_name="crossing_name",
            hours="hours",
            lane_group=pl.col("lane_group").replace_strict(LANE_GROUPS),
            lanes="lanes",
        )
    )


def lanes_open_snapshot(inputs: Path) -> pl.DataFrame:
    lane_types = {"standard": "standard", "ready": "ready", "FAST": "fast", "NEXUS_SENTRI": "sentri"}
    return pl.read_csv(inputs / "border/cbp_bwt_lanes_snapshot_2022.csv", infer_schema_length=None).select(
        crossing="port_number",
        port=_crossing_port(pl.col("port_number")),
        observed_at=pl.col("date") + " " + pl.col("time"),
        lane_group=pl.col("lane_group").replace_strict(LANE_GROUPS),
        lane_type=pl.col("lane_type").replace_strict(lane_types),
        lane_status=pl.col("operational_status").str.to_lowercase().str.replace_all(" ", "_"),
        wait_minutes="delay_minutes",
        lanes_open="lanes_open",
        maximum_lanes="maximum_lanes",
        updated="update_time",
    )


MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def border_waits(inputs: Path) -> pl.DataFrame:
    crossings = {
        "El Paso - Bridge of the Americas (BOTA)": "240201",
        "El Paso - Paso Del Norte (PDN)": "240202",
        "El Paso - Ysleta": "240203",
        "El Paso - Stanton DCL": "240204",
    }
    lane_types = {"General": "standard", "Ready": "ready", "Nexus/Sentri": "sentri"}
    return pl.read_csv(
        inputs / "border/cbp_elpaso_border_wait_times.csv.gz", infer_schema_length=None
    ).select(
        crossing=pl.col("port").replace_strict(crossings),
        lane_group=pl.col("lane").str.to_lowercase(),
        lane_type=pl.col("sub_lane").replace_strict(lane_types),
        month_of_year=pl.col("month").replace_strict({name: n for n, name in enumerate(MONTHS, start=1)}),
        weekday=pl.col("day").replace_strict({name: n for n, name in enumerate(WEEKDAYS, start=1)}),
        hour="hour",
        wait_minutes=pl.col("wait_min").cast(pl.Int64),
    )


TRADE_MODES = {
    "Air": "air",
    "Foreign Trade Zones (FTZs)": "foreign_trade_zones",
    "Mail (U.S. Postal Service)": "mail",
    "Other/Unknown": "other_or_unknown",
    "Pipeline": "pipeline",
    "Rail": "rail",
    "Truck": "truck",
    "Vessel": "vessel",
}


def _trade(inputs: Path, file: str, *more: pl.Expr) -> pl.DataFrame:
    return pl.read_csv(inputs / "border" / file, infer_schema_length=None).select(
        *more,
        mode=pl.col("Mode").replace_strict(TRADE_MODES),
        direction=pl.col("TradeType").replace_strict({"Export": "us_exports", "Import": "us_imports"}),
        usd=pl.col("TradeValue").cast(pl.Int64),
    )


def trade(inputs: Path) -> pl.DataFrame:
    return _trade(inputs, "bts_transborder_us_transborder.csv.gz", pl.col("Year").alias("year"))


def trade_month(inputs: Path) -> pl.DataFrame:
    return _trade(inputs, "bts_transborder_monthly_trends.csv.gz", _month("Year", "Month"))


def trade_texas_ports(inputs: Path) -> pl.DataFrame:
    return _trade(
        inputs, "bts_transborder_texas_mexico_ports.csv.gz", pl.col("Year").alias("year"), _port("PortCode")
    )


STATES = {
    "Aguascalientes": "01",
    "Baja California": "02",
    "Baja California Sur": "03",
    "Campeche": "04",
    "Coahuila": "05",
    "Colima": "06",
    "Chiapas": "07",
    "Chihuahua": "08",
    "Distrito Federal": "09",
    "Durango": "10",
    "Guanajuato": "11",
    "Guerrero": "12",
    "Hidalgo": "13",
    "Jalisco": "14",
    "Estado de Mexico": "15",
    "Michoacan": "16",
    "Morelos": "17",
    "Nayarit": "18",
    "Nuevo Leon": "19",
    "Oaxaca": "20",
    "Puebla": "21",
    "Queretaro": "22",
    "Quintana Roo": "23",
    "San Luis Potosi": "24",
    "Sinaloa": "25",
    "Sonora": "26",
    "Tabasco": "27",
    "Tamaulipas": "28",
    "Tlaxcala": "29",
    "Veracruz": "30",
    "Yucatan": "31",
    "Zacatecas": "32",
}


def trade_mexican_states(inputs: Path) -> pl.DataFrame:
    state = pl.col("MexState").replace_strict(STATES).alias("state")
    file = "bts_transborder_mexican_state_trade.csv.gz"
    return _trade(inputs, file, pl.col("Year").alias("year"), state).drop("direction")


TABLES = {
    "border_crossings": border_crossings,
    "ports": ports,
    "bridge_crossings": bridge_crossings,
    "bridges": bridges,
    "port_lanes": port_lanes,
    "lanes_open_snapshot": lanes_open_snapshot,
    "border_waits": border_waits,
    "trade": trade,
    "trade_month": trade_month,
    "trade_texas_ports": trade_texas_ports,
    "trade_mexican_states": trade_mexican_states,
}
