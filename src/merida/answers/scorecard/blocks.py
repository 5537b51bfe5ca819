"""The blocks that show a scorecard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from merida.answers.scorecard.payload import Board, EvenLine, Line, PaceLine
from merida.document.blocks import AnswerBlock, Cell, Column, Listing, Points, Rounded, Sentence, Table
from merida.facts.schema import Text as Both

if TYPE_CHECKING:
    from merida.answers.scorecard.card import Scorecard

HEAD = "scorecard"
COUNTS = ("met", "on_track", "cannot_tell", "off_track", "missed", "due_unknown", "without_target")


def blocks(request: Scorecard, board: Board) -> Iterator[AnswerBlock]:
    """Yield the whole scorecard, or one indicator in detail."""
    if request.indicator is not None:
        yield from detail(next(one for one in board.indicators if one.code == request.indicator))
        yield from values(board)
        return
    gaps = sum(one.verdict == "gap" for one in board.indicators)
    count = len(board.indicators)
    yield Sentence(f"{HEAD}.headline", {"count": count, "actuals": count - gaps, "gaps": gaps})
    yield from answered(board)
    yield pillar_table(board)
    yield from targets(board)
    for pillar in board.pillars:
        rows = tuple(row(one) for one in board.indicators if one.pillar == pillar.pillar)
        names = ("code", "title", "baseline", "actual", "unit", "level", "verdict")
        columns = tuple(Column(f"{HEAD}.{name}", figures=name in ("baseline", "actual")) for name in names)
        yield Table(columns, rows, Sentence("common.text", {"text": pillar.title}))
    if any(one.own for one in board.indicators):
        yield Sentence(f"{HEAD}.own_mark")
    yield from of_money(board)
    yield from of_scores(board)
    yield Sentence(f"{HEAD}.detail")


def answered(board: Board) -> Iterator[AnswerBlock]:
    """Yield what the targets say in one sentence, and whether the money lay evenly."""
    dated = [one.verdict for one in board.indicators if one.target_date is not None and one.verdict != "gap"]
    said = tuple(
        Sentence("why.line", {"name": Sentence(f"{HEAD}.verdicts.{name}"), "value": dated.count(name)})
        for name in COUNTS
        if name in dated
    )
    free = sum(one.verdict == "no_target" for one in board.indicators)
    if dated:
        yield Sentence(f"{HEAD}.answered", {"count": len(dated), "free": free, "said": Listing(said, "; ")})
    for one in board.evenness:
        if one.index == "theil" and one.verdict != "counted":
            values = {
                "what": Sentence(f"{HEAD}.spread.{one.what}"),
                "verdict": Sentence(f"{HEAD}.even.{one.verdict}"),
            }
            yield Sentence(f"{HEAD}.is_even", values)


def values(board: Board) -> Iterator[AnswerBlock]:
    """Yield the values of the indicator that was asked for in full."""
    shared = any(one.numerator is not None for one in board.values)
    names = ("value", *(("numerator", "denominator") if shared else ()))
    yield Table(
        (Column(f"{HEAD}.date"), *(Column(f"{HEAD}.{name}", figures=True) for name in names)),
        tuple((one.date, *(getattr(one, name) for name in names)) for one in board.values),
    )


def pillar_table(board: Board) -> Table:
    """Return how the indicators of each pillar stand."""
    held = (name for name in COUNTS if any(getattr(one, name) for one in board.pillars))
    names = ("indicators", "with_actuals", "gaps", *held)
    return Table(
        (Column(f"{HEAD}.pillar"), *(Column(f"{HEAD}.counts.{name}", decimals=0) for name in names)),
        tuple((one.title, *(getattr(one, name) for name in names)) for one in board.pillars),
    )


def dated(value: float | None, date: str | None, decimals: int) -> Cell:
    """Return a value with its date, or None."""
    if value is None:
        return None
    return Listing((Rounded(value, decimals), f"({date})"), " ")


def row(one: Line) -> tuple[Cell, ...]:
    """Return an indicator as a row; of a gap the reason stands in the place of a verdict."""
    said: Cell = Sentence(f"{HEAD}.verdicts.{one.verdict}")
    if one.verdict == "no_target" and one.moved is not None:
        said = Sentence(f"{HEAD}.moved.{one.moved}")
    return (
        one.code + (" *" if one.own else ""),
        one.title,
        dated(one.baseline, one.baseline_date, one.decimals),
        dated(one.value, one.date, one.decimals),
        Sentence(f"units.{one.unit}"),
        Sentence(f"{HEAD}.levels.{one.level}"),
        one.gap if one.gap is not None else said,
    )


def targets(board: Board) -> Iterator[AnswerBlock]:
    """Yield the indicators that have a target, with what each method says of it."""
    held = [one for one in board.indicators if one.target is not None]
    if not held:
        yield Sentence(f"{HEAD}.no_targets")
        return
    yield Table(
        (
            Column(f"{HEAD}.code"), Column(f"{HEAD}.title"), Column(f"{HEAD}.target", figures=True),
            Column(f"{HEAD}.met_with", figures=True), Column(f"{HEAD}.verdict"),
            Column(f"{HEAD}.probability", "percent", 0, 0.01), Column(f"{HEAD}.trend", "percent", 0, 0.01),
            Column(f"{HEAD}.regression"), Column(f"{HEAD}.growth"),
        ),
        tuple(
            (
                one.code,
                one.title,
                Listing((Rounded(one.target, one.decimals), f"({one.target_date})"), " ")
                if one.target_date
                else Rounded(one.target, one.decimals),
                None if one.target_met_with is None else Rounded(one.target_met_with, one.decimals),
                Sentence(f"{HEAD}.verdicts.{one.verdict}"),
                one.probability,
                one.probability_trend,
                one.regression_says,
                one.growth_says,
            )
            for one in held
        ),
        Sentence(f"{HEAD}.targets"),
    )  # fmt: skip
    yield Sentence(f"{HEAD}.targets_note")


def of_money(board: Board) -> Iterator[AnswerBlock]:
    """Yield money by account and year, what of it can be traced, how long it took, how evenly it lies."""
    if board.money:
        stages = ("appropriated", "obligated", "expended", "delivered")
        yield Table(
            (
                Column(f"{HEAD}.fiscal_year"),
                Column(f"{HEAD}.account"),
                *(Column(f"{HEAD}.stages.{name}", "usd_million", 1, 1e6) for name in stages),
            ),
            tuple(
                (one.fiscal_year, Sentence(f"accounts.{one.account}"), *(getattr(one, name) for name in stages))
                for one in board.money
            ),
            Sentence(f"{HEAD}.money_title"),
        )  # fmt: skip
        yield Sentence(f"{HEAD}.money_note")
    traced = board.traced
    if traced is not None and traced.appropriated_usd is not None and traced.untraced_usd is not None:
        yield Sentence(
            f"{HEAD}.traced",
            {
                "whole": Rounded(traced.appropriated_usd / 1e6),
                "untraced": Rounded(traced.untraced_usd / 1e6),
                "programme": Rounded((traced.programme_usd or 0.0) / 1e6),
                "objective": Rounded((traced.objective_usd or 0.0) / 1e6),
            },
        )
    yield from of_pace(board)
    yield from of_evenness(board)
    if board.effort:
        yield Table(
            (
                Column(f"{HEAD}.year"),
                Column(f"{HEAD}.initiative", "mxn_million", 0),
                Column(f"{HEAD}.fasp", "mxn_million", 0),
                Column(f"{HEAD}.at_most", "percent", 0),
            ),
            tuple(
                (one.year, one.initiative_mxn_million, one.fasp_mxn_million, one.at_most_pct)
                for one in board.effort
            ),
            Sentence(f"{HEAD}.effort"),
        )
    if board.unknown_parts:
        parts = Listing(tuple(Sentence(f"{HEAD}.parts.{name}") for name in board.unknown_parts), "; ")
        yield Sentence(f"{HEAD}.unknown_parts", {"count": len(board.unknown_parts), "parts": parts})


def of_pace(board: Board) -> Iterator[AnswerBlock]:
    """Yield the months that money took."""
    if board.fitted:
        yield Table(
            (
                Column(f"{HEAD}.account"),
                *(
                    Column(f"{HEAD}.{name}", "months", 0)
                    for name in ("fitted_months", "fitted_low", "fitted_high")
                ),
            ),
            tuple(
                (Sentence(f"accounts.{one.account}"), one.months, one.low, one.high) for one in board.fitted
            ),
            Sentence(f"{HEAD}.fitted"),
        )
    if board.pace:
        yield Table(
            (
                Column(f"{HEAD}.fiscal_year"), Column(f"{HEAD}.account"), Column(f"{HEAD}.until"),
                Column(f"{HEAD}.lag", "months", figures=True), Column(f"{HEAD}.spent", "percent", 0, 0.01),
            ),
            tuple(
                (
                    one.fiscal_year, Sentence(f"{HEAD}.pace_of.{one.account}"), Sentence(f"{HEAD}.stages.{one.stage}"),
                    span(one), one.spent_share,
                )
                for one in sorted(board.pace, key=lambda one: (one.account, one.stage, one.fiscal_year))
            ),
            Sentence(f"{HEAD}.pace"),
        )  # fmt: skip
        yield Sentence(f"{HEAD}.pace_note")


def span(one: PaceLine) -> Cell:
    """Return an interval of months, open above where money is still to be spent."""
    if one.low is None:
        return None
    if one.high is None:
        return Sentence(f"{HEAD}.open", {"low": Rounded(one.low)})
    return Sentence(f"{HEAD}.span", {"low": Rounded(one.low), "high": Rounded(one.high)})


def of_evenness(board: Board) -> Iterator[AnswerBlock]:
    """Yield the indices of evenness and the ends of each pillar's share."""
    if board.evenness:
        yield Table(
            (
                Column(f"{HEAD}.what"), Column(f"{HEAD}.index"), Column(f"{HEAD}.ends", figures=True),
                Column(f"{HEAD}.verdict"),
            ),
            tuple(
                (
                    Sentence(f"{HEAD}.spread.{one.what}"), Sentence(f"{HEAD}.indices.{one.index}"), ends(one),
                    Sentence(f"{HEAD}.even.{one.verdict}"),
                )
                for one in board.evenness
            ),
            Sentence(f"{HEAD}.evenness"),
        )  # fmt: skip
        yield Sentence(f"{HEAD}.evenness_note")
    if board.pillar_shares:
        titles = {one.pillar: one.title for one in board.pillars}
        yield Table(
            (
                Column(f"{HEAD}.what"), Column(f"{HEAD}.pillar"), Column(f"{HEAD}.least", "percent", 0, 0.01),
                Column(f"{HEAD}.most", "percent", 0, 0.01),
            ),
            tuple(
                (Sentence(f"{HEAD}.spread.{one.what}"), titles.get(one.pillar, one.pillar), one.low, one.high)
                for one in board.pillar_shares
            ),
            Sentence(f"{HEAD}.pillar_shares"),
        )  # fmt: skip


