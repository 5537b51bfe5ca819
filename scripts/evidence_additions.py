"""Studies and errors that came after the first register: `compile_evidence.py` joins them to it.

Figures carry over; outcomes get our names, and what needs judgement stands here with its reason. A standard error is
worked out here from what was published (standard error, interval, exact p value) and must agree with the one given.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import polars as pl
from scipy.stats import norm

from merida.evidence.conversions import percent_change, rate_ratio

Row = dict[str, Any]

RENAMED = {  # outcomes, where the register has a word for the same or one word does for several
    "abuse_of_partner": "partner_violence", "aggravated_assault": "assaults",
    "all_cause_mortality_over_40": "all_cause_mortality", "all_cause_mortality_women": "all_cause_mortality",
    "ammunition_used": "use_of_force", "antisocial_behaviours": "antisocial_behaviour",
    "any_sentence": "new_sentence", "armed_robbery_and_others": "violent_crime", "arrest": "arrests",
    "arrested": "arrests", "assault": "assaults", "assaults_per_month": "assaults",
    "bank_deposits_in_drug_areas": "bank_deposits", "binge_drinking": "alcohol_use",
    "bribes_paid_on_the_road": "bribes", "bulk_cash_returned_by_banks": "bulk_cash",
    "burglary_embezzlement": "burglary", "carries_weapon": "weapon_carrying", "ceasing_marijuana_use": "cannabis_use",
    "charge_days": "charges", "clearance": "crimes_solved", "coca_hectares": "coca_area",
    "community_sentence": "new_sentence", "confinement_for_violations": "probation_violations",
    "corrupt_procurement": "corruption", "crime_administrative": "reported_crime", "crime_and_disorder": "crime",
    "crime_primary_outcome": "crime", "crime_victimisation": "victimisation",
    "crime_witnessed_after": "crime_witnessed", "criminal_activity": "crime",
    "criminal_justice_involvement": "arrests", "current_delinquency_age_19": "delinquency",
    "days_in_customs": "customs_time", "domestic_violence_arrests": "arrests", "drug_violations": "drug_offences",
    "effort_to_get_bribes": "bribes", "ever_delinquent_by_grade_12": "delinquency",
    "ever_violent_by_grade_12": "violence", "export_growth": "trade", "firearm_assaults": "gun_assaults",
    "firearm_crime": "gun_crime", "firearm_deaths_and_visits": "gun_injuries_and_deaths",
    "firearm_homicide_robbery_assault": "gun_violence", "firearm_robbery": "gun_robbery",
    "firearm_violence": "gun_violence", "first_alcohol_use": "alcohol_use", "first_inhalant_use": "inhalant_use",
    "group_shootings_and_homicides_per_month": "homicide_and_shootings", "gun_homicide": "firearm_homicide",
    "gunshot_injuries": "gun_injuries", "gunshot_victimisation": "gunshot_victims",
    "gunshot_victims_of_gang": "gunshot_victims", "high_impact_crime": "crime",
    "homicide_and_gun_assault": "homicide_and_shootings", "homicide_clearance": "crimes_solved",
    "hospital_admissions": "violence_hospitalisation", "hospital_assaults": "violence_hospitalisation",
    "illicit_drug_disorder": "drug_disorder", "illicit_drug_use": "drug_use", "import_value": "trade",
    "incarceration": "reincarceration", "inspections_and_clearance_time": "customs_time",
    "intrastate_trafficking": "gun_trafficking", "larceny": "theft", "less_serious_assault_recorded": "assaults",
    "marijuana_use": "cannabis_use", "missing_expenditure": "corruption", "money_misappropriated": "corruption",
    "mortality": "all_cause_mortality", "motor_vehicle_theft": "car_theft", "murder_in_community": "reported_murders",
    "new_arraignment": "charges", "new_assault": "assaults", "new_drug_offence": "drug_offences",
    "new_property_offence": "property_crime", "night_firearm_crime": "gun_violence_at_night",
    "night_gun_violence": "gun_violence_at_night", "night_street_crime": "night_outdoor_index_crime",
    "nondomestic_firearm_assault": "gun_assaults", "nonfirearm_deaths_and_visits": "other_injuries_and_deaths",
    "observed_disrespect": "officer_conduct", "observed_procedural_justice": "officer_conduct",
    "odds_of_trace_to_virginia": "gun_trafficking", "passenger_vehicles_scanned": "vehicles_scanned",
    "past_year_violence_grade_12": "violence", "perceptions_of_police": "trust_in_police",
    "positive_drug_test": "positive_drug_tests", "property_crime_arraignments": "property_crime_charges",
    "property_crime_on_routes": "property_crime", "property_crime_two_blocks_off": "crime_nearby",
    "rearrest_in_4_years": "rearrest", "recidivism_after_completion": "recidivism",
    "recidivism_after_jail": "recidivism", "recidivism_during_supervision": "recidivism",
    "recidivism_robbery_burglary": "recidivism", "reconviction_in_4_years": "reconviction",
    "reconvictions": "reconviction", "recorded_crime": "reported_crime", "recorded_crime_after": "reported_crime",
    "recorded_crime_near": "crime_nearby", "recorded_crime_near_after": "crime_nearby",
    "reincarceration_after_jail": "reincarceration", "repeat_dui_arrests": "rearrest",
    "reported_violence": "violence", "residential_burglary": "burglary", "resources_in_corruption": "corruption",
    "return_to_custody": "reincarceration", "return_to_prison": "reincarceration",
    "serious_violence_harm": "harm_of_violence", "shooting_victims_15_34": "gunshot_victims",
    "shootings_by_gang": "shootings", "shootings_neighbouring": "shootings_nearby",
    "shootings_per_month": "shootings", "small_firm_sales": "sales_of_firms", "states_supplied": "gun_trafficking",
    "tariff_equivalent": "trade_cost", "tariff_equivalent_of_a_day": "trade_cost",
    "technical_violations": "probation_violations", "thefts_in_two_weeks": "theft", "time_to_first_charge": "charges",
    "total_shootings": "shootings", "traced_transfers_in": "gun_trafficking",
    "traced_transfers_out": "gun_trafficking", "victimisation_after": "victimisation",
    "violent_crime_arraignments": "violent_crime_charges", "violent_crime_next_block": "crime_nearby",
    "violent_crime_on_routes": "violent_crime", "violent_crime_personal": "violent_crime",
    "violent_offending": "violent_offences", "weapons_violations": "weapon_offences",
    "wounding_recorded": "woundings",
}  # fmt: skip
OUTCOMES = {  # classes of the outcomes that are new; of all others ("other") none is pooled
    "violence": (
        "aggression", "assaults", "disputes_and_fights", "guerrilla_violence", "gun_assaults", "gun_crime",
        "gun_injuries", "gun_injuries_and_deaths", "gun_robbery", "gun_violence", "gun_violence_at_night",
        "gunshot_victims", "harm_of_violence", "other_injuries_and_deaths", "partner_violence", "rape", "reinjury",
        "shots_fired", "violent_crime_charges", "violent_offences", "weapon_carrying", "weapon_offences", "woundings",
    ),
    "death": (
        "alcoholic_liver_deaths", "mortality_after_release", "nonexternal_mortality", "opioid_deaths",
    ),
    "arrest": (
        "charges", "conviction", "new_sentence", "rearrest", "reconviction", "reincarceration",
    ),
    "crime": (
        "burglary", "crime_witnessed", "delinquency", "drug_offences", "guns_turning_up_in_crime",
        "nonviolent_offences", "property_crime_charges", "robbery_and_theft", "sells_drugs", "theft",
    ),
    "homicide": (
        "fatal_shootings", "firearm_deaths", "firearm_homicide", "gang_homicide", "nonfirearm_homicide",
        "violent_deaths",
    ),
}  # fmt: skip
SCALES = {
    "RR": "rate_ratio", "IRR": "rate_ratio", "HR": "rate_ratio", "OR": "odds_ratio", "d": "smd", "percent": "percent_change",
    "pp": "level", "share": "level", "level": "level", "log": "log_ratio", "elasticity": "elasticity", "direction": "direction",
}  # fmt: skip
LEVELS = {"full text": "full_text", "replication": "computed"}
CLUSTERS = {  # the same deaths, or the same people, under one name
    "cv_nyc2017": "cv_nyc",  # shootings of the same city
    "hope_dfe": "hope_dfe2016",
    # panels of counties learn of permits from the same two states that changed their laws
    "crifasi2018_ptp": "us_permit_laws", "crifasi_counties": "us_permit_laws", "ct_ptp": "us_permit_laws",
    "missouri_ptp": "us_permit_laws",
}  # fmt: skip
CALLED = {"sobriety_24_7": "daily_sobriety"}  # names of words hold no numbers
TURNED = (  # what was studied is the undoing of the programme: turned round
    "webster2014_missouri", "mccourt2020_mo",  # a permit law repealed
    "sanchez2011_lax", "sanchez2011_moderate",  # hours of sale lengthened
)  # fmt: skip
NO_RATIO = (  # for one unit more of something, not a programme's dose; its sign alone counts
    "denver_stops_property_drug", "denver_stops_property_ped", "denver_stops_violent_drug", "denver_stops_violent_ped",
    "denver_stops_violent_veh", "bondurant2018_homicide", "gisev2019_episodes",
)  # fmt: skip
BEFORE_AFTER = ("henry2014_homicide", "henry2014_shootings")  # raw counts, by its own words
NOT_SURE = ("wsipp_hotspots_property", "wsipp_hotspots_second")  # what the columns mean was not read
EXACT_P = {  # by randomisation, which its authors go by; their intervals are narrower
    "cali2023_crime_after": 0.136, "cali2023_crime_during": 0.959,
}  # fmt: skip
AT_MOST = (  # the p value was published as a largest one, or widened for several tests: the error is at most this
    "lima2010_assaults", "lima2010_homicide", "readi_arrest",
)  # fmt: skip
BOUNDS = {"buyback2021": -1.1}  # per cent: the lower end of an interval, the only figure given
PART_OF = {  # rows that another row of the same cluster already holds
    **{f"metaketa2021_{site}_{what}": total
       for site in ("br", "co", "lr", "ph", "pk", "ug")
       for what, total in (("crime", "blair2021"), ("admin", "metaketa2021_admin"))},
    "nicosia2016_over40": "nicosia2016_all",
    "nicosia2016_women": "nicosia2016_all",
    "landenberger2005_juveniles": "landenberger2005_all",
    "landenberger2005_juveniles_rct": "landenberger2005_all",
    "landenberger2005_practice": "landenberger2005_all",
    "landenberger2005_prison": "landenberger2005_all",
    "landenberger2005_rct": "landenberger2005_all",
    "landenberger2005_rct_practice": "landenberger2005_all",
}  # fmt: skip
CORRECTED = {  # rows of the first register whose figure is now read in the article, or in a re-run of its data
    "metrocable2012": {"scale": "rate_ratio", "source_level": "abstract"},
    "ditella2004": {"scale": "level", "source_level": "table", "status": "verified"},
    "cv_nyc2024": {"scale": "log_ratio", "source_level": "table"},
    "blair2021": {"scale": "smd", "source_level": "full_text"},
}
NEAR = 2e-3  # how far an error worked out here may lie from the one given, which rests on rounded figures


def number(row: Row, name: str) -> float | None:
    """Return a field as a number, None where it is empty."""
    return None if row[name] in (None, "") else float(row[name])


def ratio(scale: str, effect: float | None) -> float | None:
    """Return the log rate ratio of a figure, or None where its scale gives none by itself."""
    if effect is None:
        return None
    if scale == "rate_ratio":
        return rate_ratio(effect)
    if scale == "percent_change":
        return percent_change(effect)
    return effect if scale == "log_ratio" else None


def compared(scale: str, effect: float | None, base: float | None) -> float | None:
    """Return a figure on the scale of its standard error: a logarithm where it is a ratio or has a base."""
    if effect is None or scale == "direction":
        return None
    if scale == "level":
        return None if base is None else math.log1p(effect / base)
    if scale == "odds_ratio":
        return math.log(effect)
    return effect if scale in ("smd", "elasticity") else ratio(scale, effect)


def error_of(row: Row, scale: str, value: float, base: float | None) -> tuple[float | None, str | None]:
    """Return the standard error of a figure and what it is from: what was published first.

    A level's goes onto the logarithm at the treated level (delta method).
    """
    effect, se, low, high = (number(row, name) for name in ("effect", "se", "ci_low", "ci_high"))
    if effect is not None and se is not None:
        return (se / (base + effect) if scale == "level" and base is not None else se), "standard_error"
    if low is not None and high is not None:
        wide = 2 * float(norm.ppf(0.5 + float(row["level"]) / 200))
        if (row["derived_from"] or "").startswith("counts"):
            return number(row, "derived_se"), "counts"
        ends = [compared(scale, end, base) for end in (low, high)]
        if ends[0] is None or ends[1] is None:
            return None, None
        return (ends[1] - ends[0]) / wide, "interval"
    if row["p"] and not row["p_bound"]:
        return abs(value) / float(norm.isf(float(row["p"]) / 2)), "p_value"
    return None, None


def errors(row: Row, scale: str, base: float | None) -> Row:
    """Return the columns of a row's error: its size and source, or what it is at most or at least."""
    study, found = row["study"], Row(std_error=None, error_from=None, error_least=None, error_most=None)
    value = compared(scale, number(row, "effect"), base)
    if value is None or study in NO_RATIO:
        return found
    size, source = error_of(row, scale, value, base)
    size = None if size is None else round(size, 4)
    given = number(row, "derived_se")
    if size is not None and given is not None and abs(size - given) > max(NEAR, 0.02 * given):
        raise SystemExit(f"{study}: error {size:.4f} worked out, {given:.4f} given")
    if study in EXACT_P:
        size, source = round(abs(value) / float(norm.isf(EXACT_P[study] / 2)), 4), "p_value"
    if study in AT_MOST:
        return found | {"error_most": size}
    if size is None and row["p_bound"] and value != 0:
        limit = round(abs(value) / float(norm.isf(float(row["p"]) / 2)), 4)
        return found | {"error_most" if row["p_bound"] == "<" else "error_least": limit}
    if source is not None and row["source_level"] == "replication":
        source = "computed"
    return found | {"std_error": size, "error_from": source}


