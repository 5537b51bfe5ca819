"""How evenly outputs lie over the states (SCIENCE rule 22: state evenness uses outputs only)."""

from __future__ import annotations

from merida.facts import Facts
from merida.framework.indicators import indicators
from merida.scorecard.evenness import Indices, indices
from merida.scorecard.series import month_of, state_actuals, years

STATES = "select state from states order by state"
VETTED = """select state, vetting_valid, people from state_police
join (select municipality[1:2] as state, sum(population) as people from population where year = 2025 group by 1)
  using (state) order by state"""


def over_states(facts: Facts, last: str) -> dict[str, Indices]:
    """Return the evenness of outputs over the states: years of new courts until a month, vetted officers per resident.

    Parameters
    ----------
    facts : Facts
    last : str
        The last month counted; the record's own date where that is earlier.
    """
    found = {}
    end = years(min(last, facts.as_of or last)) if last < "9999" else None
    opened = state_actuals(facts, indicators()["states_operating"])
    codes = facts.sql(STATES)["state"].to_list()
    if opened and end is not None:
        at = {state: years(month_of(one.actuals[0].date)) for state, one in opened.items()}
        held = [max(end - at[state], 0.0) if state in at else 0.0 for state in codes]
        if sum(held) > 0:
            found["courts"] = indices(held)
    vetted = facts.sql(VETTED)
    if vetted.height == len(codes) and last >= "2025-10":
        found["vetted"] = indices(vetted["vetting_valid"].to_list(), vetted["people"].to_list())
    return found
