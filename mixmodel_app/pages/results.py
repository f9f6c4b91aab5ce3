"""The answer of one run in three views: executive, manager, analyst. The view is in the address."""

import reflex as rx

from mixmodel_app.components.buttons import download_link, link_button, text_link
from mixmodel_app.components.layout import card, numbered, page_header, row, section, stack
from mixmodel_app.components.stat import stat
from mixmodel_app.components.states import notice, results_skeleton
from mixmodel_app.components.status_badge import status_badge
from mixmodel_app.domain.results import HealthStatus
from mixmodel_app.pages._page import page
from mixmodel_app.pages._results_lens import lens_bar
from mixmodel_app.pages._results_state import VIEWS, ResultsState
from mixmodel_app.pages._results_views import analyst_view, chart_list, health_table, manager_view
from mixmodel_app.pages._team import TeamState, newer_data, team_section
from mixmodel_app.services.results import View
from mixmodel_app.wording.runs import INCOMPLETE


@page(
    "/results/[run_id]",
    title=ResultsState.tab_title,
    parent="/runs",
    on_load=[ResultsState.load, TeamState.load_team],
    skeleton=results_skeleton,
)
def results_page() -> rx.Component:
    """The head that all views share, then the view."""
    return stack(
        page_header(
            ResultsState.name,
            ResultsState.period,
            link_button("Compare", "/compare?a=" + ResultsState.run_id, icon_name="git-compare"),
            _next_step(),
            badge=rx.cond(ResultsState.is_sample, rx.badge("Sample data", high_contrast=True, size="2")),
        ),
        rx.cond(ResultsState.incomplete, notice(INCOMPLETE, tone="warning"), rx.fragment()),
        newer_data(),
        rx.el.div(
            _tabs(),
            rx.cond(ResultsState.view != View.ANALYST.value, _lens_bar(), rx.fragment()),
            class_name="mm-views",
        ),
        rx.cond(
            ResultsState.health == HealthStatus.DO_NOT_USE.value,
            notice(ResultsState.health_sentence, tone="error", title="Do not use this model for decisions"),
            rx.fragment(),
        ),
        rx.match(
            ResultsState.view,
            (View.MANAGER.value, manager_view()),
            (View.ANALYST.value, analyst_view()),
            _executive(),
        ),
        _data_notes(),
        _take_along(),
        team_section(),
    )


def _lens_bar() -> rx.Component:
    return lens_bar(
        ResultsState.form,
        ResultsState.lens_note,
        ResultsState.lens_problem,
        ResultsState.change_lens,
        ResultsState.apply_lens,
        rooms=ResultsState.view == View.MANAGER.value,
        counts=ResultsState.counts,
        thing=ResultsState.thing,
    )


def _data_notes() -> rx.Component:
    """What was known of the data before the fit, below every view."""
    lines = rx.el.ul(rx.foreach(ResultsState.data_notes, lambda text: rx.el.li(text)), class_name="mm-sentences")
    body = section("About the data", lines, note="Repairs of the data, and warnings that were known before the fit.")
    return rx.cond(ResultsState.data_notes.length() > 0, body, rx.fragment())


def _next_step() -> rx.Component:
    """Figures that a time limit cut short are not for planning."""
    plan = link_button(
        "Plan the budget", "/budget/" + ResultsState.run_id, icon_name="sliders-horizontal", primary=True
    )
    return rx.cond(ResultsState.incomplete, link_button("Back to the run", "/runs/" + ResultsState.run_id), plan)


def _tabs() -> rx.Component:
    """Links, so that each view has an address; the current one is marked."""
    links = [
        rx.el.li(
            text_link(
                label,
                "/results/" + ResultsState.run_id + f"?view={view.value}" + ResultsState.query,
                aria_current=rx.cond(ResultsState.view == view.value, "page", "false"),
                class_name="mm-tab",
            )
        )
        for view, label in VIEWS
    ]
    return rx.el.nav(rx.el.ul(*links, class_name="mm-tabs"), aria_label="Views of the results")


def _executive() -> rx.Component:
    return stack(
        rx.el.p(ResultsState.headline, class_name="mm-headline"),
        rx.el.h2("At a glance", class_name="mm-visually-hidden"),
        rx.el.div(
            rx.el.div(
                rx.foreach(ResultsState.numbers, lambda one: stat(one.label, one.text, one.range_text, one.note)),
                _health_stat(),
                class_name="mm-answer-numbers",
            ),
            chart_list(ResultsState.charts),
            class_name="mm-answer",
        ),
        section("What to do next", _recommendations()),
        section("Model health", health_table(ResultsState.checks), note="Named checks with their evidence."),
    )


def _health_stat() -> rx.Component:
    return rx.el.dl(
        rx.el.dt("Model health"),
        rx.el.dd(status_badge(ResultsState.health), class_name="mm-stat-badge"),
        rx.el.dd(ResultsState.health_reason, class_name="mm-stat-note"),
        class_name="mm-card mm-stat",
    )


def _recommendations() -> rx.Component:
    reason = rx.cond(
        ResultsState.incomplete,
        "No recommendation: the fit is incomplete.",
        "No recommendation: this model's health rules it out. Read the checks below.",
    )
    none = notice(reason, tone="warning")
    return rx.cond(ResultsState.recommendations.length() > 0, card(numbered(ResultsState.recommendations)), none)


def _take_along() -> rx.Component:
    """Files of what is on screen, below every view; figures that a time limit cut short are only for looking at."""
    report = "/api/models/" + ResultsState.run_id + "/report."
    files = {"pdf": "Brief (PDF)", "pptx": "Slides (PPTX)", "xlsx": "Workbook (XLSX)", "html": "Web page (HTML)"}
    links = row(*(download_link(label, report + kind + ResultsState.file_query) for kind, label in files.items()))
    note = "Every report names its run, data range, range level and model health, and what is known of the data."
    return rx.cond(ResultsState.incomplete, rx.fragment(), section("Take it along", links, note=note))
