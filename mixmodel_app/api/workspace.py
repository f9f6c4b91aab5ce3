"""/api/workspace: its name, its numbers, its audit log, and everything of it at once."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from mixmodel_app.api.dependencies import Caller, Reader, limited
from mixmodel_app.api.listings import Cursor, listing
from mixmodel_app.api.listings import Limit as Rows
from mixmodel_app.domain.audit_log import Action
from mixmodel_app.domain.preferences import NumberFormat
from mixmodel_app.services import audit_log, workspace, workspace_data
from mixmodel_app.services.audit_log import AuditFilter
from mixmodel_app.services.limits import Limit

router = APIRouter(prefix="/api/workspace", tags=["Workspace"])


class WorkspaceBody(BaseModel):
    name: str = Field(max_length=1024)


class PreferencesBody(BaseModel):
    """How numbers are shown on pages and in files. Figures of this API stay plain numbers with ranges of 94 %."""

    model_config = ConfigDict(extra="forbid")

    currency: str = Field("", description="A symbol or a code of at most 4 letters; empty shows none.")
    number_format: NumberFormat = NumberFormat.POINT
    interval: float = Field(0.94, description="The level of ranges: 0.5, 0.8, 0.9 or 0.94.")


class ChangeBody(BaseModel):
    name: str | None = Field(None, max_length=1024)
    preferences: PreferencesBody | None = None


@router.get("")
def detail(principal: Reader) -> dict[str, Any]:
    """The caller's workspace."""
    return workspace.get(principal)


@router.put("")
def rename(principal: Caller, body: WorkspaceBody) -> dict[str, Any]:
    """Rename it; admins only."""
    return workspace.rename(principal, body.name)


@router.delete("", status_code=204)
def delete(principal: Caller, name: Annotated[str, Query(max_length=1024, description="Its name.")]) -> Response:
    """Delete it with everything in it, the accounts of its people too; admins only, and only by its name."""
    workspace_data.delete(principal, name)
    return Response(status_code=204)


@router.patch("")
def prefer(principal: Caller, body: ChangeBody) -> dict[str, Any]:
    """Change its name or how numbers are shown; admins only. What is left out stays."""
    if body.name is not None:
        workspace.rename(principal, body.name)
    return workspace.prefer(principal, body.preferences.model_dump(exclude_unset=True) if body.preferences else {})


@router.get("/stats")
def stats(principal: Reader) -> dict[str, Any]:
    """Counts, average return, recent runs and datasets, recommendations."""
    return workspace.stats(principal)


@router.get("/export", response_class=StreamingResponse, dependencies=[Depends(limited(Limit.EXPORT))])
def export(principal: Caller) -> StreamingResponse:
    """Everything in it as one ZIP: data, runs, results, people, the audit log; admins only."""
    name, chunks = workspace_data.export(principal)
    return StreamingResponse(chunks, media_type="application/zip", headers=_attachment(name))


def asked_events(
    actor: Annotated[str | None, Query(max_length=255, description="Email of who did it.")] = None,
    action: Action | None = None,
    start: Annotated[date | None, Query(alias="from", description="First day, in UTC.")] = None,
    end: Annotated[date | None, Query(alias="to", description="Last day, in UTC.")] = None,
) -> AuditFilter:
    """Which events of the audit log are wanted."""
    return AuditFilter(actor or None, action, _midnight(start), _midnight(end, days=1))


AskedEvents = Annotated[AuditFilter, Depends(asked_events)]


@router.get("/audit")
def events(
    request: Request,
    response: Response,
    principal: Caller,
    wanted: AskedEvents,
    limit: Rows = 50,
    cursor: Cursor = None,
) -> list[dict[str, Any]]:
    """Who did what, when and from where, the newest first; admins only. A `Link` header names the next page."""
    return listing(request, response, audit_log.page(principal, wanted, limit, cursor))


@router.get("/audit.csv", response_class=StreamingResponse, dependencies=[Depends(limited(Limit.EXPORT))])
def events_csv(principal: Caller, wanted: AskedEvents) -> StreamingResponse:
    """The same, all of it, as CSV."""
    chunks = audit_log.csv(principal, wanted)
    return StreamingResponse(
        chunks, media_type="text/csv; charset=utf-8", headers=_attachment("mixmodel-audit-log.csv")
    )


def _midnight(day: date | None, *, days: int = 0) -> datetime | None:
    """The start of a day, or of one some days later; the calendar's last day has none after it."""
    if day is None or (days and day >= date.max - timedelta(days=days)):
        return None
    return datetime.combine(day + timedelta(days=days), time(), UTC)


def _attachment(filename: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{filename}"', "Cache-Control": "no-store"}
