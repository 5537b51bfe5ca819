"""What plans do at the ports, in the tables of ``merida simulate`` and ``compare``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from merida.cli.output import out, print_rows, say

if TYPE_CHECKING:
    from merida.ensemble import Simulation
    from merida.ensemble.summary import Difference


def row(found: Difference, digits: int) -> dict[str, float]:
    """Return a difference as cells, rounded."""
    of = found.averted
    return {
        "value": round(of.value, digits),
        "low": round(of.low, digits),
        "high": round(of.high, digits),
        "p_better": round(found.better, 3),
        "p_harm": round(found.worse, 3),
    }


COUNTS = ("inspections", "cash_seized_usd", "arms_seized")


def answer(run: Simulation, plan: str, versus: str, windows: Sequence[int]) -> dict[str, Any] | None:
    """Return what a plan does at the ports beside another, or None where that was not asked for.

    Million hours saved in windows of years, and by mode; inspections and seizures in the last window of at most five
    years; imports by the published multiplier.
    """
    from merida.models.border_surrogate import MODES

    if "border_delay" not in run.outcomes.value:
        return None
    years = max((years for years in windows if years <= 5), default=windows[0])
    trade = run.trade(plan, versus, years)
    today = run.outcomes.value["border_delay"][versus][:, :, 0].mean(axis=0) / 1e6
    return {
        "million_hours_saved": [
            {"years": years, **row(run.gain("border_delay", plan, versus, years), 2)} for years in windows
        ],
        "years": years,
        "by_mode": [
            {
                "mode": mode,
                "million_hours_a_year": round(float(lost), 2),
                **row(run.gain("border_delay", plan, versus, years, mode), 3),
            }
            for mode, lost in zip(MODES, today, strict=True)
        ],
        "counts": [{"what": what, **row(run.gain(what, plan, versus, years), 0)} for what in COUNTS],
        "imports_usd_published_multiplier": None if trade is None else row(trade, 0),
    }


def show(found: dict[str, Any] | None, plan: str, versus: str) -> None:
    """Print it for people."""
    if found is None:
        return

    shared = {"low", "high", "p_better", "p_harm", "years"}

    def cells(one: dict[str, Any]) -> dict[str, Any]:
        return {
            say(f"{'runs' if name in shared else 'at_ports'}.{name}"): value for name, value in one.items()
        }

    years = found["years"]
    print_rows(
        [cells(one) for one in found["million_hours_saved"]],
        title=say("at_ports.title", plan=plan, versus=versus),
    )
    out.print()
    print_rows(
        [cells({**one, "mode": say(f"border.modes.{one['mode']}")}) for one in found["by_mode"]],
        title=say("at_ports.by_mode_title", years=years),
    )
    out.print()
    counts = [{**one, "what": say(f"at_ports.{one['what']}")} for one in found["counts"]]
    if trade := found["imports_usd_published_multiplier"]:
        counts.append({"what": say("at_ports.imports_usd"), **trade})
    print_rows(
        [
            cells(
                {
                    name: f"{value:,.0f}" if name in ("value", "low", "high") else value
                    for name, value in one.items()
                }
            )
            for one in counts
        ],
        title=say("at_ports.counts_title", years=years),
    )
    out.print(say("at_ports.note"))
