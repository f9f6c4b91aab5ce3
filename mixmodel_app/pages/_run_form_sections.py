"""The parts of the run form: what is known of the market, and the settings.

Fields keep what is typed or chosen by themselves and report it when they are left: a text that goes to the server and
back with every key would lose letters. `form.turn` is in their keys, so that a preset that replaces texts is shown.
"""

from typing import Any

import reflex as rx

from mixmodel_app.components.buttons import icon_button, secondary_button
from mixmodel_app.components.forms import field, select_input, text_input
from mixmodel_app.components.layout import fold, grid
from mixmodel_app.pages._run_form_state import NewRunState
from mixmodel_app.pages._run_options import CHOICES, HINTS, NUMBERS, SIGNS
from mixmodel_app.wording.settings import SETTINGS

_FORM = NewRunState.form

_RETURN_COLUMNS = (
    ("low", "Surprised if lower", "a return so low that a lower one would surprise you"),
    ("likely", "Most likely", "the return that you think most likely"),
    ("high", "Surprised if higher", "a return so high that a higher one would surprise you"),
)


def expected_returns() -> rx.Component:
    """Priors as a business question, one row for each channel."""
    return fold(
        "What do you expect?",
        rx.el.p(
            "For every 1 spent on a channel, what comes back? Give a return that would surprise you if it were lower, "
            "the one you think most likely, and one that would surprise you if it were higher. Leave a channel empty "
            "where you have no view."
        ),
        _expected_table(),
        note="Expected return of each channel, optional",
    )


def events() -> rx.Component:
    """Stretches of days with an effect of their own."""
    return fold(
        "Events",
        rx.el.p(
            "A closed shop, a launch, a strike: days when the outcome moved for a reason that is not in the data. Days "
            "of the same name share one effect."
        ),
        rx.foreach(_FORM.events, _event),
        secondary_button("Add an event", icon_name="calendar-plus", on_click=NewRunState.add_row("events")),
        note="Days with an effect of their own, optional",
    )


def experiments() -> rx.Component:
    """Lift tests that the model is held against."""
    return fold(
        "Experiments",
        rx.el.p(
            "A lift test says what extra spend really brought. The model is held to it. Spend is extra to the plan and "
            "part of the data; give it a minus where spend was held back."
        ),
        rx.foreach(_FORM.lifts, _experiment),
        secondary_button("Add an experiment", icon_name="flask-conical", on_click=NewRunState.add_row("lifts")),
        note="Measured results of lift tests, optional",
    )


def all_settings() -> rx.Component:
    """Every setting of the model and the sampler."""
    return fold(
        "All settings",
        grid(*(_setting(key, label) for key, label in SETTINGS.items()), columns=2),
        rx.cond(_FORM.controls.length() > 0, _signs(), rx.fragment()),
        _difference(),
        note="Model, drivers and sampler",
        open=NewRunState.settings_open,
    )


def _setting(key: str, label: str) -> rx.Component:
    error = NewRunState.errors[f"config.{key}"]
    hint = {"hint": HINTS[key]} if key in HINTS else {}
    kept = {"default_value": _FORM.settings[key], "key": f"{key}-{_FORM.turn}", "error": error, "hint": bool(hint)}
    control = _choice(key, kept) if key in CHOICES else _typed(key, kept)
    return field(label, control, name=key, error=error, optional=key in ("random_seed", "holidays"), **hint)


def _choice(key: str, kept: dict[str, Any]) -> rx.Component:
    return select_input(key, CHOICES[key], on_change=lambda chosen: NewRunState.change(key, chosen), **kept)


def _typed(key: str, kept: dict[str, Any]) -> rx.Component:
    kind = {"input_mode": "decimal"} if key in NUMBERS else {"max_length": 2}
    return text_input(key, on_blur=lambda text: NewRunState.change(key, text), auto_complete="off", **kind, **kept)


def _signs() -> rx.Component:
    """What is known of the direction of each driver."""
    return rx.el.fieldset(
        rx.el.legend("Which way do the other drivers push?", class_name="mm-legend"),
        rx.el.div(rx.foreach(_FORM.controls, _sign), class_name="mm-grid mm-grid-2"),
        class_name="mm-fieldset",
    )


def _sign(row: Any) -> rx.Component:
    control = select_input(
        f"sign-{row.id}",
        SIGNS,
        default_value=row.sign,
        key=f"sign-{row.id}-{_FORM.turn}",
        on_change=lambda chosen: NewRunState.change_row("controls", row.id, "sign", chosen),
    )
    return field("Effect of " + row.id, control, name=f"sign-{row.id}")


def _difference() -> rx.Component:
    """How the settings differ from the preset, and the way back."""
    preset = rx.cond(_FORM.preset == "full", "Full", "Quick")
    changed = rx.el.div(
        rx.el.p("Different from ", preset, ":"),
        rx.el.ul(rx.foreach(NewRunState.differences, lambda text: rx.el.li(text)), class_name="mm-sentences"),
        secondary_button(rx.el.span("Reset to ", preset), icon_name="rotate-ccw", on_click=NewRunState.reset_settings),
        class_name="mm-stack mm-difference",
    )
    same = rx.el.p("All settings are those of the preset ", preset, ".", class_name="mm-quiet")
    return rx.cond(NewRunState.differences.length() > 0, changed, same)


