"""Studies of the register by what a user calls programmes, outcomes, countries and designs: codes or shown names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from merida.errors import EvidenceError
from merida.evidence.hierarchy import outcomes_of, programmes_of
from merida.evidence.register import Register, names_in, outcomes_by_class, table, wider_countries
from merida.evidence.rows import kinds
from merida.facts.warehouse import checked_as_of
from merida.names import Names, meant, nearest_names


def search(
    as_of: str | None = None,
    *,
    programme: str | None = None,
    outcome: str | None = None,
    country: str | None = None,
    design: str | None = None,
    everything: bool = False,
) -> pl.DataFrame:
    """Return the studies of the register that fit.

    Parameters
    ----------
    as_of : str or None
        ``YYYY-MM``: only what had been published by the end of that month.
    programme, outcome, country, design : str or None
        A code of the register, its name in English or Spanish, or a name that several have in common: a kind of
        programmes, a class of outcomes, a country that is one of several.
    everything : bool
        Unverified rows too.

    Raises
    ------
    EvidenceError
        If a name stands nowhere in the register; the message gives the nearest.

    Examples
    --------
    >>> search("2016-12", programme="mediación en la calle")["programme"].unique().to_list()
    ['cure_violence']
    """
    whole = table("register.csv")
    rows = whole if everything else whole.filter(pl.col("status") == "verified")
    if checked_as_of(as_of) is not None:
        rows = rows.filter(pl.col("available_from") <= as_of)
    classes, countries = outcomes_by_class(whole), wider_countries(whole)
    filters: tuple[tuple[str, str | None, Names, Names, Mapping[str, Iterable[str]]], ...] = (
        (
            "programme",
            programme,
            names_in("studied_programmes", whole["programme"]),
            {name: (kind.title.en, kind.title.es) for name, kind in kinds().items() if kind.programmes},
            {name: kind.programmes for name, kind in kinds().items()},
        ),
        (
            "outcome",
            outcome,
            names_in("studied_outcomes", whole["outcome"]),
            names_in("evidence.classes", classes),
            classes,
        ),
        (
            "country",
            country,
            names_in("countries", whole["country"].drop_nulls()),
            names_in("countries", countries),
            countries,
        ),
        ("design", design, design_names(whole["design"]), {}, {}),
    )
    for column, wanted, names, common, alike in filters:
        if wanted is not None:
            named = {*meant(wanted, names), *(name for of in meant(wanted, common) for name in alike[of])}
            if not named:
                close = nearest_names(wanted, {**common, **names})
                raise EvidenceError("unknown_in_register", option=f"--{column}", found=wanted, nearest=close)
            rows = rows.filter(pl.col(column).is_in(sorted(named)))
    return rows


def design_names(codes: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the names of designs, long and short."""
    designs = sorted(set(codes))
    short = names_in("evidence.designs_short", designs)
    return {code: (*names, *short[code]) for code, names in names_in("evidence.designs", designs).items()}


def programme_called(register: Register, wanted: str) -> str:
    """Return the programme of the register that a user means, or the words themselves where they mean none.

    Programmes of which a study counts go before the others.

    Examples
    --------
    >>> programme_called(Register(), "Número de policías")
    'police_numbers'
    """
    every = names_in("studied_programmes", register.listed["programme"].unique().to_list())
    counted = {code: every[code] for code in programmes_of(register)}
    kind = {name: (one.title.en, one.title.es) for name, one in kinds().items()}
    return next((codes[0] for names in (counted, every, kind) if (codes := meant(wanted, names))), wanted)


def outcome_called(register: Register, programme: str, wanted: str) -> str:
    """Return the outcome of a programme, or class of outcomes, that a user means, or the words themselves."""
    known = outcomes_of(register, programme)
    names = {
        code: (*of_outcome, *of_class)
        for (code, of_outcome), of_class in zip(
            names_in("studied_outcomes", known).items(),
            names_in("evidence.classes", known).values(),
            strict=True,
        )
    }
    codes = meant(wanted, names)
    return codes[0] if codes else wanted
