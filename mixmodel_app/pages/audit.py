"""The audit log: who did what, on what, when and from where."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

import reflex as rx

from mixmodel_app.components.buttons import download_link, secondary_button
from mixmodel_app.components.data_table import Column, data_table
from mixmodel_app.components.forms import field, select_input, text_input
from mixmodel_app.components.layout import grid, page_header, row, stack
from mixmodel_app.components.states import list_skeleton, notice
from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.audit_log import Action
from mixmodel_app.domain.errors import FieldError, InvalidInput
from mixmodel_app.pages._page import page
from mixmodel_app.services import audit_log
from mixmodel_app.services.audit_log import AuditFilter
from mixmodel_app.state.handlers import handler, loader
from mixmodel_app.state.session import SessionState
from mixmodel_app.wording import numbers

PAGE_SIZE = 50
ACTIONS = (("", "Everything"), *sorted(((action.value, action.label) for action in Action), key=lambda pair: pair[1]))


@dataclass
class EventRow:
    """One event."""

    when: str
    who: str
    what: str
    subject: str
    address: str


class AuditState(SessionState):
    """The events that are wanted, one page after the other.

    Attributes:
        people: `[value, label]` of the choice of people.
        csv: address of the same events as CSV.
    """

    rows: list[EventRow] = []  # noqa: RUF012 (Reflex copies the default for every person)
    people: list[list[str]] = []  # noqa: RUF012
    next_cursor: str = ""
    csv: str = "/api/workspace/audit.csv"
    _actor: str = ""
    _action: str = ""
    _start: str = ""
    _end: str = ""

    @loader(requires=Role.ADMIN)
    async def load(self, principal: Principal) -> None:
        """The newest events of everyone. A page that only reconnects keeps its filters."""
        if not self._returns():
            self._actor = self._action = self._start = self._end = ""
        emails = await asyncio.to_thread(audit_log.actors, principal)
        self.people = [["", "Everyone"], *([email, email] for email in emails if email)]
        await self._show(principal)

    @handler(requires=Role.ADMIN)
    async def of_person(self, principal: Principal, email: str) -> None:
        """Only what one person did."""
        self._actor = email
        await self._show(principal)

    @handler(requires=Role.ADMIN)
    async def of_kind(self, principal: Principal, action: str) -> None:
        """Only events of one kind."""
        self._action = action
        await self._show(principal)

    @handler(requires=Role.ADMIN)
    async def from_day(self, principal: Principal, day: str) -> None:
        """Only what happened from this day on."""
        self._start = day
        await self._show(principal)

    @handler(requires=Role.ADMIN)
    async def to_day(self, principal: Principal, day: str) -> None:
        """Only what happened up to this day."""
        self._end = day
        await self._show(principal)

    @handler(requires=Role.ADMIN)
    async def more(self, principal: Principal) -> None:
        """Older events, below what is shown."""
        if self.next_cursor:
            await self._show(principal, self.next_cursor)

    async def _show(self, principal: Principal, cursor: str | None = None) -> None:
        wanted = AuditFilter(self._actor or None, _action(self._action), _day(self._start), _day(self._end, days=1))
        found = await asyncio.to_thread(audit_log.page, principal, wanted, PAGE_SIZE, cursor)
        rows = [_row(raw) for raw in found["items"]]
        self.rows = [*self.rows, *rows] if cursor else rows
        self.next_cursor = found["next_cursor"] or ""
        asked = {"actor": self._actor, "action": self._action, "from": self._start, "to": self._end}
        query = urlencode({name: value for name, value in asked.items() if value})
        self.csv = "/api/workspace/audit.csv" + (f"?{query}" if query else "")


@page(
    "/settings/audit",
    title="Audit log",
    requires=Role.ADMIN,
    parent="/settings",
    on_load=AuditState.load,
    skeleton=list_skeleton,
)
def audit() -> rx.Component:
    """The choice of events, and the events."""
    columns = (
        Column("when", "When"),
        Column("who", "Who"),
        Column("what", "What"),
        Column("subject", "On what", wraps=True),
        Column("address", "From"),
    )
    table = data_table(columns, AuditState.rows, caption="Audit log")
    return stack(
        page_header(
            "Audit log",
            "Who did what in this workspace, when and from where.",
            download_link("Download CSV", AuditState.csv),
        ),
        _choice(),
        rx.cond(AuditState.rows.length() > 0, table, notice("Nothing like this has happened.")),
        rx.cond(AuditState.next_cursor, row(secondary_button("Show more", on_click=AuditState.more)), rx.fragment()),
    )


def _choice() -> rx.Component:
    return grid(
        field("Person", select_input("person", AuditState.people, on_change=AuditState.of_person), name="person"),
        field("What", select_input("what", ACTIONS, on_change=AuditState.of_kind), name="what"),
        field("From day", text_input("from", type="date", on_change=AuditState.from_day), name="from"),
        field("To day", text_input("to", type="date", on_change=AuditState.to_day), name="to"),
        columns=4,
    )


def _action(text: str) -> Action | None:
    try:
        return Action(text) if text else None
    except ValueError:
        raise _wrong("what") from None


def _day(text: str, *, days: int = 0) -> datetime | None:
    """Midnight of a day as a browser sends it, or of one some days later; None for none."""
    if not text:
        return None
    try:
        return datetime.combine(date.fromisoformat(text) + timedelta(days=days), time(), UTC)
    except (ValueError, OverflowError):
        raise _wrong("day") from None


def _wrong(name: str) -> InvalidInput:
    return InvalidInput("This choice is not one of those offered.", errors=(FieldError(name, "is not valid"),))


def _row(raw: dict[str, Any]) -> EventRow:
    return EventRow(
        when=numbers.moment(raw["created_at"]),
        who=raw["actor"],
        what=Action(raw["action"]).label,
        subject=raw["subject"] or numbers.MISSING,
        address=raw["address"] or numbers.MISSING,
    )
