"""Large tables are read elsewhere and wait for each other, small ones are read here at once."""

import gzip
import os
import threading
import time
import zipfile
from pathlib import Path
from uuid import UUID

import pytest

from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.errors import FieldError, FileTooLarge, InvalidInput, Unavailable
from mixmodel_app.domain.preferences import NumberFormat, Preferences
from mixmodel_app.ingest.reader import GZIP_MARK
from mixmodel_app.services import large_files
from mixmodel_app.services.large_files import LARGE_BYTES, read_apart, table_bytes
from mixmodel_app.wording import numbers

ANN = Principal(UUID(int=1), UUID(int=2), Role.MEMBER, "ann@example.com", "Ann Example")


def process_of(principal: Principal, path: Path) -> int:
    """Where it was read."""
    assert principal == ANN
    assert path.stat().st_size
    return os.getpid()


def one_half(principal: Principal) -> str:
    assert principal.preferences.number_format is NumberFormat.SPACE
    return numbers.plain(0.5)


def refuse(principal: Principal) -> None:
    raise InvalidInput("Not so.", hint="Otherwise.", errors=(FieldError("file", "is wrong"),))


def break_down(principal: Principal) -> None:
    _ = {}["what nobody foresaw"]


def die(principal: Principal) -> None:
    os.abort()


def note_times(principal: Principal, log: Path) -> None:
    """Write down that it begins and ends."""
    for word in ("begins", "ends"):
        with log.open("a") as target:
            target.write(word + "\n")


def wait_for(principal: Principal, gate: Path, entered: Path) -> None:
    """Go on as soon as there is a file."""
    entered.touch()
    while not gate.exists():
        time.sleep(0.01)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.csv"
    path.write_bytes(bytes(LARGE_BYTES))
    return path


def test_a_large_table_is_read_by_a_process_that_has_ended(tmp_path: Path, large: Path) -> None:
    small = tmp_path / "small.csv"
    small.write_bytes(bytes(LARGE_BYTES - 1))
    assert read_apart(small, process_of, ANN, small) == os.getpid()
    reader = read_apart(large, process_of, ANN, large)
    assert reader != os.getpid()
    with pytest.raises(ProcessLookupError):
        os.kill(reader, 0)


def test_packed_tables_count_by_what_is_in_them(tmp_path: Path) -> None:
    packed, workbook, short = tmp_path / "table.csv.gz", tmp_path / "table.xlsx", tmp_path / "short.gz"
    packed.write_bytes(gzip.compress(bytes(LARGE_BYTES)))
    with zipfile.ZipFile(workbook, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sheet.xml", bytes(LARGE_BYTES + 1))
    short.write_bytes(GZIP_MARK)
    assert [packed.stat().st_size < LARGE_BYTES, workbook.stat().st_size < LARGE_BYTES] == [True, True]
    assert [table_bytes(packed), table_bytes(workbook)] == [LARGE_BYTES, LARGE_BYTES + 1]
    assert table_bytes(short) < LARGE_BYTES
    workbook.write_bytes(b"PK, but no workbook")
    assert table_bytes(workbook) == len(b"PK, but no workbook")


def test_errors_come_back_as_they_were(large: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_apart(large, refuse, ANN)
    assert (refused.value.message, refused.value.hint) == ("Not so.", "Otherwise.")
    assert refused.value.errors == (FieldError("file", "is wrong"),)
    with pytest.raises(KeyError, match="what nobody foresaw") as broken:
        read_apart(large, break_down, ANN)
    assert "in break_down" in broken.value.__notes__[0]


def test_a_reader_that_the_system_ends_is_said_in_words(large: Path) -> None:
    with pytest.raises(FileTooLarge, match="more memory than this machine has"):
        read_apart(large, die, ANN)


def test_numbers_are_written_as_the_workspace_wants_them(large: Path) -> None:
    ann = Principal(
        ANN.user_id, ANN.workspace_id, ANN.role, "", "", preferences=Preferences(number_format=NumberFormat.SPACE)
    )
    assert read_apart(large, one_half, ann) == "0,5"


def test_large_tables_are_read_one_after_the_other(tmp_path: Path, large: Path) -> None:
    log = tmp_path / "log"
    readers = [threading.Thread(target=read_apart, args=(large, note_times, ANN, log)) for _ in range(3)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert log.read_text().split() == ["begins", "ends"] * 3


def test_only_so_many_wait_and_the_next_is_told_to_come_back(
    tmp_path: Path, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_files, "_places", threading.BoundedSemaphore(2))
    gate, entered = tmp_path / "gate", tmp_path / "entered"
    readers = [threading.Thread(target=read_apart, args=(large, wait_for, ANN, gate, entered)) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        deadline = time.monotonic() + 60
        while not entered.exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        with pytest.raises(Unavailable, match="Several large files are being read"):
            read_apart(large, process_of, ANN, large)
    finally:
        gate.touch()
        for reader in readers:
            reader.join()
    assert read_apart(large, process_of, ANN, large) != os.getpid()
