"""Recipes of the tables on money: appropriations, aid and training."""

from __future__ import annotations

from pathlib import Path

import polars as pl


def _fiscal_year_end(lag_months: int, year: str = "fiscal_year") -> pl.Expr:
    """The month `lag_months` after the US fiscal year ends (September), as YYYY-MM."""
    end = pl.date(pl.col(year), 9, 1).dt.offset_by(f"{lag_months}mo")
    return end.dt.strftime("%Y-%m")


def _fiscal_year_start(year: str = "fiscal_year") -> pl.Expr:
    return pl.format("{}-10", pl.col(year) - 1)


def appropriations(inputs: Path) -> pl.DataFrame:
    source = pl.read_csv(inputs / "programme/merida_appropriations_reconstructed.csv")
    upper_bound = pl.col("law_or_part") == "all-account upper bound"
    unsplit = pl.all_horizontal(pl.col("esf_musd", "incle_musd", "fmf_musd").is_null())
    rows = (
        source.with_columns(
            law=pl.when(upper_bound)
            .then(pl.lit("not_split"))
            .otherwise(
                pl.col("law_or_part")
                .str.extract(r"(P\.L\.\d+-\d+)")
                .str.replace("P.L.", "P.L. ", literal=True)
            )
            .fill_null("regular"),
            scope=pl.when(upper_bound).then(pl.lit("all_account_upper_bound")).otherwise(pl.lit("merida")),
            total=pl.when(unsplit).then(pl.col("total_musd")),
            total_account=pl.when(upper_bound).then(pl.lit("all_accounts")).otherwise(pl.lit("unsplit")),
        )
        .unpivot(
            on=["esf_musd", "incle_musd", "fmf_musd", "total"],
            index=["fiscal_year", "law", "scope", "basis", "total_account"],
            variable_name="account",
            value_name="musd",
        )
        # A zero is an account that is outside the definition of Mérida in that year, not an appropriation.
        .filter(pl.col("musd") > 0)
        .with_columns(
            account=pl.when(pl.col("account") == "total")
            .then("total_account")
            .otherwise(pl.col("account").str.replace("_musd", "").str.to_uppercase())
        )
    )
    net_incle = (pl.col("law") == "P.L. 111-117") & (pl.col("account") == "INCLE")
    return rows.select(
        "fiscal_year",
        "law",
        "account",
        (pl.col("musd") * 1e6).round().cast(pl.Int64).alias("usd"),
        "scope",
        basis=pl.when(net_incle)
        .then(
            pl.lit(
                "State FY2010 table, INCLE 284 million, less the part already appropriated in the FY2009 supplemental"
            )
        )
        .when(pl.col("law") == "P.L. 111-117")
        .then(
            pl.lit(
                "State FY2010 table; FMF 265.25 million less 260 million forward-funded by the FY2009 supplemental"
            )
        )
        .otherwise("basis"),
        status=pl.lit("verified"),
        unverified_part=pl.when(net_incle).then(
            pl.lit(
                "INCLE forward-funded by the FY2009 supplemental: 94 million US dollars, remembered, not read"
            )
        ),
        available_from=pl.when(pl.col("fiscal_year") == 2021)
        .then(pl.lit("2025-04"))
        .when(pl.col("scope") == "all_account_upper_bound")
        .then(_fiscal_year_end(6))
        .otherwise(_fiscal_year_end(0)),
    )


def appropriations_by_account(inputs: Path) -> pl.DataFrame:
    source = pl.read_csv(inputs / "programme/state_mexico_aid_by_account_fy2008_2017.csv")
    stage = (
        pl.when(pl.col("status") == "request")
        .then(pl.lit("request"))
        .when(pl.col("status") == "actual/estimate")
        .then(pl.lit("actual_or_estimate"))
        .when(pl.col("status").str.starts_with("actual"))
        .then(pl.lit("actual"))
        .when(pl.col("status").str.starts_with("estimate"))
        .then(pl.lit("estimate"))
        .otherwise(pl.lit("enacted"))
    )
    return (
        source.filter(~pl.col("account").str.contains("^(?:All Accounts|Total)"))
        .with_columns(stage=stage)
        .select(
            "fiscal_year",
            "account",
            "stage",
            usd=pl.col("amount_usd").cast(pl.Int64),
            available_from=pl.when(pl.col("stage") == "request")
            .then(_fiscal_year_start())
            .otherwise(_fiscal_year_end(6)),
        )
    )


