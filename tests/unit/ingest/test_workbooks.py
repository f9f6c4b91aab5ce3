"""Workbooks: which sheet, merged titles, dates as numbers, formulas by value, and what is refused early."""

import datetime as dt
import io
import zipfile

import pytest
from openpyxl import Workbook

from mixmodel_app.domain.errors import UnreadableFile
from mixmodel_app.domain.reading import ReadOptions
from mixmodel_app.ingest.reader import read_table

WEEKS = [(dt.date(2024, 1, 1 + 7 * week), 10.0 + week, 5.0 + week) for week in range(4)]
HEADER = ("date", "sales", "tv_spend")


def saved(book: Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def book_of(**sheets: list[tuple]) -> Workbook:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    return book


def with_part(raw: bytes, name: str, old: bytes, new: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as source, zipfile.ZipFile(buffer, "w") as target:
        for part in source.namelist():
            content = source.read(part)
            target.writestr(part, content.replace(old, new) if part == name else content)
    return buffer.getvalue()


def test_the_sheet_with_the_table_is_read_not_the_cover():
    cover = [("Media report",), ("Made by", "the agency"), ("On", dt.date(2024, 3, 1))]
    table = read_table(saved(book_of(Cover=cover, Data=[HEADER, *WEEKS])), "a.xlsx")
    assert table.columns == HEADER
    assert table.notes[0] == "Read the sheet 'Data'."
    assert "Not read: 'Cover'" in table.notes[1]
    assert not table.questions


def test_two_sheets_of_like_size_are_asked_about_and_can_be_chosen():
    raw = saved(book_of(**{"2023": [HEADER, *WEEKS], "2024": [HEADER, *WEEKS[:3]]}))
    table = read_table(raw, "a.xlsx")
    assert [question.option for question in table.questions] == ["sheet"]
    assert table.sheets == ("2023", "2024")
    chosen = read_table(raw, "a.xlsx", ReadOptions(sheet="2024"))
    assert (chosen.n_rows, chosen.questions) == (3, ())


def test_a_sheet_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(UnreadableFile) as caught:
        read_table(saved(book_of(Data=[HEADER, *WEEKS])), "a.xlsx", ReadOptions(sheet="Other"))
    assert "'Data'" in caught.value.hint


def test_a_merged_title_and_a_total_are_left_out():
    book = book_of(Data=[("Report",), (), HEADER, *WEEKS, ("Total", 46.0, 26.0)])
    book.worksheets[0].merge_cells("A1:C1")
    table = read_table(saved(book), "a.xlsx")
    assert table.columns == HEADER
    assert table.row_numbers == (4, 5, 6, 7)
    assert table.frame["sales"].tolist() == [10, 11, 12, 13]


def test_channels_merged_above_their_measures_become_part_of_the_names():
    rows = [("date", "sales", "TV", None, "Search", None), (None, None, "spend", "clicks", "spend", "clicks")]
    book = book_of(Data=[*rows, *((day, a, b, 1.0, 2.0, 3.0) for day, a, b in WEEKS)])
    for area in ("A1:A2", "B1:B2", "C1:D1", "E1:F1"):
        book.worksheets[0].merge_cells(area)
    assert read_table(saved(book), "a.xlsx").columns[2:] == ("TV spend", "TV clicks", "Search spend", "Search clicks")


def test_dates_as_plain_numbers_stay_dates():
    table = read_table(saved(book_of(Data=[HEADER, (45292, 1, 2), (45299, 3, 4), (45306, 5, 6)])), "a.xlsx")
    assert table.frame["date"].tolist() == [45292, 45299, 45306]


def test_a_formula_is_read_by_its_value_and_refused_without_one():
    raw = saved(book_of(Data=[HEADER, *WEEKS[:2], (dt.date(2024, 1, 15), "=B2+B3", 7.0)]))
    with pytest.raises(UnreadableFile) as caught:
        read_table(raw, "a.xlsx")
    assert "The formula in cell B4 of a.xlsx has no stored value" in caught.value.message
    part = "xl/worksheets/sheet1.xml"
    computed = with_part(raw, part, b"<f>B2+B3</f><v></v>", b"<f>B2+B3</f><v>21</v>")
    computed = with_part(computed, part, b"<f>B2+B3</f><v />", b"<f>B2+B3</f><v>21</v>")
    assert read_table(computed, "a.xlsx").frame["sales"].tolist() == [10, 11, 21]


def test_rows_beyond_the_end_of_a_sheet_are_refused_early():
    raw = with_part(
        saved(book_of(Data=[HEADER, *WEEKS])), "xl/worksheets/sheet1.xml", b'<row r="5"', b'<row r="99000000"'
    )
    with pytest.raises(UnreadableFile, match="row beyond 1,048,576"):
        read_table(raw, "a.xlsx")


NAMESPACE = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row>' * 600_000, "1,200,000 cells"),
        (b'<row r="1">' + b"<c><v>1</v></c>" * 500_000 + b"</row>", "500,000 columns"),
    ],
    ids=["rows", "columns"],
)
def test_a_sheet_of_too_many_cells_is_refused_before_it_is_parsed(content: bytes, words: str):
    raw, part = saved(book_of(Data=[HEADER, *WEEKS])), "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(io.BytesIO(raw)) as source:
        old = source.read(part)
    sheet = NAMESPACE + b"<sheetData>" + content + b"</sheetData></worksheet>"
    with pytest.raises(UnreadableFile, match=words):
        read_table(with_part(raw, part, old, sheet), "a.xlsx")


def test_a_very_wide_sheet_is_refused():
    with pytest.raises(UnreadableFile, match="2,500 columns"):
        read_table(saved(book_of(Data=[tuple(f"c{i}" for i in range(2500))])), "a.xlsx")
