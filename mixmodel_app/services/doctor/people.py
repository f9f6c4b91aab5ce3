"""Operators: whether they are who they should be."""

from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError

from mixmodel_app.config import Settings
from mixmodel_app.services.doctor.diagnosis import Diagnosis, ok, warning
from mixmodel_app.storage.db import system_transaction
from mixmodel_app.storage.repositories import accounts as repository


def examine(settings: Settings) -> Iterator[Diagnosis]:
    """Who sees the whole installation."""
    name, emails = "people.operators", settings.operation.operators
    if not emails:
        yield _nobody(settings)
        return
    try:
        with system_transaction() as session:
            missing = [email for email in emails if repository.user_by_email(session, email) is None]
    except DBAPIError:  # said by the examination of the database
        return
    if missing:
        message = f"OPERATORS names {', '.join(missing)}, which no account has: whoever registers it is an operator."
        yield warning(name, message, "Make the account now (`mixmodel create-admin`), or take the email out.")
        return
    yield ok(name, f"Operators: {', '.join(emails)}.")


def _nobody(settings: Settings) -> Diagnosis:
    if settings.is_production:
        message = "OPERATORS is not set: nobody sees queue and workers on the page, nor the queue's dashboard."
        return warning("people.operators", message, "Name the emails of those who run this installation.")
    return ok("people.operators", "OPERATORS is not set: outside production every admin sees the whole installation.")
