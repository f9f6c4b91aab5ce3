"""One run while it moves, and how it ended."""

import asyncio
import time
from contextlib import aclosing
from typing import Any

import reflex as rx

from mixmodel_app.components.buttons import danger_button, link_button, primary_button
from mixmodel_app.components.confirm import confirm
from mixmodel_app.components.layout import card, page_header, row, stack
from mixmodel_app.components.live_fit import ChainRow, provisional_returns, sampler_detail
from mixmodel_app.components.range_bars import RangeBars
from mixmodel_app.components.run_progress import run_progress
from mixmodel_app.components.states import notice
from mixmodel_app.components.status_badge import status_badge
from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.live import LiveFit
from mixmodel_app.domain.run import ProgressEvent, RunStatus, Stage
from mixmodel_app.pages._dataset_columns import mapping_in_order
from mixmodel_app.pages._input import as_id
from mixmodel_app.pages._live_rows import WAITING, chain_rows, provisional_note, ranges_of
from mixmodel_app.pages._look import look_at
from mixmodel_app.pages._page import page
from mixmodel_app.pages._range_rows import Scale, bars, channel_colours, empty_bars
from mixmodel_app.pages._rows import duration_between
from mixmodel_app.services import datasets, run_watch, runs
from mixmodel_app.services.limits import Limit
from mixmodel_app.state.handlers import handler, loader
from mixmodel_app.state.session import SessionState
from mixmodel_app.wording.runs import INCOMPLETE, duration

IDLE_S = 2.0
"""How often to look at the row while the stream is silent."""

ANNOUNCE_S = 10.0
"""A screen reader hears of progress at most this often."""


class RunState(SessionState):
    """Where the run of this tab stands."""

    run_id: str = ""
    name: str = ""
    status: str = RunStatus.QUEUED.value
    stage: str = Stage.QUEUED.value
    percent: int = 0
    message: str = ""
    announced: str = ""
    remaining: str = ""
    elapsed: str = ""
    error: str = ""
    detail: str = ""
    config_line: str = ""
    dataset_id: str = ""
    cancelling: bool = False
    incomplete: bool = False
    opening: bool = False
    provisional: str = WAITING
    agreement: str = ""
    returns: RangeBars = RangeBars()
    chains: list[ChainRow] = []  # noqa: RUF012 (Reflex copies the default for every person)
    _watch: int = 0
    _announced_at: float = 0.0
    _colours: dict[str, str] = {}  # noqa: RUF012
    _scale: tuple[float, float] = (0.0, 0.0)
    _first_round: int = 1

    @rx.var
    def tab_title(self) -> str:
        """The title of the tab says how far it is."""
        return f"{self.percent} % – {self.name}" if self.status == RunStatus.RUNNING.value else self.name or "Run"

    @rx.var
    def scene(self) -> str:
        """What the page shows: a run that has just ended keeps its bars while the results open."""
        return RunStatus.RUNNING.value if self.opening else self.status

    @loader()
    async def load(self, principal: Principal) -> None:
        """Where the run stands at this moment."""
        run_id = as_id(self._route_param("run_id"))
        run = await asyncio.to_thread(runs.get, principal, run_id)
        dataset = await asyncio.to_thread(datasets.get, principal, as_id(run["dataset_id"]))
        event = await asyncio.to_thread(runs.last_event, principal, run_id)
        look_at(run["column_mapping"])
        self.run_id, self.name, self.dataset_id = run["id"], run["name"], run["dataset_id"]
        self.config_line = _config_line(run["config"])
        self._first_round = run["config"]["tune_steps"] + run["config"]["n_samples"]
        self.cancelling = self.opening = False
        self._announced_at = 0.0
        self._begin(channel_colours(mapping_in_order(dataset, run["column_mapping"]).channel_names))
        self._show(event, run)

    def _begin(self, colours: dict[str, str]) -> None:
        """Rows without ranges: they keep the place that the ranges will take."""
        first = Scale()
        self._colours, self._scale = colours, (first.low, first.high)
        self.returns, self.chains = empty_bars(colours), []
        self.provisional, self.agreement = WAITING, ""

    @handler(background=True)
    async def watch(self, principal: Principal):
        """Follow the run until it ends or this tab shows another. Reflex ends it when the tab leaves or closes."""
        async with self:
            self._watch += 1
            mine, run_id, ended = self._watch, self._route_param("run_id"), RunStatus(self.status).is_final
        if ended:
            return
        async with aclosing(run_watch.watch(principal, as_id(run_id), IDLE_S)) as moments:
            async for seen in moments:
                look_at(seen.run["column_mapping"])
                async with self:
                    if self._watch != mine or self._route_param("run_id") != run_id:
                        return
                    if seen.event.status is RunStatus.COMPLETED:
                        self.opening = True
                    self._show(seen.event, seen.run)
                if seen.event.status is RunStatus.COMPLETED:
                    yield rx.redirect(f"/results/{run_id}")

    @handler(requires=Role.MEMBER)
    async def cancel(self, principal: Principal) -> None:
        """Ask the run to stop."""
        self.cancelling = True
        run = await asyncio.to_thread(runs.cancel, principal, as_id(self.run_id))
        if run["status"] == RunStatus.CANCELLED.value:
            self._show(await asyncio.to_thread(runs.last_event, principal, as_id(self.run_id)), run)

    @handler(requires=Role.MEMBER, limit=Limit.RUN)
    async def retry(self, principal: Principal):
        """Start a new run with the same data and settings."""
        run = await asyncio.to_thread(runs.start_again, principal, as_id(self.run_id))
        yield rx.redirect(f"/runs/{run['id']}")

    def _show(self, event: ProgressEvent, run: dict[str, Any]) -> None:
        if time.monotonic() - self._announced_at >= ANNOUNCE_S or event.is_final:
            self.announced, self._announced_at = event.message, time.monotonic()
        shown = {
            "status": event.status.value,
            "stage": event.stage.value,
            "percent": event.progress,
            "message": event.message,
            "remaining": f"about {duration(event.eta_seconds)}" if event.eta_seconds else "",
            "elapsed": duration_between(run["started_at"], run["completed_at"]),
            "error": run["error_message"] or (event.message if event.status is RunStatus.FAILED else ""),
            "detail": run["error_detail"] or "",
            "incomplete": bool(run.get("incomplete")),
        }
        for name, value in shown.items():  # what is assigned is sent, changed or not
            if getattr(self, name) != value:
                setattr(self, name, value)
        if event.live is not None:
            self._show_live(event.live)

    def _show_live(self, live: LiveFit) -> None:
        """Chains at once, ranges as soon as there are any; both stay until there are newer ones."""
        self.chains = chain_rows(live, self._first_round)
        if live.returns:
            ranges = ranges_of(live)
            scale = Scale(*self._scale).grown(ranges)
            self._scale = (scale.low, scale.high)
            self.returns = bars(ranges, self._colours, scale)
            self.provisional, self.agreement = provisional_note(live)


