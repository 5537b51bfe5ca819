"""How well the forecast did from past Decembers, beside its baselines; or from one, on deaths of the user's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from merida.answers.context import Context
from merida.answers.fields import Text, Texts, Whole, option
from merida.answers.holding import held_lines, priors_of
from merida.answers.naming import in_both, place_name, told
from merida.answers.own_lines import tables_of
from merida.answers.questions import Question
from merida.answers.request import Settable
from merida.answers.violence.scores import (
    Backtested,
    Event,
    FileScore,
    Gain,
    Likelihood,
    OnFile,
    PlaceScore,
    Score,
)
from merida.document.blocks import AnswerBlock, Cell, Column, Month, Sentence, Table, Verbatim
from merida.errors import ViolenceError
from merida.progress import Work
from merida.statistics import Interval

if TYPE_CHECKING:
    from merida.priors import Priors
    from merida.violence.forecasting import Backtest as Tested
    from merida.violence.forecasting import Scored

SHOWN = 60  # rows of places and periods listed for people
COVERAGES = (50, 90, 95)


class Backtest(Settable):
    """How well the forecast did."""

    question = "violence.backtest"
    example: ClassVar[Mapping[str, Any]] = {"origin": ["2010-12"], "draws": 100}
    origin: Texts = option("cli.forecast.origin", (), metavar="YYYY-12")
    actuals: Text | None = option("cli.forecast.actuals", None, metavar="FILE", file=True)
    separator: Literal["comma", "semicolon", "tab", "pipe"] | None = option("cli.separator", None)
    decimal: Literal["point", "comma"] | None = option("cli.decimal", None)
    complete: bool = option("cli.forecast.complete", False)
    partial: bool = option("cli.forecast.partial", False)
    months: Whole = option("cli.forecast.months_scored", 12, ge=1)
    draws: Whole = option("cli.forecast.draws", 1000, ge=1)
    seed: Whole = option("cli.seed", 0, metavar="N", ge=-(2**63), le=2**63 - 1)
    vintage: Literal["perfect", "real_time"] = option("cli.forecast.vintage", "perfect")

    def years(self) -> list[int]:
        """Return the year of each origin, which is a December."""
        years = []
        for text in self.origin:
            year, _, month = text.partition("-")
            if not (year.isascii() and year.isdecimal() and len(year) == 4 and month == "12"):
                raise ViolenceError("origin_not_december", found=text[:60])
            years.append(int(year))
        return years


def backtest(request: Backtest, _: Context, work: Work) -> tuple[Backtested, Tested] | tuple[OnFile, Scored]:
    """Return how well the forecast did, from past Decembers or on the user's file."""
    from merida.parameters.registry import FORECAST
    from merida.violence.forecasting import backtest as test
    from merida.violence.forecasting import origins_within

    priors, years = priors_of(request, FORECAST), request.years()
    if request.complete and request.partial:
        raise ViolenceError("actuals_both")
    if request.actuals is not None:
        return on_file(request, years, priors, work)
    origins = origins_within(request.months, years, request.vintage)
    tested = test(
        origins,
        request.months,
        request.draws,
        request.seed,
        request.vintage,
        work.stage("backtest"),
        priors,
    )
    return backtested(tested), tested


