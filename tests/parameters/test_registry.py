"""Every prior of the program, and `--set`: it moves what rests on the prior, and nothing else."""

import json

import numpy as np
import pytest

from merida.border import find_place, one_site
from merida.border.crossings.schedules import schedules, shaped_fit
from merida.border.crossings.sites import Site
from merida.border.delay.hours_lost import delay, eight_hours
from merida.border.investment import costs
from merida.border.investment import gain as gains
from merida.ensemble.simulation import prepared
from merida.errors import ModelError
from merida.evidence import Register, pooled
from merida.facts import Facts
from merida.framework import Framework
from merida.parameters import FILES, Parameters, programme_entries, settings
from merida.parameters.registry import FORECAST, RUN_FILES, stated_digest
from merida.priors import Priors, together
from merida.violence.forecasting import Forecast, fitted
from merida.words import LANGUAGES, words
from tests.runner import CliRunner, app
from tests.violence.forecasting.panels import small

MERIDA = Framework.load("merida")
NOW = Facts()
PATHS = together(FILES)


def test_every_prior_has_a_unit_and_a_note_in_both_languages() -> None:
    every = dict(PATHS) | programme_entries(MERIDA) | programme_entries(Framework.load("bicentennial"))
    for path, entry in every.items():
        for language in LANGUAGES:
            assert words(language).has(f"parameter_units.{entry.unit}"), path
            assert entry.note_in(language).endswith("."), path
        if entry.range is not None:
            assert entry.range[0] <= entry.number <= entry.range[1], path
        if entry.ends is not None:  # bounds are wider than what is likely
            assert entry.bounds[0] <= entry.ends[0] < entry.ends[1] <= entry.bounds[1], path


@pytest.mark.parametrize(
    ("path", "number", "key", "said"),
    [
        ("border.calibration.lod", 0.9, "unknown_parameter", "border.calibration.load"),
        ("calibration.load", 0.9, "unknown_parameter", "border.calibration.load"),
        ("forecast.trend", 0.9, "unknown_parameter", "forecast.trend."),
        ("programme.vetting.unit_cost", 100.0, "unknown_parameter", "programme.vetting.unit_cost"),
        ("forecast.trend.damping", 1.0, "parameter_outside", "0.999"),
        ("evidence.bias_shared", -0.1, "parameter_outside", "-0.1"),
        ("border.values.reliability", float("nan"), "parameter_outside", "nan"),
        ("border.finance.growth", float("inf"), "parameter_outside", "inf"),
    ],
)
def test_what_cannot_be_held_is_refused(path: str, number: float, key: str, said: str) -> None:
    with pytest.raises(ModelError) as error:
        settings({path: number})
    assert error.value.key == key
    assert all(said in error.value.message(language) for language in LANGUAGES)


def test_what_has_no_part_in_an_answer_is_refused() -> None:
    for path, files in (("border.values.reliability", RUN_FILES), ("evidence.sign_only", (FORECAST,))):
        with pytest.raises(ModelError) as error:
            settings({path: 1.0}, files=files)
        assert error.value.key == "parameter_elsewhere"
        assert all(path in error.value.message(language) for language in LANGUAGES)
    weight = "policing.elasticity.weight.u_s_cities"
    assert settings({weight: 0.7}, files=("evidence/effects.toml",)).held == ((weight, 0.7),)


def test_the_digest_covers_every_file(monkeypatch: pytest.MonkeyPatch) -> None:
    before = stated_digest()
    assert stated_digest({"evidence.sign_only": 0.2}) != before
    for file in FILES:
        path = next(iter(together((file,))))
        other = PATHS[path].model_copy(update={"unit": "other"})
        monkeypatch.setattr(
            "merida.parameters.registry.together", lambda _, path=path, other=other: {**PATHS, path: other}
        )
        assert stated_digest() != before, file


