"""The answer of one run in three views: executive, manager, analyst. The view is in the address."""

import asyncio

import reflex as rx

from mixmodel_app.charts.base import ChartOptions, charts_for
from mixmodel_app.components.buttons import download_link, link_button, text_link
from mixmodel_app.components.chart_frame import ChartData, chart_frame
from mixmodel_app.components.data_table import Column, data_table
from mixmodel_app.components.layout import card, fact_list, numbered, page_header, row, section, stack
from mixmodel_app.components.stat import stat
from mixmodel_app.components.states import notice, results_skeleton
from mixmodel_app.components.status_badge import status_badge
from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.results import HealthStatus, ModelResults
from mixmodel_app.pages._charts import chart_data
from mixmodel_app.pages._input import as_id
from mixmodel_app.pages._page import page
from mixmodel_app.pages._result_channels import channel_section
from mixmodel_app.pages._result_rows import (
    ChannelRow,
    CheckRow,
    ParameterRow,
    channel_rows,
    check_rows,
    parameter_rows,
    return_texts,
    run_facts,
)
from mixmodel_app.services import results, runs
from mixmodel_app.services.results import View
from mixmodel_app.state.handlers import loader
from mixmodel_app.state.session import SessionState
from mixmodel_app.wording import insights, numbers
from mixmodel_app.wording.runs import INCOMPLETE

VIEWS = ((View.EXECUTIVE, "Executive"), (View.MANAGER, "Manager"), (View.ANALYST, "Analyst"))


class ResultsState(SessionState):
    """One view of one run: texts and figures, nothing else."""

    run_id: str = ""
    name: str = ""
    period: str = ""
    view: str = View.EXECUTIVE.value
    is_sample: bool = False
    headline: str = ""
    health: str = ""
    health_sentence: str = ""
    health_reason: str = ""
    checks: list[CheckRow] = []  # noqa: RUF012 (Reflex copies the default for every person)
    spend: str = ""
    revenue: str = ""
    returned: str = ""
    returned_range: str = ""
    media_share: str = ""
    recommendations: list[str] = []  # noqa: RUF012
    channels: list[ChannelRow] = []  # noqa: RUF012
    tells_learning: bool = False
    incomplete: bool = False
    parameters: list[ParameterRow] = []  # noqa: RUF012
    facts: list[list[str]] = []  # noqa: RUF012
    charts: list[ChartData] = []  # noqa: RUF012

    @rx.var
    def tab_title(self) -> str:
        """Title of the tab."""
        label = {view.value: label for view, label in VIEWS}[self.view]
        return f"{label} results – {self.name}" if self.name else "Results"

    @loader()
    async def load(self, principal: Principal):
        """The view that the address names."""
        run_id = as_id(self._route_param("run_id"))
        run = await asyncio.to_thread(runs.get, principal, run_id)
        if run["status"] != "completed" and not run["incomplete"]:
            yield rx.redirect(f"/runs/{run_id}")
            return
        asked = self._query_param("view")
        self.view = asked if asked in set(View) else View.EXECUTIVE.value
        self.run_id, self.name, self.is_sample = run["id"], run["name"], run["is_sample"]
        found = await asyncio.to_thread(results.get, principal, run_id)
        self._show_head(found)
        self.charts = await asyncio.to_thread(_charts, found, self.view)
        if self.view == View.EXECUTIVE:
            self.recommendations = await asyncio.to_thread(results.recommendations, principal, run_id)
        elif self.view == View.MANAGER:
            self.channels = channel_rows(found)
            self.tells_learning = any(channel.learning for channel in found.channels)
        else:
            self.parameters = parameter_rows(found)
            self.facts = run_facts(found, run["config"])

    def _show_head(self, found: ModelResults) -> None:
        parts = found.decomposition.breakdown()
        self.incomplete = found.incomplete
        self.period = numbers.date_range(found.date_start, found.date_end)
        self.headline = insights.headline(found)
        self.health, self.health_sentence = found.verdict.value, insights.health_sentence(found)
        self.health_reason = insights.health_reason(found)
        self.checks = check_rows(found)
        self.spend, self.revenue = numbers.money(found.total_spend), numbers.money(found.total_target)
        self.returned, self.returned_range = return_texts(found.blended_roas)
        self.media_share = numbers.percent(parts.media / parts.total) if parts.total else numbers.MISSING


