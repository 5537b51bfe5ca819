"""Official files as published: told by what their columns mean, and read into the record's own schema."""

import json
from typing import Any

import pytest

from merida.facts.importers.cells import month_of
from merida.facts.importers.names import Names, letters
from tests.facts.importers.reader import Reader, notes

MONTHS = "Enero,Febrero,Marzo,Abril,Mayo,Junio,Julio,Agosto,Septiembre,Octubre,Noviembre,Diciembre"
CRIMES = f"Año,Clave_Ent,Entidad,Bien jurídico afectado,Tipo de delito,Subtipo de delito,Modalidad,{MONTHS}\n"
LIFE = "La vida y la Integridad corporal"
KILLED = f"2025,1,Aguascalientes,{LIFE},Homicidio,Homicidio doloso,Con arma de fuego,3,0,5,,,,,,,,,\n"
STOLEN = (
    "2025,1,Aguascalientes,El patrimonio,Robo,Robo de vehículo automotor,"
    '"Robo de coche de 4 ruedas Con violencia",1,2,3,,,,,,,,,\n'
)


def test_state_crimes_of_sesnsp(reader: Reader) -> None:
    incoming = reader.read((CRIMES + KILLED + STOLEN).encode("cp1252"))
    assert (incoming.recognised, incoming.table.name) == ("sesnsp_state_crimes", "crime_files")
    assert incoming.available_from == "2025-04"
    # A blank month was not reported; a zero is not kept in a table whose absent rows are zero.
    assert incoming.rows.select("state", "month", "crime", "modality", "files").rows() == [
        ("01", "2025-01", "intentional_homicide", "firearm", 3),
        ("01", "2025-03", "intentional_homicide", "firearm", 5),
        ("01", "2025-01", "theft_car", "with_violence", 1),
        ("01", "2025-02", "theft_car", "with_violence", 2),
        ("01", "2025-03", "theft_car", "with_violence", 3),
    ]
    assert incoming.rows["sesnsp_name"][0] == "Homicidio doloso: Con arma de fuego"
    assert notes(incoming).keys() == {"windows_1252"}


HEADS = {
    "capitals and underscores": CRIMES.upper().replace(" ", "_"),
    "no accents": CRIMES.replace("Año", "Ano").replace("jurídico", "juridico"),
    "question marks": CRIMES.replace("Año", "A?o").replace("jurídico", "jur?dico"),
    "replacement signs": CRIMES.replace("Año", "A\ufffdo").replace("jurídico", "jur\ufffddico"),
    "UTF-8 read as Windows-1252": CRIMES.encode().decode("cp1252"),
    "other words": CRIMES.replace("Clave_Ent", "Cve. Ent").replace("Entidad", "Entidad federativa"),
    "a title above": f"Incidencia delictiva del fuero común,,\nCifras al corte,,\n{CRIMES}",
    "spaces around": CRIMES.replace(",", " , "),
    "lines of notes below": f"{CRIMES}",
}


@pytest.mark.parametrize("case", HEADS)
def test_the_columns_are_told_by_meaning(case: str, reader: Reader) -> None:
    below = "Fuente: SESNSP,,\n" if "below" in case else ""
    incoming = reader.read(HEADS[case] + KILLED + below)
    assert incoming.recognised == "sesnsp_state_crimes"
    assert incoming.rows["files"].to_list() == [3, 5]


def test_zeros_to_the_end_of_the_file_are_months_to_come(reader: Reader) -> None:
    zeros = "55,0,0,0,0,0,0,0,0,0"
    incoming = reader.read(CRIMES + KILLED.replace("3,0,5,,,,,,,,,", f"33,44,{zeros}"))
    assert set(incoming.rows["month"]) == {"2025-01", "2025-02", "2025-03"}
    assert incoming.available_from == "2025-04"
    # Of a place with few counts a zero may be one.
    assert "months_to_come" not in notes(reader.read(CRIMES + KILLED.replace("5,,,,,,,,,", zeros[1:])))
    assert notes(incoming)["months_to_come"] == {"first": "2025-04", "last": "2025-12"}


