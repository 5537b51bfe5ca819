"""Charts as files: each ending in its true form, the fonts inside, and what a chart says of itself."""

import os
import re
import subprocess
import sys
from base64 import b64decode
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from merida.charts.border import SOURCES, said_period, waits
from merida.charts.border_waits import delay_map, heat_map
from merida.charts.files import SUFFIXES, check_charts, drawn, lone, write_chart
from merida.charts.frame import LETTER, NOTE, TITLE, framed, sources
from merida.charts.maps import CHANGE_COLOURS, CLUSTER_COLOURS, RATE_SCALE
from merida.charts.theme import FONT, SERIES, WEIGHTS, WIDTH, font_file, specification, svg
from merida.errors import OutputError
from merida.facts import Facts
from merida.facts.schema import Text
from merida.words import Words, words

STARTS = {".svg": b"<svg", ".png": b"\x89PNG\r\n\x1a\n", ".pdf": b"%PDF-", ".json": b"{"}
HOURS = pl.DataFrame(
    [
        {"lane": lane, "hour": hour, "mean_minutes": 10.0 + hour, "low_minutes": 5.0, "high_minutes": 60.0}
        for lane in ("general", "ready", "sentri")
        for hour in range(24)
    ]
)
WEEK = pl.DataFrame(
    [
        {"lane": lane, "weekday": day, "hour": hour, "minutes": float(hour + day)}
        for lane in ("general", "ready", "sentri")
        for day in range(7)
        for hour in range(24)
    ]
)
PORTS = pl.DataFrame(
    {
        "name": ["San Ysidro", "Laredo"],
        "longitude": [-117.03, -99.5],
        "latitude": [32.54, 27.5],
        "usd_million": [300.0, 2.0],
        "minutes_each": [45.0, 3.0],
    }
)

both = pytest.mark.parametrize("language", ["en", "es"])


def texts(picture: str) -> list[str]:
    return [re.sub("<[^>]+>", "", text) for text in re.findall(r"<text[^>]*>(.*?)</text>", picture)]


def border(said: Words) -> dict[str, Any]:
    """The charts of waiting, framed as a file holds them."""
    about = {
        "place": said.text("charts.border"), "period": said_period("2024-03", said), "crossing": "San Ysidro",
        "mode": said.text("border.modes.cars"), "day": said.text("border_delay.every_day"), "replications": 200,
        "modes": said.text("border.modes.cars"),
    }  # fmt: skip
    charts = {
        "waits": (waits(HOURS, said), None),
        "waits_expected": (waits(HOURS, said), None),
        "heat": (heat_map(WEEK, said), None),
        "delay_map": delay_map(PORTS, Facts().sql("select geometry from map_states"), said),
    }
    source = sources(SOURCES, said)
    return {name: framed(specification(*made), name, said, source, about) for name, made in charts.items()}


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    return framed(specification(waits(HOURS, words("es"))), "heat", words("es"), "CBP",
                  {"crossing": "El Paso", "mode": "automóviles", "period": "2024"})  # fmt: skip


def test_every_ending_holds_what_it_names(tmp_path: Path, spec: dict[str, Any]) -> None:
    assert set(STARTS) == set(SUFFIXES)
    for ending, start in STARTS.items():
        for name in (f"a{ending}", f"b{ending.upper()}"):
            write_chart(tmp_path / name, spec)
            assert (tmp_path / name).read_bytes().startswith(start)


@pytest.mark.parametrize("name", ["f.gif", "f", "f.svgz", "f.jpeg", "svg", ".pdf", "f.pdf.txt"])
def test_another_ending_is_refused_and_the_endings_are_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError) as found:
        check_charts(tmp_path / name)
    assert found.value.key == "chart_suffix"
    for ending in SUFFIXES:
        assert ending in str(found.value)
    with pytest.raises(OutputError):
        write_chart(tmp_path / name, {})
    assert not list(tmp_path.iterdir())


def test_an_svg_holds_every_font_in_which_it_writes(spec: dict[str, Any]) -> None:
    whole = drawn(Path("a.svg"), spec)
    assert isinstance(whole, str)
    embedded = dict(re.findall(r"font-weight:(\d+);src:url\(data:font/woff2;base64,([^)]+)\)", whole))
    for name, weight in WEIGHTS.items():
        file = b64decode(embedded[str(weight)])
        assert file == font_file(name, "woff2")
        assert file[:8] == b"wOF2\x00\x01\x00\x00"  # TrueType outlines within
    used = {int(of) for of in re.findall(r'font-weight="(\d+)"', whole)}
    assert used <= set(map(int, embedded)) == set(WEIGHTS.values())
    assert len(re.findall(f'font-family="{FONT}, sans-serif"', whole)) == len(re.findall("<text", whole))
    assert texts(whole) == texts(svg(spec))


