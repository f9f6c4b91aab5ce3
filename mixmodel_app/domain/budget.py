"""A question about the budget and its answer. Money is per horizon, not per period, unless a name says otherwise."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from mixmodel_app.domain.estimates import HDI_PROB

MOVABLE = (0.5, 1.5)
"""Least and most of its current spend that a channel gets where nobody said otherwise: cut by half, raised by half."""


class Objective(StrEnum):
    """What the best plan has most of; the last three find the total themselves."""

    REVENUE = "revenue"
    PROFIT = "profit"
    TARGET_REVENUE = "target_revenue"
    TARGET_ROAS = "target_roas"
    TARGET_MARGINAL_ROAS = "target_marginal_roas"

    @property
    def has_target(self) -> bool:
        return self in (Objective.TARGET_REVENUE, Objective.TARGET_ROAS, Objective.TARGET_MARGINAL_ROAS)


class Attitude(StrEnum):
    """How doubt counts: by the mean of the draws, or by their 10th percentile."""

    EXPECTED = "expected"
    CAUTIOUS = "cautious"


class Timing(StrEnum):
    """How a channel's money is spread over the periods: evenly, as a year before, or by weights of one's own."""

    EVEN = "even"
    LAST_YEAR = "last_year"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Horizon:
    """How long a plan runs and when its money is spent. `weights` has one number per period for `Timing.OWN`."""

    weeks: int | None = None
    timing: Timing = Timing.EVEN
    weights: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class BudgetRequest:
    """Spread `total_budget` over the channels for `weeks` periods of the data (None: one year).

    Bounds are money per channel over the horizon; a channel without one may get 0 up to the whole budget.

    Attributes:
        total_budget: None leaves the total free. Where the objective finds it, this is the most it may be.
        locked: money that stays as it is, by channel.
        target: of the last three objectives: revenue, revenue per 1 spent, or revenue from the next 1 spent.
        margin: profit per 1 of the outcome before media: in (0, 1] where it is money; where it is a count what one is
            worth, None when nobody said.
        cap_extrapolation: keeps every channel within 1.3 × its highest observed spend per period, or at the current
            spend where that is more.
    """

    total_budget: float | None
    min_per_channel: dict[str, float] = field(default_factory=dict[str, float])
    max_per_channel: dict[str, float] = field(default_factory=dict[str, float])
    weeks: int | None = None
    locked: dict[str, float] = field(default_factory=dict[str, float])
    objective: Objective = Objective.REVENUE
    attitude: Attitude = Attitude.EXPECTED
    target: float | None = None
    margin: float | None = 1.0
    cap_extrapolation: bool = False
    timing: Timing = Timing.EVEN
    weights: tuple[float, ...] = ()

    @property
    def horizon(self) -> Horizon:
        return Horizon(self.weeks, self.timing, self.weights)


_ROUNDING = 1e-4
"""Of the whole spend."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one allocation would bring, beside the current plan: the spend of the last equal period.

    Both are spread over the periods in the same way, so that they differ only in their money. Revenue is incremental
    with carryover out of the horizon; figures are means, which add up, with ranges of `level`.

    Attributes:
        net_gain: margin × gain − additional spend; None without a margin. `probability_better` is that it is above 0, a
            tie counting half; without a margin that the gain is.
        low_gain: the 10th percentile of `net_gain`, without a margin of the gain.
        probability_of_target: of reaching the revenue that was asked for; None when there is none.
        moved: money that changes its channel or is added, whichever side is more.
        revenue_ranges: of every level that a reader can choose ("0.8"), for plans that are kept.
        ceiling: by channel, money beyond which spend in some period is outside 1.3 × what was observed.
    """

    weeks: int
    margin: float | None
    allocation: dict[str, float]
    current: dict[str, float]
    spend: float
    current_spend: float
    revenue: float
    revenue_hdi: tuple[float, float]
    current_revenue: float
    current_revenue_hdi: tuple[float, float]
    gain: float
    gain_hdi: tuple[float, float]
    net_gain: float | None
    net_gain_hdi: tuple[float, float] | None
    low_gain: float
    probability_better: float
    probability_of_target: float | None
    marginal_roas: dict[str, float]
    current_marginal_roas: dict[str, float]
    extrapolated: list[str]
    ceiling: dict[str, float]
    moved: float
    level: float = HDI_PROB
    revenue_ranges: dict[str, tuple[float, float]] = field(default_factory=dict[str, tuple[float, float]])

    @property
    def is_current(self) -> bool:
        """Whether it is the current plan itself, but for what rounding the amounts on a page moves."""
        return self.moved <= _ROUNDING * self.current_spend

    @property
    def roas(self) -> float | None:
        return self.revenue / self.spend if self.spend > 0 else None

    @property
    def current_roas(self) -> float | None:
        return self.current_revenue / self.current_spend if self.current_spend > 0 else None

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"roas": self.roas, "current_roas": self.current_roas}


@dataclass(frozen=True, slots=True)
class BudgetPlan:
    """The best split that was found, beside the current one.

    `current_allocation` is what was spent over the last `weeks` periods, scaled to `total_budget`, so that the two
    splits differ only in the mix; `current_spend` is the unscaled spend. Where the objective found the total, the
    current allocation is unscaled. Revenue is incremental: caused by this media, carryover out of the horizon
    included. `probability_better` compares draw by draw, after what the plan costs more where the totals differ.
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
    objective: str = Objective.REVENUE.value
    attitude: str = Attitude.EXPECTED.value
    probability_of_target: float | None = None
    net_gain: float | None = None
    reasons: list[str] = field(default_factory=list[str])
    is_best: bool = True
    """False for an allocation that a person made by hand."""
    level: float = HDI_PROB

    @classmethod
    def by_hand(cls, found: Evaluation) -> "BudgetPlan":
        """The same numbers for an allocation of one's own."""
        return cls(
            weeks=found.weeks,
            total_budget=found.spend,
            optimized_allocation=found.allocation,
            current_allocation=found.current,
            current_spend=found.current,
            predicted_revenue=found.revenue,
            predicted_revenue_hdi=found.revenue_hdi,
            predicted_roas=found.roas or 0.0,
            current_revenue=found.current_revenue,
            current_revenue_hdi=found.current_revenue_hdi,
            gain=found.gain,
            gain_hdi=found.gain_hdi,
            probability_better=found.probability_better,
            marginal_roas=found.marginal_roas,
            current_marginal_roas=found.current_marginal_roas,
            extrapolated=found.extrapolated,
            net_gain=found.net_gain,
            is_best=False,
            level=found.level,
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
