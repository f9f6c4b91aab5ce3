"""Dates in every common spelling, the order of day and month, and the length of a period."""

import pandas as pd
import pytest

from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.ingest.dates import frequency, parse_dates


def iso(cells: list, **choice: bool) -> list[str | None]:
    values = parse_dates(pd.Series(cells), **choice).values
    return [None if pd.isna(value) else str(value.date()) for value in values]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-03-05", "2024-03-05"),
        ("2024/3/5", "2024-03-05"),
        ("2024-03-05 00:00:00", "2024-03-05"),
        ("2024-03-05T10:30:00Z", "2024-03-05"),
        ("20240305", "2024-03-05"),
        (20240305.0, "2024-03-05"),
        ("25.03.2024", "2024-03-25"),
        ("25/3/24", "2024-03-25"),
        ("3/25/2024", "2024-03-25"),
        ("2024-W05", "2024-01-29"),
        ("2024W05", "2024-01-29"),
        ("KW 5/2024", "2024-01-29"),
        ("W05-24", "2024-01-29"),
        ("2024 Week 5", "2024-01-29"),
        ("Q2 2024", "2024-04-01"),
        ("2024-T3", "2024-07-01"),
        ("4. Quartal 2024", "2024-10-01"),
        ("2024M03", "2024-03-01"),
        ("2024 March", "2024-03-01"),
        ("Week of January 29, 2024", "2024-01-29"),
        ("w/c 29/01/2024", "2024-01-29"),
        ("29.01.2024 - 04.02.2024", "2024-01-29"),
        ("Jan 29, 2024 – Feb 4, 2024", "2024-01-29"),
        ("2020-W53-7", "2021-01-03"),
        ("2024-03", "2024-03-01"),
        ("03/2024", "2024-03-01"),
        ("5 Mar 2024", "2024-03-05"),
        ("March 5, 2024", "2024-03-05"),
        ("Mon, 5 March 2024", "2024-03-05"),
        ("5-Mar-24", "2024-03-05"),
        ("Mar 2024", "2024-03-01"),
        ("5. März 2024", "2024-03-05"),
        ("1er février 2024", "2024-02-01"),
        ("5 de agosto de 2024", "2024-08-05"),
        ("Januar 2024", "2024-01-01"),
        (45292.0, "2024-01-01"),
        ("45292", "2024-01-01"),
    ],
)
def test_spellings(text: str | float, day: str):
    assert iso([text]) == [day]


@pytest.mark.parametrize(
    "text", ["31/02/2025", "2025-02-30", "2024-W54", "Total", "12", "99/99/2024", "Foo 2024", None]
)
def test_what_is_no_date_is_bad(text: str | None):
    parsed = parse_dates(pd.Series(["2024-01-01", text], dtype=object))
    assert parsed.bad_rows == (1,)
    assert pd.isna(parsed.values[1])


def test_the_order_of_day_and_month_is_decided_by_the_whole_column():
    assert iso(["03/04/2024", "17/04/2024"]) == ["2024-04-03", "2024-04-17"]
    assert iso(["03/04/2024", "04/17/2024"]) == ["2024-03-04", "2024-04-17"]
    assert iso(["03.04.2024", "04.05.2024"]) == ["2024-04-03", "2024-05-04"]


def test_evenly_spaced_dates_decide_the_order():
    months = [f"01/{month:02d}/{year}" for year in (2022, 2023) for month in range(1, 13)]
    parsed = parse_dates(pd.Series(months))
    assert not parsed.ambiguous
    assert str(parsed.values[1].date()) == "2022-02-01"
    assert "evenly spaced" in parsed.format_note


def test_what_stays_ambiguous_is_said_with_both_readings():
    parsed = parse_dates(pd.Series(["03/04/2024", "05/09/2024", "01/02/2024"]))
    assert parsed.ambiguous
    assert "4 March 2024" not in parsed.format_note.split("or")[1]
    assert "4 March 2024" in parsed.format_note
    assert "3 April 2024" in parsed.format_note


def test_a_persons_choice_counts():
    assert iso(["03/04/2024"], day_first=True) == ["2024-04-03"]
    assert iso(["03/04/2024"], day_first=False) == ["2024-03-04"]
    assert not parse_dates(pd.Series(["03/04/2024"]), day_first=True).ambiguous


WEEKS = pd.date_range("2024-01-01", periods=30, freq="7D")


@pytest.mark.parametrize("how", ["%y-%m-%d", "%Y-%d-%m", "%G/%V", "%V.%G"])
def test_a_column_tells_what_no_date_tells_alone(how: str):
    parsed = parse_dates(pd.Series(WEEKS.strftime(how)))
    assert list(parsed.values) == list(WEEKS)
    assert parsed.together


def test_single_dates_with_day_and_month_exchanged_are_turned_back():
    texts = [str(day.date()) for day in WEEKS]
    texts[5], texts[20] = "2024-05-02", "2024-10-06"  # 5 February, and 20 May with a typo
    parsed = parse_dates(pd.Series(texts))
    assert parsed.values[5] == WEEKS[5]
    assert parsed.values[20] != WEEKS[20]
    assert "turned back" in parsed.format_note
    assert not parse_dates(pd.Series(WEEKS.strftime("%Y-%m-%d"))).together


def test_days_behind_names_of_months_are_no_years():
    assert parse_dates(pd.Series(WEEKS.strftime("%b-%d"))).share_good == 0
    months = pd.date_range("2022-01-01", periods=24, freq="MS")
    assert list(parse_dates(pd.Series(months.strftime("%b-%y"))).values) == list(months)


@pytest.mark.parametrize(
    ("step", "expected"),
    [("D", Frequency.DAILY), ("B", Frequency.DAILY), ("7D", Frequency.WEEKLY), ("MS", Frequency.MONTHLY),
     ("ME", Frequency.MONTHLY), ("QS", Frequency.IRREGULAR), ("14D", Frequency.IRREGULAR)],
)  # fmt: skip
def test_frequency(step: str, expected: Frequency):
    assert frequency(pd.date_range("2022-01-01", periods=30, freq=step)) is expected


def test_frequency_bears_gaps_disorder_and_repeats():
    days = pd.date_range("2022-01-03", periods=40, freq="7D").delete([5, 6, 20])
    assert frequency(days[::-1].append(days[:3])) is Frequency.WEEKLY
    assert frequency(pd.DatetimeIndex(["2022-01-01"])) is Frequency.IRREGULAR
