"""One route for each effect: every lever has one, none has two, and a second is refused."""

import pytest

from merida.errors import ModelError
from merida.models import demand, flows
from merida.models.registry import levers
from merida.parameters.parameters import entries
from merida.parameters.routes import Route, enforce, parsed, routes

COMMUNITY = "communities.youth_cbt"
RIVAL = "justice.reform_effect"  # acts under the scenario courts_as_reform, in place of the chain


OUTCOME = {lever: mechanism.main_outcome for lever, mechanism in levers().items()}


def test_every_lever_has_one_route() -> None:
    stated = {lever: outcome for lever, outcome in routes() if outcome in OUTCOME.values()}
    assert stated == OUTCOME
    enforce(OUTCOME, entries(), routes())


def test_routes_name_every_effect_and_no_other() -> None:
    named = {path for route in routes().values() for path in route.by if not path.startswith("border.")}
    effects = {
        path for path in entries() if path.rpartition(".")[2] in ("quality", "use") or "effect" in path
    }
    southbound = {f"flows.southbound.{name}" for name in ("arms_year", "teams", "marginal")}
    assert named == (effects - {RIVAL}) | southbound | {
        "policing.elasticity",
        "demand.income_elasticity",
        "flows.elasticity",
        "justice.prosecutors_courts.worth",
        "justice.clearance_elasticity",
        "justice.deterrence_elasticity",
    }
    others = {lever for lever, outcome in routes() if outcome not in OUTCOME.values()}
    assert others <= {*demand.LEVERS, *flows.LEVERS}


def test_no_lever_of_policing_has_a_chain_and_courts_have_no_reduced_form() -> None:
    """Police elasticities hold clearance and deterrence already; courts act by the cases that they add."""
    chains = {
        lever for (lever, to), route in routes().items() if route.route == "chain" and to == "homicides"
    }
    assert not any(lever.startswith(("policing", "networks")) for lever in chains)
    assert [lever for lever in chains if lever.startswith("justice")] == ["justice.prosecutors_courts"]


def test_second_route_is_an_error() -> None:
    one = '"a.b" = { route = "chain", by = ["a.b.use"] }\n'
    twice = "[homicides]\n" + one + one.replace("chain", "reduced form")
    with pytest.raises(ModelError) as found:
        parsed(twice)
    assert found.value.key == "second_route"
    with pytest.raises(ModelError, match=COMMUNITY) as found:
        enforce({COMMUNITY: "homicides"}, [*entries(), f"{COMMUNITY}.use"], routes())
    assert found.value.key == "second_route_of"
    assert found.value.message("es") != found.value.message("en")


def test_lever_without_a_route_or_with_one_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ModelError) as found:
        enforce({"communities.new": "homicides"}, entries(), routes())
    assert found.value.key == "no_route"
    with pytest.raises(ModelError) as found:
        enforce(
            {COMMUNITY: "homicides"},
            entries(),
            {(COMMUNITY, "homicides"): Route(route="chain", by=("nothing.there",))},
        )
    assert found.value.key == "route_unknown_parameter"
    with pytest.raises(ModelError) as found:
        parsed('[homicides]\n"a.b" = { route = "both", by = ["a.b.use"] }\n')
    assert found.value.key == "route_invalid"
