"""A bare queue, with which to check the engine against what is known of queues."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, fields
from math import floor, log10
from typing import TYPE_CHECKING, Any, ClassVar

from merida.answers.context import Context
from merida.answers.fields import EVERY_SEED, Number, Whole, option
from merida.answers.questions import Question
from merida.answers.request import Request
from merida.document.blocks import AnswerBlock, Column, Sentence, Table
from merida.progress import Work

if TYPE_CHECKING:
    from merida.border import QueueResult

MOST_PER_HOUR, MOST_CV = 1e9, 100.0  # beyond which no rate and no variation can be meant


class AskQueue(Request):
    """A bare queue."""

    question = "border.queue"
    example: ClassVar[Mapping[str, Any]] = {"arrivals_per_hour": 8.0, "service_per_hour": 1.0, "servers": 10}
    arrivals_per_hour: Number = option("cli.border.arrivals_per_hour", ge=1e-9, le=MOST_PER_HOUR)
    service_per_hour: Number = option("cli.border.service_per_hour", ge=1e-9, le=MOST_PER_HOUR)
    servers: Whole = option("cli.border.servers", ge=1)
    service_cv: Number = option("cli.border.service_cv", 1.0, ge=0, le=MOST_CV)
    customers: Whole = option("cli.border.customers", 1_000_000, ge=0)
    seed: Whole = option("cli.seed", 0, metavar="N", ge=-EVERY_SEED, le=EVERY_SEED - 1)


@dataclass(frozen=True)
class Queue:
    """What the simulation of a bare queue shows; see `merida.border.QueueResult`, which knows its speed too."""

    mean_wait_minutes: float
    standard_error_minutes: float
    probability_of_waiting: float
    utilisation: float
    customers: int
    warm_up: int
    batches: int


def ask(request: AskQueue, _: Context, work: Work) -> tuple[Queue, QueueResult]:
    """Return what the simulation of a bare queue shows."""
    from merida.border import queue

    found = queue(
        request.arrivals_per_hour,
        request.service_per_hour,
        request.servers,
        request.service_cv,
        request.customers,
        request.seed,
        work.stage("queue"),
    )
    return Queue(**{one.name: getattr(found, one.name) for one in fields(Queue)}), found


def blocks(request: AskQueue, found: Queue) -> Iterator[AnswerBlock]:
    """Yield the mean wait with its standard error, and how it was simulated."""
    figures = digits(found.standard_error_minutes)
    columns = (
        Column("border.mean_wait_minutes", "minutes", figures),
        Column("border.standard_error_minutes", "minutes", figures),
        Column("border.probability_of_waiting", "percent", 2, 0.01),
        Column("border.utilisation", "percent", 2, 0.01),
        Column("border.customers", decimals=0),
        Column("border.warm_up", decimals=0),
        Column("border.batches", decimals=0),
    )
    title = Sentence("border.queue_title", {"servers": request.servers, "customers": found.customers})
    yield Table(columns, (astuple(found),), title)


def digits(error: float) -> int:
    """Return the decimals that show two figures of a standard error.

    Examples
    --------
    >>> digits(0.0123), digits(12.0)
    (3, 0)
    """
    return max(1 - floor(log10(error)), 0) if 0 < error < float("inf") else 3


QUESTIONS = (Question(AskQueue, Queue, ask, blocks, kept=True),)
