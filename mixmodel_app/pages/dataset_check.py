"""Step 3 of 3: what the checks found, and the way to a run."""

import asyncio
from typing import Any

import reflex as rx

from mixmodel_app.components.buttons import link_button, primary_button, secondary_button
from mixmodel_app.components.data_table import Column, data_table
from mixmodel_app.components.finding_card import FindingData, finding_card
from mixmodel_app.components.layout import grid, page_header, row, section, stack
from mixmodel_app.components.stat import stat
from mixmodel_app.components.states import notice
from mixmodel_app.components.stepper import stepper
from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.pages._input import as_id
from mixmodel_app.pages._page import page
from mixmodel_app.pages.upload import STEPS
from mixmodel_app.services import datasets
from mixmodel_app.services.limits import Limit
from mixmodel_app.state.handlers import handler, loader
from mixmodel_app.state.session import SessionState
from mixmodel_app.wording import numbers


class CheckState(SessionState):
    """The report of one dataset."""

    dataset_id: str = ""
    filename: str = ""
    counts: str = ""
    errors: list[FindingData] = []  # noqa: RUF012 (Reflex copies the default for every person)
    warnings: list[FindingData] = []  # noqa: RUF012
    suggestions: list[FindingData] = []  # noqa: RUF012
    channels: list[dict[str, str]] = []  # noqa: RUF012
    period: str = ""
    rows: str = ""
    total_target: str = ""
    total_spend: str = ""
    checking: bool = False

    @loader()
    async def load(self, principal: Principal):
        """The stored report; a dataset without one goes back to its columns."""
        dataset_id = as_id(self._route_param("dataset_id"))
        found = await asyncio.to_thread(datasets.get, principal, dataset_id)
        self.dataset_id, self.filename = found["id"], found["filename"]
        report = found["validation_report"]
        if report is None:
            yield rx.redirect(f"/datasets/{dataset_id}/columns")
            return
        self._show(report)

    @handler(requires=Role.MEMBER, limit=Limit.VALIDATE)
    async def check_again(self, principal: Principal):
        """Run the checks once more."""
        self.checking = True
        yield
        try:
            report = await asyncio.to_thread(datasets.validate, principal, as_id(self.dataset_id))
        finally:
            self.checking = False
        self._show(report.to_json())

    def _show(self, report: dict[str, Any]) -> None:
        groups = [report["errors"], report["warnings"], report["suggestions"]]
        self.errors, self.warnings, self.suggestions = ([_finding(raw) for raw in group] for group in groups)
        words = ("error", "warning", "suggestion")
        self.counts = " · ".join(_counted(len(group), word) for group, word in zip(groups, words, strict=True))
        data = report["data_summary"]
        period = Frequency(data["frequency"]).period
        self.period = numbers.date_range(data["date_start"], data["date_end"])
        self.rows = f"{numbers.count(data['rows'])} {period}s"
        self.total_target = numbers.money(data["total_target"])
        self.total_spend = numbers.money(data["total_spend"])
        self.channels = [
            {
                "name": name,
                "spend": numbers.full_money(values["spend"]),
                "share": numbers.percent(values["share"]),
            }
            for name, values in data["channels"].items()
        ]


@page("/datasets/[dataset_id]/check", title="Check", parent="/datasets", on_load=CheckState.load)
def dataset_check() -> rx.Component:
    """Counts first, then each finding, then the data at a glance."""
    return stack(
        page_header(CheckState.filename, CheckState.counts),
        stepper(STEPS, 2, label="Steps of the upload"),
        rx.cond(CheckState.errors.length() > 0, _blocked(), _ready()),
        _group("Errors", CheckState.errors, "They block a run."),
        _group("Warnings", CheckState.warnings, "They do not block a run; know them when you read the results."),
        _group("Suggestions", CheckState.suggestions, "Worth a thought."),
        section(
            "The data at a glance",
            grid(
                stat("Period", CheckState.rows, note=CheckState.period),
                stat("Outcome in total", CheckState.total_target),
                stat("Spend in total", CheckState.total_spend),
            ),
            data_table(
                (
                    Column("name", "Channel"),
                    Column("spend", "Spend", numeric=True),
                    Column("share", "Share of spend", numeric=True),
                ),
                CheckState.channels,
                caption="Spend by channel",
            ),
        ),
    )


def _ready() -> rx.Component:
    return stack(
        rx.cond(
            CheckState.warnings.length() > 0,
            notice("The data can be used. The warnings below say where to be careful.", tone="warning"),
            notice("The data passed every check.", tone="success"),
        ),
        row(
            link_button(
                rx.cond(CheckState.warnings.length() > 0, "Continue anyway", "Set up a run"),
                "/runs/new?dataset=" + CheckState.dataset_id,
                icon_name="play",
                primary=True,
            ),
            _back(),
        ),
    )


def _blocked() -> rx.Component:
    return stack(
        notice("A run is not possible yet: fix the errors below, in the file or in the columns.", tone="error"),
        row(
            primary_button("Set up a run", icon_name="play", disabled=True, aria_describedby="blocked"),
            _back(),
            secondary_button("Check again", on_click=CheckState.check_again, loading=CheckState.checking),
            link_button("Upload a corrected file", "/datasets/new", icon_name="upload"),
        ),
        rx.el.p("Disabled while there are errors.", id="blocked", class_name="mm-hint"),
    )


def _back() -> rx.Component:
    return link_button("Back to columns", "/datasets/" + CheckState.dataset_id + "/columns")


def _group(title: str, findings: rx.Var[list[FindingData]], note: str) -> rx.Component:
    body = rx.el.div(rx.foreach(findings, finding_card), class_name="mm-stack")
    return rx.cond(findings.length() > 0, section(title, body, note=note), rx.fragment())


def _finding(raw: dict[str, Any]) -> FindingData:
    return FindingData(
        code=raw["code"],
        severity=raw["severity"],
        title=raw["title"],
        message=raw["message"],
        column=raw["column"] or "",
        rows=", ".join(str(number) for number in raw["rows"]),
        hint=raw["hint"],
        effect=raw["effect"],
    )


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
