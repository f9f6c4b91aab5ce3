from typing import Any

import pytest
import reflex as rx

from mixmodel_app.domain.account import Role
from mixmodel_app.pages import _page
from mixmodel_app.registry import Registry
from mixmodel_app.state.handlers import REQUIRES
from tests.guides import example


def test_the_example_of_the_guide_is_a_working_guarded_page_with_its_navigation(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(_page, "PAGES", Registry("page"))
    monkeypatch.setattr(rx, "page", lambda **_: lambda render: render)
    name, source = example("page")
    names: dict[str, Any] = {"__name__": "guide_of_pages"}
    exec(compile(source, name, "exec"), names)
    (entry,) = _page.navigation()
    assert (entry.label, entry.route) == ("Count", "/count")
    assert getattr(names["CountState"].load.fn, REQUIRES) is Role.VIEWER
    assert "mm-page-header" in str(names["count"]())
