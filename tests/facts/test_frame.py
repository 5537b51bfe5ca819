"""Values of every type of DuckDB in a data frame: as they are, or as text, and never a panic."""

import datetime
from decimal import Decimal

import polars as pl

from merida.facts import Facts

CASES = {
    "date '2020-01-02'": datetime.date(2020, 1, 2),
    "date '10000-01-01'": "10000-01-01",
    "date '290000-01-01'": "290000-01-01",
    "date '0044-03-15 (BC)'": "0044-03-15 (BC)",
    "'infinity'::date": "infinity",
    "time '10:00:01.5'": datetime.time(10, 0, 1, 500_000),
    "time '24:00:00'": "24:00:00",
    "timestamp '2020-01-02 03:04:05.678'": datetime.datetime(2020, 1, 2, 3, 4, 5, 678_000),
    "'-infinity'::timestamp": "-infinity",
    "timestamp '290000-01-01 00:00:00'": "290000-01-01 00:00:00",
    "timestamp_s '2020-01-02 03:04:05'": datetime.datetime(2020, 1, 2, 3, 4, 5),
    "timestamptz '2020-01-02 00:00:00+00'": "2020-01-02 00:00:00+00",
    "interval 3 day": "3 days",
    "9223372036854775807": 2**63 - 1,
    "9223372036854775807::hugeint + 1": 2**63,
    "(-170141183460469231731687303715884105728)::hugeint": -(2**127),
    "'340282366920938463463374607431768211455'::uhugeint": str(2**128 - 1),
    "18446744073709551615::ubigint": 2**64 - 1,
    "12345678901234567890123456789012345678::decimal(38, 0)": 12345678901234567890123456789012345678,
    "1.2345678901234567890123456789012345678": Decimal("1.2345678901234567890123456789012345678"),
    "1234567890123.45": 1234567890123.45,
    "0.1::decimal(38, 37)": 0.1,
    "'101'::bit": "101",
    "'a'::blob": "a",
    "'x'::enum('x', 'DATE')": "x",
    "map {'a': 1}": "{a=1}",
    "union_value(a := 1)": "1",
    "'ec1a6f29-5a5c-4c0e-8b9f-0d6f8f7a2b11'::uuid": "ec1a6f29-5a5c-4c0e-8b9f-0d6f8f7a2b11",
    "{'a': 1, 'b': [1, 2]}": {"a": 1, "b": [1, 2]},
    "{'d': date '10000-01-01', 'h': 3::hugeint}": {"d": "10000-01-01", "h": "3"},
    "row(1, 2)": "(1, 2)",
    "[date '2020-01-01', 'infinity'::date]": ["2020-01-01", "infinity"],
    "[interval 1 day]": "[1 day]",
    "array_value(1, 2)": [1, 2],
    "null": None,
    "'{\"a\": 1}'::json": '{"a": 1}',
}  # fmt: skip


def test_each_type_gives_its_value_or_its_text(facts: Facts) -> None:
    for sql, expected in CASES.items():
        value = facts.sql(f"select {sql} as v").to_dicts()[0]["v"]
        assert value == expected, sql
        assert type(value) is type(expected), sql
        assert facts.sql(f"select v from (select {sql} as v) where false").height == 0


def test_every_test_value_of_duckdb_can_be_answered(facts: Facts) -> None:
    assert len(facts.sql("from test_all_types()").to_dicts()) == 3


def test_sums_do_not_wrap(facts: Facts) -> None:
    most = 2**63 - 1
    assert facts.sql(f"select sum(x) as s from (values ({most}), ({most})) t(x)").item() == 2 * most
    assert facts.sql(f"select sum(x) as s from (values ({most})) t(x)").item() == most
    assert facts.sql("select sum(deaths) as n from homicides_year").schema["n"] == pl.Int64


def test_columns_of_one_name_get_distinct_names(facts: Facts) -> None:
    joined = facts.sql(
        "select * from homicides_year h join population p on h.municipality = p.municipality and h.year = p.year "
        "where h.municipality = '08037' and h.year = 2010 and basis = 'registration'"
    )
    names = "municipality year basis deaths available_from municipality_1 year_1".split()  # noqa: SIM905
    assert joined.columns[:7] == names
    assert joined["municipality"].item() == joined["municipality_1"].item() == "08037"
    assert joined["deaths"].item() == 3766
    row = facts.sql('select 1 as a, 2 as a, 3 as a_1, 4 as "[/]", 5 as "a""b"').to_dicts()[0]
    assert row == {"a": 1, "a_1": 2, "a_1_1": 3, "[/]": 4, 'a"b': 5}
