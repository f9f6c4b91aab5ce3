"""Carryover weights, slopes of saturation and half-life, against closed forms."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from mixmodel_app.domain.curves import CONCAVE, saturate, saturation_slope
from mixmodel_app.domain.model_options import Adstock
from mixmodel_app.engine.transforms import (
    CARRYOVER_PARAMETERS,
    carryover_weights,
    geometric_weights,
    half_life,
    saturation_elasticity,
)


def test_geometric_weights_halve_each_period_at_one_half() -> None:
    weights = geometric_weights(np.array([[0.5]]), 3)
    assert weights[0, 0] == pytest.approx([4 / 7, 2 / 7, 1 / 7])


def test_no_carryover_puts_everything_in_the_first_period() -> None:
    assert geometric_weights(np.array([[0.0]]), 4)[0, 0].tolist() == [1, 0, 0, 0]


def test_weibull_weights_are_the_normalised_density() -> None:
    weights = carryover_weights(Adstock.WEIBULL, {"lam": np.array([[2.5]]), "k": np.array([[1.7]])}, 6)[0, 0]
    density = stats.weibull_min.pdf(np.arange(1, 7), c=1.7, scale=2.5)
    assert weights == pytest.approx(density / density.sum())


def test_weibull_weights_stay_finite_where_the_density_underflows() -> None:
    weights = carryover_weights(Adstock.WEIBULL, {"lam": np.array([[0.05]]), "k": np.array([[9.0]])}, 8)
    assert weights[0, 0] == pytest.approx([1, 0, 0, 0, 0, 0, 0, 0])


@pytest.mark.parametrize("kind", Adstock, ids=str)
def test_every_carryover_sums_to_one(kind: Adstock) -> None:
    params = {name: np.array([[0.6, 0.9]]) for name in CARRYOVER_PARAMETERS[kind]}
    weights = carryover_weights(kind, params, 7)
    assert weights.shape == (1, 2, 7)
    assert weights.sum(axis=-1) == pytest.approx(np.ones((1, 2)))
    assert (weights >= 0).all()


def test_delayed_carryover_peaks_at_its_delay() -> None:
    weights = carryover_weights(Adstock.DELAYED, {"alpha": np.array([[0.5]]), "theta": np.array([[3.0]])}, 8)[0, 0]
    assert int(weights.argmax()) == 3
    assert weights[2] == pytest.approx(weights[4])


CURVES: dict[str, dict[str, float]] = {
    "logistic": {"lam": 1.7},
    "hill": {"slope": 1.6, "kappa": 0.4},
    "michaelis_menten": {"lam": 0.8},
    "tanh": {"gamma": 1.3},
    "root": {"alpha": 0.6},
}


@pytest.mark.parametrize(("kind", "params"), CURVES.items(), ids=CURVES.keys())
def test_the_slope_is_the_derivative_of_the_curve(kind: str, params: dict[str, float]) -> None:
    arrays = {name: np.array(value) for name, value in params.items()}
    x = np.linspace(0.1, 1.5, 7)
    numeric = (saturate(kind, arrays, x + 1e-6) - saturate(kind, arrays, x - 1e-6)) / 2e-6
    assert saturation_slope(kind, arrays, x) == pytest.approx(numeric, rel=1e-6)


@pytest.mark.parametrize("kind", CURVES, ids=str)
def test_concave_curves_are_named_as_such(kind: str) -> None:
    params = {name: np.array(value) for name, value in CURVES[kind].items()}
    slopes = saturation_slope(kind, params, np.linspace(0.01, 2, 50))
    assert (np.diff(slopes) <= 0).all() == (kind in CONCAVE)


@pytest.mark.parametrize("function", [saturate, saturation_slope])
def test_an_unknown_saturation_is_named(function: Callable[..., np.ndarray]) -> None:
    with pytest.raises(ValueError, match="cubic"):
        function("cubic", {}, np.zeros(1))


@pytest.mark.parametrize(("kind", "params"), CURVES.items(), ids=CURVES.keys())
def test_elasticity_is_the_derivative_by_proportional_change(kind: str, params: dict[str, float]) -> None:
    arrays = {name: np.array(value) for name, value in params.items()}
    x, step = np.linspace(0, 1.5, 7), 1e-6
    numeric = (saturate(kind, arrays, x * (1 + step)) - saturate(kind, arrays, x * (1 - step))) / (2 * step)
    level = saturate(kind, arrays, x)
    assert saturation_elasticity(kind, arrays, x, level) == pytest.approx(numeric, abs=1e-8)


def test_half_life_of_a_geometric_decay() -> None:
    long = geometric_weights(np.array([0.5**0.5, 0.5**0.25]), 200)
    assert half_life(long) == pytest.approx([2, 4])


def test_half_life_within_the_first_period_counts_its_part() -> None:
    assert half_life(np.array([[1.0, 0.0], [0.8, 0.2]])) == pytest.approx([0.5, 0.625])
