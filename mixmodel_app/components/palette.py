"""Going anywhere by keyboard: the palette (Ctrl+K), the list of shortcuts (?), "g" and a letter: assets/keys.js."""

from collections.abc import Sequence
from dataclasses import dataclass

import reflex as rx

from mixmodel_app.components.buttons import icon_button
from mixmodel_app.components.icons import icon

_GENERAL = (
    ("Ctrl+K", "Go to a page, a run or a dataset"),
    ("?", "This list"),
    ("Esc", "Close what is open"),
    ("Ctrl+Z", "Undo the last change of a plan"),
    ("← →", "Move a slider by 1 %"),
    ("Page ↑ ↓", "Move a slider by 10 %"),
)


@dataclass(frozen=True, slots=True)
class Goal:
    """Somewhere to go: a label, an address, an icon, and the letter after "g" ("" when another has it)."""

    label: str
    route: str
    icon: str
    letter: str


def goals(pages: Sequence[tuple[str, str, str]]) -> list[Goal]:
    """Pages as (label, route, icon) with the letters that reach them: the first of its label that is still free."""
    taken: set[str] = set()
    found: list[Goal] = []
    for label, route, icon_name in pages:
        letter = next((letter for letter in label.lower() if letter.isalpha() and letter not in taken), "")
        taken.add(letter)
        found.append(Goal(label, route, icon_name, letter))
    return found


def palette_button() -> rx.Component:
    """What opens the palette by hand, and tells of the keys."""
    return rx.el.button(
        icon("search", size=16),
        "Go to …",
        rx.el.kbd("Ctrl K", class_name="mm-kbd"),
        type="button",
        custom_attrs={"data-keys": "palette", "aria-keyshortcuts": "Control+K"},
        class_name="mm-palette-button",
    )


def palette(to: Sequence[Goal]) -> rx.Component:
    """Both dialogs, closed; runs and datasets are fetched when the palette opens."""
    return rx.fragment(_palette(to), _sheet(to))


def _palette(to: Sequence[Goal]) -> rx.Component:
    return rx.el.dialog(
        rx.el.div(
            icon("search", size=16),
            rx.el.input(
                type="text",
                aria_label="Go to a page, a run or a dataset",
                placeholder="Go to a page, a run or a dataset",
                auto_complete="off",
                spell_check=False,
                id="mm-palette-words",
                class_name="mm-palette-words",
            ),
            icon_button("x", "Close", custom_attrs={"data-keys": "close"}),
            class_name="mm-palette-head",
        ),
        rx.el.ul(*(_goal(goal) for goal in to), id="mm-palette-goals", class_name="mm-palette-goals"),
        rx.el.p("Nothing by this name.", id="mm-palette-none", hidden=True, role="status", class_name="mm-hint"),
        id="mm-palette",
        aria_label="Go to",
        class_name="mm-dialog mm-palette",
    )


def _goal(goal: Goal) -> rx.Component:
    return rx.el.li(
        rx.link(
            icon(goal.icon),
            rx.el.span(goal.label),
            href=goal.route,
            underline="none",
            custom_attrs={"data-go": goal.letter} if goal.letter else {},
        )
    )


def _sheet(to: Sequence[Goal]) -> rx.Component:
    rows = [*_GENERAL, *((f"g {goal.letter}", goal.label) for goal in to if goal.letter)]
    switch = rx.el.label(
        rx.el.input(type="checkbox", id="mm-single-keys", default_checked=True),
        "Shortcuts of single keys (? and g)",
        class_name="mm-check-line",
    )
    return rx.el.dialog(
        rx.el.div(
            rx.el.h2("Keyboard shortcuts"),
            icon_button("x", "Close", custom_attrs={"data-keys": "close"}),
            class_name="mm-palette-head",
        ),
        rx.el.dl(
            *(rx.el.div(rx.el.dt(rx.el.kbd(keys, class_name="mm-kbd")), rx.el.dd(what)) for keys, what in rows),
            class_name="mm-shortcuts",
        ),
        switch,
        id="mm-shortcuts",
        aria_label="Keyboard shortcuts",
        class_name="mm-dialog",
    )
