"""Studies whose precisions differ by orders of magnitude, and effects near the ends of what a number can be.

The reference is the definition of each figure, computed in fractions: no digit is rounded, whatever the sizes.
"""

import json
import math
from dataclasses import asdict
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from merida.errors import EvidenceError
from merida.evidence.meta.bias import Missing, classical_egger, egger, rank_test, trim_and_fill
from merida.evidence.meta.estimators import Method, estimate_tau2
from merida.evidence.meta.pooling import Interval, pool
from merida.evidence.meta.regression import Floats, regression, weigh
from merida.evidence.meta.selection import select
from merida.evidence.meta.three_level import three_level
from tests.runner import CliRunner, app

REGISTER = (np.array([-0.00002, -0.03, 0.11, 0.02]), np.array([0.00001, 0.4, 0.5, 0.6]) ** 2)
Matrix = list[list[Fraction]]


def exact(values: Floats) -> Matrix:
    return [[Fraction(float(cell)) for cell in row] for row in np.atleast_2d(values)]


def product(left: Matrix, right: Matrix) -> Matrix:
    return [[sum((a * b for a, b in zip(row, column, strict=True)), Fraction(0)) for column in zip(*right, strict=True)]
            for row in left]  # fmt: skip


def inverse(matrix: Matrix) -> Matrix:
    """Return an inverse by elimination."""
    size = len(matrix)
    rows = [row + [Fraction(int(at == place)) for at in range(size)] for place, row in enumerate(matrix)]
    for place in range(size):
        pivot = next(at for at in range(place, size) if rows[at][place])
        rows[place], rows[pivot] = rows[pivot], rows[place]
        rows[place] = [cell / rows[place][place] for cell in rows[place]]
        for at in range(size):
            if at != place:
                rows[at] = [a - rows[at][place] * b for a, b in zip(rows[at], rows[place], strict=True)]
    return [row[size:] for row in rows]


def residual_maker(v: Floats, x: Floats, tau2: Fraction = Fraction(0)) -> Matrix:
    """Return W - W X (X'WX)^-1 X'W."""
    w = [1 / (Fraction(float(variance)) + tau2) for variance in v]
    columns = exact(x.T)
    weighted = [[a * b for a, b in zip(column, w, strict=True)] for column in columns]
    rows = [list(row) for row in zip(*weighted, strict=True)]
    hat = product(product(rows, inverse(product(weighted, exact(x)))), weighted)
    return [[(w[i] if i == j else 0) - hat[i][j] for j in range(len(w))] for i in range(len(w))]


def cells(p: Matrix) -> list[tuple[int, int]]:
    return [(i, j) for i in range(len(p)) for j in range(len(p))]


def test_sums_of_the_residual_maker_are_those_of_fractions() -> None:
    """To 1e-10: variances run over twelve orders, and contrasts of moderators lose a few digits."""
    rng = np.random.default_rng(1)
    for trial in range(60):
        k = int(rng.integers(3, 7))
        p = int(rng.integers(1, min(k, 4)))
        v = 10.0 ** rng.uniform(-12 * rng.random(), 0, k)
        y = rng.normal(size=k) * 10.0 ** rng.integers(-5, 5)
        x = np.column_stack([np.ones(k), *(rng.normal(2000, 10, k) for _ in range(p - 1))])
        fit = weigh(regression(y, v, x if p > 1 else None, ("",) * p), 1 / v)
        maker = residual_maker(v, x)
        variances, effects = exact(v)[0], exact(y)[0]
        wanted = {
            "trace": (fit.trace(), sum(maker[i][i] for i in range(k))),
            "trace2": (fit.trace2(), sum(maker[i][j] ** 2 for i, j in cells(maker))),
            "trace2 v": (fit.trace2(v), sum(maker[i][j] ** 2 * variances[i] for i, j in cells(maker))),
            "trace2 v v": (
                fit.trace2(v, v),
                sum(maker[i][j] ** 2 * variances[i] * variances[j] for i, j in cells(maker)),
            ),
            "rss": (fit.rss, sum(maker[i][j] * effects[i] * effects[j] for i, j in cells(maker))),
        }
        for name, (ours, direct) in wanted.items():
            assert ours == pytest.approx(float(direct), rel=1e-10), (trial, name)


def test_moments_and_their_errors_are_those_of_fractions() -> None:
    y = np.array([0.3, -0.7, 1.9])
    for least in (1e-2, 1e-8, 1e-16, 1e-30):
        v = np.array([least, 1.0, 2.0])
        maker = residual_maker(v, np.ones((3, 1)))
        effects = exact(y)[0]
        q = sum(maker[i][j] * effects[i] * effects[j] for i, j in cells(maker))
        trace = sum(maker[i][i] for i in range(3))
        tau2 = max(Fraction(0), (q - 2) / trace)
        found = estimate_tau2(regression(y, v), Method.DL)
        assert found.value == pytest.approx(float(tau2), rel=1e-12)
        total = [Fraction(float(variance)) + tau2 for variance in v]  # the variance of Q, given tau²
        spread = sum(maker[i][j] ** 2 * total[i] * total[j] for i, j in cells(maker))
        error = math.sqrt(2 * spread) / float(trace)
        assert found.std_error == pytest.approx(error, rel=1e-12), least


