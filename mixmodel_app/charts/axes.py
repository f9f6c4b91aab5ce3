"""Axes whose tick labels are written by `wording.numbers`, so that an axis, a label and a table read the same."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import plotly.graph_objects as go

from mixmodel_app.charts import theme
from mixmodel_app.charts.text import safe
from mixmodel_app.wording import numbers

Writer = Callable[[float], str]
_STEPS = (1, 2, 5, 10)


def category_axis(figure: go.Figure, labels: Sequence[str], **place: Any) -> None:
    """Rows from top to bottom at y = 0, 1, …: positions, so that two labels that look alike stay two rows."""
    figure.update_yaxes(
        tickvals=list(range(len(labels))),
        ticktext=list(labels),
        range=[len(labels) - 0.5, -0.5],
        showgrid=False,
        **place,
    )


def value_axis(low: float, high: float, write: Writer, ticks: int = 5) -> dict[str, Any]:
    """Range and at most about `ticks` round ticks from `low` to `high`, for `update_xaxes` or `update_yaxes`."""
    if high <= low:
        high = low + 1
    step = round_step((high - low) / ticks)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    values = [index * step for index in range(first, last + 1)]
    return {"range": [low, high], "tickvals": values, "ticktext": [safe(write(value)) for value in values]}


def round_step(least: float) -> float:
    """The smallest of 1, 2, 5 × 10ᵏ that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in _STEPS if factor * power >= least * (1 - 1e-9))


def date_axis(figure: go.Figure) -> None:
    """Few dates along x, and dates in hover boxes as in prose."""
    figure.update_xaxes(nticks=5, hoverformat="%-d %b %Y")


def money_ticks(value: float) -> str:
    """Money on an axis: short, and without decimals that say nothing ("€1", "€0.50", "€20k")."""
    return _without_zeros(numbers.money(value))


def outcome_ticks(value: float) -> str:
    """The same for amounts of the outcome."""
    return _without_zeros(numbers.outcome(value))


def return_ticks(value: float) -> str:
    """The same for returns, which may be too small for two decimals where the outcome is a count."""
    return _without_zeros(numbers.roas(value))


def exposure_ticks(value: float) -> str:
    """The same for impressions and clicks."""
    return _without_zeros(numbers.short(value))


def _without_zeros(text: str) -> str:
    return text.removesuffix(f"{numbers.look().number_format.decimal}00")


def share_ticks(value: float) -> str:
    """Shares on an axis: "0 %", "20 %"."""
    return f"{numbers.plain(round(value * 100, 6))} %"


def edge_anchor(value: float, low: float, high: float) -> str:
    """How a label at `value` is anchored so that it stays inside a plot from `low` to `high`."""
    place = (value - low) / (high - low)
    return "left" if place < 0.2 else "right" if place > 0.7 else "center"


def reference_line(figure: go.Figure, *, x: float | None = None, y: float | None = None, **more: Any) -> None:
    """A neutral line across the plot: break-even, zero, a threshold."""
    line = {"color": theme.NEUTRAL, "width": 1.5, "dash": "dot"}
    if x is not None:
        figure.add_vline(x=x, line=line, layer="below", **more)
    if y is not None:
        figure.add_hline(y=y, line=line, layer="below", **more)
