"""What a query may do: the lists of statements and functions that were tried, and that the record stands as it was."""

import duckdb
import pytest

from merida.errors import FactsError
from merida.facts import Facts
from merida.facts.query import FILES, REFUSED, check_query
from merida.facts.schema import tables

TOTAL = "select sum(deaths) as n from homicides_year where year = 2011 and basis = 'registration'"
WRITES = [
    "insert into states values ('33', 'x', 'x', 'x', 'x')",
    "update homicides_year set deaths = deaths * 2",
    "delete from homicides_year",
    "truncate homicides_year",
    "merge into states using states t on (true) when matched then delete",
    "with x as (select 1) delete from homicides_year",
    "create table x as select 1",
    "create or replace table homicides_year as select 1",
    "create view x as select 1",
    "create temp table x as select 1",
    "create macro x() as 1",
    "create table x as pivot homicides_year on basis using sum(deaths)",
    "drop table homicides_year",
    "alter table homicides_year drop column deaths",
    "comment on table homicides_year is 'x'",
    "copy homicides_year to 'x.csv'",
    "prepare v as delete from homicides_year",
    "execute v",
    "call pragma_version()",
]
OTHER = [
    "attach 'x.db' as x",
    "export database 'x'",
    "install httpfs",
    "load json",
    "set memory_limit = '1GB'",
    "set variable x = 1",
    "reset memory_limit",
    "use main",
    "pragma enable_profiling",
    "checkpoint",
    "vacuum",
    "analyze",
    "begin",
    "commit",
    "deallocate v",
    "",
    "-- nothing",
    "select 1; select 2",
    "select 1; /* and */ drop table homicides_year",
    "select 1; pivot homicides_year on basis using sum(deaths)",
    "create table x as (pivot homicides_year on basis using sum(deaths)); select 1",
]
EXPLAINS = [
    "explain ",
    "explain analyze ",
    "EXPLAIN /* a */ ANALYZE /* b */ ",
    "explain (analyze, format json) ",
]
FUNCTIONS = [
    "from enable_logging()",
    'from "enable_logging" ()',
    "from enable_logging /* here */ (storage='file', storage_path='x')",
    "from query('from enable_logging()')",
    "from query('from query(''from enable_logging()'')')",
    "from json_execute_serialized_sql(json_serialize_sql('select 1'))",
    "from pandas_scan(null)",
    "from arrow_scan(null, null, null)",
    "from summary(null)",
    "from force_checkpoint()",
    "from duckdb_secrets()",
]
FILE_READERS = [
    "from read_csv('/etc/passwd')",
    "from read_text('pyproject.toml')",
    "from query('from read_blob(''x'')')",
    "from glob('*')",
    "from parquet_metadata('x.parquet')",
    "from 'x.parquet'",
    "from query_table('x.parquet')",
    "import database 'x'",
]
# Every table function of DuckDB 1.5 that reads its arguments, the record or DuckDB's own lists, one by one reviewed.
REVIEWED = set(
    """duckdb_approx_database_count duckdb_columns duckdb_connection_count duckdb_constraints
    duckdb_coordinate_systems duckdb_databases duckdb_dependencies duckdb_extensions duckdb_functions duckdb_indexes
    duckdb_keywords duckdb_memory duckdb_optimizers duckdb_prepared_statements duckdb_profiling_settings
    duckdb_schemas duckdb_secret_types duckdb_sequences duckdb_settings duckdb_tables duckdb_temporary_files
    duckdb_types duckdb_variables duckdb_views generate_series histogram histogram_values icu_calendar_names
    json_each json_tree pg_timezone_names pragma_collations pragma_database_size pragma_metadata_info
    pragma_platform pragma_show pragma_storage_info pragma_table_info pragma_user_agent pragma_version query
    query_table range repeat repeat_row test_all_types test_vector_types unnest""".split()  # noqa: SIM905
)


def refusal(facts: Facts, query: str) -> str:
    with pytest.raises(FactsError) as error:
        facts.sql(query)
    for language in ("en", "es"):
        assert "\n" not in error.value.message(language), query
    return error.value.key


