"""A storage that is killed in the middle of a write, is away, refuses or is full."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from mixmodel_app.config import StorageSettings
from mixmodel_app.domain.errors import NotFound, StorageFull, StorageUnavailable
from mixmodel_app.storage.objects import LocalStore, S3Store
from mixmodel_app.storage.s3_objects import PART_BYTES, TRIES, client_of
from tests.s3_server import BUCKET

NOW = timedelta(hours=-1)
ROOT = Path(__file__).resolve().parents[3]


def run_python(code: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(code), *arguments], cwd=ROOT)


def test_kill_9_in_the_middle_of_a_write_leaves_the_old_file(directory: LocalStore, tmp_path: Path) -> None:
    directory.put("a/one", b"old")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = run_python(
        """
        import sys
        from pathlib import Path
        from mixmodel_app.storage.objects import LocalStore
        LocalStore(Path(sys.argv[1])).put("a/one", Path(sys.argv[2]))
        """,
        *(str(directory.root), str(pipe)),
    )
    with pipe.open("wb") as source:
        source.write(b"new" * 100_000)
        source.flush()
        deadline = time.monotonic() + 30
        while not any(path.name.startswith(".part-") for path in (directory.root / "a").iterdir()):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    assert directory.get("a/one") == b"old"
    assert list(directory.list_older("a", NOW)) == ["a/one"], "half a file is no object"
    assert directory.tidy(timedelta(hours=1)) == 0, "it may still be written"
    assert directory.tidy(NOW) == 1
    assert [path.name for path in (directory.root / "a").iterdir()] == ["one"]


def test_kill_9_in_the_middle_of_an_upload_leaves_the_old_object(bucket: S3Store, s3_url: str) -> None:
    bucket.put("a/one", b"old")
    uploader = run_python(
        """
        import os, signal, sys
        from mixmodel_app.config import StorageSettings
        from mixmodel_app.storage.objects import S3Store
        from mixmodel_app.storage.s3_objects import PART_BYTES, client_of
        client = client_of(StorageSettings(f"s3://{sys.argv[1]}", sys.argv[2], "key", "secret"))
        client.meta.events.register("after-call.s3.UploadPart", lambda **_: os.kill(os.getpid(), signal.SIGKILL))
        S3Store(client, sys.argv[1]).put("a/one", b"new!" * PART_BYTES)
        """,
        *(BUCKET, s3_url),
    )
    assert uploader.wait(timeout=60) == -signal.SIGKILL
    assert bucket.get("a/one") == b"old"
    assert list(bucket.list_older("a", NOW)) == ["a/one"]
    assert bucket.tidy(NOW) == 1
    assert not bucket.client.list_multipart_uploads(Bucket=BUCKET).get("Uploads")


def test_a_directory_that_is_gone_is_away_and_not_made_anew(directory: LocalStore) -> None:
    directory.put("a/one", b"1")
    directory.root.rename(directory.root.with_name("elsewhere"))
    for act in (
        lambda: directory.put("a/two", b"2"),
        lambda: directory.get("a/one"),
        lambda: directory.stream("a/one"),
        lambda: directory.delete("a/one"),
        lambda: directory.delete_prefix("a/"),
        lambda: list(directory.list_older("a", NOW)),
        directory.check,
    ):
        with pytest.raises(StorageUnavailable, match="does not answer"):
            act()
    directory.root.with_name("elsewhere").rename(directory.root)
    assert directory.get("a/one") == b"1"
    with pytest.raises(NotFound):
        directory.get("a/two")


def test_a_full_disk_says_so_and_leaves_nothing() -> None:
    code = """
        import resource, signal, sys
        from pathlib import Path
        from datetime import timedelta
        from mixmodel_app.domain.errors import StorageFull
        from mixmodel_app.storage.local_objects import MARK, LocalStore
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        store = LocalStore(Path(sys.argv[1]))
        store.prepare()
        try:
            store.put("a/one", b"x" * 100_000)
        except StorageFull as error:
            assert "full" in error.sentence()
            sys.exit(0 if [p.name for p in store.root.rglob("*") if p.is_file()] == [MARK] else 3)
        """
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        assert run_python(code, folder).wait(timeout=60) == 0


@pytest.fixture
def hanging_up() -> Iterator[tuple[str, list[int]]]:
    """A server that ends every connection at once, and what it counted."""
    listener = socket.create_server(("127.0.0.1", 0))
    calls: list[int] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            calls.append(1)
            connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", calls
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(timeout=5)


def test_a_server_that_is_away_is_asked_a_few_times_only(hanging_up: tuple[str, list[int]]) -> None:
    url, calls = hanging_up
    store = S3Store(client_of(StorageSettings("s3://bucket", url, "key", "secret")), "bucket")
    with pytest.raises(StorageUnavailable, match="does not answer"):
        store.get("a/one")
    assert 1 < len(calls) <= TRIES


def test_every_call_to_a_server_that_is_away_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    client = client_of(StorageSettings("s3://bucket", f"http://127.0.0.1:{port}", "key", "secret"))
    client.meta.config.retries["total_max_attempts"] = 1
    store = S3Store(client, "bucket")
    for act in (
        lambda: store.put("a/one", b"1"),
        lambda: store.put("a/one", b"1" * (PART_BYTES + 1)),
        lambda: store.stream("a/one"),
        lambda: store.delete("a/one"),
        lambda: store.delete_prefix("a/"),
        lambda: list(store.list_older("a", NOW)),
        lambda: store.tidy(NOW),
        store.check,
    ):
        with pytest.raises(StorageUnavailable, match="does not answer"):
            act()


def test_a_server_that_refuses_says_why(s3_url: str) -> None:
    store = S3Store(client_of(StorageSettings("s3://nobody-has-it", s3_url, "key", "secret")), "nobody-has-it")
    with pytest.raises(StorageUnavailable, match="refuses: NoSuchBucket") as caught:
        store.put("a/one", b"1")
    assert "STORAGE_URL" in caught.value.hint
    assert not isinstance(caught.value, StorageFull)
    with pytest.raises(StorageUnavailable, match="refuses"):
        store.get("a/one")
