import pytest

from mixmodel_app.domain.results import Estimate
from mixmodel_app.wording import learning


def estimate(lo: float, hi: float) -> Estimate:
    return Estimate(median=(lo + hi) / 2, lo=lo, hi=hi, lo50=lo, hi50=hi, mean=(lo + hi) / 2)


BEFORE = estimate(0.3, 4.1)


def test_a_return_that_was_learned_tells_from_where_to_where():
    assert (
        learning.narrowed("TV", BEFORE, estimate(1.4, 2.9), shared=False)
        == "The data narrowed the return of TV from 0.30–4.10 to 1.40–2.90."
    )
    assert (
        learning.narrowed("TV", BEFORE, estimate(1.4, 2.9), shared=True)
        == "The data of TV narrowed its return from 0.30–4.10 (what the other channels suggest) to 1.40–2.90."
    )


def test_a_range_that_spans_more_money_was_moved_and_not_narrowed():
    sentence = learning.narrowed("TV", BEFORE, estimate(5, 9.5), shared=False)
    assert sentence == "The data moved the return of TV from 0.30–4.10 to 5.00–9.50."


def test_a_return_that_the_data_brought_down():
    sentence = learning.brought_down("TV", BEFORE, estimate(0.05, 0.6), shared=False)
    assert sentence == "The data brought down the return of TV from 0.30–4.10 to 0.05–0.60."


def test_an_assumption_tells_what_was_assumed():
    assert (
        learning.nearly_unchanged("Radio", BEFORE, estimate(0.4, 3.8), shared=False)
        == "The range of Radio, 0.40–3.80, is nearly what was assumed before seeing any data (0.30–4.10)."
    )


@pytest.mark.parametrize("sentence", [learning.nearly_unchanged, learning.partly_learned, learning.hangs_on_prior])
def test_where_returns_are_shared_the_others_are_named(sentence):
    text = sentence("Radio", BEFORE, estimate(0.4, 3.8), shared=True)
    assert "what the other channels suggest without its own data (0.30–4.10)" in text
    assert text.startswith("The range of Radio, 0.40–3.80, ")
