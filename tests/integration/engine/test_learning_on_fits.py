"""The mark of a channel on real fits: what the data can tell is learned, what they cannot is an assumption."""

import pytest

from mixmodel_app.domain.results import ChannelResult, LearnedFrom
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.base import create_engine
from mixmodel_app.engine.simulate import Channel, simulate

pytestmark = pytest.mark.fit

STRONG = Channel("Shopping", 60_000, 2.5, alpha=0.2, lam=1.5, share_on=0.5)
TINY = Channel("Podcast", 40, 2.5, alpha=0.2, lam=1.5, share_on=0.5)
"""Brings 100 a week where the noise is 18,600: nobody could see it."""


def _fitted(**settings: object) -> dict[str, ChannelResult]:
    dataset = simulate(n_periods=120, channels=(STRONG, TINY), seed=21)
    engine = create_engine(RunConfig.from_json({"random_seed": 5, **settings}))
    data = engine.prepare_data(dataset.frame, dataset.mapping)
    engine.fit(data)
    return {channel.name: channel for channel in engine.extract_results().results.channels}


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"expected_returns": {name: {"low": 0.5, "likely": 1.5, "high": 4.5} for name in ("Shopping", "Podcast")}},
        {"priors": {"saturation_beta": {"dist": "HalfNormal", "sigma": 1}}},
    ],
    ids=["pooled returns", "expected returns", "priors of heights"],
)
def test_a_strong_channel_is_learned_and_one_that_drowns_in_noise_is_not(settings: dict[str, object]) -> None:
    channels = _fitted(**settings)
    strong, tiny = channels["Shopping"].learning, channels["Podcast"].learning
    assert strong is not None
    assert tiny is not None
    assert strong.learned_from is LearnedFrom.DATA
    assert strong.contraction > 0.7
    assert tiny.learned_from is LearnedFrom.ASSUMPTION
    assert tiny.contraction < strong.contraction - 0.3
