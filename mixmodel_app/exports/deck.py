"""The report as slides: one message each as its title, charts that can be edited, what to know at the foot."""

import io
import math
from collections.abc import Sequence
from typing import Any

from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR
from pptx.util import Emu, Inches, Pt

from mixmodel_app.charts import theme
from mixmodel_app.charts.base import ChartView
from mixmodel_app.exports.clean import without_controls
from mixmodel_app.exports.drawing.scene import text_width
from mixmodel_app.exports.native import native_charts
from mixmodel_app.exports.report import NO_DECISIONS, NOTHING_TO_TELL, ReportData
from mixmodel_app.exports.slide_charts import add_chart, rgb
from mixmodel_app.wording import insights

_WIDTH, _HEIGHT = 13.333, 7.5  # inches
_LEFT, _TOP, _ACROSS = 0.6, 0.4, 12.13
_BODY, _FOOT = 1.95, 6.95
_TITLE_ONLY = 5  # in the library's own template
_TABLE_ROWS, _TABLE_COLUMNS = 10, 8
_MOST_PANELS = 12
_POINTS_PER_INCH = 72


def deck(report: ReportData) -> bytes:
    """A PPTX file, sixteen to nine."""
    slides = Presentation()
    slides.slide_width, slides.slide_height = Inches(_WIDTH), Inches(_HEIGHT)
    _summary(slides, report)
    _next_steps(slides, report)
    _channels(slides, report)
    for view in report.for_slides:
        _chart(slides, report, view)
    _health(slides, report)
    _data(slides, report)
    slides.core_properties.title = without_controls(f"{report.run_name} – MixModel")
    slides.core_properties.subject = " · ".join(report.stamp)
    slides.core_properties.author = "MixModel"
    buffer = io.BytesIO()
    slides.save(buffer)
    return buffer.getvalue()


def _summary(slides: Any, report: ReportData) -> None:
    first, *rest = insights.headline_sentences(report.results)
    slide = _slide(slides, report, first if report.is_usable else NO_DECISIONS)
    about = f"{report.run_name} · {report.period} · {report.dataset}"
    text = " ".join(rest if report.is_usable else [report.health_sentence])
    _text(slide, (_LEFT, 1.5, _ACROSS, 0.35), [about], 14, muted=True)
    wide = (_ACROSS - 0.6) / 3
    for index, one in enumerate(report.numbers):
        left = _LEFT + index * (wide + 0.3)
        box = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, Inches(left), Inches(_BODY + 0.1), Inches(wide), Inches(2.1))
        box.fill.solid()
        box.fill.fore_color.rgb, box.line.color.rgb = rgb(theme.PANEL), rgb(theme.GRID)
        box.shadow.inherit = False
        _text(slide, (left + 0.15, _BODY + 0.2, wide - 0.3, 0.4), [one.label], 14)
        _text(slide, (left + 0.15, _BODY + 0.6, wide - 0.3, 0.8), [one.text], 36, bold=True)
        _text(slide, (left + 0.15, _BODY + 1.45, wide - 0.3, 0.6), [f"{one.range_text} ({one.note})"], 14, muted=True)
    _text(slide, (_LEFT, 4.4, _ACROSS, 1.2), [text], 18)
    _text(slide, (_LEFT, 5.7, _ACROSS, 1.0), [report.health_sentence] if report.health_sentence not in text else [], 14)


def _next_steps(slides: Any, report: ReportData) -> None:
    if not report.recommendations:
        slide = _slide(slides, report, "What to do next")
        _text(slide, (_LEFT, _BODY, _ACROSS, 1), [report.without_recommendations], 18)
        return
    slide = _slide(slides, report, _message_of(report))
    high = (_FOOT - _BODY - 0.1) / len(report.recommendations)
    for index, item in enumerate(report.recommendations):
        top = _BODY + index * high
        _text(slide, (_LEFT, top, _ACROSS, 0.62 * high), [f"{index + 1}. {item.sentence}"], 18)
        _text(slide, (_LEFT + 0.3, top + 0.62 * high, _ACROSS - 0.3, 0.34 * high), [item.reason], 14, muted=True)


