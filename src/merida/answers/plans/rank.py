"""Programmes by what a further million dollars averts, in groups of which nothing is told apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from merida.answers.context import Context
from merida.answers.fields import Whole, option
from merida.answers.holding import held_lines
from merida.answers.plans.running import Sized
from merida.answers.questions import Question
from merida.decide.said.lines import LeftOutLine, MovedLine, RankedLine
from merida.document.blocks import AnswerBlock, Cell, Column, Listing, Sentence, Table
from merida.facts.schema import Text as Both
from merida.progress import Work
from merida.statistics import Interval
from merida.statistics.grouping import SURE

if TYPE_CHECKING:
    from merida.decide.ranking import Ranking

Titles = Mapping[str, Both]


class Rank(Sized):
    """Programmes in groups by what a further million dollars averts."""

    question = "rank"
    draws: Whole = option("cli.runs.rank_draws", 512, metavar="N", ge=1, unit="draws")
    leave_one_out: bool = option("cli.runs.leave_one_out", False)


@dataclass(frozen=True)
class RankedProgrammes:
    """The programmes that are meant to move homicides, and their groups under other assumptions.

    Attributes
    ----------
    programmes : tuple of RankedLine
        By group, then by the share of draws in which it is among the first five, then by the median.
    told_apart : bool
        Whether there is more than one group.
    groups, draws, settled, draws_needed
        See `merida.statistics.grouping.Grouping`.
    effects_with_study : int
        How many of the effects rest on a study of their own.
    additionality, years : dict of str to MovedLine
        The groups where this part of each dollar is additional, and where the first so many years count.
    without : dict of str to LeftOutLine
        The groups with one study left out; empty if that was not asked for.
    """

    programmes: tuple[RankedLine, ...]
    told_apart: bool
    groups: tuple[tuple[str, ...], ...]
    draws: int
    settled: bool
    draws_needed: int | None
    effects_with_study: int
    additionality: dict[str, MovedLine]
    years: dict[str, MovedLine]
    without: dict[str, LeftOutLine]


def rank(request: Rank, context: Context, work: Work) -> tuple[RankedProgrammes, Ranking]:
    """Return the programmes in groups, with what the draws gave."""
    from merida.ensemble.sizes import check_size

    framework = context.framework
    check_size(request.draws, framework.evaluation_years if request.years is None else request.years)

    from merida.decide.ranking import ranking
    from merida.decide.said import report

    found = ranking(
        framework,
        context.facts,
        draws=request.draws,
        years=request.years,
        seed=request.seed,
        leave_one_out=request.leave_one_out,
        held=request.numbers,
        progress=work.stage("ranking"),
    )
    lines = report.ranked(found, framework)
    payload = RankedProgrammes(
        programmes=lines,
        told_apart=found.grouping.told_apart,
        **asdict(found.grouping),
        effects_with_study=sum(bool(line.studies) for line in lines),
        additionality=report.moved(found, found.additionality),
        years=report.moved(found, found.windows),
        without=report.left_out(found),
    )
    return payload, found


def blocks(request: Rank, found: RankedProgrammes) -> Iterator[AnswerBlock]:
    """Yield whether programmes are told apart, the programmes, and what each assumption does to the groups."""
    titles = {line.programme: line.title for line in found.programmes}
    yield from verdict(found, titles)
    yield programmes(found)
    yield assumptions(found, titles)
    yield from held_lines(request)
    yield Sentence("rank.rests", {"found": found.effects_with_study, "of": len(found.programmes)})
    if request.leave_one_out:
        yield from left_out(found, titles)


def verdict(found: RankedProgrammes, titles: Titles) -> Iterator[Sentence]:
    """Yield whether programmes are told apart, and then whether more draws could change that."""
    if found.told_apart:
        best = listed(found.groups[0], titles)
        yield Sentence("rank.told_apart", {"groups": len(found.groups), "sure": SURE, "best": best})
    else:
        yield Sentence("rank.not_told_apart", {"sure": SURE})
    if found.settled:
        yield Sentence("rank.settled", {"draws": found.draws})
    elif found.draws_needed is None:
        yield Sentence("rank.never_settled", {"draws": found.draws})
    else:
        yield Sentence("rank.not_settled", {"draws": found.draws, "needed": found.draws_needed})


def listed(names: Sequence[str], titles: Titles) -> Listing | None:
    """Return the titles of programmes in one cell, or None where there is none."""
    return Listing(tuple(titles[name] for name in names), "; ") if names else None


def programmes(found: RankedProgrammes) -> Table:
    """Return the programmes: by group, then by the share of draws in which each is among the first five."""
    columns = (
        Column("plan.programme"), Column("rank.group"),
        Column("rank.first", decimals=2), Column("rank.error", decimals=2),
        Column("rank.median", decimals=2), Column("rank.error", decimals=2),
        Column("rank.mean", decimals=2), Column("rank.error", decimals=2),
        Column("rank.harm", decimals=2), Column("rank.studies"),
    )  # fmt: skip
    rows = tuple(
        (
            line.title, line.group, line.first, line.first_error,
            Interval(line.low, line.median, line.high), line.median_error,
            line.mean, line.mean_error, line.harm, len(line.studies),
        )
        for line in found.programmes
    )  # fmt: skip
    return Table(columns, rows, Sentence("rank.title", {"draws": found.draws}))


MOVED = (
    Column("rank.groups"), Column("rank.enters"), Column("rank.leaves"), Column("rank.settled_column"),
)  # fmt: skip


def moved(line: MovedLine | LeftOutLine, titles: Titles) -> tuple[Cell, ...]:
    """Return the groups under another assumption: how many, and who enters or leaves the best one."""
    return (len(line.groups), listed(line.enters, titles), listed(line.leaves, titles), line.settled)


def assumptions(found: RankedProgrammes, titles: Titles) -> Table:
    """Return what each assumption does to the groups."""
    cases: list[tuple[Sentence, MovedLine]] = [
        (Sentence("rank.additional", {"share": float(share)}), line)
        for share, line in found.additionality.items()
    ]
    cases += [(Sentence("rank.years", {"years": years}), line) for years, line in found.years.items()]
    rows = tuple((name, *moved(line, titles)) for name, line in cases)
    return Table((Column("rank.assumption"), *MOVED), rows, Sentence("rank.assumptions_title"))


def left_out(found: RankedProgrammes, titles: Titles) -> Iterator[AnswerBlock]:
    """Yield the studies without which other programmes are in the best group."""
    rows = tuple(
        (study, *moved(line, titles)) for study, line in found.without.items() if line.enters or line.leaves
    )
    if not rows:
        yield Sentence("rank.none_changes")
        return
    yield Sentence("rank.changes", {"found": len(rows), "of": len(found.without)})
    yield Table((Column("rank.study"), *MOVED), rows, Sentence("rank.out_title"))


QUESTIONS = (Question(Rank, RankedProgrammes, rank, blocks, table="programmes", kept=True),)
