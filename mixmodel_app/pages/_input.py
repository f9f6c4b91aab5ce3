"""What handlers do with values that come from the browser: anyone can send anything."""

from uuid import UUID

from mixmodel_app.domain.errors import FieldError, InvalidInput, NotFound
from mixmodel_app.wording import numbers


def as_id(text: object) -> UUID:
    """An id from an address or an event; what is not one names nothing."""
    try:
        return UUID(str(text))
    except ValueError:
        raise NotFound(
            "There is nothing at this address.", hint="Go back to the list and open it from there."
        ) from None


def typed_number(text: str, what: str) -> float:
    """A number as people type it: "1,200,000", "1 200 000", "1.200.000,50", "80" (`numbers.read`)."""
    try:
        value = numbers.read(text)
    except ValueError:
        value = float("nan")
    if not 0 <= value < 1e15:
        raise InvalidInput(
            f"{what} is {text!r}, which is not a number.", errors=(FieldError(what, "must be a number"),)
        )
    return value