def test_a_count_that_is_revised_to_zero_replaces_the_record_s(reader: Reader) -> None:
    held = reader.facts.sql(
        "select * from crime_files where state = '01' and crime = 'intentional_homicide' and modality = 'firearm' "
        "and month = '2024-01'"
    ).to_dicts()[0]
    assert held["files"] > 0
    incoming = reader.read(CRIMES + KILLED.replace("2025,1", "2024,1").replace("3,0,5", "0,7,0"))
    assert dict(incoming.rows.select("month", "files").rows())["2024-01"] == 0
    assert notes(incoming)["revised_to_zero"]["count"] >= 1


def test_totals_duplicates_and_conflicts(reader: Reader) -> None:
    total = KILLED.replace("1,Aguascalientes", ",Total nacional")
    incoming = reader.read(CRIMES + KILLED + KILLED + total)
    assert incoming.rows["files"].to_list() == [3, 5]
    assert notes(incoming)["identical_merged"] == {"count": 1, "lines": "3"}
    assert notes(incoming)["totals_left_out"] == {"count": 1, "lines": "4"}
    other = KILLED.replace(",3,0,5", ",3,1,5")
    assert reader.faults(CRIMES + KILLED + other) == [(3, "Subtipo de delito", "import_conflict")]


def test_faults_of_an_official_file_stand_with_line_and_column(reader: Reader) -> None:
    content = (
        CRIMES
        + KILLED.replace(",3,0,5", ",3,x,5")
        + KILLED.replace("1,Aguascalientes", "5,Chiapas")
        + KILLED.replace("2025", "20225").replace("doloso", "culposo")
        + STOLEN.replace(",1,2,3", ',"1,234",-2,3')
    )
    assert reader.faults(content) == [
        (2, "Febrero", "table_whole"),
        (3, "Clave_Ent", "import_state"),
        (4, "Año", "import_year"),
        (5, "Febrero", "table_whole"),
    ]
    left = reader.read(content + KILLED.replace("2025", "2023"), skip_bad=True)
    assert left.skipped == 4
    assert set(left.rows.filter(left.rows["files"] > 0)["month"]) == {"2023-01", "2023-03"}


def test_the_method_of_2026_has_its_own_table(reader: Reader) -> None:
    content = (
        CRIMES
        + KILLED.replace("2025", "2026")
        + KILLED.replace("2025", "2026").replace(
            "Homicidio doloso,Con arma de fuego",
            "Tentativa de homicidio doloso,Tentativa de homicidio doloso",
        )
    )
    incoming = reader.read(content)
    assert incoming.table.name == "crime_files_new_method"
    assert set(incoming.rows["crime"]) == {"intentional_homicide", "attempted_intentional_homicide"}


VICTIMS = CRIMES.replace("Modalidad", "Modalidad,Sexo,Rango de edad")


def test_state_victims_are_summed_over_sex_age_and_modality(reader: Reader) -> None:
    def line(sex: str, crime: str, counts: str) -> str:
        kind = crime.split(maxsplit=1)[0]
        return f"2025,09,Distrito Federal,{LIFE},{kind},{crime},Con arma de fuego,{sex},Adultos (18 y más),{counts}\n"

    rows = (
        line("Hombre", "Homicidio doloso", "3,,5,,,,,,,,,")
        + line("Mujer", "Homicidio doloso", "1,2,,,,,,,,,,")
        + line("Mujer", "Aborto", "7,,,,,,,,,,,")
        + line("Mujer", "Feminicidio", "0,,,,,,,,,,,")
    )
    incoming = reader.read(VICTIMS + rows)
    assert (incoming.recognised, incoming.table.name) == ("sesnsp_state_victims", "crime_victims")
    assert incoming.rows.select("state", "month", "crime", "victims").rows() == [
        ("09", "2025-01", "intentional_homicide", 4),
        ("09", "2025-03", "intentional_homicide", 5),
        ("09", "2025-02", "intentional_homicide", 2),
        ("09", "2025-01", "femicide", 0),
    ]
    left = notes(incoming)["crimes_left_out"]
    assert (left["count"], left["names"]) == (1, "Aborto")


