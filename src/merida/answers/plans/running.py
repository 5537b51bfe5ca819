"""What the questions on plans share: how much a run takes, on what it rests, and the run itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from merida.answers.context import Context
from merida.answers.fields import Text, Texts, Whole, option
from merida.answers.request import Drawn, Settable
from merida.document.blocks import AnswerBlock, Cell, Sentence
from merida.ensemble.sizes import MOST_YEARS
from merida.facts.schema import Text as Both
from merida.progress import Work

if TYPE_CHECKING:
    from merida.ensemble import Simulation
    from merida.framework import Plan


class Sized(Drawn, Settable):
    """How much a run of plans takes, and of which framework they are."""

    draws: Whole = option("cli.runs.draws", 1000, metavar="N", ge=1, unit="draws")
    years: Whole | None = option("cli.runs.years", None, metavar="N", ge=1, le=MOST_YEARS)
    framework: Text = option("cli.runs.framework", "merida", metavar="NAME|FILE")
    scenario: Texts = option("cli.runs.scenario", (), metavar="NAME")

    @property
    def numbers(self) -> dict[str, float]:
        """The numbers held: those of the structural scenarios asked for, and the user's own.

        Raises
        ------
        ModelError
            As `merida.parameters.scenarios.held_under` says.
        """
        from merida.parameters.scenarios import held_under

        return held_under(self.scenario, dict(self.held))


class Run(Sized):
    """What a run of plans rests on."""

    as_given: bool = option("cli.runs.as_given", False)
    nation_only: bool = option("cli.runs.nation_only", False)


def simulated(request: Run, plans: Sequence[Plan], context: Context, work: Work) -> Simulation:
    """Return the run of some plans."""
    from merida.ensemble import run_record
    from merida.ensemble import simulate as run
    from merida.framework.labels import labelled

    held = request.numbers
    chosen = labelled(plans, context.framework, context.facts)
    asked = (context.framework, context.facts, chosen)
    everything = not request.nation_only
    keep = run_record.kept(*asked, request.seed, request.years, held) if everything else None
    return run(
        *asked,
        draws=request.draws,
        seed=request.seed,
        years=request.years,
        held=held,
        keep=keep,
        progress=work.stage("draws"),
        places=everything,
        border=everything,
    )


def scenario_lines(request: Sized) -> Iterator[AnswerBlock]:
    """Yield what each structural scenario asked for means."""
    from merida.parameters.scenarios import scenarios

    for name in request.scenario:
        asked = scenarios()[name]
        values: dict[str, Cell] = {
            "name": name,
            "title": Both(**dict(asked.title)),
            "about": Both(**dict(asked.about)),
        }
        yield Sentence("runs.scenario", values)
