"""``merida evidence gaps``: what is known of each programme of a framework, the thinnest first, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from merida.cli.known import percent
from merida.cli.output import (
    HERE,
    AsOfOption,
    Format,
    FormatOption,
    LanguageOption,
    finite,
    out,
    print_json,
    print_rows,
)
from merida.cli.register import FrameworkOption, NoBiasOption
from merida.words import Words, words

if TYPE_CHECKING:
    from merida.decide.knowledge import Standing
    from merida.framework import Framework


def evidence_gaps(
    framework: FrameworkOption = "merida",
    no_bias: NoBiasOption = False,
    as_of: AsOfOption = None,
    output: FormatOption = Format.TABLE,
    language: LanguageOption = HERE,
) -> None:
    from merida.decide.knowledge import standings, unused, uses
    from merida.evidence import Register
    from merida.facts import Facts
    from merida.framework import Framework

    facts, frame, said = Facts(as_of), Framework.load(framework), words(language.value)
    found = sorted(standings(frame, facts, not no_bias), key=lambda one: one.thinness)
    register = Register(facts.as_of)
    left = unused(register, uses(frame, register))
    if output is Format.JSON:
        rows = [gap_json(one) for one in found]
        print_json(finite({"as_of": as_of, "framework": frame.name, "programmes": rows, "summary": totals(found), "unused": left}))
        return
    if as_of:
        out.print(said.text("evidence.counted_as_of", month=said.month(as_of)), markup=False)
    title = said.text("evidence.gaps.title", framework=frame.title.of(said.language))
    print_rows([gap_row(one, frame, said) for one in found], title)
    out.print(said.text("evidence.gaps.summary", **totals(found)), markup=False)
    out.print()
    print_rows(
        (
            {
                said.text("evidence.gaps.reason"): said.text(f"evidence.standing.{why}"),
                said.text("evidence.gaps.count"): len(studies),
                said.text("evidence.gaps.rows"): ", ".join(studies),
            }
            for why, studies in sorted(left.items(), key=lambda item: -len(item[1]))
        ),
        said.text("evidence.gaps.unused"),
    )


def gap_json(one: Standing) -> dict[str, Any]:
    """Return what stands behind a programme for programs."""
    known = one.known
    none = {"studies": 0, "clusters": 0, "clusters_with_figure": 0, "designs": {}, "mexican_studies": 0,
            "share_from_data": None, "prior_driven": None, "contested": None, "probability_harm": None,
            "probability_benefit": None}  # fmt: skip
    answer = {"programme": one.programme, "route": one.route, "parameter": known and known.path, **none}
    if known is not None:
        law = known.law
        answer |= {
            "studies": len(set(law.studies)),
            "clusters": law.independent,
            "clusters_with_figure": law.with_figure,
            "designs": known.designs,
            "mexican_studies": known.mexican,
            "share_from_data": law.share_from_data,
            "prior_driven": law.prior_driven,
            "contested": law.contested,
            "probability_harm": known.whole.harm,
            "probability_benefit": known.whole.benefit,
        }
    return {**answer, "missing": list(one.missing)}


def gap_row(one: Standing, framework: Framework, said: Words) -> dict[str, Any]:
    """Return what stands behind a programme for people."""
    text, known = said.text, one.known
    designs = known.designs if known else {}
    basis = known.basis if known else "assumed" if framework.programmes[one.programme].lever else "no_mechanism"
    return {
        text("evidence.programme"): framework.programmes[one.programme].title.of(said.language),
        text("evidence.gaps.route"): text(f"evidence.routes.{one.route}"),
        text("evidence.studies"): len(set(known.law.studies)) if known else 0,
        text("evidence.gaps.figures"): known.law.with_figure if known else 0,
        text("evidence.gaps.designs"): ", ".join(
            f"{count} {text(f'evidence.designs_short.{design}')}" for design, count in designs.items()
        ) or "–",
        text("evidence.gaps.mexican"): known.mexican if known else 0,
        text("evidence.gaps.share"): percent(known.law.share_from_data, said) if known else None,
        text("evidence.gaps.harm"): percent(known.whole.harm, said) if known else None,
        text("evidence.gaps.benefit"): percent(known.whole.benefit, said) if known else None,
        text("evidence.gaps.basis"): text(f"basis.{basis}"),
        text("evidence.gaps.missing"): ", ".join(text(f"evidence.missing.{key}") for key in one.missing) or "–",
    }
