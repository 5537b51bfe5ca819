"""The arrays that the package keeps of the fit: draws of every lane class, and what CBP posts of each."""

from __future__ import annotations

from typing import Any

import merida.numerics  # noqa: F401  isort: skip  (configures JAX before it is imported)
import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from merida.border.crossings.sites import MODES, Site, sites, volumes
from merida.border.hourly.fit import Panel
from merida.border.hourly.model import HOURS, WARM, Parameters, of_lane, simulate
from merida.border.hourly.posted import PROBABILITIES
from merida.border.hourly.readings import Readings
from merida.border.hourly.recalibrate import Posted
from merida.distributions import Floats
from merida.facts import Facts

Arrays = dict[str, npt.NDArray[Any]]
FIRST_MONTH = 3  # March 2025, index 0 of the fit's months
LEVEL = 2  # the last months whose mean is the level
PATHS = 60
FOLLOWS = 0.3  # of a month's volume above the usual, what staffing planned for the month does not answer (1 less 0.7)
BEYOND = 1.05  # how much wider normal scores are in months that were not fitted: levels drift
STEP = 0.1  # in log arrivals, with which the effect of holidays on what is posted is read off
RAISED = 0.08  # standard deviation of the logarithm of arrivals in a month that was not fitted


def simulated(
    known: Panel, unknown: Parameters, months: list[int], raised: float = 0.0, seed: int = 0
) -> Floats:
    """Return simulated readings by hour of the week, minutes, shape (K, 168, paths); no holidays.

    Parameters
    ----------
    months : list of int
        The month of each simulated week, an index of the fit's months.
    raised : float
        What is added to the logarithm of arrivals.
    """
    moved = unknown | {"month": unknown["month"] + raised}
    month = jnp.asarray(np.repeat(np.array(months)[:, None], WARM + HOURS, axis=1))
    path = jax.jit(simulate, static_argnames="paths")(
        moved, known.given, month, jnp.full(month.shape, -1), PATHS, jax.random.key(seed, impl="rbg")
    )
    minutes = np.asarray(path.posted[WARM:], dtype=np.float64)
    return np.moveaxis(minutes, 0, 1).reshape(minutes.shape[1], HOURS, -1)


def last_months(known: Panel) -> list[int]:
    """Return the months whose weeks stand for the last level: those before, and twice as often the last two."""
    last = int(known.month.max())
    return [max(last - 3, 0), max(last - 2, 0), last - 1, last, last, last - 1]


def effect_of_arrivals(known: Panel, unknown: Parameters) -> Floats:
    """Return by how much a reading's normal score moves for one more in log arrivals, shape (K,)."""
    months = last_months(known)
    usual, more = (np.sort(simulated(known, unknown, months, raised), axis=2) for raised in (0.0, STEP))
    size = usual.shape[2]
    found = np.zeros(len(usual))
    for lane in range(len(usual)):
        moved = []
        for hour in range(0, HOURS, 2):
            rank = np.searchsorted(usual[lane, hour], more[lane, hour], "left") + np.searchsorted(
                usual[lane, hour], more[lane, hour], "right"
            )
            moved.append(ndtri(np.clip(rank / 2 / size, 0.01, 0.99)).mean())
        found[lane] = np.mean(moved) / STEP
    return np.asarray(np.clip(found, 0.0, 6.0))


def posted_arrays(read: Readings, known: Panel, unknown: Parameters, found: Posted) -> Arrays:
    """Return what `posted.predicted` rests on."""
    effect = effect_of_arrivals(known, unknown)
    names = named(read)
    holiday = np.asarray(unknown["holiday"])[read.lane_class] * effect[:, None]
    months = np.arange(FIRST_MONTH, FIRST_MONTH + int(known.month.max()) + 1)
    return names | {
        "quantiles": np.round(never_open(found.quantiles)).astype(np.int16),
        "is_open": np.isfinite(found.quantiles[:, :, 0]),
        "lanes": found.lanes.astype(np.float16),
        "lanes_effect": found.lanes_effect.astype(np.float32),
        "ahead": found.ahead.astype(np.float16),
        "model_weight": found.model_weight.astype(np.float32),
        "holiday": np.clip(holiday, -0.6, 0.6).astype(np.float32),
        "fitted_months": months,
        "beyond": np.array(BEYOND),
    }  # fmt: skip


