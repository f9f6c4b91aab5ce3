"""From a chart of the registry to what state holds of it."""

import json
from typing import Any

from mixmodel_app.charts.base import ChartView
from mixmodel_app.components.chart_frame import ChartData


def chart_data(view: ChartView) -> ChartData:
    """The figure as Plotly's JSON, the table as texts."""
    figure: dict[str, Any] = json.loads(view.figure.to_json() or "{}")
    return ChartData(
        key=view.key,
        title=view.title,
        subtitle=view.subtitle,
        takeaway=view.takeaway,
        alt=view.alt,
        height=view.height,
        figure=figure,
        columns=view.table.header,
        rows=view.table.formatted(),
    )
