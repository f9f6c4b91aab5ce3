"""Carryover weights, slopes of saturation and half-life, against closed forms."""

import numpy as np
import pytest
from scipy import stats

from mixmodel_app.domain.curves import saturate
from mixmodel_app.engine.transforms import geometric_weights, half_life, saturation_elasticity, weibull_weights


def test_geometric_weights_halve_each_period_at_one_half() -> None:
    weights = geometric_weights(np.array([[0.5]]), 3)
    assert weights[0, 0] == pytest.approx([4 / 7, 2 / 7, 1 / 7])


def test_no_carryover_puts_everything_in_the_first_period() -> None:
    assert geometric_weights(np.array([[0.0]]), 4)[0, 0].tolist() == [1, 0, 0, 0]


def test_weibull_weights_are_the_normalised_density() -> None:
    weights = weibull_weights(np.array([[2.5]]), np.array([[1.7]]), 6)[0, 0]
    density = stats.weibull_min.pdf(np.arange(1, 7), c=1.7, scale=2.5)
    assert weights == pytest.approx(density / density.sum())


def test_weibull_weights_stay_finite_where_the_density_underflows() -> None:
    weights = weibull_weights(np.array([[0.05]]), np.array([[9.0]]), 8)
    assert weights[0, 0] == pytest.approx([1, 0, 0, 0, 0, 0, 0, 0])


@pytest.mark.parametrize(
    ("kind", "params"), [("logistic", {"lam": 1.7}), ("hill", {"slope": 1.6, "kappa": 0.4})], ids=["logistic", "hill"]
)
def test_elasticity_is_the_derivative_by_proportional_change(kind: str, params: dict[str, float]) -> None:
    arrays = {name: np.array(value) for name, value in params.items()}
    x, step = np.linspace(0, 1.5, 7), 1e-6
    numeric = (saturate(kind, arrays, x * (1 + step)) - saturate(kind, arrays, x * (1 - step))) / (2 * step)
    assert saturation_elasticity(kind, arrays, x) == pytest.approx(numeric, abs=1e-8)


def test_half_life_of_a_geometric_decay() -> None:
    long = geometric_weights(np.array([0.5**0.5, 0.5**0.25]), 200)
    assert half_life(long) == pytest.approx([2, 4])


def test_half_life_within_the_first_period_counts_its_part() -> None:
    assert half_life(np.array([[1.0, 0.0], [0.8, 0.2]])) == pytest.approx([0.5, 0.625])
