"""Step 2 of 3: which column plays which role."""

import asyncio
from dataclasses import replace
from typing import Any

import reflex as rx

from mixmodel_app.components.buttons import link_button, primary_button
from mixmodel_app.components.data_table import plain_table
from mixmodel_app.components.forms import form_error, select_input, text_input
from mixmodel_app.components.icons import icon
from mixmodel_app.components.layout import page_header, row, section, stack
from mixmodel_app.components.reading_panel import QuestionData, questions, reading_fold
from mixmodel_app.components.sparkline import sparkline
from mixmodel_app.components.states import wizard_skeleton
from mixmodel_app.components.status_badge import status_badge
from mixmodel_app.components.stepper import stepper
from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.dataset import ColumnRole
from mixmodel_app.domain.errors import InvalidInput
from mixmodel_app.pages._check_rows import counted
from mixmodel_app.pages._column_cards import (
    MEDIA_ROLES,
    OUTCOMES,
    ROLES,
    ColumnCard,
    cell_text,
    column_cards,
    mapping_of,
    span_of,
    summary_of,
)
from mixmodel_app.pages._input import as_id
from mixmodel_app.pages._page import page
from mixmodel_app.pages._reading_rows import OPTIONS, as_text, changed, question_data
from mixmodel_app.pages.upload import STEPS
from mixmodel_app.services import datasets
from mixmodel_app.services.limits import Limit
from mixmodel_app.state.handlers import handler, loader
from mixmodel_app.state.session import SessionState

PREVIEW_ROWS = 8


