"""Plans: rows checked one by one, written whole, and the money of the record as history."""

import csv
import io
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from merida.errors import OutputError, PlanError
from merida.facts import Facts
from merida.framework import Framework, Places, Plan, PlanRow, places, plan_named, plan_of, plan_start
from merida.framework.plan import months_by_year
from merida.framework.plan_rows import COLUMNS
from merida.words import plain

GOOD = ("local_police_training", "INCLE", "08", "2013-01", "2015-12", 1e6)


@pytest.fixture(scope="module")
def merida() -> Framework:
    return Framework.load("merida")


@pytest.fixture(scope="module")
def codes(facts: Facts) -> Places:
    return places(facts)


def as_csv(*rows: tuple[Any, ...]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *rows])
    return text.getvalue()


def as_toml(*rows: tuple[Any, ...], head: str = 'framework = "merida"\n') -> str:
    def shown(value: Any) -> str:
        return f'"{value}"' if isinstance(value, str) else repr(value)

    tables = (
        "[[row]]\n" + "".join(f"{name} = {shown(v)}\n" for name, v in zip(COLUMNS, row, strict=True))
        for row in rows
    )
    return head + "".join(tables)


def refusal(tmp_path: Path, name: str, text: str | bytes, merida: Framework, codes: Places) -> PlanError:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(PlanError) as found:
        Plan.read(path, merida, codes)
    for language in ("en", "es"):
        assert str(path) in found.value.message(language)
    assert found.value.message("en") != found.value.message("es")
    return found.value


def bad(**changes: Any) -> tuple[Any, ...]:
    return tuple(changes.get(name, value) for name, value in zip(COLUMNS, GOOD, strict=True))


ROWS = [
    (bad(programme="local_police_trainin"), "plan_programme", "local_police_training"),
    (bad(account="HHS"), "plan_account", "INCLE"),
    (bad(start="2013-13"), "table_month", "2013-13"),
    (bad(end="2013"), "table_month", "end"),
    (bad(start="2016-01"), "plan_backwards", "2016-01"),
    (bad(start="2001-01"), "table_month", "2007-10"),
    (bad(end="2099-12"), "table_month", "'2099-12', expected a month YYYY-MM from 2007-10 to 2067-12"),
    (bad(end="20²3-12"), "table_month", "end"),
    (bad(place="8"), "plan_twice", "08"),  # a lost zero is no other place
    (bad(place="99999"), "plan_place", "99999"),
    (bad(place="US"), "plan_level", "US"),
    (bad(place="08037"), "plan_level", "08037"),
    (bad(programme="aviation", place="08"), "plan_level", "nation"),
    (bad(programme="southbound_checks", account="CBP", place="MX"), "plan_level", "united_states"),
    (bad(usd_per_year=-1.0), "table_range", "-1"),
    (bad(usd_per_year=2e12), "table_range", "1,000,000,000,000"),
    (bad(usd_per_year=10**40), "table_range", "1,000,000,000,000"),
    (bad(usd_per_year=float("nan")), "table_number", "nan"),
    (bad(usd_per_year=float("inf")), "table_number", "inf"),
    (GOOD, "plan_twice", "08"),
]


def keys_of(error: PlanError) -> list[str]:
    faults: Any = error.values.get("faults", (error,))
    return [fault.key for fault in faults]


@pytest.mark.parametrize("suffix", ["csv", "toml"])
def test_row_at_fault_is_named_by_number_and_line(
    tmp_path: Path, suffix: str, merida: Framework, codes: Places
) -> None:
    for row, key, said in ROWS:
        text = as_csv(GOOD, row) if suffix == "csv" else as_toml(GOOD, row)
        error = refusal(tmp_path, f"plan.{suffix}", text, merida, codes)
        assert keys_of(error) == [key]
        assert said in str(error)
        assert ("\nLine 3, column " if suffix == "csv" else "\nRow 2 (line 9), ") in str(error)


