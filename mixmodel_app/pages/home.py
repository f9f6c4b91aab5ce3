"""The start page: what the workspace has, what to do next, and for a new one the way in."""

import asyncio

import reflex as rx

from mixmodel_app.components.buttons import link_button, primary_button, secondary_button, text_link
from mixmodel_app.components.confirm import confirm
from mixmodel_app.components.data_table import Column, data_table
from mixmodel_app.components.icons import icon
from mixmodel_app.components.layout import card, grid, numbered, page_header, row, section, stack
from mixmodel_app.components.stat import stat
from mixmodel_app.components.states import empty_state, notice
from mixmodel_app.components.status_badge import status_badge
from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.pages._page import page
from mixmodel_app.pages._rows import DatasetRow, RunRow, dataset_row, run_row
from mixmodel_app.services import sample, workspace
from mixmodel_app.state.handlers import handler, loader
from mixmodel_app.state.session import SessionState
from mixmodel_app.wording import numbers


class HomeState(SessionState):
    """Counts, recent work and the next move."""

    workspace_name: str = ""
    datasets: str = ""
    completed: str = ""
    average_return: str = ""
    runs: list[RunRow] = []  # noqa: RUF012 (Reflex copies the default for every person)
    recent_datasets: list[DatasetRow] = []  # noqa: RUF012
    recommendations: list[str] = []  # noqa: RUF012
    is_empty: bool = True
    has_sample: bool = False
    has_data: bool = False
    has_run: bool = False
    opening_sample: bool = False

    @loader()
    async def load(self, principal: Principal) -> None:
        """Bring the numbers of the workspace."""
        found = await asyncio.to_thread(workspace.stats, principal)
        self.workspace_name = (await asyncio.to_thread(workspace.get, principal))["name"]
        self.datasets = numbers.count(found["total_datasets"])
        self.completed = f"{found['completed_runs']} of {found['total_runs']}"
        self.average_return = numbers.roas(found["average_roas"])
        self.runs = [run_row(run) for run in found["recent_runs"]]
        self.recent_datasets = [dataset_row(row) for row in found["recent_datasets"]]
        self.recommendations = found["recommendations"]
        self.is_empty = found["total_datasets"] == 0
        self.has_sample = any(row["is_sample"] for row in found["recent_datasets"])
        self.has_data = any(not row["is_sample"] for row in found["recent_datasets"])
        self.has_run = any(not run["is_sample"] for run in found["recent_runs"])
        self.opening_sample = False

    @handler(requires=Role.MEMBER)
    async def open_sample(self, principal: Principal):
        """Put the sample project into this workspace and go to its results, or to its fit while that runs."""
        self.opening_sample = True
        yield
        try:
            found = await asyncio.to_thread(sample.load, principal)
        finally:
            self.opening_sample = False
        yield rx.redirect(f"/{'results' if found.status == 'completed' else 'runs'}/{found.run_id}")

    @handler(requires=Role.MEMBER)
    async def remove_sample(self, principal: Principal):
        """Delete the sample project."""
        await asyncio.to_thread(sample.remove, principal)
        yield HomeState.load


@page("/", title="Home", nav="Home", icon="house", order=1, on_load=HomeState.load)
def home() -> rx.Component:
    """The first run, or the workspace at a glance."""
    return rx.cond(HomeState.is_empty, _first_run(), _overview())


def _first_run() -> rx.Component:
    return stack(
        empty_state(
            "See what your marketing returns",
            "MixModel reads your spend and sales, fits a Bayesian model and says what each channel brought back, "
            "how sure that is, and where the next money should go. The sample is a retailer with three years of "
            "weekly data and a finished run.",
            primary_button(
                "Try with sample data",
                icon_name="sparkles",
                on_click=HomeState.open_sample,
                loading=HomeState.opening_sample,
            ),
            link_button("Upload your data", "/datasets/new", icon_name="upload"),
            icon_name="chart-no-axes-combined",
            level=1,
        ),
        rx.el.ol(
            _step("Upload", "One row per week (or day), a column for sales and one for each channel's spend."),
            _step("Fit", "The data is checked, then a Bayesian model is fitted while you watch."),
            _step("Decide", "Read returns with their likely ranges, and plan the next budget."),
            class_name="mm-path",
        ),
    )


def _step(title: str, text: str) -> rx.Component:
    return rx.el.li(rx.el.strong(title), rx.el.span(text))


def _overview() -> rx.Component:
    return stack(
        page_header(
            "Home",
            HomeState.workspace_name,
            link_button("Upload data", "/datasets/new", icon_name="upload", primary=True),
        ),
        rx.cond(HomeState.has_sample, _sample_notice(), rx.fragment()),
        grid(
            stat("Datasets", HomeState.datasets),
            stat("Completed runs", HomeState.completed),
            stat("Average return per 1 spent", HomeState.average_return, note="all channels, latest usable runs"),
        ),
        rx.cond(HomeState.has_run, rx.fragment(), _checklist()),
        rx.cond(HomeState.recommendations.length() > 0, _recommendations(), rx.fragment()),
        section("Recent runs", _runs(), action=text_link("All runs", "/runs")),
        section("Recent datasets", _datasets(), action=text_link("All datasets", "/datasets")),
    )


def _sample_notice() -> rx.Component:
    return notice(
        "Sample data: a simulated retailer whose true returns are known. It is yours to explore.",
        action=row(
            secondary_button("Open results", on_click=HomeState.open_sample, loading=HomeState.opening_sample),
            confirm(
                secondary_button("Delete sample", icon_name="trash-2"),
                title="Delete the sample project?",
                text="Its dataset and run are removed from this workspace. Nothing else is touched.",
                action="Delete sample",
                on_confirm=HomeState.remove_sample,
            ),
        ),
    )


def _checklist() -> rx.Component:
    """The way to a first answer; gone after the first own run."""
    return card(
        rx.el.ol(
            _task(HomeState.has_data, "Upload your data", "/datasets/new"),
            _task(HomeState.has_run, "Fit a model", "/datasets"),
            _task(False, "Read what each channel returned", "/runs"),
            _task(False, "Plan the next budget", "/runs"),
            class_name="mm-checklist",
        ),
        title="To your first answer",
    )


def _task(done: bool | rx.Var[bool], text: str, href: str) -> rx.Component:
    mark = rx.cond(done, icon("circle-check", size=18), icon("circle", size=18))
    word = rx.cond(done, rx.el.span("Done: ", class_name="mm-visually-hidden"), rx.fragment())
    return rx.el.li(mark, word, text_link(text, href), custom_attrs={"data-done": rx.cond(done, "true", "false")})


def _recommendations() -> rx.Component:
    return section("What to do next", card(numbered(HomeState.recommendations)), note="From your latest completed run.")


def _runs() -> rx.Component:
    table = data_table(
        (
            Column("name", "Run", href="href"),
            Column("status", "Status", render=lambda run: status_badge(run.status)),
            Column("mode", "Mode"),
            Column("started", "Started", numeric=True),
        ),
        HomeState.runs,
        caption="Recent runs",
    )
    return rx.cond(
        HomeState.runs.length() > 0,
        table,
        notice("No run yet. Open a dataset that is ready and start one.", action=text_link("Datasets", "/datasets")),
    )


def _datasets() -> rx.Component:
    return data_table(
        (
            Column("name", "Dataset", href="href"),
            Column("status", "Status", render=lambda found: status_badge(found.status)),
            Column("period", "Period"),
            Column("rows", "Rows", numeric=True),
        ),
        HomeState.recent_datasets,
        caption="Recent datasets",
    )
