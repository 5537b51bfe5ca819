"""What the register says of one programme, beside plain random effects of the same studies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from merida.evidence.forest import forest
from merida.evidence.hierarchy import Pooled, pooled
from merida.evidence.known import short
from merida.evidence.meta.pooling import Pooled as PlainlyPooled
from merida.evidence.meta.pooling import pool
from merida.evidence.register import Register
from merida.priors import Reading

LABEL = "studies"  # of the one reading that all studies of a programme make


@dataclass(frozen=True)
class Beside:
    """The model of the whole register for one programme, and plain random effects of its studies.

    Attributes
    ----------
    model : Pooled
    studies : DataFrame
        As `merida.evidence.forest.forest` gives them, and ``name``, short.
    exact : tuple of str
        The studies that plain pooling takes: those with a figure and a published error.
    shares_data : bool
        Whether some of them share data, which plain pooling takes as independent.
    plain : PlainlyPooled or None
        None where there are fewer than two.
    """

    model: Pooled
    studies: pl.DataFrame
    exact: tuple[str, ...]
    shares_data: bool
    plain: PlainlyPooled | None


def pooled_beside(
    register: Register, programme: str, outcome: str | None, bias: bool, options: Mapping[str, Any]
) -> Beside:
    """Return what the register says of a programme, beside plain random effects.

    Parameters
    ----------
    programme, outcome : str, str or None
        As the register names them; see `merida.evidence.pooled`.
    options : mapping
        Method, interval, prediction and level of plain random effects; see `merida.evidence.meta.pool`.

    Raises
    ------
    EvidenceError
        If no study that was known counts for them.

    Examples
    --------
    >>> pooled_beside(Register("2017-12"), "methadone", None, True, {}).plain.k
    4
    """
    model = pooled(register, programme, outcome, bias)
    studies = forest(register, (Reading(label=LABEL, weight=1.0, studies=model.studies),), model.scale, bias)
    names = [short(row["citation"], row["year"]) for row in studies.iter_rows(named=True)]
    exact = studies.filter(studies["error_source"] == "published")
    plain = None
    if exact.height > 1:
        plain = pool(exact["estimate"].to_numpy(), exact["std_error"].to_numpy() ** 2, **options)
    return Beside(
        model,
        studies.with_columns(pl.Series("name", names, dtype=pl.String)),
        tuple(exact["study"].to_list()),
        exact["cluster"].n_unique() < exact.height,
        plain,
    )
