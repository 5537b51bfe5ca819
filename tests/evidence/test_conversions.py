"""Conversions onto the log rate ratio, against worked examples and their inverses."""

import math
from collections.abc import Callable

import pytest

from merida.errors import EvidenceError
from merida.evidence import Register, conversions


def test_drug_courts_of_mitchell_and_others() -> None:
    """50 to 38 percent is an odds ratio of 1.63 of not being arrested, and a difference of 0.297 by Cox."""
    ratio = (0.5 / 0.5) / (0.38 / 0.62)
    assert ratio == pytest.approx(1.63, abs=0.005)
    assert math.log(ratio) / conversions.COX == pytest.approx(0.297, abs=0.0005)
    risk = math.log(0.38 / 0.5)
    assert conversions.odds_ratio(1 / ratio, 0.5) == pytest.approx(risk)
    assert conversions.standardised_difference(-math.log(ratio) / conversions.COX, 0.5) == pytest.approx(risk)
    assert conversions.level(-12.0, 50.0) == pytest.approx(risk)


def test_odds_ratio_of_a_rare_outcome_is_nearly_a_rate_ratio() -> None:
    assert conversions.odds_ratio(0.6, 0.0) == pytest.approx(math.log(0.6))
    assert conversions.odds_ratio(0.6, 0.001) == pytest.approx(math.log(0.6), abs=5e-4)


def test_percent_change_and_ratio_agree() -> None:
    assert conversions.percent_change(-63.0) == pytest.approx(conversions.rate_ratio(0.37))


def test_elasticity_takes_the_dose() -> None:
    """Ten percent more police at -0.67 is 6.2 percent less homicide; Mello's first stage gives back his figure."""
    assert math.expm1(conversions.elasticity(-0.67, 1.1)) == pytest.approx(-0.0619, abs=5e-5)
    implied = conversions.implied_elasticity(conversions.percent_change(-3.5), 1.032)
    assert implied == pytest.approx(-1.13, abs=0.005)
    assert conversions.elasticity(implied, 1.032) == pytest.approx(conversions.percent_change(-3.5))


def test_error_of_a_published_interval() -> None:
    """Santo and others (2021): 0.47 (0.42 to 0.53), whose error the register holds."""
    row = Register().study("oat_santo2021")
    assert row is not None
    assert conversions.error_of_interval(0.42, 0.53) == pytest.approx(float(str(row["std_error"])), abs=5e-5)


@pytest.mark.parametrize(
    ("convert", "numbers"),
    [
        (conversions.percent_change, (-100.0,)),
        (conversions.percent_change, (math.nan,)),
        (conversions.rate_ratio, (0.0,)),
        (conversions.rate_ratio, (math.inf,)),
        (conversions.odds_ratio, (-1.0, 0.2)),
        (conversions.odds_ratio, (0.5, 1.0)),
        (conversions.standardised_difference, (-0.3, -0.1)),
        (conversions.elasticity, (-0.67, 0.0)),
        (conversions.implied_elasticity, (-0.03, 1.0)),
        (conversions.level, (-12.0, 0.0)),
        (conversions.level, (-12.0, 12.0)),
        (conversions.error_of_interval, (0.5, 0.4)),
    ],
)
def test_what_has_no_log_rate_ratio_is_refused(
    convert: Callable[..., float], numbers: tuple[float, ...]
) -> None:
    with pytest.raises(EvidenceError) as found:
        convert(*numbers)
    assert found.value.key == "not_convertible"
    assert found.value.message("en") != found.value.message("es")
