import pytest

from merida.errors import FigureError, nearest
from merida.figure import Figure, Origin

ORIGIN = Origin(("homicides_year",), "select 1")


def test_a_fact_has_no_interval_and_an_estimate_has_one() -> None:
    Figure(1, None, None, "deaths", "fact", ORIGIN)
    Figure(1, 0, 2, "deaths", "estimate", ORIGIN)
    Figure(1, 0, 2, "deaths", "assumption", ORIGIN)


@pytest.mark.parametrize(
    ("value", "low", "high", "kind"),
    [(1, 0, 2, "fact"), (1, 0, None, "fact"), (1, None, None, "estimate"), (1, None, None, "assumption"),
     (3, 0, 2, "estimate")],
)  # fmt: skip
def test_a_figure_that_breaks_the_honesty_rule_is_refused(value, low, high, kind) -> None:
    with pytest.raises(FigureError) as error:
        Figure(value, low, high, "deaths", kind, ORIGIN)
    assert str(value) in error.value.message("en")
    assert error.value.message("en") != error.value.message("es")


def test_nearest_names() -> None:
    names = ["homicides_year", "homicides_month", "ports", "trade"]
    assert nearest("homicide_year", names).split(", ")[0] == "homicides_year"
    assert nearest("HOMICIDES", names) == "homicides_year, homicides_month"
    assert nearest("zzz", names) == "homicides_month, homicides_year, ports, trade"
