"""Figures drawn without a browser: every chart of the product, inside its frame, with the figure's own numbers."""

import math
from xml.etree import ElementTree

import pandas as pd
import plotly.graph_objects as go
import pytest

from mixmodel_app.charts import theme
from mixmodel_app.charts.base import ChartOptions, all_charts
from mixmodel_app.exports.drawing.figure import draw, drawing
from mixmodel_app.exports.drawing.scene import Dot, Shape, Text, hatching, ink
from mixmodel_app.exports.drawing.svg import svg
from tests.factories import make_results
from tests.unit.charts.test_every_chart import CASES

WIDTH = 720.0


@pytest.fixture(scope="module", params=list(CASES))
def views(request):
    return [chart.build(CASES[request.param](), ChartOptions()) for chart in all_charts()]


def scene_of(key: str, results):
    view = next(chart for chart in all_charts() if chart.key == key).build(results, ChartOptions())
    return view, draw(view.figure, WIDTH, view.height)


def test_every_chart_can_be_drawn_and_stays_in_its_frame(views):
    for view in views:
        scene = draw(view.figure, WIDTH, view.height)
        assert scene.items, view.key
        for item in scene.items:
            points = item.points if isinstance(item, Shape) else [(item.x, item.y)] if isinstance(item, Text) else []
            for x, y in points:
                assert math.isfinite(x), view.key
                assert -8 <= x <= WIDTH + 8, (view.key, item)
                assert -8 <= y <= view.height + 8, (view.key, item)


def test_the_drawing_is_well_formed_and_says_what_it_shows(views):
    for view in views:
        root = ElementTree.fromstring(svg(draw(view.figure, WIDTH, view.height), view.alt))
        assert root.attrib["aria-label"] == view.alt
        assert root.attrib["role"] == "img"


def test_a_return_stands_where_its_value_is():
    results = make_results(3)
    view, scene = scene_of("roas", results)
    ticks = {item.text: item.x for item in scene.items if isinstance(item, Text) and item.anchor == "middle"}
    zero, one = ticks["0"], ticks["1"]
    medians = sorted(channel.roas.median for channel in results.channels if channel.roas)
    dots = [item for item in scene.items if isinstance(item, Dot)]
    shown = (dots[0].centre[0] - zero) / (one - zero)
    assert min(abs(shown - median) for median in medians) < 0.01
    assert view.table.rows


def test_labels_and_colours_are_those_of_the_figure():
    results = make_results(3)
    _, scene = scene_of("waterfall", results)
    texts = {item.text for item in scene.items if isinstance(item, Text)}
    assert {"Baseline", "TV", "Search", "Social", "Total"} <= texts
    fills = {item.fill.colour for item in scene.items if isinstance(item, Shape) and item.fill}
    assert {style.colour for style in theme.channel_styles(results).values()} <= fills


def test_markup_in_names_is_text():
    results = make_results(names=("<b>TV</b>", "A & B <script>"))
    _, scene = scene_of("roas", results)
    drawing = svg(scene, "returns")
    assert "&lt;b&gt;TV&lt;/b&gt;" in drawing
    assert "<script" not in drawing
    ElementTree.fromstring(drawing)


def test_layers_lie_on_each_other():
    figure = go.Figure(layout={"template": theme.TEMPLATE})
    for values in ([1, 1], [2, 2]):
        figure.add_scatter(x=[0, 1], y=values, mode="lines", stackgroup="one", fillcolor=theme.AZURE, line_width=0)
    figure.update_yaxes(range=[0, 4])
    first, second = (item for item in draw(figure, 400, 200).items if isinstance(item, Shape) and item.closed)
    assert max(y for _, y in second.points) == pytest.approx(min(y for _, y in first.points))
    heights = [max(y for _, y in item.points) - min(y for _, y in item.points) for item in (first, second)]
    assert heights[1] == pytest.approx(2 * heights[0])


