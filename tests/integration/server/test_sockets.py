"""The WebSocket under load and attack: size, pace, number, headers and origin, by a plain WebSocket client."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from mixmodel_app.api.headers import FIXED
from mixmodel_app.api.socket_guard import SocketBounds
from mixmodel_app.config import SOCKET_MESSAGE_BYTES
from tests.integration.server.conftest import SOCKETS, Web

BOUNDS = SocketBounds(patience_s=1, per_address=1)


@asynccontextmanager
async def _socket(web: Web) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{web.url}/echo") as socket:
        yield socket


async def test_a_message_of_the_largest_size_passes_and_one_more_byte_ends_the_socket(web: Web) -> None:
    async with _socket(web) as socket:
        await socket.send_str("x" * SOCKET_MESSAGE_BYTES)
        assert (await socket.receive_str()) == str(SOCKET_MESSAGE_BYTES)
        await socket.send_str("x" * (SOCKET_MESSAGE_BYTES + 1))
        ended = await socket.receive(timeout=10)
    assert ended.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
    assert socket.close_code == 1009


async def test_who_sends_too_often_is_slowed_and_loses_nothing(web: Web) -> None:
    beyond = 60
    async with _socket(web) as socket:
        started = time.monotonic()
        for _ in range(BOUNDS.burst + beyond):
            await socket.send_str("x")
        for _ in range(BOUNDS.burst + beyond):
            assert (await socket.receive_str(timeout=20)) == "1"
        assert time.monotonic() - started > 0.8 * beyond / BOUNDS.rate


async def test_an_address_has_so_many_sockets_and_no_more(web: Web) -> None:
    async with aiohttp.ClientSession() as session:
        held = [await session.ws_connect(f"{web.url}/echo") for _ in range(SOCKETS)]
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(f"{web.url}/echo")
        assert refused.value.status == 429
        assert refused.value.headers["retry-after"] == "60"
        request_id = refused.value.headers["x-request-id"]
        for socket in held:
            await socket.close()
    await _until_there_is_room(web)
    assert any("socket refused" in line for line in web.lines_with(request_id))


async def _until_there_is_room(web: Web) -> None:
    for _ in range(50):
        try:
            async with _socket(web):
                return
        except aiohttp.WSServerHandshakeError:
            await asyncio.sleep(0.1)
    raise AssertionError("sockets that were closed still count")


@pytest.mark.parametrize("path", ["/closed", "/nowhere"])
async def test_a_socket_that_is_refused_is_told_in_the_words_of_every_refusal(web: Web, path: str) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(f"{web.url}{path}")
    assert refused.value.status == 403
    headers = refused.value.headers
    assert headers["content-type"] == "application/problem+json"
    for name in (*FIXED, "content-security-policy", "x-request-id"):
        assert headers[name], name
