"""What is asked of a run by name or by number of years, refused clearly where the run does not hold it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Never, TypeVar

from merida.errors import PlanError, nearest

Value = TypeVar("Value")


class ByPlan(dict[str, Value]):
    """What a run holds of each of its plans; another name is a clear error with the nearest."""

    def __missing__(self, name: str) -> Never:
        """Refuse a plan that is not in the run.

        Raises
        ------
        PlanError
            Always: that there is no such plan, or that the outcome was not computed for any.
        """
        if not self:
            raise PlanError("outcome_not_in_run", found=name)
        raise PlanError("plan_not_in_run", found=name, nearest=nearest(name, self))


def place_of(name: str, names: Sequence[str]) -> int:
    """Return where a state, mode or count stands in a run's arrays.

    Raises
    ------
    PlanError
        If the run has none of that name.

    Examples
    --------
    >>> place_of("cars", ("trucks", "cars"))
    1
    """
    if name not in names:
        raise PlanError("not_in_run", found=name, nearest=nearest(name, names))
    return names.index(name)


def first_years(years: int | None, evaluated: int) -> slice:
    """Return the slice of the first `years` of those evaluated, or of all of them.

    Raises
    ------
    PlanError
        If the run does not evaluate so many years.

    Examples
    --------
    >>> first_years(5, 15)
    slice(None, 5, None)
    """
    if years is not None and not 1 <= years <= evaluated:
        raise PlanError("window_out_of_range", found=years, most=evaluated)
    return slice(years)
