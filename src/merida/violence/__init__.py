"""Where violence is, how it moved, and what is likely next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from merida.facts import Facts
from merida.parameters.registry import settings
from merida.violence.forecasting import Forecast, Samples, forecast
from merida.violence.forecasting.forecast import checked
from merida.violence.monitoring import Monitor, monitor


@dataclass(frozen=True)
class Violence:
    """The questions on violence that a laboratory answers, on the record of its date.

    Parameters
    ----------
    facts : Facts
        The record.
    seed : int
        Of every draw.

    Examples
    --------
    >>> violence = Violence(Facts("2012-12"))
    >>> violence.forecast(months=12, draws=100).of("08037").shape
    (100, 12)
    >>> violence.monitor("Ciudad Juárez").year
    2011
    """

    facts: Facts
    seed: int = 0

    def forecast(
        self, months: int = 36, draws: int = 1000, held: Mapping[str, float] | None = None
    ) -> Samples:
        """Return draws of deaths by harmonised municipality and month.

        Parameters
        ----------
        months : int
            1 to 60, from the first month whose deaths are not known.
        draws : int
        held : mapping of str to float
            Priors of the forecast held at one number, by path; see `merida.parameters.settings`.

        Raises
        ------
        ViolenceError
            If the horizon is not 1 to 60 months, there are no draws or more than memory holds, or fewer than three
            years of deaths had been published.
        """
        checked(months, draws)
        return forecast(self.facts, months, self.seed, settings(held)).samples(draws)

    def monitor(self, place: str = "nation") -> Monitor:
        """Return where violence is in a place and how it moved.

        Parameters
        ----------
        place : str
            A code or name, as `merida.places.find_place` takes it.

        Raises
        ------
        PlaceError
            If there is no such place, or several.
        ViolenceError
            If no population is on record for it.
        """
        return monitor(self.facts, place, seed=self.seed)


__all__ = ["Forecast", "Samples", "Violence", "forecast"]
