"""Tables in a narrow terminal: no letter is lost, and names stay whole as long as they can."""

import time
from io import StringIO

import pytest
from rich.console import Console

from merida.cli import output
from merida.words import words


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    held = StringIO()
    monkeypatch.setattr(output, "out", Console(file=held, width=80, height=25, highlight=False))
    return held


ROWS = [
    {
        "afirmación": "law_enforcement_bureau",
        "el memorando, en nuestras palabras": "La oficina antinarcóticos administra el dinero de la Iniciativa.",
        "cifra del memorando": "al menos 50 puntos porcentuales *",
        "acervo": "41.5",
        "veredicto": "no se sostiene",
    }
] * 2


def test_no_letter_is_lost_at_eighty_columns(narrow: StringIO) -> None:
    output.print_rows(ROWS, title="Título")
    printed = narrow.getvalue()
    assert max(map(len, printed.splitlines())) <= 80
    # Cells wrap between words, so that what is left without spaces is all of it.
    for row in ROWS:
        for word in " ".join([*row, *row.values()]).split():
            assert word in printed
    assert printed.startswith("Título\n")
    assert "law_enforcement_bureau" in printed


def test_a_table_that_fits_is_not_touched() -> None:
    assert output.kept_whole({"año": ["2007", "2008"], "todos los homicidios": ["150", "202"]}) == {}


def test_the_widest_gives_way_first_and_the_name_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "out", Console(width=69, height=25))
    cells = {"name": ["n" * 25], "words": ["w" * 90], "verdict": ["v" * 18], "short": ["s" * 5]}
    assert output.kept_whole(cells) == {"name": 25, "short": 5}


@pytest.mark.parametrize(("language", "joined"), [("en", "-6.2 to -0.7"), ("es", "-6.2 a -0.7")])
def test_an_interval_with_a_sign_is_joined_by_a_word(language: str, joined: str) -> None:
    assert words(language).interval(-6.2, -0.7, 1) == joined
    assert words(language).interval(27.1, 28.2, 1) == "27.1–28.2"
    assert words(language).number(-0.004, 2) == "0.00"


def test_one_of_a_unit_is_singular() -> None:
    assert words("es").unit("municipalities", "1") == "municipio"
    assert words("es").unit("municipalities", "1,001") == "municipios"
    assert words("en").unit("percent", "1") == "percent"


def test_a_text_with_plural_forms_goes_by_its_count() -> None:
    assert words("en").text("border_delay.more", count=1) == "1 more crossing; see --rows."
    assert words("es").text("border_delay.more", count=12) == "12 cruces más; véase --rows."
    assert words("en").text("units.deaths") == "deaths"


def test_a_name_of_the_record_is_translated_where_it_can_be() -> None:
    assert words("es").named("organisations", "Gulf Cartel") == "Cártel del Golfo"
    assert (
        words("es").named("organisations", "group named after a person 7") == "un grupo con nombre de persona"
    )
    assert words("en").named("organisations", "Los Mexicles") == "Los Mexicles"


def test_what_a_row_holds_is_printed_letter_by_letter(narrow: StringIO) -> None:
    output.print_rows([{"[/]": "[/x]", "[red]": "[red]Tijuana", "c": "\x1b[31mred\r", "d": "a\nb"}])
    printed = narrow.getvalue()
    for text in ("[/]", "[/x]", "[red]", "[red]Tijuana", r"\x1b[31mred\r"):
        assert text in printed
    assert "\x1b" not in printed
    assert output.visible("\u202eabc\udcff\tñ\n") == "\\u202eabc\\udcff\tñ\n"


def test_many_rows_are_printed_in_plain_columns(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"n": number, "name": f"[b]{number}"} for number in range(50_000)]
    start = time.monotonic()
    output.print_rows(rows)
    assert time.monotonic() - start < 5  # a third of a second on a quiet machine; Rich took half a minute
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "    n  name"
    assert lines[1] == "    0  [b]0"
    assert lines[-1] == "49999  [b]49999"
    assert len(lines) == 50_001