def test_municipal_crimes_of_sesnsp(reader: Reader) -> None:
    head = CRIMES.replace("Entidad,", "Entidad,Cve. Municipio,Municipio,", 1)

    def line(code: str, name: str) -> str:
        return KILLED.replace("1,Aguascalientes", f"8,Chihuahua,{code},{name}")

    rows = line("8037", "Juárez") + line("8998", "Otros Municipios") + line("8999", "No Especificado")
    incoming = reader.read(head + rows)
    assert (incoming.recognised, incoming.table.name) == ("sesnsp_municipal_crimes", "crime_municipal")
    assert set(incoming.rows["municipality"]) == {"08037", "08998", "08999"}
    assert incoming.rows["files"].sum() == 24
    assert notes(incoming)["other_municipalities"] == {"count": 1, "lines": "3"}
    victims = (
        (head + rows)
        .replace("Modalidad", "Modalidad,Sexo,Rango de edad")
        .replace("fuego", "fuego,Hombre,Adultos")
    )
    counted = reader.read(victims)
    assert (counted.recognised, counted.table.name) == ("sesnsp_municipal_victims", "crime_victims_municipal")
    assert counted.rows["victims"].sum() == 24
    assert reader.read((head + rows).replace("2025", "2026")).table.name == "crime_municipal_new_method"
    assert reader.refused(head + rows + rows.replace("2025", "2026")).key == "import_two_methods"
    # Codes of another state, and names where there is no code.
    assert reader.faults(head + line("9037", "Juárez")) == [(2, "Cve. Municipio", "import_municipality")]
    assert set(reader.read(head + line("", "Juárez")).rows["municipality"]) == {"08037"}
    assert set(reader.read(head + line("37", "Juárez")).rows["municipality"]) == {"08037"}


INEGI = (
    '"Defunciones por homicidios"\r\n"Año de registro : 2022"\r\n"Ent y mun de registro : Total"\r\n""\r\n'
    '"Consulta de: Defunciones por homicidio   Por: Ent y mun de ocurrencia   Según: Mes de registro"\r\n'
)
INEGI_ROWS = [
    ("", "", "Total", *MONTHS.split(",")),
    (" ", "Total", "1,010", "1,004", "2", "", "", "", "", "", "", "", "", "", "4"),
    ("=CONCATENAR(0,08) ", "Chihuahua", "1,003", "1,000", "", "", "", "", "", "", "", "", "", "", "3"),
    (" 08 037 ", "Juárez", "1,001", "1,000", "", "", "", "", "", "", "", "", "", "", "1"),
    (" 08 999 ", "No especificado", "2", "", "", "", "", "", "", "", "", "", "", "", "2"),
    ("=CONCATENAR( ,33) ", "Extranjero", "3", "2", "1", "", "", "", "", "", "", "", "", "", ""),
    (" 33 999 ", "Estados Unidos", "1", "1", "", "", "", "", "", "", "", "", "", "", ""),
    (" 34 999 ", "Otros países", "2", "1", "1", "", "", "", "", "", "", "", "", "", ""),
    ("=CONCATENAR( ,99) ", "No especificado", "4", "2", "1", "", "", "", "", "", "", "", "", "", "1"),
]  # fmt: skip
SOURCE = '\r\n"FUENTE: INEGI. Estadísticas de mortalidad."\r\n'


def inegi(rows: Any = None, head: str = INEGI) -> bytes:
    lines = ["".join(f'"{cell}",' for cell in row) for row in (rows or INEGI_ROWS)]
    return (head + "\r\n".join(lines) + SOURCE).encode("cp1252")


