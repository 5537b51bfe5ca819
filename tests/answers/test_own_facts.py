"""Own rows as commands, answers, pages and records of runs show them."""

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from merida import Lab
from merida.answers import Answer, question, store
from merida.answers.context import Context
from merida.answers.facts import Sql
from merida.answers.own_lines import tables_of
from merida.document.blocks import Document, Paragraph, Section, Sentence
from merida.document.html import render
from merida.facts import Facts
from merida.facts.own.changes import put
from merida.figure import Figure, Origin
from merida.progress import Work
from tests.conftest import opened
from tests.facts.own.made import home, incoming, year
from tests.runner import merida

__all__ = ["home"]
LANGUAGES = ("en", "es")


@pytest.fixture
def added(home: Path) -> str:
    rows = [year("08037", 2010, 7), year("08037", 2030, 9)]
    return put(incoming("homicides_year", rows, file_name="Juárez.csv")).id


def said(*arguments: str, language: str = "en") -> str:
    done = merida(*arguments, "--language", language)
    assert done.exit_code == 0, done.exception
    return done.stdout


def test_nothing_of_ones_own_leaves_every_answer_as_it_was(home: Path) -> None:
    assert "own" not in json.loads(said("facts", "sql", "select 1 as n", "--format", "json"))
    assert "merida facts add" in said("facts", "list", "--own")
    assert "list --own" not in said("facts", "list")


@pytest.mark.parametrize("language", LANGUAGES)
def test_additions_are_listed_exported_and_removed(added: str, language: str, tmp_path: Path) -> None:
    listed = said("facts", "list", "--own", language=language)
    assert added in listed
    assert "Juárez.csv" in listed
    assert "list --own" in said("facts", "list", language=language)
    assert json.loads(said("facts", "list", "--format", "json"))["additions"][0]["rows"] == 2
    text = {"municipality": pl.String}
    read = {
        "csv": lambda path: pl.read_csv(path, schema_overrides=text),
        "xlsx": lambda path: pl.read_excel(path, schema_overrides=text),
        "parquet": pl.read_parquet,
    }
    for ending in read:
        said("facts", "export", added, "--out", str(tmp_path / f"rows.{ending}"), language=language)
    frames = [reading(tmp_path / f"rows.{ending}") for ending, reading in read.items()]
    assert all(frame.equals(frames[-1]) for frame in frames)
    assert frames[-1]["municipality"].to_list() == ["08037", "08037"]
    assert added in said("facts", "remove", added, language=language)
    assert Facts().own == ()
    gone = merida("facts", "remove", added, "--language", language)
    assert gone.exception is not None


def test_a_workbook_of_the_same_rows_is_the_same_bytes(added: str, tmp_path: Path) -> None:
    for name in ("a", "b"):
        said("facts", "export", added, "--out", str(tmp_path / f"{name}.xlsx"))
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_difference_says_what_changes(added: str, language: str) -> None:
    shown = said("facts", "diff", added, language=language)
    assert "3766" in shown.replace(",", "")
    found = json.loads(said("facts", "diff", added, "--rows", "0", "--format", "json"))
    assert (found["new"], found["changed"], found["values_changed"], found["changes"]) == (1, 1, 1, [])
    assert found["sums"][-1] == {
        "year": 2030,
        "basis": "registration",
        "sum_of": "deaths",
        "before": 0,
        "after": 9,
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_says_which_rows_are_the_users(added: str, language: str) -> None:
    key = ("municipality=08037", "year=2010", "basis=registration")
    for asked, theirs in (
        (("show", "homicides_year"), True),
        (("show", "ports"), False),
        (("why", "homicides_year", *key), True),
    ):
        shown = said("facts", *asked, language=language)
        assert ("Juárez.csv" in shown and added in shown) is theirs
    assert "3766" in shown
    assert "Juárez.csv" in said("facts", "show", "homicides_year", "--format", "md", language=language)


def test_every_answer_in_json_says_which_rows_are_the_users(added: str) -> None:
    def own(*asked: str) -> object:
        return json.loads(said("facts", *asked, "--format", "json")).get("own")

    day = Facts().own[0].added
    assert own("sql", "select deaths from homicides_year limit 1") == [
        {"id": added, "table": "homicides_year", "rows": 2, "file_name": "Juárez.csv", "added": day}
    ]
    assert own("sql", "select count(*) from states") is None
    assert own("show", "homicides_year", "--as-of", "2005-06") is None


@pytest.mark.end_to_end
@pytest.mark.parametrize(("room", "ask"), [("violence", "violence.monitor"), ("border", "border.simulate")])
def test_answers_rest_on_the_tables_of_their_rooms(room: str, ask: str) -> None:
    opened.cache_clear()  # else it would be the record of another test, with the tables of that
    lab = Lab()
    if room == "violence":
        lab.violence.monitor(place="state:08")
    else:
        lab.border.simulate("San Ysidro")
    assert lab.record.loaded <= set(tables_of(ask) or ())
    assert tables_of("simulate") is None


def test_a_kept_answer_is_not_given_after_rows_were_added(home: Path) -> None:
    request = Sql(query="select 1")
    empty = store.key(request, Context())
    first = put(incoming("homicides_year", [year("08037", 2010, 7)], file_name="a.csv"))
    held = store.key(request, Context())
    assert merida("facts", "remove", first.id).exit_code == 0
    assert store.key(request, Context()) == empty
    put(
        incoming("homicides_year", [year("08037", 2010, 7)], file_name="b.csv")
    )  # the same rows of another file
    assert len({empty, held, store.key(request, Context())}) == 3
    assert store.key(Sql(query="select 1", as_of="2005-06"), Context("2005-06")) == store.key(
        Sql(query="select 1", as_of="2005-06"), Context.around(Facts("2005-06", own=False))
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_says_it_at_its_head_and_at_each_figure(added: str, language: str) -> None:
    facts = Facts()

    def page(*figures: Figure | None) -> str:
        section = Section(
            "sources", (Paragraph(tuple(Sentence("brief.gaps.recent", {"year": one}) for one in figures)),)
        )
        return render(Document("2026-02", None, (), (section,), facts.own_rows()), language, LANGUAGES)

    deaths = facts.figure("select sum(deaths) from homicides_year where year = 2010", "deaths")
    states = facts.figure("select count(*) from states", "states")
    run = Figure(1.0, 0.0, 2.0, "deaths", "estimate", Origin(()))
    assert page(deaths).count("Juárez.csv") == 2
    assert page(states).count("Juárez.csv") == 1
    assert page(run).count("Juárez.csv") == 2  # which tables it rests on is not known
    assert "Juárez.csv" not in render(Document("2026-02", None, (), ()), language, LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_chart_written_alone_says_it(added: str, language: str) -> None:
    request, context = Sql(query="select deaths from homicides_year limit 1"), Context()
    drawn = {"mark": "line", "title": {"text": "x", "subtitle": ["y"]}}
    asked = replace(question("facts.sql"), pictures={"chart": lambda *_: drawn})
    answered = Answer(asked, request, asked.ask(request, context, Work()), context)
    beneath = answered.specification(language=language)["title"]["subtitle"]
    assert beneath[0] == "y"
    assert "Juárez.csv" in " ".join(beneath)
    assert drawn["title"] == {"text": "x", "subtitle": ["y"]}
