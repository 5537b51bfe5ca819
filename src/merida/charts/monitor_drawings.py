"""The monitor's charts made ready for a page or a file: each with its data, title and sources."""

from __future__ import annotations

from merida.charts import maps
from merida.charts import monitor as charts
from merida.charts.drawing import Drawing
from merida.facts import Facts
from merida.facts.schema import Text
from merida.places import Place
from merida.violence.monitoring import CrossSection, Monitor, chart_tables
from merida.violence.monitoring.cross_section import SPAN

DRAWINGS = ("series", "rates", "change", "clusters", "lorenz", "onset")
BASE_YEAR = 2007  # the Initiative was announced in October 2007
CHANGE_YEARS = 3


def drawing(name: str, facts: Facts, cross_section: CrossSection, found: Monitor) -> Drawing | None:
    """Return one of `DRAWINGS` for a place, or None where the record holds nothing for it.

    Parameters
    ----------
    name : str
        ``series`` is of the place itself; the others are of the nation, or of the place's state.
    facts, board, found
        The record, what places share, and the place's monitor.
    """
    makers = {
        "series": _series, "rates": _rates, "change": _change, "clusters": _clusters, "lorenz": _lorenz,
        "onset": _onset,
    }  # fmt: skip
    return makers[name](facts, cross_section, found)


def _name(place: Place) -> Text:
    """Return a place's name in both languages."""
    return Text(en=place.called("en"), es=place.called("es"))


def _where(facts: Facts, found: Monitor) -> Text:
    """Return the name of the nation, or of the place's state."""
    state = found.place.state
    if state is None:
        return _name(found.place)
    name = str(facts.sql(f"select name from states where state = '{state}'").item())
    return Text(en=name, es=name)


def _series(facts: Facts, cross_section: CrossSection, found: Monitor) -> Drawing:
    rows = chart_tables.series_table(found)
    values = {
        "place": _name(found.place),
        "first": int(found.months[0][:4]),
        "last": int(found.months[-1][:4]),
    }
    return Drawing(
        "monitor_series", values, (found.series.origin,), lambda words: (charts.series(rows, words), None)
    )


def _rates(facts: Facts, cross_section: CrossSection, found: Monitor) -> Drawing:
    rows = chart_tables.rates_table(cross_section, found.place)
    values = {"place": _where(facts, found), "year": cross_section.year}
    origins = (cross_section.units.answer.origin,)
    return Drawing("monitor_rates", values, origins, lambda words: (charts.rates(rows, words), None))


def _change(facts: Facts, cross_section: CrossSection, found: Monitor) -> Drawing | None:
    first = cross_section.year - CHANGE_YEARS
    if first not in cross_section.units.years:
        return None
    rows, shapes = (
        chart_tables.change_table(cross_section, 12 * CHANGE_YEARS),
        chart_tables.shapes(facts, found.place),
    )
    values = {"place": _where(facts, found), "first": first, "last": cross_section.year}
    origins = (cross_section.units.answer.origin,)
    return Drawing(
        "monitor_change", values, origins, lambda words: maps.change_map(rows, *shapes, words), True
    )


def _clusters(facts: Facts, cross_section: CrossSection, found: Monitor) -> Drawing:
    rows, shapes = chart_tables.cluster_table(cross_section), chart_tables.shapes(facts, found.place)
    values = {
        "place": _where(facts, found),
        "first": max(cross_section.units.years[0], cross_section.year - SPAN + 1),
        "last": cross_section.year,
    }
    origins = (cross_section.units.answer.origin,)
    return Drawing(
        "monitor_clusters", values, origins, lambda words: maps.cluster_map(rows, *shapes, words), True
    )


def _lorenz(facts: Facts, cross_section: CrossSection, found: Monitor) -> Drawing | None:
    if found.concentration is None:
        return None
    first = BASE_YEAR if cross_section.year > BASE_YEAR else cross_section.units.years[0]
    rows = chart_tables.lorenz_table(cross_section, found.place, (first, cross_section.year))
    values = {"place": _where(facts, found), "first": first, "last": cross_section.year}
    origins = (cross_section.units.answer.origin,)
    return Drawing("lorenz", values, origins, lambda words: (charts.lorenz(rows, words), None))


def _onset(facts: Facts, cross_section: CrossSection, found: Monitor) -> Drawing | None:
    answered = chart_tables.onset_table(facts, found.place, found.onset.level, found.onset.first_month)
    if not answered.rows.height:
        return None
    years = answered.rows["year"]
    values = {
        "place": _where(facts, found),
        "level": f"{found.onset.level:g}",
        "first": int(str(years.min())),
        "last": int(str(years.max())),
    }
    return Drawing(
        "onset", values, (answered.origin,), lambda words: (charts.onset(answered.rows, words), None)
    )
