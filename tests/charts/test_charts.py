"""Every chart draws in both languages, with its unit, without a word of the other language."""

import re

import pytest

from merida.charts.theme import WEIGHTS, font_file
from merida.document.blocks import Document, Picture
from merida.document.narrow import WIDTH
from merida.words import words


@pytest.fixture(scope="module")
def pictures(document: Document) -> dict[str, Picture]:
    return {
        block.name: block
        for section in document.sections
        for block in section.blocks
        if isinstance(block, Picture)
    }


MONITOR = ["monitor_series", "monitor_change", "monitor_clusters", "lorenz", "onset", "monitor_rates"]
MAPS = {"map", "monitor_change", "monitor_clusters"}
NAMES = ["national", "states", "map", "spread", "concentration", "other_crimes", "dark_figure", "reform", "leaders",
         "appropriations", "stages", "crossings", "forecast_since", "forecast_states_since", "missing",
         *MONITOR]  # fmt: skip


def test_these_are_all_the_charts(pictures: dict[str, Picture]) -> None:
    assert sorted(pictures) == sorted(NAMES)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", NAMES)
def test_a_chart_draws(pictures: dict[str, Picture], name: str, language: str) -> None:
    both = pictures[name].draw(words(language))
    drawn = both.wide
    if name in MAPS:
        assert isinstance(drawn, bytes)
        assert drawn.startswith(b"\x89PNG")
        assert len(drawn) > 100_000
        assert len(both.legend) > 2
        return
    assert isinstance(drawn, str)
    assert float(re.findall(r'viewBox="0 0 ([\d.]+) ', both.narrow)[0]) <= WIDTH + 8
    texts = [re.sub("<[^>]+>", "", text) for text in re.findall(r"<text[^>]*>(.*?)</text>", drawn)]
    assert texts
    assert not {"undefined", "null", "NaN"} & set(texts)
    assert "…" not in " ".join(texts)
    assert set(re.findall(r'font-weight="(\w+)"', drawn)) <= {"normal", *map(str, WEIGHTS.values())}
    unit = f"charts.{name}.unit"
    if words(language).has(unit):
        assert words(language).text(unit) in texts
    other = words("es" if language == "en" else "en")
    mine = {
        words(language).texts[key] for key in other.texts if key.startswith(("charts.", "modes.", "crimes."))
    }
    foreign = {
        text
        for key, text in other.texts.items()
        if key.startswith(("charts.", "modes.", "crimes.", "accounts."))
    } - mine
    assert not foreign & set(texts) - {"FMF", "ESF", "INCLE", "México"}  # a state


def test_the_fonts_are_bundled() -> None:
    for weight in ("Regular", "SemiBold", "ExtraBold"):
        assert font_file(weight)[:4] == b"\x00\x01\x00\x00"
