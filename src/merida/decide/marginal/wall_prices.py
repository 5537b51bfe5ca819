"""What the next million dollars of every account would do: between accounts, the price of the wall (SCIENCE rule 6).

Where an account's million goes is chosen by what a million does there on the training draws; how much it does is said by
draws that had no say in where. A slope only makes the list of places among which is chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from merida.decide.division.search import OUTCOME, goal_of, now, slopes, where, window
from merida.decide.marginal.next_million import gains
from merida.distributions import Floats
from merida.ensemble.parameter_draws import Drawn
from merida.framework import Framework, Plan, PlanRow
from merida.framework.builtin import place
from merida.models.socket.domain import Domain
from merida.progress import Counted, Stages, unwatched
from merida.statistics import low_median_high

MILLION = 1e6
PLACES = 3  # of each programme and objective that are tried

Draws = tuple[Domain, Drawn, Floats]  # where plans run, the parameters' draws, and the forecast in them


@dataclass(frozen=True)
class Marginal:
    """What the next million dollars a year of an account would avert or save, where it does most on the training draws.

    Parameters
    ----------
    mean, median, low, high : float
        Homicides, or million hours lost at the ports, on draws that had no say in where; the ends are the 5th and 95th
        percentile.
    """

    programme: str
    place: str
    mean: float
    median: float
    low: float
    high: float


def wall_prices(
    objectives: Sequence[str],
    rows: Sequence[PlanRow],
    plans: tuple[Plan, Plan],
    reference: tuple[Plan, Plan],
    training: Draws,
    judging: Draws,
    stage: Stages = unwatched,
) -> dict[str, dict[str, Marginal]]:
    """Return what the next million dollars a year of each account would do, by objective and account.

    Accounts whose money moves no outcome of the objective, wherever it goes, are left out.

    Parameters
    ----------
    rows : sequence of PlanRow
        Where each account's money may go.
    plans, reference : tuple of Plan
        History with the plan to which the million is added; history with what the forecast is conditional on.
    training, judging : tuple
        The draws by which is chosen where a million goes, and those that say how much it does there.
    stage : callable
        Begins a stage of the work by its name; see `merida.progress`.
    """
    rows = [replace(row, usd_per_year=MILLION) for row in rows]
    listed = shortlist(objectives, rows, plans, reference, training, stage("shortlist"))
    on_training = gains(*training, plans, reference, listed, objectives, progress=stage("next_million"))
    means = on_training.sum(axis=3).mean(axis=1)
    best = {
        objective: best_rows(rows, listed, means[number], training[0])
        for number, objective in enumerate(objectives)
    }
    chosen = list(dict.fromkeys(row for by_account in best.values() for row in by_account.values()))
    judged = gains(*judging, plans, reference, chosen, objectives, progress=stage("wall_prices")).sum(axis=3)
    return {
        objective: {
            account: marginal(row, values)
            for account, row in by_account.items()
            if (values := judged[number, :, chosen.index(row)]).any()
        }
        for number, (objective, by_account) in enumerate(best.items())
    }


def everywhere(framework: Framework, divided: Sequence[PlanRow]) -> list[PlanRow]:
    """Return a nation-wide row for each programme with a mechanism and account that are not divided."""
    accounts = {row.account for row in divided}
    return [
        replace(divided[0], programme=name, account=account, place=place(framework, name))
        for name, programme in framework.programmes.items()
        for account in programme.accounts
        if programme.lever is not None and account not in accounts
    ]


def marginal(row: PlanRow, values: Floats) -> Marginal:
    """Return what money of a row does, from draws."""
    low, median, high = low_median_high(values)
    return Marginal(row.programme, row.place, float(values.mean()), float(median), float(low), float(high))


def best_rows(
    rows: Sequence[PlanRow], listed: Sequence[PlanRow], means: Floats, domain: Domain
) -> dict[str, PlanRow]:
    """Return by account the row, of those that are listed, in which money does most.

    Parameters
    ----------
    means : array, shape (listed,)
        What each listed row does on average. A row of another account that reaches the same programme and place by the
        same kind of money does the same.
    """
    reached = {(domain.line(row), row.place): float(mean) for row, mean in zip(listed, means, strict=True)}
    found = {}
    for account in sorted({row.account for row in rows}):
        mine = [row for row in rows if row.account == account and (domain.line(row), row.place) in reached]
        if mine:
            found[account] = max(mine, key=lambda row: reached[domain.line(row), row.place])
    return found


def shortlist(
    objectives: Sequence[str],
    rows: Sequence[PlanRow],
    plans: tuple[Plan, Plan],
    reference: tuple[Plan, Plan],
    training: Draws,
    progress: Counted = lambda *_: None,
) -> list[PlanRow]:
    """Return the rows among which money may do most: of each programme a few places, by some objective.

    A slope at nought overrates places where the first dollars do nearly everything. Places of a programme are compared
    by the mean of two slopes: now, and after the money of every row.
    """
    domain, drawn, bases = training
    line, at_place = where(domain, rows)
    present = domain.money(*plans)
    _, first = np.unique(np.stack([line, at_place]), axis=1, return_index=True)  # accounts may reach the same
    unlike = [rows[at] for at in sorted(first)]
    after = present + domain.money(Plan("more", plans[1].framework, tuple(unlike)))
    line, at_place = where(domain, unlike)
    chosen: set[int] = set()
    for done, objective in enumerate(objectives):
        progress(done, len(objectives))
        slope = slopes(
            domain,
            drawn,
            bases,
            domain.money(*reference),
            goal_of(domain, {OUTCOME[objective]: 1.0}),
            window(domain, rows[0]),
        )
        gain = -sum(now(slope, money)[line, at_place] for money in (present, after))
        for number in np.unique(line):
            moving = np.flatnonzero((line == number) & (gain != 0))
            chosen |= set(moving[np.argsort(-gain[moving], kind="stable")][:PLACES].tolist())
    return [unlike[at] for at in sorted(chosen)]