def test_restricted_likelihood_has_its_top_where_fractions_say() -> None:
    """The derivative y'PPy - tr(P), in fractions, changes its sign within 1e-9 of the estimate."""
    x = np.ones((5, 1))
    for least in (1e-2, 1e-8, 1e-14, 1e-20):
        v = np.array([least, 0.2, 0.5, 1.0, 3.0])
        y = np.array([0.0, 1.9, -2.5, 3.0, -1.0])
        found = estimate_tau2(regression(y, v), Method.REML)

        def slope(tau2: float, v: Floats = v, y: Floats = y) -> Fraction:
            maker = residual_maker(v, x, Fraction(tau2))
            pulled = [sum(a * b for a, b in zip(row, exact(y)[0], strict=True)) for row in maker]
            return sum(pull**2 for pull in pulled) - sum(maker[i][i] for i in range(5))

        assert slope(found.value * (1 - 1e-9)) > 0 > slope(found.value * (1 + 1e-9)), least
        maker = residual_maker(v, x, Fraction(found.value))
        information = sum(maker[i][j] ** 2 for i, j in cells(maker))
        assert found.std_error == pytest.approx(math.sqrt(2 / information), rel=1e-10)


def test_one_register_among_cities(tmp_path: Path) -> None:
    """A study that is forty thousand times as precise as the others decides the mean, and says nothing of tau²."""
    file = tmp_path / "studies.csv"
    lines = [f"{y!r},{v!r}" for y, v in zip(*(column.tolist() for column in REGISTER), strict=True)]
    file.write_text("\n".join(["estimate,variance", *lines]))
    for arguments in ((), ("--bias",), ("--method", "SJ"), ("--interval", "knapp-hartung", "--method", "PM")):
        done = CliRunner().invoke(
            app, ["evidence", "pool", "--file", str(file), "--format", "json", *arguments]
        )
        assert done.exit_code == 0, done.exception
        found: dict[str, Any] = json.loads(done.stdout)
        assert -0.0301 < found["estimate"] < 0.1101
    found = asdict(pool(*REGISTER, method=Method.EE))
    maker = residual_maker(REGISTER[1], np.ones((4, 1)))
    effects = exact(REGISTER[0])[0]
    q = float(sum(maker[i][j] * effects[i] * effects[j] for i, j in cells(maker)))
    assert found["heterogeneity"]["q"] == pytest.approx(q, rel=1e-12)
    typical = 3 / float(sum(maker[i][i] for i in range(4)))
    assert found["heterogeneity"]["typical_variance"] == pytest.approx(typical, rel=1e-12)
    mean = float(np.average(REGISTER[0], weights=1 / REGISTER[1]))
    assert found["coefficients"][0]["estimate"] == pytest.approx(mean, rel=1e-12)
    assert found["coefficients"][0]["std_error"] == pytest.approx(0.00001, rel=1e-9)


def figures(y: Floats, v: Floats, x: Floats, clusters: list[str]) -> dict[str, tuple[float, int]]:
    """Return figures of every model, each with the power of the effects' unit that it is in."""
    found: dict[str, tuple[float, int]] = {}
    for method in Method:
        one = pool(y, v, method=method, interval=Interval.KNAPP_HARTUNG)
        seen = one.heterogeneity
        found[f"{method} mean"] = (one.coefficients[0].estimate, 1)
        found[f"{method} error"] = (one.coefficients[0].std_error, 1)
        found[f"{method} tau2"] = (seen.tau2, 2)
        found[f"{method} tau2 error"] = (seen.tau2_std_error or 0.0, 2)
        found[f"{method} tau2 end"] = (seen.tau2_ci[1] if seen.tau2_ci else 0.0, 2)
        found[f"{method} i2"] = (seen.i2, 0)
        found[f"{method} slope"] = (pool(y, v, x, {"x": ("x",)}, method=method).coefficients[1].estimate, 1)
    found["egger"] = (egger(y, v).slope.statistic, 0)
    found["egger limit"] = (classical_egger(y, v).limit.estimate, 1)
    found["rank"] = (rank_test(y, v).tau, 0)
    for estimator in Missing:
        filled = trim_and_fill(y, v, estimator)
        found[f"filled {estimator}"] = (filled.pooled.coefficients[0].estimate, 1)
        found[f"missing {estimator}"] = (float(filled.missing), 0)
    chosen = select(y, v, (0.5,))
    found["selection"] = (chosen.effect.estimate, 1)
    found["selection error"] = (chosen.effect.std_error, 1)
    found["selection tau2"] = (chosen.tau2, 2)
    nested = three_level(y, v, clusters)
    found["between"] = (nested.between, 2)
    found["within"] = (nested.within, 2)
    found["between end"] = (nested.between_ci[1], 2)
    found["robust error"] = (nested.robust[0].std_error, 1)
    return found


