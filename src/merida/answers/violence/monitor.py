"""Where violence is in a place and how it moved: each number with its interval and its origin."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from merida.answers.context import Context
from merida.answers.fields import Number, Text, Whole, option
from merida.answers.naming import in_both, place_name, place_note, told
from merida.answers.questions import Answer, Frame, Question
from merida.answers.request import Drawn
from merida.document.blocks import AnswerBlock, Cell, Column, Month, Points, Sentence, Table, Verbatim
from merida.errors import ViolenceError
from merida.facts.schema import Text as Both
from merida.progress import Work
from merida.violence.monitoring.disappearances import Disappearances
from merida.violence.monitoring.levels import Level, Moved
from merida.violence.monitoring.organised_crime import Attributed, Crime, Presence
from merida.violence.monitoring.spread import ClusterStanding, Concentration, Onset, Spread
from merida.words import Words

if TYPE_CHECKING:
    from merida.answers.questions import Drawn as Picture
    from merida.places import Place
    from merida.violence.monitoring import Monitor as Monitored

NAMED = 8  # organisations and clusters named in a line
HALF = 0.5  # of a change's variance that the place's own deaths must settle, or else a warning is shown
ANNOUNCED = (
    2007  # a year that the table of reached municipalities always shows: the Initiative's announcement
)


class Monitor(Drawn):
    """Where violence is in a place and how it moved."""

    question = "violence.monitor"
    example: ClassVar[Mapping[str, Any]] = {"place": "Ciudad Juárez"}
    place: Text = option("cli.violence.place", "nation", metavar="PLACE")
    threshold: Whole = option("cli.violence.threshold", 12, ge=1, le=10**6)
    level: Number = option("cli.violence.level", 25.0, gt=0, le=10**5, metavar="RATE")


@dataclass(frozen=True)
class Shown:
    """The place: its kind, code and name, what was asked for where it is a part of it, and how a user names it."""

    kind: str
    code: str
    name: str
    asked: str
    year_created: int | None
    text: str
    note: Both | None


@dataclass(frozen=True)
class Break:
    """A change of level: the first month of the new one, the months between which that lies, and their ratio.

    The ratio is None where the old level is nought.
    """

    month: str
    low: str
    high: str
    ratio: float | None


@dataclass(frozen=True)
class Span:
    """The months on record."""

    first: str
    last: str


@dataclass(frozen=True)
class MonitorOf:
    """Where violence is in a place and how it moved; see `merida.violence.monitoring.Monitor`.

    Attributes
    ----------
    notes : tuple of str
        Keys under ``notes`` in ``words/`` of what a reader must know of the figures.
    series : Frame
        By month: deaths, and the level between break points with its interval, in deaths a month.
    """

    place: Shown
    as_of: str | None
    year: int
    basis: str
    overdispersion: float
    level: Level
    moved: tuple[Moved, ...]
    spread: Spread
    concentration: Concentration | None
    clusters: ClusterStanding
    onset: Onset
    attributed: tuple[Attributed, ...]
    presence: tuple[Presence, ...]
    crimes: tuple[Crime, ...]
    missing: Disappearances | None
    breaks: tuple[Break, ...]
    months: Span
    notes: tuple[str, ...]
    series: Frame


def monitor(request: Monitor, context: Context, work: Work) -> tuple[MonitorOf, Monitored]:
    """Return where violence is in a place and how it moved."""
    from merida.places import find_place
    from merida.violence.monitoring import monitor as watch
    from merida.violence.monitoring.cross_section import cross_section_of

    step = work.stage("monitor")
    place = find_place(context.facts, request.place)
    shared = cross_section_of(context.facts, request.seed)
    for at, part in enumerate(("units", "overdispersion", "rates", "clusters")):
        step(at, 5)
        getattr(shared, part)  # made when it is asked for
    found = watch(context.facts, place, request.threshold, request.level, request.seed, shared)
    step(5, 5)
    return payload_of(found), found


def payload_of(found: Monitored) -> MonitorOf:
    """Return a monitor for programs."""
    from merida.violence.monitoring.chart_tables import series_table

    series = series_table(found)
    months = series["month"].to_list()
    return MonitorOf(
        place=shown(found.place),
        as_of=found.as_of,
        year=found.year,
        basis=found.basis,
        overdispersion=found.overdispersion,
        level=found.level,
        moved=found.moved,
        spread=found.spread,
        concentration=found.concentration,
        clusters=found.clusters,
        onset=found.onset,
        attributed=found.attributed,
        presence=found.presence,
        crimes=found.crimes,
        missing=found.missing,
        breaks=tuple(
            Break(months[of.first], months[of.low], months[of.high], of.ratio if of.ratio < float("inf") else None)
            for of in found.breaks.breaks
        ),
        months=Span(found.months[0], found.months[-1]),
        notes=notes(found),
        series=series,
    )  # fmt: skip


def shown(place: Place) -> Shown:
    """Return a place for programs."""
    return Shown(
        place.kind, place.code, place.name, place.asked, place.year_created, place.text, place_note(place)
    )


def notes(found: Monitored) -> tuple[str, ...]:
    """Return the keys of what a reader must know of the figures shown, each once."""
    keys = [found.level.rate.origin.note, found.level.underlying.origin.note, found.series.origin.note]
    keys += [of.change.origin.note for of in found.moved[:1]]
    keys += ["clusters", "onset"]
    keys += ["organised_crime", "organised_crime_year"] * bool(found.attributed)
    keys += ["presence"] * bool(found.presence)
    keys += ["recorded_crime"] * bool(found.crimes)
    keys += ["missing", "missing_change"] * bool(found.missing)
    return tuple(dict.fromkeys(key for key in keys if key))


def monitor_blocks(_: Monitor, found: MonitorOf) -> Iterator[AnswerBlock]:
    """Yield what a reader asks first: how much, since when, where, who; then what to know of the figures."""
    place = found.place
    state = place.kind == "municipality"  # whose state is shown where a municipality alone says nothing
    name = place_name(place.text, place.name)
    yield Sentence("monitor.title", {"place": name, "year": found.year})
    if found.as_of:
        yield Sentence("monitor.as_of", {"month": Month(found.as_of)})
    if place.note:
        yield told(place.note)
    yield from level_blocks(found)
    yield from spread_blocks(found, state)
    yield from where_blocks(found, state, name)
    yield from break_blocks(found)
    yield from actor_blocks(found, state)
    if found.missing is not None:
        yield from missing_blocks(found.missing)
    yield Sentence("monitor.notes")
    yield Points(tuple(Sentence(f"notes.{note}") for note in found.notes))


def level_blocks(found: MonitorOf) -> Iterator[AnswerBlock]:
    """Yield the last year's count and rates, and the changes against earlier ones."""
    level = found.level
    counted: dict[str, Cell] = {
        "year": found.year,
        "deaths": level.deaths,
        "people": level.people,
        "rate": level.rate,
    }
    yield Sentence("monitor.deaths", counted)
    if level.towards is None:
        yield Sentence("monitor.underlying", {"rate": level.underlying})
    else:
        yield Sentence(
            "monitor.underlying_towards", {"rate": level.underlying, "towards": float(level.towards)}
        )
    if found.moved:
        columns = (
            Column("monitor.against"), Column("monitor.before", decimals=0),
            Column("monitor.moved", "percent", decimals=1), Column("monitor.real", "percent", decimals=1),
        )  # fmt: skip
        rows = tuple(
            (
                Sentence("monitor.months", {"months": of.months, "year": of.year}),
                of.before,
                of.change,
                of.real,
            )
            for of in found.moved
        )
        yield Table(columns, rows, Sentence("monitor.change"))
    for of in found.moved:
        if of.from_data < HALF:
            yield Sentence("monitor.mostly_prior", {"year": of.year, "share": 100 * of.from_data})


