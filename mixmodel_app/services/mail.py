"""Letters by SMTP, where the installation has a server for them."""

import smtplib
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from functools import lru_cache
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import structlog

from mixmodel_app.config import settings

_TIMEOUT_S = 15
_log = structlog.get_logger(__name__)


def is_configured() -> bool:
    return bool(settings().mail.url)


def send(to: str, subject: str, text: str) -> bool:
    """Send one letter, if there is a server for it; whether it was taken. A server that fails is logged."""
    if not is_configured():
        return False
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = settings().mail.sender, to, subject
    letter.set_content(text)
    try:
        with _server() as server:
            server.send_message(letter)
    except (OSError, smtplib.SMTPException) as error:
        _log.error("letter not sent", subject=subject, error=repr(error))
        return False
    return True


def check() -> None:
    """Go as far as signing in at the server. Raises `OSError` or `SMTPException` when that fails."""
    with _server() as server:
        server.noop()


def after_answer(work: Callable[..., Any], *arguments: Any) -> None:
    """Do something in the background, so that an answer says nothing by how long it takes."""
    _background().submit(_logged, work, *arguments)


@lru_cache(maxsize=1)
def _background() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=2, thread_name_prefix="letters")


def _logged(work: Callable[..., Any], *arguments: Any) -> None:
    try:
        work(*arguments)
    except Exception as error:
        _log.error("work in the background failed", work=work.__qualname__, exc_info=error)
        raise


def _server() -> smtplib.SMTP:
    """A connection, encrypted from the start (`smtps`) or by STARTTLS, to a server whose certificate is right.

    Letters hold links that open accounts, so in clear they go to this machine only, or where `?tls=off` says that the
    network may be trusted; a password never does.
    """
    url = urlsplit(settings().mail.url)
    host, context = url.hostname or "localhost", ssl.create_default_context()
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, timeout=_TIMEOUT_S, context=context)
    else:
        server = smtplib.SMTP(host, url.port or 587, timeout=_TIMEOUT_S)
        server.ehlo()
        if url.username or server.has_extn("starttls") or not _may_be_clear(url):
            server.starttls(context=context)
    if url.username:
        server.login(unquote(url.username), unquote(url.password or ""))
    return server


def _may_be_clear(url: SplitResult) -> bool:
    return url.hostname in ("localhost", "127.0.0.1", "::1") or "tls=off" in url.query.split("&")
