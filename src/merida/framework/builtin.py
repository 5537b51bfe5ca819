"""The plans that the record and a framework give: history, continuation, none, and the framework's own.

`plan_of` gives a plan as a user asks for it: one of these by name, one of a file, or one that is written out.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from merida.errors import FrameworkError, PlanError, nearest
from merida.facts import Facts
from merida.facts.compiled import record_span
from merida.framework.framework import Framework
from merida.framework.plan import Plan
from merida.framework.plan_files import PACKED, unpacked
from merida.framework.plan_rows import Places, PlanRow
from merida.places import Gazetteer
from merida.units import price_level

ENACTED = """
  select fiscal_year, account, sum(usd) as usd from appropriations where status = 'verified' group by all order by all"""
LAST_KNOWN = """
  select greatest((select max(year) from homicides_year), (select max(year) from crime_victims)) as year"""
DEFLATOR = """
  select fiscal_year, sum(usd) / sum(usd_constant_2020) as deflator from obligations
  where usd_constant_2020 > 0 group by all order by all"""
UNSPLIT = ("unsplit", "all_accounts", "not_split")


@lru_cache(maxsize=16)
def plan_start(facts: Facts) -> str:
    """Return the first month in which a plan may spend.

    It is the January after the record's date or, where the record has none, after the last year of which deaths or
    victims are known: not before the forecast begins.

    Examples
    --------
    >>> plan_start(Facts("2012-12"))
    '2013-01'
    """
    if facts.as_of:
        return f"{int(facts.as_of[:4]) + 1}-01"
    facts.connect(("homicides_year", "crime_victims"))
    return f"{facts.sql(LAST_KNOWN).item() + 1}-01"


@lru_cache(maxsize=4)
def places(facts: Facts) -> Places:
    """Return the codes that plans may name: states, municipalities with their harmonised units, and ports.

    Examples
    --------
    >>> "08" in places(Facts()).states
    True
    """
    return Places(
        states=frozenset(facts.sql("select state from states where state < '33'")["state"]),
        municipalities=dict(facts.sql("select municipality, unit_2000 from municipalities").rows()),
        ports=frozenset(facts.sql("select port from ports")["port"]),
        gazetteer=Gazetteer.of(facts),
    )


def names(framework: Framework) -> tuple[str, ...]:
    """Return the names of the plans that need no file.

    Examples
    --------
    >>> names(Framework.load("merida"))
    ('history', 'continuation', 'none', 'memo')
    """
    return ("history", "continuation", "none", *framework.plans)


def plan_of(text: str | Path, framework: Framework, facts: Facts, as_given: bool = False) -> Plan:
    """Return the plan that a text means.

    Parameters
    ----------
    text : str or Path
        The name of a plan that needs no file (see `plan_named`); the path of a .toml or .csv file; or the plan itself in
        JSON, ``{"name": …, "rows": [{"programme": …, …}]}``, as `Plan.json` writes it, or as `Plan.short` does.
    as_given : bool
        Take amounts in a file or JSON that are far outside what was ever enacted as they are.

    Raises
    ------
    PlanError
        If there is none of that name, or a row cannot be; the message names each such row.

    Examples
    --------
    >>> merida, facts = Framework.load("merida"), Facts("2012-12")
    >>> plan_of(plan_of("memo", merida, facts).json(), merida, facts) == plan_of("memo", merida, facts)
    True
    """
    if isinstance(text, str) and text.startswith(PACKED):
        text = unpacked(text)
    if isinstance(text, str) and text.lstrip().startswith("{"):
        return Plan.from_json(text, framework, places(facts), as_given=as_given)
    if Path(text).suffix.lower() in (".toml", ".csv"):
        return Plan.read(text, framework, places(facts), as_given=as_given)
    return plan_named(str(text), framework, facts)


def plan_named(name: str, framework: Framework, facts: Facts) -> Plan:
    """Return a plan that needs no file.

    Parameters
    ----------
    name : str
        ``history``, which is what had been appropriated by the date, up to the plans' start; ``continuation``, which
        repeats the last enacted year in each year of the spending window; ``none``, which spends nothing from the plans'
        start on; or the name of a plan that the framework brings along.
    framework : Framework
    facts : Facts
        The record, whose date says what had been enacted.

    Raises
    ------
    PlanError
        If there is none of that name.
    FrameworkError
        If the framework's past begins after the plans start: after the record, or for a plan that it brings along.

    Examples
    --------
    >>> plan_named("continuation", Framework.load("merida"), Facts("2012-12")).rows[0].start
    '2013-01'
    """
    if name == "none":
        return Plan(name, framework.name, ())
    start = plan_start(facts)
    if start < framework.history_start:
        # As of a date before the framework nothing had been spent; a past beyond the record is a mistake in the file.
        if name in ("history", "continuation") and framework.history_start <= record_span()[1]:
            return Plan(name, framework.name, ())
        raise FrameworkError("history_after_plans", first=framework.history_start, start=start)
    if name == "history":
        return Plan(name, framework.name, past(framework, facts))
    end = f"{int(start[:4]) + framework.spending_years - 1}-12"
    if name == "continuation":
        enacted = by_account(framework, facts)
        year = max((fiscal_year for fiscal_year, _ in enacted), default=None)
        rows = [
            PlanRow(programme, account, place(framework, programme), start, end, usd * share)
            for (fiscal_year, account), usd in enacted.items()
            if fiscal_year == year
            for programme, share in framework.history.mix[account].items()
            if share > 0
        ]
        return Plan(name, framework.name, tuple(sorted(rows)))
    if name not in framework.plans:
        raise PlanError("unknown_plan", found=name, nearest=nearest(name, names(framework)))
    rows = [
        PlanRow(line.programme, line.account, place(framework, line.programme), start, end, line.usd_per_year)
        for line in framework.plans[name].lines
    ]
    return Plan(name, framework.name, tuple(sorted(rows)))


def place(framework: Framework, programme: str) -> str:
    """Return where national money of a programme goes."""
    return "US" if framework.programmes[programme].level in ("port", "united_states") else "MX"


def by_account(framework: Framework, facts: Facts) -> dict[tuple[int, str], float]:
    """Return enacted money by fiscal year and account, in dollars of the base year.

    Money that the record does not split by account is split as the framework assumes. The deflator is the one of the
    obligations on record; beyond its years the nearest one holds.
    """
    deflator = dict(facts.sql(DEFLATOR).rows())
    base = price_level(deflator, framework.base_year)
    sums: dict[tuple[int, str], float] = {}
    for year, account, usd in facts.sql(ENACTED).rows():
        real = usd * base / price_level(deflator, year)
        shares = framework.history.unsplit if account in UNSPLIT else {account: 1.0}
        for name, share in shares.items():
            if name in framework.history.mix:
                sums[year, name] = sums.get((year, name), 0.0) + real * share
    return sums


def past(framework: Framework, facts: Facts) -> tuple[PlanRow, ...]:
    """Return the rows of enacted money by fiscal year, which runs from October to September, up to the plans' start."""
    last = int(plan_start(facts)[:4]) - 1
    rows = []
    for (year, account), usd in by_account(framework, facts).items():
        start = max(f"{year - 1}-10", framework.history_start)
        end = min(f"{year}-09", f"{last}-12")
        if start > end:
            continue
        rows += [
            PlanRow(programme, account, place(framework, programme), start, end, usd * share)
            for programme, share in framework.history.mix[account].items()
            if share > 0
        ]
    return tuple(sorted(rows))
