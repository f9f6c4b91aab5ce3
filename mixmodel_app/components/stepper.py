"""Where one is in a wizard."""

from collections.abc import Sequence

import reflex as rx
from reflex.vars import NumberVar

from mixmodel_app.components.icons import icon
from mixmodel_app.components.values import number_var


def stepper(steps: Sequence[str], current: int | rx.Var[int], *, label: str = "Steps") -> rx.Component:
    """Numbered steps; those before `current` (counted from 0) are ticked.

    Args:
        steps: their names, like `("File", "Columns", "Check")`.
        label: read out before the list.
    """
    position = number_var(current)
    items = (_step(index, name, position) for index, name in enumerate(steps))
    return rx.el.nav(rx.el.ol(*items, class_name="mm-steps"), aria_label=label)


def _step(index: int, name: str, current: NumberVar[int]) -> rx.Component:
    mark = rx.cond(current > index, icon("check", size=14), rx.el.span(str(index + 1)))
    done = rx.cond(current > index, rx.el.span("Done: ", class_name="mm-visually-hidden"), rx.fragment())
    return rx.el.li(
        rx.el.span(mark, class_name="mm-step-mark", aria_hidden="true"),
        done,
        name,
        class_name="mm-step",
        aria_current=rx.cond(current == index, "step", "false"),
        custom_attrs={"data-done": rx.cond(current > index, "true", "false")},
    )