def test_a_statement_that_does_more_than_read_is_refused(facts: Facts) -> None:
    for query in [*WRITES, *OTHER]:
        assert refusal(facts, query) in ("sql_not_a_select", "sql_touches_files"), query
    for query in WRITES:
        for explain in EXPLAINS:
            assert refusal(facts, explain + query) in ("sql_not_a_select", "sql_invalid"), explain + query
    assert refusal(facts, "with x as (delete from states returning *) from x") == "sql_invalid"
    assert facts.sql(TOTAL).item() == 27213


def test_a_function_that_does_more_than_read_is_refused(facts: Facts) -> None:
    for query in FUNCTIONS:
        assert refusal(facts, query) == "sql_function", query
    for query in FILE_READERS:
        assert refusal(facts, query) == "sql_touches_files", query
    assert refusal(facts, "from query('from enable_' || 'logging()')") == "sql_query_not_literal"
    assert refusal(facts, "select getenv('HOME')") == "sql_invalid"
    assert facts.sql("select getvariable('x') as x").item() is None


def test_a_text_that_is_no_query_is_refused(facts: Facts) -> None:
    for query in ("select '\udcff'", "select 'a\0b'"):
        assert refusal(facts, query) == "sql_not_text"
    for query in (
        "selec 1",
        "explain",
        "explain (",
        "select 'open",
        "select nothing from states",
        "(" * 20_000,
    ):
        assert refusal(facts, query) == "sql_invalid", query[:20]


def test_the_tables_cannot_be_written_whatever_the_check_lets_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fresh = Facts()
    fresh.connect({"homicides_year", "states"})
    monkeypatch.setattr("merida.facts.warehouse.check_query", lambda *_: None)
    for query in WRITES:
        for explain in ("", *EXPLAINS[:2]):
            with_names = explain + query
            try:
                fresh.sql(with_names)
            except FactsError:
                continue
    monkeypatch.undo()
    assert fresh.sql(TOTAL).item() == 27213
    assert fresh.sql("select count(*) from states").item() == 32


def test_all_that_reads_is_answered(facts: Facts) -> None:
    for query, rows in {
        "with s as (select * from states) select count(*) from s": 1,
        "from states": 32,
        "from states; -- all": 32,
        "values (1), (2)": 2,
        "describe states": 5,
        "summarize states": 5,
        "pragma table_info('states')": 5,
        "explain select 1": 1,
        "explain analyze from states": 1,
        "explain (format json) (select 1)": 1,
        "pivot states on name in ('Chihuahua') using count(*)": 32,
        "unpivot (select 1 as a, 2 as b) on a, b": 2,
        "select * from query('select * from states')": 32,
        "select * from query_table('sta' || 'tes')": 32,
        "select histogram(state) as enable_logging, 'from enable_logging()' as x from states": 1,
    }.items():
        assert facts.sql(query).height == rows, query
    pivot = facts.sql("pivot homicides_year on basis using sum(deaths) group by year")
    assert pivot.filter(pivot["year"] == 2011)["registration"].item() == 27213
    assert facts.sql("select (select count(*) from query_table('port' || 's')) as n").item() == 28
    assert "homicides_year" in facts.sql("show tables")["name"].to_list()
    assert set(facts.sql("show tables")["name"]) == set(tables())


def test_every_function_of_the_installed_duckdb_was_reviewed() -> None:
    names = duckdb.sql(
        "select distinct function_name from duckdb_functions() where function_type in ('table', 'table_macro')"
    ).fetchall()
    unknown = {name for (name,) in names if not (REFUSED.fullmatch(name) or FILES.fullmatch(name))} - REVIEWED
    assert not unknown, "say in query.py or here whether a query may call them"


def test_a_long_query_is_read_quickly() -> None:
    check_query(
        duckdb.connect(), "select " + ", ".join(f"'{number}' as c{number}" for number in range(20_000))
    )
