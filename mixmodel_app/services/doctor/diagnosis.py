"""One thing that was looked at, and how it is."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from mixmodel_app.domain.errors import StorageUnavailable
from mixmodel_app.logging import redact


class State(StrEnum):
    """How it is."""

    OK = "ok"
    WARNING = "warning"
    """It works, but not for ever or not for everyone."""
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`name` is like "database.version"; `message` says what is, `hint` what to do, "" when nothing."""

    name: str
    state: State
    message: str
    hint: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"state": self.state.value}


def ok(name: str, message: str) -> Diagnosis:
    return Diagnosis(name, State.OK, message)


def warning(name: str, message: str, hint: str) -> Diagnosis:
    return Diagnosis(name, State.WARNING, message, hint)


def problem(name: str, message: str, hint: str) -> Diagnosis:
    return Diagnosis(name, State.PROBLEM, redact(message), hint)


def reason_of(error: BaseException) -> str:
    """The first line of what a library says, without secrets and without the full stop."""
    if isinstance(error, StorageUnavailable) and error.__cause__ is not None:
        error = error.__cause__  # what people read says less than a library does
    lines = str(getattr(error, "orig", None) or error).strip().splitlines()
    return redact(lines[0] if lines else repr(error)).strip().rstrip(".")


def megabytes(size: float) -> str:
    """Bytes in words."""
    return f"{size / 2**30:.1f} GB" if size >= 2**30 else f"{size / 2**20:.0f} MB"
