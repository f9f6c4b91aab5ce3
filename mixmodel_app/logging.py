"""Structured logs without secrets: JSON lines in production, readable lines elsewhere, and Sentry when it has a DSN.

Every record, ours or a library's, passes one formatter. It adds what is bound to the current context (`request_id`,
`workspace_id`, `duration_ms`), and nothing leaves it before `redact` has seen it: Reflex logs whole events, session
cookies included, when it meets one that it does not know.

Bind context with `structlog.contextvars.bind_contextvars(request_id=…, workspace_id=…)`.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, Literal, cast

import structlog
from structlog.types import EventDict, Processor

from mixmodel_app.config import Settings

Service = Literal["web", "worker", "janitor", "cli"]

HIDDEN = "[hidden]"

_SECRET_NAME = re.compile(
    r"(pass(word|wd|phrase)?|secret|token|cookie|authorization|api_?key|access_?key|jwt|dsn|credential|mm_access|mm_refresh)",
    re.IGNORECASE,
)
_NAME = r"[\w-]*(?:password|passwd|secret|token|cookie|authorization|api_?key|access_?key|mm_access|mm_refresh)[\w-]*"
_SECRET_TEXTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(/shared/|/invite/)[\w-]+"), rf"\1{HIDDEN}"),  # the token of a link
    # 'password': 'x', "cookie": "a=b; c=d", password='x', with the quotes escaped or not
    (
        re.compile(rf"""(\\?["']?\b{_NAME}\\?["']?\s*[:=]\s*)\\?(["'])(?:(?!\\?\2).)*\\?\2""", re.IGNORECASE),
        rf"\1\2{HIDDEN}\2",
    ),
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*"), HIDDEN),  # a JSON web token wherever it stands
    (re.compile(r"mm_pat_\w+"), HIDDEN),  # a personal token wherever it stands
    (re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]+", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (re.compile(r"(://[^/\s:@]*):[^@\s/]+@"), rf"\1:{HIDDEN}@"),  # user:password@host
    (re.compile(r"(\bDETAIL:\s*)[^\r\n]+"), rf"\1{HIDDEN}"),  # Postgres shows there the row that it refused
    # password=x, Cookie: a=b; c=d (to the end of the line)
    (re.compile(r"\b((?:set-)?cookie:\s*)[^\r\n]+", re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(rf"\b({_NAME})=(?!\[hidden\])[^\s;&,'\"}}\)]+", re.IGNORECASE), rf"\1={HIDDEN}"),
)
_QUOTED = re.compile(r"""'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*\"""")
_ABOUT_CODE = ("ImportError", "ModuleNotFoundError", "AttributeError", "NameError", "UnboundLocalError", "SyntaxError")
"""Errors whose quoted words are names in our source; what others quote is most often data."""

_LEVELS = {
    "reflex": logging.WARNING,
    "granian.access": logging.WARNING,
    "httpx": logging.WARNING,
    "httpx2": logging.WARNING,
}
_QUIET = (
    "pytensor",
    "pymc",
    "numba",
    "matplotlib",
    "botocore",
    "boto3",
    "s3transfer",
    "urllib3",
    "filelock",
    "asyncio",
    "arviz",
    "alembic.runtime.plugins",
)


def redact(value: Any) -> Any:
    """The same value with passwords, cookies, tokens and the like replaced, at any depth and inside texts.

    Objects that are neither containers nor texts come back unchanged.
    """
    if isinstance(value, str):
        return _redact_text(value)
    if isinstance(value, bytes):
        return _redact_text(value.decode(errors="replace"))
    if isinstance(value, Mapping):
        return {
            key: HIDDEN if isinstance(key, str) and _SECRET_NAME.search(key) and item else redact(item)
            for key, item in cast(Mapping[Any, Any], value).items()
        }
    if isinstance(value, Sequence | set | frozenset):
        return [redact(item) for item in cast(Sequence[Any], value)]
    return value


def _redact_text(text: str) -> str:
    for pattern, replacement in _SECRET_TEXTS:
        text = pattern.sub(replacement, text)
    return text


def without_data(kind: str, message: str) -> str:
    """The message of an unforeseen error without what it quotes: "could not convert string to float: 'a cell'"."""
    return message if kind in _ABOUT_CODE else _QUOTED.sub(HIDDEN, message)


