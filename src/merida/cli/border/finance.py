"""``merida border finance``: roads and lanes paid over years."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from merida.cli.border.invest import DRAWS, DrawsOption, gathered, interval, median
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
    say,
)
from merida.cli.plans.runs import FrameworkOption
from merida.cli.settings import SetOption, print_held, priors_at_border, recorded
from merida.errors import BorderError
from merida.words import Words, words

if TYPE_CHECKING:
    from merida.border.investment import CashFlow, Gain
    from merida.distributions import Floats
    from merida.facts import Facts
    from merida.framework import Framework
    from merida.priors import Priors

KINDS = ("nadbank", "cbi")
SCALE_FACTS = ("P134", "P135", "P136", "P137")  # what the bank has lent in all, and its new capital


def border_finance(
    kind: Annotated[str, typer.Option("--kind", help=say("cli.border_invest.kind"))] = "nadbank",
    port: Annotated[str, typer.Option("--port", help=say("cli.border_invest.port_finance"))] = "",
    mode: Annotated[str, typer.Option("--mode", help=say("cli.border_invest.mode"))] = "trucks",
    cost: Annotated[float | None, typer.Option("--cost-usd", help=say("cli.border_invest.cost_usd"))] = None,
    loan_share: Annotated[
        float | None, typer.Option("--loan-share", help=say("cli.border_invest.loan_share"))
    ] = None,
    rate: Annotated[float | None, typer.Option("--interest", help=say("cli.border_invest.interest"))] = None,
    grace: Annotated[int | None, typer.Option("--grace-years", help=say("cli.border_invest.grace"))] = None,
    tenor: Annotated[int | None, typer.Option("--tenor-years", help=say("cli.border_invest.tenor"))] = None,
    tolls: Annotated[
        float | None, typer.Option("--tolls-usd", help=say("cli.border_invest.tolls_usd"))
    ] = None,
    draws: DrawsOption = DRAWS,
    seed: SeedOption = 0,
    settings: SetOption = None,
    framework: FrameworkOption = "merida",
    as_of: AsOfOption = None,
    output: FormatOption = Format.TABLE,
    language: LanguageOption = HERE,
) -> None:
    from merida.border.queueing import number
    from merida.facts import Facts
    from merida.framework import Framework

    if kind not in KINDS:
        raise BorderError("border_unknown_finance", found=kind, known=", ".join(KINDS))
    number("draws", draws, 2, 2000)
    facts, said, priors = Facts(as_of), words(language.value), priors_at_border(settings)
    if kind == "cbi":
        programme(facts, port, output, said, priors)
        return
    terms = {
        "loan_share": loan_share,
        "rate": rate,
        "grace_years": grace,
        "tenor_years": tenor,
        "tolls": tolls,
        "cost": cost,
    }
    lend(Framework.load(framework), facts, port, mode, terms, draws, seed, output, said, priors)


def programme(facts: Facts, port: str, output: Format, said: Words, priors: Priors) -> None:
    """Print the infrastructure programme: by state and port, or a port's part by year."""
    from merida.border import find_place
    from merida.border.investment import apportioned, by_state, programme_flow

    text = said.text
    years = int(priors.number("border.finance.outlay_years"))
    if port:
        place = find_place(facts, port)
        flow = programme_flow(facts, place.port, years)
        if output is Format.JSON:
            shown = {
                "port": place.port.code,
                "name": place.port.name,
                "outlay_years": years,
                "years": flow.to_dicts(),
            }
            print_json(shown | recorded(priors))
            return
        print_rows(
            (
                {text("border_invest.year"): row["year"]}
                | {
                    text(f"border_invest.cbi.{name}"): f"{row[name] / 1e6:,.2f}"
                    for name in ("authorised", "spent", "unspent")
                }
                for row in flow.to_dicts()
            ),
            title=text("border_invest.cbi.port_title", port=place.port.name),
        )
        out.print(text("border_invest.cbi.note"), markup=False)
        print_held(priors)
        return
    states, ports = by_state(facts), apportioned(facts)
    if output is Format.JSON:
        print_json({"states": states.to_dicts(), "ports": ports.to_dicts(), **recorded(priors)})
        return
    total = states["grants_2002_usd"].sum()
    print_rows(
        (
            {
                text("border_invest.cbi.state"): said.named("us_states", row["us_state"]),
                text("border_invest.cbi.share"): f"{100 * row['share']:.0f} %",
                text("border_invest.cbi.usd"): f"{row['usd'] / 1e6:,.1f}",
                text("border_invest.cbi.share_2002"): "–"
                if not total
                else f"{100 * (row['grants_2002_usd'] or 0) / total:.0f} %",
            }
            for row in states.to_dicts()
        ),
        title=text("border_invest.cbi.title"),
    )
    out.print()
    fiscal = [name for name in ports.columns if name.startswith("fy")]
    print_rows(
        {
            text("border_invest.port"): row["name"],
            text("border_invest.cbi.share"): f"{100 * row['share']:.1f} %",
        }
        | {name.upper(): f"{row[name] / 1e6:,.2f}" for name in fiscal}
        for row in ports.sort("share", descending=True).to_dicts()
    )
    out.print(text("border_invest.cbi.note"), markup=False)


