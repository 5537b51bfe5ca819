"""A concrete trial, simulated in the draws of a run: what it would report, how exactly, and what it costs.

The programme is given in full to so many municipalities for so long; as many beside them, dealt by lot, go on as they
are. In every draw the trial's true answer is the change of the log of homicides that the model gives there,

    y = log(1 - sum_i H_i A_i / sum_i H_i),    A_i = (1 - d) s a (1 - RR^k)

with H_i a municipality's homicides, s a the part of them that involves the target, RR the effect, k its link and d what
moves elsewhere (`merida.models.communities`). What it reports is y with the error of its own counts. That error is
taken from the record: the same municipalities are dealt by lot many times, in windows of the same length in which
nothing was tried, and the difference in differences of the logs that chance made there is the error of one that means
something.

The cost is that of the units that reach the whole need of those municipalities for the months of the trial.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from merida.distributions import Floats
from merida.draws import stream
from merida.errors import PlanError, nearest
from merida.models import communities
from merida.one_line import OneLine

if TYPE_CHECKING:
    from merida.ensemble import Simulation
    from merida.facts import Facts

SHORTEST, LONGEST = 6, 120  # months
DEALS = 200  # lots that the error of chance is taken from
WINDOWS = 4  # pairs of windows before the record's end
MOST_AVERTED = communities.MOST

BY_YEAR = """
select municipality, year, sum(deaths)::double as deaths from homicides_year
where basis = 'registration' and municipality is not null group by all
"""


@dataclass(frozen=True, repr=False)
class Trial(OneLine):
    """A trial in the draws of a run. D draws.

    Attributes
    ----------
    programme : str
    municipalities, controls : tuple of str
        Where the programme would run, and where not.
    months : int
    true, reported : array, shape (D,)
        Change of the log of homicides: as it is, and as the trial would report it.
    standard_error : float
        Of what is reported.
    cost_usd : array, shape (D,)
        Dollars of the framework's base year.
    homicides : float
        Expected where the programme would run, within the months.
    """

    programme: str
    municipalities: tuple[str, ...]
    controls: tuple[str, ...]
    months: int
    true: Floats
    reported: Floats
    standard_error: float
    cost_usd: Floats
    homicides: float


def trial(run: Simulation, facts: Facts, programme: str, municipalities: int, months: int) -> Trial:
    """Return what a trial of a programme would report in each draw of a run, and what it would cost.

    Parameters
    ----------
    run : Simulation
        Plans under draws of the parameters.
    facts : Facts
        The record, whose counts give the trial's error.
    programme : str
        One that works in municipalities.
    municipalities, months : int
        In how many it runs, and how long.

    Raises
    ------
    PlanError
        If there is no such programme, it does not work in municipalities, the trial is larger than the country, or too
        short or too long.
    """
    domain = run.domain
    known = communities.programmes(domain)
    if programme not in known:
        raise PlanError(
            "trial_programme", found=programme, nearest=nearest(programme, known), known=", ".join(known)
        )
    if not SHORTEST <= months <= LONGEST:
        raise PlanError("trial_months", found=months, least=SHORTEST, most=LONGEST)
    served = np.flatnonzero(domain.served[domain.programmes.index(programme)])
    deaths = domain.measures["homicides"]
    served = served[deaths[served] > 0]
    if not 1 <= municipalities <= len(served) // 2:
        raise PlanError("trial_too_large", found=municipalities, most=len(served) // 2, served=len(served))
    chosen = served[np.lexsort((served, -deaths[served]))][: 2 * municipalities]
    given, left = chosen[0::2], chosen[1::2]
    true, units = in_full(run, programme, given)
    years = months / 12
    error = by_chance(facts, [domain.forecast.places[at] for at in chosen], max(1, round(years)))
    noise = stream(run.drawn.seed, f"trial.{programme}.{municipalities}.{months}").standard_normal(
        run.drawn.count
    )
    return Trial(
        programme=programme,
        municipalities=tuple(domain.forecast.places[at] for at in given),
        controls=tuple(domain.forecast.places[at] for at in left),
        months=months,
        true=true,
        reported=true + error * noise,
        standard_error=error,
        cost_usd=units * years * run.drawn.scalars[f"programme.{programme}.unit_cost"],
        homicides=float(deaths[given].sum() * years),
    )


def in_full(run: Simulation, programme: str, places: np.ndarray) -> tuple[Floats, Floats]:
    """Return the change of the log of homicides where the whole need is reached, and the units that this takes, (D,)."""
    domain = run.domain
    theta, inputs = run.drawn.theta["communities"], communities.prepare(domain)
    number = communities.LEVERS.index(str(domain.framework.programmes[programme].lever))
    row = communities.programmes(domain).index(programme)
    cells = domain.cells[places]

    def of(values: object) -> Floats:
        return np.asarray(values, dtype=np.float64)[:, number]

    weights = domain.measures["homicides"][places] / inputs.deaths[cells]  # of a municipality within its cell
    target = np.asarray(inputs.target)[number, cells]
    involved = of(theta.share) * np.where(np.isnan(target), of(theta.uncounted), target)  # (D, places)
    people, deaths = inputs.people[cells] * weights, inputs.deaths[cells] * weights
    need = of(theta.per_person) * people + of(theta.per_homicide) * involved * deaths
    stated = np.asarray(theta.units_per_need)[:, row]
    units = np.where(np.isnan(stated), need / of(theta.reach), stated * inputs.measure[row, cells] * weights)
    averted = (
        (1 - np.asarray(theta.displacement))[:, None]
        * involved
        * -np.expm1(of(theta.link) * of(theta.effect))
    )
    share = (np.minimum(averted, MOST_AVERTED) * deaths).sum(axis=1) / deaths.sum()
    return np.log1p(-share), units.sum(axis=1)


def by_chance(facts: Facts, places: list[str], years: int) -> float:
    """Return the standard error of a difference in differences of logs between halves of places dealt by lot.

    Parameters
    ----------
    years : int
        Of a window; the last windows of the record, one after the other, are before and after of trials that were none.
    """
    rows = facts.sql(BY_YEAR)
    last = int(str(rows["year"].max()))
    at = {place: number for number, place in enumerate(places)}
    counts = np.zeros((len(places), (WINDOWS + 1) * years))
    for place, year, deaths in rows.iter_rows():
        back = last - int(year)
        if place in at and 0 <= back < counts.shape[1]:
            counts[at[place], back] += deaths
    by_window = counts.reshape(len(places), WINDOWS + 1, years).sum(axis=2)[:, ::-1]
    random = np.random.default_rng(len(places))
    found = []
    for _ in range(DEALS):
        half = random.permutation(len(places))[: len(places) // 2]
        inside = by_window[half].sum(axis=0)
        ratio = np.log((inside + 0.5) / (by_window.sum(axis=0) - inside + 0.5))
        found.append(np.diff(ratio))
    return float(np.sqrt(np.mean(np.square(found))))
