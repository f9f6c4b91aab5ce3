"""Where should the next budget go? A plan that moves under the hand, beside what was spent last."""

from typing import Any

import reflex as rx

from mixmodel_app.components.buttons import link_button, primary_button, secondary_button
from mixmodel_app.components.chart_frame import chart_frame
from mixmodel_app.components.forms import field, form_error, select_input, text_input
from mixmodel_app.components.layout import numbered, page_header, row, section, stack
from mixmodel_app.components.plan_row import PlanEvents, plan_list
from mixmodel_app.components.states import notice
from mixmodel_app.components.values import Text
from mixmodel_app.domain.budget import Timing
from mixmodel_app.pages._page import page
from mixmodel_app.pages._plan_state import BudgetState
from mixmodel_app.pages._scenario_part import ScenarioState, scenario_part
from mixmodel_app.wording.plans import ATTITUDES, TIMINGS

_EVENTS = PlanEvents(
    place=lambda name, text: BudgetState.place(name, text),
    nudge=lambda name, direction: BudgetState.nudge(name, direction),
    lock=lambda name: BudgetState.lock(name),
    bound=lambda name, which, text: BudgetState.bound(name, which, text),
)


@page("/budget/[run_id]", title="Plan the budget", parent="/runs", on_load=[BudgetState.load, ScenarioState.load])
def budget() -> rx.Component:
    """The question, the plan, and what was kept."""
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
        _top(),
        rx.el.p(BudgetState.done, role="status", class_name="mm-visually-hidden"),
        section("What to plan", _question(), note=BudgetState.days),
        section(
            "Channels",
            rx.cond(BudgetState.numbers.outside, notice(BudgetState.numbers.outside, tone="warning"), rx.fragment()),
            plan_list(BudgetState.rows, _EVENTS),
            _legend(),
            note="Money " + BudgetState.period + ". Arrow keys move a slider by 1 %, Page Up and Page Down by 10 %.",
        ),
        rx.cond(
            BudgetState.reasons.length() > 0,
            section("Why these moves", numbered(BudgetState.reasons)),
            rx.fragment(),
        ),
        scenario_part(),
        rx.el.div(rx.foreach(BudgetState.charts, chart_frame), class_name="mm-charts"),
        notice(
            "The numbers assume that channels respond as they did in the data. Both plans are spread over the periods "
            "in the same way, and what is spent late in the plan counts with its later effect."
        ),
    )


def _top() -> rx.Component:
    shown = BudgetState.numbers
    off = rx.cond(shown.is_off_total, "mm-planner-note mm-planner-off", "mm-planner-note")
    return rx.el.div(
        _number("Spend", shown.spend, rx.el.dd(shown.spend_note, class_name=off)),
        _number(shown.revenue_label, shown.revenue, _note(shown.revenue_range), _note(shown.revenue_note)),
        _number(shown.return_label, shown.returned, _note(shown.target_chance)),
        _number(shown.gain_label, shown.gain, _note(shown.gain_range), _note(shown.gain_note)),
        _number("Chance that it is better", shown.better, _note(shown.better_note)),
        role="group",
        aria_label="What the plan brings",
        class_name="mm-planner-top",
    )


def _number(label: Text, value: Any, *notes: rx.Component) -> rx.Component:
    return rx.el.dl(rx.el.dt(label), rx.el.dd(value, class_name="mm-planner-value"), *notes)


def _note(text: Any) -> rx.Component:
    return rx.el.dd(text, class_name="mm-planner-note mm-number")


