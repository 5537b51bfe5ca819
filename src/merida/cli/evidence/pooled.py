"""``merida evidence pool PROGRAMME [OUTCOME]``: what the register says of a programme, and plain pooling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from merida.cli.evidence.known import between, number_of, percent, study_grid
from merida.cli.evidence.meta_answer import summary
from merida.cli.output import out, print_rows
from merida.words import LANGUAGES, Words, words

if TYPE_CHECKING:
    import polars as pl

    from merida.priors import Priors

LABEL = "studies"  # of the one reading that all studies of a programme make


def answer(
    programme: str,
    outcome: str | None,
    as_of: str | None,
    bias: bool,
    options: dict[str, Any],
    priors: Priors,
) -> dict[str, Any]:
    """Return what the register says of a programme and an outcome.

    Parameters
    ----------
    options : dict
        Method, interval, prediction and level of plain random effects.
    priors : Priors
        What is assumed of effects, with what the user holds; plain random effects assume nothing of it.

    Raises
    ------
    EvidenceError
        If no study that was known counts for them.
    """
    from merida.evidence import Reading, Register, forest, outcomes_of, pooled, programmes_of
    from merida.evidence.known import short
    from merida.facts.warehouse import checked_as_of

    register = Register(checked_as_of(as_of), priors=priors)
    programme = named(programme, "studied_programmes", programmes_of(register))
    if outcome is not None:
        known = outcomes_of(register, programme) if programme in programmes_of(register) else ()
        outcome = named(outcome, "studied_outcomes", known)
    model = pooled(register, programme, outcome, bias)
    studies = forest(register, (Reading(label=LABEL, weight=1.0, studies=model.studies),), model.scale, bias)
    exact = studies.filter(studies["error_source"] == "published")
    return {
        "programme": programme,
        "outcome": outcome,
        "as_of": as_of,
        "bias": bias,
        "scale": model.scale,
        "model": {
            "mean": model.mean,
            "low": model.low,
            "high": model.high,
            "new_setting": {"mean": model.new_mean, "low": model.new_low, "high": model.new_high},
            "probability_harm": model.probability_harm,
            "probability_benefit": 1.0 - model.probability_harm,
            "tau": {"median": model.tau, "low": model.tau_low, "high": model.tau_high},
            "studies": len(model.studies),
            "clusters": model.independent,
            "clusters_with_figure": model.with_figure,
            "share_from_data": model.share_from_data,
            "prior_driven": model.prior_driven,
            "contested": model.contested,
        },
        "plain_rows": exact["study"].to_list(),
        "plain_shares_data": exact["cluster"].n_unique() < exact.height,
        "plain": plain(exact, options) if exact.height > 1 else None,
        "studies": [
            {**row, "name": short(row["citation"], row["year"])} for row in studies.iter_rows(named=True)
        ],
    }


def named(wanted: str, group: str, known: tuple[str, ...]) -> str:
    """Return the name in the register that words mean, or the words themselves where they mean none."""
    from merida.cli.evidence.register import bare

    meant = (
        name
        for name in known
        if bare(wanted)
        in {bare(text) for text in (name, *(words(to).named(group, name) for to in LANGUAGES))}
    )
    return next(meant, wanted)


def plain(exact: pl.DataFrame, options: dict[str, Any]) -> dict[str, Any]:
    """Return the plain random-effects pooling of rows with a figure and a published error."""
    from merida.evidence.meta.pooling import pool

    found = pool(exact["estimate"].to_numpy(), exact["std_error"].to_numpy() ** 2, **options)
    kept = (
        "k",
        "estimate",
        "std_error",
        "p",
        "ci",
        "prediction_interval",
        "tau2",
        "tau2_ci",
        "I2",
        "Q",
        "Q_p",
    )
    figures = summary(found)
    chosen = {name: options[name] for name in ("method", "interval", "prediction")}
    return {**chosen, "level": 100 * options["level"], **{name: figures[name] for name in kept}}


def print_pooled(found: dict[str, Any], said: Words) -> None:
    """Print what the register says of a programme."""
    text, model = said.text, found["model"]
    elasticity = found["scale"] == "elasticity"
    outcome = found["outcome"]
    title = text(
        "evidence.pooled.title",
        programme=said.named("studied_programmes", found["programme"]),
        outcome=outcome_words(outcome, said) if outcome else text("evidence.pooled.every_outcome"),
    )
    out.print(title, style="bold", markup=False)
    if found["as_of"]:
        out.print(text("evidence.counted_as_of", month=said.month(found["as_of"])), markup=False)
    if not found["bias"]:
        out.print(text("evidence.bias_off"), markup=False)
    new, tau = model["new_setting"], model["tau"]
    marks = (
        (text("evidence.mean_effect"), model["mean"], model["low"], model["high"]),
        (text("evidence.new_setting"), new["mean"], new["low"], new["high"]),
    )
    out.print(study_grid(found["studies"], marks, elasticity, said))
    out.print(text("evidence.elasticity_dose" if elasticity else "evidence.at_dose"), markup=False)
    out.print()
    mean, new_one = ("mean_elasticity", "predictive_elasticity") if elasticity else ("mean", "predictive")
    rows = {
        mean: between(elasticity, model["mean"], model["low"], model["high"], said),
        new_one: between(elasticity, new["mean"], new["low"], new["high"], said),
        "harm": percent(model["probability_harm"], said),
        "benefit": percent(model["probability_benefit"], said),
        "tau": f"{said.number(tau['median'], 2)} ({said.interval(tau['low'], tau['high'], 2)})",
        "rows_counted": str(model["studies"]),
        "clusters": str(model["clusters"]),
        "figures": str(model["clusters_with_figure"]),
        "share": percent(model["share_from_data"], said),
    }
    figure, value = text("evidence.pooled.figure"), text("evidence.pooled.value")
    print_rows(
        [{figure: text(f"evidence.pooled.{key}"), value: shown} for key, shown in rows.items()],
        text("evidence.pooled.model"),
    )
    for key in ("contested", "prior_driven"):
        if model[key]:
            out.print(text(f"evidence.pooled.{key}"), markup=False)
    out.print()
    print_plain(found, elasticity, said)


def outcome_words(outcome: str, said: Words) -> str:
    """Return an outcome, or a class of outcomes, in words."""
    key = f"evidence.classes.{outcome}"
    return said.text(key) if said.has(key) else said.named("studied_outcomes", outcome)


def print_plain(found: dict[str, Any], elasticity: bool, said: Words) -> None:
    """Print the plain random-effects pooling, or why there is none."""
    text, pool = said.text, found["plain"]
    if pool is None:
        out.print(text("evidence.pooled.plain_none", k=len(found["plain_rows"])), markup=False)
        return
    figure, value = text("evidence.pooled.figure"), text("evidence.pooled.value")
    low, high = pool["ci"]
    mean = between(elasticity, pool["estimate"], low, high, said)
    rows = [{figure: text("evidence.pooled.plain_mean"), value: mean}]
    if pool["prediction_interval"]:
        low, high = (number_of(elasticity, end, said) for end in pool["prediction_interval"])
        new = text("numbers.range", low=low, high=high)
        rows.append({figure: text("evidence.pooled.plain_predictive"), value: new})
    rows.append({figure: "tau²", value: said.number(pool["tau2"], 4)})
    rows.append({figure: "I², %", value: said.number(pool["I2"], 1)})
    print_rows(
        rows,
        text(
            "evidence.pooled.plain",
            k=pool["k"],
            method=pool["method"].value,
            interval=text("meta.intervals." + pool["interval"].value),
            level=f"{pool['level']:g}",
        ),
    )
    if found["plain_shares_data"]:
        out.print(text("evidence.pooled.same_cluster"), markup=False)
