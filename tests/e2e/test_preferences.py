"""How numbers are shown: chosen in the settings, followed by every view of the results, the planner and a report."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.product import Person

POINT_DECIMAL = re.compile(r"\d\.\d{1,2}(?!\d)")
COMMA_THOUSANDS = re.compile(r"CHF [\d.]*,\d{3}")
RETURN = re.compile(r"CHF \d+,\d\d(?!\d)")


_LINES = """main => {
  const lines = [];
  const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) lines.push(walker.currentNode.data);
  return lines.join("\\n");
}"""


@pytest.fixture
def tab(open_context: Callable[..., BrowserContext], sample_person: Person) -> Iterator[Page]:
    """The workspace of the sample, whose preferences are put back afterwards."""
    before = sample_person.get("/api/workspace")["preferences"]
    yield open_context(sample_person).new_page()
    answer = sample_person.api.patch("/api/workspace", json={"preferences": before})
    assert answer.status_code == 200


def _choose(tab: Page) -> None:
    """CHF, 1.234,56 and 80 %, by the form."""
    tab.goto("/settings")
    tab.get_by_label("Currency").select_option("CHF")
    tab.get_by_label("Number format").select_option("1.234,56")
    tab.get_by_label("Ranges hold the true value with").select_option("0.8")
    expect(tab.locator("#numbers-example")).to_contain_text("CHF 1.234.567")
    expect(tab.locator("#numbers-example")).to_contain_text("CHF 1,40–2,90, 80 % range")
    tab.get_by_role("button", name="Save").click()
    expect(tab.get_by_text("Saved.")).to_be_visible()


def _read(tab: Page, address: str, heading: str) -> str:
    """All text of a page that has its content, tables behind folds included; each element's on a line of its own."""
    tab.goto(address)
    expect(tab.get_by_role("heading", name=heading, exact=True).first).to_be_visible()
    return tab.locator("main").evaluate(_LINES)


def test_every_view_follows_currency_format_and_level(tab: Page, sample_run: str) -> None:
    _choose(tab)
    pages = {
        view: _read(tab, f"/results/{sample_run}?view={view}", heading)
        for view, heading in (("executive", "What to do next"), ("manager", "Channels"), ("analyst", "Parameters"))
    }
    pages["planner"] = _read(tab, f"/budget/{sample_run}", "Channels")
    for name, text in pages.items():
        assert "80 %" in text, name
        assert "94 % range" not in text, name
        assert "94 % HDI" not in text, name
        assert not COMMA_THOUSANDS.search(text), name
    for name in ("executive", "manager", "planner"):
        assert not POINT_DECIMAL.search(pages[name]), (name, POINT_DECIMAL.findall(pages[name]))
    blended = RETURN.search(pages["executive"])
    assert blended is not None
    report = tab.request.get(f"/api/models/{sample_run}/report.html").text()
    assert blended.group() in report
    assert blended.group() in pages["executive"]
    assert "80 % range" in report
    assert "94 % range" not in report


def test_the_planner_reads_and_writes_the_chosen_format(tab: Page, sample_run: str) -> None:
    _choose(tab)
    tab.goto(f"/budget/{sample_run}")
    box = tab.locator(".mm-planner-box").first
    expect(box).to_have_value(re.compile(r"^\d{1,3}(\.\d{3})*$"))
    tab.get_by_label("Whether the total is fixed or free").select_option("free")
    box.fill("12.345")
    box.press("Enter")
    expect(box).to_have_value("12.345")
    slider = tab.get_by_role("slider").first
    slider.focus()
    slider.press("PageUp")
    expect(box).to_have_value(re.compile(r"^\d{1,3}(\.\d{3})*$"))
