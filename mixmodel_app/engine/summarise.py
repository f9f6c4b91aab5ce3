"""From posterior draws to `ModelResults`: numpy only, the same for every engine.

Contributions are those of `domain.curves`, in target units; the tests hold them equal to PyMC-Marketing's own.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mixmodel_app.domain.curves import Array, ResponseDraws, carry_over, saturate
from mixmodel_app.domain.results import Decomposition, Fit
from mixmodel_app.engine.drivers import Part, driver_blocks
from mixmodel_app.engine.estimates import band
from mixmodel_app.engine.transforms import saturation_elasticity
from mixmodel_app.engine.types import ModelDraws, PreparedData

_JOINT_DRAWS = 500
_NOISE_SEED = 94

Reporter = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class ChannelDraws:
    """One channel's draws: `total` (S,) over all periods, `marginal` (S,) its change per proportional change of media.

    `mean` (T,) is the posterior mean per period. All in target units.
    """

    total: Array
    marginal: Array
    mean: Array


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything that follows from the draws alone.

    `baseline_total` (S,) is what the target would have been without media, over all periods.
    """

    channels: list[ChannelDraws]
    decomposition: Decomposition
    fit: Fit
    baseline_total: Array


def contribution(draws: ModelDraws, data: PreparedData, channel: int) -> Array:
    """Contribution of one channel in target units: (S, T)."""
    _, level = _response(draws, data, channel)
    return data.target_scale * draws.beta[:, channel, None] * level


def contribution_and_marginal(draws: ModelDraws, data: PreparedData, channel: int) -> tuple[Array, Array]:
    """Contribution (S, T), and the change of its total per proportional change of the media in every period (S,)."""
    adstocked, level = _response(draws, data, channel)
    elasticity = saturation_elasticity(draws.saturation, _channel_params(draws, channel), adstocked, level)
    height = data.target_scale * draws.beta[:, channel]
    return height[:, None] * level, height * elasticity.sum(axis=1)


def _response(draws: ModelDraws, data: PreparedData, channel: int) -> tuple[Array, Array]:
    """Scaled media with their carryover, and the saturation of these, both (S, T)."""
    adstocked = carry_over(data.scaled_media[:, channel], draws.weights[:, channel])
    return adstocked, saturate(draws.saturation, _channel_params(draws, channel), adstocked)


def summarise(draws: ModelDraws, data: PreparedData, report: Reporter = lambda fraction: None) -> Summary:
    """Reduce the draws; one channel at a time, so that memory stays at a few arrays of (S, T).

    Args:
        report: told the fraction that is done, from 0 to 1.
    """
    level, parts, controls = _without_media(draws, data)
    baseline_total = level.sum(axis=1)
    channels: list[ChannelDraws] = []
    for index in range(len(data.channels)):
        effect, marginal = contribution_and_marginal(draws, data, index)
        level += effect
        channels.append(ChannelDraws(effect.sum(axis=1), marginal, effect.mean(axis=0)))
        report((index + 1) / (len(data.channels) + 1))
    by_channel = {name: channel.mean for name, channel in zip(data.channels, channels, strict=True)}
    fitted = np.sum([*parts.values(), *controls.values(), *by_channel.values()], axis=0)
    decomposition = Decomposition(
        intercept=parts[Part.INTERCEPT].tolist(),
        trend=parts[Part.TREND].tolist(),
        seasonality=parts[Part.SEASONALITY].tolist(),
        controls={name: series.tolist() for name, series in controls.items()},
        channels={name: series.tolist() for name, series in by_channel.items()},
        unexplained=(data.target - fitted).tolist(),
    )
    return Summary(channels, decomposition, _fit(draws, data, level, fitted), baseline_total)


def _without_media(draws: ModelDraws, data: PreparedData) -> tuple[Array, dict[Part, Array], dict[str, Array]]:
    """The target without media per draw (S, T), and the posterior means (T,) of its parts and of each control."""
    level = np.zeros((draws.n_draws, data.n_periods))
    parts = {part: np.zeros(data.n_periods) for part in Part if part is not Part.CONTROLS}
    controls: dict[str, Array] = {}
    for block in driver_blocks(data):
        coefficients = data.target_scale * draws.coefficients[block.name]
        level += coefficients @ block.columns.T
        effects = coefficients.mean(axis=0) * block.columns
        if block.part is not Part.CONTROLS:
            parts[block.part] += effects.sum(axis=1)
        elif block.shown_as is not None:
            controls[block.shown_as] = effects.sum(axis=1)
        else:
            controls |= dict(zip(block.labels, effects.T, strict=True))
    return level, parts, controls


def _channel_params(draws: ModelDraws, channel: int) -> dict[str, Array]:
    return {name: values[:, channel, None] for name, values in draws.params.items()}


def _fit(draws: ModelDraws, data: PreparedData, mean_of_draws: Array, fitted: Array) -> Fit:
    noise = np.random.default_rng(_NOISE_SEED).standard_normal(mean_of_draws.shape)
    predicted = mean_of_draws + data.target_scale * draws.sigma[:, None] * noise
    residuals = data.target - fitted
    spread = float(((data.target - data.target.mean()) ** 2).sum())
    has_zero = bool((data.target == 0).any())
    return Fit(
        dates=data.date_texts,
        actual=data.target.tolist(),
        mean=fitted.tolist(),
        predicted=band(predicted),
        residuals=residuals.tolist(),
        r2=1 - float((residuals**2).sum()) / spread,
        mape=None if has_zero else float(np.abs(residuals / data.target).mean()),
    )


def response_draws(draws: ModelDraws, data: PreparedData) -> ResponseDraws:
    """About 500 joint draws, evenly spaced over all chains. A channel that was never on gets height 0."""
    picked = np.linspace(0, draws.n_draws - 1, min(_JOINT_DRAWS, draws.n_draws)).round().astype(int)
    return ResponseDraws(
        channels=data.channels,
        saturation=draws.saturation,
        weights=draws.weights[picked],
        params={name: values[picked] for name, values in draws.params.items()},
        beta=draws.beta[picked] * data.used,
        media_scale=data.media_scale,
        target_scale=data.target_scale,
        unit_cost=data.unit_cost,
        spend=data.spend,
        media=data.media,
    )
