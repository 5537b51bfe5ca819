"""The border: how long vehicles wait at each port of entry, what that costs, and what would shorten it.

``queueing`` simulates booths, ``crossings`` holds the record and its schedules, ``delay`` counts hours and dollars lost,
and ``investment`` says what officers, lanes and trusted traffic gain and how they are paid.
"""

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
