"""What any allocation would bring, beside the current plan: means, ranges, chances and the return on the next unit."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from mixmodel_app.domain.budget import Evaluation, Horizon
from mixmodel_app.domain.curves import Array, ResponseDraws
from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.domain.errors import FieldError, InvalidInput
from mixmodel_app.domain.intervals import hdi
from mixmodel_app.domain.preferences import LEVELS
from mixmodel_app.domain.results import HDI_PROB
from mixmodel_app.planning.response import PlanResponse
from mixmodel_app.planning.score import CAUTION
from mixmodel_app.planning.timing import periods_of, profile_of

EXTRAPOLATION = 1.3


@dataclass(frozen=True, slots=True)
class Planner:
    """The response over one horizon, with the current plan: what was spent over the last equal period.

    Attributes:
        current: (C,) money of that period, 0 for channels that cannot be planned.
        current_revenue: (S,) what it would bring over the horizon.
    """

    response: PlanResponse
    current: Array
    current_revenue: Array

    @classmethod
    def over(cls, draws: ResponseDraws, horizon: Horizon, frequency: Frequency) -> Self:
        """Prepare a horizon.

        Raises:
            InvalidInput: a horizon or timing that cannot be used.
        """
        weeks = periods_of(horizon, draws, frequency)
        response = PlanResponse.over(draws, weeks, profile_of(horizon, draws, frequency))
        spent = np.nan_to_num(draws.spend[-weeks:]).sum(axis=0)
        current = np.where(response.plannable, spent, 0.0)
        return cls(response, current, response.contribution(current).sum(axis=1))

    @property
    def channels(self) -> tuple[str, ...]:
        return self.response.draws.channels

    @property
    def ceiling(self) -> Array:
        """(C,) money at which the largest period of a channel spends 1.3 × the most that was ever seen in one."""
        return EXTRAPOLATION * np.nan_to_num(self.response.draws.spend).max(axis=0) / self.response.peak

    @property
    def cap(self) -> Array:
        """(C,) most money where extrapolation is capped: the ceiling, and never below the current plan."""
        return np.maximum(self.ceiling, self.current)

    def extrapolated(self, money: Array) -> list[str]:
        beyond = money > self.ceiling
        return [channel for channel, far in zip(self.channels, beyond, strict=True) if far]

    def by_channel(self, values: Array) -> dict[str, float]:
        return dict(zip(self.channels, values.tolist(), strict=True))

    def money_of(self, allocation: dict[str, float]) -> Array:
        """(C,) money by channel; channels that are not named get nothing.

        Raises:
            InvalidInput: an unknown channel, one without a known cost, or an amount that is no number of at least 0.
        """
        errors = [
            *(
                FieldError(f"allocation.{channel}", "is not a channel of this model")
                for channel in allocation
                if channel not in self.channels
            ),
            *(
                FieldError(f"allocation.{channel}", "must be a number of at least 0")
                for channel, value in allocation.items()
                if not (np.isfinite(value) and 0 <= value < 1e15)
            ),
            *(
                FieldError(f"allocation.{channel}", "has no known cost, so it cannot be planned")
                for channel, known in zip(self.channels, self.response.plannable, strict=True)
                if not known and allocation.get(channel, 0.0) > 0
            ),
        ]
        if errors:
            text = "; ".join(f"{error.field} {error.message}" for error in errors)
            raise InvalidInput(f"The allocation has errors: {text}.", errors=tuple(errors))
        return np.array([allocation.get(channel, 0.0) for channel in self.channels], dtype=float)

    def evaluate(
        self, money: Array, margin: float | None = 1.0, target: float | None = None, level: float = HDI_PROB
    ) -> Evaluation:
        """Compare an allocation (C,) with the current plan, draw by draw.

        Args:
            margin: profit per 1 of the outcome before media; None where nobody said, and nothing is held against cost.
            target: a revenue whose chance of being reached is wanted.
            level: of the ranges.
        """
        revenue, present = self.response.contribution(money).sum(axis=1), self.current_revenue
        gain = revenue - present
        net = net_of(gain, margin, float(money.sum() - self.current.sum()))
        added = np.maximum(money - self.current, 0.0).sum()
        taken = np.maximum(self.current - money, 0.0).sum()
        return Evaluation(
            weeks=self.response.weeks,
            margin=margin,
            allocation=self.by_channel(money),
            current=self.by_channel(self.current),
            spend=float(money.sum()),
            current_spend=float(self.current.sum()),
            revenue=float(revenue.mean()),
            revenue_hdi=span(revenue, level),
            current_revenue=float(present.mean()),
            current_revenue_hdi=span(present, level),
            gain=float(gain.mean()),
            gain_hdi=span(gain, level),
            net_gain=None if margin is None else float(net.mean()),
            net_gain_hdi=None if margin is None else span(net, level),
            low_gain=float(np.quantile(net, CAUTION)),
            probability_better=chance_of_more(net),
            probability_of_target=None if target is None else float(np.mean(revenue >= target)),
            marginal_roas=self.by_channel(self.response.slope(money).mean(axis=0)),
            current_marginal_roas=self.by_channel(self.response.slope(self.current).mean(axis=0)),
            extrapolated=self.extrapolated(money),
            ceiling=self.by_channel(self.ceiling),
            moved=float(max(added, taken)),
            level=level,
            revenue_ranges={f"{each:g}": span(revenue, each) for each in LEVELS},
        )


def span(draws: Array, level: float = HDI_PROB) -> tuple[float, float]:
    """The HDI of draws (S,)."""
    low, high = hdi(draws, level)
    return float(low), float(high)


def net_of(gain: Array, margin: float | None, added: float) -> Array:
    """(S,) what a plan brings after `added` money: in money with a margin, without one the gain itself."""
    return gain if margin is None else margin * gain - added


def chance_of_more(gain: Array) -> float:
    """The share of draws (S,) above 0, a tie counting half."""
    return float(np.mean(gain > 0) + np.mean(gain == 0) / 2)
