"""Estimate what followed the removal of leaders, from the record, beside what was published.

Run: python benchmarks/leaders.py [--placebos 200] [--seed 0]

Prints the tables of docs/models/networks.md: effects at the place of capture, where the same organisation is present,
and in places that merely adjoin; the range with each event left out; the chance under placebo events; and the minimum
detectable effect. Then each event alone, and members and deaths of the recruitment model.
"""

from __future__ import annotations

import argparse

import numpy as np

from merida.facts import Facts
from merida.models.recruitment import PUBLISHED, START, at_start, deaths_a_week, members_after, ties
from merida.violence.removals import (
    KINDS,
    MONTHS,
    chance,
    contrasts,
    detectable,
    estimate,
    placebos,
    recorded,
)

PUBLISHED_EFFECTS = {
    "place": "+80 % (12 months); +36.5 % (6 months)",
    "present": "+30 % (6 months)",
    "adjoining": "reductions, no figure",
}


def percent(log_ratio: float) -> str:
    """Return the log of a ratio as a change in percent."""
    return f"{100 * np.expm1(log_ratio):+.0f} %"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--placebos", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    facts = Facts()
    heads = "Events|Group|Months|n|Effect|log|error|One left out|Placebo mean|Chance|Detectable|Published"
    print("| " + heads.replace("|", " | ") + " |")
    print("|---|---|---:|---:|---:|---:|---:|---|---:|---:|---:|---|")
    for label, remembered in (("read in a source", False), ("and remembered", True)):
        setting, events = recorded(facts, remembered)
        for months in (MONTHS, {"place": 6, "present": 12, "adjoining": 12}):
            found = estimate(setting, events, months)
            apart = placebos(setting, events, asked.placebos, asked.seed, months)
            for kind in KINDS:
                one, by_chance = found[kind], apart[kind]
                low, high = one.without_one
                cells = (
                    label,
                    kind,
                    str(months[kind]),
                    str(one.events),
                    percent(one.value),
                    f"{one.value:+.3f}",
                    f"{max(one.error, by_chance.std()):.3f}",
                    f"{percent(low)} to {percent(high)}",
                    percent(by_chance.mean()),
                    f"{chance(one.value, by_chance):.2f}",
                    percent(detectable(by_chance)),
                    PUBLISHED_EFFECTS[kind],
                )
                print("| " + " | ".join(cells) + " |", flush=True)
    setting, events = recorded(facts)
    print("\n| Leader | Place | Present | Adjoining |\n|---|---:|---:|---:|")
    for event in events:
        each = contrasts(setting, event)
        print(
            f"| {event.leader} | "
            + " | ".join(percent(each[kind][0]) if kind in each else "" for kind in KINDS)
            + " |"
        )
    conflict = ties(facts).conflict
    policies = {
        "as published": PUBLISHED,
        "recruitment halved": PUBLISHED._replace(recruitment=PUBLISHED.recruitment / 2),
        "incapacitation doubled": PUBLISHED._replace(incapacitation=2 * PUBLISHED.incapacitation),
        "no recruitment": PUBLISHED._replace(recruitment=0.0),
    }
    in_2022 = members_after(at_start(START, len(conflict)), conflict, PUBLISHED, 520)
    print("\n| Week | Policy from week 520 | Members | Deaths a week |\n|---:|---|---:|---:|")
    print(f"| 520 | | {in_2022.sum():,.0f} | {deaths_a_week(in_2022, conflict, PUBLISHED):.2f} |")
    for policy, rates in policies.items():
        members = members_after(in_2022, conflict, rates, 260)
        print(f"| 780 | {policy} | {members.sum():,.0f} | {deaths_a_week(members, conflict, rates):.2f} |")
    print("\n| Weeks | Deaths a year fewer for each member taken |\n|---:|---:|")
    more = PUBLISHED._replace(incapacitation=PUBLISHED.incapacitation + 1)
    for weeks in (26, 52, 260, 520):
        deaths = [
            deaths_a_week(members_after(in_2022, conflict, rates, weeks), conflict, rates)
            for rates in (PUBLISHED, more)
        ]
        print(f"| {weeks} | {52 * (deaths[0] - deaths[1]) / weeks:.4f} |")


if __name__ == "__main__":
    main()
