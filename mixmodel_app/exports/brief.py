"""The report as a brief of two pages: the answer and its doubt, then what drove it and what to do."""

from collections.abc import Sequence

from mixmodel_app.charts import theme
from mixmodel_app.charts.base import ChartView
from mixmodel_app.domain.results import HealthStatus
from mixmodel_app.exports.drawing.figure import drawing
from mixmodel_app.exports.paper import ACROSS, MARGIN, PAGE_HEIGHT, Paper
from mixmodel_app.exports.report import NO_DECISIONS, NOTHING_TO_TELL, ChannelLine, ReportData

RETURNS, PARTS, OVER_TIME = "roas", "waterfall", "contribution_over_time"
MOST_CHANNELS = 14
_FOOT = PAGE_HEIGHT - 13
_PIXELS = 680.0  # that the width of a page stands for
_PER_PIXEL = ACROSS / _PIXELS
_ROW, _GAP = 5.2, 4.0
_COLUMNS = (33.0, 21.0, 22.0, 20.0, 21.0, 22.0, 21.0, 18.0)
_SHORT = {"pays back": "yes", "does not pay back": "no", "may or may not pay back": "maybe"}
_NOTE_SIZES = (8.0, 7.5, 7.0, 6.5, 6.0)
_LEAST_PARTS, _MOST_PARTS = 42.0, 88.0
_SQUEEZED = 0.75  # of its height, at which a chart still reads well
_TABLE_COLUMNS = 7
_SIGNS = {HealthStatus.GOOD: theme.GREEN, HealthStatus.CHECK: theme.OLIVE, HealthStatus.DO_NOT_USE: theme.LOSS}


def brief(report: ReportData) -> bytes:
    """A PDF of exactly two A4 pages."""
    paper = Paper()
    paper.set_lang("en")
    paper.set_title(paper.printable(f"{report.run_name} – MixModel"))
    paper.set_subject(paper.printable(" · ".join(report.stamp)))
    paper.set_creator("MixModel")
    _first_page(paper, report)
    _second_page(paper, report)
    return bytes(paper.output())


def _first_page(paper: Paper, report: ReportData) -> None:
    """Headline, three numbers, health, and returns with their ranges."""
    paper.add_page()
    y = paper.paragraph(MARGIN, MARGIN, ACROSS, report.run_name, 16, bold=True) + 1
    y = paper.paragraph(MARGIN, y, ACROSS, f"{report.period} · {report.dataset}", 9, theme.TEXT) + _GAP
    if not report.is_usable:
        y = _warning(paper, report, y)
    else:
        y = paper.paragraph(MARGIN, y, ACROSS, report.headline, 11.5) + _GAP
    y = _numbers(paper, report, y) + _GAP
    if report.is_usable:
        y = _health(paper, report, y) + _GAP
    _charts(paper, _for_first_page(report), y)
    _footer(paper, report, 1)


def _second_page(paper: Paper, report: ReportData) -> None:
    """Decomposition, table, recommendations and footnotes; the chart takes what the words leave."""
    paper.add_page()
    notes = list(report.data_notes) or [NOTHING_TO_TELL]
    fixed = _table_height(report) + _steps_height(paper, report) + 4 * _GAP
    view = _chart_named(report, PARTS)
    heading = _heading_height(paper, view) if view else 0.0
    room = _FOOT - MARGIN - fixed - heading - _LEAST_PARTS
    size = next((size for size in _NOTE_SIZES if _notes_height(paper, notes, size) <= room), _NOTE_SIZES[-1])
    while len(notes) > 1 and _notes_height(paper, notes, size) > room:
        notes = _one_less(notes)
    y = MARGIN
    if view is not None:
        y = _heading(paper, view, y)
        most = _FOOT - y - fixed - _notes_height(paper, notes, size)
        y = _draw(paper, view, y, min(most, _MOST_PARTS)) + _GAP
    y = _channels(paper, report, y) + _GAP
    y = _next_steps(paper, report, y) + _GAP
    _footnotes(paper, notes, size, y)
    _footer(paper, report, 2)


def _for_first_page(report: ReportData) -> list[ChartView]:
    """Returns, then the charts that ask for a place, then contributions over time while there is room."""
    found = [_chart_named(report, RETURNS), *report.for_brief, _chart_named(report, OVER_TIME)]
    return list({view.key: view for view in found if view is not None and view.table.rows}.values())