def _question() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            _goal(),
            rx.cond(BudgetState.has_target, _typed("target", "Target", BudgetState.target), rx.fragment()),
            _total(),
            _choice("attitude", "Risk", list(ATTITUDES.items()), BudgetState.attitude),
            _typed("margin", BudgetState.margin_label, BudgetState.margin),
            _typed("weeks", "Horizon, " + BudgetState.period_word, BudgetState.weeks),
            _timing(),
            rx.cond(
                BudgetState.timing == Timing.OWN.value,
                _typed("weights", "Weights, one per period", BudgetState.weights),
                rx.fragment(),
            ),
            _beyond(),
            class_name="mm-planner-question",
        ),
        form_error(BudgetState.problem),
        row(
            primary_button(
                "Optimise", icon_name="wand-sparkles", on_click=BudgetState.solve, loading=BudgetState.solving
            ),
            secondary_button(
                "Undo",
                icon_name="undo-2",
                on_click=BudgetState.undo,
                disabled=~BudgetState.can_undo,
                custom_attrs={"data-planner-undo": "", "aria-keyshortcuts": "Control+Z"},
            ),
            secondary_button("Reset to now", icon_name="rotate-ccw", on_click=BudgetState.restart),
            secondary_button("Clear limits", icon_name="unfold-horizontal", on_click=BudgetState.unbound),
        ),
        class_name="mm-card mm-stack",
    )


def _goal() -> rx.Component:
    control = select_input(
        "objective",
        BudgetState.goals,
        value=BudgetState.objective,
        on_change=lambda chosen: BudgetState.change("objective", chosen),
    )
    return field("Goal", control, name="objective")


def _choice(key: str, label: Text, options: Any, value: Any) -> rx.Component:
    pairs = [(item.value, text) for item, text in options]
    control = select_input(key, pairs, value=value, on_change=lambda chosen: BudgetState.change(key, chosen))
    return field(label, control, name=key)


def _typed(key: str, label: Text, value: Any, *, name: str = "") -> rx.Component:
    control = text_input(
        name or key,
        default_value=value,
        on_blur=lambda text: BudgetState.change(key, text),
        input_mode="decimal",
        auto_complete="off",
        custom_attrs={"data-planner": "box", "data-value": value},
    )
    return field(label, control, name=name or key)


def _total() -> rx.Component:
    """The mode beside the amount; a goal with a target finds the total itself."""
    mode = select_input(
        "mode",
        [("fixed", "fixed"), ("free", "free")],
        value=BudgetState.mode,
        on_change=lambda chosen: BudgetState.change("mode", chosen),
        disabled=BudgetState.has_target,
        aria_label="Whether the total is fixed or free",
    )
    amount = text_input(
        "total",
        default_value=BudgetState.total,
        on_blur=lambda text: BudgetState.change("total", text),
        disabled=BudgetState.mode == "free",
        input_mode="decimal",
        auto_complete="off",
        custom_attrs={"data-planner": "box", "data-value": BudgetState.total},
    )
    return field("Total budget", rx.el.div(amount, mode, class_name="mm-planner-pair"), name="total")


def _timing() -> rx.Component:
    options = [
        rx.el.option(text, value=item.value, disabled=~BudgetState.can_follow_year)
        if item is Timing.LAST_YEAR
        else rx.el.option(text, value=item.value)
        for item, text in TIMINGS.items()
    ]
    control = rx.el.select(
        *options,
        id="field-timing",
        name="timing",
        value=BudgetState.timing,
        on_change=lambda chosen: BudgetState.change("timing", chosen),
        class_name="mm-input mm-select",
    )
    return field("Spread over time", control, name="timing")


def _beyond() -> rx.Component:
    choice = select_input(
        "beyond",
        [("false", "Stay near what was seen"), ("true", "Allow it, marked")],
        value=rx.cond(BudgetState.beyond, "true", "false"),
        on_change=lambda chosen: BudgetState.change("beyond", chosen),
    )
    return field(BudgetState.reach, choice, name="beyond")


def _legend() -> rx.Component:
    texts = (
        "○ now",
        "● plan",
        "dashed on grey: outside observed spend",
        "Next 1 returns: today → in the plan; in the best plan of a total the same in all channels that are neither "
        "locked nor at a limit",
    )
    return rx.el.p(*(rx.el.span(text) for text in texts), class_name="mm-planner-legend")
