"""What is known of each programme of a framework, the thinnest first, and what is missing: ``evidence gaps``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from merida.answers.context import Context
from merida.answers.fields import Text, option
from merida.answers.holding import held_lines, priors_of
from merida.answers.questions import Question
from merida.answers.request import Dated, Settable
from merida.document.blocks import AnswerBlock, Cell, Column, Listing, Month, Points, Sentence, Table
from merida.facts.schema import Text as Both
from merida.progress import Work
from merida.statistics import Interval

if TYPE_CHECKING:
    from merida.parameters import Standing


class Gaps(Dated, Settable):
    """What is known of each programme."""

    question = "evidence.gaps"
    framework: Text = option("cli.runs.framework", "merida", metavar="NAME|FILE")
    no_bias: bool = option("cli.evidence.no_bias", False)


@dataclass(frozen=True)
class Gap:
    """What stands behind one programme; probabilities and shares from 0 to 1, None where no study could speak.

    Studies are its own: those of police numbers are none of training or vetting, though its effect rests on them. `law`
    is the effect in a new setting with its 90 % interval, a logarithm of a rate ratio or an elasticity.
    """

    programme: str
    routes: dict[str, str]
    parameter: str | None
    studies: int
    clusters: int
    clusters_with_figure: int
    designs: dict[str, int]
    mexican_studies: int
    share_from_data: float | None
    prior_driven: bool | None
    contested: bool | None
    probability_harm: float | None
    probability_benefit: float | None
    missing: tuple[str, ...]
    basis: str | None
    title: Both
    law: Interval | None
    elasticity: bool


@dataclass(frozen=True)
class GapList:
    """What stands behind every programme of a framework, the thinnest first; and the studies nothing uses, by reason."""

    as_of: str | None
    framework: str
    bias: bool
    summary: dict[str, int]
    programmes: tuple[Gap, ...]
    unused: dict[str, tuple[str, ...]]
    framework_title: Both


def gaps(request: Gaps, context: Context, work: Work) -> GapList:
    """Return what stands behind every programme."""
    from merida.evidence import Register
    from merida.evidence.known import unused
    from merida.parameters import standings, totals, uses
    from merida.parameters.registry import EVIDENCE

    framework, held = context.framework, dict(request.held)
    priors = priors_of(request, EVIDENCE)
    register = Register(context.facts.as_of, priors=priors)
    step = work.stage("studies")
    found = sorted(
        standings(framework, context.facts, not request.no_bias, held), key=lambda one: one.thinness
    )
    step(1, 2)
    left = unused(register, uses(framework, register, held=held))
    titles = {name: one.title for name, one in framework.programmes.items()}
    return GapList(
        as_of=request.as_of,
        framework=framework.name,
        bias=not request.no_bias,
        summary=totals(found),
        programmes=tuple(
            gap_of(one, Both(en=titles[one.programme].en, es=titles[one.programme].es)) for one in found
        ),
        unused=left,
        framework_title=Both(en=framework.title.en, es=framework.title.es),
    )


def gap_of(one: Standing, title: Both) -> Gap:
    """Return what stands behind a programme."""
    known = one.known
    distribution = known.distribution if known else None
    own = None if "no_own_study" in one.missing else distribution
    return Gap(
        programme=one.programme,
        routes=dict(one.routes),
        parameter=known.path if known else None,
        studies=len(set(own.studies)) if own else 0,
        clusters=own.independent if own else 0,
        clusters_with_figure=own.with_figure if own else 0,
        designs=known.designs if known else {},
        mexican_studies=known.mexican if known and own else 0,
        share_from_data=distribution.share_from_data if distribution else None,
        prior_driven=distribution.prior_driven if distribution else None,
        contested=distribution.contested if distribution else None,
        probability_harm=known.whole.harm if known else None,
        probability_benefit=known.whole.benefit if known else None,
        missing=tuple(one.missing),
        basis=known.basis if known and distribution and distribution.studies else None,
        title=title,
        law=Interval(known.whole.low, known.whole.median, known.whole.high) if known else None,
        elasticity=known.elasticity if known else False,
    )


def blocks(request: Gaps, found: GapList) -> Iterator[AnswerBlock]:
    """Yield the programmes, the thinnest first, and the studies that nothing uses."""
    if found.as_of:
        yield Sentence("evidence.counted_as_of", {"month": Month(found.as_of)})
    counts = (
        Column("evidence.gaps.studies"),
        Column("evidence.gaps.figures"),
        Column("evidence.gaps.mexican"),
    )
    shares = tuple(
        Column(f"evidence.gaps.{name}", unit="percent_short", decimals=0, scale=0.01)
        for name in ("share", "harm", "benefit")
    )
    texts = tuple(Column(f"evidence.gaps.{name}") for name in ("route", "known", "lacks"))
    rows = tuple(
        (
            one.title,
            one.studies,
            one.clusters_with_figure,
            one.mexican_studies,
            one.share_from_data,
            one.probability_harm,
            one.probability_benefit,
            routes_of(one),
            how_known(one),
            Listing(tuple(Sentence(f"evidence.missing.{key}") for key in one.missing)),
        )
        for one in found.programmes
    )
    title = Sentence("evidence.gaps.title", {"framework": found.framework_title})
    yield Table((Column("evidence.programme"), *counts, *shares, *texts), rows, title)
    yield Sentence("evidence.gaps.legend")
    yield Sentence("evidence.gaps.summary", found.summary)
    yield Sentence("evidence.gaps.unused")
    yield Points(
        tuple(
            Sentence(
                "evidence.gaps.unused_line",
                {
                    "why": Sentence(f"evidence.standing.{why}"),
                    "count": len(studies),
                    "studies": ", ".join(studies),
                },
            )
            for why, studies in sorted(found.unused.items(), key=lambda item: -len(item[1]))
        )
    )
    yield from held_lines(request)


def routes_of(one: Gap) -> Cell:
    """Return by which route each outcome is reached."""
    if not one.routes:
        return Sentence("evidence.routes.none")
    return Listing(
        tuple(
            Sentence(
                f"evidence.routes.{route.split()[-1]}", {"outcome": Sentence(f"evidence.routes.{outcome}")}
            )
            for outcome, route in one.routes.items()
        )
    )


def how_known(one: Gap) -> Cell:
    """Return how the effect is known, and by which designs."""
    if one.basis is None:
        return None
    designs = tuple(
        Sentence(
            "evidence.gaps.design", {"design": Sentence(f"evidence.designs_short.{name}"), "count": count}
        )
        for name, count in one.designs.items()
    )
    return Listing((Sentence(f"basis.{one.basis}"), Listing(designs)), "; ")


QUESTIONS = (Question(Gaps, GapList, gaps, blocks, table="programmes", kept=True),)
