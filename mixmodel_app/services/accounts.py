"""Registration, sign-in, renewal and sign-out.

A sign-in is one row (`LoginSession`); its refresh tokens rotate, and only the newest counts. The API presents tokens,
the browser cookies that hold them. A socket's cookies are frozen when it connects, so for it an access token that has
meanwhile expired still counts while the browser keeps the same sign-in renewed.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from mixmodel_app.config import settings
from mixmodel_app.domain.account import INSIDE, Client, Principal, Role
from mixmodel_app.domain.audit_log import Action
from mixmodel_app.domain.errors import (
    EmailTaken,
    FieldError,
    InvalidInput,
    NotAuthenticated,
    PasswordsOff,
    SecondFactorRequired,
    WrongCredentials,
)
from mixmodel_app.domain.preferences import Preferences
from mixmodel_app.services import audit_log, emails, invitations, passwords, second_factor, tokens
from mixmodel_app.services.cookies import ACCESS_COOKIE, REFRESH_COOKIE, read_cookies
from mixmodel_app.services.credentials import password_fits
from mixmodel_app.storage.db import system_transaction, transaction
from mixmodel_app.storage.models import LoginSession, User, Workspace, now
from mixmodel_app.storage.repositories import accounts as repository

RENEWAL_GRACE = timedelta(seconds=30)
"""Two tabs of one browser may renew at the same moment; within this time the second is not an attack."""

_USE_STEP = timedelta(minutes=1)
"""How exactly the last use of a sign-in is kept: not every request writes."""


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
    client: Client = INSIDE,
) -> TokenPair:
    """Make an account and sign in: as the admin of a new workspace, or by an invitation in that of others.

    Raises:
        InvalidInput: the email, name or password breaks a rule.
        EmailTaken: the email has an account.
        InvitationExpired: the invitation does not exist (any more).
        NotAllowed: the invitation is for another email.
        PasswordsOff: people sign in by the provider only; the operator's commands still make accounts.
    """
    if client is not INSIDE:
        _check_passwords_on()
    email = emails.normalise(email)
    full_name = clean_name(full_name, "full_name")
    passwords.check_rules(password)
    name = clean_name(workspace_name, "workspace_name") if workspace_name else f"{full_name}'s workspace"[:255]
    hashed = passwords.hash_password(password)
    try:
        with system_transaction() as session:
            user = add_person(session, email, hashed, full_name, name, invite_token)
            audit_log.record_of(session, user, client, Action.JOINED if invite_token else Action.REGISTERED)
            return _sign_in(session, user, client)
    except IntegrityError:
        raise EmailTaken("This email already has an account.", hint="Sign in instead.") from None


def add_person(
    session: Session, email: str, hashed: str, full_name: str, workspace_name: str, invite_token: str | None
) -> User:
    """The row of a new person, in a workspace of that name, or by an invitation in that of others.

    Raises:
        InvitationExpired, NotAllowed: as `register`.
    """
    place, role = _place(session, workspace_name, email, invite_token)
    user = User(email=email, hashed_password=hashed, full_name=full_name, workspace_id=place, role=role)
    session.add(user)
    session.flush()
    return user


def _place(session: Session, name: str, email: str, invite_token: str | None) -> tuple[UUID, str]:
    """Workspace and role of a new person."""
    if invite_token is not None:
        invitation = invitations.take(session, invite_token, email)
        return invitation.workspace_id, invitation.role
    workspace = Workspace(name=name)
    session.add(workspace)
    session.flush()
    return workspace.id, Role.ADMIN.value


def login(email: str, password: str, client: Client = INSIDE, code: str | None = None) -> TokenPair:
    """Sign in; the same is done, and takes as long, for an unknown email as for a wrong password.

    Raises:
        WrongCredentials: without saying which of the two is wrong.
        TooManyFailures: for this account from this address.
        SecondFactorRequired: both are right, and the account wants a code.
        WrongCode: that is wrong or was used before.
    """
    user = prove(email, password, client)
    if second_factor.is_on(user.id):
        if not code:
            raise SecondFactorRequired("This account has a second factor.", hint="Send its code with the password.")
        second_factor.check(user, code, client)
    return enter(user, client)


def prove(email: str, password: str, client: Client = INSIDE) -> User:
    """Whose email and password these are: the first step of a sign-in, and the only one without a second factor.

    Raises:
        WrongCredentials, TooManyFailures: as `login`.
        PasswordsOff: people sign in by the provider only.
    """
    _check_passwords_on()
    email = emails.as_stored(email)
    with system_transaction() as session:
        user = repository.user_by_email(session, email)
    if not password_fits(user, email, password, client) or user is None:
        raise WrongCredentials("Email or password is wrong.", hint="Check both and try again.")
    return user


def second_step(user_id: UUID, code: str, client: Client = INSIDE, by: str = "") -> TokenPair:
    """Sign in someone whose password was right a moment ago, or whom the provider `by` knows.

    Raises:
        WrongCode: the code is wrong or was used before.
    """
    with system_transaction() as session:
        user = repository.user_by_id(session, user_id)
    if user is None:
        raise NotAuthenticated("This account no longer exists.")
    second_factor.check(user, code, client)
    return enter(user, client, by)


def enter(user: User, client: Client = INSIDE, by: str = "") -> TokenPair:
    """Sign in someone who has proven who they are, `by` the provider when it was not by password."""
    with system_transaction() as session:
        audit_log.record_of(session, user, client, Action.SIGNED_IN, f"by {by}" if by else "")
        return _sign_in(session, user, client)


def refresh(token: str, client: Client = INSIDE) -> TokenPair:
    """Rotate a refresh token. One that was used before ends the whole sign-in: somebody copied it.

    Raises:
        NotAuthenticated: the token is not valid, has ended, or was used before.
    """
    return _refreshed(token, client, grace=timedelta(0))


def renew(refresh_cookie: str, client: Client = INSIDE) -> TokenPair:
    """`refresh` for a browser, where a second tab may come with the token that the first has just rotated."""
    return _refreshed(refresh_cookie, client, grace=RENEWAL_GRACE)


def _refreshed(token: str, client: Client, grace: timedelta) -> TokenPair:
    """Look and rotate under one lock: of two that come at once, the second finds what the first has done."""
    claims = tokens.read(token, "refresh")
    with system_transaction() as session:
        row = _live_session(session, claims, lock=True)
        _note_use(session, row, client.address)
        if row.current_jti == claims.jti:
            return _rotate(session, row)
        if row.previous_jti == claims.jti and now() - row.rotated_at < grace:
            return _pair(session, row, None)
        row.revoked_at = now()
        session.add(row)
        audit_log.record_of(session, repository.user_by_id(session, row.user_id), client, Action.TOKEN_REUSED)
    raise NotAuthenticated("This refresh token was used before, so the sign-in was ended.", hint="Sign in again.")


def logout(principal: Principal, refresh_token: str | None = None, *, everywhere: bool = False) -> None:
    """End this sign-in, the one of `refresh_token`, or all of the person's."""
    with system_transaction() as session:
        audit_log.record(session, principal, Action.SESSIONS_ENDED if everywhere else Action.SIGNED_OUT)
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
    with system_transaction() as session:
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
    with transaction(principal) as session:
        user = repository.user_by_id(session, principal.user_id)
    if user is None:
        raise NotAuthenticated("This account no longer exists.")
    return user_json(user)


