"""One table of draws by options: what each plan is worth in each draw, beside what was drawn of every parameter.

The value of information, discovery, sensitivity, frontiers and robustness all start from it. A value says how much
better a plan is than the reference plan in that draw, in one unit and with more being better: net present dollars under
one named set of values of a life, or one registered outcome. Plans share the draws, so that rows can be compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from merida.decide.worth.welfare import Standing, changes, welfare, worth
from merida.distributions import Floats
from merida.ensemble.run import REFERENCE
from merida.one_line import OneLine

if TYPE_CHECKING:
    from merida.decide.said.lines import ValuationLine
    from merida.ensemble import Simulation
    from merida.priors import Priors

FORECAST = (
    "violence.forecast"  # what the path of violence comes to under the reference plan, homicides in all years
)
VALUES = (
    "welfare.deadweight_us",
    "welfare.travellers_us",
)  # priors that enter only where outcomes are valued


@dataclass(frozen=True, repr=False)
class Options(OneLine):
    """What each option is worth in each draw, and the draws that it goes with. D draws, K options, P parameters.

    Attributes
    ----------
    names : tuple of str
        The options: labels of plans.
    values : array, shape (D, K)
        How much better an option is than the reference plan; more is better.
    paths : tuple of str
        The parameters by dotted path; those that are the same in every draw are left out.
    drawn : array, shape (D, P)
        Their draws.
    unit : str
        Key under ``units`` in ``words/``.
    outcome : str or None
        The registered outcome that is valued, or None for dollars of welfare.
    valuation : str or None
        The set of values of a life, or None for an outcome.
    """

    names: tuple[str, ...]
    values: Floats
    paths: tuple[str, ...]
    drawn: Floats
    unit: str
    outcome: str | None = None
    valuation: str | None = None

    def group(self, prefix: str) -> Floats:
        """Return the draws of the parameters whose path is `prefix` or begins with it and a dot, shape (D, found)."""
        return self.drawn[:, [of_group(path, prefix) for path in self.paths]]

    def less(self, option: str, other: str) -> Floats:
        """Return how much better one option is than another, shape (D,)."""
        at = self.names.index
        return np.asarray(self.values[:, at(option)] - self.values[:, at(other)], dtype=np.float64)


def of_group(path: str, prefix: str) -> bool:
    """Tell whether a parameter belongs to a group.

    Examples
    --------
    >>> of_group("communities.youth_jobs.link", "communities"), of_group("communities.link", "commun")
    (True, False)
    """
    return path == prefix or path.startswith(f"{prefix}.")


def labels(run: Simulation, names: Sequence[str]) -> tuple[str, ...]:
    """Return the labels asked for, or those of every plan of the run but the reference."""
    return tuple(names) or tuple(label for label in run.plans if label != REFERENCE)


def of_outcome(
    run: Simulation, outcome: str = "homicides", years: int | None = None, names: Sequence[str] = ()
) -> Options:
    """Return how much better each plan is than the reference in one outcome.

    Parameters
    ----------
    run : Simulation
        Plans under the same draws.
    outcome : str
        A registered outcome; fewer of a bad one count as more.
    years : int or None
        The first years alone.
    names : sequence of str
        Labels of plans, in the order of the table (default: every plan of the run).

    Raises
    ------
    PlanError
        If the run holds no such outcome or plan.
    """
    sign = -1.0 if run.outcome(outcome).good == "less" else 1.0
    base = run.total(outcome, REFERENCE, years)
    chosen = labels(run, names)
    values = np.stack([sign * (run.total(outcome, label, years) - base) + 0.0 for label in chosen], axis=1)
    return table(run, chosen, values, {}, unit=run.outcome(outcome).unit, outcome=outcome)


def of_welfare(
    run: Simulation,
    lives: Sequence[ValuationLine],
    priors: Priors,
    *,
    valuation: str,
    standing: Standing = "both",
    rate: float = 0.035,
    names: Sequence[str] = (),
) -> Options:
    """Return the net present value of each plan beside the reference, in dollars.

    Parameters
    ----------
    run : Simulation
        Plans under the same draws.
    lives : sequence of ValuationLine
        What a life is worth in each country; see `merida.decide.worth.valuations.valued`.
    priors : Priors
        What is assumed of welfare and of investments.
    valuation : str
        The name of the set that `lives` is.
    standing : {"us", "mexico", "both"}
        Whose gains and costs count.
    rate : float
        Real discount rate a year, of lives too.
    names : sequence of str
        Labels of plans, in the order of the table (default: every plan of the run).
    """
    chosen = labels(run, names)
    each = worth(run, lives, priors, run.drawn.seed)
    found = [welfare(changes(run, label, REFERENCE, priors), each, standing, rate).net for label in chosen]
    assumed = dict(zip(VALUES, (each.deadweight, each.travellers_us), strict=True))
    return table(run, chosen, np.stack(found, axis=1), assumed, unit="usd", valuation=valuation)


def table(
    run: Simulation,
    names: tuple[str, ...],
    values: Floats,
    assumed: Mapping[str, Floats],
    *,
    unit: str,
    outcome: str | None = None,
    valuation: str | None = None,
) -> Options:
    """Return values with every draw that the run has, and those `assumed` besides; what does not vary is left out."""
    every = dict(run.drawn.scalars) | {FORECAST: run.homicides(REFERENCE)} | dict(assumed)
    varying = {path: draws for path, draws in sorted(every.items()) if np.ptp(draws) > 0}
    drawn = np.stack(list(varying.values()), axis=1) if varying else np.empty((len(values), 0))
    return Options(names, values, tuple(varying), drawn, unit, outcome, valuation)
