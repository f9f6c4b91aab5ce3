"""Embedded Postgres and Valkey on real binaries: they survive what happens to laptops."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from mixmodel_app.local.home import Home
from mixmodel_app.local.postgres import EmbeddedPostgres
from mixmodel_app.local.stack import EmbeddedStores, temporary_stores
from mixmodel_app.local.valkey import EmbeddedValkey


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    """A home that the Postgres account of a root user can enter, unlike `tmp_path`; making a cluster takes seconds."""
    with tempfile.TemporaryDirectory(prefix="mixmodel-test-") as directory:
        home = Home(Path(directory))
        home.prepare()
        yield home


@pytest.fixture
def postgres(home: Home) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(home)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def valkey(home: Home) -> Iterator[EmbeddedValkey]:
    server = EmbeddedValkey(home)
    server.start()
    yield server
    server.stop()


def connect(server: EmbeddedPostgres) -> psycopg.Connection:
    return psycopg.connect(server.url.replace("+psycopg", ""), autocommit=True)


def test_postgres_serves_its_own_database_to_an_owner_who_is_no_superuser(postgres: EmbeddedPostgres) -> None:
    with connect(postgres) as connection:
        row = connection.execute(
            "SELECT current_database(), current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert row == ("mixmodel", "mixmodel", False, False)


def test_postgres_needs_the_password(postgres: EmbeddedPostgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(host=str(postgres.socket_dir), user="mixmodel", password="wrong", dbname="mixmodel")


def test_postgres_recovers_every_committed_row_after_kill_9(postgres: EmbeddedPostgres) -> None:
    with connect(postgres) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1500) AS n")
    assert postgres.process is not None
    os.kill(postgres.process.pid, signal.SIGKILL)
    postgres.process.wait()
    assert not postgres.is_running()
    postgres.start()
    with connect(postgres) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1500,)


def test_postgres_starts_over_a_pid_file_that_names_somebody_else(postgres: EmbeddedPostgres) -> None:
    postgres.stop()
    (postgres.data / "postmaster.pid").write_text(f"{os.getpid()}\n{postgres.data}\n")
    postgres.start()
    assert postgres.is_running()


def test_a_second_launcher_takes_over_a_server_that_outlived_its_first(home: Home, postgres: EmbeddedPostgres) -> None:
    orphan = postgres.process
    assert orphan is not None
    second = EmbeddedPostgres(home)
    second.start()
    try:
        assert orphan.wait(10) == 0
        with connect(second) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        second.stop()


def test_a_socket_directory_of_somebody_else_is_refused(home: Home) -> None:
    server = EmbeddedPostgres(home)
    target = home.root / "elsewhere"
    target.mkdir()
    server.socket_dir.symlink_to(target)
    try:
        with pytest.raises(Exception, match="belongs to another account"):
            server.start()
    finally:
        server.socket_dir.unlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to give its server to another account")
def test_root_may_keep_its_home_in_a_closed_directory(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o700)
    home = Home(tmp_path / "closed/home")
    home.prepare()
    server = EmbeddedPostgres(home)
    server.start()
    cluster = server.data
    try:
        with connect(server) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        server.stop()
        subprocess.run(["rm", "-rf", str(cluster)], check=True)


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="needs a user namespace made by root")
def test_an_ordinary_user_needs_no_other_account(home: Home) -> None:
    """In a namespace that shows root as account 1, nothing but the account number differs from a plain user's start."""
    code = (
        "import os, pathlib, sys; from mixmodel_app.local.stack import EmbeddedStores\n"
        "with EmbeddedStores(pathlib.Path(sys.argv[1])) as s: print(os.geteuid(), s.postgres.is_running())"
    )
    done = subprocess.run(
        ["unshare", "--user", "--map-user=1", "--map-group=1", sys.executable, "-c", code, str(home.root / "plain")],
        capture_output=True,
        text=True,
        cwd=Path(__file__).resolve().parents[3],
        check=False,
    )
    if "unshare" in done.stderr:
        pytest.skip(f"no user namespaces here: {done.stderr.strip()}")
    assert done.stdout.split() == ["1", "True"], done.stderr


def test_valkey_keeps_its_data_and_its_port_after_kill_9(valkey: EmbeddedValkey) -> None:
    client = redis.Redis.from_url(valkey.url)
    client.rpush("queue", *range(1000))
    client.execute_command("WAITAOF", 1, 0, 2000)
    port = valkey.port
    assert valkey.process is not None
    valkey.process.kill()
    valkey.process.wait()
    valkey.start()
    assert valkey.port == port
    assert client.llen("queue") == 1000
    client.delete("queue")


def test_valkey_needs_its_password_and_evicts_nothing(valkey: EmbeddedValkey) -> None:
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=valkey.port, retry=Retry(NoBackoff(), 0)).ping()
    client = redis.Redis.from_url(valkey.url, decode_responses=True)
    assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_valkey_moves_when_its_port_was_taken(home: Home, valkey: EmbeddedValkey) -> None:
    port = valkey.port
    valkey.stop()
    with socket.socket() as thief:
        thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        thief.bind(("127.0.0.1", port))
        thief.listen()
        again = EmbeddedValkey(home)
        again.start()
        try:
            assert again.port != port
        finally:
            again.stop()


def test_valkey_takes_over_from_an_orphan(home: Home, valkey: EmbeddedValkey) -> None:
    second = EmbeddedValkey(home)
    second.start()
    try:
        assert valkey.process is not None
        valkey.process.wait(10)
        assert second.port == valkey.port
    finally:
        second.stop()


def test_temporary_stores_leave_nothing() -> None:
    with temporary_stores() as stores:
        assert {"DATABASE_URL", "REDIS_URL", "STORAGE_URL", "JWT_SECRET_KEY"} <= stores.env().keys()
        root, socket_dir = stores.home.root, stores.postgres.socket_dir
    assert not root.exists()
    assert not socket_dir.exists()


def test_a_failed_start_stops_what_was_started(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    stores = EmbeddedStores(home.root)
    monkeypatch.setattr(stores.postgres, "start", lambda: (_ for _ in ()).throw(RuntimeError("no")))
    with pytest.raises(RuntimeError):
        stores.start()
    assert not stores.valkey.is_running()


def test_passwords_are_private_files(home: Home, postgres: EmbeddedPostgres, valkey: EmbeddedValkey) -> None:
    files = [*(home.root / "secrets").iterdir(), home.root / "valkey/valkey.conf"]
    assert {path.name for path in files} >= {"postgres", "valkey", "valkey.conf"}
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
