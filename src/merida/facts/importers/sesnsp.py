"""Files of SESNSP as published: a line for each place, year, crime and modality, and its twelve months beside it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from merida.errors import FactsError
from merida.facts.importers.cells import MONTHS, meant, not_whole, nothing, whole
from merida.facts.importers.draft import Asked, Draft, Found, faults_of, lines_text
from merida.facts.importers.names import Names, letters
from merida.facts.importers.regions import municipality_codes, state_codes
from merida.facts.schema import read_toml
from merida.facts.warehouse import known_table
from merida.user_tables import Note
from merida.user_tables.grid import LINE

if TYPE_CHECKING:
    import polars as pl

MONTH_NAMES = tuple(names[0] for names in MONTHS)
SHORT = 3  # letters of abbreviations, of which a spoiled ``A?o`` may be one (``ago``)
COLUMNS = Names(
    {
        "year": ["Año", "Anio"],
        "state_code": ["Clave_Ent", "Cve_Ent", "Clave Entidad", "Cve. Entidad", "Cve Edo"],
        "state": ["Entidad", "Estado", "Entidad federativa", "Nom_Ent"],
        "municipality_code": ["Cve. Municipio", "Clave Municipio", "Cve_Mun", "Clave_Mun", "CVEGEO"],
        "municipality": ["Municipio", "Nom_Mun", "Nombre del municipio"],
        "good": ["Bien jurídico afectado", "Bien jurídico"],
        "kind": ["Tipo de delito", "Tipo"],
        "subtype": ["Subtipo de delito", "Subtipo"],
        "modality": ["Modalidad"],
        "sex": ["Sexo"],
        "age": ["Rango de edad", "Edad"],
    }
    | {names[0]: [name for name in names if len(name) > SHORT] for names in MONTHS}
)
REQUIRED = ("year", "good", "kind", "subtype", "modality", "enero")
KEY = ("year", "state", "municipality", "good", "kind", "subtype", "modality", "sex", "age")
TOTALS = ("total", "totalgeneral", "totalnacional", "nacional", "estadosunidosmexicanos", "republicamexicana")
NEW_METHOD = 2026  # the register that replaced the method of 2015
CERTAIN = 30  # counts in a month, of which zero the month after is no chance (Poisson: 1e-13)
ENDS = ("Con violencia", "Sin violencia")  # of modalities that name what is taken before it


@cache
def vocabulary() -> tuple[Names, Names, Names]:
    """Return modalities, crimes of the method of 2015, and crimes of that of 2026, by SESNSP's names."""
    tree = read_toml(files("merida.facts.importers") / "sesnsp.toml")
    new = {
        crime: [*tree["crimes"].get(crime, ()), *tree["crimes_2026"].get(crime, ())]
        for crime in {**tree["crimes"], **tree["crimes_2026"]}
    }
    return Names(tree["modalities"]), Names(tree["crimes"]), Names(new)


def layout(found: Found) -> str | None:
    """Return which file of SESNSP this is, by its columns, or None."""
    columns = found.columns
    if not all(name in columns for name in REQUIRED) or not {"state", "state_code"} & set(columns):
        return None
    municipal = "municipality_code" in columns or "municipality" in columns
    victims = "sex" in columns or "age" in columns
    return f"sesnsp_{'municipal' if municipal else 'state'}_{'victims' if victims else 'crimes'}"


def read(found: Found, kind: str, asked: Asked) -> Draft:
    """Return the rows of a file of SESNSP for the table that holds what it counts."""
    import polars as pl

    draft = Draft("", pl.DataFrame())
    rows = lines_of_data(found, draft)
    rows = places(rows, found, kind, asked, draft)
    new = rows["year"].max() is not None and int(str(rows["year"].max())) >= NEW_METHOD
    new = new and kind.endswith("crimes")
    if not new:  # of that method the record has no table of victims
        late = pl.col("year") >= NEW_METHOD
        if count := rows.filter(late).height:
            draft.notes.append(Note("new_method_left_out", {"count": count}))
        rows = rows.filter(~late)
    elif count := rows.filter(pl.col("year") < NEW_METHOD).height:
        raise FactsError("import_two_methods", file=found.sheets.path, count=count)
    draft.table = table_of(kind, new)
    table = known_table(draft.table)
    rows = crimes(rows, new, table.columns["crime"].values, "modality" in table.columns, draft)
    rows = distinct(rows, found, draft)
    place = "municipality" if "municipal" in kind else "state"
    measure = "victims" if kind.endswith("victims") else "files"
    long = by_month(rows, found, draft)
    keys = [name for name in ("crime", "modality", place, "month") if name in long.columns]
    named = [pl.col("sesnsp_name").first()] if "sesnsp_name" in long.columns else []
    draft.rows = (
        long.group_by(keys, maintain_order=True)
        .agg(pl.col("count").sum().alias(measure), pl.col(LINE).min(), *named)
        .with_columns(pl.col(pl.Categorical).cast(pl.String))
    )
    return draft


