"""Large files wait for each other, small ones for nobody."""

import threading
from pathlib import Path

import pytest

from mixmodel_app.services.large_files import LARGE_BYTES, in_turn


@pytest.mark.parametrize(("size", "together"), [(LARGE_BYTES, False), (LARGE_BYTES - 1, True)])
def test_who_has_to_wait(tmp_path: Path, size: int, together: bool) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(size))
    entered = threading.Event()

    def second() -> None:
        with in_turn(path):
            entered.set()

    with in_turn(path):
        other = threading.Thread(target=second)
        other.start()
        assert entered.wait(5 if together else 0.2) is together
    other.join(5)
    assert entered.is_set()
