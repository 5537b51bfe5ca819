"""Programmes by what a further million dollars would avert, and on what that rests (SCIENCE rules 5, 7, 10, 31).

The value of a programme is what a million dollars more does: the continuation with a million added to the programme,
spread evenly over the spending window and over the nation by need, simulated beside the continuation on the same draws.
Values are skewed and of both signs, so that programmes are put in groups of which nothing is told apart (`grouping`),
and are listed by the probability of being among the first five and by the median. Draws are added until the groups are
settled. The groups are taken again where another part of each dollar is additional, when fewer years count, and with
each study left out of the register.

It says which programme's next million does most, not how far money carries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
from scipy.stats.mstats import mjci

from merida.decide.division.rules import distribution_of
from merida.decide.division.search import base
from merida.decide.marginal.next_million import gains
from merida.distributions import Floats
from merida.ensemble.parameter_draws import draw
from merida.ensemble.simulation import prepared
from merida.ensemble.sizes import check_size
from merida.errors import PlanError
from merida.evidence import EffectDistribution, Register
from merida.facts import Facts
from merida.framework import Framework, plan_named
from merida.framework.builtin import place
from merida.models.registry import levers_of
from merida.one_line import OneLine
from merida.parameters.parameters import Parameters
from merida.progress import Counted
from merida.statistics import low_median_high
from merida.statistics.grouping import Grouping, among_first, until_settled

ADDITIONALITY = (0.3, 0.6, 1.0)
WINDOWS = (3, 5, 10, 15)
FIRST = 5
START = 64  # draws that every table begins with
MOST = 512  # draws of a table where nothing else is asked for
MILLION = 1e6

Names = tuple[str, ...]


@dataclass(frozen=True)
class Ranked:
    """One programme: homicides averted by a further million dollars.

    Parameters
    ----------
    median, low, high : float
        The ends are the 5th and 95th percentile of the draws.
    median_error, mean_error, first_error : float
        Standard errors by the number of draws alone (of the median by Maritz and Jarrett, 1978).
    harm : float
        Share of draws in which the money adds homicides.
    first : float
        Share of draws in which the programme is among the first five.
    distribution : EffectDistribution or None
        Its effect on homicide; None where no study could speak to it.
    """

    programme: str
    group: int
    median: float
    median_error: float
    low: float
    high: float
    mean: float
    mean_error: float
    harm: float
    first: float
    first_error: float
    distribution: EffectDistribution | None


@dataclass(frozen=True, repr=False)
class Ranking(OneLine):
    """The programmes that are meant to move homicides, and their groups under other assumptions.

    Attributes
    ----------
    rows : tuple of Ranked
        By group, then by the probability of being among the first five, then by the median.
    grouping : Grouping
        Which programmes are told apart.
    additionality : mapping of float to Grouping
        Where this part of each dollar of foreign assistance is additional.
    windows : mapping of int to Grouping
        Where homicides count in the first so many years alone.
    without : mapping of str to Grouping
        With one study left out; empty if that was not asked for.
    bears_on : mapping of str to tuple of str
        The programmes whose effect each study is part of.
    """

    rows: tuple[Ranked, ...]
    grouping: Grouping
    additionality: Mapping[float, Grouping]
    windows: Mapping[int, Grouping]
    without: Mapping[str, Grouping]
    bears_on: Mapping[str, Names]

    @property
    def order(self) -> Names:
        """The programmes as they are listed; within a group the order says nothing."""
        return tuple(row.programme for row in self.rows)

    def enters(self, other: Grouping) -> Names:
        """Return the programmes that another grouping has in its best group and this one has not."""
        return tuple(name for name in other.best if name not in self.grouping.best)

    def leaves(self, other: Grouping) -> Names:
        """Return the programmes of the best group that another grouping has not in its best."""
        return tuple(name for name in self.grouping.best if name not in other.best)


def ranking(
    framework: Framework,
    facts: Facts,
    *,
    draws: int = MOST,
    years: int | None = None,
    seed: int = 0,
    leave_one_out: bool = True,
    register: Register | None = None,
    held: Mapping[str, float] | None = None,
    progress: Counted = lambda *_: None,
) -> Ranking:
    """Return the programmes in groups, as of the record's date.

    Parameters
    ----------
    draws : int
        The most draws of each table; fewer are taken where its groups are settled before.
    leave_one_out : bool
        Whether to drop each study in turn.
    register : Register or None
        The evidence (default: the register as of the record's date).
    held : mapping or None
        Priors held at one number in every order, by path; the orders by additionality hold that besides.
    progress : callable
        Called with (draws done, draws in all if no table's groups are settled before its last draw).

    Raises
    ------
    PlanError
        If draws or years lie outside what can be run, or nothing had been enacted.

    Examples
    --------
    >>> from merida import Lab
    >>> lab = Lab(as_of="2012-12")
    >>> found = ranking(lab.framework, lab.facts, draws=64, leave_one_out=False)  # doctest: +SKIP
    >>> found.grouping.told_apart  # doctest: +SKIP
    False
    """
    check_size(draws, framework.evaluation_years if years is None else years)
    continuation = plan_named("continuation", framework, facts)
    if not continuation.rows:
        raise PlanError("no_enacted_money", as_of=facts.as_of)
    register = register or Register(facts.as_of)
    domain, parameters, _ = prepared(
        framework, facts, {}, draws=1, seed=seed, years=years, held=held, register=register
    )
    reference = (plan_named("history", framework, facts), continuation)
    window = continuation.rows[0]
    a_year = MILLION * 12 / int(domain.running(window).sum())
    rows = [
        replace(
            window,
            programme=name,
            account=programme.accounts[0],
            place=place(framework, name),
            usd_per_year=a_year,
        )
        for name, programme in framework.programmes.items()
        if programme.lever in levers_of("homicides")
    ]
    names = [row.programme for row in rows]
    windows = [years for years in WINDOWS if years < domain.years] + [domain.years]
    bases: dict[tuple[int, int], Floats] = {}

    def table(
        source: Register, more: Mapping[str, float], counted: Sequence[int]
    ) -> tuple[Floats, tuple[Grouping, ...]]:
        numbers = {**(held or {}), **more}
        drawn = draw(domain, Parameters(facts, source, numbers, framework), seed, draws)

        def block(first: int, end: int) -> Floats:
            if (first, end) not in bases:
                bases[first, end] = base(domain, end, first)
            averted = gains(
                domain,
                drawn,
                bases[first, end],
                reference,
                reference,
                rows,
                ("homicides",),
                first,
                lambda part, parts: progress(before + first + (end - first) * part // parts, total * draws),
            )[0]
            return np.stack([averted[:, :, :years].sum(axis=2) for years in counted], axis=1)

        before = next(tables) * draws
        found = until_settled(block, names, start=START, most=draws)
        progress(before + draws, total * draws)
        return found

    def one_grouping(source: Register, more: Mapping[str, float]) -> Grouping:
        return table(source, more, (domain.years,))[1][0]

    distributions = {name: distribution_of(parameters, framework.programmes[name].lever) for name in names}
    bears_on = studies(distributions)
    total = 1 + len(ADDITIONALITY) + len(bears_on) * leave_one_out
    tables = count()
    values, by_window = table(register, {}, windows)
    return Ranking(
        rows=ranked(values[:, -1], by_window[-1], names, distributions),
        grouping=by_window[-1],
        additionality={
            share: one_grouping(register, {"violence.additionality": share}) for share in ADDITIONALITY
        },
        windows=dict(zip(windows, by_window, strict=True)),
        without={study: one_grouping(register.without(study), {}) for study in bears_on if leave_one_out},
        bears_on=bears_on,
    )


def studies(distributions: Mapping[str, EffectDistribution | None]) -> dict[str, Names]:
    """Return by study the programmes whose effect it is part of."""
    of = {name: known.studies if known else () for name, known in distributions.items()}
    return {
        study: tuple(name for name in of if study in of[name])
        for study in sorted({study for several in of.values() for study in several})
    }


def ranked(
    values: Floats,
    grouping: Grouping,
    names: Sequence[str],
    distributions: Mapping[str, EffectDistribution | None],
    first: int = FIRST,
) -> tuple[Ranked, ...]:
    """Return what is said of each programme, in the order in which they are listed.

    Parameters
    ----------
    values : array, shape (draws, programmes)
        Homicides averted.
    first : int
        How many count as the first.
    """
    draws = len(values)
    low, median, high = low_median_high(values)
    among = among_first(values, first)
    rows = [
        Ranked(
            programme=name,
            group=grouping.group_of(name),
            median=float(median[at]),
            median_error=float(mjci(values[:, at], [0.5])[0]) if draws > 1 else float("nan"),
            low=float(low[at]),
            high=float(high[at]),
            mean=float(values[:, at].mean()),
            mean_error=float(values[:, at].std() / np.sqrt(draws)),
            harm=float(np.mean(values[:, at] < 0)),
            first=float(among[at]),
            first_error=float(np.sqrt(among[at] * (1 - among[at]) / draws)),
            distribution=distributions[name],
        )
        for at, name in enumerate(names)
    ]
    return tuple(sorted(rows, key=lambda row: (row.group, -row.first, -row.median, row.programme)))
