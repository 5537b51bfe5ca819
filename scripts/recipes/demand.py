"""Recipes of the tables on drug demand in the United States."""

from __future__ import annotations

from pathlib import Path

import polars as pl


def us_drug_deaths(inputs: Path) -> pl.DataFrame:
    return pl.read_csv(inputs / "programme/us_drug_poisoning_deaths_1999_2017.csv").select(
        "year",
        "deaths",
        "population",
        "crude_rate_per_100k",
        age_adjusted_rate_per_100k="age_adj_rate_per_100k",
    )


PANELS = {
    "All drug overdose deaths": "all",
    "Drug overdose deaths involving any opioid": "any_opioid",
    "Drug overdose deaths involving natural and semisynthetic opioids": "natural_and_semisynthetic_opioids",
    "Drug overdose deaths involving methadone": "methadone",
    "Drug overdose deaths involving other synthetic opioids (other than methadone)": "other_synthetic_opioids",
    "Drug overdose deaths involving heroin": "heroin",
}


def us_overdose_rates(inputs: Path) -> pl.DataFrame:
    units = {
        "Deaths per 100,000 resident population, age-adjusted": "age_adjusted_rate_per_100k",
        "Deaths per 100,000 resident population, crude": "crude_rate_per_100k",
    }
    return (
        pl.read_csv(inputs / "programme/us_overdose_rates_by_drug_1999_2018.csv")
        .select(
            "year",
            "estimate",
            drug=pl.col("panel").replace_strict(PANELS),
            unit=pl.col("unit").replace_strict(units),
        )
        .pivot(on="unit", index=["year", "drug"], values="estimate")
    )


INDICATORS = {
    "Number of Deaths": "all_causes",
    "Number of Drug Overdose Deaths": "all",
    "Opioids (T40.0-T40.4,T40.6)": "any_opioid",
    "Heroin (T40.1)": "heroin",
    "Natural & semi-synthetic opioids (T40.2)": "natural_and_semisynthetic_opioids",
    "Methadone (T40.3)": "methadone",
    "Natural & semi-synthetic opioids, incl. methadone (T40.2, T40.3)": (
        "natural_and_semisynthetic_opioids_and_methadone"
    ),
    "Synthetic opioids, excl. methadone (T40.4)": "other_synthetic_opioids",
    "Natural, semi-synthetic, & synthetic opioids, incl. methadone (T40.2-T40.4)": (
        "natural_semisynthetic_and_synthetic_opioids"
    ),
    "Cocaine (T40.5)": "cocaine",
    "Psychostimulants with abuse potential (T43.6)": "psychostimulants",
}


def us_overdose_12_months(inputs: Path) -> pl.DataFrame:
    source = pl.read_csv(
        inputs / "programme/us_vsrr_overdose_12m_ending_2015_2018.csv", infer_schema_length=None
    ).with_columns(month=pl.format("{} 1 {}", "month", "year").str.to_date("%B %d %Y").dt.strftime("%Y-%m"))
    specified = source.filter(pl.col("indicator") == "Percent with drugs specified").select(
        "month", drug=pl.lit("all"), drugs_specified_pct="value_12m_ending"
    )
    return (
        source.filter(pl.col("indicator").is_in(list(INDICATORS)))
        .select(
            "month",
            drug=pl.col("indicator").replace_strict(INDICATORS),
            deaths_12_months=pl.col("value_12m_ending").cast(pl.Int64),
            predicted_deaths_12_months=pl.col("predicted_value").cast(pl.Int64),
        )
        .join(specified, on=["month", "drug"], how="left")
    )


TABLES = {
    "us_drug_deaths": us_drug_deaths,
    "us_overdose_rates": us_overdose_rates,
    "us_overdose_12_months": us_overdose_12_months,
}
