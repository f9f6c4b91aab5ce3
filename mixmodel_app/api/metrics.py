"""/metrics: for Prometheus alone. Whoever may not read it finds nothing there."""

import ipaddress
import secrets

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.exceptions import HTTPException

from mixmodel_app import metrics
from mixmodel_app.config import settings
from mixmodel_app.services.gauges import InstallationGauges

router = APIRouter(include_in_schema=False)

_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


@router.get("/metrics")
def show(request: Request) -> Response:
    """What the web processes counted, and the state of the installation."""
    if not _may_read(request):
        raise HTTPException(404)
    installation = CollectorRegistry()
    installation.register(InstallationGauges())
    text = generate_latest(metrics.counted()) + generate_latest(installation)
    return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"})


def _may_read(request: Request) -> bool:
    """By `METRICS_TOKEN`. Without one, nobody in production; elsewhere programs of this machine.

    A proxy on the same machine is one of those too: what it passes on for somebody else does not count.
    """
    token = settings().operation.metrics_token
    if token:
        given = request.headers.get("authorization", "")
        return secrets.compare_digest(given.encode(), f"Bearer {token}".encode())
    through_proxy = any(name in request.headers for name in _FORWARDED)
    return not settings().is_production and not through_proxy and _is_here(request)


def _is_here(request: Request) -> bool:
    try:
        return ipaddress.ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        return False
