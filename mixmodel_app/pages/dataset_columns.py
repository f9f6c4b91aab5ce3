"""Step 2 of 3: which column plays which role."""

import asyncio
from dataclasses import dataclass, replace
from typing import Any

import reflex as rx

from mixmodel_app.components.buttons import link_button, primary_button
from mixmodel_app.components.data_table import plain_table
from mixmodel_app.components.forms import form_error, select_input, text_input
from mixmodel_app.components.layout import card, page_header, row, section, stack
from mixmodel_app.components.status_badge import status_badge
from mixmodel_app.components.stepper import stepper
from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.dataset import ColumnRole, Detection, SpendType
from mixmodel_app.domain.errors import FieldError, InvalidInput
from mixmodel_app.pages._input import as_id
from mixmodel_app.pages._page import page
from mixmodel_app.pages.upload import STEPS
from mixmodel_app.services import datasets
from mixmodel_app.services.limits import Limit
from mixmodel_app.state.handlers import handler, loader
from mixmodel_app.state.session import SessionState
from mixmodel_app.wording import numbers

PREVIEW_ROWS = 8

ROLES = (
    ("", "Choose a role"),
    (ColumnRole.DATE.value, "Date"),
    (ColumnRole.TARGET.value, "Outcome"),
    (SpendType.SPEND.value, "Channel spend"),
    (SpendType.IMPRESSIONS.value, "Channel impressions"),
    (SpendType.CLICKS.value, "Channel clicks"),
    (ColumnRole.CONTROL.value, "Other driver"),
    (ColumnRole.IGNORED.value, "Ignore"),
)
_MEDIA = tuple(kind.value for kind in SpendType)


@dataclass
class ColumnCard:
    """One column of the file with its role; `role` is "" while a person has to choose."""

    name: str
    kind: str
    samples: str
    role: str
    channel: str
    spend_column: str
    level: str
    confidence: str
    reason: str


class ColumnsState(SessionState):
    """The mapping as it is being edited."""

    dataset_id: str = ""
    filename: str = ""
    summary: str = ""
    notes: list[str] = []  # noqa: RUF012 (Reflex copies the default for every person)
    columns: list[ColumnCard] = []  # noqa: RUF012
    preview_head: list[str] = []  # noqa: RUF012
    preview: list[list[str]] = []  # noqa: RUF012
    problem: str = ""
    saving: bool = False

    @loader()
    async def load(self, principal: Principal) -> None:
        """The columns with what was detected, or with what was confirmed before."""
        dataset_id = as_id(self._route_param("dataset_id"))
        found = await asyncio.to_thread(datasets.get, principal, dataset_id)
        shown = await asyncio.to_thread(datasets.preview, principal, dataset_id, PREVIEW_ROWS)
        self.dataset_id, self.filename = found["id"], found["filename"]
        self.summary = f"{numbers.count(found['row_count'])} rows, {len(found['columns'])} columns"
        self.notes = found["notes"]
        self.columns = _cards(found)
        self.preview_head = shown["columns"]
        self.preview = [[_text(line[name]) for name in shown["columns"]] for line in shown["rows"]]
        self.problem, self.saving = "", False

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

    @handler(requires=Role.MEMBER, limit=Limit.VALIDATE)
    async def confirm_columns(self, principal: Principal):
        """Store the roles, run the checks and go on to what they found."""
        self.problem, self.saving = "", True
        yield
        try:
            mapping = _mapping(self.columns)
            dataset_id = as_id(self.dataset_id)
            await asyncio.to_thread(datasets.set_mapping, principal, dataset_id, mapping)
            await asyncio.to_thread(datasets.validate, principal, dataset_id)
        except InvalidInput as error:
            self.problem = error.sentence()
            return
        finally:
            self.saving = False
        yield rx.redirect(f"/datasets/{self.dataset_id}/check")


@page(
    "/datasets/[dataset_id]/columns",
    title="Columns",
    parent="/datasets",
    on_load=ColumnsState.load,
)
def dataset_columns() -> rx.Component:
    """A card for each column, then the first rows."""
    return stack(
        page_header(ColumnsState.filename, ColumnsState.summary),
        stepper(STEPS, 1, label="Steps of the upload"),
        _notes(),
        section(
            "What each column means",
            rx.el.div(rx.foreach(ColumnsState.columns, _column_card), class_name="mm-columns"),
            note="Detected from names and values. Check the marked ones; everything can be changed.",
        ),
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
        section(
            "First rows",
            plain_table(ColumnsState.preview_head, ColumnsState.preview, caption="First rows of the file"),
            note="As MixModel reads them.",
        ),
    )


def _notes() -> rx.Component:
    items = rx.el.ul(rx.foreach(ColumnsState.notes, lambda note: rx.el.li(note)), class_name="mm-sentences")
    return rx.cond(ColumnsState.notes.length() > 0, card(items, title="How the file was read"), rx.fragment())


