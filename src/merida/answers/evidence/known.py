"""A study with all its fields, or what is known of a programme's effect, as a forest: ``evidence show``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from merida.answers.context import Context
from merida.answers.evidence.forest import (
    ELASTICITY_HEADS,
    HEADS,
    INDENT,
    axis_of,
    in_words,
    interval_of,
    mark_row,
    study_row,
)
from merida.answers.evidence.study import StudyAnswer, study_answer, study_blocks
from merida.answers.fields import Text, option
from merida.answers.holding import held_lines, priors_of
from merida.answers.questions import Answer, Frame, Question
from merida.answers.request import Dated, Settable
from merida.document.blocks import AnswerBlock, Cell, Listing, Month, Rounded, Sentence, Table
from merida.errors import EvidenceError
from merida.facts.schema import Text as Both
from merida.names import meant, nearest_names
from merida.progress import Work
from merida.words import Words

if TYPE_CHECKING:
    from merida.evidence import EffectDistribution, Known
    from merida.evidence.known import Summary
    from merida.parameters import Parameters


class Show(Dated, Settable):
    """A study, or what is known of an effect."""

    question = "evidence.show"
    example: ClassVar[Mapping[str, Any]] = {"name": "community_prevention"}
    name: Text = option("cli.evidence.name", argument=True, metavar="STUDY|PROGRAMME|PARAMETER")
    framework: Text = option("cli.runs.framework", "merida", metavar="NAME|FILE")
    no_bias: bool = option("cli.evidence.no_bias", False)


@dataclass(frozen=True)
class Law:
    """The distribution of an effect in a new setting: median and 90 percent interval; of one reading, or of all."""

    reading: str | None
    weight: float
    median: float
    low: float
    high: float
    probability_harm: float
    probability_benefit: float


@dataclass(frozen=True)
class Mixture:
    """The law of one reading in full: a mixture of normals, one for each point of the grid of spreads."""

    reading: str
    weights: tuple[float, ...]
    means: tuple[float, ...]
    sds: tuple[float, ...]


@dataclass(frozen=True)
class EffectAnswer:
    """What is known of one effect; effects are logarithms of rate ratios, or elasticities.

    `mixtures` are the laws of the readings in full, so that their weights can be set anew without a fit.
    """

    name: str
    as_of: str | None
    bias: bool
    parameter: str
    scale: str
    law: Law
    readings: tuple[Law, ...]
    studies_counted: int
    clusters: int
    clusters_with_figure: int
    mexican_studies: int
    designs: dict[str, int]
    share_from_data: float
    basis: str
    prior_driven: bool
    contested: bool
    settings: tuple[str, ...]
    studies: Frame
    title: Both | None
    idle_settings: dict[str, str]
    mixtures: tuple[Mixture, ...]


def show(request: Show, context: Context, work: Work) -> StudyAnswer | tuple[EffectAnswer, Known]:
    """Return what a name stands for: a programme of the framework, a study or a parameter that rests on evidence."""
    from merida.evidence import Register
    from merida.evidence.register import names_in, table
    from merida.parameters import Parameters, effect_path, entries
    from merida.parameters.registry import EVIDENCE

    step = work.stage("studies")
    framework, priors = context.framework, priors_of(request, EVIDENCE)
    parameters = Parameters(context.facts, Register(context.facts.as_of), dict(priors.held), framework)
    studies = table("register.csv")["study"].to_list()
    speaking = [path for path, entry in entries().items() if entry.evidence is not None]
    code = framework.programme_called(request.name)
    if code is not None:
        programme = framework.programmes[code]
        title = Both(en=programme.title.en, es=programme.title.es)
        path = effect_path(programme)
        if path is None:
            raise EvidenceError("no_effect_known", found=code, title=title.to("en"))
        return effect_answer(request, parameters, code, path, title)
    if request.name in studies:
        step(0, 1)
        return study_answer(
            request.name, framework, parameters.evidence, not request.no_bias, dict(priors.held)
        )
    if request.name in speaking:
        return effect_answer(request, parameters, request.name, request.name, None)
    of_register = names_in("studied_programmes", table("register.csv")["programme"].unique().to_list())
    if codes := meant(request.name, of_register):
        raise EvidenceError("programme_of_register", found=request.name, code=codes[0])
    known = dict.fromkeys((*studies, *speaking), ()) | dict(framework.programme_names)
    raise EvidenceError("unknown_evidence", found=request.name, nearest=nearest_names(request.name, known))


def effect_answer(
    request: Show, parameters: Parameters, name: str, path: str, title: Both | None
) -> tuple[EffectAnswer, Known]:
    """Return what is known of the effect that a parameter holds."""
    from merida.parameters import knowledge
    from merida.parameters.standings import idle_weights

    known = knowledge(parameters, path, not request.no_bias)
    distribution = known.distribution
    answer = EffectAnswer(
        name=name,
        as_of=request.as_of,
        bias=not request.no_bias,
        parameter=known.path,
        scale="elasticity" if known.elasticity else "log_rate_ratio",
        law=law_of(known.whole),
        readings=tuple(map(law_of, known.readings)),
        studies_counted=len(set(distribution.studies)),
        clusters=distribution.independent,
        clusters_with_figure=distribution.with_figure,
        mexican_studies=known.mexican,
        designs=known.designs,
        share_from_data=distribution.share_from_data,
        basis=known.basis,
        prior_driven=distribution.prior_driven,
        contested=distribution.contested,
        settings=tuple(known.settings),
        studies=known.studies,
        title=title,
        idle_settings=idle_weights(parameters.evidence, known.settings),
        mixtures=tuple(
            Mixture(label, *(tuple(row) for row in part))
            for label, part in zip(
                distribution.labels, distribution.parts.swapaxes(0, 1).tolist(), strict=True
            )
        ),
    )
    return answer, known


def law_of(one: Summary) -> Law:
    """Return a law with its probabilities."""
    return Law(one.reading, one.weight, one.median, one.low, one.high, one.harm, one.benefit)


def counted(found: EffectAnswer) -> list[dict[str, Any]]:
    """Return the studies that count, as rows; a table without any has lost its columns where it came from the store."""
    return [row for row in found.studies.to_dicts() if row["status"] == "counted"]


def law_in_full(found: EffectAnswer) -> EffectDistribution:
    """Return the distribution that an answer holds."""
    import numpy as np

    from merida.evidence import EffectDistribution

    parts = np.array([[one.weights, one.means, one.sds] for one in found.mixtures]).swapaxes(0, 1)
    means = (parts[0] * parts[1]).sum(axis=1)
    squares = (parts[0] * (parts[1] ** 2 + parts[2] ** 2)).sum(axis=1)
    return EffectDistribution(
        labels=tuple(one.reading for one in found.mixtures),
        weights=np.array(
            [one.weight for one in found.readings] or [1.0]
        ),  # where no study was known: the prior
        means=means,
        sds=np.sqrt(squares - means**2),
        parts=parts,
        studies=tuple(row["study"] for row in counted(found)),
        independent=found.clusters,
        with_figure=found.clusters_with_figure,
        share_from_data=found.share_from_data,
    )


def known_of(found: EffectAnswer) -> Known:
    """Return what an answer holds as its room has it, nothing fitted anew."""
    from merida.evidence import Known
    from merida.evidence.known import Summary

    def summary(law: Law) -> Summary:
        return Summary(law.reading, law.weight, law.median, law.low, law.high, law.probability_harm)

    return Known(
        found.parameter,
        found.scale == "elasticity",
        law_in_full(found),
        found.studies,
        tuple(map(summary, found.readings)),
        summary(found.law),
        found.settings,
    )


def blocks(request: Show, found: StudyAnswer | EffectAnswer) -> Iterator[AnswerBlock]:
    """Yield the study, or the effect."""
    yield from study_blocks(found) if isinstance(found, StudyAnswer) else effect_blocks(found)
    yield from held_lines(request)


def effect_blocks(found: EffectAnswer) -> Iterator[AnswerBlock]:
    """Yield the law of an effect, on what it rests, and the forest of its readings."""
    elasticity, law = found.scale == "elasticity", found.law
    yield Sentence("evidence.name", {"name": found.title or found.name})
    if not found.bias:
        yield Sentence("evidence.bias_off")
    values: dict[str, Cell] = {
        "effect": interval_of(elasticity, law.median, law.low, law.high),
        "harm": Rounded(100 * law.probability_harm),
        "benefit": Rounded(100 * law.probability_benefit),
    }
    yield Sentence("evidence.law_elasticity" if elasticity else "evidence.law", values)
    yield Sentence("evidence.elasticity_dose" if elasticity else "evidence.at_dose")
    yield from basis_lines(found)
    if found.studies.height:
        yield Table(ELASTICITY_HEADS if elasticity else HEADS, tuple(forest_rows(found, elasticity)))
    if found.contested:
        yield Sentence("evidence.settable", {"paths": Listing(found.settings)})
    for path, reading in found.idle_settings.items() if found.as_of else ():
        month = Month(found.as_of or "")
        yield Sentence(
            "evidence.idle_weight", {"path": path, "reading": in_words("readings", reading), "month": month}
        )


def basis_lines(found: EffectAnswer) -> Iterator[AnswerBlock]:
    """Yield on what a law rests, and whether it is contested or the prior's."""
    share = Rounded(100 * found.share_from_data)
    if not found.studies_counted:
        if found.as_of is None:
            yield Sentence("evidence.no_study", {"share": share})
        else:
            yield Sentence("evidence.no_study_as_of", {"share": share, "month": Month(found.as_of)})
        return
    values: dict[str, Cell] = {
        "studies": found.studies_counted,
        "clusters": found.clusters,
        "figures": found.clusters_with_figure,
        "mexican": found.mexican_studies,
        "share": share,
    }
    yield Sentence("evidence.rests", values)
    if found.basis == "police_numbers":
        yield Sentence("evidence.police_numbers")
    for key in ("contested", "prior_driven"):
        if getattr(found, key):
            yield Sentence(f"evidence.{key}")