def _message_of(report: ReportData) -> str:
    """The first thing to do, without its figures."""
    first = report.recommendations[0]
    what, colon, _ = first.sentence.partition(": ")
    named_with_colon = any(": " in channel.name for channel in report.results.channels)
    return what if colon and not named_with_colon else "What to do next"


def _channels(slides: Any, report: ReportData) -> None:
    rows = [
        (
            one.name,
            one.spend,
            one.contribution,
            one.returned,
            one.returned_range,
            one.next_one,
            one.next_range,
            f"{one.verdict}{f' ({one.learned.lower()})' if one.learned else ''}",
        )
        for one in report.channels
    ]
    title = insights.payback_summary(report.results, report.options.break_even)
    _tables(
        slides,
        report,
        title,
        report.channel_header,
        rows,
        (2.2, 1.35, 1.45, 1.2, 1.5, 1.3, 1.5, 1.63),
        numeric=range(1, 7),
    )


def _chart(slides: Any, report: ReportData, view: ChartView) -> None:
    slide = _slide(slides, report, view.title)
    _text(slide, (_LEFT, 1.35, _ACROSS, 0.55), [view.takeaway], 16)
    _text(slide, (_LEFT, 1.9, _ACROSS, 0.3), [view.subtitle], 11, muted=True)
    every = native_charts(view, report.styles)
    if not every:
        _table_of(slide, report, view)
        return
    charts = every[:_MOST_PANELS]
    left = len(every) - len(charts) + charts[0].left_out
    notes = [f"Dashed lines: the ends of the {report.range_name}." if any(chart.has_dashes for chart in charts) else ""]
    notes += [f"{left} more: all are in the workbook and the HTML report." if left else ""]
    if note := " ".join(filter(None, notes)):
        _text(slide, (_LEFT, _FOOT - 0.25, _ACROSS, 0.25), [note], 11, muted=True)
    columns = 1 if len(charts) < 2 else 2 if len(charts) < 5 else 3 if len(charts) < 10 else 4
    rows = max(math.ceil(len(charts) / columns), 1)
    wide, high = _ACROSS / columns, (_FOOT - 2.25 - (0.3 if note else 0)) / rows
    for index, chart in enumerate(charts):
        row, column = divmod(index, columns)
        box = (Inches(_LEFT + column * wide), Inches(2.2 + row * high), Inches(wide), Inches(high))
        add_chart(slide, chart, box, size=12 if len(charts) == 1 else 9 if rows < 3 else 8)


def _table_of(slide: Any, report: ReportData, view: ChartView) -> None:
    """What has no shape that an office program can draw: the beginning of its table."""
    shown = view.table.columns[:_TABLE_COLUMNS]
    rows = view.table.formatted()[:_TABLE_ROWS]
    numeric = [index for index, column in enumerate(shown) if column.is_numeric]
    head = [column.label for column in shown]
    _table(slide, head, [row[: len(shown)] for row in rows], [_ACROSS / len(shown)] * len(shown), numeric, top=2.3)
    if len(rows) < len(view.table.rows) or len(shown) < len(view.table.columns):
        what = f"The first {len(rows)} rows of {len(view.table.rows)}: all are in the workbook and the HTML report."
        _text(slide, (_LEFT, _FOOT - 0.25, _ACROSS, 0.25), [what], 11, muted=True)


def _health(slides: Any, report: ReportData) -> None:
    rows = [(check.title, check.status.label, check.evidence) for check in report.results.health]
    head = ("Check", "Status", "Evidence")
    _tables(slides, report, report.health_sentence, head, rows, (3.2, 1.4, _ACROSS - 4.6))


