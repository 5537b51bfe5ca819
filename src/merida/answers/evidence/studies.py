"""The studies of the register: ``evidence list``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from merida.answers.context import Context
from merida.answers.evidence.forest import INDENT, in_words
from merida.answers.fields import Text, option
from merida.answers.questions import Frame, Question
from merida.answers.request import Dated
from merida.document.blocks import AnswerBlock, Cell, Column, Month, Rounded, Sentence, Table
from merida.errors import EvidenceError
from merida.progress import Work

FORMS = {
    "percent_change": "change_of", "rate_ratio": "ratio_of", "elasticity": "elasticity_of", "bound": "at_least_of",
    "smd": "difference_of", "level": "level_of", "share": "share_of",
    "odds_ratio": "odds_of", "log_ratio": "log_ratio_of",
}  # fmt: skip


class ListStudies(Dated):
    """Which studies the register has."""

    question = "evidence.list"
    example: ClassVar[Mapping[str, Any]] = {"programme": "cure_violence"}
    programme: Text | None = option("cli.evidence.programme", None, metavar="PROGRAMME")
    outcome: Text | None = option("cli.evidence.outcome", None)
    country: Text | None = option("cli.evidence.country", None)
    design: Text | None = option("cli.evidence.design", None)
    everything: bool = option("cli.evidence.all", False, flag="all")


@dataclass(frozen=True)
class StudyList:
    """Studies of the register that fit; rows as the register holds them."""

    as_of: str | None
    studies: int
    clusters: int
    verified: int
    unverified_left_out: int
    rows: Frame


def list_studies(request: ListStudies, context: Context, _: Work) -> StudyList:
    """Return the studies of the register that fit."""
    from merida.evidence.register import table
    from merida.evidence.search import search

    filters = {name: getattr(request, name) for name in ("programme", "outcome", "country", "design")}
    try:
        rows = search(request.as_of, everything=request.everything, **filters)
    except EvidenceError as error:
        raise of_framework(request.programme, context, error) from None
    whole = table("register.csv")
    return StudyList(
        as_of=request.as_of,
        studies=rows.height,
        clusters=rows["cluster"].n_unique(),
        verified=int((rows["status"] == "verified").sum()),
        unverified_left_out=0 if request.everything else int((whole["status"] != "verified").sum()),
        rows=rows,
    )


def of_framework(wanted: str | None, context: Context, error: EvidenceError) -> EvidenceError:
    """Return the error that says where a programme is known that the framework has and the register has not."""
    from merida.evidence.rows import kinds

    if (
        wanted in kinds()
        or error.key not in ("unknown_in_register", "unknown_programme")
        or error.values["found"] != wanted
    ):
        return error
    code = context.framework.programme_called(wanted or "")
    return error if code is None else EvidenceError("programme_of_framework", found=wanted, code=code)


def blocks(_: ListStudies, found: StudyList) -> Iterator[AnswerBlock]:
    """Yield the studies by programme."""
    if found.as_of:
        yield Sentence("evidence.counted_as_of", {"month": Month(found.as_of)})
    if not found.studies:
        yield Sentence("evidence.none_counted")
        return
    columns = tuple(
        Column(f"evidence.{name}") for name in ("study", "outcome", "country", "design", "effect", "sign")
    )
    yield Table(columns, tuple(rows_of(found.rows)))
    yield Sentence(
        "evidence.counted", {name: getattr(found, name) for name in ("studies", "clusters", "verified")}
    )
    if found.verified < found.studies:
        yield Sentence("evidence.starred")
    if found.unverified_left_out:
        yield Sentence("evidence.hidden", {"count": found.unverified_left_out})


def rows_of(rows: Frame) -> Iterator[tuple[Cell, ...]]:
    """Yield a line for each programme, and its studies below."""
    for (programme,), studies in rows.sort("programme", "study").group_by("programme", maintain_order=True):
        yield (in_words("studied_programmes", programme), *[""] * 5)
        for row in studies.iter_rows(named=True):
            yield (
                INDENT + row["study"] + ("" if row["status"] == "verified" else f"{INDENT[0]}*"),
                in_words("studied_outcomes", row["outcome"]),
                in_words("countries", row["country"]),
                Sentence(f"evidence.designs_short.{row['design']}"),
                effect_of(row),
                Sentence(f"evidence.directions.{row['direction']}"),
            )


def effect_of(row: Mapping[str, Any]) -> Sentence:
    """Return a study's own figure with its scale, or that it gave none."""
    if row["estimate"] is None and row["scale"] == "bound" and row["range_low"] is not None:
        return Sentence("evidence.no_less_of", {"value": recorded(abs(row["range_low"]))})
    if row["estimate"] is None:
        return Sentence("evidence.sign_of")
    return Sentence(f"evidence.{FORMS[row['scale']]}", {"value": recorded(row["estimate"])})


def recorded(value: float) -> Rounded:
    """Return a number with the decimals that a study gave it, three at most."""
    return Rounded(
        value, next(digits for digits in (0, 1, 2, 3) if digits == 3 or round(value, digits) == value)
    )


QUESTIONS = (Question(ListStudies, StudyList, list_studies, blocks, table="rows", rests_on=lambda *_: ()),)