@page("/runs/[run_id]", title=RunState.tab_title, parent="/runs", on_load=[RunState.load, RunState.watch])
def run() -> rx.Component:
    """The bar while it runs; the reason when it failed; the way on when it is done."""
    return stack(
        page_header(RunState.name, RunState.config_line, badge=status_badge(RunState.status)),
        rx.match(
            RunState.scene,
            (RunStatus.COMPLETED.value, _done()),
            (RunStatus.FAILED.value, _failed()),
            (RunStatus.CANCELLED.value, _cancelled()),
            _moving(),
        ),
    )


def _moving() -> rx.Component:
    return stack(
        run_progress(
            RunState.percent,
            RunState.stage,
            RunState.message,
            announced=RunState.announced,
            remaining=RunState.remaining,
            elapsed=RunState.elapsed,
        ),
        provisional_returns(RunState.returns, RunState.provisional, RunState.agreement),
        sampler_detail(RunState.chains),
        notice("You can leave this page or close the browser: the run goes on and its results will be under Runs."),
        row(rx.cond(RunState.cancelling | RunState.opening, _last_words(), _cancel())),
    )


def _last_words() -> rx.Component:
    words = rx.cond(RunState.opening, "Opening the results.", "Cancelling: the run stops within a few seconds.")
    return rx.el.p(words, role="status")


def _cancel() -> rx.Component:
    return confirm(
        danger_button("Cancel run", icon_name="circle-stop"),
        title="Cancel this run?",
        text="What has been computed so far is thrown away. The dataset and its checks stay.",
        action="Cancel run",
        on_confirm=RunState.cancel,
    )


def _done() -> rx.Component:
    return stack(
        notice("The run is completed.", tone="success"),
        row(link_button("Read the results", "/results/" + RunState.run_id, icon_name="chart-column", primary=True)),
    )


def _failed() -> rx.Component:
    technical = rx.el.details(
        rx.el.summary("Technical detail"),
        rx.el.p("Run ", rx.el.code(RunState.run_id)),
        rx.cond(RunState.detail, rx.el.p(RunState.detail), rx.fragment()),
        class_name="mm-details",
    )
    return stack(
        notice(RunState.error, tone="error", title="The run failed"),
        rx.cond(RunState.incomplete, _sampled(), rx.fragment()),
        _again(),
        card(technical),
    )


def _sampled() -> rx.Component:
    """What the time limit left: to look at, with a warning that stays with it."""
    see = link_button("See what was sampled", "/results/" + RunState.run_id, icon_name="eye")
    return notice(INCOMPLETE, tone="warning", action=row(see))


def _cancelled() -> rx.Component:
    return stack(notice("The run was cancelled. Nothing of it was kept.", tone="info"), _again())


def _again() -> rx.Component:
    return row(
        primary_button("Run again", icon_name="rotate-cw", on_click=RunState.retry),
        link_button("Change the settings", "/runs/new?dataset=" + RunState.dataset_id),
        link_button("Look at the data", "/datasets/" + RunState.dataset_id + "/check"),
    )


def _config_line(config: dict[str, Any]) -> str:
    parts = (
        f"{config['n_chains']} chains × {config['n_samples']} draws",
        f"{config['adstock_type']} carryover",
        f"{config['saturation_type']} saturation",
        f"seed {config['random_seed']}",
    )
    return f"{str(config['mode']).capitalize()} fit: {', '.join(parts)}"
