"""The memo's statements, held against the record."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from merida.answers.context import Context
from merida.answers.fields import Text, option
from merida.answers.naming import in_both, told
from merida.answers.questions import Question
from merida.answers.request import Dated
from merida.claims.claims import (
    MEMO_MONTH,
    TOPICS,
    Claim,
    Expected,
    Recommendation,
    Result,
    at_the_memo,
    check,
    find,
    recommendations,
)
from merida.claims.claims import claims as every_claim
from merida.claims.expectations import Expectation, expectations
from merida.document.blocks import AnswerBlock, Cell, Column, Sentence, Table
from merida.facts.schema import Text as Both
from merida.figure import Figure, Origin
from merida.progress import Work
from merida.statistics import Interval
from merida.words import Words

VERDICTS = ("holds", "holds_under_definition", "does_not_hold", "cannot_be_checked")


class Claims(Dated):
    """The memo's statements, all or one."""

    question = "claims"
    example: ClassVar[Mapping[str, Any]] = {"claim": "deaths_2011"}
    claim: Text | None = option("cli.claims.claim", None, argument=True, metavar="CLAIM")


@dataclass(frozen=True)
class Memo:
    """The memo's figure, how its words bound it, and the ends between which a number is its own; None where open."""

    wording: str
    value: float
    high: float | None
    step: float | None
    chosen: bool
    low_end: float | None
    high_end: float | None


@dataclass(frozen=True)
class Counted:
    """One way of counting: its number now and as it could be known on the memo's day, and whether it is the memo's."""

    definition: str
    reading: str
    about: Both
    unit: str
    value: float | None
    reproduces: bool | None
    value_2012_12: float | None
    sql: str


@dataclass(frozen=True)
class Checked:
    """A claim held against the record; see ``docs/claims.md``."""

    claim: str
    topic: str
    said: Both
    unit: str | None
    memo: Memo | None
    verdict: str
    verdict_2012_12: str | None
    reason: Both | None
    shown: tuple[str, ...]
    definitions: tuple[Counted, ...]

    @property
    def first(self) -> Counted | None:
        """The way of counting that decides."""
        return next((one for one in self.definitions if one.definition in self.shown[:1]), None)


@dataclass(frozen=True)
class Advice:
    """One thing that the memo advises, and what is now expected of the programmes that it concerns."""

    recommendation: str
    said: Both
    programmes: tuple[str, ...]
    expected: tuple[Expectation, ...]


@dataclass(frozen=True)
class CheckedAll:
    """The memo's claims and recommendations."""

    as_of: str | None
    claims: tuple[Checked, ...]
    recommendations: tuple[Advice, ...]


def claims(request: Claims, context: Context, work: Work) -> CheckedAll:
    """Return the memo's statements with their verdicts, and what is expected of its advice."""
    found = None if request.claim is None else find(request.claim)
    wanted = list(every_claim().values()) if found is None else [found] if isinstance(found, Claim) else []
    advice = list(recommendations().values()) if found is None else []
    if isinstance(found, Recommendation):
        advice = [found]
    facts, step = context.facts, work.stage("claims")
    memo = at_the_memo(facts)
    checked = []
    for at, one in enumerate(wanted):
        step(at, len(wanted))
        checked.append(as_checked(facts.as_of, check(facts, one), check(memo, one) if memo else None))
    expects = expectations(facts) if advice else {}
    return CheckedAll(
        request.as_of,
        tuple(checked),
        tuple(
            Advice(one.name, one.said, one.programmes, tuple(expects[name] for name in one.programmes))
            for one in advice
        ),
    )


def as_checked(as_of: str | None, now: Result, then: Result | None) -> Checked:
    """Return one claim with its verdict now and on the memo's day."""
    claim = now.claim
    then = now if as_of == MEMO_MONTH else then
    before = {one.definition.id: one.figure for one in then.counted} if then else {}
    figures = [(one, before.get(one.definition.id)) for one in now.counted]
    return Checked(
        claim=claim.name,
        topic=claim.topic,
        said=claim.said,
        unit=claim.unit or None,
        memo=memo_of(claim.memo) if claim.memo else None,
        verdict=now.verdict,
        verdict_2012_12=then.verdict if then else None,
        reason=now.reason,
        shown=tuple(one.definition.id for one in now.shown),
        definitions=tuple(
            Counted(
                definition=one.definition.id,
                reading=one.definition.reading,
                about=one.definition.about,
                unit=one.definition.unit or claim.unit,
                value=one.figure.value if one.figure else None,
                reproduces=one.reproduces,
                value_2012_12=earlier.value if earlier else None,
                sql=" ".join(one.definition.sql.split()),
            )
            for one, earlier in figures
        ),
    )


def memo_of(memo: Expected) -> Memo:
    """Return the memo's figure with the ends that its words allow."""
    low, high = (end if math.isfinite(end) else None for end in memo.interval)
    return Memo(memo.wording, memo.value, memo.high, memo.step, memo.chosen, low, high)


def claims_blocks(request: Claims, found: CheckedAll) -> Iterator[AnswerBlock]:
    """Yield every claim by topic and the memo's advice, or one of them in detail."""
    if request.claim is not None and found.claims:
        yield from one_claim(found.claims[0])
        return
    for topic in TOPICS:
        if rows := tuple(row_of(claim) for claim in found.claims if claim.topic == topic):
            columns = tuple(
                Column(f"claims.{name}") for name in ("claim", "said", "memo", "record", "verdict")
            )
            yield Table(columns, rows, Sentence(f"claims.topics.{topic}"))
    if found.claims:
        counts = {name: sum(claim.verdict == name for claim in found.claims) for name in VERDICTS}
        yield Sentence("claims.summary", {"count": len(found.claims)} | counts)
        yield Sentence("claims.star")
        yield Sentence("claims.detail")
    yield from advice_blocks(found.recommendations)