def rename(principal: Principal, full_name: str) -> dict[str, Any]:
    """Give oneself another name; comments that were written keep the one they have."""
    name = clean_name(full_name, "full_name")
    with transaction(principal) as session:
        user = repository.user_by_id(session, principal.user_id)
        if user is None:
            raise NotAuthenticated("This account no longer exists.")
        user.full_name = name
        session.add(user)
    return user_json(user)


def principal_from_access(token: str, address: str = "") -> Principal:
    """Who presents this access token, from where.

    Raises:
        NotAuthenticated: it is not valid, has expired, or its sign-in was ended.
    """
    claims = tokens.read(token, "access")
    with system_transaction() as session:
        row, user, workspace = _signed_in(session, claims)
        _note_use(session, row, address)
        return _principal(row, user, workspace, address)


def principal_from_cookies(cookie_header: str, address: str = "") -> Principal:
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
    with system_transaction() as session:
        row, user, workspace = _signed_in(session, claims)
        if claims.expired and not (_same_sign_in(refresh_cookie, row) and row.access_expires_at > now()):
            raise NotAuthenticated("The session has expired.", hint="Sign in again.")
        _note_use(session, row, address)
        return _principal(row, user, workspace, address)


def principal_of_user(user: User, session_id: UUID | None = None, address: str = "") -> Principal:
    return Principal(user.id, user.workspace_id, Role(user.role), user.email, user.full_name, session_id, address)


