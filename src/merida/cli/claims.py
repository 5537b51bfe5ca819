"""``merida claims``: the memo's statements, held against the record."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

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
    say,
)
from merida.words import Words, words

if TYPE_CHECKING:
    from merida.claims.claims import Claim, Counted, Recommendation, Result
    from merida.facts import Facts
    from merida.figure import Figure

STYLES = {
    "holds": "green",
    "holds_under_definition": "yellow",
    "does_not_hold": "red",
    "cannot_be_checked": "dim",
}


def claims(
    claim: Annotated[str | None, typer.Argument(metavar="CLAIM", help=say("cli.claims.claim"))] = None,
    as_of: AsOfOption = None,
    output: FormatOption = Format.TABLE,
    language: LanguageOption = HERE,
) -> None:
    from merida.claims.claims import Claim, Recommendation, at_the_memo, check, find, recommendations
    from merida.claims.claims import claims as every
    from merida.facts import Facts

    facts, said = Facts(as_of), words(language.value)
    found = None if claim is None else find(claim)
    memo = at_the_memo(facts)
    wanted = list(every().values()) if found is None else [found] if isinstance(found, Claim) else []
    advice = list(recommendations().values()) if found is None else []
    if isinstance(found, Recommendation):
        advice = [found]
    expects = expectations(facts) if advice else {}
    pairs = [(check(facts, one), check(memo, one) if memo else None) for one in wanted]
    if output is Format.JSON:
        print_json(
            {
                "as_of": as_of,
                "claims": [as_json(facts.as_of, *pair) for pair in pairs],
                "recommendations": [
                    {
                        "recommendation": one.name,
                        "said": one.said.model_dump(),
                        "programmes": list(one.programmes),
                        "expected": [vars(expects[name]) for name in one.programmes],
                    }
                    for one in advice
                ],
            }
        )
    elif found is None:
        print_all(pairs, said)
        print_advice(advice, expects, said)
    elif pairs:
        print_one(*pairs[0], said)
    else:
        print_advice(advice, expects, said)


def number(value: float, unit: str, said: Words) -> str:
    """Return a number as the language writes it: years bare, whole numbers whole, others with one decimal."""
    if unit == "year":
        return str(int(value))
    return said.number(value, 0 if float(value).is_integer() else 1)


def memo_figure(claim: Claim, said: Words) -> str:
    """Return the memo's figure with its wording and unit, and a star where the bound is the project's own."""
    if claim.memo is None:
        return "–"
    value = number(claim.memo.value, claim.unit, said)
    high = number(claim.memo.high or 0, claim.unit, said)
    shown = said.text(f"claims.wording.{claim.memo.wording}", value=value, high=high)
    star = " *" if claim.memo.chosen else ""
    if claim.unit == "year":
        return shown + star
    return f"{shown} {said.unit(claim.unit, high if claim.memo.high else value)}{star}"


def found_number(figure: Figure | None, said: Words) -> str:
    """Return the number that the record gives, or a dash."""
    return "–" if figure is None else number(figure.value, figure.unit, said)


def print_all(pairs: list[tuple[Result, Result | None]], said: Words) -> None:
    """Print every claim by topic."""
    from merida.claims.claims import TOPICS

    text = said.text
    for topic in TOPICS:
        of_topic = [pair for pair in pairs if pair[0].claim.topic == topic]
        print_rows(
            (
                {
                    text("claims.claim"): now.claim.name,
                    text("claims.said"): now.claim.said.to(said.language),
                    text("claims.memo"): memo_figure(now.claim, said),
                    text("claims.record"): found_number(now.shown[0].figure if now.shown else None, said),
                    text("claims.verdict"): verdict(now, said) + changed(now, then, said),
                }
                for now, then in of_topic
            ),
            title=text(f"claims.topics.{topic}"),
        )
        out.print()
    counts = {name: sum(now.verdict == name for now, _ in pairs) for name in STYLES}
    out.print(text("claims.summary", count=len(pairs), **counts))
    out.print(text("claims.star"), markup=False)
    out.print(text("claims.detail"), markup=False)
    out.print()


def verdict(result: Result, said: Words) -> str:
    """Return the verdict in words."""
    return said.text(f"claims.verdicts.{result.verdict}")


def changed(now: Result, then: Result | None, said: Words) -> str:
    """Return what the verdict was on the memo's day, where it differs."""
    if then is None or then.verdict == now.verdict:
        return ""
    return " " + said.text("claims.then", verdict=verdict(then, said))


@dataclass(frozen=True)
class Expectation:
    """What the laboratory expects of a programme; numbers are None where no law of effect is known.

    Parameters
    ----------
    programme : str
        Its id in the framework.
    unit : str or None
        ``percent``, the change of the studies' outcome at their dose, or ``percent_for_percent``, an elasticity.
    value, low, high : float or None
        Median and 90 % interval, in a new setting.
    probability_of_harm, probability_of_benefit : float or None
        From 0 to 1.
    studies : int
        How many count.
    basis : str
        How it is known, a key under ``basis`` in ``words/``.
    """

    programme: str
    unit: str | None
    value: float | None
    low: float | None
    high: float | None
    probability_of_harm: float | None
    probability_of_benefit: float | None
    studies: int
    basis: str