def ends(one: EvenLine) -> Cell:
    """Return the ends of an index, or the one number that was counted."""
    if one.verdict == "counted":
        return Rounded(one.low, 2)
    return Sentence(f"{HEAD}.span", {"low": Rounded(one.low, 2), "high": Rounded(one.high, 2)})


def of_scores(board: Board) -> Iterator[AnswerBlock]:
    """Yield the scores of the methods, and how often targets were met under each verdict."""
    if not board.scores:
        return
    numbers = ("brier", "brier_hedged", "log", "log_hedged")
    yield Table(
        (
            Column(f"{HEAD}.scored_on"), Column(f"{HEAD}.method"), Column(f"{HEAD}.cases", decimals=0),
            *(Column(f"{HEAD}.{name}", decimals=3) for name in numbers),
            Column(f"{HEAD}.gain", "percent", 0, 0.01),
        ),
        tuple(
            (
                Sentence(f"{HEAD}.on.{one.on}"), Sentence(f"{HEAD}.methods.{one.method}"), one.cases,
                *(getattr(one, name) for name in numbers), one.gain,
            )
            for one in board.scores
        ),
        Sentence(f"{HEAD}.scores"),
    )  # fmt: skip
    yield Sentence(f"{HEAD}.scores_note")
    yield Table(
        (
            Column(f"{HEAD}.verdict"), Column(f"{HEAD}.cases", decimals=0),
            Column(f"{HEAD}.met_share", "percent", 0, 0.01),
        ),
        tuple((Sentence(f"{HEAD}.verdicts.{one.verdict}"), one.cases, one.met_share) for one in board.reliability),
        Sentence(f"{HEAD}.reliability"),
    )  # fmt: skip


