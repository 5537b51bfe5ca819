"""The Initiative's money as a whole: its stages, what of it can be traced, and its part of all that is spent.

No table splits the money by programme. What a source ties to a programme or to an objective is counted, and the rest is a
number too. Of Mexico's own effort the record holds the fund of the states (FASP) and one year of the municipal grant;
every other part is a counted gap, so that the Initiative's share is an upper bound.
"""

from __future__ import annotations

from dataclasses import dataclass

from merida.facts import Facts
from merida.figure import Figure
from merida.scorecard.evenness import Evenness, Mappings, evenness

STAGES = ("appropriated", "obligated", "expended", "delivered")
UNKNOWN_PARTS = (
    "federal_forces",
    "state_budgets",
    "municipal_budgets",
    "subsemun",
    "pronapred",
    "justice_reform_fund",
)
"""Parts of Mexico's effort that the record does not hold; their names are under ``scorecard.parts`` in ``words/``."""
STAGE_ROWS = """
with enacted as (select fiscal_year, account, sum(usd) as usd from appropriations where status = 'verified' group by all),
named (long, account) as (values ('International Narcotics Control and Law Enforcement', 'INCLE'),
  ('Economic Support Fund', 'ESF'), ('Foreign Military Financing Program', 'FMF')),
obliged as (select fiscal_year, named.account, sum(usd) as usd from obligations join named on obligations.account = long
  where fiscal_year >= 2008 group by all),
whole as (select fiscal_year, 'all_accounts' as account, arg_max(usd, vintage) filter (stage = 'appropriated') as enacted,
    arg_max(usd, vintage) filter (stage = 'obligated') as obligated,
    arg_max(usd, vintage) filter (stage = 'disbursed') as expended
  from foreign_assistance where fiscal_year >= 2008 and vintage > fiscal_year || '-09' group by fiscal_year),
handed as (select regexp_extract(period, '\\d{4}')::bigint as fiscal_year, 'all_accounts' as account, value as usd
  from published_facts where metric = 'merida_delivered_in_year' and status = 'verified')
select fiscal_year, account, coalesce(e.usd, w.enacted) as appropriated, coalesce(o.usd, w.obligated) as obligated,
  w.expended as expended, h.usd as delivered
from enacted e full join obliged o using (fiscal_year, account) full join whole w using (fiscal_year, account)
full join handed h using (fiscal_year, account)
order by fiscal_year, account"""
TRACED = "select value as usd from published_facts where id = 'T021' and status = 'verified'"
OBJECTIVES = """select sum(usd) as usd from usaid_by_category
where stage = 'spent' and category not in ('total', 'program_management')"""
WHOLE = "select sum(usd) as usd from appropriations where status = 'verified'"
SHARES = """select year, m.usd * p.mxn_per_usd / 1e6 as initiative_mxn_million, fasp_mxn_million as fasp_mxn_million
from (select fiscal_year as year, sum(usd) as usd from appropriations where status = 'verified' group by 1) m
join prices p using (year) join state_security_funds f using (year)
where f.state = '00' and f.fasp_mxn_million is not null order by year"""
ALLOCATED = """select 'INCLE' as account, value as usd from published_facts where id = 'P045' and status = 'verified'
union all select 'ESF', value from published_facts where id = 'P046' and status = 'verified'"""
FLOOR = "select value / 100 as share from published_facts where id = 'P048' and status = 'verified'"
BY_ACCOUNT = """select account, sum(usd) as usd from appropriations
where status = 'verified' and account in ('INCLE', 'ESF', 'FMF') group by 1 order by 1"""


@dataclass(frozen=True)
class StageRow:
    """One account's money of one fiscal year in dollars; None where the record does not say.

    What was delivered in a year is on record once, of all accounts and for a calendar year: more than this.
    """

    fiscal_year: int
    account: str
    appropriated: float | None
    obligated: float | None
    expended: float | None
    delivered: float | None


@dataclass(frozen=True)
class Untraced:
    """What of the Initiative's money can be traced.

    Parameters
    ----------
    whole : Figure or None
        Appropriated in all, dollars.
    programme, objective : Figure or None
        Tied to one programme; tied to an objective and no programme.
    """

    whole: Figure | None
    programme: Figure | None
    objective: Figure | None

    @property
    def untraced_usd(self) -> float | None:
        """Dollars appropriated that no source ties to a programme."""
        return (
            None
            if self.whole is None
            else self.whole.value - (self.programme.value if self.programme else 0.0)
        )


@dataclass(frozen=True)
class Share:
    """The Initiative beside Mexico's fund of the states, million pesos of the year; its share is at most this."""

    year: int
    initiative_mxn_million: float
    fasp_mxn_million: float

    @property
    def at_most_pct(self) -> float:
        """The Initiative's share of what is known, in percent."""
        return 100 * self.initiative_mxn_million / (self.initiative_mxn_million + self.fasp_mxn_million)


def stages(facts: Facts) -> list[StageRow]:
    """Return money by fiscal year and account through its stages."""
    return [StageRow(**row) for row in facts.sql(STAGE_ROWS).to_dicts()]


def untraced(facts: Facts) -> Untraced:
    """Return what of the Initiative's money can be traced."""
    whole, programme, objective = (facts.figure(query, "usd") for query in (WHOLE, TRACED, OBJECTIVES))
    return Untraced(whole, programme, objective)


def shares(facts: Facts) -> list[Share]:
    """Return the Initiative beside Mexico's own fund, by year."""
    return [Share(**row) for row in facts.sql(SHARES).to_dicts()]


@dataclass(frozen=True)
class Spread:
    """Evenness of money over pillars in one period: the totals it rests on, and the intervals."""

    period: str
    accounts: dict[str, float]
    floor: float | None
    found: Evenness


def spreads(
    facts: Facts, eligible: dict[str, tuple[str, ...]], pillars: tuple[str, ...], both: tuple[str, ...]
) -> list[Spread]:
    """Return evenness over pillars: of all appropriations that an account is known of, and of 2014 to 2018.

    Parameters
    ----------
    eligible : dict
        By account, the pillars for which a programme of the framework may be paid from it.
    pillars : tuple of str
        Those that foreign assistance pays for.
    both : tuple of str
        The pillars of rule of law and counternarcotics, whose share from 2014 to 2018 was published.
    """
    found = []
    known = {account: float(usd) for account, usd in facts.sql(BY_ACCOUNT).rows() if usd}
    if known:
        found.append(Spread("by_account", known, None, evenness(Mappings.of(known, eligible, pillars))))
    allocated = {account: float(usd) for account, usd in facts.sql(ALLOCATED).rows() if usd}
    floor = facts.sql(FLOOR).rows()
    if len(allocated) == 2 and floor:
        least = float(floor[0][0])
        mappings = Mappings.of(allocated, eligible, pillars, [(both, least)])
        found.append(Spread("2014_2018", allocated, least, evenness(mappings)))
    return found
