"""What officers, lanes and trusted traffic gain at a crossing, what they cost, and how they are paid.

With the answer of travellers to shorter waits, and the published experiments done again on our schedules.
"""

from merida.border.investment.changes import Crossing, CrossingChange
from merida.border.investment.costs import LANES, life, recovery, unit_cost, yearly
from merida.border.investment.create_experiment import (
    PublishedCheck,
    checks,
    experiment,
    published_officer,
    published_text,
    source_of,
    theirs,
    with_their_ratios,
)
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
from merida.border.investment.invest import gains, gathered, ranked
from merida.border.investment.lane_loan import LaneLoan, Terms, lane_loan, published_scale
from merida.border.investment.traveller_response import Response, response

__all__ = [
    "LANES",
    "CashFlow",
    "Crossing",
    "CrossingChange",
    "Gain",
    "LaneLoan",
    "PublishedCheck",
    "Response",
    "Terms",
    "apportioned",
    "by_state",
    "checks",
    "experiment",
    "gains",
    "gathered",
    "lane_loan",
    "lasting",
    "life",
    "loan",
    "net_present_value",
    "programme_flow",
    "public_cost",
    "published_officer",
    "published_scale",
    "published_text",
    "quantiles",
    "ranked",
    "recovery",
    "response",
    "source_of",
    "theirs",
    "unit_cost",
    "with_their_ratios",
    "yearly",
]