def lend(
    framework: Framework,
    facts: Facts,
    port: str,
    mode: str,
    terms: dict[str, Any],
    draws: int,
    seed: int,
    output: Format,
    said: Words,
    priors: Priors,
) -> None:
    """Print a loan for one lane at a port: the cash flow at the medians, and what the lane is worth over draws."""
    from merida.border import find_place
    from merida.border.investment import gains, loan, public_cost, ranked

    if not port:
        raise BorderError("border_finance_port")
    place = find_place(facts, port)
    # Terms are refused before the long work.
    pledged = 0.0 if terms["tolls"] is None else terms["tolls"]
    loan(**loan_terms(fixed_terms(priors) | given(terms), priors), tolls=pledged)
    lane_gains = gathered(
        gains(
            facts,
            place=place,
            mode=mode,
            what="lane",
            draws=draws,
            seed=seed,
            priors=priors,
            framework=framework,
        ),
        said,
    )
    best = ranked(lane_gains)[0]
    state = facts.sql(f"select us_state from ports where port = '{place.port.code}'").item()
    used = fixed_terms(priors) | assumed_terms(framework, facts, best, state == "Texas", draws, seed, priors)
    used |= given(terms)
    flow = loan(**loan_terms(used, priors), tolls=used["tolls"])
    rates = (priors.number("border.finance.low_rate"), priors.number("border.invest.rate"))
    worth = {
        rate: net_worth(framework, facts, best, flow, used["cost"], terms["cost"], rate, draws, seed, priors)
        for rate in rates
    }
    public = {rate: public_cost(flow, rate) for rate in rates}
    if output is Format.JSON:
        from merida.border.investment import quantiles

        print_json(
            finite(
                {
                    "port": place.port.code,
                    "name": place.name,
                    "crossing": best.site.name,
                    "mode": mode,
                    "terms": used,
                    "years": [
                        {"year": since + 1}
                        | {name: float(values[since]) for name, values in flow._asdict().items()}
                        | {
                            "debt_service": float(flow.debt_service[since]),
                            "balance": float(flow.balance[since]),
                        }
                        for since in range(len(flow.works))
                    ],
                    "public_cost_usd": {f"{rate:g}": value for rate, value in public.items()},
                    "net_present_value_usd": {
                        f"{rate:g}": dict(zip(("low", "median", "high"), quantiles(value), strict=True))
                        for rate, value in worth.items()
                    },
                    **recorded(priors),
                }
            )
        )
        return
    print_loan(facts, best, flow, used, public, worth, said)
    print_held(priors)


def given(terms: dict[str, Any]) -> dict[str, Any]:
    """Return the terms that were given."""
    return {name: value for name, value in terms.items() if value is not None}


def fixed_terms(priors: Priors) -> dict[str, Any]:
    """Return the terms of a loan at the medians of what is assumed, for a cost of one dollar."""
    return {
        "cost": 1.0,
        "loan_share": priors.number("border.finance.loan_share"),
        "rate": priors.number("border.finance.nadbank_rate"),
        "grace_years": int(priors.number("border.finance.grace_years")),
        "tenor_years": int(priors.number("border.finance.tenor_years")),
    }


