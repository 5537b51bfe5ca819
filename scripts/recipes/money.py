"""Recipes of the tables on money: appropriations, aid, training and published programme facts."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

LAST_INPUT_MONTH = "2026-02"


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


QUALIFIERS = (
    "over|about|more than|almost|nearly|exceeds|up to|some|provisional|approximately|at least|roughly|only"
)
# Unit as published -> (our unit, factor).
UNITS: dict[str, tuple[str, float]] = {
    "additional officers": ("officers", 1),
    "aircraft": ("aircraft", 1),
    "containers/month": ("containers_per_month", 1),
    "deaths": ("deaths", 1),
    "firearms": ("firearms", 1),
    "firearms/year": ("firearms_per_year", 1),
    "GAO finding": ("finding", 1),
    "index 0-100": ("index_0_100", 1),
    "jobs": ("jobs", 1),
    "kg": ("kg", 1),
    "lanes": ("lanes", 1),
    "million": ("persons", 1e6),
    "million crimes": ("crimes", 1e6),
    "million hours": ("hours", 1e6),
    "million persons": ("persons", 1e6),
    "million persons 12+": ("persons_12_and_over", 1e6),
    "million trips/year": ("trips_per_year", 1e6),
    "million trucks, two-way": ("trucks_both_ways", 1e6),
    "million/year": ("trips_per_year", 1e6),
    "minutes": ("minutes", 1),
    "minutes daily average": ("minutes", 1),
    "minutes less per truck": ("minutes_less_per_truck", 1),
    "MXN million": ("mxn", 1e6),
    "officers": ("officers", 1),
    "officers per 100,000": ("per_100k", 1),
    "percent": ("percent", 1),
    "percent 12+": ("percent_of_persons_12_and_over", 1),
    "percent 2006-2016": ("percent_change", 1),
    "percent/year": ("percent_per_year", 1),
    "percent of 71,000 evaluated": ("percent_of_evaluated", 1),
    "percent of FY2008-FY2010 funds": ("percent_of_funds", 1),
    "percent of US-bound": ("percent_of_us_bound", 1),
    "percent of combined GDP": ("percent_of_combined_gdp", 1),
    "persons": ("persons", 1),
    "persons of 122": ("persons", 1),
    "pounds": ("pounds", 1),
    "projects": ("projects", 1),
    "readers": ("readers", 1),
    "share of key practices": ("share_of_key_practices", 1),
    "sites": ("sites", 1),
    "states": ("states", 1),
    "states of 32": ("states", 1),
    "teams": ("teams", 1),
    "trucks": ("trucks", 1),
    "USD billion": ("usd", 1e9),
    "USD billion/year": ("usd_per_year", 1e9),
    "USD million": ("usd", 1e6),
    "USD million liquidated": ("usd", 1e6),
    "USD million per minute of delay": ("usd_per_minute_of_delay", 1e6),
    "USD million/month": ("usd_per_month", 1e6),
    "USD million/year": ("usd_per_year", 1e6),
    "USD/month": ("usd_per_month", 1),
    "vehicles/day": ("vehicles_per_day", 1),
    **{
        f"percent of {what}": (f"percent_of_{what.replace(' ', '_')}", 1)
        for what in (
            "allocation",
            "crimes",
            "crimes committed",
            "police",
            "reports",
            "traced",
            "vehicle crossings",
        )
    },
}
# "million" alone says what only the metric tells.
UNITS_OF_METRICS = {"truck_crossings_from_mexico": ("trucks", 1e6)}
MONTHS = {
    name: number
    for number, name in enumerate(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], start=1
    )
}


def _published_month(year: int | None, title: str, locator: str) -> str:
    """The month of publication: the latest date of that year in title or address, else December of the year."""
    if year is None:
        return LAST_INPUT_MONTH
    text = f"{title} {locator}"
    numbers = [int(found) for found in re.findall(rf"{year}[-/](\d{{1,2}})(?!\d)", text)]
    words = [MONTHS[found] for found in re.findall(rf"\b({'|'.join(MONTHS)})[a-z]* {year}\b", text)]
    months = [month for month in numbers + words if 1 <= month <= 12]
    return f"{year}-{max(months):02d}" if months else f"{year}-12"


def _published(row: dict[str, str | None]) -> dict[str, object]:
    """One published figure: the number in plain units, and the words that belong to it."""
    value, unit, note = str(row["value"]), str(row["unit"]), row["note"]
    metric, _, item = str(row["metric"]).partition(": ")
    plain, bracket = unit, None
    if match := re.fullmatch(r"(.+?) \((.+)\)", unit):
        plain, bracket = match.groups()
    qualifier = bracket if bracket and re.fullmatch(QUALIFIERS, bracket) else None
    if bracket and not qualifier:
        note = f"{bracket}; {note}" if note else bracket
    if not qualifier and (match := re.match(rf'^"({QUALIFIERS})\b', note or "")):
        qualifier = match[1]
    name, factor = UNITS_OF_METRICS.get(metric, UNITS.get(plain, (None, 1)))
    if name is None:
        raise ValueError(f"{row['id']}: unit {plain!r} has no name")
    number = low = high = None
    if re.fullmatch(r"-?[\d.]+", value):
        number = round(float(value) * factor, 6)
    elif re.fullmatch(r"[\d,]+\+", value):
        note = f"{qualifier}; {note}" if qualifier and note else note
        number, qualifier = float(value[:-1].replace(",", "")) * factor, "more than"
    elif match := re.fullmatch(r"(~?)(\d+)(?:-| to )(\d+)(\+?)", value):
        about, first, last, more = match.groups()
        low, high = float(first) * factor, float(last) * factor
        qualifier = "about" if about else "or more" if more else qualifier
    unverified = row["source_title"] == "UNVERIFIED"
    known_year = re.fullmatch(r"\d{4}", row["source_year"] or "")
    year = int(known_year[0]) if known_year else None
    if row["source_year"] and not known_year:
        note = f"source dated {row['source_year']}; {note}" if note else f"source dated {row['source_year']}"
    return {
        "id": row["id"],
        "topic": {"P": "programme", "B": "border", "D": "us_domestic"}[str(row["id"])[0]],
        "metric": re.sub(r"[^a-z0-9]+", "_", metric.lower().replace(" / ", "_and_")),
        "item": item or None,
        "value": number,
        "low": low,
        "high": high,
        "unit": name,
        "qualifier": qualifier,
        "value_text": f"{value} {unit}",
        "period": row["period"],
        "place": row["place"],
        "source_title": None if unverified else row["source_title"],
        "institution": row["source_org"],
        "source_year": year,
        "locator": row["locator"],
        "note": note and note.replace("us_drug_poisoning_deaths_1999_2017.csv", "the table us_drug_deaths"),
        "status": "unverified" if unverified else "verified",
        "available_from": _published_month(year, str(row["source_title"]), row["locator"] or ""),
    }


def published_facts(inputs: Path) -> pl.DataFrame:
    files = ["programme/facts_programme.csv", "border/facts_border.csv", "programme/facts_us_domestic.csv"]
    source = pl.concat([pl.read_csv(inputs / file, infer_schema=False) for file in files])
    return pl.DataFrame([_published(row) for row in source.iter_rows(named=True)], infer_schema_length=None)


TABLES = {
    "appropriations": appropriations,
    "appropriations_by_account": appropriations_by_account,
    "foreign_assistance": foreign_assistance,
    "obligations": obligations,
    "military_training": military_training,
    "published_facts": published_facts,
}
