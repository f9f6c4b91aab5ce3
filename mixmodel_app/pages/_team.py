"""Below the results of a run: links for people without an account, and what the team has to say."""

import asyncio
from dataclasses import dataclass
from typing import Any

import reflex as rx

from mixmodel_app.components.buttons import primary_button, quiet_button, secondary_button
from mixmodel_app.components.confirm import confirm
from mixmodel_app.components.copy_text import copy_text
from mixmodel_app.components.data_table import Column, data_table
from mixmodel_app.components.forms import field, select_input
from mixmodel_app.components.layout import card, row, section, stack
from mixmodel_app.components.states import notice
from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.errors import InvalidInput
from mixmodel_app.pages._input import as_id
from mixmodel_app.services import comments, comparisons, shares
from mixmodel_app.services.limits import Limit
from mixmodel_app.services.results import View
from mixmodel_app.state.handlers import handler, loader
from mixmodel_app.state.session import SessionState
from mixmodel_app.wording import numbers

_VIEWS = ((View.EXECUTIVE.value, "Executive view"), (View.MANAGER.value, "Manager view"))
_SPANS = (("7", "for a week"), ("30", "for 30 days"), ("90", "for 90 days"))


@dataclass
class LinkRow:
    """One link to a run, without its token."""

    id: str
    view: str
    state: str
    made: str
    is_open: bool


@dataclass
class CommentRow:
    """One comment."""

    id: str
    author: str
    when: str
    text: str
    may_delete: bool


class TeamState(SessionState):
    """Links and comments of the run on screen.

    Attributes:
        newer: says that the run's data have a newer version, "" when they have not.
        address: of the link that was just made; its token is not kept anywhere else.
        draft: changes whenever the field for a comment has to be emptied.
    """

    may_write: bool = False
    links: list[LinkRow] = []  # noqa: RUF012 (Reflex copies the default for every person)
    comments: list[CommentRow] = []  # noqa: RUF012
    newer: str = ""
    view: str = View.EXECUTIVE.value
    days: str = "30"
    address: str = ""
    draft: int = 0
    _text: str = ""
    _run_id: str = ""

    @loader()
    async def load_team(self, principal: Principal) -> None:
        """Links and comments of the run in the address; nothing where it has no results."""
        run_id = self._route_param("run_id")
        if self._run_id != run_id:
            self.address, self._text = "", ""
        self._run_id, self.may_write = run_id, principal.role.rank >= Role.MEMBER.rank
        await self._show(principal)
        found = await asyncio.to_thread(comparisons.newer_data, principal, as_id(run_id))
        self.newer = found or ""

    @handler(requires=Role.MEMBER, limit=Limit.RUN)
    async def refresh(self, principal: Principal):
        """Fit the newest version of the data with the same settings, and go there."""
        started = await asyncio.to_thread(comparisons.refresh, principal, as_id(self._run_id))
        yield rx.redirect(f"/runs/{started['id']}")

    @handler(requires=Role.MEMBER)
    async def choose_view(self, principal: Principal, view: str) -> None:
        """What the next link shows."""
        if view not in dict(_VIEWS):
            raise InvalidInput("This view cannot be shared.", hint="Choose one from the list.")
        self.view = view

    @handler(requires=Role.MEMBER)
    async def choose_days(self, principal: Principal, days: str) -> None:
        """How long the next link works."""
        if days not in dict(_SPANS):
            raise InvalidInput("A link cannot work for so long.", hint="Choose one from the list.")
        self.days = days

    @handler(requires=Role.MEMBER, limit=Limit.SHARE)
    async def make_link(self, principal: Principal) -> None:
        """Make a link and show its address."""
        made = await asyncio.to_thread(shares.create, principal, as_id(self._run_id), View(self.view), int(self.days))
        self.address = f"{self.router.url.origin}{made['path']}"
        await self._show(principal)

    @handler(requires=Role.MEMBER)
    async def revoke(self, principal: Principal, share_id: str) -> None:
        """End a link at once."""
        await asyncio.to_thread(shares.revoke, principal, as_id(share_id))
        self.address = ""
        await self._show(principal)

    @handler(requires=Role.MEMBER)
    async def write(self, principal: Principal, text: str) -> None:
        """Keep what has been typed."""
        self._text = text

    @handler(requires=Role.MEMBER, limit=Limit.COMMENT)
    async def comment(self, principal: Principal) -> None:
        """Add what has been typed to the comments."""
        await asyncio.to_thread(comments.add, principal, as_id(self._run_id), self._text)
        self._text, self.draft = "", self.draft + 1
        await self._show(principal)

    @handler(requires=Role.MEMBER)
    async def forget(self, principal: Principal, comment_id: str) -> None:
        """Delete a comment."""
        await asyncio.to_thread(comments.delete, principal, as_id(comment_id))
        await self._show(principal)

    async def _show(self, principal: Principal) -> None:
        run_id = as_id(self._run_id)
        found = await asyncio.to_thread(shares.of_run, principal, run_id)
        self.links = [_link_row(raw) for raw in found if raw["is_open"]]
        self.comments = [_comment_row(raw) for raw in await asyncio.to_thread(comments.of_run, principal, run_id)]


