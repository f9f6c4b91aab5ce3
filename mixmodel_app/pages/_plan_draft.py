"""The plan that a person is making: what they asked for and where the money is. Every change gives a new draft."""

from dataclasses import dataclass, field, replace

from mixmodel_app.domain.budget import MOVABLE, Attitude, BudgetRequest, Horizon, Objective, Timing
from mixmodel_app.domain.errors import FieldError, InvalidInput
from mixmodel_app.domain.scenario import ScenarioPlan
from mixmodel_app.pages._input import typed_number
from mixmodel_app.planning.rebalance import rebalance

Bound = tuple[float | None, float | None]
_NO_BOUND: Bound = (None, None)


@dataclass(frozen=True)
class Draft:
    """Money over the horizon by channel, and the question around it.

    Attributes:
        current: money of the last equal period; `caps`: most money while extrapolation is capped.
        bounds: least and most money by channel, None where there is none. They are shown and typed in per cent of
            the current money, so a channel without any has none.
        total: of a fixed total; kept while it is free, so that it can be fixed again.
    """

    weeks: int
    money: dict[str, float]
    current: dict[str, float]
    caps: dict[str, float]
    total: float
    is_fixed: bool = True
    timing: Timing = Timing.EVEN
    weights: tuple[float, ...] = ()
    objective: Objective = Objective.REVENUE
    attitude: Attitude = Attitude.EXPECTED
    target: float | None = None
    margin: float | None = 1.0
    locked: tuple[str, ...] = ()
    bounds: dict[str, Bound] = field(default_factory=dict[str, Bound])
    is_capped: bool = True

    @property
    def horizon(self) -> Horizon:
        return Horizon(self.weeks, self.timing, self.weights)

    @property
    def has_fixed_total(self) -> bool:
        return self.is_fixed and not self.objective.has_target

    @property
    def revenue_target(self) -> float | None:
        return self.target if self.objective is Objective.TARGET_REVENUE else None

    def placed(self, name: str, amount: float) -> "Draft":
        """One channel's money is changed; under a fixed total the unlocked others give or take in proportion."""
        money = self.money | {name: amount}
        if self.has_fixed_total:
            low = {other: pair[0] for other, pair in self.bounds.items() if pair[0] is not None}
            high = {other: self.most(other) for other in money}
            limits = {other: most for other, most in high.items() if most is not None}
            money = rebalance(money, {name, *self.locked}, low, limits, self.total)
        return replace(self, money=money)

    def most(self, name: str) -> float | None:
        """The most that a channel may get: its bound, its cap, the smaller of both, or None."""
        bound = self.bounds.get(name, _NO_BOUND)[1]
        cap = self.caps[name] if self.is_capped else None
        known = [limit for limit in (bound, cap) if limit is not None]
        return min(known) if known else None

    def bounded(self, name: str, which: str, text: str) -> "Draft":
        """A bound as it was typed, in per cent of the channel's current money; "" takes it away.

        Raises:
            InvalidInput: a text that is not a number, or a channel without current money.
        """
        typed = text.replace("%", "").strip()
        amount = None
        if typed:
            amount = self.current[name] * typed_number(typed, f"The limit of {name}") / 100
            if self.current[name] <= 0:
                raise InvalidInput(
                    f"{name} has no spend now that a limit could be a part of.",
                    hint="Set its budget and lock it instead.",
                    errors=(FieldError(which, "needs current spend"),),
                )
        low, high = self.bounds.get(name, _NO_BOUND)
        pair = (amount, high) if which == "low" else (low, amount)
        return replace(self, bounds=self.bounds | {name: pair})

    def unbounded(self) -> "Draft":
        """Without any bound."""
        return replace(self, bounds=dict.fromkeys(self.money, _NO_BOUND))

    def reframed(self, weeks: int, current: dict[str, float], caps: dict[str, float]) -> "Draft":
        """The same question over another horizon: bounds stay the same per cent of the current money.

        A channel that spent nothing in the one period and something in the other starts with its first bounds there,
        unless they were taken away.
        """
        kept = {name: pair for name, pair in self.bounds.items() if pair == _NO_BOUND or current[name] > 0}
        carried = {name: _scaled(pair, current[name], self.current[name]) for name, pair in kept.items()}
        return replace(self, weeks=weeks, current=current, caps=caps, bounds=first_bounds(current) | carried)

    def toggled(self, name: str) -> "Draft":
        """Locked, or unlocked again."""
        locked = tuple(other for other in self.locked if other != name)
        return replace(self, locked=locked if name in self.locked else (*self.locked, name))

    def with_total(self, total: float) -> "Draft":
        """Another fixed total: the unlocked channels share it in their proportions."""
        draft = replace(self, total=total)
        if not draft.has_fixed_total:
            return draft
        low = {name: pair[0] for name, pair in self.bounds.items() if pair[0] is not None}
        most = {name: self.most(name) for name in self.money}
        high = {name: limit for name, limit in most.items() if limit is not None}
        return replace(draft, money=rebalance(self.money, set(self.locked), low, high, total))

    def request(self) -> BudgetRequest:
        """The question for the optimiser.

        Raises:
            InvalidInput: an objective whose target was not typed.
        """
        if self.objective.has_target and self.target is None:
            raise InvalidInput(
                "This objective needs a target.",
                hint="Type the target beside it.",
                errors=(FieldError("target", "is missing"),),
            )
        if self.objective is Objective.REVENUE and not self.is_fixed:
            raise InvalidInput(
                "With a free total the most revenue would be all the money there is.",
                hint="Fix the total, or choose most profit, which stops where the next 1 no longer pays.",
                errors=(FieldError("total", "must be fixed"),),
            )
        locked = {name: self.money[name] for name in self.locked}
        bounds = {name: pair for name, pair in self.bounds.items() if name not in locked}
        return BudgetRequest(
            total_budget=self.total if self.has_fixed_total else None,
            min_per_channel={name: pair[0] for name, pair in bounds.items() if pair[0] is not None},
            max_per_channel={name: pair[1] for name, pair in bounds.items() if pair[1] is not None},
            weeks=self.weeks,
            locked=locked,
            objective=self.objective,
            attitude=self.attitude,
            target=self.target if self.objective.has_target else None,
            margin=self.margin,
            cap_extrapolation=self.is_capped,
            timing=self.timing,
            weights=self.weights,
        )

    def scenario(self) -> ScenarioPlan:
        """What is kept of it."""
        return ScenarioPlan(
            allocation=self.money,
            weeks=self.weeks,
            timing=self.timing,
            weights=self.weights,
            objective=self.objective,
            attitude=self.attitude,
            total_budget=self.total if self.has_fixed_total else None,
            target=self.target,
            margin=self.margin,
            locked=self.locked,
            bounds=self.bounds,
            cap_extrapolation=self.is_capped,
        )

    def opened(self, plan: ScenarioPlan) -> "Draft":
        """A kept plan in this run's planner; its horizon must be this one's already."""
        known = {name: plan.allocation.get(name, 0.0) for name in self.money}
        return replace(
            self,
            money=known,
            total=plan.total_budget if plan.total_budget is not None else sum(known.values()),
            is_fixed=plan.total_budget is not None,
            objective=plan.objective,
            attitude=plan.attitude,
            target=plan.target,
            margin=plan.margin,
            locked=tuple(name for name in plan.locked if name in known),
            bounds={name: self._kept_bound(plan, name) for name in known},
            is_capped=plan.cap_extrapolation,
        )

    def _kept_bound(self, plan: ScenarioPlan, name: str) -> Bound:
        return plan.bounds.get(name, _NO_BOUND) if self.current[name] > 0 else _NO_BOUND


def first_bounds(current: dict[str, float]) -> dict[str, Bound]:
    """The bounds that a plan starts with, so that no channel is cut to nothing or doubled unasked: `MOVABLE` times the
    current money, for the channels that have any."""
    least, most = MOVABLE
    return {name: (least * money, most * money) for name, money in current.items() if money > 0}


def _scaled(pair: Bound, current: float, before: float) -> Bound:
    low, high = pair
    return None if low is None else low * current / before, None if high is None else high * current / before
