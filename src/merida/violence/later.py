"""What is known of the months after a panel ends, on other bases than its own.

The panel ends with the last year whose months of occurrence are known by municipality. Later there are *registered*
years by municipality (deaths by the year of the certificate's registration), *state months* of occurrence, the last
twelve of them short of what is registered afterwards, and *victims* by state and month in prosecutors' files (SESNSP:
intentional homicide and femicide, another basis). Each is kept with its years before the panel's end, from which its
ratio to the panel is learnt. Under `as_of` only what had been published by then.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from merida.facts import Facts
from merida.one_line import OneLine
from merida.units import month_number, month_text
from merida.violence.panel import ABROAD, TABLES, Integers, Panel

OVERLAP = 10  # years before the panel's end from which the ratios of registered years are learnt
MONTHS_OF_OVERLAP = 36  # the same for the states' months of occurrence
BASES = (*TABLES, "crime_victims")


@dataclass(frozen=True, repr=False)
class Later(OneLine):
    """Observations that overlap a panel's last years and reach beyond its end.

    Parameters
    ----------
    registered : integer array, shape (P, K + J)
        Deaths registered by harmonised municipality in each of K years to the panel's end and J after it.
    nowhere : dict of str to integer array, shape (K + J,)
        The same at unknown places, by their code (``SS999``, ``99999``).
    state_months : integer array, shape (S, 36 + M)
        Deaths by state and month of occurrence.
    victims : integer array, shape (S, O + V)
        Victims by state and month.
    overlaps : tuple of int
        K, 36 and O: how many columns of each lie before the panel's end.
    """

    registered: Integers
    nowhere: dict[str, Integers]
    state_months: Integers
    victims: Integers
    overlaps: tuple[int, int, int]

    @property
    def years(self) -> int:
        """Registered years after the panel's end, J."""
        return int(self.registered.shape[1]) - self.overlaps[0]

    @property
    def months(self) -> int:
        """Months after the panel's end to the last that anything is known of."""
        _, state_months, victims = self.overlaps
        by_state = self.state_months.shape[1] - state_months, self.victims.shape[1] - victims
        return max(12 * self.years, *map(int, by_state))

    def ends(self, known: Panel) -> dict[str, str]:
        """Return the last year or month of each basis that reaches beyond the panel: its name, and its end."""
        end, (_, states, victims) = 12 * (known.last_year + 1) - 1, self.overlaps
        found = {"registered": str(known.last_year + self.years)} if self.years else {}
        for name, counts, overlap in (
            ("state_months", self.state_months, states),
            ("victims", self.victims, victims),
        ):
            if counts.shape[1] > overlap:
                found[name] = month_text(end + counts.shape[1] - overlap)
        return found

    def basis_noise(self, known: Panel) -> float:
        """Return the variance of registered years by municipality about years of occurrence, in Poisson variances.

        The panel's last year lacks late registrations and is left out.
        """
        columns = min(self.overlaps[0], len(known.unknown)) - 1
        last = slice(len(known.unknown) - 1 - columns, -1)
        occurred = known.deaths.reshape(len(known.places), -1, 12).sum(axis=2)[:, last]
        apart = self.registered[:, self.overlaps[0] - 1 - columns : self.overlaps[0] - 1] - occurred
        return float((apart**2).sum() / max(occurred.sum(), 1))

    def until(self, years: int, state_months: int, victims: int) -> Later:
        """Return what was known when so many years and months after the panel's end were: for tests of the forecast."""
        k, s, o = self.overlaps
        return Later(
            self.registered[:, : k + years],
            {code: deaths[: k + years] for code, deaths in self.nowhere.items()},
            self.state_months[:, : s + state_months],
            self.victims[:, : o + victims],
            self.overlaps,
        )


def later(facts: Facts, known: Panel) -> Later:
    """Return what the record knows of the months after a panel's end, and of those before it on the same bases."""
    facts.connect(BASES)
    end = 12 * (known.last_year + 1)  # the number of the first month after the panel
    first_year = known.last_year + 1 - OVERLAP
    last_year = facts.sql("select max(year) from homicides_year where basis = 'registration'").item()
    years = max(int(last_year), known.last_year) + 1 - first_year
    registered = np.zeros((len(known.places), years), dtype=np.int64)
    rows = facts.sql(f"""
select unit_2000 as place, year - {first_year} as "column", sum(deaths) as deaths
from homicides_year join municipalities using (municipality) where basis = 'registration' and year >= {first_year}
group by all""")
    row_of = np.searchsorted(known.places, rows["place"].to_list())
    registered[row_of, rows["column"].to_numpy()] = rows["deaths"].to_numpy()
    nowhere: dict[str, Integers] = {}
    for code, column, deaths in facts.sql(f"""
select municipality, year - {first_year}, sum(deaths) from homicides_year where basis = 'registration'
and municipality like '%999' and municipality[1:2] != '{ABROAD}' and year >= {first_year} group by all
order by all""").rows():
        nowhere.setdefault(str(code), np.zeros(years, dtype=np.int64))[column] = deaths
    months, state_overlap = by_state_and_month(
        facts,
        known,
        f"homicides_state_month where month >= '{(end - MONTHS_OF_OVERLAP) // 12}-01'",
        "deaths",
        end,
    )
    victims, victims_overlap = by_state_and_month(
        facts, known, "crime_victims where crime in ('intentional_homicide', 'femicide')", "victims", end
    )
    return Later(registered, nowhere, months, victims, (OVERLAP, state_overlap, victims_overlap))


def by_state_and_month(facts: Facts, known: Panel, source: str, count: str, end: int) -> tuple[Integers, int]:
    """Return counts by state from the first month of a table to its last, and how many lie before month `end`."""
    rows = facts.sql(f"select state, month, sum({count}) as count from {source} group by all")
    if not rows.height:
        return np.zeros((len(known.codes), 0), dtype=np.int64), 0
    at = np.array([month_number(month) for month in rows["month"].to_list()])
    counts = np.zeros((len(known.codes), int(at.max() - at.min()) + 1), dtype=np.int64)
    counts[np.searchsorted(known.codes, rows["state"].to_list()), at - at.min()] = rows["count"].to_numpy()
    return counts, int(min(max(end - at.min(), 0), counts.shape[1]))
