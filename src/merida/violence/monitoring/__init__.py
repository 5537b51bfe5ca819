"""Where violence is and how it moved: level, change, concentration, clusters, onset, who is said to kill.

Rates of small places are shrunk, changes have a probability; nothing here looks ahead.
"""

from merida.violence.monitoring.breaks import Break, Breaks, find_breaks
from merida.violence.monitoring.change import RateChange, change
from merida.violence.monitoring.cross_section import CrossSection
from merida.violence.monitoring.monitor import Monitor, monitor
from merida.violence.monitoring.shrinkage import Shrunk, shrink
from merida.violence.monitoring.spatial import Clusters, clusters

__all__ = [
    "Break",
    "Breaks",
    "Clusters",
    "CrossSection",
    "Monitor",
    "RateChange",
    "Shrunk",
    "change",
    "clusters",
    "find_breaks",
    "monitor",
    "shrink",
]
