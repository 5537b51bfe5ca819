"""One route for each effect: which way each lever reaches each outcome, read from ``routes.toml`` and enforced.

An effect that studies measured at the end (a reduced form) already holds the steps that lead to it. A lever that
reached the same outcome by a chain of steps as well would be counted twice (SCIENCE rule 4).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from merida.errors import ModelError
from merida.shipped import text


class Route(BaseModel):
    """How a lever reaches an outcome.

    Parameters
    ----------
    route : {"reduced form", "chain", "unknown"}
        A reduced form is an effect that studies measured at the end; a chain goes by steps that are each counted or
        studied; an unknown route has neither (SCIENCE rule 25).
    by : tuple of str
        Paths of the parameters of the step that starts the route.
    opens : str
        Path of the parameter that opens an unknown route under a scenario of its own, from 0 to 1; empty where none does.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    route: Literal["reduced form", "chain", "unknown"]
    by: tuple[str, ...] = Field(min_length=1)
    opens: str = ""


def has_way(lever: str, outcome: str) -> bool:
    """Tell whether a study or a chain of counted or studied steps connects a lever to an outcome.

    Examples
    --------
    >>> has_way("communities.youth_cbt", "homicides"), has_way("networks.aviation", "homicides")
    (True, False)
    """
    route = routes().get((lever, outcome))
    return route is not None and route.route != "unknown"


@cache
def routes() -> Mapping[tuple[str, str], Route]:
    """Return the route of each (lever, outcome), as ``routes.toml`` states it.

    Examples
    --------
    >>> routes()["communities.youth_cbt", "homicides"].route
    'reduced form'
    """
    return parsed(text("parameters/routes.toml"))


def parsed(text: str) -> dict[tuple[str, str], Route]:
    """Return the routes that the text of a file states.

    Raises
    ------
    ModelError
        If a lever has a second route to an outcome (the file then states it twice), or a route is not as it must be.
    """
    try:
        stated: dict[str, dict[str, Any]] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ModelError("second_route", reason=error) from error
    by_lever = {}
    for outcome, levers in stated.items():
        for lever, table in levers.items():
            try:
                by_lever[lever, outcome] = Route(**table)
            except (TypeError, ValidationError) as error:
                raise ModelError("route_invalid", lever=lever, outcome=outcome) from error
    return by_lever


def enforce(
    levers: Mapping[str, str], parameters: Iterable[str], stated: Mapping[tuple[str, str], Route]
) -> None:
    """Refuse a lever without a route to its outcome, and a parameter that would open a second one.

    A lever's own ``effect`` (or ``quality``) starts a reduced form, its ``use`` a chain: to have both is to have two
    routes to one outcome.

    Parameters
    ----------
    levers : mapping of str to str
        The main outcome of each lever that programmes pull.
    parameters : iterable of str
        Paths of all parameters.
    stated : mapping of (str, str) to Route
        The route of each (lever, outcome).

    Raises
    ------
    ModelError
        Naming the lever.

    Examples
    --------
    >>> enforce({"communities.youth_cbt": "homicides"}, ["communities.youth_cbt.effect"], routes())
    """
    paths = set(parameters)
    for lever, outcome in levers.items():
        route = stated.get((lever, outcome))
        if route is None:
            raise ModelError("no_route", lever=lever, outcome=outcome)
        starts = {f"{lever}.{name}" for name in ("effect", "quality", "use")} & paths
        if unknown := ({*route.by, route.opens} - {""}) - paths:
            raise ModelError("route_unknown_parameter", lever=lever, found=", ".join(sorted(unknown)))
        if second := starts - set(route.by):
            raise ModelError("second_route_of", lever=lever, outcome=outcome, found=", ".join(sorted(second)))
