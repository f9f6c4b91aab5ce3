"""/api/models: runs, their progress and results. Budget questions about a run are in `api.plans`."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from mixmodel_app.api.conditional import tagged
from mixmodel_app.api.dependencies import (
    AskedPeriod,
    AskedReading,
    Credentials,
    Reader,
    Writer,
    admit,
    client_address,
    limited,
    presented,
)
from mixmodel_app.api.listings import Cursor, Limit, listing
from mixmodel_app.domain.account import Principal, TokenScope
from mixmodel_app.domain.run import Priority, ProgressEvent
from mixmodel_app.services import results, run_downloads, run_watch, runs
from mixmodel_app.services.bearer import principal_from_bearer
from mixmodel_app.services.dataset_downloads import Download
from mixmodel_app.services.limits import Limit as RateLimit
from mixmodel_app.services.results import View

router = APIRouter(prefix="/api/models", tags=["Runs"])

HEARTBEAT_S = 15.0


class RunBody(BaseModel):
    dataset_id: UUID
    name: str | None = Field(None, max_length=1024)
    config: dict[str, Any] | None = Field(None, description="Preset `mode` and overrides; see the settings of a run.")
    priority: Priority = Field(Priority.NORMAL, description="Among the runs of your workspace that wait.")


@router.post("/run", status_code=201, dependencies=[Depends(limited(RateLimit.RUN))])
def start(
    principal: Writer,
    body: RunBody,
    idempotency_key: Annotated[
        str, Header(max_length=255, description="A name of this request: repeated under it, it starts no second run.")
    ] = "",
) -> dict[str, Any]:
    """Queue a fit of a validated dataset."""
    return runs.start(principal, body.dataset_id, body.name, body.config, idempotency_key, body.priority)


class OutlookBody(BaseModel):
    dataset_id: UUID
    config: dict[str, Any] | None = None


@router.post("/outlook")
def outlook(principal: Writer, body: OutlookBody) -> dict[str, Any]:
    """What a run would cost, when it would start, and a finished one that is the same; nothing is queued."""
    return runs.outlook(principal, body.dataset_id, body.config)


@router.get("")
def index(
    request: Request,
    response: Response,
    principal: Reader,
    limit: Limit = 50,
    cursor: Cursor = None,
    dataset_id: UUID | None = None,
) -> list[dict[str, Any]]:
    """The workspace's runs, newest first, of one dataset if given. A `Link` header names the next page."""
    return listing(request, response, runs.page(principal, limit, cursor, dataset_id))


@router.get("/{run_id}")
def detail(principal: Reader, run_id: UUID) -> dict[str, Any]:
    """One run."""
    return runs.get(principal, run_id)


async def _watcher(
    request: Request,
    credentials: Credentials,
    token: Annotated[str | None, Query(description="An access or a personal token.")] = None,
) -> Principal:
    """`?token=` for browsers' EventSource, which cannot send a header; else as everywhere."""
    if token is None:
        principal = await presented(request, credentials)
    else:
        principal = await asyncio.to_thread(principal_from_bearer, token, client_address(request))
        admit(request, principal)
    principal.require_scope(TokenScope.READ)
    return principal


@router.get("/{run_id}/progress", response_class=StreamingResponse)
def progress(run_id: UUID, principal: Annotated[Principal, Depends(_watcher)]) -> StreamingResponse:
    """Server-sent events: where the run stands, then every step until it is done."""
    now = runs.last_event(principal, run_id)  # a run that is not there is a 404, not a stream
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_stream(principal, run_id, now), media_type="text/event-stream", headers=headers)


async def _stream(principal: Principal, run_id: UUID, now: ProgressEvent) -> AsyncIterator[str]:
    """`now` counts when it is the end; else the snapshot comes first, so that no event is skipped after it."""
    if now.is_final:
        yield _sse(now)
        return
    last: ProgressEvent | None = None
    async for event in runs.follow(principal, run_id, HEARTBEAT_S):
        current = event or (await run_watch.standing(principal, run_id, None)).event
        if current == last:
            yield ": still here\n\n"
            continue
        yield _sse(current)
        last = current
        if current.is_final:
            return


def _sse(event: ProgressEvent) -> str:
    return f"event: progress\ndata: {json.dumps(event.to_json())}\n\n"


@router.post("/{run_id}/cancel", status_code=202)
def cancel(principal: Writer, run_id: UUID) -> dict[str, Any]:
    """Ask a run to stop."""
    return runs.cancel(principal, run_id)


@router.get("/{run_id}/results", response_model=dict[str, Any])
def result(
    request: Request,
    principal: Reader,
    run_id: UUID,
    period: AskedPeriod,
    view: View | None = None,
) -> Response:
    """All three views, or one. `period` (all, last_year, last_quarter) or dates limit executive and manager.

    The answer has an `ETag`; with it in `If-None-Match` an answer that is still the same is a 304.
    """
    return tagged(request, results.views_json(principal, run_id, view, period))


@router.get("/{run_id}/charts/{key}.csv", response_class=Response)
def chart_table(principal: Reader, run_id: UUID, key: str, reading: AskedReading) -> Response:
    """The numbers of one chart of the results as CSV, of all data or of some periods."""
    found = results.chart_csv(principal, run_id, key, reading)
    headers = {"Content-Disposition": f'attachment; filename="mixmodel-{run_id}-{key}.csv"'}
    return Response(found, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/{run_id}/artifact", response_class=StreamingResponse)
def artifact(principal: Reader, run_id: UUID) -> StreamingResponse:
    """The fitted model as NetCDF (ArviZ InferenceData)."""
    name, chunks = run_downloads.model(principal, run_id)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(chunks, media_type="application/x-netcdf", headers=headers)


@router.get("/{run_id}/draws.parquet", response_class=Response)
def draws(principal: Reader, run_id: UUID) -> Response:
    """Every posterior draw: a row for each draw, a column for each parameter."""
    return _file(run_downloads.draws(principal, run_id))


@router.get("/{run_id}/notebook.ipynb", response_class=Response)
def notebook(principal: Reader, run_id: UUID) -> Response:
    """A Jupyter notebook that reads the model file and computes the headline numbers again."""
    return _file(run_downloads.notebook(principal, run_id))


@router.delete("/{run_id}", status_code=204)
def delete(principal: Writer, run_id: UUID) -> Response:
    """Delete a run with its files."""
    runs.delete(principal, run_id)
    return Response(status_code=204)


def _file(download: Download) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{download.filename}"'}
    return Response(download.content, media_type=download.media_type, headers=headers)
