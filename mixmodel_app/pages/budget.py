"""Where should the next budget go? Current against proposed split, under bounds that the person sets."""

import asyncio
from dataclasses import replace
from typing import Any

import reflex as rx

from mixmodel_app.charts.base import ChartOptions, plan_charts
from mixmodel_app.components.buttons import link_button, primary_button
from mixmodel_app.components.chart_frame import ChartData, chart_frame
from mixmodel_app.components.forms import field, form_error, text_input
from mixmodel_app.components.layout import grid, page_header, section, stack
from mixmodel_app.components.learned_badge import learned_badge
from mixmodel_app.components.stat import stat
from mixmodel_app.components.states import notice
from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.budget import BudgetPlan, BudgetRequest
from mixmodel_app.domain.errors import InvalidInput
from mixmodel_app.domain.results import HealthStatus, ModelResults
from mixmodel_app.pages._charts import chart_data
from mixmodel_app.pages._input import as_id
from mixmodel_app.pages._page import page
from mixmodel_app.pages._plan_rows import ChannelPlan, channel_plan, typed_number
from mixmodel_app.services import budgets, results, runs
from mixmodel_app.services.limits import Limit
from mixmodel_app.state.handlers import handler, loader
from mixmodel_app.state.session import SessionState
from mixmodel_app.wording import insights, numbers
from mixmodel_app.wording.recommendations import horizon
from mixmodel_app.wording.uncertainty import chances, likelihood_word


class BudgetState(SessionState):
    """The question as typed, and the last answer."""

    run_id: str = ""
    name: str = ""
    period: str = ""
    budget: str = ""
    rows: list[ChannelPlan] = []  # noqa: RUF012 (Reflex copies the default for every person)
    revenue_now: str = ""
    revenue_then: str = ""
    revenue_range: str = ""
    gain: str = ""
    gain_range: str = ""
    better: str = ""
    better_word: str = ""
    return_then: str = ""
    charts: list[ChartData] = []  # noqa: RUF012
    problem: str = ""
    warning: str = ""
    has_plan: bool = False
    is_stale: bool = False
    solving: bool = False
    _current: dict[str, float] = {}  # noqa: RUF012
    _weeks: int = 0

    @loader()
    async def load(self, principal: Principal):
        """A first answer: last year's budget, each channel between half and one and a half of its spend."""
        run_id = as_id(self._route_param("run_id"))
        run = await asyncio.to_thread(runs.get, principal, run_id)
        if run["status"] != "completed":
            yield rx.redirect(f"/runs/{run_id}")
            return
        if self.run_id == run["id"]:  # a page that only reconnects keeps the bounds and the answer
            self.solving = False
            return
        found = await asyncio.to_thread(results.get, principal, run_id)
        plan = await asyncio.to_thread(results.suggested_plan, principal, run_id, found)
        self.run_id, self.name, self.problem, self.solving = run["id"], run["name"], "", False
        self.warning = insights.health_sentence(found) if found.verdict is HealthStatus.DO_NOT_USE else ""
        self.has_plan = plan is not None
        if plan is not None:
            self.period = horizon(plan.weeks, found.frequency)
            self._weeks, self._current = plan.weeks, dict(plan.current_spend)
            self.budget = f"{plan.total_budget:,.0f}"
            self.rows = [
                channel_plan(plan, name, "50", "150", found.channel(name).learning)
                for name in plan.optimized_allocation
            ]
            self._show(plan, found)

    @handler()
    async def change(self, principal: Principal, name: str, which: str, text: str) -> None:
        """A bound of one channel, in per cent of its current spend."""
        if which in ("low", "high"):
            self.is_stale = True
            self.rows = [replace(one, **{which: text[:12]}) if one.name == name else one for one in self.rows]

    @handler()
    async def change_budget(self, principal: Principal, text: str) -> None:
        """The money to spread."""
        self.budget, self.is_stale = text[:24], True

    @handler(limit=Limit.OPTIMIZE)
    async def solve(self, principal: Principal):
        """Find the best split under these bounds."""
        self.problem, self.solving = "", True
        yield
        try:
            run_id = as_id(self.run_id)
            plan = await asyncio.to_thread(budgets.optimize, principal, run_id, self._request())
            found = await asyncio.to_thread(results.get, principal, run_id)
        except InvalidInput as error:
            self.problem = error.sentence()
            return
        finally:
            self.solving = False
        self.rows = [
            channel_plan(plan, one.name, one.low, one.high, found.channel(one.name).learning) for one in self.rows
        ]
        self._show(plan, found)

    def _request(self) -> BudgetRequest:
        return BudgetRequest(
            total_budget=typed_number(self.budget, "Total budget"),
            min_per_channel={one.name: self._bound(one.name, one.low) for one in self.rows if one.low.strip()},
            max_per_channel={one.name: self._bound(one.name, one.high) for one in self.rows if one.high.strip()},
            weeks=self._weeks,
        )

    def _bound(self, name: str, text: str) -> float:
        return self._current[name] * typed_number(text.replace("%", ""), f"The bound of {name}") / 100

    def _show(self, plan: BudgetPlan, found: ModelResults) -> None:
        self.is_stale = False
        self.revenue_now, self.revenue_then = numbers.money(plan.current_revenue), numbers.money(plan.predicted_revenue)
        self.revenue_range = numbers.value_range(*plan.predicted_revenue_hdi, numbers.money)
        self.gain = numbers.signed_money(plan.gain)
        self.gain_range = numbers.value_range(*plan.gain_hdi, numbers.money)
        self.better, self.better_word = chances(plan.probability_better), likelihood_word(plan.probability_better)
        self.return_then = numbers.roas(plan.predicted_roas)
        self.charts = [chart_data(chart.build(plan, found, ChartOptions())) for chart in plan_charts()]


