"""The doctor on a real installation, with each thing broken for real."""

import os
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from alembic.config import Config
from moto.server import ThreadedMotoServer
from sqlalchemy import text

from alembic import command
from mixmodel_app.config import Settings, settings
from mixmodel_app.local.processes import free_port
from mixmodel_app.local.stack import EmbeddedStores
from mixmodel_app.services.doctor import database, machine, processes, queue_server, secrets, storage
from mixmodel_app.services.doctor.diagnosis import State
from mixmodel_app.storage import db, pulse, queue, redis, s3_objects
from tests.integration.conftest import ROOT, forget_connections
from tests.integration.letters import Postbox
from tests.integration.patients import broken, by_name, setting
from tests.integration.scenes import Account

__all__ = ["setting"]


class TestDatabase:
    def test_one_that_is_well(self, setting: Callable[..., Settings]) -> None:
        found = by_name(database.examine(setting()))
        assert {one.state for one in found.values()} == {State.OK}, found
        assert set(found) == {
            f"database.{part}" for part in ("reachable", "version", "migrations", "separation", "clock", "connections")
        }

    def test_a_wrong_password(self, setting: Callable[..., Settings], stores: EmbeddedStores) -> None:
        wrong = stores.database_url.replace(stores.postgres.password, "nonsense-4711")
        [one] = database.examine(setting(DATABASE_URL=wrong))
        broken(one, "password authentication failed", "DATABASE_URL")
        assert "nonsense-4711" not in one.message

    def test_nobody_there(self, setting: Callable[..., Settings]) -> None:
        [one] = database.examine(setting(DATABASE_URL=f"postgresql://u:p@127.0.0.1:{free_port()}/x"))
        broken(one, "refused", "Is Postgres running")

    def test_a_database_that_does_not_exist(self, setting: Callable[..., Settings], stores: EmbeddedStores) -> None:
        [one] = database.examine(setting(DATABASE_URL=stores.database_url.replace("/mixmodel?", "/nowhere?")))
        broken(one, "does not exist", "create-database.sh")

    def test_tables_of_an_earlier_version(self, setting: Callable[..., Settings]) -> None:
        conf = setting()
        alembic = Config(ROOT / "alembic.ini")
        command.downgrade(alembic, "-1")
        try:
            broken(by_name(database.examine(conf))["database.migrations"], "earlier version", "mixmodel migrate")
        finally:
            command.upgrade(alembic, "head")

    @pytest.mark.parametrize(("revision", "word"), [("9999", "newer version"), ("", "no tables yet")])
    def test_tables_of_another_version(self, setting: Callable[..., Settings], revision: str, word: str) -> None:
        conf = setting()
        with db.engine().begin() as connection:
            before = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
            connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})
        try:
            broken(by_name(database.examine(conf))["database.migrations"], word)
        finally:
            with db.engine().begin() as connection:
                connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": before})

    def test_a_table_without_row_level_security(self, setting: Callable[..., Settings]) -> None:
        conf = setting()
        with db.engine().begin() as connection:
            connection.execute(text("ALTER TABLE scenarios DISABLE ROW LEVEL SECURITY"))
        try:
            broken(by_name(database.examine(conf))["database.separation"], "scenarios")
        finally:
            with db.engine().begin() as connection:
                connection.execute(text("ALTER TABLE scenarios ENABLE ROW LEVEL SECURITY"))

    def test_a_superuser(self, setting: Callable[..., Settings], stores: EmbeddedStores) -> None:
        url = stores.database_url.replace("//mixmodel:", "//postgres:")
        broken(by_name(database.examine(setting(DATABASE_URL=url)))["database.separation"], "NOSUPERUSER")

    def test_an_account_that_may_not_act_as_the_tenant(
        self, setting: Callable[..., Settings], stores: EmbeddedStores
    ) -> None:
        admin = psycopg.connect(stores.database_url.replace("+psycopg", "").replace("//mixmodel:", "//postgres:"))
        with admin:
            admin.autocommit = True
            admin.execute("CREATE ROLE outsider LOGIN PASSWORD 'outsider-4711'")
            admin.execute("GRANT SELECT ON alembic_version TO outsider")
            try:
                url = stores.database_url.replace(f"//mixmodel:{stores.postgres.password}", "//outsider:outsider-4711")
                broken(by_name(database.examine(setting(DATABASE_URL=url)))["database.separation"], "not granted")
            finally:
                forget_connections()
                admin.execute("DROP OWNED BY outsider")
                admin.execute("DROP ROLE outsider")

    def test_more_connections_than_the_server_takes(self, setting: Callable[..., Settings]) -> None:
        conf = setting(DATABASE_POOL_MAX="200")
        one = by_name(database.examine(conf))["database.connections"]
        assert one.state is State.WARNING
        assert "DATABASE_POOL_MAX" in one.hint

    @pytest.mark.parametrize(("ahead_s", "state"), [(0.1, State.OK), (-5, State.WARNING), (40, State.PROBLEM)])
    def test_clocks_that_differ(self, setting: Callable[..., Settings], ahead_s: float, state: State) -> None:
        from dataclasses import replace

        from mixmodel_app.storage import inspection

        setting()
        one = database._clock(replace(inspection.postgres(), ahead_s=ahead_s))
        assert one.state is state
        assert ("behind" in one.message) == (ahead_s < 0)


