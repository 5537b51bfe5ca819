"""Codes of states and municipalities of a file, from its codes and names together."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from merida.facts.importers.draft import Asked, Draft, Found, fault, lines_text
from merida.facts.importers.names import repaired
from merida.user_tables import Note
from merida.user_tables.grid import LINE

if TYPE_CHECKING:
    import polars as pl

STATES = 32
# Municipalities that no catalogue holds: other ones, and not specified.
OTHER_MUNICIPALITY, NO_MUNICIPALITY = "998", "999"


def state_of(text: str, asked: Asked) -> str | None:
    """Return the code of a state from its code (1, 01, 1.0) or any of its names."""
    code = re.fullmatch(r"0?(\d{1,2})(?:\.0+)?", text.strip())
    if code:
        return f"{int(code[1]):02}" if 1 <= int(code[1]) <= STATES else None
    found = {place.code for place in asked.places.matches(f"state:{repaired(text)}") if place.kind == "state"}
    return found.pop() if len(found) == 1 else None


def municipality_of(text: str, state: str, asked: Asked) -> str | None:
    """Return the code of a municipality from its code, with or without its state's, or its name in a state."""
    code = re.fullmatch(r"(\d{1,5})(?:\.0+)?", text.strip())
    if code:
        digits = code[1]
        return (state + digits.zfill(3)) if state and len(digits) <= 3 else digits.zfill(5)
    named = f"municipality:{repaired(text)}" + (f", {state_name(state, asked)}" if state else "")
    found = {place.code for place in asked.places.matches(named) if place.kind == "municipality"}
    return found.pop() if len(found) == 1 else None


def near(text: str, asked: Asked) -> Callable[[], str]:
    """Return what finds the places most like a text; it is asked only when a message is shown, for it takes its time."""
    return lambda: ", ".join(place.label for place in asked.places.nearest(text))


def state_name(state: str, asked: Asked) -> str:
    """Return the name of a state, as the gazetteer writes it."""
    label = asked.places.matches(f"state:{state}")
    return label[0].label.partition("(")[2].rstrip(")") if label else state


def state_codes(rows: pl.DataFrame, found: Found, asked: Asked, draft: Draft) -> pl.DataFrame:
    """Return the rows with the code of their state in ``state``; add a fault where code and name disagree or say none."""
    import polars as pl

    pairs = rows.select("state_code", "state").unique(maintain_order=True)
    codes: dict[tuple[str, str], str | None] = {}
    for code, name in pairs.iter_rows():
        by_code = state_of(code, asked) if code else None
        by_name = state_of(name, asked) if name else None
        agree = not (by_code and by_name) or by_code == by_name
        codes[code, name] = (by_code or by_name) if agree and (by_code or not code) else None
    title = found.title("state_code" if "state_code" in found.columns else "state")
    for line, code, name in rows.select(LINE, "state_code", "state").iter_rows():
        if codes[code, name] is None:
            draft.faults.append(
                fault(
                    line,
                    title,
                    "import_state",
                    found=" ".join(filter(None, (code, name))) or "–",
                    nearest=near(f"state:{name or code}", asked),
                )
            )
    told = [(*pair, code) for pair, code in codes.items()]
    schema = dict.fromkeys(("state_code", "state", "place"), pl.String)
    return (
        rows.join(pl.DataFrame(told, schema=schema, orient="row"), on=["state_code", "state"], how="left")
        .with_columns(state=pl.col("place"))
        .filter(pl.col("state").is_not_null())
        .drop("place")
        .sort(LINE)
    )


def municipality_codes(rows: pl.DataFrame, found: Found, asked: Asked, draft: Draft) -> pl.DataFrame:
    """Return the rows with the five digits of their municipality; add a fault where there is none such."""
    import polars as pl

    rows = rows.with_columns(
        pl.lit("").alias(name) for name in ("municipality_code", "municipality") if name not in rows.columns
    )
    known = set(asked.facts.sql("select municipality from municipalities")["municipality"])
    told: list[tuple[str, str, str, str | None]] = []
    new: list[str] = []
    for state, code, name in (
        rows.select("state", "municipality_code", "municipality").unique(maintain_order=True).iter_rows()
    ):
        place = municipality_of(code or name, state, asked)
        if place and not place.startswith(state):
            place = None
        if place and place not in known and place[2:] not in (OTHER_MUNICIPALITY, NO_MUNICIPALITY):
            new.append(f"{place} {name}".strip())
        told.append((state, code, name, place))
    if new:
        draft.notes.append(Note("places_not_in_record", {"count": len(new), "places": "; ".join(new[:6])}))
    schema = dict.fromkeys(("state", "municipality_code", "municipality", "place"), pl.String)
    rows = rows.join(
        pl.DataFrame(told, schema=schema, orient="row"),
        on=["state", "municipality_code", "municipality"],
        how="left",
    ).sort(LINE)
    title = found.title("municipality_code" if "municipality_code" in found.columns else "municipality")
    for line, code, name in (
        rows.filter(pl.col("place").is_null())
        .select(LINE, "municipality_code", "municipality")
        .head(1_000)
        .iter_rows()
    ):
        draft.faults.append(
            fault(
                line,
                title,
                "import_municipality",
                found=f"{code} {name}".strip() or "–",
                nearest=near(f"municipality:{name or code}", asked),
            )
        )
    other = rows.filter(pl.col("place").str.ends_with(OTHER_MUNICIPALITY))
    if other.height:
        draft.notes.append(
            Note("other_municipalities", {"count": other.height, "lines": lines_text(other[LINE].to_list())})
        )
    return rows.with_columns(municipality=pl.col("place")).filter(pl.col("place").is_not_null()).drop("place")
