"""What a person reads of a run that waits, and of one before it starts."""

import pytest

from mixmodel_app.domain.queueing import Place
from mixmodel_app.wording.runs import NO_WORKER, cost_sentence, duration, waiting_sentence


@pytest.mark.parametrize(
    ("place", "again", "words"),
    [
        (Place(0, 0.0), "", "Next in line"),
        (Place(0, 12.0), "", "Next in line; it starts in about 12 s"),
        (Place(1, 40.0), "", "1 run starts before this one; it starts in about 40 s"),
        (Place(3, 200.0), "", "3 runs start before this one; it starts in about 3 min 20 s"),
        (Place(0, 0.0), "Starting again", "Starting again. Next in line"),
        (None, "", NO_WORKER),
    ],
)
def test_where_a_run_stands(place: Place | None, again: str, words: str) -> None:
    assert waiting_sentence(place, again) == words


@pytest.mark.parametrize(
    ("seconds", "memory", "wait", "words"),
    [
        (1.4, 52, 0.0, "Takes about 1 s and 50 MB of memory, and starts at once."),
        (75.0, 1640, 90.0, "Takes about 1 min 15 s and 1.6 GB of memory; it would start in about 1 min 30 s."),
        (5.0, 100, None, f"Takes about 5 s and 100 MB of memory. {NO_WORKER}"),
    ],
)
def test_what_a_run_would_cost(seconds: float, memory: float, wait: float | None, words: str) -> None:
    assert cost_sentence(seconds, memory, wait) == words


def test_a_time_span_in_words() -> None:
    assert [duration(seconds) for seconds in (8, 200, 3900)] == ["8 s", "3 min 20 s", "1 h 5 min"]
