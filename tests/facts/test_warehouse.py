import json
import shutil
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path

import polars as pl
import pytest

from merida import Lab
from merida.errors import FactsError
from merida.facts import Facts, compiled, warehouse
from merida.facts.schema import tables

# INEGI, deaths by homicide by year of registration, as published.
INEGI = {2007: 8867, 2008: 14006, 2009: 19803, 2010: 25757, 2011: 27213, 2012: 25967, 2017: 32079, 2018: 36685,
         2021: 35700}  # fmt: skip


@pytest.mark.parametrize(("year", "deaths"), INEGI.items())
def test_national_totals_are_those_that_inegi_published(facts: Facts, year: int, deaths: int) -> None:
    query = f"select sum(deaths) as n from homicides_year where year = {year} and basis = 'registration'"
    assert facts.sql(query).item() == deaths


@pytest.mark.parametrize(("year", "deaths", "at_least_twelve"), [(2007, 2826, 53), (2008, 6837, 84), (2009, 9614, 131),
                                                                 (2010, 15273, 200)])  # fmt: skip
def test_organised_crime_totals(facts: Facts, year: int, deaths: int, at_least_twelve: int) -> None:
    total = f"select sum(deaths) from organised_crime_homicides where month like '{year}-%'"
    assert facts.sql(total).item() == deaths
    by_place = (
        "select count(*) from (select municipality from organised_crime_homicides "
        f"where month like '{year}-%' and municipality not like '%999' group by all having sum(deaths) >= 12)"
    )
    assert facts.sql(by_place).item() == at_least_twelve


def test_unknown_places_are_in_every_national_sum(facts: Facts) -> None:
    query = (
        "select sum(deaths) from homicides_year "
        "where basis = 'registration' and year = 2018 and municipality like '%999'"
    )
    assert facts.sql(query).item() == 2159


@pytest.mark.parametrize("name", sorted(tables()))
def test_as_of_keeps_what_had_been_published(name: str, facts: Facts, facts_2012: Facts) -> None:
    then = facts_2012.sql(f"select count(*) as n, max(available_from) as last from {name}").row(0)
    now = facts.sql(
        f"select count(*) as n, count(*) filter (available_from <= '2012-12') as before, "
        f"count(*) filter (not regexp_full_match(available_from, '[0-9]{{4}}-[0-9]{{2}}')) as odd, "
        f"count(*) filter (available_from is null) as never from {name}"
    ).row(0)
    assert now[2:] == (0, 0)
    assert then[0] == now[1]
    assert then[1] is None or then[1] <= "2012-12"


def test_december_2012_knows_no_death_of_2012(facts_2012: Facts) -> None:
    assert facts_2012.sql("select max(year) from homicides_year").item() == 2011
    assert facts_2012.sql("select max(month) from homicides_month").item() == "2011-12"
    assert facts_2012.sql("select count(*) from population").item() == 0
    assert facts_2012.sql("select max(year) from population_census").item() == 2010


def test_a_row_published_later_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, facts_2012: Facts
) -> None:
    folder = copy_of_bundle(tmp_path)
    path = folder / "homicides_year.parquet"
    rows = pl.read_parquet(path)
    planted = pl.DataFrame(
        {"municipality": ["08037"], "year": [2012], "basis": ["registration"], "deaths": [9999]}
    )
    pl.concat([rows, planted.cast(rows.schema)]).write_parquet(path)
    refresh_manifest(folder)
    monkeypatch.setattr(compiled, "bundle", lambda: folder)
    query = "select * from homicides_year order by all"
    assert Facts("2012-12").sql(query).equals(facts_2012.sql(query))
    assert Facts("2013-12").sql("select max(deaths) from homicides_year").item() == 9999


def copy_of_bundle(tmp_path: Path) -> Path:
    return Path(shutil.copytree(str(files("merida.facts") / "bundle"), tmp_path / "bundle"))


def refresh_manifest(folder: Path) -> None:
    import hashlib

    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["sha256"] = {
        p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.glob("*.parquet")
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("select * from '/etc/passwd'", "unknown_table"),
        ("select * from homicide_years", "unknown_table"),
        ("select * from range(2000000)", "sql_too_many_rows"),
    ],
)
def test_a_query_that_may_not_run_gives_one_clear_error(facts: Facts, query: str, key: str) -> None:
    with pytest.raises(FactsError) as error:
        facts.sql(query)
    assert error.value.key == key
    for language in ("en", "es"):
        message = error.value.message(language)
        assert "\n" not in message
        assert "Traceback" not in message


@pytest.mark.parametrize(
    "query",
    [
        "select count(*) from range(1000000000000)",
        "with recursive r(n) as (select 1 union all select n + 1 from r) select max(n) from r",
    ],
)
def test_a_query_that_never_ends_is_stopped(query: str) -> None:
    fresh = Facts()
    start = time.monotonic()
    with pytest.raises(FactsError) as error:
        fresh.sql(query, seconds=0.5)
    assert error.value.key == "sql_too_long"
    assert time.monotonic() - start < 10  # half a second and the time to settle, on a busy machine
    assert fresh.sql("select count(*) from states").item() == 32


