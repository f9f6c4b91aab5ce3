"""From draws to the `Estimate` and `Band` of the results: median, 94 % and 50 % HDI."""

import numpy as np

from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.intervals import hdi
from mixmodel_app.domain.results import HDI_PROB, Band, Estimate


def estimate(draws: Array) -> Estimate:
    """One number from its draws (S,)."""
    lo, hi = hdi(draws, HDI_PROB)
    lo50, hi50 = hdi(draws, 0.5)
    return Estimate(
        median=float(np.median(draws)),
        lo=float(lo),
        hi=float(hi),
        lo50=float(lo50),
        hi50=float(hi50),
        mean=float(draws.mean()),
    )


def band(draws: Array) -> Band:
    """A series from its draws (S, T)."""
    lo, hi = hdi(draws, HDI_PROB, axis=0)
    lo50, hi50 = hdi(draws, 0.5, axis=0)
    return Band(
        median=np.median(draws, axis=0).tolist(), lo=lo.tolist(), hi=hi.tolist(), lo50=lo50.tolist(), hi50=hi50.tolist()
    )
