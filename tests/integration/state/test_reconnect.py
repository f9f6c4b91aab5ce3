"""A tab whose web is gone, or whose connection broke unnoticed, keeps its state; a copied tab gets one of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from redis.asyncio import Redis
from reflex.utils.token_manager import RedisTokenManager

from mixmodel_app.local.stack import EmbeddedStores
from mixmodel_app.state.reconnect import comes_back, take_over

TOKEN = "3b0a4a2e-5a52-4f0e-9a4d-6f7b3f0c1d22"


@asynccontextmanager
async def _web(stores: EmbeddedStores) -> AsyncIterator[RedisTokenManager]:
    """The part of a web process that knows which tab is connected where."""
    made = RedisTokenManager(Redis.from_url(stores.env()["REDIS_URL"]))
    made._reset_instance_id()
    try:
        yield made
    finally:
        await made.close()


async def test_a_tab_keeps_its_token_when_its_web_is_gone(stores: EmbeddedStores, clean: None) -> None:
    async with _web(stores) as killed, _web(stores) as other:
        assert await killed.link_token_to_sid(TOKEN, "first") is None
        await take_over(other, TOKEN, "second")
        assert await other.link_token_to_sid(TOKEN, "second") is None
        assert await killed._get_token_owner(TOKEN, refresh=True) == other.instance_id
        await killed.disconnect_token(TOKEN, "first")
        assert await other.is_token_connected(TOKEN), "the old connection takes nothing with it"
        assert await other._fetch_socket_record(TOKEN) is not None


async def test_a_tab_keeps_its_token_when_its_old_connection_broke_unnoticed(
    stores: EmbeddedStores, clean: None
) -> None:
    async with _web(stores) as web:
        await web.link_token_to_sid(TOKEN, "first")
        await take_over(web, TOKEN, "second")
        assert await web.link_token_to_sid(TOKEN, "second") is None
        assert web.sid_to_token == {"second": TOKEN}


async def test_a_copied_tab_gets_a_token_of_its_own(stores: EmbeddedStores, clean: None) -> None:
    async with _web(stores) as web, _web(stores) as other:
        await web.link_token_to_sid(TOKEN, "first")
        assert await other.link_token_to_sid(TOKEN, "second") not in (None, TOKEN)


@pytest.mark.parametrize(
    ("auth", "back"),
    [
        ({"event": {"name": "reflex___state____state.hydrate_and_load"}}, True),
        ({"event": {"name": "reflex___state____state.hydrate_and_load", "payload": {"vars": {}}}}, True),
        ({"event": {"name": "reflex___state____state.hydrate_and_load", "payload": {"hashes": ["a"]}}}, False),
        ({"event": {"name": "reflex___state____state.hydrate", "payload": {}}}, False),
        ({"event": "hydrate_and_load"}, False),
        ("", False),
        (None, False),
    ],
)
def test_only_a_page_that_held_state_before_comes_back(auth: Any, back: bool) -> None:
    assert comes_back(auth) is back
