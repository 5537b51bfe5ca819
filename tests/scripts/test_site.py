"""The site without building it: what is made of the program's own lists, links, and tutorials alike in both languages."""

import re
from pathlib import Path

import site_reference
from console_blocks import HEAD, commands
from merida.answers.registry import from_command
from merida.facts.schema import tables
from merida.framework import Framework
from merida.models.registry import outcomes

DOCS = Path(__file__).parents[2] / "docs"
PAIRS = {
    "budget": "presupuesto",
    "municipality": "municipio",
    "border": "frontera",
    "research": "investigacion",
}


def test_generated_pages_hold_every_table_programme_and_outcome(tmp_path: Path) -> None:
    site_reference.write_pages(tmp_path)
    text = {path.stem: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert not [name for name in tables() if f"\n## {name}\n" not in text["tables"]]
    assert not [
        name for name in Framework.load("bicentennial").programmes if f"`{name}`" not in text["programmes"]
    ]
    assert not [name for name in outcomes() if f"`{name}`" not in text["outcomes"]]


def test_links_within_the_site_lead_somewhere() -> None:
    generated = {DOCS / f"reference/generated/{name}.md" for name in ("tables", "programmes", "outcomes")}
    for page in DOCS.rglob("*.md"):
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
            place = (page.parent / target).resolve()
            assert target.startswith("http") or place.exists() or place in generated, (page, target)


def test_tutorials_ask_the_same_in_both_languages_and_only_what_there_is() -> None:
    for english, spanish in PAIRS.items():
        pages = [
            (DOCS / place).read_text(encoding="utf-8")
            for place in (f"tutorials/{english}.md", f"es/tutorials/{spanish}.md")
        ]
        asked = [[HEAD.sub("", line) for line, _ in commands(page)] for page in pages]
        assert asked[0] == asked[1]
        for line in asked[0]:
            assert from_command(line).command().startswith("merida ")
        cells = [re.findall(r"```\{code-cell\} ipython3\n(.*?)```", page, re.DOTALL) for page in pages]
        assert [re.sub('"(en|es)"', "", cell) for cell in cells[0]] == [
            re.sub('"(en|es)"', "", cell) for cell in cells[1]
        ]
        assert asked[0] or cells[0]
