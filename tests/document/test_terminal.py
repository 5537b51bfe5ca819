"""Blocks in a terminal: everything fits, and no word or interval is broken."""

from __future__ import annotations

import pytest

from merida.document.blocks import Column, Sentence, Table, Verbatim
from merida.document.markdown import render as markdown
from merida.document.terminal import render
from merida.document.values import written
from merida.statistics import Interval
from merida.words import words

NAMES = ("Bridge of the Americas, pedestrians", "San Ysidro, cars", "[bold]x[/bold] [/x]", "Ciudad Juárez")
WIDE = Table(
    (Column(Verbatim("crossing")), *(Column(Verbatim(f"million hours {at}"), decimals=1) for at in range(7))),
    tuple((name, *(Interval(1.25 + at, 10.0 + at, 1234.5) for at in range(7))) for name in NAMES),
)


@pytest.mark.parametrize("width", [20, 40, 60, 80, 140, 400])
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_table_fits_and_breaks_no_word(width: int, language: str) -> None:
    text = render([WIDE], words(language), width)
    longest = max(len(word) for word in text.split())
    assert max(map(len, text.splitlines())) <= max(width, longest + 30 if width < 40 else width)
    for name in NAMES:
        for word in name.split():
            assert word in text
    for at in range(7):
        shown = f"{10 + at:.1f} ({1.25 + at:.1f}–1,234.5)"
        assert sum(shown in line for line in text.splitlines()) == len(NAMES)


def test_numbers_stand_to_the_right_and_an_equal_interval_is_left_out() -> None:
    table = Table(
        (Column(Verbatim("a")), Column(Verbatim("b"), decimals=0)),
        (("x", Interval(5.0, 5.0, 5.0)), ("longer", 12000.0), ("y", None)),
    )
    assert render([table], words("en"), 80).splitlines() == [
        "a            b",
        "──────  ──────",
        "x            5",
        "longer  12,000",
        "y            –",
    ]


def test_what_was_typed_is_not_markup() -> None:
    table = Table((Column(Verbatim("[red]|x|")),), (("[/x] *a* `b` \x1b[31m <i>",),))
    assert "[/x] *a* `b` \\x1b[31m <i>" in render([table], words("en"), 80)
    shown = markdown([table], words("en"))
    assert "\\[red\\]\\|x\\|" in shown
    assert "\\<i\\>" in shown


def test_an_interval_below_nought_is_said_with_a_word() -> None:
    assert written(Interval(-6.2, -1.0, -0.7), words("en"), 1).replace("\u00a0", " ") == "-1.0 (-6.2 to -0.7)"
    assert written(Sentence("common.yes"), words("es")) == "sí"


def test_what_was_typed_is_shown_sign_by_sign_and_many_rows_are_lines() -> None:
    assert render([Verbatim("\u202eabc\tñ\x1b")], words("en"), 80) == "\\u202eabc\tñ\\x1b"
    rows = tuple((number, f"[b]{number}") for number in range(50_000))
    lines = render(
        [Table((Column(Verbatim("n")), Column(Verbatim("name"))), rows)], words("en"), 80
    ).splitlines()
    assert len(lines) == 50_002
    assert lines[-1] == "49999  [b]49999"
