"""``merida evidence …``: what studies say; here, the meta-analysis of a user's own table."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from merida.cli.evidence import pooled
from merida.cli.evidence.forest import bias_rows, coefficient_rows, figure_rows, print_forest
from merida.cli.evidence.meta_answer import biases, notes, rows, summary
from merida.cli.evidence.register import NoBiasOption
from merida.cli.output import (
    HERE,
    AsOfOption,
    DecimalOption,
    Format,
    FormatOption,
    LanguageOption,
    SeparatorOption,
    finite,
    out,
    print_json,
    print_rows,
    say,
)
from merida.errors import EvidenceError
from merida.words import Words, words

if TYPE_CHECKING:
    from merida.evidence.meta.pooling import Pooled
    from merida.evidence.meta.three_level import ThreeLevel

Choice = TypeVar("Choice", bound=StrEnum)

evidence_app = typer.Typer(no_args_is_help=True, help=say("cli.evidence.help"))


@evidence_app.command("pool", help=say("cli.evidence.pool"))
def evidence_pool(
    programme: Annotated[
        str | None, typer.Argument(metavar="PROGRAMME", help=say("cli.evidence.pooled"))
    ] = None,
    outcome: Annotated[
        str | None, typer.Argument(metavar="OUTCOME", help=say("cli.evidence.outcome"))
    ] = None,
    file: Annotated[Path | None, typer.Option("--file", help=say("cli.evidence.file"))] = None,
    separator: SeparatorOption = None,
    decimal: DecimalOption = None,
    measure: Annotated[str | None, typer.Option("--measure", help=say("cli.evidence.measure"))] = None,
    columns: Annotated[
        str | None, typer.Option("--columns", metavar="ROLE=COLUMN,…", help=say("cli.evidence.columns"))
    ] = None,
    add: Annotated[float | None, typer.Option("--add", help=say("cli.evidence.add"))] = None,
    add_to: Annotated[str, typer.Option("--add-to", help=say("cli.evidence.add_to"))] = "zeros",
    drop_double_zeros: Annotated[
        bool, typer.Option("--drop-double-zeros", help=say("cli.evidence.drop_double_zeros"))
    ] = False,
    method: Annotated[str, typer.Option("--method", help=say("cli.evidence.method"))] = "REML",
    interval: Annotated[str, typer.Option("--interval", help=say("cli.evidence.interval"))] = "wald",
    prediction: Annotated[
        str, typer.Option("--prediction", help=say("cli.evidence.prediction"))
    ] = "as-interval",
    moderators: Annotated[
        str | None, typer.Option("--moderators", metavar="A,B,…", help=say("cli.evidence.moderators"))
    ] = None,
    cluster: Annotated[str | None, typer.Option("--cluster", help=say("cli.evidence.cluster"))] = None,
    level: Annotated[float, typer.Option("--level", help=say("cli.evidence.level"))] = 95.0,
    bias: Annotated[bool, typer.Option("--bias", help=say("cli.evidence.bias"))] = False,
    steps: Annotated[str, typer.Option("--steps", metavar="P,P,…", help=say("cli.evidence.steps"))] = "0.025",
    no_bias: NoBiasOption = False,
    as_of: AsOfOption = None,
    output: FormatOption = Format.TABLE,
    language: LanguageOption = HERE,
) -> None:
    from merida.evidence.meta.effect_sizes import RATIOS, Correct, Measure
    from merida.evidence.meta.estimators import Method
    from merida.evidence.meta.pooling import Interval, Prediction, pool
    from merida.evidence.meta.studies import studies
    from merida.evidence.meta.table import read_studies
    from merida.evidence.meta.three_level import three_level

    measured = choose(Measure, "--measure", measure) if measure else None
    estimator = choose(Method, "--method", "EE" if method.upper() == "FE" else method)
    corrected = choose(Correct, "--add-to", add_to)
    of_mean = choose(Interval, "--interval", interval)
    of_new = choose(Prediction, "--prediction", prediction)
    if not 50 <= level < 100:
        raise EvidenceError("meta_level", found=f"{level:g}")
    said = words(language.value)
    if file is None or programme is not None:
        if file is not None or programme is None:
            raise EvidenceError("pool_neither" if file is None else "pool_both")
        plain = {"method": estimator, "interval": of_mean, "prediction": of_new, "level": level / 100}
        of_register = pooled.answer(programme, outcome, as_of, not no_bias, plain)
        if output is Format.JSON:
            print_json(finite(of_register))
        else:
            pooled.print_pooled(of_register, said)
        return
    if bias and (moderators or cluster):
        raise EvidenceError("meta_bias_alone")
    asked: dict[str, Any] = {
        "measure": measured,
        "moderators": [name.strip() for name in moderators.split(",")] if moderators else (),
        "roles": read_roles(columns),
    }
    table = read_studies(file, separator=separator, decimal=decimal, **asked)
    given = studies(
        table, add=add, to=corrected, drop_double_zeros=drop_double_zeros, cluster=cluster, **asked
    )
    design = (given.x, given.terms)
    options: dict[str, Any] = {"method": estimator, "interval": of_mean, "level": level / 100}
    found: Pooled | ThreeLevel
    if given.cluster is not None:
        found = three_level(given.y, given.v, given.cluster, *design, **options)
    else:
        found = pool(given.y, given.v, *design, prediction=of_new, **options)
    answer: dict[str, Any] = {
        "file": str(file),
        "measure": measured,
        "method": estimator,
        "interval": of_mean,
        "prediction": of_new,
        "level": level,
        **summary(found, ratio=measured in RATIOS),
        "bias": None,
        "omitted": [{"line": line, "column": column} for line, column in given.omitted],
        "corrected": list(given.corrected),
        "added": given.added,
        "without_information": list(given.silent),
        "notes": [note.text(said) for note in table.notes]
        + notes(given, found, of_mean is Interval.WALD, corrected is Correct.ALL, said),
        "studies": rows(given, found, level / 100),
    }
    if bias:
        answer["bias"] = biases(given, options, read_steps(steps), answer["notes"], said)
    if output is Format.JSON:
        print_json(finite(answer))
    else:
        print_answer(answer, said)


def choose(kind: type[Choice], option: str, found: str) -> Choice:
    """Return the choice that an option names, in any case of letters."""
    for one in kind:
        if one.value.casefold() == found.casefold():
            return one
    raise EvidenceError("meta_choice", option=option, found=found, known=", ".join(one.value for one in kind))


def read_roles(text: str | None) -> dict[str, str]:
    """Return ``ROLE=COLUMN,…`` as a mapping."""
    if text is None:
        return {}
    pairs = [part.partition("=") for part in text.split(",")]
    for role, equals, column in pairs:
        if not (role.strip() and equals and column.strip()):
            raise EvidenceError("meta_not_a_role", found=role + equals + column)
    return {role.strip(): column.strip() for role, _, column in pairs}


def read_steps(text: str) -> list[float]:
    """Return the ends of the steps of the selection model."""
    try:
        return [float(part) for part in text.split(",")]
    except ValueError as error:
        raise EvidenceError("meta_steps", found=text) from error


def print_answer(answer: dict[str, Any], said: Words) -> None:
    """Print the answer for people: forest, figures, moderators, components, bias, notes."""
    print_forest(answer, said)
    print_rows(figure_rows(answer, said))
    if answer["moderators"]:
        print_rows(coefficient_rows(answer["coefficients"], said))
    if answer["components"]:
        print_rows(coefficient_rows(answer["components"]["robust"], said), said.text("meta.robust"))
    if answer["bias"]:
        print_rows(bias_rows(answer["bias"], said), said.text("meta.bias"))
    for text in answer["notes"]:
        out.print(text, markup=False)
