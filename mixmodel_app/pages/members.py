"""The people of the workspace: roles, removal, invitations."""

import asyncio
from dataclasses import dataclass
from typing import Any

import reflex as rx

from mixmodel_app.components.buttons import primary_button, quiet_button
from mixmodel_app.components.confirm import confirm
from mixmodel_app.components.copy_text import copy_text
from mixmodel_app.components.data_table import Column, data_table
from mixmodel_app.components.forms import field, select_input, text_input
from mixmodel_app.components.layout import card, grid, page_header, row, section, stack
from mixmodel_app.components.states import list_skeleton, notice
from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.errors import FieldError, InvalidInput
from mixmodel_app.pages._input import as_id
from mixmodel_app.pages._page import page
from mixmodel_app.services import invitations, members, recovery
from mixmodel_app.services.limits import Limit
from mixmodel_app.state.handlers import handler, loader
from mixmodel_app.state.session import SessionState
from mixmodel_app.wording import numbers

ROLES = tuple((role.value, role.value.capitalize()) for role in Role)
ROLE_HINT = "Viewers read. Members also upload data and run models. Admins also manage people."


@dataclass
class MemberRow:
    """One person."""

    id: str
    name: str
    email: str
    role: str
    seen: str
    is_me: bool


@dataclass
class InvitationRow:
    """One invitation that waits."""

    id: str
    email: str
    role: str
    ends: str


class MembersState(SessionState):
    """The people, the invitations that wait, and the link that was made last.

    Attributes:
        link: a link to hand over; it is told once and gone when the page is left.
        link_note: says what it is for.
        draft: changes whenever the form has to be emptied.
    """

    people: list[MemberRow] = []  # noqa: RUF012 (Reflex copies the default for every person)
    waiting: list[InvitationRow] = []  # noqa: RUF012
    link: str = ""
    link_note: str = ""
    draft: int = 0
    _email: str = ""
    _role: str = Role.MEMBER.value

    @loader(requires=Role.ADMIN)
    async def load(self, principal: Principal) -> None:
        """Everyone, and who has been invited. A page that only reconnects keeps what it holds."""
        if not self._returns():
            self.link = self.link_note = ""
            self._email, self._role = "", Role.MEMBER.value
        await self._show(principal)

    @handler(requires=Role.ADMIN)
    async def type_email(self, principal: Principal, email: str) -> None:
        """The email as it is typed."""
        self._email = email

    @handler(requires=Role.ADMIN)
    async def choose_role(self, principal: Principal, role: str) -> None:
        """The role that the next invitation gives."""
        self._role = _role(role).value

    @handler(requires=Role.ADMIN, limit=Limit.INVITE)
    async def invite(self, principal: Principal) -> None:
        """Make an invitation and show its link."""
        made = await asyncio.to_thread(invitations.create, principal, _role(self._role), self._email)
        who = made["email"] or invitations.ANYONE
        sent = " It was sent there too." if made["sent"] else ""
        self.link = made["link"]
        self.link_note = f"Invitation for {who}, as {made['role']}. It works once, for seven days.{sent}"
        self._email, self._role, self.draft = "", Role.MEMBER.value, self.draft + 1
        await self._show(principal)

    @handler(requires=Role.ADMIN)
    async def revoke(self, principal: Principal, invitation_id: str) -> None:
        """End an invitation."""
        await asyncio.to_thread(invitations.revoke, principal, as_id(invitation_id))
        self.link = self.link_note = ""
        await self._show(principal)

    @handler(requires=Role.ADMIN)
    async def change_role(self, principal: Principal, member_id: str, role: str) -> None:
        """Give someone another role."""
        try:
            await asyncio.to_thread(members.set_role, principal, as_id(member_id), _role(role))
        finally:
            await self._show(principal)

    @handler(requires=Role.ADMIN)
    async def remove(self, principal: Principal, member_id: str) -> None:
        """Take someone out of the workspace."""
        await asyncio.to_thread(members.remove, principal, as_id(member_id))
        await self._show(principal)

    @handler(requires=Role.ADMIN, limit=Limit.INVITE)
    async def make_reset_link(self, principal: Principal, member_id: str) -> None:
        """Make a link by which a member chooses a new password, and show it."""
        made = await asyncio.to_thread(recovery.link_for_member, principal, as_id(member_id))
        self.link = made["link"]
        self.link_note = f"New password for {made['email']}. Hand it over in person: it works once, for one hour."

    async def _show(self, principal: Principal) -> None:
        people = await asyncio.to_thread(members.every, principal)
        waiting = await asyncio.to_thread(invitations.waiting, principal)
        self.people = [_member_row(raw, principal) for raw in people]
        self.waiting = [_invitation_row(raw) for raw in waiting]