def foreign_assistance(inputs: Path) -> pl.DataFrame:
    """Dates a figure by when it was first public: see the availability note of the table."""
    stages = {
        "President's Budget Requests": "requested",
        "Appropriated and Planned": "appropriated",
        "Initial Allocations": "allocated",
        "Obligations": "obligated",
        "Disbursements": "disbursed",
    }
    by_row = ["fiscal_year", "stage"]
    rows = (
        pl.read_csv(
            inputs / "programme/foreignassistance_gov_mexico_by_type.csv",
            schema_overrides={"fiscal_year": pl.String},
        )
        # The transition quarter of 1976 (July to September) has its own row; it goes into 1976.
        .with_columns(fiscal_year=pl.col("fiscal_year").str.slice(0, 4).cast(pl.Int64))
        .group_by(
            "fiscal_year",
            "vintage",
            stage=pl.col("transaction_type_name").replace_strict(stages),
            maintain_order=True,
        )
        .agg(usd=pl.col("current_amount").sum(), usd_constant=pl.col("constant_amount").sum())
        .sort("fiscal_year", "stage", "vintage")
    )
    oldest = rows["vintage"].min()
    settled = pl.date(pl.col("fiscal_year"), 9, 1).dt.offset_by("24mo").dt.strftime("%Y-%m") <= pl.col(
        "vintage"
    )
    first_public = (
        pl.when(pl.col("vintage") != oldest)
        .then("vintage")
        .when(pl.col("stage") == "requested")
        .then(_fiscal_year_start())
        .when(settled)
        .then(_fiscal_year_end(6))
        .otherwise("vintage")
    )
    changed = (pl.col("usd") - pl.col("usd").shift(1).over(by_row)).abs() >= 1000
    return (
        rows.with_columns(
            first_public=first_public,
            figure=changed.fill_null(value=True).cast(pl.Int64).cum_sum().over(by_row),
        )
        .with_columns(
            available_from=pl.col("first_public").first().over([*by_row, "figure"]),
            latest=pl.col("vintage") == pl.col("vintage").max().over(by_row),
        )
        .drop("first_public", "figure")
    )


def obligations(inputs: Path) -> pl.DataFrame:
    return (
        pl.read_csv(
            inputs / "programme/greenbook_mexico_obligations_1946_2020.csv.gz", infer_schema_length=None
        )
        .with_columns(fiscal_year=pl.col("fiscal_year").floor().cast(pl.Int64))
        .group_by(
            "fiscal_year",
            category=pl.col("category").str.to_lowercase(),
            agency=pl.col("funding_agency").str.replace(
                "Unknown - Historical Greenbook", "unknown", literal=True
            ),
            account=pl.col("account"),
            maintain_order=True,
        )
        .agg(usd=pl.col("obligations_usd").sum(), usd_constant_2020=pl.col("obligations_const2020_usd").sum())
    )


TRAINING_PROGRAMMES = {
    r"IMET|International Military Education": "imet",
    r"Section 1004": "section_1004",
    r"Section 333": "section_333",
    r"Section 506": "section_506",
    r"INL|INCLE|International Narcotics": "inl",
    r"CTFP|CTIWFP|Counterterrorism Fellowship": "counterterrorism_fellowship",
    r"Regional Centers|Center For Hemispheric": "regional_centers",
    r"DOHS/USCG": "coast_guard",
    r"Exchange|PME": "exchanges",
    r"Service Academies": "service_academies",
    r"Non-S": "non_security_assistance",
    r"FMF": "fmf",
    r"PKO|GPOI": "peacekeeping",
    r"ALP": "aviation_leadership",
}


def military_training(inputs: Path) -> pl.DataFrame:
    source = pl.read_csv(inputs / "programme/us_military_training_mexico_by_program.csv")
    group = pl.lit("other")
    for pattern, name in TRAINING_PROGRAMMES.items():
        group = pl.when(pl.col("prog").str.contains(pattern)).then(pl.lit(name)).otherwise(group)
    named_year = pl.col("prog").str.extract(r"FY ?(\d\d)$").cast(pl.Int64)
    return source.select(
        fiscal_year="fy",
        program=pl.col("prog").str.replace_all(r"\s+", " ").str.replace(r",FY", ", FY"),
        program_group=group,
        # The report's first fiscal year is what was done; the next one, where it is listed, is what was planned.
        planned=(named_year % 100 == (pl.col("fy") + 1) % 100).fill_null(value=False),
        trainees=pl.col("trainees").cast(pl.Int64),
        usd=pl.col("cost_usd").cast(pl.Int64),
        reported_trainees=pl.col("report_total_trainees").cast(pl.Int64),
        reported_usd=pl.col("report_total_cost").cast(pl.Int64),
    )


TABLES = {
    "appropriations": appropriations,
    "appropriations_by_account": appropriations_by_account,
    "foreign_assistance": foreign_assistance,
    "obligations": obligations,
    "military_training": military_training,
}
