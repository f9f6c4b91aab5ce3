"""Step 3 of 3: what the checks found, what can be repaired, what the data can tell, and the way to a run."""

import reflex as rx

from mixmodel_app.components.answer_panel import answer_panel
from mixmodel_app.components.buttons import download_link, link_button, primary_button, secondary_button
from mixmodel_app.components.change_log import change_log
from mixmodel_app.components.chart_frame import chart_frame
from mixmodel_app.components.data_table import Column, data_table
from mixmodel_app.components.finding_card import FindingData, finding_card
from mixmodel_app.components.layout import card, grid, page_header, row, section, stack
from mixmodel_app.components.stat import stat
from mixmodel_app.components.states import notice, wizard_skeleton
from mixmodel_app.components.stepper import stepper
from mixmodel_app.components.values import FromState
from mixmodel_app.pages._check_state import CheckState
from mixmodel_app.pages._page import page
from mixmodel_app.pages.upload import STEPS


@page(
    "/datasets/[dataset_id]/check",
    title="Check",
    parent="/datasets",
    on_load=CheckState.load,
    skeleton=wizard_skeleton,
)
def dataset_check() -> rx.Component:
    """Counts first, then repairs and findings, then what can be learned and the data at a glance."""
    return stack(
        page_header(CheckState.filename, CheckState.counts),
        stepper(STEPS, 2, label="Steps of the upload"),
        rx.el.p(CheckState.said, class_name="mm-said", aria_live="polite"),
        rx.cond(CheckState.errors.length() > 0, _blocked(), _ready()),
        _changes(),
        change_log(CheckState.log, on_undo=CheckState.undo, may_undo=CheckState.may_change),
        _fix_all(),
        _group("Errors", CheckState.errors, "They block a run."),
        _group("Warnings", CheckState.warnings, "They do not block a run, and go along with its results."),
        _group("Suggestions", CheckState.suggestions, "Worth a thought."),
        _answers(),
        _glance(),
    )


def _ready() -> rx.Component:
    return stack(
        rx.cond(
            CheckState.warnings.length() > 0,
            notice("The data can be used. The warnings below say where to be careful.", tone="warning"),
            notice("The data passed every check.", tone="success"),
        ),
        row(
            link_button(
                rx.cond(CheckState.warnings.length() > 0, "Continue anyway", "Set up a run"),
                "/runs/new?dataset=" + CheckState.dataset_id,
                icon_name="play",
                primary=True,
            ),
            _back(),
            _findings_file(),
        ),
    )


def _blocked() -> rx.Component:
    return stack(
        notice("A run is not possible yet: fix the errors below, here, in the file or in the columns.", tone="error"),
        row(
            primary_button("Set up a run", icon_name="play", disabled=True, aria_describedby="blocked"),
            _back(),
            secondary_button("Check again", on_click=CheckState.check_again, loading=CheckState.checking),
            link_button("Upload a corrected file", "/datasets/new", icon_name="upload"),
            _findings_file(),
        ),
        rx.el.p("Disabled while there are errors.", id="blocked", class_name="mm-hint"),
    )


def _back() -> rx.Component:
    return link_button("Back to columns", "/datasets/" + CheckState.dataset_id + "/columns")


def _findings_file() -> rx.Component:
    return download_link("Findings (CSV)", _file("findings.csv"))


def _file(name: str) -> rx.Var[str]:
    return "/api/datasets/" + CheckState.dataset_id + "/" + name  # pyright: ignore[reportReturnType, reportOperatorIssue]


def _changes() -> rx.Component:
    """What is new since the version before."""
    again = secondary_button("Make its repairs again", icon_name="wrench", on_click=CheckState.repeat)
    body = card(
        rx.el.ul(rx.foreach(CheckState.changes, lambda text: rx.el.li(text)), class_name="mm-sentences"),
        title="Since the last version",
        action=rx.cond(CheckState.can_repeat & CheckState.may_change, again, rx.fragment()),
    )
    return rx.cond(CheckState.changes.length() > 0, body, rx.fragment())


def _fix_all() -> rx.Component:
    """All repairs that need no judgement, in one click; worth a button from two on."""
    button = secondary_button(
        "Make the " + CheckState.safe.to_string() + " repairs that need no judgement",
        icon_name="wrench",
        on_click=CheckState.apply_safe,
    )
    text = "They write down what a model would assume anyway; each is listed and can be undone."
    shown = row(button, rx.el.span(text, class_name="mm-hint"))
    return rx.cond((CheckState.safe > 1) & CheckState.may_change, shown, rx.fragment())


def _group(title: str, findings: rx.Var[list[FindingData]], note: str) -> rx.Component:
    def finding(data: FromState) -> rx.Component:
        return finding_card(
            data,
            shown=CheckState.shown_rows,
            on_rows=CheckState.toggle_rows,
            on_fix=CheckState.apply_fix,
            may_fix=CheckState.may_change,
        )

    body = rx.el.div(rx.foreach(findings, finding), class_name="mm-stack")
    return rx.cond(findings.length() > 0, section(title, body, note=note), rx.fragment())


def _answers() -> rx.Component:
    body = section(
        "Can this data answer it?",
        answer_panel(CheckState.answer, CheckState.answers),
        note="Judged from history, variation and what moves together, before any fit.",
    )
    return rx.cond(CheckState.answer, body, rx.fragment())


def _glance() -> rx.Component:
    return section(
        "The data at a glance",
        grid(
            stat("Period", CheckState.rows, note=CheckState.period),
            stat("Outcome in total", CheckState.total_target),
            stat("Spend in total", CheckState.total_spend),
        ),
        rx.el.div(rx.foreach(CheckState.charts, chart_frame), class_name="mm-stack"),
        data_table(
            (
                Column("name", "Channel"),
                Column("spend", "Spend", numeric=True),
                Column("share", "Share of spend", numeric=True),
            ),
            CheckState.channels,
            caption="Spend by channel",
        ),
        row(
            download_link("Table (CSV)", _file("table.csv")),
            download_link("Table with its story (XLSX)", _file("table.xlsx")),
            download_link("Table (Parquet)", _file("table.parquet")),
        ),
    )
