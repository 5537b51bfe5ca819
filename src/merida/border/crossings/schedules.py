"""Draws of the schedules of a crossing in a month: fitted where waits were published, wide where they were not.

The fit takes hours, so it is run once (``scripts/calibrate_border.py``), and its draws are kept in ``schedules.npz``.
They rest on waits read in February 2026. As of an earlier month these were not known, and the schedules are then draws of
the prior around the volumes of the record (SCIENCE rules 2 and 20).
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import NamedTuple
from zipfile import ZipFile

import numpy as np

from merida.border.crossings.calibration import DrawnSchedules, K, too_long
from merida.border.crossings.calibration import schedules as of_scores
from merida.border.crossings.calibration import waits as mean_waits
from merida.border.crossings.panels import (
    longest_wait,
    panel,
    prior,
    reference_volume,
    standard_scores,
)
from merida.border.crossings.sites import CLASSES, Site, per_day
from merida.border.priors import ASSUMED, MEAN_MONTH, PRIORS, REFERENCE, shaped_fit
from merida.distributions import Floats
from merida.draws import stream
from merida.errors import BorderError
from merida.facts import Facts
from merida.priors import Priors
from merida.shipped import content, whole

KNOWN_FROM = "2026-02"  # when the last of what the fit rests on became public
KEPT = 48  # draws of each crossing in ``schedules.npz``
ROUNDS, MORE = 6, 1.15  # rounds in which booths are added where waits would not be let stand, and how many
ROWS = 24  # draws and classes whose waits are computed at once, at least
TRIES = 4  # draws of the prior among which one is chosen


class Schedules(NamedTuple):
    """Draws of one crossing and mode: D draws, C classes, 7 weekdays (Monday first), 24 hours.

    Attributes
    ----------
    lanes : tuple of str
        The classes of lanes.
    arrivals : array, shape (D, C, 7, 24)
        The crossings in an hour, in the month.
    booths : array, shape (D, C, 7, 24)
        The open booths, as real numbers.
    service_minutes, service_cv : array, shape (D, C)
        The mean time at a booth, minutes, and its coefficient of variation.
    day_sd : array, shape (D,)
        The standard deviation of the logarithm of a day's volume.
    published_factor : array, shape (D,)
        A published mean wait over the true one.
    calibrated : bool
        Whether hourly waits of the crossing itself were fitted.
    month : str
        The period whose volume the schedules have: a month ``YYYY-MM``, or a year ``YYYY`` for its mean day.
    """

    lanes: tuple[str, ...]
    arrivals: Floats
    booths: Floats
    service_minutes: Floats
    service_cv: Floats
    day_sd: Floats
    published_factor: Floats
    calibrated: bool
    month: str


@cache
def kept() -> dict[str, Floats]:
    """Return the draws of the fit, read from ``schedules.npz``: an array by crossing, mode and field."""
    file = "border/crossings/schedules.npz"
    with whole(file), ZipFile(BytesIO(content(file))), np.load(BytesIO(content(file))) as draws:
        return {name: draws[name] for name in draws.files}


def schedules(
    facts: Facts,
    site: Site,
    month: str | None = None,
    draws: int = KEPT,
    seed: int = 0,
    priors: Priors = PRIORS,
) -> Schedules:
    """Return draws of the schedules of a crossing in a month or on the mean day of a year.

    Draws of the fit are taken in order; beyond `KEPT` they come again, with another staffing of the month. Staffing
    follows a month's volume in part, and is less certain the further the month is from the reference years.

    Parameters
    ----------
    month : str or None
        A month ``YYYY-MM`` or a year ``YYYY``; ``MM`` for a month of the reference years, or `MEAN_MONTH` for their mean.
        None means the last full year on record.
    draws : int
        The number of draws, at least 1.
    seed : int
        The seed of the draws of the prior, and of the staffing of the month.
    priors : Priors
        What is assumed, with what a user holds of it. Where that shaped the fit (`shaped_fit`), the draws of the fit
        do not hold under it, and the schedules are draws of the prior.

    Raises
    ------
    BorderError
        If the period is not on record there, or there are no draws.

    Examples
    --------
    >>> site = one_site(Facts(), find_place(Facts(), "BOTA"), "cars")
    >>> schedules(Facts(), site, "2012", draws=2).lanes
    ('general', 'ready')
    """
    if draws < 1:
        raise BorderError("border_draws", found=draws)
    if month == MEAN_MONTH:
        volume = reference_volume(facts, site)
    elif month is not None and len(month) == 2:
        volume = reference_volume(facts, site, (int(month),))
    else:
        volume, month = per_day(facts, site, month)
    published = facts.as_of is None or facts.as_of >= KNOWN_FROM
    known = published and not shaped_fit(priors) and f"{site.key}.arrivals" in kept()
    if known:
        fitted, served, calibrated = of_fit(site, draws)
        reference = reference_volume(facts, site)
    else:
        fitted, served = of_prior(facts, site, volume, draws, seed, priors)
        calibrated = False
        reference = volume
    grown = volume / reference
    staffing = (
        month_of_staffing(facts, site, month, volume, draws, seed, priors) if known else np.ones((draws, K))
    )
    has = served > 0
    arrivals, usual = np.asarray(fitted.arrivals)[:, has] * grown, np.asarray(fitted.booths)[:, has]
    service = np.asarray(fitted.service_minutes)[:, has]
    more = np.where(usual > 0.5, np.maximum(usual * staffing[:, has, None, None], 1.0), usual)
    most = np.inf if site.lanes is None else max(site.lanes, has.sum())
    more = more * np.minimum(1.0, most / more.sum(axis=1, keepdims=True))
    drawn = DrawnSchedules(
        arrivals,
        more,
        service,
        np.asarray(fitted.service_cv)[:, has],
        np.asarray(fitted.day_sd),
        np.asarray(fitted.published_factor),
    )
    if known and (grown > 1.02 * staffing[:, has]).any():
        drawn = let_stand(drawn, longest_wait(priors))
    names = tuple(name for name, there in zip(CLASSES[site.mode], has, strict=False) if there)
    return Schedules(
        names,
        arrivals=np.asarray(drawn.arrivals),
        booths=np.asarray(drawn.booths),
        service_minutes=np.asarray(drawn.service_minutes),
        service_cv=np.asarray(drawn.service_cv),
        day_sd=np.asarray(drawn.day_sd),
        published_factor=np.asarray(drawn.published_factor),
        calibrated=calibrated,
        month=month,
    )


def let_stand(given: DrawnSchedules, longest: tuple[float, float]) -> DrawnSchedules:
    """Return schedules with more booths wherever waits would not have been let stand.

    What was counted did cross: where another year's volume would overload the booths, there were more, or faster ones.

    Parameters
    ----------
    given : DrawnSchedules
        The schedules of one crossing, without an axis of crossings.
    """
    arrivals, booths = np.asarray(given.arrivals), np.array(given.booths)
    draw, lane = (
        index.ravel() for index in np.indices(booths.shape[:2])
    )  # of what is not known to be let stand
    for _ in range(ROUNDS):
        rows = np.minimum(
            np.arange(-(-len(draw) // ROWS) * ROWS), len(draw) - 1
        )  # padded: few shapes are compiled
        at, of = draw[rows], lane[rows]
        one_class = DrawnSchedules(
            arrivals[at, of][None, :, None],
            booths[at, of][None, :, None],
            np.asarray(given.service_minutes)[at, of][None, :, None],
            np.asarray(given.service_cv)[at, of][None, :, None],
            np.asarray(given.day_sd)[at][None],
            np.asarray(given.published_factor)[at][None],
        )
        unbelievable = np.asarray(too_long(longest, mean_waits(one_class)))[0, : len(draw)] > 1
        draw, lane = draw[unbelievable], lane[unbelievable]
        if not len(draw):
            break
        booths[draw, lane] *= MORE
    return given._replace(booths=booths)


def of_prior(
    facts: Facts, site: Site, volume: float, draws: int, seed: int, priors: Priors
) -> tuple[DrawnSchedules, Floats]:
    """Return schedules of the prior around a volume, and 1 for each class that the crossing has.

    Each draw is the first of `TRIES` whose waits are let stand, or the least unbelievable of them. For the prior knows
    that waits are not left to grow for hours, which single draws of arrivals and booths do not.

    Parameters
    ----------
    volume : float
        Crossings a day.
    """
    facing = panel(facts, [site], priors=priors)._replace(volume=np.array([volume]))
    before = prior(facts, [site], facing, priors=priors)
    tried = of_scores(facing, before, standard_scores([site], draws * TRIES, seed, "prior"))
    unbelievable = np.asarray(too_long(before.longest, mean_waits(tried)))[0].reshape(draws, TRIES)
    luck = np.stack([stream(seed, f"border.prior.{site.key}.stand", d).random(TRIES) for d in range(draws)])
    stands = luck < np.exp(-unbelievable)
    chosen = np.where(stands.any(axis=1), stands.argmax(axis=1), unbelievable.argmin(axis=1))
    rows = np.arange(draws) * TRIES + chosen
    return DrawnSchedules(*(np.asarray(x)[0][rows] for x in tried)), np.asarray(
        facing.served, dtype=np.float64
    )[0]


def of_fit(site: Site, draws: int) -> tuple[DrawnSchedules, Floats, bool]:
    """Return the fitted schedules of a crossing in its mean month, its classes, and whether its own waits were fitted."""
    fitted, order = kept(), np.arange(draws) % KEPT
    served = fitted[f"{site.key}.served"]

    def field(name: str) -> Floats:
        values = np.asarray(fitted[f"{site.key}.{name}"], dtype=np.float64)[order]
        if values.ndim == 1:
            return values
        full = np.ones((draws, K, *values.shape[2:]))
        full[:, served > 0] = values
        return full

    return (
        DrawnSchedules(*(field(name) for name in DrawnSchedules._fields)),
        served,
        f"{site.key}.month" in fitted,
    )


def month_of_staffing(
    facts: Facts, site: Site, month: str, volume: float, draws: int, seed: int, priors: Priors
) -> Floats:
    """Return the factor of booths of a month, shape (draws, K).

    Where waits are published by month of the year, the factor is the staffing that gives them at the reference years'
    volume of that month. From there on it follows volume in part, and drifts with the years.

    Parameters
    ----------
    volume : float
        Crossings a day in the month.
    """
    z = np.stack([stream(seed, f"border.staffing.{site.key}", d).standard_normal(2) for d in range(draws)])
    exponent = f"{ASSUMED}.staffing_follows_volume"
    follows = priors.number(exponent) + priors.sd(exponent) * z[:, 0]
    year = int(month[:4]) if month[:4].isdigit() and len(month) > 2 else int(REFERENCE[1][:4])
    away = max(0, int(REFERENCE[0][:4]) - year, year - int(REFERENCE[1][:4])) / 10
    drift = priors.number(f"{ASSUMED}.staffing_drift") * np.sqrt(away) * z[:, 1]
    usual = np.ones((draws, K))
    reference = reference_volume(facts, site)
    if f"{site.key}.month" in kept() and month[-2:].isdigit() and len(month) != 4:
        of_year = int(month[-2:])
        order = np.arange(draws) % KEPT
        usual[:, kept()[f"{site.key}.served"] > 0] = kept()[f"{site.key}.month"][order, :, of_year - 1]
        reference = reference_volume(facts, site, (of_year,))
    factor: Floats = usual * np.exp(follows * np.log(volume / reference) + drift)[:, None]
    return factor


def waits(given: Schedules) -> Floats:
    """Return mean waits by weekday and hour of arrival, averaged over days, shape (D, C, 7, 24), minutes.

    Examples
    --------
    >>> waits(schedules(Facts(), site, "2024", draws=2)).shape
    (2, 2, 7, 24)
    """
    padded = [np.asarray(x)[None] for x in given[1:7]]
    minutes: Floats = np.asarray(mean_waits(DrawnSchedules(*padded)), dtype=np.float64)[0]
    return minutes
