"""What the record says in summary of everything but homicides: the queries behind the brief's charts and tables.

Other crimes, unreported crime, the reform of the courts, leaders removed, money and crossings. Homicides and population
are in `merida.violence`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from merida.figure import Origin
from merida.one_line import OneLine

if TYPE_CHECKING:
    import polars as pl

    from merida.facts.warehouse import Facts

CRIMES = ("kidnapping", "extortion", "femicide", "human_trafficking")
MODES = ("trucks", "personal_vehicles", "pedestrians")


@dataclass(frozen=True, repr=False)
class Answer(OneLine):
    """The rows that a query gives, with their origin."""

    rows: pl.DataFrame
    origin: Origin


@lru_cache(maxsize=64)
def answer(facts: Facts, query: str, note: str = "") -> Answer:
    """Return the answer to a query with its origin; asked again of the same record, it is the same object."""
    return Answer(facts.sql(query), facts.origin(query, note))


def other_crimes(facts: Facts) -> Answer:
    """Victims of other crimes recorded by prosecutors, full years: (year, crime, victims)."""
    crimes = ", ".join(f"'{crime}'" for crime in CRIMES)
    return answer(
        facts,
        f"""select year, crime, sum(victims) as victims from crime_victims
where crime in ({crimes}) group by all having count(distinct month) = 12 order by crime, year""",
        "recorded_crime",
    )


def dark_figure(facts: Facts) -> Answer:
    """Crimes with no investigation file, in percent: the nation and the range of the states, by year."""
    return answer(
        facts,
        """select year, max(dark_figure_pct) filter (state = '00') as nation_pct,
  min(dark_figure_pct) filter (state <> '00') as lowest_pct, max(dark_figure_pct) filter (state <> '00') as highest_pct
from envipe where dark_figure_pct is not null group by year order by year""",
    )


def reform(facts: Facts) -> Answer:
    """States whose first court of the new system opened in each year, where the year has a source: (year, states)."""
    return answer(
        facts,
        "select first_operation_year as year, count(*) as states from judicial_reform where status = 'verified' "
        "group by all order by year",
        "reform",
    )


def leaders(facts: Facts) -> Answer:
    """Leaders of the list of 37 removed, with a source and a month: (month, organisation, event, leader)."""
    return answer(
        facts,
        "select month, organisation, event, leader from leaders_removed where status = 'verified' "
        "and month is not null order by month, leader",
        "leaders",
    )


def appropriations(facts: Facts) -> Answer:
    """Mérida appropriations by fiscal year and account: (fiscal_year, account, scope, usd)."""
    return answer(
        facts,
        "select fiscal_year, account, scope, sum(usd) as usd from appropriations group by all "
        "order by fiscal_year, account",
        "appropriations",
    )


def stages(facts: Facts) -> Answer:
    """All U.S. assistance to Mexico by stage, newest vintage, years that had ended: (fiscal_year, stage, usd)."""
    return answer(
        facts,
        """select fiscal_year, stage, arg_max(usd, vintage) as usd from foreign_assistance
where stage in ('appropriated', 'obligated', 'disbursed') and fiscal_year >= 2006
  and vintage > fiscal_year || '-09'
group by all order by stage, fiscal_year""",
        "all_assistance",
    )


def crossings(facts: Facts) -> Answer:
    """Crossings from Mexico by mode, full years: (year, measure, crossings).

    Cars begin in 1998: San Ysidro, the busiest port, reports none before March 1997.
    """
    modes = ", ".join(f"'{mode}'" for mode in MODES)
    return answer(
        facts,
        f"""select year, measure, sum(crossings) as crossings from border_crossings
where measure in ({modes}) and not (measure = 'personal_vehicles' and month < '1998-01')
group by all having count(distinct month) = 12 order by measure, year""",
    )


def busiest_ports(facts: Facts, year: int, count: int = 10) -> Answer:
    """The ports with the most truck crossings in a year, El Paso with Ysleta: (port, name)."""
    return answer(
        facts,
        f"""select series_port as port, any_value(n.name) as name, sum(crossings) as trucks
from border_crossings join ports using (port) join (select port as series_port, name from ports) n using (series_port)
where measure = 'trucks' and year = {year} group by all order by trucks desc, port limit {count}""",
    )


def price_rows(facts: Facts) -> Answer:
    """Exchange rates, parities and prices by year: (year, mxn_per_usd, ppp_mxn_per_usd, mexico_cpi, us_cpi)."""
    return answer(
        facts, "select year, mxn_per_usd, ppp_mxn_per_usd, mexico_cpi, us_cpi from prices order by year"
    )


def span(answered: Answer, column: str = "year") -> tuple[int, int] | tuple[None, None]:
    """Return the least and greatest value of a column of years, or nothing where there are no rows."""
    if not answered.rows.height:
        return None, None
    years = answered.rows[column].to_list()
    return int(min(years)), int(max(years))
