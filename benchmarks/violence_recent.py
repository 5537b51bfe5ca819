"""Score the first model of violence on rolling origins, as the tables of docs/models/violence.md.

Run: python benchmarks/violence_recent.py [--draws 200] [--seed 0]

Deaths are by year of registration. At the origin December of a year the next year is forecast twice: *perfect vintage*,
with the deaths of the origin's year known (one year ahead), and *real time*, with those that had been published by
then (to the year before: two years ahead). Beside it stands plain resampling: the same levels and noise of counting,
without shocks.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np

from merida.draws import stream
from merida.facts import Facts
from merida.laws import Floats
from merida.violence.recent import Forecast, forecast

ORIGINS = range(2005, 2021)
ACTUAL = """
select case when municipality[1:2] <= '32' then municipality[1:2] else '99' end as state, sum(deaths) as deaths
from homicides_year where basis = 'registration' and year = {year} and municipality[1:2] != '33' group by all"""


def counts(model: Forecast, draws: int, year: int) -> Floats:
    """Return draws of deaths by state in the forecast's year of that number (0 is the first), shape (draws, states)."""
    states = np.asarray(model.states)
    sums = []
    for draw in range(draws):
        yearly = np.exp(model.log_rates(draw)[:, 12 * year : 12 * year + 12]).sum(axis=1)
        expected = np.array([yearly[states == state].sum() for state in sorted(set(model.states))])
        sums.append(stream(model.seed, f"counts.{year}", draw).poisson(expected))
    return np.array(sums, dtype=np.float64)


def crps(drawn: Floats, actual: Floats) -> Floats:
    """Return the fair CRPS (Ferro, 2014) of draws, shape (draws, n), at actuals, shape (n,)."""
    m = len(drawn)
    weights = 2 * np.arange(1, m + 1) - m - 1
    spread = (weights[:, None] * np.sort(drawn, axis=0)).sum(axis=0) / (m * (m - 1))
    return np.asarray(np.abs(drawn - actual).mean(axis=0) - spread, dtype=np.float64)


def covered(drawn: Floats, actual: Floats) -> Floats:
    """Return whether actuals lie between the 5th and 95th percentile of the draws."""
    low, high = np.quantile(drawn, [0.05, 0.95], axis=0)
    return np.asarray((low <= actual) & (actual <= high), dtype=np.float64)


def without_shocks(model: Forecast) -> Forecast:
    """Return the forecast with levels resampled and nothing else."""
    return replace(model, shocks=replace(model.shocks, nation=0.0, state=0.0, place=0.0))


def scores(origin: int, vintage: str, draws: int, seed: int) -> dict[tuple[str, str], tuple[Floats, Floats]]:
    """Return CRPS and coverage by level and model at an origin."""
    ahead = 0 if vintage == "perfect vintage" else 1
    as_of = origin + 1 - ahead  # December of a year knows the deaths of the year before
    model = forecast(Facts(f"{as_of}-12"), 24, seed)
    assert model.first_month == f"{as_of}-01", "the deaths of the year before were not yet published"
    codes = sorted(set(model.states))
    rows = dict(Facts().sql(ACTUAL.format(year=origin + 1)).rows())
    actual = np.array([float(rows.get(code, 0)) for code in codes])
    known = np.array([code != "99" for code in codes])
    found = {}
    for name, one in (("with shocks", model), ("plain resampling", without_shocks(model))):
        drawn = counts(one, draws, ahead)
        nation, total = drawn.sum(axis=1, keepdims=True), np.array([sum(rows.values())], dtype=np.float64)
        found["state-year", name] = (
            crps(drawn[:, known], actual[known]),
            covered(drawn[:, known], actual[known]),
        )
        found["nation-year", name] = crps(nation, total), covered(nation, total)
    return found


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    print("| Vintage | Level | Model | Cases | Fair CRPS, deaths | In the 90 % interval |")
    print("| --- | --- | --- | ---: | ---: | ---: |")
    for vintage in ("perfect vintage", "real time"):
        all_ = [scores(origin, vintage, chosen.draws, chosen.seed) for origin in ORIGINS]
        for level, name in all_[0]:
            score = np.concatenate([one[level, name][0] for one in all_])
            inside = np.concatenate([one[level, name][1] for one in all_])
            print(
                f"| {vintage} | {level} | {name} | {len(score)} | {score.mean():,.1f} | {100 * inside.mean():.0f} % |",
                flush=True,
            )


if __name__ == "__main__":
    main()
