"""/api/models/{id}/compare and /refresh: two runs side by side, and a run on newer data."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends

from mixmodel_app.api.dependencies import Reader, Writer, limited
from mixmodel_app.services import comparisons
from mixmodel_app.services.limits import Limit

router = APIRouter(prefix="/api/models/{run_id}", tags=["Models"])


@router.get("/compare/{other_id}")
def compare(principal: Reader, run_id: UUID, other_id: UUID) -> dict[str, Any]:
    """How two finished runs differ: settings, data, returns with their ranges, fit and health; the older one first."""
    return comparisons.compared(principal, run_id, other_id).to_json()


@router.post("/refresh", status_code=201, dependencies=[Depends(limited(Limit.RUN))])
def refresh(principal: Writer, run_id: UUID) -> dict[str, Any]:
    """Fit the newest checked version of the run's data with the same settings and seed."""
    return comparisons.refresh(principal, run_id)
