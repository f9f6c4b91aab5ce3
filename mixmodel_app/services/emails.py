"""Email addresses: their form, and how they are stored."""

import email_validator
from email_validator import EmailNotValidError, validate_email

from mixmodel_app.domain.errors import FieldError, InvalidInput

# Addresses such as anna@shop.local are real inside the networks where MixModel runs.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()


def normalise(email: str) -> str:
    """The address in lower case, checked for form (not for delivery).

    Raises:
        InvalidInput: it is no email address.
    """
    try:
        return validate_email(email, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        problem = "must be an email address like name@example.com"
        raise InvalidInput(f"The email {problem}.", errors=(FieldError("email", problem),)) from None


def as_stored(email: str) -> str:
    """What was typed as an email, in the form that the table has; it need not be one."""
    return email.strip().lower()[:255].replace("\0", "")
