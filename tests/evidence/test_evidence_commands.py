"""``merida evidence list | show | gaps | pool PROGRAMME``: answers, errors, both languages."""

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from merida.answers.context import Context
from merida.answers.plans.simulate import Simulate, idle
from merida.errors import MeridaError
from merida.evidence import Register, pooled, programmes_of
from merida.evidence.meta.pooling import pool
from merida.evidence.register import spanish
from merida.parameters.parameters import entries
from merida.words import LANGUAGES, words
from tests.runner import CliRunner, app

REGISTER = Register().listed


def run(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["evidence", *arguments])
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def answer(*arguments: str) -> Any:
    def refuse(name: str) -> None:
        raise AssertionError(name)  # NaN and infinity are no JSON

    return json.loads(run(*arguments, "--format", "json"), parse_constant=refuse)


def refused(*arguments: str) -> MeridaError:
    done = CliRunner().invoke(app, ["evidence", *arguments])
    assert isinstance(done.exception, MeridaError), (done.output, done.exception)
    assert done.exception.message("en") != done.exception.message("es")
    return done.exception


def test_list_holds_the_verified_rows_and_says_what_it_leaves_out() -> None:
    found = answer("list")
    verified = REGISTER.filter(pl.col("status") == "verified")
    assert [row["study"] for row in found["rows"]] == verified["study"].to_list()
    assert found["unverified_left_out"] == REGISTER.height - verified.height
    assert found["clusters"] == verified["cluster"].n_unique() < found["studies"]
    assert answer("list", "--all")["studies"] == REGISTER.height
    assert "levitt2002" not in run("list")
    assert "levitt2002 *" in run("list", "--all")


@pytest.mark.parametrize(
    ("option", "value", "column", "fits"),
    [
        ("--programme", "cure_violence", "programme", {"cure_violence"}),
        ("--programme", "Street outreach (Cure Violence)", "programme", {"cure_violence"}),
        ("--programme", "mediacion en la calle (cure violence)", "programme", {"cure_violence"}),
        ("--programme", "public_space", "programme", {
            "urban_upgrading_transit", "street_lighting", "vacant_lot_remediation", "blight_remediation",
        }),
        ("--outcome", "youth_homicide", "outcome", {"youth_homicide"}),
        ("--outcome", "death", "outcome_class", {"death"}),
        ("--country", "MX", "country", {"MX", "MX/US", "US/MX"}),
        ("--country", "Brasil", "country", {"BR"}),
        ("--design", "rct", "design", {"rct"}),
    ],
)  # fmt: skip
def test_filters_take_names_words_and_common_names(
    option: str, value: str, column: str, fits: set[str]
) -> None:
    rows = answer("list", option, value)["rows"]
    assert {row[column] for row in rows} == fits
    every = REGISTER.filter(pl.col("status") == "verified", pl.col(column).is_in(fits))
    assert len(rows) == every.height


def test_as_of_keeps_what_had_been_published() -> None:
    rows = answer("list", "--as-of", "2012-11")["rows"]
    assert rows
    assert max(row["available_from"] for row in rows) <= "2012-11"
    assert answer("list", "--programme", "cure_violence", "--as-of", "2001-01")["rows"] == []
    assert words("en").text("evidence.none_counted") in run(
        "list", "--programme", "cure_violence", "--as-of", "2001-01"
    )


def test_show_says_where_a_study_speaks_with_what_weight() -> None:
    found = answer("show", "lindo2015_own")
    assert set(found["cluster_mates"]) == {"calderon2015", "dickenson2014", "lindo2015_nbr", "phillips2015"}
    assert found["standing"] == "counted"
    (use,) = found["speaks_in"]
    assert use["path"] == "networks.leadership_targeting.effect"
    assert (use["reading"], use["weight"]) == ("violence rises", 0.7)
    assert found["counts_as"]["estimate"] == pytest.approx(math.log(1.8), abs=1e-3)
    assert "leadership_targeting" in run("show", "lindo2015_own")


