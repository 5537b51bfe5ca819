"""Recipes of the tables on what is seized at the border."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from recipes.violence import month_of

DRUGS = {
    "Cocaine": "cocaine",
    "Ecstasy": "ecstasy",
    "Fentanyl": "fentanyl",
    "Heroin": "heroin",
    "Ketamine": "ketamine",
    "Khat (Catha Edulis)": "khat",
    "Lsd": "lsd",
    "Marijuana": "marijuana",
    "Methamphetamine": "methamphetamine",
    "Other Drugs**": "other",
}
COMPONENTS = {"Office of Field Operations": "ports_of_entry", "U.S. Border Patrol": "between_ports"}
REGIONS = {
    "Coastal/Interior": "coastal_and_interior",
    "Northern Border": "northern_border",
    "Southwest Border": "southwest_border",
}


def _drug() -> pl.Expr:
    return pl.col("drug").replace_strict(DRUGS)


def drug_seizures(inputs: Path) -> pl.DataFrame:
    """Adds up what the source splits further without saying how."""
    path = inputs / "flows/cbp_drug_seizures_southwest_border_month_fy2019_fy2026m12.csv.gz"
    return (
        pl.read_csv(path)
        .with_columns(month=month_of())
        .group_by(
            "month",
            area=pl.col("area").str.to_titlecase(),
            component=pl.col("component").replace_strict(COMPONENTS),
            drug=_drug(),
            maintain_order=True,
        )
        .agg(pl.col("events").sum(), pl.col("kg").sum().round(3))
    )


def drug_seizures_regions(inputs: Path) -> pl.DataFrame:
    return pl.read_csv(inputs / "flows/cbp_drug_seizures_us_by_region_fy2019_fy2026.csv").select(
        "fiscal_year",
        "events",
        "kg",
        region=pl.col("region").replace_strict(REGIONS),
        drug=_drug(),
        # The last year holds October to December only.
        available_from=pl.when(pl.col("fiscal_year") == 2026)
        .then(pl.lit("2026-01"))
        .otherwise(pl.format("{}-10", "fiscal_year")),
    )


TABLES = {"drug_seizures": drug_seizures, "drug_seizures_regions": drug_seizures_regions}
