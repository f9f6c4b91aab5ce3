"""How much more could be spent on a channel until the next 1 returns no more than is asked of it."""

from dataclasses import dataclass
from typing import Any, Self

from mixmodel_app.domain.estimates import Estimate

MOST_TIMES = 5.0
"""A channel's spend is followed up to this many times what it is; beyond, the model would only guess."""

OBSERVED_REACH = 1.3
"""Spend counts as observed up to this many times the highest of one period, as in the budget planner."""


@dataclass(frozen=True, slots=True)
class Headroom:
    """The room of one channel to a marginal return of `target`. Money is per period of the data.

    Attributes:
        spend: mean per period, over the periods that the results are about.
        room: how much more than `spend`; negative where the channel is past the target already. Never above
            `MOST_TIMES` − 1 times `spend`.
        beyond: share of the draws in which even that much would still return more than the target.
        outside: whether the median leads outside observed spend.
    """

    target: float
    spend: float
    room: Estimate
    beyond: float
    outside: bool

    @property
    def most(self) -> float:
        """The largest room that is looked at."""
        return (MOST_TIMES - 1) * self.spend

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Self:
        parts: dict[str, Any] = raw | {"room": Estimate(**raw["room"])}
        return cls(**parts)
