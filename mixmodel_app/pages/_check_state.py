"""The state of the page of the checks: the report of one dataset, its repairs, and what it can tell."""

import asyncio
from typing import Any

import reflex as rx

from mixmodel_app.charts.base import ChartOptions, data_charts
from mixmodel_app.components.answer_panel import AnswerRow
from mixmodel_app.components.change_log import ChangeRow
from mixmodel_app.components.chart_frame import ChartData
from mixmodel_app.components.finding_card import FindingData, FindingRows
from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.domain.errors import InvalidInput
from mixmodel_app.domain.fixes import FixOffer
from mixmodel_app.pages import _check_rows as check_rows
from mixmodel_app.pages._charts import chart_data
from mixmodel_app.pages._input import as_id
from mixmodel_app.pages._look import look_at
from mixmodel_app.services import dataset_fixes, dataset_versions, datasets
from mixmodel_app.services.limits import Limit
from mixmodel_app.state.handlers import handler, loader
from mixmodel_app.state.session import SessionState
from mixmodel_app.wording import numbers, versions


class CheckState(SessionState):
    """The report of one dataset.

    Attributes:
        said: what the last repair did, read out by screen readers.
        safe: how many repairs need no judgement.
        changes: how this version differs from the one before, in sentences.
        can_repeat: whether the version before has repairs that this one has not.
    """

    dataset_id: str = ""
    filename: str = ""
    counts: str = ""
    errors: list[FindingData] = []  # noqa: RUF012 (Reflex copies the default for every person)
    warnings: list[FindingData] = []  # noqa: RUF012
    suggestions: list[FindingData] = []  # noqa: RUF012
    shown_rows: FindingRows = FindingRows()
    log: list[ChangeRow] = []  # noqa: RUF012
    safe: int = 0
    said: str = ""
    changes: list[str] = []  # noqa: RUF012
    can_repeat: bool = False
    answer: str = ""
    answers: list[AnswerRow] = []  # noqa: RUF012
    charts: list[ChartData] = []  # noqa: RUF012
    channels: list[dict[str, str]] = []  # noqa: RUF012
    period: str = ""
    rows: str = ""
    total_target: str = ""
    total_spend: str = ""
    checking: bool = False
    may_change: bool = False
    _found: dict[str, Any] = {}  # noqa: RUF012

    @loader()
    async def load(self, principal: Principal):
        """The stored report; a dataset without one goes back to its columns."""
        dataset_id = as_id(self._route_param("dataset_id"))
        found = await asyncio.to_thread(datasets.get, principal, dataset_id)
        if found["validation_report"] is None:
            yield rx.redirect(f"/datasets/{dataset_id}/columns")
            return
        self.said, self.shown_rows = "", FindingRows()
        self.may_change = principal.role.rank >= Role.MEMBER.rank
        await self._show(principal, found)

    @handler(requires=Role.MEMBER, limit=Limit.VALIDATE)
    async def check_again(self, principal: Principal):
        """Run the checks once more."""
        self.checking = True
        yield
        try:
            await asyncio.to_thread(datasets.validate, principal, as_id(self.dataset_id))
        finally:
            self.checking = False
        await self._show(principal, await asyncio.to_thread(datasets.get, principal, as_id(self.dataset_id)))
        self.said = f"Checked again: {self.counts}."

    @handler()
    async def toggle_rows(self, principal: Principal, key: str) -> None:
        """Show the rows behind a finding, or hide them."""
        if self.shown_rows.key == key:
            self.shown_rows = FindingRows()
            return
        finding = self._finding(key)
        found = await asyncio.to_thread(datasets.lines, principal, as_id(self.dataset_id), finding["rows"])
        self.shown_rows = check_rows.marked_rows(key, finding, found)

    @handler(requires=Role.MEMBER, limit=Limit.VALIDATE)
    async def apply_fix(self, principal: Principal, key: str, index: int) -> None:
        """Make one of the repairs that a finding offers."""
        offers = check_rows.offers_of(self._finding(key))
        if not 0 <= index < len(offers):
            raise InvalidInput("This repair is no longer offered.", hint="Check the data again.")
        await self._apply(principal, [offers[index]])

    @handler(requires=Role.MEMBER, limit=Limit.VALIDATE)
    async def apply_safe(self, principal: Principal) -> None:
        """Make every repair that needs no judgement."""
        await self._apply(principal, check_rows.safe_repairs(self._report_on_page()))

    @handler(requires=Role.MEMBER, limit=Limit.VALIDATE)
    async def undo(self, principal: Principal) -> None:
        """Take the last repair back."""
        done = await asyncio.to_thread(dataset_fixes.undo, principal, as_id(self.dataset_id))
        await self._show(principal, done["dataset"])
        self.said = f"Taken back: {done['undone']['change']['sentence']}"

    @handler(requires=Role.MEMBER, limit=Limit.VALIDATE)
    async def repeat(self, principal: Principal) -> None:
        """Make the repairs of the version before on this one."""
        done = await asyncio.to_thread(dataset_fixes.repeat, principal, as_id(self.dataset_id))
        await self._show(principal, done["dataset"])
        skipped = [f"Left out: {fix['reason']}" for fix in done["skipped"]]
        self.said = " ".join([f"{len(done['dataset']['fixes'])} repairs made again.", *skipped])

    async def _apply(self, principal: Principal, offers: list[FixOffer]) -> None:
        done = await asyncio.to_thread(dataset_fixes.apply, principal, as_id(self.dataset_id), offers)
        await self._show(principal, done["dataset"])
        self.said = " ".join(change["sentence"] for change in done["changes"])

    def _finding(self, key: str) -> dict[str, Any]:
        findings = check_rows.keyed_findings(self._report_on_page())
        if key not in findings:
            raise InvalidInput("This finding is no longer there.", hint="Check the data again.")
        return findings[key]

    def _report_on_page(self) -> dict[str, Any]:
        if not self._found:
            raise InvalidInput("No report is open.", hint="Open the page of the dataset again.")
        return self._found

    async def _show(self, principal: Principal, found: dict[str, Any]) -> None:
        """Everything on the page, from a dataset as the services give it."""
        look_at(found["column_mapping"])
        self.dataset_id, self.filename = found["id"], found["filename"]
        self._found, self.shown_rows = found["validation_report"], FindingRows()
        self.counts = check_rows.counted(self._found)
        self.safe = len(check_rows.safe_repairs(self._found))
        self.log = [check_rows.change_row(entry) for entry in found["fixes"]]
        self._show_summary(self._found["data_summary"])
        await self._show_findings(principal)
        await self._show_answers(principal)
        await self._show_changes(principal, found)

    async def _show_findings(self, principal: Principal) -> None:
        findings = check_rows.keyed_findings(self._found)
        offers = {key: check_rows.offers_of(raw) for key, raw in findings.items()}
        every = [offer for group in offers.values() for offer in group]
        counted = await asyncio.to_thread(dataset_fixes.previews, principal, as_id(self.dataset_id), every)
        left = iter(counted)
        data = {
            key: check_rows.finding_data(key, raw, [next(left) for _ in offers[key]]) for key, raw in findings.items()
        }
        self.errors, self.warnings, self.suggestions = (
            [card for key, card in data.items() if key.startswith(group)] for group in check_rows.GROUPS
        )

    async def _show_answers(self, principal: Principal) -> None:
        found = await asyncio.to_thread(datasets.answers, principal, as_id(self.dataset_id))
        self.answer = found.summary if found else ""
        self.answers = check_rows.answer_rows(found) if found else []
        built = [item.build(found, ChartOptions()) for item in data_charts()] if found else []
        self.charts = [chart_data(view) for view in built]

    async def _show_changes(self, principal: Principal, found: dict[str, Any]) -> None:
        self.changes, self.can_repeat = [], False
        if found["previous_id"] is None:
            return
        changes = await asyncio.to_thread(dataset_versions.changes, principal, as_id(self.dataset_id))
        self.changes = versions.change_sentences(changes, Frequency(found["frequency"]).period)
        self.can_repeat = changes["repairs_of_previous"] > 0 and not found["fixes"]

    def _show_summary(self, data: dict[str, Any]) -> None:
        self.period = numbers.date_range(data["date_start"], data["date_end"])
        self.rows = f"{numbers.count(data['rows'])} {Frequency(data['frequency']).period}s"
        self.total_target = numbers.outcome(data["total_target"])
        self.total_spend = numbers.money(data["total_spend"])
        self.channels = [
            {
                "name": name,
                "spend": numbers.full_money(values["spend"]),
                "share": numbers.percent(values["share"]),
            }
            for name, values in data["channels"].items()
        ]
