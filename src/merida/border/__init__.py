"""Ports of entry as queues: an event-exact engine, a fluid approximation, and the ports of the record."""

from merida.border.engine import simulate
from merida.border.ports import find_port, officer_cost_per_hour, parameters, port_scenario
from merida.border.queue import QueueResult, queue
from merida.border.scenario import Baulking, LaneClass, Pressure, Scenario, Secondary
from merida.border.summary import Flow, Outcome

__all__ = [
    "Baulking",
    "Flow",
    "LaneClass",
    "Outcome",
    "Pressure",
    "QueueResult",
    "Scenario",
    "Secondary",
    "find_port",
    "officer_cost_per_hour",
    "parameters",
    "port_scenario",
    "queue",
    "simulate",
]
