"""Every error that a person can meet, on one screen.

Each carries a stable `code`, the HTTP `status` that it becomes, a plain `message` (what happened and where) and a
`hint` (what to do). Expected problems in data are findings (`domain.findings`), not exceptions.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong field of a request: a dotted path and a sentence."""

    field: str
    message: str


class MixModelError(Exception):
    """Base of all expected errors."""

    code: ClassVar[str] = "error"
    title: ClassVar[str] = "Something went wrong"
    status: ClassVar[int] = 500

    def __init__(self, message: str, *, hint: str = "", errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.errors = errors

    def sentence(self) -> str:
        """Message and hint as one text for a person."""
        return f"{self.message} {self.hint}".strip()


class InvalidInput(MixModelError):
    """A request whose fields are wrong; `errors` names each."""

    code, title, status = "invalid_input", "The request is not valid", 422


class NotAuthenticated(MixModelError):
    """No session, or one that has ended."""

    code, title, status = "not_authenticated", "Sign in first", 401


class WrongCredentials(NotAuthenticated):
    """Email and password do not belong together."""

    code, title = "wrong_credentials", "Sign-in failed"


class NotAllowed(MixModelError):
    """Signed in, but the role does not cover this."""

    code, title, status = "not_allowed", "Your role does not allow this", 403


class NotFound(MixModelError):
    """Does not exist, or belongs to another workspace: the two look the same on purpose."""

    code, title, status = "not_found", "Not found", 404


class Conflict(MixModelError):
    """The thing is in a state that rules this out."""

    code, title, status = "conflict", "Not possible right now", 409


class EmailTaken(Conflict):
    code, title = "email_taken", "This email already has an account"


class InvitationExpired(MixModelError):
    code, title, status = "invitation_expired", "This invitation has expired", 410


class UnreadableFile(MixModelError):
    """The bytes are not the table that the name promises."""

    code, title, status = "unreadable_file", "The file could not be read", 400


class FileTooLarge(MixModelError):
    code, title, status = "file_too_large", "The file is too large", 413


class UnsupportedFile(MixModelError):
    code, title, status = "unsupported_file", "This kind of file is not supported", 415


class DatasetNotReady(MixModelError):
    """A run was asked for on data that has no mapping or has blocking errors."""

    code, title, status = "dataset_not_ready", "The dataset is not ready for a run", 400


class RateLimited(MixModelError):
    """Too many requests; `retry_after` is in seconds."""

    code, title, status = "rate_limited", "Too many requests", 429

    def __init__(self, retry_after: int) -> None:
        super().__init__("Too many requests.", hint=f"Try again in {retry_after} s.")
        self.retry_after = retry_after


class Infeasible(InvalidInput):
    """Budget bounds that no allocation can meet."""

    code, title = "infeasible_budget", "No allocation meets these bounds"


class Unavailable(MixModelError):
    """A store or worker does not answer."""

    code, title, status = "unavailable", "A part of MixModel does not answer", 503


class FitFailed(MixModelError):
    """The engine could not produce an answer; the message names the cause and the remedy."""

    code, title = "fit_failed", "The fit failed"


class FitCancelled(MixModelError):
    """A person cancelled the run."""

    code, title = "fit_cancelled", "The run was cancelled"


class ConfigurationError(MixModelError):
    """The installation is set up wrongly; shown at start as one sentence."""

    code, title = "configuration", "MixModel is not set up correctly"