def loan_terms(used: dict[str, Any], priors: Priors) -> dict[str, Any]:
    """Return what a loan is built from, but for its tolls."""
    named = {name: used[name] for name in ("cost", "loan_share", "rate", "grace_years", "tenor_years")}
    return named | {
        "draw_years": int(priors.number("border.finance.draw_years")),
        "growth": priors.number("border.finance.growth"),
    }


def assumed_terms(
    framework: Framework, facts: Facts, best: Gain, has_tolls: bool, draws: int, seed: int, priors: Priors
) -> dict[str, Any]:
    """Return the cost of a lane and its pledged tolls at the medians; tolls only where bridges take them."""
    from merida.border.investment import LANES, unit_cost

    toll = priors.number(f"border.finance.toll_{best.site.mode}")
    pledged = toll * priors.number("border.finance.pledged_share")
    return {
        "cost": median(unit_cost(framework, facts, LANES, draws, seed, priors)),
        "tolls": pledged * median(best.vehicles) if has_tolls else 0.0,
    }


def net_worth(
    framework: Framework,
    facts: Facts,
    best: Gain,
    flow: CashFlow,
    cost: float,
    given_cost: float | None,
    rate: float,
    draws: int,
    seed: int,
    priors: Priors,
) -> Floats:
    """Return draws of the net present value: delay saved less officers and upkeep, works, and what is left at the end."""
    import numpy as np

    from merida.border.investment import LANES, lasting, life, net_present_value, unit_cost, yearly

    built = (
        unit_cost(framework, facts, LANES, draws, seed, priors)
        if given_cost is None
        else np.full(draws, cost)
    )
    lives = life(framework, LANES, draws, seed, priors)
    _, an_hour = yearly(framework, facts, best.site.mode, rate, draws, seed, priors)["lane"]
    hours = 0.0 if best.works is None else float(best.works.sum()) * 365.25 / 7
    running = an_hour * hours + built * priors.drawn("border.invest.lane_upkeep", draws, seed)
    years = np.arange(len(flow.works))
    building = flow.works > 0
    values = []
    for draw in range(draws):
        working = ~building & (years - building.sum() < lives[draw])
        benefit = np.where(working, best.usd[draw] - running[draw], 0.0)
        benefit[-1] += built[draw] * lasting(lives[draw], len(years) - building.sum(), rate)
        values.append(net_present_value(flow._replace(works=flow.works * built[draw] / cost), rate, benefit))
    return np.array(values)


def print_loan(
    facts: Facts,
    best: Gain,
    flow: CashFlow,
    used: dict[str, Any],
    public: dict[float, float],
    worth: dict[float, Floats],
    said: Words,
) -> None:
    """Print a loan for people."""
    text = said.text
    print_rows(
        (
            {text("border_invest.year"): since + 1}
            | {
                text(f"border_invest.flow.{name}"): f"{values[since] / 1e6:,.2f}"
                for name, values in (
                    ("works", flow.works),
                    ("drawn", flow.drawn),
                    ("interest", flow.interest),
                    ("repaid", flow.repaid),
                    ("tolls", flow.tolls),
                    ("appropriated", flow.appropriated),
                    ("balance", flow.balance),
                    ("owed", flow.owed),
                )
            }
            for since in range(len(flow.works))
        ),
        title=text(
            "border_invest.flow.title",
            crossing=best.site.name,
            mode=text(f"border.modes.{best.site.mode}"),
            cost=f"{used['cost'] / 1e6:,.1f}",
            share=f"{100 * used['loan_share']:.0f}",
            rate=f"{100 * used['rate']:.1f}",
            grace=used["grace_years"],
            tenor=used["tenor_years"],
        ),
    )
    for rate, paid in public.items():
        out.print(
            text(
                "border_invest.flow.worth",
                rate=f"{100 * rate:g}",
                public=f"{paid / 1e6:,.1f}",
                worth=interval(worth[rate], said, 1, 1e6),
            ),
            markup=False,
        )
    rows = facts.sql(
        "select id, value, period from published_facts where status = 'verified' and id in "
        f"({', '.join(repr(name) for name in SCALE_FACTS)}) order by id"
    ).rows()
    for name, value, period in rows:
        out.print(
            text("border_invest.flow.scale", fact=name, usd=f"{value / 1e6:,.0f}", period=period),
            markup=False,
        )
    out.print(text("border_invest.flow.note"), markup=False)
