"""Whole briefs in all four writings: the same bytes twice, in LibreOffice, and no longer than they may be."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from merida.brief.writing import WRITINGS
from merida.lab import Lab

pytestmark = pytest.mark.end_to_end

EARLY = "2008-06"  # before there was a plan: the smallest brief with most of its charts
READERS = (
    "state:08",
    "municipality:08037",
    "port:250401",
    "pillar:rule_of_law",
    "programme:focused_deterrence",
    "plan:memo",
)
MOST_PAGES = 6
OFFICE = shutil.which("soffice") or shutil.which("libreoffice")


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("brief")
    Lab(EARLY).brief().write(folder, WRITINGS)
    return folder


def test_two_runs_give_the_same_bytes_in_all_four(folder: Path, tmp_path: Path) -> None:
    code = f"from merida.lab import Lab; Lab({EARLY!r}).brief().write({str(tmp_path)!r}, {WRITINGS!r})"
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": "1"}, check=True)
    assert {"brief.en.html", "brief.es.pdf", "brief.en.docx", "brief.es.md"} <= digests(folder).keys()
    assert digests(tmp_path) == digests(folder)


def pages(pdf: Path) -> int:
    """Return how many pages a PDF says that it has: the count of the root of their tree."""
    from tests.document.test_writings import text_of

    return max(
        int(found) for found in re.findall(rb"/Type ?/Pages\b[^>]*?/Count (\d+)", text_of(pdf.read_bytes()))
    )


@pytest.mark.parametrize("reader", READERS)
def test_a_brief_for_one_reader_has_six_pages_at_most(reader: str, tmp_path: Path) -> None:
    written = Lab().brief(for_=reader).write(tmp_path, ("pdf", "html"))
    for path in written:
        assert reader.replace(":", "-") in path.name
        if path.suffix == ".pdf":
            assert pages(path) <= MOST_PAGES


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_word_file_opens_in_libreoffice(folder: Path, tmp_path: Path, language: str) -> None:
    if OFFICE is None:
        if os.environ.get("CI"):
            pytest.fail("LibreOffice is missing; .ci/run installs it")
        pytest.skip("no LibreOffice on this machine (Debian: apt install libreoffice-writer-nogui)")
    home = f"-env:UserInstallation={(tmp_path / 'office').as_uri()}"
    word = folder / f"brief.{language}.docx"
    command = [OFFICE, home, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(word)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    assert (tmp_path / f"brief.{language}.pdf").stat().st_size > 50_000
