"""The folder of own rows: whole or not at all, whatever happens, and one clear error where it is damaged."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from merida.errors import FactsError, MeridaError, OutputError
from merida.facts import Facts
from merida.facts.own import shelf
from merida.facts.own.changes import put
from tests.facts.own.made import incoming, year

ROW = [year("08037", 2010, 7)]


def add(deaths: int = 7) -> shelf.Addition:
    return put(incoming("homicides_year", [year("08037", 2010, deaths)]))


def test_nothing_added_is_no_folder(home: Path) -> None:
    assert shelf.additions() == ()
    assert not home.exists()
    assert Facts().own == ()


def test_what_is_known_of_an_addition(home: Path) -> None:
    rows = [year("08037", 2010, 7), year("01001", 2012, 1, available_from="2013-10")]
    added = put(incoming("homicides_year", rows, file_name="datos de Juárez.csv"))
    assert shelf.additions() == (added,)
    assert added.published == ("2012-06", "2013-10")
    assert added.span == {
        "municipality": ("01001", "08037"), "year": ("2010", "2012"), "basis": ("registration", "registration"),
    }  # fmt: skip
    assert (added.rows, added.file_name) == (2, "datos de Juárez.csv")
    assert (home / "facts").stat().st_mode & 0o077 == 0
    assert added.added == time.strftime("%Y-%m-%d", time.gmtime())


def test_rows_that_cannot_stand_are_refused(home: Path) -> None:
    for rows, key in (([], "own_no_rows"), ([*ROW, *ROW], "own_keys_twice")):
        with pytest.raises(FactsError) as error:
            put(incoming("homicides_year", rows))
        assert error.value.key == key
        assert error.value.message("es")
    assert not home.exists()


@pytest.mark.parametrize("damage", [b"", b"{}", b"[]", b"null", b"\xff\xfe", b"{" * 5000])
@pytest.mark.parametrize("file", [shelf.ABOUT, shelf.ROWS])
def test_a_damaged_file_is_named_with_what_to_do(home: Path, file: str, damage: bytes) -> None:
    add()
    path = home / "facts" / "homicides_year-1" / file
    whole = path.read_bytes()
    for content in (damage, whole[:-3], whole.replace(b"8", b"9"), None):
        path.unlink() if content is None else path.write_bytes(content)
        with pytest.raises(MeridaError) as error:
            Facts().sql("select * from homicides_year")
        assert error.value.key == "own_damaged"
        for language in ("en", "es"):
            message = error.value.message(language)
            assert str(path) in message
            assert "merida facts remove homicides_year-1" in message
    path.write_bytes(whole)
    assert Facts().own
    path.write_bytes(b"x")
    shelf.remove("homicides_year-1")
    assert Facts() == Facts(own=False)


def test_a_changed_entry_and_a_renamed_folder_are_damaged(home: Path) -> None:
    add()
    path = home / "facts" / "homicides_year-1" / shelf.ABOUT
    whole = path.read_text()
    stated = json.loads(whole)
    for name, value in (("rows", 2), ("table", "states"), ("published", ["2000-01", "2000-01"])):
        path.write_text(json.dumps({**stated, name: value}))
        with pytest.raises(FactsError, match="homicides_year-1"):
            Facts()
    path.write_text(whole)
    (home / "facts" / "homicides_year-1").rename(home / "facts" / "states-1")
    with pytest.raises(FactsError, match="states-1"):
        Facts()


def test_other_things_in_the_folder_are_left_alone(home: Path) -> None:
    add()
    for name in (
        ".DS_Store",
        "notes.txt",
        "Copy of homicides_year-1",
        "homicides_year-01",
        "homicides_year-",
    ):
        (home / "facts" / name).write_text("x")
    assert [one.id for one in shelf.additions()] == ["homicides_year-1"]


@pytest.mark.parametrize(
    "identity", ["homicides_year-2", "", "../facts/homicides_year-1", "/", "homicides-1\n"]
)
def test_an_unknown_id_names_the_nearest(home: Path, identity: str) -> None:
    with pytest.raises(FactsError) as error:
        shelf.remove(identity)
    assert error.value.key == "own_none"
    add()
    with pytest.raises(FactsError) as error:
        shelf.remove(identity)
    assert error.value.key == "own_unknown"
    assert "homicides_year-1" in error.value.message("es")
    assert [one.id for one in shelf.additions()] == ["homicides_year-1"]


def test_a_full_disk_leaves_the_old_state(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(1)
    held = shelf.additions()
    for call in ("fsync", "mkdir", "rename"):
        with monkeypatch.context() as patch:

            def full(*_: object, **__: object) -> None:
                raise OSError(28, "No space left on device")

            if call == "fsync":
                patch.setattr(os, "fsync", full)
            else:
                patch.setattr(Path, call, full)
            with pytest.raises(OutputError) as error:
                add(2)
        assert "No space left" in error.value.message("en")
        assert shelf.additions() == held
        assert [path.name for path in (home / "facts").iterdir()] == ["homicides_year-1"]


def test_a_folder_that_cannot_be_written_is_read_all_the_same(home: Path) -> None:
    add()
    (home / "facts").chmod(0o500)
    try:
        try:
            (home / "facts" / "probe").touch()
            pytest.skip("this user may write anywhere")
        except PermissionError:
            pass
        with pytest.raises(OutputError):
            add()
        with pytest.raises(OutputError):
            shelf.remove("homicides_year-1")
        assert (
            Facts().sql("select min(deaths) from homicides_year where municipality = '08037'").item()
            is not None
        )
        assert len(Facts().own) == 1
    finally:
        (home / "facts").chmod(0o700)


def test_a_home_that_is_a_file_is_one_clear_error(home: Path) -> None:
    home.write_text("x")
    with pytest.raises(FactsError) as error:
        Facts()
    assert error.value.key == "own_folder_unreadable"
    with pytest.raises(OutputError):
        add()


ADD = (
    "import sys; from tests.facts.own.made import incoming, year; from merida.facts.own.changes import put\n"
    "rows = [year(f'{at:05}', 2010, at) for at in range(2000)]\n"
    "given = incoming('homicides_year', rows)\n"
    "print('ready', flush=True); sys.stdin.readline()\n"
    "for _ in range(int(sys.argv[1])): print(put(given).id, flush=True)\n"
)


def adding(times: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", ADD, str(times)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def begin(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_two_processes_that_add_at_once_both_do(home: Path) -> None:
    both = [adding(10), adding(10)]
    for process in both:
        begin(process)
    ids = [line for process in both for line in process.communicate(timeout=60)[0].split()]
    assert len(set(ids)) == 20
    assert {one.id for one in shelf.additions()} == set(ids)
    assert Facts().own_rows()[0].rows == 2000


def test_death_at_any_step_leaves_the_old_state(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At each call of the system that writes, the process ends there and clears nothing away."""
    add(1)
    held, steps = shelf.additions(), 0
    while len(shelf.additions()) == 1:
        with monkeypatch.context() as patch:
            left = [steps]
            patch.setattr(shutil, "rmtree", lambda *_, **__: None)
            for owner, call in ((os, "fsync"), (Path, "mkdir"), (Path, "rename"), (Path, "open")):
                patch.setattr(owner, call, dying(getattr(owner, call), left))
            with pytest.raises(SystemExit):
                add(2)
        assert shelf.additions()[:1] == held
        steps += 1
    assert steps > 5
    assert Facts().own[:1] == held


def dying(call: Callable[..., Any], left: list[int]) -> Callable[..., Any]:
    """Return a call of the system that ends the process once it was made so many times."""

    def made(*values: Any, **named: Any) -> Any:
        if left[0] == 0:
            raise SystemExit
        left[0] -= 1
        return call(*values, **named)

    return made


def test_a_kill_leaves_whole_additions(home: Path) -> None:
    for moment in range(4):
        process = adding(1000)
        begin(process)
        time.sleep(0.004 * moment)
        process.send_signal(signal.SIGKILL)
        written = process.communicate()[0].split()
        held = {one.id for one in shelf.additions()}
        assert set(written) <= held  # what was told was done is done
        facts = Facts()
        assert all(facts.own_table(one).height == 2000 for one in facts.own)
    for left in (home / "facts").glob(
        ".*"
    ):  # what a killed process left goes when it has been there for long
        os.utime(left, (0, 0))
    add()
    assert not list((home / "facts").glob(".*"))
