"""What a table can tell is said before any fit, with a reason for each channel."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mixmodel_app.domain.answerability import Answerability, ChannelAnswer, Verdict
from mixmodel_app.domain.dataset import ColumnMapping, MediaColumn
from mixmodel_app.ingest.answerability import answerability
from mixmodel_app.ingest.table import Table
from mixmodel_app.wording import answerability as wording
from tests.unit.ingest.check_tables import MAPPING, market


def answer(frame: pd.DataFrame, mapping: ColumnMapping = MAPPING) -> Answerability:
    found = answerability(Table.of(frame), mapping)
    assert found is not None
    return found


def channel(name: str, frame: pd.DataFrame, mapping: ColumnMapping = MAPPING) -> ChannelAnswer:
    return next(found for found in answer(frame, mapping).channels if found.channel == name)


def test_a_good_market_can_tell_its_largest_channel() -> None:
    found = answer(market())
    assert found.history.periods == 156
    assert found.history.period == "week"
    assert found.history.years == 3.0
    assert found.history.parameters == 18
    assert found.channels[0].verdict is Verdict.LEARNED
    assert found.summary.startswith("156 weeks (3 years) can tell the return")
    assert found.groups == ()


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (np.zeros(156), "TV was never on"),
        (np.where(np.arange(156) < 5, 900.0, 0.0), "on in only 5 weeks"),
        (1000 + np.sin(np.arange(156.0)), "hardly changes"),
        (1000 + 500 * np.cos(2 * np.pi * np.arange(156) / 52.18), "season, trend or other drivers"),
    ],
)
def test_a_channel_that_cannot_be_told_says_why(values: np.ndarray, reason: str) -> None:
    found = channel("TV", market().assign(tv_spend=values))
    assert found.verdict is Verdict.ASSUMED
    assert reason in found.reason


def test_channels_that_move_together_are_a_group_and_lose_strength() -> None:
    frame, rng = market(), np.random.default_rng(1)
    alike = frame.assign(search_spend=frame["tv_spend"] * rng.normal(1, 0.05, 156) + 10)
    found = answer(alike)
    assert found.groups == (("TV", "Search"),)
    tv = found.channels[0]
    assert tv.separable < 0.1 < tv.contrast
    assert tv.strength < channel("TV", frame).strength / 2
    assert tv.verdict is not Verdict.LEARNED
    assert "moves together with Search" in tv.reason


def test_strength_does_not_depend_on_units() -> None:
    frame = market()
    money = {column: frame[column] * 100 for column in ("tv_spend", "search_spend", "video_spend")}
    cents = frame.assign(revenue=frame["revenue"] / 1000, **money)
    for before, after in zip(answer(frame).channels, answer(cents).channels, strict=True):
        assert after.strength == pytest.approx(before.strength, abs=0.02)
        assert after.verdict is before.verdict


def test_noise_takes_strength_away() -> None:
    rng = np.random.default_rng(9)
    noisy = market().assign(revenue=lambda f: f["revenue"] + 6_000 * rng.standard_normal(156))
    assert channel("TV", noisy).strength < channel("TV", market()).strength / 3


def test_the_glance_has_series_in_order_of_time_and_correlations() -> None:
    frame = market()
    glance = answer(frame.iloc[::-1]).glance
    assert list(glance.dates) == frame["week"].tolist()
    assert list(glance.target) == frame["revenue"].tolist()
    assert list(glance.media["TV"]) == frame["tv_spend"].tolist()
    assert glance.units == {"TV": "spend", "Search": "spend", "Video": "impressions"}
    assert glance.columns == ("TV", "Search", "Video", "price", "holidays")
    matrix = np.array(glance.correlation)
    assert matrix[0, 1] == pytest.approx(np.corrcoef(frame["tv_spend"], frame["search_spend"])[0, 1], abs=1e-4)
    assert np.diag(matrix).tolist() == [1.0] * 5


def test_a_summary_names_a_few_channels_and_counts_the_others() -> None:
    names = [f"M{i}" for i in range(12)]
    said = wording.summary(104, "week", 2.0, names[:2], [], names[2:])
    assert said == (
        "104 weeks (2 years) can tell the returns of M0 and M1. M2, M3, M4, M5, M6 and 5 more will rest on assumptions."
    )


def test_it_is_json_and_every_channel_has_a_verdict_in_words() -> None:
    document = json.loads(json.dumps(answer(market()).to_json()))
    assert {c["verdict"] for c in document["channels"]} <= {verdict.value for verdict in Verdict}
    assert document["history"]["rows_per_parameter"] == pytest.approx(8.67)


def test_there_is_no_answer_before_the_errors_are_gone() -> None:
    frame = market()
    assert answerability(Table.of(frame.head(20)), MAPPING) is None
    assert answerability(Table.of(frame.assign(revenue=np.nan)), MAPPING) is None
    assert answerability(Table.of(pd.concat([frame, frame])), MAPPING) is None
    assert answerability(Table.of(frame), replace(MAPPING, media_columns={"gone": MediaColumn("Gone")})) is None
