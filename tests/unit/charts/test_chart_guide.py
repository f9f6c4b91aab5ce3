import re
from pathlib import Path

from mixmodel_app.charts import base
from mixmodel_app.registry import Registry
from tests.factories import make_results

GUIDE = Path(__file__).parents[3] / "docs" / "extending" / "chart.md"


def test_the_example_of_the_guide_is_a_working_chart(monkeypatch):
    monkeypatch.setattr(base, "CHARTS", Registry("chart"))
    source = re.search(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL).group(1)
    exec(compile(source, GUIDE.name, "exec"), {})
    results = make_results()
    view = base.CHARTS.get("spend").build(results, base.ChartOptions("€"))
    assert view.title == "Most is spent on TV"
    assert list(view.figure.data[0].x) == [row[1] for row in view.table.rows]
