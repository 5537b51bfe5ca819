"""The country file of ForeignAssistance.gov as published: a line for each country, fiscal year and stage of money."""

from __future__ import annotations

from typing import TYPE_CHECKING

from merida.errors import FactsError
from merida.facts.importers.cells import meant
from merida.facts.importers.draft import Asked, Draft, Found, fault, faults_of, lines_text
from merida.facts.importers.names import Names, letters
from merida.user_tables import Note
from merida.user_tables.grid import LINE

if TYPE_CHECKING:
    import polars as pl

COLUMNS = Names(
    {
        "country": ["Country Code", "country_code"],
        "country_name": ["Country Name"],
        "stage_name": ["Transaction Type Name", "Transaction Type"],
        "year_text": ["Fiscal Year"],
        "current": ["current_amount", "Current Dollar Amount", "Current Amount"],
        "activity": ["Activity ID", "Activity Name", "Transaction Date"],
        "constant": ["constant_amount", "Constant Dollar Amount", "Constant Amount"],
    }
)
STAGES = Names(
    {
        "requested": ["President's Budget Requests", "President's Budget Request", "Requests"],
        "appropriated": ["Appropriated and Planned", "Appropriations"],
        "allocated": ["Initial Allocations", "Initial Allocation"],
        "obligated": ["Obligations", "Obligated"],
        "disbursed": ["Disbursements", "Disbursed"],
    }
)


def layout(found: Found) -> str | None:
    """Return whether these are the columns of the country file."""
    needed = {"stage_name", "year_text", "current"}
    country = {"country", "country_name"} & set(found.columns)
    return "foreign_assistance_country" if needed <= set(found.columns) and country else None


def read(found: Found, _: str, asked: Asked) -> Draft:
    """Return the money for Mexico by fiscal year and stage, with the record's older vintages of it."""
    import polars as pl

    draft = Draft("foreign_assistance", pl.DataFrame())
    rows = found.body()
    code = "country" if "country" in found.columns else "country_name"
    mexico = meant(rows, code, letters).is_in(["mex", "mexico"])
    if count := rows.filter(~mexico).height:
        draft.notes.append(Note("other_countries_left_out", {"count": count}))
    rows = rows.filter(mexico)
    if rows.is_empty():
        raise FactsError("import_no_mexico", file=found.sheets.path)
    year = (
        pl.col("year_text").str.strip_chars().str.extract(r"(?i)^(?:fy\s*)?((?:19|20)\d{2})(?:\s?tq|\.0)?$")
    )
    rows = rows.with_columns(
        stage=meant(rows, "stage_name", STAGES.find),
        fiscal_year=year.cast(pl.Int64),
        usd=dollars("current"),
        usd_constant=dollars("constant") if "constant" in rows.columns else pl.lit(0),
    )
    draft.faults += faults_of(
        rows, pl.col("fiscal_year").is_null(), "year_text", found.title("year_text"), "import_year"
    )
    draft.faults += faults_of(
        rows, pl.col("stage").is_null(), "stage_name", found.title("stage_name"), "import_stage"
    )
    for name, value in (("current", "usd"), ("constant", "usd_constant")):
        if name in rows.columns:
            bad = pl.col(value).is_null()
            draft.faults += faults_of(rows, bad, name, found.title(name), "import_dollars")
    quarter = rows.filter(pl.col("year_text").str.contains("(?i)tq")).height
    if quarter:
        draft.notes.append(Note("transition_quarter", {"count": quarter}))
    rows = rows.drop_nulls(["fiscal_year", "stage", "usd", "usd_constant"])
    if "activity" not in rows.columns:  # of a file by activity many lines make one figure
        rows = distinct(rows, found, draft)
    own = rows.group_by("fiscal_year", "stage", maintain_order=True).agg(
        pl.col("usd", "usd_constant").sum().round().cast(pl.Int64), pl.col(LINE).min()
    )
    vintage = asked.available_from or vintage_of(own, asked, draft, found)
    draft.month = vintage
    own = own.with_columns(vintage=pl.lit(vintage))
    held = asked.facts.sql("select fiscal_year, stage, vintage, usd, available_from from foreign_assistance")
    known = [
        "fiscal_year",
        "stage",
        "vintage",
        "usd",
    ]  # what the record's own copy says of when a figure was public
    own = own.join(held, on=known, how="left", maintain_order="left").with_columns(
        pl.col("available_from").fill_null(vintage)
    )
    draft.rows = with_older(own, vintage, asked)
    return draft


