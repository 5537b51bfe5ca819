"""The published experiments on officers and lanes, done again on our own schedules, like with like (SCIENCE rule 21).

The study of CREATE (University of Southern California, 2012-14) gave one officer to each of 17 land passenger crossings,
12 land freight crossings and 4 airports. Which crossings they were is not on record: the busiest by counts of 2012
stand in. Compared is the value of time for an officer and the minutes at Otay Mesa. Their GDP and jobs are theirs: they
follow from our value of time only through their own ratio, and are added to nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from merida.border.crossings.find import find_place, one_site
from merida.border.crossings.schedules import schedules
from merida.border.crossings.sites import Site, first_volume, per_day
from merida.border.crossings.weekly_waits import HOURS, waits, week
from merida.border.delay.value_of_time import published, values
from merida.border.investment.gain import Gain, quantiles
from merida.border.investment.invest import DRAWS, EVEN, chosen_sites, gains, open_in
from merida.border.priors import PRIORS
from merida.distributions import Floats
from merida.errors import BorderError
from merida.facts import Facts
from merida.one_line import OneLine
from merida.priors import Priors

YEAR = "2012"
HALVINGS = 16  # of the time at a booth, to one part in ten thousand
SENTRI_MONTH = "2005-06"  # in which the third lane was open and the fourth opened
PASSENGER, FREIGHT = 17, 12  # land crossings of the study, by its published counts
VALUE_OF_TIME, VALUE_LATER, GDP_LATER, JOBS_LATER = "B008", "B011", "B010", "B012"
OTAY, SENTRI_WAIT, SENTRI_A_DAY, THREE_BOOTHS, TEN_MINUTES = "B009", "B057", "B054", "B014", "B039"


@dataclass(frozen=True, eq=False, repr=False)
class PublishedCheck(OneLine):
    """A published number beside ours.

    Parameters
    ----------
    name : str
        The key of its text under ``border_invest.checks`` in words/.
    fact : str
        The id of the published fact.
    unit : str
        The unit of both.
    low, high : float
        What was published; they are equal where it is one number.
    ours : array, shape (D,)
        Our draws of it.
    comparable : bool
        Whether the two measure the same thing.
    """

    name: str
    fact: str
    unit: str
    low: float
    high: float
    ours: Floats
    comparable: bool = True

    @property
    def holds(self) -> bool | None:
        """Whether our 90 % interval meets the published one; None where the two are not the same thing."""
        low, _, high = quantiles(self.ours)
        return (low <= self.high and self.low <= high) if self.comparable else None


def busiest(facts: Facts, mode: str, count: int, month: str = YEAR) -> tuple[Site, ...]:
    """Return the busiest crossings of a mode in a month or year, the busiest first."""
    open_sites = open_in(facts, chosen_sites(facts, None, mode, "officer"), month, strict=True)
    return tuple(sorted(open_sites, key=lambda site: (-per_day(facts, site, month)[0], site.key))[:count])


def experiment(
    facts: Facts, draws: int = DRAWS, seed: int = 0, priors: Priors = PRIORS
) -> Iterator[tuple[int, int, list[Gain]]]:
    """Yield (done, total, gains) of one officer at each land crossing of the study, placed best and spread evenly.

    Parameters
    ----------
    draws, seed : int
        The draws of schedules and values, and their seed.

    Raises
    ------
    BorderError
        If the record ends before the study's year.

    Examples
    --------
    >>> gains = [gain for _, _, made in experiment(Facts(), draws=4) for gain in made]
    >>> len(gains) == 2 * (17 + 12)
    True
    """
    first_volume(facts)
    last = facts.sql("select max(month) from border_crossings").item()
    if str(last) < YEAR:
        raise BorderError("border_experiment_not_on_record", year=YEAR, last=last)
    done = 0
    for mode, count in (("cars", PASSENGER), ("trucks", FREIGHT)):
        chosen = busiest(facts, mode, count)
        step = (0, 0)
        for number, total, made in gains(
            facts,
            what="officer",
            month=YEAR,
            draws=draws,
            seed=seed,
            only=chosen,
            also=(EVEN,),
            priors=priors,
        ):
            step = (number, total)
            yield done + number, done + total, made
        done += step[1]


def checks(
    facts: Facts, every_gain: list[Gain], draws: int = DRAWS, seed: int = 0, priors: Priors = PRIORS
) -> list[PublishedCheck]:
    """Return the published responses beside ours, those that had been published at the date.

    Parameters
    ----------
    every_gain : list of Gain
        The gains that `experiment` yields.
    draws, seed : int
        Those of the experiment.

    Examples
    --------
    >>> [check.name for check in checks(Facts(), gains, draws=4)][:2]
    ['value_of_time', 'value_of_time_even']
    """
    made: list[PublishedCheck] = []

    def add(
        name: str, fact: str, unit: str, ours: Floats, *, scale: float = 1.0, comparable: bool = True
    ) -> None:
        known = published_range(facts, fact)
        if known is not None:
            low, high = (scale * value for value in known)
            made.append(PublishedCheck(name, fact, unit, low, high, ours, comparable))

    even = np.mean([gain.time_usd for gain in every_gain if gain.what == EVEN], axis=0)
    every_gain = [gain for gain in every_gain if gain.what != EVEN]
    officers = np.mean([gain.time_usd for gain in every_gain], axis=0)
    add("value_of_time", VALUE_OF_TIME, "usd", officers)
    add("value_of_time_even", VALUE_OF_TIME, "usd", even)
    add("value_of_time_later", VALUE_LATER, "usd", officers, scale=1e-3)
    otay = [gain for gain in every_gain if gain.site.port.name == "Otay Mesa" and gain.site.mode == "trucks"]
    if otay:
        add("otay", OTAY, "minutes", otay[0].minutes_each)
    numbers = [float(gain) for gain in re.findall(r"\d+", published_text(facts, SENTRI_WAIT) or "")]
    if len(numbers) == 2:
        third = sentri(facts, numbers[0], draws, seed, priors)
        made.append(PublishedCheck("sentri_three", SENTRI_WAIT, "minutes", numbers[1], numbers[1], third))
    add("three_booths", THREE_BOOTHS, "minutes", three_booths(facts, every_gain, draws, seed, priors))
    worth = values(facts, "trucks", draws, seed, priors)
    trucks = facts.sql(
        f"select avg(n) from (select sum(crossings) as n from border_crossings where year = {YEAR} "
        "and measure = 'trucks' group by month)"
    ).item()
    add(
        "ten_minutes",
        TEN_MINUTES,
        "usd",
        worth.per_hour * float(trucks) * 10 / 60,
        comparable=False,
    )
    return made


def published_range(facts: Facts, name: str) -> tuple[float, float] | None:
    """Return the ends of a verified published fact, which are equal where it is one number; None if it is unknown.

    A fact worded "more than" has no upper end, and one worded "up to" starts at nothing.
    """
    rows = facts.sql(
        "select coalesce(low, value), coalesce(high, value), value_text from published_facts "
        f"where id = '{name}' and status = 'verified' and coalesce(low, value) is not null"
    ).rows()
    if not rows:
        return None
    low, high, text = rows[0]
    return 0.0 if "up to" in text else float(low), np.inf if "more than" in text else float(high)


def published_officer(facts: Facts) -> tuple[float, ...]:
    """Return the published values of time for an officer, dollars a year, as far as they were known.

    Examples
    --------
    >>> published_officer(Facts())
    (500000.0, 642000.0)
    """
    scales = ((VALUE_OF_TIME, 1.0), (VALUE_LATER, 1e-3))  # the later one is of a thousand officers
    return tuple(
        scale * known[0] for fact, scale in scales if (known := published_range(facts, fact)) is not None
    )


def published_text(facts: Facts, name: str) -> str | None:
    """Return how a verified fact was worded, or None where it had not been published."""
    rows = facts.sql(
        f"select value_text from published_facts where id = '{name}' and status = 'verified'"
    ).rows()
    return str(rows[0][0]) if rows else None


def sentri(facts: Facts, two_lanes_minutes: float, draws: int, seed: int, priors: Priors = PRIORS) -> Floats:
    """Return the longest mean wait of an hour in SENTRI at San Ysidro with three lanes, shape (draws,), minutes.

    The published number is a response: what a third lane did where two gave an hour. Each draw keeps its shape of the
    week and the published vehicles a day; its time at a booth is the one with which two lanes give the published wait.

    Parameters
    ----------
    two_lanes_minutes : float
        The published wait with two lanes.
    """
    site = one_site(facts, find_place(facts, "San Ysidro"), "cars")
    scheduled = schedules(facts, site, SENTRI_MONTH, draws, seed, priors)
    if "sentri" not in scheduled.lanes:
        return np.full(draws, np.nan)
    lane = week(scheduled, scheduled.lanes.index("sentri"))
    a_day = published(facts, SENTRI_A_DAY) or float(lane.arrivals.sum(axis=1).mean() / 7)
    came = lane.arrivals * (7 * a_day / lane.arrivals.sum(axis=1))[:, None]

    def longest(lanes: int, service: Floats) -> Floats:
        lane_waits = waits(
            lane._replace(arrivals=came, booths=np.full_like(came, lanes), service_minutes=service)
        )
        by_hour = (lane_waits.mean * came).reshape(draws, 7, 24).sum(axis=1) / came.reshape(draws, 7, 24).sum(
            axis=1
        )
        return np.asarray(by_hour.max(axis=1))

    low, high = np.full(draws, 0.02), np.full(draws, 2.0)
    for _ in range(HALVINGS):
        middle = np.sqrt(low * high)
        too_long = longest(2, middle) > two_lanes_minutes
        low, high = np.where(too_long, low, middle), np.where(too_long, middle, high)
    return longest(3, np.sqrt(low * high))


def three_booths(
    facts: Facts, every_gain: list[Gain], draws: int, seed: int, priors: Priors = PRIORS
) -> Floats:
    """Return the largest fall of a mean wait that three more booths at all open hours bring, over the crossings.

    Returns
    -------
    array, shape (draws,)
        Minutes.
    """
    falls = []
    for gain in every_gain:
        scheduled = schedules(facts, gain.site, gain.month, draws, seed, priors)
        lane_class = scheduled.lanes.index(gain.lane) if gain.lane in scheduled.lanes else 0
        lane = week(scheduled, lane_class)
        more = 3.0 * np.tile(gain.site.open_hours, HOURS // 24)
        before, after = waits(lane), waits(lane._replace(booths=lane.booths + more))
        vehicles = lane.arrivals.sum(axis=1)
        falls.append(((before.mean - after.mean) * lane.arrivals).sum(axis=1) / vehicles)
    return np.asarray(np.max(falls, axis=0))


def theirs(facts: Facts) -> dict[str, float]:
    """Return the study's own GDP (dollars) and jobs for a dollar of its value of time, from its later version.

    Examples
    --------
    >>> sorted(theirs(Facts()))
    ['gdp_usd', 'jobs']
    """
    time, gdp, jobs = (published(facts, name) for name in (VALUE_LATER, GDP_LATER, JOBS_LATER))
    if time is None or gdp is None or jobs is None:
        return {}
    return {"gdp_usd": gdp / time, "jobs": jobs / time}


def with_their_ratios(ratios: dict[str, float], officers: Sequence[Gain]) -> dict[str, float]:
    """Return the GDP (dollars) and jobs that go with our value of time for an officer by the study's own ratios.

    Examples
    --------
    >>> with_their_ratios({}, [])
    {}
    """
    if not ratios:
        return {}
    ours = float(np.median(np.mean([gain.time_usd for gain in officers], axis=0)))
    return {name: ours * ratio for name, ratio in ratios.items()}


def source_of(facts: Facts, fact: str) -> str:
    """Return who published a fact, and when: "KPBS 2013"."""
    rows = facts.sql(f"select institution, source_year from published_facts where id = '{fact}'").rows()
    return " ".join(str(part) for part in rows[0] if part is not None) if rows else ""
