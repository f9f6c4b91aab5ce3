"""/api/models/preview: what the priors of a run say before the data do."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from mixmodel_app.api.dependencies import Writer, limited
from mixmodel_app.services import previews
from mixmodel_app.services.limits import Limit

router = APIRouter(prefix="/api/models", tags=["Runs"])


class PreviewBody(BaseModel):
    dataset_id: UUID
    config: dict[str, Any] | None = Field(None, description="As for a run: preset `mode` and overrides.")


@router.post("/preview", dependencies=[Depends(limited(Limit.PREVIEW))])
def preview(principal: Writer, body: PreviewBody) -> dict[str, Any]:
    """Returns, media and outcome as the priors see them, with a warning for what is implausible. No fit is run."""
    return previews.preview(principal, body.dataset_id, body.config).to_json()
