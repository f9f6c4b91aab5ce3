"""`@page`: a function becomes a page, with its navigation entry, title, guard and shell.

A page is one file in this package: a state class (child of `SessionState`), a function that builds the content, and
the `@page` line above it. Nothing else has to be touched.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx

from mixmodel_app.components.shell import NavItem, app_shell, public_shell
from mixmodel_app.domain.account import Role
from mixmodel_app.registry import Registry
from mixmodel_app.state.handlers import IS_LOADER, REQUIRES
from mixmodel_app.state.session import SessionState

PRODUCT = "MixModel"

type Builder = Callable[[], rx.Component]


@dataclass(frozen=True, slots=True)
class Page:
    """What the `@page` line says. `nav` is the label in the navigation, None for pages that are not in it."""

    route: str
    nav: str | None
    icon: str
    order: int
    requires: Role | None


PAGES: Registry[Page] = Registry("page")


def page(
    route: str,
    *,
    title: str | rx.Var[str],
    nav: str | None = None,
    icon: str = "file",
    order: int = 100,
    requires: Role | None = Role.VIEWER,
    on_load: Any = None,
    parent: str | None = None,
    skeleton: Builder | None = None,
) -> Callable[[Builder], Builder]:
    """Register the decorated function as the content of the page at `route`.

    Args:
        route: like "/runs/[run_id]"; the part in brackets is `self._route_param("run_id")` in handlers.
        title: of the browser tab, before " – MixModel"; a `Var` when it depends on what is shown.
        nav: label in the navigation; None keeps the page out of it.
        icon: name of a Lucide icon, for the navigation.
        order: place in the navigation, lowest first.
        requires: the least role; None makes the page public, without the application shell.
        on_load: a `@loader`, or a list that starts with one. Left out, the page only checks that someone is signed in.
        parent: route of the navigation entry to mark as current; the page's own by default.
        skeleton: what stands in place of the content until it has loaded.

    Raises:
        ValueError: `on_load` does not start with a loader, or the loader asks for less than the page.
    """

    def register(build: Builder) -> Builder:
        PAGES.register(route)(Page(route, nav, icon, order, requires))
        events = _load_events(route, requires, on_load)
        render = _render(build, route, parent or route, requires, skeleton)
        rx.page(route=route, title=_full_title(title), on_load=events)(render)
        return build

    return register


def navigation() -> tuple[NavItem, ...]:
    """The entries of the navigation, in order."""
    shown = sorted((page for page in PAGES if page.nav is not None), key=lambda page: page.order)
    return tuple(NavItem(page.nav or "", page.route, page.icon, page.requires or Role.VIEWER) for page in shown)


def guarded_routes() -> tuple[str, ...]:
    """Routes that need a session, for the layer that sends visitors without one to the sign-in page."""
    return tuple(page.route for page in PAGES if page.requires is not None)


def _render(build: Builder, route: str, active: str, requires: Role | None, skeleton: Builder | None) -> Builder:
    @functools.wraps(build)
    def render() -> rx.Component:
        if requires is None:
            return public_shell(build())
        return app_shell(build(), route=route, active=active, items=navigation(), skeleton=skeleton)

    return render


def _full_title(title: str | rx.Var[str]) -> str | rx.Var[str]:
    if isinstance(title, str):
        return f"{title} – {PRODUCT}"
    return rx.cond(title, rx.Var.create(title) + f" – {PRODUCT}", PRODUCT)  # pyright: ignore[reportReturnType, reportOperatorIssue]


def _load_events(route: str, requires: Role | None, on_load: Any) -> list[Any] | None:
    events = list(on_load) if isinstance(on_load, Sequence) else [on_load] if on_load is not None else []
    if requires is None:
        return events or None
    events = events or [SessionState.arrive]
    first = events[0].fn
    if not getattr(first, IS_LOADER, False):
        raise ValueError(f"The page {route} must load through a @loader first.")
    if getattr(first, REQUIRES).rank < requires.rank and first is not SessionState.arrive.fn:
        raise ValueError(f"The loader of {route} must require {requires}, as its page does.")
    return events
