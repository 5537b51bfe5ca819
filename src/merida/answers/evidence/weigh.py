"""The law of a contested effect under other weights of its readings, none of them fitted anew: ``evidence weigh``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from merida.answers.asking import answer
from merida.answers.context import Context
from merida.answers.evidence.forest import in_words, interval_of
from merida.answers.evidence.known import EffectAnswer, Law, Show, law_in_full, law_of
from merida.answers.fields import Text, option
from merida.answers.holding import held_lines
from merida.answers.questions import Question
from merida.answers.request import Dated, Settable
from merida.document.blocks import AnswerBlock, Cell, Column, Rounded, Sentence, Table
from merida.errors import EvidenceError
from merida.facts.schema import Text as Both
from merida.progress import Work

if TYPE_CHECKING:
    from merida.evidence import EffectDistribution

LEAST = 0.001  # below which a reading is not made at all, and its studies speak as any others
POINTS = 121  # of the curve


class Weigh(Dated, Settable):
    """The law of a contested effect under other weights of its readings."""

    question = "evidence.weigh"
    example: ClassVar[Mapping[str, Any]] = {"name": "leadership_targeting"}
    name: Text = option("cli.evidence.effect", argument=True, metavar="PROGRAMME|PARAMETER")
    framework: Text = option("cli.runs.framework", "merida", metavar="NAME|FILE")
    no_bias: bool = option("cli.evidence.no_bias", False)


@dataclass(frozen=True)
class Height:
    """The density of the law at an effect: under these weights, and under those that the parameter states."""

    effect: float
    density: float
    stated: float


@dataclass(frozen=True)
class Weighed:
    """The law of an effect under some weights of its readings; effects as `evidence.show` has them.

    `readings` have these weights; `stated` is the law under those of the parameter's own file.
    """

    name: str
    as_of: str | None
    bias: bool
    parameter: str
    scale: str
    settings: tuple[str, ...]
    law: Law
    stated: Law
    readings: tuple[Law, ...]
    stated_weights: tuple[float, ...]
    title: Both | None
    curve: tuple[Height, ...]


def weigh(request: Weigh, context: Context, work: Work) -> Weighed:
    """Return the law under the weights that the request holds."""
    from merida.evidence.known import alone, summary
    from merida.parameters.registry import readings, settings, weights

    shown = Show(name=request.name, framework=request.framework, no_bias=request.no_bias, as_of=request.as_of)
    known = answer(shown, context, work.tell, work.cancel).payload
    if not isinstance(known, EffectAnswer) or not known.contested:
        raise EvidenceError("not_contested", found=request.name)
    held = dict(request.held)
    for path, number in held.items():
        if path not in known.settings:
            raise EvidenceError("no_weight_of", found=path, known=", ".join(known.settings))
        if not LEAST <= number <= 1 - LEAST:
            raise EvidenceError("weight_outside", path=path, found=number, low=LEAST, high=1 - LEAST)
    settings(held)
    now = {reading.label: reading.weight for reading in readings(known.parameter, held)}
    stated = law_in_full(known)
    law = stated.weighed([now[label] for label in stated.labels])
    low, high = min(one.low for one in known.readings), max(one.high for one in known.readings)
    room = (high - low) / 4
    labels = {label: path for path, (of, label) in weights().items() if of == known.parameter}
    return Weighed(
        name=known.name,
        as_of=known.as_of,
        bias=known.bias,
        parameter=known.parameter,
        scale=known.scale,
        settings=tuple(labels[label] for label in stated.labels),
        law=law_of(summary(law, None, 1.0)),
        stated=known.law,
        readings=tuple(
            law_of(summary(alone(law, place), label, float(law.weights[place])))
            for place, label in enumerate(law.labels)
        ),
        stated_weights=tuple(stated.weights.tolist()),
        title=known.title,
        curve=tuple(heights(law, stated, low - room, high + room)),
    )


def heights(law: EffectDistribution, stated: EffectDistribution, low: float, high: float) -> Iterator[Height]:
    """Yield the densities of the law and of the stated one along the axis."""
    import numpy as np

    effects = np.linspace(low, high, POINTS)
    for row in zip(
        effects.tolist(), law.density(effects).tolist(), stated.density(effects).tolist(), strict=True
    ):
        yield Height(*row)


def blocks(request: Weigh, found: Weighed) -> Iterator[AnswerBlock]:
    """Yield the law, then each reading with its weight, and the law under the stated weights."""
    elasticity, law = found.scale == "elasticity", found.law
    yield Sentence("evidence.name", {"name": found.title or found.name})
    values: dict[str, Cell] = {
        "effect": interval_of(elasticity, law.median, law.low, law.high),
        "harm": Rounded(100 * law.probability_harm),
        "benefit": Rounded(100 * law.probability_benefit),
    }
    yield Sentence("evidence.law_elasticity" if elasticity else "evidence.law", values)
    yield Sentence("evidence.elasticity_dose" if elasticity else "evidence.at_dose")
    rows: list[tuple[Cell, Law]] = [(in_words("readings", one.reading), one) for one in found.readings]
    rows += [(Sentence("evidence_weigh.all"), found.law), (Sentence("evidence_weigh.stated"), found.stated)]
    unit = "" if elasticity else "percent_short"
    yield Table(
        (
            Column("evidence_weigh.reading"),
            Column("evidence.weight", unit="percent_short", figures=True),
            Column("evidence.elasticity" if elasticity else "evidence.effect", unit=unit, figures=True),
            Column("evidence.gaps.harm", unit="percent_short", decimals=0, scale=0.01),
        ),
        tuple(
            (
                name,
                Rounded(100 * one.weight),
                interval_of(elasticity, one.median, one.low, one.high),
                one.probability_harm,
            )
            for name, one in rows
        ),
    )
    yield Sentence("evidence_weigh.note")
    yield from held_lines(request)


QUESTIONS = (Question(Weigh, Weighed, weigh, blocks, table="readings"),)