def _charts(paper: Paper, views: list[ChartView], y: float) -> None:
    """As many charts as fit with most of their height, the first in any case; together they take what there is."""
    room = _FOOT - y
    shown: list[ChartView] = []
    needed = 0.0
    for view in views:
        needed += _heading_height(paper, view) + _SQUEEZED * view.height * _PER_PIXEL + _GAP
        if shown and needed > room:
            break
        shown.append(view)
    room -= sum(_heading_height(paper, view) + _GAP for view in shown)
    scale = min(room / sum(view.height * _PER_PIXEL for view in shown), 1.0) if shown else 0.0
    for view in shown:
        y = _heading(paper, view, y)
        y = _draw(paper, view, y, scale * view.height * _PER_PIXEL) + _GAP


def _warning(paper: Paper, report: ReportData, y: float) -> float:
    """What stands first when nobody should decide by this model."""
    height = paper.height_of(report.health_sentence, ACROSS - 10, 11) + 12
    paper.set_fill_color(theme.LOSS)
    paper.rect(MARGIN, y, 1.5, height, style="F")
    below = paper.paragraph(MARGIN + 6, y + 2, ACROSS - 10, NO_DECISIONS, 14, bold=True) + 1
    paper.paragraph(MARGIN + 6, below, ACROSS - 10, report.health_sentence, 11)
    return y + height + _GAP


def _numbers(paper: Paper, report: ReportData, y: float) -> float:
    gap, height = 4.0, 27.0
    wide = (ACROSS - 2 * gap) / 3
    for index, one in enumerate(report.numbers):
        x = MARGIN + index * (wide + gap)
        paper.set_draw_color(theme.GRID)
        paper.set_line_width(0.25)
        paper.rect(x, y, wide, height)
        paper.line_of_text(x + 4, y + 5, wide - 8, one.label, 9)
        paper.line_of_text(x + 4, y + 13, wide - 8, one.text, 20, bold=True)
        paper.line_of_text(x + 4, y + 19.5, wide - 8, one.range_text, 9)
        paper.line_of_text(x + 4, y + 23.5, wide - 8, one.note, 7.5, theme.TEXT)
    return y + height


def _health(paper: Paper, report: ReportData, y: float) -> float:
    """A mark, the verdict and why."""
    paper.set_fill_color(_SIGNS[report.verdict])
    paper.ellipse(MARGIN, y + 0.9, 2.6, 2.6, style="F")
    return paper.paragraph(MARGIN + 5, y, ACROSS - 5, report.health_sentence, 9.5)


def _heading(paper: Paper, view: ChartView, y: float) -> float:
    y = paper.paragraph(MARGIN, y, ACROSS, view.title, 12, bold=True) + 0.5
    y = paper.paragraph(MARGIN, y, ACROSS, view.takeaway, 9.5) + 0.5
    return paper.paragraph(MARGIN, y, ACROSS, view.subtitle, 8, theme.TEXT) + 1


def _heading_height(paper: Paper, view: ChartView) -> float:
    title = paper.height_of(view.title, ACROSS, 12, bold=True)
    return title + paper.height_of(view.takeaway, ACROSS, 9.5) + paper.height_of(view.subtitle, ACROSS, 8) + 2


def _draw(paper: Paper, view: ChartView, y: float, most: float) -> float:
    """The chart in its own height, or in as much as there is; its table where it cannot be drawn."""
    scene = drawing(view.figure, _PIXELS, min(view.height, most / _PER_PIXEL))
    if scene is None:
        return _table(paper, view, y, most)
    return paper.scene(scene, MARGIN, y, ACROSS)


def _table(paper: Paper, view: ChartView, y: float, most: float) -> float:
    """The first rows and columns of a chart's table; more of it is in the other files."""
    columns = view.table.columns[:_TABLE_COLUMNS]
    wide = ACROSS / len(columns)
    rows = [view.table.header, *view.table.formatted()]
    for index, row in enumerate(rows[: max(int(most / _ROW), 2)]):
        for place, (text, column) in enumerate(zip(row, columns, strict=False)):
            x, inside = MARGIN + place * wide, wide - 2
            paper.line_of_text(x, y + _ROW / 2, inside, text, 8, bold=index == 0, right=column.is_numeric)
        y += _ROW
        paper.rule(y)
    return y


