"""Secrets planted in real requests, errors forced everywhere: none is in a log line or in a report to Sentry.

The web and the worker run as processes in production mode. What one person may not see of another, or an operator not
at all, is planted: passwords, tokens of every kind, links, cookies, keys of stores, cells of uploaded data.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest
from sqlalchemy import text

from mixmodel_app import __version__
from mixmodel_app.local.processes import free_port
from mixmodel_app.local.stack import EmbeddedStores
from mixmodel_app.services import accounts, recovery
from mixmodel_app.services.dataset_tables import parquet_key
from mixmodel_app.storage import db
from mixmodel_app.storage.objects import objects
from tests.integration.scenes import QUICK, CompletedFit, lift_limits
from tests.integration.server.conftest import Web
from tests.sentry_intake import SentryIntake, sentry_intake
from tests.tables import csv_bytes, weekly_rows

PASSWORD = "Planted-passw0rd-Zq"
KEYS = {"S3_ACCESS_KEY": "planted-access-Zq7", "S3_SECRET_KEY": "planted-s3-secret-Zq7"}
CELL = "Zanzibar-confidential-cell"
FIGURE = "918273645"
PRODUCTION = {"APP_ENV": "production", "MIXMODEL_PUBLIC_URL": "https://mix.example.com", "SMTP_FROM": "a@example.com"}
MAIL = "smtp://mailer:planted-mail-password@127.0.0.1:9"

_WORK = """
from workers.worker import prepare, worker
prepare()
worker().work(burst=True, logging_level="WARNING")
"""


class Planted(dict[str, str]):
    """Secrets by what they are."""

    def found_in(self, where: str) -> list[str]:
        return [name for name, value in self.items() if value and value in where]


@pytest.fixture(scope="module")
def reports() -> Iterator[SentryIntake]:
    with sentry_intake() as running:
        yield running


@pytest.fixture(scope="module")
def production(stores: EmbeddedStores, reports: SentryIntake) -> dict[str, str]:
    """The environment of every process here."""
    return {**stores.env(), **PRODUCTION, **KEYS, "SENTRY_DSN": reports.dsn, "SMTP_URL": MAIL}


@pytest.fixture(scope="module")
def web(start_web: Callable[..., Web], production: dict[str, str]) -> Web:
    return start_web(**production)


@pytest.fixture
def planted(stores: EmbeddedStores, reports: SentryIntake) -> Planted:
    env = stores.env()
    return Planted(
        password=PASSWORD,
        signing_key=env["JWT_SECRET_KEY"],
        database_password=env["DATABASE_URL"].split(":")[2].split("@")[0],
        redis_password=env["REDIS_URL"].split(":")[2].split("@")[0],
        mail_password="planted-mail-password",
        cell=CELL,
        figure=FIGURE,
        **KEYS,
    )


class Person:
    """Someone with tokens and cookies, who remembers each as planted."""

    def __init__(self, web: Web, planted: Planted) -> None:
        self.http = httpx.Client(base_url=web.url, timeout=30, headers={"origin": web.url})
        self.planted = planted
        lift_limits()
        body = {"email": "ann@example.com", "password": PASSWORD, "full_name": "Ann", "workspace_name": "Harbour"}
        tokens = self.http.post("/api/auth/register", json=body).json()
        self.user = tokens["user"]
        self.access = planted.setdefault("access", tokens["access_token"])
        planted["refresh"] = tokens["refresh_token"]
        self.http.headers["authorization"] = f"Bearer {self.access}"
        lift_limits()
        self.http.post("/api/session/login", data={"email": "ann@example.com", "password": PASSWORD})
        cookies = httpx.post(
            f"{web.url}/api/session/login", data={"email": "ann@example.com", "password": PASSWORD}
        ).headers.get_list("set-cookie")
        for cookie in cookies:
            name, _, value = cookie.split(";")[0].partition("=")
            planted[f"cookie {name}"] = value
        self.cookie = "; ".join(cookie.split(";")[0] for cookie in cookies)

    def collect_links(self, run_id: str) -> None:
        """Every kind of token that is told once, and the second factor."""
        post, plant = self.http.post, self.planted
        plant["share"] = post(f"/api/models/{run_id}/shares", json={}).json()["token"]
        invited = post("/api/workspace/invite", json={"email": "bob@example.com", "role": "viewer"})
        plant["invitation"] = invited.json()["token"]
        plant["reset"] = recovery.link_for("ann@example.com").split("token=")[1]
        setup = post("/api/auth/second-factor", json={"password": PASSWORD}).json()
        plant["totp"] = setup["secret"]
        code = pyotp.TOTP(setup["secret"]).now()
        codes = post("/api/auth/second-factor/confirm", json={"code": code}).json()["recovery_codes"]
        plant |= {f"recovery code {number}": one for number, one in enumerate(codes)}

    def use_everything(self, run_id: str) -> list[int]:
        """Requests with a secret in each place where one can stand; gives the statuses."""
        plant, ask, cookie = self.planted, self.http.request, {"cookie": self.cookie}
        email = {"email": "ann@example.com"}
        other = {"email": "eve@example.com", "password": PASSWORD, "full_name": "Eve"}
        asked: list[tuple[str, str, dict[str, Any]]] = [
            ("POST", "/api/auth/login", {"json": email | {"password": PASSWORD}}),
            ("POST", "/api/auth/login", {"json": email | {"password": PASSWORD, "code": plant["recovery code 0"]}}),
            ("POST", "/api/auth/login", {"json": {"email": 1, "password": [PASSWORD]}}),
            ("POST", "/api/auth/register", {"json": other}),
            ("POST", "/api/auth/refresh", {"json": {"refresh_token": plant["refresh"]}}),
            ("POST", "/api/auth/password/reset", {"json": {"token": plant["reset"], "password": PASSWORD + "2"}}),
            ("PUT", "/api/auth/password", {"json": {"current_password": PASSWORD, "new_password": PASSWORD + "3"}}),
            ("POST", "/api/auth/second-factor/off", {"json": {"password": PASSWORD, "code": plant["recovery code 1"]}}),
            ("POST", f"/api/workspace/invite/{plant['invitation']}/accept", {}),
            ("GET", f"/join?token={plant['invitation']}", {}),
            ("GET", f"/reset?token={plant['reset']}", {}),
            ("GET", f"/shared/{plant['share']}", {}),
            ("GET", f"/api/shared/{plant['share']}", {}),
            ("GET", f"/api/models/{run_id}/progress?token={self.access}x", {}),
            ("GET", "/fail", {"headers": cookie, "params": {"token": self.access, "code": PASSWORD}}),
            ("POST", "/api/session/register", {"data": email | {"password": PASSWORD}, "headers": cookie}),
            ("POST", "/api/session/login", {"data": email | {"password": PASSWORD}}),
            ("POST", "/api/datasets/upload", {"files": {"file": ("weekly.csv", _table())}}),
            ("PUT", "/api/workspace", {"json": {"name": "Other"}}),
        ]  # fmt: skip
        statuses = []
        for method, path, more in asked:
            lift_limits()
            statuses.append(ask(method, path, **more).status_code)
        return statuses


def _table() -> bytes:
    """Weekly data with a text column and a figure that would be recognised anywhere."""
    rows = [row | {"note": CELL} for row in weekly_rows()]
    rows[30]["revenue"] = FIGURE
    return csv_bytes(rows)


@contextmanager
def _nothing_can_be_written() -> Iterator[None]:
    """Postgres refuses each row, and shows it in the detail of its message, as it does for a broken constraint."""
    refuse = """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE EXCEPTION 'refused' USING DETAIL = 'Failing row contains ' || NEW::text || '.';
        END $$"""
    with db.engine().begin() as connection:
        found = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        tables = [name for name in found.scalars() if name != "alembic_version"]
        connection.execute(text(refuse))
        for table in tables:
            connection.execute(
                text(f"CREATE TRIGGER r BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse()")
            )
    try:
        yield
    finally:
        with db.engine().begin() as connection:
            connection.execute(text("DROP FUNCTION refuse CASCADE"))


@pytest.fixture
def person(clean: None, web: Web, planted: Planted) -> Person:
    return Person(web, planted)


@pytest.fixture
def run_id(person: Person, completed_fit: CompletedFit) -> str:
    found = completed_fit.copy_for(accounts.principal_from_access(person.access))[1]
    person.collect_links(found)
    return found


def _until(condition: Callable[[], bool], limit_s: float = 20) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_nothing_that_was_planted_is_told(web: Web, reports: SentryIntake, person: Person, run_id: str) -> None:
    person.use_everything(run_id)
    before = len(reports.events())
    with _nothing_can_be_written():
        statuses = person.use_everything(run_id)
    assert statuses.count(500) >= 5, statuses
    _until(lambda: len(reports.events()) >= before + 5)
    log = "".join(web.log)
    assert log.count("unhandled error") >= 5
    assert person.planted.found_in(log) == []
    assert person.planted.found_in("".join(reports.texts)) == []
    for event in reports.events():
        assert event["release"] == f"mixmodel@{__version__}"
        assert event["environment"] == "production"
        assert event["tags"]["service"] in ("web", "worker")


def test_an_error_names_the_request_and_nothing_of_the_inside(web: Web, person: Person) -> None:
    answer = person.http.get("/fail")
    assert answer.status_code == 500
    problem = answer.json()
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert "10.0.0.7" not in answer.text
    assert "RuntimeError" not in answer.text
    lines = [json.loads(line) for line in web.lines_with(problem["request_id"])]
    assert any(line["message"] == "unhandled error" and line["exception"] for line in lines)


def test_stores_that_are_down_tell_no_key(
    start_web: Callable[..., Web], production: dict[str, str], planted: Planted, reports: SentryIntake
) -> None:
    closed = free_port()
    planted["database_url"] = "planted-database-password"
    planted["redis_url"] = "planted-redis-password"
    down = start_web(
        **production
        | {
            "DATABASE_URL": f"postgresql://mixmodel:planted-database-password@127.0.0.1:{closed}/mixmodel",
            "REDIS_URL": f"redis://:planted-redis-password@127.0.0.1:{closed}/0",
            "STORAGE_URL": "s3://mixmodel",
            "S3_ENDPOINT_URL": f"http://127.0.0.1:{closed}",
        }
    )
    health = httpx.get(f"{down.url}/health", timeout=30)
    assert health.json()["checks"]["storage"] == "error"
    with suppress(httpx.TransportError):
        httpx.post(f"{down.url}/api/auth/login", json={"email": "a@example.com", "password": PASSWORD}, timeout=30)
    log = "".join(down.log)
    assert "health check fails" in log
    assert planted.found_in(log + health.text + "".join(reports.texts)) == []


def test_a_worker_that_stumbles_tells_no_cell(
    production: dict[str, str], planted: Planted, reports: SentryIntake, person: Person
) -> None:
    dataset = person.http.post("/api/datasets/upload", files={"file": ("weekly.csv", _table())}).json()["dataset_id"]
    assert person.http.post(f"/api/datasets/{dataset}/validate").json()["is_valid"]
    person.http.post("/api/models/run", json={"dataset_id": dataset, "config": QUICK}).raise_for_status()
    damaged = "damaged/table-old.csv"  # a name that does not say what must be in it
    with db.engine().begin() as connection:
        point = text("UPDATE model_runs SET table_key = :key WHERE dataset_id = :id")
        connection.execute(point, {"key": damaged, "id": dataset})
    objects().put(parquet_key(damaged), f"{CELL} {FIGURE}".encode())
    done = subprocess.run(
        [sys.executable, "-c", _WORK], env={**os.environ, **production}, cwd=Path(__file__).parents[3],
        capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    log = done.stdout + done.stderr
    assert "fit failed unexpectedly" in log, log
    assert planted.found_in(log) == []
    _until(lambda: any(event["tags"]["service"] == "worker" for event in reports.events()))
    assert planted.found_in("".join(reports.texts)) == []
