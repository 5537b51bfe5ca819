"""What is likely next: one hierarchical model of counts, its baselines, and how well both did before.

Forecasts add up from municipality to state and nation; scores come from rolling origins, or from a user's own deaths.
"""

from merida.violence.forecasting.backtest import Backtest, OriginScores, backtest, origins_within
from merida.violence.forecasting.baselines import BASELINES
from merida.violence.forecasting.fitting import fitted, forecast
from merida.violence.forecasting.forecast import Forecast
from merida.violence.forecasting.outlook import Outlook, outlook, summary
from merida.violence.forecasting.samples import Samples
from merida.violence.forecasting.scoring import PlaceScore, Scored, score

__all__ = [
    "BASELINES",
    "Backtest",
    "Forecast",
    "OriginScores",
    "Outlook",
    "PlaceScore",
    "Samples",
    "Scored",
    "backtest",
    "fitted",
    "forecast",
    "origins_within",
    "outlook",
    "score",
    "summary",
]
