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
BOUNDS = {"hope2009_arrest": math.log(0.5)}  # "less than half as often": the bound itself, the cautious end
NO_RATIO = {  # a figure that is no log rate ratio of harm at a programme's dose; its sign alone counts
    "mello2019_police",  # officers, the first stage
    "mx_reform_cgo2024_arrest",  # more arrests are the better outcome
    "carsi_trust",  # more trust is the better outcome
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
    found = []
    for row in rows.iter_rows(named=True):
        study = row["study_id"]
        log = BOUNDS.get(study) if row["log_rr"] is None else float(row["log_rr"])
        if study in NO_RATIO:
            log = None
        if study in OUT_AGAINST_IN and log is not None:
            log = -log
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
                "setting": row["setting"],
                "country": row["country"],
                "design": DESIGN.get(study) or design(row["design"] or "", row["estimate_type"] or ""),
                "scale": scale(row["estimate_type"] or ""),
                "estimate": number["estimate"],
                "log_rate_ratio": log,
                "std_error": number["se"],
                "low": number["ci_low"],
                "high": number["ci_high"],
                "range_low": number["range_low"],  # of the figures given: no interval
                "range_high": number["range_high"],
                "direction": direction(study, row["direction_note"] or ""),
                "followup_months": row["followup_months"],
                "reported_by_owner": row["source_level"] == "programme owner/partner",
                "source_level": LEVELS[row["source_level"]],
                "cluster": cluster(study),
                "status": "verified" if row["verified"] == "yes" else "unverified",
                "locator": second_hand(row["url_or_locator"] or "none"),
            }
        )
    return pl.DataFrame(found).sort("study")


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
    register(inputs).write_csv(OUT / "register.csv")
    costs(inputs).write_csv(OUT / "costs.csv")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