def test_a_page_of_charts_gets_its_fonts_once(spec: dict[str, Any]) -> None:
    assert "@font-face" not in svg(spec)
    assert lone(svg(spec)).count("@font-face") == len(WEIGHTS)


def test_a_pdf_embeds_its_fonts_and_is_the_same_each_time(spec: dict[str, Any]) -> None:
    file = drawn(Path("a.pdf"), spec)
    assert isinstance(file, bytes)
    assert {name.decode() for name in re.findall(rb"/BaseFont\s*/\w+\+([\w-]+)", file)} == {
        "PublicSans-Regular",
        "PublicSans-SemiBold",
    }
    assert file.count(b"/FontFile") == len(WEIGHTS)
    assert drawn(Path("a.pdf"), spec) == file


def test_a_pdf_made_of_a_kept_drawing_embeds_its_fonts_too(spec: dict[str, Any], tmp_path: Path) -> None:
    write_chart(tmp_path / "a.json", spec)
    code = (
        "import json, sys; from pathlib import Path; from merida.charts.files import drawn;"
        "sys.stdout.buffer.write(drawn(Path('a.pdf'), json.loads(Path(sys.argv[1]).read_text())))"
    )
    line = [sys.executable, "-c", code, str(tmp_path / "a.json")]
    env = os.environ | {"XDG_CACHE_HOME": str(tmp_path)}
    drawn_first, kept = (
        subprocess.run(line, capture_output=True, check=True, env=env).stdout for _ in range(2)
    )
    assert kept == drawn_first
    assert kept.count(b"/FontFile") == len(WEIGHTS)


@both
def test_a_border_chart_says_place_mode_period_unit_interval_and_source(language: str) -> None:
    said, other = words(language), words("es" if language == "en" else "en")
    for name, made in border(said).items():
        shown = texts(svg(made))
        whole = " ".join(shown)
        assert said.month("2024-03") in whole
        assert said.text("charts.border") in whole
        assert said.text("border.modes.cars") in whole
        assert "CBP" in whole
        assert ("min" in whole) or said.text(f"charts.{name}.minutes") in whole
        for key in ("charts.border", "border.modes.cars"):
            assert other.text(key) not in whole
        if name != "delay_map":
            assert "San Ysidro" in shown[0] or "San Ysidro" in whole
        if name.startswith("waits"):
            assert re.search(r"Band: |Banda: ", whole)
            assert re.search(r"(80|90) %", whole)


@both
def test_no_word_of_a_border_chart_is_cut(language: str) -> None:
    for made in border(words(language)).values():
        assert "…" not in " ".join(texts(svg(made)))


@both
def test_a_long_title_and_source_go_on_in_another_line(language: str) -> None:
    said = words(language)
    values = {"crossing": "Puente " * 30, "mode": "x", "period": "2024"}
    title = framed({}, "heat", said, "CBP, " * 90 + "BTS", values)["title"]
    assert " ".join(title["text"]).count("Puente") == 30
    assert len(title["text"]) > 1
    assert max(map(len, title["text"])) * LETTER * TITLE <= WIDTH + TITLE
    assert max(map(len, title["subtitle"])) * LETTER * NOTE <= WIDTH + NOTE
    assert "BTS" in title["subtitle"][-1]


def test_place_and_period_are_said_where_the_title_does_not() -> None:
    said = words("es")
    assert framed({}, "spread", said, "INEGI", {"first": 1990, "last": 2021})["title"]["subtitle"][0] == (
        "México, 1990 a 2021."
    )
    change = {"place": Text(en="Mexico", es="México"), "first": 2018, "last": 2021}
    made = framed({}, "monitor_change", said, "INEGI", change)["title"]
    assert made["text"][0].startswith("México: ")
    assert made["subtitle"][0] == said.text("charts.monitor_change.caption")
    assert framed({}, "effects", said, "x", {"place": "", "name": "y"})["title"]["subtitle"][-1].startswith(
        "Fuente: x;"
    )


def test_a_source_names_each_institution_once_and_no_table_of_places() -> None:
    for language in ("en", "es"):
        found = sources(["border_waits", "port_lanes", "border_waits", "states"], words(language))
        assert found.count("(CBP)") == 1
        assert found.count("; ") == 1
    assert sources(["states"], words("en")) == ""


def lightness(colour: str) -> float:
    """Relative luminance of a colour, from 0 to 255 (BT.709 weights)."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    "colours", [SERIES, RATE_SCALE, tuple(CHANGE_COLOURS.values()), tuple(CLUSTER_COLOURS.values())]
)
def test_areas_of_one_chart_differ_in_grey(colours: tuple[str, ...]) -> None:
    greys = sorted(map(lightness, colours))
    assert min(b - a for a, b in pairwise(greys)) > 14  # of 255
