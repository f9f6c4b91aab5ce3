"""Words about the installation."""

import pytest

from mixmodel_app.wording import numbers, operations


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, numbers.MISSING),
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 KB"),
        (52_428_800, "52.4 MB"),
        (999_960_000_000, "1.0 TB"),
        (2_500_000_000_000, "2.5 TB"),
    ],
)
def test_sizes_read_at_a_glance(amount: int | None, text: str) -> None:
    assert operations.size(amount) == text


def test_a_part_that_nobody_named_keeps_its_name() -> None:
    assert operations.part("janitor")[0] == "Janitor"
    assert operations.part("quantum")[0] == "Quantum"


def test_what_a_worker_does_is_told_to_whoever_may_know() -> None:
    assert operations.doing(busy=False, run="", run_id="") == numbers.MISSING
    assert operations.doing(busy=True, run="Spring", run_id="id") == "Spring"
    assert operations.doing(busy=True, run="", run_id="id") == "id"
    assert operations.doing(busy=True, run="", run_id="") == "of another workspace"
