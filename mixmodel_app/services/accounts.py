"""Registration, sign-in, renewal and sign-out.

A sign-in is one row (`LoginSession`); its refresh tokens rotate, and only the newest counts. The API presents tokens,
the browser cookies that hold them. A socket's cookies are frozen when it connects, so for it an access token that has
meanwhile expired still counts while the browser keeps the same sign-in renewed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import email_validator
from email_validator import EmailNotValidError, validate_email
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.errors import (
    EmailTaken,
    FieldError,
    InvalidInput,
    InvitationExpired,
    NotAuthenticated,
    WrongCredentials,
)
from mixmodel_app.services import passwords, tokens
from mixmodel_app.services.cookies import ACCESS_COOKIE, REFRESH_COOKIE, read_cookies
from mixmodel_app.storage.db import transaction
from mixmodel_app.storage.models import LoginSession, User, Workspace, now
from mixmodel_app.storage.repositories import accounts as repository

# Addresses such as anna@shop.local are real inside the networks where MixModel runs.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()

RENEWAL_GRACE = timedelta(seconds=30)
"""Two tabs of one browser may renew at the same moment; within this time the second is not an attack."""


@dataclass(frozen=True, slots=True)
class TokenPair:
    """A sign-in's newest tokens. `refresh_token` is None when the browser already holds a newer one."""

    access_token: str
    refresh_token: str | None
    expires_in: int
    user: dict[str, Any]


def register(
    email: str,
    password: str,
    full_name: str,
    workspace_name: str | None = None,
    invite_token: str | None = None,
    user_agent: str = "",
) -> TokenPair:
    """Make a workspace with its first admin and sign them in.

    Raises:
        InvalidInput: the email, name or password breaks a rule.
        EmailTaken: the email has an account.
        InvitationExpired: the invitation does not exist (any more).
    """
    email = normalise_email(email)
    full_name = _name(full_name, "full_name")
    passwords.check_rules(password)
    if invite_token is not None:
        raise InvitationExpired("This invitation is not valid any more.", hint="Ask for a new one.")
    name = _name(workspace_name, "workspace_name") if workspace_name else f"{full_name}'s workspace"[:255]
    hashed = passwords.hash_password(password)
    try:
        with transaction() as session:
            workspace = Workspace(name=name)
            session.add(workspace)
            session.flush()
            user = User(email=email, hashed_password=hashed, full_name=full_name, workspace_id=workspace.id)
            session.add(user)
            session.flush()
            return _sign_in(session, user, user_agent)
    except IntegrityError:
        raise EmailTaken("This email already has an account.", hint="Sign in instead.") from None


def login(email: str, password: str, user_agent: str = "") -> TokenPair:
    """Sign in; the answer takes as long for an unknown email as for a wrong password.

    Raises:
        WrongCredentials: without saying which of the two is wrong.
    """
    with transaction() as session:
        user = repository.user_by_email(session, email.strip().lower()[:255].replace("\0", ""))
    fits = passwords.matches(password.replace("\0", ""), user.hashed_password if user else None)
    if user is None or not fits:
        raise WrongCredentials("Email or password is wrong.", hint="Check both and try again.")
    with transaction() as session:
        return _sign_in(session, user, user_agent)


def refresh(token: str) -> TokenPair:
    """Rotate a refresh token. One that was used before ends the whole sign-in: somebody copied it.

    Raises:
        NotAuthenticated: the token is not valid, has ended, or was used before.
    """
    claims = tokens.read(token, "refresh")
    with transaction() as session:
        row = _live_session(session, claims, lock=True)
        pair = _rotate(session, row) if row.current_jti == claims.jti else None
        if pair is None:
            row.revoked_at = now()
            session.add(row)
    if pair is None:
        raise NotAuthenticated("This refresh token was used before, so the sign-in was ended.", hint="Sign in again.")
    return pair


def renew(refresh_cookie: str) -> TokenPair:
    """`refresh` for a browser, where a second tab may come with the token that the first has just rotated."""
    claims = tokens.read(refresh_cookie, "refresh")
    with transaction() as session:
        row = _live_session(session, claims, lock=True)
        if row.previous_jti == claims.jti and now() - row.rotated_at < RENEWAL_GRACE:
            return _pair(session, row, None)
    return refresh(refresh_cookie)


def logout(principal: Principal, refresh_token: str | None = None, *, everywhere: bool = False) -> None:
    """End this sign-in, the one of `refresh_token`, or all of the person's."""
    with transaction() as session:
        if everywhere:
            repository.revoke_all(session, principal.user_id, now())
            return
        ids = {principal.session_id} if principal.session_id else set[UUID]()
        if refresh_token:
            claims = tokens.read(refresh_token, "refresh", allow_expired=True)
            ids |= {claims.session_id} if claims.user_id == principal.user_id else set()
        for session_id in ids:
            row = repository.login_session(session, session_id, lock=True)
            if row is not None and row.revoked_at is None:
                row.revoked_at = now()
                session.add(row)


def end_session_of(refresh_token: str) -> None:
    """End the sign-in that a refresh token belongs to; one that is not ours ends nothing."""
    try:
        claims = tokens.read(refresh_token, "refresh", allow_expired=True)
    except NotAuthenticated:
        return
    with transaction() as session:
        row = repository.login_session(session, claims.session_id, lock=True)
        if row is not None and row.revoked_at is None:
            row.revoked_at = now()
            session.add(row)