def test_the_evidence_moves_with_its_own_priors_alone() -> None:
    stated = pooled(Register(), "focused_deterrence")
    held = Register(priors=settings({"evidence.between_settings": 0.01, "border.calibration.load": 0.9}))
    narrow = pooled(held, "focused_deterrence")
    assert narrow.new_high - narrow.new_low < 0.9 * (stated.new_high - stated.new_low)
    assert (narrow.studies, narrow.independent) == (stated.studies, stated.independent)
    assert held == Register(priors=settings({"evidence.between_settings": 0.01}))
    border_alone = Register(priors=settings({"border.calibration.load": 0.9}))
    assert border_alone == Register()
    assert hash(border_alone) == hash(Register())


def test_the_forecast_moves_with_its_own_priors_alone() -> None:
    known = small()

    def of(held: dict[str, float]) -> Forecast:
        return fitted(known, 24, seed=1, priors=settings(held))

    stated, sudden = of({}), of({"forecast.states.at_once": 1.0, "border.calibration.load": 0.9})
    assert np.array_equal(sudden.nation(0), stated.nation(0))
    assert np.array_equal(sudden.place_shares(0), stated.place_shares(0))
    assert not np.array_equal(sudden.state_shares(0), stated.state_shares(0))
    assert np.ptp(sudden.state_shares(0), axis=1).max() < 1e-12  # all of it came in the first month
    fixed = {"forecast.trend.noise": 0.02, "forecast.month.shape": 2.5, "forecast.month.power": 0.5}
    held = of(fixed | {"forecast.places.year": 2.0})
    assert held.trend.noise == pytest.approx(0.02, rel=1e-12)
    assert held.month_shape == pytest.approx((2.5, 0.5))
    assert held.place_strengths.year == pytest.approx(2.0)
    assert held.trend.level != stated.trend.level  # what is not held is fitted anew
    assert held.state_strengths == stated.state_strengths


def bota() -> Site:
    return one_site(NOW, find_place(NOW, "240201"), "cars")


