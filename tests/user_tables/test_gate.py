"""The gate: what a file may be, what a number may mean, and what the message says of all that cannot be read."""

import doctest
import os
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from merida.errors import BorderError, MeridaError
from merida.user_tables import (
    Choice,
    Column,
    Count,
    Date,
    DecimalSign,
    Month,
    Number,
    Rule,
    Separator,
    Table,
    Text,
    Whole,
    read_cells,
    read_table,
    read_text,
    read_toml,
)
from merida.user_tables.decimals import readings
from merida.words import words

NAME, X = Text("name"), Number("x")


def test_the_examples_are_right() -> None:
    for module in ("", ".columns", ".decimals", ".delimited", ".faults", ".table", ".text"):
        assert doctest.testmod(import_module(f"merida.user_tables{module}")).failed == 0


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "table.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(folder: Path, content: str | bytes, schema: Sequence[Column] = (NAME, X), **options: Any) -> Table:
    table = read_table(written(folder, content), schema, BorderError, **options)
    table.check()
    return table


def faults(
    folder: Path, content: str | bytes, schema: Sequence[Column] = (NAME, X), **options: Any
) -> list[str]:
    """Return the keys of what is wrong, having seen that both languages say it and name the file."""
    with pytest.raises(BorderError) as raised:
        read(folder, content, schema, **options)
    assert raised.value.message("en") != raised.value.message("es")
    assert "table.csv" in raised.value.message("es")
    listed: Any = raised.value.values.get("faults", (raised.value,))
    return [fault.key for fault in listed]


def test_encodings(tmp_path: Path) -> None:
    text = "name,x\nPeñón,0.5\n"
    for content in (
        text.encode(),
        b"\xef\xbb\xbf" + text.encode(),
        text.encode("utf-16"),
        b"\xfe\xff" + text.encode("utf-16-be"),
        text.replace("\n", "\r\n").encode(),
        text.replace("\n", "\r").encode(),
        text.encode() + b" , \n\n,,\n",
    ):
        table = read(tmp_path, content)
        assert (table["name"], table["x"], table.lines, table.notes) == (["Peñón"], [0.5], (2,), [])
    table = read(tmp_path, text.encode("cp1252"))
    assert table["name"] == ["Peñón"]
    assert [note.key for note in table.notes] == ["windows_1252"]
    assert all(note.text(words(language)) for note in table.notes for language in ("en", "es"))


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    mixed = "name,x\nPeñón,1\n".encode() + "Peñón,2\n".encode(
        "cp1252"
    )  # read as cp1252 the first would be PeÃ±Ã³n
    for content, key in (
        (mixed, "table_encoding"),
        (b"name,x\n\x81\x8d,1\n", "table_encoding"),
        (b"\xff\xfen", "table_encoding"),
        ("name,x\na,1\n".encode("utf-16-le"), "table_not_text"),
        (b"PK\x03\x04\x00\x00", "table_not_text"),
        (b"", "table_empty"),
        (b"\n \n", "table_empty"),
        (b"name,x\n", "table_empty"),
    ):
        assert faults(tmp_path, content) == [key]


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, key in (
        (Path("/dev/zero"), "table_device"),
        (Path("/dev/null"), "table_device"),
        (pipe, "table_device"),
        (tmp_path, "table_folder"),
        (tmp_path / "none.csv", "table_unreadable"),
        (Path("a\0b"), "table_unreadable"),
        (Path("n" * 5000), "table_unreadable"),
    ):
        with pytest.raises(BorderError) as raised:
            read_text(path, BorderError)
        assert raised.value.key == key
        assert str(raised.value)


def test_a_pipe_of_the_shell_is_read_up_to_the_limit(tmp_path: Path) -> None:
    for content, limit, refused in ((b"name,x\na,1\n", 100, False), (b"y\n" * 1000, 100, True)):
        out, into = os.pipe()
        os.write(into, content)
        os.close(into)
        path = Path(f"/dev/fd/{out}")
        if refused:
            with pytest.raises(BorderError) as raised:
                read_text(path, BorderError, most_bytes=limit)
            assert raised.value.key == "table_too_large"
        else:
            assert read_text(path, BorderError, most_bytes=limit)[0] == content.decode()
        os.close(out)


def test_sizes_are_bounded(tmp_path: Path) -> None:
    wide = ",".join(f"c{number}" for number in range(1001))
    long = "name,x\n" + "a" * 100_001 + ",1\n"
    assert faults(tmp_path, f"{wide}\n1\n") == ["table_too_wide"]
    assert faults(tmp_path, long) == ["table_long_line"]
    assert faults(tmp_path, "name,x\na,1\na,2\n", most_rows=1) == ["table_too_long"]
    assert faults(tmp_path, f"name,x\n{'a' * 1001},1\n") == ["table_long_cell"]