def distinct(rows: pl.DataFrame, found: Found, draft: Draft) -> pl.DataFrame:
    """Return one row for each year as written and stage; refuse those that say otherwise than an earlier one."""
    import polars as pl

    key, money = ["year_text", "stage"], ["usd", "usd_constant"]
    same = rows.filter(~pl.struct([*key, *money]).is_first_distinct())
    if same.height:
        lines = lines_text(same[LINE].to_list())
        draft.notes.append(Note("identical_merged", {"count": same.height, "lines": lines}))
    rows = rows.unique([*key, *money], keep="first", maintain_order=True)
    clash = rows.with_columns(first=pl.col(LINE).min().over(key)).filter(pl.col(LINE) > pl.col("first"))
    for line, usd, first in clash.select(LINE, "current", "first").iter_rows():
        draft.faults.append(fault(line, found.title("current"), "import_conflict", found=usd, other=first))
    return rows.unique(key, keep="first", maintain_order=True)


def vintage_of(own: pl.DataFrame, asked: Asked, draft: Draft, found: Found) -> str:
    """Return the month of publication of a file that does not say it: that of the record's copy, else of adding.

    Raises
    ------
    FactsError
        If the file ends before the record does, and is no copy that the record has.
    """
    held = asked.facts.sql("select vintage, fiscal_year, stage, usd from foreign_assistance")
    for vintage, copy in held.partition_by("vintage", as_dict=True).items():
        same = own.join(copy, on=["fiscal_year", "stage", "usd"], how="semi")
        if same.height == own.height:
            draft.notes.append(Note("vintage_known", {"month": vintage[0]}))
            return str(vintage[0])
    last, known = own["fiscal_year"].max(), held["fiscal_year"].max()
    if int(str(last)) < int(str(known)):
        raise FactsError("import_vintage", file=found.sheets.path, last=last, held=known)
    draft.notes.append(Note("vintage_assumed", {"month": asked.today}))
    return asked.today


def dollars(column: str) -> pl.Expr:
    """Return a column of text as dollars; null where a cell is no number."""
    import polars as pl

    text = pl.col(column).str.replace_all(r"[\s$]", "")
    grouped = text.str.contains(r"^-?\d{1,3}(,\d{3})+(\.\d+)?$")
    text = pl.when(grouped).then(text.str.replace_all(",", "")).otherwise(text)
    return pl.when(text.str.contains(r"^-?\d{1,15}(\.\d+)?$")).then(text).cast(pl.Float64, strict=False)


def with_older(own: pl.DataFrame, vintage: str, asked: Asked) -> pl.DataFrame:
    """Return the rows with ``latest``, and the record's of the same year and stage: only one of them is the latest."""
    import polars as pl

    held = asked.facts.sql("select * from foreign_assistance").drop("year", strict=False)
    key = ["fiscal_year", "stage"]
    newest = held.group_by(key).agg(newest=pl.col("vintage").max())
    own = own.join(newest, on=key, how="left", maintain_order="left").with_columns(
        latest=pl.col("newest").is_null() | (pl.col("newest") <= vintage)
    )
    passed = held.join(own.filter("latest").select(key), on=key).filter(
        pl.col("latest") & (pl.col("vintage") != vintage)
    )
    columns = [*key, "vintage", "usd", "usd_constant", "latest", "available_from", LINE]
    older = passed.with_columns(latest=pl.lit(value=False), line=pl.lit(0, dtype=pl.Int64))
    return pl.concat([own.select(columns), older.select(columns)], how="vertical_relaxed")
