"""One finding of the checks: what, where, why it matters, and the repairs that are one click away."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from mixmodel_app.components.buttons import quiet_button, secondary_button
from mixmodel_app.components.icons import icon
from mixmodel_app.components.status_badge import status_badge
from mixmodel_app.components.values import FromState


@dataclass
class FixButton:
    """A repair that a finding offers: its place among the finding's offers, the button's words, and what it would do
    ("Changes 3 cells", "" when that has not been counted)."""

    index: int
    label: str
    preview: str


@dataclass
class FindingData:
    """What state holds of a `domain.findings.Finding`, with `rows` as text ("" when none).

    Attributes:
        key: names the finding among all of a report.
    """

    key: str
    code: str
    severity: str
    title: str
    message: str
    column: str
    rows: str
    hint: str
    effect: str
    fixes: list[FixButton] = field(default_factory=list)


@dataclass
class MarkedCell:
    """One cell of the rows behind a finding; `marked` when it is what the finding is about."""

    text: str
    marked: bool


@dataclass
class FindingRows:
    """The rows behind the finding `key`, with the file's line numbers in front."""

    key: str = ""
    head: list[str] = field(default_factory=list)
    rows: list[list[MarkedCell]] = field(default_factory=list)


def finding_card(
    finding: FromState,
    *,
    shown: FromState,
    on_rows: Callable[[Any], Any],
    on_fix: Callable[[Any, Any], Any],
    may_fix: rx.Var[bool] | bool = True,
) -> rx.Component:
    """A card for one `FindingData`; inside `rx.foreach`.

    Args:
        shown: the `FindingRows` that are on screen, of whichever finding.
        on_rows: the event that shows or hides the rows of a finding, from its key.
        on_fix: the event that makes a repair, from the finding's key and the offer's index.
    """
    return rx.el.article(
        rx.el.div(
            status_badge(finding.severity),
            rx.el.span(finding.code, class_name="mm-code"),
            class_name="mm-row",
        ),
        rx.el.h3(finding.title),
        rx.el.p(finding.message),
        _evidence("Column", finding.column),
        _rows(finding, shown, on_rows),
        _evidence("Why it matters", finding.effect),
        _evidence("How to fix it", finding.hint),
        rx.cond(may_fix & (finding.fixes.length() > 0), _fixes(finding, on_fix), rx.fragment()),
        class_name="mm-card mm-finding",
        custom_attrs={"data-severity": finding.severity},
    )


def _evidence(label: str, text: rx.Var[str]) -> rx.Component:
    shown = rx.el.p(rx.el.strong(label, ": "), text, class_name="mm-evidence")
    return rx.cond(text, shown, rx.fragment())


def _rows(finding: FromState, shown: FromState, on_rows: Callable[[Any], Any]) -> rx.Component:
    open_ = shown.key == finding.key
    line = rx.el.div(
        rx.el.p(rx.el.strong("Rows: "), finding.rows, class_name="mm-evidence"),
        quiet_button(
            rx.cond(open_, "Hide rows", "Show rows"),
            on_click=on_rows(finding.key),
            aria_expanded=rx.cond(open_, "true", "false"),
        ),
        class_name="mm-row",
    )
    return rx.cond(finding.rows, rx.fragment(line, rx.cond(open_, _table(shown), rx.fragment())), rx.fragment())


def _table(shown: FromState) -> rx.Component:
    """The rows as they are now; what the finding is about has an outline and an icon, not only a colour."""
    head = rx.foreach(shown.head, lambda name: rx.el.th(name, scope="col"))
    body = rx.foreach(shown.rows, lambda row: rx.el.tr(rx.foreach(row, _cell)))
    table = rx.el.table(
        rx.el.caption("Rows of the file behind this finding", class_name="mm-visually-hidden"),
        rx.el.thead(rx.el.tr(head)),
        rx.el.tbody(body),
        class_name="mm-table mm-table-numbers",
    )
    return rx.el.div(
        table, role="region", aria_label="Rows behind this finding", tab_index=0, class_name="mm-table-frame"
    )


def _cell(cell: FromState) -> rx.Component:
    marked = rx.el.td(icon("arrow-right", size=12), cell.text, class_name="mm-cell-marked")
    return rx.cond(cell.marked, marked, rx.el.td(cell.text))


def _fixes(finding: FromState, on_fix: Callable[[Any, Any], Any]) -> rx.Component:
    def offer(fix: FromState) -> rx.Component:
        button = secondary_button(fix.label, icon_name="wrench", on_click=on_fix(finding.key, fix.index))
        note = rx.cond(fix.preview, rx.el.span(fix.preview, class_name="mm-hint"), rx.fragment())
        return rx.el.div(button, note, class_name="mm-fix")

    return rx.el.div(rx.foreach(finding.fixes, offer), class_name="mm-fixes")
