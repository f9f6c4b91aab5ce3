"""axe-core finds nothing serious on any page, in light and in dark."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext

from tests.e2e.axe import serious_in_both_themes
from tests.e2e.conftest import Console
from tests.e2e.product import Person
from tests.e2e.sites import PAGES, PUBLIC_PAGES, visit


@pytest.mark.parametrize("name", [*PUBLIC_PAGES, *PAGES])
def test_axe_finds_nothing_serious(
    open_context: Callable[..., BrowserContext], console: Console, sample_person: Person, name: str
) -> None:
    console.expect("/no-such-page")
    person = None if name in PUBLIC_PAGES else sample_person
    # The policy stops the script that axe injects; only this tab goes without it.
    tab = open_context(person, color_scheme="light", bypass_csp=True, reduced_motion="reduce").new_page()
    visit(tab, sample_person, name)
    found = serious_in_both_themes(tab)
    assert not found, f"{name}:\n" + "\n".join(found)
