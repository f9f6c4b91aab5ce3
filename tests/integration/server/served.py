"""The layers and the API as granian serves them, without the pages: for tests that talk to it through a raw socket."""

import tempfile
from pathlib import Path

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket, WebSocketDisconnect

from mixmodel_app.api.asgi import layers

APP = "tests.integration.server.served:create"


def create() -> ASGIApp:
    """Built like the product's own application; where that has Reflex, there is something to talk to."""
    inner = Starlette(
        routes=[
            Route("/large", _large),
            Route("/fail", _fail),
            WebSocketRoute("/echo", _echo),
            WebSocketRoute("/closed", _closed),
        ]
    )
    api, *around = layers((), Path(tempfile.mkdtemp()))
    api.mount("", inner)  # pyright: ignore[reportAttributeAccessIssue]
    app: ASGIApp = api  # pyright: ignore[reportAssignmentType]
    for layer in around:
        app = layer(app)
    return app


async def _large(_request: object) -> StreamingResponse:
    """64 MB in pieces: more than the buffers between two processes hold."""

    async def pieces():
        for _ in range(1024):
            yield b"x" * 65536

    return StreamingResponse(pieces(), media_type="application/octet-stream")


async def _fail(_request: object) -> PlainTextResponse:
    raise RuntimeError("the database at 10.0.0.7 said no")


async def _echo(socket: WebSocket) -> None:
    await socket.accept()
    try:
        while True:
            await socket.send_text(str(len(await socket.receive_text())))
    except WebSocketDisconnect:
        return


async def _closed(socket: WebSocket) -> None:
    await socket.close()
