"""Reports of simulated results, for tests and benchmarks of the exports."""

from dataclasses import replace
from datetime import date
from typing import Any

from mixmodel_app.charts.base import ChartOptions
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.exports.report import ReportData, report_data
from mixmodel_app.wording.recommendations import recommendations
from tests.factories import make_plan

RUN_ID = "0198f7d2-0000-7000-8000-000000000001"
REPAIR = "4 empty TV weeks were set to 0."
WARNING = "There are 6 rows for each parameter; 10 are better."


def make_report(results: ModelResults, *, name: str = "Spring plan", warnings: int = 1) -> ReportData:
    """A report of results, with a plan to recommend from, one repair and some warnings."""
    notes: dict[str, Any] = {
        "filename": "retail weekly.csv",
        "version": 2,
        "fixes": [{"sentence": REPAIR, "applied_by": "Ann"}],
        "warnings": [{"code": "few_rows", "title": "Few rows", "message": WARNING}] * warnings,
    }
    run = {"id": RUN_ID, "name": name, "config": {"mode": "full", "n_chains": 4, "l_max": 8}, "data_notes": notes}
    plan = replace(make_plan(results), level=results.level) if results.total_spend else None
    found = recommendations(results, plan)
    options = ChartOptions()
    return report_data(results, run=run, recommendations=found, made_on=date(2026, 11, 26), options=options)