@pytest.mark.parametrize(
    ("study", "as_of", "standing"),
    [
        ("levitt2002", None, "unverified"),
        ("carsi_murder", "2012-12", "later"),
        ("tsj_juarez", None, "excluded_context"),
        ("castillo2020", None, "excluded_programme"),
        ("canales2020", None, "excluded_outcome"),
        ("styl10", None, "informs"),
    ],
)
def test_show_says_why_a_study_does_not_count(study: str, as_of: str | None, standing: str) -> None:
    date = ["--as-of", as_of] if as_of else []
    found = answer("show", study, *date)
    assert (found["standing"], found["speaks_in"] if as_of is None else []) == (standing, [])
    assert words("en").text(f"evidence.standing.{standing}")[:30] in " ".join(
        run("show", study, *date).split()
    )


@pytest.mark.parametrize("name", ["community_prevention", "communities.prevention.effect"])
def test_show_takes_a_programme_or_its_parameter(name: str) -> None:
    found = answer("show", name)
    assert found["parameter"] == "communities.prevention.effect"
    assert found["contested"]
    assert not found["prior_driven"]
    assert [one["weight"] for one in found["readings"]] == [0.5, 0.5]
    assert found["law"]["probability_harm"] + found["law"]["probability_benefit"] == pytest.approx(1)
    assert {"reading", "study", "weight", "low", "high", "status"} <= found["studies"][0].keys()
    shown = run("show", name)
    assert words("en").text("evidence.contested") in shown
    assert words("en").text("evidence.prior_driven") not in shown
    assert words("en").text("evidence.prior_driven") in run("show", "hope_probation")
    assert "P(harm)" in shown
    assert "P(benefit)" in shown
    assert shown.count("◆") == 3
    assert shown.count("■") == 3  # the others gave a sign alone


def test_a_programme_without_a_study_is_said_to_have_none() -> None:
    assert words("en").text("evidence.no_study", share="0")[:40] in run("show", "anti_corruption")
    assert "December 2012" in run("show", "youth_therapy", "--as-of", "2012-12")
    assert answer("show", "anti_corruption")["readings"] == []


def test_a_weight_of_a_reading_not_yet_published_is_said_to_have_no_effect() -> None:
    path = "communities.prevention.effect.weight.re_analyses"
    said = f"{path} has no effect: no study of the reading “re-analyses” had been published by December 2012"
    assert said in " ".join(run("show", "community_prevention", "--as-of", "2012-12").split())
    assert "no effect:" not in run("show", "community_prevention")
    spanish_words = run("show", "community_prevention", "--as-of", "2012-12", "--language", "es")
    assert f"{path} no tiene efecto" in " ".join(spanish_words.split())


def test_a_run_says_which_weights_have_no_effect() -> None:
    path = "communities.prevention.effect.weight.re_analyses"
    held = {path: 0.9, "communities.prevention.effect.weight.own_evaluations": 0.1}
    request = Simulate(plan="memo", as_of="2012-12", held=tuple(held.items()))
    assert list(idle(request, Context("2012-12"))) == [path]
    assert idle(Simulate(plan="memo", held=((path, 0.9),)), Context()) == {}


def test_bias_of_designs_can_be_switched_off_everywhere() -> None:
    for arguments in (("show", "street_outreach"), ("pool", "cure_violence")):
        with_bias, without = answer(*arguments), answer(*arguments, "--no-bias")
        key = "law" if arguments[0] == "show" else "model"
        assert (with_bias["bias"], without["bias"]) == (True, False)
        assert with_bias[key]["low"] != without[key]["low"]
    assert words("en").text("evidence.bias_off") in run("show", "street_outreach", "--no-bias")
    assert answer("gaps", "--no-bias")["bias"] is False