def newer_data() -> rx.Component:
    """A run whose data have moved on says so, with the one thing to do about it."""
    again = secondary_button("Fit the newer data", icon_name="refresh-cw", on_click=TeamState.refresh)
    said = notice(TeamState.newer, action=rx.cond(TeamState.may_write, again, rx.fragment()))
    return rx.cond(TeamState.newer, said, rx.fragment())


def team_section() -> rx.Component:
    """Comments first: they are for everyone in the workspace; links for those who may make them."""
    return rx.fragment(
        section("Comments", _comments(), note="For everyone in this workspace."),
        rx.cond(TeamState.may_write, section("Share", _links(), note=_SHARE_NOTE), rx.fragment()),
    )


_SHARE_NOTE = "A link shows one view to anyone who has it, without an account, until it ends or you end it."


def _comments() -> rx.Component:
    written = rx.el.ul(rx.foreach(TeamState.comments, _comment), class_name="mm-comments")
    none = rx.el.p("Nobody has commented on this run.", class_name="mm-hint")
    form = stack(
        field(
            "Your comment",
            rx.el.textarea(
                default_value="",
                on_blur=TeamState.write,
                id="field-comment",
                name="comment",
                max_length=comments.LONGEST,
                rows=3,
                class_name="mm-input mm-textarea",
                key=TeamState.draft.to_string(),
            ),
            name="comment",
        ),
        row(primary_button("Comment", icon_name="message-square", on_click=TeamState.comment)),
    )
    return card(
        rx.cond(TeamState.comments.length() > 0, written, none),
        rx.cond(TeamState.may_write, form, rx.fragment()),
        class_name="mm-card mm-stack",
    )


def _comment(comment: Any) -> rx.Component:
    delete = confirm(
        quiet_button("Delete", icon_name="trash-2"),
        title="Delete this comment?",
        text="It is deleted for everyone in the workspace.",
        action="Delete comment",
        on_confirm=TeamState.forget(comment.id),
    )
    head = rx.el.div(rx.el.strong(comment.author), rx.el.span(comment.when, class_name="mm-hint"), class_name="mm-row")
    return rx.el.li(
        head, rx.el.p(comment.text, class_name="mm-comment-text"), rx.cond(comment.may_delete, delete, rx.fragment())
    )


def _links() -> rx.Component:
    made = stack(
        copy_text(TeamState.address, name="share-address", label="Copy the link"),
        rx.el.p("Copy it now: it is shown only this once.", class_name="mm-hint"),
    )
    return card(
        row(
            field(
                "View",
                select_input("share-view", _VIEWS, value=TeamState.view, on_change=TeamState.choose_view),
                name="share-view",
            ),
            field(
                "Works",
                select_input("share-days", _SPANS, value=TeamState.days, on_change=TeamState.choose_days),
                name="share-days",
            ),
            secondary_button("Make a link", icon_name="link", on_click=TeamState.make_link),
            class_name="mm-row mm-row-end",
        ),
        rx.cond(TeamState.address, made, rx.fragment()),
        rx.cond(TeamState.links.length() > 0, _open_links(), rx.fragment()),
        class_name="mm-card mm-stack",
    )


def _open_links() -> rx.Component:
    return data_table(
        (
            Column("view", "View"),
            Column("made", "Made"),
            Column("state", "Works until"),
            Column("id", "Actions", render=_revoke),
        ),
        TeamState.links,
        caption="Links that work",
    )


def _revoke(link: Any) -> rx.Component:
    return confirm(
        quiet_button("End", icon_name="link-2-off"),
        title="End this link?",
        text="Whoever has it sees nothing any more, at once.",
        action="End link",
        on_confirm=TeamState.revoke(link.id),
    )


def _link_row(raw: dict[str, Any]) -> LinkRow:
    return LinkRow(
        id=raw["id"],
        view=dict(_VIEWS).get(raw["view"], raw["view"]),
        state=numbers.date_text(raw["expires_at"]),
        made=numbers.date_text(raw["created_at"]),
        is_open=raw["is_open"],
    )


def _comment_row(raw: dict[str, Any]) -> CommentRow:
    return CommentRow(
        id=raw["id"],
        author=raw["author"],
        when=numbers.date_text(raw["created_at"]),
        text=raw["text"],
        may_delete=raw["may_delete"],
    )
