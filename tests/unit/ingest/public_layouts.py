"""Small tables with the documented columns of public data sets, and plausible values made here."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

PERIODS = 60


@dataclass(frozen=True, slots=True)
class PublicLayout:
    """One layout: its name, a table as the data set has it, the roles of its columns and the table to be read.

    Columns without a role are to be ignored. `wide` has one row per date, with the columns that have a role.
    """

    name: str
    frame: pd.DataFrame
    date: str
    target: str
    media: tuple[str, ...]
    controls: tuple[str, ...]
    wide: pd.DataFrame

    @property
    def roles(self) -> dict[str, list[str]]:
        every = {"date": [self.date], "target": [self.target], "media": list(self.media)}
        return every | ({"control": list(self.controls)} if self.controls else {})


def layouts() -> list[PublicLayout]:
    """Every layout; the same values at each call."""
    return [
        _robyn(), _meridian_national(), _meridian_geo(), _pymc(), _stan(), _unmarked(), _long(), _plain(),
        _lightweight(), _investments(), _divisions(), _campaigns(),
    ]  # fmt: skip


def _plain_layout(
    name: str, frame: pd.DataFrame, date: str, target: str, media: tuple[str, ...], controls: tuple[str, ...] = ()
) -> PublicLayout:
    return PublicLayout(name, frame, date, target, media, controls, frame[[date, target, *media, *controls]])


def _weeks(first: str = "2022-01-03") -> list[str]:
    return [str(day.date()) for day in pd.date_range(first, periods=PERIODS, freq="7D")]


def _frame(date: str, spec: str, seed: int) -> pd.DataFrame:
    """Columns of a spec such as "sales:k tv_S:m promo:b": k thousands, m money with zeros, b 0/1, l level, i index."""
    rng = np.random.default_rng(seed)
    makers = {
        "k": lambda: rng.gamma(40, 2_500, PERIODS).round(2),
        "m": lambda: (rng.gamma(2, 900, PERIODS) * (rng.random(PERIODS) > 0.2)).round(2),
        "n": lambda: rng.poisson(40_000, PERIODS).astype(float),
        "b": lambda: (rng.random(PERIODS) > 0.8).astype(float),
        "l": lambda: rng.normal(12, 5, PERIODS).round(2),
        "i": lambda: np.arange(PERIODS, dtype=float),
    }
    columns: dict[str, object] = {date: _weeks()}
    for entry in spec.split():
        name, _, kind = entry.partition(":")
        columns[name] = makers[kind]()
    return pd.DataFrame(columns)


def _robyn() -> PublicLayout:
    frame = _frame(
        "DATE",
        "revenue:k tv_S:m ooh_S:m print_S:m facebook_I:n search_clicks_P:n search_S:m competitor_sales_B:k "
        "facebook_S:m newsletter:n",
        1,
    )
    frame.insert(10, "events", ["event1" if week == 20 else "na" for week in range(PERIODS)])
    media = ("tv_S", "ooh_S", "print_S", "search_S", "facebook_S")
    return _plain_layout("Robyn weekly", frame, "DATE", "revenue", media, ("competitor_sales_B",))


_MERIDIAN = (
    "Channel0_impression:n Channel1_impression:n Channel2_impression:n Competitor_Sales:l Discount:l GQV:l "
    "Channel0_spend:m Channel1_spend:m Channel2_spend:m conversions:k revenue_per_conversion:l Promo:b"
)
_MERIDIAN_MEDIA = ("Channel0_spend", "Channel1_spend", "Channel2_spend")
_MERIDIAN_CONTROLS = ("Competitor_Sales", "Discount", "GQV", "Promo")


def _meridian_national() -> PublicLayout:
    frame = _frame("time", _MERIDIAN, 2)
    return _plain_layout("Meridian national", frame, "time", "conversions", _MERIDIAN_MEDIA, _MERIDIAN_CONTROLS)


def _meridian_geo() -> PublicLayout:
    parts = [
        _frame("time", _MERIDIAN, 10 + geo).assign(geo=f"Geo{geo}", population=1e5 * (geo + 1)) for geo in range(4)
    ]
    frame = pd.concat(parts, ignore_index=True)
    used = ["conversions", *_MERIDIAN_MEDIA, *_MERIDIAN_CONTROLS]
    groups = frame.groupby("time", sort=False)
    wide = groups[used].sum()
    for level in ("Discount", "Promo"):
        wide[level] = groups[level].mean()
    return PublicLayout(
        "Meridian geo", frame[["geo", *(c for c in frame.columns if c != "geo")]], "time", "conversions",
        _MERIDIAN_MEDIA, _MERIDIAN_CONTROLS, wide.reset_index(),
    )  # fmt: skip


def _pymc() -> PublicLayout:
    frame = _frame("date_week", "y:k x1:m x2:m event_1:b event_2:b dayofyear:n t:i", 3)
    return _plain_layout("PyMC-Marketing", frame, "date_week", "y", ("x1", "x2"), ("event_1", "event_2"))


def _stan() -> PublicLayout:
    frame = _frame(
        "wk_strt_dt",
        "wk_nbr:i mdip_dm:n mdip_inst:n mdip_nsp:n mdsp_dm:m mdsp_inst:m mdsp_nsp:m sales:k hldy_Easter:b "
        "hldy_July_4th:b seas_prd_1:b seas_week_40:b mrkdn_pdm:l",
        4,
    )
    controls = ("hldy_Easter", "hldy_July_4th", "seas_prd_1", "seas_week_40", "mrkdn_pdm")
    return _plain_layout(
        "Retail sales with mdip, mdsp", frame, "wk_strt_dt", "sales", ("mdsp_dm", "mdsp_inst", "mdsp_nsp"), controls
    )


def _unmarked() -> PublicLayout:
    frame = _frame("Date", "Sales:k TV:m Radio:m Newspaper:m Search:m Social:m", 5)
    return _plain_layout(
        "Channels by name alone", frame, "Date", "Sales", ("TV", "Radio", "Newspaper", "Search", "Social")
    )


def _long() -> PublicLayout:
    wide = _frame("date", "revenue:k Search_spend:m Social_spend:m Video_spend:m", 6)
    wide = wide.rename(columns=lambda name: name.replace("_", " "))
    rows = [
        {"date": row["date"], "channel": channel, "spend": row[f"{channel} spend"], "revenue": row["revenue"]}
        for row in wide.to_dict("records")
        for channel in ("Search", "Social", "Video")
    ]
    media = ("Search spend", "Social spend", "Video spend")
    return PublicLayout("Long", pd.DataFrame(rows), "date", "revenue", media, (), wide)


def _plain() -> PublicLayout:
    frame = _frame("week", "orders:k tv_spend:m radio_spend:m search_cost:m temperature:l holiday:b", 7)
    return _plain_layout(
        "Plain", frame, "week", "orders", ("tv_spend", "radio_spend", "search_cost"), ("temperature", "holiday")
    )


def _lightweight() -> PublicLayout:
    frame = _frame("date", "media_0:m media_1:m media_2:m extra_features_0:l extra_features_1:l target:k", 8)
    features = ("extra_features_0", "extra_features_1")
    return _plain_layout("LightweightMMM", frame, "date", "target", ("media_0", "media_1", "media_2"), features)


def _investments() -> PublicLayout:
    frame = _frame(
        "Date",
        "gmv:k units:n product_mrp:l discount:l TotalInvestment:n TV:m Digital:m Sponsorship:m ContentMarketing:m "
        "OnlineMarketing:m Affiliates:m SEM:m NPS:l",
        9,
    )
    media = ("TV", "Digital", "Sponsorship", "ContentMarketing", "OnlineMarketing", "Affiliates", "SEM")
    return _plain_layout("Media investment by channel", frame, "Date", "gmv", media, ("discount",))


def _divisions() -> PublicLayout:
    spec = (
        "Paid_Views:n Organic_Views:n Google_Impressions:n Email_Impressions:n Facebook_Impressions:n "
        "Affiliate_Impressions:n Overall_Views:n Sales:k"
    )
    parts = [_frame("Calendar_Week", spec, 20 + division).assign(Division="ABC"[division]) for division in range(3)]
    frame = pd.concat(parts, ignore_index=True)
    media = (
        "Paid_Views", "Google_Impressions", "Email_Impressions", "Facebook_Impressions", "Affiliate_Impressions",
    )  # fmt: skip
    wide = frame.groupby("Calendar_Week", sort=False)[["Sales", *media]].sum().reset_index()
    order = ["Division", *(name for name in frame.columns if name != "Division")]
    return PublicLayout("Impressions by division", frame[order], "Calendar_Week", "Sales", media, (), wide)


def _campaigns() -> PublicLayout:
    """An export of an advertising platform by day and campaign, with what it attributes to each."""
    names = ("Prospecting", "Retargeting")
    parts = [
        _frame("Day", "Spent:m Impressions:n Clicks:n Purchases:n", 30 + place)
        .rename(columns={"Spent": "Amount spent (EUR)", "Clicks": "Link clicks"})
        .assign(**{"Campaign name": name})
        for place, name in enumerate(names)
    ]
    frame = pd.concat(parts, ignore_index=True)
    wide = pd.DataFrame({"Day": parts[0]["Day"], "Purchases": parts[0]["Purchases"] + parts[1]["Purchases"]})
    media = tuple(f"{name} Amount spent (EUR)" for name in names)
    for column, part in zip(media, parts, strict=True):
        wide[column] = part["Amount spent (EUR)"]
    order = ["Campaign name", *(name for name in frame.columns if name != "Campaign name")]
    return PublicLayout("Platform export by campaign", frame[order], "Day", "Purchases", media, (), wide)