def test_an_unknown_table_names_the_nearest() -> None:
    with pytest.raises(FactsError) as error:
        warehouse.known_table("homicide")
    assert "homicides_year" in error.value.message("en")
    with pytest.raises(FactsError) as error:
        warehouse.known_table("desembolsos")
    assert "foreign_assistance" in error.value.message("es")


@pytest.mark.parametrize(
    "as_of",
    [
        "2012",
        "2012-13",
        "2012-1",
        "2012-12-01",
        "2012-12\n",
        "２０００-01",
        "diciembre",
        "1900-01",
        "2090-01",
        "",
        2012,
        2012.12,
    ],
)
def test_an_as_of_outside_the_record_is_refused(as_of: object) -> None:
    with pytest.raises(FactsError) as error:
        Lab(as_of=as_of)  # type: ignore[arg-type]
    assert error.value.key in ("as_of_not_a_month", "as_of_outside")
    assert "YYYY-MM" in error.value.message("en") or "1991-10" in error.value.message("en")


def test_every_month_since_the_first_opens_the_record() -> None:
    first, last = compiled.record_span()
    assert first == "1991-10"
    for as_of in (None, first, "1996-06", "2005-06", "2010-12", last):
        assert Facts(as_of).as_of == as_of
    assert Facts(first).sql("select max(year) from homicides_year").item() == 1990


def test_a_damaged_bundle_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = copy_of_bundle(tmp_path)
    monkeypatch.setattr(compiled, "bundle", lambda: folder)
    states, manifest = folder / "states.parquet", folder / "manifest.json"
    whole, listed = states.read_bytes(), json.loads(manifest.read_text())

    def problem(file: str) -> str:
        with pytest.raises(FactsError) as error:
            Facts("2012-12").sql("select * from states")
        for language in ("en", "es"):
            assert file in error.value.message(language)
            assert "\n" not in error.value.message(language)
        return error.value.key

    for damaged in (whole[:-1] + b"?", whole[:100], b""):
        states.write_bytes(damaged)
        assert problem("states.parquet") == "bundle_damaged"
    for compiled_wrong in (whole[:100], b"", (folder / "trade.parquet").read_bytes()):
        states.write_bytes(compiled_wrong)
        refresh_manifest(folder)
        assert problem("states.parquet") == "bundle_unreadable"
    states.unlink()
    assert problem("states.parquet") == "bundle_missing"
    assert Facts().sql("select count(*) from ports").item() == 28
    states.write_bytes(whole)
    for text in (
        "",
        "{",
        "[]",
        "{}",
        "null",
        '{"published": 3, "sha256": {}}',
        '{"published": ["a"], "sha256": {}}',
    ):
        manifest.write_text(text)
        assert problem("manifest.json") == "bundle_unreadable", text
    manifest.write_bytes(b"\xff\xfe")
    assert problem("manifest.json") == "bundle_unreadable"
    manifest.write_text(json.dumps({**listed, "sha256": {}}))
    assert problem("states.parquet") == "bundle_damaged"
    manifest.unlink()
    assert problem("manifest.json") == "bundle_missing"


def test_a_figure_carries_the_query_that_gives_it_again(facts: Facts) -> None:
    figure = facts.figure(
        "select sum(deaths) from homicides_year where basis = 'registration' and year = 2011", "deaths"
    )
    assert figure is not None
    assert figure.value == 27213
    assert figure.kind == "fact"
    assert figure.origin.tables == ("homicides_year",)
    assert facts.sql(figure.origin.query).item() == figure.value
    assert facts.figure("select max(deaths) from homicides_year where year = 1900", "deaths") is None
    with pytest.raises(FactsError) as error:
        facts.figure("select year, deaths from homicides_year", "deaths")
    assert error.value.key == "sql_not_one_value"


def test_types_that_a_frame_has_no_column_for_come_as_text(facts: Facts) -> None:
    row = facts.sql(
        "select interval 3 day as i, map {'a': 1} as m, 'x'::blob as b, date '2020-01-02' as d"
    ).row(0, named=True)
    assert row["i"] == "3 days"
    assert row["m"] == "{a=1}"
    assert str(row["d"]) == "2020-01-02"
    assert facts.sql("select sum(deaths) as n from homicides_year").schema["n"] == pl.Int64


def test_tables_with_a_month_have_a_year(facts: Facts) -> None:
    assert facts.sql("select sum(deaths) from organised_crime_homicides where year = 2007").item() == 2826
    for name, table in tables().items():
        if "month" in table.columns:
            odd = f"select count(*) from {name} where month is not null and month[1:4] <> year::varchar"
            assert facts.sql(odd).item() == 0


def test_no_bar_is_drawn_among_the_rows_where_loading_takes_long() -> None:
    asked = "select value from duckdb_settings() where name = 'enable_progress_bar'"
    code = (
        f"from merida.facts.warehouse import _empty_database as made; print(made().sql({asked!r}).fetchone())"
    )
    # DuckDB takes a program given on the command line for a person at a prompt.
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "('false',)\n"
