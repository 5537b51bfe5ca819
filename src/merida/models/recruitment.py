"""Organisations as recruiting populations: the model of Prieto-Curiel, Campedelli and Hope (2023), replicated.

Members C of each of 150 groups, by week:

    dC_i/dt = C_i (r - n / sum(C) - h sum_j S_ij C_j - w C_i)
    S_ij    = (rivalry of i and j + 1) / (alliances of i + 1),   S_ii = 0
    deaths  = h C' S C a week

r recruits, n members are incapacitated each week, h is the lethality of conflict and w the fragmentation of large groups.
Rivalries and alliances are how often the record's table of 2020 names two groups so, either naming the other. Sizes at
the start fall with the rank by all ties, as 1 / rank.

It is another reading of how organisations work than the paths that follow removals (SCIENCE rule 30): under the scenario
``recruitment`` a leader removed is one member fewer (`merida.models.networks`). Its critic (arXiv 2310.05975) says that h
and r are identified by assumption alone.
"""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

import numpy as np
from scipy.integrate import solve_ivp

from merida.distributions import Floats
from merida.facts import Facts

START = 115_000.0  # members in 2012


class Rates(NamedTuple):
    """Parameters by week."""

    recruitment: float  # r, for each member
    incapacitation: float  # n, members
    conflict: float  # h, for each pair of members
    fragmentation: float  # w, for each pair of members


PUBLISHED = Rates(2.527474e-3, 110.0, 1.549231e-8, 4e-8)

# Groups that bear a person's name stand in the record by the source's number. This is where each comes in the source's
# alphabet, from 0: groups with as many ties are ranked by it, as in the article.
NAMED_AFTER_A_PERSON = {
    139: 33, 35: 34, 37: 36, 38: 39, 149: 40, 39: 41, 40: 42, 41: 43, 43: 44, 44: 45, 46: 46, 47: 47, 48: 48, 49: 49,
    50: 50, 51: 51, 52: 52, 53: 53, 54: 54, 42: 56, 61: 62, 63: 64, 64: 65, 145: 71, 72: 74, 74: 77, 75: 78, 76: 79,
    79: 82, 45: 134, 126: 139, 127: 140, 128: 141,
}  # fmt: skip
PERSON = "group named after a person "


class Ties(NamedTuple):
    """How groups stand to each other, from most ties to fewest. G groups."""

    groups: tuple[str, ...]
    conflict: Floats  # (G, G): S


def ties(facts: Facts) -> Ties:
    """Return the groups of the record's table and the matrix of their conflict.

    Examples
    --------
    >>> found = ties(Facts())
    >>> len(found.groups), found.groups[0]
    (150, 'Cártel Jalisco Nueva Generación (CJNG)')
    """
    rows = facts.sql("select organisation, allies, rivals from organisation_presence_states").rows()
    groups = in_alphabet({row[0] for row in rows})
    at = {group: number for number, group in enumerate(groups)}
    alliances, rivalries = np.zeros((2, len(groups), len(groups)))
    for group, allies, rivals in rows:
        for counted, named in ((alliances, allies), (rivalries, rivals)):
            for other in filter(None, (named or "").split("; ")):
                counted[at[group], at[other]] += 1
                counted[at[other], at[group]] += 1
    order = np.argsort(-(alliances + rivalries).sum(axis=1), kind="stable")
    conflict = (rivalries[np.ix_(order, order)] + 1) / (alliances[order].sum(axis=1)[:, None] + 1)
    np.fill_diagonal(conflict, 0.0)
    return Ties(tuple(groups[number] for number in order), conflict)


def in_alphabet(groups: set[str]) -> list[str]:
    """Return the groups in the order of the source's alphabet: capitals, accents and signs do not count."""
    ordered = sorted((group for group in groups if not group.startswith(PERSON)), key=_plain)
    for number, place in NAMED_AFTER_A_PERSON.items():
        if (group := f"{PERSON}{number}") in groups:
            ordered.insert(place, group)
    return ordered


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFD", name.lower())
    return "".join(letter for letter in letters if letter.isalnum() or letter == " ")


def at_start(total: float, count: int) -> Floats:
    """Return the members of each group, which fall with its rank as 1 / rank, shape (count,).

    Examples
    --------
    >>> at_start(11.0, 3).tolist()
    [6.0, 3.0, 2.0]
    """
    shares = 1 / np.arange(1, count + 1)
    sizes: Floats = total * shares / shares.sum()
    return sizes


def members_after(members: Floats, conflict: Floats, rates: Rates, weeks: float) -> Floats:
    """Return the members of each group after some weeks, shape (G,).

    Parameters
    ----------
    members : array, shape (G,)
    conflict : array, shape (G, G)
        S of `Ties`.
    rates : Rates
    """

    def change(week: float, now: Floats) -> Floats:
        growth = rates.recruitment - rates.incapacitation / now.sum() - rates.fragmentation * now
        moved: Floats = now * (growth - rates.conflict * (conflict @ now))
        return moved

    if not weeks:
        return members
    solved = solve_ivp(change, (0.0, weeks), members, method="LSODA", rtol=1e-10, atol=1e-7)
    after: Floats = solved.y[:, -1]
    return after


def deaths_a_week(members: Floats, conflict: Floats, rates: Rates) -> float:
    """Return the deaths of a week in which the groups have so many members."""
    return float(rates.conflict * members @ conflict @ members)
