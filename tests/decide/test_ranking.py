"""The ranking: by hand on four draws; moved by a study turned round; and what it says of itself."""

import numpy as np
import pytest

from merida.decide.ranking import Ranking, ranked, ranking
from merida.errors import PlanError
from merida.evidence import Register
from merida.facts import Facts
from merida.framework import Framework
from merida.statistics.grouping import grouped


def test_four_draws_by_hand() -> None:
    names = ("steady", "harmful", "wide")
    values = np.array([[1.0, -1.0, 9.0], [2.0, -2.0, -9.0], [3.0, 0.5, 10.0], [2.0, -1.0, -8.0]])
    rows = ranked(values, grouped(values, names), names, dict.fromkeys(names), first=1)
    steady, wide, harmful = rows  # both lead in two of four draws: then by the median, 2 and 0.5
    assert [row.programme for row in rows] == ["steady", "wide", "harmful"]
    assert (steady.first, wide.first, harmful.first) == (0.5, 0.5, 0.0)
    assert (steady.median, wide.median, harmful.median) == (2.0, 0.5, -1.0)
    assert (steady.mean, wide.mean, harmful.mean) == (2.0, 0.5, -0.875)
    assert (steady.harm, wide.harm, harmful.harm) == (0.0, 0.5, 0.75)
    assert steady.first_error == pytest.approx(0.25)  # sqrt(0.5 * 0.5 / 4)
    assert steady.mean_error == pytest.approx(np.sqrt(0.5) / 2)  # variance (1 + 0 + 1 + 0) / 4
    assert {row.group for row in rows} == {1}  # four draws tell nothing apart


def test_the_error_of_the_median_is_that_of_normal_draws() -> None:
    values = np.random.default_rng(0).standard_normal((2000, 1))
    (row,) = ranked(values, grouped(values, ("a",)), ("a",), {"a": None})
    # Of normal draws it is sqrt(pi / 2 n); the estimate of Maritz and Jarrett itself errs by some 15 percent here.
    assert row.median_error == pytest.approx(np.sqrt(np.pi / 2 / 2000), rel=0.3)


@pytest.fixture(scope="module")
def found(facts_2012: Facts) -> tuple[Ranking, Ranking]:
    framework, now = Framework.load("merida"), Register("2012-12")

    def result(register: Register) -> Ranking:
        return ranking(framework, facts_2012, draws=4, years=3, leave_one_out=False, register=register)

    return result(now), result(now.flipped("ceasefire_boston"))


def test_a_sign_flipped_moves_the_ranking(found: tuple[Ranking, Ranking]) -> None:
    name = "focused_deterrence"
    before, after = (next(row for row in result.rows if row.programme == name) for result in found)
    assert before.median > after.median
    assert before.first > after.first or before.harm < after.harm
    assert found[0].bears_on["ceasefire_boston"] == (name,)


def test_four_draws_are_said_to_settle_nothing(found: tuple[Ranking, Ranking]) -> None:
    result = found[0]
    assert not result.grouping.told_apart
    assert not result.grouping.settled
    assert (result.grouping.draws_needed or 10**9) > 4
    assert set(result.additionality) == {0.3, 0.6, 1.0}
    assert set(result.windows) == {3}
    assert result.enters(result.grouping) == result.leaves(result.grouping) == ()
    assert set(result.order) == set(result.grouping.best)


def test_sizes_are_refused_before_any_work(facts_2012: Facts) -> None:
    framework = Framework.load("merida")
    for sizes in ({"draws": 0}, {"draws": 10**7}, {"years": 0}, {"years": 99}):
        with pytest.raises(PlanError) as caught:
            ranking(framework, facts_2012, **sizes)  # type: ignore[arg-type]
        assert caught.value.key in ("run_out_of_range", "run_too_large")
