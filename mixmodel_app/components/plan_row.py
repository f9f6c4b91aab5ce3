"""One channel of the planner: slider, number box, −/+ 5 %, lock, bounds, returns and its curve.

The slider is the browser's own. assets/planner.js writes where it stands into the number box while it moves and
reports the box once it is let go, so the server hears of one change per move.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import reflex as rx

from mixmodel_app.components.buttons import icon_button
from mixmodel_app.components.icons import icon
from mixmodel_app.components.learned_badge import learned_badge
from mixmodel_app.components.values import FromState, Text

CURVE_WIDTH, CURVE_HEIGHT = 132, 48
_EQUAL = "The best plan of a total makes this equal in all channels that are neither locked nor at a limit."


@dataclass(frozen=True, slots=True)
class PlanEvents:
    """What a row reports: each takes the channel's name first."""

    place: Callable[[Any, Any], Any]
    nudge: Callable[[Any, int], Any]
    lock: Callable[[Any], Any]
    bound: Callable[[Any, str, Any], Any]


def plan_list(rows: FromState, events: PlanEvents) -> rx.Component:
    """All channels of a Var of `PlanRow`; below 1024 px a row becomes a card."""
    return rx.el.ul(rx.foreach(rows, lambda row: plan_row(row, events)), class_name="mm-planner-rows", role="list")


def plan_row(row: FromState, events: PlanEvents) -> rx.Component:
    """One row, a group named after its channel."""
    return rx.el.li(
        rx.el.div(
            _name(row),
            _control(row, events),
            _change(row),
            _bounds(row, events),
            _returns(row),
            _curve(row),
            role="group",
            aria_label=row.name,
            class_name="mm-planner-row",
            custom_attrs=_at({"colour": row.colour, "observed": row.observed}),
        ),
        rx.cond(row.problem, rx.el.p(icon("circle-alert", size=16), row.problem, class_name="mm-planner-problem")),
    )


def _name(row: FromState) -> rx.Component:
    outside = rx.el.span(icon("triangle-alert", size=14), "outside observed spend", class_name="mm-planner-outside")
    return rx.el.div(
        rx.el.span(
            rx.el.span(class_name="mm-planner-dot", aria_hidden="true"), row.name, class_name="mm-planner-title"
        ),
        rx.el.span("now ", row.current, class_name="mm-hint mm-number"),
        rx.cond(row.learned_from, learned_badge(row.learned_from, row.evidence), rx.fragment()),
        rx.cond(row.outside, outside, rx.fragment()),
        class_name="mm-planner-name",
    )


def _control(row: FromState, events: PlanEvents) -> rx.Component:
    slider = rx.el.input(
        type="range",
        min="0",
        max=row.scale,
        step="1",
        default_value=row.percent,
        aria_label="Budget of " + row.name + " in per cent of now",
        class_name="mm-slider",
        custom_attrs={
            "data-planner": "slider",
            "data-value": row.percent,
            "data-unit": row.per_percent,
            "data-separators": row.separators,
            "aria-valuetext": row.money,
        },
    )
    box = rx.el.input(
        type="text",
        input_mode="decimal",
        default_value=row.money,
        on_blur=lambda text: events.place(row.name, text),
        aria_label="Budget of " + row.name,
        auto_complete="off",
        class_name="mm-input mm-planner-box",
        custom_attrs={"data-planner": "box", "data-value": row.money},
    )
    return rx.el.div(
        slider,
        rx.el.div(
            _step("minus", "5 % less for " + row.name, events.nudge(row.name, -1)),
            box,
            _step("plus", "5 % more for " + row.name, events.nudge(row.name, 1)),
            _lock(row, events),
            class_name="mm-planner-buttons",
        ),
        class_name="mm-planner-control",
    )


def _step(picture: str, label: Text, event: Any) -> rx.Component:
    return icon_button(picture, label, on_click=event, variant="surface")


def _lock(row: FromState, events: PlanEvents) -> rx.Component:
    return rx.el.button(
        rx.cond(row.locked, icon("lock", size=16), icon("lock-open", size=16)),
        type="button",
        aria_label="Lock " + row.name,
        aria_pressed=rx.cond(row.locked, "true", "false"),
        title="A locked channel keeps its money",
        on_click=events.lock(row.name),
        class_name="mm-planner-lock",
    )


def _change(row: FromState) -> rx.Component:
    return rx.el.div(
        rx.el.span("Change", class_name="mm-planner-label"),
        rx.el.span(row.change, class_name="mm-number mm-planner-delta", custom_attrs={"data-direction": row.direction}),
        rx.el.span(row.change_share, class_name="mm-hint mm-number"),
        class_name="mm-planner-cell",
    )


def _bounds(row: FromState, events: PlanEvents) -> rx.Component:
    return rx.el.div(
        rx.el.span("Limits, % of now", class_name="mm-planner-label"),
        rx.el.span(
            _bound(row, events, "low", row.low, "At least % for "),
            "–",
            _bound(row, events, "high", row.high, "At most % for "),
            class_name="mm-planner-pair",
        ),
        class_name="mm-planner-cell",
    )


def _bound(row: FromState, events: PlanEvents, which: str, value: Any, label: str) -> rx.Component:
    return rx.el.input(
        type="text",
        input_mode="decimal",
        default_value=value,
        on_blur=lambda text: events.bound(row.name, which, text),
        aria_label=label + row.name,
        auto_complete="off",
        class_name="mm-input mm-planner-bound",
        custom_attrs={"data-planner": "box", "data-value": value},
    )


def _returns(row: FromState) -> rx.Component:
    return rx.el.div(
        rx.el.span("Next 1 returns", class_name="mm-planner-label", title=_EQUAL),
        rx.el.span(row.next_now, " → ", rx.el.strong(row.next_then), class_name="mm-number"),
        class_name="mm-planner-cell",
    )


def _curve(row: FromState) -> rx.Component:
    """Solid within observed spend, dashed on a shaded ground beyond; hollow point: now, full point: plan."""
    shade = rx.el.svg.rect(
        x=row.border, y="0", width=f"{CURVE_WIDTH}", height=f"{CURVE_HEIGHT}", class_name="mm-planner-shade"
    )
    return rx.el.svg(
        shade,
        rx.el.svg.path(d=row.curve, class_name="mm-planner-line"),
        rx.el.svg.path(d=row.beyond, class_name="mm-planner-line mm-planner-beyond"),
        rx.el.svg.circle(cx=row.now_x, cy=row.now_y, r="4", class_name="mm-planner-now"),
        rx.el.svg.circle(cx=row.then_x, cy=row.then_y, r="4.5", class_name="mm-planner-then"),
        view_box=f"0 0 {CURVE_WIDTH} {CURVE_HEIGHT}",
        width=f"{CURVE_WIDTH}",
        height=f"{CURVE_HEIGHT}",
        aria_hidden="true",
        class_name="mm-planner-curve",
    )


def _at(places: dict[str, Any]) -> dict[str, Any]:
    """Custom properties on the element itself: Reflex's `style` would make a new class for every position."""
    return {"style": rx.Var.create({f"--{name}": value for name, value in places.items()})}
