"""The mechanisms of the house, one line each; the levers that they have and the outcomes that can be read off them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from merida.errors import FrameworkError, nearest
from merida.framework import Framework
from merida.models import (
    border,
    communities,
    coverage,
    delivery,
    demand,
    deterrence,
    flows,
    justice,
    networks,
    policing,
    programme_units,
    violence,
)
from merida.models.socket.mechanism import COVERAGE, Mechanism, Outcome
from merida.parameters.registry import entries
from merida.parameters.routes import enforce, routes

MECHANISMS: tuple[Mechanism, ...] = (
    delivery.MECHANISM,
    programme_units.MECHANISM,
    coverage.MECHANISM,
    policing.MECHANISM,
    communities.MECHANISM,
    networks.MECHANISM,
    justice.MECHANISM,
    deterrence.MECHANISM,
    demand.MECHANISM,
    flows.MECHANISM,
    violence.MECHANISM,
    border.MECHANISM,
)


def levers() -> Mapping[str, Mechanism]:
    """Return the mechanism of each lever that a programme can pull, by the lever's dotted path.

    Examples
    --------
    >>> levers()["policing.vetting"].name
    'policing'
    """
    return {lever: mechanism for mechanism in MECHANISMS for lever in mechanism.levers}


def outcomes() -> Mapping[str, Outcome]:
    """Return the outcomes that plans are compared by, by name.

    Examples
    --------
    >>> outcomes()["homicides"].good
    'less'
    """
    return {outcome.name: outcome for mechanism in MECHANISMS for outcome in mechanism.outcomes}


def levers_of(outcome: str) -> tuple[str, ...]:
    """Return the levers whose main outcome this is."""
    return tuple(lever for lever, mechanism in levers().items() if mechanism.main_outcome == outcome)


def check_levers(framework: Framework) -> None:
    """Refuse a framework whose programmes name a lever or an outcome that no mechanism has.

    Raises
    ------
    FrameworkError
        Naming the programme and the nearest lever or outcome; or if a programme states a need and its mechanism counts
        units themselves, or the other way round.
    """
    for fault in lever_faults(framework):
        raise fault


def lever_faults(framework: Framework) -> Iterator[FrameworkError]:
    """Yield every error that `check_levers` would raise, for those who want all of them at once."""
    for name, programme in framework.programmes.items():
        if programme.outcome not in outcomes():
            known = nearest(programme.outcome, outcomes())
            yield FrameworkError("outcome_unknown", programme=name, found=programme.outcome, nearest=known)
        if programme.lever is None:
            continue
        mechanism = levers().get(programme.lever)
        if mechanism is None:
            known = nearest(programme.lever, levers())
            yield FrameworkError("unknown_lever", programme=name, found=programme.lever, nearest=known)
        elif (programme.need is None) == (mechanism.counts_need or COVERAGE.name in mechanism.reads):
            problem = "need_missing" if programme.need is None else "need_not_meant"
            yield FrameworkError(problem, programme=name, lever=programme.lever)
        elif programme.need and programme.need.units_per is None and not mechanism.counts_need:
            yield FrameworkError("units_per_missing", programme=name, lever=programme.lever)


def check(framework: Framework) -> None:
    """Refuse a framework that names what no mechanism has, or a lever that has no route to its outcome, or two.

    Raises
    ------
    FrameworkError
        As `check_levers` says.
    ModelError
        Naming the lever whose route is missing, doubled or rests on no parameter.
    """
    check_levers(framework)
    pulled = {programme.lever for programme in framework.programmes.values() if programme.lever}
    enforce({lever: levers()[lever].main_outcome for lever in sorted(pulled)}, entries(), routes())
