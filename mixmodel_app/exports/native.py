"""What office programs can draw of a chart's table, with a chart that people can edit.

A table says what it is by its shape. Rising dates in the first column: lines over time, stacked when the figure is.
Names that repeat: a small chart for each name, x in the first column of numbers. Names that do not: bars. Columns
"94 % from" and "94 % to" are the range of the value before them; of several the last is drawn. Other ends and quantiles
stay in the table. What has no such shape is no chart, and reports show its table.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby, takewhile

from mixmodel_app.charts import theme
from mixmodel_app.charts.base import ChartView, Column
from mixmodel_app.charts.theme import ChannelStyle
from mixmodel_app.charts.totals import BASELINE, CONTROLS, TOTAL, UNEXPLAINED
from mixmodel_app.exports.clean import without_controls
from mixmodel_app.wording.numbers import Cell, Format, is_known

MOST_BARS = 24
_MOST_SERIES, _MOST_CURVES = 12, 4
_FROM, _TO = " from", " to"
_NO_VALUE = re.compile(r".* (from|to)|SD|.*\d %")
_RANGE = re.compile(r"\d+ %( HDI)?( from| to)")
_NEUTRAL = (BASELINE, CONTROLS, UNEXPLAINED, "Baseline and controls")
_OBSERVED = "Actual"
_LAYERS = (theme.ACCENT, theme.NEUTRAL, theme.LIME)

Row = tuple[Cell, ...]


class Kind(StrEnum):
    """The charts of office programs that are used."""

    BARS = "bars"
    COLUMNS = "columns"
    RING = "ring"
    LINES = "lines"
    AREAS = "areas"
    CURVE = "curve"


@dataclass(frozen=True, slots=True)
class Series:
    """One series: a value for each category, None where it is not known; `lo` and `hi` are empty without ranges.

    The columns are places in the chart's table.
    """

    name: str
    values: tuple[float | None, ...]
    style: Format
    colour: str
    column: int
    lo: tuple[float | None, ...] = ()
    hi: tuple[float | None, ...] = ()
    lo_column: int = 0
    hi_column: int = 0
    lo_name: str = ""
    hi_name: str = ""


@dataclass(frozen=True, slots=True)
class NativeChart:
    """One chart for an office program.

    Attributes:
        categories: texts, ISO dates or numbers; the x values of a curve.
        series: at least one, each with a value that is known; all in one unit.
        colours: of each category, where bars or slices differ; else empty.
        rows: first and last row of the table (from 0) that it shows, so that a workbook can point at its cells.
        category_column: where the categories stand in the table; None where they are put together from several columns.
        left_out: how many more rows have values of this kind.
    """

    kind: Kind
    title: str
    categories: tuple[str | float, ...]
    series: tuple[Series, ...]
    colours: tuple[str, ...]
    rows: tuple[int, int]
    category_style: Format = Format.TEXT
    category_column: int | None = 0
    left_out: int = 0

    @property
    def needs_legend(self) -> bool:
        """Small charts of one series have none: their title names it, and what dashes mean is said once."""
        ranged_line = self.has_dashes and not self.title
        return self.kind is Kind.RING or len(self.series) > 1 or ranged_line

    @property
    def has_dashes(self) -> bool:
        """Whether the ends of ranges are dashed lines."""
        return self.kind in (Kind.LINES, Kind.CURVE) and any(one.lo for one in self.series)


def native_charts(view: ChartView, styles: Mapping[str, ChannelStyle]) -> list[NativeChart]:
    """The charts that show a view's table; none when it has no shape or no number to draw."""
    columns, rows = view.table.columns, view.table.rows
    numeric = [index for index, column in enumerate(columns) if column.is_numeric]
    if not rows or not numeric:
        return []
    if columns[0].style is Format.TEXT:
        return _of_names(view, columns, rows, styles)
    x = numeric[0]
    if columns[0].style is Format.DATE and _rising(rows, 0) == (0, len(rows)):
        x = 0
    return list(_along(view, columns, rows, x, styles))


