"""/api/docs: Swagger UI from our own host, without inline scripts, so that it works under the strict policy."""

from importlib import resources

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles

PATH = "/api/docs"
OPENAPI = "/api/openapi.json"

router = APIRouter(prefix=PATH, include_in_schema=False)

_PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API – MixModel</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="{PATH}/assets/swagger-ui.css">
</head>
<body>
<main id="swagger-ui"></main>
<script src="{PATH}/assets/swagger-ui-bundle.js"></script>
<script src="{PATH}/start.js"></script>
</body>
</html>
"""

_START = f'SwaggerUIBundle({{ url: "{OPENAPI}", dom_id: "#swagger-ui", persistAuthorization: false }});\n'


def assets() -> StaticFiles:
    """Swagger UI's own files, from its package."""
    return StaticFiles(directory=str(resources.files("fastapi_swagger") / "resources"))


@router.get("")
def page() -> HTMLResponse:
    return HTMLResponse(_PAGE)


@router.get("/start.js")
def start() -> Response:
    return Response(_START, media_type="text/javascript")
