"""Compile the register of evidence from the inputs: `python scripts/compile_evidence.py INPUTS`.

Writes `src/merida/evidence/register.csv` and `costs.csv` in our own schema. Free text of the inputs that needs judgement
(design, direction, cluster) is mapped here, in the open.
"""

from __future__ import annotations

import math
import re
import sys
from pathlib import Path

import polars as pl

from evidence_additions import additions, with_errors
from merida.evidence.schema import checked

OUT = Path(__file__).resolve().parent.parent / "src/merida/evidence"

# What a study's own words do not settle; the reason stands beside each.
DIRECTION = {
    "phillips2015": "mixed",  # short fall, long rise
    "gill2014": "null",  # satisfaction up, little on crime
    "nagin2013": "benefit",  # certainty deters
    "chalfin_mccrary2017": "benefit",
    "gryd2021": "benefit",  # violent crime down
    "cv_baltimore2021": "mixed",
    "pronapred_psm2017": "harm",  # opposite to what was expected
    "fifty_muni_2017": "harm",  # up against the others
    "mx_reform_blanco2012": "benefit",  # victimisation down
    "cl_reform": "null",  # no loss of security
    "blattman2021_total": "null",
    "alcocer2024": "mixed",  # violent crime down, homicide up
    "subsemun_heredia2021": "null",
    "tsj_juarez": "context",  # never evaluated
    "oat_methadone_sordo": "benefit",  # given as out against in
    "oat_bup_sordo": "benefit",
    "oat_methadone_od": "benefit",
    "mello2017_murder": "benefit",  # officers hired for each life saved
    "flores_rodriguez2014": "harm",  # enforcement raised neighbours' homicide
    "osorio2013": "harm",  # enforcement against one group brought in its rivals
    "bowers2011": "null",  # no change in the catchment that differs from none
}
BOUNDS = {"hope2009_arrest": -50.0}  # per cent: "less than half as often", so this or further down
NO_RATIO = {  # a figure that is no log rate ratio of harm at a programme's dose; its sign alone counts
    "mello2019_police",  # officers, the first stage
    "mx_reform_cgo2024_arrest",  # more arrests are the better outcome
    "carsi_trust",  # more trust is the better outcome
    "familias_theft",  # for days after a payment
    "bolsa_homicide",  # for one point of coverage
    "bolsa_hosp",
}
DESIGN = {  # where the study's own words name two designs, the weaker
    "hope2009_prison": "quasi",
    "carsi_extortion": "quasi",
    "carsi_drugsales": "quasi",
    "carsi_robbery": "quasi",
    "carsi_trust": "quasi",
    "ceasefire_boston": "before_after",  # interrupted series, no comparison group on record
    "ficavivo2010": "before_after",
}
BASE = {
    "drugcourt2012": 50.0
}  # what a level is held against, where the row's own words give it (50 % to 38 %)
DOSE_RATIO = {
    "mello2019_crime": "mello2019_police"
}  # units over base units, from the study's own first stage
OUTCOMES = {  # classes of outcomes that say whether a programme does harm or good; of all others none is pooled
    "homicide": (
        "homicide", "homicide_rate", "homicides", "youth_homicide", "homicide_and_rape", "homicide_and_shootings",
        "homicide_spillover", "homicides_per_officer_year", "officers_per_life_saved", "dto_homicides",
        "dto_violence", "drug_homicide", "drug_homicide_level", "drug_homicide_probability", "reported_murders",
    ),
    "violence": (
        "crime_and_violence", "gang_violence", "kidnapping_extortion", "nonfatal_shootings", "shootings",
        "serious_violence_index", "shooting_homicide_arrests", "shooting_homicide_victimisation", "violence",
        "violence_hospitalisation", "violent_crime", "violent_crime_and_violence", "violent_crime_arrests",
        "violent_crime_rate",
    ),
    "crime": (
        "antisocial_behaviour", "car_theft", "cost_weighted_crime", "crime", "crime_at_place",
        "crime_fear_satisfaction", "crime_rate", "crime_victimisation_and_trust", "night_outdoor_index_crime",
        "police_reports", "pretrial_detention_and_crime", "property_crime", "reported_crime",
        "reported_drug_sales", "reported_extortion", "reported_robbery", "robbery", "theft_from_persons",
        "total_crime", "victimisation",
    ),
    "arrest": ("arrests", "total_arrests", "recidivism", "readmission", "revocations"),
    "death": ("all_cause_mortality", "overdose_mortality"),
}  # fmt: skip
CLASS = {outcome: name for name, outcomes in OUTCOMES.items() for outcome in outcomes}
UNIT_UNCLEAR = ("dell2010_draft",)  # per cent or points: the figure is left out
LEVELS = {
    "abstract, official page or authors": "abstract",
    "secondary": "secondary",
    "programme owner/partner": "owner",
    "memory": "memory",
}
OUT_AGAINST_IN = ("oat_methadone_sordo", "oat_bup_sordo", "oat_methadone_od")  # turned round: in against out
CLUSTERS = {  # studies of the same people, or of the same deaths, by what their ids begin with
    "mx_leaders": ("lindo2015", "calderon2015", "dickenson2014", "phillips2015"),  # Mexico's deaths to 2010
    "mx_reform": ("mx_reform_cgo2024", "mx_reform_cepeda2023"),  # its municipal deaths from 1997 or 2000
    "us_cities_police": ("chalfin_mccrary2018", "chalfin2022_perofficer"),  # the same 242 cities
    "cv_nyc": ("cv_nyc2015", "cv_nyc2024"),  # the same city's precincts
    "awb": ("dube20", "chicoine2011"),  # deaths after the same law's end
    "pronapred": ("pronapred2019", "pronapred_psm2017"),
    "drugcourt": ("drugcourt",),  # overlapping evaluations
} | {
    name: (name,)
    for name in (
        "hope2009", "bam", "carsi_", "readi", "summerjobs", "styl", "gavrilova2019", "mello20",
        "blattman2021", "co_reform", "castillo20", "kilmer2010", "bolsa_ho", "chile_jec", "braga2018",
        "altoalfuego", "oat_", "dell20",
    )
}  # fmt: skip


