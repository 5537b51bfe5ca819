"""Recipes of the tables on justice: the victimisation survey, the criminal-justice reform, police."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from merida.words import plain
from recipes.places import state_codes

REVIEW = "Revista IEEE 8 (2016), p. 174"
PRESS_2012 = "24 Horas, 2012-12-25 (SETEC report)"
# Years that the page read does not show (README); the rows of the two inputs agree on them.
YEAR_FROM_MEMORY = {
    "08": "general knowledge: state code in force on 1 January 2007",
    "10": f"{REVIEW}: the year label is cut off, the order says before 2010",
    "17": "general knowledge: October 2008",
    "20": "general knowledge: by regions from September 2007",
    "32": f"{REVIEW}: the year label is cut off, the order says before 2010",
}
REFORM_NOTES = {
    "03": "the page says it was still pending in 2015; 2016 is the year of the national deadline (18 June 2016)",
    "05": "first district Monclova, 2013-06-01",
    "15": "from 2009-10-01; whole state by April 2011",
    "26": "the page says it was planned for 2016; national deadline 18 June 2016",
}
EARLY_2016 = {
    "SPPA total + CNPP total": ("full", "state_and_national"),
    "SPPA total": ("full", "state"),
    "SPPA partial": ("partial", "state"),
    "SPPA+CNPP partial": ("partial", "state_and_national"),
    "partial": ("partial", None),
    "pending in 2015": ("pending", None),
    "planned 2016": ("planned", None),
}
POLICE_SCOPES = {
    "state+municipal": "state_and_municipal",
    "state+municipal+ministerial, national average": "state_municipal_and_ministerial",
    "state only": "state",
    "state only, national average without CDMX": "state_without_mexico_city",
}


def envipe(inputs: Path) -> pl.DataFrame:
    return pl.read_csv(
        inputs / "violence/envipe_state_year_2010_2024.csv", schema_overrides={"state_code": pl.String}
    ).select(
        "dark_figure_pct",
        state="state_code",
        year="ref_year",
        crimes="crimes_est",
        unreported_crimes="dark_crimes_est",
        prevalence_per_100k=pl.col("prevalence_per_100k").round(4),
        incidence_per_100k=pl.col("incidence_per_100k").round(4),
        insecure_pct=pl.col("insecure_state_pct").round(4),
    )


def reform_inputs(inputs: Path) -> pl.DataFrame:
    """Return both inputs side by side: one row for each state."""
    operation = pl.read_csv(
        inputs / "violence/judicial_reform_state_year.csv", schema_overrides={"state_code": pl.String}
    )
    programme = pl.read_csv(inputs / "programme/judicial_reform_start_by_state.csv").select(
        "status_early_2016",
        other_year="first_operation_year",
        state_code=pl.col("state")
        .map_elements(plain, return_dtype=pl.String)
        .replace_strict(state_codes(inputs)),
    )
    return operation.join(programme, on="state_code", validate="1:1", how="full", coalesce=True)


def judicial_reform(inputs: Path) -> pl.DataFrame:
    source = reform_inputs(inputs).rename({"state_code": "state"})
    state = pl.col("state")
    return source.select(
        "state",
        "first_operation_year",
        other_year=pl.when(pl.col("other_year") != pl.col("first_operation_year")).then("other_year"),
        source=state.replace_strict(
            YEAR_FROM_MEMORY | {"15": f"{REVIEW}; La Jornada, 2009-07-30, p. 29"}, default=REVIEW
        ),
        note=state.replace_strict(REFORM_NOTES, default=None),
        status=pl.when(state.is_in(list(YEAR_FROM_MEMORY)))
        .then(pl.lit("unverified"))
        .otherwise(pl.lit("verified")),
    )


def judicial_reform_status(inputs: Path) -> pl.DataFrame:
    source = reform_inputs(inputs)
    in_2012 = source.select(
        state="state_code",
        month=pl.lit("2012-07"),
        operation=pl.when("fully_operating_by_jul2012")
        .then(pl.lit("full"))
        .when("partly_operating_by_jul2012")
        .then(pl.lit("partial"))
        .otherwise(pl.lit("none")),
        code=pl.lit(None, pl.String),
        source=pl.lit(PRESS_2012),
        available_from=pl.lit("2012-12"),
    )
    described = source.filter(pl.col("status_early_2016").is_not_null())
    words = {text: operation for text, (operation, _) in EARLY_2016.items()}
    codes = {text: code for text, (_, code) in EARLY_2016.items()}
    in_2016 = described.select(
        state="state_code",
        month=pl.lit("2016-01"),
        operation=pl.col("status_early_2016").replace_strict(words),
        code=pl.col("status_early_2016").replace_strict(codes, return_dtype=pl.String),
        source=pl.lit(REVIEW),
        available_from=pl.lit("2016-12"),
    )
    return pl.concat([in_2012, in_2016])


def police_strength(inputs: Path) -> pl.DataFrame:
    return pl.read_csv(
        inputs / "violence/police_partial.csv", schema_overrides={"state_code": pl.String}
    ).select(
        "year",
        state="state_code",
        per_100k="police_per_100k",
        scope=pl.col("scope").replace_strict(POLICE_SCOPES),
        source="source_page",
        available_from=pl.when(pl.col("year") == 2011).then(pl.lit("2013-12")).otherwise(pl.lit("2025-08")),
    )


TABLES = {
    "envipe": envipe,
    "judicial_reform": judicial_reform,
    "judicial_reform_status": judicial_reform_status,
    "police_strength": police_strength,
}
