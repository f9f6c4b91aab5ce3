"""Reports of a finished run as files, all from one `ReportData`."""

from datetime import UTC, datetime
from enum import StrEnum
from importlib import import_module
from uuid import UUID

from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.audit_log import Action
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.exports.report import ReportData, report_data
from mixmodel_app.exports.report import stamp as report_stamp
from mixmodel_app.services import audit_log, results, runs
from mixmodel_app.services.dataset_downloads import Download
from mixmodel_app.services.results import Reading
from mixmodel_app.wording import numbers


class ReportFormat(StrEnum):
    """The kinds of file that a run's report can be downloaded as."""

    PDF = "pdf"
    PPTX = "pptx"
    XLSX = "xlsx"
    HTML = "html"

    @property
    def media_type(self) -> str:
        office = "application/vnd.openxmlformats-officedocument"
        return {
            ReportFormat.PDF: "application/pdf",
            ReportFormat.PPTX: f"{office}.presentationml.presentation",
            ReportFormat.XLSX: f"{office}.spreadsheetml.sheet",
            ReportFormat.HTML: "text/html; charset=utf-8",
        }[self]

    def write(self, report: ReportData) -> bytes:
        """The file. Its library is loaded at the first download, not with the web process."""
        module, writer = {
            ReportFormat.PDF: ("brief", "brief"),
            ReportFormat.PPTX: ("deck", "deck"),
            ReportFormat.XLSX: ("workbook", "workbook"),
            ReportFormat.HTML: ("web_report", "web_report"),
        }[self]
        return getattr(import_module(f"mixmodel_app.exports.{module}"), writer)(report)


def report(principal: Principal, run_id: UUID, reading: Reading | None = None) -> ReportData:
    """What a report of this run says, as of today, of all data or of some periods.

    Raises:
        NotFound: no such run in the principal's workspace.
        Conflict: the run has no results, or its time limit cut them short.
        InvalidInput: there are no data in the period.
    """
    reading = reading or Reading()
    found, options = results.read(principal, run_id, reading)
    advice = results.recommendations(principal, run_id, reading.lens(found.outcome))
    with numbers.looking(outcome=found.outcome, target=found.target):
        return report_data(
            found,
            run=runs.get(principal, run_id),
            recommendations=advice,
            made_on=datetime.now(UTC).date(),
            options=options,
        )


def stamp(run_id: str, found: ModelResults) -> str:
    """One line that names what is taken away today."""
    return " · ".join(report_stamp(run_id, found, datetime.now(UTC).date()))


def download(principal: Principal, run_id: UUID, kind: ReportFormat, reading: Reading | None = None) -> Download:
    """The report as a file."""
    found = report(principal, run_id, reading)
    with numbers.looking(outcome=found.results.outcome, target=found.results.target):
        content = kind.write(found)
    audit_log.note(principal, Action.EXPORTED, f"{kind} report of run {run_id}")
    return Download(f"mixmodel-{run_id}.{kind}", content, kind.media_type)