def test_municipal_deaths_of_inegi(reader: Reader) -> None:
    incoming = reader.read(inegi())
    assert (incoming.recognised, incoming.table.name) == ("inegi_municipal_deaths_month", "homicides_month")
    assert incoming.available_from == "2023-10"
    assert incoming.rows.drop("available_from").rows() == [
        ("08037", "2022-01", "registration", 1000),
        ("08037", "2022-12", "registration", 1),
        ("08999", "2022-12", "registration", 2),
        ("33999", "2022-01", "registration", 2),
        ("33999", "2022-02", "registration", 1),
        ("99999", "2022-01", "registration", 2),
        ("99999", "2022-02", "registration", 1),
        ("99999", "2022-12", "registration", 1),
    ]
    year = reader.read(inegi(), table="homicides_year")
    # What the record holds of that year and the file does not name was revised to zero.
    named = year.rows.filter(year.rows["deaths"] > 0).select("municipality", "year", "deaths").rows()
    assert named == [("08037", 2022, 1001), ("08999", 2022, 2), ("33999", 2022, 3), ("99999", 2022, 4)]


def test_a_cell_of_inegi_that_was_changed_does_not_add_up(reader: Reader) -> None:
    rows = [list(row) for row in INEGI_ROWS]
    rows[3][3] = "999"
    found = reader.faults(inegi(rows))
    assert found == [
        (7, "Enero", "import_sum"),
        (8, "Enero", "import_sum"),
        (9, "Total", "import_total"),
    ]


def test_years_of_inegi_side_by_side(reader: Reader) -> None:
    head = INEGI.replace("Año de registro : 2022", "Mes de registro : Total").replace(
        'Mes de registro"', 'Año de registro"'
    )
    rows = [
        ("", "", "Total", "2022", "2023"),
        (" ", "Total", "1,003", "1,000", "3"),
        ("08", "Chihuahua", "1,003", "1,000", "3"),
        (" 08 037 ", "Juárez", "1,003", "1,000", "3"),
    ]
    incoming = reader.read(inegi(rows, head))
    assert (incoming.recognised, incoming.table.name) == ("inegi_municipal_deaths_year", "homicides_year")
    named = incoming.rows.filter(incoming.rows["deaths"] > 0)
    assert named.select("municipality", "year", "basis", "deaths").rows() == [
        ("08037", 2022, "registration", 1000),
        ("08037", 2023, "registration", 3),
    ]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        (
            "Por: Ent y mun de ocurrencia",
            "Por: Ent y mun de residencia habitual",
            "import_inegi_not_occurrence",
        ),
        ("Según: Mes de registro", "Según: Sexo", "import_inegi_basis"),
        ("de ocurrencia ", "de ocurrencia y Sexo ", "import_inegi_more"),
        ("Año de registro : 2022", "Año de registro : Total", "import_inegi_year"),
        ("Según: Mes de registro", "Según: Mes de ocurrencia", "import_inegi_mixed"),
    ],
)
def test_exports_of_inegi_that_the_record_cannot_hold(old: str, new: str, key: str, reader: Reader) -> None:
    assert reader.refused(inegi(head=INEGI.replace(old, new))).key == key


BTS = "Port Name,State,Port Code,Border,Date,Measure,Value,Latitude,Longitude,Point\n"


def bts(*rows: tuple[str, str, str, str], border: str = "US-Mexico Border") -> str:
    return "".join(
        f"San Ysidro,California,{code},{border},{date},{measure},{value},1,2,x\n"
        for code, date, measure, value in rows
    )


