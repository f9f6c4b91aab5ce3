"""Tables for the tests of the checks: three years of weeks of a market in which nothing is wrong."""

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from mixmodel_app.domain.dataset import ColumnMapping, MediaColumn, SpendType
from mixmodel_app.domain.findings import Finding
from mixmodel_app.ingest.checks._base import CheckInput
from mixmodel_app.ingest.report import all_checks
from mixmodel_app.ingest.table import Table

MAPPING = ColumnMapping(
    "week",
    "revenue",
    {
        "tv_spend": MediaColumn("TV"),
        "search_spend": MediaColumn("Search"),
        "video_views": MediaColumn("Video", SpendType.IMPRESSIONS, "video_spend"),
    },
    ("price", "holidays"),
)


def market(weeks: int = 156, seed: int = 5) -> pd.DataFrame:
    """Season, a mild trend, media in bursts and always on, a wandering price, public holidays and noise of 3 %."""
    rng = np.random.default_rng(seed)
    dates = pd.date_range("2021-01-04", periods=weeks, freq="7D")
    season = np.cos(2 * np.pi * dates.day_of_year.to_numpy() / 365.25)
    tv = 900 * np.exp(0.3 * rng.standard_normal(weeks)) * (np.arange(weeks) // 5 % 2)
    search = 500 * np.exp(0.3 * rng.standard_normal(weeks)) * (1 + 0.2 * season)
    video = 300 * np.exp(0.3 * rng.standard_normal(weeks))
    price = 10 + np.cumsum(0.1 * rng.standard_normal(weeks))
    holidays = (rng.random(weeks) < 0.15).astype(float)
    level = 20_000 + 2_000 * np.linspace(0, 1, weeks) + 1_500 * season - 300 * (price - 10) + 800 * holidays
    effect = 4_000 * np.sqrt(tv / 900) * 0.4 + 3_000 * np.sqrt(search / 500) + 1_500 * np.sqrt(video / 300)
    return pd.DataFrame(
        {
            "week": dates.strftime("%Y-%m-%d"),
            "revenue": (level + effect + 600 * rng.standard_normal(weeks)).round(),
            "tv_spend": tv.round(),
            "search_spend": search.round(),
            "video_views": (150 * video * np.exp(0.1 * rng.standard_normal(weeks))).round(),
            "video_spend": video.round(),
            "price": price.round(2),
            "holidays": holidays,
        }
    )


def changed(column: str, places: Any, to: Any, frame: pd.DataFrame | None = None) -> pd.DataFrame:
    """The market with other values in some places of one column."""
    frame = market() if frame is None else frame
    cells = frame[column].astype(object if isinstance(to, str) else float)
    cells.iloc[places] = to
    return frame.assign(**{column: cells})


def speaks(
    code: str,
    frame: pd.DataFrame,
    mapping: ColumnMapping = MAPPING,
    *,
    previous: pd.DataFrame | None = None,
    today: dt.date = dt.date(2025, 6, 2),
) -> list[Finding]:
    """What one check says of a table."""
    earlier = None if previous is None else Table.of(previous)
    return list(all_checks().get(code).run(CheckInput(Table.of(frame), mapping, earlier, today)))


def with_controls(*controls: str) -> ColumnMapping:
    return replace(MAPPING, control_columns=(*MAPPING.control_columns, *controls))
