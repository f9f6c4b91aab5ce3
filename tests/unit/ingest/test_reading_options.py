"""What a file leaves open is asked, and the answer changes the reading."""

import gzip
import tracemalloc

import pytest

from mixmodel_app.domain.errors import FileTooLarge, InvalidInput, UnreadableFile
from mixmodel_app.domain.reading import ReadOptions
from mixmodel_app.ingest.reader import MAX_BYTES, read_table

AMBIGUOUS = b"date,sales,tv_spend\n03/04/2024,10,5\n05/09/2024,11,6\n01/02/2024,12,7\n"
THOUSANDS = b'date,sales,tv_spend\n2024-01-01,"1,234",5\n2024-01-08,"2,345",6\n2024-01-15,"3,456",7\n'
LONG = b"date,channel,spend\n2024-01-01,TV,5\n2024-01-01,Search,1\n2024-01-08,TV,6\n2024-01-08,Search,2\n"


def test_the_order_of_day_and_month_is_asked_and_can_be_answered():
    question = read_table(AMBIGUOUS, "a.csv").questions[0]
    assert (question.option, question.column) == ("day_first", "date")
    assert [choice.value for choice in question.choices] == [False, True]
    answered = read_table(AMBIGUOUS, "a.csv", ReadOptions(day_first=True))
    assert answered.frame["date"].tolist() == ["2024-04-03", "2024-09-05", "2024-02-01"]
    assert not answered.questions


def test_thousands_or_decimals_are_asked_and_can_be_answered():
    table = read_table(THOUSANDS, "a.csv")
    question = table.questions[0]
    assert question.text in table.notes
    assert [(choice.value, choice.label) for choice in question.choices] == [
        (".", "1,234 is 1,234"),
        (",", "1,234 is 1.234"),
    ]
    answered = read_table(THOUSANDS, "a.csv", ReadOptions(decimal=","))
    assert answered.frame["sales"].tolist() == [1.234, 2.345, 3.456]
    assert not answered.questions


def test_a_long_table_can_be_kept_as_it_stands():
    assert read_table(LONG, "a.csv").columns == ("date", "TV spend", "Search spend")
    kept = read_table(LONG, "a.csv", ReadOptions(reshape=False))
    assert kept.columns == ("date", "channel", "spend")
    assert kept.source is None


def test_answers_that_are_not_understood_are_named():
    with pytest.raises(InvalidInput) as caught:
        ReadOptions.from_json({"decimal": "x", "colour": 1, "reshape": False})
    assert [error.field for error in caught.value.errors] == ["decimal", "colour"]
    assert ReadOptions.from_json({"day_first": True}) == ReadOptions(day_first=True)


def test_an_archive_that_unzips_to_too_much_is_refused_without_unzipping_it():
    raw = gzip.compress(b"0" * (MAX_BYTES * 4), 9)
    tracemalloc.start()
    try:
        with pytest.raises(FileTooLarge, match="unzips to more than 50 MB"):
            read_table(raw, "a.csv.gz")
        assert tracemalloc.get_traced_memory()[1] < 4 * MAX_BYTES
    finally:
        tracemalloc.stop()


def test_a_cut_archive_is_refused():
    with pytest.raises(UnreadableFile, match="damaged gzip"):
        read_table(gzip.compress(AMBIGUOUS)[:-12], "a.csv.gz")


def test_a_million_columns_are_refused_early():
    with pytest.raises(UnreadableFile, match="1,000,001 columns"):
        read_table(b"a," * 1_000_000 + b"b\n" + b"1," * 1_000_000 + b"1\n", "a.csv")


def test_a_row_of_many_megabytes_is_refused_without_splitting_it():
    with pytest.raises(UnreadableFile, match=r"first row of .* is longer than"):
        read_table(b"," * 10_000_000, "a.csv")


def test_a_quotation_mark_that_swallows_a_row_is_refused():
    with pytest.raises(UnreadableFile, match=r"row 2 of .* holds a whole row"):
        read_table(b'date,sales,tv\n2024-01-01,1,"2\n2024-01-08,3,"4\n2024-01-15,5,6\n', "a.csv")


def test_an_answer_about_decimals_leaves_columns_alone_that_are_sure():
    raw = b"date,sales,tv_spend\n2024-01-01,1.234,12.50\n2024-01-08,2.345,13.75\n"
    assert read_table(raw, "a.csv").questions
    answered = read_table(raw, "a.csv", ReadOptions(decimal=","))
    assert answered.frame["sales"].tolist() == [1234, 2345]
    assert answered.frame["tv_spend"].tolist() == [12.5, 13.75]


def test_a_cell_of_ten_megabytes_is_refused():
    with pytest.raises(UnreadableFile, match="characters"):
        read_table(b"date,x\n2024-01-01," + b"1" * 10_000_000 + b"\n", "a.csv")
