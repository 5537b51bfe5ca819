"""``merida evidence gaps``: what is known of each programme of a framework, the thinnest first, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table

from merida.cli.evidence.known import percent
from merida.cli.evidence.register import FrameworkOption, NoBiasOption
from merida.cli.output import (
    HERE,
    AsOfOption,
    Format,
    FormatOption,
    LanguageOption,
    finite,
    out,
    print_json,
)
from merida.cli.settings import SetOption, print_held, priors_with, recorded
from merida.words import Words, words

if TYPE_CHECKING:
    from merida.framework import Framework
    from merida.parameters import Standing


def evidence_gaps(
    framework: FrameworkOption = "merida",
    no_bias: NoBiasOption = False,
    as_of: AsOfOption = None,
    settings: SetOption = None,
    output: FormatOption = Format.TABLE,
    language: LanguageOption = HERE,
) -> None:
    from merida.evidence import Register
    from merida.evidence.known import unused
    from merida.facts import Facts
    from merida.framework import Framework
    from merida.parameters import standings, totals, uses
    from merida.parameters.registry import EVIDENCE

    facts, frame, said = Facts(as_of), Framework.load(framework), words(language.value)
    priors = priors_with(settings, (EVIDENCE,))
    held = dict(priors.held)
    found = sorted(standings(frame, facts, not no_bias, held), key=lambda one: one.thinness)
    register = Register(facts.as_of, priors=priors)
    left = unused(register, uses(frame, register, held=held))
    if output is Format.JSON:
        answer: dict[str, Any] = {
            "as_of": as_of,
            "framework": frame.name,
            "bias": not no_bias,
            "summary": totals(found),
        }
        answer |= {"programmes": [gap_json(one) for one in found], "unused": left, **recorded(priors)}
        print_json(finite(answer))
        return
    if as_of:
        out.print(said.text("evidence.counted_as_of", month=said.month(as_of)), markup=False)
    out.print(grid(found, frame, said))
    out.print(said.text("evidence.gaps.legend"), markup=False)
    out.print(said.text("evidence.gaps.summary", **totals(found)), markup=False)
    out.print()
    out.print(said.text("evidence.gaps.unused"), style="italic", markup=False)
    for why, studies in sorted(left.items(), key=lambda item: -len(item[1])):
        reason = said.text(f"evidence.standing.{why}")
        out.print(f"  {reason} ({len(studies)}): {', '.join(studies)}", markup=False)
    print_held(priors)


def gap_json(one: Standing) -> dict[str, Any]:
    """Return what stands behind a programme for programs."""
    known = one.known
    none = {"studies": 0, "clusters": 0, "clusters_with_figure": 0, "designs": {}, "mexican_studies": 0,
            "share_from_data": None, "prior_driven": None, "contested": None, "probability_harm": None,
            "probability_benefit": None}  # fmt: skip
    answer = {"programme": one.programme, "routes": one.routes, "parameter": known and known.path, **none}
    if known is not None:
        distribution = known.distribution
        answer |= {
            "studies": len(set(distribution.studies)),
            "clusters": distribution.independent,
            "clusters_with_figure": distribution.with_figure,
            "designs": known.designs,
            "mexican_studies": known.mexican,
            "share_from_data": distribution.share_from_data,
            "prior_driven": distribution.prior_driven,
            "contested": distribution.contested,
            "probability_harm": known.whole.harm,
            "probability_benefit": known.whole.benefit,
        }
    return {**answer, "missing": list(one.missing)}


def grid(found: list[Standing], framework: Framework, said: Words) -> Table:
    """Return the programmes as a table, the thinnest first."""
    text = said.text
    made = Table(
        box=None, pad_edge=False, header_style="bold", title_justify="left", title_style="italic",
        title=text("evidence.gaps.title", framework=framework.title.of(said.language)),
    )  # fmt: skip
    made.add_column(text("evidence.programme"), min_width=18, ratio=3)
    for name in ("studies", "figures", "mexican", "share", "harm", "benefit"):
        made.add_column(text(f"evidence.gaps.{name}"), justify="right", no_wrap=True)
    made.add_column(text("evidence.gaps.known"), min_width=24, ratio=4)
    for one in found:
        title = framework.programmes[one.programme].title.of(said.language)
        if one.known is None:
            made.add_row(title, "0", "0", "0", "–", "–", "–", remarks(one, said))
            continue
        distribution = one.known.distribution
        made.add_row(
            title,
            str(len(set(distribution.studies))),
            str(distribution.with_figure),
            str(one.known.mexican),
            percent(distribution.share_from_data, said),
            percent(one.known.whole.harm, said),
            percent(one.known.whole.benefit, said),
            remarks(one, said),
        )
    return made


def remarks(one: Standing, said: Words) -> str:
    """Return the route, how the effect is known, by which designs, and what is missing."""
    text = said.text
    parts = [routes_text(one, said)]
    if one.known is not None and one.known.distribution.studies:
        designs = one.known.designs.items()
        parts.append(text(f"basis.{one.known.basis}"))
        parts.append(
            ", ".join(f"{text(f'evidence.designs_short.{name}')}: {count}" for name, count in designs)
        )
    if one.missing:
        lacks = ", ".join(text(f"evidence.missing.{key}") for key in one.missing)
        parts.append(text("evidence.gaps.lacks", what=lacks))
    return "\n".join(parts)


def routes_text(one: Standing, said: Words) -> str:
    """Return by which route each outcome is reached, in words."""
    if not one.routes:
        return said.text("evidence.routes.none")
    return ", ".join(
        said.text(f"evidence.routes.{route.split()[-1]}", outcome=said.text(f"evidence.routes.{outcome}"))
        for outcome, route in one.routes.items()
    )