def detail(one: Line) -> Iterator[AnswerBlock]:
    """Yield one indicator with its whole definition."""
    yield Sentence("why.headline", {"name": one.code, "title": one.title})
    facts: dict[str, Cell] = {
        "counts_is": one.counts,
        "excludes": one.excludes,
        "numerator": one.numerator_is,
        "denominator": one.denominator_is,
        "unit": Sentence(f"units.{one.unit}"),
        "level": Sentence(f"{HEAD}.levels.{one.level}"),
        "direction": Sentence(f"{HEAD}.directions.{one.direction}"),
        "summable": Sentence("common.yes" if one.summable else "common.no"),
        "baseline": dated(one.baseline, one.baseline_date, one.decimals),
        "actual": dated(one.value, one.date, one.decimals),
        "target": dated(one.target, one.target_date or "–", one.decimals),
        "target_source": one.target_source,
        "verdict": Sentence(f"{HEAD}.verdicts.{one.verdict}"),
        "probability": None if one.probability is None else Rounded(100 * one.probability),
        "gap": one.gap,
        "column": one.column or None,
    }
    yield Points(
        tuple(
            Sentence("why.line", {"name": Sentence(f"{HEAD}.{name}"), "value": value})
            for name, value in facts.items()
            if value is not None
        )
    )
    changes: tuple[Both, ...] = one.changes
    if changes:
        yield Points(tuple(Sentence("common.text", {"text": text}) for text in changes))
    if one.query:
        yield Sentence("why.again", {"query": one.query})