def test_gaps_are_ordered_by_how_thin() -> None:
    found = answer("gaps")
    order = [(one["clusters_with_figure"], one["clusters"]) for one in found["programmes"]]
    assert order == sorted(order)
    assert found["summary"]["programmes"] == len(found["programmes"])
    by_name = {one["programme"]: one for one in found["programmes"]}
    assert by_name["anti_corruption"]["missing"] == ["no_study", "no_cost"]
    assert by_name["focused_deterrence"]["designs"] == {
        "before_after": 6, "quasi": 8, "rct": 2,
    }  # fmt: skip
    assert by_name["hope_probation"]["routes"] == {"homicides": "unknown", "us_arrests": "reduced form"}
    left = {study for studies in found["unused"].values() for study in studies}
    assert not left & {"bam_viol", "delvillar2019"}
    assert "castillo2020" in found["unused"]["excluded_programme"]
    assert {one["programme"] for one in answer("gaps", "--framework", "bicentennial")["programmes"]} >= {
        "scanners"
    }


def test_pool_of_a_programme_is_the_model_beside_plain_random_effects() -> None:
    found = answer("pool", "methadone", "--interval", "knapp-hartung")
    model = pooled(Register(), "methadone")
    assert found["model"]["mean"] == pytest.approx(model.mean)
    assert found["model"]["new_setting"]["low"] == pytest.approx(model.new_low)
    rows = REGISTER.filter(
        pl.col("programme") == "methadone", pl.col("std_error").is_not_null(), pl.col("status") == "verified"
    )
    direct = pool(rows["log_rate_ratio"].to_numpy(), np.square(rows["std_error"].to_numpy()))
    assert found["plain"]["k"] == rows.height == 6
    assert found["plain"]["estimate"] == pytest.approx(direct.coefficients[0].estimate)
    assert found["plain"]["interval"] == "knapp-hartung"
    assert found["plain_shares_data"]
    assert words("en").text("evidence.pooled.same_cluster") in run("pool", "methadone")
    assert answer("pool", "communities_that_care")["plain"] is None


def test_pool_takes_words_and_an_outcome() -> None:
    assert answer("pool", "Número de policías", "Homicidio")["programme"] == "police_numbers"
    whole, one = answer("pool", "hope_probation"), answer("pool", "hope_probation", "arrests")
    assert one["outcome"] == "arrests"
    assert one["model"]["studies"] <= whole["model"]["studies"]


def test_every_programme_can_be_pooled_in_both_languages() -> None:
    for number, programme in enumerate(programmes_of(Register())):
        model = pooled(Register(), programme)
        assert model.low < model.mean < model.high, programme
        language = LANGUAGES[number % 2]
        shown = run("pool", programme, "--language", language)
        assert words(language).named("studied_programmes", programme) in shown
        assert shown.count("·") == len(model.studies), programme


@pytest.mark.parametrize(
    ("arguments", "key", "said"),
    [
        (("show", "lindo2015"), "unknown_evidence", "lindo2015_own"),
        (("show", "focused_deterence"), "unknown_evidence", "focused_deterrence"),
        (("show", "lanes_roads"), "no_effect_known", "gaps"),
        (("show", "bam_viol", "--chart", "x.svg"), "no_forest", "bam_viol"),
        (("show", "anti_corruption", "--chart", "x.svg"), "no_forest", "--chart"),
        (("show", "street_outreach", "--chart", "/proc/nowhere/x.svg"), "not_writable", "/proc/nowhere"),
        (("show", "street_outreach", "--chart", "x.gif"), "chart_suffix", ".svg, .png, .pdf"),
        (("show", "bam_viol", "--as-of", "1800-01"), "as_of_outside", "1991-10"),
        (("list", "--as-of", "1800-01"), "as_of_outside", "1991-10"),
        (("gaps", "--as-of", "yesterday"), "as_of_not_a_month", "YYYY-MM"),
        (("gaps", "--framework", "meridda"), "unknown_framework", "merida"),
        (("list", "--programme", "cure_violense"), "unknown_in_register", "cure_violence"),
        (("list", "--outcome", "homicidio juvenill"), "unknown_in_register", "Nearest"),
        (("list", "--country", "Mexic"), "unknown_in_register", "Mexico"),
        (("list", "--design", "guess"), "unknown_in_register", "quasi"),
        (("pool",), "pool_neither", "--file"),
        (("pool", "cure_violence", "--file", "studies.csv"), "pool_both", "--file"),
        (("pool", "cure_violense"), "unknown_programme", "cure_violence"),
        (("pool", "public_space"), "unknown_programme", "urban_upgrading_transit, street_lighting, vacant"),
        (("pool", "awb_expiry"), "programme_not_pooled", "awb_expiry"),
        (("pool", "cure_violence", "--as-of", "2001-01"), "programme_not_yet_pooled", "2011-12"),
        (("pool", "cure_violence", "arrests"), "unknown_study_outcome", "shootings"),
        (("pool", "cure_violence", "--as-of", "1800-01"), "as_of_outside", "1991-10"),
    ],
)  # fmt: skip
def test_bad_input_is_named(arguments: tuple[str, ...], key: str, said: str) -> None:
    error = refused(*arguments)
    assert error.key == key
    assert said in error.message("en")


