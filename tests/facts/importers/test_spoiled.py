"""Own tables as people write them: what has one reading is understood, all else is refused with its line and column."""

from typing import Any

import pytest

from tests.facts.importers.reader import Reader, notes

MONTH = "municipality,month,basis,deaths\n"
YEAR = "municipality,year,basis,deaths\n"
VICTIMS = "state,month,crime,victims\n"
FUNDS = "state;year;fasp_mxn_million;fortamun_mxn_million;ramo33_total_mxn_million\n"
ONE = [("08037", "2024-01", "registration", 12)]

UNDERSTOOD: dict[str, tuple[str | bytes, str, list[tuple[Any, ...]], str]] = {
    "plain": (MONTH + "08037,2024-01,registration,12\n", "homicides_month", ONE, ""),
    "semicolons": (MONTH.replace(",", ";") + "08037;2024-01;registration;12\n", "homicides_month", ONE, ""),
    "tabs": (MONTH.replace(",", "\t") + "08037\t2024-01\tregistration\t12\n", "homicides_month", ONE, ""),
    "a mark before UTF-8": (
        ("\ufeff" + MONTH + "08037,2024-01,registration,12\n").encode(), "homicides_month", ONE, ""
    ),
    "UTF-16": (
        (MONTH + "08037,2024-01,registration,12\n").encode("utf-16"), "homicides_month", ONE, ""
    ),
    "UTF-16 without its mark": (
        (MONTH + "08037,2024-01,registration,12\n").encode("utf-16-le"), "homicides_month", ONE, "utf_16"
    ),
    "UTF-16 the other way round": (
        (MONTH + "08037,2024-01,registration,12\n").encode("utf-16-be"), "homicides_month", ONE, "utf_16"
    ),
    "Windows-1252": (
        (MONTH + "Juárez, Chihuahua,2024-01,registration,12\n").replace("Juárez, Chihuahua", '"Juárez, Chihuahua"')
        .encode("cp1252"), "homicides_month", ONE, "windows_1252",
    ),
    "carriage returns": (MONTH.strip() + "\r\n08037,2024-01,registration,12\r\n", "homicides_month", ONE, ""),
    "a code that lost its zero": (MONTH + "8037,2024-01,registration,12\n", "homicides_month", ONE, "zeros_restored"),
    "a code that became a number": (
        MONTH + "8037.0,2024-01,registration,12.0\n", "homicides_month", ONE, "zeros_restored"
    ),
    "a name with its state": (
        MONTH + '"Juarez, chihuahua",2024-01,registration,12\n', "homicides_month", ONE, "names_to_codes"
    ),
    "the state in a column of its own": (
        "Municipio,Entidad,Mes,Base,Defunciones\nJUÁREZ,Chihuahua,2024-01,registro,12\n",
        "homicides_month", ONE, "names_to_codes",
    ),
    "a state by its code beside the name": (
        "Municipio,Cve_Ent,Mes,Base,Defunciones\nJuárez,8,2024-01,registro,12\n", "homicides_month", ONE, "",
    ),
    "months in words": (
        MONTH + "08037,ene 2024,registration,12\n", "homicides_month", ONE, "months_understood"
    ),
    "months in long words": (
        MONTH + "08037,Enero de 2024,registration,12\n", "homicides_month", ONE, "months_understood"
    ),
    "months without a sign": (
        MONTH + "08037,202401,registration,12\n", "homicides_month", ONE, "months_understood"
    ),
    "months before the year": (
        MONTH + "08037,01/2024,registration,12\n", "homicides_month", ONE, "months_understood"
    ),
    "a serial number of Excel": (
        MONTH + "08037,45292,registration,12\n", "homicides_month", ONE, "months_understood"
    ),
    "a date and time": (
        MONTH + "08037,2024-01-31 00:00:00,registration,12\n", "homicides_month", ONE, "months_understood"
    ),
    "a day that can only be a day": (
        MONTH + "08037,31/01/2024,registration,12\n", "homicides_month", ONE, "months_understood"
    ),
    "thousands by a comma": (
        MONTH + '08037,2024-01,registration,"1,234"\n',
        "homicides_month", [("08037", "2024-01", "registration", 1234)], "thousands_understood",
    ),
    "thousands by a space": (
        MONTH + "08037,2024-01,registration,1 234\n",
        "homicides_month", [("08037", "2024-01", "registration", 1234)], "",
    ),
    "signs within a code": (MONTH + "'08-037,2024-01,registration,12\n", "homicides_month", ONE, ""),
    "a city by its usual name": (
        MONTH + "Cd. Juárez,2024-01,registration,12\n", "homicides_month", ONE, "names_to_codes"
    ),
    "letters read as Windows-1252": (
        (MONTH + '"Juárez, Chihuahua",2024-01,registration,12\n').encode().decode("cp1252"), "homicides_month", ONE, ""
    ),
    "a line for Excel above": (
        "sep=;\n" + MONTH.replace(",", ";") + "8037;2024-01;registro;12\n", "homicides_month", ONE, ""
    ),
    "a total below": (
        MONTH + "08037,2024-01,registration,12\nTotal,,,12\n", "homicides_month", ONE, "totals_left_out"
    ),
    "a source below": (
        MONTH + "08037,2024-01,registration,12\nFuente: Secretaría,,,\n", "homicides_month", ONE, "notes_left_out"
    ),
    "blank lines": (
        MONTH + "\n,,,\n08037,2024-01,registration,12\n\n", "homicides_month", ONE, ""
    ),
    "a title above": (
        "Homicidios del estado,,,\n,,,\n" + MONTH + "08037,2024-01,registration,12\n", "homicides_month", ONE, ""
    ),
    "names of columns again in the middle": (
        MONTH + "08037,2024-01,registration,12\n" + MONTH, "homicides_month", ONE, "heads_left_out"
    ),
    "the same row twice": (
        MONTH + "08037,2024-01,registration,12\n" * 2, "homicides_month", ONE, "identical_merged"
    ),
    "the example of the template": (
        MONTH + ",".join(f"ejemplo/example: {cell}" for cell in ("08037", "2024-01", "registration", "1"))
        + "\n08037,2024-01,registration,12\n", "homicides_month", ONE, "examples_left_out",
    ),
    "a column that nobody knows": (
        "municipality,month,basis,deaths,responsable\n08037,2024-01,registration,12,Ana\n",
        "homicides_month", ONE, "columns_not_read",
    ),
    "columns in Spanish": (
        "CLAVE_MUNICIPIO,Año,Base,Homicidios\n8037,2024,Registro,1200\n",
        "homicides_year", [("08037", 2024, "registration", 1200)], "",
    ),
    "other municipalities of a state": (
        "municipio,entidad,año,base,defunciones\nOtros municipios,Chihuahua,2024,registro,3\n"
        "No especificado,08,2024,registro,4\n",
        "homicides_year", [("08998", 2024, "registration", 3), ("08999", 2024, "registration", 4)], "",
    ),
    "Distrito Federal and other old names": (
        VICTIMS + "Distrito Federal,2024-01,Homicidio doloso,5\nMichoacán de Ocampo,2024-01,Secuestro,1\n"
        "México,2024-01,femicide,2\n5,2024-01,Extorsion,0\nVeracruz de Ignacio de la Llave,2024-01,Rapto,0\n",
        "crime_victims",
        [
            ("09", "2024-01", "intentional_homicide", 5), ("16", "2024-01", "kidnapping", 1),
            ("15", "2024-01", "femicide", 2), ("05", "2024-01", "extortion", 0),
            ("30", "2024-01", "abduction", 0),
        ],
        "names_to_codes",
    ),
    "decimal commas": (
        FUNDS + "08;2015;1.234,5;0,25;2\n", "state_security_funds", [("08", 2015, 1234.5, 0.25, 2.0)],
        "decimal_commas",
    ),
    "a port by its name": (
        "port,month,measure,crossings,flag\nSan Ysidro,2025-05,Pedestrians,\"612,345\",\n",
        "border_crossings", [("2504", "2025-05", "pedestrians", 612_345, None)], "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", UNDERSTOOD)
def test_what_has_one_reading_is_understood(case: str, reader: Reader) -> None:
    content, table, expected, note = UNDERSTOOD[case]
    incoming = reader.read(content)
    assert incoming.table.name == table
    assert incoming.rows.drop("available_from").rows() == expected
    assert set(incoming.rows["available_from"]) == {"2026-11"}
    said = notes(incoming)
    assert not note or note in said, said
    assert incoming.recognised is None
    assert incoming.skipped == 0


GOOD = "08037,2024-02,registration,1\n"
REFUSED: dict[str, tuple[str | bytes, list[tuple[int, str, str]]]] = {
    "a municipality that is none": (
        MONTH + "08999999,2024-01,registration,1\n",
        [(2, "municipality", "import_municipality")],
    ),
    "a code that no municipality has": (
        MONTH + "08500,2024-01,registration,1\n",
        [(2, "municipality", "import_municipality")],
    ),
    "a code too short": (MONTH + "37,2024-01,registration,1\n", [(2, "municipality", "import_short_code")]),
    "a name of several": (
        MONTH + "Benito Juárez,2024-01,registration,1\n",
        [(2, "municipality", "import_several")],
    ),
    "others without their state": (
        MONTH + "Otros municipios,2024-01,registration,1\n",
        [(2, "municipality", "import_other_of_which")],
    ),
    "a month that is none": (MONTH + "08037,2024-13,registration,1\n", [(2, "month", "table_month")]),
    "a day with two readings": (
        MONTH + "08037,02/03/2024,registration,1\n",
        [(2, "month", "import_month_two")],
    ),
    "a month to come": (MONTH + "08037,2027-01,registration,1\n", [(2, "month", "import_future")]),
    "a year in the place of a month": (MONTH + "08037,2024,registration,1\n", [(2, "month", "table_month")]),
    "a word for a number": (MONTH + "08037,2024-01,registration,doce\n", [(2, "deaths", "table_whole")]),
    "a negative count": (MONTH + "08037,2024-01,registration,-1\n", [(2, "deaths", "table_whole")]),
    "half a death": (MONTH + "08037,2024-01,registration,1.5\n", [(2, "deaths", "table_whole")]),
    "an empty count": (MONTH + "08037,2024-01,registration,\n", [(2, "deaths", "table_whole")]),
    "a value that the column does not have": (
        MONTH + "08037,2024-01,ambas,1\n",
        [(2, "basis", "table_choice")],
    ),
    "a line with a cell too few": (MONTH + GOOD + "08037,2024-01,registration\n", [(3, "", "table_cells")]),
    "a line with a cell too many": (
        MONTH + GOOD + "08037,2024-01,registration,1,234\n",
        [(3, "", "table_cells")],
    ),
    "two counts of one key": (MONTH + GOOD + "8037,2024-02,registro,2\n", [(3, "deaths", "import_conflict")]),
    "every fault at once": (
        MONTH + "Xyz,2024-01,registration,1\n" + GOOD + "08037,enero,registration,x\n",
        [
            (2, "municipality", "import_municipality"),
            (4, "month", "table_month"),
            (4, "deaths", "table_whole"),
        ],
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_has_none_or_two_is_refused_by_line_and_column(case: str, reader: Reader) -> None:
    content, expected = REFUSED[case]
    assert reader.faults(content) == expected


WHOLE_FILES: dict[str, tuple[str | bytes, str]] = {
    "no row": (MONTH, "table_empty"),
    "nothing": ("", "table_empty"),
    "a column twice": (
        "municipality,month,basis,deaths,deaths\n08037,2024-01,registration,1,1\n",
        "table_column_twice",
    ),
    "columns of no table": ("a,b\n1,2\n", "import_which_table"),
    "a quotation mark without its partner": (MONTH + '08037,2024-01,"registration,1\n', "table_quotes"),
    "two encodings": (
        MONTH.encode() + "Juárez".encode() + "Juárez,2024-01,registration,1\n".encode("cp1252"),
        "table_encoding",
    ),
    "zero bytes": (MONTH.encode() + b"08037\0,2024-01,registration,1\n", "table_not_text"),
}


@pytest.mark.parametrize("case", WHOLE_FILES)
def test_a_file_that_is_no_table_is_refused_in_one_line(case: str, reader: Reader) -> None:
    content, key = WHOLE_FILES[case]
    error = reader.refused(content)
    assert error.key == key
    assert "\n" not in error.message("es")


def test_a_missing_column_is_named(reader: Reader) -> None:
    error = reader.refused("municipality,month,deaths\n08037,2024-01,1\n", table="homicides_month")
    assert (error.key, error.values["missing"]) == ("table_missing", "basis")


def test_a_number_with_two_readings_is_asked_for(reader: Reader) -> None:
    content = FUNDS.replace(";", ",") + '08,2015,"1,234",,2\n'
    assert reader.faults(content) == [(2, "fasp_mxn_million", "table_two_readings")]
    for sign, value in (("point", 1234.0), ("comma", 1.234)):
        from merida.user_tables import DecimalSign

        assert reader.rows(content, "fasp_mxn_million", decimal=DecimalSign(sign)) == [(value,)]


def test_rows_with_faults_are_left_out_only_when_that_is_asked_for(reader: Reader) -> None:
    content = MONTH + GOOD + "08037,2024-13,registration,1\n08037,2024-03\nXyz,2024-01,registration,x\n"
    incoming = reader.read(content, skip_bad=True)
    assert incoming.rows.height == 1
    assert incoming.skipped == 3
    assert notes(incoming)["bad_left_out"] == {"count": 3, "lines": "3, 4, 5"}


def test_a_file_of_faults_alone_leaves_nothing(reader: Reader) -> None:
    assert reader.refused(MONTH + "x,x,x,x\n", skip_bad=True).key == "import_nothing_left"


def test_the_month_of_publication_is_the_user_s_or_the_row_s(reader: Reader) -> None:
    assert reader.read(MONTH + GOOD, available_from="2024-05").rows["available_from"].to_list() == ["2024-05"]
    own = MONTH.strip() + ",available_from\n" + GOOD.strip() + ",2024-04\n"
    assert reader.rows(own, "deaths", "available_from") == [(1, "2024-04")]


def test_a_thousand_faults_are_counted(reader: Reader) -> None:
    error = reader.refused(MONTH + "x,2024-01,registration,1\n" * 1_500)
    faults: Any = error.values["faults"]
    assert len(faults) == 21
    assert faults[-1].values["count"] == 1_480
