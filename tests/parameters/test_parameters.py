"""Parameters: draws that depend on seed, path and number alone, held numbers, and what the files may say."""

from collections.abc import Mapping

import numpy as np
import pytest

from merida.draws import stream
from merida.errors import ModelError
from merida.evidence import Register
from merida.facts import Facts
from merida.parameters import Parameters, entries, parameters, weights

SEED = 11


@pytest.fixture(scope="module")
def known(facts: Facts) -> Parameters:
    return Parameters(facts, Register(), {})


def test_more_draws_begin_with_the_fewer(known: Parameters) -> None:
    few, many = known.draws(SEED, 5), known.draws(SEED, 40)
    assert few.keys() == many.keys() == entries().keys()
    for path in few:
        np.testing.assert_array_equal(few[path], many[path][:5])


def test_draws_do_not_depend_on_other_parameters(known: Parameters, monkeypatch: pytest.MonkeyPatch) -> None:
    before = known.draws(SEED, 20)
    some = dict(list(entries().items())[::-2])
    monkeypatch.setattr(parameters, "entries", lambda: some)
    after = known.draws(SEED, 20)
    assert after.keys() == some.keys()
    for path, values in after.items():
        np.testing.assert_array_equal(values, before[path])


def test_draws_depend_on_the_seed_and_differ_by_path(known: Parameters) -> None:
    first, second = known.draws(SEED, 20), known.draws(SEED + 1, 20)
    path = "communities.youth_cbt.share"
    assert not np.any(first[path] == second[path])
    scores = np.array([stream(SEED, path).standard_normal(200) for path in entries()])
    off = np.corrcoef(scores)[~np.eye(len(scores), dtype=bool)]
    # five standard errors of a correlation of 200 independent pairs
    assert np.abs(off).max() < 5 / np.sqrt(200)


def test_draws_follow_the_law(known: Parameters) -> None:
    values = known.draws(SEED, 4000)
    for path, entry in entries().items():
        if entry.distribution is not None and entry.fact is None and entry.distribution.kind != "uniform":
            low, high = np.quantile(values[path], [0.05, 0.95])
            inside = (
                entry.bounds[0] < (entry.distribution.low or 0)
                and (entry.distribution.high or 0) < entry.bounds[1]
            )
            if inside:
                # four standard errors of a share of 4000: 0.05 within 0.014
                assert (values[path] < entry.distribution.low).mean() == pytest.approx(0.05, abs=0.014), path
                assert (values[path] > entry.distribution.high).mean() == pytest.approx(0.05, abs=0.014), path
                assert low < high


def test_draws_stay_within_the_bounds(known: Parameters) -> None:
    for path, values in known.draws(SEED, 2000).items():
        low, high = entries()[path].bounds
        assert np.all((values >= low) & (values <= high)), path


def test_held_number_is_kept_and_touches_nothing_else(facts: Facts, known: Parameters) -> None:
    path = "communities.youth_cbt.effect"
    held = Parameters(facts, Register(), {path: -0.3})
    before, after = known.draws(SEED, 10), held.draws(SEED, 10)
    assert np.all(after[path] == -0.3)
    for other in before:
        if other != path:
            np.testing.assert_array_equal(before[other], after[other])
    assert held.digest() != known.digest()
    assert known.digest() == Parameters(facts, Register(), {}).digest()


ELASTICITY = "policing.elasticity"


def test_weights_of_readings_can_be_set_and_the_others_share_the_rest(
    facts: Facts, known: Parameters
) -> None:
    assert f"{ELASTICITY}.weight.mexican_subsidy" in weights()
    assert all(path.count(".weight.") == 1 for path in weights())
    stated = known.effect(ELASTICITY)
    held = Parameters(facts, Register(), {f"{ELASTICITY}.weight.mexican_subsidy": 0.9})
    distribution = held.effect(ELASTICITY)
    assert distribution.labels == stated.labels
    np.testing.assert_allclose(distribution.weights, [0.1, 0.9])
    np.testing.assert_array_equal(distribution.means, stated.means)
    before, after = known.draws(SEED, 400), held.draws(SEED, 400)
    assert after[ELASTICITY].mean() > before[ELASTICITY].mean()
    assert all(np.array_equal(before[path], after[path]) for path in before if path != ELASTICITY)
    assert held.digest() != known.digest()
    alone = Parameters(facts, Register(), {f"{ELASTICITY}.weight.u_s_cities": 1.0}).effect(ELASTICITY)
    assert alone.labels == ("U.S. cities",)
    reform = "justice.reform_effect"
    three = Parameters(facts, Register(), {f"{reform}.weight.reform_raised_homicide": 0.1})
    np.testing.assert_allclose(three.effect(reform).weights, [0.1, 0.36, 0.54])


