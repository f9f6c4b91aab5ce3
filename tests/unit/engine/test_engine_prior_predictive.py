"""The preview of the priors: ranges, the outcome around its observed mean, and a warning for what is implausible."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mixmodel_app.domain.dataset import ColumnMapping, MediaColumn, SpendType
from mixmodel_app.domain.preview import Preview
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.prepare import prepare
from mixmodel_app.engine.prior_predictive import preview
from mixmodel_app.engine.spec import model_spec

LIKELY = {"low": 0.5, "likely": 1.2, "high": 3}
TINY = {"low": 0.01, "likely": 0.02, "high": 0.05}
SENSIBLE: dict[str, Any] = {"expected_returns": {"TV": LIKELY, "Search": LIKELY}}


def seen(frequency: str = "W-MON", n_periods: int = 60, **settings: Any) -> Preview:
    """Two channels that cost a fifth of the revenue; views are exposure without a cost when asked for."""
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"date": pd.date_range("2022-01-03", periods=n_periods, freq=frequency)})
    frame["tv"], frame["search"] = rng.gamma(4, 2_500, n_periods), rng.gamma(4, 2_500, n_periods)
    frame["views"] = rng.gamma(4, 1e6, n_periods)
    frame["revenue"] = 80_000 + frame["tv"] + frame["search"] + rng.normal(0, 2_000, n_periods)
    media = {"tv": MediaColumn("TV"), "search": MediaColumn("Search")}
    if settings.pop("with_views", False):
        media["views"] = MediaColumn("Video", SpendType.IMPRESSIONS)
    config = RunConfig.from_json({"random_seed": 1, **settings})
    return preview(model_spec(prepare(frame, ColumnMapping("date", "revenue", media), config)))


def codes(found: Preview) -> list[str]:
    return [warning.code for warning in found.warnings]


def test_sensible_expectations_raise_no_warning() -> None:
    found = seen(**SENSIBLE)
    assert found.warnings == ()
    for channel in found.channels:
        assert channel.prior_return is not None
        assert channel.prior_return.median == pytest.approx(1.2, rel=0.02)
        assert 0.2 < channel.prior_return.lo < 0.6
        assert 2.5 < channel.prior_return.hi < 4
    assert found.sentences[0].startswith("Before seeing the data the model thinks TV returns 0.")
    assert found.sentences[-1].endswith(" of revenue.")


def test_the_share_of_media_follows_from_what_is_expected() -> None:
    sure = {"low": 0.99, "likely": 1, "high": 1.01}
    found = seen(expected_returns={"TV": sure, "Search": sure})
    spend = 0.2
    assert found.media_share.median == pytest.approx(spend, rel=0.1)
    assert found.media_share.hi - found.media_share.lo < 0.01
    assert found.media_exceeds_all == 0
    assert sum(found.outcome.media.median) / sum(found.outcome.actual) == pytest.approx(found.media_share.median, 0.05)


def test_the_outcome_moves_around_its_observed_mean_whatever_the_intercept() -> None:
    found = seen(**SENSIBLE, trend="none", yearly_seasonality=0)
    other = seen(**SENSIBLE, trend="none", yearly_seasonality=0, priors={"intercept": _wide_intercept()})
    band = found.outcome.expected
    mean = np.mean(found.outcome.actual)
    assert other == found, "neither the intercept nor the noise is shown"
    assert np.mean(band.median) == pytest.approx(mean, rel=0.01)
    assert max(band.hi) < 1.5 * mean, "media alone move the outcome by what they cost"
    assert min(found.outcome.media.lo) >= 0
    assert len(found.outcome.dates) == len(band.lo50) == len(found.outcome.media.hi) == 60
    for lower, upper in (("lo", "lo50"), ("lo50", "median"), ("median", "hi50"), ("hi50", "hi")):
        assert np.all(np.array(getattr(band, lower)) <= np.array(getattr(band, upper)))


def _wide_intercept() -> dict[str, Any]:
    return {"dist": "Normal", "mu": 3, "sigma": 100}


def test_a_season_widens_what_is_expected() -> None:
    calm, lively = seen(**SENSIBLE, trend="none", yearly_seasonality=0), seen(**SENSIBLE, trend="none")
    assert max(lively.outcome.expected.hi) > 1.2 * max(calm.outcome.expected.hi)
    assert lively.outcome.media == calm.outcome.media


@pytest.mark.parametrize(
    ("settings", "code", "channels", "words"),
    [
        (
            {"priors": {"saturation_beta": {"dist": "HalfNormal", "sigma": 5}}},
            "media_more_than_all",
            (),
            "media cause more than all of revenue with a chance of",
        ),
        (
            {"expected_returns": {"TV": {"low": 1, "likely": 4, "high": 40}, "Search": LIKELY}},
            "returns_unbounded",
            ("TV",),
            "The prior of TV allows returns above 20 per 1 spent, up to ",
        ),
        (
            {"expected_returns": {"TV": {"low": 15, "likely": 16, "high": 18}, "Search": LIKELY}},
            "returns_high",
            ("TV",),
            "sure that TV returns more than 10 per 1 spent",
        ),
        (
            {"expected_returns": {"TV": TINY, "Search": TINY}},
            "returns_low",
            ("TV", "Search"),
            "sure that TV and Search return less than 0.1 per 1 spent",
        ),
        (
            {"expected_returns": {"TV": {"low": 1, "likely": 1.1, "high": 1.2}, "Search": LIKELY}},
            "expectation_sure",
            ("TV",),
            "You expect TV to return 1.00–1.20",
        ),
        (
            {"expected_returns": {"TV": {"low": 0.04, "likely": 0.4, "high": 4.4}, "Search": LIKELY}},
            "expectation_vague",
            ("TV",),
            "rules out next to nothing",
        ),
        (
            {"with_views": True, "expected_returns": {"TV": LIKELY, "Search": LIKELY, "Video": LIKELY}},
            "expectation_unused",
            ("Video",),
            "No spend of Video is known",
        ),
        (
            {
                **SENSIBLE,
                "frequency": "MS",
                "l_max": 24,
                "priors": {"adstock_alpha[TV]": {"dist": "Beta", "mu": 0.99, "sigma": 0.001}},
            },
            "half_life",
            ("TV",),
            "13 weeks",
        ),
        (
            {**SENSIBLE, "l_max": 3, "priors": {"adstock_alpha[TV]": {"dist": "Beta", "alpha": 20, "beta": 2}}},
            "carryover_cut",
            ("TV",),
            "still strong after 3 weeks",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and "_" in value else "",
)
def test_what_is_implausible_is_said(
    settings: dict[str, Any], code: str, channels: tuple[str, ...], words: str
) -> None:
    found = seen(**settings)
    warning = next(warning for warning in found.warnings if warning.code == code)
    assert warning.channels == channels
    assert words in warning.message
    assert code not in codes(seen(**SENSIBLE))


def test_a_range_that_is_high_altogether_is_not_also_called_open() -> None:
    found = seen(expected_returns={"TV": {"low": 15, "likely": 30, "high": 60}, "Search": LIKELY})
    assert "returns_high" in codes(found)
    assert "returns_unbounded" not in codes(found)


def test_a_channel_without_spend_has_no_return_but_a_half_life() -> None:
    video = seen(with_views=True, **SENSIBLE).channels[2]
    assert video.prior_return is None
    assert 0.5 <= video.half_life.lo <= video.half_life.hi <= 4


def test_it_becomes_json_as_the_api_gives_it() -> None:
    sure = {"TV": {"low": 1, "likely": 1.1, "high": 1.2}}
    raw = json.loads(json.dumps(seen(expected_returns=sure).to_json(), allow_nan=False))
    assert set(raw) == {"channels", "media_share", "outcome", "warnings", "sentences"}
    assert raw["channels"][0]["channel"] == "TV"
    assert {"median", "lo", "hi", "lo50", "hi50"} <= set(raw["channels"][0]["prior_return"])
    assert {"median", "lo", "hi", "exceeds_all"} <= set(raw["media_share"])
    assert {"dates", "actual", "median", "lo", "hi", "lo50", "hi50", "media"} <= set(raw["outcome"])
    assert {"code", "channels", "message"} == set(raw["warnings"][0])
    assert raw["warnings"][0]["channels"] == ["TV"]
