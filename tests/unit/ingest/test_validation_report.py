"""Every check finds its own problem with the rows of the person's file, and is silent on clean data."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mixmodel_app.domain.dataset import ColumnMapping, MediaColumn, SpendType
from mixmodel_app.domain.errors import InvalidInput
from mixmodel_app.domain.findings import Finding, Severity
from mixmodel_app.ingest.checks._base import CHECKS, CheckInput, Evidence, check
from mixmodel_app.ingest.detection import auto_mapping, detect
from mixmodel_app.ingest.prepare import model_frame
from mixmodel_app.ingest.reader import read_table
from mixmodel_app.ingest.report import all_checks, validate
from mixmodel_app.ingest.table import Table

ROBYN = Path(__file__).parents[4] / "shared" / "data" / "robyn_weekly.csv"
MAPPING = ColumnMapping(
    "date", "revenue", {"tv": MediaColumn("TV"), "search": MediaColumn("Search")}, control_columns=("price", "holidays")
)


def clean_frame(n: int = 160) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "date": [str(day.date()) for day in pd.date_range("2021-01-04", periods=n, freq="7D")],
            "revenue": rng.normal(1000, 100, n),
            "tv": rng.uniform(50, 150, n),
            "search": rng.uniform(20, 80, n),
            "price": rng.uniform(8, 12, n),
            "holidays": rng.integers(0, 2, n).astype(float),
        }
    )


def findings(frame: pd.DataFrame, mapping: ColumnMapping = MAPPING) -> dict[str, Finding]:
    return {finding.code: finding for finding in validate(Table.of(frame), mapping).findings}


def set_cell(column: str, position: int, value: object) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        cells = frame[column].astype(object)
        cells.iloc[position] = value
        return frame.assign(**{column: cells if isinstance(value, str) else cells.astype(frame[column].dtype)})

    return change


def scaled(column: str, like: str, factor: float) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda frame: frame.assign(**{column: frame[like] * factor})


def test_clean_data_has_no_findings():
    assert findings(clean_frame()) == {}


@pytest.mark.parametrize(
    ("code", "change", "rows", "words"),
    [
        ("MM101", lambda f: f.drop(columns="tv"), (), "no column 'tv'"),
        ("MM102", set_cell("date", 55, "31/02/2025"), (57,), "Row 57: date is '31/02/2025', which does not exist."),
        ("MM102", set_cell("date", 55, "Total"), (57,), "Row 57: date is 'Total', which is not a date."),
        ("MM102", set_cell("date", 55, None), (57,), "Row 57: the date is empty."),
        ("MM103", set_cell("date", 5, "2021-01-04"), (2, 7), "2021-01-04 stands in more than one row: rows 2, 7."),
        ("MM104", set_cell("tv", 3, "a lot"), (5,), "'tv' holds 'a lot' in row 5, which is not a number."),
        ("MM104", set_cell("revenue", 3, "?"), (5,), "'revenue' holds '?' in row 5"),
        ("MM105", set_cell("tv", 3, -4.5), (5,), "'tv' is negative in row 5 (-4.5)."),
        ("MM106", lambda f: f.head(25), (), "25 periods; at least 26"),
        ("MM107", set_cell("revenue", 9, np.nan), (11,), "'revenue' is empty in row 11."),
        ("MM108", lambda f: f.assign(revenue=5.0), (), "'revenue' is 5 in every row."),
        ("MM201", lambda f: f.assign(tv=f["tv"].where(f.index % 4 > 0)), (), "25 % of 'tv' is empty."),
        ("MM202", lambda f: f.assign(tv=100 + f["tv"] / 100), (), "varies by only 0.3 % around its mean"),
        ("MM202", lambda f: f.assign(search=7.0), (), "'search' is 7 in every row."),
        (
            "MM203",
            lambda f: f.drop(index=[10, 11]),
            (12,),
            "2 weeks are missing before row 12: 2021-03-15, 2021-03-22.",
        ),
        ("MM204", set_cell("tv", 30, 5000.0), (32,), "in row 32; the highest value is 5,000."),
        ("MM205", scaled("search", "tv", 0.3), (), "rise and fall together (correlation 1.00)."),
        ("MM206", lambda f: f.assign(search=f["search"] / 100), (), "Search has 0.5 % of all spend"),
        ("MM207", lambda f: f.head(36), (), "36 rows for 2 channels and 2 controls: about 9 for each"),
        ("MM208", lambda f: f.assign(date=ambiguous(len(f))), (), "cannot be told apart"),
        ("MM209", lambda f: f.assign(date=irregular(len(f))), (), "neither daily nor weekly nor monthly: 8 to 12 days"),
        ("MM210", set_cell("tv", 4, np.nan), (6,), "'tv' is empty in row 6; this is read as 0"),
        ("MM211", set_cell("price", 4, np.nan), (6,), "straight line"),
        ("MM212", set_cell("revenue", 4, -1.0), (6,), "'revenue' is negative in row 6."),
        ("MM213", lambda f: f.assign(tv=f["tv"].where(f.index < 3, 0.0)), (), "active in only 3 periods"),
        ("MM301", lambda f: f.assign(revenue=np.exp(f["revenue"] / 70)), (), "skewed"),
        ("MM303", lambda f: f.drop(index=[10]), (), "Add 1 missing week, with 0 for media."),
        ("MM304", lambda f: f.assign(date=days(len(f))), (), "daily"),
    ],
)
def test_each_check_finds_its_problem(code: str, change: Callable, rows: tuple[int, ...], words: str):
    found = findings(change(clean_frame()))
    assert code in found
    assert words in found[code].message
    assert found[code].rows == rows
    assert found[code].hint
    assert found[code].effect


def ambiguous(n: int) -> list[str]:
    """No reading in either order is regular, and no number tells which is the month."""
    rng = np.random.default_rng(1)
    pairs = [(a, b, year) for year in range(2015, 2024) for a in range(1, 13) for b in range(1, 13) if a != b]
    return [f"{a:02d}/{b:02d}/{year}" for a, b, year in (pairs[i] for i in sorted(rng.permutation(len(pairs))[:n]))]


def irregular(n: int) -> list[str]:
    steps = np.cumsum(np.arange(n) % 5 + 8)
    return [str((pd.Timestamp("2021-01-01") + pd.Timedelta(days=int(step))).date()) for step in steps]


def days(n: int) -> list[str]:
    return [str(day.date()) for day in pd.date_range("2021-01-01", periods=n)]


def test_a_mapping_without_controls_and_exposure_without_spend_are_pointed_out():
    mapping = ColumnMapping("date", "revenue", {"tv": MediaColumn("TV", SpendType.IMPRESSIONS)})
    found = findings(clean_frame(), mapping)
    assert found["MM302"].severity is Severity.SUGGESTION
    assert "TV is given as impressions without its spend" in found["MM305"].message


def test_severity_follows_the_code_and_every_check_explains_itself():
    severities = {"MM1": Severity.ERROR, "MM2": Severity.WARNING, "MM3": Severity.SUGGESTION}
    for code, registered in all_checks().items():
        assert code == registered.code
        assert registered.severity is severities[code[:3]]
        assert "How to fix" in registered.help
        assert "Why it matters" in registered.help


def test_a_crash_of_a_check_is_not_swallowed(monkeypatch: pytest.MonkeyPatch):
    all_checks()  # before the swap, so that their registration is not lost with it
    monkeypatch.setattr(CHECKS, "_items", {})

    @check("MM999", severity=Severity.WARNING, title="Broken")
    def broken(data: CheckInput):
        yield Evidence(str(1 // (data.table.n_rows - 160)))

    with pytest.raises(ZeroDivisionError):
        validate(Table.of(clean_frame()), MAPPING)


def test_monthly_gaps_and_business_days():
    months = clean_frame(48).assign(date=[str(d.date()) for d in pd.date_range("2020-01-31", periods=48, freq="ME")])
    assert "MM203" not in findings(months)
    assert "2020-04" in findings(months.drop(index=[3]))["MM203"].message
    business = clean_frame().assign(date=[str(d.date()) for d in pd.date_range("2021-01-04", periods=160, freq="B")])
    assert "MM203" not in findings(business)


def test_rows_are_lines_of_the_persons_file_and_at_most_twenty():
    lines = [f"2021-01-{d:02d},{100 + d},5,x{d}" for d in range(1, 31)]
    table = read_table(("date,revenue,tv,other\n\n" + "\n".join(lines)).encode(), "a.csv")
    mapping = ColumnMapping("date", "revenue", {"other": MediaColumn("Other"), "tv": MediaColumn("TV")})
    finding = next(f for f in validate(table, mapping).findings if f.code == "MM104")
    assert finding.rows == tuple(range(3, 23))
    assert "and 25 more" in finding.message


def test_data_summary():
    frame = clean_frame(104)
    mapping = ColumnMapping(
        "date", "revenue", {"tv": MediaColumn("TV"), "search": MediaColumn("Search", SpendType.CLICKS)}, ("price",)
    )
    summary = validate(Table.of(frame.iloc[::-1]), mapping).data_summary
    assert summary == {
        "rows": 104,
        "date_start": "2021-01-04",
        "date_end": "2022-12-26",
        "frequency": "weekly",
        "n_channels": 2,
        "n_controls": 1,
        "total_spend": pytest.approx(frame["tv"].sum()),
        "total_target": pytest.approx(frame["revenue"].sum()),
        "channels": {
            "TV": {"spend": pytest.approx(frame["tv"].sum()), "share": 1.0},
            "Search": {"spend": None, "share": None},
        },
    }


def test_a_table_that_is_wrong_everywhere_still_gives_a_report():
    frame = pd.DataFrame({"date": ["x", None], "revenue": ["a", None], "tv": [np.nan, np.nan], "other": ["b", "c"]})
    report = validate(Table.of(frame), MAPPING)
    assert not report.is_valid
    assert report.data_summary["date_start"] is None
    assert {"MM101", "MM102", "MM104", "MM106"} <= {f.code for f in report.findings}


@pytest.mark.skipif(not ROBYN.exists(), reason="the public test data are not beside the checkout")
def test_the_public_dataset_is_valid():
    table = read_table(ROBYN, "robyn_weekly.csv")
    mapping = auto_mapping(table, detect(table))
    assert mapping is not None
    report = validate(table, mapping)
    assert report.is_valid
    assert {f.code for f in report.findings} == {"MM306", "MM309"}
    assert report.data_summary["frequency"] == "weekly"
    assert (report.data_summary["date_start"], report.data_summary["date_end"]) == ("2015-11-23", "2019-11-11")


def test_the_model_frame_is_sorted_filled_and_only_what_the_mapping_names():
    frame = clean_frame(30).assign(extra="text")
    frame.loc[3, "tv"] = np.nan
    frame.loc[[0, 5, 6], "price"] = np.nan
    frame.loc[[4, 7], "price"] = [9.0, 12.0]
    prepared = model_frame(frame.iloc[::-1], MAPPING)
    assert list(prepared.columns) == ["date", "revenue", "tv", "search", "price", "holidays"]
    assert prepared["date"].is_monotonic_increasing
    assert prepared["date"].dtype.kind == "M"
    assert prepared.loc[3, "tv"] == 0
    assert prepared.loc[[5, 6], "price"].tolist() == [10.0, 11.0]
    assert prepared.loc[0, "price"] == frame.loc[1, "price"]
    assert not prepared.isna().to_numpy().any()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (set_cell("revenue", 3, np.nan), "'revenue' is empty in 1 row."),
        (set_cell("date", 3, "soon"), "Row 5 of 'date'"),
        (set_cell("tv", 3, "much"), "Row 5 of 'tv'"),
        (lambda f: f.drop(columns="price"), "no column 'price'"),
        (lambda f: f.assign(price=np.nan), "'price' is empty in every row"),
    ],
)
def test_the_model_frame_refuses_what_it_cannot_fill(change: Callable, words: str):
    with pytest.raises(InvalidInput) as caught:
        model_frame(change(clean_frame()), MAPPING)
    assert words in caught.value.message
    assert caught.value.errors
