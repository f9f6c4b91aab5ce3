"""/api/models/{id}/report: the report of a finished run as a file."""

from uuid import UUID

from fastapi import APIRouter, Response

from mixmodel_app.api.dependencies import AskedReading, Reader
from mixmodel_app.services import reports
from mixmodel_app.services.reports import ReportFormat

router = APIRouter(prefix="/api/models", tags=["Runs"])


@router.get("/{run_id}/report.{kind}", response_class=Response)
def report(principal: Reader, run_id: UUID, kind: ReportFormat, reading: AskedReading) -> Response:
    """The report as a workbook (`xlsx`), slides (`pptx`), a two-page brief (`pdf`) or a page of its own (`html`).

    It is of all data, or of the periods that are asked for as with the results; `margin` moves break-even.
    """
    found = reports.download(principal, run_id, kind, reading)
    headers = {"Content-Disposition": f'attachment; filename="{found.filename}"', "Cache-Control": "no-store"}
    return Response(found.content, media_type=found.media_type, headers=headers)
