"""``--set PATH=VALUE``: priors that a user holds at one number, in every command that rests on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from merida.cli.output import out, say
from merida.errors import PlanError

if TYPE_CHECKING:
    from merida.priors import Priors

SetOption = Annotated[list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help=say("cli.runs.set"))]


def held(settings: list[str] | None) -> dict[str, float]:
    """Return ``PATH=VALUE`` settings as a mapping."""
    numbers: dict[str, float] = {}
    for setting in settings or []:
        path, _, value = (part.strip() for part in setting.partition("="))
        try:
            number = float(value if value.isascii() and "_" not in value else "")
        except ValueError:
            raise PlanError("setting_not_a_pair", found=setting) from None
        if path in numbers:
            raise PlanError("setting_twice", found=path)
        numbers[path] = number
    return numbers


def priors_with(settings: list[str] | None, files: tuple[str, ...], framework: str | None = None) -> Priors:
    """Return every prior with what the user holds, checked before any long work.

    Parameters
    ----------
    files : tuple of str
        The files of priors that the answer rests on (`merida.parameters.registry`).
    framework : str or None
        Whose programmes' numbers it rests on besides.
    """
    from merida.framework import Framework
    from merida.parameters.registry import settings as gate

    numbers = held(settings)
    return gate(numbers, Framework.load(framework) if numbers and framework else None, files)


def priors_at_border(settings: list[str] | None) -> Priors:
    """Return every prior with what the user holds of investments at the border and what they rest on."""
    from merida.parameters.registry import CALIBRATION, INVESTMENT, PORTS

    return priors_with(settings, (CALIBRATION, PORTS, INVESTMENT), "merida")


def recorded(priors: Priors) -> dict[str, Any]:
    """Return what the user holds as the last part of an answer for programs; nothing where nothing is held."""
    return {"held": dict(priors.held)} if priors.held else {}


def print_held(priors: Priors) -> None:
    """Print what the user holds."""
    for path, number in priors.held:
        out.print(say("cli.held", path=path, value=f"{number:g}"), markup=False)
