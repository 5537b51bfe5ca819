"""The pages of the record: tables, queries with limits, and a reader's own file from its sending to its removal."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from merida.answers import answer
from merida.answers.registry import from_url
from merida.errors import RequestError
from merida.facts.own.shelf import additions
from merida.facts.schema import tables
from merida.words import words
from merida.workbench import uploads
from merida.workbench.asked import read
from merida.workbench.bench import Bench
from merida.workbench.runs import Runs
from merida.workbench.safety import MOST_BODY, UPLOADS, Refused, check

FILE = b"municipality,year,basis,deaths\n08037,2023,registration,1200\n"
WRONG = b"municipality,year,basis,deaths\n08037,2023,registration,many\n99x,2023,registration,3\n"


def sent(visitor: TestClient, content: bytes, name: str = "own.csv", **more: str) -> str:
    shown = visitor.post("/data/add", files={"file": (name, content)}, data=more, follow_redirects=False)
    assert shown.status_code == 303, shown.text
    return shown.headers["location"]


def test_every_table_stands_with_its_institution_and_leads_to_its_page(visitor: TestClient) -> None:
    page = visitor.get("/data").text
    for name in tables():
        assert f'href="/data/tables/{name}"' in page
    assert visitor.get("/data.json").json()["facts.list"] == answer(from_url("/facts/list")).data()
    one = visitor.get("/data/tables/ports", headers={"accept-language": "es"}).text
    assert tables()["ports"].institution.es in one
    assert all(f'<th scope="row">{name}' in one for name in tables()["ports"].columns)


def test_all_rows_of_a_table_can_be_had(visitor: TestClient) -> None:
    held = answer(from_url("/facts/sql?query=select+count(*)+from+states")).rows.item()
    page = visitor.get("/data/tables/states").text
    assert f"/facts/show.csv?table=states&amp;rows={held}" in page
    assert visitor.get(f"/facts/show.csv?table=states&rows={held}").text.count("\n") == held + 1


def test_a_query_gives_rows_or_says_in_place_what_is_wrong(visitor: TestClient) -> None:
    given = visitor.get("/data/sql", params={"query": "select 6 * 7 as answer"})
    assert ">42<" in given.text
    for query in (
        "drop table states",
        "select * from read_csv('/etc/passwd')",
        "attach 'x'",
        "<script>x</script>",
    ):
        refused = visitor.get("/data/sql", params={"query": query})
        assert refused.status_code == 400
        assert 'role="alert"' in refused.text
        assert "<script>x" not in refused.text
    assert visitor.get("/data/sql?query=select+1&colour=red").status_code == 400
    with pytest.raises(RequestError) as refusal:
        read("facts.sql", "query=select+1&seconds=3000")
    assert refusal.value.key == "workbench_seconds"


def test_a_long_answer_is_cut_on_the_page_and_whole_in_its_files(visitor: TestClient) -> None:
    query = "select range as n from range(3000)"
    page = visitor.get("/facts/sql", params={"query": query}).text
    assert page.count("<tr>") == 2_501
    assert words("en").text("workbench.first_rows", shown=2_500, count=3_000) in page
    assert visitor.get("/facts/sql.csv", params={"query": query}).text.count("\n") == 3_001


def test_what_a_query_calls_a_formula_is_none_in_a_spreadsheet(visitor: TestClient) -> None:
    query = "select '=1+1' as a, '<b>' as b"
    assert "'=1+1" in visitor.get("/facts/sql.csv", params={"query": query}).text
    page = visitor.get("/data/sql", params={"query": query}).text
    assert "&lt;b&gt;" in page
    assert "<b>" not in page


def test_a_file_is_read_first_then_added_then_removed(visitor: TestClient) -> None:
    place = sent(visitor, FILE)
    dry = visitor.get(place)
    assert dry.status_code == 200
    assert words("en").text("workbench_data.dry") in dry.text
    assert not additions(), "nothing is added by looking"
    told = visitor.get(f"{place}.json").json()
    assert (told["table"], told["rows"], told["written"]) == ("homicides_year", 1, False)
    assert told["request"]["file"] == "own.csv"
    done = visitor.post(place, data={}, follow_redirects=False)
    assert done.headers["location"] == "/data/own/homicides_year-1"
    assert [one.file_name for one in additions()] == ["own.csv"]
    assert not list(uploads.folder().iterdir())
    page = visitor.get("/data/own/homicides_year-1").text
    assert "own.csv" in page
    query = (
        "select deaths from homicides_year where municipality='08037' and year=2023 and basis='registration'"
    )
    assert ">1200<" in visitor.get("/data/sql", params={"query": query}).text, "pages see it at once"
    assert "homicides_year-1" in visitor.get("/data/tables/homicides_year").text
    assert "1200" in visitor.get("/facts/export.csv?id=homicides_year-1").text
    removed = visitor.post("/data/own/homicides_year-1/remove", follow_redirects=False)
    assert removed.headers["location"] == "/data#own"
    assert not additions()
    assert ">1200<" not in visitor.get("/data/sql", params={"query": query}).text
    assert visitor.post("/data/own/homicides_year-1/remove").status_code == 400


@pytest.mark.parametrize("language", ["en", "es"])
def test_faults_stand_in_their_place_and_the_file_comes_back_marked(
    visitor: TestClient, language: str
) -> None:
    visitor.headers["accept-language"] = language
    place = sent(visitor, WRONG)
    page = visitor.get(place)
    assert page.status_code == 400
    assert page.text.count("<li>") >= 2
    assert str(uploads.folder()) not in page.text, "a message names the file and no folder"
    book = visitor.get(f"{place}/marked.xlsx")
    with zipfile.ZipFile(io.BytesIO(book.content)) as parts:
        held = parts.read("xl/sharedStrings.xml") if "xl/sharedStrings.xml" in parts.namelist() else b""
        held += b"".join(parts.read(name) for name in parts.namelist() if "sheet" in name)
    assert words(language).text("importers.marked.problem").encode() in held
    assert visitor.post(place, data={}).status_code == 400
    assert not additions()
    left = visitor.get(f"{place}?skip_bad=true")
    assert left.status_code == 400, "nothing is left of it"


def bomb() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", b"0" * 300_000_000)
    return content.getvalue()


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02" * 99, b"%PDF-1.7", b"PK\x03\x04garbage", bomb()])
def test_garbage_and_bombs_are_refused_in_words(visitor: TestClient, content: bytes) -> None:
    visitor.headers["accept-language"] = "es"
    page = visitor.get(sent(visitor, content, "libro.xlsx"))
    assert page.status_code == 400
    assert 'role="alert"' in page.text


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "..\\..\\x.csv", "/etc/cron.d/x", "a\x00b.csv", ".."]
)
def test_no_name_leaves_the_folder(visitor: TestClient, name: str) -> None:
    token = sent(visitor, FILE, name).rpartition("/")[2]
    path = uploads.path_of(token)
    assert path.parent.parent == uploads.folder()
    assert visitor.get(f"/data/incoming/{token}").status_code == 200


def test_what_is_no_file_or_no_token_is_refused(visitor: TestClient) -> None:
    assert visitor.post("/data/add", files={"other": ("x", b"x")}).status_code == 400
    assert visitor.post("/data/add", content=b"x", headers={"content-type": "text/csv"}).status_code == 400
    broken = {"content-type": "multipart/form-data; boundary=x"}
    assert visitor.post("/data/add", content=b"--y\r\n", headers=broken).status_code == 400
    for token in ("0" * 32, "..%2F..%2Fetc", "x", "0" * 31):
        assert visitor.get(f"/data/incoming/{token}").status_code == 404
    place = sent(visitor, FILE)
    assert visitor.get(f"{place}?file=/etc/passwd").status_code == 400
    assert visitor.get(f"{place}?dry_run=false").status_code == 400
    assert visitor.get("/data?colour=red").status_code == 400
    assert (
        visitor.post(
            "/data/add", files={"file": ("x", b"x")}, headers={"origin": "https://evil.example"}
        ).status_code
        == 403
    )
    assert visitor.get("/data/own/nothing-1").status_code == 400


def test_files_have_a_larger_gate_than_forms() -> None:
    here = {"host": "127.0.0.1:1", "origin": "http://127.0.0.1:1"}
    large = str(MOST_BODY + 1)
    check({**here, "content-length": large}, "POST", "http://127.0.0.1:1/data/add")
    for address, length in (("/runs", large), ("/data/add", str(UPLOADS["/data/add"] + 1))):
        with pytest.raises(Refused) as refused:
            check({**here, "content-length": length}, "POST", f"http://127.0.0.1:1{address}")
        assert refused.value.status == 413


def test_old_files_go_and_so_does_what_was_left_half_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    monkeypatch.setenv("MERIDA_HOME", str(tmp_path))
    first = uploads.keep(io.BytesIO(b"1"), "one.csv")
    half = uploads.folder() / ".new-killed"
    half.mkdir()
    for old in (uploads.folder() / first, half):
        os.utime(old, (1.0, 1.0))
    second = uploads.keep(io.BytesIO(b"2"), "two.csv")
    assert [one.name for one in uploads.folder().iterdir()] == [second]
    assert uploads.keep(io.BytesIO(b"2"), "two.csv") == second
    for count in range(20):
        uploads.keep(io.BytesIO(str(count).encode()), "many.csv")
    assert len(list(uploads.folder().iterdir())) <= uploads.MOST_KEPT + 1


def test_few_queries_run_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from merida.workbench import bench as shared

    monkeypatch.setattr(shared, "WAIT_SECONDS", 0.01)
    bench = Bench(Runs(tmp_path / "runs.sqlite"))
    with bench.turn(), bench.turn(), pytest.raises(Refused) as refused, bench.turn():
        pass
    assert (refused.value.status, refused.value.reason) == (429, "busy")
