"""What a production start refuses, each with a sentence that names the setting, says what to do and shows no secret."""

import secrets
from pathlib import Path

import pytest

from mixmodel_app.config import Settings, SettingsError
from mixmodel_app.production import weakness
from tests.unit.local.test_settings import PRODUCTION, SECRET

PASSWORD = "kT7qs0Lm2x"
BUCKET = {"S3_ACCESS_KEY": "mm-7Fq2-uploads", "S3_SECRET_KEY": "pV93hsLq0ZtWm1xK"}


def _refusal(**env: str) -> str:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({**PRODUCTION, **env})
    message = str(caught.value)
    assert message.endswith(".")
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    "secret",
    [
        "short",
        SECRET[:31],
        "a" * 64,
        "change-me-change-me-change-me-change-me",
        "your-256-bit-secret-your-256-bit-secret",
        "django-insecure-8f7a6b5c4d9e8f7a6b5c4d",
        "supersecretsupersecretsupersecret1234",
        "abcdefghijklmnopqrstuvwxyzabcdef",
        "k3j9x2m5q8w1" * 4,
        "correct-password-for-mixmodel-7411",
    ],
)
def test_a_weak_signing_key_stops_the_start(secret: str) -> None:
    message = _refusal(JWT_SECRET_KEY=secret)
    assert message.startswith("JWT_SECRET_KEY ")
    assert "openssl rand -hex 32" in message
    assert secret not in message
    assert Settings.from_env({"JWT_SECRET_KEY": secret}).auth.jwt_secret_key == secret, "locally it may be anything"


def test_random_keys_of_the_usual_kinds_are_strong() -> None:
    for _ in range(300):
        for key in (secrets.token_hex(32), secrets.token_hex(16), secrets.token_urlsafe(32), secrets.token_urlsafe(24)):
            assert weakness(key) == "", key


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_REPLICA_URL", "REDIS_URL"])
@pytest.mark.parametrize(
    ("password", "word"),
    [("postgres", "default"), ("Mixmodel", "default"), ("", "missing"), ("x7Q", "too short"), ("aaaaaaaaaa", "simple")],
)
def test_a_default_short_or_missing_password_of_a_store_stops_the_start(name: str, password: str, word: str) -> None:
    full = {"DATABASE_REPLICA_URL": PRODUCTION["DATABASE_URL"], **PRODUCTION}[name]
    message = _refusal(**{name: full.replace(PASSWORD, password)})
    assert f"password in {name}" in message
    assert word in message
    assert not password or password not in message.replace("postgresql", "")


def test_a_password_that_repeats_the_account_stops_the_start() -> None:
    assert "default" in _refusal(DATABASE_URL="postgresql://reporting-db:reporting-db@db/x")


def test_a_socket_of_this_machine_needs_no_password() -> None:
    url = "postgresql://mixmodel@/mixmodel?host=/var/run/postgresql"
    assert Settings.from_env({**PRODUCTION, "DATABASE_URL": url}).is_production


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("S3_ACCESS_KEY", "minioadmin"),
        ("S3_SECRET_KEY", "minioadmin"),
        ("S3_SECRET_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        ("S3_ACCESS_KEY", "AKIAIOSFODNN7EXAMPLE"),
        ("S3_SECRET_KEY", "abc"),
    ],
)
def test_default_keys_of_an_object_store_stop_the_start(name: str, value: str) -> None:
    assert _refusal(**{**BUCKET, name: value}).startswith(name)
    assert Settings.from_env({**PRODUCTION, **BUCKET}).storage.s3_access_key


def test_an_address_that_nobody_named_stops_the_start() -> None:
    assert "MIXMODEL_PUBLIC_URL is not set" in _refusal(MIXMODEL_PUBLIC_URL="")
    found = Settings.from_env({**PRODUCTION, "MIXMODEL_PUBLIC_URL": "", "CORS_ORIGINS": "https://mix.example.com"})
    assert found.web.public_url == "https://mix.example.com"


def test_an_address_without_https_stops_the_start_unless_it_is_this_machine() -> None:
    assert "https://" in _refusal(MIXMODEL_PUBLIC_URL="http://mix.example.com")
    assert Settings.from_env({**PRODUCTION, "MIXMODEL_PUBLIC_URL": "http://localhost:8080"}).is_production


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "jwt"
    path.write_text(f"{SECRET}\n")
    path.chmod(0o600)
    return path


def test_a_secret_may_be_in_a_file(key_file: Path) -> None:
    found = Settings.from_env({**PRODUCTION, "JWT_SECRET_KEY": "", "JWT_SECRET_KEY_FILE": str(key_file)})
    assert found.auth.jwt_secret_key == SECRET


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o602, 0o644, 0o660])
def test_a_file_that_others_may_read_or_write_stops_a_production_start(key_file: Path, mode: int) -> None:
    key_file.chmod(mode)
    message = _refusal(JWT_SECRET_KEY="", JWT_SECRET_KEY_FILE=str(key_file))
    assert f"chmod 600 {key_file}" in message
    assert SECRET not in message
    assert Settings.from_env({"JWT_SECRET_KEY_FILE": str(key_file)}).auth.jwt_secret_key == SECRET


def test_a_file_that_is_missing_empty_or_set_twice_is_said(tmp_path: Path, key_file: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch(mode=0o600)
    assert "cannot be read" in _refusal(JWT_SECRET_KEY="", JWT_SECRET_KEY_FILE=str(tmp_path / "nothing"))
    assert "is empty" in _refusal(JWT_SECRET_KEY="", JWT_SECRET_KEY_FILE=str(empty))
    assert "both set" in _refusal(JWT_SECRET_KEY_FILE=str(key_file))


def test_a_password_given_apart_goes_into_its_url(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text("p@ss/w:rd-7Q2x")
    path.chmod(0o600)
    found = Settings.from_env(
        {
            **PRODUCTION,
            "DATABASE_URL": "postgresql://mixmodel@db:5432/mixmodel",
            "DATABASE_PASSWORD_FILE": str(path),
            "REDIS_URL": "redis://cache:6379/0",
            "REDIS_PASSWORD": "p@ss/w:rd-7Q2x",
        }
    )
    assert found.database.url == "postgresql+psycopg://mixmodel:p%40ss%2Fw%3Ard-7Q2x@db:5432/mixmodel"
    assert found.redis.url == "redis://:p%40ss%2Fw%3Ard-7Q2x@cache:6379/0"
    kept = Settings.from_env({**PRODUCTION, "DATABASE_PASSWORD": "another-7Q2x"})
    assert PASSWORD in kept.database.url, "a password in the URL wins"