def test_separators(tmp_path: Path) -> None:
    for sign in ",;\t|":
        table = read(tmp_path, "name,x\na,1\n".replace(",", sign))
        assert (table["name"], table["x"]) == (["a"], [1.0])
    # the sign that gives every line as many cells, where the first line has two
    assert read(tmp_path, "name;x;a,b\nc;1;d\n")["x"] == [1.0]
    assert faults(tmp_path, "name;x,y\na;1,2\n") == ["table_separator"]
    assert read(tmp_path, "name;x,y;x\na;1,2;3\n", separator=Separator.SEMICOLON)["x"] == [3.0]
    assert read(tmp_path, '\ufeff"name","x"\n"a, b","1"\n')["name"] == ["a, b"]


def test_columns(tmp_path: Path) -> None:
    assert read(tmp_path, " NAME , X \na,1\n")["x"] == [1.0]
    assert read(tmp_path, "name,x,,\na,1,,\n")["x"] == [1.0]
    assert read(tmp_path, "label,x\na,1\n", (Text("name", synonyms=("label",)), X))["name"] == ["a"]
    assert "y" not in read(tmp_path, "name,x\na,1\n", (NAME, X, Number("y", optional=True)))
    for header in ("name,x,x", "name,x,X "):
        assert faults(tmp_path, f"{header}\na,1,2\n") == ["table_column_twice"]
    assert faults(tmp_path, "nome,y\na,1\n") == ["table_missing"]
    with pytest.raises(BorderError) as raised:
        read_cells(written(tmp_path, "name,x\na,1\n"), BorderError).column("nane")
    assert raised.value.values["nearest"] == "name"
    with pytest.raises(BorderError) as raised:
        read(tmp_path, "name,x,colour\na,1,2\n").only((NAME, X))
    assert raised.value.key == "table_extra"


def test_lines_and_quotation_marks(tmp_path: Path) -> None:
    table = read(tmp_path, 'name,x\n\n"a\nb",1\n\nc,2\n')
    assert (table["name"], table.lines) == (["a\nb", "c"], (3, 6))
    assert faults(tmp_path, 'name,x\n"a,1\nb,2\n') == ["table_quotes"]
    assert faults(tmp_path, 'name,x\n"a"b,1\n') == ["table_quotes"]
    assert faults(tmp_path, "name,x\na\nb,2,3\nc,1_0\n") == ["table_cells", "table_cells", "table_number"]


def test_a_number_has_two_readings_or_one() -> None:
    point, comma = DecimalSign.POINT, DecimalSign.COMMA
    for cell, means in {
        "12": {point: "12", comma: "12"},
        "-1e-3": {point: "-1e-3", comma: "-1e-3"},
        "13,500": {point: "13500", comma: "13.500"},
        "13.500": {point: "13.500", comma: "13500"},
        "-1,234": {point: "-1234", comma: "-1.234"},
        "1,234,567": {point: "1234567"},
        "1.234.567": {comma: "1234567"},
        "1,234.5": {point: "1234.5"},
        "1.234,5": {comma: "1234.5"},
        "0,5": {comma: "0.5"},
        "13,50": {comma: "13.50"},
        "0.500": {point: "0.500"},
        "1234.567": {point: "1234.567"},
        ",5": {comma: ".5"},
        "1.5e3": {point: "1.5e3"},
    }.items():
        assert readings(cell) == means
    for cell in (
        "1_0", "²", "１２", "0x10", "nan", "inf", "1,23,456", "1 000", "1'000", "--1", "1e", "e5", "", "1.2.3",
        "0,500,000", "٣", "1e99999", "9" * 65, "$5", "12%", "−1",
    ):  # fmt: skip
        assert not readings(cell)