def test_delay_moves_with_the_priors_of_its_room() -> None:
    def of(held: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
        (found,) = delay(NOW, [bota()], "2019", draws=3, priors=settings(held))
        return found.hours, found.usd

    hours, usd = of({})
    same, dearer = of(
        {"border.values.reliability": 3.0, "border.elastic.mobile": 0.1, "evidence.sign_only": 0.2}
    )
    assert np.array_equal(same, hours)
    assert np.all(dearer > usd)


def test_eight_hours_move_with_the_days_on_which_booths_fail() -> None:
    given = schedules(NOW, bota(), "2019", draws=3)
    given = given._replace(arrivals=given.arrivals * 1.4)  # where bad days matter

    def line(held: dict[str, float]) -> np.ndarray:
        return eight_hours(bota(), given, 0, settings(held))["line"]

    assert np.all(line({"border.calibration.incident_days": 0.5}) > line({}))


def test_a_prior_that_shaped_the_fit_sets_the_fit_aside() -> None:
    fitted = schedules(NOW, bota(), "2019", draws=3)
    assert fitted.calibrated
    held = settings({"border.calibration.service_cv": 1.3, "border.calibration.incident_days": 0.1})
    assert shaped_fit(held) == ("border.calibration.service_cv",)
    found = schedules(NOW, bota(), "2019", draws=3, priors=held)
    assert not found.calibrated
    assert np.all(found.service_cv == pytest.approx(1.3))
    assert found.arrivals.sum() == pytest.approx(fitted.arrivals.sum(), rel=0.05)  # the volume of the record
    after = schedules(
        NOW, bota(), "2019", draws=3, priors=settings({"border.calibration.incident_days": 0.1})
    )
    assert np.array_equal(after.booths, fitted.booths)
    late = schedules(
        NOW, bota(), "2019", draws=3, priors=settings({"border.calibration.staffing_follows_volume": 1.0})
    )
    assert late.calibrated
    assert np.array_equal(late.arrivals, fitted.arrivals)
    assert not np.array_equal(late.booths, fitted.booths)


def test_investments_move_with_the_priors_of_their_room() -> None:
    stated = gains.settings(NOW, "cars", 4, 0, 0.07)
    held = {"border.elastic.mobile": 0.3, "programme.lanes_roads.unit_cost": 2e6}
    found = gains.settings(NOW, "cars", 4, 0, 0.07, priors=settings(held, MERIDA))
    assert np.all(found.how.mobile == 0.3)
    assert np.array_equal(found.how.flexible, stated.how.flexible)
    assert np.array_equal(found.worth.time, stated.worth.time)
    assert np.all(found.costs["lane"][0] != stated.costs["lane"][0])
    assert np.array_equal(found.costs["officer"][0], stated.costs["officer"][0])
    assert np.all(costs.unit_cost(MERIDA, NOW, costs.LANES, 4, 0, settings(held, MERIDA)) == 2e6)
    assert np.all(costs.officer_hours(4, 0, settings({"border.officer_hours_per_year": 1500.0})) == 1500.0)


def test_a_run_rests_on_every_room(facts_2012: Facts) -> None:
    held = {
        "forecast.trend.noise": 0.02,
        "evidence.between_settings": 0.01,
        "programme.vetting.unit_cost": 1234.0,
        "communities.displacement": 0.1,
    }
    domain, parameters, drawn = prepared(MERIDA, facts_2012, {}, draws=2, seed=0, held=held)
    assert domain.forecast.trend.noise == pytest.approx(0.02)
    assert parameters.evidence == Register("2012-12", priors=settings({"evidence.between_settings": 0.01}))
    for path in ("programme.vetting.unit_cost", "communities.displacement"):
        assert np.all(drawn.scalars[path] == held[path])
    stated = prepared(MERIDA, facts_2012, {}, draws=2, seed=0)[2]
    moved = {path for path in stated.scalars if not np.array_equal(stated.scalars[path], drawn.scalars[path])}
    rest_on_evidence = {path for path, entry in PATHS.items() if entry.grade == "evidence"}
    assert moved <= {*held, *rest_on_evidence}
    with pytest.raises(ModelError, match="programme"):
        Parameters(facts_2012, Register("2012-12"), {"programme.nobody.unit_cost": 1.0}, MERIDA)


def run(*arguments: str) -> dict[str, object]:
    done = CliRunner().invoke(app, [*arguments, "--format", "json"])
    assert done.exit_code == 0, done.output
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def test_commands_say_what_was_held_and_only_then() -> None:
    asked = ("border", "finance", "--kind", "cbi", "--port", "Laredo")
    assert run(*asked)["request"]["held"] == {}  # type: ignore[index]
    held = run(*asked, "--set", "border.finance.outlay_years=2")
    assert held["outlay_years"] == 2
    assert held["request"]["held"] == {"border.finance.outlay_years": 2.0}  # type: ignore[index]
    pool = ("evidence", "pool", "focused_deterrence")
    stated, moved = run(*pool), run(*pool, "--set", "evidence.bias_sd.before_after=2")
    assert stated["plain"] == moved["plain"]
    assert stated["model"] != moved["model"]
    assert moved["request"]["held"] == {"evidence.bias_sd.before_after": 2.0}  # type: ignore[index]


def test_a_port_simulated_takes_what_is_held() -> None:
    asked = ("border", "simulate", "laredo", "--lanes", "general=3,ready=5,sentri=1", "--replications", "4")
    stated, slower = run(*asked), run(*asked, "--set", "border.service_minutes.cars.general=2")
    waits = [[flow["mean_wait"] for flow in answer["classes"]] for answer in (stated, slower)]  # type: ignore[attr-defined]
    assert waits[1][0] > waits[0][0]
    assert waits[1][1:] == waits[0][1:]


COMMANDS = (
    "simulate memo", "compare memo none", "allocate", "rank", "welfare memo", "violence forecast", "violence backtest",
    "border delay", "border waits BOTA", "border score --file x.csv", "border invest", "border create",
    "border finance", "border simulate Laredo", "evidence show youth_cbt", "evidence gaps",
    "evidence pool focused_deterrence",
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_refuses_what_cannot_be_held_before_it_works(command: str) -> None:
    done = CliRunner().invoke(app, [*command.split(), "--set", "border.calibration.lod=1"])
    assert isinstance(done.exception, ModelError), done.output
    assert done.exception.values["found"] == "border.calibration.lod"


def test_within_a_room_priors_are_those_of_its_files() -> None:
    assert settings({"evidence.sign_only": 0.2}).within(FORECAST) == Priors((FORECAST,))
