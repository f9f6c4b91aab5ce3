"""Every way of writing numbers: parts add up as written, what was written is read again, counts have no currency."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from mixmodel_app.domain.dataset import OutcomeKind
from mixmodel_app.domain.estimates import Estimate
from mixmodel_app.domain.preferences import NumberFormat
from mixmodel_app.wording import numbers, uncertainty

FORMATS = list(NumberFormat)
AMOUNTS = st.floats(-1e9, 1e9, allow_nan=False).map(lambda value: round(value, 4))


@given(st.lists(AMOUNTS, min_size=1, max_size=12), st.sampled_from(FORMATS))
@example([0.995], NumberFormat.POINT)
def test_parts_add_up_as_written_in_every_format(parts: list[float], form: NumberFormat) -> None:
    total = sum(parts)
    assume(abs(total) >= 100 or max(abs(part) for part in parts) < 99)  # else cents stand beside whole units
    with numbers.looking(currency="CHF", number_format=form):
        written = [numbers.full_outcome(part) for part in numbers.adding_up(parts, total)]
        read = [numbers.read(text.replace("CHF ", "")) for text in written]
        assert round(sum(read), 2) == pytest.approx(numbers.read(numbers.full_money(total).replace("CHF ", "")))


@given(AMOUNTS, st.sampled_from(FORMATS))
def test_what_a_field_shows_is_read_as_the_same(value: float, form: NumberFormat) -> None:
    with numbers.looking(number_format=form):
        assert numbers.read(numbers.amount(value)) == pytest.approx(
            value, abs=0.501 if abs(value) >= 99.99 else 0.00501
        )
        assert numbers.read(numbers.exact(value)) == pytest.approx(value, rel=1e-5, abs=1e-9)


@pytest.mark.parametrize(
    ("form", "money", "full", "share"),
    [
        (NumberFormat.POINT, "CHF 1.2M", "CHF 1,234,567", "9.6 %"),
        (NumberFormat.COMMA, "CHF 1,2M", "CHF 1.234.567", "9,6 %"),
        (NumberFormat.SPACE, "CHF 1,2M", "CHF 1\u00a0234\u00a0567", "9,6 %"),
    ],
)
def test_each_format_has_its_separators(form: NumberFormat, money: str, full: str, share: str) -> None:
    with numbers.looking(currency="CHF", number_format=form):
        assert (numbers.money(1_234_567), numbers.full_money(1_234_567)) == (money, full)
        assert numbers.percent(0.0955) == share


@pytest.mark.parametrize(
    ("form", "text", "value"),
    [
        (NumberFormat.POINT, "1,234.5", 1234.5),
        (NumberFormat.POINT, "1.234,5", 1234.5),
        (NumberFormat.POINT, "1,234", 1234),
        (NumberFormat.POINT, "1.234", 1.234),
        (NumberFormat.POINT, "2,5", 2.5),
        (NumberFormat.COMMA, "1.234", 1234),
        (NumberFormat.COMMA, "1,234", 1.234),
        (NumberFormat.COMMA, "0.005", 0.005),
        (NumberFormat.COMMA, "2.5", 2.5),
        (NumberFormat.SPACE, "1 234,5", 1234.5),
        (NumberFormat.SPACE, "1.234", 1234),
        (NumberFormat.SPACE, "−12,5 %", -12.5),
        (NumberFormat.POINT, "1'234'567", 1234567),
    ],
)
def test_numbers_are_read_in_either_format(form: NumberFormat, text: str, value: float) -> None:
    with numbers.looking(number_format=form):
        assert numbers.read(text) == value


@pytest.mark.parametrize("text", ["", "x", "1e5", "nan", "inf", "1,2,3.4.5", "--1", "12 CHF x"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        numbers.read(text)


def test_a_count_is_written_without_a_currency_and_returns_with_its_noun() -> None:
    few = Estimate(median=0.119, lo=0.08, hi=0.15, lo50=0.1, hi50=0.13, mean=0.12)
    with numbers.looking(currency="€", outcome=OutcomeKind.COUNT, target="total_orders"):
        assert numbers.outcome(12_345) == "12.3k"
        assert numbers.full_outcome(12_345) == "12,345"
        assert [numbers.roas(value) for value in (3.456, 0.99996, 0.12, 0.0042, 0.00042)] == [
            *("3.46", "1.00", "0.12", "0.0042", "0.00042")
        ]
        sentence = uncertainty.return_sentence("TV", few, needed=None)
        assert sentence == (
            "TV most likely returned 0.119 total orders per €1, €8.40 per total order "
            "(likely range 0.08–0.15, 94 % range)."
        )
        assert uncertainty.payback_text(few, None) == numbers.MISSING
        assert uncertainty.worth_text(40) == "€40 per total order"


def test_stored_sentences_follow_the_format_and_names_do_not() -> None:
    stored = "TV 2.0 is off by 4.5k of 1,234,567 a week (R-hat 1.004), version 1.2.3, since 2026-01-02."
    with numbers.looking(number_format=NumberFormat.COMMA):
        assert numbers.rewritten(stored, ["TV 2.0"]) == (
            "TV 2.0 is off by 4,5k of 1.234.567 a week (R-hat 1,004), version 1.2.3, since 2026-01-02."
        )


def test_a_look_ends_with_its_block() -> None:
    with numbers.looking(currency="€", interval=0.8):
        assert (numbers.money(5), numbers.level()) == ("€5.00", 0.8)
    assert (numbers.money(5), numbers.level()) == ("5.00", 0.94)
