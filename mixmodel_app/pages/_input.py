"""What handlers do with values that come from the browser: anyone can send anything."""

from uuid import UUID

from mixmodel_app.domain.errors import NotFound


def as_id(text: object) -> UUID:
    """An id from an address or an event; what is not one names nothing."""
    try:
        return UUID(str(text))
    except ValueError:
        raise NotFound(
            "There is nothing at this address.", hint="Go back to the list and open it from there."
        ) from None
