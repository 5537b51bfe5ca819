"""Two places of the record of December 2012, in which one mechanism can be stepped by hand."""

from functools import cache
from types import SimpleNamespace

import numpy as np

from merida.facts import Facts
from merida.framework import Framework
from merida.models.registry import MECHANISMS
from merida.models.socket.domain import Domain


@cache
def facts_2012() -> Facts:
    return Facts("2012-12")


@cache
def small_domain() -> Domain:
    forecast = SimpleNamespace(
        first_month="2012-01",
        places=("08037", "09014"),
        states=("08", "09"),
        population=np.array([1.3e6, 0.4e6]),
        recent_deaths=np.array([1200.0, 10.0]),
    )
    running = tuple(mechanism for mechanism in MECHANISMS if not mechanism.on_demand)
    tables = {name: make(facts_2012()) for mechanism in running for name, make in mechanism.tables.items()}
    return Domain(Framework.load("merida"), forecast, (), "2013-01", 5, 300.0, running, tables)
