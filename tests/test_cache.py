"""The cache: what is not as it was written is computed again and said once; what cannot be written costs time alone."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from merida import cache, numerics
from merida.border.crossings.sites import every_site
from merida.facts import Facts


@pytest.fixture(autouse=True)
def untold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "said", set())


def test_the_folder_is_where_it_was(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.folder() == tmp_path / "merida"
    if sys.platform == "linux":
        monkeypatch.setenv("XDG_CACHE_HOME", "")
        monkeypatch.setenv("HOME", str(tmp_path))
        assert cache.folder() == tmp_path / ".cache/merida"


def test_arrays_come_back_to_the_bit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arrays = {
        "state|a/b": np.array([[np.nan, -0.0], [1e-310, 3.0]]),
        "places": np.arange(3, dtype=np.float32),
        "ports": np.array(["2402", "Nogales"]),
        "none": np.zeros((0, 4)),
    }
    cache.save(tmp_path / "new/key", arrays)
    found = cache.load(tmp_path / "new/key")
    assert found is not None
    assert {name: (value.dtype, value.shape, value.tobytes()) for name, value in found.items()} == {
        name: (value.dtype, value.shape, value.tobytes()) for name, value in arrays.items()
    }
    assert cache.load(tmp_path / "other") is None
    with pytest.raises(ValueError, match="Object arrays"):
        cache.save(tmp_path / "object", {"x": np.array([object()])})
    assert capsys.readouterr().err == ""


def test_every_way_of_spoiling_a_file_is_seen_and_said_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, file = tmp_path / "key", cache.kept(tmp_path / "key")
    good = {"x": np.arange(40.0)}
    cache.save(path, good)
    whole = file.read_bytes()
    pickled = cache.checksum(tmp_path / "other", b"x") + whole[cache.HEADER :]
    cache.save(tmp_path / "other", good)
    renamed = cache.kept(tmp_path / "other").read_bytes()
    cut = [whole[:length] for length in (0, 1, cache.HEADER, cache.HEADER + 1, len(whole) - 1)]
    altered = [
        whole[:at] + bytes([byte ^ 1]) + whole[at + 1 :] for at, byte in enumerate(whole) if at % 7 == 0
    ]
    random = np.random.default_rng(0).bytes(5000)
    for bad in (*cut, *altered, random, pickled, renamed, whole + b"\0", whole[cache.HEADER :]):
        file.write_bytes(bad)
        assert cache.load(path) is None
        cache.save(path, good)
        assert file.read_bytes() == whole
    errors = capsys.readouterr().err
    assert errors.count("Not as it was written") == 1
    assert str(file) in errors


def test_folders_links_and_pipes_in_place_of_files(tmp_path: Path) -> None:
    for name, make in (
        ("folder", lambda path: path.mkdir()),
        ("link", lambda path: path.symlink_to(tmp_path / "nowhere/x")),
        ("ring", lambda path: path.symlink_to(path)),
        ("pipe", os.mkfifo),
    ):
        make(cache.kept(tmp_path / name))
        assert cache.load(tmp_path / name) is None


@pytest.mark.parametrize("place", ["/proc/nowhere/run", "/dev/null/run"])
def test_a_folder_that_cannot_be_written_costs_time_alone(
    place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with cache.claimed(Path(place)) as folder:
        assert folder is None
    for _ in range(2):
        cache.save(Path(place) / "key", {"x": np.zeros(2)})
        assert cache.load(Path(place) / "key") is None
    assert capsys.readouterr().err.count("cannot be written") == 1


def test_two_processes_at_one_run_do_not_meet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = tmp_path / "run"
    code = f"from merida import cache; from pathlib import Path\nwith cache.claimed(Path({str(run)!r})) as p: print(p)"
    with cache.claimed(run) as mine:
        assert mine == run
        cache.save(run / "000000", {"x": np.zeros(2)})
        other = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
        assert other.stdout == "None\n"
        assert "Another process" in other.stderr
        assert cache.load(run / "000000") is not None
    assert not run.exists()
    stopped = cache.claimed(run)
    stopped.__enter__()
    cache.save(run / "000000", {"x": np.zeros(2)})
    assert not stopped.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    (run / ".merida-1.tmp").write_text("half")
    (run / "mine.txt").write_text("the user's")
    with cache.claimed(run) as again:
        assert again is not None
        assert cache.load(again / "000000") is not None
    assert [path.name for path in run.iterdir()] == ["mine.txt"]
    assert capsys.readouterr().err == ""


COMPILED = """
import merida.numerics, jax, sys
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
print(float(jax.jit(lambda x: x * 3 + 1)(2.0)))
"""


def test_compiled_programs_are_checked_before_they_run(tmp_path: Path) -> None:
    def run(home: Path) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "XDG_CACHE_HOME": str(home), "JAX_ENABLE_COMPILATION_CACHE": "1"}
        return subprocess.run(
            [sys.executable, "-c", COMPILED], check=True, capture_output=True, text=True, env=environment
        )

    first = run(tmp_path)
    files = sorted((tmp_path / "merida/jax").iterdir())
    assert first.stdout == "7.0\n"
    assert first.stderr == ""
    assert files
    whole = {file: file.read_bytes() for file in files}
    stamps = {file: file.stat().st_ino for file in files}
    assert run(tmp_path).stdout == "7.0\n"
    assert {file: file.stat().st_ino for file in files} == stamps  # read, not written anew
    for file in files:
        file.write_bytes(b"")
    spoiled = run(tmp_path)
    assert spoiled.stdout == "7.0\n"
    assert spoiled.stderr.count("\n") == 1
    assert "Not as it was written" in spoiled.stderr
    assert all(len(file.read_bytes()) > cache.HEADER for file in whole)
    elsewhere = run(Path("/dev/null"))
    assert elsewhere.stdout == "7.0\n"
    assert elsewhere.stderr.count("\n") == 1


def test_jax_asks_our_cache() -> None:
    made, _ = numerics.compilation_cache.get_file_cache("/x")
    assert isinstance(made, numerics.CheckedCache)


def test_records_that_hold_the_same_share_what_is_kept_of_them() -> None:
    first, second, other = Facts("2012-12"), Facts("2012-12"), Facts("2011-12")
    assert first is not second
    assert first == second
    assert hash(first) == hash(second)
    assert first != other
    assert first != "2012-12"
    assert every_site(first) is every_site(second)
    assert every_site(first) is not every_site(other)
