"""From a chart of the registry to what state holds of it."""

import json
from typing import Any

from mixmodel_app.charts.base import ChartView
from mixmodel_app.components.chart_frame import ChartData


def chart_data(view: ChartView, csv: str = "", *, saveable: bool = True) -> ChartData:
    """The figure as Plotly's JSON, the table as texts, where that can be fetched, and whether pictures may be made."""
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
        csv=csv,
        saveable=saveable,
    )
