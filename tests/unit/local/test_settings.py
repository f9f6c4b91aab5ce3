"""Settings: defaults, every wrong value as one sentence, and what production insists on."""

import re
from pathlib import Path

import pytest

from mixmodel_app.config import Settings, SettingsError, settings

SECRET = "9f8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d"
PRODUCTION = {
    "APP_ENV": "production",
    "DATABASE_URL": "postgresql+psycopg://mixmodel:kT7qs0Lm2x@db/mixmodel",
    "REDIS_URL": "redis://:kT7qs0Lm2x@cache/0",
    "STORAGE_URL": "s3://mixmodel",
    "JWT_SECRET_KEY": SECRET,
    "MIXMODEL_PUBLIC_URL": "https://mix.example.com/",
}


def test_an_empty_environment_is_a_local_installation() -> None:
    found = Settings.from_env({})
    assert found.app_env == "local"
    assert not found.is_production
    assert (found.web.host, found.web.port, found.web.open_browser) == ("127.0.0.1", 8000, False)
    assert (found.runs.soft_timeout_s, found.runs.hard_timeout_s) == (1740, 1800)
    assert (found.database.pool_size, found.database.pool_max, found.redis.max_connections) == (5, 20, 50)
    assert found.storage.url == f"file://{found.home / 'objects'}"
    assert found.sentry.dsn is None
    assert found.web.cors_origins == ("http://localhost:8000", "http://127.0.0.1:8000")


def test_the_home_follows_the_users_data_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    assert Settings.from_env({"XDG_DATA_HOME": "/data"}).home == Path("/data/mixmodel")
    assert Settings.from_env({"XDG_DATA_HOME": "relative"}).home == Path("~/.local/share/mixmodel").expanduser()
    monkeypatch.setattr("sys.platform", "darwin")
    assert Settings.from_env({}).home == Path("~/Library/Application Support/MixModel").expanduser()
    assert Settings.from_env({"MIXMODEL_HOME": "~/mine"}).home == Path("~/mine").expanduser()


