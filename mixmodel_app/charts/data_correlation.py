"""What moves together? The correlations of channels and controls, before any fit."""

from itertools import combinations

from mixmodel_app.charts import marks, theme
from mixmodel_app.charts.base import ChartOptions, ChartTable, ChartView, Column, data_chart
from mixmodel_app.charts.text import safe, short
from mixmodel_app.domain.answerability import Answerability
from mixmodel_app.wording import numbers
from mixmodel_app.wording.numbers import Format

_CELL = 36  # px
_FEW = 4  # names that stand side by side on a phone
_MANY = 9  # columns from which a number no longer fits into a cell on a phone


@data_chart("data_correlation", order=30)
def build(found: Answerability, options: ChartOptions) -> ChartView:
    """A square of blue (together) and orange (against each other) with the number in each cell."""
    names, matrix = found.glance.columns, found.glance.correlation
    labels = [short(name, 12) for name in names]
    height = theme.height_for(max(len(names), 1), _CELL)
    pairs = {(a, b): matrix[a][b] for a, b in combinations(range(len(names)), 2)}
    figure = _figure(labels, matrix, height) if pairs else marks.message_figure("There is only one column.", height)
    return ChartView(
        key="data_correlation",
        title="What moves together",
        subtitle="Correlation of channels and other drivers, from −1 to 1",
        figure=figure,
        takeaway=_takeaway(names, pairs),
        table=ChartTable(
            columns=(Column("Column"), *(Column(name, Format.NUMBER) for name in names)),
            rows=tuple((name, *(round(value, 2) for value in row)) for name, row in zip(names, matrix, strict=True)),
        ),
        height=height,
    )


def _figure(labels: list[str], matrix: tuple[tuple[float, ...], ...], height: int):
    texts = [[_signed(value) for value in row] for row in matrix]
    figure = marks.new_figure(height)
    figure.add_heatmap(
        z=[list(row) for row in matrix],
        x=list(range(len(labels))),
        y=list(range(len(labels))),
        zmin=-1,
        zmax=1,
        colorscale=[
            [0, theme.alpha(theme.LOSS, 0.55)],
            [0.5, theme.alpha(theme.NEUTRAL, 0.06)],
            [1, theme.alpha(theme.GAIN, 0.55)],
        ],
        showscale=False,
        text=texts,
        texttemplate="%{text}" if len(labels) < _MANY else None,
        textfont={"color": theme.INK},
        customdata=[[f"{a} and {b}" for b in labels] for a in labels],
        hovertemplate="%{customdata}: %{text}<extra></extra>",
        xgap=2,
        ygap=2,
    )
    ticks = {"tickvals": list(range(len(labels))), "ticktext": labels, "showgrid": False}
    figure.update_xaxes(ticks | {"tickangle": -45 if len(labels) > _FEW else 0})
    figure.update_yaxes(ticks | {"range": [len(labels) - 0.5, -0.5]})
    return figure


def _takeaway(names: tuple[str, ...], pairs: dict[tuple[int, int], float]) -> str:
    if not pairs:
        return "There is nothing to compare."
    (a, b), strongest = max(pairs.items(), key=lambda pair: abs(pair[1]))
    how = "against each other" if strongest < 0 else "together"
    weight = "too closely to be told apart" if abs(strongest) >= 0.9 else "most"
    if abs(strongest) < 0.5:
        return "No two columns move closely together, which makes their effects easy to tell apart."
    return f"{names[a]} and {names[b]} move {how} {weight} (correlation {_signed(strongest)})."


def _signed(value: float) -> str:
    return safe(numbers.decimal(value, 2))
