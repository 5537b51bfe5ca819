"""What waiting costs: hours and dollars lost by crossing, the chance of a long queue, waits as agencies post them.

Also what an hour is worth, and the gate for a table of waits of a user's own.
"""

from merida.border.delay.hour_by_hour import HourByHour, hour_by_hour, over_week
from merida.border.delay.hours_lost import Delay, by_port, delay, national
from merida.border.delay.posted_waits import Predicted, Score, climatology, predicted, score
from merida.border.delay.value_of_time import Values, values
from merida.border.delay.waits_table import read_waits

__all__ = [
    "Delay",
    "HourByHour",
    "Predicted",
    "Score",
    "Values",
    "by_port",
    "climatology",
    "delay",
    "hour_by_hour",
    "national",
    "over_week",
    "predicted",
    "read_waits",
    "score",
    "values",
]
