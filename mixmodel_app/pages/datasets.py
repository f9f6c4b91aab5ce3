"""All datasets of the workspace."""

import asyncio

import reflex as rx

from mixmodel_app.components.buttons import link_button, quiet_button, secondary_button, text_link
from mixmodel_app.components.confirm import confirm
from mixmodel_app.components.data_table import Column, data_table
from mixmodel_app.components.layout import page_header, row, stack
from mixmodel_app.components.states import empty_state, list_skeleton
from mixmodel_app.components.status_badge import status_badge
from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.pages._input import as_id
from mixmodel_app.pages._page import page
from mixmodel_app.pages._rows import DatasetRow, dataset_row
from mixmodel_app.services import datasets
from mixmodel_app.state.handlers import handler, loader
from mixmodel_app.state.session import SessionState

PAGE_SIZE = 25


class DatasetsState(SessionState):
    """The list, one page after the other."""

    rows: list[DatasetRow] = []  # noqa: RUF012 (Reflex copies the default for every person)
    next_cursor: str = ""

    @loader()
    async def load(self, principal: Principal) -> None:
        """The newest datasets."""
        found = await asyncio.to_thread(datasets.page, principal, PAGE_SIZE)
        self.rows = [dataset_row(raw) for raw in found["items"]]
        self.next_cursor = found["next_cursor"] or ""

    @handler()
    async def more(self, principal: Principal) -> None:
        """The next page, below what is shown."""
        if not self.next_cursor:
            return
        found = await asyncio.to_thread(datasets.page, principal, PAGE_SIZE, self.next_cursor)
        self.rows = [*self.rows, *(dataset_row(raw) for raw in found["items"])]
        self.next_cursor = found["next_cursor"] or ""

    @handler(requires=Role.MEMBER)
    async def delete(self, principal: Principal, dataset_id: str) -> None:
        """Delete one dataset with its runs."""
        await asyncio.to_thread(datasets.delete, principal, as_id(dataset_id))
        self.rows = [shown for shown in self.rows if shown.id != dataset_id]


@page(
    "/datasets",
    title="Datasets",
    nav="Datasets",
    icon="table-2",
    order=2,
    on_load=DatasetsState.load,
    skeleton=list_skeleton,
)
def index() -> rx.Component:
    """The list, or what to do when it is empty."""
    return rx.cond(DatasetsState.rows.length() > 0, _list(), _empty())


def _list() -> rx.Component:
    return stack(
        page_header(
            "Datasets",
            "Every file, how far it has come, and what it covers.",
            link_button("Upload data", "/datasets/new", icon_name="upload", primary=True),
        ),
        data_table(
            (
                Column("name", "Dataset", href="href"),
                Column("status", "Status", render=lambda found: status_badge(found.status)),
                Column("period", "Period"),
                Column("rows", "Rows", numeric=True),
                Column("uploaded", "Uploaded", numeric=True),
                Column("id", "Actions", render=_actions),
            ),
            DatasetsState.rows,
            caption="Datasets",
        ),
        rx.cond(
            DatasetsState.next_cursor,
            row(secondary_button("Show more", on_click=DatasetsState.more)),
            rx.fragment(),
        ),
    )


def _actions(found: rx.Var[DatasetRow]) -> rx.Component:
    delete = confirm(
        quiet_button("Delete", icon_name="trash-2"),
        title="Delete this dataset?",
        text="The file and every run on it are deleted for everyone in the workspace. This cannot be undone.",
        action="Delete dataset",
        on_confirm=DatasetsState.delete(found.id),
    )
    newer = text_link("New version", "/datasets/new?of=" + found.id)
    return row(rx.cond(found.is_sample, rx.fragment(), newer), delete)


def _empty() -> rx.Component:
    return empty_state(
        "No data yet",
        "A dataset is one table: a row for each week or day, with what you sold and what you spent on each channel.",
        link_button("Upload data", "/datasets/new", icon_name="upload", primary=True),
        icon_name="table-2",
        level=1,
    )