def _along(
    view: ChartView, columns: Sequence[Column], rows: Sequence[Row], x: int, styles: Mapping[str, ChannelStyle]
) -> Iterator[NativeChart]:
    """All rows in one chart: over time, by whole numbers, or as a curve."""
    first, end = _rising(rows, x)
    shown = rows[first:end]
    style = columns[x].style
    kind = {Format.DATE: Kind.LINES, Format.COUNT: Kind.COLUMNS}.get(style, Kind.CURVE)
    if style is Format.DATE and any(getattr(trace, "stackgroup", None) for trace in view.figure.data):
        kind = Kind.AREAS
    series = _series(columns, shown, range(x + 1, len(columns)), styles)
    if len(shown) > 1 and 0 < len(series) <= _MOST_SERIES:
        yield NativeChart(kind, "", _categories(shown, x), series, (), (first, end - 1), style, x)


def _of_names(
    view: ChartView, columns: Sequence[Column], rows: Sequence[Row], styles: Mapping[str, ChannelStyle]
) -> list[NativeChart]:
    """Bars for names that differ, else a chart for each name, else bars for what all texts of a row name together."""
    texts = len(list(takewhile(lambda column: column.style is Format.TEXT, columns)))
    for label in (1, texts):
        names = [_label(row, label) for row in rows]
        if len(set(names)) == len(names):
            return list(_bars(view, columns, rows, names, styles))
        if charts := list(_panels(columns, rows, styles)):
            return charts
    return []


def _bars(
    view: ChartView,
    columns: Sequence[Column],
    rows: Sequence[Row],
    names: Sequence[str],
    styles: Mapping[str, ChannelStyle],
) -> Iterator[NativeChart]:
    """Bars for the rows that have a value, or a ring where the figure is one; a total is no part."""
    end = len(rows) - 1 if rows[-1][0] == TOTAL else len(rows)
    every = _series(columns, rows[:end], range(1, len(columns)), styles)
    known = [index for index in range(end) if any(one.values[index] is not None for one in every)]
    if not known or len(every) > _MOST_SERIES:
        return
    kind = Kind.RING if any(trace.type == "pie" for trace in view.figure.data) else Kind.BARS
    first, last = known[0], min(known[-1], known[0] + MOST_BARS - 1)
    shown = rows[first : last + 1]
    series = _series(columns, shown, range(1, len(columns)), styles)
    parts = names[first : last + 1]
    colours = tuple(_colour(str(row[0]), index, styles, ring=kind is Kind.RING) for index, row in enumerate(shown))
    if len(series) > 1:
        palette = (theme.NEUTRAL, theme.ACCENT, theme.LIME, *theme.CHANNEL_COLOURS)
        series = tuple(replace(one, colour=palette[index % len(palette)]) for index, one in enumerate(series))
        colours = ()
    own_column = 0 if all(name == row[0] for name, row in zip(parts, shown, strict=True)) else None
    categories = tuple(without_controls(name) for name in parts)
    hidden = sum(index > last for index in known)
    yield NativeChart(kind, "", categories, series, colours, (first, last), Format.TEXT, own_column, hidden)


def _panels(
    columns: Sequence[Column], rows: Sequence[Row], styles: Mapping[str, ChannelStyle]
) -> Iterator[NativeChart]:
    """A curve for each name: its longest piece with rising x, without single points that stand out of it."""
    x = next(index for index, column in enumerate(columns) if column.is_numeric)
    start = 0
    for name, group in groupby(rows, key=lambda row: str(row[0])):
        own = list(group)
        first, end = _rising(own, x)
        curve = own[first:end]
        series = _series(columns, curve, range(x + 1, len(columns)), styles)
        if name in styles or len(series) == 1:
            colour = styles[name].colour if name in styles else theme.ACCENT
            series = tuple(replace(one, colour=colour) for one in series)
        if len(curve) > 1 and 0 < len(series) <= _MOST_CURVES:
            place = (start + first, start + end - 1)
            title, points = without_controls(name), _categories(curve, x)
            yield NativeChart(Kind.CURVE, title, points, series, (), place, columns[x].style, x)
        start += len(own)


