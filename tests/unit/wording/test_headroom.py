"""Room to spend more, in words that do not claim more than the draws."""

from dataclasses import replace

import pytest

from mixmodel_app.domain.estimates import Estimate
from mixmodel_app.domain.headroom import Headroom
from mixmodel_app.wording.headroom import room_range, room_sentence, room_text

ROOM = Headroom(2.5, 10_000.0, Estimate(12_000, 4_000, 21_000, 9_000, 15_000, 12_300), 0.0, outside=False)


def of(median: float, lo: float, hi: float, **more: object) -> Headroom:
    return replace(ROOM, room=Estimate(median, lo, hi, lo, hi, median), **more)  # pyright: ignore[reportArgumentType]


def test_room_is_told_with_its_range_and_what_is_spent_now() -> None:
    assert room_sentence("TV", ROOM, "week") == (
        "TV can take +12k per week on top of 10k until the next 1 returns 2.50 (likely range +4k to +21k, 94 % range)."
    )


def test_room_outside_observed_spend_is_flagged() -> None:
    assert "which is outside observed spend" in room_sentence("TV", replace(ROOM, outside=True), "week")


@pytest.mark.parametrize(
    ("room", "words"),
    [
        (of(-2_000, -5_000, -500), "TV is past that point"),
        (of(-2_000, -5_000, 500), "TV is most likely past that point"),
        (of(2_000, -500, 5_000), "TV can most likely take"),
        (of(-10_000, -10_000, -10_000), "TV is past that point at any spend"),
    ],
)
def test_a_range_over_zero_is_a_doubt(room: Headroom, words: str) -> None:
    assert room_sentence("TV", room, "week").startswith(words)


def test_a_range_that_ends_with_what_is_looked_at_is_open() -> None:
    room = of(40_000, 20_000, 40_000, beyond=0.7)
    assert room_text(room) == "+40k or more"
    assert room_range(room) == "+20k to +40k or more"
    assert room_text(of(-10_000, -10_000, -10_000)) == "−10k, all of it"