def test_two_readings_are_asked_for(tmp_path: Path) -> None:
    counts = (NAME, Count("a"), Count("b"))
    for text in ("name\ta\tb\nn\t60\t13,500\nm\t30\t5,000\n", "name;a;b\nn;60;13.500\nm;30;5.000\n"):
        assert faults(tmp_path, text, counts) == ["table_two_readings"]
        assert faults(tmp_path, text, counts, asks=False) == ["table_two_readings_plain"]
        thousands = DecimalSign.POINT if "\t" in text else DecimalSign.COMMA
        assert read(tmp_path, text, counts, decimal=thousands)["b"] == [13_500.0, 5_000.0]
        table = read(tmp_path, text, counts, decimal=thousands.other)
        assert table["b"] == [13.5, 5.0]
        assert [note.key for note in table.notes] == ["not_whole"]  # 13.5 is no count, and that is said
    with pytest.raises(BorderError, match=r"Line 2, column b: '13,500' may be 13500 or 13\.500") as raised:
        read(tmp_path, "name\ta\tb\nn\t60\t13,500\n", counts)
    assert "--decimal comma" in raised.value.message("es")
    # a comma between cells says that decimals have a point, but not that 5.000 deaths are five
    for text in ("name,x\na,1.250\n", "name,x\na,1.250\nb,0.5\n"):
        table = read(tmp_path, text)
        assert (table["x"][0], table.notes) == (1.25, [])
    assert faults(tmp_path, "name,a,b\nn,1,5.000\n", counts) == ["table_two_readings"]
    assert faults(tmp_path, 'name,x\nn,"1,250"\n') == ["table_two_readings"]
    assert faults(tmp_path, "name;x\nn;1.250\n") == ["table_two_readings"]


def test_a_file_that_shows_what_it_means_is_not_asked(tmp_path: Path) -> None:
    for other, value, key in (
        ("1,234,567", 13_500.0, "decimal_point"),
        ("0.5", 13_500.0, "decimal_point"),
        ("0,5", 13.5, "decimal_comma"),
        ("13,50", 13.5, "decimal_comma"),
    ):
        table = read(tmp_path, f"name;x\na;13,500\nb;{other}\n")
        assert table["x"][0] == value
        assert [(note.key, note.values["line"]) for note in table.notes] == [(key, 3)]
        assert other in table.notes[0].text(words("es"))
    # whole numbers decide where one reading is not whole: 1.234 years cannot be meant
    whole = (NAME, Whole("x", low=0, high=10_000))
    assert read(tmp_path, "name;x\na;1,234\nb;5,000\n", whole)["x"] == [1234, 5000]
    assert faults(tmp_path, "name;x\na;5,000\n", whole) == ["table_two_readings"]
    # a count that another column's sign would break is asked for all the same
    assert faults(tmp_path, "name;x;n\na;0,5;13,500\n", (NAME, X, Count("n"))) == ["table_two_readings"]
    assert faults(tmp_path, "name;x\na;0.5\nb;0,7\n") == ["table_other_decimal"]


def test_cells(tmp_path: Path) -> None:
    point, day = DecimalSign.POINT, Date("d", first="1990-01-01", last="2049-12-31")
    month, of_year = Month("m", first="1990-01", last="2049-12"), Month("m", first="1990-01", of_year=True)
    hour, mode = Whole("hour", low=0, high=23), Choice("mode", {"cars": "cars", "passenger": "cars"})
    wait = Number("wait", low=0, high=1440, words={"no delay": 0.0})
    for column, cell, value in (
        (hour, "08", 8), (hour, "8.0", 8), (mode, "PASSENGER", "cars"), (wait, "No  Delay", 0.0), (wait, "8.9", 8.9),
        (month, "2024-02", "2024-02"), (of_year, "2", "02"), (of_year, "02", "02"),
        (NAME, "[/x]", "[/x]"), (NAME, "=1+1", "=1+1"),
    ):  # fmt: skip
        assert column.read(cell, point) == value
    assert day.read("2024-02-29", point).isoformat() == "2024-02-29"
    for column, cell, key in (
        (hour, "8.9", "table_whole"), (hour, "24", "table_whole"), (hour, "1e1", "table_whole"),
        (hour, "²", "table_whole"),
        (hour, "9" * 5000, "table_whole"), (hour, "-1", "table_whole"), (mode, "boats", "table_choice"),
        (wait, "1441", "table_range"), (wait, "12%", "table_percent"), (wait, "12 %", "table_percent"),
        (wait, "1_0", "table_number"), (wait, "0x10", "table_number"), (wait, "nan", "table_number"),
        (wait, "inf", "table_number"), (wait, "9" * 5000, "table_number"), (wait, "", "table_number"),
        (X, "1e999", "table_number_size"), (X, "1e-999", "table_number_size"), (X, "-1e400", "table_number_size"),
        (day, "1850-01-01", "table_date"), (day, "2023-02-29", "table_date"), (day, "5/5/2024", "table_date"),
        (day, "20240505", "table_date"), (day, "２０２４-01-01", "table_date"), (day, "2024-05-05T08", "table_date"),
        (month, "2024-13", "table_month"), (month, "1850-01", "table_month"), (month, "5", "table_month"),
        (of_year, "13", "table_month_or_number"), (of_year, "²", "table_month_or_number"),
        (of_year, "0", "table_month_or_number"),
        (NAME, "", "table_empty_cell"),
    ):  # fmt: skip
        with pytest.raises(Rule) as raised:
            column.read(cell, point)
        assert raised.value.key == key, (column, cell)
        where = BorderError("table_where", line=2, column="x")
        assert all(BorderError(key, where=where, **raised.value.values).message(to) for to in ("en", "es"))
    assert X.read("0e-999", point) == 0.0
    holed = read(tmp_path, "name,x\na,NA\nb,1\n", (NAME, Number("x", empty=True)))
    assert holed["x"] == [None, 1.0]
    assert holed.numbers("x")[1] == 1.0


