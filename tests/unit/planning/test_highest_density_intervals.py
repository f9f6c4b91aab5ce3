"""Highest-density intervals against distributions whose intervals are known."""

import numpy as np
import pytest
from scipy.stats import norm

from mixmodel_app.domain.intervals import hdi


def test_a_symmetric_distribution_gives_its_central_interval():
    draws = norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    np.testing.assert_allclose(hdi(draws, 0.94), norm.interval(0.94), atol=2e-2)


def test_a_falling_density_gives_the_lower_end():
    draws = -np.log(1 - (np.arange(10_000) + 0.5) / 10_000)
    low, high = hdi(draws, 0.9)
    assert low == draws.min()
    assert high == pytest.approx(-np.log(0.1), rel=1e-2)


def test_it_holds_at_least_the_probability_and_nothing_shorter_does():
    draws = np.random.default_rng(0).gamma(2, 1, 501)
    low, high = hdi(draws, 0.5)
    held = int(np.sum((draws >= low) & (draws <= high)))
    assert held == 251
    ordered = np.sort(draws)
    assert high - low == min(ordered[250:] - ordered[:251])


def test_series_along_the_first_or_another_axis():
    draws = np.random.default_rng(0).normal(size=(200, 4, 3))
    ends = hdi(draws, 0.8)
    assert ends.shape == (2, 4, 3)
    np.testing.assert_array_equal(ends[:, 2, 1], hdi(draws[:, 2, 1], 0.8))
    np.testing.assert_array_equal(hdi(np.moveaxis(draws, 0, -1), 0.8, axis=-1), ends)


@pytest.mark.parametrize("count", [1, 2, 50, 100])
def test_rounding_never_asks_for_one_draw_too_many(count: int):
    draws = np.arange(count, dtype=float)
    assert hdi(draws, 1.0).tolist() == [0.0, count - 1.0]
    assert hdi(draws, 0.94)[1] - hdi(draws, 0.94)[0] == np.ceil(round(0.94 * count, 9)) - 1


@pytest.mark.parametrize(("draws", "prob"), [([], 0.9), ([1.0, np.nan], 0.9), ([1.0], 0.0), ([1.0], 1.1), (3.0, 0.9)])
def test_what_has_no_interval_is_refused(draws: object, prob: float):
    with pytest.raises(ValueError, match="interval needs"):
        hdi(draws, prob)  # pyright: ignore[reportArgumentType]
