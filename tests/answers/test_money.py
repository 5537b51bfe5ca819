"""Converting money and the freshness of the record: worked by hand, under every face, in both languages."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from merida import Lab
from merida.answers import Answer, answer, from_command
from merida.errors import FactsError, RequestError
from merida.words import LANGUAGES
from tests.runner import CliRunner, app


def convert(amount: float, given: str, to: str, **held: str) -> dict[str, float]:
    found = Lab(**held).facts.convert(amount=amount, from_=given, to=to)
    return {one.method: one.amount for one in found.payload.conversions}


def test_a_million_pesos_of_2012_in_dollars_of_2024() -> None:
    # From the table: 13.1539 and 18.3062 pesos a dollar, prices 171.312 and 136.628 (2012 is 100), parity 7.858708.
    assert convert(1e6, "MXN:2012", "USD:2024") == pytest.approx(
        {
            "exchange_then_prices": 1e6 / 13.1539 * 1.36628,
            "prices_then_exchange": 1e6 * 1.71312 / 18.3062,
            "parity_then_prices": 1e6 / 7.858708 * 1.36628,
        }
    )


def test_the_yearly_appropriation_of_2012_in_dollars_and_pesos_of_2024() -> None:
    assert convert(275e6, "USD:2012", "USD:2024") == pytest.approx({"prices": 275e6 * 1.36628})
    pesos = convert(275e6, "usd:2012", "mxn:2024")
    assert pesos["exchange_then_prices"] == pytest.approx(275e6 * 13.1539 * 1.71312)
    assert pesos["prices_then_exchange"] == pytest.approx(275e6 * 1.36628 * 18.3062)


def test_a_year_of_which_only_the_exchange_rate_is_known() -> None:
    assert convert(19205.2, "MXN:2025", "USD:2025")["exchange_then_prices"] == pytest.approx(1000)


def test_as_of_a_date_the_table_ends_where_it_was_known() -> None:
    assert convert(12.427, "MXN:2011", "USD:2011", as_of="2012-12")["exchange_then_prices"] == pytest.approx(
        1
    )
    with pytest.raises(FactsError) as error:
        convert(1, "MXN:2011", "USD:2012", as_of="2012-12")
    for language in LANGUAGES:
        assert "us_cpi 2012" in error.value.message(language)
        assert "1993" in error.value.message(language)
        assert "2011" in error.value.message(language)


@pytest.mark.parametrize("as_of", ["1991-10", "1993-01", None])
def test_a_year_that_nothing_is_known_of_is_refused(as_of: str | None) -> None:
    with pytest.raises(FactsError) as error:
        convert(1, "MXN:1970", "USD:1971", **({"as_of": as_of} if as_of else {}))
    assert error.value.key == "convert_unknown"


@pytest.mark.parametrize("given", ["EUR:2012", "MXN", "MXN:12", "MXN-2012", "2012", "MXN:2012 "])
def test_what_is_no_currency_and_year_is_refused(given: str) -> None:
    with pytest.raises(RequestError) as error:
        convert(1, given, "USD:2012")
    for language in LANGUAGES:
        assert "MXN:2012" in error.value.message(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_names_the_rows_and_the_source(language: str) -> None:
    found = answer(from_command("merida facts convert 1000000 --from MXN:2012 --to USD:2024"))
    text = found.text(language, 100)
    for number in ("103,868.81", "93,581.41", "173,855.55", "13.1539", "136.6280"):
        assert number in text
    assert "merida facts sql" in text
    assert ("Federal Reserve" if language == "en" else "Reserva Federal") in text
    again = from_command(found.request.command())
    assert again == found.request


def test_a_method_that_lacks_a_number_says_which() -> None:
    text = answer(from_command("merida facts convert 1 --from MXN:2025 --to USD:2025")).text("es", 100)
    assert "no se conoce" in text
    assert "0.05" in text


def test_status_is_of_the_month_that_is_named() -> None:
    found = CliRunner().invoke(app, ["facts", "status", "--today", "2026-11", "--format", "json"])
    assert found.exit_code == 0
    held = json.loads(found.stdout)
    assert held["today"] == "2026-11"
    waits = next(one for one in held["tables"] if one["table"] == "posted_waits")
    assert (waits["last"], waits["late_months"], waits["due"][0]) == ("2025-10", 12, "2025-11")


def test_status_without_a_month_is_of_this_one() -> None:
    assert Lab().facts.status().payload.today == date.today().isoformat()[:7]
    with pytest.raises(RequestError):
        Lab().facts.status(today="2026-13")


@pytest.fixture(scope="module")
def status() -> Answer[Any, Any]:
    return answer(from_command("merida facts status --today 2026-11"))


@pytest.mark.parametrize("width", [60, 80, 140])
@pytest.mark.parametrize("language", LANGUAGES)
def test_status_fits_the_page(status: Answer[Any, Any], language: str, width: int) -> None:
    text = status.text(language, width)
    assert max(map(len, text.splitlines())) <= width
    assert "posted_waits" in text