class TestRedis:
    def test_one_that_is_well(self, setting: Callable[..., Settings]) -> None:
        redis.client().config_set("notify-keyspace-events", "Kgxe")
        found = by_name(queue_server.examine(setting()))
        assert {one.state for one in found.values()} == {State.OK}, found
        assert "Valkey" in found["redis.reachable"].message

    def test_nobody_there(self, setting: Callable[..., Settings]) -> None:
        [one] = queue_server.examine(setting(REDIS_URL=f"redis://:x@127.0.0.1:{free_port()}/0"))
        broken(one, "does not answer", "REDIS_URL")

    def test_a_wrong_password(self, setting: Callable[..., Settings], stores: EmbeddedStores) -> None:
        [one] = queue_server.examine(setting(REDIS_URL=stores.redis_url.replace(stores.valkey.password, "nonsense")))
        broken(one, "refuses us", "password")

    @pytest.mark.parametrize(
        ("name", "value", "diagnosis", "state"),
        [
            ("maxmemory-policy", "allkeys-lru", "redis.eviction", State.PROBLEM),
            ("appendonly", "no", "redis.persistence", State.WARNING),
            ("maxmemory", "1mb", "redis.memory", State.WARNING),
        ],
    )
    def test_a_server_that_is_set_up_wrongly(
        self, setting: Callable[..., Settings], name: str, value: str, diagnosis: str, state: State
    ) -> None:
        conf = setting()
        before = redis.client().config_get(name)
        redis.client().config_set(name, value)
        try:
            one = by_name(queue_server.examine(conf))[diagnosis]
        finally:
            redis.client().config_set(name, before[name])  # pyright: ignore[reportIndexIssue]
        assert one.state is state, one
        assert one.hint

    @pytest.mark.parametrize(
        ("forbidden", "events", "state"),
        [
            ("-config|set", "", State.WARNING),
            ("-config|set", "Kgxe", State.OK),
            ("-config", "Kgxe", State.WARNING),
            ("+config", "", State.OK),
        ],
    )
    def test_events_where_the_provider_forbids_to_set_them(
        self, setting: Callable[..., Settings], stores: EmbeddedStores, forbidden: str, events: str, state: State
    ) -> None:
        setting()
        redis.client().config_set("notify-keyspace-events", events)
        redis.client().execute_command(
            *("ACL", "SETUSER", "tenant", "reset", "on", ">tenant-4711", "~*", "&*", "+@all", forbidden)
        )
        try:
            url = stores.redis_url.replace(f":{stores.valkey.password}@", "tenant:tenant-4711@")
            one = by_name(queue_server.examine(setting(REDIS_URL=url)))["redis.events"]
        finally:
            setting(REDIS_URL=stores.redis_url)
            redis.client().execute_command("ACL", "DELUSER", "tenant")
        assert one.state is state, one

    def test_every_event_counts_as_ours_too(self, setting: Callable[..., Settings]) -> None:
        conf = setting()
        redis.client().config_set("notify-keyspace-events", "KEA")
        assert by_name(queue_server.examine(conf))["redis.events"].state is State.OK


class TestStorage:
    def test_a_directory_that_is_well(self, setting: Callable[..., Settings]) -> None:
        conf = setting()
        [one] = storage.examine(conf)
        assert one.state is State.OK
        assert not list((conf.home / "objects").glob("doctor/*"))

    def test_a_directory_that_cannot_be_made(self, setting: Callable[..., Settings], tmp_path: Path) -> None:
        (tmp_path / "file").write_text("in the way")
        [one] = storage.examine(setting(STORAGE_URL=f"file://{tmp_path}/file/objects"))
        broken(one, "Not a directory")

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_a_directory_that_is_read_only(self, setting: Callable[..., Settings], tmp_path: Path) -> None:
        tmp_path.chmod(0o500)
        [one] = storage.examine(setting(STORAGE_URL=f"file://{tmp_path}/objects"))
        broken(one, "Permission denied")

    def test_a_bucket(self, setting: Callable[..., Settings]) -> None:
        port = free_port()
        server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
        server.start()
        try:
            s3 = {"S3_ENDPOINT_URL": f"http://127.0.0.1:{port}", "S3_ACCESS_KEY": "k", "S3_SECRET_KEY": "s"}
            conf = setting(STORAGE_URL="s3://mixmodel", AWS_DEFAULT_REGION="us-east-1", **s3)
            [missing] = storage.examine(conf)
            s3_objects.client_of(conf.storage).create_bucket(Bucket="mixmodel")
            [made] = storage.examine(conf)
        finally:
            server.stop()
        broken(missing, "bucket")
        assert made.state is State.OK, made

    def test_an_s3_server_that_is_not_there(self, setting: Callable[..., Settings]) -> None:
        s3 = {"S3_ENDPOINT_URL": f"http://127.0.0.1:{free_port()}", "S3_ACCESS_KEY": "k", "S3_SECRET_KEY": "s"}
        [one] = storage.examine(setting(STORAGE_URL="s3://mixmodel", AWS_DEFAULT_REGION="us-east-1", **s3))
        broken(one, "Could not connect", "S3_ENDPOINT_URL")