def test_crossings_of_bts(reader: Reader) -> None:
    rows = bts(
        ("2504", "Aug 2025", "Trucks", '"1,000"'),
        ("2504", "08/01/2025 12:00:00 AM", "Truck Containers Full", "1301"),
        ("2504", "2025-08-01T00:00:00.000", "Pedestrians", "7"),
        ("2504", "Aug 2025", "Pedestrians", "7"),
        ("2504", "Aug 2025", "Buses", "0"),
        ("2504", "Aug 2025", "Buses", "12"),
        ("2599", "Aug 2025", "Trains", "1"),
    ) + bts(("3604", "Aug 2025", "Trucks", "5"), border="US-Canada Border")
    incoming = reader.read(BTS + rows)
    assert (incoming.recognised, incoming.available_from) == ("bts_crossings", "2025-10")
    assert incoming.rows.drop("available_from").rows() == [
        ("2504", "2025-08", "trucks", 1000, None),
        ("2504", "2025-08", "truck_containers_loaded", 1301, "loaded_above_1_3_times_trucks"),
        ("2504", "2025-08", "pedestrians", 7, None),
        ("2504", "2025-08", "buses", 12, None),
        ("2599", "2025-08", "trains", 1, None),
    ]
    assert notes(incoming).keys() == {
        "other_border_left_out", "places_not_in_record", "identical_merged", "zero_beside_count"
    }  # fmt: skip
    assert reader.faults(BTS + bts(("2504", "Aug 25", "Trucks", ""), ("2504", "Aug 2025", "Carts", "1"))) == [
        (2, "Date", "import_month"),
        (2, "Value", "table_whole"),
        (3, "Measure", "import_measure"),
    ]


def test_crossings_of_bts_from_its_interface(reader: Reader) -> None:
    record = {
        "port_name": "San Ysidro", "port_code": "2504", "border": "US-Mexico Border",
        "date": "2025-08-01T00:00:00.000", "measure": "Trucks", "value": "10", "point": {"type": "Point"},
    }  # fmt: skip
    incoming = reader.read(json.dumps([record]))
    assert incoming.rows.drop("available_from", "flag").rows() == [("2504", "2025-08", "trucks", 10)]


AID = (
    "Country ID,Country Code,Country Name,Transaction Type ID,Transaction Type Name,Fiscal Year,"
    "Current Dollar Amount,Constant Dollar Amount\n"
)


def test_money_of_foreign_assistance_gov(reader: Reader) -> None:
    rows = (
        "484,MEX,Mexico,2,Obligations,2026,1500,1400\n484,MEX,Mexico,3,Disbursements,1976tq,7,9\n"
        "4,AFG,Afghanistan,2,Obligations,2026,9,9\n484,MEX,Mexico,2,Obligations,2012,5,6\n"
    )
    incoming = reader.read(AID + rows, available_from="2026-10")
    assert (incoming.recognised, incoming.available_from) == ("foreign_assistance_country", "2026-10")
    new = incoming.rows.filter(incoming.rows["vintage"] == "2026-10")
    assert new.select("fiscal_year", "stage", "usd", "usd_constant", "latest").rows() == [
        (2026, "obligated", 1500, 1400, True),
        (1976, "disbursed", 7, 9, True),
        (2012, "obligated", 5, 6, True),
    ]
    # Of the record's copies of that year and stage none is the latest any more.
    older = incoming.rows.filter(incoming.rows["vintage"] != "2026-10")
    assert older.select("fiscal_year", "stage", "latest").unique().rows() == [(2012, "obligated", False)]
    assert notes(reader.read(AID + rows))["vintage_assumed"] == {"month": "2026-11"}
    assert notes(reader.read(AID + rows * 2))["identical_merged"] == {"count": 3, "lines": "6, 7, 9"}
    assert reader.faults(AID + rows + "484,MEX,Mexico,2,Obligations,2026,1,1\n") == [
        (6, "Current Dollar Amount", "import_conflict")
    ]
    old = reader.refused(AID + "484,MEX,Mexico,2,Obligations,2012,5,6\n")
    assert (old.key, old.values["last"]) == ("import_vintage", 2012)


