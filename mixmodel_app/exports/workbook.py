"""The report as a workbook: one fact per row with raw numbers, charts beside their cells, and a sheet that explains."""

import io
import math
import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from mixmodel_app.domain.results import ChannelResult
from mixmodel_app.exports.clean import without_controls
from mixmodel_app.exports.native import native_charts
from mixmodel_app.exports.number_formats import number_format
from mixmodel_app.exports.report import NO_DECISIONS, NOTHING_TO_TELL, ReportData
from mixmodel_app.exports.spreadsheet_charts import place_charts
from mixmodel_app.ingest.injection import neutralise
from mixmodel_app.wording.numbers import NOT_ESTIMATED, Format
from mixmodel_app.wording.uncertainty import level_text, return_label

README = "README"
_BOLD, _WRAP = Font(bold=True), Alignment(wrap_text=True, vertical="top")
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
_NAME_LENGTH = 31
_MOST_WIDTH, _LEAST_WIDTH = 60, 10

Row = Sequence[Any]


def workbook(report: ReportData) -> bytes:
    """An XLSX file. Every text that a spreadsheet could run is made harmless."""
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    first.title = README
    about: list[tuple[str, str]] = []
    for name, meaning, header, styles, rows in _tidy(report):
        _table(book, name, header, styles, rows, report)
        about.append((name, meaning))
    for view in report.charts:
        columns = view.table.columns
        name = _sheet_name(view.key, book.sheetnames)
        sheet = _table(book, name, view.table.header, [[column.style for column in columns]], view.table.rows, report)
        place_charts(sheet, native_charts(view, report.styles), view.title, len(columns) + 2)
        title = view.title if view.title.endswith("?") else f"{view.title}."
        about.append((name, f"{title} {view.subtitle}. {view.takeaway}"))
    _readme(first, report, about)
    book.properties.title = _clean(f"{report.run_name} – MixModel")
    book.properties.subject = " · ".join(report.stamp)
    book.properties.creator = "MixModel"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _tidy(report: ReportData) -> Iterable[tuple[str, str, list[str], list[list[Format]], Sequence[Row]]]:
    """The sheets that are no chart's table: name, what it is, header, formats (of each row or of all), rows."""
    text, number = Format.TEXT, Format.NUMBER
    found = report.results
    level = level_text(found.level)
    ends, hdi = [f"{level} from", f"{level} to"], f"{level} HDI"
    summary = [(one.label, _known(one.value), one.lo, one.hi, one.note) for one in report.numbers]
    formats = [[text, one.style, one.style, one.style, text] for one in report.numbers]
    yield "Summary", "The three numbers of the first page.", ["Measure", "Value", *ends, "Note"], formats, summary
    yield (
        "Recommendations",
        "What to do next, with the money and the probability behind it.",
        ["Action", "Channels", "Recommendation", "Reason", "Money", "Probability"],
        [[text, text, text, text, Format.MONEY, Format.PERCENT]],
        [
            (item.action.value, ", ".join(item.channels), item.sentence, item.reason, item.money, item.probability)
            for item in report.recommendations
        ]
        or [(report.without_recommendations,)],
    )
    checks = [(check.title, check.status.label, check.evidence) for check in found.health]
    yield "Health", "The checks of the model's health.", ["Check", "Status", "Evidence"], [[text] * 3], checks
    yield (
        "Data notes",
        "Repairs of the data, and warnings that were known before the fit.",
        ["Note"],
        [[text]],
        [(note,) for note in report.data_notes or (NOTHING_TO_TELL,)],
    )
    measures = [row for channel in found.channels for row in _measures(channel)]
    yield (
        "Channels",
        "Every figure of every channel, one per row; the point is the median where there is a range.",
        ["Channel", "Measure", "Value", *ends, "Comes from"],
        [[text, text, style, style, style, text] for *_, style in measures],
        [row[:-1] for row in measures],
    )
    yield (
        "Contributions",
        "What each part brought in each period (posterior means): together the actual outcome.",
        ["Date", "Kind", "Part", "Amount"],
        [[Format.DATE, text, text, Format.OUTCOME]],
        _contributions(report),
    )
    yield (
        "Parameters",
        "The posterior of every parameter on the model's scale, with its convergence.",
        ["Parameter", "Channel", "Mean", "SD", f"{hdi} from", f"{hdi} to", "R-hat", "ESS bulk", "ESS tail"],
        [[text, text, number, number, number, number, Format.RHAT, Format.COUNT, Format.COUNT]],
        [(p.name, p.channel, p.mean, p.std, p.lo, p.hi, p.rhat, p.ess_bulk, p.ess_tail) for p in found.parameters],
    )
    facts = [*report.facts(), *report.fit_facts()]
    yield "Configuration", "What determines the run.", ["What", "Value"], [[text, text]], facts


