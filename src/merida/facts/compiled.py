"""The compiled record as files: each is read only where it is the one that was compiled."""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from merida.errors import FactsError
from merida.facts.own.shelf import additions


def bundle() -> Traversable:
    """Return the folder of the compiled record."""
    return files("merida.facts") / "bundle"


def manifest() -> dict[str, Any]:
    """Return what the compiler wrote of the bundle: SHA-256 of each file, and the months of publication.

    Raises
    ------
    FactsError
        If the manifest is missing or is not what the compiler writes.
    """
    try:
        text = json.loads((bundle() / "manifest.json").read_text(encoding="utf-8"))
        first, last = map(str, text["published"])
        return {"published": (first, last), "sha256": dict(text["sha256"])}
    except OSError as error:
        raise FactsError("bundle_missing", file="manifest.json", folder=str(bundle())) from error
    except (ValueError, KeyError, TypeError) as error:
        raise FactsError("bundle_unreadable", file="manifest.json", folder=str(bundle())) from error


def digest() -> str:
    """Return the SHA-256 of the manifest, which holds that of each table.

    Raises
    ------
    FactsError
        If it is missing.
    """
    try:
        return hashlib.sha256((bundle() / "manifest.json").read_bytes()).hexdigest()
    except OSError as error:
        raise FactsError("bundle_missing", file="manifest.json", folder=str(bundle())) from error


def verified_bytes(name: str) -> bytes:
    """Return the contents of a bundle file whose SHA-256 is the manifest's.

    Raises
    ------
    FactsError
        If the file or the manifest is missing, or the file is not the one that was compiled.
    """
    expected = str(manifest()["sha256"].get(name, ""))
    try:
        contents = (bundle() / name).read_bytes()
    except OSError as error:
        raise FactsError("bundle_missing", file=name, folder=str(bundle())) from error
    actual = hashlib.sha256(contents).hexdigest()
    if actual != expected:
        raise FactsError(
            "bundle_damaged", file=name, folder=str(bundle()), expected=expected[:12], found=actual[:12]
        )
    return contents


def record_span() -> tuple[str, str]:
    """Return the first and last month in which anything in the record, or of the user's own, was published.

    Examples
    --------
    >>> record_span()[0]
    '1991-10'
    """
    first, last = manifest()["published"]
    own = [month for addition in additions() for month in addition.published]
    return min([first, *own]), max([last, *own])