def classes(outcome: str | None, known: dict[str, str]) -> str:
    """Return the class of an outcome, by the register's own list and the one here."""
    mine = {name: of for of, names in OUTCOMES.items() for name in names}
    return (known | mine).get(outcome or "", "other")


def added(row: Row, known: dict[str, str]) -> Row:
    """Return one new study in our schema."""
    study, scale = row["study"], SCALES[row["scale"]]
    base, effect = number(row, "base"), number(row, "effect")
    if scale in ("rate_ratio", "percent_change", "direction") or (row["derived_from"] or "").startswith(
        "none"
    ):
        base = None  # a ratio needs none, and near zero a level has no usable logarithm
    outcome = RENAMED.get(row["outcome"], row["outcome"])
    logarithm = None if study in NO_RATIO or row["direction"] == "context" else ratio(scale, effect)
    said = row["direction"]
    if study in TURNED and logarithm is not None:
        logarithm, said = -logarithm, "benefit" if said == "harm" else said
    told = number(row, "derived_value")
    if logarithm is not None and told is not None and abs(abs(logarithm) - abs(told)) > 1e-4:
        raise SystemExit(f"{study}: {logarithm:.4f} worked out, {told:.4f} given")
    bound = BOUNDS.get(study)
    status = "verified" if row["verified"] == "yes" and study not in NOT_SURE else "unverified"
    return {
        "study": study,
        "citation": row["citation"],
        "year": int(row["year"]),
        "available_from": row["available_from"] or f"{row['year']}-12",
        "programme": CALLED.get(row["programme"], row["programme"]),
        "outcome": outcome,
        "outcome_class": classes(outcome, known),
        "setting": row["setting"],
        "country": row["country"],
        "sample": None if row["n"] is None else f"{int(row['n']):,}",
        "dose": row["dose"] or "as delivered",
        "dose_ratio": None,
        "design": "before_after" if study in BEFORE_AFTER else row["design"],
        "scale": "bound" if bound is not None else scale,
        "estimate": effect if scale != "direction" else None,
        "base": base,
        "log_rate_ratio": None if logarithm is None else round(logarithm, 4),
        **errors(row, scale, base),
        "low": number(row, "ci_low"),
        "high": number(row, "ci_high"),
        "level": number(row, "level"),
        "range_low": bound,
        "range_high": None,
        "direction": said,
        "followup_months": row["followup_months"],
        "reported_by_owner": row["source_level"] == "owner",
        "source_level": LEVELS.get(row["source_level"], row["source_level"]),
        "cluster": CLUSTERS.get(row["cluster"], row["cluster"]),
        "part_of": PART_OF.get(study),
        "status": "computed" if row["source_level"] == "replication" else status,
        "locator": row["locator"],
    }


