"""Lab: what users hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from merida.facts import Facts
from merida.framework import Framework, Plan, places, plan_named

if TYPE_CHECKING:
    from merida.brief import Brief
    from merida.decide import Allocation
    from merida.ensemble import Simulation
    from merida.violence import Violence


class Lab:
    """The laboratory, as of a date.

    Parameters
    ----------
    as_of : str or None
        ``YYYY-MM``: only what had been published by the end of that month. None: the whole record.
    framework : str
        ``merida``, ``bicentennial``, or the path of a framework file.
    seed : int
        Seed of every draw.

    Raises
    ------
    FactsError
        If `as_of` is not a month within the record.
    FrameworkError
        If the framework does not exist or its file has a mistake.

    Examples
    --------
    >>> lab = Lab(as_of="2012-12")
    >>> lab.facts.sql("select max(year) as last from homicides_year").item()
    2011
    >>> lab.plan("memo").diff(lab.plan("memo"))
    ()
    """

    def __init__(self, as_of: str | None = None, framework: str = "merida", seed: int = 0) -> None:
        self.facts = Facts(as_of)
        self.seed = seed
        self._framework = framework

    @cached_property
    def framework(self) -> Framework:
        """The framework, read when it is first needed."""
        return Framework.load(self._framework)

    def plan(self, name: str | Path) -> Plan:
        """Return a plan: ``history``, ``continuation``, ``none``, one of the framework's, or that of a file.

        Raises
        ------
        PlanError
            If there is none of that name, or a row of the file cannot be; the message names it.
        """
        if Path(name).suffix.lower() in (".toml", ".csv"):
            return Plan.read(name, self.framework, places(self.facts))
        return plan_named(str(name), self.framework, self.facts)

    def simulate(
        self,
        plans: Plan | Sequence[Plan],
        draws: int = 1000,
        years: int | None = None,
        held: Mapping[str, float] | None = None,
        keep: bool = False,
        progress: Callable[[int, int], None] = lambda *_: None,
    ) -> Simulation:
        """Return what plans do, on the same draws; see `merida.ensemble.simulate`.

        `keep` holds finished parts of a long run in the user's cache, so that a run that is stopped goes on.
        """
        from merida.ensemble import run_record, simulate

        chosen = {plan.name: plan for plan in ([plans] if isinstance(plans, Plan) else plans)}
        folder = (
            run_record.kept(self.framework, self.facts, chosen, draws, self.seed, years, held)
            if keep
            else None
        )
        return simulate(
            self.framework,
            self.facts,
            chosen,
            draws=draws,
            seed=self.seed,
            years=years,
            held=held,
            keep=folder,
            progress=progress,
        )

    def compare(self, plans: Sequence[Plan], draws: int = 1000) -> Simulation:
        """Return what plans do beside one another."""
        return self.simulate(plans, draws)

    def allocate(
        self,
        budget_usd: float | None = None,
        objective: str = "homicides",
        walls: bool = True,
        draws: int = 2000,
        years: int | None = None,
        held: Mapping[str, float] | None = None,
        progress: Callable[[int, int], None] = lambda *_: None,
    ) -> Allocation:
        """Return the allocation with the fewest homicides, or hours lost at the ports; see `merida.decide.allocation`."""
        from merida.decide import allocate

        return allocate(
            self.framework,
            self.facts,
            objective=objective,
            budget_usd=budget_usd,
            walls=walls,
            draws=draws,
            years=years,
            seed=self.seed,
            held=held,
            progress=progress,
        )

    @property
    def violence(self) -> Violence:
        """What is likely next, and where violence is; see `merida.violence`."""
        from merida.violence import Violence

        return Violence(self.facts, self.seed)

    def brief(self, language: str | Iterable[str] = ("en", "es")) -> Brief:
        """Return the brief, in one language or several; ``.write(folder)`` writes it."""
        from merida.brief import Brief
        from merida.brief.findings import gather

        languages = (language,) if isinstance(language, str) else tuple(language)
        return Brief(
            self.facts,
            languages,
            lambda progress: gather(self.framework, self.facts, seed=self.seed, progress=progress),
        )
