"""What each draw of a model expects of the target, period by period: the ground of every check of its fit."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mixmodel_app.domain.curves import Array
from mixmodel_app.engine.drivers import DriverBlock
from mixmodel_app.engine.summarise import contribution
from mixmodel_app.engine.types import ModelDraws, PreparedData


def thinned(draws: ModelDraws, most: int) -> ModelDraws:
    """At most `most` of the draws, evenly spaced over all chains."""
    if draws.n_draws <= most:
        return draws
    picked = np.linspace(0, draws.n_draws - 1, most).round().astype(int)
    return replace(
        draws,
        coefficients={name: values[picked] for name, values in draws.coefficients.items()},
        sigma=draws.sigma[picked],
        weights=draws.weights[picked],
        params={name: values[picked] for name, values in draws.params.items()},
        beta=draws.beta[picked],
    )


def media_effects(draws: ModelDraws, data: PreparedData) -> Array:
    """(C, S, T) effect of each channel on the scaled target."""
    return np.stack([contribution(draws, data, channel) for channel in range(len(data.channels))]) / data.target_scale


def expected(draws: ModelDraws, blocks: Sequence[DriverBlock], effects: Array) -> Array:
    """(S, T) expected scaled target: all drivers, and the `effects` (C, S, T) of media."""
    level = effects.sum(axis=0)
    for block in blocks:
        level += draws.coefficients[block.name] @ block.columns.T
    return level
