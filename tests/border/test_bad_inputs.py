"""Inputs that cannot be meant: every border command refuses them at once, with one message in both languages."""

import random
import time

import pytest

from merida.border import LaneClass, Scenario, queue, simulate
from merida.errors import BorderError, MeridaError
from tests.runner import CliRunner, app

NO_NUMBER = (
    "nan",
    "inf",
    "-inf",
    "1e400",
    "-1",
    "²",
    "",
    "1_0e",
    "9" * 400,
    "9" * 5000,
    "x" * 3000,
    "{found}",
)
QUEUE = ["queue", "--arrivals-per-hour", "8", "--service-per-hour", "1", "--servers", "10"]
# Command, option, values that are refused beside those that are no number; a command that reads no record comes first.
OPTIONS = (
    (QUEUE, "--arrivals-per-hour", (*NO_NUMBER, "1e300", "80")),
    (QUEUE, "--service-per-hour", (*NO_NUMBER, "1e300", "0.5")),
    (QUEUE, "--servers", (*NO_NUMBER, "1000000000", "1.5")),
    (QUEUE, "--service-cv", (*NO_NUMBER, "1e9")),
    (QUEUE, "--customers", (*NO_NUMBER, "10", "999999999")),
    (["simulate", "Tecate"], "--lanes", (*NO_NUMBER, "1000000", "general=1,general=2", "a=b", "general=１")),
    (["simulate", "Tecate"], "--officers", (*NO_NUMBER, "1000000000")),
    (["simulate", "Tecate"], "--trusted-share", (*NO_NUMBER, "1.1")),
    (["simulate", "Tecate"], "--days", (*NO_NUMBER, "367")),
    (["simulate", "Tecate"], "--replications", (*NO_NUMBER, "1000000000")),
    (["simulate", "Tecate"], "--baulking", ("1e400,1", "1", "nan,1", "1,2,3", "-1,5")),
    (["simulate", "Tecate"], "--profile", ("0.5,0.5", "nan", "x", ",".join(["1e400"] * 24))),
    (["delay", "--port", "Tecate"], "--draws", (*NO_NUMBER, "1000000", "1")),
    (["delay", "--port", "Tecate"], "--period", ("2012-13", "２０１２", "12", "1850-01")),
    (["waits", "Tecate"], "--draws", (*NO_NUMBER, "10000000")),
    (["invest", "--port", "Tecate"], "--discount-rate", (*NO_NUMBER, "0.6")),
    (["invest", "--port", "Tecate"], "--draws", (*NO_NUMBER, "10000000")),
    (["finance", "--port", "Tecate"], "--cost-usd", (*NO_NUMBER, "1e300", "0")),
    (["finance", "--port", "Tecate"], "--tolls-usd", (*NO_NUMBER, "1e300")),
    (["finance", "--port", "Tecate"], "--tenor-years", (*NO_NUMBER, "1000000")),
    (["create"], "--draws", (*NO_NUMBER, "1000000")),
)


def test_what_cannot_be_meant_is_refused() -> None:
    rng, runner = random.Random(15), CliRunner()
    cases = [(command, option, value) for command, option, values in OPTIONS for value in values]
    assert len(cases) > 200
    without_record = [case for case in cases if case[0] is QUEUE]
    others = rng.sample([case for case in cases if case[0] is not QUEUE], 20)
    begun = time.perf_counter()
    for command, option, value in without_record + others:
        result = runner.invoke(app, ["border", *command, option, value])
        if isinstance(result.exception, MeridaError):
            assert all(len(result.exception.message(language)) < 4000 for language in ("en", "es"))
        else:
            assert result.exit_code == 2, (command, option, value[:20], result.exception)
    assert (
        time.perf_counter() - begun < 120
    )  # nothing is begun that would take long, however slow the machine


def test_a_simulation_without_end_says_what_it_would_take() -> None:
    scenario = Scenario((LaneClass("general", [600.0] * 24, [10] * 24, 0.75),))
    for ask in (
        lambda: simulate(scenario, 10**9),
        lambda: queue(8, 1, 10, customers=10**10),
        lambda: queue(8, 1, 10**9),
    ):
        with pytest.raises(BorderError, match=r"minutes.*GB") as raised:
            ask()
        assert raised.value.key == "border_too_large"
