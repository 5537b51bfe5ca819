"""Score what the justice model says of the record: "done by 2016?" and the funnel of 2019-20 foretold.

Run: python benchmarks/justice_record.py [--draws 4000] [--seed 0]

Prints the tables of docs/models/justice.md. First: states operating by the end of each year from each origin, by CRPS,
and each waiting state and year by Brier score, for the mixture and for each reading alone. Second: shares of the funnel
of 2019 and 2020, foretold from the victim survey to 2018 and from what was assumed before they were published.
"""

from __future__ import annotations

import argparse

import numpy as np

from merida.distributions import Floats
from merida.draws import stream
from merida.evidence import Register
from merida.facts import Facts
from merida.models.justice import funnel
from merida.models.reform_transition import DEADLINE, READINGS, first_years, transition
from merida.parameters import Parameters, entries
from merida.statistics.scores import crps

ORIGINS = (2011, 2012, 2013, 2014)


def line(*cells: str) -> None:
    """Print one line of a table."""
    print("| " + " | ".join(cells) + " |", flush=True)


def weights() -> dict[str, float]:
    """Return the weights of the readings, as the model states them."""
    stated = {name: entries()[f"justice.transition.{name}"].number for name in READINGS[:2]}
    return stated | {"deadline": 1 - sum(stated.values())}


def reform(draws: int, seed: int) -> None:
    """Print the scores of the transition."""
    actual = first_years(Facts())
    states = tuple(sorted(actual))
    line("Origin", "Law", *(str(year) for year in range(2012, DEADLINE + 1)), "CRPS", "Brier")
    line("---", "---", *["---:"] * (DEADLINE - 2012 + 3))
    for origin in ORIGINS:
        counted = np.array(
            [sum(year <= then for year in actual.values()) for then in range(origin + 1, DEADLINE + 1)]
        )
        blank = [""] * (origin - 2011)
        line(f"December {origin}", "happened", *blank, *(str(count) for count in counted), "", "")
        laws = {"mixture": weights()} | {
            name: {other: float(other == name) for other in READINGS} for name in READINGS
        }
        for name, weight in laws.items():
            found = transition(actual, states, origin, weight, draws=draws, seed=seed)
            happened = np.array([[actual[state] <= year for year in found.years] for state in found.waiting])
            brier = float(np.mean((found.chances - happened) ** 2))
            told = [
                f"{middle:.0f} ({low:.0f}-{high:.0f})"
                for low, middle, high in np.quantile(found.counts, [0.05, 0.5, 0.95], axis=0).T
            ]
            line("", name, *blank, *told, f"{crps(found.counts, counted).mean():.2f}", f"{brier:.3f}")


def opened_ahead(draws: int, seed: int) -> Floats:
    """Return draws of the percent of crimes of 2019 with a file: the dark figure to 2018, one step on in its logit."""
    rows = Facts("2019-12").sql(
        "select dark_figure_pct / 100 from envipe where state = '00' and dark_figure_pct is not null order by year"
    )
    opened = 1 - rows.to_series().to_numpy()
    logit = np.log(opened / (1 - opened))
    step = np.diff(logit).std(ddof=1)
    ahead = logit[-1] + step * stream(seed, "justice.opened").standard_t(len(logit) - 2, size=draws)
    return np.asarray(100 / (1 + np.exp(-ahead)), dtype=np.float64)


def foretold(draws: int, seed: int) -> None:
    """Print the funnel of 2019-20 beside what was said before its figures were published."""
    before = Parameters(Facts("2019-12"), Register("2019-12"), {}).draws(seed, draws)
    opened = opened_ahead(draws, seed)
    given = before["justice.opened_pct"]
    published = dict(
        Facts().sql("select id, value from published_facts where id in ('P070', 'P071', 'P075')").rows()
    )
    told = {
        "crimes with a file, %": (opened, 100 * funnel(published["P070"] / 100, published["P071"] / 100)),
        "crimes reported, %": (100 * opened / given, published["P070"]),
        "reports with a file, %": (given, published["P071"]),
        "crimes resolved, %": (before["justice.resolved_pct"], published["P075"]),
    }
    line("Share", "Foretold (90 %)", "Published", "Inside")
    line("---", "---:", "---:", "---")
    for name, (drawn, came) in told.items():
        low, middle, high = np.quantile(drawn, [0.05, 0.5, 0.95])
        inside = "yes" if low <= came <= high else "no"
        line(name, f"{middle:.2f} ({low:.2f} to {high:.2f})", f"{came:.2f}", inside)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--draws", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    reform(asked.draws, asked.seed)
    print()
    foretold(asked.draws, asked.seed)


if __name__ == "__main__":
    main()
