"""The state of the run form: what was typed, what the model thinks of it, and whether it has been run before."""

import asyncio
import copy
from typing import Any

import reflex as rx

from mixmodel_app.components.range_bars import RangeBars
from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.dataset import DatasetStatus
from mixmodel_app.domain.errors import Conflict, InvalidInput
from mixmodel_app.domain.model_options import FitMode
from mixmodel_app.domain.preview import Preview
from mixmodel_app.domain.run import Priority
from mixmodel_app.pages._dataset_columns import mapping_in_order
from mixmodel_app.pages._input import as_id
from mixmodel_app.pages._look import look_at
from mixmodel_app.pages._range_rows import Range, Scale, bars, channel_colours
from mixmodel_app.pages._run_form import RunForm, new_form, problem_label
from mixmodel_app.services import datasets, previews, runs
from mixmodel_app.services.limits import Limit
from mixmodel_app.state.handlers import handler, loader
from mixmodel_app.state.session import SessionState
from mixmodel_app.wording import numbers
from mixmodel_app.wording.runs import cost_sentence
from mixmodel_app.wording.settings import SETTINGS


class NewRunState(SessionState):
    """The form, and the dataset it is for.

    Attributes:
        problems: what is wrong with the request, in sentences; `errors`: the same by field path.
        settings_open: whether the fold with all settings has been opened by the form itself.
        differences: from the preset, in words.
        cost: seconds and memory that the fit should take, and when it would start, in words; "" for a wrong form.
        twin_id, twin_name: a finished run with the same data and settings; "" when there is none.
    """

    dataset_id: str = ""
    dataset_name: str = ""
    period: str = ""
    form: RunForm = RunForm()
    problems: list[str] = []  # noqa: RUF012 (Reflex copies the default for every person)
    errors: dict[str, str] = {}  # noqa: RUF012
    settings_open: bool = False
    differences: list[str] = []  # noqa: RUF012
    twin_id: str = ""
    twin_name: str = ""
    prior: RangeBars = RangeBars()
    prior_share: str = ""
    prior_warnings: list[str] = []  # noqa: RUF012
    has_preview: bool = False
    preview_is_stale: bool = False
    looking: bool = False
    starting: bool = False
    cost: str = ""

    @loader(requires=Role.MEMBER)
    async def load(self, principal: Principal) -> None:
        """The dataset of the address, with an empty form. A page that only reconnects keeps what was typed."""
        found = await asyncio.to_thread(datasets.get, principal, as_id(self._query_param("dataset")))
        if found["status"] != DatasetStatus.VALIDATED.value:
            raise Conflict("This dataset is not ready for a run.", hint="Confirm its columns and check it first.")
        blank = new_form(mapping_in_order(found))
        known = self.dataset_id == found["id"] and self._typed().is_for(blank)
        self.dataset_id, self.dataset_name = found["id"], found["filename"]
        self.period = numbers.date_range(found["date_range_start"], found["date_range_end"])
        self.problems, self.errors, self.starting, self.looking = [], {}, False, False
        if not known:
            self.form, self.has_preview, self.settings_open = blank, False, False
        await self._compare(principal)

    @handler(requires=Role.MEMBER)
    async def choose_mode(self, principal: Principal, mode: str) -> None:
        """Take a preset; custom keeps the numbers that are there and opens the settings."""
        if mode in set(FitMode):
            form = self._typed()
            form.choose(FitMode(mode))
            self.settings_open = self.settings_open or mode == FitMode.CUSTOM.value
            await self._keep(principal, form)

    @handler(requires=Role.MEMBER)
    async def reset_settings(self, principal: Principal) -> None:
        """Every setting as the preset has it."""
        form = self._typed()
        form.reset()
        await self._keep(principal, form)

    @handler(requires=Role.MEMBER)
    async def change(self, principal: Principal, key: str, text: str) -> None:
        """One setting, the name or the priority."""
        form = self._typed()
        form.change(key, str(text))
        if key in ("name", "priority"):  # say nothing about the fit
            self.form = form
        else:
            await self._keep(principal, form)

    @handler(requires=Role.MEMBER)
    async def change_row(self, principal: Principal, part: str, row_id: str, key: str, text: str) -> None:
        """One field of an expected return, a driver, an event or an experiment."""
        form = self._typed()
        form.change_row(part, row_id, key, str(text))
        await self._keep(principal, form)

    @handler(requires=Role.MEMBER)
    async def add_row(self, principal: Principal, part: str) -> None:
        """An empty event or experiment."""
        form = self._typed()
        form.add_row(part)
        self.form = form

    @handler(requires=Role.MEMBER)
    async def remove_row(self, principal: Principal, part: str, row_id: str) -> None:
        """Take an event or experiment away; the problems named their places."""
        form = self._typed()
        form.remove_row(part, row_id)
        self.problems, self.errors = [], {}
        await self._keep(principal, form)

    @handler(requires=Role.MEMBER, limit=Limit.PREVIEW)
    async def look_ahead(self, principal: Principal):
        """What the model thinks before seeing the data."""
        if self.looking:
            return
        self.looking = True
        yield
        try:
            config = self._request()
            found = await asyncio.to_thread(previews.preview, principal, as_id(self.dataset_id), config)
            dataset = await asyncio.to_thread(datasets.get, principal, as_id(self.dataset_id))
        except InvalidInput as error:
            self._refuse(error)
            return
        finally:
            self.looking = False
        look_at(dataset["column_mapping"])
        self._show_preview(found)

    @handler(requires=Role.MEMBER, limit=Limit.RUN)
    async def start(self, principal: Principal):
        """Queue the run and go to its page. A second press while it starts does nothing."""
        if self.starting:
            return
        self.starting = True
        yield
        try:
            config, name, priority = self._request(), self.form.name, Priority(self.form.priority)
            run = await asyncio.to_thread(
                runs.start, principal, as_id(self.dataset_id), name, config, priority=priority
            )
        except InvalidInput as error:
            self._refuse(error)
            return
        finally:
            self.starting = False
        form = self._typed()
        form.name, form.priority, form.turn = "", Priority.NORMAL.value, form.turn + 1
        self.form = form
        yield rx.redirect(f"/runs/{run['id']}")

    def _typed(self) -> RunForm:
        """A plain copy of the form, to be changed and put back."""
        return copy.deepcopy(self.form)

    def _request(self) -> dict[str, Any]:
        """The request of what is on screen. Problems of the last one are forgotten, rows never filled in go."""
        form = self._typed()
        form.drop_empty_rows()
        self.form, self.problems, self.errors = form, [], {}
        return form.config()

    async def _keep(self, principal: Principal, form: RunForm) -> None:
        self.form, self.preview_is_stale = form, True
        await self._compare(principal)

    async def _compare(self, principal: Principal) -> None:
        """With the preset, and with the runs that have finished; a form with mistakes has no twin."""
        form = self._typed()
        form.drop_empty_rows()
        self.differences = form.differences()
        try:
            found = await asyncio.to_thread(runs.outlook, principal, as_id(self.dataset_id), form.config())
        except InvalidInput:
            twin, self.cost = None, ""
        else:
            twin = found["identical"]
            self.cost = cost_sentence(found["seconds"], found["memory_mb"], found["starts_in_seconds"])
        self.twin_id, self.twin_name = (twin["id"], twin["name"]) if twin else ("", "")

    def _refuse(self, error: InvalidInput) -> None:
        """Name what is wrong beside the form, and open the fold that may hide it."""
        self.errors = {each.field: each.message for each in error.errors}
        named = [f"{problem_label(each.field)}: {each.message}." for each in error.errors]
        self.problems = named or [error.sentence()]
        if any(path.removeprefix("config.") in SETTINGS for path in self.errors):
            self.settings_open = True

    def _show_preview(self, found: Preview) -> None:
        level = numbers.level()
        returns = {each.channel: each.prior_return.at(level) for each in found.channels if each.prior_return}
        ranges = [Range(name, prior.median, prior.lo, prior.hi) for name, prior in returns.items()]
        colours = channel_colours(each.channel for each in found.channels)
        self.prior = bars(ranges, colours, Scale().grown(ranges), level)
        share = found.media_share.at(level)
        self.prior_share = numbers.value_range(share.lo, share.hi, numbers.percent)
        self.prior_warnings = [warning.message for warning in found.warnings]
        self.has_preview, self.preview_is_stale = True, False
