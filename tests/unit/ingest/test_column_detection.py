"""Roles and channel names from headers that no one here made."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mixmodel_app.domain.dataset import ColumnRole, Detection, SpendType
from mixmodel_app.ingest.detection import auto_mapping, detect
from mixmodel_app.ingest.profile import preview_rows, profile
from mixmodel_app.ingest.reader import read_table
from mixmodel_app.ingest.table import Table

ROBYN = Path(__file__).parents[4] / "shared" / "data" / "robyn_weekly.csv"
needs_robyn = pytest.mark.skipif(not ROBYN.exists(), reason="the public test data are not beside the checkout")


def table_of(*names: str, **special: list) -> Table:
    rng = np.random.default_rng(7)
    columns: dict[str, list] = {"date": [str(d.date()) for d in pd.date_range("2022-01-03", periods=60, freq="7D")]}
    for name in names:
        columns[name] = special.get(name, rng.gamma(2.0, 50.0, 60).tolist())
    return Table.of(pd.DataFrame(columns))


def by_column(table: Table) -> dict[str, Detection]:
    found = detect(table)
    assert tuple(d.column for d in found) == table.columns
    return {d.column: d for d in found}


@needs_robyn
def test_the_public_dataset_maps_itself():
    table = read_table(ROBYN, "robyn_weekly.csv")
    detections = detect(table)
    mapping = auto_mapping(table, detections)
    assert mapping is not None
    assert (mapping.date_column, mapping.target_column) == ("DATE", "revenue")
    assert {column: media.channel_name for column, media in mapping.media_columns.items()} == {
        "tv_S": "TV", "ooh_S": "OOH", "print_S": "Print", "search_S": "Search", "facebook_S": "Facebook",
    }  # fmt: skip
    assert {media.spend_type for media in mapping.media_columns.values()} == {SpendType.SPEND}
    assert mapping.control_columns == ("competitor_sales_B",)
    reasons = {d.column: d.reason for d in detections if d.role is ColumnRole.IGNORED}
    assert reasons.keys() == {"events", "facebook_I", "search_clicks_P", "newsletter"}
    assert "text" in reasons["events"]
    assert reasons["facebook_I"] == "exposure (impressions) of Facebook, whose spend ('facebook_S') is used"
    assert reasons["search_clicks_P"] == "exposure (clicks) of Search, whose spend ('search_S') is used"
    assert "the name says neither" in reasons["newsletter"]
    assert all(d.level == "high" for d in detections if d.role is not ColumnRole.IGNORED)


@pytest.mark.parametrize(
    ("column", "channel", "kind"),
    [
        ("tv_spend", "TV", SpendType.SPEND),
        ("Channel0_spend", "Channel0", SpendType.SPEND),
        ("Google Ads Cost", "Google Ads", SpendType.SPEND),
        ("Spend_Meta", "Meta", SpendType.SPEND),
        ("SPEND TIKTOK", "TikTok", SpendType.SPEND),
        ("YoutubeSpend", "YouTube", SpendType.SPEND),
        ("tvspend", "TV", SpendType.SPEND),
        ("impressions_tv", "TV", SpendType.IMPRESSIONS),
        ("email-clicks", "Email", SpendType.CLICKS),
        ("TV Ausgaben", "TV", SpendType.SPEND),
        ("Radiokosten", "Radio", SpendType.SPEND),
        ("Dépenses OOH", "OOH", SpendType.SPEND),
        ("Inversión Digital", "Digital", SpendType.SPEND),
        ("radio", "Radio", SpendType.SPEND),
    ],
)
def test_media_by_name(column: str, channel: str, kind: SpendType):
    table = table_of("revenue", column)
    mapping = auto_mapping(table, detect(table))
    assert mapping is not None
    assert (mapping.media_columns[column].channel_name, mapping.media_columns[column].spend_type) == (channel, kind)


@pytest.mark.parametrize(
    "column",
    [
        "temperature", "Temperatur", "holiday", "competitor_spend", "Competitor_Sales", "price", "avg_price", "promo",
        "GQV", "unemployment_rate", "search_volume",
    ],
)  # fmt: skip
def test_controls_by_name(column: str):
    assert by_column(table_of("revenue", "tv_spend", column))[column].role is ColumnRole.CONTROL


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("cost_per_click", "rate"),
        ("roas", "rate"),
        ("total_spend", "count its channels twice"),
        ("organic_impressions", "no spend"),
        ("population", "says neither"),
    ],
)
def test_what_looks_like_a_role_but_is_none(column: str, words: str):
    found = by_column(table_of("revenue", "tv_spend", column))[column]
    assert found.role is ColumnRole.IGNORED
    assert words in found.reason


def test_spend_stands_for_its_channel_and_exposure_stands_in_when_there_is_none():
    found = by_column(table_of("revenue", "tv_impressions", "tv_spend", "radio_clicks", "radio_impressions"))
    assert found["tv_spend"].role is ColumnRole.MEDIA
    assert "whose spend ('tv_spend') is used" in found["tv_impressions"].reason
    assert found["radio_impressions"].role is ColumnRole.MEDIA
    assert "whose impressions ('radio_impressions') are used" in found["radio_clicks"].reason


def test_the_layout_of_meridian():
    table = table_of(
        "geo", "Channel0_impression", "Channel1_impression", "Competitor_Sales", "Discount", "GQV", "Channel0_spend",
        "Channel1_spend", "conversions", "revenue_per_conversion", "population", geo=["north"] * 60,
    )  # fmt: skip
    mapping = auto_mapping(table, detect(table))
    assert mapping is not None
    assert mapping.target_column == "conversions"
    assert list(mapping.media_columns) == ["Channel0_spend", "Channel1_spend"]
    assert mapping.control_columns == ("Competitor_Sales", "Discount", "GQV")


def test_the_layout_of_pymc_marketing():
    table = table_of("y", "x1", "x2", "event_1", "event_2", "dayofyear", "t", t=list(map(float, range(60))))
    found = by_column(table)
    mapping = auto_mapping(table, tuple(found.values()))
    assert mapping is not None
    assert mapping.target_column == "y"
    assert list(mapping.media_columns) == ["x1", "x2"]
    assert found["x1"].level == "low"
    assert mapping.control_columns == ("event_1", "event_2")
    assert found["t"].role is found["dayofyear"].role is ColumnRole.IGNORED


def test_one_date_and_one_outcome_are_chosen_and_the_others_say_why():
    table = table_of("orders", "revenue", "tv_spend", "created", created=[f"0{i % 9 + 1}/01/2024" for i in range(60)])
    found = by_column(table)
    assert found["revenue"].role is ColumnRole.TARGET
    assert "'revenue' fits better" in found["orders"].reason
    assert found["date"].role is ColumnRole.DATE
    assert found["created"].role is ColumnRole.IGNORED


def test_negative_values_and_mistakes_lower_the_confidence():
    cells: list = [f"{i}" for i in range(60)]
    cells[7] = "n.v."
    found = by_column(table_of("revenue", "tv_spend", "ooh_spend", tv_spend=[-1.0] + [5.0] * 59, ooh_spend=cells))
    assert found["tv_spend"].level == "medium"
    assert "1.7 % negative" in found["tv_spend"].reason
    assert "numeric but for 1 cell" in found["ooh_spend"].reason


def test_text_dates_keep_the_role_so_that_the_checks_can_name_the_rows():
    table = table_of("revenue", "tv_spend")
    table.frame["date"] = ["someday"] * 60
    found = by_column(table)["date"]
    assert found.role is ColumnRole.DATE
    assert found.level == "low"


def test_two_columns_of_one_channel_keep_names_apart():
    table = table_of("revenue", "TV cost", "tv_spend")
    mapping = auto_mapping(table, detect(table))
    assert mapping is not None
    assert mapping.channel_names == ("TV (TV cost)", "TV (tv_spend)")


@pytest.mark.parametrize("names", [("tv_spend",), ("revenue",)])
def test_without_an_outcome_or_media_there_is_no_mapping(names: tuple[str, ...]):
    table = table_of(*names)
    assert auto_mapping(table, detect(table)) is None


def test_profiles_say_what_a_column_holds():
    rows = "".join(f"2024-01-{d:02d},{d},,yes,note {d % 2}\n" for d in range(1, 9))
    table = read_table(f"date,x,nothing,flag,text\n{rows}2024-01-09,,,no,\n".encode(), "a.csv")
    profiles = {p.name: p for p in profile(table)}
    assert {name: p.dtype for name, p in profiles.items()} == {
        "date": "date", "x": "number", "nothing": "empty", "flag": "boolean", "text": "text",
    }  # fmt: skip
    assert profiles["x"].null_count == 1
    assert profiles["x"].sample_values == ("1", "2", "3", "4", "5")
    assert profiles["text"].sample_values == ("note 1", "note 0")


def test_preview_is_json_with_none_for_empty_cells():
    frame = pd.DataFrame({"a": [1.0, np.nan, 2.5], "b": pd.Series(["x", None, "y"], dtype=object)})
    assert preview_rows(frame, 2) == [{"a": 1, "b": "x"}, {"a": None, "b": None}]
