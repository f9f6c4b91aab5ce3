"""/api/datasets/{id}/fixes: repairs, tried or made, taken back, and made again on a new version."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from mixmodel_app.api.dependencies import Reader, Writer, limited
from mixmodel_app.domain.fixes import FixOffer
from mixmodel_app.services import dataset_fixes, datasets
from mixmodel_app.services.limits import Limit

router = APIRouter(prefix="/api/datasets/{dataset_id}/fixes", tags=["Datasets"])


class FixBody(BaseModel):
    """One repair, as the `fixes` of a finding name it."""

    kind: str = Field(description='The name of the repair, like "fill_zero".')
    arguments: dict[str, Any] = Field(default_factory=dict)
    preview: bool = Field(default=False, description="Say what it would do, and do nothing.")


@router.get("")
def log(principal: Reader, dataset_id: UUID) -> list[dict[str, Any]]:
    """The repairs of a dataset, oldest first, each with what it did, when and by whom."""
    return datasets.get(principal, dataset_id)["fixes"]


@router.post("", dependencies=[Depends(limited(Limit.VALIDATE))])
def apply(principal: Writer, dataset_id: UUID, body: FixBody) -> dict[str, Any]:
    """Make a repair and check the data anew, or with `preview` say how many cells and rows it would change."""
    if body.preview:
        return {"change": dataset_fixes.preview(principal, dataset_id, body.kind, body.arguments), "dataset": None}
    done = dataset_fixes.apply(principal, dataset_id, [FixOffer(body.kind, "", body.arguments)])
    return {"change": done["changes"][0], "dataset": done["dataset"]}


@router.delete("/last", dependencies=[Depends(limited(Limit.VALIDATE))])
def undo(principal: Writer, dataset_id: UUID) -> dict[str, Any]:
    """Take the last repair back and check the data anew."""
    return dataset_fixes.undo(principal, dataset_id)


@router.post("/repeat", dependencies=[Depends(limited(Limit.VALIDATE))])
def repeat(principal: Writer, dataset_id: UUID) -> dict[str, Any]:
    """Make the repairs of the version before again; those that the new data do not allow are skipped with a reason."""
    return dataset_fixes.repeat(principal, dataset_id)
