"""Files as people have them: dialects, workbooks and everything that can be wrong with either."""

import datetime as dt
import io
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from mixmodel_app.domain.errors import FileTooLarge, MixModelError, UnreadableFile, UnsupportedFile
from mixmodel_app.ingest.reader import MAX_BYTES, read_table

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4


def workbook(*rows: tuple, merged: tuple[str, ...] = (), first_sheet: tuple[tuple, ...] | None = None) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    if first_sheet is not None:
        for row in first_sheet:
            sheet.append(row)
        sheet = book.create_sheet("Data")
    for row in rows:
        sheet.append(row)
    for area in merged:
        sheet.merge_cells(area)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def refusal(raw: bytes, filename: str = "data.csv") -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        read_table(raw, filename)
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters_give_the_same_table(encoding: str, delimiter: str):
    text = "Datum,Größe,tv_spend\n2024-01-01,3,1.5\n2024-01-08,4,2.5\n".replace(",", delimiter)
    table = read_table(text.encode(encoding), "data.csv")
    assert table.columns == ("Datum", "Größe", "tv_spend")
    assert table.frame["tv_spend"].tolist() == [1.5, 2.5]
    assert table.frame["Datum"].tolist() == ["2024-01-01", "2024-01-08"]
    assert table.delimiter == delimiter
    assert table.row_numbers == (2, 3)


def test_what_was_assumed_is_said():
    table = read_table("Datum;Umsatz €;TV\n01.01.2024;1.234,50;3\n08.01.2024;2,5;NA\n".encode("cp1252"), "a.csv")
    assert table.frame["Umsatz €"].tolist() == [1234.5, 2.5]
    assert np.isnan(table.frame["TV"].iloc[1])
    notes = " ".join(table.notes)
    assert "CP1252, separated by semicolon" in notes
    assert "decimal comma" in notes
    assert "Read as empty in 'TV': 'NA'" in notes


def test_numbers_with_decoration_become_numbers():
    raw = 'date,spend,share,cost,net\n2024-01-01,"$1,234.50",12.5%,"€ 1 000",(20)\n2024-01-08,"$2,000",3 %,€ 5,-7\n'
    frame = read_table(raw.encode(), "a.csv").frame
    assert frame["spend"].tolist() == [1234.5, 2000]
    assert frame["share"].tolist() == pytest.approx([0.125, 0.03])
    assert frame["cost"].tolist() == [1000, 5]
    assert frame["net"].tolist() == [-20, -7]


def test_text_stays_as_it_was_read_and_numbers_among_mistakes_get_a_point():
    rows = "\n".join(f"2024-01-{day:02d};{day},5;na" for day in range(1, 10))
    frame = read_table(f"date;spend;events\n{rows}\n2024-01-10;oops;event1\n".encode(), "a.csv").frame
    assert frame["spend"].iloc[0] == "1.5"
    assert frame["spend"].iloc[9] == "oops"
    assert frame["events"].tolist()[8:] == ["na", "event1"]


def test_row_numbers_are_lines_of_the_file():
    raw = 'date,note,x\n\n2024-01-01,"two\nlines",1\n,,\n2024-01-08,b,2\n'
    table = read_table(raw.encode(), "a.csv")
    assert table.row_numbers == (3, 6)
    assert table.frame["note"].iloc[0] == "two\nlines"


def test_excels_separator_line_and_old_line_ends_are_understood():
    assert read_table(b"sep=;\r\ndate;x\r\n2024-01-01;1\r\n", "a.csv").row_numbers == (3,)
    assert read_table(b"date,x\r2024-01-01,1\r", "a.csv").n_rows == 1


def test_empty_columns_without_a_name_and_row_indexes_are_left_out():
    table = read_table(b",date,x,,\n0,2024-01-01,5,,\n1,2024-01-08,6,,\n", "a.csv")
    assert table.columns == ("date", "x")
    assert any("only counts the rows" in note for note in table.notes)


def test_a_formula_in_the_header_is_made_harmless():
    table = read_table(b"date,=cmd|'/c calc'!A1,revenue\n2024-01-01,-5,6\n", "a.csv")
    assert table.columns[1] == "'=cmd|'/c calc'!A1"
    assert table.frame.iloc[0, 1] == -5
    assert any("apostrophe" in note for note in table.notes)


