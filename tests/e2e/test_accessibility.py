"""axe-core finds nothing serious on any page, in light and in dark."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import Console
from tests.e2e.product import Person
from tests.e2e.sites import PAGES, PUBLIC_PAGES, visit

SERIOUS = ("serious", "critical")
WITHOUT_DRAWINGS = {"exclude": [["svg.main-svg"]]}
"""The inside of a chart: its frame is one image with a text to assistive technology, and thousands of nodes to axe."""
ONLY_VIOLATIONS = {"resultTypes": ["violations"]}
"""The long lists of what is right take most of the time."""


@pytest.mark.parametrize("name", [*PUBLIC_PAGES, *PAGES])
def test_axe_finds_nothing_serious(
    open_context: Callable[..., BrowserContext], console: Console, sample_person: Person, name: str
) -> None:
    console.expect("/no-such-page")
    person = None if name in PUBLIC_PAGES else sample_person
    # The policy stops the script that axe injects; only this tab goes without it.
    tab = open_context(person, color_scheme="light", bypass_csp=True, reduced_motion="reduce").new_page()
    visit(tab, sample_person, name)
    light = _serious(tab)
    tab.emulate_media(color_scheme="dark")
    expect(tab.locator("html")).to_have_class("dark")
    dark = _serious(tab)
    assert not light, f"{name} in light:\n" + "\n".join(light)
    assert not dark, f"{name} in dark:\n" + "\n".join(dark)


def _serious(tab: Page) -> list[str]:
    found: list[dict[str, Any]] = (
        Axe().run(tab, context=WITHOUT_DRAWINGS, options=ONLY_VIOLATIONS).response["violations"]
    )
    return [_words(violation) for violation in found if violation["impact"] in SERIOUS]


def _words(violation: dict[str, Any]) -> str:
    places = [f"    {node['html'][:160]}" for node in violation["nodes"][:4]]
    return "\n".join([f"{violation['id']}: {violation['help']} ({len(violation['nodes'])})", *places])
