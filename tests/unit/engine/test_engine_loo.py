"""Leave-one-out: numbers equal to ArviZ's, and what it is for."""

import numpy as np
import pytest

from mixmodel_app.domain.curves import Array
from mixmodel_app.engine.loo import PARETO_LIMIT, fit_pareto, leave_one_out, log_density, smoothed_weights


def heavy(size: int, periods: int = 12) -> Array:
    """(S, T) log ratios with tails from light to far too heavy."""
    rng = np.random.default_rng(size)
    return np.column_stack([rng.standard_normal(size) * scale for scale in np.linspace(0.05, 4, periods)])


@pytest.mark.parametrize("size", [30, 225, 226, 500, 1000])
def test_weights_and_shapes_are_those_of_arviz(size: int) -> None:
    from arviz_stats.base import array_stats

    ratios = heavy(size)
    weights, shapes = smoothed_weights(ratios)
    expected, k = array_stats.psislw(-ratios, axis=0)
    assert shapes == pytest.approx(np.asarray(k), abs=1e-6)
    assert weights == pytest.approx(np.asarray(expected).reshape(len(k), size).T, abs=1e-6)


def test_weights_add_up_and_never_exceed_the_largest_raw_one() -> None:
    ratios = heavy(600)
    weights, _ = smoothed_weights(ratios)
    assert np.exp(weights).sum(axis=0) == pytest.approx(np.ones(12))
    order = np.argsort(ratios, axis=0)
    assert (np.diff(np.take_along_axis(weights, order, axis=0), axis=0) >= -1e-12).all()


def test_a_known_pareto_tail_is_recovered() -> None:
    rng = np.random.default_rng(1)
    shape, scale = 0.6, 2.0
    excess = np.sort(scale * (rng.random((4000, 3)) ** -shape - 1) / shape, axis=0)
    found, width = fit_pareto(excess)
    assert found == pytest.approx(np.full(3, shape), abs=0.06)
    assert width == pytest.approx(np.full(3, scale), rel=0.1)


def test_equal_ratios_need_no_smoothing() -> None:
    weights, shapes = smoothed_weights(np.zeros((100, 2)))
    assert weights == pytest.approx(np.full((100, 2), -np.log(100)))
    assert (shapes < PARETO_LIMIT).all()


def test_it_is_the_exact_leave_one_out_of_a_normal_mean() -> None:
    """y ~ N(m, 1) with a flat m: leaving y[t] out predicts N(mean of the others, 1 + 1 / (n − 1))."""
    rng = np.random.default_rng(2)
    y = rng.standard_normal(20)
    draws = rng.normal(y.mean(), 1 / np.sqrt(20), 4000)
    found = leave_one_out(log_density(y, np.tile(draws[:, None], (1, 20)), np.ones(4000)))
    others = (y.sum() - y) / 19
    variance = 1 + 1 / 19
    exact = -0.5 * (y - others) ** 2 / variance - 0.5 * np.log(2 * np.pi * variance)
    assert found.elpd == pytest.approx(exact, abs=0.02)
    assert found.elpd_loo == pytest.approx(exact.sum(), abs=0.1)
    assert found.p_loo == pytest.approx(1, abs=0.3)
    assert found.standard_error == pytest.approx(np.sqrt(20) * exact.std(), rel=0.1)


def test_a_period_that_the_fit_hangs_on_is_marked() -> None:
    """One of 30 values alone sets its own mean: without it the posterior would be somewhere else."""
    rng = np.random.default_rng(4)
    mean = np.tile(rng.normal(0, 0.2, 1000)[:, None], (1, 30))
    mean[:, 7] = rng.normal(6, 1, 1000)
    y = np.where(np.arange(30) == 7, 6.0, rng.standard_normal(30))
    k = leave_one_out(log_density(y, mean, np.ones(1000))).pareto_k
    assert np.argmax(k) == 7
    assert k[7] > 0.5
    assert np.delete(k, 7).max() < 0.4


def test_too_few_draws_are_refused() -> None:
    with pytest.raises(ValueError, match="25 draws"):
        leave_one_out(np.zeros((24, 3)))