def _measures(channel: ChannelResult) -> list[Row]:
    """A channel's figures, the format of each last."""
    source = channel.learning.learned_from.label if channel.learning else None
    rows: list[Row] = [(channel.name, "Spend", channel.spend, None, None, None, Format.MONEY)]
    for label, estimate, style in (
        ("Contribution", channel.contribution, Format.OUTCOME),
        (return_label(), channel.roas, Format.RETURN),
        ("Return on the next 1", channel.marginal_roas, Format.RETURN),
    ):
        ends = (estimate.median, estimate.lo, estimate.hi) if estimate else (NOT_ESTIMATED, None, None)
        rows.append((channel.name, label, *ends, source, style))
    rows += [
        (channel.name, label, _known(value), None, None, None, Format.PERCENT)
        for label, value in (
            ("Share of spend", channel.share_of_spend),
            ("Share of effect", channel.share_of_effect),
            ("Probability of paying back", channel.probability_pays_back),
        )
    ]
    return rows


def _contributions(report: ReportData) -> list[Row]:
    found = report.results
    parts = found.decomposition
    series = [
        ("baseline", "Level", parts.intercept),
        ("baseline", "Trend", parts.trend),
        ("baseline", "Season", parts.seasonality),
        *(("channel", name, values) for name, values in parts.channels.items()),
        *(("control", name, values) for name, values in parts.controls.items()),
        ("unexplained", "Unexplained", parts.unexplained),
    ]
    return [
        (day, kind, name, value)
        for kind, name, values in series
        for day, value in zip(found.fit.dates, values, strict=True)
    ]


def _known(value: float | None) -> float | str:
    return NOT_ESTIMATED if value is None else value


def _table(
    book: Workbook, name: str, header: list[str], styles: list[list[Format]], rows: Iterable[Row], report: ReportData
) -> Worksheet:
    """A sheet with its header in the first row. `styles` has one entry, or one for each row."""
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    _dress(sheet, report)
    widths = [len(label) for label in header]
    for column, label in enumerate(header, start=1):
        sheet.cell(1, column, _clean(label)).font = _BOLD
    formats = [[number_format(style) for style in row] for row in styles]
    for index, row in enumerate(rows):
        own, written = (styles[index], formats[index]) if len(styles) > 1 else (styles[0], formats[0])
        for column, value in enumerate(row):
            if value is None or (not isinstance(value, str) and not math.isfinite(value)):
                continue
            cell = sheet.cell(index + 2, column + 1)
            _write(cell, value, own[column], written[column])
            widths[column] = max(widths[column], len(str(value)) if isinstance(value, str) else 12)
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = min(max(width + 2, _LEAST_WIDTH), _MOST_WIDTH)
    return sheet


def _write(cell: Cell, value: Any, style: Format, written: str) -> None:
    if not isinstance(value, str):
        cell.value, cell.number_format = float(value), written
    elif style is Format.DATE:
        cell.value, cell.number_format = date.fromisoformat(value[:10]), written
    else:
        cell.value = _clean(value)
        if len(value) > _MOST_WIDTH:
            cell.alignment = _WRAP


def _readme(sheet: Worksheet, report: ReportData, about: list[tuple[str, str]]) -> None:
    """What this file is, whether it may be used, and what each sheet holds."""
    _dress(sheet, report)
    rows: list[tuple[str, str]] = [("MixModel report", report.run_name), ("In short", report.headline)]
    if not report.is_usable:
        rows.insert(1, (NO_DECISIONS, report.health_sentence))
    rows += report.facts()
    rows += [("Known of the data", note) for note in report.data_notes or (NOTHING_TO_TELL,)]
    rows += [
        ("How to read it", "Numbers are raw; their formats show them as the pages do. Every range names its level."),
        ("", "A point is the posterior median, a part of a sum the posterior mean, so that parts add up."),
        ("", "Empty: not known. “not estimated”: there is no spend to divide by. Neither is zero."),
        ("", "A text that begins with ' would have been run as a formula; the sign makes it harmless."),
        ("Sheet", "What it holds"),
        *about,
    ]
    names = {name for name, _ in about}
    for index, (label, text) in enumerate(rows, start=1):
        first, second = sheet.cell(index, 1, _clean(label)), sheet.cell(index, 2, _clean(text))
        first.font, second.alignment = _BOLD, _WRAP
        first.alignment = Alignment(vertical="top", wrap_text=True)
        if label in names and text != "What it holds":
            first.hyperlink = Hyperlink(ref=first.coordinate, location=f"'{label}'!A1")
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, 110


def _dress(sheet: Worksheet, report: ReportData) -> None:
    """How a sheet prints: along the page, with what it is a report of at its foot."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True  # pyright: ignore[reportOptionalMemberAccess]
    footer: Any = sheet.oddFooter
    footer.left.text = " · ".join(report.stamp).replace("&", "&&")


def _sheet_name(key: str, taken: Iterable[str]) -> str:
    """A chart's key as the name of a sheet; numbered when it is taken."""
    words = _NOT_IN_NAMES.sub(" ", key.replace("_", " ").capitalize()).strip()[:_NAME_LENGTH]
    known = {name.casefold() for name in taken}
    if words.casefold() not in known:
        return words
    numbered = (f"{words[: _NAME_LENGTH - 4]} {number}" for number in range(2, 100))
    return next(name for name in numbered if name.casefold() not in known)


def _clean(text: str) -> str:
    """A text without control characters that no workbook may hold, harmless as a cell."""
    return neutralise(without_controls(text))
