"""The levers are tested by replication (SCIENCE rule 9): each anchor study's design is rebuilt inside the system.

Population: the whole target is the place's homicides (s = 1) and the outcome is the study's own (k = 1). Dose: units that
cover the need of the place once. Duration: the study's follow-up, at a fixed dose, and once from dollars. Comparison: a
place of the same kind that gets nothing, before and after. With the study's own effect held, the difference in
differences of the log rates is its estimate: exactly at the dose, within its standard error where dollars pay for it.
"""

import math
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import merida.numerics  # noqa: F401  isort: skip
import jax
import jax.numpy as jnp

from merida.ensemble.parameter_draws import draw
from merida.evidence import Register
from merida.evidence.rows import Study, judged
from merida.facts import Facts
from merida.framework import Framework, Plan, PlanRow
from merida.models import communities, demand
from merida.models.registry import MECHANISMS
from merida.models.socket import system
from merida.models.socket.domain import MX, Domain
from merida.parameters.parameters import Parameters

TREATED, COMPARISON = "08037", "08019"
ANCHORS = {
    "ceasefire_boston": "communities.focused_deterrence",
    "rand_highpoint": "communities.focused_deterrence",
    "cv_nyc2015": "communities.street_outreach",
    "bam_viol": "communities.youth_cbt",
    "styl1": "communities.youth_cbt",
    "summerjobs2014": "communities.youth_jobs",
    "carsi_murder": "communities.prevention",
    "ficavivo2010": "communities.prevention",
    "lighting_nyc": "communities.public_space",
}


def study(name: str) -> Study:
    row = Register().study(name)
    assert row is not None
    found = judged(row, Register().priors)
    assert isinstance(found, Study)
    return found


@cache
def framework() -> Framework:
    return Framework.load("merida")


def programme(lever: str) -> str:
    return next(name for name, one in framework().programmes.items() if one.lever == lever)


@cache
def domain() -> Domain:
    """Return two places that are violent enough for every programme, and one that is not."""
    forecast = SimpleNamespace(
        first_month="2012-01",
        places=(TREATED, COMPARISON, "09014"),
        states=("08", "08", "09"),
        population=np.array([1.3e6, 0.8e6, 0.4e6]),
        recent_deaths=np.array([1200.0, 500.0, 10.0]),
    )
    running = tuple(mechanism for mechanism in MECHANISMS if not mechanism.on_demand)
    tables = {name: make(facts()) for mechanism in running for name, make in mechanism.tables.items()}
    # In a study's own design every homicide is of its target: what the record counts of Mexico's is set aside.
    tables |= {name: {"08": 1.0, "09": 1.0} for name in ("young_victims", "organised_homicides")}
    return Domain(framework(), forecast, (TREATED,), "2013-01", 5, 300.0, running, tables)


@cache
def facts() -> Facts:
    return Facts("2012-12")


def theta(held: dict[str, float]) -> dict[str, Any]:
    """Return the parameters of one draw by mechanism, some held."""
    drawn = draw(domain(), Parameters(facts(), Register("2012-12"), held), 0, 1)
    return jax.tree.map(lambda values: jnp.asarray(values)[0], drawn.theta)


def cell(place: str) -> int:
    return int(domain().cells[domain().forecast.places.index(place)])


def design(lever: str, effect: float) -> dict[str, float]:
    """Return the parameters of a study's own design: its population, its outcome, and nobody who moves elsewhere."""
    held = {f"{lever}.effect": effect, f"{lever}.share": 1.0, f"{lever}.link": 1.0}
    if not lever.startswith("communities."):
        return held
    return held | {"communities.displacement": 0.0, f"{lever}.own": 0.0}  # and the country itself has none


@cache
def log_survival() -> object:
    given = {"units_at_work"}  # the units are set by hand; what makes them does not run
    running = [
        mechanism
        for mechanism in system.in_order(domain().mechanisms)
        if mechanism.name != "delivery" and not given & {signal.name for signal in mechanism.writes}
    ]
    start = {
        mechanism.name: mechanism.initial(domain().inputs[mechanism.name])
        for mechanism in running
        if mechanism.initial is not None
    }

    def left(theta: dict[str, Any], working: jax.Array) -> jax.Array:
        signals = {"units_at_work": working[None]}
        _, said = system.advanced(running, theta, domain().inputs, start, signals, jnp.arange(1))
        return said["log_survival"][0]

    return jax.jit(left)


def full_dose(lever: str, drawn: dict[str, Any]) -> float:
    """Return the units that give the study's dose to the whole target of the treated place."""
    index, at = domain().programmes.index(programme(lever)), domain().places.index(TREATED)
    if lever not in communities.LEVERS:
        if framework().programmes[programme(lever)].level == "nation":
            at = MX
        return float(drawn["coverage"].units_per_need[index]) * domain().need[index, at]
    mine, number = drawn["communities"], communities.LEVERS.index(lever)
    need = communities.needs(mine, domain().inputs["communities"])[1][number, cell(TREATED)]
    return float(need / mine.reach[number, 0])


def at_the_dose(lever: str, held: dict[str, float], dose: float = 1.0) -> np.ndarray:
    """Return the log of the share of homicides left in each cell, with the dose at work in the treated place alone."""
    name = programme(lever)
    drawn, index = theta(held), domain().programmes.index(name)
    working = np.zeros((len(domain().programmes), len(domain().places)))
    at = domain().places.index(TREATED)
    if framework().programmes[name].level == "nation":
        at = MX
    working[index, at] = dose * full_dose(lever, drawn)
    return np.asarray(log_survival()(drawn, jnp.asarray(working)))


