"""One study of the register with all its fields."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from merida.answers.evidence.forest import in_words
from merida.answers.evidence.studies import effect_of, recorded
from merida.document.blocks import AnswerBlock, Cell, Column, Listing, Rounded, Sentence, Table
from merida.facts.schema import Text as Both

if TYPE_CHECKING:
    from merida.evidence import Register
    from merida.framework import Framework


@dataclass(frozen=True)
class CountsAs:
    """As what a study enters the model: on a scale, with an error that is published or assumed."""

    scale: str
    estimate: float
    std_error: float
    error_source: str
    below: bool


@dataclass(frozen=True)
class SpeaksIn:
    """A reading that names the study: its weight, and the study's share of what its studies say."""

    path: str
    reading: str
    weight: float
    share: float
    programmes: tuple[str, ...]


@dataclass(frozen=True)
class StudyAnswer:
    """A study's row of the register, where it speaks, with whom it shares data, and whether it counts."""

    study: str
    citation: str
    year: int
    available_from: str
    programme: str
    outcome: str
    outcome_class: str
    setting: str | None
    country: str | None
    sample: str | None
    dose: str
    dose_ratio: float | None
    design: str
    scale: str
    estimate: float | None
    base: float | None
    log_rate_ratio: float | None
    std_error: float | None
    error_from: str | None
    error_least: float | None
    error_most: float | None
    low: float | None
    high: float | None
    level: float | None
    range_low: float | None
    range_high: float | None
    direction: str
    followup_months: int | None
    reported_by_owner: bool
    source_level: str
    cluster: str
    part_of: str | None
    status: str
    locator: str
    cluster_mates: tuple[str, ...]
    counts_as: CountsAs | None
    standing: str
    speaks_in: tuple[SpeaksIn, ...]
    programme_titles: dict[str, Both]


def study_answer(
    name: str, framework: Framework, register: Register, bias: bool, held: Mapping[str, float]
) -> StudyAnswer:
    """Return a study with its standing."""
    from dataclasses import asdict

    from merida.parameters.study import known_study

    found = known_study(name, framework, register, bias, held)
    named = {code for use in found.speaks_in for code in use.programmes}
    return StudyAnswer(
        **found.row,
        cluster_mates=found.cluster_mates,
        counts_as=None if found.counts_as is None else CountsAs(**asdict(found.counts_as)),
        standing=found.standing,
        speaks_in=tuple(SpeaksIn(**asdict(use)) for use in found.speaks_in),
        programme_titles={
            code: Both(en=one.title.en, es=one.title.es)
            for code, one in framework.programmes.items()
            if code in named
        },
    )


def study_blocks(found: StudyAnswer) -> Iterator[AnswerBlock]:
    """Yield every field of a study in words, and the readings that name it."""
    counts = found.counts_as
    fields: dict[str, Cell] = {
        "citation": found.citation,
        "published": found.available_from,
        "programme": in_words("studied_programmes", found.programme),
        "outcome": in_words("studied_outcomes", found.outcome),
        "outcome_class": Sentence(f"evidence.classes.{found.outcome_class}"),
        "setting": spoken(found, "setting"),
        "sample": spoken(found, "sample"),
        "dose": spoken(found, "dose"),
        "country": in_words("countries", found.country),
        "design": Sentence(f"evidence.designs.{found.design}"),
        "effect": effect_of(vars(found)),
        "used": used(counts),
        "error": error(counts),
        "interval": interval(found),
        "range": ends(found.range_low, found.range_high),
        "sign": Sentence(f"evidence.directions.{found.direction}"),
        "followup": found.followup_months,
        "owner": found.reported_by_owner,
        "read": Sentence(f"evidence.levels_read.{found.source_level}"),
        "cluster": Listing(found.cluster_mates)
        if found.cluster_mates
        else Sentence("evidence.cluster_alone"),
        "part_of": found.part_of,
        "status": Sentence(f"evidence.states.{found.status}"),
        "counts": Sentence(f"evidence.standing.{found.standing}"),
        "locator": found.locator,
    }
    yield Sentence("evidence.study_named", {"study": found.study})
    yield Table(
        (Column("evidence.field"), Column("evidence.value")),
        tuple((Sentence(f"evidence.{key}"), value) for key, value in fields.items()),
    )
    for use in found.speaks_in:
        values: dict[str, Cell] = {
            "path": use.path,
            "reading": in_words("readings", use.reading),
            "weight": Rounded(100 * use.weight),
            "share": Rounded(100 * use.share),
            "programmes": Listing(tuple(found.programme_titles[code] for code in use.programmes)),
        }
        yield Sentence("evidence.speaks_in", values)


def spoken(found: StudyAnswer, column: str) -> Cell:
    """Return a study's setting, sample or dose in both languages."""
    from merida.evidence.register import in_spanish

    text = getattr(found, column)
    return None if text is None else Both(en=text, es=in_spanish(column, text))


def ends(low: float | None, high: float | None) -> Cell:
    """Return the two ends of an interval."""
    if low is None or high is None:
        return None
    return Sentence("numbers.range", {"low": recorded(low), "high": recorded(high)})


def interval(found: StudyAnswer) -> Cell:
    """Return the interval that a study gave, with its level."""
    given = ends(found.low, found.high)
    if given is None or found.level is None:
        return given
    return Sentence("evidence.ends_at", {"ends": given, "level": Rounded(found.level)})


def used(counts: CountsAs | None) -> Cell:
    """Return what a study counts as."""
    if counts is None:
        return None
    if counts.error_source == "bound":
        side = "below" if counts.below else "above"
        return Sentence(f"evidence.bounds.{side}", {"change": Rounded(100 * math.expm1(counts.estimate), 1)})
    if counts.scale == "elasticity":
        return Sentence("evidence.elasticity_of", {"value": Rounded(counts.estimate, 2)})
    change = Rounded(100 * math.expm1(counts.estimate))
    return Sentence("evidence.log_ratio", {"change": change, "value": Rounded(counts.estimate, 2)})


def error(counts: CountsAs | None) -> Cell:
    """Return the standard error that a study counts with, and where it is from."""
    if counts is None:
        return None
    return Sentence(f"evidence.errors.{counts.error_source}", {"value": Rounded(counts.std_error, 2)})