@pytest.mark.parametrize("suffix", ["csv", "toml"])
def test_every_row_at_fault_is_listed_at_once(
    tmp_path: Path, suffix: str, merida: Framework, codes: Places
) -> None:
    rows = [row for row, _, _ in ROWS[:-1]]
    text = as_csv(GOOD, *rows) if suffix == "csv" else as_toml(GOOD, *rows)
    error = refusal(tmp_path, f"plan.{suffix}", text, merida, codes)
    assert keys_of(error) == [key for _, key, _ in ROWS[:-1]]
    many = [bad(place="77")] * 30
    text = as_csv(*many) if suffix == "csv" else as_toml(*many)
    error = refusal(tmp_path, f"plan.{suffix}", text, merida, codes)
    assert "30 more" not in str(error)
    assert str(error).endswith("… and 10 more.")
    assert keys_of(error)[:2] == ["plan_place", "plan_place"]


def test_row_at_fault_is_named_where_headers_carry_comments(
    tmp_path: Path, merida: Framework, codes: Places
) -> None:
    text = as_toml(GOOD, bad(place="77")).replace("[[row]]", "[[ row ]]  # one of two")
    assert "Row 2 (line 9), place" in str(refusal(tmp_path, "plan.toml", text, merida, codes))
    rows = ", ".join(
        "{" + line.replace("\n", ", ").rstrip(", ") + "}"
        for line in as_toml(GOOD, bad(place="77"), head="").split("[[row]]\n")[1:]
    )
    assert "\nRow 2, place" in str(refusal(tmp_path, "plan.toml", f"row = [{rows}]\n", merida, codes))


def test_municipality_created_later_names_its_unit(tmp_path: Path, merida: Framework, codes: Places) -> None:
    child = next(code for code, unit in codes.municipalities.items() if code != unit)
    programme = next(name for name, one in merida.programmes.items() if one.level == "municipality")
    row = bad(programme=programme, account=merida.programmes[programme].accounts[0], place=child)
    error = refusal(tmp_path, "plan.csv", as_csv(row), merida, codes)
    assert keys_of(error) == ["plan_child"]
    assert codes.municipalities[child] in str(error)


def test_a_row_may_call_its_programme_by_a_title_that_is_shown(
    tmp_path: Path, merida: Framework, codes: Places
) -> None:
    path, titles = tmp_path / "plan.csv", merida.programmes[GOOD[0]].title
    for name in (titles.en, titles.es, titles.es.upper(), plain(titles.es)):
        path.write_text(as_csv(bad(programme=name)), encoding="utf-8")
        assert Plan.read(path, merida, codes).rows == (PlanRow(*GOOD),), name
    error = refusal(tmp_path, "typo.csv", as_csv(bad(programme=titles.es[:-2])), merida, codes)
    assert titles.es in error.message("en")


def test_a_row_may_name_its_place_as_elsewhere(tmp_path: Path, merida: Framework, codes: Places) -> None:
    programme = next(name for name, one in merida.programmes.items() if one.level == "municipality")
    account = merida.programmes[programme].accounts[0]
    path = tmp_path / "plan.csv"
    for text, code in {"Ciudad Juárez": "08037", "8037": "08037", "CDMX": "09", "nation": "MX"}.items():
        path.write_text(as_csv(bad(programme=programme, account=account, place=text)), encoding="utf-8")
        assert [row.place for row in Plan.read(path, merida, codes).rows] == [code]
    row = bad(programme=programme, account=account, place="Juárez")
    assert "municipality:19031" in str(refusal(tmp_path, "plan.csv", as_csv(row), merida, codes))


