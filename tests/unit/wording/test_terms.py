import pytest

from mixmodel_app.wording import terms


@pytest.mark.parametrize("key", list(terms.TERMS))
def test_every_term_is_explained_in_one_plain_sentence(key):
    explanation = terms.explanation(key)
    assert explanation.endswith(".")
    assert len(explanation) <= 110
    assert "significant" not in explanation
    assert terms.label(key)


@pytest.mark.parametrize(
    ("column", "words"), [("total_revenue", "total revenue"), ("Sales", "sales"), ("GMV", "GMV"), ("_", "outcome")]
)
def test_a_target_column_becomes_words(column, words):
    assert terms.outcome_name(column) == words
