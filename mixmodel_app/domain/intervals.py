"""Highest-density intervals of draws, in plain numpy."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray


def hdi(draws: ArrayLike, prob: float = 0.94, axis: int = 0) -> NDArray[np.float64]:
    """The narrowest interval that holds `prob` of the draws, for each series of draws.

    The draws run along `axis`, the first unless told: (S, ...) gives (2, ...), lower and upper ends. Sorted draws are
    searched for the shortest span of ceil(prob · S) of them, so the interval holds at least `prob` (Chen and Shao
    1999, "Monte Carlo Estimation of Bayesian Credible and HPD Intervals"). It is one interval: for a distribution
    with several separate peaks it spans the valley between them.

    Raises:
        ValueError: no draws, a draw that is not finite, or `prob` outside (0, 1].
    """
    values = np.asarray(draws, dtype=np.float64)
    if values.ndim == 0:
        raise ValueError("An interval needs a series of draws.")
    ordered = np.sort(np.moveaxis(values, axis, 0), axis=0)
    if ordered.shape[0] == 0 or not 0 < prob <= 1:
        raise ValueError("An interval needs draws and a probability above 0 and up to 1.")
    if not np.isfinite(ordered).all():
        raise ValueError("An interval needs finite draws.")
    held = max(math.ceil(prob * ordered.shape[0] - 1e-9), 1)
    widths = ordered[held - 1 :] - ordered[: ordered.shape[0] - held + 1]
    start = np.expand_dims(widths.argmin(axis=0), axis=0)
    ends = (np.take_along_axis(ordered, start, axis=0), np.take_along_axis(ordered, start + held - 1, axis=0))
    return np.concatenate(ends, axis=0)
