"""Officers, lanes, trusted traffic, scanners and southbound teams at every crossing, ranked by what a dollar gains."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from merida.border.crossings.schedules import schedules
from merida.border.crossings.sites import Place, Site, first_volume, on_record, per_day, sites, traffic
from merida.border.investment import changes
from merida.border.investment.changes import Crossing, CrossingChange
from merida.border.investment.gain import Gain, Settings, gain, settings, southbound
from merida.border.priors import PRIORS
from merida.errors import BorderError, Word
from merida.facts import Facts
from merida.framework import Framework
from merida.priors import Priors

MODES_OF = {
    "officer": ("trucks", "cars", "pedestrians"),
    "lane": ("trucks", "cars", "pedestrians"),
    "trusted": ("trucks", "cars", "pedestrians"),
    "scanner": ("trucks",),
    "southbound": ("trucks", "cars"),
}
INVESTMENTS = tuple(MODES_OF)
EVEN = "officer_even"  # an officer whose hours are not placed, for comparison alone
DRAWS = 40
WORKERS = 2
EARTH_KM = 6371.0


def areas(facts: Facts, priors: Priors = PRIORS) -> dict[str, int]:
    """Return the number of the area of each port by its code.

    Ports within ``border.elastic.area_km`` of one another, chained, are one area.
    """
    rows = facts.sql("select port, latitude, longitude from ports order by port").rows()
    angle = np.radians(np.array([row[1:] for row in rows], dtype=np.float64))
    cosine = np.sin(angle[:, None, 0]) * np.sin(angle[None, :, 0]) + np.cos(angle[:, None, 0]) * np.cos(
        angle[None, :, 0]
    ) * np.cos(angle[:, None, 1] - angle[None, :, 1])
    near = EARTH_KM * np.arccos(np.clip(cosine, -1, 1)) <= priors.number("border.elastic.area_km")
    area = np.arange(len(rows))
    for _ in rows:
        area = np.where(near, area[None, :], len(rows)).min(axis=1)
    return {row[0]: int(number) for row, number in zip(rows, area, strict=True)}


def chosen_sites(facts: Facts, place: Place | None, mode: str | None, what: str | None) -> tuple[Site, ...]:
    """Return the crossings at which an investment can be made.

    Parameters
    ----------
    place : Place or None
        Only the crossings of this port, or this crossing.
    mode, what : str or None
        Only this mode; the investment.

    Raises
    ------
    BorderError
        If the investment does not exist or serves no mode that was asked for, or if no volume is on record.

    Examples
    --------
    >>> {site.mode for site in chosen_sites(Facts(), None, None, "scanner")}
    {'trucks'}
    """
    if what is not None and what not in MODES_OF:
        raise BorderError("border_unknown_investment", found=what, known=", ".join(INVESTMENTS))
    first_volume(facts)
    known = sites(facts, place, mode)
    serves = MODES_OF[what or "officer"]
    if what is not None and mode is not None and mode not in serves:
        raise BorderError(
            "border_investment_not_for_mode",
            what=named(what),
            mode=traffic(mode),
            modes=tuple(map(traffic, serves)),
        )
    chosen = tuple(site for site in known if site.mode in serves)
    if not chosen and place is not None:
        raise BorderError(
            "border_investment_not_served",
            what=named(what or "officer"),
            port=place.name,
            modes=tuple(map(traffic, serves)),
        )
    return chosen


def named(what: str) -> Word:
    """Return an investment as messages name it."""
    return Word(f"border_invest.short.{what}")


def gains(
    facts: Facts,
    *,
    place: Place | None = None,
    mode: str | None = None,
    what: str | None = None,
    month: str | None = None,
    draws: int = DRAWS,
    seed: int = 0,
    rate: float | None = None,
    elastic: bool = True,
    only: Sequence[Site] | None = None,
    also: tuple[str, ...] = (),
    priors: Priors = PRIORS,
    framework: Framework | None = None,
) -> Iterator[tuple[int, int, list[Gain]]]:
    """Yield (done, total, gains of one more crossing), the crossings in order.

    Parameters
    ----------
    place, mode, what : Place, str or None
        Only these; None means all.
    month : str or None
        The period whose schedules stand for a year; None means the last full year on record. Crossings without traffic in
        it are passed over.
    draws, seed : int
        The draws of schedules and values, and their seed.
    rate : float or None
        The discount rate of capital a year; None means the assumption ``border.invest.rate``.
    elastic : bool
        Whether arrivals answer to waits.
    only : sequence of Site, optional
        These crossings, in place of `place` and `mode`.
    also : tuple of str
        Investments beside `what`.
    priors : Priors
        What is assumed, with what a user holds of it.
    framework : Framework or None
        Whose unit costs and lives are paid (None: the Mérida Initiative's).

    Raises
    ------
    BorderError
        If something asked for does not exist.
    FrameworkError
        If the framework has no programme that pays for an investment.

    Examples
    --------
    >>> facts = Facts()
    >>> steps = gains(facts, place=find_place(facts, "Tecate"), mode="cars", what="lane", draws=2)
    >>> [gain.what for _, _, made in steps for gain in made]
    ['lane']
    """
    asked = chosen_sites(facts, place, mode, what) if only is None else tuple(only)
    asked = open_in(facts, asked, month, strict=True)
    wanted = (*((what,) if what else INVESTMENTS), *also)
    rate = priors.number("border.invest.rate") if rate is None else rate
    area = areas(facts, priors)
    touched = {(area[site.port.code], site.mode) for site in asked}
    around = open_in(
        facts,
        [site for site in sites(facts) if (area[site.port.code], site.mode) in touched],
        month,
        strict=False,
    )
    shared = {
        name: settings(facts, name, draws, seed, rate, elastic, priors, framework)
        for name in sorted({s.mode for s in asked})
    }
    total = 2 * len(around) + len(asked)
    known: dict[str, Crossing] = {}
    pool = ThreadPoolExecutor(WORKERS)
    try:
        tasks = []
        for number, site in enumerate(around, 1):
            tasks.append(
                pool.submit(changes.crossing, site, schedules(facts, site, month, draws, seed, priors))
            )
            yield number, total, []
        for number, (site, task) in enumerate(zip(around, tasks, strict=True), 1):
            known[site.key] = task.result()
            yield len(around) + number, total, []

        def of_one(site: Site) -> list[Gain]:
            others = [
                known[name.key]
                for name in around
                if name.key != site.key
                and name.mode == site.mode
                and area[name.port.code] == area[site.port.code]
            ]
            here = changes.among(known[site.key], others)
            return gains_at(here, shared[site.mode], wanted)

        for number, result in enumerate(pool.map(of_one, asked), 1):
            yield 2 * len(around) + number, total, result
    finally:  # who stops asking waits for no crossing that is not begun
        pool.shutdown(cancel_futures=True)


def open_in(facts: Facts, asked: Iterable[Site], month: str | None, strict: bool) -> tuple[Site, ...]:
    """Return the crossings with traffic in a month or a year; None stands for any.

    Raises
    ------
    BorderError
        If `strict` and the period is on record at none of them; the message says what is.
    """
    asked = tuple(asked)
    kept = on_record(facts, asked, month)
    if strict and asked and not kept:
        per_day(facts, asked[-1], month)  # raises, and says what is on record
    return kept


def gains_at(here: Crossing, shared: Settings, wanted: Sequence[str]) -> list[Gain]:
    """Return the gains of those of the investments wanted that a crossing can have."""
    made: list[Gain] = []
    for what in wanted:
        if what in MODES_OF and here.site.mode not in MODES_OF[what]:
            continue
        if what == "southbound":
            made.append(southbound(here, shared))
            continue
        change = change_of(what, here, shared)
        if change is not None:
            made.append(gain(here, what, change, shared))
    return made


def change_of(what: str, here: Crossing, shared: Settings) -> CrossingChange | None:
    """Return what an investment changes, or None where the crossing has no use for it."""
    if what == "officer":
        return changes.officer(here)
    if what == EVEN:
        return changes.officer_even(here)
    if what == "lane":
        return changes.lane(here, shared.priors)
    if what == "trusted":
        return changes.trusted(here, shared.priors)
    return changes.scanner(here, shared.referral, shared.secondary_minutes, shared.seed, shared.priors)


def ranked(gains: Iterable[Gain]) -> list[Gain]:
    """Return gains by the median gained for a dollar, the largest first.

    Examples
    --------
    >>> ranked([]) == []
    True
    """
    return sorted(gains, key=lambda one: (-float(np.median(one.per_dollar)), one.site.key, one.what))


def gathered(
    steps: Iterator[tuple[int, int, list[Gain]]], progress: Callable[[int, int], None] = lambda *_: None
) -> list[Gain]:
    """Return the gains of all crossings, telling after each step how many of how many are done.

    Examples
    --------
    >>> gathered(iter([(1, 2, []), (2, 2, [])]), print)
    1 2
    2 2
    []
    """
    found: list[Gain] = []
    for done, total, of_crossing in steps:
        found += of_crossing
        progress(done, total)
    return found
