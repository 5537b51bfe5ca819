"""Frameworks and plans as data: what may be paid for, by whom, where; and what a plan pays for."""

from merida.framework.builtin import names, places, plan_named, plan_of, plan_start
from merida.framework.framework import Framework
from merida.framework.labels import labelled, labels
from merida.framework.plan import Difference, Plan
from merida.framework.plan_rows import Places, PlanRow
from merida.framework.types import Cost, Programme

__all__ = [
    "Cost",
    "Difference",
    "Framework",
    "Places",
    "Plan",
    "PlanRow",
    "Programme",
    "labelled",
    "labels",
    "names",
    "places",
    "plan_named",
    "plan_of",
    "plan_start",
]
