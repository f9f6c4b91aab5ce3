"""The sign-in provider on the pages of people who are not signed in: its button, and whether passwords count."""

from typing import Any

import reflex as rx

from mixmodel_app.components.buttons import leaving_link
from mixmodel_app.config import settings
from mixmodel_app.state.handlers import unguarded
from mixmodel_app.state.session import SessionState

START = "/auth/oidc/start"


class ProviderState(SessionState):
    """What this installation offers; the pages are built before anyone knows.

    Attributes:
        provider: what people call it, "" when there is none.
        passwords: whether one may sign in by password.
    """

    provider: str = ""
    passwords: bool = True

    @unguarded(because="It only says which ways to sign in there are, which everyone may see.")
    async def look_for_provider(self) -> None:
        """Read the settings."""
        oidc = settings().oidc
        self.provider = oidc.name if oidc.is_on else ""
        self.passwords = not oidc.only


def by_password(*children: Any) -> rx.Component:
    """What is there only where passwords count."""
    return rx.cond(ProviderState.passwords, rx.fragment(*children), rx.fragment())


def by_provider(target: rx.Var[str]) -> rx.Component:
    """The provider's button, nothing where there is none.

    Args:
        target: where to go afterwards.
    """
    encoded = rx.Var(f"encodeURIComponent({target!s})", _var_data=target._get_all_var_data()).to(str)
    button = leaving_link(
        "Continue with " + ProviderState.provider,
        f"{START}?next=" + encoded,
        icon_name="log-in",
        size="3",
        width="100%",
    )
    line = by_password(rx.el.div(rx.el.span("or"), class_name="mm-or"))
    return rx.cond(ProviderState.provider, rx.fragment(line, button), rx.fragment())
