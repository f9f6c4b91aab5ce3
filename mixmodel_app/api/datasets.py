"""/api/datasets: upload, mapping, validation."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response, UploadFile
from pydantic import BaseModel

from mixmodel_app.api.dependencies import Caller, limited
from mixmodel_app.api.listings import Cursor, Limit, listing
from mixmodel_app.api.upload_guard import too_large
from mixmodel_app.services import datasets
from mixmodel_app.services.datasets import MAX_UPLOAD_BYTES
from mixmodel_app.services.limits import Limit as RateLimit

router = APIRouter(prefix="/api/datasets", tags=["Datasets"])

_CHUNK = 1024 * 1024


class MappingBody(BaseModel):
    column_mapping: dict[str, Any]


@router.post("/upload", status_code=201, dependencies=[Depends(limited(RateLimit.UPLOAD))])
def upload(principal: Caller, file: UploadFile) -> dict[str, Any]:
    """Upload a CSV or XLSX file of at most 50 MB; the answer says how it was read and which column seems to be what."""
    with _spooled(file) as path:
        return datasets.upload(principal, path, file.filename or "upload")


@router.get("")
def index(
    request: Request, response: Response, principal: Caller, limit: Limit = 50, cursor: Cursor = None
) -> list[dict[str, Any]]:
    """The workspace's datasets, newest first. A `Link` header names the next page."""
    return listing(request, response, datasets.page(principal, limit, cursor))


@router.get("/{dataset_id}")
def detail(principal: Caller, dataset_id: UUID) -> dict[str, Any]:
    """One dataset with its columns, detection, mapping and last report."""
    return datasets.get(principal, dataset_id)


@router.get("/{dataset_id}/preview")
def preview(principal: Caller, dataset_id: UUID, limit: Limit = datasets.PREVIEW_ROWS) -> dict[str, Any]:
    """The first rows as MixModel reads them."""
    return datasets.preview(principal, dataset_id, limit)


@router.put("/{dataset_id}/mapping")
def mapping(principal: Caller, dataset_id: UUID, body: MappingBody) -> dict[str, Any]:
    """Say which column plays which role."""
    return datasets.set_mapping(principal, dataset_id, body.column_mapping)


@router.post("/{dataset_id}/validate", dependencies=[Depends(limited(RateLimit.VALIDATE))])
def validate(principal: Caller, dataset_id: UUID) -> dict[str, Any]:
    """Run every check under the mapping."""
    return datasets.validate(principal, dataset_id).to_json()


@router.delete("/{dataset_id}", status_code=204)
def delete(principal: Caller, dataset_id: UUID) -> Response:
    """Delete a dataset with its files and runs."""
    datasets.delete(principal, dataset_id)
    return Response(status_code=204)


@contextmanager
def _spooled(file: UploadFile) -> Iterator[Path]:
    """The upload as a temporary file that is gone afterwards; stops as soon as it is too large."""
    with tempfile.TemporaryDirectory(prefix="mixmodel-upload-") as folder:
        path = Path(folder) / "upload"
        size = 0
        with path.open("wb") as target:
            while chunk := file.file.read(_CHUNK):
                size += len(chunk)
                if size > MAX_UPLOAD_BYTES:
                    raise too_large()
                target.write(chunk)
        yield path