NESTED = "a = " + "[" * 1000 + "]" * 1000 + "\n"
FILES: list[tuple[str, str | bytes, str, str]] = [
    ("plan.csv", b"\xff\xfe\x00", "table_encoding", "UTF-8"),
    ("plan.txt", "x", "plan_suffix", ".toml"),
    ("plan.csv", as_csv(), "table_empty", "first line"),
    ("plan.toml", as_toml(), "plan_empty", "programme"),
    ("plan.csv", "", "table_empty", "first line"),
    ("plan.csv", "programme,money\nx,1\n", "table_missing", "usd_per_year"),
    ("plan.csv", as_csv((*GOOD, 1)).replace("usd_per_year", "usd_per_year,colour"), "table_extra", "colour"),
    ("plan.csv", as_csv(GOOD, GOOD[:-1]), "table_cells", "Line 3"),
    ("plan.csv", as_csv(GOOD).replace("08", '"' + "x" * 200_000 + '"'), "table_long_line", "line 2"),
    ("plan.csv", as_csv(GOOD).replace("08", '"08'), "table_quotes", "line 2"),
    (
        "plan.csv",
        as_csv(GOOD).replace(",", ";").replace("1000000.0", "20.000"),
        "table_two_readings_plain",
        "20000",
    ),
    ("plan.csv", as_csv(GOOD).replace("1000000.0", '"20,000"'), "table_two_readings_plain", "20.000"),
    ("plan.csv", as_csv(GOOD).replace("1000000.0", "9" * 5000), "table_number", "999"),
    ("plan.toml", "[[row]]\nprogramme = = 1\n", "table_not_toml", "line 2"),
    ("plan.toml", as_toml(GOOD, head="speed = 3\n"), "plan_keys", "speed"),
    ("plan.toml", f"{'k' * 9000} = 3\n", "plan_keys", "kkk…"),
    ("plan.toml", "row = 3\n", "plan_keys", "row"),
    ("plan.toml", "row = [1, 2]\n", "plan_keys", "row"),
    ("plan.toml", NESTED, "table_toml_deep", "line 1"),
    ("plan.toml", "x" + ".x" * 9000 + " = 1\n", "table_toml_deep", "line 1"),
    ("plan.toml", as_toml(GOOD).replace("1000000.0", "9" * 5000), "table_toml_number", "line 8"),
    ("plan.toml", as_toml(GOOD).replace("1000000.0", "0x" + "f" * 5000), "table_toml_number", "line 8"),
    ("plan.toml", as_toml(GOOD, head='framework = "other"\n'), "plan_other_framework", "other"),
    ("plan.toml", as_toml(GOOD, head='name = "a\\u001b[31m"\n'), "plan_name", "x1b"),
    ("plan.toml", as_toml(GOOD, head=f'name = "{"n" * 300}"\n'), "plan_name", "200"),
    ("plan.toml", as_toml(GOOD, head="name = [1]\n"), "plan_name", "[1]"),
    ("plan.toml", as_toml(GOOD) + "colour = 1\n", "plan_row_keys", "colour"),
    ("plan.toml", as_toml(GOOD).replace('place = "08"\n', ""), "plan_row_keys", "place"),
    ("plan.toml", as_toml(bad(place=8)), "plan_not_text", "place"),
    ("plan.toml", as_toml(bad(usd_per_year="much")), "plan_not_number", "much"),
    ("plan.toml", as_toml(GOOD).replace("1000000.0", "true"), "plan_not_number", "True"),
    ("plan.toml", as_toml(GOOD).encode("utf-16-le"), "table_not_text", "zero bytes"),
]


@pytest.mark.parametrize(("name", "text", "key", "said"), FILES)
def test_file_at_fault(
    tmp_path: Path, name: str, text: str | bytes, key: str, said: str, merida: Framework, codes: Places
) -> None:
    error = refusal(tmp_path, name, text, merida, codes)
    assert keys_of(error) == [key]
    assert said in str(error)


