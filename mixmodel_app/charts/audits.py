"""What the charts of a fit's audit share: the view for results without one, and how parameters are called in rows."""

from mixmodel_app.charts import marks, theme
from mixmodel_app.charts.base import ChartOptions, ChartTable, ChartView, Column
from mixmodel_app.charts.text import short
from mixmodel_app.domain.results import ModelResults

_OLDER = "This run was fitted by an older version that did not keep this; run the model again to see it."


def unknown(key: str, title: str, options: ChartOptions, reason: str = _OLDER) -> ChartView:
    """A chart that cannot be drawn says why."""
    return ChartView(
        key=key,
        title=title,
        subtitle="Not known for this run",
        figure=marks.message_figure(reason),
        takeaway=reason,
        table=ChartTable(columns=(Column("Part"),), rows=()),
        height=theme.SMALL,
    )


def two_lines(name: str) -> str:
    """A parameter in one line, its index in a second: names get long."""
    base, _, inside = name.partition("[")
    lines = [base, inside.removesuffix("]")] if inside else [base]
    return "<br>".join(short(line, 18) for line in lines)


def chain_colours(results: ModelResults) -> list[str]:
    """A colour for each chain; beyond eight they repeat. No channel is drawn beside them."""
    palette = theme.CHANNEL_COLOURS
    return [palette[chain % len(palette)] for chain in range(results.n_chains)]
