"""/health: whether this installation can work; open to all, says nothing about why."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from mixmodel_app.services import health

router = APIRouter(prefix="/health", tags=["Health"])


@router.get("")
def check() -> JSONResponse:
    """Database, Redis, storage and worker. 200 when the web can serve; 503 when a store does not answer."""
    found = health.check()
    broken = any(state != "ok" for name, state in found["checks"].items() if name != "worker")
    return JSONResponse(found, 503 if broken else 200)


@router.get("/live")
def live() -> dict[str, Any]:
    """The process runs."""
    return {"status": "alive"}