class TestProcesses:
    def test_nobody_at_work(self, setting: Callable[..., Settings]) -> None:
        found = by_name(processes.examine(setting()))
        broken(found["processes.workers"], "No worker is alive", "mixmodel worker")
        broken(found["processes.janitor"], "has not been heard of")
        assert found["processes.mail"].state is State.OK

    def test_a_janitor_that_is_late(self, setting: Callable[..., Settings]) -> None:
        conf = setting()
        pulse.beat(pulse.JANITOR)
        assert by_name(processes.examine(conf))["processes.janitor"].state is State.OK
        redis.client().set(f"pulse:{pulse.JANITOR}", redis.client().time()[0] - 600)  # pyright: ignore[reportIndexIssue]
        broken(by_name(processes.examine(conf))["processes.janitor"], "10 minutes ago")

    def test_a_run_that_waits_long(self, setting: Callable[..., Settings], ann: Account) -> None:
        from datetime import timedelta

        ann.start(ann.ready_dataset())
        [job] = queue.line(queue.QUICK).jobs
        job.enqueued_at -= timedelta(minutes=20)
        job.save()
        one = by_name(processes.examine(settings()))["processes.queue"]
        assert one.state is State.WARNING
        assert "20 minutes" in one.message

    def test_a_server_for_letters(self, setting: Callable[..., Settings]) -> None:
        with Postbox() as postbox:
            threading.Thread(target=postbox.serve_forever, daemon=True).start()
            conf = setting(SMTP_URL=postbox.url, SMTP_FROM="mix@example.com")
            assert by_name(processes.examine(conf))["processes.mail"].state is State.OK
            postbox.shutdown()
        conf = setting(SMTP_URL=f"smtp://127.0.0.1:{free_port()}", SMTP_FROM="mix@example.com")
        broken(by_name(processes.examine(conf))["processes.mail"], "refused", "SMTP_URL")


class TestSecrets:
    def test_what_others_may_read(self, setting: Callable[..., Settings], tmp_path: Path) -> None:
        conf = setting(MIXMODEL_HOME=str(tmp_path))
        assert by_name(secrets.examine(conf))["secrets.files"].state is State.OK
        folder = tmp_path / "secrets"
        folder.mkdir(mode=0o700)
        (folder / "jwt").write_text("x")
        (folder / "jwt").chmod(0o644)
        broken(by_name(secrets.examine(conf))["secrets.files"], f"chmod 600 {folder / 'jwt'}")
        (folder / "jwt").chmod(0o600)
        folder.chmod(0o755)
        broken(by_name(secrets.examine(conf))["secrets.files"], f"chmod 700 {folder}")

    def test_a_weak_key(self, setting: Callable[..., Settings]) -> None:
        one = by_name(secrets.examine(setting(JWT_SECRET_KEY="short")))["secrets.signing_key"]
        broken(one, "openssl rand")


class TestMachine:
    def test_this_one(self, setting: Callable[..., Settings]) -> None:
        assert set(by_name(machine.examine(setting()))) == {"machine.disk", "machine.memory"}

    def test_too_many_fits_for_the_memory(self, setting: Callable[..., Settings]) -> None:
        one = by_name(machine.examine(setting(WORKER_CONCURRENCY="64")))["machine.memory"]
        assert (one.state is State.WARNING) == (
            "GB for 64" in one.message and machine.psutil.virtual_memory().total < 64 * 2**30
        )

    @pytest.mark.skipif(not Path("/dev/shm").is_mount(), reason="needs a small file system")
    def test_a_small_disk(self, setting: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> None:
        with tempfile.TemporaryDirectory(dir="/dev/shm") as home:
            conf = setting(MIXMODEL_HOME=home)
            free = machine.shutil.disk_usage(home).free
            monkeypatch.setattr(machine, "MIN_FREE_BYTES", free + 2**30)
            broken(next(machine.examine(conf)), "Make room now")
