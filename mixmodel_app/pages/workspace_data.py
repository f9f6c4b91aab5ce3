"""Everything of the workspace at once: take it away, or delete it."""

import asyncio

import reflex as rx

from mixmodel_app.components.account_form import account_errors
from mixmodel_app.components.buttons import danger_button, download_link
from mixmodel_app.components.forms import field, native_form, text_input
from mixmodel_app.components.layout import card, page_header, row, section, stack
from mixmodel_app.components.states import notice
from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.pages._page import page
from mixmodel_app.services import members, workspace
from mixmodel_app.state.handlers import loader
from mixmodel_app.state.session import SessionState


class WorkspaceDataState(SessionState):
    """What would be deleted."""

    workspace_name: str = ""
    what_goes: str = ""

    @loader(requires=Role.ADMIN)
    async def load(self, principal: Principal) -> None:
        """Count what is there."""
        self.workspace_name = (await asyncio.to_thread(workspace.get, principal))["name"]
        found = await asyncio.to_thread(workspace.stats, principal)
        people = len(await asyncio.to_thread(members.every, principal))
        datasets = _counted(found["total_datasets"], "dataset")
        self.what_goes = (
            f"{datasets}, {_counted(found['total_runs'], 'run')} with their results, every link, scenario and comment, "
            f"the audit log, and {_counted(people, 'account')}, yours included. Nobody can bring it back."
        )


@page(
    "/settings/data",
    title="Export and deletion",
    requires=Role.ADMIN,
    parent="/settings",
    on_load=WorkspaceDataState.load,
)
def workspace_data() -> rx.Component:
    """The archive, then the way out."""
    archive = stack(
        rx.el.p(
            "One ZIP with every dataset as it was uploaded and as it is now, every run with its results and model, "
            "scenarios, comments, people and the audit log. Passwords and the tokens of links are not in it.",
            class_name="mm-quiet",
        ),
        row(download_link("Download everything", "/api/workspace/export")),
    )
    return stack(
        page_header("Export and deletion", WorkspaceDataState.workspace_name),
        section("Take everything away", card(archive)),
        section(
            "Delete the workspace", account_errors("delete", invalid_input="The name was not typed right."), _delete()
        ),
    )


def _delete() -> rx.Component:
    typed = text_input("name", hint=True, required=True, auto_complete="off")
    form = native_form(
        field(
            "Name of the workspace",
            typed,
            name="name",
            hint="Type " + WorkspaceDataState.workspace_name + " to say that you mean it.",
        ),
        danger_button("Delete everything", icon_name="trash-2", type="submit"),
        action="/api/session/delete-workspace",
        class_name="mm-form mm-form-narrow",
        data_session_form="leave",
    )
    return card(stack(notice(WorkspaceDataState.what_goes, tone="warning", title="This deletes"), form))


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
