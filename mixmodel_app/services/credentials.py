"""Trying a password, at the door and wherever it is asked for again."""

from mixmodel_app.domain.account import Client
from mixmodel_app.domain.audit_log import Action
from mixmodel_app.services import audit_log, limits, passwords
from mixmodel_app.storage.db import system_transaction
from mixmodel_app.storage.models import User


def password_fits(user: User | None, email: str, password: str, client: Client) -> bool:
    """Try a password; a wrong one is counted and noted, whether or not there is such an account.

    Raises:
        TooManyFailures: for this account from this address.
    """
    limits.check_failures(email, client.address)
    if passwords.matches(password.replace("\0", ""), user.hashed_password if user else None):
        limits.forget_failures(email, client.address)
        return True
    limits.count_failure(email, client.address)
    with system_transaction() as session:
        audit_log.record_of(session, user, client, Action.SIGN_IN_FAILED)
    return False
