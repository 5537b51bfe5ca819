"""Recipe of the figures published in reports, testimony and press, read on stored pages."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

# The months in which the two sets of figures were read.
LAST_INPUT_MONTH, UPDATE_MONTH = "2026-02", "2026-11"
# The last number of each topic in the update.
UPDATE_TOPICS = (
    (38, "arms"),
    (46, "leaders"),
    (78, "border"),
    (167, "us_domestic"),
    (195, "police"),
    (200, "justice"),
    (203, "programme"),
    (210, "missing_persons"),
)
OVERDOSE_PAGE = (
    "https://bvbvf1.bib-bvb.de/vufind/PrimoRecord/"
    "cdi_pubmedcentral_primary_oai_pubmedcentral_nih_gov_7877587/Details"
)
TABLES_OF_FILES = {
    "us_drug_poisoning_deaths_1999_2017.csv": "us_drug_deaths",
    "violence/rnpdno_missing_muni_month_2015_2025.parquet": "of missing persons",
}
FILE_NAMES = "|".join(map(re.escape, TABLES_OF_FILES))
QUALIFIERS = (
    "over|about|more than|almost|nearly|exceeds|up to|some|provisional|approximately|at least|roughly|only"
)
# What one row of the update holds where its unit should be.
LEADER = "Gonzalo Inzunza (Macho Prieto), Sinaloa, killed"
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
    # Of the update of 2026.
    "agents": ("agents", 1),
    "companies": ("companies", 1),
    "jobs/year": ("jobs_per_year", 1),
    "million 12+": ("persons_12_and_over", 1e6),
    "MXN": ("mxn", 1),
    "of 122 targets": ("targets_of_122", 1),
    "officers and commanders": ("officers", 1),
    "per 100": ("per_100", 1),
    "per 100,000": ("per_100k", 1),
    "per 100,000, age-adjusted": ("per_100k_age_adjusted", 1),
    "percent of 4,664": ("percent_of_4664_evaluated", 1),
    "percent of force": ("percent_of_force", 1),
    "percent of FY2008-FY2010": ("percent_of_funds", 1),
    "percent of those evaluated": ("percent_of_evaluated", 1),
    "percent, grades 8+10+12": ("percent_of_pupils", 1),
    "rounds": ("rounds", 1),
    "vehicles": ("vehicles", 1),
    LEADER: ("persons", 1),
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


def _published_month(year: int | None, title: str, locator: str, last: str) -> str:
    """The month of publication: the latest date of that year in title or address, else December of the year.

    Nothing is later than the month `last` in which the inputs were read.
    """
    if year is None:
        return last
    text = f"{title} {locator}"
    numbers = [int(found) for found in re.findall(rf"{year}[-/](\d{{1,2}})(?!\d)", text)]
    words = [MONTHS[found] for found in re.findall(rf"\b({'|'.join(MONTHS)})[a-z]* {year}\b", text)]
    months = [month for month in numbers + words if 1 <= month <= 12]
    return min(f"{year}-{max(months):02d}" if months else f"{year}-12", last)


def _topic(identity: str) -> str:
    """What a figure is about: by its letter, in the update by its number."""
    if identity[0] != "T":
        return {"P": "programme", "B": "border", "D": "us_domestic"}[identity[0]]
    return next(topic for last, topic in UPDATE_TOPICS if int(identity[1:]) <= last)


def _published(row: dict[str, str | None]) -> dict[str, object]:
    """One published figure: the number in plain units, and the words that belong to it."""
    value, unit, note = str(row["value"]), str(row["unit"]), row["note"]
    updated = str(row["id"])[0] == "T"
    read_in = UPDATE_MONTH if updated else LAST_INPUT_MONTH
    locator = OVERDOSE_PAGE if row["locator"] == "same page as T for 2019" else row["locator"]
    metric, _, item = str(row["metric"]).partition(": ")
    plain, bracket = unit, None
    if unit == LEADER:
        note = LEADER
    elif match := re.fullmatch(r"(.+?) \((.+)\)", unit):
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
    if bracket and (match := re.fullmatch(r"(?:95% CI )?([\d.]+)-([\d.]+)", bracket)):
        low, high = map(float, match.groups())
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
        "topic": _topic(str(row["id"])),
        "metric": re.sub(r"[^a-z0-9]+", "_", metric.lower().replace(" / ", "_and_")),
        "item": item or None,
        "value": number,
        "low": low,
        "high": high,
        "unit": name,
        "qualifier": qualifier,
        "value_text": f"{value} {unit}",
        "period": None if row["period"] in ("undated", "n/s") else row["period"],
        "place": row["place"],
        "source_title": None if unverified else row["source_title"],
        "institution": row["source_org"],
        "source_year": year,
        "locator": locator,
        "note": (note or None)
        and re.sub(FILE_NAMES, lambda found: f"the table {TABLES_OF_FILES[found[0]]}", note),
        "status": "unverified" if unverified else "verified",
        "available_from": _published_month(year, str(row["source_title"]), locator or "", read_in),
    }


def published_facts(inputs: Path) -> pl.DataFrame:
    files = [
        "programme/facts_programme.csv",
        "border/facts_border.csv",
        "programme/facts_us_domestic.csv",
        "facts/facts_update.csv",
    ]
    source = pl.concat([pl.read_csv(inputs / file, infer_schema=False) for file in files])
    return pl.DataFrame([_published(row) for row in source.iter_rows(named=True)], infer_schema_length=None)


TABLES = {"published_facts": published_facts}
