"""The border: how long vehicles wait at each port of entry, what that costs, and what would shorten it.

``queueing`` simulates booths, ``crossings`` holds the record and its schedules, ``delay`` counts hours and dollars lost,
and ``investment`` says what officers, lanes and trusted traffic gain and how they are paid.
"""

from typing import TYPE_CHECKING

from merida.lazily import lazily

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


__getattr__ = lazily(__name__, HOMES)  # what answers without JAX does not wait for it
