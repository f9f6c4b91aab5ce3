"""A question about the budget and its answer. Money is per horizon, not per period, unless a name says otherwise."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class BudgetRequest:
    """Spread `total_budget` over the channels for `weeks` periods of the data (None: one year).

    Bounds are money per channel over the horizon; a channel without one may get 0 up to the whole budget.
    """

    total_budget: float
    min_per_channel: dict[str, float] = field(default_factory=dict[str, float])
    max_per_channel: dict[str, float] = field(default_factory=dict[str, float])
    weeks: int | None = None


@dataclass(frozen=True, slots=True)
class BudgetPlan:
    """The best split that was found, beside the current one.

    `current_allocation` is what was spent over the last `weeks` periods, scaled to `total_budget`, so that the two
    splits differ only in the mix; `current_spend` is the unscaled spend. Revenue is incremental: caused by this
    media, carryover out of the horizon included. `probability_better` compares draw by draw.
    """

    weeks: int
    total_budget: float
    optimized_allocation: dict[str, float]
    current_allocation: dict[str, float]
    current_spend: dict[str, float]
    predicted_revenue: float
    predicted_revenue_hdi: tuple[float, float]
    predicted_roas: float
    current_revenue: float
    current_revenue_hdi: tuple[float, float]
    gain: float
    gain_hdi: tuple[float, float]
    probability_better: float
    marginal_roas: dict[str, float]
    current_marginal_roas: dict[str, float]
    extrapolated: list[str]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
