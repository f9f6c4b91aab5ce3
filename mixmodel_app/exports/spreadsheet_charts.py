"""Charts of a workbook that point at the cells beside them."""

from typing import Any

from openpyxl.chart import AreaChart, BarChart, DoughnutChart, LineChart, Reference, ScatterChart
from openpyxl.chart.data_source import AxDataSource, NumData, NumDataSource, NumRef, NumVal, StrData, StrRef, StrVal
from openpyxl.chart.error_bar import ErrorBars
from openpyxl.chart.marker import DataPoint
from openpyxl.chart.series import SeriesLabel
from openpyxl.chart.series_factory import SeriesFactory
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from mixmodel_app.charts import theme
from mixmodel_app.exports.clean import without_controls
from mixmodel_app.exports.native import Kind, NativeChart, Series
from mixmodel_app.exports.number_formats import number_format
from mixmodel_app.wording.numbers import Format

_WIDTH, _HEIGHT = 20.0, 10.0  # cm
_SMALL_WIDTH, _SMALL_HEIGHT = 12.0, 6.5
_ROWS_PER_CM = 2.0
_EMU_PER_POINT = 12700
_AXIS_FORMATS = {Kind.LINES: "mmm yyyy", Kind.AREAS: "mmm yyyy"}
_SCHEMA_ORDER = ("errDir", "errBarType", "errValType", "noEndCap", "plus", "minus", "val", "spPr")
_MAKERS = {
    Kind.BARS: BarChart,
    Kind.COLUMNS: BarChart,
    Kind.RING: DoughnutChart,
    Kind.LINES: LineChart,
    Kind.AREAS: AreaChart,
    Kind.CURVE: ScatterChart,
}


def place_charts(sheet: Worksheet, charts: list[NativeChart], title: str, first_column: int) -> None:
    """Put the charts of a table beside it; the table begins with its header in the first row."""
    small = len(charts) > 1
    width, height = (_SMALL_WIDTH, _SMALL_HEIGHT) if small else (_WIDTH, _HEIGHT)
    for index, chart in enumerate(charts):
        drawn = _chart(sheet, chart)
        drawn.title = chart.title or without_controls(title)
        drawn.title.overlay = False  # pyright: ignore[reportAttributeAccessIssue] (the text becomes a Title)
        drawn.width, drawn.height = width, height
        row, side = (index // 2, index % 2) if small else (index, 0)
        column = get_column_letter(first_column + side * 7)
        sheet.add_chart(drawn, f"{column}{2 + int(row * height * _ROWS_PER_CM)}")


def _chart(sheet: Worksheet, chart: NativeChart) -> Any:
    drawn = _MAKERS[chart.kind]()
    for series in chart.series:
        drawn.series.append(_series(sheet, chart, series, series.column, series.colour))
        if chart.kind in (Kind.LINES, Kind.CURVE) and series.lo_column:
            for column in (series.lo_column, series.hi_column):
                drawn.series.append(_series(sheet, chart, series, column, series.colour, thin=True))
    if chart.kind is not Kind.CURVE:
        for one in drawn.series:
            one.cat = _names(sheet, chart)
    if not chart.needs_legend:
        drawn.legend = None
    if chart.kind is Kind.RING:
        drawn.holeSize = 60
        return drawn
    drawn.x_axis.delete = drawn.y_axis.delete = False
    drawn.y_axis.number_format = number_format(chart.series[0].style)
    drawn.x_axis.number_format = _AXIS_FORMATS.get(chart.kind) or number_format(chart.category_style)
    drawn.y_axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill=theme.GRID[1:]))
    drawn.x_axis.tickLblPos = "low"
    if chart.kind is Kind.BARS:
        drawn.type, drawn.x_axis.scaling.orientation = "bar", "maxMin"
    if chart.kind in (Kind.BARS, Kind.COLUMNS):
        drawn.gapWidth = 60
    if chart.kind is Kind.CURVE:
        drawn.scatterStyle = "lineMarker"  # the library leaves it out, the schema does not
    if chart.kind is Kind.AREAS:
        drawn.grouping = "stacked"
    if chart.kind in (Kind.LINES, Kind.AREAS):
        drawn.x_axis.tickLblSkip = drawn.x_axis.tickMarkSkip = max(len(chart.categories) // 8, 1)
    return drawn


def _series(
    sheet: Worksheet, chart: NativeChart, series: Series, column: int, colour: str, *, thin: bool = False
) -> Any:
    values = _cells(sheet, chart, column)
    if chart.kind is Kind.CURVE:
        made = SeriesFactory(values, _cells(sheet, chart, chart.category_column or 0), title=None)
    else:
        made = SeriesFactory(values, title=None)
    made.tx = _title(sheet, column)
    if chart.kind in (Kind.LINES, Kind.CURVE):
        line = LineProperties(solidFill=colour[1:], w=int((0.75 if thin else 2) * _EMU_PER_POINT))
        line.prstDash = "dash" if thin else "solid"
        made.graphicalProperties = GraphicalProperties(ln=line)
        made.marker.symbol = "none"
        made.smooth = False
        return made
    made.graphicalProperties = GraphicalProperties(solidFill=colour[1:])
    for index, own in enumerate(chart.colours):
        made.dPt.append(DataPoint(idx=index, spPr=GraphicalProperties(solidFill=own[1:])))
    if series.lo and chart.kind in (Kind.BARS, Kind.COLUMNS):
        made.errBars = _error_bars(series)
    return made


def _names(sheet: Worksheet, chart: NativeChart) -> AxDataSource:
    """What stands along the axis: cells, or texts of their own where several cells make a name."""
    if chart.category_column is None:
        points = [StrVal(idx=index, v=str(name)) for index, name in enumerate(chart.categories)]
        return AxDataSource(strLit=StrData(ptCount=len(points), pt=points))
    cells = str(_cells(sheet, chart, chart.category_column))
    if chart.category_style is Format.TEXT:
        return AxDataSource(strRef=StrRef(f=cells))
    return AxDataSource(numRef=NumRef(f=cells))


def _error_bars(series: Series) -> ErrorBars:
    """The range as bars: how far its ends are from the value."""
    known = list(zip(series.values, series.lo, series.hi, strict=True))
    plus = [hi - value if value is not None and hi is not None else 0.0 for value, _, hi in known]
    minus = [value - lo if value is not None and lo is not None else 0.0 for value, lo, _ in known]
    bars: Any = ErrorBars(errBarType="both", errValType="cust", noEndCap=False)
    bars.plus, bars.minus = _literal(plus), _literal(minus)
    bars.__elements__ = _SCHEMA_ORDER  # the library writes minus first, which Excel takes for damage
    bars.spPr = GraphicalProperties(ln=LineProperties(solidFill=theme.INK[1:], w=int(1.25 * _EMU_PER_POINT)))
    return bars


def _literal(values: list[float]) -> NumDataSource:
    points = [NumVal(idx=index, v=repr(value)) for index, value in enumerate(values)]
    return NumDataSource(numLit=NumData(formatCode="General", ptCount=len(points), pt=points))


def _cells(sheet: Worksheet, chart: NativeChart, column: int) -> Reference:
    first, last = chart.rows
    return Reference(sheet, min_col=column + 1, min_row=first + 2, max_row=last + 2)


def _title(sheet: Worksheet, column: int) -> SeriesLabel:
    return SeriesLabel(strRef=StrRef(f"'{sheet.title}'!${get_column_letter(column + 1)}$1"))
