"""Links to a run's results for people without an account, and comments for those with one."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from mixmodel_app.api.dependencies import Reader, Writer, limited, limited_address
from mixmodel_app.domain.errors import NotFound
from mixmodel_app.exports.web_report import message_page
from mixmodel_app.services import comments, results, shares
from mixmodel_app.services.limits import Limit
from mixmodel_app.services.results import View
from mixmodel_app.wording import numbers

router = APIRouter(tags=["Runs"])

_UNSEEN = {"X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store"}
"""Neither search engines nor caches keep what a link shows."""


class ShareBody(BaseModel):
    view: View = View.EXECUTIVE
    days: int = Field(default=shares.DAYS, description="How long the link works, from 1 to 365.")


class CommentBody(BaseModel):
    text: str


@router.get("/api/models/{run_id}/shares")
def links(principal: Reader, run_id: UUID) -> list[dict[str, Any]]:
    """The links to a run, without their tokens."""
    return shares.of_run(principal, run_id)


@router.post("/api/models/{run_id}/shares", status_code=201, dependencies=[Depends(limited(Limit.SHARE))])
def share(principal: Writer, run_id: UUID, body: ShareBody) -> dict[str, Any]:
    """Make a link by which anyone may read one view; its token is told this once."""
    return shares.create(principal, run_id, body.view, body.days)


@router.delete("/api/shares/{share_id}", status_code=204)
def revoke(principal: Writer, share_id: UUID) -> Response:
    """End a link at once."""
    shares.revoke(principal, share_id)
    return Response(status_code=204)


@router.get("/api/shared/{token}", dependencies=[Depends(limited_address(Limit.OPEN_SHARE))])
def shared(token: str, response: Response) -> dict[str, Any]:
    """What a link shows, for whoever has it (open)."""
    found = shares.opened(token)
    numbers.use(found.reader.preferences)
    response.headers.update(_UNSEEN)
    return {"view": found.view, "results": results.views(found.reader, found.run_id, found.view)}


@router.get("/shared/{token}", include_in_schema=False, dependencies=[Depends(limited_address(Limit.OPEN_SHARE))])
def shared_page(token: str) -> HTMLResponse:
    """The same as a page for people (open)."""
    try:
        return HTMLResponse(shares.page(token), headers=_UNSEEN)
    except NotFound as error:
        return HTMLResponse(message_page(error.title, error.message, error.hint), 404, headers=_UNSEEN)


@router.get("/api/models/{run_id}/comments")
def notes(principal: Reader, run_id: UUID) -> list[dict[str, Any]]:
    """The comments on a run, the oldest first."""
    return comments.of_run(principal, run_id)


@router.post("/api/models/{run_id}/comments", status_code=201, dependencies=[Depends(limited(Limit.COMMENT))])
def note(principal: Writer, run_id: UUID, body: CommentBody) -> dict[str, Any]:
    """Comment on a run."""
    return comments.add(principal, run_id, body.text)


@router.delete("/api/comments/{comment_id}", status_code=204)
def forget(principal: Writer, comment_id: UUID) -> Response:
    """Delete a comment: one's own, or as an admin anyone's."""
    comments.delete(principal, comment_id)
    return Response(status_code=204)