@page(
    "/results/[run_id]",
    title=ResultsState.tab_title,
    parent="/runs",
    on_load=ResultsState.load,
    skeleton=results_skeleton,
)
def results_page() -> rx.Component:
    """The head that all views share, then the view."""
    return stack(
        page_header(
            ResultsState.name,
            ResultsState.period,
            _next_step(),
            badge=rx.cond(ResultsState.is_sample, rx.badge("Sample data", high_contrast=True, size="2")),
        ),
        rx.cond(ResultsState.incomplete, notice(INCOMPLETE, tone="warning"), rx.fragment()),
        _tabs(),
        rx.cond(
            ResultsState.health == HealthStatus.DO_NOT_USE.value,
            notice(ResultsState.health_sentence, tone="error", title="Do not use this model for decisions"),
            rx.fragment(),
        ),
        rx.match(
            ResultsState.view,
            (View.MANAGER.value, _manager()),
            (View.ANALYST.value, _analyst()),
            _executive(),
        ),
    )


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
                "/results/" + ResultsState.run_id + f"?view={view.value}",
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
                stat("Return per 1 spent", ResultsState.returned, ResultsState.returned_range, "median, 94 % range"),
                stat("Share brought in by media", ResultsState.media_share, note="of the outcome in this period"),
                _health_stat(),
                class_name="mm-answer-numbers",
            ),
            _all_charts(),
            class_name="mm-answer",
        ),
        section("What to do next", _recommendations()),
        section("Model health", _health_table(), note="Named checks with their evidence."),
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


def _health_table() -> rx.Component:
    return data_table(
        (
            Column("title", "Check"),
            Column("status", "Status", render=lambda check: status_badge(check.status)),
            Column("evidence", "Evidence", wraps=True),
        ),
        ResultsState.checks,
        caption="Checks of the model's health",
    )


def _manager() -> rx.Component:
    return stack(
        channel_section(ResultsState.channels, tells_learning=ResultsState.tells_learning),
        _all_charts(),
    )


def _analyst() -> rx.Component:
    return stack(
        section("Model health", _health_table()),
        _all_charts(),
        section(
            "Parameters",
            data_table(
                (
                    Column("name", "Parameter", render=lambda found: rx.el.code(found.name)),
                    Column("mean", "Mean", numeric=True),
                    Column("std", "SD", numeric=True),
                    Column("range", "94 % HDI", numeric=True),
                    Column("rhat", "R-hat", numeric=True),
                    Column("ess_bulk", "ESS bulk", numeric=True),
                    Column("ess_tail", "ESS tail", numeric=True),
                ),
                ResultsState.parameters,
                caption="Posterior of every parameter",
            ),
            note="On the model's scale.",
        ),
        section("Configuration and data", card(fact_list(ResultsState.facts))),
        rx.cond(ResultsState.incomplete, rx.fragment(), _downloads()),
    )


def _downloads() -> rx.Component:
    address = "/api/models/" + ResultsState.run_id
    return row(
        download_link("Model (NetCDF)", address + "/artifact"), download_link("Results (JSON)", address + "/results")
    )


def _all_charts() -> rx.Component:
    return rx.el.div(rx.foreach(ResultsState.charts, chart_frame), class_name="mm-charts")


def _charts(found: ModelResults, view: str) -> list[ChartData]:
    options = ChartOptions()
    return [chart_data(chart.build(found, options)) for chart in charts_for(view)]
