"""Set up a run: a preset, what is known of the market, and behind a fold every setting."""

import reflex as rx

from mixmodel_app.components.buttons import link_button, primary_button, secondary_button
from mixmodel_app.components.forms import error_list, field, select_input, text_input
from mixmodel_app.components.layout import card, grid, page_header, row, stack
from mixmodel_app.components.range_bars import range_bars
from mixmodel_app.components.states import notice
from mixmodel_app.domain.account import Role
from mixmodel_app.domain.model_options import FitMode
from mixmodel_app.pages._page import page
from mixmodel_app.pages._run_form_sections import all_settings, events, expected_returns, experiments
from mixmodel_app.pages._run_form_state import NewRunState
from mixmodel_app.pages._run_options import PRESET_CARDS, PRIORITIES


@page("/runs/new", title="Set up a run", requires=Role.MEMBER, parent="/runs", on_load=NewRunState.load)
def run_new() -> rx.Component:
    """Three presets, a name, what is known, all settings, a look ahead, and the start."""
    return stack(
        page_header("Set up a run", f"{NewRunState.dataset_name} · {NewRunState.period}"),
        rx.el.fieldset(
            rx.el.legend("How thorough?", class_name="mm-legend"),
            grid(*(_preset(mode, title, use, text) for mode, title, use, text in PRESET_CARDS)),
            class_name="mm-fieldset",
        ),
        grid(_name(), _priority(), columns=2),
        expected_returns(),
        events(),
        experiments(),
        all_settings(),
        _look_ahead(),
        _start(),
    )


def _preset(mode: FitMode, title: str, use: str, text: str) -> rx.Component:
    chosen = NewRunState.form.mode == mode.value
    radio = rx.el.input(
        type="radio",
        name="mode",
        value=mode.value,
        checked=chosen,
        on_change=lambda _: NewRunState.choose_mode(mode.value),
    )
    return rx.el.label(
        radio,
        rx.el.span(rx.el.strong(title), rx.el.span(use, class_name="mm-hint"), class_name="mm-preset-head"),
        rx.el.span(text, class_name="mm-hint"),
        class_name="mm-card mm-preset",
        custom_attrs={"data-chosen": rx.cond(chosen, "true", "false")},
    )


def _name() -> rx.Component:
    control = text_input(
        "name",
        default_value=NewRunState.form.name,
        key=f"name-{NewRunState.form.turn}",
        on_blur=lambda text: NewRunState.change("name", text),
        max_length=255,
        auto_complete="off",
    )
    return field("Name", control, name="name", optional=True)


def _priority() -> rx.Component:
    control = select_input(
        "priority",
        PRIORITIES,
        default_value=NewRunState.form.priority,
        key=f"priority-{NewRunState.form.turn}",
        on_change=lambda chosen: NewRunState.change("priority", chosen),
    )
    return field("If your runs have to wait", control, name="priority")


def _look_ahead() -> rx.Component:
    """What the model thinks before it sees the data: a mistake in the expectations shows here, not in the results."""
    ask = secondary_button(
        "What does the model think before seeing the data?",
        icon_name="telescope",
        on_click=NewRunState.look_ahead,
        loading=NewRunState.looking,
    )
    question = rx.el.div(ask, _stale(), class_name="mm-row mm-question")
    return stack(question, rx.cond(NewRunState.has_preview, _preview(), rx.fragment()))


def _stale() -> rx.Component:
    stale = NewRunState.has_preview & NewRunState.preview_is_stale & ~NewRunState.looking
    return rx.el.p(
        rx.cond(stale, "Changed since: the ranges below are for the earlier settings.", ""),
        role="status",
        class_name="mm-hint",
    )


def _preview() -> rx.Component:
    return card(
        rx.el.p(
            "Returns per 1 spent that the model holds possible before it sees the outcome. All channels together: ",
            rx.el.strong(NewRunState.prior_share),
            " of the outcome (",
            NewRunState.prior.range_name,
            ").",
            class_name="mm-quiet",
        ),
        range_bars(NewRunState.prior, caption="Returns before seeing the data", look="prior"),
        rx.foreach(NewRunState.prior_warnings, lambda text: notice(text, tone="warning")),
        title="Before seeing the data",
        class_name="mm-card mm-stack",
    )


def _start() -> rx.Component:
    """The button, and above it whatever speaks against pressing it."""
    known = notice(
        rx.el.span("An identical run has finished: ", rx.el.strong(NewRunState.twin_name), "."),
        action=row(link_button("Open it", "/results/" + NewRunState.twin_id, icon_name="chart-column")),
    )
    return stack(
        rx.cond(NewRunState.twin_id, known, rx.fragment()),
        error_list(NewRunState.problems),
        row(
            primary_button(
                rx.cond(NewRunState.twin_id, "Run again anyway", "Start the fit"),
                icon_name="play",
                on_click=NewRunState.start,
                loading=NewRunState.starting,
            ),
            link_button("Back to the checks", "/datasets/" + NewRunState.dataset_id + "/check"),
        ),
        rx.el.p(NewRunState.cost, class_name="mm-quiet"),
    )
