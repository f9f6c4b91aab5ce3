"""The example of docs/extending/chart.md, put into a copy of the project where the guide puts it, and nothing else."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from pptx import Presentation
from pypdf import PdfReader

from tests.factories import make_results
from tests.guides import ROOT, copy_with_examples

EVERY_CHART = "tests/unit/charts/test_every_chart.py"
TITLE, NAME = "Most is spent on TV", "spend"
_WRITE = """
import json
import sys
from pathlib import Path

from mixmodel_app.charts.base import ChartOptions, charts_for, VIEWS
from mixmodel_app.exports.tables import table_csv
from mixmodel_app.services.reports import ReportFormat
from tests.factories import make_results
from tests.reports import make_report

target = Path(sys.argv[1])
report = make_report(make_results(3))
for kind in ReportFormat:
    (target / f"report.{kind}").write_bytes(kind.write(report))
charts = {view: {chart.key: chart for chart in charts_for(view)} for view in VIEWS}
(target / "table.csv").write_bytes(table_csv(charts["manager"]["spend"].build(make_results(3), ChartOptions())))
print(json.dumps({view: list(keys) for view, keys in charts.items()}))
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_with_examples(tmp_path_factory.mktemp("guide") / "project", "chart")


@pytest.fixture(scope="module")
def made(copy: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[str]]]:
    """The files of a report from that copy, and the charts of each view."""
    target = tmp_path_factory.mktemp("files")
    done = run(copy, "-c", _WRITE, str(target))
    return target, json.loads(done.stdout)


def run(project: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Python in a copy of the project."""
    done = subprocess.run([sys.executable, *arguments], cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_it_is_in_its_view_and_no_other(made: tuple[Path, dict[str, list[str]]]) -> None:
    _, views = made
    assert views["manager"][-1] == NAME
    assert NAME not in views["executive"] + views["analyst"]


def test_its_table_is_a_csv(made: tuple[Path, dict[str, list[str]]]) -> None:
    rows = list(csv.reader(io.StringIO((made[0] / "table.csv").read_text("utf-8-sig"))))
    spend = {channel.name: channel.spend for channel in make_results(3).channels}
    assert rows[0] == ["Channel", "Spend"]
    assert {name: float(amount) for name, amount in rows[1:]} == spend


def test_it_is_in_the_four_reports(made: tuple[Path, dict[str, list[str]]]) -> None:
    folder = made[0]
    first, second = (page.extract_text() for page in PdfReader(folder / "report.pdf").pages)
    assert TITLE in first
    assert TITLE not in second
    assert TITLE in (folder / "report.html").read_text()
    assert 'id="chart-spend"' in (folder / "report.html").read_text()
    spend: Any = [channel.spend for channel in make_results(3).channels]
    slides: Any = Presentation(str(folder / "report.pptx")).slides
    (slide,) = (one for one in slides if one.shapes.title.text == TITLE)
    (drawn,) = (shape.chart for shape in slide.shapes if shape.has_chart)
    assert sorted(drawn.plots[0].series[0].values) == pytest.approx(sorted(spend))
    sheet: Any = load_workbook(folder / "report.xlsx")["Spend"]
    assert [row[1] for row in sheet.iter_rows(min_row=2, values_only=True)] == pytest.approx(
        sorted(spend, reverse=True)
    )
    assert len(sheet._charts) == 1


def test_it_passes_what_every_chart_has_to(copy: Path) -> None:
    run(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", EVERY_CHART)


def test_the_copy_differs_by_the_example_alone(copy: Path) -> None:
    own = {path.relative_to(copy) for path in (copy / "mixmodel_app").rglob("*.py")}
    ours = {path.relative_to(ROOT) for path in (ROOT / "mixmodel_app").rglob("*.py")}
    assert own - ours == {Path("mixmodel_app/charts/spend.py")}
    assert all((copy / name).read_bytes() == (ROOT / name).read_bytes() for name in ours)
