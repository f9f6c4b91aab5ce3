"""What a storage promises, on a directory and on a real S3 protocol."""

import random
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from mixmodel_app.domain.errors import DamagedFile, NotFound
from mixmodel_app.services.dataset_tables import parquet_key
from mixmodel_app.storage import digests, s3_objects
from mixmodel_app.storage.local_objects import CHUNK
from mixmodel_app.storage.objects import LocalStore, ObjectStore, S3Store
from mixmodel_app.storage.s3_objects import PART_BYTES

IN_THE_FUTURE = timedelta(hours=-1)
"""An age that everything has reached."""


def keys(store: ObjectStore, prefix: str = "a") -> list[str]:
    return sorted(store.list_older(prefix, IN_THE_FUTURE))


def large() -> bytes:
    """More than two parts, and no two chunks alike."""
    return random.Random(1).randbytes(2 * PART_BYTES + CHUNK // 2)


def test_what_was_stored_comes_back_whole_and_in_pieces(store: ObjectStore) -> None:
    store.put("a/b/one.csv", b"week,revenue\n")
    assert store.get("a/b/one.csv") == b"week,revenue\n"
    assert b"".join(store.stream("a/b/one.csv")) == b"week,revenue\n"
    store.put("a/b/empty", b"")
    assert store.get("a/b/empty") == b""
    assert list(store.stream("a/b/empty")) in ([], [b""])


def test_a_second_put_replaces_the_first(store: ObjectStore) -> None:
    store.put("a/one", b"a longer first content")
    store.put("a/one", b"second")
    assert store.get("a/one") == b"second"
    assert keys(store) == ["a/one"]


def test_a_large_file_goes_and_comes_in_parts(store: ObjectStore, tmp_path: Path) -> None:
    file = tmp_path / "large"
    file.write_bytes(large())
    store.put("a/large", file)
    chunks = list(store.stream("a/large"))
    assert b"".join(chunks) == large()
    assert max(map(len, chunks)) <= CHUNK
    store.put("a/from-memory", large())
    assert store.get("a/from-memory") == large()


def test_a_large_object_of_a_bucket_was_really_sent_in_parts(bucket: S3Store) -> None:
    bucket.put("a/large", large())
    tag = bucket.client.head_object(Bucket=bucket.bucket, Key="a/large")["ETag"]
    assert tag.strip('"').endswith("-3")


def test_what_is_not_there_is_said_before_the_first_piece(store: ObjectStore) -> None:
    for read in (store.get, store.stream):
        with pytest.raises(NotFound, match="no longer there"):
            read("a/nothing")
    store.put("a/folder/one", b"1")
    with pytest.raises(NotFound):
        store.get("a/fold")


def test_deleting_is_done_once_or_twice(store: ObjectStore) -> None:
    store.put("a/one", b"1")
    store.put("a/two", b"2")
    store.delete("a/one")
    store.delete("a/one")
    assert keys(store) == ["a/two"]


def test_a_prefix_takes_its_own_and_nothing_beside(store: ObjectStore) -> None:
    for key in ("a/1/x", "a/1/deep/y", "a/10/z", "b/1/x"):
        store.put(key, b"")
    store.delete_prefix("a/1/")
    store.delete_prefix("a/nothing/")
    assert keys(store) == ["a/10/z"]
    assert keys(store, "b") == ["b/1/x"]


def test_more_objects_than_one_answer_holds_are_listed_and_deleted(
    store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_objects, "PAGE", 10)
    for number in range(25):
        store.put(f"a/many/{number}", b"")
    assert len(keys(store, "a/many")) == 25
    store.delete_prefix("a/many/")
    assert keys(store) == []


def test_only_what_is_old_enough_is_listed(store: ObjectStore) -> None:
    store.put("a/young", b"")
    assert list(store.list_older("a", timedelta(minutes=5))) == []
    assert list(store.list_older("nothing", IN_THE_FUTURE)) == []


def test_a_reader_sees_the_old_object_or_the_new_one(store: ObjectStore) -> None:
    contents = {bytes([letter]) * (3 * CHUNK) for letter in b"ABC"}
    store.put("a/one", min(contents))
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            for content in contents:
                store.put("a/one", content)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        seen = {store.get("a/one") for _ in range(30)}
    finally:
        stop.set()
        writer.join()
    assert seen <= contents


def test_a_file_that_cannot_be_read_leaves_the_old_object(store: ObjectStore, tmp_path: Path) -> None:
    store.put("a/one", b"old")
    with pytest.raises(Exception, match=r"does not answer|No such file"):
        store.put("a/one", tmp_path / "not-there")
    assert store.get("a/one") == b"old"
    assert keys(store) == ["a/one"]


def test_a_store_is_usable_when_it_says_so(store: ObjectStore) -> None:
    store.check()
    assert keys(store) == []


@pytest.mark.parametrize("key", ["../outside", "a/../../outside", "", "."])
def test_no_key_leads_out_of_the_directory(directory: LocalStore, key: str) -> None:
    with pytest.raises(ValueError):
        directory.put(key, b"")


# Digests


@pytest.fixture
def overwrite(store: ObjectStore) -> Callable[[str, bytes], None]:
    """Change an object behind the store's back."""

    def change(key: str, content: bytes) -> None:
        if isinstance(store, LocalStore):
            (store.root / key).write_bytes(content)
        else:
            assert isinstance(store, S3Store)
            store.client.put_object(Bucket=store.bucket, Key=key, Body=content)

    return change


def test_an_object_named_by_its_content_is_checked(store: ObjectStore, overwrite: Callable[[str, bytes], None]) -> None:
    content = large()
    key = digests.named("a/draws.npz", content)
    store.put(key, content)
    assert store.get(key) == content
    overwrite(key, content[:-1] + b"\0")
    with pytest.raises(DamagedFile, match=r"The stored file draws\.npz is damaged"):
        store.get(key)
    with pytest.raises(DamagedFile):
        list(store.stream(key))
    overwrite(key, content[: len(content) // 2])
    with pytest.raises(DamagedFile):
        store.get(key)


def test_names_with_digests_are_made_and_read_back(tmp_path: Path) -> None:
    file = tmp_path / "anything"
    file.write_bytes(b"content")
    key = digests.named("w/raw.csv.gz", file)
    assert key == digests.named("w/raw.csv.gz", b"content") == f"w/raw-{digests.of(b'content')}.csv.gz"
    assert digests.plain(key) == "raw.csv.gz"
    assert digests.plain(digests.named("w/no-suffix", b"")) == "no-suffix"
    assert digests.plain("w/model.nc") == "model.nc"


def test_names_of_older_files_promise_nothing() -> None:
    for key in ("w/model.nc", f"w/table-{'0' * 32}.parquet"):
        assert digests.whole(key, b"anything") == b"anything"
    with pytest.raises(DamagedFile):
        digests.whole(f"w/table-{'0' * 32}.csv", b"anything")


def test_a_table_and_its_parquet_each_end_with_the_digest_of_their_own() -> None:
    csv = digests.named(f"w/table-{digests.of(b'parquet')}.csv", b"csv")
    typed = parquet_key(csv)
    assert digests.whole(csv, b"csv") == b"csv"
    assert digests.whole(typed, b"parquet") == b"parquet"
    for key in (csv, typed):
        with pytest.raises(DamagedFile, match=r"The stored file table\.(csv|parquet) is damaged"):
            digests.whole(key, b"other")
    assert parquet_key(f"w/table-{'0' * 32}.csv") == f"w/table-{'0' * 32}.parquet", "as older versions named it"
