"""The planner's state: the draft, what it brings, and the way back."""

import asyncio
from copy import deepcopy
from dataclasses import replace
from typing import Any

import reflex as rx

from mixmodel_app.charts import theme
from mixmodel_app.charts.base import ChartOptions, plan_charts
from mixmodel_app.components.chart_frame import ChartData
from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.budget import Attitude, BudgetPlan, Evaluation, Horizon, Objective, Timing
from mixmodel_app.domain.dataset import OutcomeKind
from mixmodel_app.domain.errors import FieldError, InvalidInput
from mixmodel_app.domain.results import HealthStatus, ModelResults
from mixmodel_app.domain.scenario import ScenarioPlan
from mixmodel_app.pages._charts import chart_data
from mixmodel_app.pages._input import as_id, typed_number
from mixmodel_app.pages._look import look_at
from mixmodel_app.pages._plan_curves import CurvePicture
from mixmodel_app.pages._plan_draft import Draft, first_bounds
from mixmodel_app.pages._plan_numbers import PlanNumbers, plan_numbers
from mixmodel_app.pages._plan_question import changed_part, margin_text, weights_text
from mixmodel_app.pages._plan_rows import PlanRow, dressed, money_text, plan_row
from mixmodel_app.services import budgets, runs
from mixmodel_app.services.budgets import Board
from mixmodel_app.services.limits import Limit
from mixmodel_app.state.handlers import handler, loader
from mixmodel_app.state.session import SessionState
from mixmodel_app.wording import insights, numbers
from mixmodel_app.wording.plans import objectives, reach_text, reasons
from mixmodel_app.wording.recommendations import horizon
from mixmodel_app.wording.stored import as_read

_STEPS_BACK = 20
_NUDGE = 0.05


