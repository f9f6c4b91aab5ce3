"""The simulator: a market whose parts are known, and the sample data set made from it."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mixmodel_app.domain.dataset import ColumnMapping
from mixmodel_app.engine.simulate import CHANNELS, SAMPLE_CSV, SAMPLE_TRUTH, Channel, main, simulate, write_sample

SAMPLE = Path(__file__).parents[3] / "assets" / "sample"


def test_the_same_seed_gives_the_same_market() -> None:
    pd.testing.assert_frame_equal(simulate(seed=5).frame, simulate(seed=5).frame)
    assert not simulate(seed=5).frame.equals(simulate(seed=6).frame)


def test_the_truth_belongs_to_the_table() -> None:
    dataset = simulate()
    for column, media in dataset.mapping.media_columns.items():
        truth = dataset.truth["channels"][media.channel_name]
        assert truth["spend"] == dataset.frame[column].sum()
        assert truth["contribution"] / truth["spend"] == pytest.approx(truth["roas"], rel=1e-4)
    explained = dataset.truth["baseline"] + sum(c["contribution"] for c in dataset.truth["channels"].values())
    spread_of_the_sum = dataset.truth["noise"] * np.sqrt(len(dataset.frame))
    assert abs(dataset.frame["revenue"].sum() - explained) < 4 * spread_of_the_sum


def test_spend_looks_like_a_plan() -> None:
    frame = simulate().frame
    assert (frame["search_spend"] > 0).all()
    assert 0.3 < (frame["tv_spend"] > 0).mean() < 0.65
    assert frame["tv_spend"].mean() == pytest.approx(CHANNELS[0].mean_spend, rel=1e-3)


def test_channels_and_controls_can_be_chosen() -> None:
    dataset = simulate(n_periods=40, channels=(Channel("Web radio", 100, 2, alpha=0.3, lam=1),), controls=(), seed=1)
    assert list(dataset.frame.columns) == ["week", "revenue", "web_radio_spend"]
    assert dataset.mapping.control_columns == ()


def test_the_shipped_sample_is_what_the_simulator_writes(tmp_path: Path) -> None:
    main(["--out", str(tmp_path)])
    for name in (SAMPLE_CSV, SAMPLE_TRUTH):
        assert (tmp_path / name).read_bytes() == (SAMPLE / name).read_bytes()


def test_the_sample_is_small_and_its_mapping_fits(tmp_path: Path) -> None:
    table, truth = write_sample(tmp_path)
    assert table.stat().st_size < 30_000
    columns = tuple(pd.read_csv(table, nrows=0).columns)
    mapping = ColumnMapping.from_json(json.loads(truth.read_text())["mapping"], columns)
    assert len(mapping.media_columns) == 6
    assert len(mapping.control_columns) == 2