def _rising(rows: Sequence[Row], column: int) -> tuple[int, int]:
    """First row and end of the longest piece in which a column is known and rises."""
    best = (0, 0)
    start = 0
    for index, row in enumerate(rows):
        here = row[column] if isinstance(row[column], str) else _number(row[column])
        before = rows[index - 1][column] if index > start else None
        if here is None:
            start = index + 1
        elif before is not None and not _is_below(before, here):
            start = index
        if index + 1 - start > best[1] - best[0]:
            best = (start, index + 1)
    return best


def _is_below(first: Cell, second: Cell) -> bool:
    """Whether two ISO dates or two numbers rise."""
    if isinstance(first, str) or isinstance(second, str):
        return str(first) < str(second)
    return first is not None and second is not None and first < second


def _series(
    columns: Sequence[Column], rows: Sequence[Row], among: range, styles: Mapping[str, ChannelStyle]
) -> tuple[Series, ...]:
    """The columns of values in the unit of the first that has any, each with the range that follows it."""
    found: list[Series] = []
    for index in among:
        column = columns[index]
        values = tuple(_number(row[index]) for row in rows)
        if not column.is_numeric or _NO_VALUE.fullmatch(column.label) or all(value is None for value in values):
            continue
        if found and column.style is not found[0].style:
            continue
        lo, hi = _range_of(columns, index)
        found.append(
            Series(
                name=without_controls(column.label),
                values=values,
                style=column.style,
                colour=_colour(column.label, sum(one.colour != theme.INK for one in found), styles),
                column=index,
                lo=tuple(_number(row[lo]) for row in rows) if lo else (),
                hi=tuple(_number(row[hi]) for row in rows) if hi else (),
                lo_column=lo,
                hi_column=hi,
                lo_name=columns[lo].label if lo else "",
                hi_name=columns[hi].label if hi else "",
            )
        )
    return tuple(found)


def _range_of(columns: Sequence[Column], index: int) -> tuple[int, int]:
    """The columns with both ends of the last range that follows a value; zeros when it lacks one."""
    lo = hi = 0
    for place, column in enumerate(columns[index + 1 :], start=index + 1):
        if _RANGE.fullmatch(column.label):
            lo, hi = (place, hi) if column.label.endswith(_FROM) else (lo, place)
        elif column.is_numeric and not _NO_VALUE.fullmatch(column.label):
            break
    return (lo, hi) if lo and hi else (0, 0)


def _colour(name: str, index: int, styles: Mapping[str, ChannelStyle], *, ring: bool = False) -> str:
    """A channel's own colour, neutral for what is no channel, the accent for the rest."""
    if name in styles:
        return styles[name].colour
    if name == _OBSERVED:
        return theme.INK
    if name in _NEUTRAL or name.startswith(f"{theme.OTHER} ("):
        return theme.NEUTRAL
    if ring:
        return _LAYERS[index % len(_LAYERS)]
    return theme.ACCENT if index == 0 else theme.CHANNEL_COLOURS[(index + 1) % len(theme.CHANNEL_COLOURS)]


def _label(row: Row, texts: int) -> str:
    """What the first texts of a row name."""
    return " and ".join(str(cell) for cell in row[:texts])


def _categories(rows: Sequence[Row], index: int) -> tuple[str | float, ...]:
    """The cells of a column without gaps."""
    return tuple(cell if isinstance(cell := row[index], str) else float(cell or 0) for row in rows)


def _number(cell: Cell) -> float | None:
    return None if cell is None or isinstance(cell, str) or not is_known(cell) else float(cell)
