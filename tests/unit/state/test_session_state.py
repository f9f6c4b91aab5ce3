"""Whom a tab's state belongs to, and what happens to it when that changes."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
import reflex as rx
from reflex.istate.data import HeaderData, ReflexURL, SessionData, URLData

from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.errors import FieldError, InvalidInput, NotAllowed, NotAuthenticated
from mixmodel_app.services import accounts, limits
from mixmodel_app.services.limits import Limit
from mixmodel_app.state.reconnect import RETURNS
from mixmodel_app.state.session import SessionState


class DrawerState(SessionState):
    """A page's state with something in it that is private to one person."""

    private: str = ""
    _hidden: str = ""


def _person(name: str, role: Role = Role.MEMBER) -> Principal:
    return Principal(uuid4(), uuid4(), role, f"{name.lower()}@example.com", f"{name} Example")


ANN, BOB = _person("Ann"), _person("Bob", Role.VIEWER)


@pytest.fixture
def root() -> rx.State:
    return rx.State(_reflex_internal_init=True)  # pyright: ignore[reportCallIssue]


@pytest.fixture
def session(root: rx.State) -> SessionState:
    found = root.get_substate(SessionState.get_full_name().split("."))
    assert isinstance(found, SessionState)
    return found


@pytest.fixture
def drawer(root: rx.State) -> Any:
    return root.get_substate(DrawerState.get_full_name().split("."))


@pytest.fixture
def holder(monkeypatch: pytest.MonkeyPatch) -> Callable[[Principal | None], None]:
    """Says who holds the cookies from now on."""

    def put(principal: Principal | None) -> None:
        def look(_header: str, _address: str = "") -> Principal:
            if principal is None:
                raise NotAuthenticated("You are not signed in.")
            return principal

        monkeypatch.setattr(accounts, "principal_from_cookies", look)

    return put


def _send_cookies(root: rx.State, cookie: str) -> None:
    root.rx_router_headers = HeaderData.from_router_data({"headers": {"cookie": cookie}})


async def test_who_is_admitted_is_shown(session: SessionState, holder: Callable[..., None]) -> None:
    holder(ANN)
    assert await session._admit(Role.VIEWER, None) == ANN
    assert (session.full_name, session.initial, session.role) == ("Ann Example", "A", "member")
    assert session.session == "active"


def _arrive(root: rx.State, connection: str, path: str, *, anew: bool) -> None:
    """An event of the page at `path` through this connection; `anew` when its page was connected before."""
    headers = {"cookie": "", **({RETURNS: "1"} if anew else {})}
    root.rx_router_headers = HeaderData.from_router_data({"headers": headers})
    root.rx_router_session = SessionData.from_router_data({"sid": connection})
    root.rx_router_url = URLData.from_url(ReflexURL(f"http://localhost{path}"))
    root.rx_router_route_id = path


async def _loads(session: SessionState) -> list[bool]:
    """What the two loaders of a page are told, in their order."""
    told = []
    for _ in range(2):
        await session._admit(Role.VIEWER, None)
        told.append(session._returns())
        session._settle()
    return told


async def test_a_page_returns_when_only_its_connection_is_new(
    root: rx.State, session: SessionState, holder: Callable[..., None]
) -> None:
    holder(ANN)
    _arrive(root, "first", "/account", anew=False)
    assert await _loads(session) == [False, False], "it has just been opened"
    _arrive(root, "second", "/account", anew=True)
    assert await _loads(session) == [True, True]
    _arrive(root, "second", "/settings", anew=True)
    assert await _loads(session) == [False, False], "another page, through the connection that was new once"
    _arrive(root, "second", "/account", anew=True)
    assert await _loads(session) == [False, False]
    _arrive(root, "third", "/account", anew=False)
    assert await _loads(session) == [False, False], "it was reloaded"
    holder(BOB)
    _arrive(root, "fourth", "/account", anew=True)
    assert await _loads(session) == [False, False], "somebody else's page is never this one"


async def test_another_person_finds_nothing_of_the_first(
    session: SessionState, drawer: Any, holder: Callable[..., None]
) -> None:
    holder(ANN)
    await session._admit(Role.VIEWER, None)
    drawer.private, drawer._hidden = "Ann's plan", "Ann's"
    holder(BOB)
    await session._admit(Role.VIEWER, None)
    assert (drawer.private, drawer._hidden) == ("", "")
    assert session.full_name == "Bob Example"


async def test_the_same_person_keeps_what_is_on_the_page(
    session: SessionState, drawer: Any, holder: Callable[..., None]
) -> None:
    holder(ANN)
    await session._admit(Role.VIEWER, None)
    drawer.private = "Ann's plan"
    await session._admit(Role.VIEWER, None)
    assert drawer.private == "Ann's plan"


@pytest.mark.parametrize(("cookie", "state"), [("", ""), ("mm_refresh=old", "expired")])
async def test_without_a_session_everything_is_forgotten(
    root: rx.State, session: SessionState, drawer: Any, holder: Callable[..., None], cookie: str, state: str
) -> None:
    holder(ANN)
    await session._admit(Role.VIEWER, None)
    drawer.private = "Ann's plan"
    holder(None)
    _send_cookies(root, cookie)
    assert await session._admit(Role.VIEWER, None) is None
    assert drawer.private == ""
    assert session.full_name == session.email == ""
    assert session.session == state


async def test_a_refusal_leads_to_the_sign_in_page_unless_the_browser_may_renew(session: SessionState) -> None:
    session.session = "expired"
    assert session._refusal() is None
    session.session = ""
    assert session._refusal() is not None


async def test_a_role_that_is_too_low_is_refused_before_it_is_counted(
    session: SessionState, holder: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[Limit] = []
    monkeypatch.setattr(limits, "hit", lambda limit, _who: counted.append(limit))
    holder(BOB)
    with pytest.raises(NotAllowed):
        await session._admit(Role.MEMBER, Limit.RUN)
    assert counted == []
    await session._admit(Role.VIEWER, Limit.RUN)
    assert counted == [Limit.RUN]


def test_an_expected_error_is_shown_in_its_own_words(session: SessionState) -> None:
    session._report(InvalidInput("The name is empty.", hint="Type one.", errors=(FieldError("name", "is empty"),)))
    assert (session.error_message, session.error_hint) == ("The name is empty.", "Type one.")
    assert session.field_errors == {"name": "is empty"}
    session._clear_error()
    assert session.error_title == session.error_message == session.error_hint == ""
    assert session.field_errors == {}


def test_an_unexpected_error_shows_a_reference_and_nothing_of_the_inside(
    session: SessionState, caplog: pytest.LogCaptureFixture
) -> None:
    session._report(ZeroDivisionError("table users has no column x"))
    shown = session.error_title + session.error_message + session.error_hint
    assert "users" not in shown
    assert "ZeroDivisionError" not in shown
    reference = session.error_message.rstrip(".").split()[-1]
    assert reference in caplog.text, "the log can be searched for it"


def test_a_page_is_ready_at_its_own_address(root: rx.State, session: SessionState) -> None:
    session._report(NotAllowed("Not yours."))
    session._settle()
    assert session.load_failed
    session._clear_error()
    session._settle()
    assert not session.load_failed
