"""Every file is read back by another library, over ordinary and awkward results, and says what the record says."""

import io
import re
from html.parser import HTMLParser

import pytest
from openpyxl import load_workbook
from pptx import Presentation
from pypdf import PdfReader

from mixmodel_app.charts.base import CHARTS
from mixmodel_app.domain.results import HealthStatus
from mixmodel_app.exports.report import NO_DECISIONS, ReportData
from mixmodel_app.services.reports import ReportFormat
from mixmodel_app.wording.numbers import MISSING, NOT_ESTIMATED
from tests.factories import make_results
from tests.reports import REPAIR, RUN_ID, make_report
from tests.unit.charts.test_every_chart import CASES


@pytest.fixture(scope="module", params=list(CASES))
def report(request) -> ReportData:
    return make_report(CASES[request.param]())


WITHOUT_SHAPE = {"rank_plots"}  # twenty bins for each chain: no office chart shows that


class _Page(HTMLParser):
    """The visible text of a page, the tags it uses and the addresses it names."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "link", "br", "path", "circle"):
            self.open.append(tag)

    def handle_endtag(self, tag) -> None:
        if tag not in ("meta", "link", "br", "path", "circle"):
            assert self.open.pop() == tag

    def handle_data(self, data) -> None:
        if "style" not in self.open:
            self.parts.append(data)


def html_page(report: ReportData) -> _Page:
    page = _Page()
    page.feed(ReportFormat.HTML.write(report).decode())
    assert page.open == []
    return page


def pdf_text(report: ReportData) -> list[str]:
    pages = PdfReader(io.BytesIO(ReportFormat.PDF.write(report))).pages
    return [_flat(page.extract_text()) for page in pages]


def slides_of(report: ReportData):
    return Presentation(io.BytesIO(ReportFormat.PPTX.write(report))).slides


def slide_text(slide) -> str:
    frames = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    cells = [cell.text for shape in slide.shapes if shape.has_table for row in shape.table.rows for cell in row.cells]
    return _flat(" ".join([*frames, *cells]))


def book_of(report: ReportData):
    return load_workbook(io.BytesIO(ReportFormat.XLSX.write(report)))


def _flat(text: str) -> str:
    return " ".join(text.split())


def _squeezed(text: str) -> str:
    """Without blanks: a PDF's text breaks where its lines do."""
    return re.sub(r"\s", "", text)


def test_the_html_page_says_everything_and_needs_nothing(report):
    page = html_page(report)
    text = _flat(" ".join(page.parts))
    assert not {"script", "img", "iframe"} & set(page.tags)
    assert page.addresses == ["data:,"], "no icon, and nothing else to fetch"
    for part in (report.headline, *report.stamp, report.verdict.label, *report.data_notes):
        assert _flat(part) in text
    for line in report.channels:
        for figure in (line.name, line.spend, line.contribution, line.returned, line.returned_range, line.next_range):
            assert _flat(figure) in text
    for view in report.charts:
        assert _flat(view.title) in text
        for row in view.table.formatted():
            assert all(_flat(cell) in text for cell in row)
    assert page.tags.count("svg") == 2 * len(report.charts)  # for screens and for phones


def test_the_brief_has_two_pages_that_say_the_answer(report):
    first, second = pdf_text(report)
    for one in report.numbers:
        assert _squeezed(one.text) in _squeezed(first)
        assert _squeezed(one.range_text) in _squeezed(first)
    for page in (first, second):
        for part in report.stamp:
            assert _squeezed(part) in _squeezed(page)
    for line in report.channels:
        for figure in (line.spend, line.contribution, line.returned, line.returned_range, line.next_range):
            assert _squeezed(figure) in _squeezed(second)
    for item in report.recommendations:
        assert _squeezed(item.sentence) in _squeezed(second)
    for note in report.data_notes:
        assert _squeezed(note) in _squeezed(second)


def test_slides_have_a_message_and_a_footer_each(report):
    slides = slides_of(report)
    for slide in slides:
        assert slide.shapes.title.text
        for part in report.stamp:
            assert part in slide_text(slide)
    text = _flat(" ".join(slide_text(slide) for slide in slides))
    for part in (*(one.text for one in report.numbers), *report.data_notes, *(v.takeaway for v in report.for_slides)):
        assert _flat(part) in text
    for item in report.recommendations:
        assert _flat(item.sentence) in text
    for line in report.channels:
        for figure in (line.name, line.spend, line.returned, line.returned_range, line.next_one):
            assert _flat(figure) in text


def test_charts_of_slides_hold_the_numbers_of_the_tables(report):
    charts = {
        slide.shapes.title.text: [shape.chart for shape in slide.shapes if shape.has_chart]
        for slide in slides_of(report)
    }
    assert all("analyst" not in CHARTS.get(view.key).views for view in report.for_slides)
    for view in report.for_slides:
        column = next((i for i, one in enumerate(view.table.columns) if one.is_numeric), None)
        if view.key not in ("roas", "waterfall", "decomposition_donut") or not charts[view.title]:
            continue
        assert column is not None
        drawn = [value for value in charts[view.title][0].plots[0].series[0].values if value is not None]
        table = [row[column] for row in view.table.rows if row[0] != "Total" and not isinstance(row[column], str)]
        assert drawn == pytest.approx(table)


