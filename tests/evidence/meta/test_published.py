"""Published meta-analyses through the command: every figure to the precision with which it was printed.

Results are those of the papers named in `meta_tables`, or of the R package metafor (Viechtbauer, 2010, J. Stat. Softw.
36, 3) on the same tables, in its documentation or its tests. A figure is met if it lies within 0.6 units of the last
printed place: half for rounding, the rest for metafor, whose iterations stop at a relative change of 1e-5.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from tests.evidence.meta import meta_tables
from tests.runner import CliRunner, app

Pool = Callable[..., dict[str, Any]]


@pytest.fixture
def pool(tmp_path: Path) -> Pool:
    def run(table: str, *arguments: str) -> dict[str, Any]:
        file = tmp_path / "studies.csv"
        file.write_text(table)
        done = CliRunner().invoke(
            app, ["evidence", "pool", "--file", str(file), "--format", "json", *arguments]
        )
        assert done.exit_code == 0, done.exception
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    return run


def at(found: Any, path: str) -> Any:
    """Return ``bias.egger.slope.p`` or ``ci.0`` of an answer."""
    for part in path.split("."):
        found = found[int(part)] if isinstance(found, list) else found[part]
    return found


def meets(found: Any, expected: str, width: float = 0.6) -> None:
    """Compare figures with ``path=printed …``."""
    for pair in expected.split():
        path, _, printed = pair.partition("=")
        places = len(printed.partition(".")[2])
        value = at(found, path)
        assert abs(value - float(printed)) <= width * 10.0**-places, (path, value, printed)


@pytest.mark.parametrize(
    ("measure", "method", "expected"),
    [
        ("RR", "EE", "estimate=-0.4303 ci.0=-0.5097 ci.1=-0.3509 statistic=-10.6247 Q=152.2330"),
        ("RR", "DL", "estimate=-0.7141 ci.0=-1.0644 ci.1=-0.3638 statistic=-3.9952 tau2=0.3088 I2=92.1173"),
        ("OR", "FE", "estimate=-0.4361 ci.0=-0.5190 ci.1=-0.3533 statistic=-10.3190 Q=163.1649"),
        ("OR", "DL", "estimate=-0.7474 ci.0=-1.1242 ci.1=-0.3706 statistic=-3.8873 tau2=0.3663 I2=92.6455"),
        ("RD", "DL", "estimate=-0.0071 ci.0=-0.0101 ci.1=-0.0040 statistic=-4.5128 I2=95.6596"),
        ("rr", "reml", "estimate=-0.7145 std_error=0.1798 statistic=-3.9744 ci.0=-1.0669 ci.1=-0.3622 tau2=0.3132 "
         "tau2_std_error=0.1664 I2=92.22 H2=12.86 Q=152.2330 ratio.estimate=0.4894 ratio.ci.0=0.3441 "
         "ratio.ci.1=0.6962 ratio.prediction_interval.0=0.1546 ratio.prediction_interval.1=1.5490 tau2_ci.0=0.1197"),
        ("PETO", "EE", "ratio.estimate=0.6222 ratio.ci.0=0.5746 ratio.ci.1=0.6738"),
    ],
)  # fmt: skip
def test_vaccine(pool: Pool, measure: str, method: str, expected: str) -> None:
    meets(pool(meta_tables.BCG, "--measure", measure, "--method", method), expected)


def test_vaccine_by_knapp_and_hartung(pool: Pool) -> None:
    found = pool(meta_tables.BCG, "--measure", "RR", "--interval", "knapp-hartung")
    meets(found, "estimate=-0.7145 std_error=0.1808 statistic=-3.9522 df=12 p=0.0019 ci.0=-1.1084 ci.1=-0.3206 "
          "ratio.ci.0=0.33 ratio.ci.1=0.73 "
          "ratio.prediction_interval.0=0.14 ratio.prediction_interval.1=1.76")  # fmt: skip


def test_vaccine_q_profile(pool: Pool) -> None:
    found = pool(meta_tables.BCG, "--measure", "RR", "--method", "DL")
    # The published ends of I² and H² carry the error of a root found to four places of tau²; the inputs allow 0.003.
    assert found["tau2_ci"] == pytest.approx([0.1197, 1.1115], abs=1e-4)
    assert found["I2_ci"] == pytest.approx([81.9177, 97.6781], abs=3e-3)
    assert found["H2_ci"] == pytest.approx([5.5303, 43.0680], abs=1e-3)


def test_vaccine_by_latitude_and_year(pool: Pool) -> None:
    found = pool(meta_tables.BCG, "--measure", "RR", "--moderators", "ablat,year")
    meets(found, "tau2=0.1108 Q=28.3251 R2=64.63 I2=71.98 "
          "coefficients.1.estimate=-0.0280 coefficients.1.std_error=0.0102 coefficients.2.estimate=0.0019")  # fmt: skip
    assert found["QM"] == pytest.approx(12.2043, abs=3e-3)  # as the inputs allow
    assert found["coefficients"][0]["estimate"] == pytest.approx(-3.5455, abs=3e-4)  # as the inputs allow
    assert found["estimate"] is None
    found = pool(meta_tables.BCG, "--measure", "RR", "--moderators", "ablat")
    meets(found, "tau2=0.0764 tau2_ci.0=0.0167")
    assert found["tau2_ci"][1] == pytest.approx(0.7849, abs=3e-3)  # as the inputs allow


def test_a_category_is_tested_as_one(pool: Pool) -> None:
    found = pool(meta_tables.BCG, "--measure", "RR", "--moderators", "alloc,year,ablat")
    assert [one["name"] for one in found["coefficients"]] == [
        "intercept", "alloc=random", "alloc=systematic", "year", "ablat",
    ]  # fmt: skip
    assert found["moderators"][0]["df"] == 2
    assert found["moderators"][0]["statistic"] == pytest.approx(
        1.366284, rel=1e-5
    )  # as far as tau² had converged


def test_programmes_against_recidivism(pool: Pool) -> None:
    found = pool(meta_tables.COGNITIVE, "--measure", "OR")
    meets(found, "k=58 estimate=0.4226 std_error=0.0605 statistic=6.9880 ci.0=0.3041 ci.1=0.5411 tau2=0.1046 "
          "tau2_std_error=0.0352 I2=70.62 H2=3.40 Q=213.6898 ratio.estimate=1.53 ratio.ci.0=1.36 ratio.ci.1=1.72 "
          "ratio.prediction_interval.0=0.80 ratio.prediction_interval.1=2.91")  # fmt: skip
    found = pool(meta_tables.COGNITIVE, "--measure", "OR", "--moderators", "sessions")
    meets(found, "coefficients.0.estimate=0.2022 coefficients.1.estimate=0.0695 coefficients.1.std_error=0.0282 "
          "tau2=0.0761 Q=146.6400 R2=27.27")  # fmt: skip
    assert found["QM"] == pytest.approx(6.0695, abs=3e-3)  # as the inputs allow


@pytest.mark.parametrize(
    ("method", "tau", "estimate", "std_error"),
    [
        ("PM", 0.3681, -0.3811, 0.2060), ("EB", 0.3681, -0.3811, 0.2060), ("HE", 0.4410, -0.4035, 0.2327),
        ("DL", 0.2323, -0.3240, 0.1540), ("HE2", 0.3831, -0.3861, 0.2115), ("DL2", 0.3254, -0.3655, 0.1901),
        ("REML", 0.1843, -0.2980, 0.1343), ("HS", 0.1330, -0.2666, 0.1125), ("SJ", 0.4572, -0.4079, 0.2386),
    ],
)  # fmt: skip
def test_aspirin_by_every_estimator(
    pool: Pool, method: str, tau: float, estimate: float, std_error: float
) -> None:
    found = pool(meta_tables.CLASP, "--measure", "OR", "--method", method)
    assert np.sqrt(found["tau2"]) == pytest.approx(tau, abs=6e-5)
    assert found["estimate"] == pytest.approx(estimate, abs=6e-5)
    assert found["std_error"] == pytest.approx(std_error, abs=6e-5)


def test_aspirin_has_its_greatest_likelihood_at_zero(pool: Pool) -> None:
    found = pool(meta_tables.CLASP, "--measure", "OR", "--method", "ML")
    meets(found, "estimate=-0.1974 std_error=0.0694")
    assert found["tau2"] == 0  # printed: tau 0.0023, where an iteration stopped short of the boundary


@pytest.mark.parametrize(
    ("method", "tau2", "i2"),
    [
        ("HS", 0.2282, 77.2284), ("HE", 0.1484, 68.7988), ("DL", 0.2768, 80.4447), ("ML", 0.1967, 74.5098),
        ("REML", 0.2232, 76.8399), ("EB", 0.1920, 74.0511), ("SJ", 0.1992, 74.7545),
    ],
)  # fmt: skip
def test_estimators_compared(pool: Pool, method: str, tau2: float, i2: float) -> None:
    found = pool(meta_tables.BIAS_OF_ESTIMATORS, "--method", method)
    assert found["tau2"] == pytest.approx(tau2, abs=6e-5)
    assert found["I2"] == pytest.approx(i2, abs=3e-3)  # printed I² follow tau² converged to 1e-5


TEACHERS = {
    "EE": "tau2=0.0000 estimate=0.0604 std_error=0.0365 ci.0=-0.0111 ci.1=0.1318",
    "ML": "tau2=0.0126 estimate=0.0777 std_error=0.0475 ci.0=-0.0153 ci.1=0.1708",
    "REML": "tau2=0.0188 estimate=0.0837 std_error=0.0516 ci.0=-0.0175 ci.1=0.1849 prediction_interval.0=-0.2036",
    "DL": "tau2=0.0259 estimate=0.0893 std_error=0.0558 ci.0=-0.0200 ci.1=0.1987",
    "HE": "tau2=0.0804 estimate=0.1143 std_error=0.0792 ci.0=-0.0409 ci.1=0.2696",
}
TEACHERS_KNAPP_HARTUNG = {
    "EE": "std_error=0.0515 ci.0=-0.0477 ci.1=0.1685",
    "ML": "std_error=0.0593 ci.0=-0.0468 ci.1=0.2023",
    "REML": "std_error=0.0616 ci.0=-0.0457 ci.1=0.2131",
    "DL": "std_error=0.0636 ci.0=-0.0442 ci.1=0.2229",
    "HE": "std_error=0.0711 ci.0=-0.0351 ci.1=0.2637",
}


@pytest.mark.parametrize("method", TEACHERS)
def test_teachers(pool: Pool, method: str) -> None:
    meets(pool(meta_tables.TEACHERS, "--method", method), TEACHERS[method])
    found = pool(meta_tables.TEACHERS, "--method", method, "--interval", "knapp-hartung")
    meets(found, TEACHERS_KNAPP_HARTUNG[method])


def test_teachers_shrunken(pool: Pool) -> None:
    found = pool(meta_tables.TEACHERS)
    assert found["prediction_interval"][1] == pytest.approx(0.3711, abs=3e-4)  # as the inputs allow
    shrunken = [one["shrunken"] for one in found["studies"]]
    assert (min(shrunken), max(shrunken)) == pytest.approx((-0.0293, 0.2485), abs=6e-5)


@pytest.mark.parametrize(
    ("method", "tau2"), [("DL", "0.2297"), ("ML", "0.2386"), ("REML", "0.3008"), ("SJ", "0.4563")]
)
def test_diuretics(pool: Pool, method: str, tau2: str) -> None:
    found = pool(meta_tables.DIURETICS, "--measure", "OR", "--method", method)
    meets(found, f"tau2={tau2} tau2_ci.0=0.0723")
    assert found["tau2_ci"][1] == pytest.approx(2.2027, abs=3e-3)  # as the inputs allow


def test_magnesium_asymmetry(pool: Pool) -> None:
    found = pool(meta_tables.MAGNESIUM, "--measure", "OR", "--bias")
    meets(found["bias"], "egger.slope.statistic=-4.6686 rank.tau=0.15 rank.p=0.4503")
    without = "\n".join(line for line in meta_tables.MAGNESIUM.splitlines() if not line.startswith("ISIS-4"))
    found = pool(without, "--measure", "OR", "--bias")
    meets(found, "tau2=0.1911 tau2_std_error=0.2106 I2=38.19 H2=1.62 Q=20.9184 Q_p=0.1037 estimate=-0.8745")
    meets(found["bias"], "egger_classical.slope.statistic=-3.1783 egger_classical.df=13 egger_classical.slope.p=0.0073 "
          "egger_classical.limit.estimate=-0.1512 egger_classical.limit.ci.0=-0.5130 egger_classical.limit.ci.1=0.2106 "
          "egger.slope.statistic=-2.8062 egger.slope.p=0.0050 egger.limit.estimate=-0.1639 "
          "egger.limit.ci.0=-0.5681 egger.limit.ci.1=0.2402")  # fmt: skip
    assert found["corrected"] == [9]  # Bertschat: no death in one group


def test_vaccine_trim_and_fill(pool: Pool) -> None:
    found = pool(meta_tables.BCG, "--measure", "RR", "--method", "EE", "--bias")["bias"]
    meets(found, "rank.tau=0.0256 rank.p=0.9524")
    filled = found["trim_and_fill"]
    meets(filled["L0"], "missing=4 missing_std_error=2.3853 k=17 estimate=-0.2910 std_error=0.0383 ci.0=-0.3660 "
          "ci.1=-0.2160 Q=262.7316 I2=93.91")  # fmt: skip
    meets(filled["R0"], "missing=4 missing_std_error=3.1623 missing_p=0.0312 estimate=-0.2910 Q=262.7316")
    assert filled["L0"]["side"] == "right"
    filled = pool(meta_tables.BCG, "--measure", "RR", "--bias")["bias"]["trim_and_fill"]["L0"]
    meets(filled, "missing=1 missing_std_error=2.4528 k=14 tau2=0.3313 I2=92.14 Q=154.6750 estimate=-0.6571 "
          "std_error=0.1785 ci.0=-1.0070 ci.1=-0.3072")  # fmt: skip


def smoke() -> str:
    """Return the log odds ratios and variances of passive smoking, from the published intervals."""
    rows = [
        np.log([float(cell) for cell in line.split(",")])
        for line in meta_tables.SMOKE.split("\n")[1:]
        if line
    ]
    width = 2 * norm.ppf(0.975)
    lines = (f"{y!r},{float((high - low) / width) ** 2!r}" for y, low, high in np.array(rows).tolist())
    return "\n".join(["estimate,variance", *lines])


def test_passive_smoking_with_selection(pool: Pool) -> None:
    meets(pool(smoke(), "--method", "DL"), "k=37 tau2=0.0170 tau2_std_error=0.0171 I2=24.21 H2=1.32 Q=47.4979 Q_p=0.0952 "
          "estimate=0.2139 std_error=0.0471 statistic=4.5390 ci.0=0.1215 ci.1=0.3062")  # fmt: skip
    found = pool(smoke(), "--method", "ML", "--bias", "--steps", "0.025,0.10,0.50,1")
    meets(
        found,
        "tau2=0.0204 tau2_std_error=0.0165 I2=27.62 H2=1.38 estimate=0.2171 std_error=0.0486 statistic=4.4712",
    )
    chosen = found["bias"]["selection"]
    meets(chosen, "tau2=0.0096 tau2_std_error=0.0128 effect.estimate=0.0020 effect.std_error=0.0889 effect.ci.0=-0.1723 "
          "effect.ci.1=0.1763 statistic=6.4020 df=3 p=0.0936 steps.1.weight=0.4946 steps.1.std_error=0.3152 "
          "steps.1.ci.1=1.1125 steps.2.weight=0.2136 steps.2.std_error=0.1687 steps.3.weight=0.0618 "
          "steps.3.std_error=0.0689 steps.3.ci.1=0.1969")  # fmt: skip
    assert [step["k"] for step in chosen["steps"]] == [7, 8, 16, 6]
    chosen = pool(smoke(), "--bias", "--steps", "0.05,0.10,0.50")["bias"]["selection"]
    # The R package stops at relative changes of 1e-6 to 1e-4 of these weights.
    assert [step["weight"] for step in chosen["steps"]] == pytest.approx(
        [1, 2.422079, 0.977543, 0.396713], rel=1e-4
    )
    assert [step["std_error"] for step in chosen["steps"][1:]] == pytest.approx(
        [1.66085, 0.820387, 0.469235], rel=1e-4
    )
    meets(chosen, "statistic=7.0661 tau2=0.0307")


def test_school_calendars_in_three_levels(pool: Pool) -> None:
    two = pool(meta_tables.CALENDARS)
    meets(two, "estimate=0.1279 std_error=0.0439 tau2=0.0884 tau2_std_error=0.0202 "
          "I2=94.70 H2=18.89 Q=578.864")  # fmt: skip
    assert two["tau2_ci"] == pytest.approx([0.0564, 0.1388], abs=1.3e-4)  # printed from a root to 1.2e-4
    found = pool(meta_tables.CALENDARS, "--cluster", "district")
    meets(found, "estimate=0.1847 std_error=0.0846 ci.0=0.019 ci.1=0.350 statistic=2.185 p=0.029 tau2=0.0978 "
          "components.sigma2_between=0.0651 components.sigma2_within=0.0327 components.intraclass_correlation=0.6653 "
          "components.sigma2_between_ci.0=0.0222 components.sigma2_between_ci.1=0.2072 "
          "components.sigma2_within_ci.0=0.0163 components.sigma2_within_ci.1=0.0628 components.clusters=11")  # fmt: skip
    found = pool(meta_tables.CALENDARS, "--cluster", "district", "--method", "ML")
    meets(found, "estimate=0.1845 std_error=0.0805 components.sigma2_between=0.0577 components.sigma2_within=0.0329 "
          "prediction_interval.0=-0.4262 prediction_interval.1=0.7951")  # fmt: skip


@pytest.mark.parametrize(
    ("table", "reml", "low", "high"),
    [("JACKSON_1", (0.0110, 0.6330), 0.0023, 1.4871), ("JACKSON_2", (0.0163, 0.1108), 0.0178, 0.1564)],
)
def test_jackson(pool: Pool, table: str, reml: tuple[float, float], low: float, high: float) -> None:
    text = getattr(meta_tables, table)
    found = pool(text, "--method", "PM", "--moderators", "xi")
    assert found["tau2_ci"] == pytest.approx([low, high], abs=6e-5)
    found = pool(text, "--moderators", "xi")
    relative = (
        1.96 * found["tau2_std_error"] / found["tau2"]
    )  # the paper's approximation, on the scale of logarithms
    ends = found["tau2"] * np.exp([-relative, relative])
    assert ends == pytest.approx(reml, abs=6e-5)


def test_normand(pool: Pool) -> None:
    for method in ("EE", "REML", "DL"):
        meets(pool(meta_tables.LIDOCAINE, "--method", method), "estimate=2.94 ci.0=0.4 ci.1=5.5 tau2=0.000")
    # The variances are printed with two decimals, the smallest has three digits: 0.5 % of it.
    for method, expected in {
        "EE": "estimate=-3.49 ci.0=-5.03 ci.1=-1.96",
        "DL": "estimate=-14.10 ci.0=-24.45 ci.1=-3.75",
        "REML": "estimate=-15.12 ci.0=-32.67 ci.1=2.43 tau2=685.20",
    }.items():
        meets(pool(meta_tables.STROKE_STAYS, "--method", method), expected, width=1.0)


def test_practice_facilitation(pool: Pool) -> None:
    columns = ("--columns", "estimate=smd,std_error=se", "--method", "ML")
    found = pool(meta_tables.FACILITATION, *columns)
    meets(found, "tau2=0.016 tau2_std_error=0.024 I2=18.64 H2=1.23 Q=27.552 Q_p=0.191 estimate=0.555 std_error=0.063 "
          "statistic=8.775 ci.0=0.431 ci.1=0.679")  # fmt: skip
    found = pool(meta_tables.FACILITATION, *columns, "--moderators", "blind")
    meets(found, "tau2=0.016 I2=18.26 R2=0.00 Q=27.503 QM=0.069 QM_p=0.792 coefficients.0.estimate=0.573 "
          "coefficients.0.std_error=0.093 coefficients.1.estimate=-0.033 coefficients.1.ci.0=-0.282")  # fmt: skip