def test_missing_file_and_too_many_rows(
    tmp_path: Path, merida: Framework, codes: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(PlanError) as found:
        Plan.read(tmp_path / "none.csv", merida, codes)
    assert found.value.key == "table_unreadable"
    monkeypatch.setattr("merida.framework.plan_files.MOST_ROWS", 1)
    assert refusal(tmp_path, "plan.csv", as_csv(GOOD, GOOD), merida, codes).key == "table_too_long"
    assert refusal(tmp_path, "plan.toml", as_toml(GOOD, GOOD), merida, codes).key == "table_too_long"


def test_unknown_plan_gives_the_nearest(merida: Framework, facts: Facts) -> None:
    with pytest.raises(PlanError, match="continuation") as found:
        plan_named("continuacion", merida, facts)
    assert found.value.key == "unknown_plan"


@pytest.mark.parametrize("suffix", ["csv", "toml"])
@pytest.mark.parametrize("name", ["memo", "history", "continuation"])
def test_what_is_written_reads_back_the_same(
    tmp_path: Path, suffix: str, name: str, merida: Framework, codes: Places, facts: Facts
) -> None:
    plan = plan_named(name, merida, facts)
    path = tmp_path / f"{name}.{suffix}"
    plan.write(path)
    assert Plan.read(path, merida, codes) == plan
    plan.check(merida, codes)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("name", ["Plan «número» 1", 'a "quoted" \\ plan', "emoji 🚔", "[/x]", "=1+1"])
def test_any_name_reads_back(tmp_path: Path, name: str, merida: Framework, codes: Places) -> None:
    plan = Plan(name, "merida", (PlanRow(*GOOD[:5], 0.1 + 0.2),))
    plan.write(tmp_path / "plan.toml")
    assert Plan.read(tmp_path / "plan.toml", merida, codes, as_given=True) == plan


def test_file_that_spreadsheets_write_is_read(tmp_path: Path, merida: Framework, codes: Places) -> None:
    text = "\ufeff" + as_csv(GOOD).replace("\n", "\r\n") + "\r\n,,\r\n"
    path = tmp_path / "plan.csv"
    path.write_bytes(text.encode())
    assert Plan.read(path, merida, codes).rows == (PlanRow(*GOOD),)


def test_the_same_plan_in_other_clothes(tmp_path: Path, merida: Framework, codes: Places) -> None:
    plain = as_csv(GOOD)
    dollars = '"1,000,000.00"'
    semicolons = plain.replace(",", ";")
    clothes = (
        plain.encode("utf-16"),
        semicolons.encode(),
        plain.replace(",", "\t").encode(),
        (plain + "\n \n").encode(),
        plain.replace("1000000.0", dollars).encode(),
        semicolons.replace("1000000.0", "1.000.000,00").encode(),
    )
    for content in clothes:
        (tmp_path / "plan.csv").write_bytes(content)
        assert Plan.read(tmp_path / "plan.csv", merida, codes).rows == (PlanRow(*GOOD),)
    (tmp_path / "plan.csv").write_text(plain.replace(",", ";").replace("1000000.0", "20000000,50"))
    assert Plan.read(tmp_path / "plan.csv", merida, codes).rows[0].usd_per_year == 20_000_000.5


def test_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "plan.csv"
    path.write_text("old", encoding="utf-8")

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OutputError, match="No space left"):
        Plan("p", "merida", (PlanRow(*GOOD),)).write(path)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("where", ["nowhere/plan.csv", "folder.csv"])
