"""What a chart is, and where the charts are found.

A chart is one file with a `build` function under `@chart(key, views=…, order=…)`, from results to a `ChartView`; a
chart of a budget plan has `@plan_chart(key, order=…)` and gets the plan too. Pages and exports read the registries.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import plotly.graph_objects as go

from mixmodel_app.domain.budget import BudgetPlan
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.registry import Registry, import_all
from mixmodel_app.wording.numbers import Cell, Format, cell

VIEWS = ("executive", "manager", "analyst")


@dataclass(frozen=True, slots=True)
class ChartOptions:
    """How a reader wants charts. `currency` is a symbol or a code, "" when the file does not say."""

    currency: str = ""


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
    """Exactly the numbers drawn: raw in `rows` (None: not known), written by `formatted`."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    currency: str = ""

    @property
    def header(self) -> list[str]:
        return [column.label for column in self.columns]

    def formatted(self) -> list[list[str]]:
        """The rows as people read them."""
        return [
            [cell(value, column.style, self.currency) for value, column in zip(row, self.columns, strict=True)]
            for row in self.rows
        ]


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


@dataclass(frozen=True, slots=True)
class Chart:
    """A registered chart of results: the views that show it, and its place in them."""

    key: str
    views: tuple[str, ...]
    order: int
    build: Builder


@dataclass(frozen=True, slots=True)
class PlanChart:
    """A registered chart of a budget plan."""

    key: str
    order: int
    build: PlanBuilder


CHARTS: Registry[Chart] = Registry("chart")
PLAN_CHARTS: Registry[PlanChart] = Registry("plan chart")


def chart(key: str, *, views: tuple[str, ...], order: int) -> Callable[[Builder], Builder]:
    """Register a builder as the chart `key` of some views; lower `order` comes first."""
    if unknown := set(views) - set(VIEWS):
        raise ValueError(f"The chart {key!r} names unknown views: {', '.join(sorted(unknown))}.")

    def add(build: Builder) -> Builder:
        CHARTS.register(key)(Chart(key, views, order, build))
        return build

    return add


def plan_chart(key: str, *, order: int) -> Callable[[PlanBuilder], PlanBuilder]:
    """Register a builder as a chart of the budget planner."""

    def add(build: PlanBuilder) -> PlanBuilder:
        PLAN_CHARTS.register(key)(PlanChart(key, order, build))
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


@cache
def _import_charts() -> None:
    import_all("mixmodel_app.charts")
