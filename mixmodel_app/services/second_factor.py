"""The second factor: codes that change every thirty seconds (RFC 6238), and ten recovery codes for a lost phone.

The secret of an account is derived from a random number in its row and the installation's signing key, so a copy of the
database alone gives no codes away. With another key people sign in by a recovery code and set it up anew.
"""

import hashlib
import hmac
import secrets
import time
from base64 import b32encode
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import segno
from pyotp.totp import TOTP

from mixmodel_app.config import settings
from mixmodel_app.domain.account import Client, Principal
from mixmodel_app.domain.audit_log import Action
from mixmodel_app.domain.errors import Conflict, NotAuthenticated, WrongCode, WrongCredentials
from mixmodel_app.services import audit_log, limits
from mixmodel_app.services.credentials import password_fits
from mixmodel_app.storage.db import system_transaction
from mixmodel_app.storage.models import SecondFactor, User, now
from mixmodel_app.storage.repositories import accounts as repository

ISSUER = "MixModel"
STEP_S = 30
RECOVERY_CODES = 10
SETUP_LIFETIME = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Setup:
    """What an authenticator needs: the secret as text, as an address, and that address as a QR code (SVG, data URI)."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)
    picture: str = field(repr=False)


def is_on(user_id: UUID) -> bool:
    with system_transaction() as session:
        row = repository.second_factor(session, user_id)
    return row is not None and row.confirmed_at is not None


def status(principal: Principal) -> dict[str, Any]:
    """Whether it is on, and how many recovery codes are left."""
    with system_transaction() as session:
        row = repository.second_factor(session, principal.user_id)
    on = row is not None and row.confirmed_at is not None
    return {"enabled": on, "recovery_codes_left": len(row.recovery) if row and on else 0}


def begin(principal: Principal, password: str) -> Setup:
    """Start setting it up; it counts only once a code has confirmed it.

    Raises:
        WrongCredentials, TooManyFailures: the password is wrong.
        Conflict: it is on already.
    """
    _check_password(principal, password)
    with system_transaction() as session:
        repository.user_by_id(session, principal.user_id, lock=True)  # two forms at once start one setup
        row = repository.second_factor(session, principal.user_id)
        if row is not None and row.confirmed_at is not None:
            raise Conflict("The second factor is on already.", hint="Switch it off first.")
        row = row or SecondFactor(user_id=principal.user_id, nonce="")
        row.nonce, row.created_at = secrets.token_hex(20), now()
        session.add(row)
    return _setup(row, principal.email)


def begun(principal: Principal) -> Setup | None:
    """The setup that waits for its first code, None when there is none or it has waited too long."""
    with system_transaction() as session:
        row = repository.second_factor(session, principal.user_id)
    return _setup(row, principal.email) if row is not None and _waits(row) else None


def confirm(principal: Principal, code: str) -> list[str]:
    """Switch it on by a first code; gives the recovery codes, which are told this once.

    Raises:
        WrongCode: the authenticator shows another.
        Conflict: no setup waits.
    """
    limits.check_codes(principal.user_id)
    with system_transaction() as session:
        row = repository.second_factor(session, principal.user_id, lock=True)
        if row is None or not _waits(row):
            raise Conflict("No setup is waiting for a code.", hint="Start it again.")
        right = _use_code(row, code)
        if right:
            codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
            row.recovery, row.confirmed_at = [_hash(one) for one in codes], now()
            session.add(row)
            audit_log.record(session, principal, Action.SECOND_FACTOR_ON)
            return codes
    limits.count_wrong_code(principal.user_id)
    raise _wrong()


def check(user: User, code: str, client: Client) -> None:
    """Accept a code of the authenticator or a recovery code, each once.

    Raises:
        WrongCode: it is neither, or was used before.
        RateLimited: too many were wrong.
    """
    limits.check_codes(user.id)
    with system_transaction() as session:
        row = repository.second_factor(session, user.id, lock=True)
        if row is not None and _use_code(row, code):
            session.add(row)
            return
        if row is not None and _use_recovery_code(row, code):
            session.add(row)
            audit_log.record_of(session, user, client, Action.RECOVERY_CODE_USED, f"{len(row.recovery)} left")
            return
        audit_log.record_of(session, user, client, Action.SECOND_FACTOR_FAILED)
    limits.count_wrong_code(user.id)
    raise _wrong()


def switch_off(principal: Principal, password: str, code: str) -> None:
    """Switch it off, by the password and a code.

    Raises:
        WrongCredentials, TooManyFailures: the password is wrong.
        WrongCode: the code is.
        Conflict: it is not on.
    """
    user = _check_password(principal, password)
    if not is_on(user.id):
        raise Conflict("The second factor is not on.")
    check(user, code, principal.client)
    _drop(user, principal.client)


def drop_for(email: str) -> None:
    """Switch it off for whoever has lost phone and recovery codes; for the console of the machine only."""
    with system_transaction() as session:
        user = repository.user_by_email(session, email)
    if user is not None:
        _drop(user, Client("console"))


def _drop(user: User, client: Client) -> None:
    with system_transaction() as session:
        row = repository.second_factor(session, user.id, lock=True)
        if row is not None:
            session.delete(row)
            audit_log.record_of(session, user, client, Action.SECOND_FACTOR_OFF)


def _check_password(principal: Principal, password: str) -> User:
    with system_transaction() as session:
        user = repository.user_by_id(session, principal.user_id)
    if user is None:
        raise NotAuthenticated("This account no longer exists.")
    if not password_fits(user, user.email, password, principal.client):
        raise WrongCredentials("The password is wrong.", hint="Check it and try again.")
    return user


def _waits(row: SecondFactor) -> bool:
    return row.confirmed_at is None and now() - row.created_at < SETUP_LIFETIME


def _use_code(row: SecondFactor, code: str) -> bool:
    """Whether it is the code of now, of thirty seconds ago or of the next thirty, and newer than the last one used."""
    typed = "".join(code.split())
    totp, current = TOTP(_secret(row)), int(time.time()) // STEP_S
    fitting = [step for step in (current - 1, current, current + 1) if _same(totp.generate_otp(step), typed)]
    if not fitting or max(fitting) <= row.last_step:
        return False
    row.last_step = max(fitting)
    return True


def _use_recovery_code(row: SecondFactor, code: str) -> bool:
    digest = _hash(code)
    if digest not in row.recovery:
        return False
    row.recovery = [kept for kept in row.recovery if kept != digest]
    return True


def _setup(row: SecondFactor, email: str) -> Setup:
    secret = _secret(row)
    uri = TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)
    return Setup(secret, uri, segno.make(uri, error="m").svg_data_uri(scale=4, border=4, dark="#000", light="#fff"))


def _secret(row: SecondFactor) -> str:
    key = settings().auth.jwt_secret_key.encode()
    return b32encode(hmac.digest(key, f"second factor {row.user_id} {row.nonce}".encode(), "sha256")[:20]).decode()


def _recovery_code() -> str:
    """Eighty random bits, in groups that can be copied by hand: "k3dp-9wfa-…"."""
    text = b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, 16, 4))


def _hash(code: str) -> str:
    return hashlib.sha256("".join(code.lower().replace("-", "").split()).encode()).hexdigest()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _wrong() -> WrongCode:
    return WrongCode("The code is wrong or was used before.", hint="Wait for the next one.")
