"""What followed the removal of leaders: an event study on monthly deaths by municipality (SCIENCE rules 12 and 29).

Each event of the record has a month, a municipality and an organisation. Three groups of municipalities are compared with
controls, each by its deaths after the event over those of the 12 months before:

    place      where the leader was taken, 12 months
    present    where the same organisation is present, the place itself left out, 6 months
    adjoining  municipalities that share a border with the place and in which it is not present, 6 months

    effect = log(after / before of the group) - log(after / before of its controls)

Controls are the nearest municipalities by prior homicide rate (24 months), population and presence of any organisation,
among those in which the organisation is not present, that do not adjoin the place and in which nobody was taken. Events
are pooled with a variance between them (Paule and Mandel). Randomisation inference draws the same organisations at other
months and at places alike; its spread gives the minimum detectable effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from merida.distributions import Floats
from merida.draws import stream
from merida.evidence.meta.estimators import Method, estimate_tau2
from merida.evidence.meta.regression import regression
from merida.facts import Facts
from merida.one_line import OneLine
from merida.units import month_number
from merida.violence.panel import panel

Flags = npt.NDArray[np.bool_]
KINDS = ("place", "present", "adjoining")
MONTHS = {"place": 12, "present": 6, "adjoining": 6}  # for which effects were published
BEFORE, PRIOR = 12, 24  # months: the base of an event, and what controls are matched on
CONTROLS = 5  # for each municipality of a group
ALIKE = 20  # municipalities among which a placebo's place is drawn
POWER = 2.80  # standard errors that a test at 5 % finds with a chance of 80 %
ORGANISATIONS = {  # the list's names in those of the table of presence
    "Gulf-Zetas": ("Gulf Cartel", "Los Zetas"),
    "Gulf": ("Gulf Cartel",),
    "Zetas": ("Los Zetas",),
    "Sinaloa": ("Sinaloa Cartel",),
    "Juárez": ("Juárez Cartel",),
    "Tijuana": ("Tijuana Cartel",),
    "Beltrán Leyva": ("Beltrán Leyva Organization",),
    "La Familia": ("La Familia Michoacana",),
    "La Familia/Templarios": ("La Familia Michoacana",),
}


@dataclass(frozen=True)
class Event:
    """A removal: who, the organisation as the list names it, the month on the axis, and the municipality's row."""

    leader: str
    organisation: str
    month: int
    place: int


@dataclass(frozen=True, repr=False)
class Setting(OneLine):
    """What an event study is made on. P municipalities, T months.

    Parameters
    ----------
    deaths : array, shape (P, T)
    population : array, shape (P,)
    present : mapping of str to array of bool, shape (P,)
        Where each organisation was present, by its name in the table.
    neighbours : sequence of array of int
        Rows of the municipalities that share a border with each.
    taken : frozenset of int
        Rows where somebody was taken, which are nobody's control.
    """

    deaths: Floats
    population: Floats
    present: Mapping[str, Flags]
    neighbours: Sequence[npt.NDArray[np.int64]]
    taken: frozenset[int] = frozenset()

    @cached_property
    def any_present(self) -> Flags:
        """Where any organisation is present."""
        return np.asarray(np.any(list(self.present.values()), axis=0))

    def of(self, organisation: str) -> Flags:
        """Return where an organisation of the list is present."""
        return np.asarray(np.any([self.present[name] for name in ORGANISATIONS[organisation]], axis=0))

    def alike(self, month: int) -> Floats:
        """Return what municipalities are matched on before a month, shape (P, 3)."""
        prior = self.deaths[:, month - PRIOR : month].sum(axis=1)
        rate = np.log((prior + 1) / self.population)
        size = np.log(self.population)
        return np.column_stack([rate / rate.std(), size / size.std(), 3.0 * self.any_present])


@dataclass(frozen=True)
class Pooled:
    """Effect of one group over all events, as the log of a ratio."""

    value: float
    error: float
    events: int
    without_one: tuple[float, float]


def presence(facts: Facts) -> dict[str, set[str]]:
    """Return the municipalities of 2000 where each organisation was present in the table's last three years."""
    found: dict[str, set[str]] = {}
    rows = facts.sql(
        "select distinct organisation, unit_2000 from organisation_presence join municipalities using (municipality) "
        "where year > (select max(year) - 3 from organisation_presence)"
    )
    for organisation, place in rows.rows():
        found.setdefault(organisation, set()).add(place)
    return found


def borders(facts: Facts) -> list[tuple[str, str]]:
    """Return the pairs of municipalities of 2000 that share a border."""
    return facts.sql(
        "select distinct a.unit_2000, b.unit_2000 from municipality_adjacency "
        "join municipalities a on a.municipality = municipality_a "
        "join municipalities b on b.municipality = municipality_b where a.unit_2000 != b.unit_2000"
    ).rows()


def removed(facts: Facts, remembered: bool = False) -> list[tuple[str, str, str, str]]:
    """Return (leader, organisation, month, municipality) of the removals with a month and a place.

    Deaths that were reported and had not happened are left out. Conflicts stay in the record's own columns.

    Parameters
    ----------
    remembered : bool
        Whether rows that no source was read for count too.
    """
    status = "true" if remembered else "status = 'verified'"
    return facts.sql(
        f"select leader, organisation, month, unit_2000 from leaders_removed join municipalities using (municipality) "
        f"where month is not null and event != 'reported_killed' and {status} order by month, leader"
    ).rows()


