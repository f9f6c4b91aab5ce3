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
ANSWER_LIMIT_S = 30.0
QUIET_S = 0.5
ROOT_STATE = "reflex___state____state"
HYDRATE = f"{ROOT_STATE}.hydrate"
HYDRATED = '"is_hydrated_rx_state_": false'
"""What the answer to `HYDRATE` holds."""


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
        self._news = asyncio.Event()
        client.on("event", namespace=NAMESPACE, handler=self._hear)

    async def _hear(self, message: Any) -> None:
        self.heard.append(message if isinstance(message, str) else json.dumps(message))
        self._news.set()

    async def send(self, name: str, payload: dict[str, Any], path: str = "/", **query: str) -> None:
        """Send one event and do not wait: one that fails is not answered at all."""
        place = {"pathname": path, "asPath": path, "query": query}
        event = {"name": name, "payload": payload, "router_data": place}
        await self.client.emit("event", event, namespace=NAMESPACE)

    async def ask(self, name: str, payload: dict[str, Any], path: str = "/", **query: str) -> list[str]:
        """Send one event; gives what was heard until the event after it was answered, which sends all of the state."""
        self.heard.clear()
        await self.send(name, payload, path, **query)
        await self.look()
        return list(self.heard)

    async def look(self) -> None:
        """Send what is always answered, with the whole state of the tab, and wait for that.

        Events of one tab are handled in turn. The answer repeats the address it was sent from, which tells it from the
        answer to any other.
        """
        address = f"/?settle={uuid4()}"
        await self.send(HYDRATE, {}, address)
        async with asyncio.timeout(ANSWER_LIMIT_S):
            while not any(HYDRATED in message and address in message for message in self.heard):
                self._news.clear()
                await self._news.wait()

    async def settle(self) -> None:
        """Wait until everything sent so far has been dealt with."""
        await self.look()
        while await self._hears_more():
            pass

    async def _hears_more(self) -> bool:
        self._news.clear()
        try:
            await asyncio.wait_for(self._news.wait(), QUIET_S)
        except TimeoutError:
            return False
        return True


@asynccontextmanager
async def socket_tab(
    url: str, *, cookie: str | None = None, token: str | None = None, origin: str | None = None
) -> AsyncIterator[SocketTab]:
    """Connect as Reflex's own script does, with whatever cookie, token and origin; hydrates at once."""
    client = socketio.AsyncClient(reconnection=False)
    tab = SocketTab(client, token or str(uuid4()))
    headers = {name: value for name, value in (("Cookie", cookie), ("Origin", origin)) if value}
    hydrate = {"name": HYDRATE, "payload": {}, "router_data": {"pathname": "/", "query": {}}}
    await client.connect(
        f"{url}/?token={tab.token}",
        headers=headers,
        transports=["websocket"],
        socketio_path="/_event",
        namespaces=[NAMESPACE],
        auth={"event": hydrate},
    )
    try:
        await tab.settle()
        yield tab
    finally:
        await client.disconnect()
