"""/api/models: runs, their progress, results and budget questions."""

import asyncio
import json
import math
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from mixmodel_app.api.dependencies import Caller, Credentials, caller, limited, remember
from mixmodel_app.api.listings import Cursor, Limit, listing
from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.budget import BudgetRequest
from mixmodel_app.domain.errors import FieldError, InvalidInput
from mixmodel_app.domain.run import ProgressEvent
from mixmodel_app.services import accounts, budgets, results, runs
from mixmodel_app.services.limits import Limit as RateLimit
from mixmodel_app.services.results import View

router = APIRouter(prefix="/api/models", tags=["Runs"])

HEARTBEAT_S = 15.0


class RunBody(BaseModel):
    dataset_id: UUID
    name: str | None = Field(None, max_length=1024)
    config: dict[str, Any] | None = Field(None, description="Preset `mode` and overrides; see the settings of a run.")


class OptimizeBody(BaseModel):
    total_budget: float = Field(description="Money for the whole horizon.")
    min_per_channel: dict[str, float] | None = None
    max_per_channel: dict[str, float] | None = None
    weeks: int | None = Field(None, description="Periods of the data; one year when left out.")


@router.post("/run", status_code=201, dependencies=[Depends(limited(RateLimit.RUN))])
def start(principal: Caller, body: RunBody) -> dict[str, Any]:
    """Queue a fit of a validated dataset."""
    return runs.start(principal, body.dataset_id, body.name, body.config)


@router.get("")
def index(
    request: Request,
    response: Response,
    principal: Caller,
    limit: Limit = 50,
    cursor: Cursor = None,
    dataset_id: UUID | None = None,
) -> list[dict[str, Any]]:
    """The workspace's runs, newest first, of one dataset if given. A `Link` header names the next page."""
    return listing(request, response, runs.page(principal, limit, cursor, dataset_id))


@router.get("/{run_id}")
def detail(principal: Caller, run_id: UUID) -> dict[str, Any]:
    """One run."""
    return runs.get(principal, run_id)


async def _watcher(
    request: Request,
    credentials: Credentials,
    token: Annotated[str | None, Query(description="An access token.")] = None,
) -> Principal:
    """`?token=` for browsers' EventSource, which cannot send a header; else as everywhere."""
    if token is None:
        return await caller(request, credentials)
    principal = await asyncio.to_thread(accounts.principal_from_access, token)
    remember(request, principal)
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
        current = event or await asyncio.to_thread(runs.last_event, principal, run_id)
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
def cancel(principal: Caller, run_id: UUID) -> dict[str, Any]:
    """Ask a run to stop."""
    return runs.cancel(principal, run_id)


@router.get("/{run_id}/results")
def result(principal: Caller, run_id: UUID, view: View | None = None) -> dict[str, Any]:
    """All three views, or one."""
    return results.views(principal, run_id, view)


@router.get("/{run_id}/charts/{key}.csv", response_class=Response)
def chart_table(principal: Caller, run_id: UUID, key: str) -> Response:
    """The numbers of one chart of the results as CSV."""
    headers = {"Content-Disposition": f'attachment; filename="mixmodel-{run_id}-{key}.csv"'}
    return Response(results.chart_csv(principal, run_id, key), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/{run_id}/artifact", response_class=StreamingResponse)
def artifact(principal: Caller, run_id: UUID) -> StreamingResponse:
    """The fitted model as NetCDF (ArviZ InferenceData)."""
    name, chunks = runs.artifact(principal, run_id)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(chunks, media_type="application/x-netcdf", headers=headers)


@router.post("/{run_id}/optimize", dependencies=[Depends(limited(RateLimit.OPTIMIZE))])
def optimize(principal: Caller, run_id: UUID, body: OptimizeBody) -> dict[str, Any]:
    """The split of a budget with the highest expected incremental revenue."""
    request = BudgetRequest(
        total_budget=_finite(body.total_budget, "total_budget"),
        min_per_channel=body.min_per_channel or {},
        max_per_channel=body.max_per_channel or {},
        weeks=body.weeks,
    )
    return budgets.optimize(principal, run_id, request).to_json()


@router.delete("/{run_id}", status_code=204)
def delete(principal: Caller, run_id: UUID) -> Response:
    """Delete a run with its files."""
    runs.delete(principal, run_id)
    return Response(status_code=204)


def _finite(value: float, field: str) -> float:
    if not math.isfinite(value):
        raise InvalidInput(f"{field} must be a number.", errors=(FieldError(field, "must be a finite number"),))
    return value