def spread_blocks(found: MonitorOf, state: bool) -> Iterator[AnswerBlock]:
    """Yield how many municipalities were reached: the years of the attributed series, the first and last of all."""
    everyone, attributed = dict(found.spread.by_year), dict(found.spread.attributed)
    years = sorted({min(everyone), ANNOUNCED, max(everyone), *attributed} & everyone.keys())
    columns = [Column("monitor.year"), Column("monitor.all_homicides", decimals=0)]
    if attributed:
        columns.append(Column("monitor.attributed", decimals=0))
    rows = tuple((year, everyone[year], *([attributed.get(year)] if attributed else [])) for year in years)
    title = Sentence(
        "monitor.spread_state" if state else "monitor.spread", {"threshold": found.spread.threshold}
    )
    yield Table(tuple(columns), rows, title)
    for of in found.attributed:
        if of.months < 12 and of.year in attributed:
            yield Sentence("monitor.annualised", {"year": of.year, "months": of.months})


def where_blocks(found: MonitorOf, state: bool, name: Cell) -> Iterator[AnswerBlock]:
    """Yield concentration, clusters and onset."""
    clusters, onset, held = found.clusters, found.onset, found.concentration
    if held:
        shares = in_both(
            lambda said: "; ".join(
                said.text("monitor.worst", count=count, share=said.number(share.value, 1))
                for count, share in held.worst
            )
        )
        yield Sentence(
            "monitor.concentration_state" if state else "monitor.concentration",
            {"year": found.year, "shares": shares},
        )
        yield Sentence("monitor.gini", {"gini": held.gini, "chance": held.gini_by_chance})
    yield Table(
        (Column("monitor.kind"), Column("monitor.count", decimals=0)),
        tuple((Sentence(f"monitor.kinds.{kind}"), count) for kind, count in clusters.counts.items()),
        Sentence(
            "monitor.clusters_state" if state else "monitor.clusters",
            {"first": clusters.first, "last": clusters.last},
        ),
    )
    if clusters.kind is not None:
        kind = Sentence(f"monitor.kinds.{clusters.kind}")
        tests: dict[str, Cell] = {field: getattr(clusters, field) for field in ("moran", "gi_star", "p", "q")}
        yield Sentence("monitor.own_cluster", {"place": name, "kind": kind} | tests)
    if clusters.high:
        yield Sentence("monitor.high_names", {"names": "; ".join(clusters.high[:NAMED])})
    most = max(onset.by_year, key=lambda year: (onset.by_year[year], -year))
    first = Month(onset.first_month)
    counts: dict[str, Cell] = {"later": onset.later, "first": first, "before": onset.since_start}
    yield Sentence("monitor.onset_state" if state else "monitor.onset", {"level": onset.level} | counts)
    if onset.by_year[most]:
        yield Sentence("monitor.onset_most", {"year": most, "most": onset.by_year[most]})
    if state:
        own = {"place": name, "level": onset.level, "month": Month(onset.month or onset.first_month)}
        before = "onset_own_before" if onset.month == onset.first_month else "onset_own"
        yield Sentence("monitor." + ("onset_own_none" if onset.month is None else before), own)


