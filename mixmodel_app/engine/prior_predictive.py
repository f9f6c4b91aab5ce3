"""The preview of a model: what its priors say of returns, of media and of the outcome, without a fit.

A plain prior predictive would show nothing but the intercept, whose prior reaches ten times beyond the outcome either
way, and the noise. The level is learned at once from any data, so that each draw is shown around the observed mean:

    expected[s, t] = mean of the outcome + scale · (η[s, t] − mean over time of η[s])

with η the media and all other drivers of a draw, and noise left out.
"""

import numpy as np

from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.preview import ChannelPreview, OutcomePreview, Preview
from mixmodel_app.engine.estimates import band, estimate
from mixmodel_app.engine.plausibility import PriorFacts, warnings_of
from mixmodel_app.engine.prior_draws import PriorDraws, prior_draws
from mixmodel_app.engine.spec import ModelSpec
from mixmodel_app.engine.transforms import half_life
from mixmodel_app.engine.types import ModelDraws
from mixmodel_app.wording import previews

DRAWS = 400
_SEED = 2024
"""Always the same, so that a change of one prior changes what is shown of it and nothing else."""


def preview(spec: ModelSpec) -> Preview:
    """What the priors of a model say, with a warning for everything that is hard to believe."""
    prior = prior_draws(spec, DRAWS, _SEED)
    draws = prior.parameters.model_draws()
    half_lives = np.column_stack([half_life(draws.weights[:, i]) for i in range(len(spec.heights))])
    channels = _channels(spec, prior, half_lives)
    share = spec.data.target_scale * prior.media.sum(axis=1) / np.abs(spec.data.target).sum()
    exceeds, media_share = float((share > 1).mean()), estimate(share)
    return Preview(
        channels=channels,
        media_share=media_share,
        media_exceeds_all=exceeds,
        outcome=_outcome(spec, prior, draws),
        warnings=warnings_of(PriorFacts(spec, channels, exceeds, half_lives, draws)),
        sentences=(
            *(previews.prior_return_sentence(each.channel, each.prior_return) for each in channels),
            previews.prior_share_sentence(media_share, spec.data.mapping.target_column),
        ),
    )


def _channels(spec: ModelSpec, prior: PriorDraws, half_lives: Array) -> tuple[ChannelPreview, ...]:
    return tuple(
        ChannelPreview(
            channel=name,
            prior_return=estimate(returns) if np.isfinite(returns).all() else None,
            half_life=estimate(half_lives[:, index]),
        )
        for index, (name, returns) in enumerate(zip(spec.data.channels, prior.returns.T, strict=True))
    )


def _outcome(spec: ModelSpec, prior: PriorDraws, draws: ModelDraws) -> OutcomePreview:
    data = spec.data
    moving = prior.media.copy()
    for drivers in spec.drivers[1:]:  # without the intercept
        moving += draws.coefficients[drivers.block.name] @ drivers.block.columns.T
    moving -= moving.mean(axis=1, keepdims=True)
    return OutcomePreview(
        dates=data.date_texts,
        actual=data.target.tolist(),
        expected=band(data.target.mean() + data.target_scale * moving),
        media=band(data.target_scale * prior.media),
    )
