"""Laws: what is believed of a number before, or instead of, data."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, model_validator

if TYPE_CHECKING:  # frameworks are read without NumPy: the command line starts in a quarter of a second
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
else:
    Floats = "numpy.ndarray"

Z95 = 1.6448536269514722  # standard normal quantile at 0.95


class Distribution(BaseModel):
    """The law of one number, by its 5th and 95th percentile.

    Parameters
    ----------
    kind : {"fixed", "normal", "lognormal", "share", "uniform"}
        ``lognormal`` is normal in the logarithm, ``share`` normal in the logit (strictly between 0 and 1),
        ``uniform`` runs from `low` to `high`, ``fixed`` is `value`.
    low, high : float
        5th and 95th percentile (the ends, for ``uniform``).
    value : float
        The number, for ``fixed``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    kind: Literal["fixed", "normal", "lognormal", "share", "uniform"]
    low: float | None = None
    high: float | None = None
    value: float | None = None

    @model_validator(mode="after")
    def complete(self) -> Distribution:
        """Refuse a law that lacks a number, or whose numbers its kind cannot have."""
        if self.kind == "fixed":
            if self.value is None or self.low is not None or self.high is not None:
                raise ValueError("a fixed law takes `value` alone")
            if not math.isfinite(self.value):
                raise ValueError("`value` must be finite")
            return self
        if self.low is None or self.high is None or self.value is not None:
            raise ValueError(f"a {self.kind} law takes `low` and `high`")
        if not (math.isfinite(self.low) and math.isfinite(self.high)) or self.low >= self.high:
            raise ValueError("`low` must be below `high`, both finite")
        if self.kind == "lognormal" and self.low <= 0:
            raise ValueError("a lognormal law takes numbers above 0")
        if self.kind == "share" and not (self.low > 0 and self.high < 1):
            raise ValueError("a share law takes numbers between 0 and 1, ends excluded")
        return self

    def at(self, z: npt.ArrayLike) -> Floats:
        """Return the number at standard normal scores `z` (any shape): at 0 the median."""
        import numpy as np

        z = np.asarray(z, dtype=np.float64)
        if self.kind == "fixed":
            return np.full(z.shape, self.value)
        assert self.low is not None
        assert self.high is not None
        if self.kind == "uniform":
            from scipy.special import ndtr

            return self.low + (self.high - self.low) * np.asarray(ndtr(z), dtype=np.float64)
        ends = np.array([self.low, self.high])
        if self.kind == "lognormal":
            ends = np.log(ends)
        elif self.kind == "share":
            ends = np.log(ends / (1 - ends))
        values = ends.mean() + (ends[1] - ends[0]) / (2 * Z95) * z
        if self.kind == "lognormal":
            values = np.exp(values)
        elif self.kind == "share":
            values = 1 / (1 + np.exp(-values))
        return np.asarray(values, dtype=np.float64)

    @property
    def median(self) -> float:
        """The median."""
        return float(self.at(0.0))
