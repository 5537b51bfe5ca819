"""The crossings of the record: what is published of each, and which schedules are consistent with it.

The finder of ports and crossings, their lanes and volumes, the calibration, and its draws of arrivals, booths and
service.
"""

from merida.border.crossings.find import find_place, lanes_of, one_lane, one_site, posted_by
from merida.border.crossings.ports import officer_cost_per_hour, port_scenario
from merida.border.crossings.sites import (
    CLASSES,
    MODES,
    Place,
    Port,
    Site,
    busiest,
    first_volume,
    last_full_year,
    on_record,
    per_day,
    sites,
)

__all__ = [
    "CLASSES",
    "MODES",
    "Place",
    "Port",
    "Site",
    "busiest",
    "find_place",
    "first_volume",
    "lanes_of",
    "last_full_year",
    "officer_cost_per_hour",
    "on_record",
    "one_lane",
    "one_site",
    "per_day",
    "port_scenario",
    "posted_by",
    "sites",
]