def test_all_faults_come_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    schema = (NAME, X, Whole("hour", low=0, high=23))
    text = "name,x,hour\na,1_0,24\nb,2\n,3,1\nc,4,²\n"
    keys = ["table_number", "table_whole", "table_cells", "table_empty_cell", "table_whole"]
    assert faults(tmp_path, text, schema) == keys
    table = read_table(written(tmp_path, text), schema, BorderError)
    table.refuse((value == 4 for value in table["x"]), "table_range", "x", low=0, high=3)
    with pytest.raises(BorderError) as raised:
        table.check()
    assert raised.value.message("en").splitlines() == [
        f"{tmp_path}/table.csv cannot be used as it stands:",
        "Line 2, column x: found '1_0', expected a number such as 1250 or 0.5, in the digits 0 to 9. Correct the cell.",
        "Line 2, column hour: found '24', expected a whole number from 0 to 23. Correct the cell.",
        "Line 3: 2 cells, where the first line has 3. Check separators and quotation marks.",
        "Line 4, column name: the cell is empty. Fill it, or leave the row out.",
        "Line 5, column hour: found '²', expected a whole number from 0 to 23. Correct the cell.",
        "Line 5, column x: found '4', expected a number from 0 to 3. Correct the cell.",
    ]
    many = "name,x\n" + "a,z\n" * 3000
    assert faults(tmp_path, many) == ["table_number"] * 20 + ["table_more"]
    with pytest.raises(BorderError, match="2,980 more"):
        read(tmp_path, many)


def test_text_of_users_is_never_interpreted(tmp_path: Path) -> None:
    table = read(tmp_path, "name,x\n\x1b[31mred\x1b[0m,0.1\nplain\u202e,0.3\n=cmd(),1\n[/x],2\n{file},3\n")
    assert table["name"] == [r"\x1b[31mred\x1b[0m", r"plain\u202e", "=cmd()", "[/x]", "{file}"]
    assert [(note.key, note.values["count"]) for note in table.notes] == [("control", 2)]
    assert "[/{x}" in str(BorderError("table_choice", where="Line 2", found="[/{x}", known="a"))


def test_twenty_thousand_rows_take_no_time(tmp_path: Path) -> None:
    rows = "".join(
        f"n{number % 40},{number % 100 / 8},2024-05-{number % 28 + 1:02d}\n" for number in range(20_000)
    )
    table = read(tmp_path, "name,x,d\n" + rows, (NAME, X, Date("d")))
    assert (len(table.lines), table.lines[-1], table["x"][-1]) == (20_000, 20_001, 99 / 8)


def test_toml_is_bounded_before_it_is_parsed(tmp_path: Path) -> None:
    many = "[" * 30
    good = f'''a = "{many}{{{{"  # {many}\nb = \'\'\'\n{many}\'\'\'\nc = """\n"\\"{many}"""\n[d.e]\nf = [[1]]\n'''
    tree, text = read_toml(written(tmp_path, good), BorderError)
    assert tree["d"] == {"e": {"f": [[1]]}}
    assert text == good
    for content, key in (
        ("a = 1\nb = " + "[" * 1000 + "]" * 1000, "table_toml_deep"),
        ("a = 1\n" + "x." * 9000 + "x = 1", "table_toml_deep"),
        ("a = " + "9" * 5000, "table_toml_number"),
        ("a = 0x" + "f" * 5000, "table_toml_number"),
        ("a = ", "table_not_toml"),
        ("a = '''", "table_not_toml"),
        ('"' * 100_000, "table_not_toml"),
        ('\\"' * 100_000, "table_not_toml"),
        ("a" * 100_000 + ".", "table_not_toml"),
        ("a = 'ñ'".encode("cp1252"), "table_encoding"),
    ):
        with pytest.raises(MeridaError) as raised:
            read_toml(written(tmp_path, content), BorderError)
        assert raised.value.key == key
        assert str(raised.value)