def user_json(user: User) -> dict[str, Any]:
    return {
        "id": str(user.id),
        "email": user.email,
        "full_name": user.full_name,
        "role": user.role,
        "workspace_id": str(user.workspace_id),
        "created_at": user.created_at.isoformat(),
    }


def clean_name(value: str, field: str) -> str:
    """A name of 1 to 255 characters with single spaces; `InvalidInput` names `field` otherwise."""
    text = " ".join(value.replace("\0", "").split())
    if not 1 <= len(text) <= 255:
        problem = "must have 1 to 255 characters"
        raise InvalidInput(f"{field} {problem}.", errors=(FieldError(field, problem),))
    return text


def _check_passwords_on() -> None:
    if settings().oidc.only:
        raise PasswordsOff(f"People sign in with {settings().oidc.name} here.", hint="Use its button.")


def _sign_in(session: Session, user: User, client: Client) -> TokenPair:
    jti = uuid4()
    row = LoginSession(
        user_id=user.id,
        current_jti=jti,
        access_expires_at=now() + tokens.lifetime("access"),
        expires_at=now() + tokens.lifetime("refresh"),
        user_agent=client.user_agent[:255].replace("\0", ""),
        address=client.address[:64],
    )
    session.add(row)
    session.flush()
    repository.note_seen(session, user.id, row.last_used_at)
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
    return _alive(repository.login_session(session, claims.session_id, lock=lock), claims)


def _signed_in(session: Session, claims: tokens.Claims) -> tuple[LoginSession, User, Workspace]:
    """The living sign-in of a token, with the person and their workspace."""
    row, user, workspace = repository.signed_in(session, claims.session_id) or (None, None, None)
    row = _alive(row, claims)
    assert user is not None, "a sign-in goes with its person"
    assert workspace is not None, "a person is always in a workspace"
    return row, user, workspace


def _alive(row: LoginSession | None, claims: tokens.Claims) -> LoginSession:
    if row is None or row.user_id != claims.user_id or row.revoked_at is not None or _past(row.expires_at):
        raise NotAuthenticated("The session has ended.", hint="Sign in again.")
    return row


def _note_use(session: Session, row: LoginSession, address: str) -> None:
    if now() - row.last_used_at >= _USE_STEP:
        row.last_used_at = now()
        row.address = address[:64] or row.address
        session.add(row)
        repository.note_seen(session, row.user_id, row.last_used_at)


def _past(moment: datetime) -> bool:
    return moment <= now()


def _same_sign_in(refresh_cookie: str | None, row: LoginSession) -> bool:
    return bool(refresh_cookie) and tokens.read(refresh_cookie, "refresh", allow_expired=True).session_id == row.id


def _principal(row: LoginSession, user: User, workspace: Workspace, address: str) -> Principal:
    return replace(principal_of_user(user, row.id, address), preferences=Preferences.from_json(workspace.preferences))