def test_production_takes_what_it_is_given() -> None:
    found = Settings.from_env(PRODUCTION)
    assert found.is_production
    assert found.auth.jwt_secret_key == SECRET
    assert found.web.public_url == "https://mix.example.com"
    assert found.web.cors_origins == ("https://mix.example.com",)
    assert found.storage.is_s3


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL", "STORAGE_URL", "JWT_SECRET_KEY"])
def test_production_does_not_start_without(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_env({**PRODUCTION, name: " "})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("APP_ENV", "prod"),
        ("MIXMODEL_PORT", "0"),
        ("MIXMODEL_PORT", "70000"),
        ("MIXMODEL_PORT", "eight"),
        ("MIXMODEL_PORT", "²"),
        ("MIXMODEL_OPEN_BROWSER", "maybe"),
        ("DATABASE_URL", "sqlite:///x.db"),
        ("REDIS_URL", "localhost:6379"),
        ("STORAGE_URL", "/var/files"),
        ("S3_ENDPOINT_URL", "minio:9000"),
        ("SENTRY_DSN", "abc"),
        ("CORS_ORIGINS", "*"),
        ("CORS_ORIGINS", "https://a.example.com, b.example.com"),
        ("TRUSTED_PROXIES", "proxy"),
        ("WORKER_CONCURRENCY", "-1"),
        ("RUN_SOFT_TIMEOUT_S", "1800"),
        ("S3_ACCESS_KEY", "alone"),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_it(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name) as caught:
        Settings.from_env({name: value})
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_lists_and_drivers_are_read() -> None:
    found = Settings.from_env(
        {
            "CORS_ORIGINS": "https://a.example.com/, https://b.example.com:8443",
            "TRUSTED_PROXIES": "10.0.0.0/8,::1",
            "DATABASE_URL": "postgres://u@h/d",
            "MIXMODEL_OPEN_BROWSER": "1",
        }
    )
    assert found.web.cors_origins == ("https://a.example.com", "https://b.example.com:8443")
    assert found.web.trusted_proxies == ("10.0.0.0/8", "::1")
    assert found.database.url == found.database.replica_url == "postgresql+psycopg://u@h/d"
    assert found.web.open_browser


def test_no_secret_has_a_repr() -> None:
    text = repr(
        Settings.from_env(
            {**PRODUCTION, "S3_ACCESS_KEY": "akia-1", "S3_SECRET_KEY": "s3cr3t-2", "SENTRY_DSN": "https://dsn-3@s/1"}
        )
    )
    for secret in (SECRET, "kT7qs0Lm2x", "akia-1", "s3cr3t-2", "dsn-3"):
        assert secret not in text


def test_a_url_in_a_message_never_shows_its_password() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({"DATABASE_URL": "mysql://root:hunter2@db/x"})
    assert "hunter2" not in str(caught.value)


def test_services_say_what_is_missing() -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL, REDIS_URL, JWT_SECRET_KEY are not set"):
        Settings.from_env({}).require_services()
    Settings.from_env(PRODUCTION).require_services()


def test_the_accessor_reads_once(monkeypatch: pytest.MonkeyPatch) -> None:
    settings.cache_clear()
    monkeypatch.setenv("MIXMODEL_PORT", "8123")
    assert settings().web.port == 8123
    monkeypatch.setenv("MIXMODEL_PORT", "8124")
    assert settings().web.port == 8123
    settings.cache_clear()
    assert settings().web.port == 8124
    monkeypatch.undo()
    settings.cache_clear()


def test_every_setting_is_in_the_deployment_guide() -> None:
    root = Path(__file__).resolve().parents[3]
    read = set(re.findall(r'"([A-Z][A-Z0-9_]{4,})"', (root / "mixmodel_app/config.py").read_text())) - {"XDG_DATA_HOME"}
    guide = (root / "docs/deploying.md").read_text()
    assert len(read) > 20
    assert {name for name in read if f"`{name}`" not in guide} == set()


PROVIDER = {"OIDC_ISSUER": "https://id.example.com/", "OIDC_CLIENT_ID": "mixmodel", "OIDC_CLIENT_SECRET": SECRET}


def test_without_a_provider_nothing_of_it_is_on() -> None:
    found = Settings.from_env({}).oidc
    assert not found.is_on
    assert not found.only


def test_a_provider_is_three_settings() -> None:
    found = Settings.from_env(PRODUCTION | PROVIDER | {"OIDC_DOMAINS": "@Example.com, other.example"}).oidc
    assert found.is_on
    assert (found.issuer, found.name) == ("https://id.example.com", "single sign-on")
    assert found.domains == ("example.com", "other.example")
    assert (found.only, found.trust_email) == (False, False)
    assert SECRET not in repr(found)


def test_the_providers_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    env = PROVIDER | {"OIDC_CLIENT_SECRET": "", "OIDC_CLIENT_SECRET_FILE": str(file)}
    assert Settings.from_env(env).oidc.client_secret == SECRET
    with pytest.raises(SettingsError, match=r"OIDC_CLIENT_SECRET_FILE names .*, which cannot be read"):
        Settings.from_env(env | {"OIDC_CLIENT_SECRET_FILE": str(tmp_path / "nowhere")})


@pytest.mark.parametrize(
    ("env", "message"),
    [
        ({"OIDC_ISSUER": "https://id.example.com"}, "OIDC_ISSUER needs OIDC_CLIENT_ID"),
        (PROVIDER | {"OIDC_CLIENT_SECRET": ""}, "OIDC_ISSUER needs OIDC_CLIENT_ID"),
        ({"OIDC_CLIENT_ID": "mixmodel"}, "OIDC_ISSUER is not set"),
        ({"OIDC_ONLY": "1"}, "OIDC_ISSUER is not set"),
        (PROVIDER | {"OIDC_ISSUER": "id.example.com"}, "OIDC_ISSUER must start with https:// or http://"),
        (PROVIDER | {"OIDC_ISSUER": "https://"}, "OIDC_ISSUER must be the plain address"),
        (PROVIDER | {"OIDC_ISSUER": "https://id.example.com?x=1"}, "OIDC_ISSUER must be the plain address"),
        (PROVIDER | {"OIDC_ISSUER": "https://user:pass@id.example.com"}, "OIDC_ISSUER must be the plain address"),
        (PRODUCTION | PROVIDER | {"OIDC_ISSUER": "http://id.example.com"}, "OIDC_ISSUER must start with https://."),
        (PROVIDER | {"OIDC_ONLY": "maybe"}, "OIDC_ONLY is 'maybe'"),
    ],
)
def test_a_provider_that_is_set_up_wrongly_stops_the_start(env: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(message)):
        Settings.from_env(env)
