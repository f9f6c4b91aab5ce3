"""What a chart's CSV holds."""

import csv
import io

import pytest

from mixmodel_app.charts.base import ChartOptions, all_charts
from mixmodel_app.exports.tables import table_csv
from tests.factories import make_results


def _rows(raw: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))


@pytest.mark.parametrize("chart", all_charts(), ids=lambda chart: chart.key)
def test_the_csv_holds_the_numbers_of_the_table(chart) -> None:
    view = chart.build(make_results(), ChartOptions())
    header, *rows = _rows(table_csv(view))
    assert header == view.table.header
    assert len(rows) == len(view.table.rows) > 0
    for written, known in zip(rows, view.table.rows, strict=True):
        numbers = [(text, cell) for text, cell in zip(written, known, strict=True) if isinstance(cell, float)]
        assert all(float(text) == cell for text, cell in numbers)


def test_a_channel_named_like_a_formula_stays_text() -> None:
    results = make_results(n_channels=2, names=("=cmd|'/c calc'!A1", "TV"))
    view = next(chart for chart in all_charts() if chart.key == "roas").build(results, ChartOptions())
    cells = {row[0] for row in _rows(table_csv(view))}
    assert "'=cmd|'/c calc'!A1" in cells
    assert not any(cell.startswith("=") for cell in cells)