def table_of(kind: str, new: bool) -> str:
    """Return the table that holds what a file counts."""
    return {
        "sesnsp_state_victims": "crime_victims",
        "sesnsp_municipal_victims": "crime_victims_municipal",
        "sesnsp_state_crimes": "crime_files_new_method" if new else "crime_files",
        "sesnsp_municipal_crimes": "crime_municipal_new_method" if new else "crime_municipal",
    }[kind]


def lines_of_data(found: Found, draft: Draft) -> pl.DataFrame:
    """Return the lines of data, without totals, notes and repeated heads; what was left out is said."""
    import polars as pl

    rows = found.body().with_columns(
        pl.lit("").alias(name) for name in KEY if name not in found.columns and name != "municipality"
    )
    months = [name for name in MONTH_NAMES if name in found.columns]
    place = "state" if "state" in found.columns else "state_code"
    named = meant(rows, place, letters)
    first = meant(rows, "year", letters)
    heads = first == letters(found.title("year"))
    empty = pl.all_horizontal([nothing(rows, name) for name in months])
    note = ~pl.col("year").str.contains(r"\d") & empty & ~heads
    totals = (named.is_in(TOTALS) | first.is_in(TOTALS)) & ~note
    for key, which in (("totals_left_out", totals), ("notes_left_out", note), ("heads_left_out", heads)):
        lines = rows.filter(which)[LINE].to_list()
        if lines:
            draft.notes.append(Note(key, {"count": len(lines), "lines": lines_text(lines)}))
    rows = rows.filter(~(heads | note | totals))
    year = whole(rows, "year")
    wrong = year.is_null() | ~year.is_between(1990, 2100)
    draft.faults += faults_of(rows, wrong, "year", found.title("year"), "import_year")
    return rows.with_columns(year.alias("year")).filter(pl.col("year").is_between(1990, 2100))


def places(rows: pl.DataFrame, found: Found, kind: str, asked: Asked, draft: Draft) -> pl.DataFrame:
    """Return the rows with the codes of their states, and of their municipalities where the file has them."""
    rows = state_codes(rows, found, asked, draft)
    return municipality_codes(rows, found, asked, draft) if "municipal" in kind else rows


def crimes(rows: pl.DataFrame, new: bool, held: tuple[str, ...], split: bool, draft: Draft) -> pl.DataFrame:
    """Return the rows of crimes that the table holds, under its names; say which were left out."""
    import polars as pl

    modalities, modern, newest = vocabulary()
    names = newest if new else modern
    lines = rows.select("kind", "subtype", "modality").unique(maintain_order=True)
    meant = [
        (kind, subtype, modality, *meaning(kind, subtype, modality, names, modalities))
        for kind, subtype, modality in lines.iter_rows()
    ]
    schema = ["kind", "subtype", "modality", "crime", "how", "sesnsp_name"]
    told = pl.DataFrame(meant, schema=dict.fromkeys(schema, pl.String), orient="row")
    rows = rows.join(told, on=["kind", "subtype", "modality"], how="left", maintain_order="left")
    kept = pl.col("crime").is_in(list(held)).fill_null(value=False)
    left = rows.filter(~kept)
    if left.height:
        crimes_left = left["subtype"].unique(maintain_order=True).to_list()
        shown = "; ".join(crimes_left[:6]) + ("…" if len(crimes_left) > 6 else "")
        draft.notes.append(
            Note("crimes_left_out", {"count": left.height, "crimes": len(crimes_left), "names": shown})
        )
    rows = rows.filter(kept)
    return rows.with_columns(modality_own=pl.col("how")) if split else rows.drop("how", "sesnsp_name")