def _column_card(column: rx.Var[ColumnCard]) -> rx.Component:
    role = select_input(
        "role",
        ROLES,
        value=column.role,
        on_change=lambda value: ColumnsState.choose(column.name, value),
        aria_label="Role of " + column.name,
        id="role-" + column.name,
    )
    return rx.el.article(
        rx.el.div(
            rx.el.h3(column.name, class_name="mm-mono"),
            rx.cond(column.level, rx.el.span(status_badge(column.level), column.confidence, class_name="mm-row")),
            class_name="mm-card-head",
        ),
        role,
        rx.cond(_is_media(column), _channel_fields(column), rx.fragment()),
        rx.el.p(column.reason, class_name="mm-hint"),
        rx.el.p(rx.el.span(column.kind, ": "), column.samples, class_name="mm-samples"),
        class_name="mm-card mm-column",
        custom_attrs={"data-role": column.role},
    )


def _is_media(column: rx.Var[ColumnCard]) -> rx.Var[bool]:
    spend, impressions, clicks = _MEDIA
    return (column.role == spend) | (column.role == impressions) | (column.role == clicks)


def _channel_fields(column: rx.Var[ColumnCard]) -> rx.Component:
    name = rx.el.label(
        "Channel name",
        text_input(
            "channel",
            default_value=column.channel,
            on_blur=lambda value: ColumnsState.name_channel(column.name, value),
            id="channel-" + column.name,
            max_length=100,
        ),
        class_name="mm-label",
    )
    options = rx.foreach(ColumnsState.columns, lambda other: rx.el.option(other.name, value=other.name))
    spend = rx.el.label(
        "Its spend is in",
        rx.el.select(
            rx.el.option("No column: no return can be computed", value=""),
            options,
            value=column.spend_column,
            on_change=lambda value: ColumnsState.choose_spend(column.name, value),
            class_name="mm-input mm-select",
        ),
        class_name="mm-label",
    )
    return rx.el.div(name, rx.cond(column.role == _MEDIA[0], rx.fragment(), spend), class_name="mm-field")


def _cards(found: dict[str, Any]) -> list[ColumnCard]:
    profiles = {column["name"]: column for column in found["columns"]}
    detections = {
        raw["column"]: Detection(raw["column"], ColumnRole(raw["role"]), raw["confidence"], raw["reason"])
        for raw in found["detection"]
    }
    mapping = found["column_mapping"]
    return [_card(profiles[name], detections[name], mapping, found["validation_report"]) for name in profiles]


def _card(profile: dict[str, Any], seen: Detection, mapping: dict[str, Any] | None, confirmed: object) -> ColumnCard:
    name = profile["name"]
    media = (mapping or {}).get("media_columns", {}).get(name, {})
    role = _role(name, mapping) if mapping else _detected_role(seen)
    if not confirmed and seen.level == "low" and seen.role is not ColumnRole.IGNORED:
        role = ""
    return ColumnCard(
        name=name,
        kind=profile["dtype"].capitalize(),
        samples=", ".join(profile["sample_values"]),
        role=role,
        channel=media.get("channel_name", name),
        spend_column=media.get("spend_column") or "",
        level=seen.level,
        confidence=numbers.percent(seen.confidence),
        reason=seen.reason,
    )


def _role(name: str, mapping: dict[str, Any]) -> str:
    if name == mapping["date_column"]:
        return ColumnRole.DATE.value
    if name == mapping["target_column"]:
        return ColumnRole.TARGET.value
    if name in mapping["media_columns"]:
        return mapping["media_columns"][name]["spend_type"]
    return (ColumnRole.CONTROL if name in mapping["control_columns"] else ColumnRole.IGNORED).value


def _detected_role(seen: Detection) -> str:
    """The role to offer while there is no complete mapping; media of unknown unit counts as spend."""
    return SpendType.SPEND.value if seen.role is ColumnRole.MEDIA else seen.role.value


def _mapping(columns: list[ColumnCard]) -> dict[str, Any]:
    """The JSON form of the mapping; `InvalidInput` says which column still needs a role."""
    open_columns = [column.name for column in columns if not column.role]
    if open_columns:
        raise InvalidInput(
            f"Choose a role for {', '.join(open_columns)}.",
            errors=tuple(FieldError(name, "needs a role") for name in open_columns),
        )
    by_role = {role: [column for column in columns if column.role == role] for role, _ in ROLES}
    for role, what in ((ColumnRole.DATE.value, "a date"), (ColumnRole.TARGET.value, "an outcome")):
        if not by_role[role]:
            raise InvalidInput(f"No column is {what}.", hint="Give one column that role.")
    if not any(by_role[kind] for kind in _MEDIA):
        raise InvalidInput("No column is a channel.", hint="Mark at least one column as channel spend.")
    return {
        "date_column": by_role[ColumnRole.DATE.value][0].name,
        "target_column": by_role[ColumnRole.TARGET.value][0].name,
        "media_columns": {column.name: _media(column) for column in columns if column.role in _MEDIA},
        "control_columns": [column.name for column in by_role[ColumnRole.CONTROL.value]],
    }


def _media(column: ColumnCard) -> dict[str, str]:
    entry = {"channel_name": column.channel.strip() or column.name, "spend_type": column.role}
    if column.role != SpendType.SPEND.value and column.spend_column:
        entry["spend_column"] = column.spend_column
    return entry


def _text(value: object) -> str:
    if value is None:
        return numbers.MISSING
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1e6 else str(value)