def test_one_byte_over_the_limit_is_too_large(tmp_path: Path):
    file = tmp_path / "big.csv"
    with file.open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)
    with pytest.raises(FileTooLarge) as caught:
        read_table(file, "big.csv")
    assert "52,428,801" in caught.value.message
    assert caught.value.status == 413


def test_a_path_reads_like_bytes(tmp_path: Path):
    file = tmp_path / "stored"
    file.write_bytes(b"date,x\n2024-01-01,1\n")
    assert read_table(file, "a.csv").n_rows == 1


@pytest.mark.parametrize(
    ("raw", "filename", "words"),
    [
        (b"", "data.csv", "is empty"),
        (b" \n\n ", "data.csv", "is empty"),
        (PNG, "data.csv", "PNG picture"),
        (b"%PDF-1.7 ...", "data.csv", "PDF"),
        (b"\x1f\x8b\x08\x00", "data.csv", "gzip"),
        (b"date,x\n2024-01-01,\x00\n", "data.csv", "binary"),
        (b"date\n2024-01-01\n", "data.csv", "only one column"),
        (b"date,revenue\n", "data.csv", "no rows"),
        (b"date,x,x\n2024-01-01,1,2\n", "data.csv", "'x' more than once (columns 2, 3)"),
        (b"date,,x\n2024-01-01,1,2\n", "data.csv", "Column 2 of data.csv has values but no name"),
        (
            b"date,x,y\n2024-01-01,1,2\n2024-01-08,1,2,3\n",
            "data.csv",
            "Row 3 of data.csv has 4 fields; the header has 3",
        ),
        (b"date,x,y\n2024-01-01,1\n", "data.csv", "Row 2 of data.csv has 2 fields"),
        (("a," * 2001 + "b\n" + "1," * 2001 + "1\n").encode(), "data.csv", "2,002 columns"),
        (b"date,x\n2024-01-01," + b"1" * 40_000 + b"\n", "data.csv", "40,000 characters in 'x'"),
        (b'date,x\n2024-01-01,"' + b"1,\n" * 60_000, "data.csv", "starts in row 2"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 99, "data.xlsx", "password"),
        (b"date,x\n2024-01-01,1\n", "data.xlsx", "holds text"),
        (PNG, "data.xlsx", "PNG picture"),
        (b"PK\x03\x04 this is no archive", "data.xlsx", "ZIP archive"),
        (b"\xff\xfe\x00", "data.csv", "UTF-16"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read_says_what_and_where(raw: bytes, filename: str, words: str):
    assert words in refusal(raw, filename).message


@pytest.mark.parametrize("filename", ["data.parquet", "data", "data.xls", "data.ods", "report.pdf", ".csv.exe"])
def test_other_endings_are_not_supported(filename: str):
    with pytest.raises(UnsupportedFile) as caught:
        read_table(b"date,x\n2024-01-01,1\n", filename)
    assert caught.value.hint
    assert caught.value.status == 415


def test_an_old_excel_file_gets_the_way_out():
    with pytest.raises(UnsupportedFile) as caught:
        read_table(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "data.xls")
    assert ".xlsx" in caught.value.hint


def test_a_workbook_named_csv_is_told_apart():
    error = refusal(workbook(("date", "x"), ("2024-01-01", 1)))
    assert "Excel workbook, not a CSV" in error.message
    assert ".xlsx" in error.hint


def test_a_workbook_is_read_from_its_first_sheet_with_data():
    raw = workbook(
        ("Date", "Revenue", "tv_spend", "promo"),
        (dt.date(2024, 1, 1), 10, 1.5, True),
        (dt.date(2024, 1, 8), "12,000", None, False),
        first_sheet=(),
    )
    table = read_table(raw, "Data.XLSX")
    assert table.frame["Date"].tolist() == ["2024-01-01", "2024-01-08"]
    assert table.frame["Revenue"].tolist() == [10, 12000]
    assert table.frame["promo"].tolist() == ["true", "false"]
    assert np.isnan(table.frame["tv_spend"].iloc[1])
    assert table.encoding == "xlsx"
    assert "'Data'" in table.notes[0]


def test_merged_text_is_unmerged_with_a_note():
    rows = [("date", "region", "x"), ("2024-01-01", "North", 1), ("2024-01-08", None, 2), ("2024-01-15", "South", 3)]
    table = read_table(workbook(*rows, merged=("B2:B3",)), "a.xlsx")
    assert table.frame["region"].tolist() == ["North", "North", "South"]
    assert any("Unmerged 1" in note for note in table.notes)


def test_merged_headers_and_merged_numbers_are_refused():
    header = workbook(("date", "Media", None), ("2024-01-01", 1, 2), merged=("B1:C1",))
    assert "merged cells (B1:C1)" in refusal(header, "a.xlsx").message
    number = workbook(("date", "tv"), ("2024-01-01", 4000), ("2024-01-08", None), merged=("B2:B3",))
    assert "B2:B3 of a.xlsx hold the number 4,000" in refusal(number, "a.xlsx").message


def test_an_empty_workbook_and_a_damaged_one_are_refused():
    assert "no sheet with data" in refusal(workbook(), "a.xlsx").message
    whole = workbook(("date", "x"), ("2024-01-01", 1))
    with zipfile.ZipFile(io.BytesIO(whole)) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    parts["xl/worksheets/sheet1.xml"] = b"<worksheet><sheetData><row"
    assert "damaged" in refusal(_zipped(parts), "a.xlsx").message


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    raw = _zipped({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"0" * 250 * 1024**2})
    assert len(raw) < 1_000_000
    tracemalloc.start()
    try:
        assert "would unpack to 250 MB" in refusal(raw, "a.xlsx").message
        assert tracemalloc.get_traced_memory()[1] < 20 * 1024**2
    finally:
        tracemalloc.stop()


def test_nested_entities_in_a_workbook_do_not_explode():
    entities = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 12))
    bomb = f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY e0 "ha">{entities}]><w>&e11;</w>'.encode()
    whole = workbook(("date", "x"), ("2024-01-01", 1))
    with zipfile.ZipFile(io.BytesIO(whole)) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    assert "damaged" in refusal(_zipped(parts | {"xl/workbook.xml": bomb}), "a.xlsx").message