def backtested(tested: Tested) -> Backtested:
    """Return a backtest for programs."""
    from merida.violence.forecasting import report
    from merida.violence.forecasting.backtest import OURS

    ahead, event = range(tested.months // 12), tested.event()
    return Backtested(
        origins=tuple(f"{origin.year}-12" for origin in tested.origins),
        horizon_months=tested.months,
        draws=tested.draws,
        vintage=tested.vintage,
        models={model: report.means(tested, model) for model in tested.models},
        by_year_of_horizon=tuple(
            {model: report.means(tested, model, year) for model in tested.models} for year in ahead
        ),
        by_origin=report.by_part(tested),
        skill=tuple(
            {
                level: {against: Gain(**gain) for against, gain in report.gains(tested, level, year).items()}
                for level in report.LEVELS
            }
            for year in ahead
        ),
        pit={
            name: tuple(round(float(share), 4) for share in shares) for name, shares in tested.pit().items()
        },
        event=Event(
            **{name: event[name] for name in ("cases", "brier", "brier_logit", "skill")},
            reliability=tuple(Likelihood(**row) for row in event["reliability"]),
        ),
        forecast=OURS,
        scores=tuple(Score(**line) for line in report.lines(tested)),
    )


def on_file(request: Backtest, years: list[int], priors: Priors, work: Work) -> tuple[OnFile, Scored]:
    """Return the scores of one forecast on the user's file."""
    from merida.user_tables import DecimalSign, Separator
    from merida.violence.forecasting import report, score

    if len(years) != 1:
        raise ViolenceError("actuals_origin", count=len(years))
    scored = score(
        years[0],
        Path(request.actuals or ""),
        request.draws,
        request.seed,
        True if request.complete else False if request.partial else None,
        None if request.separator is None else Separator(request.separator),
        None if request.decimal is None else DecimalSign(request.decimal),
        priors,
        work.stage("scoring"),
    )
    found = OnFile(
        origins=(f"{scored.origin}-12",),
        horizon_months=scored.months,
        basis=scored.basis,
        without_place=scored.without_place,
        left_out=tuple(int(label) if label.isdigit() else label for label in scored.left_out),
        partly_named=scored.partly,
        complete=scored.complete,
        not_named_counted_as_none=scored.assumed_none,
        models=report.scored_means(scored),
        years=scored.years,
        months=scored.by_month,
        places=tuple(PlaceScore(**vars(place)) for place in scored.places),
        notes=tuple(in_both(note.text) for note in scored.notes),
        scores=tuple(FileScore(**line) for line in report.scored_lines(scored)),
    )
    return found, scored


def blocks(request: Backtest, found: Backtested | OnFile) -> Iterator[AnswerBlock]:
    """Yield the scores, and what is held."""
    yield from backtest_blocks(found) if isinstance(found, Backtested) else file_blocks(found)
    yield from held_lines(request)


def backtest_blocks(found: Backtested) -> Iterator[AnswerBlock]:
    """Yield a table a level, then calibration."""
    counted: dict[str, Cell] = {"count": len(found.origins), "draws": found.draws}
    ends = {"first": found.origins[0][:4], "last": found.origins[-1][:4]}
    yield Sentence("forecast.backtest_title", counted | ends)
    yield Sentence(f"forecast.vintages.{found.vintage}")
    if len(found.origins) > 1:
        yield Sentence("forecast.gains")
    for year, gains in enumerate(found.skill, 1):
        for level, skill in gains.items():
            lines = [line for line in found.scores if (line.year_of_horizon, line.level) == (year, level)]
            yield score_table(lines, Sentence(f"forecast.levels.{level}", {"year": year}))
            for against, of in skill.items():
                gain = Interval(100 * of.low, 100 * of.gain, 100 * of.high)
                model = Sentence(f"forecast.models.{of.model}")
                yield Sentence(f"forecast.skill.{against}", {"model": model, "gain": gain})
    yield Table(
        (Column("forecast.stratum"), *(Column(Verbatim(str(at)), decimals=1, scale=0.01) for at in range(1, 11))),
        tuple((Sentence(f"forecast.strata.{name}"), *shares) for name, shares in found.pit.items()),
        Sentence("forecast.pit"),
    )  # fmt: skip
    said, happened = (Column(f"forecast.{name}", "percent", 0, 0.01) for name in ("said", "happened"))
    yield Table(
        (said, happened, Column("forecast.cases", decimals=0)),
        tuple((row.forecast, row.observed, row.cases) for row in found.event.reliability),
        Sentence("forecast.event"),
    )  # fmt: skip
    brier = {"brier": found.event.brier, "logit": found.event.brier_logit, "skill": 100 * found.event.skill}
    yield Sentence("forecast.brier", brier)


def score_table(lines: Iterable[Score], title: Sentence) -> Table:
    """Return the scores of every model at one level."""
    lines = list(lines)
    decimals = 4 if lines[0].level == "municipality_month" else 1
    parts = lines[0].crps_to_2015 is not None and lines[0].crps_from_2016 is not None
    columns = (
        Column("forecast.model"), Column(Verbatim("CRPS"), decimals=decimals),
        *(Column(f"forecast.{part}", decimals=decimals) for part in ("to_2015", "from_2016") if parts),
        Column(Verbatim("log(1+y)"), decimals=4), Column("forecast.log_score", decimals=3),
        Column("forecast.interval_score", decimals=decimals // 2), *coverage_columns(),
    )  # fmt: skip
    rows = tuple(
        (
            Sentence(f"forecast.models.{of.model}"), of.crps,
            *((of.crps_to_2015, of.crps_from_2016) if parts else ()), of.crps_log, of.log_score,
            of.interval_score_90, of.coverage_50, of.coverage_90, of.coverage_95,
        )
        for of in lines
    )  # fmt: skip
    return Table(columns, rows, title)


def coverage_columns() -> tuple[Column, ...]:
    """Return the columns that say how often what happened lay within an interval, in percent."""
    return tuple(Column(Verbatim(f"{share} %"), decimals=0, scale=0.01) for share in COVERAGES)


def file_blocks(found: OnFile) -> Iterator[AnswerBlock]:
    """Yield each place beside its forecast, then the scores of every model, a table a period."""
    yield Sentence("forecast.scored_title", {"origin": Month(found.origins[0])})
    yield Sentence(f"forecast.bases.{found.basis}")
    places = sorted(found.places, key=lambda place: (place.period, -place.actual))
    yield Table(
        (
            Column("forecast.period"), Column("forecast.place"), Column("forecast.actual", "deaths", decimals=0),
            Column("forecast.median_90", "deaths", decimals=0), Column(Verbatim("CRPS"), decimals=2),
        ),
        tuple(
            (
                period_name(of.period), place_name(of.place, of.name), of.actual,
                Interval(of.low, of.median, of.high), of.crps,
            )
            for of in places[:SHOWN]
        ),
        Sentence("forecast.beside"),
    )  # fmt: skip
    if len(places) > SHOWN:
        yield Sentence("forecast.more_places", {"count": len(places) - SHOWN})
    if not any(found.complete.values()):
        yield Sentence("forecast.no_sum")
    if none := max(found.not_named_counted_as_none.values()):
        yield Sentence("forecast.assumed_none", {"count": none})
    for label in (*found.years, *(("months",) if found.months else ())):
        shown = [line for line in found.scores if line.period == label]
        percent = 100 * found.without_place.get(label, 0.0)
        title = Sentence("forecast.scored_year", {"year": label, "percent": percent})
        yield file_table(shown, Sentence("forecast.scored_months") if label == "months" else title)
    for key, labels in (("left_out", found.left_out), ("partly", found.partly_named)):
        if labels:
            yield Sentence(f"forecast.{key}", {"years": ", ".join(map(str, labels))})
    yield from map(told, found.notes)


def period_name(period: str) -> Cell:
    """Return a year or month in words."""
    return Month(period) if "-" in period else int(period)


def file_table(lines: Iterable[FileScore], title: Sentence) -> Table:
    """Return the scores of every model at every level of one period."""
    columns = (
        Column("forecast.level"), Column("forecast.model"), Column(Verbatim("CRPS")),
        Column(Verbatim("log(1+y)"), decimals=4), *coverage_columns(),
    )  # fmt: skip
    rows = tuple(
        (
            Sentence(f"forecast.levels_year.{of.level}"), Sentence(f"forecast.models.{of.model}"), of.crps,
            of.crps_log, of.coverage_50, of.coverage_90, of.coverage_95,
        )
        for of in lines
    )  # fmt: skip
    return Table(columns, rows, title)


EITHER: Any = Backtested | OnFile
QUESTIONS = (
    Question(
        Backtest,
        EITHER,
        backtest,
        blocks,
        table="scores",
        kept=True,
        rests_on=lambda *_: tables_of("violence"),
    ),
)