def meaning(
    kind: str, subtype: str, modality: str, names: Names, modalities: Names
) -> tuple[str | None, str | None, str]:
    """Return the record's crime and modality of one line of the nomenclature, and SESNSP's own words."""
    how, thing = "all", ""
    if letters(modality) not in (letters(subtype), letters(kind), ""):
        end = next((words for words in ENDS if letters(modality).endswith(letters(words))), "")
        thing = modality[: len(modality) - len(end)].strip() if end else ""
        how = modalities.find(end or modality) or "not_specified"
    crime = names.find(thing) if thing else None
    if letters(kind) == letters("Secuestro"):
        crime, how = names.find(kind), modalities.find(subtype) or how
    return (
        crime or names.find(subtype) or names.find(kind),
        how,
        subtype if letters(modality) == letters(subtype) else f"{subtype}: {modality}",
    )


def distinct(rows: pl.DataFrame, found: Found, draft: Draft) -> pl.DataFrame:
    """Return the rows without those that stand twice, and refuse those that stand twice with different counts."""
    import polars as pl

    key = [name for name in KEY if name in rows.columns]
    months = [name for name in MONTH_NAMES if name in found.columns]
    twice = rows.filter(pl.struct(key).is_duplicated())
    if twice.is_empty():
        return rows
    same = rows.filter(
        pl.struct([*key, *months]).is_duplicated() & ~pl.struct([*key, *months]).is_first_distinct()
    )
    if same.height:
        draft.notes.append(
            Note("identical_merged", {"count": same.height, "lines": lines_text(same[LINE].to_list())})
        )
    rows = rows.unique([*key, *months], keep="first", maintain_order=True)
    clash = rows.filter(pl.struct(key).is_duplicated())
    first = clash.group_by(key, maintain_order=True).agg(first=pl.col(LINE).min())
    later = clash.join(first, on=key, nulls_equal=True).filter(pl.col(LINE) > pl.col("first"))
    for line, earlier in later.select(LINE, "first").head(1_000).iter_rows():
        draft.faults += faults_of(
            rows.filter(pl.col(LINE) == line),
            pl.lit(value=True),
            "subtype",
            found.title("subtype"),
            "import_conflict",
            other=earlier,
        )
    return rows.filter(~pl.col(LINE).is_in(later[LINE].to_list()))


def by_month(rows: pl.DataFrame, found: Found, draft: Draft) -> pl.DataFrame:
    """Return a row for each month that was reported; a blank month is none."""
    import polars as pl

    months = [name for name in MONTH_NAMES if name in found.columns]
    for name in months:
        draft.faults += faults_of(
            rows, not_whole(rows, name), name, found.title(name), "table_whole", low=0, high=10_000_000
        )
    wanted = (LINE, "year", "state", "municipality", "crime", "modality_own", "sesnsp_name")
    index = [name for name in wanted if name in rows.columns]
    # Twelve rows for one: as categories the texts take a quarter of the room.
    counts = rows.select(LINE, *index[1:], *(whole(rows, name).alias(name) for name in months)).with_columns(
        pl.col(name).cast(pl.Categorical) for name in index if rows.schema[name] == pl.String
    )
    long = counts.unpivot(months, index=index, variable_name="month_name", value_name="count").filter(
        pl.col("count").is_not_null()
    )
    number = {name: f"{at:02}" for at, name in enumerate(MONTH_NAMES, 1)}
    long = long.with_columns(
        month=pl.format("{}-{}", "year", pl.col("month_name").replace_strict(number, return_dtype=pl.String))
    )
    long = long.rename({"modality_own": "modality"}, strict=False)
    return without_months_to_come(long, draft)


def without_months_to_come(long: pl.DataFrame, draft: Draft) -> pl.DataFrame:
    """Return the rows without the last months of the file if every count in them is zero, for these are still to come.

    Only where the months before count so much that none of them can be zero by chance.
    """
    import polars as pl

    totals = long.group_by("month").agg(pl.col("count").sum()).sort("month")
    reported = totals.filter(pl.col("count") > 0)
    last = str(reported["month"].max()) if reported.height else ""
    later = totals.filter(pl.col("month") > last)["month"].to_list()
    if not later or int(str(reported["count"].tail(12).min() or 0)) < CERTAIN:
        return long
    draft.notes.append(Note("months_to_come", {"first": min(later), "last": max(later)}))
    return long.filter(pl.col("month") <= last)