def _channels(paper: Paper, report: ReportData, y: float) -> float:
    y = _title(paper, f"Channels: medians with {report.range_name}s, carryover included", y)
    _row(paper, y, report.channel_header, bold=True)
    shown = _shown(report)
    for line in shown:
        y += _ROW
        paper.rule(y)
        texts = (line.name, line.spend, line.contribution, line.returned, line.returned_range, line.next_one)
        _row(paper, y, (*texts, line.next_range, _SHORT.get(line.verdict, line.verdict)))
    left = len(report.channels) - len(shown)
    if left:
        y += _ROW
        text = f"{left} more with less spend: they are in the workbook and the HTML report."
        paper.line_of_text(MARGIN, y + _ROW / 2, ACROSS, text, 8, theme.TEXT)
    return y + _ROW


def _shown(report: ReportData) -> list[ChannelLine]:
    """All channels, or those with most spend, in the order of the file."""
    spend = {channel.name: channel.spend for channel in report.results.channels}
    largest = sorted(spend, key=lambda name: spend[name], reverse=True)[:MOST_CHANNELS]
    return [line for line in report.channels if line.name in largest]


def _row(paper: Paper, y: float, texts: Sequence[str], *, bold: bool = False) -> None:
    x = MARGIN
    for column, (text, width) in enumerate(zip(texts, _COLUMNS, strict=True)):
        right = 0 < column < len(_COLUMNS) - 1
        inside = width - (1.5 if right else 0)
        start = x + (3 if column == len(_COLUMNS) - 1 else 0)
        size = 7 if bold else 8
        paper.line_of_text(start, y + _ROW / 2, inside - (3 if start > x else 0), text, size, bold=bold, right=right)
        x += width


def _table_height(report: ReportData) -> float:
    rows = len(_shown(report)) + 1 + (len(report.channels) > MOST_CHANNELS)
    return 6.0 + rows * _ROW


def _steps(report: ReportData) -> list[tuple[str, str]]:
    """Sentence and reason of each recommendation, or why there are none."""
    found = [(f"{number}. {one.sentence}", one.reason) for number, one in enumerate(report.recommendations, start=1)]
    return found or [(report.without_recommendations, "")]


def _next_steps(paper: Paper, report: ReportData, y: float) -> float:
    y = _title(paper, "What to do next", y)
    for sentence, reason in _steps(report):
        y = paper.paragraph(MARGIN, y, ACROSS, sentence, 9.5)
        y = paper.paragraph(MARGIN + 4, y, ACROSS - 4, reason, 8, theme.TEXT) + 1 if reason else y
    return y


def _steps_height(paper: Paper, report: ReportData) -> float:
    heights = [
        paper.height_of(sentence, ACROSS, 9.5) + (paper.height_of(reason, ACROSS - 4, 8) + 1 if reason else 0)
        for sentence, reason in _steps(report)
    ]
    return 6.0 + sum(heights)


def _footnotes(paper: Paper, notes: Sequence[str], size: float, y: float) -> None:
    """What to know of the data."""
    y = _title(paper, "What to know of the data", y)
    for note in notes:
        y = paper.paragraph(MARGIN, y, ACROSS, note, size, theme.TEXT)


def _notes_height(paper: Paper, notes: Sequence[str], size: float) -> float:
    return 6.0 + sum(paper.height_of(note, ACROSS, size) for note in notes)


def _one_less(notes: list[str]) -> list[str]:
    """Notes without the last, and a line that counts what was left out."""
    counted = notes[-1].startswith("And ")
    left = int(notes[-1].split()[1]) + 1 if counted else 1
    kept = notes[: -2 if counted else -1]
    return [*kept, f"And {left} more: the whole list is in the workbook and the HTML report."]


def _title(paper: Paper, text: str, y: float) -> float:
    paper.line_of_text(MARGIN, y + 2.5, ACROSS, text, 11, bold=True)
    return y + 6.0


def _chart_named(report: ReportData, key: str) -> ChartView | None:
    return next((view for view in report.charts if view.key == key), None)


def _footer(paper: Paper, report: ReportData, page: int) -> None:
    paper.rule(_FOOT)
    paper.line_of_text(MARGIN, _FOOT + 3.2, ACROSS - 12, " · ".join(report.stamp), 7, theme.TEXT)
    paper.line_of_text(MARGIN, _FOOT + 3.2, ACROSS, f"{page} / 2", 7, theme.TEXT, right=True)
    if paper.missing:
        text = "□: letters that this file's face does not hold; the workbook and the HTML report show them."
        paper.line_of_text(MARGIN, _FOOT + 6.8, ACROSS, text, 7, theme.TEXT)
