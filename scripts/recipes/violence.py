"""Recipes of the tables on violence."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

from merida.words import plain
from recipes.places import catalogue, state_codes

VICTIM_CRIMES = {
    "homicidio_doloso": "intentional_homicide",
    "homicidio_culposo": "negligent_homicide",
    "feminicidio": "femicide",
    "secuestro": "kidnapping",
    "extorsion": "extortion",
    "lesiones_dolosas": "intentional_injury",
    "trata_de_personas": "human_trafficking",
    "rapto": "abduction",
}
FILE_CRIMES = {
    "homicidio_doloso": "intentional_homicide",
    "secuestro": "kidnapping",
    "extorsion": "extortion",
    "robo_vehiculo_con_violencia": "vehicle_theft_with_violence",
    "robo_vehiculo_sin_violencia": "vehicle_theft_without_violence",
}
MISSING_STATUS = {
    "all": "all",
    "missing_not_located": "not_located",
    "located_alive": "found_alive",
    "located_dead": "found_dead",
}
# The first publication under the rules that count victims; the months before were published with it.
VICTIMS_FIRST_PUBLISHED = "2018-03"
# Groups of BACRIM 2020, by number, that are known only by a person's name or nickname; the name is left out.
NAMED_AFTER_PERSONS = (
    *range(37, 55),
    *(35, 61, 63, 64, 72, 74, 75, 76, 79, 126, 127, 128, 139, 145, 149),
)
ACTIVITIES = {
    "criminal_activities": "actividades_delictivas",
    "drug_trafficking": "narcotrafico",
    "armed_conflict": "conflictos_armados",
    "nonviolent_presence": "presencia_noviolenta",
    "government_action": "accion_guber",
    "other_activity": "otros",
}
UNVERIFIED = "[UNVERIFIED"
# What the sources say against a row or beyond it.
LEADER_NOTES = {
    "Nazario Moreno Gonzalez": "counted dead from December 2010; actually killed in 2014",
    "Francisco Hernandez Garcia": "El Diario NY (2012) and La Jornada (2015-03-29) list him as at large",
    "Jorge Eduardo Costilla Sanchez": "El Diario NY (2012) lists him among the 12 not caught",
    "Joaquin Guzman Loera": "escaped 2015-07-11, captured again 2016-01-08",
    "Vicente Zambada Niebla": "captured the week before the list was published",
    "Sigifredo Najera Talamantes": "northern Mexico",
    "Edgar Valdez Villarreal": "near Mexico City",
    "Rodolfo Lopez Ibarra": "Monterrey area",
    "Ismael Zambada Garcia": "surrendered to the United States",
}
# The inputs lack accents, and name the rank of one man beside his organisation.
LEADER_ORGANISATIONS = {
    "Beltran Leyva": "Beltrán Leyva",
    "Juarez": "Juárez",
    "Gulf-Zetas (lieutenant)": "Gulf-Zetas",
}
LEADER_PLACES = {"Guadalajara (Zapopan)": "Zapopan"}
# The one date that is not verified: public at the latest with the page that reports the capture.
LEADER_PUBLISHED = {"Jorge Eduardo Costilla Sanchez": "2021-12"}


def month_of(year: str = "year", month: str = "month") -> pl.Expr:
    """Return the month as YYYY-MM from two columns."""
    return pl.format("{}-{}", year, pl.col(month).cast(pl.String).str.zfill(2))


def homicides_month(inputs: Path) -> pl.DataFrame:
    source = pl.read_parquet(inputs / "violence/homicides_muni_month_1990_2021.parquet")
    month = month_of().alias("month")
    occurrence = source.select("muni", month, deaths="homicides_occ", basis=pl.lit("occurrence"))
    registration = source.select("muni", month, deaths="homicides_reg", basis=pl.lit("registration"))
    return (
        pl.concat([occurrence, registration])
        .filter(pl.col("deaths") > 0)
        .select("month", "basis", "deaths", municipality="muni")
    )


def homicides_year(inputs: Path) -> pl.DataFrame:
    registration = pl.concat(
        pl.read_parquet(inputs / f"violence/homicides_muni_year_{years}.parquet").select(
            municipality="muni", year="year", basis=pl.lit("registration"), deaths="homicides_reg"
        )
        for years in ("1990_2021", "2022_2024")
    )
    occurrence = (
        homicides_month(inputs)
        .filter(pl.col("basis") == "occurrence")
        .group_by("municipality", year=pl.col("month").str.slice(0, 4).cast(pl.Int16), maintain_order=True)
        .agg(deaths=pl.col("deaths").sum())
        .with_columns(basis=pl.lit("occurrence"))
        .select(registration.columns)
    )
    return pl.concat([registration, occurrence]).filter(pl.col("deaths") > 0)


def homicides_state_month(inputs: Path) -> pl.DataFrame:
    return pl.concat(
        pl.read_parquet(inputs / f"violence/homicides_state_month_{years}.parquet").select(
            state="state_code", month=month_of(), deaths="homicides_occ"
        )
        for years in ("2000_2021", "2022")
    )


def homicides_late_registration(inputs: Path) -> pl.DataFrame:
    return pl.read_csv(inputs / "violence/late_registration_1994_2010.csv").select(
        "occurrence_year", "registration_year", deaths="homicides"
    )


def homicides_national(inputs: Path) -> pl.DataFrame:
    return pl.read_csv(inputs / "violence/national_check_homicides_to_2024.csv").select(
        "year",
        deaths_registration="reg_total",
        deaths_unknown_place="reg_unknown_muni",
        deaths_month_known="reg_month_known",
        deaths_occurrence_municipal="occ_muni_month",
        deaths_occurrence_state="occ_state_month",
    )


def organised_crime_homicides(inputs: Path) -> pl.DataFrame:
    return pl.read_parquet(inputs / "violence/oc_homicides_muni_month_2006_2011.parquet").select(
        "executions",
        "aggressions",
        "shootouts",
        municipality="muni",
        month=month_of(),
        deaths="oc_homicides",
        available_from=pl.when(pl.col("year") <= 2010).then(pl.lit("2011-01")).otherwise(pl.lit("2012-01")),
    )


def organisation_presence(inputs: Path) -> pl.DataFrame:
    return pl.read_parquet(inputs / "violence/org_presence_muni_year_1990_2010.parquet").select(
        "year", municipality="muni", organisation="org_name"
    )


def organisation_presence_states(inputs: Path) -> pl.DataFrame:
    source = pl.read_csv(inputs / "violence/bacrim2020_state_groups.csv", infer_schema_length=0)
    label = {
        name: f"group named after a person {number}" if int(number) in NAMED_AFTER_PERSONS else name.strip()
        for number, name in source.select("id", "grupo").unique().rows()
    }

    def labels(names: pl.Expr) -> pl.Expr:
        return names.str.split(";").list.eval(pl.element().replace_strict(label)).list.join("; ")

    part = pl.col("fecha").str.split(".")
    swapped = part.list.get(1).cast(pl.Int64) > 12  # two dates have day and month in the wrong order
    return source.select(
        state=pl.col("estado")
        .map_elements(plain, return_dtype=pl.String)
        .replace_strict(state_codes(inputs)),
        organisation=pl.col("grupo").replace_strict(label),
        date=pl.when(swapped)
        .then(pl.concat_list(part.list.get(0), part.list.get(2), part.list.get(1)))
        .otherwise(part)
        .list.join("-"),
        allies=labels(pl.col("aliados")),
        rivals=labels(pl.col("rivales")),
        **{name: pl.col(column) == "1" for name, column in ACTIVITIES.items()},
    )


def crime_victims(inputs: Path) -> pl.DataFrame:
    source = pl.concat(
        (
            pl.read_parquet(inputs / f"violence/sesnsp_state_month_victims_{years}.parquet")
            for years in ("2015_2021", "2022_2025m06")
        ),
        how="vertical_relaxed",
    )
    published = (
        (pl.col("month") + "-01")
        .str.to_date()
        .dt.offset_by("1mo")
        .dt.to_string("%Y-%m")
        .alias("available_from")
    )
    return (
        source.select(pl.exclude("year", "month", "state_code"), state="state_code", month=month_of())
        .unpivot(index=["state", "month"], variable_name="crime", value_name="victims")
        .with_columns(
            pl.col("crime").replace_strict(VICTIM_CRIMES),
            pl.max_horizontal(published, pl.lit(VICTIMS_FIRST_PUBLISHED)).alias("available_from"),
        )
    )


def missing_persons(inputs: Path) -> pl.DataFrame:
    return pl.read_parquet(inputs / "violence/rnpdno_missing_muni_month_2015_2025.parquet").select(
        municipality="muni",
        month=month_of(),
        status=pl.col("status").replace_strict(MISSING_STATUS, return_dtype=pl.String),
        persons="total",
        men="male",
        women="female",
        sex_unknown="undefined",
    )


def missing_persons_national(inputs: Path) -> pl.DataFrame:
    return pl.read_csv(inputs / "violence/rnpdno_missing_national_sex_age_2010_2024.csv").rename(
        {"missing_not_located": "persons"}
    )


def crime_files_old_method(inputs: Path) -> pl.DataFrame:
    return pl.read_parquet(inputs / "violence/sesnsp_old_method_69munis_2011_2016m03.parquet").select(
        municipality="muni",
        month=month_of(),
        crime=pl.col("crime").replace_strict(FILE_CRIMES),
        files="count",
    )


def leaders_removed(inputs: Path) -> pl.DataFrame:
    codes = state_codes(inputs)
    places = {
        (state, plain(name)): (code, name)
        for state, name, code in catalogue(inputs).select("state_code", "muni_name", "muni").rows()
    }
    source = pl.read_csv(inputs / "programme/kingpin_37_list_partial.csv", infer_schema_length=0)
    rows = []
    for row in source.iter_rows(named=True):
        verified = row["verified"] == "yes"
        cells = {cell: row[cell] or "" for cell in ("date", "municipality", "state")}
        unverified = [
            f"{name}: {text.split(UNVERIFIED)[0].strip()}"
            for name, text in cells.items()
            if UNVERIFIED in text
        ]
        if (day := re.search(r"\(day (\d+) UNVERIFIED\)", row["source"])) is not None:
            unverified.append(f"day: {day[1]}")
        date, place, state_name = ("" if UNVERIFIED in text else text for text in cells.values())
        state = codes.get(plain(state_name)) or ("09" if place == "Mexico City" else None)
        place = LEADER_PLACES.get(place, place)
        municipality, municipality_name = places.get((state, plain(place)), (None, None))
        removed = "surrendered" if row["event"].startswith("surrendered") else row["event"].split(" 2010")[0]
        rows.append(
            {
                "leader": row["name"],
                "organisation": LEADER_ORGANISATIONS.get(row["organisation"], row["organisation"]),
                "event": removed.replace(" ", "_"),
                "month": date[:7] or None,
                "day": int(date[8:]) if len(date) == 10 else None,
                "municipality": municipality,
                "municipality_name": municipality_name,
                "state": state,
                "counted_in_25": None
                if row["within_calderon_25"] is None
                else row["within_calderon_25"] == "1",
                "source": re.sub(r"\s*\((day \d+ UNVERIFIED|memory)\)|\s+- .*", "", row["source"])
                if verified
                else "from memory",
                "note": LEADER_NOTES.get(row["name"]),
                "unverified_part": "; ".join(unverified) or None,
                "status": "verified" if verified else "unverified",
                "available_from": LEADER_PUBLISHED.get(row["name"], date[:7]),
            }
        )
    return pl.DataFrame(rows, infer_schema_length=None)


TABLES = {
    "homicides_month": homicides_month,
    "homicides_year": homicides_year,
    "homicides_state_month": homicides_state_month,
    "homicides_late_registration": homicides_late_registration,
    "homicides_national": homicides_national,
    "organised_crime_homicides": organised_crime_homicides,
    "organisation_presence": organisation_presence,
    "organisation_presence_states": organisation_presence_states,
    "crime_victims": crime_victims,
    "missing_persons": missing_persons,
    "missing_persons_national": missing_persons_national,
    "crime_files_old_method": crime_files_old_method,
    "leaders_removed": leaders_removed,
}
