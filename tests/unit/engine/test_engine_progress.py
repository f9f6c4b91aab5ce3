"""Progress never goes back and misses no 5 % of the sampling."""

import itertools

import pytest

from mixmodel_app.domain.live import ChainState, LiveFit
from mixmodel_app.domain.run import Stage
from mixmodel_app.engine.progress import ProgressReporter, SamplingClock
from mixmodel_app.engine.types import FitProgress


def test_a_jump_reports_every_step_of_five_per_cent() -> None:
    seen: list[FitProgress] = []
    report = ProgressReporter(seen.append)
    report(Stage.SAMPLING, 0.02, "")
    report(Stage.SAMPLING, 0.21, "")
    report(Stage.SAMPLING, 1.0, "")
    fractions = [progress.fraction for progress in seen]
    assert fractions == sorted(fractions)
    steps = [after - before for before, after in zip([0, *fractions], fractions, strict=False)]
    assert max(steps) <= 0.05 + 1e-9
    assert fractions[-1] == 1


def test_a_stage_that_was_left_early_is_completed_first() -> None:
    seen: list[FitProgress] = []
    report = ProgressReporter(seen.append)
    report(Stage.TUNING, 0.1, "")
    report(Stage.SAMPLING, 0.5, "")
    report(Stage.EXTRACTING, 0.0, "")
    percents = [progress.stage.percent(progress.fraction) for progress in seen]
    assert percents == sorted(percents)
    assert max(after - before for before, after in itertools.pairwise(percents)) <= 5


def test_what_is_seen_inside_is_news_where_the_bar_stands() -> None:
    seen: list[FitProgress] = []
    report = ProgressReporter(seen.append)
    live = LiveFit((ChainState(10, 100, True, 0, 0.1),))
    report(Stage.SAMPLING, 0.12, "", None, live)
    report(Stage.SAMPLING, 0.12, "")
    report(Stage.SAMPLING, 0.11, "", None, live)
    assert [progress.fraction for progress in seen] == [0.0, 0.05, 0.1, 0.12, 0.12]
    assert [progress.live for progress in seen] == [None, None, None, live, live]


def test_what_is_not_ahead_is_dropped() -> None:
    seen: list[FitProgress] = []
    report = ProgressReporter(seen.append)
    report(Stage.TUNING, 0.5, "")
    report(Stage.TUNING, 0.5, "")
    report(Stage.TUNING, 0.4, "")
    report(Stage.PREPARING, 1.0, "")
    report(Stage.TUNING, 7.0, "")
    assert {progress.stage for progress in seen} == {Stage.TUNING}
    assert [progress.fraction for progress in seen] == [0.0, 0.25, 0.5, 0.75, 1.0]


def test_without_a_callback_nothing_happens() -> None:
    ProgressReporter()(Stage.SAMPLING, 0.5, "")


@pytest.mark.parametrize(
    ("finished", "stage", "fraction"),
    [
        ([0, 0], Stage.TUNING, 0.0),
        ([50, 100], Stage.TUNING, 0.75),
        ([99, 300], Stage.TUNING, 0.995),
        ([100, 100], Stage.SAMPLING, 0.0),
        ([200, 300], Stage.SAMPLING, 0.75),
        ([300, 300], Stage.SAMPLING, 1.0),
    ],
)
def test_tuning_lasts_until_every_chain_is_tuned(finished: list[int], stage: Stage, fraction: float) -> None:
    clock = SamplingClock(tune=100, draws=200, chains=2, rounds=1)
    assert clock.read(finished)[:2] == (stage, pytest.approx(fraction))


def test_the_time_left_is_nothing_at_the_end_and_unknown_at_the_start() -> None:
    clock = SamplingClock(tune=100, draws=200, chains=2, rounds=1)
    assert clock.read([0, 0])[2] is None
    assert clock.read([300, 300])[2] == pytest.approx(0)


def test_more_rounds_than_thought_stretch_what_is_left() -> None:
    clock = SamplingClock(tune=100, draws=200, chains=2)
    assert clock.read([300, 300])[1] == pytest.approx(0.5)
    clock.expect(4)
    assert clock.read([300, 300])[1] == pytest.approx(0.25)


def test_many_draws_are_expected_to_be_enough_at_once() -> None:
    assert SamplingClock(tune=1000, draws=2000, chains=4).read([3000] * 4)[1] == 1
