"""INEGI's deaths by homicide by municipality, as its query page exports them.

Above the table stand its title, its filters (``Año de registro : 2015``) and what it is of: ``Por: Ent y mun de
ocurrencia   Según: Mes de registro``. Rows carry codes (``" 01 001 "``), states a formula (``=CONCATENAR(0,01)``),
and deaths abroad codes from 33 on. Below it stands the source.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from merida.errors import FactsError
from merida.facts.importers.cells import NUMBER_OF_MONTH, not_whole, whole
from merida.facts.importers.draft import Asked, Draft, Found, fault, faults_of, lines_text
from merida.facts.importers.names import letters
from merida.user_tables import Note
from merida.user_tables.grid import LINE

if TYPE_CHECKING:
    import polars as pl

ABROAD, NO_STATE = 33, 99  # first code of states that are none, and that of a state not known
MUNICIPALITY = re.compile(r"\s*(\d{2})\s*[- ]?\s*(\d{3})\b\s*(.*)")
STATE = re.compile(r"\s*(?:=\w+\(\s*0?\s*,\s*(\d{1,2})\s*\)|(\d{2}))(?!\d)\s*(.*)")
CHILD = re.compile(r"\s*(\d{3})(?!\d)\s*(.*)")  # a municipality below its state, without the state's code
BASES = {"registro": "registration", "ocurrencia": "occurrence"}


def head(found: Found) -> str:
    """Return what stands above the table, as one text of plain letters and spaces."""
    from merida.words import plain

    above = [" ".join(filter(None, found.grid.row(at))) for at in range(found.at)]
    return " | ".join(re.sub(r"[^a-z0-9:]+", " ", plain(line)) for line in above)


def header(row: tuple[str, ...]) -> dict[str, str] | None:
    """Return the columns of a row that names months or years, by what they are, or None."""
    columns: dict[str, str] = {}
    for at, cell in enumerate(row):
        name = letters(cell)
        if name == "total":
            columns.setdefault("total", f"c{at}")
        elif name in NUMBER_OF_MONTH and len(name) > 3:
            columns[f"{NUMBER_OF_MONTH[name]:02}"] = f"c{at}"
        elif re.fullmatch(r"(19|20)\d{2}", name):
            columns[name] = f"c{at}"
        elif name in ("noespecificado", "noespecificada"):
            columns.setdefault("unknown", f"c{at}")
    months = [name for name in columns if len(name) == 2]
    years = [name for name in columns if name.isdigit() and len(name) == 4]
    first = min((int(column[1:]) for column in columns.values()), default=0)
    enough = len(months) == 12 or (years and not months and "total" in columns)
    if not enough or first == 0:
        return None
    return columns | {f"label{at}": f"c{at}" for at in range(first)}


def layout(found: Found) -> str | None:
    """Return which export this is, or None where what stands above the table does not say that it is one of homicides."""
    text = head(found)
    asked_for = re.search(r"consulta de|segu? ?n:", text)
    if not asked_for or "homicidio" not in text or not re.search(r"\bmun|municip", text):
        return None
    return "inegi_municipal_deaths_month" if "01" in found.columns else "inegi_municipal_deaths_year"


def read(found: Found, kind: str, asked: Asked) -> Draft:
    """Return the deaths of an export, for ``homicides_month`` or ``homicides_year``."""
    import polars as pl

    text, path = head(found), found.sheets.path
    if not re.search(r"por: ent\w* y mun\w* de ocurrencia", text):
        raise FactsError("import_inegi_not_occurrence", file=path)
    if not re.search(r"por: ent\w* y mun\w* de ocurrencia *(segu? ?n:|\||$)", text):
        raise FactsError("import_inegi_more", file=path)  # further columns beside the place
    by_month = kind.endswith("month")
    basis = re.search(r"segu? ?n: (?:mes|an?o|a o) de (registro|ocurrencia)", text)
    years = set(re.findall(r"\ba(?:n|\s)?o de (?:registro|ocurrencia) ?: ?(\d{4})(?![ \d]*\d{4})", text))
    if basis is None:
        raise FactsError("import_inegi_basis", file=path)
    if by_month and len(years) != 1:
        raise FactsError("import_inegi_year", file=path)
    if by_month and not re.search(rf"o de {basis[1]} ?: ?\d", text):
        # Months of occurrence of one year of registration belong to several years.
        raise FactsError("import_inegi_mixed", file=path)
    year = next(iter(years), "")
    draft = Draft("homicides_month" if by_month else "homicides_year", pl.DataFrame())
    if by_month and asked.table == "homicides_year":
        draft.table, by_month = "homicides_year", False
    rows = located(found, draft)
    named = counted_columns(found, by_month, year)
    for column in {**named, "total": "total"}:
        if column in rows.columns:
            draft.faults += faults_of(
                rows,
                not_whole(rows, column),
                column,
                found.title(column),
                "table_whole",
                low=0,
                high=1_000_000,
            )
    rows = rows.with_columns(
        whole(rows, name).alias(name) for name in {*named, "total", "unknown"} if name in rows.columns
    )
    hold_together(rows, found, named, draft)
    period = "month" if by_month else "year"
    long = (
        rows.filter(pl.col("municipality") != "")
        .unpivot(list(named), index=["municipality", LINE], variable_name="column", value_name="deaths")
        .filter(pl.col("deaths") > 0)
        .with_columns(pl.col("column").replace_strict(named, return_dtype=pl.String).alias(period))
    )
    if not by_month:
        long = long.with_columns(pl.col("year").cast(pl.Int64))
    draft.rows = (
        long.group_by("municipality", period, maintain_order=True)
        .agg(pl.col("deaths").sum(), pl.col(LINE).min())
        .with_columns(basis=pl.lit(BASES[basis[1]]))
    )
    draft.scope = (period, "basis")
    return draft


def counted_columns(found: Found, by_month: bool, year: str) -> dict[str, str]:
    """Return the columns that are read, with the month or year of each."""
    if by_month:
        return {name: f"{year}-{name}" for name in found.columns if name.isdigit()}
    if year and "01" in found.columns:
        return {"total": year}
    return {name: name for name in found.columns if name.isdigit()}


def located(found: Found, draft: Draft) -> pl.DataFrame:
    """Return the rows of places: ``municipality`` (empty for a state or the nation) and ``state``."""
    import polars as pl

    labels = [name for name in found.columns if name.startswith("label")]
    rows = found.body()
    codes: list[str | None] = []
    states: list[str] = []
    state, notes = "", []
    for cells in rows.select(LINE, *labels).iter_rows():
        line, label = cells[0], " ".join(cell for cell in cells[1:] if cell)
        code: str | None = None
        if letters(label) in ("total", "estadosunidosmexicanos", "nacional"):
            code, state = "", ""
        elif place := MUNICIPALITY.fullmatch(label):
            number = int(place[1])
            state = f"{ABROAD}" if ABROAD <= number < NO_STATE else place[1]
            code = f"{state}999" if number >= ABROAD else place[1] + place[2]
        elif place := STATE.fullmatch(label):
            state, code = (place[1] or place[2]).zfill(2), ""
        elif state and (place := CHILD.fullmatch(label)):
            code = state + place[1]
        elif letters(label) in ("noespecificado", "noespecificada"):
            state, code = str(NO_STATE), ""
        else:
            notes.append(line)
        codes.append(code)
        states.append(state)
    if notes:
        draft.notes.append(Note("notes_left_out", {"count": len(notes), "lines": lines_text(notes)}))
    rows = rows.with_columns(
        municipality=pl.Series(codes, dtype=pl.String), state=pl.Series(states, dtype=pl.String)
    )
    # A state that is not known, or abroad, may be given in one line or in several: the parts where there are any.
    parts = set(rows.filter(pl.col("municipality").is_in(["33999", "99999"]))["state"])
    kept = rows.filter(pl.col("municipality").is_not_null())
    childless = kept.filter(
        (pl.col("municipality") == "") & (pl.col("state").str.to_integer(strict=False) >= ABROAD)
    )
    for line, number in childless.select(LINE, "state").iter_rows():
        if number not in parts:
            code = "99999" if number == str(NO_STATE) else "33999"
            kept = kept.with_columns(
                municipality=pl.when(pl.col(LINE) == line).then(pl.lit(code)).otherwise("municipality")
            )
    return kept


def hold_together(rows: pl.DataFrame, found: Found, named: dict[str, str], draft: Draft) -> None:
    """Check that months add up to totals, and municipalities to their states and the nation; totals are left out."""
    import polars as pl

    totals = rows.filter(pl.col("municipality") == "")
    if totals.height:
        draft.notes.append(
            Note("totals_left_out", {"count": totals.height, "lines": lines_text(totals[LINE].to_list())})
        )
    columns = list(named)
    if "total" in rows.columns and "total" not in columns:
        unknown = pl.col("unknown").fill_null(0) if "unknown" in rows.columns else pl.lit(0)
        wrong = rows.filter(pl.sum_horizontal(*columns, unknown) != pl.col("total").fill_null(0))
        for line, total in wrong.select(LINE, "total").iter_rows():
            draft.faults.append(fault(line, found.title("total"), "import_total", found=total or 0))
    parts = rows.filter(pl.col("municipality") != "")
    for line, state, *values in totals.select(LINE, "state", *columns).iter_rows():
        own = parts if not state else parts.filter(pl.col("state") == state)
        sums = own.select(pl.col(columns).sum()).row(0)
        for column, stated, summed in zip(columns, values, sums, strict=True):
            if (stated or 0) != summed:
                draft.faults.append(
                    fault(line, found.title(column), "import_sum", found=stated or 0, summed=summed)
                )
