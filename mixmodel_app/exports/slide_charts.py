"""Charts of slides: native ones, with their numbers in a workbook inside, so that people can edit them."""

from datetime import date
from typing import Any

from pptx.chart.data import CategoryChartData, XyChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE, XL_TICK_LABEL_POSITION
from pptx.enum.dml import MSO_LINE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Pt

from mixmodel_app.charts import theme
from mixmodel_app.exports.native import Kind, NativeChart, Series
from mixmodel_app.exports.number_formats import number_format
from mixmodel_app.ingest.injection import neutralise
from mixmodel_app.wording.numbers import Format

_TYPES = {
    Kind.BARS: XL_CHART_TYPE.BAR_CLUSTERED,
    Kind.COLUMNS: XL_CHART_TYPE.COLUMN_CLUSTERED,
    Kind.RING: XL_CHART_TYPE.DOUGHNUT,
    Kind.LINES: XL_CHART_TYPE.LINE,
    Kind.AREAS: XL_CHART_TYPE.AREA_STACKED,
    Kind.CURVE: XL_CHART_TYPE.XY_SCATTER_LINES_NO_MARKERS,
}
_LINED = (Kind.LINES, Kind.CURVE)
_MOST_LABELLED = 12


def add_chart(slide: Any, chart: NativeChart, box: tuple[int, int, int, int], *, size: int) -> None:
    """Draw one chart into a box (left, top, width, height in EMU) with texts of `size` points."""
    frame = slide.shapes.add_chart(_TYPES[chart.kind], *box, _data(chart))
    drawn = frame.chart
    drawn.font.size, drawn.font.color.rgb = Pt(size), rgb(theme.TEXT)
    drawn.has_title = bool(chart.title)
    if chart.title:
        drawn.chart_title.text_frame.text = chart.title
        drawn.chart_title.text_frame.paragraphs[0].runs[0].font.size = Pt(size + 1)
        drawn.chart_title.include_in_layout = False
    drawn.has_legend = chart.needs_legend
    if drawn.has_legend:
        drawn.legend.position, drawn.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    _paint(drawn, chart)
    if chart.kind is not Kind.RING:
        _axes(drawn, chart)
    _labels(drawn, chart)


def rgb(colour: str) -> RGBColor:
    return RGBColor.from_string(colour[1:].upper())


def _data(chart: NativeChart) -> Any:
    """The numbers: each series, and for lines both ends of its range as series of their own."""
    lines = [line for series in chart.series for line in _lines(chart, series)]
    if chart.kind is Kind.CURVE:
        curve = XyChartData()
        for name, values in lines:
            own = curve.add_series(name)
            for x, y in zip(chart.categories, values, strict=True):
                if y is not None:
                    own.add_data_point(x, y)
        return curve
    data = CategoryChartData()
    dated = chart.category_style is Format.DATE
    data.categories = [date.fromisoformat(str(one)[:10]) if dated else _plain(one) for one in chart.categories]
    for name, values in lines:
        data.add_series(name, values)
    return data


def _plain(cell: str | float) -> str | float:
    """A text that the workbook inside the chart does not run as a formula."""
    return neutralise(cell) if isinstance(cell, str) else cell


def _lines(chart: NativeChart, series: Series) -> list[tuple[str, tuple[float | None, ...]]]:
    found = [(str(_plain(series.name)), series.values)]
    if chart.kind in _LINED and series.lo:
        found += [(series.lo_name, series.lo), (series.hi_name, series.hi)]
    return found


def _paint(drawn: Any, chart: NativeChart) -> None:
    shown = iter(drawn.plots[0].series)
    for series in chart.series:
        for position, _ in enumerate(_lines(chart, series)):
            _paint_series(next(shown), chart, series, thin=position > 0)


def _paint_series(own: Any, chart: NativeChart, series: Series, *, thin: bool) -> None:
    if chart.kind in _LINED:
        own.smooth = False
        own.format.line.color.rgb, own.format.line.width = rgb(series.colour), Pt(0.75 if thin else 2)
        own.format.line.dash_style = MSO_LINE.DASH if thin else MSO_LINE.SOLID
        own.marker.style = XL_MARKER_STYLE.NONE
        return
    own.format.fill.solid()
    own.format.fill.fore_color.rgb = rgb(series.colour)
    for index, colour in enumerate(chart.colours):
        point = own.points[index]
        point.format.fill.solid()
        point.format.fill.fore_color.rgb = rgb(colour)
    if series.lo and chart.kind in (Kind.BARS, Kind.COLUMNS):
        own.invert_if_negative = False
        _add_error_bars(own._element, series)


def _axes(drawn: Any, chart: NativeChart) -> None:
    values, categories = drawn.value_axis, drawn.category_axis
    values.tick_labels.number_format, values.tick_labels.number_format_is_linked = (
        number_format(chart.series[0].style),
        False,
    )
    values.major_gridlines.format.line.color.rgb = rgb(theme.GRID)
    values.format.line.fill.background()
    categories.format.line.color.rgb = rgb(theme.NEUTRAL)
    categories.has_major_gridlines = False
    categories.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    if chart.kind is Kind.BARS:
        categories.reverse_order = True
        values.tick_label_position = XL_TICK_LABEL_POSITION.HIGH
    if chart.kind in (Kind.BARS, Kind.COLUMNS):
        drawn.plots[0].gap_width = 60
    if chart.category_style is Format.DATE:
        categories.tick_labels.number_format, categories.tick_labels.number_format_is_linked = "mmm yyyy", False
    elif chart.kind is Kind.CURVE:
        written = number_format(chart.category_style)
        categories.tick_labels.number_format, categories.tick_labels.number_format_is_linked = written, False


def _labels(drawn: Any, chart: NativeChart) -> None:
    """The value at each bar or slice, while there are few."""
    plot = drawn.plots[0]
    if chart.kind not in (Kind.BARS, Kind.RING) or len(chart.categories) > _MOST_LABELLED or chart.series[0].lo:
        return
    plot.has_data_labels = True
    labels = plot.data_labels
    labels.number_format, labels.number_format_is_linked = number_format(chart.series[0].style), False
    labels.show_value = chart.kind is Kind.BARS
    labels.show_percentage = chart.kind is Kind.RING
    if chart.kind is Kind.RING:
        labels.number_format = "0%"


def _add_error_bars(series: Any, found: Series) -> None:
    """The range at each bar; the library has no call for it."""
    known = list(zip(found.values, found.lo, found.hi, strict=True))
    plus = [hi - value if value is not None and hi is not None else 0.0 for value, _, hi in known]
    minus = [value - lo if value is not None and lo is not None else 0.0 for value, lo, _ in known]
    bars = parse_xml(
        f'<c:errBars {nsdecls("c", "a")}><c:errBarType val="both"/><c:errValType val="cust"/><c:noEndCap val="0"/>'
        f"<c:plus>{_literal(plus)}</c:plus><c:minus>{_literal(minus)}</c:minus>"
        f'<c:spPr><a:ln w="{int(Pt(1.25))}"><a:solidFill><a:srgbClr val="{theme.INK[1:]}"/></a:solidFill></a:ln>'
        "</c:spPr></c:errBars>"
    )
    series.find(qn("c:cat")).addprevious(bars)


def _literal(values: list[float]) -> str:
    """Numbers inside a chart, as its format writes them."""
    points = "".join(f'<c:pt idx="{index}"><c:v>{value!r}</c:v></c:pt>' for index, value in enumerate(values))
    return f'<c:numLit><c:formatCode>General</c:formatCode><c:ptCount val="{len(values)}"/>{points}</c:numLit>'
