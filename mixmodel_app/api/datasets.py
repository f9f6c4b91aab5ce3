"""/api/datasets: upload, reading, mapping, validation, downloads."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request, Response, UploadFile
from pydantic import BaseModel

from mixmodel_app.api.dependencies import Reader, Writer, limited
from mixmodel_app.api.listings import Cursor, Limit, listing
from mixmodel_app.api.upload_guard import too_large
from mixmodel_app.services import dataset_downloads, dataset_versions, datasets
from mixmodel_app.services.dataset_downloads import TableFormat
from mixmodel_app.services.datasets import MAX_UPLOAD_BYTES
from mixmodel_app.services.limits import Limit as RateLimit

router = APIRouter(prefix="/api/datasets", tags=["Datasets"])

_CHUNK = 1024 * 1024


class MappingBody(BaseModel):
    column_mapping: dict[str, Any]


class ReadingBody(BaseModel):
    """How to read the file; what is left out is decided by the reader."""

    sheet: str | None = None
    decimal: Literal[".", ","] | None = None
    day_first: bool | None = None
    reshape: bool = True


@router.post("/upload", status_code=201, dependencies=[Depends(limited(RateLimit.UPLOAD))])
def upload(principal: Writer, file: UploadFile, version_of: Annotated[UUID | None, Form()] = None) -> dict[str, Any]:
    """Upload a CSV or XLSX file of at most 50 MB; the answer says how it was read and which column seems to be what.

    A file with the header of an earlier dataset becomes its next version; so does one that names it in `version_of`.
    """
    with _spooled(file) as path:
        return datasets.upload(principal, path, file.filename or "upload", version_of=version_of)


@router.get("")
def index(
    request: Request, response: Response, principal: Reader, limit: Limit = 50, cursor: Cursor = None
) -> list[dict[str, Any]]:
    """The workspace's datasets, newest first. A `Link` header names the next page."""
    return listing(request, response, datasets.page(principal, limit, cursor))


@router.get("/{dataset_id}")
def detail(principal: Reader, dataset_id: UUID) -> dict[str, Any]:
    """One dataset with its columns, detection, mapping and last report."""
    return datasets.get(principal, dataset_id)


@router.get("/{dataset_id}/preview")
def preview(principal: Reader, dataset_id: UUID, limit: Limit = datasets.PREVIEW_ROWS) -> dict[str, Any]:
    """The first rows as MixModel reads them."""
    return datasets.preview(principal, dataset_id, limit)


@router.post("/{dataset_id}/reading", dependencies=[Depends(limited(RateLimit.UPLOAD))])
def reading(principal: Writer, dataset_id: UUID, body: ReadingBody) -> dict[str, Any]:
    """Read the file again, the way you say: answers to the dataset's `questions`. Repairs are dropped."""
    return datasets.read_again(principal, dataset_id, body.model_dump(exclude_unset=True))


@router.put("/{dataset_id}/mapping")
def mapping(principal: Writer, dataset_id: UUID, body: MappingBody) -> dict[str, Any]:
    """Say which column plays which role."""
    return datasets.set_mapping(principal, dataset_id, body.column_mapping)


@router.post("/{dataset_id}/validate", dependencies=[Depends(limited(RateLimit.VALIDATE))])
def validate(principal: Writer, dataset_id: UUID) -> dict[str, Any]:
    """Run every check under the mapping."""
    return datasets.validate(principal, dataset_id).to_json()


@router.get("/{dataset_id}/answerability")
def answerability(principal: Reader, dataset_id: UUID) -> dict[str, Any] | None:
    """What these data can tell before any fit; null while errors (dates, outcome, too few periods) stand in the way."""
    found = datasets.answers(principal, dataset_id)
    return found.to_json() if found else None


@router.get("/{dataset_id}/changes")
def changes(principal: Reader, dataset_id: UUID) -> dict[str, Any]:
    """How this version differs from the one before: new periods, columns, and figures of the past that changed."""
    return dataset_versions.changes(principal, dataset_id)


@router.get("/{dataset_id}/table.{kind}", response_class=Response)
def table(principal: Reader, dataset_id: UUID, kind: TableFormat) -> Response:
    """The table as it is now, repairs included: CSV, XLSX (with the log of repairs) or Parquet."""
    return _saved(dataset_downloads.table(principal, dataset_id, kind))


@router.get("/{dataset_id}/findings.csv", response_class=Response)
def findings(principal: Reader, dataset_id: UUID) -> Response:
    """Every finding of the last validation, one per line."""
    return _saved(dataset_downloads.findings(principal, dataset_id))


@router.delete("/{dataset_id}", status_code=204)
def delete(principal: Writer, dataset_id: UUID) -> Response:
    """Delete a dataset with its files and runs."""
    datasets.delete(principal, dataset_id)
    return Response(status_code=204)


def _saved(file: dataset_downloads.Download) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{file.filename}"'}
    return Response(file.content, media_type=file.media_type, headers=headers)


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
