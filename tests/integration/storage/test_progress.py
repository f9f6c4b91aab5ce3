"""Progress in Redis: one command for what is no new stage, one reader for all who watch."""

import asyncio
import os
import signal
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest

from mixmodel_app.domain.run import ProgressEvent, RunStatus, Stage
from mixmodel_app.local.stack import EmbeddedStores
from mixmodel_app.storage import feeds, progress, redis, tallies

WORKSPACE = uuid4()


@pytest.fixture
def run_id(clean: None) -> UUID:
    return uuid4()


def _event(run_id: UUID, percent: int, stage: Stage = Stage.SAMPLING) -> ProgressEvent:
    status = RunStatus.COMPLETED if stage is Stage.DONE else RunStatus.RUNNING
    return ProgressEvent(str(run_id), status, stage, percent, f"at {percent}")


def _commands() -> dict[str, int]:
    """How often each command was done so far, those inside of scripts too."""
    found: Any = redis.client().info("commandstats")
    return {name.removeprefix("cmdstat_"): each["calls"] for name, each in found.items() if "info" not in name}


def _done_since(before: dict[str, int]) -> dict[str, int]:
    return {name: calls - before.get(name, 0) for name, calls in _commands().items() if calls > before.get(name, 0)}


def _told(run_id: UUID) -> list[ProgressEvent]:
    entries: Any = redis.client().xrange(progress.stream(WORKSPACE, run_id))
    return [event for _, entry in entries for event in progress.events_in(entry)]


def test_what_begins_no_stage_is_one_command_however_much_is_told(run_id: UUID) -> None:
    teller = progress.Teller(WORKSPACE, run_id)
    teller.tell([_event(run_id, 30)])
    before = _commands()
    teller.tell([_event(run_id, 31), _event(run_id, 36)])
    teller.tell([_event(run_id, 40)])
    assert _done_since(before) == {"xadd": 2}
    assert [event.progress for event in _told(run_id)] == [30, 31, 36, 40]
    last = progress.snapshot(WORKSPACE, run_id)
    assert last == _event(run_id, 40)


def test_what_redis_lost_begins_anew_and_ends_by_itself(run_id: UUID) -> None:
    teller = progress.Teller(WORKSPACE, run_id)
    teller.tell([_event(run_id, 30)])
    redis.client().flushdb()
    redis.client().script_flush()
    assert teller.tell([_event(run_id, 50)])
    assert [event.progress for event in _told(run_id)] == [50]
    left: Any = redis.client().ttl(progress.stream(WORKSPACE, run_id))
    assert 0 < left <= progress.KEEP_SECONDS


def test_a_stage_lasts_from_its_first_event_whoever_tells_the_next(run_id: UUID) -> None:
    teller = progress.Teller(WORKSPACE, run_id)
    teller.tell([_event(run_id, 30)])
    [(first, _)] = redis.client().xrange(progress.stream(WORKSPACE, run_id))  # pyright: ignore[reportGeneralTypeIssues]
    teller.tell([_event(run_id, 40)])
    progress.publish(WORKSPACE, _event(run_id, 50))
    progress.publish(WORKSPACE, _event(run_id, 100, Stage.DONE))
    last: Any = redis.client().xrevrange(progress.stream(WORKSPACE, run_id), count=1)
    times = tallies.read().stages[Stage.SAMPLING]
    assert times.count == 1
    began, ended = (int(entry_id.partition("-")[0]) for entry_id in (first, last[0][0]))
    assert times.total == pytest.approx((ended - began) / 1000, abs=0.0011)
    assert times.below[1800] == 1


async def _close(followers: Sequence[Any]) -> None:
    for follower in followers:
        await follower.aclose()


async def test_all_who_watch_a_run_share_one_reader(run_id: UUID) -> None:
    progress.publish(WORKSPACE, _event(run_id, 30))
    before = len(redis.client().client_list())  # pyright: ignore[reportArgumentType]
    followers = [feeds.follow(WORKSPACE, run_id) for _ in range(20)]
    assert [await anext(each) for each in followers] == [[_event(run_id, 30)]] * 20
    assert len(redis.client().client_list()) == before + 1  # pyright: ignore[reportArgumentType]
    progress.publish(WORKSPACE, _event(run_id, 40))
    assert [await anext(each) for each in followers] == [[_event(run_id, 40)]] * 20
    await _close(followers[1:])
    progress.publish(WORKSPACE, _event(run_id, 50))
    assert await anext(followers[0]) == [_event(run_id, 50)]
    await _close(followers[:1])
    assert not feeds._Feed._open


async def test_who_is_slow_gets_everything_at_once_and_who_comes_late_the_last(run_id: UUID) -> None:
    slow = feeds.follow(WORKSPACE, run_id)
    assert await anext(slow) == []
    quick = feeds.follow(WORKSPACE, run_id)
    assert await anext(quick) == []
    for percent in (30, 40, 50):
        progress.publish(WORKSPACE, _event(run_id, percent))
        assert await anext(quick) == [_event(run_id, percent)]
    assert await anext(slow) == [_event(run_id, percent) for percent in (30, 40, 50)]
    late = feeds.follow(WORKSPACE, run_id)
    assert await anext(late) == [_event(run_id, 50)]
    progress.publish(WORKSPACE, _event(run_id, 100, Stage.DONE))
    for each in (slow, quick, late, feeds.follow(WORKSPACE, run_id)):
        assert [events async for events in each] == [[_event(run_id, 100, Stage.DONE)]]
    assert not feeds._Feed._open


async def test_silence_is_told_and_an_outage_ends(run_id: UUID, stores: EmbeddedStores) -> None:
    follower = feeds.follow(WORKSPACE, run_id, idle_seconds=0.05)
    assert not any([await anext(follower) for _ in range(3)])
    process = stores.valkey.process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    try:
        assert not await anext(follower)
    finally:
        stores.valkey.start()
    redis.ping()
    progress.publish(WORKSPACE, _event(run_id, 40))
    async with asyncio.timeout(20):
        while not (events := await anext(follower)):
            pass
    assert events == [_event(run_id, 40)]
    await follower.aclose()


async def test_what_cannot_be_read_is_raised_by_all_who_watch(run_id: UUID) -> None:
    followers = [feeds.follow(WORKSPACE, run_id) for _ in range(2)]
    for each in followers:
        await anext(each)
    redis.client().xadd(progress.stream(WORKSPACE, run_id), {"event": "no JSON", "stage": "sampling"})
    for each in followers:
        with pytest.raises(ValueError, match="Expecting value"):
            _ = [events async for events in each]
    assert not feeds._Feed._open
