"""New passwords: changed by whoever knows the old one, or set by a one-time link.

A link is made by an admin for a member, by the command `mixmodel reset-password`, or sent by mail to whoever asks. It
is never in the answer to the one who asks: that would hand any account to anyone.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlmodel import Session

from mixmodel_app.config import settings
from mixmodel_app.domain.account import INSIDE, Client, Principal, Role
from mixmodel_app.domain.audit_log import Action
from mixmodel_app.domain.errors import FieldError, InvalidInput, LinkEnded, NotAuthenticated, NotFound, WrongCredentials
from mixmodel_app.services import audit_log, emails, limits, mail, passwords, tokens
from mixmodel_app.services.credentials import password_fits
from mixmodel_app.storage.db import system_transaction
from mixmodel_app.storage.models import PasswordReset, User, now
from mixmodel_app.storage.repositories import accounts as repository
from mixmodel_app.storage.repositories import personal_tokens
from mixmodel_app.storage.repositories.scoping import get_scoped

LIFETIME = timedelta(hours=1)
PATH = "/reset"

_LETTER = """Hello {name},

open this link to choose a new password for MixModel:

{link}

It works once, for one hour. If you did not ask for it, do nothing: your password stays as it is.
"""

_log = structlog.get_logger(__name__)


def change(principal: Principal, old: str, new: str) -> None:
    """Change one's own password. Every other sign-in ends, and so does every link for a new one.

    Raises:
        WrongCredentials: the old one is wrong.
        TooManyFailures: it was wrong too often, from this address.
        InvalidInput: the new one breaks a rule.
    """
    with system_transaction() as session:
        user = _user(session, principal)
    if not password_fits(user, user.email, old, principal.client):
        raise WrongCredentials("The current password is wrong.", hint="Check it and try again.")
    passwords.check_rules(new)
    if new == old:
        problem = "is the one that you have"
        raise InvalidInput(f"The password {problem}.", errors=(FieldError("password", problem),))
    hashed = passwords.hash_password(new)
    with system_transaction() as session:
        user = _user(session, principal)
        _set_password(session, user, hashed, keep=principal.session_id)
        audit_log.record(session, principal, Action.PASSWORD_CHANGED)


def ask(email: str, client: Client) -> None:
    """Someone has forgotten a password. What follows happens after the answer, which is the same for every email."""
    mail.after_answer(_answer, emails.as_stored(email), client)


def link_for_member(principal: Principal, member_id: UUID) -> dict[str, Any]:
    """A link for another member, to be handed over by the admin who makes it.

    Raises:
        NotFound: no such member in the workspace.
        InvalidInput: it would be the admin's own; who is signed in changes the password by the old one.
    """
    principal.require(Role.ADMIN)
    if member_id == principal.user_id:
        raise InvalidInput("You cannot make a link for yourself.", hint="Change your password on the account page.")
    with system_transaction() as session:
        user = get_scoped(session, User, principal, member_id)
        link, row = _make_link(session, user)
        audit_log.record(session, principal, Action.RESET_LINK_MADE, user.email)
    return {"link": link, "email": user.email, "expires_at": row.expires_at.isoformat()}


def link_for(email: str) -> str:
    """A link for the console of the machine that MixModel runs on.

    Raises:
        NotFound: nobody has this email.
    """
    with system_transaction() as session:
        user = repository.user_by_email(session, emails.as_stored(email))
        if user is None:
            raise NotFound(f"There is no account with the email {email}.")
        link, _ = _make_link(session, user)
        audit_log.record_of(session, user, Client("console"), Action.RESET_LINK_MADE)
    return link


def reset(token: str, password: str, client: Client = INSIDE) -> str:
    """Set a new password by a link; every sign-in and personal token of the person ends. Gives their email.

    Raises:
        LinkEnded: the link was used, has expired, was replaced, or is not one of ours.
        InvalidInput: the password breaks a rule; the link still works.
    """
    try:
        claims = tokens.read(token, "reset")
    except NotAuthenticated:
        raise _ended() from None
    passwords.check_rules(password)
    hashed = passwords.hash_password(password)
    with system_transaction() as session:
        row = repository.password_reset(session, claims.session_id)
        user = repository.user_by_id(session, row.user_id) if row else None
        if row is None or user is None or row.expires_at <= now():
            raise _ended()
        _set_password(session, user, hashed, keep=None)
        personal_tokens.drop_all(session, user.id)  # somebody else may have been in, and made one
        repository.drop_identities(session, user.id, but_email=user.email)  # one that an intruder connected
        audit_log.record_of(session, user, client, Action.PASSWORD_RESET)
    limits.forget_failures(user.email, client.address)
    return user.email


def _answer(email: str, client: Client) -> None:
    """Make the link for an account that exists, and send it or say in the log how to get it."""
    with system_transaction() as session:
        user = repository.user_by_email(session, email)
        if user is None or not limits.may_write_to(email):
            return
        audit_log.record_of(session, user, client, Action.RESET_ASKED)
        link = _make_link(session, user)[0] if mail.is_configured() else ""
    if link:
        mail.send(user.email, "A new password for MixModel", _LETTER.format(name=user.full_name, link=link))
    else:
        _log.warning(f"{user.email} asks for a new password: run `mixmodel reset-password {user.email}` for a link")


def _make_link(session: Session, user: User) -> tuple[str, PasswordReset]:
    """A new link; those that were made before stop working."""
    repository.drop_resets(session, user.id)
    row = PasswordReset(user_id=user.id, expires_at=now() + LIFETIME)
    session.add(row)
    session.flush()
    token = tokens.reset_token(user.id, row.id, row.expires_at)
    return f"{settings().web.public_url}{PATH}?token={token}", row


def _set_password(session: Session, user: User, hashed: str, *, keep: UUID | None) -> None:
    user.hashed_password = hashed
    session.add(user)
    repository.revoke_all(session, user.id, now(), but=keep)
    repository.drop_resets(session, user.id)


def _user(session: Session, principal: Principal) -> User:
    user = repository.user_by_id(session, principal.user_id)
    if user is None:
        raise NotAuthenticated("This account no longer exists.")
    return user


def _ended() -> LinkEnded:
    return LinkEnded("This link was used, has expired or was replaced by a newer one.", hint="Ask for a new one.")