def break_blocks(found: MonitorOf) -> Iterator[AnswerBlock]:
    """Yield when the monthly series changed its level."""
    if not found.breaks:
        yield Sentence("monitor.breaks_none")
        return
    rows = tuple(
        (
            Month(of.month),
            in_both(lambda said, of=of: f"{said.month(of.low)} – {said.month(of.high)}"),  # type: ignore[misc]
            of.ratio,
        )
        for of in found.breaks
    )
    columns = (Column("monitor.from_month"), Column("monitor.range"), Column("monitor.times", decimals=2))
    yield Table(columns, rows, Sentence("monitor.breaks"))


def actor_blocks(found: MonitorOf, state: bool) -> Iterator[AnswerBlock]:
    """Yield what is said of organised crime, and other recorded crimes."""
    if found.attributed:
        columns = (
            Column("monitor.year"), Column("monitor.deaths_column", decimals=0),
            Column("monitor.share", "percent", decimals=1),
        )  # fmt: skip
        rows: list[tuple[Cell, ...]] = [
            (
                of.year if of.months == 12
                else Sentence("monitor.partial", {"year": of.year, "months": of.months}),
                of.deaths,
                of.share,
            )
            for of in found.attributed
        ]  # fmt: skip
        yield Table(columns, tuple(rows), Sentence("monitor.organised"))
    for held in found.presence:
        wide = "newspapers" if state else "newspapers_wide"
        whole = "nation" if found.place.kind == "nation" else "state"
        values: dict[str, Cell] = {
            "year": held.year,
            "count": held.count,
            "local": held.local,
            "names": organisations(held),
        }
        key = wide if held.table == "organisation_presence" else whole
        yield Sentence(f"monitor.present.{key}", values)
    if found.crimes:
        last = found.crimes[0]
        columns = (
            Column("monitor.crime"), Column(Verbatim(str(last.first_year)), decimals=0),
            Column(Verbatim(str(last.last_year)), decimals=0),
        )  # fmt: skip
        rows = [(Sentence(f"crimes.{of.name}"), of.first, of.last) for of in found.crimes]
        yield Table(columns, tuple(rows), Sentence("monitor.crimes_state" if state else "monitor.crimes"))


