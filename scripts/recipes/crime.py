"""Recipes of the tables on crime known to prosecutors: three methods of SESNSP, victims, federal offences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl

from recipes.violence import VICTIMS_FIRST_PUBLISHED, month_of

# SESNSP's modality, or the end of it, -> ours; a crime that is not split carries its own name as modality.
MODALITIES = {
    "Con arma de fuego": "firearm",
    "Con arma blanca": "blade",
    "Con otro elemento": "other_means",
    "No especificado": "not_specified",
    "En accidente de tránsito": "traffic_accident",
    "Con violencia": "with_violence",
    "Sin violencia": "without_violence",
    "Secuestro extorsivo": "for_ransom",
    "Secuestro exprés": "express",
    "Secuestro con calidad de rehén": "hostage",
    "Secuestro para causar daño": "to_cause_harm",
    "Otro tipo de secuestros": "other_kind",
    "": "all",
}
# SESNSP's subtype, with the thing taken where the modality names it -> our crime.
MODERN = {
    "Aborto": "abortion",
    "Abuso de confianza": "breach_of_trust",
    "Abuso sexual": "sexual_abuse",
    "Acoso sexual": "sexual_harassment",
    "Allanamiento de morada": "trespass",
    "Amenazas": "threats",
    "Contra el medio ambiente": "against_the_environment",
    "Corrupción de menores": "corruption_of_minors",
    "Daño a la propiedad": "property_damage",
    "Delitos cometidos por servidores públicos": "by_public_servants",
    "Despojo": "dispossession",
    "Electorales": "electoral",
    "Evasión de presos": "prison_escape",
    "Extorsión": "extortion",
    "Falsedad": "false_statement",
    "Falsificación": "forgery",
    "Feminicidio": "femicide",
    "Fraude": "fraud",
    "Homicidio culposo": "negligent_homicide",
    "Homicidio doloso": "intentional_homicide",
    "Hostigamiento sexual": "sexual_harassment_by_authority",
    "Incesto": "incest",
    "Incumplimiento de obligaciones de asistencia familiar": "family_support_unpaid",
    "Lesiones culposas": "negligent_injury",
    "Lesiones dolosas": "intentional_injury",
    "Narcomenudeo": "drug_retail",
    "Otros delitos contra el patrimonio": "other_against_property",
    "Otros delitos contra la familia": "other_against_the_family",
    "Otros delitos contra la sociedad": "other_against_society",
    "Otros delitos del Fuero Común": "other",
    "Otros delitos que atentan contra la libertad personal": "other_against_personal_liberty",
    "Otros delitos que atentan contra la libertad y la seguridad sexual": "other_sexual",
    "Otros delitos que atentan contra la vida y la integridad corporal": "other_against_life",
    "Rapto": "abduction",
    "Otros robos": "theft_other",
    "Robo a casa habitación": "theft_home",
    "Robo a institución bancaria": "theft_bank",
    "Robo a negocio": "theft_business",
    "Robo a transeúnte en espacio abierto al público": "theft_person_public_space",
    "Robo a transeúnte en vía pública": "theft_person_street",
    "Robo a transportista": "theft_carrier",
    "Robo de autopartes": "theft_vehicle_parts",
    "Robo de ganado": "theft_cattle",
    "Robo de cables, tubos y otros objetos destinados a servicios públicos": "theft_machinery_cables",
    "Robo de herramienta industrial o agrícola": "theft_machinery_tools",
    "Robo de tractores": "theft_machinery_tractors",
    "Robo de coche de 4 ruedas": "theft_car",
    "Robo de embarcaciones pequeñas y grandes": "theft_boat",
    "Robo de motocicleta": "theft_motorcycle",
    "Robo en transporte individual": "theft_private_transport",
    "Robo en transporte público colectivo": "theft_public_transport",
    "Robo en transporte público individual": "theft_taxi",
    "Secuestro": "kidnapping",
    "Trata de personas": "human_trafficking",
    "Tráfico de menores": "trafficking_of_minors",
    "Violación equiparada": "rape_equated",
    "Violación simple": "rape",
    "Violencia de género en todas sus modalidades distinta a la violencia familiar": "gender_violence_not_family",
    "Violencia familiar": "family_violence",
}
NEW = MODERN | {
    "Delitos contra la administración de justicia": "against_justice",
    "Discriminación": "discrimination",
    "Extorsión por otros medios": "extortion_remote",
    "Extorsión presencial": "extortion_in_person",
    "Tentativa de extorsión por otros medios": "attempted_extortion_remote",
    "Tentativa de extorsión presencial": "attempted_extortion_in_person",
    "Tentativa de feminicidio": "attempted_femicide",
    "Tentativa de homicidio doloso": "attempted_intentional_homicide",
    "Narcomenudeo con fines de venta": "drug_retail_sale",
    "Narcomenudeo posesión simple": "drug_retail_possession",
    "Pornografía infantil": "child_pornography",
    "Privación ilegal de la libertad": "unlawful_detention",
    "Retención o sustracción de menores e incapaces": "taking_of_minors",
    "Robo de maquinaria - Cables, tubos y otros objetos destinados a servicios públicos": "theft_machinery_cables",
    "Robo de maquinaria - Herramienta industrial o agrícola": "theft_machinery_tools",
    "Robo de maquinaria - Tractores y/o montacargas": "theft_machinery_tractors",
    "Robo de vehículo automotor - Coche de 4 ruedas": "theft_car",
    "Robo de vehículo automotor - Embarcaciones": "theft_boat",
    "Robo de vehículo automotor - Motocicleta": "theft_motorcycle",
    "Suplantación y usurpación de identidad": "identity_theft",
    "Tortura": "torture",
    "Trata de personas con fines de explotación sexual": "human_trafficking_sexual",
    "Trata de personas con fines de trabajo o servicios forzados": "human_trafficking_labour",
    "Trata de personas con otros fines": "human_trafficking_other",
    "Violación a la intimidad sexual": "sexual_privacy",
}
OLD = {
    "ROBO DE GANADO (ABIGEATO)": "theft_cattle",
    "A CASA HABITACION": "theft_home",
    "A NEGOCIO": "theft_business",
    "A TRANSEUNTES": "theft_person",
    "A TRANSPORTISTAS": "theft_carrier",
    "DE VEHICULOS": "theft_vehicle",
    "ROBO COMUN OTROS": "theft_other",
    "ROBO COMUN SIN DATOS": "theft_not_specified",
    "ROBO EN CARRETERAS A AUTOBUSES": "highway_theft_bus",
    "ROBO EN CARRETERAS A CAMIONES DE CARGA": "highway_theft_truck",
    "ROBO EN CARRETERAS A VEHICULOS PARTICULARES": "highway_theft_car",
    "ROBO EN CARRETERAS OTROS": "highway_theft_other",
    "ROBO EN CARRETERAS SIN DATOS": "highway_theft_not_specified",
    "A BANCOS": "bank_theft_bank",
    "A CASA DE BOLSA": "bank_theft_brokerage",
    "A CASA DE CAMBIO": "bank_theft_exchange",
    "A EMPRESA DE TRASLADO DE VALORES": "bank_theft_cash_in_transit",
    "ROBO EN INSTITUCIONES BANCARIAS OTROS": "bank_theft_other",
    "ROBO EN INSTITUCIONES BANCARIAS SIN DATOS": "bank_theft_not_specified",
    "HOMICIDIOS DOLOSOS": "intentional_homicide",
    "HOMICIDIOS CULPOSOS": "negligent_homicide",
    "LESIONES DOLOSAS": "intentional_injury",
    "LESIONES CULPOSAS": "negligent_injury",
    "ABUSO DE CONFIANZA": "breach_of_trust",
    "DAÑO EN PROPIEDAD AJENA": "property_damage",
    "DESPOJO": "dispossession",
    "EXTORSION": "extortion",
    "FRAUDE": "fraud",
    "VIOLACION": "rape",
    "AMENAZAS": "threats",
    "ESTUPRO": "statutory_rape",
    "OTROS SEXUALES": "other_sexual",
    "RESTO DE LOS DELITOS (OTROS)": "other",
    "SECUESTRO": "kidnapping",
}
OLD_MODALITIES = {
    "CON ARMA DE FUEGO": "firearm",
    "CON ARMA BLANCA": "blade",
    "OTROS": "other_means",
    "SIN DATOS": "not_specified",
    "CON VIOLENCIA": "with_violence",
    "SIN VIOLENCIA": "without_violence",
    "": "all",
}
VICTIMS = {
    "Aborto": "abortion",
    "Corrupción de menores": "corruption_of_minors",
    "Extorsión": "extortion",
    "Feminicidio": "femicide",
    "Homicidio culposo": "negligent_homicide",
    "Homicidio doloso": "intentional_homicide",
    "Lesiones culposas": "negligent_injury",
    "Lesiones dolosas": "intentional_injury",
    "Otros delitos contra la sociedad": "other_against_society",
    "Otros delitos que atentan contra la libertad personal": "other_against_personal_liberty",
    "Otros delitos que atentan contra la vida y la integridad corporal": "other_against_life",
    "Rapto": "abduction",
    "Secuestro": "kidnapping",
    "Trata de personas": "human_trafficking",
    "Tráfico de menores": "trafficking_of_minors",
}
PENAL_CODE, HEALTH = "OTROS DELITOS: ", "CONTRA LA SALUD: "
ORGANISED = "LEY FEDERAL CONTRA LA DELINCUENCIA ORGANIZADA (L.F.C.D.O.): "
HEALTH_LAW, LAWS = "LEY GENERAL DE SALUD (L.G.S.): ", "OTRAS LEYES Y CODIGOS: "
# Concept and type as published -> our offence.
FEDERAL = {
    HEALTH + "COMERCIO": "drugs_trade",
    HEALTH + "OTROS": "drugs_other",
    HEALTH + "POSESION": "drugs_possession",
    HEALTH + "PRODUCCION": "drugs_production",
    HEALTH + "SUMINISTRO": "drugs_supply",
    HEALTH + "TRAFICO": "drugs_trafficking",
    HEALTH + "TRANSPORTE": "drugs_transport",
    HEALTH_LAW + "CONTRA LA SALUD EN SU MODALIDAD DE NARCOMENUDEO": "drugs_retail",
    HEALTH_LAW + "OTROS DELITOS PREVISTOS EN LA L.G.S.": "health_law_other",
    ORGANISED + "CONTRA LA SALUD": "organised_crime_drugs",
    ORGANISED + "OTROS DELITOS PREVISTOS EN LA L.F.C.D.O.": "organised_crime_other",
    PENAL_CODE + "COMETIDOS POR SERVIDORES PUBLICOS": "by_public_servants",
    PENAL_CODE + "CONTRA EL AMBIENTE Y LA GESTION AMBIENTAL": "against_the_environment",
    PENAL_CODE + "CONTRA LA INTEGRIDAD CORPORAL": "against_bodily_integrity",
    PENAL_CODE + "ELECTORALES": "electoral",
    PENAL_CODE + "EN MATERIA DE DERECHOS DE AUTOR": "copyright",
    PENAL_CODE + "FALSEDAD, TITULO DECIMO TERCERO": "forgery",
    PENAL_CODE + "OTROS DELITOS DEL C.P.F.": "penal_code_other",
    PENAL_CODE + "PATRIMONIALES": "against_property",
    PENAL_CODE + "VIAS DE COMUNICACION Y CORRESPONDENCIA": "communications_and_post",
    LAWS + "CODIGO FISCAL DE LA FEDERACION (C.F.F.)": "tax_code",
    LAWS + "LEY DE LA PROPIEDAD INDUSTRIAL (L.P.I.)": "industrial_property_law",
    LAWS + "LEY DE MIGRACION": "migration_law",
    LAWS + "LEY DE VIAS GENERALES DE COMUNICACION (L.V.G.C.)": "communications_law",
    LAWS + "LEY FEDERAL DE ARMAS DE FUEGO Y EXPLOSIVOS (L.F.A.F.E.)": "arms_law",
    LAWS + "LEY FEDERAL DEL DERECHO DE AUTOR (L.F.D.A.)": "copyright_law",
    LAWS + "LEY FEDERAL PARA PREVENIR Y SANCIONAR LOS DELITOS COMETIDOS EN MATERIA DE HIDROCARBUROS "
    "(L.F.P.S.D.C.M.H.)": "hydrocarbons_law",
    LAWS + "LEY GENERAL EN MATERIA DE DELITOS ELECTORALES (L.G.M.D.E.)": "electoral_law",
    LAWS + "LEYES DE INSTITUCIONES DE CREDITO, INVERSION, FIANZAS Y SEGUROS": "financial_laws",
    LAWS + "OTRAS LEYES ESPECIALES": "other_special_laws",
}


def texts(path: Path) -> pl.DataFrame:
    """Return a file with its categories as texts."""
    return pl.read_parquet(path).with_columns(pl.col(pl.Categorical).cast(pl.String))


def victims_published() -> pl.Expr:
    """Return when a month under the rules that count victims was published: the month after, from March 2018."""
    after = (pl.col("month") + "-01").str.to_date().dt.offset_by("1mo").dt.to_string("%Y-%m")
    return pl.max_horizontal(after, pl.lit(VICTIMS_FIRST_PUBLISHED)).alias("available_from")


def named(kind: str, subtype: str, modality: str, crimes: dict[str, str]) -> tuple[str, str, str]:
    """Return our crime and modality, and SESNSP's own words, of one line of its present nomenclature."""
    end = next(text for text in MODALITIES if modality.endswith(text))
    thing = modality.removesuffix(end).strip()
    name = kind if kind == "Secuestro" else thing if thing in crimes else subtype
    return crimes[name], MODALITIES[end], subtype if modality == subtype else f"{subtype}: {modality}"


