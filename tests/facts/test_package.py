"""A table as a data package: every row that had been published, and what the table's file says of it."""

import hashlib
import json

import polars as pl

from merida.facts import Facts
from merida.facts.package import package
from merida.facts.schema import tables


def test_a_package_holds_the_rows_and_what_is_known_of_them(facts: Facts) -> None:
    files = package(facts, "homicides_national")
    described = json.loads(files["datapackage.json"])
    table = tables()["homicides_national"]
    (resource,) = described["resources"]
    content = files[resource["path"]]
    assert resource["bytes"] == len(content)
    assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
    rows = pl.read_csv(content, infer_schema=False)
    assert rows.height == described["rows"] == facts.sql("select count(*) from homicides_national").item()
    assert rows.columns == [field["name"] for field in resource["schema"]["fields"]]
    assert resource["schema"]["primaryKey"] == list(table.keys)
    assert described["licenses"][0]["title"] == table.licence.en
    assert described["title_es"] == table.title.es
    deaths = next(field for field in resource["schema"]["fields"] if field["name"] == "deaths_registration")
    assert deaths["unit"] == "deaths"
    assert deaths["type"] == "integer"
    assert deaths["constraints"]["minimum"] == 0
    # INEGI's total of 2011, as published.
    assert rows.filter(pl.col("year") == "2011")["deaths_registration"].item() == "27213"


def test_a_package_is_as_of_its_date_and_the_same_bytes() -> None:
    old = Facts("2012-12")
    files = package(old, "homicides_year")
    assert json.loads(files["datapackage.json"])["as_of"] == "2012-12"
    assert b"2012,registration" not in files["data/homicides_year.csv"]
    assert files == package(Facts("2012-12"), "homicides_year")


def test_codes_stay_text(facts: Facts) -> None:
    files = package(facts, "states")
    field = json.loads(files["datapackage.json"])["resources"][0]["schema"]["fields"][0]
    assert (field["name"], field["type"]) == ("state", "string")
    assert files["data/states.csv"].splitlines()[1].startswith(b"01,")
