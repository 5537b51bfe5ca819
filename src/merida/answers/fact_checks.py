"""The question of the record's cross-checks: what must agree in it, and the known traps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from merida.answers.context import Context
from merida.answers.questions import Frame, Question
from merida.answers.request import Request
from merida.document.blocks import AnswerBlock, Points, Sentence
from merida.facts.checks import Outcome, checks, failed_by_own, run
from merida.facts.schema import Text as Both
from merida.progress import Work

FIRED = 5  # rows of a check that are shown


class Check(Request):
    """The cross-checks of the record, run again."""

    question = "facts.check"


@dataclass(frozen=True)
class Checked:
    """What one cross-check found.

    Attributes
    ----------
    yours : bool
        Whether it fails because of rows of the user's own: on the record alone it holds.
    """

    check: str
    kind: str
    verdict: Literal["holds", "failed", "trap", "quiet"]
    compared: int
    about: Both
    found: Both | None
    fired: Frame
    yours: bool = False


@dataclass(frozen=True)
class CheckedAll:
    """What every cross-check found."""

    checks: tuple[Checked, ...]


def check(_: Check, context: Context, work: Work) -> CheckedAll:
    """Run every cross-check again."""
    step, every, outcomes = work.stage("checks"), checks(), []
    for at, one in enumerate(every):
        outcomes.append(run(context.facts, one))
        step(at + 1, len(every))
    yours = failed_by_own(outcomes, context.facts)
    return CheckedAll(tuple(checked(outcome, outcome.check.id in yours) for outcome in outcomes))


def checked(outcome: Outcome, yours: bool) -> Checked:
    """Return what a check found as an answer holds it."""
    of = outcome.check
    return Checked(
        of.id, of.kind, outcome.verdict, outcome.compared, of.about, of.found, outcome.fired, yours
    )


def check_blocks(_: Check, found: CheckedAll) -> Iterator[AnswerBlock]:
    """Yield a line for each check, with the first rows in which it fired."""
    for one in found.checks:
        verdict = Sentence(f"check.{one.verdict}")
        yield Sentence("check.line", {"verdict": verdict, "name": one.check, "about": one.about})
        fired = one.fired.head(FIRED).to_dicts() if one.verdict in ("failed", "trap") else []
        if fired:
            yield Points(tuple(fired_line(one, row) for row in fired))
        if one.fired.height > FIRED:
            yield Sentence("check.more", {"count": one.fired.height - FIRED})
        if one.yours:
            yield Sentence("own.check")
    verdicts = [one.verdict for one in found.checks]
    yield Sentence(
        "check.summary", {name: verdicts.count(name) for name in ("holds", "failed", "trap", "quiet")}
    )
    if yours := sum(one.yours for one in found.checks):
        yield Sentence("own.check_summary", {"count": yours})


def fired_line(one: Checked, row: dict[str, Any]) -> Sentence:
    """Return one row that a check found, with what its number counts."""
    key = "check.fired_expected" if "expected" in row else "check.fired"
    return Sentence(
        key,
        {"at": str(row["at"]), "found": row["found"], "said": one.found or "", "value": row.get("expected")},
    )


QUESTIONS = (
    Question(
        Check,
        CheckedAll,
        check,
        check_blocks,
        failed=lambda found: any(one.verdict == "failed" for one in found.checks),
    ),
)