def additions(inputs: Path, known: dict[str, str]) -> list[Row]:
    """Return the new studies in our schema.

    Parameters
    ----------
    known : dict of str to str
        The class of each outcome that the register has.
    """
    rows = pl.read_csv(inputs / "evidence/evidence_update.csv", infer_schema_length=0)
    return [added(row, known) for row in rows.iter_rows(named=True)]


def with_errors(first: list[Row], inputs: Path) -> list[Row]:
    """Return the first register with the errors that were read, or worked out, since.

    An error worked out from an article's own data is kept and marked, and is not used; nor is one from memory.
    """
    later = pl.read_csv(inputs / "evidence/evidence_errors_update.csv", infer_schema_length=0)
    by_study = {row["study"]: row for row in later.iter_rows(named=True)}
    return [corrected(row, by_study[row["study"]]) if row["study"] in by_study else row for row in first]


def corrected(row: Row, later: Row) -> Row:
    """Return a row of the first register with what a later reading of it gave."""
    study = row["study"]
    if row["sample"] is None and later["n"]:
        row = row | {"sample": f"{int(later['n']):,}"}
    if study == "styl1" or not later["scale"] or row["std_error"] is not None:
        return row  # figures of other outcomes of a trial stand in rows of their own; an error read stays
    if study in CORRECTED:
        base, effect = number(later, "base"), number(later, "effect")
        logarithm = ratio(CORRECTED[study]["scale"], effect)
        row = row | {
            "estimate": effect,
            "base": base,
            "log_rate_ratio": None if logarithm is None else round(logarithm, 4),
            "low": number(later, "ci_low"),
            "high": number(later, "ci_high"),
            "level": number(later, "level"),
            "locator": later["locator"].removesuffix(", standard deviations"),
            **CORRECTED[study],
        }
    given, most = number(later, "derived_se"), number(later, "se_bound_value")
    source = later["derived_from"] or ""
    if study in AT_MOST:
        return row | {"error_most": given}
    if given is None:
        return (
            row | {"error_most" if later["se_bound"] == "at most" else "error_least": most} if most else row
        )
    starts = {"replication": "computed", "interval": "interval", "counts": "memory", "p ": "p_value"}
    kind = next((name for start, name in starts.items() if source.startswith(start)), "standard_error")
    return row | {"std_error": given, "error_from": kind}
