"""A chart with everything that belongs to it: title, takeaway, figure, data table."""

import dataclasses
from typing import Any

import reflex as rx
from plotly.graph_objects import Figure

from mixmodel_app.components.buttons import plain_link, quiet_button, quiet_link
from mixmodel_app.components.data_table import plain_table
from mixmodel_app.components.icons import icon
from mixmodel_app.components.layout import row
from mixmodel_app.components.values import FromState


@dataclasses.dataclass
class ChartData:
    """What state holds of a chart: only what the page shows. Made by `chart_data`.

    Attributes:
        figure: Plotly's `{"data": …, "layout": …}`.
        columns, rows: the data table, formatted.
        height: of the figure in pixels: 240, 320 or 420.
        csv: where its table can be fetched as a file; "" when it cannot.
        saveable: whether it may be taken away as a picture.
    """

    key: str = ""
    title: str = ""
    subtitle: str = ""
    takeaway: str = ""
    alt: str = ""
    height: int = 320
    figure: dict[str, Any] = dataclasses.field(default_factory=dict)
    columns: list[str] = dataclasses.field(default_factory=list)
    rows: list[list[str]] = dataclasses.field(default_factory=list)
    csv: str = ""
    saveable: bool = True


def chart_frame(chart: FromState) -> rx.Component:
    """One chart, a `ChartData`; inside `rx.foreach(State.charts, chart_frame)` or on its own."""
    return rx.el.figure(
        rx.el.figcaption(
            rx.el.h3(chart.title),
            rx.el.p(chart.subtitle, class_name="mm-chart-subtitle"),
            rx.el.p(chart.takeaway, class_name="mm-takeaway"),
        ),
        rx.el.div(
            rx.plotly.cartesian(
                data=chart.figure.to(Figure),
                template=None,
                config={"displayModeBar": False, "responsive": True},
                use_resize_handler=True,
                width="100%",
                height="100%",
            ),
            role="img",
            aria_label=chart.alt,
            class_name="mm-chart",
            style={"height": chart.height.to_string() + "px"},
        ),
        rx.el.div(
            rx.el.details(
                rx.el.summary("View data"),
                plain_table(chart.columns, chart.rows, caption=chart.title),
                class_name="mm-chart-data",
            ),
            rx.cond(chart.saveable, _downloads(chart), rx.fragment()),
            class_name="mm-chart-foot",
        ),
        class_name="mm-card mm-chart-frame",
        id="chart-" + chart.key,
    )


def _downloads(chart: FromState) -> rx.Component:
    """The chart as a picture, made by assets/pictures.js, and its table as a file."""
    pictures = [
        quiet_button(
            kind.upper(),
            icon_name="image-down",
            aria_label=f"Download {kind.upper()}: " + chart.title,
            custom_attrs={"data-picture": kind},
        )
        for kind in ("png", "svg")
    ]
    table = plain_link(
        icon("download", size=16),
        "Table (CSV)",
        href=chart.csv,
        download=True,
        aria_label="Download table (CSV): " + chart.title,
    )
    return row(*pictures, rx.cond(chart.csv, quiet_link(table), rx.fragment()), class_name="mm-row mm-chart-files")
