"""Dockerfile, compose file and proxy, checked by the real parsers of both."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mixmodel_app.config import Settings

ROOT = Path(__file__).resolve().parents[3]
TOOLS = Path(sys.executable).parent
STRONG = "9f8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d"
SECRETS = dict.fromkeys(("POSTGRES_PASSWORD", "DATABASE_PASSWORD", "REDIS_PASSWORD", "JWT_SECRET_KEY"), STRONG)


def compose(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """The real Compose parser, without an `.env` file of this machine."""
    return subprocess.run(
        [TOOLS / "docker-compose", "--env-file", os.devnull, *arguments],
        cwd=ROOT,
        env={"PATH": os.defpath, "HOME": "/nonexistent", **env},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    done = compose("--profile", "*", "config", "--format", "json", **SECRETS)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_compose_file_has_every_process(config: dict[str, Any]) -> None:
    always = {"proxy", "web", "worker", "janitor", "migrate", "postgres", "valkey"}
    assert set(config["services"]) == {*always, "s3", "tls", "backup"}
    for name in ("s3", "tls", "backup"):
        assert config["services"][name]["profiles"] == [name]
    assert [config["services"][name]["deploy"]["replicas"] for name in ("web", "worker")] == [2, 2]
    ours = {name for name, service in config["services"].items() if service["image"].startswith("mixmodel:")}
    assert ours == {"web", "worker", "janitor", "migrate", "backup"}, "one image for all of them"


def test_every_process_has_limits_and_says_how_it_is(config: dict[str, Any]) -> None:
    for name, service in config["services"].items():
        limits = service["deploy"]["resources"]["limits"]
        assert {"cpus", "memory", "pids"} <= set(limits), name
        assert name in ("migrate", "backup") or service["healthcheck"]["test"], name


def test_only_what_stands_under_a_profile_may_start_as_root(config: dict[str, Any]) -> None:
    for name in ("proxy", "postgres", "valkey"):
        service = config["services"][name]
        assert service["user"] not in ("root", "0")
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
    assert config["services"]["tls"]["cap_drop"] == ["ALL"]


def test_the_proxy_takes_the_word_of_the_tls_service_alone(config: dict[str, Any]) -> None:
    address = config["services"]["tls"]["networks"]["front"]["ipv4_address"]
    assert re.findall(r"set_real_ip_from (.+);", (ROOT / "deploy/nginx.conf").read_text()) == [address]


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_nothing_starts_without_a_secret(name: str) -> None:
    done = compose("config", "-q", **{key: value for key, value in SECRETS.items() if key != name})
    assert done.returncode != 0
    assert f"required variable {name} is missing" in done.stderr


@pytest.mark.parametrize("service", ["web", "worker", "janitor", "migrate"])
def test_the_settings_of_each_process_are_valid_in_production(config: dict[str, Any], service: str) -> None:
    env = {name: value or "" for name, value in config["services"][service]["environment"].items()}
    found = Settings.from_env(env)
    assert found.is_production
    assert found.web.trusted_proxies


def test_the_proxys_network_is_the_trusted_one(config: dict[str, Any]) -> None:
    front = config["networks"]["front"]["ipam"]["config"][0]["subnet"]
    assert config["services"]["web"]["environment"]["TRUSTED_PROXIES"] == front
    assert list(config["services"]["proxy"]["networks"]) == ["front"]


def test_the_stores_are_reachable_from_inside_only(config: dict[str, Any]) -> None:
    assert config["networks"]["inside"]["internal"] is True
    for name in ("postgres", "valkey", "s3"):
        assert list(config["services"][name]["networks"]) == ["inside"]
        assert "ports" not in config["services"][name]
    assert {name for name, service in config["services"].items() if "ports" in service} == {"proxy", "tls"}


@pytest.mark.parametrize("service", ["web", "worker", "janitor", "migrate", "backup"])
def test_our_processes_may_do_little(config: dict[str, Any], service: str) -> None:
    found = config["services"][service]
    assert found["read_only"] is True
    assert found["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in found["security_opt"]


def test_postgres_keeps_its_data_where_version_18_wants_it(config: dict[str, Any]) -> None:
    targets = [volume["target"] for volume in config["services"]["postgres"]["volumes"]]
    assert "/var/lib/postgresql" in targets


def test_every_mounted_file_exists(config: dict[str, Any]) -> None:
    mounts = [v["source"] for s in config["services"].values() for v in s.get("volumes", []) if v["type"] == "bind"]
    assert mounts
    assert all(Path(mount).is_file() for mount in mounts)


def test_every_image_has_a_version(config: dict[str, Any]) -> None:
    foreign = [s["image"] for s in config["services"].values() if not s["image"].startswith("mixmodel:")]
    assert all(re.search(r":\d", image) for image in foreign), foreign


def test_the_dockerfile_passes_hadolint() -> None:
    done = subprocess.run([TOOLS / "hadolint", ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_image_runs_as_nobody_special_and_installs_nothing_at_run_time() -> None:
    final = (ROOT / "Dockerfile").read_text().split("\nFROM ")[-1]
    user = re.search(r"^USER (\d+):\d+$", final, re.MULTILINE)
    assert user
    assert int(user[1]) > 0
    assert "pip" not in final


def test_what_the_dockerfile_copies_is_in_its_context() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = re.findall(r"^COPY (?!--from)(.+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    sources = {source for line in copied for source in line.split()[:-1]}
    assert sources == allowed
    assert all((ROOT / source).exists() for source in sources)


def test_the_example_names_every_secret_and_gives_none() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert {name: given[name] for name in SECRETS} == dict.fromkeys(SECRETS, "")


def test_the_proxy_passes_sockets_and_large_files_and_trusts_no_forwarded_address() -> None:
    text = (ROOT / "deploy/nginx.conf").read_text()
    assert "proxy_set_header Upgrade $http_upgrade;" in text
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in text
    assert sorted(map(int, re.findall(r"client_max_body_size (\d+)m;", text))) == [1, 52], "files may be 50 MB"
