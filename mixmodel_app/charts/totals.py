"""Contributions added up and grouped, the same way in every chart that shows parts of a whole."""

from collections.abc import Sequence
from dataclasses import dataclass

from mixmodel_app.charts import theme
from mixmodel_app.charts.theme import ChannelStyle
from mixmodel_app.domain.results import ModelResults

BASELINE = "Baseline"
CONTROLS = "Controls"
UNEXPLAINED = "Unexplained"
TOTAL = "Total"


@dataclass(frozen=True, slots=True)
class ChannelSeries:
    """Contribution per period of one channel, or of several that share the name "Other"."""

    name: str
    values: list[float]
    style: ChannelStyle

    @property
    def total(self) -> float:
        return sum(self.values)


def channel_series(results: ModelResults) -> list[ChannelSeries]:
    """Posterior mean contributions in channel order; beyond eight channels the smallest spenders as "Other"."""
    own, styles = theme.own_channels(results), theme.channel_styles(results)
    series = results.decomposition.channels
    shown = [ChannelSeries(name, series[name], styles[name]) for name in results.channel_names if name in own]
    rest = [series[name] for name in results.channel_names if name not in own]
    if rest:
        shown.append(ChannelSeries(f"{theme.OTHER} ({len(rest)})", add(rest), theme.OTHER_STYLE))
    return shown


def baseline_series(results: ModelResults) -> list[float]:
    """Level, trend and season per period: what would have sold with no marketing."""
    parts = results.decomposition
    return add([parts.intercept, parts.trend, parts.seasonality])


def control_series(results: ModelResults) -> list[float]:
    """All controls together, per period; zeros when there are none."""
    return add([[0.0] * results.n_periods, *results.decomposition.controls.values()])


def add(series: Sequence[Sequence[float]]) -> list[float]:
    """Period-wise sum of series of equal length."""
    return [sum(values) for values in zip(*series, strict=True)]
