"""An event that is cancelled leaves its tab unlocked."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from reflex.istate.manager.redis import StateManagerRedis
from reflex.istate.manager.token import StateToken

from mixmodel_app.local.stack import EmbeddedStores
from mixmodel_app.state.locks import finish_when_cancelled

TOKEN = StateToken(ident="a-tab", cls=dict)
PATIENCE_S = 3.0
"""Well below the ten seconds after which Reflex lets a lock expire."""


@pytest.fixture
async def manager(stores: EmbeddedStores, clean: None) -> AsyncIterator[StateManagerRedis]:
    redis = Redis.from_url(stores.env()["REDIS_URL"])
    made = StateManagerRedis(redis=redis)
    finish_when_cancelled(made)
    yield made
    await made.close()
    await redis.aclose()


async def _note(manager: StateManagerRedis, word: str) -> None:
    async with manager.modify_state(TOKEN) as state:
        await asyncio.sleep(0.0005)
        state[word] = True


async def _spoil(manager: StateManagerRedis) -> None:
    async with manager.modify_state(TOKEN) as state:
        state["spoilt"] = True
        raise ValueError("spoilt")


async def _notes(manager: StateManagerRedis) -> dict[str, bool]:
    async with asyncio.timeout(PATIENCE_S), manager.modify_state(TOKEN) as state:
        return dict(state)


async def test_what_an_event_changes_is_kept(manager: StateManagerRedis) -> None:
    await _note(manager, "first")
    await _note(manager, "second")
    assert await _notes(manager) == {"first": True, "second": True}


async def test_an_error_inside_is_passed_on_and_changes_nothing(manager: StateManagerRedis) -> None:
    with pytest.raises(ValueError, match="spoilt"):
        await _spoil(manager)
    assert await _notes(manager) == {}


async def test_cancelled_at_any_moment_the_lock_comes_back(manager: StateManagerRedis) -> None:
    chance = random.Random(7)
    for number in range(150):
        event = asyncio.create_task(_note(manager, f"event {number}"))
        await asyncio.sleep(chance.uniform(0, 0.003))
        event.cancel()
        await _notes(manager)


async def test_cancelled_while_another_holds_the_lock_it_takes_nothing(manager: StateManagerRedis) -> None:
    async with manager.modify_state(TOKEN) as state:
        waiting = asyncio.create_task(_note(manager, "waited"))
        await asyncio.sleep(0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        state["held"] = True
    assert await _notes(manager) == {"held": True}
