"""/api/workspace: the name and the numbers of the home page."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from mixmodel_app.api.dependencies import Caller
from mixmodel_app.services import workspace

router = APIRouter(prefix="/api/workspace", tags=["Workspace"])


class WorkspaceBody(BaseModel):
    name: str = Field(max_length=1024)


@router.get("")
def detail(principal: Caller) -> dict[str, Any]:
    """The caller's workspace."""
    return workspace.get(principal)


@router.put("")
def rename(principal: Caller, body: WorkspaceBody) -> dict[str, Any]:
    """Rename it; admins only."""
    return workspace.rename(principal, body.name)


@router.get("/stats")
def stats(principal: Caller) -> dict[str, Any]:
    """Counts, average return, recent runs and datasets, recommendations."""
    return workspace.stats(principal)
