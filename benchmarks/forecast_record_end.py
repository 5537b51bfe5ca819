"""The forecast from the record's end, tested on years whose end is hidden, and the December 2021 forecast on 2022-24.

Hidden: months by municipality end in December of Y, those registered after it taken out; deaths are registered by
municipality to Y + 3, state months known to December of Y + 1 (the last twelve short as then), victims to June of Y + 4.
So the origin is June of Y + 4, as today's is June 2025 with months to 2021. Scored on the deaths registered in Y + 4
(half of it estimated), Y + 5 and Y + 6, to 2024: municipalities and states by known municipality, the nation with
unknown places. Draws are put on the basis of registration by its ratio to occurrence in the years of the panel. Counts
are today's vintage: victims as revised since; years of registration are not revised.

    python benchmarks/forecast_record_end.py [--draws 1000]

Beside it: *panel alone* (nothing later than the panel), *log random walk* (of registered years: the last one times
exp of a normal walk whose deviation is that of past yearly changes), *victims scaled* (those of the last twelve months,
in the first year of the six that are known and half of these, times the ratio of registered deaths to victims in the last
registered year by state, spread over municipalities as then, with the walk's deviation).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from merida.distributions import Floats
from merida.draws import stream
from merida.facts import Facts
from merida.statistics import scores
from merida.violence.forecasting import Forecast, fitted
from merida.violence.later import Later, later
from merida.violence.panel import Panel, panel, summed

LAST, REGISTERED, STATE_MONTHS, VICTIMS = 2024, 3, 12, 42
LEVELS = ("municipality", "state", "nation")
COVERED = (50, 80, 95)
MODELS = ("given what is known", "forecast", "panel alone", "log random walk", "victims scaled")
Levels = dict[str, Floats]  # draws by level, shape (draws, places)


def as_known(whole: Panel, known: Panel, full: Later) -> tuple[Panel, Later]:
    """Return a panel and what is known after it as of June of the fourth year, without what was registered later."""
    since = full.until(REGISTERED, STATE_MONTHS, VICTIMS)
    months = since.state_months.copy()
    months[:, -12:] = stream(0, "benchmark.late").binomial(months[:, -12:], whole.complete[-12:])
    return known.as_published(whole.complete[-12:], 0), replace(since, state_months=months)


def yearly(path: Forecast, draws: int, back: int, skip: int, years: int) -> Floats:
    """Return draws of deaths by place and year, shape (draws, P, years), after `skip` months."""
    out = np.empty((draws, len(path.known.places), years))
    for draw in range(draws):
        counts = path.counts(draw, back)[:, skip : skip + 12 * years]
        out[draw] = counts.reshape(len(counts), years, 12).sum(axis=2)
    return out


def levels(by_place: Floats, known: Panel, unknown: float) -> Levels:
    """Return draws by level from draws by place, shape (draws, P)."""
    state = np.stack([summed(draw, known.state_of, len(known.codes)) for draw in by_place])
    nation = by_place.sum(axis=1, keepdims=True) / (1 - unknown)
    return {"municipality": by_place, "state": state, "nation": nation}


def on_registration(known: Panel, since: Later) -> float:
    """Return deaths registered beside deaths of the panel, late ones put back, over the years before its last."""
    overlap = since.overlaps[0]
    years = min(overlap, len(known.unknown)) - 1
    occurred = known.deaths[:, -12 * (years + 1) : -12].sum()
    return float(since.registered[:, overlap - 1 - years : overlap - 1].sum() / occurred)


def baselines(
    known: Panel, since: Later, draws: int, year: int, victims: bool
) -> Iterator[tuple[str, Levels]]:
    """Yield the log random walk of registered years and victims scaled, `year` years after the last registered one."""
    random, codes = stream(year, "benchmark.baselines"), len(known.codes)
    registered = since.registered.astype(np.float64)
    state = summed(registered, known.state_of, codes)
    nation = registered.sum(axis=0) + sum(since.nowhere.values())
    some = registered[:, 1:] + registered[:, :-1] > 20  # smaller ones change by chance
    sd = (
        np.diff(np.log(registered + 0.5), axis=1)[some].std(),
        np.diff(np.log(np.maximum(state, 1)), axis=1).std(),
        np.diff(np.log(nation)).std(),
    )

    def walked(level: Floats, which: int, steps: float) -> Floats:
        return np.asarray(
            level * np.exp(sd[which] * np.sqrt(steps) * random.standard_normal((draws, len(level))))
        )

    def three(place: Floats, states: Floats, whole: float, steps: float) -> Levels:
        moved = np.maximum(walked(place + 0.5, 0, steps) - 0.5, 0)
        return {
            "municipality": random.poisson(moved).astype(np.float64),
            "state": walked(states, 1, steps),
            "nation": walked(np.array([whole]), 2, steps),
        }

    yield "log random walk", three(registered[:, -1], state[:, -1], float(nation[-1]), year)
    if victims:
        counts, at = since.victims, since.overlaps[2] + 12 * REGISTERED
        ratio = state[:, -1] / counts[:, at - 12 : at].sum(axis=1)
        half, last = counts[:, at : at + 6].sum(axis=1), counts[:, at - 6 : at + 6].sum(axis=1)
        expected = ratio * (half + last / 2 if year == 1 else last)
        share = registered[:, -1] / state[known.state_of, -1]
        whole = float(expected.sum() * nation[-1] / state[:, -1].sum())
        yield "victims scaled", three(expected[known.state_of] * share, expected, whole, year - 0.5)


def scored(name: str, drawn: Levels, truth: Levels) -> list[Floats]:
    """Return CRPS and coverage of each level; municipalities of at least twelve deaths for coverage."""
    found = []
    for level in LEVELS:
        actual = truth[level][0]
        some = actual >= 12 if level == "municipality" else np.ones(len(actual), dtype=bool)
        inside = [scores.covered(drawn[level], actual, share / 100)[some].mean() for share in COVERED]
        found.append(
            np.array([scores.crps(drawn[level], actual).mean(), *inside, np.median(drawn[level][:, 0])])
        )
    return found


def hidden(end: int, draws: int) -> dict[tuple[str, int], list[Floats]]:
    """Return scores by model and year ahead from June of the fourth year after `end`."""
    facts = Facts()
    whole, cut = panel(facts), panel(facts, end)
    full = later(facts, cut)
    known, since = as_known(whole, cut, full)
    years = min(3, LAST - end - REGISTERED)
    given = fitted(known, 12 * years - 6, since=since)
    alone = fitted(known, 36 + 12 * years)
    basis = on_registration(cut, since)
    drawn = {
        "given what is known": (yearly(given, draws, 6, 0, years) * basis, float(given.unknown[-1])),
        "panel alone": (yearly(alone, draws, 0, 36, years) * basis, float(known.unknown[-1])),
    }
    return compared(known, since, full, drawn, REGISTERED, years, draws, victims=True)


def december(end: int, draws: int) -> dict[tuple[str, int], list[Floats]]:
    """Return scores by model and year ahead from December of `end`, nothing later known, on registered years."""
    facts = Facts()
    known = panel(facts, end)
    full = later(facts, known)
    years = LAST - end
    path, since = fitted(known, 12 * years), full.until(0, 0, 0)
    drawn = {
        "forecast": (
            yearly(path, draws, 0, 0, years) * on_registration(known, since),
            float(known.unknown[-1]),
        )
    }
    return compared(known, since, full, drawn, 0, years, draws, victims=False)


def compared(
    known: Panel, since: Later, full: Later, drawn: dict[str, tuple[Floats, float]], after: int, years: int,
    draws: int, victims: bool,
) -> dict[tuple[str, int], list[Floats]]:  # fmt: skip
    """Return scores of draws and baselines on the registered years from `after` years after the panel."""
    found = {}
    for year in range(years):
        at = full.overlaps[0] + after + year
        actual = full.registered[None, :, at].astype(np.float64)
        truth = levels(actual, known, 0.0)
        truth["nation"] = truth["nation"] + sum(deaths[at] for deaths in full.nowhere.values())
        for name, (by_place, unknown) in drawn.items():
            found[name, year] = scored(name, levels(by_place[:, :, year], known, unknown), truth)
        for name, of in baselines(known, since, draws, year + 1, victims):
            found[name, year] = scored(name, of, truth)
        found["happened", year] = [np.array([0.0, 0, 0, 0, truth[level][0, 0]]) for level in LEVELS]
    return found


def table(title: str, runs: list[dict[tuple[str, int], list[Floats]]], first: str) -> None:
    """Print mean scores of runs by year ahead, level and model."""
    print(
        f"\n{title}\n\n| {first} | Model | "
        + " | ".join(f"{level} CRPS" for level in LEVELS)
        + " | in 50/80/95 % |"
    )
    print("| --- | --- | ---: | ---: | ---: | --- |")
    keys = {key for run in runs for key in run if key[0] in MODELS}
    for key in sorted(keys, key=lambda key: (key[1], MODELS.index(key[0]))):
        mean = np.mean([run[key] for run in runs if key in run], axis=0)
        inside = "; ".join(
            f"{level} {'/'.join(f'{100 * share:.0f}' for share in mean[at, 1:4])}"
            for at, level in enumerate(LEVELS)
        )
        crps = f"{mean[0, 0]:.3f} | {mean[1, 0]:.1f} | {mean[2, 0]:,.0f}"
        print(f"| {key[1] + 1} | {key[0]} | {crps} | {inside} |")
    for run in runs:
        medians = {key: run[key][2][4] for key in run}
        print(
            "nation:",
            "; ".join(f"{name} {year + 1}: {value:,.0f}" for (name, year), value in medians.items()),
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=1000)
    draws = parser.parse_args().draws
    runs = {end: hidden(end, draws) for end in (2018, 2016, 2017, 2019, 2020)}
    table("Months end in 2018, origin June 2022", [runs[2018]], "Year ahead")
    table("Months end in 2016 to 2020, origins June 2020 to 2024", list(runs.values()), "Year ahead")
    table("December 2021, nothing later", [december(2021, draws)], "Year ahead")
