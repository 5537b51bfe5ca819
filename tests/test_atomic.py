"""The writer of files: whole or not at all, several or none, links and devices as the user means them."""

import errno
import json
import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from merida import atomic
from merida.atomic import check_files, check_folder, write_whole
from merida.charts.files import check_charts, write_chart
from merida.errors import OutputError


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_files_are_written_together_and_nothing_is_left_beside_them(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    write_whole({tmp_path / "a": "ñ", tmp_path / "b": b"\x00"})
    assert (tmp_path / "a").read_bytes() == "ñ".encode()
    assert (tmp_path / "b").read_bytes() == b"\x00"
    assert names(tmp_path) == ["a", "b"]


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target = tmp_path / "there/run.json"
    target.write_text("old")
    (tmp_path / "one").symlink_to("there/run.json")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    (tmp_path / "new").symlink_to("there/made.json")
    write_whole({tmp_path / "two": "new", tmp_path / "new": "made"})
    assert (tmp_path / "one").is_symlink()
    assert (tmp_path / "two").is_symlink()
    assert target.read_text() == "new"
    assert (tmp_path / "there/made.json").read_text() == "made"
    (tmp_path / "ring").symlink_to("ring")
    with pytest.raises(OutputError, match="symbolic links"):
        write_whole({tmp_path / "ring": "x"})


def test_permissions_are_kept_or_are_the_users_own(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("old")
    old.chmod(0o640)
    mask = os.umask(0o027)
    try:
        write_whole({old: "x", new: "x"})
    finally:
        os.umask(mask)
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert stat.S_IMODE(new.stat().st_mode) == 0o640  # 0o666 less the mask


def test_devices_and_pipes_are_written_into(tmp_path: Path) -> None:
    check_files(Path("/dev/null"))
    write_whole({Path("/dev/null"): "x"})
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    write_whole({pipe: "through"})
    reader.join()
    assert read == ["through"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_standard_output_is_written_into_also_where_it_is_a_file(tmp_path: Path) -> None:
    code = "from pathlib import Path; from merida.atomic import write_whole; print('a'); "
    code += "write_whole({Path('/dev/stdout'): 'b\\n', Path('/dev/fd/1'): 'c\\n'}); print('d')"
    piped = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert piped.stdout == "a\nb\nc\nd\n"
    with (tmp_path / "out").open("w") as out:
        subprocess.run([sys.executable, "-c", code], check=True, stdout=out)
    assert (tmp_path / "out").read_text() == "a\nb\nc\nd\n"
    assert names(tmp_path) == ["out"]


def test_what_cannot_be_written_is_refused_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "lost").symlink_to("nodir/x")
    for bad in ("nodir/x", "file/x", ".", "lost", "n" * 300, "a\0b"):
        with pytest.raises(OutputError):
            check_files(None, tmp_path / bad)
        with pytest.raises(OutputError):
            write_whole({tmp_path / bad: "x"})
    with pytest.raises(OutputError, match="/proc/x"):
        check_files(Path("/proc/x"))
    for bad in ("file", "file/x"):
        with pytest.raises(OutputError):
            check_folder(tmp_path / bad)
    check_folder(tmp_path / "a/b/c")
    check_files(tmp_path / ("n" * 255))
    write_whole({tmp_path / ("n" * 255): "long"})
    assert names(tmp_path) == ["file", "lost", "n" * 255]


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_failure_leaves_every_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    (tmp_path / "a").write_text("old")
    (tmp_path / "c").write_text("old")
    calls: list[object] = []
    real = Path.replace

    def full(*arguments: object) -> None:
        calls.append(arguments)
        if len(calls) == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if failing == "replace":
            real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(*((os, "fsync") if failing == "fsync" else (Path, "replace")), full)
    with pytest.raises(OutputError, match="No space left") as found:
        write_whole({tmp_path / name: "new" for name in ("a", "b", "c")})
    assert found.value.message("es") != found.value.message("en")
    assert names(tmp_path) == ["a", "c"]
    assert (tmp_path / "a").read_text() == (tmp_path / "c").read_text() == "old"


def test_a_device_without_room_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="/dev/full cannot be written: No space left"):
        write_whole({tmp_path / "a": "x", Path("/dev/full"): "x"})
    assert names(tmp_path) == []


def test_what_a_killed_writer_left_is_removed_and_what_a_living_one_writes_is_not(tmp_path: Path) -> None:
    old, saved, young = (tmp_path / f".merida-{name}.tmp" for name in ("0" * 12, "a" * 12 + ".old", "1" * 12))
    others = [tmp_path / name for name in (".other.tmp", ".merida-notes.tmp", ".merida-.tmp")]
    for path in (old, saved, young, *others):
        path.write_text("half")
    link = tmp_path / f".merida-{'2' * 12}.tmp"
    link.symlink_to("notes")
    hour_ago = time.time() - atomic.STALE_SECONDS - 1
    for path in (old, saved, link, *others):
        os.utime(path, (hour_ago, hour_ago), follow_symlinks=False)
    write_whole({tmp_path / "a": "x"})
    assert names(tmp_path) == sorted([young.name, link.name, *(path.name for path in others), "a"])


def test_a_file_that_may_not_be_written_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text("old")
    (tmp_path / "a").chmod(0o444)
    if os.geteuid() == 0:  # who may write everything
        monkeypatch.setattr(os, "access", lambda path, _: Path(path).name != "a")
    for refused in (lambda: check_files(tmp_path / "a"), lambda: write_whole({tmp_path / "a": "x"})):
        with pytest.raises(OutputError, match="Permission denied"):
            refused()
    assert (tmp_path / "a").read_text() == "old"
    assert names(tmp_path) == ["a"]


def test_owner_and_special_rights_are_kept_or_given_up_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_text("old")
    (tmp_path / "a").chmod(0o2750)
    about = (tmp_path / "a").stat()
    write_whole({tmp_path / "a": "x"})
    kept = (tmp_path / "a").stat()
    assert (kept.st_mode, kept.st_uid, kept.st_gid) == (about.st_mode, about.st_uid, about.st_gid)
    if os.geteuid() == 0:
        os.chown(tmp_path / "a", 1234, 1234)
        write_whole({tmp_path / "a": "y"})
        assert ((tmp_path / "a").stat().st_uid, (tmp_path / "a").stat().st_gid) == (1234, 1234)

    def refused(*_: object) -> None:
        raise PermissionError

    (tmp_path / "a").chmod(0o6755)
    monkeypatch.setattr(os, "chown", refused)
    write_whole({tmp_path / "a": "z"})
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o755


def test_another_name_of_a_file_keeps_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    (tmp_path / "b").hardlink_to(tmp_path / "a")
    write_whole({tmp_path / "a": "new"})
    assert ((tmp_path / "a").read_text(), (tmp_path / "b").read_text()) == ("new", "old")


PAIRS = """
import sys
from pathlib import Path
from merida.atomic import write_whole
folder, number = Path(sys.argv[1]), 0
while True:
    number += 1
    write_whole({folder / name: str(number) * 2000 for name in ("a", "b", "c")})
    if number == 1:
        print("begun", flush=True)
"""


def test_a_writer_killed_at_any_moment_leaves_whole_files(tmp_path: Path) -> None:
    mixed = 0
    for kill in range(12):
        writer = subprocess.Popen([sys.executable, "-c", PAIRS, str(tmp_path)], stdout=subprocess.PIPE)
        with writer:
            assert writer.stdout
            writer.stdout.readline()
            time.sleep(kill * 0.007)
            writer.kill()
        found = {(tmp_path / name).read_text() for name in ("a", "b", "c")}
        assert all(text == text[: len(text) // 2000] * 2000 for text in found)
        mixed += len(found) > 1
        for left in tmp_path.glob(".merida-*"):
            os.utime(left, (0, 0))
    assert mixed < 6  # it writes without a pause: a command writes once, and its renames take microseconds
    write_whole({tmp_path / "a": "x"})
    assert names(tmp_path) == ["a", "b", "c"]


def test_a_chart_is_written_in_the_form_that_its_ending_names(tmp_path: Path) -> None:
    spec = {"data": {"values": [{"x": 1}]}, "mark": "point", "encoding": {"x": {"field": "x"}}}
    for ending, start in ((".svg", b"<svg"), (".PNG", b"\x89PNG"), (".pdf", b"%PDF"), (".json", b"{")):
        write_chart(tmp_path / f"c{ending}", spec)
        assert (tmp_path / f"c{ending}").read_bytes().startswith(start)
    assert json.loads((tmp_path / "c.json").read_text()) == spec
    for bad in ("f.gif", "f", "f.svgz"):
        with pytest.raises(OutputError) as found:
            check_charts(tmp_path / bad)
        assert found.value.key == "chart_suffix"
    assert names(tmp_path) == ["c.PNG", "c.json", "c.pdf", "c.svg"]
