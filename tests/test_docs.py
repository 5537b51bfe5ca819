"""What the documents say of the record is what the record is."""

import re
from pathlib import Path

import pytest

from merida.facts import Facts
from merida.facts.checks import checks
from merida.facts.schema import tables

ROOT = Path(__file__).parent.parent


def test_the_counts_are_right() -> None:
    text = (ROOT / "COVERAGE.md").read_text()
    assert re.search(rf"\b{len(tables())} tables", text)
    must_hold = sum(check.kind == "must_hold" for check in checks())
    assert re.search(rf"\b{must_hold} (?:cross-checks|agreements)", text)
    assert re.search(rf"\b{len(checks()) - must_hold} known traps", text)


def test_every_file_that_a_page_names_is_there() -> None:
    named = re.compile(r"`((?:[a-z_]+/)+[\w.]+\.(?:py|toml|npz|csv))`")
    pages = [page for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")) if page.name != "CHANGELOG.md"]
    missing = {
        (page.name, path)
        for page in pages
        for path in named.findall(page.read_text(encoding="utf-8"))
        if not re.search("NAME|ROOM", path)  # stands for any
        and not any((folder / path).exists() for folder in (ROOT, ROOT / "src/merida", page.parent))
    }
    assert not missing


def test_decisions_are_dated_and_a_page_at_most() -> None:
    folder = ROOT / "docs/decisions"
    files = {path.name for path in folder.glob("*.md")} - {"README.md"}
    listed = set(re.findall(r"\]\((\d{4}-\d\d-\d\d-[a-z0-9-]+\.md)\)", (folder / "README.md").read_text()))
    assert files == listed
    assert all(len((folder / name).read_text().splitlines()) <= 60 for name in files)


def test_every_table_stands_in_the_coverage() -> None:
    text = (ROOT / "COVERAGE.md").read_text()
    assert not [name for name in tables() if f"`{name}`" not in text]


def test_the_shares_of_verified_rows_are_right(facts: Facts) -> None:
    text = (ROOT / "COVERAGE.md").read_text()
    unverified, rows = facts.sql(
        "select count(*) filter (status = 'unverified'), count(*) from published_facts"
    ).row(0)
    assert f"{unverified} of {rows} rows are unverified" in text
    sourced, leaders = facts.sql(
        "select count(*) filter (status = 'verified'), count(*) from leaders_removed"
    ).row(0)
    assert f"{sourced} of {leaders} rows have a source" in text


@pytest.mark.parametrize("page", sorted(path.name for path in ROOT.glob("*.md")))
def test_links_between_pages_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)", (ROOT / page).read_text()):
        assert target.startswith("http") or (ROOT / target).exists(), target
