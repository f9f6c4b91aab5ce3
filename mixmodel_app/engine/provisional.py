"""What can be said of the returns while the sampler is still at work."""

import numpy as np

from mixmodel_app.domain.intervals import hdi
from mixmodel_app.domain.live import LiveFit, ProvisionalReturn
from mixmodel_app.domain.results import HDI_PROB
from mixmodel_app.engine.diagnostics import rhat
from mixmodel_app.engine.target import Target
from mixmodel_app.engine.trace import Trace

FEWEST_DRAWS = 50
_MOST_DRAWS = 400


def provisional(target: Target, trace: Trace) -> LiveFit:
    """Ranges of the returns and their largest R-hat, from 50 draws of each chain on."""
    if trace.n_draws < FEWEST_DRAWS:
        return LiveFit((), trace.n_draws)
    step = -(-trace.n_draws // _MOST_DRAWS)
    returns = target.returns({name: values[:, ::step] for name, values in trace.values.items()})
    known = [c for c in range(returns.shape[2]) if np.isfinite(returns[:, :, c]).all()]
    return LiveFit(
        chains=(),
        draws=trace.n_draws,
        rhat=max((rhat(returns[:, :, c]) for c in known), default=None),
        returns=tuple(_range(target.channels[c], returns[:, :, c].ravel()) for c in known),
    )


def _range(channel: str, draws: np.ndarray) -> ProvisionalReturn:
    lo, hi = hdi(draws, HDI_PROB)
    return ProvisionalReturn(channel, float(np.median(draws)), float(lo), float(hi))
