"""What browsers report: into the log and to Sentry, cut, scrubbed and bounded."""

from collections.abc import Iterator

import pytest
import sentry_sdk
import structlog
from structlog.testing import capture_logs

from mixmodel_app import __version__
from mixmodel_app.config import Settings
from mixmodel_app.logging import init_sentry
from mixmodel_app.state import browser_errors
from mixmodel_app.state.browser_errors import MOST_CHARACTERS, MOST_PER_MINUTE, as_event, report_browser_error
from tests.sentry_intake import SentryIntake, sentry_intake

CHROMIUM = """TypeError: x is not a function
    at draw (https://mix.example.com/assets/chart-1a.js?token=hunter2:10:5)
    at https://mix.example.com/assets/entry.js:1:200"""
FIREFOX = """TypeError: x is not a function
draw@https://mix.example.com/assets/chart-1a.js:10:5
@https://mix.example.com/assets/entry.js:1:200"""


@pytest.fixture(autouse=True)
def _fresh_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    browser_errors._taken.clear()


@pytest.fixture
def sentry() -> Iterator[SentryIntake]:
    with sentry_intake() as intake:
        init_sentry(Settings.from_env({"SENTRY_DSN": intake.dsn, "APP_ENV": "test"}), "web")
        yield intake
        sentry_sdk.get_client().close(timeout=0)
        sentry_sdk.get_global_scope().set_client(None)


@pytest.mark.parametrize("text", [CHROMIUM, FIREFOX], ids=["Chromium", "Firefox"])
def test_a_stack_becomes_frames_without_queries(text: str) -> None:
    [error] = as_event(text)["exception"]["values"]
    assert (error["type"], error["value"]) == ("TypeError", "x is not a function")
    outer, inner = error["stacktrace"]["frames"]
    assert (inner["function"], inner["lineno"], inner["colno"]) == ("draw", 10, 5)
    assert inner["filename"] == "https://mix.example.com/assets/chart-1a.js"
    assert (outer["function"], outer["lineno"]) == ("?", 1)


def test_a_report_is_a_warning_in_the_log_and_not_endless() -> None:
    with capture_logs() as lines:
        report_browser_error(Exception("Error: " + "x" * 50_000))
    [line] = lines
    assert (line["event"], line["log_level"]) == ("error in a browser", "warning")
    assert len(line["browser_error"]) == MOST_CHARACTERS


def test_nobody_can_flood_the_log() -> None:
    with capture_logs() as lines:
        for _ in range(10 * MOST_PER_MINUTE):
            report_browser_error(Exception("Error: again"))
    assert len(lines) == MOST_PER_MINUTE


def test_sentry_learns_it_with_release_environment_and_ids(sentry: SentryIntake) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r-4711"):
        report_browser_error(Exception(CHROMIUM + "\ncookie: mm_access=hunter2"))
    [event] = sentry.errors()
    assert event["platform"] == "javascript"
    assert event["release"] == f"mixmodel@{__version__}"
    assert event["environment"] == "test"
    assert event["tags"] == {"service": "browser", "request_id": "r-4711"}
    assert event["exception"]["values"][0]["type"] == "TypeError"
    assert "hunter2" not in "".join(sentry.texts)


def test_without_a_dsn_nothing_is_sent() -> None:
    with sentry_intake() as intake:
        report_browser_error(Exception("Error: quiet"))
        assert intake.errors(limit_s=0.2) == []
