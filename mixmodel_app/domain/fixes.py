"""A repair of a table that a finding offers and a person may take: what it does, to which columns, in words."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class FixOffer:
    """One repair, ready to be applied.

    Attributes:
        kind: the registered name of the fix, like "fill_zero".
        label: what the button says, like "Fill the empty cells of tv_spend with 0".
        arguments: what the fix needs to know, as JSON; which keys there are is up to the kind.
    """

    kind: str
    label: str
    arguments: dict[str, Any] = field(default_factory=dict[str, Any])

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "label": self.label, "arguments": self.arguments}