def lanes(delay: str, opened: str, status: str = "delay") -> dict[str, str]:
    return {
        "update_time": "At 4:00 pm",
        "operational_status": status,
        "delay_minutes": delay,
        "lanes_open": opened,
    }


CBP = {
    "port_number": "250401", "border": "Mexican Border", "port_name": "San Ysidro", "date": "9/3/2026",
    "time": "16:03:24", "port_status": "Open",
    "passenger_vehicle_lanes": {
        "maximum_lanes": "34", "standard_lanes": lanes("80", "6"), "NEXUS_SENTRI_lanes": lanes("0", "8", "no delay"),
        "ready_lanes": lanes("", "", "Lanes Closed"),
    },
    "commercial_vehicle_lanes": {"maximum_lanes": "N/A", "FAST_lanes": lanes("", "", "N/A")},
}  # fmt: skip
EXPECTED = [
    ("250401", "2504", "2026-09-03 16:03:24", "passenger", "standard", "delay", 80, 6, 34),
    ("250401", "2504", "2026-09-03 16:03:24", "passenger", "sentri", "no_delay", 0, 8, 34),
    ("250401", "2504", "2026-09-03 16:03:24", "passenger", "ready", "lanes_closed", None, None, 34),
    ("250401", "2504", "2026-09-03 16:03:24", "commercial", "fast", None, None, None, None),
]


def as_xml(record: Any) -> str:
    return "".join(
        f"<{name}>{as_xml(value) if isinstance(value, dict) else value}</{name}>"
        for name, value in record.items()
    )


def test_posted_waits_of_cbp_in_json_and_xml(reader: Reader) -> None:
    canada = CBP | {"port_number": "070801", "border": "Canadian Border"}
    ports = "".join(f"<port>{as_xml(record)}</port>" for record in (CBP, canada))
    xml = f"<border_wait_time><number_of_ports>2</number_of_ports>{ports}</border_wait_time>"
    for content in (
        json.dumps([CBP, canada]),
        f'<?xml version="1.0" encoding="utf-8"?>{xml}',
    ):
        incoming = reader.read(content)
        assert (incoming.recognised, incoming.available_from) == ("cbp_waits", "2026-09")
        assert sorted(incoming.rows.drop("updated", "available_from").rows()) == sorted(EXPECTED)
        assert notes(incoming)["other_border_left_out"] == {"count": 1}


def test_posted_waits_with_a_line_for_each_lane(reader: Reader) -> None:
    head = "port_number,date,time,lane_group,lane_type,maximum_lanes,operational_status,delay_minutes,lanes_open\n"
    rows = "250401,2026-09-03,16:03:24,passenger_vehicle,NEXUS_SENTRI,34,no delay,0,8\n"
    incoming = reader.read(head + rows)
    assert incoming.recognised == "cbp_waits"
    assert incoming.rows.drop("updated", "available_from").rows() == [EXPECTED[1]]
    assert reader.faults(head + rows.replace("SENTRI", "X").replace(",0,8", ",0,many")) == [
        (2, "lane_type", "import_lane")
    ]


def test_an_official_file_goes_to_no_other_table(reader: Reader) -> None:
    error = reader.refused(CRIMES + KILLED, table="homicides_year")
    assert error.key == "import_other_table"
    assert "SESNSP" in error.message("es")


def test_names_and_months() -> None:
    assert letters("  Cve. Municipio ") == "cvemunicipio"
    known = Names({"a": ["Año"], "b": ["Ambos"]})
    assert [known.find(text) for text in ("A?O", "a�o", "año", "xaño", "", "?")] == [
        "a",
        "a",
        "a",
        None,
        None,
        None,
    ]
    assert month_of("31 de enero de 2024") is None or month_of("31 de enero de 2024") == "2024-01"
    assert [month_of(text) for text in ("2024-1", "1/2024", "Sept 2024", "1899-01", "99999", "13/13/2024")] == [
        "2024-01", "2024-01", "2024-09", None, None, None
    ]  # fmt: skip