def expectations(facts: Facts) -> dict[str, Expectation]:
    """Return what the laboratory expects of each programme, from what had been published at the record's date."""
    from merida.framework import Framework
    from merida.parameters.registry import entries
    from merida.parameters.standings import effect_path, effects, how_known

    framework = Framework.load("merida")
    found = {}
    for name, distribution in effects(framework, facts).items():
        lever = framework.programmes[name].lever
        known = how_known(lever, distribution)
        if distribution is None:
            found[name] = Expectation(name, None, None, None, None, None, None, 0, known)
            continue
        elastic = entries()[effect_path(framework.programmes[name]) or ""].scale == "elasticity"
        ends = [distribution.quantile(q) for q in (0.5, 0.05, 0.95)]
        middle, low, high = ends if elastic else [100 * math.expm1(end) for end in ends]
        unit = "percent_for_percent" if elastic else "percent"
        harm = distribution.probability_harm
        found[name] = Expectation(
            name, unit, middle, low, high, harm, 1 - harm, len(distribution.studies), known
        )
    return found


def print_advice(advice: list[Recommendation], expects: dict[str, Expectation], said: Words) -> None:
    """Print the recommendations, each with what is now expected of the programmes that it concerns."""
    print_rows(
        (
            {
                said.text("claims.recommendation"): one.name,
                said.text("claims.said"): one.said.to(said.language),
                said.text("claims.expected"): "\n".join(
                    expected(expects[name], said) for name in one.programmes
                )
                or said.text("claims.expects_plan"),
            }
            for one in advice
        ),
        title=said.text("claims.recommendations"),
    )
    out.print(said.text("claims.expected_about"), markup=False)


def expected(one: Expectation, said: Words) -> str:
    """Return what is expected of a programme in words."""
    basis = said.text(f"basis.{one.basis}")
    if one.value is None or one.low is None or one.high is None or one.probability_of_harm is None:
        return said.text("claims.expects_none", programme=one.programme, basis=basis)
    decimals = 0 if one.unit == "percent" else 2
    change = said.text(
        f"claims.expects_in.{one.unit}",
        change=said.number(one.value, decimals),
        range=said.interval(one.low, one.high, decimals),
    )
    harm = said.number(100 * one.probability_of_harm)
    benefit = said.number(100 * (1 - one.probability_of_harm))
    return said.text(
        "claims.expects", programme=one.programme, change=change, harm=harm, benefit=benefit, basis=basis
    )


def print_one(now: Result, then: Result | None, said: Words) -> None:
    """Print one claim: every way of counting it, at both dates where they differ, and its SQL."""
    text, claim = said.text, now.claim
    out.print(f"[bold]{claim.name}[/bold]  {claim.said.to(said.language)}")
    out.print(f"{text('claims.memo')}: {memo_figure(claim, said)}", markup=False)
    out.print(f"{text('claims.verdict')}: ", end="")
    out.print(verdict(now, said) + changed(now, then, said), style=STYLES[now.verdict])
    if now.reason is not None:
        out.print(now.reason.to(said.language), markup=False)
    if claim.memo is not None and claim.memo.chosen:
        out.print(text("claims.star"), markup=False)
    if not now.counted:
        return
    earlier = then.counted if then else now.counted
    two_dates = any(a.figure != b.figure for a, b in zip(now.counted, earlier, strict=True))
    out.print()
    print_rows(
        {
            text("claims.counted"): one.definition.about.to(said.language),
            text("claims.record"): found_number(one.figure, said),
            **({text("claims.record_then"): found_number(before.figure, said)} if two_dates else {}),
            text("why.unit"): text("units." + (one.definition.unit or claim.unit)),
            text("claims.same"): text(f"claims.sameness.{sameness(one)}"),
        }
        for one, before in zip(now.counted, earlier, strict=True)
    )
    for one in now.counted:
        out.print()
        out.print(f"{one.definition.id} ({text('claims.readings.' + one.definition.reading)})")
        out.print(f"  {one.definition.sql.strip()}", markup=False)


def sameness(one: Counted) -> str:
    """Return whether a number is the memo's: ``yes``, ``no``, ``context`` or ``unknown``."""
    if one.definition.reading == "context":
        return "context"
    return {True: "yes", False: "no", None: "unknown"}[one.reproduces]


def as_json(as_of: str | None, now: Result, then: Result | None) -> dict[str, Any]:
    """Return one claim for programs; the schema stands in ``docs/claims.md``."""
    from merida.claims.claims import MEMO_MONTH

    claim = now.claim
    if as_of == MEMO_MONTH:
        then = now
    low, high = claim.memo.interval if claim.memo else (None, None)
    before = {one.definition.id: one for one in then.counted} if then else {}
    answer: dict[str, Any] = finite(
        {
            "claim": claim.name,
            "topic": claim.topic,
            "said": claim.said.model_dump(),
            "unit": claim.unit or None,
            "memo": {**claim.memo.model_dump(), "low_end": low, "high_end": high} if claim.memo else None,
            "verdict": now.verdict,
            "verdict_2012_12": then.verdict if then else None,
            "reason": now.reason.model_dump() if now.reason else None,
            "shown": [one.definition.id for one in now.shown],
            "definitions": [
                {
                    "definition": one.definition.id,
                    "reading": one.definition.reading,
                    "about": one.definition.about.model_dump(),
                    "unit": one.definition.unit or claim.unit,
                    "value": one.figure.value if one.figure else None,
                    "reproduces": one.reproduces,
                    "value_2012_12": figure.value if (figure := earlier(before, one)) else None,
                    "sql": " ".join(one.definition.sql.split()),
                }
                for one in now.counted
            ],
        }
    )
    return answer


def earlier(before: dict[str, Counted], one: Counted) -> Figure | None:
    """Return what the same definition gave on the memo's day."""
    return before[one.definition.id].figure if one.definition.id in before else None
