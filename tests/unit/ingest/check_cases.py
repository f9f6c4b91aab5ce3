"""One table for each check on which it speaks; the clean market of `check_tables` is the one on which none does."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from mixmodel_app.domain.dataset import ColumnMapping, MediaColumn, SpendType
from tests.unit.ingest.check_tables import MAPPING, changed, market, with_controls


@dataclass(frozen=True, slots=True)
class Firing:
    """A table under a mapping, with what a check may need besides."""

    frame: pd.DataFrame
    mapping: ColumnMapping = MAPPING
    previous: pd.DataFrame | None = None
    today: dt.date = dt.date(2025, 6, 2)


def _dated(dates: pd.DatetimeIndex | list[str], frame: pd.DataFrame | None = None) -> pd.DataFrame:
    frame = market() if frame is None else frame
    days = dates if isinstance(dates, list) else dates.strftime("%Y-%m-%d").tolist()
    return frame.assign(week=pd.Series(days, dtype=object))


def _days(rows: int = 156) -> pd.DataFrame:
    return _dated(pd.date_range("2024-01-01", periods=rows), market(rows))


def _ambiguous() -> pd.DataFrame:
    """No reading in either order is regular, and no number tells which is the month."""
    rng = np.random.default_rng(1)
    pairs = [(a, b, year) for year in range(2015, 2024) for a in range(1, 13) for b in range(1, 13) if a != b]
    return _dated([f"{a:02d}/{b:02d}/{year}" for a, b, year in (pairs[i] for i in sorted(rng.permutation(900)[:156]))])


def _irregular() -> pd.DataFrame:
    return _dated(pd.Timestamp("2021-01-01") + pd.to_timedelta(np.cumsum(np.arange(156) % 5 + 8), unit="D"))


def _alike(correlation: float) -> pd.DataFrame:
    """The market with a search spend that has exactly this correlation with that of TV."""
    frame, rng = market(), np.random.default_rng(1)
    tv = frame["tv_spend"].to_numpy()
    z, noise = (tv - tv.mean()) / tv.std(), rng.standard_normal(len(tv))
    noise -= noise.mean() + (noise @ z) / len(z) * z
    return frame.assign(search_spend=1000 + 100 * (correlation * z + np.sqrt(1 - correlation**2) * noise / noise.std()))


def _with_extra(noise: float) -> Firing:
    """A channel that is nearly the sum of two others."""
    rng = np.random.default_rng(4)
    extra = market()["tv_spend"] + 2 * market()["search_spend"] + noise * rng.standard_normal(156)
    media = MAPPING.media_columns | {"extra": MediaColumn("Extra")}
    return Firing(market().assign(extra=extra.clip(lower=0)), replace(MAPPING, media_columns=media))


def _small() -> Firing:
    frame = market().assign(print_spend=5.0 + np.arange(156) % 3, radio_spend=4.0 + np.arange(156) % 2)
    media = {"print_spend": MediaColumn("Print"), "radio_spend": MediaColumn("Radio")}
    return Firing(frame, replace(MAPPING, media_columns=MAPPING.media_columns | media))


def _tv(values: np.ndarray) -> Firing:
    return Firing(market().assign(tv_spend=values.astype(float)))


def _follows() -> Firing:
    earlier, rng = market()["revenue"].shift(1).bfill(), np.random.default_rng(2)
    return Firing(market().assign(search_spend=(0.03 * earlier * rng.normal(1, 0.02, 156)).round()))


def _partial() -> Firing:
    frame = market()
    flows = ["revenue", "tv_spend", "search_spend", "video_views", "video_spend"]
    return Firing(frame.assign(**{c: frame[c].where(frame.index < 155, frame[c] * 3 / 7) for c in flows}))


def _restated() -> Firing:
    return Firing(changed("tv_spend", [90, 91], 5_000.0), previous=market(100))


def _events() -> pd.DataFrame:
    cells = pd.Series([None] * 156, dtype=object)
    cells[[5, 6, 60]] = ["launch", "launch; sale", "sale"]
    return market().assign(events=cells)


def _many(channels: int) -> Firing:
    rng = np.random.default_rng(8)
    spend = {f"m{i}": rng.gamma(4, 100, 60) for i in range(channels)}
    media = {column: MediaColumn(column.upper()) for column in spend}
    return Firing(market(60).assign(**spend), replace(MAPPING, media_columns=media))


def _grown() -> pd.DataFrame:
    return market().assign(revenue=lambda f: f["revenue"] * np.linspace(0.7, 1.3, len(f)))


_WEEK = np.arange(156)
_FLAT = 1000 + 15 * np.random.default_rng(3).standard_normal(156)

CASES: dict[str, Callable[[], Firing]] = {
    "MM101": lambda: Firing(market().drop(columns="price")),
    "MM102": lambda: Firing(changed("week", 55, "31/02/2022")),
    "MM103": lambda: Firing(pd.concat([market(), market().tail(1)], ignore_index=True)),
    "MM104": lambda: Firing(changed("tv_spend", 3, "a lot")),
    "MM104 events": lambda: Firing(_events(), with_controls("events")),
    "MM104 huge": lambda: Firing(changed("tv_spend", 3, 1e18)),
    "MM105": lambda: Firing(changed("tv_spend", 3, -4.5)),
    "MM106": lambda: Firing(market(25)),
    "MM107": lambda: Firing(changed("revenue", [154, 155], np.nan)),
    "MM108": lambda: Firing(market().assign(revenue=5.0)),
    "MM201": lambda: Firing(market().assign(price=lambda f: f["price"].where(f.index % 3 == 0))),
    "MM202": lambda: Firing(market().assign(tv_spend=0.0)),
    "MM203": lambda: Firing(market().drop(index=[10, 11])),
    "MM204": lambda: Firing(changed("search_spend", 30, 9_000.0)),
    "MM205": lambda: Firing(_alike(0.98)),
    "MM206": _small,
    "MM207": lambda: _many(9),
    "MM208": lambda: Firing(_ambiguous()),
    "MM209": lambda: Firing(_irregular()),
    "MM210": lambda: Firing(changed("tv_spend", [3, 4], np.nan)),
    "MM211": lambda: Firing(changed("price", 3, np.nan)),
    "MM212": lambda: Firing(changed("revenue", 4, -1.0)),
    "MM213": lambda: _tv(np.where(_WEEK < 5, 900.0, 0.0)),
    "MM214": lambda: Firing(market(), today=dt.date(2023, 11, 30)),
    "MM215": _partial,
    "MM215 too close": lambda: Firing(changed("week", 0, "2021-01-08")),
    "MM216": lambda: Firing(market(80)),
    "MM217": lambda: Firing(market().assign(search_spend=np.where(np.isin(_WEEK, [40, 90]), 4000, _FLAT))),
    "MM217 outcome": lambda: Firing(
        market().assign(revenue=lambda f: np.where(np.isin(_WEEK, [40, 90]), 90_000.0, 20_000.0 + f["revenue"] / 100))
    ),
    "MM218": lambda: _tv(np.where(_WEEK % 8 == 0, 100.0 + _WEEK, 0.0)),
    "MM219": lambda: Firing(
        market().assign(cost_index=lambda f: 3 * f["price"] + 0.01 * f["tv_spend"] / 900), with_controls("cost_index")
    ),
    "MM219 channels": lambda: _with_extra(9.0),
    "MM220": lambda: Firing(changed("revenue", 70, float(market()["revenue"].iloc[70]) * 1.5)),
    "MM221": lambda: Firing(market().assign(revenue=lambda f: f["revenue"] * np.where(_WEEK >= 80, 1.3, 1.0))),
    "MM222": lambda: Firing(market().assign(orders=lambda f: (f["revenue"] / 37).round()), with_controls("orders")),
    "MM223": _follows,
    "MM224": lambda: Firing(changed("video_views", [10, 11], 0.0)),
    "MM225": lambda: Firing(changed("video_views", 20, 45.0)),
    "MM226": _restated,
    "MM301": lambda: Firing(market().assign(revenue=lambda f: np.exp(f["revenue"] / 2000).round())),
    "MM302": lambda: Firing(market(), replace(MAPPING, control_columns=())),
    "MM303": lambda: Firing(market().drop(index=[10])),
    "MM304": lambda: Firing(_days()),
    "MM305": lambda: Firing(
        market(), replace(MAPPING, media_columns={"video_views": MediaColumn("Video", SpendType.IMPRESSIONS)})
    ),
    "MM306": lambda: Firing(_events()),
    "MM307": lambda: Firing(_alike(0.85)),
    "MM308": lambda: _with_extra(230.0),
    "MM309": lambda: Firing(market(), replace(MAPPING, control_columns=("price",))),
    "MM310": lambda: Firing(_grown()),
}
"""By code, with a word behind it where there are several."""
