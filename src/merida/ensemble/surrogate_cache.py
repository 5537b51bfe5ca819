"""How delay answers at the ports, kept in the user's cache: it takes most of a minute and rests on the record alone."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from importlib.metadata import version
from pathlib import Path

import numpy as np

from merida import cache
from merida.border.crossings.schedules import schedules
from merida.facts import Facts
from merida.models.border_surrogate import DelaySurrogate, delay_surrogate
from merida.parameters.registry import CALIBRATION
from merida.priors import Priors

PRIORS = Priors((CALIBRATION,))
CODE = (  # what the response is computed by
    "border/**/*",
    "models/border*.py",
    "statistics/*",
    "units/*",
    "distributions.py",
    "draws.py",
    "priors.py",
)


def kept_response(facts: Facts, draws: int, priors: Priors = PRIORS) -> DelaySurrogate:
    """Return how delay answers at the ports, from the cache where the same record, date and code gave it before.

    Parameters
    ----------
    facts : Facts
        The record.
    draws : int
        Members of the set of schedules.
    priors : Priors
        What is assumed of crossings (``calibration.toml``), with what a user holds of it.

    Examples
    --------
    >>> kept_response(Facts("2012-12"), 16).ports[:2]
    ('2301', '2302')
    """
    path = place(facts, draws, priors)
    found = cache.load(path)
    if found is not None and set(found) == {field.name for field in fields(DelaySurrogate)}:
        ports, modes = (tuple(found.pop(name).tolist()) for name in ("ports", "modes"))
        return DelaySurrogate(ports, modes, **found)
    response = delay_surrogate(
        facts, draws, of_site=lambda facts, site, draws: schedules(facts, site, draws=draws, priors=priors)
    )
    cache.save(path, {field.name: np.asarray(getattr(response, field.name)) for field in fields(response)})
    return response


def place(facts: Facts, draws: int, priors: Priors = PRIORS) -> Path:
    """Return the file of the cache in which a response is kept, named by what it rests on."""
    packages = [version(name) for name in ("jax", "numpy", "scipy")]
    stated = json.dumps([facts.digest, facts.as_of, draws, packages, cache.code(*CODE), *priors.held])
    return cache.folder() / "border" / hashlib.sha256(stated.encode()).hexdigest()[:20]
