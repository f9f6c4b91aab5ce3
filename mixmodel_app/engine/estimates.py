"""From draws to the `Estimate` and `Band` of the results: median, and HDIs of every level that a reader can choose."""

import numpy as np

from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.estimates import HDI_PROB, Band, Estimate
from mixmodel_app.domain.intervals import hdi

_FURTHER = (50, 80, 90)


def estimate(draws: Array) -> Estimate:
    """One number from its draws (S,)."""
    lo, hi = hdi(draws, HDI_PROB)
    ends = {
        f"{end}{level}": float(value)
        for level in _FURTHER
        for end, value in zip(("lo", "hi"), hdi(draws, level / 100), strict=True)
    }
    return Estimate(median=float(np.median(draws)), lo=float(lo), hi=float(hi), mean=float(draws.mean()), **ends)


def band(draws: Array) -> Band:
    """A series from its draws (S, T)."""
    lo, hi = hdi(draws, HDI_PROB, axis=0)
    ends = {
        f"{end}{level}": value.tolist()
        for level in _FURTHER
        for end, value in zip(("lo", "hi"), hdi(draws, level / 100, axis=0), strict=True)
    }
    return Band(median=np.median(draws, axis=0).tolist(), lo=lo.tolist(), hi=hi.tolist(), **ends)