def test_write_where_no_file_can_be(tmp_path: Path, where: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(OutputError, match="cannot be written"):
        Plan("p", "merida", (PlanRow(*GOOD),)).write(tmp_path / where)
    assert [file.name for file in tmp_path.iterdir()] == ["folder.csv"]
    with pytest.raises(PlanError) as found:
        Plan("p", "merida", ()).write(tmp_path / "plan.xlsx")
    assert found.value.key == "plan_suffix"


def test_a_copy_in_a_file_is_called_after_it(
    tmp_path: Path, merida: Framework, codes: Places, facts: Facts
) -> None:
    memo = plan_named("memo", merida, facts)
    for suffix in ("toml", "csv"):
        path = tmp_path / f"my.{suffix}"
        memo.copy_in(path).write(path)
        mine = Plan.read(path, merida, codes)
        assert (mine.name, mine.rows, mine.source) == ("my", memo.rows, str(path))
        assert mine.made_from == ("memo" if suffix == "toml" else "")
        assert mine.digest == memo.digest
    odd = tmp_path / "a\x1b[31m\n.toml"
    memo.copy_in(odd).write(odd)
    assert Plan.read(odd, merida, codes).name == "a\\x1b[31m\\n"


def test_a_plan_that_spends_nothing_is_written_and_read(
    tmp_path: Path, merida: Framework, codes: Places, facts: Facts
) -> None:
    nothing = plan_named("none", merida, facts)
    nothing.write(tmp_path / "none.toml")
    assert Plan.read(tmp_path / "none.toml", merida, codes) == nothing
    assert plan_of(nothing.json(), merida, facts) == nothing


def test_a_digest_is_of_the_content_alone() -> None:
    rows = PlanRow(*GOOD), PlanRow(*bad(place="09"))
    known = Plan("a", "merida", rows).digest
    assert Plan("b", "merida", rows[::-1], source="b.toml", made_from="memo").digest == known
    assert Plan("a", "merida", (*rows[:1], PlanRow(*bad(place="09", usd_per_year=1_000_000)))).digest == known
    for other in (
        Plan("a", "bicentennial", rows),
        Plan("a", "merida", rows[:1]),
        Plan("a", "merida", (rows[0], PlanRow(*bad(place="09", end="2016-01")))),
    ):
        assert other.digest != known


def inline(*rows: tuple[Any, ...], **head: Any) -> str:
    return json.dumps(head | {"rows": [dict(zip(COLUMNS, row, strict=True)) for row in rows]})


@pytest.mark.parametrize("name", ["memo", "history", "continuation", "none"])
def test_json_is_one_line_that_gives_the_plan_again(name: str, merida: Framework, facts: Facts) -> None:
    plan = plan_named(name, merida, facts)
    line = plan.json()
    assert "\n" not in line
    again = plan_of(f" {line}", merida, facts)
    assert again == plan
    assert again.json() == line
    assert list(json.loads(line)) == ["name", "framework", "rows"]


def test_a_plan_is_given_by_name_by_file_or_written_out(
    tmp_path: Path, merida: Framework, facts: Facts
) -> None:
    (tmp_path / "p.CSV").write_text(as_csv(GOOD), encoding="utf-8")
    for given in (str(tmp_path / "p.CSV"), tmp_path / "p.CSV", inline(GOOD, name="p")):
        found = plan_of(given, merida, facts)
        assert (found.name, found.rows) == ("p", (PlanRow(*GOOD),))
    assert plan_of(inline(bad(place="CDMX")), merida, facts).rows[0].place == "09"
    assert plan_of(inline(GOOD), merida, facts).name == "plan"
    assert plan_of(inline(bad(usd_per_year=275)), merida, facts, as_given=True).rows[0].usd_per_year == 275
    with pytest.raises(PlanError, match="Row 1"):
        plan_of(inline(bad(usd_per_year=275)), merida, facts)


def test_a_row_at_fault_in_json_is_named_as_in_a_file(merida: Framework, facts: Facts) -> None:
    for row, key, said in ROWS:
        with pytest.raises(PlanError) as error:
            plan_of(inline(GOOD, row), merida, facts)
        assert keys_of(error.value) == [key]
        assert said in str(error.value)
        assert "\nRow 2, " in str(error.value)


INLINE = [
    ("{", "plan_not_json", "is not JSON"),
    ('{"rows": ' + "[" * 100_000, "plan_not_json", "recursion"),
    ('{"rows": [' + "9" * 5000 + "]}", "plan_not_json", "is not JSON"),
    ('{"name": "\\ud800", "rows": []}', "plan_not_json", "surrogates"),
    ('{"name": "a", "name": "b", "rows": []}', "plan_json_twice", "'name' twice"),
    ('{"name": "a"}', "plan_empty", "usd_per_year"),
    ('{"row": []}', "plan_keys_json", "row"),
    ('{"rows": 3}', "plan_keys_json", "rows"),
    ('{"rows": [3]}', "plan_keys_json", "rows"),
    ('{"name": 3, "rows": []}', "plan_name", "3"),
    ('{"name": "a\\u001b[31m", "rows": []}', "plan_name", "x1b"),
    ('{"made_from": "a\\nb", "rows": []}', "plan_name", "a"),
    ('{"framework": "other", "rows": []}', "plan_other_framework", "other"),
    ('{"rows": [{"place": 8}]}', "plan_row_keys", "usd_per_year"),
    (inline(bad(place=8)), "plan_not_text", "Row 1, place"),
    (inline(bad(usd_per_year="much")), "plan_not_number", "much"),
    (inline(bad(usd_per_year=None)), "plan_not_number", "None"),
]


@pytest.mark.parametrize(("text", "key", "said"), INLINE)
def test_json_at_fault(text: str, key: str, said: str, merida: Framework, facts: Facts) -> None:
    with pytest.raises(PlanError) as error:
        plan_of(text, merida, facts)
    assert keys_of(error.value) == [key]
    assert said in error.value.message("en")
    assert error.value.message("es") != error.value.message("en")
    assert len(str(error.value)) < 600


def test_a_plan_shows_itself_in_a_line(merida: Framework, facts: Facts) -> None:
    assert repr(plan_named("memo", merida, facts)).startswith("<Plan 'memo' of 'merida': 25 rows, ")
    assert len(repr(merida)) < 100


def test_diff_is_the_first_less_the_second(merida: Framework, facts_2012: Facts) -> None:
    memo = plan_named("memo", merida, facts_2012)
    more = memo.scaled("vetting", 2.0)
    for one in more.diff(memo):
        assert one.usd_difference == one.usd_a - one.usd_b > 0


def test_diff_is_empty_with_itself_and_antisymmetric(merida: Framework, facts_2012: Facts) -> None:
    memo, same = (plan_named(name, merida, facts_2012) for name in ("memo", "continuation"))
    assert memo.diff(memo) == ()
    forth, back = memo.diff(same), same.diff(memo)
    assert forth
    assert [(d.usd_a, d.usd_b) for d in forth] == [(d.usd_b, d.usd_a) for d in back]
    assert [(d.programme, d.account, d.place, d.year) for d in forth] == [
        (d.programme, d.account, d.place, d.year) for d in back
    ]
    for year in range(2013, 2018):
        difference = sum(d.usd_a - d.usd_b for d in forth if d.year == year)
        assert difference == pytest.approx(yearly(memo) - yearly(same))


def test_diff_does_not_see_how_rows_are_cut() -> None:
    whole = Plan("a", "merida", (PlanRow(*GOOD),))
    cut = Plan(
        "b", "merida", (PlanRow(*GOOD[:4], "2013-12", 1e6), PlanRow(*GOOD[:3], "2014-01", "2015-12", 1e6))
    )
    assert whole.diff(cut) == ()


def test_scaled_touches_one_programme(merida: Framework, facts_2012: Facts) -> None:
    memo = plan_named("memo", merida, facts_2012)
    twice = memo.scaled("vetting", 2.0)
    assert {d.programme for d in memo.diff(twice)} == {"vetting"}
    assert yearly(twice) - yearly(memo) == 15e6


def test_months_by_year_counts_both_ends() -> None:
    assert months_by_year("2012-10", "2014-02") == {2012: 3, 2013: 12, 2014: 2}


def yearly(plan: Plan) -> float:
    return sum(row.usd_per_year for row in plan.rows)


def test_memo_is_what_the_memorandum_asks(merida: Framework, facts_2012: Facts) -> None:
    memo = plan_named("memo", merida, facts_2012)
    kinds: dict[str, float] = defaultdict(float)
    for row in memo.rows:
        kinds[merida.accounts[row.account].kind] += row.usd_per_year
    assert kinds == {"foreign_assistance": 275e6, "customs": 335e6, "domestic": 280e6}
    assert {(row.start, row.end) for row in memo.rows} == {("2013-01", "2017-12")}


@pytest.mark.parametrize("as_of", ["2012-12", "2013-08", "2018-06", None])
def test_history_is_what_was_appropriated_and_known(as_of: str | None, merida: Framework) -> None:
    """Against the sum in SQL: dollars of the base year, the deflator held after its last year."""
    facts = Facts(as_of)
    rows = facts.sql("""
with d as (select fiscal_year, sum(usd) / sum(usd_constant_2020) as deflator from obligations
  where usd_constant_2020 > 0 group by all),
last as (select max_by(deflator, fiscal_year) as held from d)
select fiscal_year, sum(usd) * coalesce((select deflator from d where fiscal_year = 2012), held)
  / coalesce(any_value(deflator), any_value(held)) as usd
from appropriations left join d using (fiscal_year), last where status = 'verified' group by fiscal_year, held""")
    start = plan_start(facts)
    found: dict[int, float] = defaultdict(float)
    for row in plan_named("history", merida, facts).rows:
        assert row.end < start
        year = int(row.start[:4]) + 1
        months = sum(months_by_year(row.start, row.end).values())
        found[year] += row.usd_per_year * months / 12
    expected = {
        year: usd * min(1.0, max(0, 12 * (int(start[:4]) - year) + 3) / 12) for year, usd in rows.iter_rows()
    }
    assert found == pytest.approx({year: usd for year, usd in expected.items() if usd})


def test_history_of_2012_knows_nothing_later(merida: Framework, facts_2012: Facts) -> None:
    rows = plan_named("history", merida, facts_2012).rows
    assert (min(row.start for row in rows), max(row.end for row in rows)) == ("2007-10", "2012-09")


def test_history_of_the_whole_record(merida: Framework, facts: Facts) -> None:
    rows = plan_named("history", merida, facts).rows
    years = facts.sql("select max(fiscal_year) from appropriations where status = 'verified'").item()
    assert max(row.end for row in rows) == f"{years}-09"
    assert plan_start(facts) == "2026-01"  # victims are known to June 2025


@pytest.mark.parametrize(("as_of", "year", "usd"), [("2012-12", 2012, 281.76e6), ("2013-10", 2013, None)])
def test_continuation_is_the_last_enacted_year(
    as_of: str, year: int, usd: float | None, merida: Framework
) -> None:
    facts = Facts(as_of)
    plan = plan_named("continuation", merida, facts)
    past = [row for row in plan_named("history", merida, facts).rows if row.start == f"{year - 1}-10"]
    assert yearly(plan) == pytest.approx(sum(row.usd_per_year for row in past))
    if usd is not None:
        assert yearly(plan) == pytest.approx(usd)
    start = plan_start(facts)
    assert {(row.start, row.end) for row in plan.rows} == {(start, f"{int(start[:4]) + 4}-12")}


def test_none_spends_nothing(merida: Framework, facts: Facts) -> None:
    assert plan_named("none", merida, facts).rows == ()


def test_check_names_the_row_of_a_plan_made_in_code(merida: Framework, codes: Places) -> None:
    plan = Plan("mine", "merida", (PlanRow(*GOOD), PlanRow(*bad(place="77"))))
    with pytest.raises(PlanError, match=r"mine .*\n.*Row 2, place"):
        plan.check(merida, codes)