@page("/budget/[run_id]", title="Plan the budget", parent="/runs", on_load=BudgetState.load)
def budget() -> rx.Component:
    """The question, the answer, and the picture of both."""
    return stack(
        page_header(
            "Plan the budget",
            BudgetState.name,
            link_button("Back to the results", "/results/" + BudgetState.run_id, icon_name="arrow-left"),
        ),
        rx.cond(BudgetState.warning, notice(BudgetState.warning, tone="error"), rx.fragment()),
        rx.cond(BudgetState.has_plan, _planner(), notice("This run has no spend that could be planned.")),
    )


def _planner() -> rx.Component:
    return stack(
        grid(
            stat(
                "Gain by a better split",
                BudgetState.gain,
                BudgetState.gain_range,
                "against the current mix at the same budget",
            ),
            stat("Chance that it is better", BudgetState.better, note=BudgetState.better_word, words=True),
            stat(
                "Revenue from media",
                BudgetState.revenue_now + " → " + BudgetState.revenue_then,
                BudgetState.revenue_range,
                "mean and 94 % range of the proposal",
            ),
        ),
        section(
            "Channels",
            _question(),
            _table(),
            note="Money " + BudgetState.period + ". Bounds are in per cent of the current spend of each channel.",
        ),
        rx.el.div(rx.foreach(BudgetState.charts, chart_frame), class_name="mm-charts"),
        notice(
            "The proposal assumes that channels respond as they did in the data, and spend spread evenly. Beyond 1.3 × "
            "the highest spend seen so far nobody has observed what happens: such channels are marked."
        ),
    )


def _question() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            field(
                "Total budget",
                text_input(
                    "budget",
                    default_value=BudgetState.budget,
                    on_change=BudgetState.change_budget,
                    input_mode="decimal",
                ),
                name="budget",
            ),
            primary_button(
                "Find the best split",
                icon_name="wand-sparkles",
                on_click=BudgetState.solve,
                loading=BudgetState.solving,
            ),
            _stale(),
            class_name="mm-row mm-row-end",
        ),
        form_error(BudgetState.problem),
        class_name="mm-stack",
    )


def _stale() -> rx.Component:
    """A proposal for other bounds than those on screen must not pass for their answer."""
    line = "Changed since the last answer: the proposal below is for the earlier figures."
    shown = rx.cond(BudgetState.is_stale & ~BudgetState.solving, line, "")
    return rx.el.p(shown, role="status", class_name="mm-hint mm-stale")


_TITLES = ("Channel", "Current", "At least %", "At most %", "Proposed", "Change", "Next 1: now → then")


def _table() -> rx.Component:
    """Rows become cards on phones; the roles keep it a table for screen readers then."""
    head = rx.el.tr(
        *(
            rx.el.th(title, scope="col", role="columnheader", class_name="mm-right" if at else "")
            for at, title in enumerate(_TITLES)
        ),
        role="row",
    )
    return rx.el.div(
        rx.el.table(
            rx.el.caption("Current and proposed budget of each channel", class_name="mm-visually-hidden"),
            rx.el.thead(head, role="rowgroup"),
            rx.el.tbody(rx.foreach(BudgetState.rows, _line), role="rowgroup"),
            role="table",
            class_name="mm-table mm-plan",
        ),
        role="region",
        aria_label="Current and proposed budget of each channel",
        tab_index=0,
        class_name="mm-table-frame",
    )


def _line(one: rx.Var[ChannelPlan]) -> rx.Component:
    mark = rx.cond(one.extrapolated, rx.badge("outside observed spend", color_scheme="amber", high_contrast=True))
    cells: tuple[Any, ...] = (
        one.current,
        _bound_input(one, "low", one.low, "At least"),
        _bound_input(one, "high", one.high, "At most"),
        one.proposed,
        one.change,
        one.next_now + " → " + one.next_then,
    )
    return rx.el.tr(
        rx.el.th(rx.el.span(one.name), " ", mark, _learned(one), scope="row", role="rowheader"),
        *(_cell(title, content) for title, content in zip(_TITLES[1:], cells, strict=True)),
        role="row",
    )


def _learned(one: rx.Var[ChannelPlan]) -> rx.Component:
    """What the plan rests on at this channel; the reason is among the channels of the results."""
    badge = rx.el.div(learned_badge(one.learned_from, one.evidence), class_name="mm-learned")
    return rx.cond(one.learned_from, badge, rx.fragment())


def _cell(title: str, content: Any) -> rx.Component:
    return rx.el.td(content, role="cell", class_name="mm-number mm-right", custom_attrs={"data-label": title})


def _bound_input(one: rx.Var[ChannelPlan], which: str, value: rx.Var[str], label: str) -> rx.Component:
    return rx.el.input(
        type="text",
        input_mode="decimal",
        default_value=value,
        on_change=lambda text: BudgetState.change(one.name, which, text),
        aria_label=label + " % for " + one.name,
        class_name="mm-input mm-input-short",
    )
