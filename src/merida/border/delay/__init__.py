"""What waiting costs: hours and dollars lost by crossing, the chance of a long queue, waits as agencies post them.

Also what an hour is worth, and the gate for a table of waits of a user's own.
"""

from typing import TYPE_CHECKING

from merida.lazily import lazily

if TYPE_CHECKING:
    from merida.border.delay.hours_lost import Delay, by_port, delay, national
    from merida.border.delay.posted_waits import Predicted, Score, climatology, predicted, score
    from merida.border.delay.value_of_time import Values, values
    from merida.border.delay.waits_table import read_waits

__all__ = [
    "Delay",
    "Predicted",
    "Score",
    "Values",
    "by_port",
    "climatology",
    "delay",
    "national",
    "predicted",
    "read_waits",
    "score",
    "values",
]

HOMES = {
    "Delay": "hours_lost",
    "Predicted": "posted_waits",
    "Score": "posted_waits",
    "Values": "value_of_time",
    "by_port": "hours_lost",
    "climatology": "posted_waits",
    "delay": "hours_lost",
    "national": "hours_lost",
    "predicted": "posted_waits",
    "read_waits": "waits_table",
    "score": "posted_waits",
    "values": "value_of_time",
}


__getattr__ = lazily(__name__, HOMES)  # what answers without JAX does not wait for it
