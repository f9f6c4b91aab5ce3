"""Is what is left unexplained as the model assumes? Residuals against the quantiles of a normal distribution."""

from statistics import NormalDist, fmean, pstdev

import plotly.graph_objects as go
from scipy.special import betaincinv

from mixmodel_app.charts import marks, theme
from mixmodel_app.charts.axes import value_axis
from mixmodel_app.charts.base import ChartOptions, ChartTable, ChartView, Column, chart
from mixmodel_app.charts.text import hover, subtitle
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.wording import numbers
from mixmodel_app.wording.numbers import Format

_NORMAL = NormalDist()
_LEVEL = 0.95
Point = tuple[str, float, float, float, float]


@chart("residual_qq", views=("analyst",), order=32)
def build(results: ModelResults, options: ChartOptions) -> ChartView:
    """Standardised residuals in rising order, with the band that each would lie in 95 % of the time."""
    points = quantiles(results.fit.dates, results.fit.residuals)
    outside = sum(not low <= value <= high for _, _, value, low, high in points)
    usual = outside <= max(0.1 * len(points), 1)
    return ChartView(
        key="residual_qq",
        title="Residuals look normal" if usual else "Residuals have other tails than the model assumes",
        subtitle=subtitle(results, "Residuals in standard deviations against a normal distribution, shaded = 95 %"),
        figure=_figure(points),
        takeaway=f"{outside} of {len(points)} residuals lie outside the range that normal noise would give each of them"
        f"; the largest in size is {numbers.plain(max((p[2] for p in points), key=abs))} standard deviations.",
        table=ChartTable(
            columns=(
                Column("Date", Format.DATE),
                Column("Expected", Format.NUMBER),
                Column("Residual", Format.NUMBER),
                Column("95 % from", Format.NUMBER),
                Column("95 % to", Format.NUMBER),
            ),
            rows=tuple(points),
        ),
        height=theme.MEDIUM,
    )


def quantiles(dates: list[str], residuals: list[float]) -> list[Point]:
    """Date, expected value, standardised residual and its 95 % range, in rising order of the residual.

    The i-th of n ordered uniform values follows Beta(i, n + 1 − i); its median and ends become normal quantiles.
    """
    spread, centre, size = pstdev(residuals) or 1.0, fmean(residuals), len(residuals)
    order = sorted(range(size), key=lambda index: residuals[index])
    ends = (0.5, (1 - _LEVEL) / 2, (1 + _LEVEL) / 2)
    points: list[Point] = []
    for place, index in enumerate(order, start=1):
        expected, low, high = (_NORMAL.inv_cdf(float(betaincinv(place, size + 1 - place, end))) for end in ends)
        points.append((dates[index], expected, (residuals[index] - centre) / spread, low, high))
    return points


def _figure(points: list[Point]) -> go.Figure:
    figure = marks.new_figure(theme.MEDIUM)
    x = [point[1] for point in points]
    figure.add_scatter(
        x=[*x, *reversed(x)],
        y=[*(point[4] for point in points), *(point[3] for point in reversed(points))],
        mode="lines",
        line={"width": 0},
        fill="toself",
        fillcolor=theme.alpha(theme.NEUTRAL, 0.15),
        hoverinfo="skip",
    )
    line = {"color": theme.NEUTRAL, "width": 1.5, "dash": "dot"}
    figure.add_scatter(x=[x[0], x[-1]], y=[x[0], x[-1]], mode="lines", line=line, hoverinfo="skip")
    figure.add_scatter(
        x=x,
        y=[point[2] for point in points],
        mode="markers",
        marker={"color": theme.ACCENT, "size": 6},
        hovertext=[
            hover(numbers.date_text(day), f"{numbers.plain(value)}, expected {numbers.plain(expected)}")
            for day, expected, value, _, _ in points
        ],
        hoverinfo="text",
    )
    reach = 1.08 * max(abs(value) for point in points for value in point[1:])
    figure.update_yaxes(value_axis(-reach, reach, numbers.plain), title_text="residual")
    figure.update_xaxes(value_axis(1.05 * x[0], 1.05 * x[-1], numbers.plain), title_text="expected")
    return figure
