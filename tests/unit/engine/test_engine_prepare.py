"""From a table to the numbers of a model."""

import numpy as np
import pandas as pd
import pytest

from mixmodel_app.domain.dataset import ColumnMapping, Frequency, MediaColumn, SpendType
from mixmodel_app.domain.errors import FitFailed
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.prepare import infer_frequency, prepare

MAPPING = ColumnMapping("week", "revenue", {"tv_spend": MediaColumn("TV")}, ("price",))


def table(n_periods: int = 12) -> pd.DataFrame:
    week = pd.date_range("2024-01-01", periods=n_periods, freq="W-MON")
    steps = np.arange(n_periods, dtype=float)
    return pd.DataFrame({"week": week, "revenue": 100 + steps, "tv_spend": 10 * steps, "price": 5 - 0.1 * steps})


def test_series_are_scaled_by_their_highest_value() -> None:
    data = prepare(table(), MAPPING, RunConfig())
    assert data.target_scale == 111
    assert data.media_scale.tolist() == [110]
    assert data.scaled_media.max() == 1


def test_controls_have_mean_zero_and_standard_deviation_one() -> None:
    controls = prepare(table(), MAPPING, RunConfig()).controls
    assert controls.mean(axis=0) == pytest.approx([0], abs=1e-12)
    assert controls.std(axis=0) == pytest.approx([1])


def test_rows_are_sorted_by_date() -> None:
    data = prepare(table().sample(frac=1, random_state=1), MAPPING, RunConfig())
    assert data.target.tolist() == sorted(data.target.tolist())
    assert data.date_texts[0] == "2024-01-01"


def test_periods_without_target_are_left_out_and_noted() -> None:
    frame = table()
    frame.loc[3, "revenue"] = np.nan
    data = prepare(frame, MAPPING, RunConfig())
    assert data.n_periods == 11
    assert data.notes == ("1 periods without a value of 'revenue' were left out.",)


def test_missing_media_count_as_zero_and_missing_controls_are_interpolated() -> None:
    frame = table()
    frame.loc[4, ["tv_spend", "price"]] = np.nan
    data = prepare(frame, MAPPING, RunConfig())
    complete = prepare(table(), MAPPING, RunConfig())
    assert data.media[4, 0] == 0
    assert data.controls == pytest.approx(complete.controls)
    assert len(data.notes) == 2


def test_exposure_with_a_spend_column_gets_its_mean_cost() -> None:
    frame = table().assign(views=1000.0, views_cost=20.0)
    mapping = ColumnMapping("week", "revenue", {"views": MediaColumn("Video", SpendType.IMPRESSIONS, "views_cost")})
    data = prepare(frame, mapping, RunConfig())
    assert data.unit_cost.tolist() == [0.02]
    assert data.spend.sum() == 240


def test_exposure_without_a_spend_column_has_no_known_cost() -> None:
    mapping = ColumnMapping("week", "revenue", {"tv_spend": MediaColumn("TV", SpendType.CLICKS)})
    data = prepare(table(), mapping, RunConfig())
    assert np.isnan(data.unit_cost).all()
    assert not data.spend.any()


def test_a_channel_that_was_never_on_keeps_a_usable_scale() -> None:
    mapping = ColumnMapping("week", "revenue", {"tv_spend": MediaColumn("TV"), "radio": MediaColumn("Radio")})
    data = prepare(table().assign(radio=0), mapping, RunConfig())
    assert data.media_scale.tolist() == [110, 1]
    assert data.used.tolist() == [True, False]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"revenue": 5.0}, "same value in every period"),
        ({"tv_spend": 0.0}, "No channel has any media"),
        ({"tv_spend": -1.0}, "cannot be negative"),
        ({"price": "cheap"}, "holds no numbers"),
        ({"week": "someday"}, "are not dates"),
        ({"revenue": np.nan}, "Only 0 periods"),
    ],
)
def test_what_cannot_carry_a_model_is_refused_in_words(change: dict[str, object], words: str) -> None:
    with pytest.raises(FitFailed, match=words):
        prepare(table().assign(**change), MAPPING, RunConfig())


def test_a_missing_column_is_named() -> None:
    with pytest.raises(FitFailed, match="no column 'price'"):
        prepare(table().drop(columns="price"), MAPPING, RunConfig())


def test_a_constant_control_explains_nothing() -> None:
    data = prepare(table().assign(price=0.1), MAPPING, RunConfig())
    assert not data.controls.any()
    assert "never changes" in data.notes[0]


def test_the_digest_follows_the_values_and_not_the_order_of_rows() -> None:
    digest = prepare(table(), MAPPING, RunConfig()).digest
    assert prepare(table().iloc[::-1], MAPPING, RunConfig()).digest == digest
    assert prepare(table().assign(price=np.arange(12.0)), MAPPING, RunConfig()).digest != digest


@pytest.mark.parametrize(
    ("freq", "expected"),
    [("D", Frequency.DAILY), ("W-SUN", Frequency.WEEKLY), ("MS", Frequency.MONTHLY), ("QS", Frequency.IRREGULAR)],
)
def test_frequency_follows_the_distance_of_dates(freq: str, expected: Frequency) -> None:
    assert infer_frequency(pd.date_range("2024-01-01", periods=20, freq=freq)) is expected


def test_trend_runs_from_zero_to_one_and_the_season_has_two_terms_per_pair() -> None:
    data = prepare(table(), MAPPING, RunConfig(yearly_seasonality=3))
    assert (data.trend_axis[0], data.trend_axis[-1]) == (0, 1)
    assert data.fourier_basis.shape == (12, 6)
    assert prepare(table(), MAPPING, RunConfig(yearly_seasonality=0)).fourier_basis.shape == (12, 0)
