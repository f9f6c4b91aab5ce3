"""axe-core on a tab, for tests that look for what is serious."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

SETTLE_MS = 500
_SERIOUS = ("serious", "critical")
_WITHOUT_DRAWINGS = {"exclude": [["svg.main-svg"]]}
"""The inside of a chart: its frame is one image with a text to assistive technology, and thousands of nodes to axe."""
_ONLY_VIOLATIONS = {"resultTypes": ["violations"]}
"""The long lists of what is right take most of the time."""


def serious_in_both_themes(tab: Page) -> list[str]:
    """What axe finds serious or critical in light, then in dark. The tab must bypass the policy and start in light."""
    light = [f"light: {words}" for words in _serious(tab)]
    tab.emulate_media(color_scheme="dark")
    expect(tab.locator("html")).to_have_class("dark")
    expect(tab.locator(".radix-themes").first).to_contain_class("dark")  # follows the page's by some moments
    dark = _serious(tab)
    if dark:  # colours of a page that moves may be caught half way
        tab.wait_for_timeout(SETTLE_MS)
        dark = _serious(tab)
    return light + [f"dark: {words}" for words in dark]


def _serious(tab: Page) -> list[str]:
    found: list[dict[str, Any]] = (
        Axe().run(tab, context=_WITHOUT_DRAWINGS, options=_ONLY_VIOLATIONS).response["violations"]
    )
    return [_words(violation) for violation in found if violation["impact"] in _SERIOUS]


def _words(violation: dict[str, Any]) -> str:
    places = [f"    {node['html'][:160]}" for node in violation["nodes"][:4]]
    return "\n".join([f"{violation['id']}: {violation['help']} ({len(violation['nodes'])})", *places])
