"""What holds for every registered chart, over ordinary and awkward results."""

import json
import re

import pytest

from mixmodel_app.charts import theme
from mixmodel_app.charts.base import VIEWS, ChartOptions, ChartView, all_charts, charts_for, data_charts, plan_charts
from mixmodel_app.domain.results import HealthStatus
from mixmodel_app.wording import numbers
from tests.answers import make_answers
from tests.factories import make_plan, make_results, with_learning, without_audit, without_returns

CARTESIAN = {"bar", "scatter", "pie", "violin", "box", "heatmap", "histogram"}
MARKUP = (
    "<b>TV</b>",
    "Search & Co <script>",
    "$x$ and $y$",
    "A very long channel name that no phone can show in full 1",
)
RANGED = {
    *("roas", "marginal_roas", "headroom", "saturation_curves", "adstock_curves"),
    *("actual_vs_predicted", "predictive_check"),
}

CASES = {
    "six channels": lambda: make_results(),
    "one channel": lambda: make_results(1),
    "twelve channels": lambda: make_results(12),
    "no spend in one": lambda: make_results(4, no_spend=(1,)),
    "no spend at all": lambda: make_results(2, no_spend=(0, 1)),
    "no return estimated": lambda: without_returns(make_results(3), "TV", "Search", "Social"),
    "markup and long names": lambda: make_results(names=MARKUP),
    "shortest history": lambda: make_results(2, 26),
    "learned and assumed": lambda: with_learning(make_results(3), "TV"),
    "results of an older version": lambda: without_audit(make_results(2)),
    "unusable model": lambda: make_results(health=HealthStatus.DO_NOT_USE),
}
EURO = ChartOptions()


def build_all(results, options=EURO) -> list[ChartView]:
    views = [item.build(results, options) for item in all_charts()]
    views += [item.build(make_answers(results), options) for item in data_charts()]
    return views + [item.build(make_plan(results), results, options) for item in plan_charts()]


@pytest.fixture(scope="module", params=list(CASES))
def views(request) -> list[ChartView]:
    return build_all(CASES[request.param]())


def figure_json(view: ChartView) -> dict:
    return json.loads(view.figure.to_json())


def strings(value) -> list[str]:
    if isinstance(value, str):
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for item in items for text in strings(item)]


def test_every_view_has_its_charts_in_order():
    assert charts_for("executive")[0].key == "decomposition_donut"
    assert [item.key for item in charts_for("manager")][:2] == ["roas", "marginal_roas"]
    assert charts_for("analyst")[0].key == "actual_vs_predicted"
    assert plan_charts()[0].key == "budget_split"
    for view in VIEWS:
        orders = [item.order for item in charts_for(view)]
        assert orders == sorted(orders)


def test_every_chart_is_shown_somewhere_under_its_own_key():
    results = make_results(2)
    for item in all_charts():
        assert item.views
        assert item.build(results, EURO).key == item.key


def test_the_figure_survives_json_and_the_cartesian_bundle(views):
    for view in views:
        data = figure_json(view)["data"]
        assert {trace["type"] for trace in data} <= CARTESIAN, view.key


def test_colours_come_from_the_palette(views):
    rgb = {tuple(int(hex_[i : i + 2], 16) for i in (1, 3, 5)) for hex_ in theme.PALETTE}
    for view in views:
        for text in strings(figure_json(view)):
            if not text.startswith(("#", "rgb")):
                continue
            if text.startswith("#"):
                assert text in theme.PALETTE, (view.key, text)
            elif text != theme.TRANSPARENT:
                red, green, blue = (int(part) for part in re.findall(r"\d+", text)[:3])
                assert (red, green, blue) in rgb, (view.key, text)


def test_the_width_belongs_to_the_container(views):
    for view in views:
        layout = view.figure.layout
        assert layout.width is None
        assert layout.height == view.height >= theme.SMALL, view.key
        assert layout.template.layout.autosize is True


def test_text_stands_alone(views):
    for view in views:
        assert view.title
        assert not view.title.endswith(".")
        assert view.takeaway.endswith("."), view.key
        assert view.alt == f"{view.takeaway} Data table follows."
        assert "nan" not in f"{view.title} {view.subtitle} {view.takeaway}".lower().split()


def test_intervals_print_their_level(views):
    for view in views:
        if view.key in RANGED and view.table.rows:
            assert view.subtitle.endswith("median, 50 % and 94 % range"), view.key
            assert any("94 %" in label for label in view.table.header), view.key


def test_tables_are_formatted(views):
    for view in views:
        for row in view.table.formatted():
            assert len(row) == len(view.table.columns)
            assert all(isinstance(text, str) and text for text in row), view.key
            assert not any(text == "nan" or re.search(r"[1-9]\d*\.\d{4}", text) for text in row), (view.key, row)


def test_names_never_become_markup():
    for view in build_all(CASES["markup and long names"]()):
        for text in strings(figure_json(view)):
            assert "<b>TV" not in text, view.key
            assert "<script" not in text, view.key
        assert not any("&lt;" in cell for row in view.table.formatted() for cell in row)
        assert "&lt;" not in view.title + view.takeaway


def test_a_currency_is_written_the_same_everywhere():
    with numbers.looking(currency="EUR"):
        for view in build_all(make_results(2), ChartOptions()):
            assert "€" not in json.dumps(figure_json(view), ensure_ascii=False) + view.title + view.takeaway
            assert "EURO" not in view.title


def test_without_a_currency_there_is_none():
    for view in build_all(make_results(2), ChartOptions()):
        assert "€" not in json.dumps(figure_json(view), ensure_ascii=False) + view.title + view.takeaway