@page(
    "/settings/members",
    title="Members",
    requires=Role.ADMIN,
    parent="/settings",
    on_load=MembersState.load,
    skeleton=list_skeleton,
)
def members_page() -> rx.Component:
    """The people, then the way to more of them."""
    columns = (
        Column("name", "Name", render=_name),
        Column("role", "Role", render=_role_choice),
        Column("seen", "Last seen", numeric=True),
        Column("id", "Actions", render=_actions),
    )
    return stack(
        page_header("Members", "Who works in this workspace, and what they may do."),
        data_table(columns, MembersState.people, caption="Members"),
        rx.cond(MembersState.link, _link(), rx.fragment()),
        section("Invite", _invite_form(), note=ROLE_HINT),
        rx.cond(MembersState.waiting.length() > 0, _waiting(), rx.fragment()),
    )


def _link() -> rx.Component:
    return card(
        stack(
            rx.el.div(notice(MembersState.link_note, tone="success"), role="status"),
            copy_text(MembersState.link, name="handover-link", label="Copy the link"),
        )
    )


def _name(member: rx.Var[MemberRow]) -> rx.Component:
    mine = rx.cond(member.is_me, rx.el.span(" (you)", class_name="mm-hint"), rx.fragment())
    return rx.el.div(rx.el.span(member.name, mine), rx.el.span(member.email, class_name="mm-hint"), class_name="mm-two")


def _role_choice(member: rx.Var[MemberRow]) -> rx.Component:
    return rx.el.select(
        *(rx.el.option(label, value=value) for value, label in ROLES),
        value=member.role,
        on_change=lambda role: MembersState.change_role(member.id, role),
        aria_label="Role of " + member.name,
        class_name="mm-input mm-select",
    )


def _actions(member: rx.Var[MemberRow]) -> rx.Component:
    remove = confirm(
        quiet_button("Remove", icon_name="user-minus"),
        title="Remove this member?",
        text="They are signed out at once and see nothing of this workspace any more. What they made here stays.",
        action="Remove member",
        on_confirm=MembersState.remove(member.id),
    )
    link = quiet_button("Password link", icon_name="key-round", on_click=MembersState.make_reset_link(member.id))
    return rx.cond(member.is_me, rx.fragment(), rx.el.div(link, remove, class_name="mm-row-actions"))


def _invite_form() -> rx.Component:
    email = text_input(
        "email",
        type="email",
        hint=True,
        on_blur=MembersState.type_email,
        auto_complete="off",
        key="email-" + MembersState.draft.to_string(),
    )
    role = select_input(
        "role",
        ROLES,
        default_value=Role.MEMBER.value,
        on_change=MembersState.choose_role,
        key="role-" + MembersState.draft.to_string(),
    )
    return card(
        stack(
            grid(
                field("Email", email, name="email", hint="Left empty, whoever has the link may use it.", optional=True),
                field("Role", role, name="role"),
                columns=2,
            ),
            row(primary_button("Make invitation", icon_name="user-plus", on_click=MembersState.invite)),
        )
    )


def _waiting() -> rx.Component:
    columns = (
        Column("email", "For"),
        Column("role", "Role"),
        Column("ends", "Ends", numeric=True),
        Column("id", "Actions", render=_revoke),
    )
    return section("Waiting invitations", data_table(columns, MembersState.waiting, caption="Waiting invitations"))


def _revoke(invitation: rx.Var[InvitationRow]) -> rx.Component:
    return quiet_button("Revoke", icon_name="x", on_click=MembersState.revoke(invitation.id))


def _role(text: str) -> Role:
    """A role as the browser sends it."""
    try:
        return Role(text)
    except ValueError:
        problem = "must be viewer, member or admin"
        raise InvalidInput(f"The role {problem}.", errors=(FieldError("role", problem),)) from None


def _member_row(raw: dict[str, Any], principal: Principal) -> MemberRow:
    return MemberRow(
        id=raw["id"],
        name=raw["full_name"],
        email=raw["email"],
        role=raw["role"],
        seen=numbers.moment(raw["last_seen_at"]) if raw["last_seen_at"] else "Never",
        is_me=raw["id"] == str(principal.user_id),
    )


def _invitation_row(raw: dict[str, Any]) -> InvitationRow:
    who = raw["email"] or invitations.ANYONE.capitalize()
    return InvitationRow(raw["id"], who, raw["role"].capitalize(), numbers.date_text(raw["expires_at"]))
