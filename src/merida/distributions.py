"""Distributions: what is believed of one number before, or instead of, data."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer, model_validator

if TYPE_CHECKING:  # frameworks are read without NumPy: the command line starts in a quarter of a second
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
else:
    Floats = "numpy.ndarray"

Z95 = 1.6448536269514722  # standard normal quantile at 0.95
OLD_FIELDS = ("kind", "low", "high", "value")  # written even where they are empty


class Distribution(BaseModel):
    """What is believed of one number, by its 5th and 95th percentile or by its median and standard deviation.

    Parameters
    ----------
    kind : {"fixed", "normal", "lognormal", "share", "uniform"}
        ``lognormal`` is normal in the logarithm, ``share`` normal in the logit (strictly between 0 and 1),
        ``uniform`` runs from `low` to `high`, ``fixed`` is `value`.
    low, high : float
        5th and 95th percentile (the ends, for ``uniform``).
    value : float
        The number, for ``fixed``.
    middle, sd : float
        In place of `low` and `high`: the median, and the standard deviation on the scale on which the kind is normal.

    Examples
    --------
    >>> Distribution(kind="lognormal", low=1.0, high=4.0).median
    2.0
    >>> Distribution(kind="share", middle=0.92, sd=0.3).median
    0.92
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    kind: Literal["fixed", "normal", "lognormal", "share", "uniform"]
    low: float | None = None
    high: float | None = None
    value: float | None = None
    middle: float | None = None
    sd: float | None = None

    @model_validator(mode="after")
    def complete(self) -> Distribution:
        """Refuse a distribution that lacks a number, or whose numbers its kind cannot have."""
        if self.kind == "fixed":
            self._refuse_beside(self.low, self.high, self.middle, self.sd)
            if self.value is None or not math.isfinite(self.value):
                raise ValueError("a fixed distribution takes `value` alone, which must be finite")
            return self
        if self.middle is not None or self.sd is not None:
            self._refuse_beside(self.low, self.high, self.value)
            return self._checked_middle()
        if self.low is None or self.high is None or self.value is not None:
            raise ValueError(f"a {self.kind} distribution takes `low` and `high`")
        if not (math.isfinite(self.low) and math.isfinite(self.high)) or self.low >= self.high:
            raise ValueError("`low` must be below `high`, both finite")
        self._refuse_off_scale(self.low, self.high)
        return self

    def _refuse_beside(self, *others: float | None) -> None:
        if any(other is not None for other in others):
            raise ValueError("give `value`, or `low` and `high`, or `middle` and `sd`")

    def _checked_middle(self) -> Distribution:
        if self.kind == "uniform" or self.middle is None or self.sd is None:
            raise ValueError("`middle` and `sd` go together, and not with a uniform distribution")
        if not (math.isfinite(self.middle) and math.isfinite(self.sd) and self.sd > 0):
            raise ValueError("`middle` must be finite, and `sd` finite and above 0")
        self._refuse_off_scale(self.middle)
        return self

    def _refuse_off_scale(self, *numbers: float) -> None:
        if self.kind == "lognormal" and min(numbers) <= 0:
            raise ValueError("a lognormal distribution takes numbers above 0")
        if self.kind == "share" and not (min(numbers) > 0 and max(numbers) < 1):
            raise ValueError("a share distribution takes numbers between 0 and 1, ends excluded")

    @model_serializer(mode="wrap")
    def stated(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Return the fields without a median and standard deviation that were not given: digests of old runs hold."""
        fields: dict[str, Any] = write(self)
        return {name: number for name, number in fields.items() if number is not None or name in OLD_FIELDS}

    def at(self, z: npt.ArrayLike) -> Floats:
        """Return the number at standard normal scores `z` (any shape): at 0 the median."""
        import numpy as np

        z = np.asarray(z, dtype=np.float64)
        if self.kind == "fixed":
            return np.full(z.shape, self.value)
        if self.kind == "uniform":
            from scipy.special import ndtr

            assert self.low is not None
            assert self.high is not None
            return self.low + (self.high - self.low) * np.asarray(ndtr(z), dtype=np.float64)
        if self.sd is not None:
            values = self._scaled(self.middle) + self.sd * z
        else:
            ends = self._scaled([self.low, self.high])
            values = ends.mean() + (ends[1] - ends[0]) / (2 * Z95) * z
        if self.kind == "lognormal":
            values = np.exp(values)
        elif self.kind == "share":
            values = 1 / (1 + np.exp(-values))
        return np.asarray(values, dtype=np.float64)

    def _scaled(self, numbers: object) -> Floats:
        """Return numbers on the scale on which the kind is normal."""
        import numpy as np

        plain = np.asarray(numbers, dtype=np.float64)
        if self.kind == "lognormal":
            return np.log(plain)
        return np.log(plain / (1 - plain)) if self.kind == "share" else plain

    @property
    def median(self) -> float:
        """The median."""
        return float(self.at(0.0)) if self.middle is None else self.middle

    @property
    def ends(self) -> tuple[float, float] | None:
        """The 5th and 95th percentile (the ends, for ``uniform``); None for a fixed number."""
        if self.kind == "fixed":
            return None
        if self.low is not None and self.high is not None:
            return self.low, self.high
        low, high = self.at([-Z95, Z95]).tolist()
        return low, high

    @property
    def sd_on_scale(self) -> float:
        """The standard deviation on the scale on which the kind is normal: of the logarithm, the logit or the number."""
        import numpy as np

        if self.sd is not None:
            return self.sd
        if self.kind == "lognormal":
            assert self.low is not None
            assert self.high is not None
            return float(np.log(self.high / self.low) / (2 * Z95))
        low, high = self._scaled([self.low, self.high]).tolist()
        return float((high - low) / (2 * Z95))
