"""A whole meta-analysis of a user's file: read, pooled, its small studies held against its large ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from merida.errors import EvidenceError
from merida.evidence.meta.bias import Asymmetry, asymmetry
from merida.evidence.meta.effect_sizes import RATIOS, Correct, Measure
from merida.evidence.meta.estimators import Method
from merida.evidence.meta.pooling import Interval, Pooled, Prediction, pool
from merida.evidence.meta.studies import Studies, studies
from merida.evidence.meta.table import read_studies
from merida.evidence.meta.three_level import ThreeLevel, three_level
from merida.user_tables import DecimalSign, Note, Separator


@dataclass(frozen=True)
class Analysis:
    """A meta-analysis of a file.

    Attributes
    ----------
    given : Studies
        What was pooled.
    found : Pooled or ThreeLevel
        The latter where clusters were named.
    level : float
        Coverage of its intervals, between 0 and 1.
    ratio : bool
        Whether effects are logarithms of ratios.
    notes : tuple of Note
        What was done with the file.
    asymmetry : Asymmetry or None
        None where it was not asked for.
    """

    given: Studies
    found: Pooled | ThreeLevel
    level: float
    ratio: bool
    notes: tuple[Note, ...]
    asymmetry: Asymmetry | None


def analyse(
    path: Path,
    *,
    measure: Measure | None = None,
    roles: Mapping[str, str] | None = None,
    moderators: Sequence[str] = (),
    cluster: str | None = None,
    add: float | None = None,
    to: Correct = Correct.ZEROS,
    drop_double_zeros: bool = False,
    separator: Separator | None = None,
    decimal: DecimalSign | None = None,
    method: Method = Method.REML,
    interval: Interval = Interval.WALD,
    prediction: Prediction = Prediction.AS_INTERVAL,
    level: float = 0.95,
    steps: Sequence[float] | None = None,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Analysis:
    """Return the meta-analysis of a file; see `read_studies`, `studies`, `pool`, `three_level` and `asymmetry`.

    Parameters
    ----------
    steps : sequence of float or None
        Ends of the one-sided p-value's steps in the selection model; None: small studies are not held against large ones.
    progress : callable
        Called with (done, total) between reading, pooling and the tests of small studies.

    Raises
    ------
    EvidenceError
        For whatever is not as it must be, naming file, line and column.
    """
    if steps is not None and (moderators or cluster):
        raise EvidenceError("meta_bias_alone")
    stages = 2 if steps is None else 3
    table = read_studies(
        path, measure=measure, moderators=moderators, roles=roles, separator=separator, decimal=decimal
    )
    progress(1, stages)
    given = studies(
        table,
        measure=measure,
        add=add,
        to=to,
        drop_double_zeros=drop_double_zeros,
        moderators=moderators,
        cluster=cluster,
        roles=roles,
    )
    found: Pooled | ThreeLevel
    if given.cluster is not None:
        found = three_level(
            given.y,
            given.v,
            given.cluster,
            given.x,
            given.terms,
            method=method,
            interval=interval,
            level=level,
        )
    else:
        found = pool(
            given.y, given.v, given.x, given.terms,
            method=method, interval=interval, prediction=prediction, level=level,
        )  # fmt: skip
    progress(2, stages)
    small = None
    if steps is not None:
        small = asymmetry(given.y, given.v, steps, method=method, interval=interval, level=level)
        progress(3, stages)
    return Analysis(given, found, level, measure in RATIOS, tuple(table.notes), small)
