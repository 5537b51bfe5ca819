"""What officers, lanes and trusted traffic gain at a crossing, what they cost, and how they are paid.

With the answer of travellers to shorter waits, and the published experiments done again on our schedules.
"""

from merida.border.investment.changes import Crossing, CrossingChange
from merida.border.investment.costs import LANES, life, recovery, unit_cost, yearly
from merida.border.investment.create_experiment import PublishedCheck, checks, experiment, theirs
from merida.border.investment.finance import (
    CashFlow,
    apportioned,
    by_state,
    lasting,
    loan,
    net_present_value,
    programme_flow,
    public_cost,
)
from merida.border.investment.gain import Gain, quantiles
from merida.border.investment.invest import gains, ranked
from merida.border.investment.traveller_response import Response, response

__all__ = [
    "LANES",
    "CashFlow",
    "Crossing",
    "CrossingChange",
    "Gain",
    "PublishedCheck",
    "Response",
    "apportioned",
    "by_state",
    "checks",
    "experiment",
    "gains",
    "lasting",
    "life",
    "loan",
    "net_present_value",
    "programme_flow",
    "public_cost",
    "quantiles",
    "ranked",
    "recovery",
    "response",
    "theirs",
    "unit_cost",
    "yearly",
]