def _data(slides: Any, report: ReportData) -> None:
    """Repairs and warnings, on as many slides as they need."""
    notes = list(report.data_notes) or [f"File: {report.dataset}.", NOTHING_TO_TELL]
    for start in range(0, len(notes), _TABLE_ROWS):
        slide = _slide(slides, report, "What to know of the data")
        shown = [f"• {note}" for note in notes[start : start + _TABLE_ROWS]]
        _text(slide, (_LEFT, _BODY, _ACROSS, _FOOT - _BODY), shown, 18)


def _tables(
    slides: Any,
    report: ReportData,
    title: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[float],
    numeric: Sequence[int] = (),
) -> None:
    """A table, continued on further slides when it is long."""
    for start in range(0, max(len(rows), 1), _TABLE_ROWS):
        _table(_slide(slides, report, title), head, rows[start : start + _TABLE_ROWS], widths, numeric, top=_BODY)


def _table(
    slide: Any,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[float],
    numeric: Sequence[int],
    *,
    top: float,
) -> None:
    """A table at a height on its slide, in inches, with texts as small as their cells want them."""
    shown = [head, *rows]
    place = (Inches(_LEFT), Inches(top), Inches(_ACROSS), Inches(0.4 * len(shown)))
    table = slide.shapes.add_table(len(shown), len(head), *place).table
    for column, width in enumerate(widths):
        table.columns[column].width = Inches(width)
    for index, row in enumerate(shown):
        for column, text in enumerate(row):
            cell = table.cell(index, column)
            cell.text = without_controls(text)
            cell.fill.solid()
            cell.fill.fore_color.rgb = rgb(theme.GRID if index == 0 else theme.PANEL)
            paragraph = cell.text_frame.paragraphs[0]
            paragraph.font.size = Pt(_size_for([text], widths[column] - 0.2, 0.42, 12))
            paragraph.font.bold = index == 0
            paragraph.font.color.rgb = rgb(theme.INK)
            if column in numeric:
                paragraph.alignment = 3  # right


def _slide(slides: Any, report: ReportData, title: str) -> Any:
    """A slide with its message as title, and at its foot what it is a slide of."""
    slide = slides.slides.add_slide(slides.slide_layouts[_TITLE_ONLY])
    shape = slide.shapes.title
    shape.left, shape.top, shape.width, shape.height = (Inches(value) for value in (_LEFT, _TOP, _ACROSS, 1.0))
    _write(shape.text_frame, [title], _size_for([title], _ACROSS - 0.2, 0.95, 28), bold=True, muted=False)
    shape.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    _text(slide, (_LEFT, _FOOT + 0.05, _ACROSS, 0.35), [" · ".join(report.stamp)], 10, muted=True)
    return slide


def _text(
    slide: Any,
    box: tuple[float, float, float, float],
    lines: Sequence[str],
    size: int,
    *,
    bold: bool = False,
    muted: bool = False,
) -> None:
    """Paragraphs in a box (inches), smaller than `size` when they need it."""
    if not lines:
        return
    frame = slide.shapes.add_textbox(*(Inches(value) for value in box)).text_frame
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = Emu(0)
    _write(frame, lines, _size_for(lines, box[2], box[3], size), bold=bold, muted=muted)


def _write(frame: Any, lines: Sequence[str], size: int, *, bold: bool, muted: bool) -> None:
    frame.word_wrap = True
    for index, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if index == 0 else frame.add_paragraph()
        paragraph.text = without_controls(line)
        paragraph.alignment = 1  # left
        paragraph.font.size, paragraph.font.bold = Pt(size), bold
        paragraph.font.color.rgb = rgb(theme.TEXT if muted else theme.INK)


def _size_for(lines: Sequence[str], width: float, height: float, size: int) -> int:
    """The largest size in points, from `size` down to 7, at which the lines fit into a box in inches."""
    for points in range(size, 7, -1):
        needed = sum(math.ceil(max(text_width(line, points) / _POINTS_PER_INCH / width, 0.01)) for line in lines)
        if needed * points * 1.2 <= height * _POINTS_PER_INCH:
            return points
    return 7
