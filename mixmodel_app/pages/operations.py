"""Whether the installation works: its parts, the queue, the workers, and runs that failed."""

import asyncio
from dataclasses import dataclass
from typing import Any

import reflex as rx

from mixmodel_app.components.buttons import plain_link, quiet_button, quiet_link, secondary_button
from mixmodel_app.components.data_table import Column, data_table
from mixmodel_app.components.icons import icon
from mixmodel_app.components.layout import card, fact_list, grid, page_header, section, stack
from mixmodel_app.components.stat import stat
from mixmodel_app.components.states import notice, page_skeleton
from mixmodel_app.components.status_badge import status_badge
from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.pages._input import as_id
from mixmodel_app.pages._page import page
from mixmodel_app.pages._rows import duration
from mixmodel_app.services import installation, runs
from mixmodel_app.services.installation import WorkerView
from mixmodel_app.services.limits import Limit
from mixmodel_app.state.handlers import handler, loader
from mixmodel_app.state.session import SessionState
from mixmodel_app.wording import numbers, operations


@dataclass
class PartRow:
    """A part of the installation."""

    name: str
    state: str
    meaning: str


@dataclass
class WorkerRow:
    """A worker; `href` leads to what it fits, "" for what is not to be seen."""

    name: str
    state: str
    doing: str
    href: str
    place: str


@dataclass
class FailedRow:
    """A run that failed."""

    id: str
    name: str
    when: str
    reason: str
    href: str


class OperationsState(SessionState):
    """What is shown, all of it as texts.

    Attributes:
        facts, sizes: `[label, value]` pairs: versions, and what is used.
        operator: whether this person sees the whole installation.
    """

    waiting: str = ""
    oldest: str = ""
    workers_count: str = ""
    workers_note: str = ""
    used: str = ""
    parts: list[PartRow] = []  # noqa: RUF012 (Reflex copies the default for every person)
    workers: list[WorkerRow] = []  # noqa: RUF012
    failed: list[FailedRow] = []  # noqa: RUF012
    facts: list[list[str]] = []  # noqa: RUF012
    sizes: list[list[str]] = []  # noqa: RUF012
    operator: bool = False

    @loader(requires=Role.ADMIN)
    async def load(self, principal: Principal) -> None:
        """How things are now."""
        found = await asyncio.to_thread(installation.overview, principal)
        busy = sum(worker.busy for worker in found.workers)
        self.operator = installation.is_operator(principal)
        self.waiting = numbers.count(found.waiting)
        self.oldest = f"the first for {duration(found.oldest_s)}" if found.waiting else "nobody waits"
        self.workers_count, self.workers_note = (
            numbers.count(len(found.workers)),
            f"{numbers.count(busy)} busy with a fit",
        )
        self.used = operations.size(found.used)
        self.parts = [_part_row(name, state) for name, state in found.checks.items()]
        self.workers = [_worker_row(number, one) for number, one in enumerate(found.workers, start=1)]
        self.failed = [_failed_row(raw) for raw in found.failed]
        self.facts = [list(pair) for pair in found.versions]
        self.sizes = [[label, operations.size(size)] for label, size in found.whole]

    @handler(requires=Role.ADMIN, limit=Limit.RUN)
    async def retry(self, principal: Principal, run_id: str):
        """Start a failed run again, as a new one."""
        run = await asyncio.to_thread(runs.start_again, principal, as_id(run_id))
        yield rx.redirect(f"/runs/{run['id']}")


@page(
    "/admin",
    title="Operations",
    nav="Operations",
    icon="server",
    order=95,
    requires=Role.ADMIN,
    on_load=OperationsState.load,
    skeleton=page_skeleton,
)
def operations_page() -> rx.Component:
    """Numbers first, then what is wrong, then the rest."""
    return stack(
        page_header(
            "Operations",
            "Whether everything that MixModel needs is at work.",
            secondary_button("Look again", icon_name="rotate-cw", on_click=OperationsState.load),
        ),
        grid(
            stat("Runs that wait", OperationsState.waiting, note=OperationsState.oldest),
            stat("Workers", OperationsState.workers_count, note=OperationsState.workers_note),
            stat("Files of this workspace", OperationsState.used),
        ),
        section("Parts", _parts()),
        section("Failed runs", _failed(), note="Of this workspace, newest first."),
        section("Workers", _workers(), note="They fit the runs of everybody who works here."),
        section("Versions", card(fact_list(OperationsState.facts))),
        rx.cond(OperationsState.operator, _whole(), rx.fragment()),
    )


def _parts() -> rx.Component:
    columns = (
        Column("name", "Part"),
        Column("state", "State", render=lambda part: status_badge(part.state)),
        Column("meaning", "What it is for", wraps=True),
    )
    return data_table(columns, OperationsState.parts, caption="Parts of the installation")


def _failed() -> rx.Component:
    columns = (
        Column("name", "Run", href="href"),
        Column("when", "Ended"),
        Column("reason", "Why", wraps=True),
        Column("id", "Actions", render=_again),
    )
    table = data_table(columns, OperationsState.failed, caption="Failed runs")
    return rx.cond(OperationsState.failed.length() > 0, table, notice("No run has failed.", tone="success"))


def _again(run: rx.Var[FailedRow]) -> rx.Component:
    return quiet_button("Run again", icon_name="rotate-cw", on_click=OperationsState.retry(run.id))


def _workers() -> rx.Component:
    columns = (
        Column("name", "Worker"),
        Column("state", "State", render=lambda worker: status_badge(worker.state)),
        Column("doing", "Run", render=_doing),
        Column("place", "Where"),
    )
    table = data_table(columns, OperationsState.workers, caption="Workers")
    nobody = notice("No worker is alive, so runs wait. Start one with `mixmodel worker`.", tone="error")
    return rx.cond(OperationsState.workers.length() > 0, table, nobody)


def _doing(worker: rx.Var[WorkerRow]) -> rx.Component:
    return rx.cond(worker.href, rx.link(worker.doing, href=worker.href, underline="hover"), rx.el.span(worker.doing))


def _whole() -> rx.Component:
    dashboard = quiet_link(plain_link(icon("list-ordered", size=16), "Jobs of the queue", href="/admin/rq/"))
    note = "For operators: of everybody who works here."
    return section("Whole installation", card(fact_list(OperationsState.sizes)), note=note, action=dashboard)


def _part_row(name: str, state: str) -> PartRow:
    label, meaning = operations.part(name)
    return PartRow(label, "up" if state == "ok" else "down", meaning)


def _worker_row(number: int, one: WorkerView) -> WorkerRow:
    doing = operations.doing(busy=one.busy, run=one.run, run_id=one.run_id)
    href = f"/runs/{one.run_id}" if one.run else ""
    place = one.place or numbers.MISSING
    return WorkerRow(f"Worker {number}", "busy" if one.busy else "idle", doing, href, place)


def _failed_row(raw: dict[str, Any]) -> FailedRow:
    return FailedRow(
        id=raw["id"],
        name=raw["name"],
        when=numbers.moment(raw["completed_at"]) if raw["completed_at"] else numbers.MISSING,
        reason=raw["error_message"] or numbers.MISSING,
        href=f"/runs/{raw['id']}",
    )
