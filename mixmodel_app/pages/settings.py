"""What an admin decides for the whole workspace."""

import asyncio
from typing import Any

import reflex as rx

from mixmodel_app.components.buttons import link_button, primary_button
from mixmodel_app.components.forms import field, form_error, select_input, text_input
from mixmodel_app.components.layout import card, page_header, row, section, stack
from mixmodel_app.components.states import notice
from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.errors import InvalidInput
from mixmodel_app.domain.estimates import Estimate
from mixmodel_app.domain.preferences import CURRENCIES, LEVELS, NumberFormat, Preferences
from mixmodel_app.pages._page import page
from mixmodel_app.services import workspace
from mixmodel_app.state.handlers import handler, loader
from mixmodel_app.state.session import SessionState
from mixmodel_app.wording import numbers
from mixmodel_app.wording.uncertainty import return_sentence

_OTHER = "other"
_NO_CURRENCY = "Not shown"


class SettingsState(SessionState):
    """The workspace as it is being edited; `kept` is the name that is stored.

    Attributes:
        currency: one of the offered ones, "" for none, or `_OTHER` for the one typed into `own_currency`.
        number_format, interval: texts of the preferences; `example` writes numbers with them.
        problem: why the preferences cannot be kept; "" when they can.
    """

    kept: str = ""
    saved: bool = False
    currency: str = ""
    own_currency: str = ""
    number_format: str = NumberFormat.POINT.value
    interval: str = ""
    example: str = ""
    problem: str = ""
    numbers_saved: bool = False
    _typed: str = ""

    @loader(requires=Role.ADMIN)
    async def load(self, principal: Principal) -> None:
        """What is kept now. A page that only reconnects keeps what was typed."""
        if self._returns():
            return
        found = await asyncio.to_thread(workspace.get, principal)
        self.kept = found["name"]
        self._typed, self.saved, self.numbers_saved, self.problem = self.kept, False, False, ""
        self._show(principal.preferences)

    @handler(requires=Role.ADMIN)
    async def name(self, principal: Principal, name: str) -> None:
        """The name as it is typed."""
        self._typed, self.saved = name, False

    @handler(requires=Role.ADMIN)
    async def save(self, principal: Principal) -> None:
        """Keep it."""
        self.saved = False
        self.kept = (await asyncio.to_thread(workspace.rename, principal, self._typed))["name"]
        self.saved = True

    @handler(requires=Role.ADMIN)
    async def choose(self, principal: Principal, which: str, text: str) -> None:
        """One of the choices of how numbers are shown; the example follows."""
        self.numbers_saved, self.problem = False, ""
        if which == "currency":
            self.currency = text if text in (_OTHER, *CURRENCIES) else ""
        elif which == "own_currency":
            self.own_currency = text[:20]
        elif which == "number_format":
            self.number_format = text[:20]
        elif which == "interval":
            self.interval = text[:20]
        try:
            self._show_example(principal.preferences.changed(self._wanted()))
        except InvalidInput as error:
            self.example, self.problem = "", error.sentence()

    @handler(requires=Role.ADMIN)
    async def save_numbers(self, principal: Principal) -> None:
        """Keep the choices; every page and file follows them from now on."""
        self.numbers_saved, self.problem = False, ""
        try:
            await asyncio.to_thread(workspace.prefer, principal, self._wanted())
        except InvalidInput as error:
            self.problem = error.sentence()
            return
        self.numbers_saved = True

    def _wanted(self) -> dict[str, Any]:
        levels = {f"{level:g}": level for level in LEVELS}
        return {
            "currency": self.own_currency.strip() if self.currency == _OTHER else self.currency,
            "number_format": self.number_format,
            "interval": levels.get(self.interval),
        }

    def _show(self, preferences: Preferences) -> None:
        offered = preferences.currency in ("", *CURRENCIES)
        self.currency = preferences.currency if offered else _OTHER
        self.own_currency = "" if offered else preferences.currency
        self.number_format, self.interval = preferences.number_format.value, f"{preferences.interval:g}"
        self._show_example(preferences)

    def _show_example(self, preferences: Preferences) -> None:
        """A sentence of the results, as it would read."""
        shown = Estimate(median=2.1, lo=1.4, hi=2.9, lo50=1.9, hi50=2.3, mean=2.1, level=preferences.interval)
        with numbers.looking(preferences=preferences):
            spent = f"Spend {numbers.full_money(1_234_567)}, {numbers.money(1_234_567)} in short."
            self.example = f"{spent} {return_sentence('TV', shown, needed=None)}"


@page(
    "/settings",
    title="Settings",
    nav="Settings",
    icon="settings",
    order=90,
    requires=Role.ADMIN,
    on_load=SettingsState.load,
)
def settings_page() -> rx.Component:
    """The name of the workspace, and how its numbers are shown."""
    name = text_input(
        "workspace",
        default_value=SettingsState.kept,
        on_blur=SettingsState.name,
        max_length=255,
        key=SettingsState.kept,
    )
    return stack(
        page_header("Settings", "For everyone in this workspace."),
        card(
            stack(
                field("Name of the workspace", name, name="workspace"),
                row(primary_button("Rename", icon_name="check", on_click=SettingsState.save)),
                rx.cond(SettingsState.saved, notice("Saved.", tone="success"), rx.fragment()),
            )
        ),
        section("How numbers are shown", _numbers(), note="On every page and in every file of this workspace."),
        section(
            "People and data",
            row(
                link_button("Members", "/settings/members", icon_name="users"),
                link_button("Audit log", "/settings/audit", icon_name="scroll-text"),
                link_button("Export and deletion", "/settings/data", icon_name="archive"),
            ),
        ),
    )


def _numbers() -> rx.Component:
    """Currency, number format and level of ranges, with an example that follows."""
    own = text_input(
        "own_currency",
        default_value=SettingsState.own_currency,
        key=SettingsState.own_currency,
        on_blur=lambda text: SettingsState.choose("own_currency", text),
        max_length=4,
        auto_complete="off",
    )
    return card(
        stack(
            _choice("currency", "Currency", _CURRENCIES, SettingsState.currency),
            rx.cond(
                SettingsState.currency == _OTHER,
                field("Symbol or code, at most 4 letters", own, name="own_currency"),
                rx.fragment(),
            ),
            _choice("number_format", "Number format", _FORMATS, SettingsState.number_format),
            _choice("interval", "Ranges hold the true value with", _INTERVALS, SettingsState.interval),
            form_error(SettingsState.problem),
            rx.el.p(SettingsState.example, class_name="mm-hint", aria_live="polite", id="numbers-example"),
            row(primary_button("Save", icon_name="check", on_click=SettingsState.save_numbers)),
            rx.cond(SettingsState.numbers_saved, notice("Saved.", tone="success"), rx.fragment()),
        )
    )


_CURRENCIES = [("", _NO_CURRENCY), *((each, each) for each in CURRENCIES), (_OTHER, "Another")]
_FORMATS = [(each.value, each.value) for each in NumberFormat]
_INTERVALS = [(f"{level:g}", f"{numbers.percent(level)} probability") for level in LEVELS]


def _choice(key: str, label: str, options: list[tuple[str, str]], value: rx.Var[str]) -> rx.Component:
    control = select_input(key, options, value=value, on_change=lambda chosen: SettingsState.choose(key, chosen))
    return field(label, control, name=key)
