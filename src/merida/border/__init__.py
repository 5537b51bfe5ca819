"""The border: how long vehicles wait at each port of entry, what that costs, and what would shorten it.

``queueing`` simulates booths, ``crossings`` holds the record and its schedules, ``delay`` counts hours and dollars lost,
and ``investment`` says what officers, lanes and trusted traffic gain and how they are paid.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from merida.border.crossings import (
        Place,
        find_place,
        officer_cost_per_hour,
        one_site,
        port_scenario,
    )
    from merida.border.queueing import (
        Baulking,
        LaneClass,
        LaneFlow,
        PortOutcome,
        Pressure,
        QueueResult,
        Scenario,
        Secondary,
        queue,
        simulate,
    )

__all__ = [
    "Baulking",
    "LaneClass",
    "LaneFlow",
    "Place",
    "PortOutcome",
    "Pressure",
    "QueueResult",
    "Scenario",
    "Secondary",
    "find_place",
    "officer_cost_per_hour",
    "one_site",
    "port_scenario",
    "queue",
    "simulate",
]

HOMES = {
    "Baulking": "queueing",
    "LaneClass": "queueing",
    "LaneFlow": "queueing",
    "Place": "crossings",
    "PortOutcome": "queueing",
    "Pressure": "queueing",
    "QueueResult": "queueing",
    "Scenario": "queueing",
    "Secondary": "queueing",
    "find_place": "crossings",
    "officer_cost_per_hour": "crossings",
    "one_site": "crossings",
    "port_scenario": "crossings",
    "queue": "queueing",
    "simulate": "queueing",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for: what answers without JAX does not wait for it."""
    if name not in HOMES:
        raise AttributeError(f"module 'merida.border' has no attribute {name!r}")
    return getattr(import_module(f"merida.border.{HOMES[name]}"), name)
