"""One badge per status, in one place: the word, the icon and a colour that passes AA."""

from dataclasses import dataclass
from typing import Any, Literal

import reflex as rx

from mixmodel_app.components.icons import icon


@dataclass(frozen=True, slots=True)
class Look:
    """How a status is shown. All but indigo need `high_contrast` to reach 4.5:1 on their soft ground."""

    word: str
    icon: str
    colour: Literal["gray", "indigo", "green", "amber", "red"]

    @property
    def high_contrast(self) -> bool:
        return self.colour != "indigo"


LOOKS: dict[str, Look] = {
    # runs
    "queued": Look("Queued", "clock", "gray"),
    "running": Look("Running", "loader-circle", "indigo"),
    "completed": Look("Completed", "circle-check", "green"),
    "failed": Look("Failed", "circle-x", "red"),
    "cancelled": Look("Cancelled", "circle-slash", "gray"),
    # datasets
    "uploaded": Look("Columns to confirm", "circle-dot", "amber"),
    "validated": Look("Ready", "circle-check", "green"),
    "validation_error": Look("Has errors", "circle-alert", "red"),
    # model health
    "good": Look("Good", "circle-check", "green"),
    "check": Look("Check", "triangle-alert", "amber"),
    "do_not_use": Look("Do not use", "octagon-x", "red"),
    # findings
    "error": Look("Error", "circle-alert", "red"),
    "warning": Look("Warning", "triangle-alert", "amber"),
    "suggestion": Look("Suggestion", "lightbulb", "indigo"),
    # parts of the installation, and workers
    "up": Look("Works", "circle-check", "green"),
    "down": Look("Does not answer", "circle-x", "red"),
    "busy": Look("Fitting", "loader-circle", "indigo"),
    "idle": Look("Free", "circle", "gray"),
    # confidence of detection
    "high": Look("High", "circle-check", "green"),
    "medium": Look("Medium", "circle-dot", "amber"),
    "low": Look("Low", "circle-help", "red"),
}


def status_badge(status: str | rx.Var[str], **props: Any) -> rx.Component:
    """The badge of a run, dataset, model health, finding or confidence by the value of its enum.

    An unknown status is shown as its own text, never hidden.
    """
    if isinstance(status, str):
        return look_badge(LOOKS.get(status) or Look(status, "circle", "gray"), **props)
    cases = [(value, look_badge(look, **props)) for value, look in LOOKS.items()]
    unknown = rx.badge(status, color_scheme="gray", high_contrast=True, size="2", **props)
    return rx.fragment(rx.match(status, *cases, unknown))


def look_badge(look: Look, **props: Any) -> rx.Component:
    """A badge of this look."""
    return rx.badge(
        icon(look.icon, size=14),
        look.word,
        color_scheme=look.colour,
        high_contrast=look.high_contrast,
        variant="soft",
        size="2",
        **props,
    )
