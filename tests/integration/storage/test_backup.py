"""Backup and restore: everything comes back, into a fresh home, from an older version, and while people go on."""

import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from mixmodel_app import config
from mixmodel_app.config import TENANT_ROLE
from mixmodel_app.domain.errors import Conflict, InvalidInput, NotFound
from mixmodel_app.local.stack import EmbeddedStores, temporary_stores
from mixmodel_app.services import backup, restore, runs
from mixmodel_app.storage import db, dump, schema
from mixmodel_app.storage.objects import S3Store, objects
from tests.integration.conftest import PASSWORD, forget_connections
from tests.integration.scenes import Account, CompletedFit
from tests.s3_server import BUCKET

ROOT = Path(__file__).resolve().parents[3]
PATHS = (
    "/api/models/{run}",
    "/api/models/{run}/results",
    "/api/datasets/{dataset}/preview",
    "/api/models/{run}/comments",
)


@contextmanager
def installation(env: dict[str, str]) -> Iterator[None]:
    """This process as part of another installation."""
    before = dict(os.environ)
    forget_connections()
    os.environ.update(env)
    try:
        yield
    finally:
        forget_connections()
        os.environ.clear()
        os.environ.update(before)
        config.settings.cache_clear()


def mixmodel(home: Path, *arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """A command of its own process on a home, or on the stores that `env` names."""
    other = ("DATABASE_", "REDIS_", "STORAGE_", "JWT_", "MIXMODEL_", "APP_ENV")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(other)}
    return subprocess.run(
        [sys.executable, "-m", "mixmodel_app.cli", *arguments],
        cwd=ROOT,
        env={**clean, **(env or {}), "MIXMODEL_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that nobody has used, where the Postgres account of a root user can enter."""
    with tempfile.TemporaryDirectory(prefix="mixmodel-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "home"


def answers(call: Account, dataset_id: str, run_id: str) -> list[Any]:
    found = [call.get(path.format(run=run_id, dataset=dataset_id)) for path in PATHS]
    assert [answer.status_code for answer in found] == [200] * len(PATHS)
    return [answer.json() for answer in found]


def sign_in(api: TestClient) -> Account:
    answer = api.post("/api/auth/login", json={"email": "ann@example.com", "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return Account(api, {"Authorization": f"Bearer {answer.json()['access_token']}"})


def contents(file: Path) -> dict[str, bytes]:
    """What an archive holds, without the manifest, which tells when it was made."""
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != backup.MANIFEST}


@pytest.mark.fit
def test_everything_comes_back_in_a_fresh_home(
    ann: Account, finished: tuple[str, str], stores: EmbeddedStores, home: Path, tmp_path: Path
) -> None:
    dataset_id, run_id = finished
    ann.post(f"/api/models/{run_id}/comments", {"text": 'Looks "right",\nsaid Zoë; \\N'})
    assert ann.post(f"/api/models/{run_id}/shares", {}).status_code == 201
    waiting = ann.start(ann.ready_dataset())
    before = answers(ann, dataset_id, run_id)
    file, again = tmp_path / "one.zip", tmp_path / "two.zip"

    done = mixmodel(tmp_path, "backup", str(file), env=stores.env())
    assert done.returncode == 0, done.stderr
    assert "1 workspaces, 2 datasets, 2 runs and" in done.stderr
    assert "JWT_SECRET_KEY" in done.stderr
    assert file.stat().st_mode & 0o777 == 0o600
    assert config.settings().auth.jwt_secret_key.encode() not in b"".join(contents(file).values())

    done = mixmodel(home, "restore", str(file))
    assert done.returncode == 0, done.stderr
    assert "signing key is not that of the backup" in done.stderr
    done = mixmodel(home, "backup", str(again))
    assert done.returncode == 0, done.stderr
    first, second = contents(file), contents(again)
    assert {"database/comments.csv", "database/audit_events.csv", "database/shares.csv"} <= set(first)
    assert not {"database/login_sessions.csv", "database/password_resets.csv"} & set(first)
    assert {name for name in first if first[name] != second[name]} == set()
    assert set(first) == set(second)

    with EmbeddedStores(home) as other, installation({**other.env(), "APP_ENV": "test"}):
        from mixmodel_app.api.app import create_api

        with TestClient(create_api()) as api:
            restored = sign_in(api)
            assert answers(restored, dataset_id, run_id) == before
            assert restored.get(f"/api/models/{waiting}").json()["status"] == "queued"
        with db.engine().connect() as connection:
            policies = connection.scalar(text("SELECT count(*) FROM pg_policies WHERE policyname = 'own_workspace'"))
            roles = connection.scalar(text("SELECT count(*) FROM pg_roles WHERE rolname = :r"), {"r": TENANT_ROLE})
        assert policies
        assert policies >= 9
        assert roles == 1


def test_a_backup_of_an_older_version_is_brought_up_to_date(bucket: S3Store, s3_url: str, tmp_path: Path) -> None:
    """On a bucket, and in the place of something else."""
    file = tmp_path / "old.zip"
    with temporary_stores() as stores:
        s3 = {"STORAGE_URL": f"s3://{BUCKET}", "S3_ENDPOINT_URL": s3_url, "S3_ACCESS_KEY": "k", "S3_SECRET_KEY": "s"}
        env = {**stores.env(), **s3, "APP_ENV": "test"}
        with installation(env):
            schema.upgrade("0010")
            with db.engine().begin() as connection:
                connection.execute(text("INSERT INTO workspaces (id, name) VALUES (gen_random_uuid(), 'Old, \"one\"')"))
            with file.open("wb") as target:
                manifest = backup.write(target)
            assert manifest.revision == "0010"
            schema.upgrade()
            with db.engine().begin() as connection:
                connection.execute(text("UPDATE workspaces SET name = 'New'"))
        refused = mixmodel(tmp_path, "restore", str(file), env=env)
        assert refused.returncode == 2
        assert "not empty: 1 workspaces" in refused.stderr
        done = mixmodel(tmp_path, "restore", str(file), "--replace", env=env)
        assert done.returncode == 0, done.stderr
        with installation(env):
            with dump.snapshot() as tables:
                assert schema.is_known(tables.revision() or "")
                assert tables.revision() != "0010"
                assert "login_sessions" not in tables.names()
            with db.engine().connect() as connection:
                assert connection.scalar(text("SELECT name FROM workspaces")) == 'Old, "one"'
                assert connection.scalar(text("SELECT count(*) FROM pg_policies"))


def test_files_of_a_bucket_come_back(
    ann: Account, bucket: S3Store, s3_url: str, stores: EmbeddedStores, tmp_path: Path
) -> None:
    s3 = {"STORAGE_URL": f"s3://{BUCKET}", "S3_ENDPOINT_URL": s3_url, "S3_ACCESS_KEY": "k", "S3_SECRET_KEY": "s"}
    file = tmp_path / "bucket.zip"
    with installation({**stores.env(), **s3, "APP_ENV": "test"}):
        dataset_id = ann.ready_dataset()
        before = ann.get(f"/api/datasets/{dataset_id}/preview").json()
        with file.open("wb") as target:
            manifest = backup.write(target)
        assert len(manifest.files) == 3
        assert manifest.missing == ()
        bucket.delete_prefix("workspaces/")
        forget_connections()
        restore.read(file, replace=True)
        assert sorted(manifest.files) == sorted(bucket.list_older("workspaces", -dump_age()))
        assert ann.get(f"/api/datasets/{dataset_id}/preview").status_code == 401, "everybody signs in again"
        assert sign_in(ann.api).get(f"/api/datasets/{dataset_id}/preview").json() == before


def dump_age() -> Any:
    from datetime import timedelta

    return timedelta(hours=1)


# While people go on


@pytest.mark.fit
def test_runs_that_come_and_go_meanwhile_are_in_it_whole_or_not_at_all(
    ann: Account, finished: tuple[str, str], completed_fit: CompletedFit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One run comes after the first look; it goes when the snapshot that names it has been taken. Another stays."""
    owner, stream = ann.principal, objects().stream
    coming, told = [], set()

    def busy(key: str) -> Iterator[bytes]:
        if not coming:
            coming.extend(completed_fit.copy_for(owner)[1] for _ in range(2))
        if coming[0] in key and coming[0] not in told:
            told.add(coming[0])
            runs.discard(owner, UUID(coming[0]))
        return stream(key)

    monkeypatch.setattr(objects(), "stream", busy)
    target = io.BytesIO()
    manifest = backup.write(target)
    with zipfile.ZipFile(target) as archive:
        rows = archive.read("database/model_runs.csv").decode()
        names = archive.namelist()
    assert told == {coming[0]}
    assert manifest.missing == ()
    assert coming[0] not in rows
    assert coming[1] in rows
    assert finished[1] in rows
    assert len([name for name in names if coming[1] in name]) == 2, "its model and its draws"
    assert all(f"objects/{key}" in names for key in manifest.files)


def test_a_file_that_is_really_gone_is_said_and_the_rest_is_there(ann: Account, tmp_path: Path) -> None:
    dataset_id = ann.ready_dataset()
    folder = f"workspaces/{ann.principal.workspace_id}/datasets/{dataset_id}"
    lost = next(key for key in objects().list_older(folder, -dump_age()) if "/raw-" in key)
    objects().delete(lost)
    manifest = backup.write(io.BytesIO())
    assert manifest.missing == (lost,)
    assert len(manifest.files) == 2


# What is refused, before anything changes


@pytest.fixture
def archive(ann: Account, tmp_path: Path) -> Path:
    ann.ready_dataset()
    file = tmp_path / "backup.zip"
    with file.open("wb") as target:
        backup.write(target, with_secrets=True)
    return file


def test_an_installation_in_use_is_left_alone(archive: Path, ann: Account) -> None:
    with db.engine().connect() as connection:
        connection.execute(text("SELECT 1"))
        with pytest.raises(Conflict, match=r"in use \(\d+ other connection"):
            restore.read(archive, replace=True)
    assert len(ann.get("/api/datasets").json()) == 1


def flip(archive: Path) -> None:
    content = bytearray(archive.read_bytes())
    content[len(content) // 3] ^= 1
    archive.write_bytes(content)


def cut(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:-100])


def exchange(archive: Path) -> None:
    """Another content of a file, with a correct checksum of the ZIP."""
    before = zipfile.ZipFile(archive)
    content = {name: before.read(name) for name in before.namelist()}
    with zipfile.ZipFile(archive, "w") as after:
        for name, data in content.items():
            after.writestr(name, data.replace(b"ann@", b"eve@") if name == "database/users.csv" else data)


def no_archive(archive: Path) -> None:
    archive.write_text("week,revenue\n")


@pytest.mark.parametrize("damage", [flip, cut, exchange, no_archive])
def test_a_damaged_archive_changes_nothing(archive: Path, ann: Account, damage: Callable[[Path], None]) -> None:
    damage(archive)
    forget_connections()
    with pytest.raises(InvalidInput, match="no backup of MixModel, or it is damaged"):
        restore.read(archive, replace=True)
    assert len(ann.get("/api/datasets").json()) == 1


@pytest.mark.parametrize("newer", [{"format": 2}, {"revision": "9999"}])
def test_an_archive_of_a_newer_version_is_refused(archive: Path, newer: dict[str, Any]) -> None:
    content = zipfile.ZipFile(archive)
    manifest = json.loads(content.read(backup.MANIFEST)) | newer | {"version": "7.0"}
    with zipfile.ZipFile(archive, "w") as changed:
        changed.writestr(backup.MANIFEST, json.dumps(manifest))
    with pytest.raises(InvalidInput, match=r"made by MixModel 7\.0, which is newer"):
        restore.read(archive)


def test_the_signing_key_is_in_it_only_when_asked_for(archive: Path) -> None:
    with zipfile.ZipFile(archive) as content:
        assert json.loads(content.read(backup.SECRETS)) == {"JWT_SECRET_KEY": config.settings().auth.jwt_secret_key}


def test_commands_say_what_is_wrong_with_their_file(archive: Path, stores: EmbeddedStores, tmp_path: Path) -> None:
    env = stores.env()
    assert "exists already" in mixmodel(tmp_path, "backup", str(archive), env=env).stderr
    assert "no directory" in mixmodel(tmp_path, "backup", str(tmp_path / "no" / "a.zip"), env=env).stderr
    assert "There is no file" in mixmodel(tmp_path, "restore", str(tmp_path / "none.zip"), env=env).stderr
    assert "There is no MixModel in" in mixmodel(tmp_path / "empty", "backup", str(tmp_path / "b.zip")).stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.zip"]


def test_a_database_without_tables_cannot_be_backed_up() -> None:
    with temporary_stores() as empty, installation(empty.env()):
        objects().prepare()
        with pytest.raises(NotFound, match="no tables yet"):
            backup.write(io.BytesIO())
