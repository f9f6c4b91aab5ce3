"""Answers that a caller may have already: an `ETag` names their content, `If-None-Match` asks whether it changed."""

import hashlib

from fastapi import Request, Response


def tagged(request: Request, content: str) -> Response:
    """The content, which is JSON, with its `ETag`, or 304 without a body when the caller has it."""
    body = content.encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if _has(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def _has(header: str, tag: str) -> bool:
    """Whether the header names the tag, weakly or strongly, or anything at all (RFC 9110, 13.1.2)."""
    named = {part.strip().removeprefix("W/") for part in header.split(",")}
    return tag in named or "*" in named
