"""The question how fresh the record is: the last period of each table, and what is due since."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator

from merida.answers.context import Context
from merida.answers.fields import Text, option
from merida.answers.questions import Question
from merida.answers.request import Request
from merida.document.blocks import AnswerBlock, Column, Month, Sentence, Table
from merida.facts.status import TableStatus, status
from merida.progress import Work
from merida.schema_faults import broken


def _month(text: str) -> str:
    """Return a month ``YYYY-MM``; refuse what is none."""
    if not re.fullmatch(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])", text):
        raise broken("expected_month", first="1900-01", last="2099-12")
    return text


class ShowStatus(Request):
    """How fresh the record is."""

    question = "facts.status"
    example: ClassVar[Mapping[str, Any]] = {"today": "2026-11"}
    today: Annotated[Text, AfterValidator(_month)] | None = option("cli.facts.today", None, metavar="YYYY-MM")


@dataclass(frozen=True)
class Status:
    """How fresh each table is in a month, the latest first."""

    today: str
    tables: tuple[TableStatus, ...]


def show_status(request: ShowStatus, context: Context, _: Work) -> Status:
    """Return how fresh each table is; without a month, in this one."""
    today = request.today or f"{date.today():%Y-%m}"  # the month where the user is
    return Status(today, status(context.facts, today))


def status_blocks(_: ShowStatus, found: Status) -> Iterator[AnswerBlock]:
    """Yield a line for each table, the latest first."""
    states = [one.state for one in found.tables]
    yield Sentence(
        "freshness.headline",
        {
            "today": Month(found.today),
            **{state: states.count(state) for state in ("behind", "current", "closed", "once")},
        },
    )
    columns = ("table", "state", "last", "published", "lag", "due", "late")
    yield Table(
        tuple(Column(f"freshness.{name}", figures=name in ("lag", "late")) for name in columns),
        tuple(
            (
                one.table,
                Sentence(f"freshness.states.{one.state}"),
                one.last,
                one.published,
                one.lag_months,
                _due(one),
                one.late_months or None,
            )
            for one in found.tables
        ),
    )
    yield Sentence("freshness.explained")


def _due(one: TableStatus) -> Sentence | None:
    """Return which periods are due."""
    if not one.due:
        return None
    key = "freshness.due_one" if len(one.due) == 1 else "freshness.due_more"
    return Sentence(key, {"count": len(one.due), "first": one.due[0], "last": one.due[-1]})


QUESTIONS = (
    Question(ShowStatus, Status, show_status, status_blocks, table="tables", rests_on=lambda *_: None),
)