def test_entities_in_a_sheet_are_refused_even_one():
    whole = workbook(("date", "x"), ("2024-01-01", 4711))
    with zipfile.ZipFile(io.BytesIO(whole)) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].replace(b"4711", b"&e;")
    assert b"&e;" in sheet
    start = sheet.index(b"<worksheet")
    parts["xl/worksheets/sheet1.xml"] = b'<!DOCTYPE w [<!ENTITY e "1">]>' + sheet[start:]
    assert "damaged" in refusal(_zipped(parts), "a.xlsx").message


def _zipped(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _rows_or_message(raw: bytes, filename: str) -> int | str:
    """The number of rows or the message of an expected error; anything else fails the test."""
    try:
        return read_table(raw, filename).n_rows
    except MixModelError as error:
        return error.message


@settings(max_examples=150, deadline=None)
@given(raw=st.binary(max_size=400), filename=st.sampled_from(["a.csv", "a.xlsx", "a.tsv"]))
def test_any_bytes_give_a_table_or_an_expected_error(raw: bytes, filename: str):
    assert _rows_or_message(raw, filename)


@settings(max_examples=150, deadline=None)
@given(text=st.text(alphabet='ab1,;\t"\n\r.=é ', max_size=200))
def test_any_text_gives_a_table_or_an_expected_error(text: str):
    assert _rows_or_message(text.encode(), "a.csv")


@settings(max_examples=60, deadline=None)
@given(position=st.integers(0, 4000), byte=st.integers(0, 255))
def test_a_damaged_workbook_never_crashes(position: int, byte: int):
    raw = bytearray(_WHOLE)
    raw[position % len(raw)] = byte
    assert _rows_or_message(bytes(raw), "a.xlsx")


_WHOLE = workbook(("date", "x", "tv_spend"), *((f"2024-01-{day:02d}", day, day / 2) for day in range(1, 29)))


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.floats(-1e9, 1e9).map(lambda v: round(v, 2)), min_size=1, max_size=8),
    delimiter=st.sampled_from([",", ";", "\t"]),
    decimal=st.sampled_from([".", ","]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
)
def test_numbers_survive_every_dialect(values: list[float], delimiter: str, decimal: str, encoding: str):
    if decimal == "," and delimiter == ",":
        delimiter = ";"
    lines = [f"2024-01-{i + 1:02d}{delimiter}{f'{v:.2f}'.replace('.', decimal)}" for i, v in enumerate(values)]
    raw = "\r\n".join([f"Größe{delimiter}wert", *lines]).encode(encoding)
    assert read_table(raw, "a.csv").frame["wert"].tolist() == pytest.approx(values, abs=1e-9)
