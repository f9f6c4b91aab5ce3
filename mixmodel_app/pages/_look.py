"""How a page writes amounts of the outcome: as the column mapping of its data says."""

from typing import Any

from mixmodel_app.domain.dataset import OutcomeKind
from mixmodel_app.wording import numbers


def look_at(mapping: dict[str, Any] | None) -> None:
    """Write amounts of the outcome from here on as this mapping, JSON of the API, says; None says nothing."""
    if mapping is not None:
        kind = OutcomeKind(mapping.get("target_kind", OutcomeKind.MONEY))
        numbers.use_outcome(kind, mapping["target_column"])
