"""One finding of the checks: what, where, why it matters, how to fix it."""

from typing import TypedDict

import reflex as rx

from mixmodel_app.components.status_badge import status_badge
from mixmodel_app.components.values import FromState


class FindingData(TypedDict):
    """What state holds of a `domain.findings.Finding`: its `to_json()` with `rows` as text ("" when none)."""

    code: str
    severity: str
    title: str
    message: str
    column: str
    rows: str
    hint: str
    effect: str


def finding_card(finding: FromState) -> rx.Component:
    """A card for one `FindingData`; inside `rx.foreach(State.findings, finding_card)`."""
    return rx.el.article(
        rx.el.div(
            status_badge(finding["severity"]),
            rx.el.span(finding["code"], class_name="mm-code"),
            class_name="mm-row",
        ),
        rx.el.h3(finding["title"]),
        rx.el.p(finding["message"]),
        _evidence("Column", finding["column"]),
        _evidence("Rows", finding["rows"]),
        _evidence("Why it matters", finding["effect"]),
        _evidence("How to fix it", finding["hint"]),
        class_name="mm-card mm-finding",
        custom_attrs={"data-severity": finding["severity"]},
    )


def _evidence(label: str, text: rx.Var[str]) -> rx.Component:
    shown = rx.el.p(rx.el.strong(label, ": "), text, class_name="mm-evidence")
    return rx.cond(text, shown, rx.fragment())
