"""Checks that compare columns: each fires on its fault, offers the fix that helps, and is silent on what is alike."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mixmodel_app.domain.dataset import MediaColumn
from tests.unit.ingest.check_tables import MAPPING, changed, market, speaks, with_controls


def correlated(correlation: float) -> pd.DataFrame:
    """The market with a search spend that has exactly this correlation with that of TV."""
    frame, rng = market(), np.random.default_rng(1)
    tv = frame["tv_spend"].to_numpy()
    z, noise = (tv - tv.mean()) / tv.std(), rng.standard_normal(len(tv))
    noise -= noise.mean() + (noise @ z) / len(z) * z
    mixed = correlation * z + np.sqrt(1 - correlation**2) * noise / noise.std()
    return frame.assign(search_spend=1000 + 100 * mixed)


@pytest.mark.parametrize(
    ("correlation", "codes", "fix"),
    [(0.75, set(), 0), (0.85, {"MM307"}, 0), (0.92, {"MM205", "MM308"}, 0), (0.98, {"MM205", "MM219"}, 1)],
)
def test_pairs_of_channels_by_how_much_they_move_together(correlation: float, codes: set[str], fix: int) -> None:
    frame = correlated(correlation)
    said = {code: speaks(code, frame) for code in ("MM205", "MM307", "MM219", "MM308")}
    assert {code for code, found in said.items() if found} == codes
    assert sum(len(finding.fixes) for finding in said["MM205"]) == fix


def test_a_pair_of_one_channel_can_be_joined_by_name() -> None:
    (found,) = speaks("MM205", correlated(0.99))
    assert found.fixes[0].arguments == {"columns": ["tv_spend", "search_spend"], "name": "TV + Search"}


def test_impressions_are_never_added_to_money() -> None:
    frame = market().assign(video_views=lambda f: 100 * f["tv_spend"] + 1)
    (found,) = speaks("MM205", frame)
    assert found.fixes == ()


def test_a_column_that_the_others_add_up_to_is_inflated_though_no_pair_is_alike() -> None:
    rng = np.random.default_rng(4)
    frame = market().assign(extra=lambda f: f["tv_spend"] + 2 * f["search_spend"] + 9 * rng.standard_normal(156))
    mapping = replace(MAPPING, media_columns=MAPPING.media_columns | {"extra": MediaColumn("Extra")})
    (found,) = speaks("MM219", frame, mapping)
    assert found.column == "extra"
    assert "hardly" in found.effect
    assert speaks("MM205", frame, mapping) == []


def test_small_channels_are_offered_together_and_a_single_one_with_the_next() -> None:
    frame = market().assign(print_spend=5.0 + np.arange(156) % 3, radio_spend=4.0 + np.arange(156) % 2)
    two = {"print_spend": MediaColumn("Print"), "radio_spend": MediaColumn("Radio")}
    found = speaks("MM206", frame, replace(MAPPING, media_columns=MAPPING.media_columns | two))
    assert len(found) == 2
    assert found[0].fixes[0].arguments == {"columns": ["print_spend", "radio_spend"], "name": "Print + Radio"}
    one = replace(MAPPING, media_columns=MAPPING.media_columns | {"print_spend": MediaColumn("Print")})
    (alone,) = speaks("MM206", frame, one)
    assert alone.fixes[0].arguments["columns"] == ["print_spend", "tv_spend"]


def test_spend_that_is_flat_but_for_two_weeks_rests_on_them() -> None:
    rng = np.random.default_rng(3)
    flat = 1000 + 15 * rng.standard_normal(156)
    spiky = np.where(np.isin(np.arange(156), [40, 90]), 4000, flat)
    (found,) = speaks("MM217", market().assign(search_spend=spiky))
    assert found.rows == (42, 92)
    assert speaks("MM217", market().assign(search_spend=flat)) == []
    assert speaks("MM217", market()) == []


def test_mostly_zero_needs_few_active_periods_too() -> None:
    weeks = np.arange(156)
    assert speaks("MM218", market().assign(tv_spend=np.where(weeks % 8 == 0, 100.0 + weeks, 0.0)))
    assert speaks("MM218", market().assign(tv_spend=np.where(weeks % 4 == 0, 100.0 + weeks, 0.0))) == []
    assert speaks("MM218", market().assign(tv_spend=np.where(weeks < 7, 100.0, 0.0))) == []  # MM213 says it


def test_spend_and_exposure_must_come_together() -> None:
    (found,) = speaks("MM224", changed("video_views", [10, 11], 0.0))
    assert (found.rows, "spend but no impressions" in found.message) == ((12, 13), True)
    (reverse,) = speaks("MM224", changed("video_spend", 10, 0.0))
    assert "impressions but no spend" in reverse.message
    assert speaks("MM224", market()) == []


def test_a_slipped_unit_shows_in_the_cost() -> None:
    frame = market()
    (found,) = speaks("MM225", changed("video_views", 20, float(frame["video_views"].iloc[20]) / 1000))
    assert found.rows == (22,)
    assert "thousand impressions" in found.message
    assert speaks("MM225", frame.assign(video_spend=frame["video_spend"] * np.linspace(1, 1.6, 156))) == []


def test_a_copy_of_the_outcome_and_parts_of_it_are_leaks() -> None:
    frame = market()
    (copy,) = speaks("MM222", frame.assign(orders=(frame["revenue"] / 37).round()), with_controls("orders"))
    assert (copy.column, copy.fixes[0].kind) == ("orders", "ignore_column")
    rng = np.random.default_rng(6)
    shops = (frame["revenue"] * rng.uniform(0.3, 0.7, 156)).round()
    parts = frame.assign(shops=shops, online=frame["revenue"] - shops)
    (found,) = speaks("MM222", parts, with_controls("shops", "online"))
    assert "'shops', 'online' add up to 'revenue'" in found.message
    assert speaks("MM222", parts, with_controls("shops")) == []
    assert speaks("MM222", frame) == []


def test_a_mapped_column_of_event_names_can_become_controls() -> None:
    frame = market().assign(events="na")
    frame.loc[[5, 6, 60], "events"] = ["launch", "launch", "sale"]
    (found,) = speaks("MM104", frame, with_controls("events"))
    assert [fix.kind for fix in found.fixes] == ["event_dummies", "ignore_column"]
    (unused,) = speaks("MM306", frame)
    assert unused.fixes[0].arguments == {"column": "events"}
    assert "launch, sale" in unused.message


@pytest.mark.parametrize(
    "cells",
    [
        ["north", "south"] * 78,  # a region on every row
        [f"note {i}" for i in range(156)],
        ["na"] * 156,
        ["12 pieces"] + ["3"] * 155,
    ],
)
def test_other_texts_are_not_events(cells: list[str]) -> None:
    assert speaks("MM306", market().assign(other=cells)) == []


def test_holidays_are_offered_by_the_language_of_the_columns() -> None:
    without = replace(MAPPING, control_columns=("price",))
    (found,) = speaks("MM309", market(), without)
    assert [fix.arguments["country"] for fix in found.fixes] == ["US", "GB", "DE"]
    german = replace(without, target_column="umsatz")
    (deutsch,) = speaks("MM309", market().rename(columns={"revenue": "umsatz"}), german)
    assert deutsch.fixes[0].arguments == {"country": "DE"}
    assert speaks("MM309", market()) == []
    months = pd.date_range("2019-01-01", periods=48, freq="MS").strftime("%Y-%m-%d")
    assert speaks("MM309", market(48).assign(week=months), without) == []


def test_fixes_of_holes_copies_and_days() -> None:
    (spend,) = speaks("MM210", changed("tv_spend", [3, 4], np.nan))
    assert (spend.fixes[0].kind, spend.fixes[0].arguments) == ("fill_zero", {"column": "tv_spend"})
    assert "2 empty cells" in spend.fixes[0].label
    (control,) = speaks("MM211", changed("price", 3, np.nan))
    assert (control.fixes[0].kind, control.fixes[0].arguments) == ("interpolate", {"column": "price"})
    (copies,) = speaks("MM103", pd.concat([market(), market().tail(1)], ignore_index=True))
    assert copies.fixes[0].kind == "sum_duplicates"
    days = pd.date_range("2024-01-01", periods=156).strftime("%Y-%m-%d")
    (daily,) = speaks("MM304", market().assign(week=days))
    assert daily.fixes[0].arguments == {"to": "weekly", "week_start": "MON", "mean": ["price"]}


def test_rows_without_an_outcome_may_go_only_at_the_ends() -> None:
    frame = market()
    (end,) = speaks("MM107", changed("revenue", [154, 155], np.nan))
    assert end.fixes[0].arguments == {"dates": [frame["week"].iloc[154], frame["week"].iloc[155]]}
    (middle,) = speaks("MM107", changed("revenue", [80, 155], np.nan))
    assert middle.fixes == ()


def test_a_column_that_never_changes_can_be_left_out() -> None:
    (found,) = speaks("MM202", market().assign(tv_spend=0.0))
    assert found.fixes[0].arguments == {"column": "tv_spend"}


def test_a_spike_stands_apart_and_a_channel_with_many_high_values_has_none() -> None:
    often_high = market().assign(search_spend=np.geomspace(100, 3000, 156).round())
    assert speaks("MM204", often_high) == []
    (found,) = speaks("MM204", changed("search_spend", [20, 60], [15_000.0, 9_000.0], often_high))
    assert found.rows == (22, 62)


@pytest.mark.parametrize(("weeks", "fires"), [(49, True), (50, False)])
def test_ten_rows_for_each_channel_and_control_are_enough(weeks: int, fires: bool) -> None:
    assert bool(speaks("MM207", market(weeks))) is fires


def test_an_offer_that_would_be_refused_is_not_made() -> None:
    only = replace(MAPPING, media_columns={"tv_spend": MediaColumn("TV")})
    (flat,) = speaks("MM202", market().assign(tv_spend=0.0), only)
    assert flat.fixes == ()
    twice = pd.concat([market(), market().tail(1)], ignore_index=True)
    (holidays,) = speaks("MM309", twice, replace(MAPPING, control_columns=("price",)))
    assert holidays.fixes == ()
    (copies,) = speaks("MM103", changed("tv_spend", 3, "a lot", twice))
    assert copies.fixes == ()
