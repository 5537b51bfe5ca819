"""What the record says of crossings, and what is believed before it, as the arrays that the calibration takes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

import numpy as np

from merida.border.crossings.calibration import DAYS, HOURS, SHAPES, CrossingPanel, K, SchedulePrior, Scores
from merida.border.crossings.ports import class_shares
from merida.border.crossings.sites import CLASSES, MODES, Site, counted_by_bridge, volumes
from merida.border.priors import ASSUMED, PRIORS, REFERENCE
from merida.distributions import Floats
from merida.draws import stream
from merida.facts import Facts
from merida.priors import Priors


def logit(share: float) -> float:
    """Return the logarithm of the odds of a share between 0 and 1."""
    return float(np.log(share / (1 - share)))


def hour_of(text: str | None, observed_at: str) -> int:
    """Return the hour to which a reading belongs.

    Parameters
    ----------
    text : str or None
        When the reading was made, as CBP says (``At 3:00 pm PDT``, ``At Noon EDT``).
    observed_at : str
        When it was read (``YYYY-MM-DDTHH…``); its hour is taken where CBP says none.
    """
    match = re.match(r"At (?:(\d+):00 (am|pm)|(Noon)|(Midnight))", text or "")
    if match is None:
        return int(observed_at[11:13])
    if match[3] or match[4]:
        return 12 if match[3] else 0
    return int(match[1]) % 12 + 12 * (match[2] == "pm")


def instants(facts: Facts, chosen: Sequence[Site]) -> tuple[Floats, Floats]:
    """Return waits and open lanes that were read at single instants of June 2022.

    Returns
    -------
    wait, booths : array, shape (S, K, 7, 24)
        Minutes, and open lanes; NaN where none were read.
    """
    wait = np.full((len(chosen), K, DAYS, HOURS), np.nan)
    booths = wait.copy()
    rows = facts.sql(
        "select crossing, lane_group, lane_type, observed_at, updated, wait_minutes, lanes_open "
        "from lanes_open_snapshot where lanes_open > 0"
    ).rows()
    for row, site in enumerate(chosen):
        for k, kind in enumerate(CLASSES[site.mode].values()):
            for crossing, of, lane, when, updated, minutes, lanes in rows:
                if (crossing, of, lane) == (site.crossing, MODES[site.mode][1], kind):
                    place = (row, k, date.fromisoformat(when[:10]).weekday(), hour_of(updated, when))
                    wait[place] = np.nan if minutes is None else minutes
                    booths[place] = lanes
    return wait, booths


def panel(
    facts: Facts,
    chosen: Sequence[Site],
    months: Sequence[int] = tuple(range(1, 13)),
    priors: Priors = PRIORS,
) -> CrossingPanel:
    """Return what the record says of crossings.

    Readings of waits at single instants count only where no mean waits were published: they are of two days in 2022.

    Parameters
    ----------
    chosen : sequence of Site
        The S crossings.
    months : sequence of int
        The months of the year whose published waits are taken, 1 to 12.
    """
    wait = np.full((len(chosen), K, DAYS, HOURS), np.nan)
    seen_wait, seen_booths = instants(facts, chosen)
    any_seen = (
        np.isfinite(seen_booths).any() or facts.sql("select count(*) from lanes_open_snapshot").item() > 0
    )
    served, open_hours = np.zeros((len(chosen), K)), np.zeros((len(chosen), DAYS, HOURS))
    volume = np.zeros(len(chosen))
    means = facts.sql(
        "select crossing, lane_group, lane_type, weekday, hour, avg(wait_minutes) as wait from border_waits "
        f"where month_of_year in ({', '.join(map(str, months))}) "
        f"group by all having count(*) * 3 >= {len(months)}"
    ).rows()
    for row, site in enumerate(chosen):
        group = MODES[site.mode][1]
        volume[row] = reference_volume(facts, site, months)
        for k, kind in enumerate(CLASSES[site.mode].values()):
            for crossing, of, lane, weekday, hour, minutes in means:
                if (crossing, of, lane) == (site.crossing, group, kind):
                    wait[row, k, weekday - 1, hour] = minutes
        published = np.isfinite(wait[row])
        enough = published.sum(axis=(1, 2)) > DAYS  # a class with a stray cell is not one with waits
        wait[row, ~enough] = np.nan
        # Where waits are published, the hours that have them are the hours in which it is open.
        open_hours[row] = published[enough].any(axis=0) if enough.any() else site.open_hours
        served[row] = enough | np.isfinite(seen_booths[row]).any(axis=(1, 2))
        if (
            not any_seen
        ):  # which lanes a crossing has was not published: those of its mode, where there is traffic
            shares = [*prior_shares(facts, site.mode, priors).values(), 0.0][:K]
            busy = volume[row] >= priors.number(f"{ASSUMED}.trusted_lanes_from.{site.mode}")
            served[row] = [float(share > 0 and (k == 0 or busy)) for k, share in enumerate(shares)]
        served[row, 0] = max(served[row, 0], not served[row].any())
        if enough.any():
            seen_wait[row] = np.nan
        for readings in (wait, seen_wait, seen_booths):
            readings[row][:, open_hours[row] == 0] = np.nan
    lanes = np.array([np.inf if site.lanes is None else site.lanes for site in chosen], dtype=np.float64)
    return CrossingPanel(
        volume, served, open_hours, np.maximum(lanes, served.sum(axis=1)), wait, seen_wait, seen_booths
    )


def reference_volume(facts: Facts, site: Site, months: Sequence[int] = tuple(range(1, 13))) -> float:
    """Return the mean crossings a day in the reference years, or on the whole record where it has none of them.

    For some months of the year only, it is that mean times the months' volume over their own year's. The median over
    years is taken, so that neither a trend within the years nor one month miscounted is taken for a season.

    Parameters
    ----------
    months : sequence of int
        The months of the year, 1 to 12.
    """
    by_month = volumes(facts, site)
    counted_itself = counted_by_bridge(facts) if site.bridge else ""
    within = (
        {month: count for month, count in by_month.items() if REFERENCE[0] <= month <= REFERENCE[1]}
        or {month: count for month, count in by_month.items() if month >= counted_itself}
        or by_month
    )
    mean = float(np.mean(list(within.values())))
    if len(months) == 12:
        return mean
    of_year: dict[str, list[float]] = {}
    for month, count in within.items():
        of_year.setdefault(month[:4], []).append(count)
    means = {year: float(np.mean(counts)) for year, counts in of_year.items()}
    season = [count / means[month[:4]] for month, count in within.items() if int(month[5:]) in months]
    return mean * float(np.median(season or [1.0]))


def prior_shares(facts: Facts, mode: str, priors: Priors) -> dict[str, float]:
    """Return the share of each class in the traffic of a mode, as it is believed before a crossing's own waits."""
    if mode == "cars":
        return class_shares(facts, mode, None)
    others = {
        name: priors.number(f"{ASSUMED}.share.{mode}.{name}") for name in CLASSES[mode] if name != "general"
    }
    return {"general": 1 - sum(others.values()), **others}