@pytest.mark.parametrize(
    ("held", "key", "said"),
    [
        ({f"{ELASTICITY}.weight.mexican": 0.9}, "unknown_parameter", "mexican_subsidy"),
        ({f"{ELASTICITY}.weight.mexican_subsidy": 1.1}, "parameter_outside", "1.1"),
        (
            {f"{ELASTICITY}.weight.mexican_subsidy": 0.6, f"{ELASTICITY}.weight.u_s_cities": 0.6},
            "weights_not_one",
            "1.2",
        ),
        ({"communities.youth_cbt.efect": 0.1}, "unknown_parameter", "communities.youth_cbt.effect"),
        ({"communities.youth_cbt": 0.1}, "unknown_parameter", "communities.youth_cbt."),
        ({"communities.youth_cbt.share": 1.5}, "parameter_outside", "1.5"),
        ({"communities.youth_cbt.share": float("nan")}, "parameter_outside", "nan"),
        ({"policing.elasticity": float("inf")}, "parameter_outside", "inf"),
    ],
)
def test_held_number_that_cannot_be_is_refused(
    facts: Facts, held: Mapping[str, float], key: str, said: str
) -> None:
    with pytest.raises(ModelError) as found:
        Parameters(facts, Register(), held)
    assert found.value.key == key
    assert said in found.value.message("en")
    assert said in found.value.message("es")


def test_a_held_number_stands_for_the_fact(facts: Facts) -> None:
    """The need of officers goes by the median of this parameter, held or not."""
    held = Parameters(facts, Register(), {"policing.officers_per_100k": 400.0})
    assert held.distribution("policing.officers_per_100k").median == 400.0


def test_fact_is_used_once_published_and_the_assumption_before(facts: Facts) -> None:
    path = "policing.officers_per_100k"
    entry = entries()[path]
    known = Parameters(facts, Register(), {})
    figure = known.fact(path)
    assert figure is not None
    assert known.distribution(path).median == pytest.approx(figure)
    assert known.distribution(path).high == pytest.approx(figure * entry.spread)
    published = facts.sql(f"select available_from from published_facts where id = '{entry.fact}'").item()
    before = Parameters(Facts("2008-01"), Register("2008-01"), {})
    assert published > "2008-01"
    assert before.fact(path) is None
    assert before.distribution(path) == entry.distribution


def test_evidence_of_the_date_shapes_the_draws(facts: Facts, facts_2012: Facts) -> None:
    path = "policing.elasticity"
    then = Parameters(facts_2012, Register("2012-12"), {})
    assert then.effect(path).labels == ("prior",)
    now = Parameters(facts, Register(), {})
    assert now.effect(path).labels == ("U.S. cities", "Mexican subsidy")
    drawn = now.draws(SEED, 6000)[path]
    distribution = now.effect(path)
    assert np.quantile(drawn, 0.5) == pytest.approx(distribution.quantile(0.5), abs=0.05)
    assert (drawn > 0).mean() == pytest.approx(distribution.probability_harm, abs=0.026)


def test_facts_that_parameters_name_exist(facts: Facts) -> None:
    for path, entry in entries().items():
        if entry.fact:
            assert Parameters(facts, Register(), {}).fact(path) is not None


def test_weights_of_readings_sum_to_one() -> None:
    for path, entry in entries().items():
        if entry.evidence:
            assert sum(reading.weight for reading in entry.evidence) == pytest.approx(1), path
