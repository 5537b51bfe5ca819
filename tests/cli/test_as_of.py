"""Every command that takes --as-of, at four months: an answer, or what is missing and from when it is there.

Here are those that answer without a simulation. The others take from ten seconds to minutes each; `SLOW` lists them,
so that a new command is put on one list or the other.
"""

import re
import shlex

from merida.answers import QUESTIONS, question
from merida.errors import MeridaError
from tests.runner import CliRunner, app

MONTHS = ("1991-10", "1996-06", "2005-06", "2010-12")
QUICK = [
    "facts show homicides_year",
    "facts sql FROM-STATES",
    "facts why states state=08",
    "facts why homicides_national year=1990",
    "facts convert 100 --from USD:1988 --to USD:1989",
    "evidence list",
    "evidence gaps",
    "plan show continuation",
    "plan diff memo continuation",
    "claims",
    "scorecard",
    "counterpart",
]
ELSEWHERE = [
    "evidence pool focused_deterrence",
    "border simulate Laredo",
    "border create",
    "border officers",
    "border now 'San Ysidro'",
    "border list",
    "border staff Laredo",
    "violence ahead",
    "violence places",
    "fit",
    "border plan-lanes 'World Trade Bridge' --mode trucks",
]
SLOW = {
    "simulate", "compare", "allocate", "rank", "robust", "triage", "hindcast", "voi", "frontier", "discover", "welfare",
    "brief", "border invest", "border finance", "border delay", "border waits", "border score", "violence monitor",
    "violence forecast", "violence places", "violence ahead", "fit", "plan check", "plan write",
}  # fmt: skip


def problem(command: str, month: str) -> str | None:
    """Return what is wrong with a command as of a month; None if it answers, or says from when it can."""
    arguments = [word.replace("FROM-STATES", "from states") for word in shlex.split(command)]
    done = CliRunner().invoke(app, [*arguments, "--as-of", month])
    if done.exit_code == 0:
        return None
    if not isinstance(done.exception, MeridaError):
        return f"{command} --as-of {month}: {done.exception!r}\n{done.output}"
    told = done.exception.message("en")
    return None if re.search(r"\b(19|20)\d\d-\d\d\b", told) else f"{command} --as-of {month}: {told}"


def test_every_quick_command_answers_at_every_date() -> None:
    assert not [said for command in QUICK for month in MONTHS if (said := problem(command, month))]


def test_what_others_cannot_answer_they_date() -> None:
    assert not [said for command in ELSEWHERE for month in MONTHS[:3] if (said := problem(command, month))]


def test_a_command_that_takes_a_date_is_on_a_list() -> None:
    dated = {path.replace(".", " ") for path in QUESTIONS if "as_of" in question(path).request.model_fields}
    listed = (
        {" ".join(command.split()[:2]) for command in QUICK + ELSEWHERE}
        | SLOW
        | {"claims", "evidence show", "evidence weigh"}
    )
    assert not dated - listed
