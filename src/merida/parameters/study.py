"""What one study of the register counts as, and where it speaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from merida.evidence import Register
from merida.evidence.hierarchy import clusters_of
from merida.evidence.known import COUNTED, standing_of
from merida.evidence.rows import Scale, Source, kinds
from merida.framework import Framework
from merida.parameters.standings import Use, uses


@dataclass(frozen=True)
class Counts:
    """As what a study enters the model: its effect and error on a scale, and where the error is from."""

    scale: Scale
    estimate: float
    std_error: float
    error_source: Source
    below: bool


@dataclass(frozen=True)
class KnownStudy:
    """A study with its standing.

    Attributes
    ----------
    row : mapping
        Its row of the register.
    cluster_mates : tuple of str
        The studies that share its data.
    counts_as : Counts or None
        None where it does not count.
    standing : str
        Whether it counts, or why not: a key under ``evidence.standing`` in ``words/``.
    speaks_in : tuple of Use
        The readings that name it.
    """

    row: Mapping[str, Any]
    cluster_mates: tuple[str, ...]
    counts_as: Counts | None
    standing: str
    speaks_in: tuple[Use, ...]


def known_study(
    name: str,
    framework: Framework,
    register: Register,
    bias: bool = True,
    held: Mapping[str, float] | None = None,
) -> KnownStudy:
    """Return what a study counts as, with whom it shares data, and where it speaks.

    Parameters
    ----------
    bias : bool
        Whether designs are taken to be biased either way.
    held : mapping or None
        Weights of readings that a user holds, by path.

    Examples
    --------
    >>> known_study("bam_viol", Framework.load("merida"), Register()).speaks_in[0].path
    'communities.youth_cbt.effect'
    """
    every = register.listed
    row = every.filter(pl.col("study") == name).row(0, named=True)
    mates = every.filter((pl.col("cluster") == row["cluster"]) & (pl.col("study") != name))["study"]
    used = uses(framework, register, bias, held).get(name, ())
    counts = next((one for same in clusters_of(register).values() for one in same if one.name == name), None)
    standing = standing_of(register)[name]
    return KnownStudy(
        row,
        tuple(mates.to_list()),
        None
        if counts is None
        else Counts(kinds()[counts.kind].scale, counts.value, counts.size, counts.source, counts.below),
        "informs" if standing == COUNTED and not used else standing,
        used,
    )
