"""The store of finished answers: the same answer again, never trusted, never required."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from merida import cache
from merida.answers import Context, answer, from_command, store
from merida.answers.evidence.gaps import Gaps
from merida.answers.registry import question
from merida.facts import Facts
from merida.progress import Work


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(cache, "folder", lambda: tmp_path)
    monkeypatch.setattr(cache, "said", set())
    monkeypatch.setattr(store, "folder", lambda: tmp_path / "answers")
    return tmp_path


def asked(facts: Facts) -> Any:
    return answer(Gaps(), Context.around(facts))


@pytest.fixture(scope="module")
def computed(facts: Facts) -> Any:
    """What the question gives, computed once: its store is tried here, and not the evidence."""
    return question("evidence.gaps").ask(Gaps(), Context.around(facts), Work())


@pytest.fixture
def kept(facts: Facts, computed: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setitem(question("evidence.gaps").__dict__, "kept", True)
    monkeypatch.setitem(question("evidence.gaps").__dict__, "ask", lambda *_: computed)
    return asked(facts)


def test_a_kept_answer_is_the_same_and_is_not_computed_again(
    kept: Any, facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setitem(kept.question.__dict__, "ask", never)
    again = asked(facts)
    assert again.json() == kept.json()
    assert again.text("es", 80) == kept.text("es", 80)
    listed = answer(from_command("merida cache list")).payload
    assert any(line.command == "merida evidence gaps" for line in listed.kept)
    assert answer(from_command("merida cache clear")).payload.files == 1
    assert answer(from_command("merida cache list")).payload.kept == ()


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"{}", "altered"])
def test_a_damaged_entry_is_computed_again_and_said(
    kept: Any, facts: Facts, place: Path, capsys: pytest.CaptureFixture[str], content: bytes | str
) -> None:
    (entry,) = (place / "answers").iterdir()
    whole = entry.read_bytes()
    entry.write_bytes(whole.replace(b"prisons", b"PRISONS") if isinstance(content, str) else content)
    assert asked(facts).json() == kept.json()
    assert str(entry) in capsys.readouterr().err
    assert entry.read_bytes() == whole


def test_a_cache_that_cannot_be_written_costs_time_alone(
    kept: Any, facts: Facts, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "file").write_text("")
    monkeypatch.setattr(store, "folder", lambda: place / "file" / "answers")
    assert asked(facts).json() == kept.json()


def test_room_is_made_by_what_was_not_used_for_longest(
    kept: Any, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (entry,) = (place / "answers").iterdir()
    monkeypatch.setattr(store, "MOST_BYTES", entry.stat().st_size)
    cache.save_bytes(place / "answers" / "newer", b"x" * 10)
    store.make_room()
    assert not entry.exists()


def test_what_nobody_used_for_long_goes_from_every_cache(
    kept: Any, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store.cache, "folder", lambda: place)
    monkeypatch.setattr(store, "folder", lambda: place / "answers")
    monkeypatch.setattr(cache, "said", set())
    left = place / "runs" / "killed" / "chunk"
    used = place / "charts" / "drawing"
    for path in (left, used):
        cache.save_bytes(path, b"x")
        os.utime(cache.kept(path), (0, 0))  # 1970
    assert cache.load_bytes(used) == b"x"  # which is a use
    store.make_room()
    assert not cache.kept(left).exists()
    assert cache.kept(used).exists()


def test_several_at_once_leave_one_whole_entry(kept: Any, facts: Facts, place: Path) -> None:
    store.clear()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: asked(facts).json(), range(8)))
    assert set(found) == {kept.json()}
    assert len(list((place / "answers").iterdir())) == 1


def test_what_ends_while_it_is_listed_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders of runs come and go while another process makes room."""
    for number in range(40):
        folder = tmp_path / f"run{number}"
        folder.mkdir()
        (folder / "part.kept").write_bytes(b"")
    scan, left = os.scandir, sorted(tmp_path.iterdir())

    def ends(path: Any) -> Any:  # a run is over as soon as its folder was seen
        found = scan(path)
        if Path(path) == tmp_path:
            for folder in left[::2]:
                (folder / "part.kept").unlink()
                folder.rmdir()
        return found

    monkeypatch.setattr(os, "scandir", ends)
    assert len(store.held(tmp_path)) == 20
