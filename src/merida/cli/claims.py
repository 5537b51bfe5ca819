"""``merida claims``: the memo's statements, held against the record."""

from __future__ import annotations

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
    from merida.claims import Claim, Counted, Recommendation, Result
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
    from merida.claims import Claim, Recommendation, at_the_memo, check, find, recommendations
    from merida.claims import claims as every
    from merida.facts import Facts

    facts, said = Facts(as_of), words(language.value)
    found = None if claim is None else find(claim)
    memo = at_the_memo(facts)
    wanted = list(every().values()) if found is None else [found] if isinstance(found, Claim) else []
    advice = list(recommendations().values()) if found is None else []
    if isinstance(found, Recommendation):
        advice = [found]
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
                    }
                    for one in advice
                ],
            }
        )
    elif found is None:
        print_all(pairs, advice, said)
    elif pairs:
        print_one(*pairs[0], said)
    else:
        print_advice(advice, said)


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
    return f"{shown} {said.text('units.' + claim.unit)}{star}" if claim.unit != "year" else shown + star


def found_number(figure: Figure | None, said: Words) -> str:
    """Return the number that the record gives, or a dash."""
    return "–" if figure is None else number(figure.value, figure.unit, said)


def print_all(pairs: list[tuple[Result, Result | None]], advice: list[Recommendation], said: Words) -> None:
    """Print every claim by topic, then the recommendations."""
    from merida.claims import TOPICS

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
    print_advice(advice, said)


def verdict(result: Result, said: Words) -> str:
    """Return the verdict in words."""
    return said.text(f"claims.verdicts.{result.verdict}")


def changed(now: Result, then: Result | None, said: Words) -> str:
    """Return what the verdict was on the memo's day, where it differs."""
    if then is None or then.verdict == now.verdict:
        return ""
    return " " + said.text("claims.then", verdict=verdict(then, said))


def print_advice(advice: list[Recommendation], said: Words) -> None:
    """Print the recommendations with the programmes that each concerns."""
    print_rows(
        (
            {
                said.text("claims.recommendation"): one.name,
                said.text("claims.said"): one.said.to(said.language),
                said.text("claims.programmes"): ", ".join(one.programmes) or "–",
            }
            for one in advice
        ),
        title=said.text("claims.recommendations"),
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
    from merida.claims import MEMO_MONTH

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