@pytest.mark.parametrize(("name", "lever"), ANCHORS.items())
def test_anchor_study_is_recovered_at_its_dose(name: str, lever: str) -> None:
    anchor = study(name)
    left = at_the_dose(lever, design(lever, anchor.value))
    local = framework().programmes[programme(lever)].level != "nation"
    # A national programme has no place that gets nothing: there the comparison is the time before.
    found = left[cell(TREATED)] - (left[cell(COMPARISON)] if local else 0.0)
    assert found == pytest.approx(anchor.value, abs=1e-9)
    assert np.sign(at_the_dose(lever, design(lever, -anchor.value))[cell(TREATED)]) == -np.sign(found)
    half = at_the_dose(lever, design(lever, anchor.value), dose=0.5)[cell(TREATED)]
    assert math.expm1(half) == pytest.approx(math.expm1(anchor.value) / 2, rel=1e-9)


def test_police_elasticity_is_recovered_at_its_dose() -> None:
    """Ten percent more effective police, as Chalfin and McCrary (2018): -0.67 log(1.1), and not 0.1 of an effect."""
    anchor = study("chalfin_mccrary2018_murder")
    for dose, more in ((1.0, 0.1), (0.5, 0.05)):
        held = {
            "policing.elasticity": anchor.value,
            "policing.local_training.quality": 0.1,
            "policing.local_training.at_start": 0.0,  # nobody is trained yet
            "violence.wide_law": 1.0,
        }
        left = at_the_dose("policing.local_training", held, dose)
        found = (left[cell(TREATED)] - left[cell(COMPARISON)]) / math.log1p(more)
        assert found == pytest.approx(anchor.value, abs=1e-9)


def test_treatment_and_probation_are_recovered_at_home() -> None:
    """Santo and others (2021): deaths of people in treatment; Hawken and Kleiman (2009): arrests on probation."""
    for name, lever, path, base in (
        ("oat_santo2021", "demand.treatment", "deaths_effect", "deaths_per_person_year"),
        ("hope2009_arrest", "demand.hope_probation", "arrests_effect", "arrests_per_person_year"),
    ):
        anchor, rate, people = study(name), 0.03, 10_000.0
        drawn = theta({f"{lever}.{path}": anchor.value, f"{lever}.{base}": rate})
        treated, supervised = (people, 0.0) if lever == "demand.treatment" else (0.0, people)
        averted = 12 * sum(demand.at_home(drawn["demand"], jnp.array(treated), jnp.array(supervised)))
        assert math.log(1 - float(averted) / (people * rate)) == pytest.approx(anchor.value, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "months"), [("ceasefire_boston", 24), ("cv_nyc2015", 36), ("carsi_murder", 48)]
)
def test_anchor_study_is_recovered_from_dollars_within_its_standard_error(name: str, months: int) -> None:
    """Dollars by month buy units until the study's dose is at work when its follow-up ends; then the rates are read."""
    anchor, lever = study(name), ANCHORS[name]
    drawn = theta(design(lever, anchor.value) | {"violence.additionality": 1.0})
    account = framework().programmes[programme(lever)].accounts[0]
    row = PlanRow(programme(lever), account, TREATED, "2013-01", "2017-12", 1e6)
    end = domain().offset(row.start) + months - 1 - domain().first
    index = domain().programmes.index(row.programme)
    need = full_dose(lever, drawn)
    money = domain().money(Plan("anchor", "merida", (row,)))
    for _ in range(12):  # dollars that pay for the dose: nearly in proportion, but for the bound on capacity
        path = paid()(drawn, jnp.asarray(money))
        money = money * need / float(path["units_at_work_everywhere"][end, index])
    path = paid()(drawn, jnp.asarray(money))
    left = np.asarray(path["log_survival"])[[domain().offset(row.start) - domain().first, end]]
    change = left[1] - left[0]
    assert change[cell(TREATED)] - change[cell(COMPARISON)] == pytest.approx(
        anchor.value, abs=anchor.error / 5
    )
    assert left[0, cell(TREATED)] == pytest.approx(0.0, abs=0.01)
    assert np.all(left[:, cell(COMPARISON)] == 0)


def test_units_of_a_state_reach_its_municipalities_in_proportion_to_homicides_and_sum_to_it() -> None:
    """A state's teams reach as many members as they can in its places; money by place sums to its dollars."""
    lever, drawn = "communities.focused_deterrence", theta({"communities.focused_deterrence.own": 0.0})
    index, at = domain().programmes.index(programme(lever)), domain().places.index("08")
    working = np.zeros((len(domain().programmes), len(domain().places)))
    working[index, at] = 7.0
    mine, inputs = drawn["communities"], domain().inputs["communities"]
    _, said = communities.MECHANISM.one_month(
        mine, inputs, communities.initial(inputs), {"units_at_work": jnp.asarray(working)}, jnp.array(0)
    )
    averted = np.asarray(said["averted_share"].of((lever,)))[0]
    assert averted[cell(TREATED)] == pytest.approx(averted[cell(COMPARISON)])
    reached = np.asarray(said["group_members_reached"])
    assert reached[domain().states.index("08")] == pytest.approx(7.0 * float(mine.reach[0, 0]))
    rows = tuple(
        PlanRow(
            name,
            one.accounts[0],
            "US" if one.level in ("united_states", "port") else "MX",
            "2013-01",
            "2017-12",
            3e6,
        )
        for name, one in framework().programmes.items()
    )
    assert domain().money(Plan("all", "merida", rows)).sum() == pytest.approx(5 * 3e6 * len(rows))


@cache
def paid() -> object:
    mechanisms, inputs, first = domain().mechanisms, domain().inputs, domain().first
    return jax.jit(lambda theta, money: system.trajectory(mechanisms, theta, inputs, money, first))