def in_our_words(source: pl.DataFrame, theirs: list[str], names: Sequence[tuple[str, ...]]) -> pl.DataFrame:
    """Return files with the crime, modality and SESNSP's name of each line, which `names` gives after its own words."""
    schema = [*theirs, "crime", "modality", "sesnsp_name"]
    joined = source.join(
        pl.DataFrame(names, schema=schema, orient="row"), on=theirs, how="left", maintain_order="left"
    )
    return joined.select(
        "state", "crime", "modality", "sesnsp_name", month=month_of(), files="investigations"
    )


def modern(path: Path, crimes: dict[str, str]) -> pl.DataFrame:
    """Return files by crime and modality, of a file with the nomenclature of 2015 on."""
    source = texts(path)
    names = [
        (kind, subtype, modality, *named(kind, subtype, modality, crimes))
        for kind, subtype, modality in source.select("tipo", "subtipo", "modalidad")
        .unique()
        .sort(pl.all())
        .rows()
    ]
    return in_our_words(source, ["tipo", "subtipo", "modalidad"], names)


def crime_files(inputs: Path) -> pl.DataFrame:
    path = inputs / "violence/sesnsp_state_crime_month_2015_2024m11.parquet"
    return modern(path, MODERN).with_columns(victims_published())


def crime_files_new_method(inputs: Path) -> pl.DataFrame:
    return modern(inputs / "violence/sesnsp_new_method_state_crime_2026m01_m03.parquet", NEW)


