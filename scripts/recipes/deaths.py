"""Recipes of the tables that count homicides in other ways: by sex and age, by intent, by weapon, by the press."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from recipes.crime import texts
from recipes.violence import month_of

# Groups announced under a person's name or nickname; the name is left out.
PERSONS = {
    "Chapo Isidro": "group named after a person",
    "Mayo Zambada": "group named after a person",
    "Gente del Koqui": "group named after a person",
}


def homicides_sex_age(inputs: Path) -> pl.DataFrame:
    return texts(inputs / "violence/homicides_state_month_sex_age_1990_2024.parquet").select(
        "state", "sex", "age_group", month=month_of(), deaths="homicides"
    )


def injury_deaths(inputs: Path) -> pl.DataFrame:
    return (
        pl.read_csv(inputs / "violence/injury_deaths_by_intent_national_2004_2023.csv")
        .drop("undetermined_per_100_homicides")
        .unpivot(index="year_registered", variable_name="intent", value_name="deaths")
        .rename({"year_registered": "year"})
    )


def homicides_press(inputs: Path) -> pl.DataFrame:
    return texts(inputs / "violence/homicides_press_count_muni_month_2019_2020m09.parquet").select(
        municipality="muni", month=month_of(), victims="homicides_press"
    )


def firearm_homicides(inputs: Path) -> pl.DataFrame:
    return texts(inputs / "violence/firearm_homicides_state_month_1998_2008.parquet").select(
        "state", "year", month_of_year="month", firearm_deaths="firearm_homicides", deaths="homicides"
    )


def firearm_homicides_border(inputs: Path) -> pl.DataFrame:
    return pl.read_csv(
        inputs / "violence/firearm_homicides_border_munis_month_2001_2006.csv",
        schema_overrides={"muni": pl.String},
    ).select(
        "year",
        municipality="muni",
        month_of_year="month",
        firearm_deaths="firearm_homicides",
        deaths="homicides",
    )


def detentions_announced(inputs: Path) -> pl.DataFrame:
    path = inputs / "violence/security_cabinet_announced_detentions_2024_10_2025_07.csv"
    source = pl.read_csv(path, schema_overrides={"state_code": pl.String})
    return source.select(
        conference="conference_date",
        number=pl.int_range(1, pl.len() + 1).over("conference_date"),
        arrested_on=pl.col("date_of_arrest").str.replace(" a ", "/", literal=True),
        state="state_code",
        state_text="place_state_text",
        city_text="place_city_text",
        group_announced=pl.col("group_as_announced").str.replace_many(PERSONS),
        leader_mentioned=pl.col("role_text_mentions_leader") == 1,
        persons="persons",
        us_extradition_persons="us_extradition_request_persons",
    )


TABLES = {
    "homicides_sex_age": homicides_sex_age,
    "injury_deaths": injury_deaths,
    "homicides_press": homicides_press,
    "firearm_homicides": firearm_homicides,
    "firearm_homicides_border": firearm_homicides_border,
    "detentions_announced": detentions_announced,
}
