"""Step 1 of 3: bring a file in."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import reflex as rx

from mixmodel_app.components.buttons import secondary_button
from mixmodel_app.components.drop_zone import drop_zone
from mixmodel_app.components.forms import form_error
from mixmodel_app.components.icons import icon
from mixmodel_app.components.layout import card, grid, page_header, section, stack
from mixmodel_app.components.states import notice
from mixmodel_app.components.stepper import stepper
from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.errors import InvalidInput
from mixmodel_app.pages._input import as_id
from mixmodel_app.pages._page import page
from mixmodel_app.services import datasets
from mixmodel_app.services.datasets import MAX_UPLOAD_BYTES
from mixmodel_app.services.limits import Limit
from mixmodel_app.state.handlers import handler, loader
from mixmodel_app.state.session import SessionState

STEPS = ("File", "Columns", "Check")
UPLOAD_ID = "dataset_file"
_CHUNK = 1024 * 1024
_REASONS = {
    "file-too-large": "This file is larger than 50 MB. Leave out columns that are not needed, or old rows.",
    "too-many-files": "Choose one file at a time.",
    "file-invalid-type": "This kind of file is not read. Save it as CSV or XLSX and choose it again.",
}


class UploadState(SessionState):
    """One file on its way in."""

    busy: bool = False
    percent: int = 0
    refused: str = ""
    continues: str = ""
    _version_of: str = ""

    @loader(requires=Role.MEMBER)
    async def load(self, principal: Principal) -> None:
        """Begin anew; the address may name a dataset that the file continues."""
        self.busy, self.percent, self.refused = False, 0, ""
        self._version_of, self.continues = self._query_param("of"), ""
        if self._version_of:
            found = await asyncio.to_thread(datasets.get, principal, as_id(self._version_of))
            self.continues = f"The file becomes version {found['version'] + 1} of {found['filename']}."

    @handler(requires=Role.MEMBER, unasked=True)
    async def progress(self, principal: Principal, sent: dict[str, Any]) -> None:
        """How much of the file has arrived; the browser reports it.

        Its last report may come after `receive` has already answered, so it must not bring the bar back.
        """
        share = sent.get("progress")
        if isinstance(share, int | float) and 0 <= share < 1:
            self.busy, self.percent = True, round(100 * share)

    @handler(requires=Role.MEMBER)
    async def refuse(self, principal: Principal, rejected: list[dict[str, Any]]) -> None:
        """The browser did not take the file: say why, and what it takes."""
        codes = {error.get("code") for item in rejected for error in item.get("errors", []) if isinstance(error, dict)}
        self.refused = next((text for code, text in _REASONS.items() if code in codes), _REASONS["file-invalid-type"])

    @handler(requires=Role.MEMBER)
    async def give_up(self, principal: Principal):
        """Stop the upload that is under way."""
        self.busy, self.percent = False, 0
        yield rx.cancel_upload(UPLOAD_ID)

    @handler(requires=Role.MEMBER, limit=Limit.UPLOAD)
    async def receive(self, principal: Principal, files: list[rx.UploadFile]):
        """Read and store the file, then go on to its columns. What the browser refused arrives as an empty drop."""
        if not files:
            return
        self.refused = ""
        if len(files) != 1:
            raise InvalidInput("Choose one file.", hint="CSV and XLSX files are read, one at a time.")
        with tempfile.TemporaryDirectory(prefix="mixmodel-upload-") as folder:
            path = Path(folder) / "upload"
            with path.open("wb") as target:
                while chunk := await files[0].read(_CHUNK):
                    target.write(chunk)
            of = as_id(self._version_of) if self._version_of else None
            try:
                found = await asyncio.to_thread(
                    datasets.upload, principal, path, files[0].name or "upload", version_of=of
                )
            finally:
                self.busy, self.percent = False, 0
        yield rx.redirect(f"/datasets/{found['id']}/columns")


@page(
    "/datasets/new",
    title="Upload data",
    requires=Role.MEMBER,
    parent="/datasets",
    on_load=UploadState.load,
)
def upload() -> rx.Component:
    """A drop zone, and what a good file looks like."""
    return stack(
        page_header("Upload data", "One table: a row for each week, day or month."),
        stepper(STEPS, 0, label="Steps of the upload"),
        rx.cond(UploadState.continues, notice(UploadState.continues), rx.fragment()),
        rx.cond(UploadState.busy, _sending(), _drop_zone()),
        form_error(UploadState.refused),
        section(
            "What the file needs",
            grid(
                card(
                    rx.el.p("The first day of the period, in any common format: 2026-01-05, 05/01/2026, 5 Jan 2026."),
                    title="A date",
                ),
                card(
                    rx.el.p("Revenue, orders or sign-ups: the number that marketing should move."), title="An outcome"
                ),
                card(
                    rx.el.p("One column of money per channel, such as tv_spend. Price, weather and holidays help too."),
                    title="Spend by channel",
                ),
            ),
            notice("At least 26 periods are needed; two years of weeks or more give useful answers."),
        ),
    )


def _drop_zone() -> rx.Component:
    return drop_zone(
        rx.el.span(icon("file-up", size=24), class_name="mm-empty-icon"),
        rx.el.p("Drop a file here, or press to choose one", class_name="mm-drop-title"),
        rx.el.p("CSV or XLSX, at most 50 MB", class_name="mm-hint"),
        id=UPLOAD_ID,
        label="Choose a CSV or XLSX file of at most 50 MB",
        refused=UploadState.refused,
        accept={
            "text/csv": [".csv", ".tsv", ".txt"],
            "application/gzip": [".gz"],
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": [".xlsx"],
        },
        max_size=MAX_UPLOAD_BYTES,
        on_drop=UploadState.receive(
            rx.upload_files(upload_id=UPLOAD_ID, on_upload_progress=UploadState.progress)  # pyright: ignore[reportCallIssue]
        ),
        on_drop_rejected=UploadState.refuse,
    )


def _sending() -> rx.Component:
    """As tall as the drop zone, so that nothing jumps."""
    return rx.el.div(
        rx.el.span(icon("file-up", size=24), class_name="mm-empty-icon"),
        rx.el.p("Reading your file", role="status", class_name="mm-drop-title"),
        rx.progress(value=UploadState.percent, max=100, aria_label="Upload", radius="full", width="min(320px, 100%)"),
        rx.el.p(UploadState.percent.to_string(), " % received", class_name="mm-hint mm-number"),
        secondary_button("Cancel", on_click=UploadState.give_up),
        class_name="mm-drop mm-drop-busy",
    )
