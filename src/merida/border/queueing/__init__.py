"""Queues before booths: how long vehicles wait for given arrivals, booths and service.

The event-exact engine, a fluid approximation, a light differentiable kernel, the bare queue and priority lanes.
Everything here is a function of a scenario; nothing is read from the record.
"""

from typing import TYPE_CHECKING

from merida.lazily import lazily

if TYPE_CHECKING:
    from merida.border.queueing.bare_queue import QueueResult, queue
    from merida.border.queueing.engine import simulate
    from merida.border.queueing.fluid import FluidFlow, FluidPort, flow, move_share, port, with_officers
    from merida.border.queueing.mean_wait import waited_minutes
    from merida.border.queueing.priority import priority_waits
    from merida.border.queueing.scenario import Baulking, LaneClass, Pressure, Scenario, Secondary, number
    from merida.border.queueing.summary import LaneFlow, PortOutcome

__all__ = [
    "Baulking",
    "FluidFlow",
    "FluidPort",
    "LaneClass",
    "LaneFlow",
    "PortOutcome",
    "Pressure",
    "QueueResult",
    "Scenario",
    "Secondary",
    "flow",
    "move_share",
    "number",
    "port",
    "priority_waits",
    "queue",
    "simulate",
    "waited_minutes",
    "with_officers",
]

HOMES = {
    "Baulking": "scenario",
    "FluidFlow": "fluid",
    "FluidPort": "fluid",
    "LaneClass": "scenario",
    "LaneFlow": "summary",
    "PortOutcome": "summary",
    "Pressure": "scenario",
    "QueueResult": "bare_queue",
    "Scenario": "scenario",
    "Secondary": "scenario",
    "flow": "fluid",
    "move_share": "fluid",
    "number": "scenario",
    "port": "fluid",
    "priority_waits": "priority",
    "queue": "bare_queue",
    "simulate": "engine",
    "waited_minutes": "mean_wait",
    "with_officers": "fluid",
}


__getattr__ = lazily(__name__, HOMES)  # what answers without JAX does not wait for it
