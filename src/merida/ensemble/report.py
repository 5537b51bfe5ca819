"""What a finished run says of its plans, the first against each other, as far as its draws carry."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from merida.ensemble.lines import (
    AtPorts,
    Comparison,
    CostPerDeath,
    CountLine,
    Driver,
    Gain,
    HoursLine,
    LeverShare,
    ModeLine,
    MunicipalityLine,
    OutcomeLine,
    OutcomeTable,
    StateLine,
    YearLine,
)
from merida.ensemble.simulation import Simulation
from merida.ensemble.summary import Difference, difference, estimate, variance_shares
from merida.facts.schema import Text
from merida.models.border_surrogate import MODES
from merida.parameters.standings import grounds

WINDOWS = (3, 5, 10, 15)
COUNTS = ("inspections", "cash_seized_usd", "arms_seized")
UNKNOWN_STATE = "99"


def windows_of(run: Simulation) -> tuple[int, ...]:
    """Return the windows of years that a run is told in."""
    return tuple(years for years in WINDOWS if years <= len(run.years)) or (len(run.years),)


def averted(found: Difference) -> dict[str, float]:
    """Return homicides averted as far as the draws carry."""
    return {
        "averted": round(found.averted.value, 1),
        "low": round(found.averted.low, 1),
        "high": round(found.averted.high, 1),
        "p_better": round(found.better, 3),
        "p_harm": round(found.worse, 3),
    }


def gained(found: Difference, digits: int) -> dict[str, float]:
    """Return a gain as far as the draws carry."""
    return {
        "value": round(found.averted.value, digits),
        "low": round(found.averted.low, digits),
        "high": round(found.averted.high, digits),
        "p_better": round(found.better, 3),
        "p_harm": round(found.worse, 3),
    }


def comparisons(run: Simulation, plan: str, others: Sequence[str]) -> tuple[Comparison, ...]:
    """Return the plan against each other in each window."""
    return tuple(
        Comparison(plan=plan, versus=other, years=years, **averted(run.difference(plan, other, years=years)))
        for other in others
        for years in windows_of(run)
    )


def by_year(run: Simulation, plan: str, other: str) -> tuple[YearLine, ...]:
    """Return homicides of the nation by year: expected and counted, and what the plan averts."""
    expected, lines = run.outcomes.value["homicides"], []
    for at, year in enumerate(run.years):
        counted = estimate(run.outcomes.counts[plan][:, :, at].sum(axis=1))
        less = difference(expected[plan][:, :, at].sum(axis=1), expected[other][:, :, at].sum(axis=1)).averted
        lines.append(
            YearLine(
                year,
                round(counted.value),
                round(counted.low),
                round(counted.high),
                round(less.value, 1),
                round(less.low, 1),
                round(less.high, 1),
            )
        )
    return tuple(lines)


def by_state(run: Simulation, plan: str, other: str) -> tuple[StateLine, ...]:
    """Return homicides averted by state, all years; deaths of unknown states are in no line."""
    rows = run.parameters.facts.sql("select state, name from states").rows()
    names = dict(rows)
    return tuple(
        StateLine(state=state, name=names[state], **averted(run.difference(plan, other, state=state)))
        for state in run.states
        if state != UNKNOWN_STATE
    )


def by_municipality(run: Simulation, plan: str, other: str) -> tuple[MunicipalityLine, ...]:
    """Return the municipalities in which the plan changes most."""
    found = run.municipalities(plan, other)
    if not found:
        return ()
    names = dict(run.parameters.facts.sql("select municipality, name from municipalities").rows())
    return tuple(MunicipalityLine(name=names.get(str(row["municipality"]), ""), **row) for row in found)  # type: ignore[arg-type]


def outcomes(run: Simulation, plan: str, others: Sequence[str]) -> dict[str, OutcomeTable]:
    """Return every outcome of the run by name."""
    return {name: outcome(run, name, plan, others) for name in run.outcomes.value}


def outcome(run: Simulation, name: str, plan: str, others: Sequence[str]) -> OutcomeTable:
    """Return how much better the plan is than each other in one outcome."""
    about = run.outcome(name)
    lines = tuple(
        OutcomeLine(versus=other, years=years, **gained(run.gain(name, plan, other, years), 3))
        for other in others
        for years in windows_of(run)
    )
    return OutcomeTable(about.unit, about.level, about.good, lines)


def at_ports(run: Simulation, plan: str, other: str) -> AtPorts | None:
    """Return what the plan does at the ports beside another, or None where that was not simulated."""
    if "border_delay" not in run.outcomes.value:
        return None
    windows = windows_of(run)
    years = max((window for window in windows if window <= 5), default=windows[0])
    trade = run.trade(plan, other, years)
    today = run.outcomes.value["border_delay"][other][:, :, 0].mean(axis=0) / 1e6
    return AtPorts(
        million_hours_saved=tuple(
            HoursLine(years=window, **gained(run.gain("border_delay", plan, other, window), 2))
            for window in windows
        ),
        years=years,
        by_mode=tuple(
            ModeLine(
                mode=mode,
                million_hours_a_year=round(float(lost), 2),
                **gained(run.gain("border_delay", plan, other, years, mode), 3),
            )
            for mode, lost in zip(MODES, today, strict=True)
        ),
        counts=tuple(
            CountLine(what=what, **gained(run.gain(what, plan, other, years), 0)) for what in COUNTS
        ),
        imports_usd_published_multiplier=None if trade is None else Gain(**gained(trade, 0)),
    )


def costs(run: Simulation, plan: str, others: Sequence[str]) -> dict[str, CostPerDeath | None]:
    """Return dollars per homicide averted against each other plan."""
    return {other: run.cost_per_death(plan, other) for other in others}


def strongest(run: Simulation, plan: str, other: str) -> tuple[Driver, ...]:
    """Return the parameters that go most with the result."""
    return tuple(run.drivers(plan, other))


def by_lever(run: Simulation, plan: str, other: str) -> tuple[LeverShare, ...]:
    """Return which levers make the variance of the difference between two plans, most first.

    Levers that do nothing in either plan are left out. None where the difference does not vary.
    """
    taken = run.taken(plan, other)
    moved = {lever: values for lever, values in taken.items() if np.any(values) or not lever}
    whole = np.sum(list(taken.values()), axis=0)
    if np.ptp(whole) == 0:
        return ()
    shares = variance_shares(np.stack(list(moved.values())), whole)
    programmes = run.domain.framework.programmes
    pulling = {
        lever: [name for name, one in programmes.items() if lever and one.lever == lever] for lever in moved
    }
    lines = [
        LeverShare(
            lever=lever,
            programmes=tuple(pulling[lever]),
            titles=Text(
                en=", ".join(programmes[name].title.en for name in pulling[lever]),
                es=", ".join(programmes[name].title.es for name in pulling[lever]),
            )
            if pulling[lever]
            else None,
            grounds=grounds(run.parameters, lever) if lever else "together",
            share=round(float(share), 4),
            low=round(float(low), 4),
            high=round(float(high), 4),
            averted=round(float(np.median(moved[lever])), 1),
        )
        for lever, (low, share, high) in zip(moved, shares.T, strict=True)
    ]
    return tuple(sorted(lines, key=lambda line: (not line.lever, -line.share, line.lever)))


def without_study(lines: Sequence[LeverShare]) -> float | None:
    """Return the share of the variance that levers with neither a study nor a counted chain make."""
    return round(sum(line.share for line in lines if line.grounds == "none"), 4) if lines else None
