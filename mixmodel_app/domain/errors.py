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


class SecondFactorRequired(NotAuthenticated):
    """The password is right; a code of the second factor has to come with it."""

    code, title = "second_factor_required", "A code is needed"


class WrongCode(NotAuthenticated):
    """The code of the second factor is wrong, was used before, or is too old."""

    code, title = "wrong_code", "The code is wrong"


class NotAllowed(MixModelError):
    """Signed in, but the role does not cover this."""

    code, title, status = "not_allowed", "Your role does not allow this", 403


class TokenRefused(NotAllowed):
    """A personal token where only a person who is signed in may act."""

    code, title = "token_refused", "A personal token cannot do this"


class ScopeTooNarrow(NotAllowed):
    """A personal token that may do less than this needs."""

    code, title = "insufficient_scope", "The token may not do this"


class NotFound(MixModelError):
    """Does not exist, or belongs to another workspace: the two look the same on purpose."""

    code, title, status = "not_found", "Not found", 404


class Conflict(MixModelError):
    """The thing is in a state that rules this out."""

    code, title, status = "conflict", "Not possible right now", 409


class EmailTaken(Conflict):
    code, title = "email_taken", "This email already has an account"


class PasswordsOff(NotAllowed):
    """People of this installation sign in by its provider only."""

    code, title = "passwords_off", "Passwords are switched off here"


class IdentityRefused(NotAllowed):
    """The provider says who somebody is, but that is not enough to let them in."""

    code, title = "identity_refused", "This account of the provider cannot be used"


class EmailNotVerified(IdentityRefused):
    code, title = "email_not_verified", "The provider has not verified your email"


class EmailNotAllowed(IdentityRefused):
    code, title = "email_not_allowed", "Your email is not among those that may sign in here"


class IdentityTaken(Conflict):
    """An account of the provider belongs to one account here, and the other way round."""

    code, title = "identity_taken", "This account is connected already"


class SignInInterrupted(NotAuthenticated):
    """The way back from the provider does not fit the way there."""

    code, title = "sign_in_interrupted", "The sign-in was interrupted"


class ProviderRefused(NotAuthenticated):
    """The provider does not say who somebody is, or what it says does not hold."""

    code, title = "provider_refused", "The provider did not confirm the sign-in"


class InvitationExpired(MixModelError):
    code, title, status = "invitation_expired", "This invitation has expired", 410


class LinkEnded(MixModelError):
    """A one-time link that was used, has expired, was replaced by a newer one or never existed."""

    code, title, status = "link_ended", "This link does not work any more", 410


class UnreadableFile(MixModelError):
    """The bytes are not the table that the name promises."""

    code, title, status = "unreadable_file", "The file could not be read", 400


class FileTooLarge(MixModelError):
    code, title, status = "file_too_large", "The file is too large", 413


class UnsupportedFile(MixModelError):
    code, title, status = "unsupported_file", "This kind of file is not supported", 415


class StorageUnavailable(MixModelError):
    """The storage of files does not answer, or refuses."""

    code, title, status = "storage_unavailable", "The file storage does not answer", 503


class StorageFull(StorageUnavailable):
    """There is no room for another file."""

    code, title, status = "storage_full", "The file storage is full", 507


class DamagedFile(MixModelError):
    """A stored file does not hold what was stored under its name."""

    code, title, status = "damaged_file", "A stored file is damaged", 500


class DatasetNotReady(MixModelError):
    """A run was asked for on data that has no mapping or has blocking errors."""

    code, title, status = "dataset_not_ready", "The dataset is not ready for a run", 400


class RateLimited(MixModelError):
    """Too many requests; `retry_after` is in seconds."""

    code, title, status = "rate_limited", "Too many requests", 429

    def __init__(self, retry_after: int) -> None:
        super().__init__("Too many requests.", hint=f"Try again in {retry_after} s.")
        self.retry_after = retry_after


class TooManyFailures(RateLimited):
    """Too many wrong passwords for one account from one address: that pair waits, nobody else does."""

    code, title = "too_many_failures", "Too many failed sign-ins"

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.message = "Too many failed sign-ins for this account from your address."
        self.hint = f"Try again in {-(-retry_after // 60)} min, or ask for a new password."


class Infeasible(InvalidInput):
    """Budget bounds that no allocation can meet."""

    code, title = "infeasible_budget", "No allocation meets these bounds"


class Unavailable(MixModelError):
    """A store or worker does not answer."""

    code, title, status = "unavailable", "A part of MixModel does not answer", 503


class ProviderUnavailable(Unavailable):
    """The sign-in provider does not answer, or not as one; the log says how."""

    code, title = "provider_unavailable", "The sign-in provider does not answer"


class FitFailed(MixModelError):
    """The engine could not produce an answer; the message names the cause and the remedy."""

    code, title = "fit_failed", "The fit failed"


class FitCancelled(MixModelError):
    """A person cancelled the run."""

    code, title = "fit_cancelled", "The run was cancelled"


class ConfigurationError(MixModelError):
    """The installation is set up wrongly; shown at start as one sentence."""

    code, title = "configuration", "MixModel is not set up correctly"
