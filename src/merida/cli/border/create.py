"""``merida border create``: the published experiments on officers, done again on our own schedules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from merida.cli.border.assumptions import investment
from merida.cli.border.invest import (
    DRAWS,
    DrawsOption,
    gain_json,
    gathered,
    interval,
    median,
)
from merida.cli.output import (
    HERE,
    AsOfOption,
    Format,
    FormatOption,
    LanguageOption,
    SeedOption,
    finite,
    out,
    print_json,
    print_rows,
)
from merida.cli.settings import SetOption, print_held, priors_at_border, recorded
from merida.words import Words, words

if TYPE_CHECKING:
    from merida.border.investment import Gain, PublishedCheck


def border_create(
    draws: DrawsOption = DRAWS,
    seed: SeedOption = 0,
    settings: SetOption = None,
    as_of: AsOfOption = None,
    output: FormatOption = Format.TABLE,
    language: LanguageOption = HERE,
) -> None:
    from merida.border.investment import checks, experiment, theirs
    from merida.border.queueing import number
    from merida.facts import Facts

    number("draws", draws, 2, 2000)
    priors = priors_at_border(settings)
    facts, said = Facts(as_of), words(language.value)
    every_gain = gathered(experiment(facts, draws, seed, priors), said)
    made = checks(facts, every_gain, draws, seed, priors)
    every_gain = [item for item in every_gain if item.what == "officer"]
    ratios = theirs(facts)
    if output is Format.JSON:
        print_json(
            finite(
                {
                    "draws": draws,
                    "seed": seed,
                    "as_of": as_of,
                    "sites": [gain_json(item) for item in every_gain],
                    "checks": [check_json(item) for item in made],
                    "their_ratios_to_value_of_time": ratios,
                    "assumptions": investment(priors),
                    **recorded(priors),
                }
            )
        )
        return
    print_create(every_gain, made, ratios, said)
    print_held(priors)


def check_json(check: PublishedCheck) -> dict[str, Any]:
    """Return a check for programs."""
    from merida.border.investment import quantiles

    ours = dict(zip(("low", "median", "high"), quantiles(check.ours), strict=True))
    return {
        "name": check.name,
        "fact": check.fact,
        "unit": check.unit,
        "published_low": check.low,
        "published_high": check.high,
        "ours": ours,
        "comparable": check.comparable,
        "holds": check.holds,
    }


def print_create(
    officers: Sequence[Gain], compared: Sequence[PublishedCheck], ratios: dict[str, float], said: Words
) -> None:
    """Print the experiment: the sites, published numbers beside ours, and why they differ."""
    import numpy as np

    text = said.text
    print_rows(
        (
            {
                text("border_invest.crossing"): item.site.name,
                text("border_invest.mode"): text(f"border.modes.{item.site.mode}"),
                text("border_invest.hours"): interval(item.hours, said, 1, 1e3),
                text("border_invest.minutes_each"): interval(item.minutes_each, said, 2),
                text("border_invest.time_usd"): interval(item.time_usd, said, 2, 1e6),
            }
            for item in officers
        ),
        title=text("border_invest.create_title", sites=len(officers)),
    )
    out.print()
    print_rows(
        {
            text("border_invest.check"): text(f"border_invest.checks.{item.name}"),
            text("border_invest.published"): shown_range(item, said),
            text("border_invest.ours"): interval(item.ours, said, 1, 1e6 if item.unit == "usd" else 1.0),
            text("border_invest.verdict"): text(
                "border_invest.verdicts."
                + ("apart" if item.holds is None else "holds" if item.holds else "misses")
            ),
            text("border_invest.source"): item.fact,
        }
        for item in compared
    )
    if ratios:
        officer = median(np.mean([item.time_usd for item in officers], axis=0))
        out.print(
            text(
                "border_invest.theirs",
                gdp=f"{officer * ratios['gdp_usd'] / 1e6:,.1f}",
                jobs=f"{officer * ratios['jobs']:,.0f}",
            ),
            markup=False,
        )
    for reason in ("sites", "staffing", "elastic", "days", "value"):
        out.print("  " + text(f"border_invest.reasons.{reason}"), markup=False)


def shown_range(check: PublishedCheck, said: Words) -> str:
    """Return what was published."""
    over, decimals = (1e6, 1) if check.unit == "usd" else (1.0, 0)
    ends = sorted({check.low / over, check.high / over} - {float("inf")})
    unit = said.text("parameter_units." + ("million_usd" if check.unit == "usd" else check.unit))
    least = "> " if check.high == float("inf") else ""
    return least + " – ".join(f"{end:,.{decimals}f}" for end in ends) + f" {unit}"