def _expected_table() -> rx.Component:
    """Rows become cards on phones; the roles keep it a table for screen readers then."""
    titles = ("Channel", *(title for _, title, _ in _RETURN_COLUMNS))
    head = rx.el.tr(*(rx.el.th(title, scope="col", role="columnheader") for title in titles), role="row")
    return rx.el.div(
        rx.el.table(
            rx.el.caption("Expected return per 1 spent", class_name="mm-visually-hidden"),
            rx.el.thead(head, role="rowgroup"),
            rx.el.tbody(rx.foreach(_FORM.expected, _expected), role="rowgroup"),
            role="table",
            class_name="mm-table mm-plan",
        ),
        role="region",
        aria_label="Expected return per 1 spent",
        tab_index=0,
        class_name="mm-table-frame",
    )


def _expected(row: Any) -> rx.Component:
    cells = (_expected_cell(row, key, title, question) for key, title, question in _RETURN_COLUMNS)
    return rx.el.tr(rx.el.th(row.id, scope="row", role="rowheader"), *cells, role="row")


def _expected_cell(row: Any, key: str, title: str, question: str) -> rx.Component:
    path = f"config.expected_returns.{row.id}"
    wrong = NewRunState.errors[path].bool() | NewRunState.errors[f"{path}.{key}"].bool()
    control = text_input(
        f"expected-{row.id}-{key}",
        default_value=getattr(row, key),
        on_blur=lambda text: NewRunState.change_row("expected", row.id, key, text),
        input_mode="decimal",
        auto_complete="off",
        class_name="mm-input mm-input-short",
        aria_label=f"For every 1 spent on {row.id}: {question}",
        aria_invalid=rx.cond(wrong, "true", "false"),
    )
    return rx.el.td(control, role="cell", custom_attrs={"data-label": title})


def _event(row: Any, index: Any) -> rx.Component:
    return _typed_row(
        f"Event {index + 1}",
        ("events", row, f"config.events[{index}]"),
        (("name", "Name", {}), ("start", "First day", _DATE), ("end", "Last day", _DATE)),
    )


def _experiment(row: Any, index: Any) -> rx.Component:
    return _typed_row(
        f"Experiment {index + 1}",
        ("lifts", row, f"config.lift_tests[{index}]"),
        (
            ("start", "First day", _DATE),
            ("end", "Last day", _DATE),
            ("measured_to", "Measured to", _DATE | {"optional": True}),
            ("extra_spend", "Extra spend", _NUMBER),
            ("extra_outcome", "Extra outcome", _NUMBER),
            ("error", "± error of that", _NUMBER),
        ),
        first=_channel(row),
    )


_DATE: dict[str, Any] = {"type": "date"}
_NUMBER: dict[str, Any] = {"input_mode": "decimal"}


def _typed_row(
    title: str, place: tuple[str, Any, str], parts: tuple[tuple[str, str, dict[str, Any]], ...], first: Any = None
) -> rx.Component:
    """One event or experiment with its fields and the button that takes it away."""
    part, row, path = place
    texts = [_row_text(part, row, f"{path}.{key}", key, label, dict(props)) for key, label, props in parts]
    remove = icon_button("trash-2", f"Remove {title}", on_click=NewRunState.remove_row(part, row.id))
    wrong = NewRunState.errors[path]
    return rx.el.fieldset(
        rx.el.legend(title, class_name="mm-legend"),
        rx.el.div(
            *([first] if first is not None else []), *texts, remove, class_name=f"mm-typed-row mm-typed-row-{part}"
        ),
        rx.cond(wrong, rx.el.p(wrong, class_name="mm-field-error"), rx.fragment()),
        class_name="mm-fieldset",
        key=row.id,
    )


def _row_text(part: str, row: Any, path: str, key: str, label: str, props: dict[str, Any]) -> rx.Component:
    name, error, optional = f"{part}-{row.id}-{key}", NewRunState.errors[path], props.pop("optional", False)
    control = text_input(
        name,
        error=error,
        default_value=getattr(row, key),
        on_blur=lambda text: NewRunState.change_row(part, row.id, key, text),
        auto_complete="off",
        **props,
    )
    return field(label, control, name=name, error=error, optional=optional)


def _channel(row: Any) -> rx.Component:
    options = rx.foreach(_FORM.expected, lambda channel: rx.el.option(channel.id, value=channel.id))
    control = rx.el.select(
        options,
        id=f"field-lifts-{row.id}-channel",
        default_value=row.channel,
        on_change=lambda chosen: NewRunState.change_row("lifts", row.id, "channel", chosen),
        class_name="mm-input mm-select",
    )
    return field("Channel", control, name=f"lifts-{row.id}-channel")
