"""Ports of entry as queues: an event-exact engine, a fluid approximation, and the ports of the record."""

from merida.border.crossings.find import find_place, one_site
from merida.border.crossings.ports import officer_cost_per_hour, parameters, port_scenario
from merida.border.queueing.bare_queue import QueueResult, queue
from merida.border.queueing.engine import simulate
from merida.border.queueing.scenario import Baulking, LaneClass, Pressure, Scenario, Secondary
from merida.border.queueing.summary import LaneFlow, PortOutcome

__all__ = [
    "Baulking",
    "LaneClass",
    "LaneFlow",
    "PortOutcome",
    "Pressure",
    "QueueResult",
    "Scenario",
    "Secondary",
    "find_place",
    "officer_cost_per_hour",
    "one_site",
    "parameters",
    "port_scenario",
    "queue",
    "simulate",
]
