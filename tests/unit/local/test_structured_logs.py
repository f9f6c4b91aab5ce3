"""Log lines: the keys of the contract, the context, and no secret in any of them."""

import json
import logging
from typing import Any

import pytest
import sentry_sdk
import structlog

from mixmodel_app.config import Settings
from mixmodel_app.logging import HIDDEN, configure_logging, granian_config, init_sentry, redact, scrub

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


@pytest.fixture
def production() -> Settings:
    return Settings.from_env(
        {
            "APP_ENV": "production",
            "DATABASE_URL": "postgresql://u:q8Zr1xWv@h/d",
            "REDIS_URL": "redis://:q8Zr1xWv@h/0",
            "STORAGE_URL": "file:///objects",
            "JWT_SECRET_KEY": "9f8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d",
            "MIXMODEL_PUBLIC_URL": "https://mix.example.com",
        }
    )


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_has_the_keys_of_the_contract_first(production: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(production, "web")
    structlog.contextvars.bind_contextvars(request_id="r-1", workspace_id="w-1")
    structlog.get_logger("mixmodel_app.api").info("request", duration_ms=12.5, path="/api")
    logging.getLogger("some.library").warning("odd %s", "thing")
    ours, theirs = lines(capsys)
    assert list(ours)[:4] == ["timestamp", "level", "name", "message"]
    assert (ours["level"], ours["name"], ours["message"]) == ("info", "mixmodel_app.api", "request")
    assert (ours["request_id"], ours["workspace_id"], ours["duration_ms"]) == ("r-1", "w-1", 12.5)
    assert ours["timestamp"].endswith("Z")
    assert (theirs["message"], theirs["request_id"], theirs["service"]) == ("odd thing", "r-1", "web")


def test_a_traceback_is_data_and_holds_no_local_variables(
    production: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(production, "worker")
    try:
        customer_figure = "4711-confidential"
        raise ValueError(len(customer_figure))
    except ValueError:
        logging.getLogger("fit").exception("failed")
    (line,) = lines(capsys)
    assert line["exception"][0]["exc_type"] == "ValueError"
    assert "4711-confidential" not in json.dumps(line)


def test_a_library_that_set_up_its_own_handler_comes_back_in_line(
    production: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    stubborn = logging.getLogger("rq.worker")
    stubborn.addHandler(logging.StreamHandler())
    stubborn.propagate = False
    configure_logging(production, "worker")
    stubborn.warning("hello")
    captured = capsys.readouterr()
    assert captured.err == ""
    assert json.loads(captured.out)["name"] == "rq.worker"


def test_commands_keep_standard_output_for_their_answer(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Settings.from_env({}), "cli")
    logging.getLogger("x").warning("careful")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "careful" in captured.err


@pytest.mark.parametrize(
    "text",
    [
        "Event(payload={'password': 'hunter2', 'email': 'a@b.c'}, name='login')",
        "router_data={'headers': {'cookie': 'mm_access=hunter2; x=hunter2'}})",
        'body: {"refresh_token": "hunter2"}',
        'escaped {\\"password\\": \\"hunter2\\"}',
        "HeaderData(cookie='mm_refresh=hunter2; theme=dark', host='x')",
        "GET /api/models/1/progress?token=hunter2&x=1",
        "Authorization: Bearer hunter2",
        "Cookie: mm_access=hunter2; other=hunter2",
        "postgresql://mixmodel:hunter2@db/mixmodel",
        "redis://:hunter2@127.0.0.1:6379/0",
        "bad password='hunter2'",
        "S3_SECRET_KEY=hunter2",
    ],
)
def test_no_secret_survives_in_a_text(text: str) -> None:
    hidden = redact(text)
    assert "hunter2" not in hidden
    assert HIDDEN in hidden


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (ValueError("could not convert string to float: '4711 hunter2'"), "could not convert string to float"),
        (KeyError("hunter2"), ""),
        (ValueError('invalid input syntax for type uuid: "hunter2"'), "invalid input syntax"),
        (RuntimeError("(psycopg.errors) refused\nDETAIL:  Failing row contains (1, hunter2)."), "refused"),
        (ModuleNotFoundError("No module named 'granian'"), "'granian'"),
    ],
)
def test_an_unforeseen_error_quotes_no_data(
    production: Settings, capsys: pytest.CaptureFixture[str], error: Exception, kept: str
) -> None:
    configure_logging(production, "web")
    logging.getLogger("x").error("failed", exc_info=error)
    (line,) = lines(capsys)
    assert "hunter2" not in json.dumps(line)
    assert kept in line["exception"][0]["exc_value"]
    event = {"exception": {"values": [{"type": type(error).__name__, "value": str(error)}]}}
    assert "hunter2" not in json.dumps(scrub(event, {}))


def test_a_web_token_is_hidden_wherever_it_stands() -> None:
    assert redact(f"found {JWT} in the wild") == f"found {HIDDEN} in the wild"


def test_a_personal_token_is_hidden_wherever_it_stands() -> None:
    token = "mm_pat_" + "0f" * 32
    assert redact(f"curl said {token}, twice: {token}") == f"curl said {HIDDEN}, twice: {HIDDEN}"


def test_what_is_no_secret_stays() -> None:
    for text in (
        "row 57: date is '31/02/2025'",
        "took 12 ms",
        "https://mix.example.com/runs/1?view=executive",
        "12:30:45",
    ):
        assert redact(text) == text
    assert redact({"rows": 3, "email": "a@b.c", "password": None}) == {"rows": 3, "email": "a@b.c", "password": None}


def test_secrets_are_hidden_at_any_depth() -> None:
    event = {"headers": [{"Set-Cookie": "a=1"}, {"accept": "x"}], "JWT_SECRET_KEY": "k", "nested": {"api_key": "k"}}
    hidden = {
        "headers": [{"Set-Cookie": HIDDEN}, {"accept": "x"}],
        "JWT_SECRET_KEY": HIDDEN,
        "nested": {"api_key": HIDDEN},
    }
    assert redact(event) == hidden


def test_an_event_of_reflex_is_hidden_in_the_log(production: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(production, "web")
    logging.getLogger("reflex").error(
        "Unknown event %r", {"payload": {"password": "hunter2"}, "cookie": f"mm_access={JWT}"}
    )
    captured = capsys.readouterr().out
    assert "hunter2" not in captured
    assert "eyJ" not in captured


def test_sentry_is_off_without_a_dsn(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_options: Any) -> None:
        raise AssertionError("initialised")

    monkeypatch.setattr(sentry_sdk, "init", refuse)
    assert init_sentry(Settings.from_env({}), "web") is False


def test_sentry_gets_no_personal_data_and_a_tenth_of_the_traces(monkeypatch: pytest.MonkeyPatch) -> None:
    got: dict[str, Any] = {}
    monkeypatch.setattr(sentry_sdk, "init", lambda **options: got.update(options))
    assert init_sentry(Settings.from_env({"SENTRY_DSN": "https://key@sentry.example.com/1"}), "worker") is True
    assert got["traces_sample_rate"] == 0.1
    assert got["send_default_pii"] is False
    assert got["include_local_variables"] is False
    assert got["before_send"] is scrub


def test_an_error_report_is_scrubbed() -> None:
    event = {
        "request": {
            "url": "https://x/api",
            "cookies": {"a": "b"},
            "data": "x",
            "query_string": "token=1",
            "headers": {"Cookie": "a"},
        },
        "logentry": {"message": "password='hunter2'"},
    }
    assert scrub(event, {}) == {
        "request": {"url": "https://x/api", "headers": {"Cookie": HIDDEN}},
        "logentry": {"message": f"password='{HIDDEN}'"},
    }


def test_the_web_servers_own_lines_have_our_format(production: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    import logging.config

    logging.config.dictConfig(granian_config(production))
    logging.getLogger("_granian").info("Listening")
    (line,) = lines(capsys)
    assert (line["level"], line["name"], line["message"]) == ("info", "_granian", "Listening")
