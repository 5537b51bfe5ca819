"""What answers rest on: the record as of a date, a framework, the register; made once and shared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from merida.answers.request import Request
    from merida.evidence import Register
    from merida.facts import Facts
    from merida.framework import Framework, Plan


@dataclass(frozen=True)
class Context:
    """The record, the framework and the register of one date.

    Parameters
    ----------
    as_of : str or None
        ``YYYY-MM``: only what had been published by the end of that month.
    framework_name : str
        A shipped framework's name or the path of a framework file.

    Raises
    ------
    FactsError
        When the record is first needed, if `as_of` is not a month within it.
    FrameworkError
        When the framework is first needed, if there is none or its file has a mistake.
    """

    as_of: str | None = None
    framework_name: str = "merida"

    @classmethod
    def of(cls, request: Request) -> Context:
        """Return the context that a request asks for."""
        return cls(getattr(request, "as_of", None), getattr(request, "framework", "merida"))

    @classmethod
    def around(cls, facts: Facts, framework: Framework | None = None) -> Context:
        """Return the context of a record that is open already."""
        made = cls(facts.as_of, framework.source if framework else "merida")
        made.__dict__["facts"] = facts
        if framework:
            made.__dict__["framework"] = framework
        return made

    @cached_property
    def facts(self) -> Facts:
        """The record."""
        from merida.facts import Facts

        return Facts(self.as_of)

    @cached_property
    def framework(self) -> Framework:
        """The framework."""
        from merida.framework import Framework

        return Framework.load(self.framework_name)

    @cached_property
    def register(self) -> Register:
        """The register of studies."""
        from merida.evidence import Register

        return Register(self.as_of)

    def plan(self, name: str, as_given: bool = False) -> Plan:
        """Return a plan by its name, its file or its own JSON."""
        from merida.framework import plan_of

        return plan_of(name, self.framework, self.facts, as_given)

    def plans(self, names: Sequence[str], as_given: bool = False) -> list[Plan]:
        """Return plans in the order of their names."""
        return [self.plan(name, as_given) for name in names]
