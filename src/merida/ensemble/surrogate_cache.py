"""How delay answers at the ports, kept in the user's cache: it takes most of a minute and depends on the record alone."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from contextlib import suppress
from dataclasses import fields
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import numpy as np

from merida.border.crossings.schedules import schedules
from merida.facts import Facts
from merida.facts.warehouse import bundle
from merida.models.border_surrogate import DelaySurrogate, delay_surrogate
from merida.numerics import cache_folder
from merida.parameters.registry import CALIBRATION
from merida.priors import Priors

PRIORS = Priors((CALIBRATION,))
SOURCES = (
    "border/crossings/schedules.npz",
    *(f"border/crossings/{name}.{end}" for name in ("calibration", "sites") for end in ("py", "toml")),
    "border/queueing/mean_wait.py",
    *(f"border/crossings/{name}.py" for name in ("panels", "schedules")),
    "models/border_surrogate.py",
)


def kept_response(facts: Facts, draws: int, priors: Priors = PRIORS) -> DelaySurrogate:
    """Return the response of a record, from the cache where the same record, date and sources gave one before.

    Parameters
    ----------
    priors : Priors
        What is assumed of crossings (``calibration.toml``), with what a user holds of it.
    """
    path = place(facts, draws, priors)
    with suppress(OSError, KeyError, ValueError, zipfile.BadZipFile), np.load(path) as saved:
        found = {name: saved[name] for name in saved.files}
        return DelaySurrogate(
            ports=tuple(found.pop("ports").tolist()), modes=tuple(found.pop("modes").tolist()), **found
        )
    response = delay_surrogate(
        facts, draws, of_site=lambda facts, site, draws: schedules(facts, site, draws=draws, priors=priors)
    )
    temporary = path.with_suffix(f".{os.getpid()}.tmp.npz")
    with suppress(OSError):  # a cache that cannot be written costs time alone
        path.parent.mkdir(parents=True, exist_ok=True)
        found = {one.name: np.asarray(getattr(response, one.name)) for one in fields(response)}
        np.savez(temporary, **found)
        temporary.replace(path)
    return response


def place(facts: Facts, draws: int, priors: Priors = PRIORS) -> Path:
    """Return the file of a record's response, named by what it rests on."""
    sums = hashlib.sha256((bundle() / "manifest.json").read_bytes())
    for source in SOURCES:
        sums.update((files("merida") / source).read_bytes())
    stated = [facts.as_of, draws, version("jax"), version("numpy"), version("scipy"), *priors.held]
    sums.update(json.dumps(stated).encode())
    return cache_folder().parent / "border" / f"{sums.hexdigest()[:20]}.npz"
