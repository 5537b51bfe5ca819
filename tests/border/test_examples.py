"""The examples in the docstrings of the border room give what they say."""

import doctest
import importlib
from pathlib import Path

import numpy as np
import pytest

from merida.border import crossings, delay, investment, queueing
from merida.border.crossings.schedules import schedules
from merida.border.crossings.weekly_waits import week
from merida.border.investment.changes import crossing, officer
from merida.border.investment.finance import loan
from merida.border.investment.gain import settings
from merida.border.queueing import LaneClass, Scenario, port
from merida.facts import Facts

ROOMS = ("queueing", "crossings", "hourly", "delay", "investment")
SLOW = {"experiment", "checks", "readings"}  # the experiment of 29 crossings is run by the end-to-end tests


@pytest.fixture(scope="module")
def shared(facts: Facts) -> dict[str, object]:
    """Return what examples may take as given: the Bridge of the Americas, its schedules, a scenario, a loan."""
    site = crossings.one_site(facts, crossings.find_place(facts, "BOTA"), "cars")
    scheduled = schedules(facts, site, draws=2)
    tecate = crossings.sites(facts, crossings.find_place(facts, "Tecate"), "cars")
    two_classes = tuple(LaneClass(name, [60.0] * 24, [2] * 24, 0.75) for name in ("general", "ready"))
    names: dict[str, object] = {
        "np": np,
        "Path": Path,
        "facts": facts,
        "site": site,
        "scheduled": scheduled,
        "here": crossing(site, scheduled),
        "scenario": Scenario(two_classes[:1]),
        "given": port(Scenario(two_classes)),
        "loan_flow": loan(10e6, loan_share=0.8, rate=0.04, draw_years=2, grace_years=3, tenor_years=20),
        "delays": delay.delay(facts, tecate, "2019", draws=2),
        "crossing": crossing,
        "officer": officer,
        "schedules": schedules,
        "settings": settings,
        "week": week,
    }
    for exported in (queueing, crossings, delay, investment):
        names |= {name: getattr(exported, name) for name in exported.__all__}
    return names


@pytest.mark.parametrize("room", ROOMS)
def test_examples(facts: Facts, shared: dict[str, object], room: str) -> None:
    package = importlib.import_module(f"merida.border.{room}")
    tried = 0
    for path in sorted(Path(str(package.__file__)).parent.glob("[!_]*.py")):
        module = importlib.import_module(f"merida.border.{room}.{path.stem}")
        names = shared | vars(module) | {"Facts": lambda as_of=None: Facts(as_of) if as_of else facts}
        for example in doctest.DocTestFinder().find(module, globs=names):
            if example.examples and example.name.rsplit(".")[-1] not in SLOW:
                result = doctest.DocTestRunner(verbose=False).run(example)
                assert not result.failed, example.name
                tried += result.attempted
    assert tried > 5
