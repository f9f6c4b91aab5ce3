from datetime import date

import pytest

from mixmodel_app.wording import numbers
from mixmodel_app.wording.numbers import MISSING, Format


@pytest.mark.usefixtures("euros")
@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "€0"),
        (9.5, "€9.50"),
        (12.34, "€12.3"),
        (99.96, "€100"),
        (950, "€950"),
        (999.6, "€1k"),
        (40_000, "€40k"),
        (345_123, "€345.1k"),
        (949_000, "€949k"),
        (960_000, "€960k"),
        (999_960, "€1M"),
        (1_234_567, "€1.2M"),
        (2.5e9, "€2.5B"),
        (-22_000, "−€22k"),
        (-0.001, "€0"),
        (None, MISSING),
        (float("nan"), MISSING),
    ],
)
def test_money_is_short(value, text):
    assert numbers.money(value) == text


def test_a_currency_code_is_set_apart_and_no_currency_leaves_the_number():
    assert numbers.money(40_000) == "40k"
    with numbers.looking(currency="EUR"):
        assert numbers.money(40_000) == "EUR 40k"


@pytest.mark.usefixtures("euros")
@pytest.mark.parametrize(("value", "text"), [(22_000, "+€22k"), (-3_000, "−€3k"), (0, "€0"), (None, MISSING)])
def test_a_change_carries_its_sign(value, text):
    assert numbers.signed_money(value) == text


@pytest.mark.usefixtures("euros")
@pytest.mark.parametrize(
    ("value", "text"), [(1_234_567.4, "€1,234,567"), (12.3, "€12.30"), (-99.999, "−€100"), (0, "€0.00")]
)
def test_tables_write_money_in_full(value, text):
    assert numbers.full_money(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"),
        (0.0001, "<0.1 %"),
        (0.035, "3.5 %"),
        (0.0996, "10 %"),
        (0.34, "34 %"),
        (1, "100 %"),
        (-0.05, "−5.0 %"),
        (None, MISSING),
    ],
)
def test_per_cent_has_one_decimal_below_ten(share, text):
    assert numbers.percent(share) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(1_234, "1,230"), (0.012345, "0.0123"), (9.996, "10"), (0.09996, "0.1"), (2.5, "2.5"), (-7, "−7"), (0, "0")],
)
def test_prose_has_three_significant_digits(value, text):
    assert numbers.plain(value) == text


def test_returns_have_two_decimals():
    assert numbers.roas(2.1) == "2.10"
    with numbers.looking(currency="€"):
        assert numbers.roas(2.1) == "€2.10"


def test_a_range_has_an_en_dash_and_room_beside_a_minus_sign():
    assert numbers.value_range(1.4, 2.9, numbers.roas) == "1.40–2.90"
    assert numbers.value_range(-0.5, 2.9, numbers.roas) == "−0.50 – 2.90"
    assert numbers.value_range(None, 2.9, numbers.roas) == MISSING


def test_dates_in_prose():
    assert numbers.date_text("2026-01-12") == "12 Jan 2026"
    assert numbers.date_text(date(2026, 3, 5)) == "5 Mar 2026"
    assert numbers.date_text(None) == MISSING


@pytest.mark.parametrize(
    ("end", "text"),
    [
        ("2027-03-05", "12 Jan 2026 – 5 Mar 2027"),
        ("2026-03-05", "12 Jan – 5 Mar 2026"),
        ("2026-01-12", "12 Jan 2026"),
        (None, MISSING),
    ],
)
def test_a_span_of_dates_names_a_shared_year_once(end, text):
    assert numbers.date_range("2026-01-12", end) == text


@pytest.mark.usefixtures("euros")
@pytest.mark.parametrize(
    ("value", "style", "text"),
    [
        (1234.0, Format.MONEY, "€1,234"),
        (2.0, Format.RETURN, "€2.00"),
        (0.5, Format.PERCENT, "50 %"),
        (1234.4, Format.COUNT, "1,234"),
        (1.0034, Format.RHAT, "1.003"),
        (0.5, Format.NUMBER, "0.5"),
        ("2026-01-12", Format.DATE, "2026-01-12"),
        ("not estimated", Format.RETURN, "not estimated"),
        (None, Format.RETURN, MISSING),
    ],
)
def test_cells_follow_their_column(value, style, text):
    assert numbers.cell(value, style) == text


@pytest.mark.parametrize(
    ("parts", "total"),
    [([33.4, 33.3, 33.3], 100.0), ([1000.5, 2000.5, -300.5], 2700.5), ([0.333, 0.333, 0.334], 1.0), ([], 0.0)],
)
def test_parts_add_up_to_the_total_as_it_is_written(parts, total):
    written = numbers.adding_up(parts, total)
    read = [float(numbers.full_money(value).replace(",", "").replace(numbers.MINUS, "-")) for value in written]
    assert round(sum(read), 2) == float(numbers.full_money(total).replace(",", ""))
    step = 1 if total >= 100 else 0.01
    assert all(abs(value - part) < step + 1e-9 for value, part in zip(written, parts, strict=True))
