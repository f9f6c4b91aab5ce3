"""All runs of the workspace."""

import asyncio

import reflex as rx

from mixmodel_app.components.buttons import link_button, quiet_button, secondary_button
from mixmodel_app.components.confirm import confirm
from mixmodel_app.components.data_table import Column, data_table
from mixmodel_app.components.layout import page_header, row, stack
from mixmodel_app.components.states import empty_state, list_skeleton
from mixmodel_app.components.status_badge import status_badge
from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.pages._input import as_id
from mixmodel_app.pages._page import page
from mixmodel_app.pages._rows import RunRow, run_row
from mixmodel_app.services import runs
from mixmodel_app.state.handlers import handler, loader
from mixmodel_app.state.session import SessionState

PAGE_SIZE = 25


class RunsState(SessionState):
    """The list, one page after the other."""

    rows: list[RunRow] = []  # noqa: RUF012 (Reflex copies the default for every person)
    next_cursor: str = ""

    @loader()
    async def load(self, principal: Principal) -> None:
        """The newest runs."""
        found = await asyncio.to_thread(runs.page, principal, PAGE_SIZE)
        self.rows = [run_row(raw) for raw in found["items"]]
        self.next_cursor = found["next_cursor"] or ""

    @handler()
    async def more(self, principal: Principal) -> None:
        """The next page, below what is shown."""
        if not self.next_cursor:
            return
        found = await asyncio.to_thread(runs.page, principal, PAGE_SIZE, self.next_cursor)
        self.rows = [*self.rows, *(run_row(raw) for raw in found["items"])]
        self.next_cursor = found["next_cursor"] or ""

    @handler(requires=Role.MEMBER)
    async def delete(self, principal: Principal, run_id: str) -> None:
        """Delete one run with its results."""
        await asyncio.to_thread(runs.delete, principal, as_id(run_id))
        self.rows = [shown for shown in self.rows if shown.id != run_id]


@page("/runs", title="Runs", nav="Runs", icon="activity", order=3, on_load=RunsState.load, skeleton=list_skeleton)
def index() -> rx.Component:
    """The list, or what to do when it is empty."""
    return rx.cond(RunsState.rows.length() > 0, _list(), _empty())


def _list() -> rx.Component:
    return stack(
        page_header(
            "Runs", "Every fit of a model, newest first.", link_button("Compare", "/compare", icon_name="git-compare")
        ),
        data_table(
            (
                Column("name", "Run", href="href"),
                Column("status", "Status", render=lambda run: status_badge(run.status)),
                Column("mode", "Mode"),
                Column("started", "Started", numeric=True),
                Column("took", "Took", numeric=True),
                Column("id", "Actions", render=_actions),
            ),
            RunsState.rows,
            caption="Runs",
        ),
        rx.cond(RunsState.next_cursor, row(secondary_button("Show more", on_click=RunsState.more)), rx.fragment()),
    )


def _actions(run: rx.Var[RunRow]) -> rx.Component:
    return confirm(
        quiet_button("Delete", icon_name="trash-2"),
        title="Delete this run?",
        text="Its results and its model file are deleted for everyone in the workspace. This cannot be undone.",
        action="Delete run",
        on_confirm=RunsState.delete(run.id),
    )


def _empty() -> rx.Component:
    return empty_state(
        "No run yet",
        "A run fits the model to a dataset that passed its checks, and keeps the answer.",
        link_button("Go to datasets", "/datasets", icon_name="table-2", primary=True),
        icon_name="activity",
        level=1,
    )
