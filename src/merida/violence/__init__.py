"""Where violence is, how it moved, and what is likely next."""

from merida.violence.recent import Forecast, forecast

__all__ = ["Forecast", "forecast"]