def _quote_nothing(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """The same for the tracebacks of a JSON line."""
    for trace in event.get("exception") or ():
        trace["exc_value"] = without_data(trace["exc_type"], trace["exc_value"])
    return event


def _redact_event(_logger: Any, _method: str, event: EventDict) -> EventDict:
    return cast(EventDict, redact(event))


def _name_keys(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """The keys of the contract in its order: timestamp, level, name, message, then what the context holds."""
    first = {
        "timestamp": event.pop("timestamp", None),
        "level": event.pop("level", None),
        "name": event.pop("logger", None),
        "message": event.pop("event", None),
    }
    event.pop("_record", None)
    event.pop("_from_structlog", None)
    return {**first, **event}


_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def _formatter(as_json: bool) -> structlog.stdlib.ProcessorFormatter:
    finish: list[Processor]
    if as_json:
        # Local variables stay out of tracebacks: they hold data and secrets.
        frames = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        finish = [structlog.processors.ExceptionRenderer(frames), _quote_nothing, _name_keys, _redact_event,
                  structlog.processors.JSONRenderer(default=str, ensure_ascii=False)]  # fmt: skip
    else:
        finish = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.format_exc_info,
                  _redact_event, structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())]  # fmt: skip
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_SHARED, processors=finish)


def json_formatter() -> logging.Formatter:
    """A formatter for loggers that are set up by name, like the web server's own."""
    return _formatter(as_json=True)


def console_formatter() -> logging.Formatter:
    """The same for a terminal."""
    return _formatter(as_json=False)


def configure_logging(settings: Settings, service: Service = "web") -> None:
    """Send every record of this process to standard output, in the one format; safe to call again.

    Commands keep standard output for their answer and log to standard error. Call it before a library configures
    loggers of its own; those that did already are brought back in line.
    """
    handler = logging.StreamHandler(sys.stderr if service == "cli" else sys.stdout)
    handler.setFormatter(_formatter(settings.is_production))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    _calm_libraries()
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)


def _calm_libraries() -> None:
    for name in [*logging.root.manager.loggerDict, "reflex", "rq.worker", "_granian"]:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    for name, level in {**dict.fromkeys(_QUIET, logging.WARNING), **_LEVELS}.items():
        logging.getLogger(name).setLevel(level)


def granian_config(settings: Settings) -> dict[str, Any]:
    """Granian's `--log-config`: its main process, which never imports the app, logs in our format too."""
    form = "json_formatter" if settings.is_production else "console_formatter"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"ours": {"()": f"mixmodel_app.logging.{form}"}},
        "handlers": {"out": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "ours"}},
        "loggers": {
            "_granian": {"handlers": ["out"], "level": "INFO", "propagate": False},
            "granian.access": {"handlers": ["out"], "level": "WARNING", "propagate": False},
        },
    }


def init_sentry(settings: Settings, service: Service) -> bool:
    """Report errors to Sentry when a DSN is set. Returns whether it is on.

    No personal data, no request bodies, no local variables; 10 % of requests and jobs are traced.
    """
    if settings.sentry.dsn is None:
        return False
    import sentry_sdk

    from mixmodel_app import __version__

    sentry_sdk.init(
        dsn=settings.sentry.dsn,
        environment=settings.app_env,
        release=f"mixmodel@{__version__}",
        traces_sample_rate=settings.sentry.traces_sample_rate,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        before_send=scrub,
        before_send_transaction=scrub,
        before_breadcrumb=lambda crumb, _hint: redact(crumb),
    )
    sentry_sdk.set_tag("service", service)
    sentry_sdk.get_global_scope().add_event_processor(_with_ids)
    return True


def _with_ids(event: Any, _hint: Mapping[str, Any]) -> Any:
    """The ids of the current request or run as tags, so that a report leads to its log lines."""
    bound = structlog.contextvars.get_contextvars()
    ids = {name: str(bound[name]) for name in ("request_id", "workspace_id", "run_id") if name in bound}
    event["tags"] = {**ids, **(event.get("tags") or {})}
    return event


def scrub(event: Any, _hint: Mapping[str, Any]) -> Any:
    """Sentry's `before_send`: no cookies, no query strings, no data in errors, and no secret in any text."""
    request = event.get("request")
    if isinstance(request, MutableMapping):
        for key in ("cookies", "query_string", "data", "env"):
            cast(MutableMapping[str, Any], request).pop(key, None)
    for error in (event.get("exception") or {}).get("values") or ():
        error["value"] = without_data(str(error.get("type")), str(error.get("value") or ""))
    return redact(event)
