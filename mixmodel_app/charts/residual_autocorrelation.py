"""Do misses repeat? Autocorrelation of the residuals by lag."""

import math

import numpy as np
import plotly.graph_objects as go

from mixmodel_app.charts import marks, theme
from mixmodel_app.charts.axes import reference_line, value_axis
from mixmodel_app.charts.base import ChartOptions, ChartTable, ChartView, Column, chart
from mixmodel_app.charts.text import period_word, period_words, subtitle
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.wording import numbers
from mixmodel_app.wording.numbers import Format

_MOST_LAGS = 26
_TWO_SIDED_95 = 1.96


@chart("residual_autocorrelation", views=("analyst",), order=30)
def build(results: ModelResults, options: ChartOptions) -> ChartView:
    """Autocorrelation at lags 1 to 26 with the band that white noise stays in 95 % of the time."""
    values = autocorrelation(results.fit.residuals, min(_MOST_LAGS, results.n_periods // 4))
    limit = _TWO_SIDED_95 / math.sqrt(results.n_periods)
    title, takeaway = _finding(values, limit, period_word(results), period_words(results))
    return ChartView(
        key="residual_autocorrelation",
        title=title,
        subtitle=subtitle(results, "Correlation of residuals by lag, shaded = what chance alone gives (95 %)"),
        figure=_figure(values, limit),
        takeaway=takeaway,
        table=ChartTable(
            columns=(
                Column(f"Lag ({period_words(results)})", Format.COUNT),
                Column("Autocorrelation", Format.NUMBER),
                Column("Chance limit", Format.NUMBER),
            ),
            rows=tuple((lag, value, limit) for lag, value in enumerate(values, start=1)),
        ),
        height=theme.SMALL,
    )


def autocorrelation(series: list[float], lags: int) -> list[float]:
    """Sample autocorrelation at lags 1 … `lags`: r_k = Σ (x_t − x̄)(x_{t−k} − x̄) / Σ (x_t − x̄)²; zeros if constant."""
    centred = np.asarray(series) - np.mean(series)
    power = float(centred @ centred)
    if power == 0:
        return [0.0] * lags
    return [float(centred[lag:] @ centred[:-lag]) / power for lag in range(1, lags + 1)]


def _finding(values: list[float], limit: float, word: str, words: str) -> tuple[str, str]:
    outside = sum(abs(value) > limit for value in values)
    first = values[0] if values else 0.0
    ratio = f"{outside} of {len(values)} lags lie outside what chance gives"
    text = f"The correlation with the {word} before is {numbers.plain(first)}; {ratio}."
    if outside <= max(0.1 * len(values), 1):
        return "Misses do not repeat", text
    return f"Misses repeat over {words}", f"{text} Something that lasts is missing from the model."


def _figure(values: list[float], limit: float) -> go.Figure:
    figure = marks.new_figure(theme.SMALL)
    figure.add_hrect(y0=-limit, y1=limit, fillcolor=theme.alpha(theme.NEUTRAL, 0.15), line_width=0, layer="below")
    reference_line(figure, y=0)
    figure.add_bar(
        x=list(range(1, len(values) + 1)),
        y=values,
        width=0.5,
        marker={"color": theme.ACCENT},
        hovertemplate="lag %{x}: %{y:.2f}<extra></extra>",
    )
    reach = 1.2 * max([limit, *(abs(value) for value in values)])
    figure.update_yaxes(value_axis(-reach, reach, numbers.plain))
    figure.update_xaxes(nticks=8, tickformat="d")
    return figure
