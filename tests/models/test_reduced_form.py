"""The common form of a programme's effect, against its definition."""

import numpy as np
import pytest

import merida.numerics  # noqa: F401  isort: skip
import jax
import jax.numpy as jnp

from merida.models import reduced_form


def test_reach_is_the_dose_up_to_one_and_bounded_beyond() -> None:
    dose = jnp.array([0.0, 0.3, 1.0, 1e6])
    np.testing.assert_allclose(reduced_form.reach(dose, 0.4), [0, 0.3, 1.0, 1.4], rtol=1e-12)


def test_reach_has_a_continuous_slope_and_never_rises_faster() -> None:
    slope = jax.vmap(jax.grad(lambda c: reduced_form.reach(c, 0.4)))(jnp.linspace(0.01, 5, 400))
    assert np.all(np.diff(slope) <= 1e-12)
    np.testing.assert_allclose(slope[np.searchsorted(np.linspace(0.01, 5, 400), 1.0)], 1.0, atol=0.04)


def test_effect_at_the_dose_is_rule_three() -> None:
    share, effect, link = 0.3, -0.7, 0.8
    averted = reduced_form.averted_share(jnp.array(0.6), effect, share, link, 0.5)
    expected = share * 0.6 * (1 - np.exp(effect) ** link)
    np.testing.assert_allclose(averted, expected, rtol=1e-12)


def test_anchor_study_is_recovered_when_everybody_is_the_target() -> None:
    """A study's own population (s = 1), outcome (k = 1) and dose (c = 1) give back its rate ratio."""
    averted = reduced_form.averted_share(jnp.array(1.0), np.log(0.55), 1.0, 1.0, 0.5)
    survival = reduced_form.log_survival(averted[None, None], 0.4)
    np.testing.assert_allclose(np.exp(survival), 0.55, rtol=1e-12)


def test_sign_of_the_evidence_flips_the_result() -> None:
    benefit = reduced_form.averted_share(jnp.array(1.0), -0.5, 0.4, 1.0, 0.5)
    harm = reduced_form.averted_share(jnp.array(1.0), 0.5, 0.4, 1.0, 0.5)
    assert benefit > 0 > harm


def test_one_programme_alone_is_not_touched_by_the_overlap() -> None:
    for averted in (0.3, -0.3):
        alone = reduced_form.log_survival(jnp.array([[averted], [0.0]]), 0.6)
        np.testing.assert_allclose(alone, np.log1p(-averted), rtol=1e-12)


@pytest.mark.parametrize(("overlap", "left"), [(0.0, 0.56), (1.0, 0.62), (0.5, 0.59)])
def test_overlap_loses_what_two_would_avert(overlap: float, left: float) -> None:
    # 0.3 and 0.2: independent, 0.56 is left and 0.06 would be averted twice.
    together = reduced_form.log_survival(jnp.array([[0.3], [0.2]]), overlap)
    np.testing.assert_allclose(np.exp(together), left, rtol=1e-12)


def test_together_they_avert_less_than_the_sum() -> None:
    random = np.random.default_rng(1)
    averted = random.uniform(0, 0.5, (6, 200))
    together = 1 - np.exp(reduced_form.log_survival(jnp.array(averted), 0.3))
    assert np.all(together <= averted.sum(axis=0) + 1e-12)