def forest_rows(found: EffectAnswer, elasticity: bool) -> Iterator[tuple[Cell, ...]]:
    """Yield each reading with its studies and its law in a new setting, and the law of all readings."""
    counted = found.studies.filter(found.studies["status"] == "counted")
    axis = axis_of(counted.to_dicts(), [(found.law.low, found.law.high)], elasticity)
    several = len(found.readings) > 1
    for law in found.readings:
        weight = Rounded(100 * law.weight)
        yield (
            Sentence("evidence.reading", {"reading": in_words("readings", law.reading), "weight": weight}),
            *[""] * 4,
        )
        for row in counted.filter(counted["reading"] == law.reading).iter_rows(named=True):
            yield indented(study_row(row, axis, elasticity))
        if several:
            yield law_row(law, "evidence.new_setting", axis, elasticity)
    yield law_row(
        found.law, "evidence.new_setting_all" if several else "evidence.new_setting", axis, elasticity
    )


def indented(row: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """Return a row whose first cell stands a little to the right."""
    return Listing((INDENT, row[0]), ""), *row[1:]


def law_row(law: Law, key: str, axis: tuple[float, float], elasticity: bool) -> tuple[Cell, ...]:
    """Return a law with its probability of harm and its drawing."""
    name, _, *rest = mark_row(Sentence(key), law.median, law.low, law.high, axis, elasticity)
    harm = Sentence("evidence.harm_short", {"harm": Rounded(100 * law.probability_harm)})
    return name, harm, *rest


def chart(answer: Answer[Show, Any], said: Words) -> dict[str, Any]:
    """Return the forest of an effect, which a study has none of."""
    from merida.charts.evidence import forest, shown
    from merida.charts.frame import framed
    from merida.charts.theme import specification

    if not isinstance(answer.payload, EffectAnswer) or not counted(answer.payload):
        raise EvidenceError("no_forest", found=answer.request.name)
    known = known_of(answer.payload)
    title = answer.payload.title
    name = title.to(said.language) if title else answer.payload.name
    drawn = specification(forest(*shown(known, said), said, elasticity=known.elasticity))
    return framed(drawn, "effects", said, said.text("charts.effects.source"), {"place": "", "name": name})


EITHER: Any = StudyAnswer | EffectAnswer
QUESTIONS = (Question(Show, EITHER, show, blocks, table="studies", pictures={"chart": chart}, kept=True),)