def test_the_workbook_has_raw_numbers(report):
    book = book_of(report)
    assert book.sheetnames[0] == "README"
    channels = {(row[0], row[1]): row[2:5] for row in book["Channels"].iter_rows(min_row=2, values_only=True)}
    for channel in report.results.channels:
        name = channel.name
        assert channels[name, "Spend"][0] == pytest.approx(channel.spend)
        found = channels[name, "Return per 1 spent"]
        if channel.roas is None:
            assert found == (NOT_ESTIMATED, None, None)
        else:
            assert found == pytest.approx((channel.roas.median, channel.roas.lo, channel.roas.hi))
    amounts = [row[3] for row in book["Contributions"].iter_rows(min_row=2, values_only=True)]
    assert sum(amounts) == pytest.approx(report.results.total_target)


def test_the_workbook_explains_every_sheet_and_names_the_run(report):
    book = book_of(report)
    readme = dict(row[:2] for row in book["README"].iter_rows(values_only=True) if row[0])
    assert set(book.sheetnames) - {"README"} <= set(readme)
    assert readme["Run id"] == RUN_ID
    assert readme["Data range"] == report.period
    assert readme["Model health"] == report.verdict.label
    assert readme["Made on"] == report.made
    texts = [str(row[1]) for row in book["README"].iter_rows(values_only=True)]
    assert all(note in texts for note in report.data_notes)
    assert all(RUN_ID in sheet.oddFooter.left.text for sheet in book)


def test_each_chart_of_the_workbook_lies_on_the_sheet_of_its_numbers(report):
    book = book_of(report)
    for view in report.charts:
        sheet = book[view.key.replace("_", " ").capitalize()]
        assert [cell.value for cell in sheet[1]][: len(view.table.columns)] == view.table.header
        assert sheet.max_row == len(view.table.rows) + 1
        numeric = any(not isinstance(cell, str) and cell is not None for row in view.table.rows for cell in row[1:])
        assert bool(sheet._charts) == (numeric and view.key not in WITHOUT_SHAPE), view.key


def test_the_cells_of_every_chart_are_the_numbers_of_its_table(report):
    book = book_of(report)
    for view in report.charts:
        cells = book[view.key.replace("_", " ").capitalize()].iter_rows(min_row=2, values_only=True)
        for written, row in zip(cells, view.table.rows, strict=True):
            for cell, value in zip(written, row, strict=False):
                if isinstance(value, int | float):
                    assert cell == pytest.approx(value, rel=1e-12, abs=0), view.key
                elif value is None:
                    assert cell is None


def test_an_unusable_model_says_so_first():
    report = make_report(make_results(health=HealthStatus.DO_NOT_USE))
    assert NO_DECISIONS in pdf_text(report)[0]
    slides = slides_of(report)
    assert slides[0].shapes.title.text == NO_DECISIONS
    assert "No recommendation" in slide_text(slides[1])
    assert book_of(report)["README"]["A2"].value == NO_DECISIONS
    page = _flat(" ".join(html_page(report).parts))
    assert page.index(NO_DECISIONS) < page.index("Return per 1 spent")
    assert "No recommendation" in page


def test_names_that_would_be_formulas_stay_texts():
    names = ("=1+1", "@SUM(A1)", "+49", "-2+3", "\x07bell")
    results = make_results(names=names, target="=cmd|' /C calc'!A0")
    report = make_report(results, name='=HYPERLINK("http://example.com")')
    book = book_of(report)
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", (sheet.title, cell.coordinate)
                assert not (isinstance(cell.value, str) and cell.value.startswith(("=", "@"))), cell.value
    for kind in ReportFormat:
        assert kind.write(report)


def test_a_long_list_of_warnings_keeps_two_pages_and_is_counted():
    report = make_report(make_results(12), warnings=80)
    first, second = pdf_text(report)
    assert first
    assert re.search(r"And \d+ more: the whole list is in the workbook", second)
    texts = [slide_text(slide) for slide in slides_of(report)]
    assert sum(text.count("Few rows: ") for text in texts) == 80
    assert REPAIR in second


def test_letters_outside_the_face_are_shown_as_such():
    report = make_report(make_results(names=("Łódź Радио", "搜索")))
    first, second = pdf_text(report)
    assert "Радио" in first + second
    assert "letters that this file's face does not hold" in second
    assert "搜索" in _flat(" ".join(html_page(report).parts))


@pytest.mark.usefixtures("euros")
def test_a_currency_is_written_in_every_file():
    report = make_report(make_results(2))
    returned = report.numbers[0].text
    assert returned.startswith("€")
    assert returned in pdf_text(report)[0]
    assert returned in slide_text(slides_of(report)[0])
    assert "€" in book_of(report)["Channels"]["C2"].number_format


def test_a_missing_number_is_a_dash_in_texts_and_empty_in_cells():
    report = make_report(make_results(3, no_spend=(1,)))
    line = report.channels[1]
    assert (line.returned, line.returned_range) == (NOT_ESTIMATED, MISSING)
    sheet = book_of(report)["Channels"]
    row = next(row for row in sheet.iter_rows(values_only=True) if row[:2] == ("Search", "Return per 1 spent"))
    assert row[2:5] == (NOT_ESTIMATED, None, None)
