"""What the pages of people who are not signed in know about ways to sign in."""

from collections.abc import Iterator
from typing import Any

import pytest
import reflex as rx

from mixmodel_app import config
from mixmodel_app.pages._provider import ProviderState

PROVIDER = {"OIDC_ISSUER": "https://id.example.com", "OIDC_CLIENT_ID": "m", "OIDC_CLIENT_SECRET": "s"}


@pytest.fixture
def state() -> Iterator[Any]:
    config.settings.cache_clear()
    yield rx.State(_reflex_internal_init=True).get_substate(ProviderState.get_full_name().split("."))  # pyright: ignore[reportCallIssue]
    config.settings.cache_clear()


@pytest.mark.parametrize(
    ("env", "shown"),
    [
        ({}, ("", True)),
        (PROVIDER, ("single sign-on", True)),
        (PROVIDER | {"OIDC_NAME": "Harbour ID", "OIDC_ONLY": "1"}, ("Harbour ID", False)),
    ],
)
async def test_the_button_is_there_only_where_there_is_a_provider(
    state: Any, monkeypatch: pytest.MonkeyPatch, env: dict[str, str], shown: tuple[str, bool]
) -> None:
    for name in ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_NAME", "OIDC_ONLY"):
        monkeypatch.setenv(name, env.get(name, ""))
    await state.look_for_provider()
    assert (state.provider, state.passwords) == shown
