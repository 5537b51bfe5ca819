"""The studies behind the distribution of an effect, as a table: what a forest plot draws."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from merida.distributions import Z95
from merida.evidence.effects import chosen
from merida.evidence.hierarchy import fit
from merida.evidence.posterior import noise, observe
from merida.evidence.register import Register
from merida.evidence.rows import Scale, Study, counted, rows_of, unit
from merida.evidence.terms import parts, setting
from merida.priors import Priors, Reading

SCHEMA = {
    "reading": pl.String,
    "study": pl.String,
    "citation": pl.String,
    "year": pl.Int64,
    "setting": pl.String,
    "country": pl.String,
    "design": pl.String,
    "outcome": pl.String,
    "estimate": pl.Float64,
    "std_error": pl.Float64,
    "error_source": pl.String,
    "low": pl.Float64,
    "high": pl.Float64,
    "weight": pl.Float64,
    "cluster": pl.String,
    "before_after": pl.Boolean,
    "direction": pl.String,
    "status": pl.String,
}
ABOUT = ("study", "citation", "year", "setting", "country", "design", "outcome", "cluster", "direction")


def statuses(register: Register) -> dict[str, str]:
    """Return, of every study of the register, whether it counts in the model, or why it does not.

    ``counted``; ``said_by_figure`` (a sign that a figure of the same deaths already gives); ``excluded_`` with
    ``not_known`` (unverified, or not yet published), ``programme`` (nothing that can do harm or good: a shock, a price, a
    crossing), ``outcome`` (says neither harm nor good), ``context``, ``part`` (of another row), ``smd`` or ``no_sign``.

    Examples
    --------
    >>> statuses(Register())["tsj_juarez"]
    'excluded_context'
    """
    status = counted(rows_of(register), register.priors)[1]
    return {study: status.get(study, "excluded_not_known") for study in register.listed["study"]}


def forest(
    register: Register, readings: Sequence[Reading], scale: Scale = "log_rate_ratio", bias: bool = True
) -> pl.DataFrame:
    """Return the studies of some readings, one row for each, in the readings' order.

    Parameters
    ----------
    scale : {"log_rate_ratio", "elasticity"}
        The scale of `estimate`, `std_error`, `low` and `high`.
    bias : bool
        Whether the bias of designs counts in the weights.

    Returns
    -------
    DataFrame
        `estimate`, `low` and `high` (90 percent, of the study's error alone) are null where the study gave a sign alone;
        `std_error` is the one used and `error_source` where it is from (`merida.evidence.rows.Study`). `weight` is
        the study's share of the reading's precision: of its variance between settings, error and bias; studies of one
        cluster share theirs.

    Raises
    ------
    EvidenceError
        If a reading names a study that the register does not hold.

    Examples
    --------
    >>> reading = Reading(label="studies", weight=1.0, studies=("bam_viol", "jtdc"))
    >>> round(forest(Register(), [reading])["weight"].sum(), 9)
    1.0
    """
    status, lines = statuses(register), []
    rows = {row["study"]: row for row in register.listed.to_dicts()}
    times = register.priors.number("evidence.elasticity_unit") if scale == "elasticity" else 1.0
    for reading in readings:
        named = chosen(register, reading.studies)
        weights = shares(register, named, bias)
        used = {
            study.name: (study, weights[study.cluster] * part)
            for cluster in named
            for study, part in zip(cluster, parts(cluster).tolist(), strict=True)
        }
        for name in reading.studies:
            row = rows[name]
            line = {key: row[key] for key in ABOUT}
            line |= {"reading": reading.label, "status": status[name], "weight": 0.0}
            line["before_after"] = row["design"] == "before_after"
            if name in used:
                line |= drawn(used[name][0], times, register.priors) | {"weight": used[name][1]}
            lines.append(line)
    return pl.DataFrame([{key: line.get(key) for key in SCHEMA} for line in lines], schema=SCHEMA)


def drawn(study: Study, times: float, priors: Priors) -> dict[str, float | str | None]:
    """Return a study's numbers on the scale of a plot."""
    value, error = (number * times / unit(study.kind, priors) for number in (study.value, study.size))
    numbers: dict[str, float | str | None] = {"std_error": error, "error_source": study.source}
    if study.has_figure and study.source != "bound":  # a bound is no estimate, and has no interval
        numbers |= {"estimate": value, "low": value - Z95 * error, "high": value + Z95 * error}
    return numbers


def shares(register: Register, named: Sequence[tuple[Study, ...]], bias: bool) -> dict[str, float]:
    """Return the share of a reading's precision that each of its clusters has, by the cluster's name."""
    if not named:
        return {}
    data = observe(named, register.priors, bias)
    points = fit(register, named, frozenset(), setting(named[0], "mexico"), bias).weights
    precision = 1 / (points @ noise(data, register.priors) + (data.bias**2).sum(axis=1))
    return dict(zip(data.names, (precision / precision.sum()).tolist(), strict=True))
