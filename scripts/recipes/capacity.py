"""Recipes of the tables on Mexico's own money and capacity, and on prices: funds, police, prisons, impunity."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from recipes.money import _fiscal_year_end

CATEGORIES = {
    "Democracy, Human Rights, and Governance": "democracy_and_governance",
    "Economic Development": "economic_development",
    "Education and Social Services": "education_and_social_services",
    "Environment": "environment",
    "Health": "health",
    "Humanitarian Assistance": "humanitarian_assistance",
    "Peace and Security": "peace_and_security",
    "Program Management": "program_management",
    "Total": "total",
}


def state_security_funds(inputs: Path) -> pl.DataFrame:
    return pl.read_csv(inputs / "programme/mexico_fasp_fortamun_state_year_1998_2014.csv").select(
        "year",
        "fasp_mxn_million",
        "fortamun_mxn_million",
        "ramo33_total_mxn_million",
        state=pl.col("state").cast(pl.String).str.zfill(2),
    )


def usaid_by_category(inputs: Path) -> pl.DataFrame:
    """Dates a year six months after its end, not before ForeignAssistance.gov opened, part years at the copy."""
    published = pl.max_horizontal(_fiscal_year_end(6), pl.lit("2010-12"))
    return pl.read_csv(
        inputs / "programme/usaid_mexico_obligated_spent_by_category_fy2009_fy2014.csv"
    ).select(
        "fiscal_year",
        "stage",
        "usd",
        category=pl.col("category").replace_strict(CATEGORIES),
        available_from=pl.when(pl.col("fiscal_year") > 2012).then(pl.lit("2014-12")).otherwise(published),
    )


def disbursements_by_objective(inputs: Path) -> pl.DataFrame:
    return pl.read_csv(
        inputs / "programme/foreignassistance_mexico_disbursed_by_objective_fy2013.csv"
    ).select("fiscal_year", "objective", usd="disbursed_usd")


def state_police(inputs: Path) -> pl.DataFrame:
    return pl.read_csv(
        inputs / "policing/state_police_strength_vetting_wages_2025.csv",
        schema_overrides={"state": pl.String},
    ).select(
        "state",
        "officers_per_1000",
        "women",
        "men",
        "administrative",
        "operational",
        officers="officers_total",
        aged_60_or_more="aged_60_or_more",
        vetting_valid="vetting_valid_c3",
        vetting_valid_pct=(100 * pl.col("vetting_valid_share")).round(1),
        net_wage_mxn_month="net_monthly_wage_mxn",
        reference_wage_mxn_month="conasami_reference_wage_mxn",
        fofisp_mxn="fofisp_2025_mxn",
    )


def prison_population(inputs: Path) -> pl.DataFrame:
    return pl.read_csv(
        inputs / "justice/prison_population_offences_state_year_2010_2021.csv.gz",
        schema_overrides={"state": pl.String},
    ).select("state", "year", "jurisdiction", "status", "crime", counted="unit", number="n")


# Table and categories of the compilation -> ours; a category that is not here is empty.
SURVEY_TABLES = {
    "torture_or_ill_treatment_at_detention_or_prosecutor": "torture",
    "excessive_use_of_force_at_detention": "excessive_force",
    "excessive_use_of_force_by_force": "excessive_force_by_force",
    "torture_before_after_national_detention_register": "torture_by_register",
    "homicide_flow_vs_detained": "homicide_held",
    "vehicle_theft_flow_vs_detained": "vehicle_theft_held",
    "detention_type_by_offence": "detention_by_offence",
    "how_case_ended": "case_ended",
    "time_to_sentence": "time_to_sentence",
    "perceived_process": "process",
    "self_identified_guilt": "self_identified",
    "reoffending": "reoffending",
}
SURVEY_TERMS = {
    "A)Inspeccion": "inspection",
    "B)Orden de detención": "warrant",
    "C)Irregulares": "irregular",
    "D)Flagrancia": "in_the_act",
    "Extorsión": "extortion",
    "Homicido doloso": "intentional_homicide",
    "Portación ilegal  de armas": "illegal_arms",
    "Posesión o comercio  de drogas": "drugs",
    "Robo de  autopartes": "theft_vehicle_parts",
    "Robo de  vehículos": "theft_vehicle",
    "Secuestro": "kidnapping",
    "Policía Federal": "federal_police",
    "Policía Federal Ministerial": "federal_investigative_police",
    "Policía Estatal": "state_police",
    "Policía Estatal Ministerial o Judicial": "state_investigative_police",
    "Policía Municipal": "municipal_police",
    "Ejército o Marina": "army_or_navy",
    "Operativo Conjunto": "joint_operation",
    "Juicio": "trial",
    "Procedimiento abreviado por presión": "abbreviated_under_pressure",
    "Procedimiento abreviado sin presión": "abbreviated_without_pressure",
    "Procedimiento abreviado": "abbreviated",
    "Hasta seis meses": "up_to_6_months",
    "Más de seis meses hasta un año": "6_to_12_months",
    "Más de un año hasta dos años": "1_to_2_years",
    "Más de dos años": "over_2_years",
    "Proceso justo": "fair",
    "Proceso injusto": "unfair",
    "Autoidentificación como culpable": "guilty",
    "Autoidentificación como inocente": "innocent",
    "Distinto delito": "another_offence",
    "Mismo delito": "same_offence",
    "No reincidentes": "first_time",
    "intentional homicide investigations": "investigations",
    "vehicle thefts": "investigations",
    "persons in prison detained that year for homicide (weighted)": "persons_held",
    "persons in prison detained that year for vehicle theft (weighted)": "persons_held",
}


def _category(text: str) -> str:
    """Return a category in our terms, its parts divided by a bar."""
    parts = (SURVEY_TERMS.get(part, part.replace(", ", " ").replace(" ", "_")) for part in text.split(" | "))
    return "|".join(parts)


def prison_survey(inputs: Path) -> pl.DataFrame:
    source = pl.read_csv(inputs / "justice/enpol2021_detention_process_wjp.csv", infer_schema_length=None)
    return source.select(
        "value",
        topic=pl.col("table").replace_strict(SURVEY_TABLES),
        state=pl.col("place").replace({"national": "00"}),
        # The years of arrest; 0 where all years are taken together.
        year=pl.col("year").cast(pl.Int64).fill_null(0),
        category=pl.col("category").fill_null("all").map_elements(_category, return_dtype=pl.String),
        measure=pl.when(pl.col("unit") == "count").then(pl.lit("count")).otherwise(pl.lit("percent")),
        base=pl.col("unit").replace({"count": "cases", "percent": "percent of prisoners"}),
        respondents=pl.col("n").cast(pl.Int64),
    )


def impunity_index(inputs: Path) -> pl.DataFrame:
    return pl.read_csv(
        inputs / "justice/impunity_index_igi_mex_state_2022.csv", schema_overrides={"state": pl.String}
    ).select("state", score="igi_mex_2022", rank="rank_low_is_better")


def prices(inputs: Path) -> pl.DataFrame:
    return pl.read_csv(
        inputs / "macro/mexico_us_prices_exchange_ppp_1985_2025.csv", infer_schema_length=None
    ).select(
        "year",
        "mxn_per_usd",
        ppp_mxn_per_usd="ppp_mxn_per_intl_usd",
        mexico_inflation_pct=pl.col("mx_cpi_inflation_pct").round(4),
        us_inflation_pct=pl.col("us_cpi_inflation_pct").round(4),
        mexico_cpi="mx_cpi_index_2012_100",
        us_cpi="us_cpi_index_2012_100",
    )


TABLES = {
    "state_security_funds": state_security_funds,
    "usaid_by_category": usaid_by_category,
    "disbursements_by_objective": disbursements_by_objective,
    "state_police": state_police,
    "prison_population": prison_population,
    "prison_survey": prison_survey,
    "impunity_index": impunity_index,
    "prices": prices,
}
