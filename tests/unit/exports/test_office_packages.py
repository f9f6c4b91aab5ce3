"""Workbooks and slides are packages without a fault that an office program would ask to repair."""

import io
import zipfile
from collections.abc import Callable

import pytest
from openpyxl import load_workbook
from pptx import Presentation

from mixmodel_app.exports.number_formats import number_format
from mixmodel_app.services.reports import ReportFormat
from mixmodel_app.wording.numbers import Format, looking
from tests.factories import make_results
from tests.reports import make_report
from tests.unit.charts.test_every_chart import CASES
from tests.unit.exports.packages import MOST_IN_FOOTER, SHEET, faults, format_faults

OFFICE_FILES = (ReportFormat.XLSX, ReportFormat.PPTX)
CHART, BOOK, SLIDE = "xl/charts/chart1.xml", "xl/worksheets/sheet2.xml", "ppt/slides/slide1.xml"
RELATIONS = "xl/worksheets/_rels/sheet9.xml.rels"
DAMAGE: dict[str, tuple[ReportFormat, str, Callable[[bytes], bytes], str]] = {
    "xml that is not well formed": (ReportFormat.XLSX, BOOK, lambda part: part[:-5], "sheet2.xml: "),
    "a part without a type": (
        *(ReportFormat.PPTX, "[Content_Types].xml", lambda part: part.replace(b"/ppt/slides/slide1.xml", b"/none.xml")),
        "a content type without a part",
    ),
    "a relationship that leads nowhere": (
        *(ReportFormat.PPTX, "ppt/slides/_rels/slide1.xml.rels", lambda part: part.replace(b"slideLayout", b"lost")),
        "which is not there",
    ),
    "two shapes of one number": (
        *(ReportFormat.PPTX, SLIDE, lambda part: part.replace(b'cNvPr id="3"', b'cNvPr id="2"')),
        "cNvPr 2 twice",
    ),
    "a cell that is no number": (
        *(ReportFormat.XLSX, BOOK, lambda part: part.replace(b't="n"><v>', b't="n"><v>nan', 1)),
        "is no number",
    ),
    "a cell without its format": (
        *(ReportFormat.XLSX, BOOK, lambda part: part.replace(b'<c r="B1" s="', b'<c r="B1" s="99')),
        "no such format",
    ),
    "children of a chart out of order": (
        *(ReportFormat.XLSX, CHART, lambda part: _moved_to_end(part, b"<plotVisOnly", b"<plotArea>")),
        "not the order of the schema",
    ),
    "a chart without series": (ReportFormat.XLSX, CHART, lambda part: _without(part, b"ser"), "no series"),
    "an axis that is not there": (
        *(ReportFormat.XLSX, "xl/charts/chart2.xml", lambda part: part.replace(b'crossAx val="1', b'crossAx val="7')),
        "an axis that is not there",
    ),
}


def _moved_to_end(part: bytes, one: bytes, before: bytes) -> bytes:
    """The chart with an empty element moved before another."""
    start = part.index(one)
    end = part.index(b"/>", start) + 2
    taken = part[start:end]
    return (part[:start] + part[end:]).replace(before, taken + before)


def _without(part: bytes, tag: bytes) -> bytes:
    start, end = part.index(b"<" + tag + b">"), part.rindex(b"</" + tag + b">") + len(tag) + 3
    return part[:start] + part[end:]


def damaged(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The package with one part changed; fails when the change does nothing."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for item in old.namelist():
            part = old.read(item)
            changed = change(part) if item == name else part
            assert item != name or changed != part
            new.writestr(item, changed)
    return made.getvalue()


@pytest.mark.parametrize("case", list(CASES))
@pytest.mark.parametrize("kind", OFFICE_FILES)
def test_a_report_is_a_sound_package(case, kind):
    assert faults(kind.write(make_report(CASES[case]()))) == []


def test_texts_that_spreadsheets_and_xml_dislike_do_no_harm():
    names = ("=1+1", "@SUM(A1)", "\x07bell", 'quote" & <tag>', "a" * 300, "sheet[1]:*?/\\'")
    report = make_report(make_results(names=names, target="'=cmd"), name="=1+1" * 20)
    for kind in OFFICE_FILES:
        assert faults(kind.write(report)) == []


@pytest.mark.parametrize("what", list(DAMAGE))
def test_damage_is_found(what):
    kind, name, change, said = DAMAGE[what]
    sound = kind.write(make_report(make_results(2)))
    assert any(said in fault for fault in faults(damaged(sound, name, change)))


def test_a_workbook_survives_being_opened_and_saved():
    content = ReportFormat.XLSX.write(make_report(make_results(3)))
    book, again = load_workbook(io.BytesIO(content)), io.BytesIO()
    book.save(again)
    for before, after in zip(book, load_workbook(again), strict=True):
        assert list(before.values) == list(after.values)
        assert len(before._charts) == len(after._charts)


def test_slides_survive_being_opened_and_saved():
    content = ReportFormat.PPTX.write(make_report(make_results(3)))
    slides, again = Presentation(io.BytesIO(content)), io.BytesIO()
    slides.save(again)
    assert faults(again.getvalue()) == []
    for before, after in zip(slides.slides, Presentation(again).slides, strict=True):
        assert [shape.name for shape in before.shapes] == [shape.name for shape in after.shapes]


@pytest.mark.parametrize("style", list(Format))
@pytest.mark.parametrize("currency", ["", "€", "EUR", "kr", "R$", "zł"])
def test_number_formats_are_what_office_programs_take(style, currency):
    with looking(currency=currency):
        assert list(format_faults(number_format(style))) == []


@pytest.mark.parametrize("code", ['"0', "0;0;0;0;0", "[>1]0;[>2]0;[>3]0", "€0"])
def test_a_number_format_that_office_programs_refuse_is_found(code):
    assert list(format_faults(code))


def test_the_footer_of_a_sheet_is_as_long_as_it_may_be():
    book = load_workbook(io.BytesIO(ReportFormat.XLSX.write(make_report(make_results(2)))))
    stamp = book["README"].oddFooter.left.text
    assert 100 < len(stamp) < MOST_IN_FOOTER - len("&L")


def test_links_of_the_first_sheet_lead_to_sheets():
    content = ReportFormat.XLSX.write(make_report(make_results(2)))
    book = load_workbook(io.BytesIO(content))
    links = [cell.hyperlink for row in book["README"].iter_rows() for cell in row if cell.hyperlink]
    assert [link.location.rpartition("!")[0].strip("'") for link in links] == book.sheetnames[1:]
    assert SHEET.strip("{}").encode() in zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")