def test_the_unit_of_effects_makes_no_difference() -> None:
    """To 1e-5 where an optimiser stops at 1e-8 of a flat top, and to 1e-9 elsewhere."""
    y = np.array([0.3, -0.2, 1.1, 0.7, 0.05, 0.9, 1.6, -0.4])
    v = np.array([1e-6, 0.1, 0.05, 0.2, 0.01, 0.3, 0.02, 0.04])
    x = np.column_stack([np.ones(8), np.arange(8.0)])
    clusters = list("aabbccdd")
    plain = figures(y, v, x, clusters)
    for unit in (1e-28, 1e-7, 3e5, 1e28):
        scaled = figures(unit * y, unit**2 * v, x, clusters)
        for name, (value, power) in plain.items():
            loose = name.startswith(("selection", "between", "within", "robust"))
            wanted = value * unit**power
            near = pytest.approx(wanted, rel=1e-5 if loose else 1e-9, abs=1e-12 * unit**power)
            assert scaled[name][0] == near, (name, unit)


def test_any_table_of_numbers_gets_figures_or_one_clear_error() -> None:
    """Tables over all sizes that are taken: no other error, nothing that is not finite but where it means something.

    A statistic is not a number where all effects are equal (0/0), and a weight of the selection model has no standard
    error where the likelihood is flat.
    """
    undefined = (".statistic", ".p", ".tau", ".std_error")
    for seed in range(25):
        rng = np.random.default_rng(seed)
        k = int(rng.integers(2, 9))
        spread = rng.choice([0, 2, 6, 20])
        unit = 10.0 ** rng.uniform(-25, 25)
        y = rng.normal(0, unit, k) * 10.0 ** rng.uniform(-spread / 2, spread / 2, k)
        v = np.clip(unit**2 * 10.0 ** rng.uniform(-spread, spread, k), 1e-60, 1e60)
        y = y if seed % 5 else np.full(k, y[0])
        x = np.column_stack([np.ones(k), 10.0 ** rng.uniform(-4, 4, k)])
        clusters = [str(name) for name in rng.integers(0, max(2, k // 2), k)]
        method, interval = Method(rng.choice(list(Method))), Interval(rng.choice(list(Interval)))
        for name, model in {
            "mean": partial(pool, y, v, method=method, interval=interval),
            "moderator": partial(pool, y, v, x, {"x": ("x",)}, method=method),
            "Egger": partial(egger, y, v), "classical": partial(classical_egger, y, v), "rank": partial(rank_test, y, v),
            "filled": partial(trim_and_fill, y, v), "selection": partial(select, y, v, (0.5,)),
            "clusters": partial(three_level, y, v, clusters),
        }.items():  # fmt: skip
            try:
                found = asdict(model())
            except EvidenceError:
                continue
            strange = [path for path, value in leaves(found) if not math.isfinite(value)]
            assert all(path.endswith(undefined) or "ci." in path for path in strange), (seed, name, strange)


def leaves(value: Any, path: str = "") -> Any:
    """Yield every number of an answer with its path."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from leaves(part, f"{path}.{name}")
    elif isinstance(value, list | tuple | np.ndarray):
        for place, part in enumerate(value):
            yield from leaves(part, f"{path}.{place}")
    elif isinstance(value, float):
        yield path, value


@pytest.mark.parametrize(
    ("rows", "arguments", "key"),
    [
        ("1e300,0.1\n2,0.2\n", (), "meta_extreme"),
        ("1,5e-324\n2,0.2\n", (), "meta_extreme"),
        ("1,1e200\n2,0.2\n", ("--columns", "estimate=estimate,std_error=variance"), "meta_extreme"),
        ("1,1e-200\n2,0.2\n", ("--columns", "estimate=estimate,std_error=variance"), "meta_extreme"),
        ("1,0\n2,0.2\n", (), "meta_not_positive"),
        ("1,0.1\n", (), "meta_one_study"),
        ("1,0.1,1e300\n2,0.2,2\n3,0.1,5\n", ("--moderators", "size"), "meta_extreme"),
        ("1,0.1,1e-300\n2,0.2,2e-300\n3,0.1,5e-300\n", ("--moderators", "size"), "meta_extreme"),
        ("1,1e-40\n2,0.2\n3,0.5\n", ("--bias",), "meta_unequal"),
    ],
)
def test_numbers_that_cannot_be_computed_with_are_named(
    tmp_path: Path, rows: str, arguments: tuple[str, ...], key: str
) -> None:
    file = tmp_path / "studies.csv"
    file.write_text(f"estimate,variance{',size' if '--moderators' in arguments else ''}\n" + rows)
    if arguments and arguments[0] == "--columns":
        file.write_text("estimate,error\n" + rows)
        arguments = ("--columns", "std_error=error")
    error = CliRunner().invoke(app, ["evidence", "pool", "--file", str(file), *arguments]).exception
    assert isinstance(error, EvidenceError), error
    faults = error.values["faults"] if error.key == "table_faults" else (error,)
    assert {fault.key for fault in faults} == {key}
    assert error.message("en") != error.message("es")
