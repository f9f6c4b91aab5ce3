"""Accounts of people whom the sign-in provider knows.

A person is recognised by the provider's own name for them, never by an email. An account that exists is connected only
by its password: emails are not verified at registration, so whoever made it need not be whom the provider means.
"""

from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from mixmodel_app.config import settings
from mixmodel_app.domain.account import INSIDE, Client, Principal
from mixmodel_app.domain.audit_log import Action
from mixmodel_app.domain.errors import (
    Conflict,
    EmailNotAllowed,
    EmailNotVerified,
    EmailTaken,
    IdentityTaken,
    NotAuthenticated,
    SecondFactorRequired,
    SignInInterrupted,
    WrongCredentials,
)
from mixmodel_app.services import accounts, audit_log, emails, passwords, second_factor, tokens
from mixmodel_app.services.credentials import password_fits
from mixmodel_app.services.provider import Known
from mixmodel_app.storage.db import system_transaction
from mixmodel_app.storage.models import Identity, User
from mixmodel_app.storage.repositories import accounts as repository

PROOF_S = 10 * 60


@dataclass(frozen=True, slots=True)
class Proof:
    """Whom the provider says the holder of a browser is, and the account that waits to be connected with that."""

    issuer: str
    subject: str
    email: str
    user_id: UUID
    account: str

    def token(self) -> str:
        """For the browser to carry; worth nothing without the account's password."""
        carried = {"issuer": self.issuer, "subject": self.subject, "email": self.email}
        return tokens.note("proof", carried | {"user": str(self.user_id), "account": self.account}, PROOF_S)

    @classmethod
    def read(cls, token: str) -> Self:
        """Raises `SignInInterrupted` for one that is not ours or too old."""
        try:
            raw = tokens.read_note(token, "proof")
        except NotAuthenticated:
            raise SignInInterrupted("This took too long.", hint="Start again.") from None
        return cls(raw["issuer"], raw["subject"], raw["email"], UUID(raw["user"]), raw["account"])


def arrive(known: Known, invite_token: str | None = None, client: Client = INSIDE) -> tuple[User, bool]:
    """Whose identity this is, and whether the account is new: whoever has none gets one as at `accounts.register`.

    Raises:
        EmailNotVerified, EmailNotAllowed: the provider's word is not enough.
        EmailTaken: an account has the email; see `proof_for`.
        InvitationExpired, NotAllowed: the invitation is over, or for another email.
    """
    with system_transaction() as session:
        user = repository.user_by_identity(session, known.issuer, known.subject)
    if user is not None:
        if settings().oidc.domains:
            _accepted_email(known)
        return user, False
    email = _accepted_email(known)
    try:
        return _new_person(known, email, invite_token, client), True
    except IntegrityError:
        # Two tabs that come at once make one account.
        with system_transaction() as session:
            user = repository.user_by_identity(session, known.issuer, known.subject)
        if user is not None:
            return user, False
        raise EmailTaken("This email already has an account.", hint="Connect it by its password.") from None


def proof_for(known: Known, user_id: UUID | None = None) -> Proof:
    """What connects an identity that has no account yet: with the account of `user_id`, or with that of its email.

    Raises:
        EmailNotVerified, EmailNotAllowed: the provider's word is not enough.
        IdentityTaken: the identity belongs to an account already.
        NotAuthenticated: there is no such account.
    """
    if user_id is None or settings().oidc.domains:
        _accepted_email(known)
    verified = emails.as_stored(known.email) if known.is_verified else ""
    with system_transaction() as session:
        if repository.user_by_identity(session, known.issuer, known.subject) is not None:
            raise _taken()
        user = repository.user_by_id(session, user_id) if user_id else repository.user_by_email(session, verified)
    if user is None:
        raise NotAuthenticated("This account no longer exists.")
    return Proof(known.issuer, known.subject, verified, user.id, user.email)