class ColumnsState(SessionState):
    """The mapping as it is being edited."""

    dataset_id: str = ""
    filename: str = ""
    summary: str = ""
    notes: list[str] = []  # noqa: RUF012 (Reflex copies the default for every person)
    asked: list[QuestionData] = []  # noqa: RUF012
    sheets: list[str] = []  # noqa: RUF012
    reading: dict[str, str] = {}  # noqa: RUF012
    outlook: str = ""
    columns: list[ColumnCard] = []  # noqa: RUF012
    preview_head: list[str] = []  # noqa: RUF012
    preview: list[list[str]] = []  # noqa: RUF012
    problem: str = ""
    saving: bool = False
    _stored: tuple[str, dict[str, Any] | None, dict[str, Any]] = ("", None, {})

    @rx.var
    def ignored(self) -> str:
        """Names of the columns that the model will not see."""
        return ", ".join(column.name for column in self.columns if column.role == ColumnRole.IGNORED.value)

    @loader()
    async def load(self, principal: Principal) -> None:
        """The columns with what was detected, or with what was confirmed before."""
        dataset_id = as_id(self._route_param("dataset_id"))
        found = await asyncio.to_thread(datasets.get, principal, dataset_id)
        await self._show(principal, found)
        self.problem, self.saving = "", False

    @handler(requires=Role.MEMBER, limit=Limit.UPLOAD)
    async def read_again(self, principal: Principal, option: str, value: str) -> None:
        """Read the file again with one decision taken: an answer to a question, or another reading."""
        if option not in OPTIONS:
            raise InvalidInput("This is not a way to read a file.", hint="Choose one from the list.")
        dataset_id = as_id(self.dataset_id)
        reading = changed((await asyncio.to_thread(datasets.get, principal, dataset_id))["reading"], option, value)
        await self._show(principal, await asyncio.to_thread(datasets.read_again, principal, dataset_id, reading))

    @handler(requires=Role.MEMBER)
    async def choose(self, principal: Principal, name: str, role: str) -> None:
        """Give a column a role; a second date or outcome sends the first back to be chosen."""
        if role not in dict(ROLES):
            raise InvalidInput("This is not a role.", hint="Choose one from the list.")
        single = role in (ColumnRole.DATE.value, ColumnRole.TARGET.value)
        self.columns = [
            replace(column, role=role)
            if column.name == name
            else replace(column, role="")
            if single and column.role == role
            else column
            for column in self.columns
        ]
        await self._look_ahead(principal)

    @handler(requires=Role.MEMBER)
    async def name_channel(self, principal: Principal, name: str, channel: str) -> None:
        """Give a channel its name on screen."""
        self.columns = [
            replace(column, channel=channel[:100]) if column.name == name else column for column in self.columns
        ]

    @handler(requires=Role.MEMBER)
    async def choose_spend(self, principal: Principal, name: str, spend_column: str) -> None:
        """Say which column holds the money behind exposure."""
        self.columns = [
            replace(column, spend_column=spend_column) if column.name == name else column for column in self.columns
        ]

    @handler(requires=Role.MEMBER)
    async def choose_outcome(self, principal: Principal, name: str, kind: str) -> None:
        """Say whether the outcome is money or a number of things."""
        if kind in dict(OUTCOMES):
            self.columns = [replace(column, outcome=kind) if column.name == name else column for column in self.columns]

    @handler(requires=Role.MEMBER, limit=Limit.VALIDATE)
    async def confirm_columns(self, principal: Principal):
        """Store the roles, run the checks and go on to what they found."""
        self.problem, self.saving = "", True
        yield
        try:
            if self.asked:
                raise InvalidInput("Answer the question about the file first.")
            mapping = mapping_of(self.columns)
            dataset_id = as_id(self.dataset_id)
            await asyncio.to_thread(datasets.set_mapping, principal, dataset_id, mapping)
            await asyncio.to_thread(datasets.validate, principal, dataset_id)
        except InvalidInput as error:
            self.problem = error.sentence()
            return
        finally:
            self.saving = False
        yield rx.redirect(f"/datasets/{self.dataset_id}/check")

    async def _show(self, principal: Principal, found: dict[str, Any]) -> None:
        """Everything on the page, from a dataset as the services give it."""
        shown = await asyncio.to_thread(datasets.preview, principal, as_id(found["id"]), PREVIEW_ROWS)
        self.dataset_id, self.filename = found["id"], found["filename"]
        self.summary = summary_of(found)
        self.asked = [question_data(raw) for raw in found["questions"]]
        texts = [question.text for question in self.asked]
        self.notes = [note for note in found["notes"] if note not in texts]
        self.sheets = found["sheets"]
        self.reading = {option: as_text(found["reading"].get(option)) for option in OPTIONS}
        stored = (found["id"], found["column_mapping"], found["reading"])
        if self._stored != stored:  # a page that only reconnects keeps what was chosen
            self._stored, self.columns = stored, column_cards(found)
        self.preview_head = shown["columns"]
        self.preview = [[cell_text(line[name]) for name in shown["columns"]] for line in shown["rows"]]
        await self._look_ahead(principal)

    async def _look_ahead(self, principal: Principal) -> None:
        """What the checks would find under the roles as they are now; nothing while roles are missing."""
        try:
            report = await asyncio.to_thread(
                datasets.trial, principal, as_id(self.dataset_id), mapping_of(self.columns)
            )
        except InvalidInput:
            self.outlook = ""
            return
        self.outlook = f"{span_of(report.data_summary)}With these roles: {counted(report.to_json())}."


@page(
    "/datasets/[dataset_id]/columns",
    title="Columns",
    parent="/datasets",
    on_load=ColumnsState.load,
    skeleton=wizard_skeleton,
)
def dataset_columns() -> rx.Component:
    """A row for each column (a card on phones), then the first rows of the file."""
    return stack(
        page_header(ColumnsState.filename, ColumnsState.summary),
        stepper(STEPS, 1, label="Steps of the upload"),
        questions(ColumnsState.asked, on_answer=ColumnsState.read_again),
        section(
            "What each column means",
            rx.el.div(_mapping_head(), rx.foreach(ColumnsState.columns, _column_row), class_name="mm-mapping"),
            note="Detected from names and values. Check the marked ones; everything can be changed.",
        ),
        _ignored(),
        form_error(ColumnsState.problem),
        row(
            primary_button(
                "Confirm and check the data",
                icon_name="list-checks",
                on_click=ColumnsState.confirm_columns,
                loading=ColumnsState.saving,
            ),
            link_button("Choose another file", "/datasets/new"),
        ),
        rx.el.p(ColumnsState.outlook, class_name="mm-hint mm-outlook", aria_live="polite"),
        reading_fold(
            ColumnsState.notes,
            sheets=ColumnsState.sheets,
            options={option: ColumnsState.reading[option] for option in OPTIONS},
            on_change=ColumnsState.read_again,
            note="Sheet, decimal sign, order of dates and shape can be changed here.",
        ),
        section(
            "First rows",
            plain_table(ColumnsState.preview_head, ColumnsState.preview, caption="First rows of the file"),
            note="As MixModel reads them.",
        ),
    )


