"""Recipes of the tables on places: states, municipalities and their changes, neighbours, population."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import polars as pl

from merida.words import plain

CENSUSES = (1990, 1995, 2000, 2005, 2010, 2015, 2020)
CENSUS_PUBLISHED = {
    1990: "1991-12",
    1995: "1996-06",
    2000: "2001-06",
    2005: "2006-06",
    2010: "2011-03",
    2015: "2015-12",
    2020: "2021-03",
}
EVIDENCE = {
    "census population drop": "census_population_drop",
    "polygon overlay": "polygon_overlay",
    "CONAPO back-cast": "population_back_cast",
    "general knowledge of state decrees": "state_decree_from_memory",
}
OTHER_STATE_NAMES = {"distrito federal": "09", "estado de mexico": "15"}


def catalogue(inputs: Path) -> pl.DataFrame:
    return pl.read_parquet(inputs / "violence/muni_catalog.parquet")


def state_codes(inputs: Path) -> dict[str, str]:
    """Return the code of each state by its plain name."""
    names = catalogue(inputs).select("state_name", "state_code").unique()
    return {plain(name): code for name, code in names.rows()} | OTHER_STATE_NAMES


def states(inputs: Path) -> pl.DataFrame:
    return (
        catalogue(inputs)
        .select(
            state="state_code",
            name="state_name",
            official_name="state_name_official",
            abbreviation="state_abbr",
        )
        .unique()
    )


def municipalities(inputs: Path) -> pl.DataFrame:
    ports = pl.read_csv(
        inputs / "violence/us_mx_ports_of_entry.csv", schema_overrides={"port_code": pl.String}
    ).select(nearest_port_name="port_name", nearest_port="port_code")
    return (
        catalogue(inputs)
        .rename({"nearest_port": "nearest_port_name"})
        .join(ports, on="nearest_port_name", how="left", maintain_order="left")
        .select(
            "area_km2",
            "year_created",
            "parent",
            "nearest_port",
            municipality="muni",
            name="muni_name",
            state="state_code",
            seat_latitude=pl.col("seat_lat").round(4),
            seat_longitude=pl.col("seat_lon").round(4),
            metro_area="metro_area_2015",
            unit_2000="muni_h2000",
            unit_1990="muni_h1990",
            in_map="in_topojson",
            distance_port_km="dist_port_km",
            distance_us_border_km="dist_us_border_km_vallejones",
            available_from=pl.format("{}-01", pl.col("year_created").fill_null(1990)),
        )
    )


def municipality_creations(inputs: Path) -> pl.DataFrame:
    changes = pl.read_csv(
        inputs / "violence/muni_creation_crosswalk.csv",
        schema_overrides={"muni": pl.String, "parent": pl.String, "other_parents": pl.String},
    )
    first = (
        population_census(inputs)
        .group_by("municipality")
        .agg(first_census_with=pl.col("year").min().cast(pl.Int64))
    )
    before = {year: earlier for earlier, year in pairwise(CENSUSES)}
    evidence = pl.coalesce(
        pl.when(pl.col("evidence").str.starts_with(start)).then(pl.lit(word))
        for start, word in EVIDENCE.items()
    )
    return changes.join(first, left_on="muni", right_on="municipality", how="left").select(
        "parent",
        "year_created",
        "first_census_with",
        municipality="muni",
        other_parents=pl.col("other_parents").str.replace_all(";", "; ", literal=True),
        last_census_without=pl.col("first_census_with")
        .replace_strict(before, default=None)
        .fill_null(CENSUSES[-1]),
        evidence=evidence,
        status=pl.when(evidence == "state_decree_from_memory")
        .then(pl.lit("unverified"))
        .otherwise(pl.lit("verified")),
        available_from=pl.format("{}-01", "year_created"),
    )


def municipality_adjacency(inputs: Path) -> pl.DataFrame:
    return pl.read_parquet(inputs / "violence/muni_adjacency.parquet").select(
        "same_state", municipality_a="muni_a", municipality_b="muni_b", shared_border_km="shared_border_km"
    )


def municipality_covariates(inputs: Path) -> pl.DataFrame:
    return pl.read_parquet(inputs / "violence/muni_covariates_2010.parquet").select(
        municipality="muni",
        poverty_pct="poverty_pct_2010",
        extreme_poverty_pct="extreme_poverty_pct_2010",
        gini="gini_2010",
        elevation_mean_m=pl.col("elev_mean_m").round(1),
        elevation_sd_m=pl.col("elev_sd_m").round(1),
        road_km_per_100km2=pl.col("road_km_per_100km2_raw").round(2),
        distance_state_capital_km=pl.col("dist_state_capital_km").round(1),
    )


def population(inputs: Path) -> pl.DataFrame:
    return pl.read_parquet(inputs / "violence/population_muni_year_1990_2030.parquet").select(
        "year", municipality="muni", population="pop", male="pop_male", female="pop_female"
    )


def population_census(inputs: Path) -> pl.DataFrame:
    return pl.read_parquet(inputs / "violence/population_census_1990_2020.parquet").select(
        "year",
        municipality="muni",
        population="census_pop",
        available_from=pl.col("year").replace_strict(CENSUS_PUBLISHED),
    )


TABLES = {
    "states": states,
    "municipalities": municipalities,
    "municipality_creations": municipality_creations,
    "municipality_adjacency": municipality_adjacency,
    "municipality_covariates": municipality_covariates,
    "population": population,
    "population_census": population_census,
}