def organisations(facts: Facts) -> dict[str, float]:
    """Return the share of each organisation, as the table of presence names it, in removals with a source."""
    rows = facts.sql(
        "select organisation from leaders_removed where month is not null and event != 'reported_killed' "
        "and status = 'verified'"
    ).rows()
    shares: dict[str, float] = {}
    for (listed,) in rows:
        for name in ORGANISATIONS[listed]:
            shares[name] = shares.get(name, 0.0) + 1 / len(ORGANISATIONS[listed]) / len(rows)
    return shares


def recorded(facts: Facts, remembered: bool = False) -> tuple[Setting, list[Event]]:
    """Return the record's setting and events whose windows it covers."""
    known = panel(facts)
    row = {place: number for number, place in enumerate(known.places)}
    first, months = 12 * known.first_year, known.deaths.shape[1]
    events = [
        Event(leader, organisation, month_number(month) - first, row[place])
        for leader, organisation, month, place in removed(facts, remembered)
    ]
    events = [event for event in events if PRIOR <= event.month <= months - max(MONTHS.values())]
    next_to: list[list[int]] = [[] for _ in known.places]
    for one, other in borders(facts):
        next_to[row[one]].append(row[other])
        next_to[row[other]].append(row[one])
    there = {
        name: np.array([place in places for place in known.places])
        for name, places in presence(facts).items()
    }
    setting = Setting(
        known.deaths.astype(np.float64),
        known.population,
        there,
        [np.array(each, dtype=np.int64) for each in next_to],
        frozenset(event.place for event in events),
    )
    return setting, events


def groups(setting: Setting, event: Event) -> dict[str, npt.NDArray[np.int64]]:
    """Return the rows of each group of an event."""
    there = setting.of(event.organisation)
    present = np.flatnonzero(there)
    near = setting.neighbours[event.place]
    return {
        "place": np.array([event.place]),
        "present": present[present != event.place],
        "adjoining": near[~there[near]],
    }


def contrasts(
    setting: Setting, event: Event, months: Mapping[str, int] = MONTHS
) -> dict[str, tuple[float, float]]:
    """Return the effect of an event on each group and its sampling variance; a group without deaths is left out.

    Parameters
    ----------
    months : mapping of str to int
        After the event, its own month the first, by group.
    """
    alike, there = setting.alike(event.month), setting.of(event.organisation)
    allowed = ~there
    allowed[[event.place, *setting.taken, *setting.neighbours[event.place]]] = False
    controls = np.flatnonzero(allowed)
    tree = cKDTree(alike[controls])
    before = setting.deaths[:, event.month - BEFORE : event.month].sum(axis=1)
    found = {}
    for kind, rows in groups(setting, event).items():
        if not len(rows):
            continue
        after = setting.deaths[:, event.month : event.month + months[kind]].sum(axis=1)
        matched = controls[tree.query(alike[rows], CONTROLS)[1]].ravel()
        counts = np.array(
            [after[rows].sum(), before[rows].sum(), after[matched].sum(), before[matched].sum()]
        )
        if counts.sum() == 0:
            continue
        counts = counts + 0.5
        value = np.log(counts[0] / counts[1]) - np.log(counts[2] / counts[3])
        found[kind] = (float(value), float((1 / counts).sum()))
    return found


def pooled(found: Sequence[tuple[float, float]]) -> Pooled:
    """Return the mean of effects, each given with its variance, and its range with each event left out."""
    values, variances = np.array(found).T
    every = _mean(values, variances)
    without = [
        _mean(np.delete(values, one), np.delete(variances, one))[0]
        for one in range(len(values))
        if len(values) > 1
    ]
    return Pooled(*every, len(values), (min(without, default=every[0]), max(without, default=every[0])))


def _mean(values: Floats, variances: Floats) -> tuple[float, float]:
    tau2 = estimate_tau2(regression(values, variances), Method.PM).value if len(values) > 1 else 0.0
    weights = 1 / (variances + tau2)
    return float(weights @ values / weights.sum()), float(weights.sum() ** -0.5)


def estimate(
    setting: Setting, events: Iterable[Event], months: Mapping[str, int] = MONTHS
) -> dict[str, Pooled]:
    """Return the pooled effect on each group."""
    each = [contrasts(setting, event, months) for event in events]
    by_kind = {kind: [found[kind] for found in each if kind in found] for kind in KINDS}
    return {kind: pooled(found) for kind, found in by_kind.items() if found}


def placebos(
    setting: Setting,
    events: Sequence[Event],
    times: int,
    seed: int,
    months: Mapping[str, int] = MONTHS,
) -> dict[str, Floats]:
    """Return pooled effects of events that never were, shape (times,) by group.

    Each event keeps its organisation; its month is drawn from all that have both windows, its place from the
    municipalities most like the place of the event at that month where the organisation is present.
    """
    random = stream(seed, "violence.removals")
    last = setting.deaths.shape[1] - max(months.values())
    open_to = replace(setting, taken=frozenset())
    found: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for _ in range(times):
        drawn = []
        for event in events:
            month = int(random.integers(PRIOR, last + 1))
            alike = setting.alike(month)
            could = np.flatnonzero(setting.of(event.organisation))
            near = np.argsort(((alike[could] - alike[event.place]) ** 2).sum(axis=1))[:ALIKE]
            drawn.append(replace(event, month=month, place=int(could[random.choice(near)])))
        for kind, one in estimate(open_to, drawn, months).items():
            found[kind].append(one.value)
    return {kind: np.array(values) for kind, values in found.items()}


def chance(value: float, placebo: Floats) -> float:
    """Return the two-sided chance of an effect as far from nought among placebos, the event's own counted in."""
    return float((1 + np.sum(np.abs(placebo) >= abs(value))) / (1 + len(placebo)))


def detectable(placebo: Floats) -> float:
    """Return the smallest effect that the design finds with a chance of 80 %, from the spread of placebos."""
    return float(POWER * placebo.std(ddof=1))