@pytest.mark.parametrize(
    "figure",
    [
        go.Figure(go.Box(x=[1, 2, 3])),
        go.Figure(go.Scatter(x=[1, 2], y=[1, 2], error_y={"array": [1, 1]})),
        go.Figure(go.Scatter(x=[1, 2], y=[1, 2], mode="markers+text", text=["a", "b"])),
        go.Figure([go.Bar(x=["a"], y=[1]), go.Bar(x=["a"], y=[2])]),
        go.Figure(go.Scatter(x=[1, 2], y=[1, 2]), layout={"yaxis": {"type": "log"}}),
        go.Figure([go.Scatter(y=[1, 2]), go.Scatter(y=[1, 2], fill="tonexty")]),
        go.Figure(go.Scatter(y=[1, 2], marker={"color": [1, 2]})),
        go.Figure(go.Scatter(y=[1, 2]), layout={"shapes": [{"type": "circle", "x0": 0, "x1": 1, "y0": 0, "y1": 1}]}),
        go.Figure(go.Scatter(y=[1, 2]), layout={"annotations": [{"x": 1, "y": 1, "xref": "x7", "text": "lost"}]}),
        go.Figure(go.Violin(y=[1, 2, 3])),
    ],
    ids=lambda figure: figure.data[-1].type,
)
def test_what_is_not_known_is_not_drawn_by_halves(figure):
    assert drawing(figure, 400, 200) is None


def test_a_heatmap_has_a_cell_for_each_known_value_in_the_colours_of_its_scale():
    scale = [[0, "#000000"], [1, "#ffffff"]]
    figure = go.Figure(go.Heatmap(z=[[0, 5], [None, 10]], colorscale=scale), layout={"template": theme.TEMPLATE})
    cells = [item for item in draw(figure, 400, 200).items if isinstance(item, Shape) and item.closed]
    assert [cell.fill.colour for cell in cells] == ["#000000", "#808080", "#ffffff"]
    first, second, last = ([sum(point[axis] for point in cell.points) / 4 for axis in (0, 1)] for cell in cells)
    assert first[0] < second[0] == pytest.approx(last[0])
    assert first[1] == pytest.approx(second[1])
    assert last[1] < first[1]


def test_steps_turn_half_way_between_points():
    figure = go.Figure(go.Scatter(x=[0, 2], y=[1, 3], mode="lines", line={"shape": "hvh"}))
    figure.update_layout(template=theme.TEMPLATE, xaxis={"range": [0, 2]}, yaxis={"range": [0, 4]})
    (line,) = (item for item in draw(figure, 400, 200).items if isinstance(item, Shape) and len(item.points) == 4)
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = line.points
    assert x1 == x2 == pytest.approx((x0 + x3) / 2)
    assert (y0, y2) == (y1, y3)


def test_what_leaves_its_panel_is_cut():
    figure = go.Figure(go.Scatter(x=[0, 10], y=[0, 10], mode="lines+markers", fill="tozeroy"))
    figure.update_layout(template=theme.TEMPLATE, xaxis={"range": [2, 4]}, yaxis={"range": [0, 6]})
    scene = draw(figure, 400, 200)
    assert not [item for item in scene.items if isinstance(item, Dot)]
    shapes = [item for item in scene.items if isinstance(item, Shape)]
    assert all(-1e-6 <= x <= 400 and -1e-6 <= y <= 200 for item in shapes for x, y in item.points)
    area = next(item for item in shapes if item.closed)
    assert len({round(x, 3) for x, _ in area.points}) == 2


def test_names_and_dates_are_places_on_an_axis():
    figure = go.Figure(go.Bar(x=["TV", "Search"], y=[1, 2]), layout={"template": theme.TEMPLATE})
    texts = {item.text: item.x for item in draw(figure, 400, 200).items if isinstance(item, Text)}
    assert texts["TV"] < texts["Search"]
    days = pd.date_range("2026-01-01", periods=120)
    figure = go.Figure(go.Scatter(x=days, y=list(range(120))), layout={"template": theme.TEMPLATE})
    assert {"Jan 2026", "Mar 2026"} <= {item.text for item in draw(figure, 400, 200).items if isinstance(item, Text)}


def test_hatching_stays_inside():
    square = ((0.0, 0.0), (20.0, 0.0), (20.0, 20.0), (0.0, 20.0))
    lines = hatching(square)
    assert len(lines) == 6
    assert all(-1e-9 <= value <= 20 + 1e-9 for line in lines for point in line for value in point)


def test_colours_become_ink():
    assert ink("rgba(72,139,251,0.15)") == ink("rgba(72, 139, 251, 0.15)")
    half = ink("rgba(0,0,0,0.5)")
    assert half is not None
    assert (half.colour, half.opacity) == ("#000000", 0.5)
    assert ink(theme.TRANSPARENT) is None
    assert ink(None) is None