def row_of(claim: Checked) -> tuple[Cell, ...]:
    """Return a claim as a row."""
    first = claim.first
    return (
        claim.claim, claim.said, memo_figure(claim), found_figure(first, first.value) if first else None, verdict(claim),
    )  # fmt: skip


def found_figure(one: Counted, value: float | None) -> Cell:
    """Return the number that a way of counting gives, as the fact that it is."""
    return None if value is None else Figure(value, None, None, one.unit, "fact", Origin((), one.sql))


def as_text(value: float, unit: str, said: Words) -> str:
    """Return a number as the language writes it: years bare, whole numbers whole, others with one decimal."""
    if unit == "year":
        return str(int(value))
    return said.number(value, 0 if float(value).is_integer() else 1)


def memo_figure(claim: Checked) -> Cell:
    """Return the memo's figure with its wording and unit, and a star where the bound is the project's own."""
    memo, unit = claim.memo, claim.unit or ""
    if memo is None:
        return None

    def shown(said: Words) -> str:
        value, high = as_text(memo.value, unit, said), as_text(memo.high or 0, unit, said)
        text = said.text(f"claims.wording.{memo.wording}", value=value, high=high)
        named = "" if unit == "year" else f" {said.unit(unit, high if memo.high else value)}"
        return text + named + (" *" if memo.chosen else "")

    return in_both(shown)


def verdict(claim: Checked) -> Cell:
    """Return the verdict in words, and what it was on the memo's day, where it differs."""
    then = claim.verdict_2012_12

    def shown(said: Words) -> str:
        now = said.text(f"claims.verdicts.{claim.verdict}")
        if then in (None, claim.verdict):
            return now
        return f"{now} {said.text('claims.then', verdict=said.text(f'claims.verdicts.{then}'))}"

    return in_both(shown)


def one_claim(claim: Checked) -> Iterator[AnswerBlock]:
    """Yield one claim: every way of counting it, at both dates where they differ, and its SQL."""
    line = "why.line"
    yield Sentence(line, {"name": claim.claim, "value": claim.said})
    yield Sentence(line, {"name": Sentence("claims.memo"), "value": memo_figure(claim)})
    yield Sentence(line, {"name": Sentence("claims.verdict"), "value": verdict(claim)})
    if claim.reason is not None:
        yield told(claim.reason)
    if claim.memo is not None and claim.memo.chosen:
        yield Sentence("claims.star")
    if not claim.definitions:
        return
    dated = claim.verdict_2012_12 is not None
    two_dates = dated and any(one.value != one.value_2012_12 for one in claim.definitions)
    columns = [Column("claims.counted"), Column("claims.record")]
    columns += [Column("claims.record_then")] * two_dates
    columns += [Column("why.unit"), Column("claims.same")]
    yield Table(
        tuple(columns),
        tuple(
            (
                one.about, found_figure(one, one.value),
                *([found_figure(one, one.value_2012_12)] * two_dates),
                Sentence(f"units.{one.unit}"), Sentence(f"claims.sameness.{sameness(one)}"),
            )
            for one in claim.definitions
        ),
    )  # fmt: skip
    for one in claim.definitions:
        reading = Sentence(f"claims.readings.{one.reading}")
        yield Sentence("claims.query", {"name": one.definition, "reading": reading, "query": one.sql})


def sameness(one: Counted) -> str:
    """Return whether a number is the memo's: ``yes``, ``no``, ``context`` or ``unknown``."""
    if one.reading == "context":
        return "context"
    return {True: "yes", False: "no", None: "unknown"}[one.reproduces]


def advice_blocks(advice: Iterable[Advice]) -> Iterator[AnswerBlock]:
    """Yield what the memo advises, then what is now expected of each programme that it concerns."""
    advice = list(advice)
    yield Table(
        tuple(Column(f"claims.{name}") for name in ("recommendation", "said", "programmes")),
        tuple((one.recommendation, one.said, programmes(one)) for one in advice),
        Sentence("claims.recommendations"),
    )
    expects = {one.programme: one for recommended in advice for one in recommended.expected}
    if not expects:
        return
    units = {one.unit for one in expects.values()}
    changes = [unit for unit in ("percent", "percent_for_percent") if unit in units]
    columns = [
        Column("claims.programme"),
        *(Column(f"claims.change.{unit}", "percent", decimals=2 * (unit != "percent")) for unit in changes),
        Column("claims.harm", "percent", decimals=0, scale=0.01),
        Column("claims.basis"),
    ]
    rows = tuple(
        (
            one.title,
            *(change_of(one) if one.unit == unit else None for unit in changes),
            one.probability_of_harm,
            Sentence(f"basis.{one.basis}"),
        )
        for one in expects.values()
    )
    yield Table(tuple(columns), rows, Sentence("claims.expected"))
    yield Sentence("claims.expected_about")


def programmes(advice: Advice) -> Cell:
    """Return the names of the programmes that advice concerns, or that it concerns the whole plan."""
    if not advice.expected:
        return Sentence("claims.expects_plan")
    return in_both(lambda said: "; ".join(one.title.to(said.language) for one in advice.expected))


def change_of(one: Expectation) -> Cell:
    """Return the change that is expected of a programme with its interval."""
    if one.value is None or one.low is None or one.high is None:
        return None
    return Interval(one.low, one.value, one.high)


QUESTIONS = (Question(Claims, CheckedAll, claims, claims_blocks, table="claims", kept=True),)
