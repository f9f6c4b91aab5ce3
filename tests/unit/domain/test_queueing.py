"""The queue played forward: fair between workspaces, quick before long, and never later than it says."""

import random
from collections import Counter

import pytest

from mixmodel_app.domain.queueing import Place, Turn, places
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.domain.workload import workload


def _waiting(*runs: str, seconds: float = 10.0, quick: bool = False) -> list[Turn]:
    """Runs named like "a1": the letter is the workspace."""
    return [Turn(run, run[0], seconds, quick) for run in runs]


def _order(found: dict[object, Place]) -> list[object]:
    return sorted(found, key=lambda run: found[run].before)


def test_a_run_alone_starts_at_once() -> None:
    assert places([], _waiting("a1"), workers=1, share=1) == {"a1": Place(0, 0.0)}


def test_without_workers_nothing_is_promised() -> None:
    assert places([], _waiting("a1"), workers=0, share=1) == {}


def test_it_waits_for_what_is_being_worked_on() -> None:
    found = places([Turn("x", "b", 4.0)], _waiting("a1", "a2"), workers=1, share=1)
    assert found == {"a1": Place(0, 4.0), "a2": Place(1, 14.0)}


def test_one_workspace_with_many_runs_lets_others_pass() -> None:
    many = [f"a{number}" for number in range(50)]
    found = places([], [*_waiting(*many), *_waiting("b1", "c1")], workers=1, share=1)
    assert _order(found)[:5] == ["a0", "b1", "c1", "a1", "a2"]
    assert found["b1"].starts_in_s == 10.0


def test_a_share_leaves_a_worker_for_others() -> None:
    found = places([], _waiting("a1", "a2", "a3", "a4"), workers=3, share=2)
    assert [found[run].starts_in_s for run in ("a1", "a2", "a3", "a4")] == [0.0, 0.0, 10.0, 10.0]


def test_quick_fits_go_first() -> None:
    long, quick = _waiting("a1", "b1", seconds=600.0), _waiting("c1", seconds=2.0, quick=True)
    found = places([Turn("x", "d", 5.0)], [*long, *quick], workers=1, share=1)
    assert _order(found) == ["c1", "a1", "b1"]
    assert found["a1"].starts_in_s == 7.0


def test_what_is_in_line_stays_there_when_the_share_shrinks() -> None:
    waiting = [Turn("a1", "a", 10.0, in_line=True), Turn("a2", "a", 10.0, in_line=True), Turn("b1", "b", 10.0)]
    assert _order(places([], waiting, workers=1, share=1)) == ["a1", "a2", "b1"]


@pytest.mark.parametrize("seed", range(20))
def test_no_run_is_forgotten_and_no_workspace_goes_beyond_its_share(seed: int) -> None:
    draw = random.Random(seed)
    workers, share = draw.randint(1, 8), draw.randint(1, 4)
    waiting = [Turn(n, draw.choice("abcde"), draw.uniform(1, 100), draw.random() < 0.3) for n in range(60)]
    found = places([], waiting, workers, share)
    assert set(found) == {turn.run for turn in waiting}
    assert sorted(place.before for place in found.values()) == list(range(60))
    for place in found.values():  # who works at the moment when this one starts
        now = place.starts_in_s
        working = [t for t in waiting if found[t.run].starts_in_s <= now < found[t.run].starts_in_s + t.seconds]
        assert len(working) <= workers
        assert max(Counter(turn.workspace for turn in working).values()) <= share


def test_a_fit_costs_more_with_more_weeks_channels_and_draws() -> None:
    quick, full = RunConfig(), RunConfig(n_samples=2000, tune_steps=1000, n_chains=4)
    base = workload(quick, 208, 5)
    assert base.is_quick
    assert base.seconds < workload(quick, 832, 5).seconds < workload(quick, 832, 20).seconds
    assert base.memory_mb < workload(full, 208, 5).memory_mb
    assert not workload(full, 832, 20).is_quick
    assert workload(quick, 208, 5, pace=2.0).seconds == 2 * base.seconds