def missing_blocks(held: Disappearances) -> Iterator[AnswerBlock]:
    """Yield missing persons beside homicides by year, and how both moved."""
    columns = (
        Column("monitor.year"), Column("monitor.missing.deaths", decimals=0),
        Column("monitor.missing.registered", decimals=0), Column("monitor.missing.not_located", decimals=0),
        Column("monitor.missing.found_dead", decimals=0),
    )  # fmt: skip
    rows = tuple((of.year, of.deaths, of.registered, of.not_located, of.found_dead) for of in held.years)
    yield Table(columns, rows, Sentence("monitor.missing.title"))
    if held.moved is not None:
        spans: dict[str, Cell] = {
            "before": in_both(lambda _: "{}-{}".format(*held.before)),
            "after": in_both(lambda _: "{}-{}".format(*held.after)),
        }
        both: dict[str, Cell] = {"deaths": held.moved.deaths, "missing": held.moved.missing}
        yield Sentence("monitor.missing.moved", spans | both)
        if held.moved.way:
            yield Sentence(f"monitor.missing.{held.moved.way}")


def organisations(held: Presence) -> Both | str:
    """Return the first organisations with the number of their places, where it is more than one."""

    def named(said: Words) -> str:
        listed = [
            said.named("organisations", name) + (f" ({places})" if places > 1 else "")
            for name, places in held.names[:NAMED]
        ]
        return ", ".join(listed) + (" …" if len(held.names) > NAMED else ".")

    return in_both(named) if held.names else ""


def picture(name: str) -> Callable[[Answer[Monitor, MonitorOf], Words], Picture]:
    """Return what draws one of the monitor's pictures."""
    return partial(draw, name)


def draw(name: str, answer: Answer[Monitor, MonitorOf], said: Words) -> Picture:
    """Draw a picture of the place, or of the nation or state that it lies in."""
    from merida.charts.monitor_drawings import drawing
    from merida.violence.monitoring.cross_section import cross_section_of

    facts = answer.context.facts
    made = drawing(name, facts, cross_section_of(facts, answer.request.seed), answer.result)
    if made is None:
        place = answer.payload.place.name
        raise ViolenceError("chart_without_data", chart=said.text(f"pictures.{name}"), place=place)
    return made.titled(said)


PICTURES = ("rates", "change", "clusters", "lorenz", "onset")
QUESTIONS = (
    Question(
        Monitor,
        MonitorOf,
        monitor,
        monitor_blocks,
        table="series",
        pictures={"chart": picture("series")} | {name: picture(name) for name in PICTURES},
        kept=True,
    ),
)
