"""A socket client that keeps to no rules: it calls any handler with any payload."""

import asyncio
import inspect
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import socketio

from tests.architecture.app_parts import all_states, handlers_of

NAMESPACE = "/_event"
ANSWER_LIMIT_S = 10.0
QUIET_S = 0.4
ROOT_STATE = "reflex___state____state"


@dataclass(frozen=True)
class Handler:
    """One event as the server registers it."""

    full_name: str
    method: Callable[..., Any]

    @property
    def parameters(self) -> dict[str, Any]:
        signature = inspect.signature(self.method)
        return {name: p.annotation for name, p in signature.parameters.items() if name != "self"}


def every_handler() -> list[Handler]:
    """All events of all states, Reflex's own included."""
    return [
        Handler(f"{state.get_full_name()}.{name}", found.fn)
        for state in all_states()
        for name, found in handlers_of(state).items()
    ]


class SocketTab:
    """One connection with one client token; `heard` is everything the server has sent, as text."""

    def __init__(self, client: socketio.AsyncClient, token: str) -> None:
        self.client, self.token = client, token
        self.heard: list[str] = []
        self._messages: asyncio.Queue[Any] = asyncio.Queue()
        client.on("event", namespace=NAMESPACE, handler=self._hear)

    async def _hear(self, message: Any) -> None:
        self.heard.append(json.dumps(message))
        await self._messages.put(message)

    async def call(self, name: str, payload: dict[str, Any], path: str = "/", **query: str) -> str:
        """Send one event; gives what came back until the server was done with it (or fell silent)."""
        before = len(self.heard)
        place = {"pathname": path, "asPath": path, "query": query}
        await self.client.emit("event", {"name": name, "payload": payload, "router_data": place}, namespace=NAMESPACE)
        await self._until_done()
        return "\n".join(self.heard[before:])

    async def _until_done(self) -> None:
        limit = ANSWER_LIMIT_S
        while True:
            try:
                message = await asyncio.wait_for(self._messages.get(), limit)
            except TimeoutError:
                return
            done = json.loads(message).get("final") if isinstance(message, str) else message.get("final", True)
            limit = QUIET_S if done else ANSWER_LIMIT_S


@asynccontextmanager
async def socket_tab(
    url: str, *, cookie: str | None = None, token: str | None = None, origin: str | None = None
) -> AsyncIterator[SocketTab]:
    """Connect as Reflex's own script does, with whatever cookie, token and origin; hydrates at once."""
    client = socketio.AsyncClient(reconnection=False)
    tab = SocketTab(client, token or str(uuid4()))
    headers = {name: value for name, value in (("Cookie", cookie), ("Origin", origin)) if value}
    hydrate = {"name": f"{ROOT_STATE}.hydrate", "payload": {}, "router_data": {"pathname": "/", "query": {}}}
    await client.connect(
        f"{url}/?token={tab.token}",
        headers=headers,
        transports=["websocket"],
        socketio_path="/_event",
        namespaces=[NAMESPACE],
        auth={"event": hydrate},
    )
    try:
        await tab._until_done()
        yield tab
    finally:
        await client.disconnect()