DESIGNS = (  # the first that a study's own words begin with or hold
    (r"before-after", "before_after"),
    (r"^cluster rct \(as labelled\)|re-analysis", "quasi"),  # treatment was not at random
    (r"^rct.*meta-analysis", "meta_rct"),
    (r"^meta", "meta_quasi"),
    (r"^rct", "rct"),
    (r"^(quasi|panel|spatial econometric)", "quasi"),
    (r"review", "review"),
    (r"^model", "model"),
)


def design(text: str, kind: str) -> str:
    """Return the class of a study's design."""
    low = text.lower() + (" before-after" if "before-after" in kind else "")
    return next((name for pattern, name in DESIGNS if re.search(pattern, low)), "qualitative")


def scale(kind: str) -> str:
    """Return the scale of an estimate."""
    low = kind.lower()
    for start, name in (
        ("pct_change", "percent_change"),
        ("rate_ratio", "rate_ratio"),
        ("elasticity", "elasticity"),
        ("smd", "smd"),
        ("level", "level"),
        ("share", "share"),
        ("bound", "bound"),
    ):
        if low.startswith(start):
            return name
    return "direction"


def direction(study: str, note: str) -> str:
    """Return what a study says of the programme: harm, benefit, null, mixed, or context."""
    if study in DIRECTION:
        return DIRECTION[study]
    low = note.lower()
    for word in ("null", "mixed", "harm", "benefit"):
        if word in low:
            return word
    return "context"


def dose(kind: str) -> str:
    """Return the dose that an estimate is for, as far as the study's words give it."""
    if kind.startswith("elasticity"):
        return "1 percent more"
    found = re.search(
        r"per (\d+ ?p\w* (?:of )?coverage|added officer|officer-year|month|day|year|life saved)", kind
    )
    return (
        found[1].replace("pp", " points of").replace("point cov", "point of cov") if found else "as delivered"
    )


def ratio(study: str, row: dict[str, str | None], before_after: bool) -> float | None:
    """Return the log rate ratio of a study, or None where its figure is none.

    The inputs leave it blank for before-after figures; they count here, and no more than a quarter (SCIENCE rule 10).
    """
    if study in NO_RATIO:
        return None
    if study in BOUNDS:
        return None
    if row["log_rr"] is not None:
        return -float(row["log_rr"]) if study in OUT_AGAINST_IN else float(row["log_rr"])
    if before_after and (row["estimate_type"] or "").startswith("pct_change") and row["estimate"] is not None:
        return round(math.log1p(float(row["estimate"]) / 100), 4)
    return None


