import shutil
import tomllib
from importlib.resources import files
from pathlib import Path

import duckdb
import polars as pl
import pytest
from pydantic import ValidationError

from merida.errors import FactsError
from merida.facts import Facts, schema
from merida.facts.checks import checks
from merida.facts.schema import Availability, Table, tables
from merida.words import words

BUNDLE = Path(str(files("merida.facts") / "bundle"))
NAMES = sorted(tables())
ISSUE = {
    "homicides_year", "homicides_month", "organised_crime_homicides", "population", "municipalities", "states",
    "municipality_creations", "municipality_adjacency", "map_municipalities", "map_states", "crime_victims", "envipe",
    "judicial_reform", "appropriations", "obligations", "foreign_assistance", "border_crossings", "ports", "port_lanes",
    "leaders_removed", "published_facts",
}  # fmt: skip


def test_the_record_holds_the_tables_that_were_asked_for() -> None:
    assert set(NAMES) >= ISSUE


def test_the_bundle_is_small_and_whole() -> None:
    assert {path.stem for path in BUNDLE.glob("*.parquet")} == set(NAMES)
    assert sum(path.stat().st_size for path in BUNDLE.iterdir()) < 20e6


@pytest.mark.parametrize("name", NAMES)
def test_the_rows_are_what_the_table_file_says(name: str) -> None:
    table = tables()[name]
    rows = pl.read_parquet(BUNDLE / f"{name}.parquet")
    assert rows.columns == list(table.columns)
    assert bool(rows.height) != table.empty
    assert not rows.select(pl.struct(table.keys).is_duplicated().any()).item()
    for column_name, column in table.columns.items():
        values = rows[column_name]
        assert column.nullable or not values.null_count(), column_name
        if column.values:
            assert set(values.drop_nulls().to_list()) <= set(column.values), column_name
        if column.pattern:
            assert values.drop_nulls().str.contains(f"^(?:{column.pattern})$").all(), column_name
        if column.min is not None and values.drop_nulls().len():
            assert values.min() >= column.min, column_name
        if column.max is not None and values.drop_nulls().len():
            assert values.max() <= column.max, column_name


@pytest.mark.parametrize("name", NAMES)
def test_every_defect_and_unit_can_be_shown(name: str, facts: Facts) -> None:
    table = tables()[name]
    for defect in table.defects:
        if defect.where:
            touched = facts.sql(f"select count(*) from {name} where {defect.where}").item()
            assert touched, f"{defect.id} touches no row"
    for column in table.columns.values():
        for language in ("en", "es"):
            assert not column.unit or words(language).has(f"units.{column.unit}"), column.unit


@pytest.mark.parametrize("name", NAMES)
def test_no_text_holds_a_path_of_a_machine(name: str) -> None:
    text = (files("merida.facts") / "tables" / f"{name}.toml").read_text()
    assert "/shared/" not in text
    assert "../shared" not in text


def test_unverified_rows_are_marked() -> None:
    for name, table in tables().items():
        if table.status == "mixed":
            rows = pl.read_parquet(BUNDLE / f"{name}.parquet")
            part = "unverified_part" in rows.columns and rows["unverified_part"].null_count() < rows.height
            assert part or "unverified" in rows["status"].to_list(), name


def minimal(**changes: object) -> dict[str, object]:
    text = (files("merida.facts") / "tables" / "homicides_year.toml").read_text()
    return {"name": "x", **tomllib.loads(text), **changes}


def test_a_mistyped_key_of_a_table_file_fails() -> None:
    with pytest.raises(ValidationError, match="licens"):
        Table.model_validate(minimal(licens="x"))
    with pytest.raises(ValidationError, match="key = true"):
        Table.model_validate(
            minimal(columns={"deaths": {"type": "integer", "about": {"en": "a", "es": "b"}}})
        )
    with pytest.raises(ValidationError, match="status"):
        Table.model_validate(minimal(status="mixed"))


@pytest.mark.parametrize(
    ("period", "value", "lag", "expected"),
    [
        ("year", "2011", 10, "2012-10"),
        ("year", "2011", 0, "2011-12"),
        ("us_fiscal_year", "2011", 3, "2011-12"),
        ("month", "'2011-11'", 2, "2012-01"),
        ("year_of_month", "'2011-02'", 10, "2012-10"),
    ],
)
def test_publication_follows_the_end_of_the_period(period: str, value: str, lag: int, expected: str) -> None:
    rule = Availability(
        rule="period_end",
        column="p",
        period=period,
        lag_months=lag,
        grade="assumption",
        note={"en": "a", "es": "b"},
    )
    assert duckdb.sql(f"select {rule.sql()} from (select {value} as p)").fetchone() == (expected,)


def test_checks_are_named_once() -> None:
    names = [check.id for check in checks()]
    assert len(names) == len(set(names))


DAMAGED = [b"", b"[", b"\xff\xfe", b"x = 1", b"[[check]]", b"a = " + b"[" * 3000]


def test_a_damaged_table_or_check_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = Path(
        shutil.copytree(
            str(files("merida.facts")), tmp_path / "facts", ignore=shutil.ignore_patterns("bundle")
        )
    )
    monkeypatch.setattr(schema, "files", lambda _: package)
    for folder, name, read in (("tables", "states.toml", tables), ("checks", "money.toml", checks)):
        path = package / folder / name
        whole = path.read_bytes()
        for damaged in (*DAMAGED, whole[: len(whole) // 2], whole + b"\nmistyped = 1\n"):
            path.write_bytes(damaged)
            with pytest.raises(FactsError) as error:
                read.__wrapped__()
            for language in ("en", "es"):
                assert name in error.value.message(language)
                assert "\n" not in error.value.message(language)
        path.write_bytes(whole)
        assert read.__wrapped__()
        shutil.rmtree(package / folder)
        with pytest.raises(FactsError):
            read.__wrapped__()


def test_no_table_bears_the_name_of_a_column() -> None:
    """A query is cited by the tables whose names stand in it, so a column's name would cite a table by mistake."""
    columns = {name for table in tables().values() for name in table.columns}
    assert columns & set(NAMES) == {"population"}, "of old; every query of it names the table too"


def test_rows_that_joined_later_are_told_from_the_first_edition(facts: Facts) -> None:
    first = tables()["published_facts"].first_edition
    assert facts.sql(f"select count(*) from published_facts where {first}").item() == 353
    assert facts.sql(f"select count(*) from prices where {tables()['prices'].first_edition}").item() == 0
    assert tables()["homicides_year"].first_edition == "true"