@pytest.mark.parametrize(("ending", "language"), [("svg", "en"), ("png", "es")])
def test_a_chart_is_written_whole(tmp_path: Path, ending: str, language: str) -> None:
    path = tmp_path / f"forest.{ending}"
    run("show", "policing.elasticity", "--chart", str(path), "--language", language)
    assert path.read_bytes().startswith(b"<svg" if ending == "svg" else b"\x89PNG")
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


ENGLISH = (
    "the", "of", "and", "with", "without", "study", "studies", "trial", "review", "weight", "reading", "harm", "benefit",
    "setting", "unverified", "verified", "municipalities", "crime", "homicide", "police", "new", "from", "none",
)  # fmt: skip


def quoted(text: str) -> str:
    """Return a text without what is quoted: citations, addresses, names of studies, parameters and options."""
    for name in [*REGISTER["citation"], *REGISTER["locator"], *REGISTER["study"]]:
        text = text.replace(str(name), "")
    return re.sub(r"\S*[_./-]\S*", "", text)


@pytest.mark.parametrize(
    "arguments",
    [
        ("list", "--all"),
        ("gaps",),
        ("show", "community_prevention"),
        ("show", "leadership_targeting", "--as-of", "2012-12"),
        ("show", "prisons"),
        ("pool", "methadone"),
    ],
)
def test_spanish_answers_hold_no_english_word(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    text = quoted(run(*arguments, "--language", "es")).lower()
    assert not [word for word in ENGLISH if re.search(rf"\b{word}\b", text)]


def test_every_study_can_be_shown_in_spanish() -> None:
    """Whatever the register says in words has them in Spanish too."""
    for column, texts in spanish().items():
        told = {text for text in REGISTER[column].drop_nulls() if not text.replace(",", "").isdigit()}
        assert told == set(texts)
    es = words("es")
    for group, column in (
        ("studied_programmes", "programme"), ("studied_outcomes", "outcome"), ("countries", "country"),
    ):  # fmt: skip
        assert not [text for text in set(REGISTER[column].drop_nulls()) if es.named(group, text) == text]
    for group, column in (
        ("designs", "design"), ("designs_short", "design"), ("directions", "direction"), ("classes", "outcome_class"),
        ("levels_read", "source_level"), ("states", "status"),
    ):  # fmt: skip
        assert all(es.has(f"evidence.{group}.{text}") for text in set(REGISTER[column]))
    labels = {reading.label for entry in entries().values() for reading in entry.evidence or ()}
    for language in LANGUAGES:
        named = {label: words(language).named("readings", label) for label in labels}
        assert all((named[label] == label) == (language == "en" or label == "trial") for label in labels)


def test_no_arguments_show_the_help() -> None:
    done = CliRunner().invoke(app, ["evidence"])
    assert all(name in done.output for name in ("list", "show", "gaps", "pool"))
