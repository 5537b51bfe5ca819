"""Structural scenarios: rival readings of how things work, each a named set of numbers held (``scenarios.toml``).

Where a mechanism is contested its rivals stand side by side, are chosen by name and are never averaged (SCIENCE rule
30). A scenario may hold only what the models state, and two that hold the same number differently cannot be asked for
together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from pydantic import BaseModel, ConfigDict

from merida.errors import ModelError, nearest
from merida.priors import Note
from merida.shipped import toml, whole

FILE = "parameters/scenarios.toml"


class Scenario(BaseModel):
    """One structural scenario.

    Parameters
    ----------
    title, about : Note
        What it is called and what it means, in both languages.
    sets : mapping of str to float
        The number at which each parameter is held, by dotted path.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Note
    about: Note
    sets: Mapping[str, float]


@cache
def scenarios() -> Mapping[str, Scenario]:
    """Return every structural scenario by name.

    Raises
    ------
    InstallationError
        If the file is not as it must be.

    Examples
    --------
    >>> dict(scenarios()["wide_law"].sets)
    {'violence.wide_law': 1.0}
    """
    with whole(FILE):
        return {name: Scenario(**stated) for name, stated in toml(FILE).items()}


def held_under(names: Iterable[str], held: Mapping[str, float]) -> dict[str, float]:
    """Return what is held under structural scenarios, together with what a user holds besides.

    Raises
    ------
    ModelError
        If there is no such scenario (the message names the nearest), or two ask for different numbers of one parameter,
        the user's own included.

    Examples
    --------
    >>> held_under(["wide_law"], {"violence.overlap": 0.2})
    {'violence.wide_law': 1.0, 'violence.overlap': 0.2}
    """
    together: dict[str, float] = {}
    for name in names:
        if name not in scenarios():
            raise ModelError("scenario_unknown", found=name, nearest=nearest(name, scenarios()))
        for path, number in scenarios()[name].sets.items():
            if together.setdefault(path, number) != number:
                raise ModelError("scenarios_disagree", path=path, found=", ".join(names))
    for path, number in held.items():
        if together.setdefault(path, number) != number:
            raise ModelError("scenarios_disagree", path=path, found=", ".join((*names, f"{path}={number:g}")))
    return together
