"""Errors of people's browsers: into the log, and to Sentry when it is on.

Reflex brings them over the page's socket, so pages load no script of a third party and talk to no other host. Anyone
who opens a socket can send such a report: it is cut, scrubbed like every line, and only so many a minute are taken.
"""

import html
import re
import time
from collections import deque
from typing import Any

import sentry_sdk
import structlog

from mixmodel_app.metrics import BROWSER_ERRORS

MOST_CHARACTERS = 4_000
MOST_PER_MINUTE = 30
_MOST_FRAMES = 30

_log = structlog.get_logger(__name__)
_taken: deque[float] = deque(maxlen=MOST_PER_MINUTE)

# "at name (url:line:column)" of Chromium, "name@url:line:column" of Firefox and Safari; queries may hold tokens.
_FRAME = re.compile(
    r"(?:at\s+)?(?P<name>[^\s@(]*)[\s@(]*(?P<file>https?://[^\s?#)]+?)(?:[?#][^\s)]*?)?:(?P<line>\d+):(?P<column>\d+)"
)


def report_browser_error(exception: Exception) -> None:
    """What `rx.App(frontend_exception_handler=…)` takes. The text is the error's name, message and stack."""
    if not _may_take(time.monotonic()):
        return
    text = html.unescape(str(exception)).replace("\\[", "[")[:MOST_CHARACTERS]
    BROWSER_ERRORS.inc()
    _log.warning("error in a browser", browser_error=text)
    if sentry_sdk.is_initialized():
        with sentry_sdk.new_scope() as scope:
            scope.set_tag("service", "browser")
            scope.capture_event(as_event(text))


def as_event(text: str) -> Any:
    """The report as Sentry takes errors of browsers, with the frames of its stack, outermost first."""
    head, _, stack = text.partition("\n")
    kind, colon, message = head.partition(": ")
    frames = [
        {
            "function": found["name"] or "?",
            "filename": found["file"],
            "lineno": int(found["line"]),
            "colno": int(found["column"]),
            "in_app": True,
        }
        for found in _FRAME.finditer(stack)
    ]
    error: dict[str, Any] = {"type": kind if colon else "Error", "value": message if colon else head}
    if frames:
        error["stacktrace"] = {"frames": frames[:_MOST_FRAMES][::-1]}
    return {"platform": "javascript", "level": "error", "logger": "browser", "exception": {"values": [error]}}


def _may_take(now: float) -> bool:
    """Whether another report fits into this minute."""
    if len(_taken) == MOST_PER_MINUTE and now - _taken[0] < 60:
        return False
    _taken.append(now)
    return True