def _ignored() -> rx.Component:
    """What the model will not see is said, never hidden."""
    line = rx.el.p("Not used by the model: ", rx.el.span(ColumnsState.ignored, class_name="mm-mono"), ".")
    return rx.cond(ColumnsState.ignored, rx.el.div(line, class_name="mm-quiet"), rx.fragment())


def _mapping_head() -> rx.Component:
    """Column titles on wide screens; every control carries its own label too."""
    titles = ("Column and first values", "Role", "Channel", "Why")
    return rx.el.div(*(rx.el.span(title) for title in titles), class_name="mm-mapping-head", aria_hidden="true")


def _column_row(column: rx.Var[ColumnCard]) -> rx.Component:
    return rx.el.article(
        rx.el.div(
            rx.el.h3(column.name, class_name="mm-mono"),
            rx.el.p(rx.el.span(column.kind, ": "), column.samples, class_name="mm-samples"),
            sparkline(column.spark),
        ),
        rx.el.div(_role_select(column), class_name="mm-mapping-role"),
        rx.el.div(
            rx.cond(_is_media(column), _channel_fields(column), rx.fragment()),
            rx.cond(column.role == ColumnRole.TARGET.value, _outcome_field(column), rx.fragment()),
            class_name="mm-mapping-channel",
        ),
        _reason(column),
        class_name="mm-column",
        custom_attrs={"data-role": column.role, "data-open": rx.cond(column.role == "", "true", "false")},
    )


def _role_select(column: rx.Var[ColumnCard]) -> rx.Component:
    return select_input(
        "role",
        ROLES,
        value=column.role,
        on_change=lambda value: ColumnsState.choose(column.name, value),
        aria_label="Role of " + column.name,
        aria_invalid=rx.cond(column.role == "", "true", "false"),
        id="role-" + column.name,
    )


def _reason(column: rx.Var[ColumnCard]) -> rx.Component:
    """How sure the detection is, and what it saw."""
    sure = rx.el.span(status_badge(column.level), rx.el.span(column.confidence), class_name="mm-confidence")
    choose = rx.el.p(icon("circle-alert", size=16), "Needs your choice", class_name="mm-mapping-open")
    return rx.el.div(
        rx.cond(column.level, sure, rx.fragment()),
        rx.cond(column.role == "", choose, rx.fragment()),
        rx.el.p(column.reason, class_name="mm-hint"),
        class_name="mm-mapping-why",
    )


def _is_media(column: rx.Var[ColumnCard]) -> rx.Var[bool]:
    spend, impressions, clicks = MEDIA_ROLES
    return (column.role == spend) | (column.role == impressions) | (column.role == clicks)


def _outcome_field(column: rx.Var[ColumnCard]) -> rx.Component:
    """A count has no currency, and no break-even until somebody says what one is worth."""
    return rx.el.label(
        rx.el.span("It is an amount of", class_name="mm-mapping-label mm-mapping-label-shown"),
        select_input(
            "outcome",
            OUTCOMES,
            value=column.outcome,
            on_change=lambda value: ColumnsState.choose_outcome(column.name, value),
            id="outcome-" + column.name,
        ),
    )


def _channel_fields(column: rx.Var[ColumnCard]) -> rx.Component:
    name = rx.el.label(
        rx.el.span("Channel name", class_name="mm-mapping-label"),
        text_input(
            "channel",
            default_value=column.channel,
            on_blur=lambda value: ColumnsState.name_channel(column.name, value),
            id="channel-" + column.name,
            max_length=100,
        ),
    )
    options = rx.foreach(ColumnsState.columns, lambda other: rx.el.option(other.name, value=other.name))
    spend = rx.el.label(
        rx.el.span("Its spend is in", class_name="mm-mapping-label mm-mapping-label-shown"),
        rx.el.select(
            rx.el.option("No column: no return can be computed", value=""),
            options,
            value=column.spend_column,
            on_change=lambda value: ColumnsState.choose_spend(column.name, value),
            class_name="mm-input mm-select",
        ),
    )
    return rx.fragment(name, rx.cond(column.role == MEDIA_ROLES[0], rx.fragment(), spend))
