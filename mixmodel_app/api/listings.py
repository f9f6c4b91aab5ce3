"""Listings: a plain JSON array, newest first, and the way to its next page in a `Link` header (RFC 8288)."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query, Request, Response

from mixmodel_app.storage.repositories.pages import MAX_LIMIT

Limit = Annotated[int, Query(alias="limit", ge=1, le=MAX_LIMIT, description="Rows at most.")]
Cursor = Annotated[str | None, Query(description="Id of the last row seen; the answer goes on after it.")]


def listing(request: Request, response: Response, page: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of a page of `{"items", "next_cursor"}`; names the next page in the response's header."""
    if page["next_cursor"] is not None:
        query = urlencode(dict(request.query_params) | {"cursor": page["next_cursor"]})
        response.headers["Link"] = f'<{request.url.path}?{query}>; rel="next"'
    return page["items"]
