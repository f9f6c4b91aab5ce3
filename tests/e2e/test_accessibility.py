"""axe-core finds nothing serious on any page, in light and in dark."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext

from tests.e2e.conftest import Console
from tests.e2e.product import Person
from tests.e2e.sites import PAGES, PUBLIC_PAGES, visit

SERIOUS = ("serious", "critical")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", [*PUBLIC_PAGES, *PAGES])
def test_axe_finds_nothing_serious(
    open_context: Callable[..., BrowserContext], console: Console, sample_person: Person, name: str, scheme: str
) -> None:
    console.expect("/no-such-page")
    person = None if name in PUBLIC_PAGES else sample_person
    # The policy stops the script that axe injects; only this tab goes without it.
    tab = open_context(person, color_scheme=scheme, bypass_csp=True, reduced_motion="reduce").new_page()
    visit(tab, sample_person, name)
    found: list[dict[str, Any]] = Axe().run(tab).response["violations"]
    serious = [_words(violation) for violation in found if violation["impact"] in SERIOUS]
    assert not serious, f"{name} in {scheme}:\n" + "\n".join(serious)


def _words(violation: dict[str, Any]) -> str:
    places = [f"    {node['html'][:160]}" for node in violation["nodes"][:4]]
    return "\n".join([f"{violation['id']}: {violation['help']} ({len(violation['nodes'])})", *places])