def old_names(modality: str, kind: str, subtype: str) -> tuple[str, str, str]:
    """Return our crime and modality, and SESNSP's own words, of one line of the old nomenclature."""
    candidates = (modality, f"{modality} {kind}", f"{modality} {subtype}", kind, subtype)
    crime = next(name for name in candidates if name in OLD)
    how = kind if kind in OLD_MODALITIES else subtype if subtype in OLD_MODALITIES else ""
    words = dict.fromkeys((modality, kind, subtype))
    return OLD[crime], OLD_MODALITIES[how], ": ".join(words)


def crime_files_old_method_states(inputs: Path) -> pl.DataFrame:
    source = texts(inputs / "violence/sesnsp_old_method_state_crime_month_1997_2014.parquet")
    names = [
        (*line, *old_names(*line))
        for line in source.select("modalidad", "tipo", "subtipo").unique().sort(pl.all()).rows()
    ]
    return in_our_words(source, ["modalidad", "tipo", "subtipo"], names)


def crime_victims_2025(inputs: Path) -> pl.DataFrame:
    return (
        texts(inputs / "violence/sesnsp_state_victims_month_2015_2025m01.parquet")
        .select(
            "state",
            "victims",
            month=month_of(),
            crime=pl.col("crime").replace_strict(VICTIMS),
            sesnsp_name="crime",
        )
        .with_columns(victims_published())
    )


def federal_offences(inputs: Path) -> pl.DataFrame:
    official = pl.format("{}: {}", "concept", "type")
    return texts(inputs / "violence/federal_offences_state_month_2012_2025m07.parquet").select(
        "state",
        month=month_of(),
        offence=official.replace_strict(FEDERAL),
        offences="federal_offences",
        official_name=official,
    )


def none_of(*columns: str) -> Callable[[Path], pl.DataFrame]:
    """Return the recipe of a table without rows: a user adds the files as SESNSP publishes them."""
    return lambda _: pl.DataFrame(schema=dict.fromkeys(columns, pl.String))


TABLES = {
    **dict.fromkeys(
        ("crime_municipal", "crime_municipal_new_method"),
        none_of("municipality", "month", "crime", "modality", "files", "available_from"),
    ),
    "crime_victims_municipal": none_of("municipality", "month", "crime", "victims", "available_from"),
    "crime_files": crime_files,
    "crime_files_new_method": crime_files_new_method,
    "crime_files_old_method_states": crime_files_old_method_states,
    "crime_victims_2025": crime_victims_2025,
    "federal_offences": federal_offences,
}
