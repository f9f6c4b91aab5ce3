"""The second factor on the account page: off, being set up, or on."""

import asyncio

import reflex as rx

from mixmodel_app.components.account_form import account_done, account_errors
from mixmodel_app.components.buttons import danger_button, primary_button, secondary_button
from mixmodel_app.components.copy_text import copy_text
from mixmodel_app.components.forms import field, native_form, password_input, text_input
from mixmodel_app.components.layout import card, fold, row, section, stack
from mixmodel_app.components.states import notice
from mixmodel_app.domain.account import Principal
from mixmodel_app.pages._identity import IdentityState
from mixmodel_app.services import second_factor
from mixmodel_app.state.handlers import handler, loader
from mixmodel_app.state.session import SessionState

_WRONG = {
    "wrong_credentials": "The password is wrong.",
    "wrong_code": "The code is wrong or was used before. Wait for the next one.",
}


class SecondFactorState(SessionState):
    """Whether it is on, and what an authenticator needs while it is being set up.

    Attributes:
        stage: "off", "setup" or "on".
        picture: the QR code; with `secret` it is here only while it is on screen.
        codes: the recovery codes, one on a line, right after switching it on.
    """

    stage: str = "off"
    picture: str = ""
    secret: str = ""
    codes: str = ""
    codes_left: str = ""
    _typed: str = ""

    @loader()
    async def load_second_factor(self, principal: Principal) -> None:
        """Where the person stands. A page that only reconnects goes on showing the codes: it is the only time."""
        if not self._returns():
            self.codes = self._typed = ""
        await self._show(principal)

    @handler()
    async def type_code(self, principal: Principal, code: str) -> None:
        """The first code, as it is typed."""
        self._typed = code

    @handler()
    async def confirm(self, principal: Principal) -> None:
        """Switch it on by that code."""
        found = await asyncio.to_thread(second_factor.confirm, principal, self._typed)
        self._typed = ""
        await self._show(principal)
        self.codes = "\n".join(found)

    async def _show(self, principal: Principal) -> None:
        found = await asyncio.to_thread(second_factor.status, principal)
        setup = None if found["enabled"] else await asyncio.to_thread(second_factor.begun, principal)
        self.stage = "on" if found["enabled"] else "setup" if setup else "off"
        self.picture, self.secret = (setup.picture, _grouped(setup.secret)) if setup else ("", "")
        left = found["recovery_codes_left"]
        self.codes_left = f"{left} recovery code{'' if left == 1 else 's'} left."


def second_factor_section() -> rx.Component:
    """The section of the account page."""
    return section(
        "Second factor",
        account_errors("second", **_WRONG),
        account_done("second-off", "The second factor is off."),
        rx.match(
            SecondFactorState.stage,
            ("on", _on()),
            ("setup", _setup()),
            _off(),
        ),
        note="A code from an app on your phone, asked for after your password or your sign-in provider.",
    )


def _off() -> rx.Component:
    form = native_form(
        field("Your password", password_input("password", new=False), name="password"),
        secondary_button("Set up", icon_name="shield-check", type="submit"),
        action="/api/session/second-factor",
        class_name="mm-form mm-form-narrow",
    )
    without = rx.el.p("It is off. It needs a password, which your account does not have.", class_name="mm-quiet")
    fitting = fold("It is off", form, note="Set it up in a minute, with any authenticator app")
    return rx.cond(IdentityState.has_password, fitting, without)


def _setup() -> rx.Component:
    picture = rx.el.img(src=SecondFactorState.picture, alt="QR code for your authenticator app", class_name="mm-qr")
    code = text_input(
        "first_code", auto_complete="one-time-code", input_mode="numeric", on_blur=SecondFactorState.type_code
    )
    return card(
        stack(
            rx.el.ol(
                rx.el.li("Scan this with your authenticator app, or type the key into it."),
                rx.el.li("Enter the code that the app shows."),
                class_name="mm-steps",
            ),
            picture,
            rx.el.code(SecondFactorState.secret, class_name="mm-key"),
            field("Code from the app", code, name="first_code"),
            row(primary_button("Switch on", icon_name="shield-check", on_click=SecondFactorState.confirm)),
        )
    )


def _on() -> rx.Component:
    off = native_form(
        field("Your password", password_input("password", new=False), name="password"),
        field("Code", text_input("code", auto_complete="one-time-code", required=True), name="code"),
        danger_button("Switch off", icon_name="shield-off", type="submit"),
        action="/api/session/second-factor/off",
        class_name="mm-form mm-form-narrow",
    )
    return stack(
        rx.cond(SecondFactorState.codes, _codes(), rx.fragment()),
        fold("It is on", off, note=SecondFactorState.codes_left),
    )


def _codes() -> rx.Component:
    said = "The second factor is on. Keep these recovery codes: each signs you in once when your phone is lost. "
    return card(
        stack(
            rx.el.div(notice(said + "They are shown only now.", tone="success"), role="status"),
            copy_text(SecondFactorState.codes, name="recovery-codes", label="Copy the codes"),
        )
    )


def _grouped(secret: str) -> str:
    """In groups of four, as people type it."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