def named(read: Readings) -> Arrays:
    """Return the keys of the lane classes, a column each."""
    columns = zip(*read.keys, strict=True)
    return dict(zip(("crossing", "lane_group", "lane_type"), map(np.array, columns), strict=True))


def never_open(quantiles: Floats) -> Floats:
    """Return quantiles in which hours that were never open hold those of all the lane's hours together."""
    filled = quantiles.copy()
    for lane, table in enumerate(quantiles):
        has = np.isfinite(table[:, 0])
        filled[lane, ~has] = np.quantile(table[has], PROBABILITIES)
    return filled


def month_of_volume(facts: Facts, read: Readings) -> Floats:
    """Return the log volume of each month of the year over its lane's mean of all months, shape (K, 12)."""
    by_lane = {(site.crossing, MODES[site.mode][1]): site for site in sites(facts)}

    def of_site(site: Site) -> Floats:
        known = volumes(facts, site)
        table = np.full(12, np.nan)
        for month in range(1, 13):
            values = [
                known[f"{year}-{month:02d}"] for year in (2022, 2023, 2024) if f"{year}-{month:02d}" in known
            ]
            table[month - 1] = np.log(np.mean(values)) if values else np.nan
        return np.asarray(np.nan_to_num(table - np.nanmean(table)))

    return np.stack([of_site(by_lane[key[:2]]) if key[:2] in by_lane else np.zeros(12) for key in read.keys])


def lane_arrays(
    facts: Facts, read: Readings, known: Panel, drawn: list[Parameters], known_from: str
) -> Arrays:
    """Return what `lane.hourly_lanes` rests on: the draws of the fit by lane class."""
    given = known.given
    usual = np.asarray(given.usual_booths, dtype=np.float64)
    volume = month_of_volume(facts, read)
    random = np.random.default_rng(0)
    fields: dict[str, list[Floats]] = {}

    def add(name: str, values: Floats) -> None:
        fields.setdefault(name, []).append(values)

    for unknown in drawn:

        def own(name: str, unknown: Parameters = unknown) -> Floats:
            return np.asarray(of_lane(unknown, given.lane_class, name), dtype=np.float64)

        month = np.asarray(unknown["month"], dtype=np.float64)
        level = month[:, -LEVEL:].mean(axis=1)
        service = np.exp(np.asarray(given.log_service + unknown["service"], dtype=np.float64))
        work = np.exp(np.asarray(given.start + unknown["profile"], dtype=np.float64) + level[:, None])
        factor = FOLLOWS * (volume - volume[:, 8:10].mean(axis=1, keepdims=True))
        factor = factor + RAISED * random.standard_normal(factor.shape)
        fitted = np.arange(month.shape[1]) + FIRST_MONTH - 1
        factor[:, fitted] = month - level[:, None]
        add("arrivals_per_hour", np.where(usual > 0, work * service[:, None], 0.0))
        add("month_factor", np.exp(factor))
        add("booths", usual)
        add("service_per_booth_hour", service)
        add("response_booths_per_queue", np.exp(own("response")))
        add("day_log_sd", np.exp(own("day_sd")))
        add("day_autocorrelation", 1 / (1 + np.exp(-own("day_ar"))))
        add("hour_log_sd", np.exp(own("noise_sd")))
        add("put_off_per_hour", np.exp(own("elastic")))
        add("uneven_hours", np.exp(own("tau")))
        add("supply_log_sd", np.exp(own("supply_sd")))
        add("estimate_log_sd", np.exp(own("estimate_sd")))
        add("no_delay_minutes", np.exp(own("least")))
    lanes = len(read.keys)
    small = {1: np.float32, 2: np.float16}
    drawn_fields = {
        name: np.stack(values, axis=1).astype(small[values[0].ndim]) for name, values in fields.items()
    }
    return named(read) | drawn_fields | {
        "usual_line": np.asarray(given.usual_line, dtype=np.float16),
        "most_booths": np.asarray(given.most).astype(np.int64),
        "rounding_minutes": np.full(lanes, 5.0),
        "repeat_probability": np.full(lanes, 1 - read.fresh),
        "from_neighbours": np.zeros(lanes, dtype=bool),
        "known_from": np.array(known_from),
    }  # fmt: skip