class BudgetState(SessionState):
    """The question as it stands on screen, and the numbers of the plan."""

    run_id: str = ""
    name: str = ""
    warning: str = ""
    has_plan: bool = False
    period: str = ""
    days: str = ""
    period_word: str = ""
    weeks: str = ""
    timing: str = Timing.EVEN.value
    weights: str = ""
    can_follow_year: bool = False
    objective: str = Objective.REVENUE.value
    goals: list[list[str]] = []  # noqa: RUF012 (Reflex copies the default for every person)
    margin_label: str = ""
    reach: str = ""
    has_target: bool = False
    target: str = ""
    margin: str = "100"
    attitude: str = Attitude.EXPECTED.value
    mode: str = "fixed"
    total: str = ""
    beyond: bool = False
    rows: list[PlanRow] = []  # noqa: RUF012 (Reflex copies the default for every person)
    numbers: PlanNumbers = PlanNumbers()
    reasons: list[str] = []  # noqa: RUF012
    charts: list[ChartData] = []  # noqa: RUF012
    problem: str = ""
    solving: bool = False
    can_undo: bool = False
    done: str = ""
    _draft: Draft | None = None
    _past: list[Draft] = []  # noqa: RUF012
    _framed: Horizon = Horizon()
    _curves: dict[str, tuple[list[float], list[float]]] = {}  # noqa: RUF012
    _found: Evaluation | None = None
    _is_best: bool = False
    _mapping: dict[str, Any] | None = None

    async def _admit(self, requires: Role, limit: Limit | None) -> Principal | None:
        """Amounts are those of the run's outcome, whatever the handler."""
        principal = await super()._admit(requires, limit)
        look_at(self._mapping)
        return principal

    @loader()
    async def load(self, principal: Principal):
        """The spend of the last year as the first plan."""
        run_id = as_id(self._route_param("run_id"))
        run = await asyncio.to_thread(runs.get, principal, run_id)
        if run["status"] != "completed":
            yield rx.redirect(f"/runs/{run_id}")
            return
        if self.run_id == run["id"] and self._draft is not None:  # a page that only reconnects keeps the plan
            self.solving = False
            return
        found = await asyncio.to_thread(budgets.background, principal, run_id)
        found = as_read(found.at(numbers.level()))
        self._mapping = run["column_mapping"]
        look_at(self._mapping)
        self.goals = [[goal.value, text] for goal, text in objectives().items()]
        self.margin_label, self.reach = _margin_label(), f"Beyond {reach_text()} the highest spend"
        self.run_id, self.name, self.problem, self.solving = run["id"], run["name"], "", False
        self.warning = insights.health_sentence(found) if found.verdict is HealthStatus.DO_NOT_USE else ""
        frame = await asyncio.to_thread(budgets.board, principal, run_id, Horizon())
        self.has_plan = sum(frame.current.values()) > 0
        self._past, self.can_undo, self.done, self._draft = [], False, "", None
        if self.has_plan:
            self._frame(frame, Horizon(frame.weeks))
            await self._become(principal, _first_draft(frame))
            self._dress(found)
            await self._draw(principal)

    @handler(limit=Limit.EVALUATE)
    async def place(self, principal: Principal, name: str, text: str):
        """The money of one channel, as typed or where its slider was let go."""
        draft = self._known(name)
        amount = self._number(text, f"The budget of {name}")
        if amount is None or abs(amount - draft.money[name]) < 0.005 or text == money_text(draft.money[name]):
            return
        await self._become(principal, draft.placed(name, amount))
        yield
        await self._draw(principal)

    @handler(limit=Limit.EVALUATE)
    async def nudge(self, principal: Principal, name: str, direction: int):
        """Five per cent of today's spend up or down."""
        draft = self._known(name)
        step = _NUDGE * (draft.current[name] or draft.caps[name])
        await self._become(
            principal, draft.placed(name, max(draft.money[name] + (step if direction > 0 else -step), 0.0))
        )
        yield
        await self._draw(principal)

    @handler(limit=Limit.EVALUATE)
    async def lock(self, principal: Principal, name: str) -> None:
        """Hold a channel where it is, or let it go."""
        await self._become(principal, self._known(name).toggled(name))

    @handler(limit=Limit.EVALUATE)
    async def bound(self, principal: Principal, name: str, which: str, text: str) -> None:
        """The least or the most of one channel, in per cent of its current spend."""
        draft = self._known(name)
        try:
            bounded = draft.bounded(name, "low" if which == "low" else "high", text[:12])
        except InvalidInput as error:
            self.problem = error.sentence()
            return
        if bounded != draft:
            await self._become(principal, bounded)

    @handler(limit=Limit.EVALUATE)
    async def change(self, principal: Principal, which: str, text: str):
        """One part of the question."""
        draft = self._current_draft()
        try:
            changed = changed_part(draft, which, str(text)[:4000], shown_total=self.total)
            if changed == draft:
                return
            if changed.horizon != draft.horizon:
                changed = await self._reframed(principal, changed, keeps_money=changed.weeks == draft.weeks)
            await self._become(principal, changed)
        except InvalidInput as error:
            self.problem = error.sentence()
            return
        yield
        await self._draw(principal)

    @handler(limit=Limit.OPTIMIZE)
    async def solve(self, principal: Principal):
        """Find the best plan for the question."""
        self.problem, self.solving = "", True
        yield
        draft = self._current_draft()
        try:
            plan = await asyncio.to_thread(
                budgets.optimize, principal, as_id(self.run_id), draft.request(), numbers.level()
            )
            await self._become(principal, replace(draft, money=plan.optimized_allocation))
            self._is_best = True
            self.done = "The best plan found is on screen."
        except InvalidInput as error:
            self.problem = error.sentence()
            return
        finally:
            self.solving = False
        yield
        await self._draw(principal)

    @handler(limit=Limit.EVALUATE)
    async def undo(self, principal: Principal):
        """Take back the last change."""
        if not self._past:
            return
        *past, draft = deepcopy(self._past)
        await self._return_to(principal, draft)
        self._past, self.can_undo = past, bool(past)
        self.done = "The last change was taken back."
        yield
        await self._draw(principal)

    @handler(limit=Limit.EVALUATE)
    async def restart(self, principal: Principal):
        """Back to the current spend and the first bounds, without locks."""
        draft = self._current_draft()
        total, bounds = sum(draft.current.values()), first_bounds(draft.current)
        await self._become(principal, replace(draft, money=draft.current, total=total, locked=(), bounds=bounds))
        self.done = "The plan is the current spend again."
        yield
        await self._draw(principal)

    @handler(limit=Limit.EVALUATE)
    async def unbound(self, principal: Principal) -> None:
        """No limits on any channel."""
        draft = self._current_draft()
        if draft.unbounded() != draft:
            await self._become(principal, draft.unbounded())
            self.done = "No channel has limits now."

    async def _open(self, principal: Principal, plan: ScenarioPlan) -> None:
        """Put a kept plan on screen."""
        draft = replace(self._current_draft(), weeks=plan.weeks or 0, timing=plan.timing, weights=plan.weights)
        framed = await self._reframed(principal, draft, keeps_money=False)
        await self._become(principal, framed.opened(plan))
        await self._draw(principal)

    async def _return_to(self, principal: Principal, draft: Draft) -> None:
        if draft.horizon != self._framed:
            frame = await asyncio.to_thread(budgets.board, principal, as_id(self.run_id), draft.horizon)
            self._frame(frame, draft.horizon)
        await self._become(principal, draft)

    async def _reframed(self, principal: Principal, draft: Draft, *, keeps_money: bool) -> Draft:
        """The draft over another horizon, which starts from its own last equal period."""
        asked = replace(draft.horizon, weeks=draft.weeks or None)
        frame = await asyncio.to_thread(budgets.board, principal, as_id(self.run_id), asked)
        self._frame(frame, replace(asked, weeks=frame.weeks))
        first = _first_draft(frame)
        moved = draft.reframed(frame.weeks, first.current, first.caps)
        return moved if keeps_money else replace(moved, money=first.money, total=first.total)

    async def _become(self, principal: Principal, draft: Draft) -> None:
        """Judge a draft and put it on screen; one that cannot be judged changes nothing.

        Raises:
            InvalidInput: the draft has an allocation that cannot be used.
        """
        found = await asyncio.to_thread(
            budgets.evaluate,
            principal,
            as_id(self.run_id),
            draft.money,
            draft.horizon,
            margin=draft.margin,
            target=draft.revenue_target,
            level=numbers.level(),
        )
        if self._draft is not None:
            self._past = [*self._past[-_STEPS_BACK + 1 :], self._current_draft()]
            self.can_undo = True
        self._draft, self._found, self._is_best, self.problem, self.done = draft, found, False, "", ""
        self._show(draft, found)

    def _show(self, draft: Draft, found: Evaluation) -> None:
        known = {row.name: row for row in self.rows}
        self.rows = [
            plan_row(draft, found, name, CurvePicture(*self._curves[name], found.ceiling[name]), known.get(name))
            for name in draft.money
        ]
        self.numbers = plan_numbers(draft, found)
        self.reasons = reasons(draft.money, draft.current, found.current_marginal_roas, found.marginal_roas)
        self.weeks, self.timing, self.objective = f"{draft.weeks}", draft.timing.value, draft.objective.value
        self.weights = weights_text(draft.weights)
        self.has_target, self.attitude = draft.objective.has_target, draft.attitude.value
        self.target = "" if draft.target is None else numbers.exact(draft.target)
        self.margin = margin_text(draft.margin)
        self.mode, self.beyond = "fixed" if draft.has_fixed_total else "free", not draft.is_capped
        self.total = numbers.amount(draft.total if draft.has_fixed_total else found.spend)

    def _frame(self, frame: Board, framed: Horizon) -> None:
        self._framed = framed
        self._curves = {name: (frame.curve_money[name], frame.curves[name]) for name in frame.curves}
        self.period = horizon(frame.weeks, frame.frequency)
        self.period_word = f"{frame.frequency.period}s"
        self.days = numbers.date_range(frame.first_day, frame.last_day)
        self.can_follow_year = frame.can_follow_year

    def _dress(self, found: ModelResults) -> None:
        for at, row in enumerate(self.rows):
            learning = found.channel(row.name).learning
            words = (learning.learned_from.value, learning.evidence) if learning else ("", "")
            self.rows[at] = dressed(row, theme.channel_colour(found, row.name), *words)

    async def _draw(self, principal: Principal) -> None:
        """The charts follow the numbers."""
        found = await asyncio.to_thread(budgets.background, principal, as_id(self.run_id))
        if self._found is not None:
            plan = replace(BudgetPlan.by_hand(deepcopy(self._found)), is_best=self._is_best)
            self.charts = await asyncio.to_thread(_pictures, plan, found)

    def _current_draft(self) -> Draft:
        if self._draft is None:
            raise InvalidInput("There is no plan on screen yet.", hint="Open the planner from a run's results.")
        return deepcopy(self._draft)  # what state hands out is wrapped, and no store can write that

    def _known(self, name: str) -> Draft:
        draft = self._current_draft()
        if name not in draft.money:
            raise InvalidInput(
                f"{name!r} is not a channel of this run.", errors=(FieldError("channel", "is not known"),)
            )
        return draft

    def _number(self, text: str, what: str) -> float | None:
        """What was typed, or None with the reason on screen."""
        try:
            return typed_number(str(text)[:24], what)
        except InvalidInput as error:
            self.problem = error.sentence()
            return None


def _margin_label() -> str:
    look = numbers.look()
    return f"Worth of one {look.thing}" if look.counts else "Margin, % of revenue"


def _pictures(plan: BudgetPlan, found: ModelResults) -> list[ChartData]:
    return [chart_data(chart.build(plan, found, ChartOptions())) for chart in plan_charts()]


def _first_draft(frame: Board) -> Draft:
    caps = {name: max(frame.ceiling[name], frame.current[name]) for name in frame.current}
    total = sum(frame.current.values())
    return Draft(
        weeks=frame.weeks,
        money=frame.current,
        current=frame.current,
        caps=caps,
        total=total,
        bounds=first_bounds(frame.current),
        margin=1.0 if frame.outcome is OutcomeKind.MONEY else None,
    )