def holder_of(refresh_token: str) -> UUID | None:
    """The person whose refresh token this is, None when it is not one of ours; for counting requests."""
    try:
        return tokens.read(refresh_token, "refresh", allow_expired=True).user_id
    except NotAuthenticated:
        return None


def me(principal: Principal) -> dict[str, Any]:
    with transaction() as session:
        user = repository.user_by_id(session, principal.user_id)
    if user is None:
        raise NotAuthenticated("This account no longer exists.")
    return user_json(user)


def principal_from_access(token: str) -> Principal:
    """Who presents this access token.

    Raises:
        NotAuthenticated: it is not valid, has expired, or its sign-in was ended.
    """
    claims = tokens.read(token, "access")
    with transaction() as session:
        _live_session(session, claims)
        return _principal(session, claims)


def principal_from_cookies(cookie_header: str) -> Principal:
    """Who holds the cookies of this `Cookie` header, which may have been sent a while ago (a socket's are).

    An expired access token counts while the refresh token is of the same living sign-in and the browser has renewed
    that sign-in since.

    Raises:
        NotAuthenticated: nobody does; renewing the cookies may help.
    """
    cookies = read_cookies(cookie_header)
    access_cookie, refresh_cookie = cookies.get(ACCESS_COOKIE), cookies.get(REFRESH_COOKIE)
    if not access_cookie:
        raise NotAuthenticated("You are not signed in.")
    claims = tokens.read(access_cookie, "access", allow_expired=True)
    with transaction() as session:
        row = _live_session(session, claims)
        if claims.expired and not (_same_sign_in(refresh_cookie, row) and row.access_expires_at > now()):
            raise NotAuthenticated("The session has expired.", hint="Sign in again.")
        return _principal(session, claims)


def principal_of_user(user: User, session_id: UUID | None = None) -> Principal:
    return Principal(user.id, user.workspace_id, Role(user.role), user.email, user.full_name, session_id)


def user_json(user: User) -> dict[str, Any]:
    return {
        "id": str(user.id),
        "email": user.email,
        "full_name": user.full_name,
        "role": user.role,
        "workspace_id": str(user.workspace_id),
        "created_at": user.created_at.isoformat(),
    }


def normalise_email(email: str) -> str:
    """The address in lower case, checked for form (not for delivery)."""
    try:
        return validate_email(email, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        problem = "must be an email address like name@example.com"
        raise InvalidInput(f"The email {problem}.", errors=(FieldError("email", problem),)) from None


def _name(value: str, field: str) -> str:
    text = " ".join(value.replace("\0", "").split())
    if not 1 <= len(text) <= 255:
        problem = "must have 1 to 255 characters"
        raise InvalidInput(f"{field} {problem}.", errors=(FieldError(field, problem),))
    return text


def _sign_in(session: Session, user: User, user_agent: str) -> TokenPair:
    jti = uuid4()
    row = LoginSession(
        user_id=user.id,
        current_jti=jti,
        access_expires_at=now() + tokens.lifetime("access"),
        expires_at=now() + tokens.lifetime("refresh"),
        user_agent=user_agent[:255].replace("\0", ""),
    )
    session.add(row)
    session.flush()
    return _pair(session, row, jti)


def _rotate(session: Session, row: LoginSession) -> TokenPair:
    row.previous_jti, row.current_jti = row.current_jti, uuid4()
    row.rotated_at = now()
    row.expires_at = now() + tokens.lifetime("refresh")
    return _pair(session, row, row.current_jti)


def _pair(session: Session, row: LoginSession, jti: UUID | None) -> TokenPair:
    """New tokens of a sign-in; a refresh token only when there is a new `jti`."""
    user = repository.user_by_id(session, row.user_id)
    if user is None:
        raise NotAuthenticated("This account no longer exists.")
    row.access_expires_at = now() + tokens.lifetime("access")
    session.add(row)
    access = tokens.access_token(user.id, user.workspace_id, row.id, row.access_expires_at)
    renewed = tokens.refresh_token(user.id, row.id, jti, row.expires_at) if jti else None
    return TokenPair(access, renewed, int(tokens.lifetime("access").total_seconds()), user_json(user))


def _live_session(session: Session, claims: tokens.Claims, *, lock: bool = False) -> LoginSession:
    row = repository.login_session(session, claims.session_id, lock=lock)
    if row is None or row.user_id != claims.user_id or row.revoked_at is not None or _past(row.expires_at):
        raise NotAuthenticated("The session has ended.", hint="Sign in again.")
    return row


def _past(moment: datetime) -> bool:
    return moment <= now()


def _same_sign_in(refresh_cookie: str | None, row: LoginSession) -> bool:
    return bool(refresh_cookie) and tokens.read(refresh_cookie, "refresh", allow_expired=True).session_id == row.id


def _principal(session: Session, claims: tokens.Claims) -> Principal:
    user = repository.user_by_id(session, claims.user_id)
    if user is None:
        raise NotAuthenticated("This account no longer exists.")
    return principal_of_user(user, claims.session_id)
