"""The robust core: which programmes every good plan holds, whatever is believed.

A belief is one draw of all parameters together. In each, what a programme averts by its money alone is computed through
the system at a few amounts, and taken for its concave envelope, straight between them. Programmes are joined by adding
(together they avert less, `merida.models.violence`), so that the best plan of a belief is a linear programme; so is the
question whether a plan that loses at most `WITHIN` of the best can do without a programme, or with it:

    in all good plans    the best plan without it loses more
    in none              the best plan with `HOLDS` of the money that may pay for it loses more
    in some              neither

What the sum of single programmes says is checked on the whole system for the best plans of some beliefs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

import merida.numerics  # noqa: F401  isort: skip
import jax

from merida.decide.division.constraints import MILLION
from merida.decide.division.objectives import Divided, gains_of
from merida.decide.division.rules import Choices
from merida.decide.division.search import goal_of
from merida.decide.marginal.next_million import gains
from merida.decide.marginal.wall_prices import Draws
from merida.decide.optimiser.feasible import Feasible, Row
from merida.distributions import Floats
from merida.ensemble.run import CHUNK
from merida.framework import Plan, PlanRow
from merida.framework.builtin import place
from merida.models.socket.domain import Domain
from merida.progress import Stages, unwatched

WITHIN, HOLDS, SURE = 0.05, 0.1, 0.9
PARTS = (0.03, 0.1, 0.3, 1.0)  # of all that may pay for a programme: the amounts at which it is looked at
CHECKED = 8  # beliefs whose best plan goes through the whole system
ALL, SOME, NONE = 0, 1, 2


@dataclass(frozen=True)
class Core:
    """What beliefs say of each programme.

    Attributes
    ----------
    programmes : tuple of str
    held : array of int, shape (beliefs, programmes)
        `ALL`, `SOME` or `NONE`.
    agrees : array, shape (checked,)
        Gain through the whole system over gain by single programmes, of the best plans of the first beliefs.
    """

    programmes: tuple[str, ...]
    held: npt.NDArray[np.int64]
    agrees: Floats

    @property
    def shares(self) -> Floats:
        """The share of beliefs in which all, some or no good plans hold each programme, shape (3, programmes)."""
        return np.stack([(self.held == kind).mean(axis=0) for kind in (ALL, SOME, NONE)])

    @property
    def verdicts(self) -> dict[str, str]:
        """``all``, ``none``, or ``open`` where nine in ten beliefs say neither."""
        every, _, none = self.shares
        return {
            name: "all" if every[at] >= SURE else "none" if none[at] >= SURE else "open"
            for at, name in enumerate(self.programmes)
        }


def nationwide(chosen: Choices, domain: Domain) -> Choices:
    """Return the same money with one row for each programme and account, spread over the nation by need."""
    first: dict[tuple[str, str], int] = {}
    for at, row in enumerate(chosen.rows):
        first.setdefault((row.programme, row.account), at)
    kept = np.array(list(first.values()))
    rows = tuple(
        replace(chosen.rows[one], place=place(domain.framework, chosen.rows[one].programme)) for one in kept
    )
    return Choices(rows, chosen.pool[kept], chosen.purse[kept])


def curves(
    draws: Draws,
    plans: tuple[Plan, Plan],
    most: Mapping[str, float],
    like: PlanRow,
    stage: Stages = unwatched,
) -> Floats:
    """Return homicides averted beside no further money, shape (beliefs, programmes, amounts).

    Parameters
    ----------
    most : mapping of str to float
        Millions a year that each programme could have at most.
    like : PlanRow
        A row of the plans, for its months.
    """
    framework = draws[0].framework
    rows = [
        replace(
            like,
            programme=name,
            account=framework.programmes[name].accounts[0],
            place=place(framework, name),
            usd_per_year=part * usd * MILLION,
        )
        for name, usd in most.items()
        for part in PARTS
    ]
    nothing = Plan("none", framework.name, ())
    found = gains(*draws, (plans[0], nothing), plans, rows, ("homicides",), progress=stage("core"))
    return np.asarray(found[0].sum(axis=2).reshape(-1, len(most), len(PARTS)), dtype=np.float64)


def envelope(amounts: Floats, values: Floats) -> Floats:
    """Return the slopes of the least concave function above points and (0, 0), between the amounts.

    Examples
    --------
    >>> envelope(np.array([1.0, 2.0, 4.0]), np.array([1.0, 3.0, 3.0])).tolist()
    [1.5, 1.5, 0.0]
    """
    x, y = np.concatenate([[0.0], amounts]), np.concatenate([[0.0], values])
    slopes, at = np.zeros(len(amounts)), 0
    while at < len(amounts):
        rise = (y[at + 1 :] - y[at]) / (x[at + 1 :] - x[at])
        end = at + 1 + int(np.flatnonzero(rise >= rise.max() - 1e-15)[-1])
        slopes[at:end] = rise.max()
        at = end
    return slopes


def believed(
    may_be: Feasible, pays: Sequence[str], most: Mapping[str, float], averted: Floats
) -> tuple[npt.NDArray[np.int64], list[Floats], Floats]:
    """Return what each belief says of each programme, its best plan, and what that gains.

    Parameters
    ----------
    may_be : Feasible
        Of the plans whose entries are pairs of a programme and an account, in millions a year.
    pays : sequence of str
        The programme of each entry.
    most : mapping of str to float
        Millions a year that each programme could have at most.
    averted : array, shape (beliefs, programmes, amounts)
        At `PARTS` of that.
    """
    names, pairs, parts = list(most), len(pays), averted.shape[2]
    ends = np.array([[part * most[name] for part in PARTS] for name in names])
    widths = np.diff(ends, axis=1, prepend=0.0)
    mine = {name: np.flatnonzero([one == name for one in pays]) for name in names}
    segments = {name: pairs + at * parts + np.arange(parts) for at, name in enumerate(names)}
    size = pairs + len(names) * parts
    links = tuple(
        Row(
            "curve",
            np.concatenate([mine[name], segments[name]]),
            np.concatenate([np.ones(len(mine[name])), -np.ones(parts)]),
            0.0,
            0.0,
        )
        for name in names
    )
    plans = Feasible(size, (*may_be.rows, *links), may_be.switches)
    none = np.zeros(len(may_be.switches))
    highest = np.concatenate([np.full(pairs, np.inf), widths.ravel()])
    held = np.zeros((len(averted), len(names)), dtype=np.int64)
    best_plans, values = [], np.zeros(len(averted))

    def solved(
        slope: Floats, name: str = "", least: float = 0.0, most_of: float = np.inf
    ) -> tuple[Floats, float] | None:
        only = (Row("held", mine[name], np.ones(len(mine[name])), least, most_of),) if name else ()
        chosen = Feasible(size, (*plans.rows, *only), plans.switches) if name else plans
        found = chosen.solved(np.concatenate([-slope, none]), (np.zeros(size), highest))
        return None if found is None else (found[:pairs], float(slope @ found[:size]))

    for number, by_programme in enumerate(averted):
        slope = np.zeros(size)
        slope[pairs:] = np.concatenate([envelope(x, y) for x, y in zip(ends, by_programme, strict=True)])
        found = solved(slope)
        if found is None:
            raise may_be.conflict()
        best, value = found
        best_plans.append(best)
        values[number] = value
        good = value - WITHIN * abs(value)
        for at, name in enumerate(names):
            least = HOLDS * most[name]
            has = best[mine[name]].sum() >= least
            other = solved(slope, name, most_of=least) if has else solved(slope, name, least=least)
            lost = other is None or other[1] < good
            held[number, at] = SOME if not lost else ALL if has else NONE
    return held, best_plans, values


def core(
    draws: Draws,
    plans: tuple[Plan, Plan],
    chosen: Choices,
    may_be: Feasible,
    stage: Stages = unwatched,
) -> Core:
    """Return what beliefs say of each programme.

    Parameters
    ----------
    draws : tuple
        Where plans run, the beliefs, and the forecast in them.
    plans : tuple of Plan
        History and the continuation.
    chosen : Choices
        Nationwide: a row for each programme and account.
    may_be : Feasible
        The plans over these rows.
    """
    domain, drawn, bases = draws
    pays = [row.programme for row in chosen.rows]
    most = {name: payable(chosen, name) for name in dict.fromkeys(pays)}
    averted = curves(draws, plans, most, chosen.rows[0], stage)
    held, best, values = believed(may_be, pays, most, averted)
    few = min(drawn.count, CHUNK)
    part = replace(drawn, count=few, theta=jax.tree.map(lambda of: np.asarray(of)[:few], drawn.theta))
    divided = Divided(domain, chosen.rows, domain.money(plans[0]))
    goal = goal_of(domain, {"homicides": 1.0})
    whole = gains_of(divided, part, bases[:few], domain.money(*plans), goal)
    without = whole(np.zeros(len(pays)))[0]
    agrees = [
        float((whole(best[number])[0][number] - without[number]) / values[number])
        for number in range(min(CHECKED, few))
        if values[number] > 0
    ]
    return Core(tuple(most), held, np.array(agrees))


def payable(chosen: Choices, programme: str) -> float:
    """Return the millions a year of all purses that may pay for a programme."""
    mine = [row.programme == programme for row in chosen.rows]
    _, first = np.unique(chosen.purse[mine], return_index=True)
    return float(chosen.pool[mine][first].sum()) / MILLION
