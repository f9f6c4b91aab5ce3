import pytest

from mixmodel_app.domain.results import Estimate
from mixmodel_app.wording import numbers, uncertainty
from tests.factories import make_results, with_learning

CLEAR = Estimate(median=2.1, lo=1.4, hi=2.9, lo50=1.9, hi50=2.3, mean=2.12)
DOUBTFUL = Estimate(median=1.3, lo=0.7, hi=2.9, lo50=1.1, hi50=1.6, mean=1.4)
LOSING = Estimate(median=0.5, lo=0.3, hi=0.8, lo50=0.4, hi50=0.6, mean=0.5)


@pytest.mark.usefixtures("euros")
def test_a_return_is_told_with_range_and_level():
    assert (
        uncertainty.return_sentence("TV", CLEAR, needed=1.0)
        == "TV most likely returned €2.10 per €1 (likely range €1.40–€2.90, 94 % range)."
    )


def test_without_a_currency_the_return_is_per_1_spent():
    assert uncertainty.return_sentence("TV", CLEAR, needed=1.0).startswith("TV most likely returned 2.10 per 1 spent (")


def test_a_range_across_break_even_may_or_may_not_pay_back():
    assert "may or may not pay back" in uncertainty.return_sentence("TV", DOUBTFUL, needed=1.0)
    assert "pay back" not in uncertainty.return_sentence("TV", CLEAR, needed=1.0)


def test_a_return_may_say_where_it_comes_from():
    channel = with_learning(make_results(1), "TV").channel("TV")
    assert uncertainty.return_sentence("TV", channel.roas, channel.learning, needed=1.0).count("mostly assumption") == 1


def test_a_return_that_was_not_estimated_says_so():
    assert "not estimated" in uncertainty.return_sentence("TV", None, needed=1.0)
    assert uncertainty.with_range(None, numbers.roas) == "not estimated"


@pytest.mark.parametrize(
    ("estimate", "phrase"),
    [(CLEAR, "pays back"), (DOUBTFUL, "may or may not pay back"), (LOSING, "does not pay back")],
)
def test_break_even(estimate, phrase):
    assert uncertainty.break_even_phrase(estimate, 1.0) == phrase


@pytest.mark.parametrize(
    ("probability", "word"),
    [
        (1.0, "very likely"),
        (0.95, "very likely"),
        (0.94, "likely"),
        (0.80, "likely"),
        (0.79, "leaning"),
        (0.60, "leaning"),
        (0.59, "too close to call"),
        (0.40, "too close to call"),
        (0.39, "leaning against"),
        (0.21, "leaning against"),
        (0.20, "unlikely"),
        (0.06, "unlikely"),
        (0.05, "very unlikely"),
        (0.0, "very unlikely"),
    ],
)
def test_the_likelihood_scale(probability, word):
    assert uncertainty.likelihood_word(probability) == word


@pytest.mark.parametrize(
    ("probability", "text"),
    [
        (0.83, "8 in 10"),
        (0.5, "5 in 10"),
        (0.94, "9 in 10"),
        (0.97, "97 in 100"),
        (0.999, "more than 99 in 100"),
        (1.0, "more than 99 in 100"),
        (0.03, "3 in 100"),
        (0.0, "less than 1 in 100"),
        (0.08, "1 in 10"),
    ],
)
def test_chances_are_counted_and_never_certain(probability, text):
    assert uncertainty.chances(probability) == text


def test_a_comparison_names_the_better_one_first():
    assert uncertainty.comparison_sentence("TV", "Search", 0.17) == "Search is likely better than TV (8 in 10)."
    assert "too close to call" in uncertainty.comparison_sentence("TV", "Search", 0.52)
    assert uncertainty.comparison_sentence("TV", "Search", 0.7) == "TV may be better than Search (7 in 10)."


def test_the_level_stands_in_the_caption():
    assert uncertainty.range_caption(0.94) == "median, 50 % and 94 % range"
    assert uncertainty.range_caption(0.8) == "median, 50 % and 80 % range"
    assert uncertainty.range_caption(0.5) == "median and 50 % range"