def connect(proof: Proof, password: str, code: str, client: Client = INSIDE) -> User:
    """Connect an account with an identity, by the account's password, and a code where it has a second factor.

    Raises:
        WrongCredentials, TooManyFailures: the password is wrong.
        SecondFactorRequired, WrongCode: the account has a second factor, and the code is missing or wrong.
        IdentityTaken: one of the two is connected already.
    """
    with system_transaction() as session:
        user = repository.user_by_id(session, proof.user_id)
    if user is None or not password_fits(user, user.email, password, client):
        raise WrongCredentials("The password is wrong.", hint="Check it and try again.")
    if second_factor.is_on(user.id):
        if not code.strip():
            raise SecondFactorRequired("This account has a second factor.", hint="Enter its code too.")
        second_factor.check(user, code, client)
    try:
        with system_transaction() as session:
            session.add(Identity(user_id=user.id, issuer=proof.issuer, subject=proof.subject, email=proof.email))
            audit_log.record_of(session, user, client, Action.IDENTITY_CONNECTED, _label(proof.email))
    except IntegrityError:
        raise _taken() from None
    return user


def disconnect(principal: Principal) -> None:
    """Let the provider sign this person in no more.

    Raises:
        Conflict: there would be no other way in.
    """
    with system_transaction() as session:
        user = repository.user_by_id(session, principal.user_id, lock=True)
        found = repository.identity_of(session, principal.user_id, settings().oidc.issuer)
        if user is None or found is None:
            return
        if not _other_way_in(user):
            raise Conflict("There would be no other way to sign in.", hint="Set a password first.")
        session.delete(found)
        audit_log.record(session, principal, Action.IDENTITY_DISCONNECTED, _label(found.email))


def status(principal: Principal) -> dict[str, Any]:
    """How one may sign in: `provider` is "" where there is none, `connected` None where it does not know the person."""
    oidc = settings().oidc
    with system_transaction() as session:
        user = repository.user_by_id(session, principal.user_id)
        found = repository.identity_of(session, principal.user_id, oidc.issuer) if oidc.is_on else None
    if user is None:
        raise NotAuthenticated("This account no longer exists.")
    return {
        "provider": oidc.name if oidc.is_on else "",
        "connected": {"email": found.email, "since": found.created_at.isoformat()} if found else None,
        "has_password": user.hashed_password != passwords.NONE,
        "can_disconnect": _other_way_in(user),
    }


def _new_person(known: Known, email: str, invite_token: str | None, client: Client) -> User:
    name = accounts.clean_name(known.name.replace("\0", "").strip()[:255] or email.partition("@")[0], "full_name")
    with system_transaction() as session:
        user = accounts.add_person(session, email, passwords.NONE, name, f"{name}'s workspace"[:255], invite_token)
        session.add(Identity(user_id=user.id, issuer=known.issuer, subject=known.subject, email=email))
        action = Action.JOINED if invite_token else Action.REGISTERED
        audit_log.record_of(session, user, client, action, _label(email))
        session.flush()
        return user


def _accepted_email(known: Known) -> str:
    """The email, if the provider has verified it and it may sign in here."""
    name = settings().oidc.name
    if not known.email or not known.is_verified:
        raise EmailNotVerified(f"{name} has not verified your email.", hint="Verify it there, then try again.")
    email = emails.normalise(known.email)
    if settings().oidc.domains and email.rpartition("@")[2] not in settings().oidc.domains:
        raise EmailNotAllowed("Your email is not among those that may sign in here.", hint="Ask your administrator.")
    return email


def _other_way_in(user: User) -> bool:
    return user.hashed_password != passwords.NONE and not settings().oidc.only


def _label(email: str) -> str:
    return f"{settings().oidc.name}: {email}" if email else settings().oidc.name


def _taken() -> IdentityTaken:
    return IdentityTaken("It is connected with an account already.", hint="Disconnect it there first.")