def prior(
    facts: Facts,
    chosen: Sequence[Site],
    known: CrossingPanel,
    profile: dict[tuple[str, int], Floats] | None = None,
    priors: Priors = PRIORS,
) -> SchedulePrior:
    """Return what is believed of crossings before their own waits.

    Parameters
    ----------
    chosen : sequence of Site
        The S crossings.
    known : CrossingPanel
        What the record says of them.
    profile : mapping of (mode, class) to array, shape (7, 24), optional
        The mean log profiles of crossings that were fitted before. By default there are more arrivals by day than by
        night, alike on all days.
    priors : Priors
        What is assumed (``calibration.toml``), with what a user holds of it.
    """

    def number(name: str) -> float:
        return priors.number(f"{ASSUMED}.{name}")

    def sd(name: str) -> float:
        return priors.sd(f"{ASSUMED}.{name}")

    def both(name: str) -> tuple[float, float]:
        return number(name), sd(name)

    def sds(name: str) -> Floats:
        return np.array([number(f"{name}.sd.{days}") for days in ("every_day", "kind_of_day", "single_day")])

    hour = np.arange(HOURS)
    count = len(chosen)
    means = np.zeros((count, K, DAYS, HOURS))
    share, service, service_sd = np.zeros((count, K)), np.ones((count, K)), np.ones((count, K))
    for row, site in enumerate(chosen):
        shares = prior_shares(facts, site.mode, priors)
        humps = number(f"day_amplitude.{site.mode}") * np.cos(2 * np.pi * (hour - 14) / HOURS)
        for k, name in enumerate(CLASSES[site.mode]):
            service[row, k], service_sd[row, k] = both(f"service_minutes.{site.mode}.{name}")
            share[row, k] = np.log(max(shares[name], 0.02))
            means[row, k] = humps if profile is None else profile[site.mode, k]
    published = np.isfinite(known.wait).any(axis=(1, 2, 3))
    return SchedulePrior(
        profile=means,
        profile_sd=sds("profile"),
        profile_scale=number("profile.smoothness"),
        booths_sd=sds("booths"),
        booths_scale=number("booths.smoothness"),
        share=share,
        share_sd=number("share_sd"),
        service=service,
        service_sd=service_sd,
        load=np.full((count, K), logit(number("load"))),
        load_sd=np.full(count, sd("load")),
        follow=np.tile(both("follow"), (count, 1)),
        cv=both("service_cv"),
        day_sd=both("day_sd"),
        factor=both("published_factor"),
        volume_sd=np.where(published, number("errors.volume_log"), 0.0),
        wait_sd=(number("errors.wait_minutes"), number("errors.wait_share")),
        seen_wait_sd=number("errors.instant_log"),
        seen_booths_sd=number("errors.open_lanes_log"),
        longest=longest_wait(priors),
    )


def longest_wait(priors: Priors) -> tuple[float, float]:
    """Return the minutes that a mean wait seldom exceeds, and how sharply, as a logarithm."""
    return priors.number(f"{ASSUMED}.longest_wait.minutes"), priors.number(f"{ASSUMED}.longest_wait.sd_log")


def standard_scores(chosen: Sequence[Site], draws: int, seed: int, purpose: str) -> Scores:
    """Return standard normal scores, axes (S, D) first, from a named stream for each crossing, draw and unknown.

    Parameters
    ----------
    purpose : str
        What the scores are for; it is a part of the streams' names.
    """
    fields = []
    for name, shape in zip(Scores._fields, SHAPES, strict=True):
        fields.append(
            np.stack(
                [
                    np.stack(
                        [
                            stream(seed, f"border.{purpose}.{site.key}.{name}", d).standard_normal(shape)
                            for d in range(draws)
                        ]
                    )
                    for site in chosen
                ]
            )
        )
    return Scores(*fields)


def errors(chosen: Sequence[Site], draws: int, seed: int) -> tuple[Floats, Floats, Floats]:
    """Return standard normal draws of the errors of what was published.

    Returns
    -------
    three arrays, shape (S, D, K, 7, 24)
        The errors of mean waits, of waits at an instant and of open lanes at an instant.
    """
    scores = standard_scores(chosen, draws, seed, "errors")
    lane_scores = standard_scores(chosen, draws, seed, "errors.lanes")
    return np.asarray(scores.profile), np.asarray(scores.booths), np.asarray(lane_scores.booths)
