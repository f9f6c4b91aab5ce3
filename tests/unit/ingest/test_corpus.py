"""Every file of the corpus is read as the JSON beside it says."""

import pytest

from tests.unit.ingest.reading_cases import Case, cases

CASES = cases()


def test_the_corpus_is_large_enough_to_mean_something():
    assert len(CASES) >= 60


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_messy_file_is_read_as_expected(case: Case):
    assert case.problems() == [], case.expected["why"]
