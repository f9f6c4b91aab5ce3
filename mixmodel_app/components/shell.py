"""The frame around every page: navigation, person, banners, main landmark."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx

from mixmodel_app.components.banners import connection_banner, error_banner, session_marker
from mixmodel_app.components.brand import brand
from mixmodel_app.components.buttons import icon_button, plain_link
from mixmodel_app.components.crash import boundary
from mixmodel_app.components.icons import icon
from mixmodel_app.components.palette import goals, palette, palette_button
from mixmodel_app.components.person import person_menu, theme_choice
from mixmodel_app.components.states import error_state, page_skeleton
from mixmodel_app.domain.account import Role
from mixmodel_app.state.session import SessionState


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the navigation."""

    label: str
    route: str
    icon: str
    requires: Role = Role.VIEWER


def app_shell(
    content: rx.Component,
    *,
    route: str,
    active: str,
    items: Sequence[NavItem],
    skeleton: Callable[[], rx.Component] | None = None,
) -> rx.Component:
    """The frame of pages for people who are signed in.

    Args:
        content: the page.
        route: the page's own route; the skeleton stays until its loader has answered for the current address.
        active: route of the navigation entry to mark.
        items: the navigation.
        skeleton: the page's own skeleton.
    """
    return rx.el.div(
        _skip_link(),
        session_marker(),
        _sidebar(items, active),
        rx.el.div(
            _topbar(items, active),
            connection_banner(),
            rx.el.main(
                error_banner(),
                _arrived(content, route, skeleton or page_skeleton),
                id="main",
                tab_index=-1,
                class_name="mm-main",
            ),
            class_name="mm-workspace",
        ),
        palette(goals([(item.label, item.route, item.icon) for item in items])),
        class_name="mm-shell",
    )


def public_shell(content: rx.Component) -> rx.Component:
    """The frame of pages that need no session: the mark, the content, the theme."""
    return rx.el.div(
        _skip_link(),
        rx.el.header(brand(), theme_choice(), class_name="mm-public-header"),
        connection_banner(),
        rx.el.main(boundary(content), id="main", tab_index=-1, class_name="mm-public-main"),
        class_name="mm-public",
    )


def _arrived(content: rx.Component, route: str, skeleton: Callable[[], rx.Component]) -> rx.Component:
    """The content once it belongs to this address, the error in its place when loading failed."""
    here = (SessionState.ready_route == route) & (SessionState.ready_path == SessionState.router.url.path)
    failed = error_state(SessionState.error_title, SessionState.error_message, SessionState.error_hint)
    return rx.cond(here, rx.cond(SessionState.load_failed, failed, boundary(content)), skeleton())


def _skip_link() -> rx.Component:
    return plain_link("Skip to content", href="#main", class_name="mm-skip")


def _sidebar(items: Sequence[NavItem], active: str) -> rx.Component:
    return rx.el.aside(
        brand(),
        _navigation(items, active, "Main"),
        rx.el.div(palette_button(), person_menu(), class_name="mm-sidebar-foot"),
        class_name="mm-sidebar",
    )


def _topbar(items: Sequence[NavItem], active: str) -> rx.Component:
    """Shown below 1024 px in place of the sidebar."""
    return rx.el.header(_drawer(items, active), brand(), person_menu(compact=True), class_name="mm-topbar")


def _drawer(items: Sequence[NavItem], active: str) -> rx.Component:
    return rx.dialog.root(
        rx.dialog.trigger(icon_button("menu", "Open navigation", size="3")),
        rx.dialog.content(
            rx.dialog.title("Navigation", class_name="mm-visually-hidden"),
            rx.el.div(
                brand(),
                rx.dialog.close(icon_button("x", "Close navigation", size="3")),
                class_name="mm-drawer-head",
            ),
            _navigation(items, active, "Main, in the drawer"),
            aria_describedby="",
            class_name="mm-drawer",
        ),
    )


def _navigation(items: Sequence[NavItem], active: str, label: str) -> rx.Component:
    return rx.el.nav(
        rx.el.ul(*(_entry(item, active) for item in items), class_name="mm-nav"),
        aria_label=label,
    )


def _entry(item: NavItem, active: str) -> rx.Component:
    current: dict[str, Any] = {"aria_current": "page"} if item.route == active else {}
    entry = rx.el.li(
        rx.link(icon(item.icon), item.label, href=item.route, underline="none", class_name="mm-nav-link", **current)
    )
    if item.requires is Role.ADMIN:
        return rx.cond(SessionState.role == Role.ADMIN.value, entry, rx.fragment())
    return entry