def cluster(study: str) -> str:
    """Return the studies that share data with this one, by a common name."""
    return next((name.rstrip("_") for name, starts in CLUSTERS.items() if study.startswith(starts)), study)


def second_hand(locator: str) -> str:
    """Return where a figure was read, when it was not read where it was published."""
    locator = locator.split("; copy in ", maxsplit=1)[0]
    found = re.match(r"public repository note \((.*?)\)?$", locator)
    return f"second-hand: {found[1].removeprefix('repo note that ')}" if found else locator


def register(inputs: Path) -> pl.DataFrame:
    """Return the register in our schema."""
    rows = pl.read_csv(inputs / "evidence/evidence.csv", infer_schema_length=0)
    changes = {
        row["study_id"]: 1 + float(row["estimate"]) / 100
        for row in rows.filter(pl.col("study_id").is_in(DOSE_RATIO.values())).iter_rows(named=True)
    }
    found = []
    for row in rows.iter_rows(named=True):
        study = row["study_id"]
        kind = DESIGN.get(study) or design(row["design"] or "", row["estimate_type"] or "")
        told = direction(study, row["direction_note"] or "")
        number = {
            name: None if row[name] is None or study in UNIT_UNCLEAR else float(row[name])
            for name in ("estimate", "se", "ci_low", "ci_high", "range_low", "range_high")
        }
        found.append(
            {
                "study": study,
                "citation": row["citation_short"],
                "year": int(row["year"]),
                "available_from": f"{row['year']}-12",
                "programme": row["programme"],
                "outcome": row["outcome"],
                "outcome_class": CLASS.get(row["outcome"], "other"),
                "setting": row["setting"],
                "country": row["country"],
                "sample": row["n"],
                "dose": dose(row["estimate_type"] or ""),
                "dose_ratio": changes.get(DOSE_RATIO.get(study, "")),
                "design": kind,
                "scale": scale(row["estimate_type"] or ""),
                "estimate": number["estimate"],
                "base": BASE.get(study),
                "log_rate_ratio": ratio(study, row, kind == "before_after") if told != "context" else None,
                "std_error": number["se"],
                "error_from": None if number["se"] is None else "interval",
                "error_least": None,
                "error_most": None,
                "low": number["ci_low"],
                "high": number["ci_high"],
                "level": None if number["ci_low"] is None else 95.0,
                "range_low": number[
                    "range_low"
                ],  # of the figures given, or of what a bound leaves: no interval
                "range_high": BOUNDS.get(study, number["range_high"]),
                "direction": told,
                "followup_months": row["followup_months"],
                "reported_by_owner": row["source_level"] == "programme owner/partner",
                "source_level": LEVELS[row["source_level"]],
                "cluster": cluster(study),
                "part_of": None,
                "status": "verified" if row["verified"] == "yes" else "unverified",
                "locator": second_hand(row["url_or_locator"] or "none"),
            }
        )
    every = [*with_errors(found, inputs), *additions(inputs, CLASS)]
    return pl.DataFrame(every, infer_schema_length=None).sort("study")


def costs(inputs: Path) -> pl.DataFrame:
    """Return the costs in our schema."""
    rows = pl.read_csv(inputs / "evidence/costs.csv", infer_schema_length=0)
    return rows.select(
        pl.col("cost_id").alias("cost"),
        pl.col("citation_short").alias("citation"),
        pl.col("year").cast(pl.Int64),
        (pl.col("year") + "-12").alias("available_from"),
        "item",
        "unit",
        "country",
        *(pl.col(name).cast(pl.Float64) for name in ("amount", "low", "high")),
        "currency",
        pl.col("price_year").cast(pl.Int64),
        # money without its year's prices is not verified (nor is it comparable)
        pl.when((pl.col("verified") == "yes") & pl.col("price_year").is_not_null())
        .then(pl.lit("verified"))
        .otherwise(pl.lit("unverified"))
        .alias("status"),
        pl.col("url_or_locator").map_elements(second_hand, return_dtype=pl.String).alias("locator"),
    ).sort("cost")


def main(inputs: Path) -> None:
    for name, rows in (("register.csv", register(inputs)), ("costs.csv", costs(inputs))):
        checked(name, rows).write_csv(OUT / name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
