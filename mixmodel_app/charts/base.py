"""What a chart is, and where the charts are found.

A chart is one file with a `build` function under `@chart(key, views=…, order=…)`, from results to a `ChartView`; a
chart of a budget plan has `@plan_chart(key, order=…)` and gets the plan too, one of data before any fit has
`@data_chart(key, order=…)` and gets what the data can tell. Pages and exports read the registries.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from numbers import Real

import plotly.graph_objects as go

from mixmodel_app.domain.answerability import Answerability
from mixmodel_app.domain.budget import BudgetPlan
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.registry import Registry, import_all
from mixmodel_app.wording.numbers import Cell, Format, adding_up, cell

VIEWS = ("executive", "manager", "analyst")


@dataclass(frozen=True, slots=True)
class ChartOptions:
    """How a reader wants charts.

    Attributes:
        worth: what 1 of the outcome leaves before the cost of media: the margin of money, in (0, 1], or the money that
            one of a count is worth; None where that is not known.
        is_part: the results are those of a period that the reader chose, not of all data.
    """

    worth: float | None = 1.0
    is_part: bool = False

    @property
    def break_even(self) -> float | None:
        """The return per 1 spent at which nothing is won or lost; None where that is not known."""
        return None if self.worth is None else 1 / self.worth


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its header and how its numbers are written."""

    label: str
    style: Format = Format.TEXT

    @property
    def is_numeric(self) -> bool:
        return self.style not in (Format.TEXT, Format.DATE)


@dataclass(frozen=True, slots=True)
class ChartTable:
    """Exactly the numbers drawn: raw in `rows` (None: not known), written by `formatted`.

    `adds_up` is the column of amounts whose last row is the total of the others: as written they add up to it.

    Raises:
        ValueError: a row has more or fewer cells than there are columns, or a date is not written as in ISO 8601.
        TypeError: a cell is neither text nor number nor None.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    adds_up: int | None = None

    def __post_init__(self) -> None:
        for row in self.rows:
            for value, column in zip(row, self.columns, strict=True):
                if column.style is Format.DATE and value is not None:
                    date.fromisoformat(str(value)[:10])
                elif not isinstance(value, str | Real | None):
                    raise TypeError(f"{column.label}: {value!r} is neither text nor number nor None.")

    @property
    def header(self) -> list[str]:
        return [column.label for column in self.columns]

    def formatted(self) -> list[list[str]]:
        """The rows as people read them."""
        return [
            [cell(value, column.style) for value, column in zip(row, self.columns, strict=True)]
            for row in self._written()
        ]

    def _written(self) -> tuple[tuple[Cell, ...], ...]:
        at = self.adds_up
        if at is None:
            return self.rows
        *parts, total = [value for row in self.rows if isinstance(value := row[at], int | float)]
        written = (*adding_up(parts, total), total)
        return tuple((*row[:at], value, *row[at + 1 :]) for row, value in zip(self.rows, written, strict=True))


@dataclass(frozen=True, slots=True)
class ChartView:
    """One chart, ready for a page or an export.

    Attributes:
        title: the finding when there is one, else a question.
        subtitle: metric, unit, period and interval level.
        takeaway: one sentence, complete without the picture.
        height: px, so that a skeleton has the final size.
    """

    key: str
    title: str
    subtitle: str
    figure: go.Figure
    takeaway: str
    table: ChartTable
    height: int

    @property
    def alt(self) -> str:
        """The text alternative: what the picture says, and where its numbers are."""
        return f"{self.takeaway} Data table follows."


Builder = Callable[[ModelResults, ChartOptions], ChartView]
PlanBuilder = Callable[[BudgetPlan, ModelResults, ChartOptions], ChartView]
DataBuilder = Callable[[Answerability, ChartOptions], ChartView]


@dataclass(frozen=True, slots=True)
class Chart:
    """A registered chart of results: the views that show it, and its place in them.

    A `late` one is large and read by few: a page builds it once it is asked for. One with `brief` is worth a place in
    the two-page brief, where there is room.
    """

    key: str
    views: tuple[str, ...]
    order: int
    build: Builder
    late: bool = False
    brief: bool = False

    @property
    def is_for_slides(self) -> bool:
        """Whether people who present need it: what only an analyst reads stays in the workbook and the HTML page."""
        return self.views != ("analyst",)


@dataclass(frozen=True, slots=True)
class PlanChart:
    """A registered chart of a budget plan."""

    key: str
    order: int
    build: PlanBuilder


@dataclass(frozen=True, slots=True)
class DataChart:
    """A registered chart of a dataset before any fit."""

    key: str
    order: int
    build: DataBuilder


CHARTS: Registry[Chart] = Registry("chart")
PLAN_CHARTS: Registry[PlanChart] = Registry("plan chart")
DATA_CHARTS: Registry[DataChart] = Registry("data chart")


def chart(
    key: str, *, views: tuple[str, ...], order: int, late: bool = False, brief: bool = False
) -> Callable[[Builder], Builder]:
    """Register a builder as the chart `key` of some views; lower `order` comes first, `late` ones when asked for."""
    if unknown := set(views) - set(VIEWS):
        raise ValueError(f"The chart {key!r} names unknown views: {', '.join(sorted(unknown))}.")

    def add(build: Builder) -> Builder:
        CHARTS.register(key)(Chart(key, views, order, build, late, brief))
        return build

    return add


def plan_chart(key: str, *, order: int) -> Callable[[PlanBuilder], PlanBuilder]:
    """Register a builder as a chart of the budget planner."""

    def add(build: PlanBuilder) -> PlanBuilder:
        PLAN_CHARTS.register(key)(PlanChart(key, order, build))
        return build

    return add


def data_chart(key: str, *, order: int) -> Callable[[DataBuilder], DataBuilder]:
    """Register a builder as a chart of a dataset before any fit."""

    def add(build: DataBuilder) -> DataBuilder:
        DATA_CHARTS.register(key)(DataChart(key, order, build))
        return build

    return add


def all_charts() -> tuple[Chart, ...]:
    """Every chart of results, in order."""
    _import_charts()
    return tuple(sorted(CHARTS, key=lambda item: item.order))


def charts_for(view: str) -> tuple[Chart, ...]:
    """The charts of one view ("executive", "manager", "analyst"), in order."""
    return tuple(item for item in all_charts() if view in item.views)


def plan_charts() -> tuple[PlanChart, ...]:
    """The charts of the budget planner, in order."""
    _import_charts()
    return tuple(sorted(PLAN_CHARTS, key=lambda item: item.order))


def data_charts() -> tuple[DataChart, ...]:
    """The charts of a dataset, in order."""
    _import_charts()
    return tuple(sorted(DATA_CHARTS, key=lambda item: item.order))


@cache
def _import_charts() -> None:
    import_all("mixmodel_app.charts")
