"""The planner under the hand: sliders, boxes, keys, locks, goals, undo and scenarios, against the API's numbers."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from mixmodel_app.wording import numbers
from tests.e2e.product import Person

PHONE = {"width": 390, "height": 844}
LONG = "Programmatic display prospecting and retargeting Supercalifragilisticexpialidocious"
_CROWDED = """(name) => {
  const found = [];
  for (const row of document.querySelectorAll(".mm-planner-row")) {
    row.querySelector(".mm-planner-title").lastChild.textContent = name;
    const edge = row.getBoundingClientRect().right;
    const all = "button, input, .rt-Badge, .mm-planner-title, .mm-number, .mm-planner-curve";
    const parts = [...row.querySelectorAll(all)]
      .map((part) => [part.ariaLabel || part.textContent || part.tagName, part.getBoundingClientRect()]);
    parts.forEach(([words, one], place) => {
      if (one.right > edge + 1) found.push(`${words} leaves the row`);
      for (const [other, two] of parts.slice(place + 1)) {
        const across = Math.min(one.right, two.right) - Math.max(one.left, two.left);
        const down = Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top);
        if (across > 1 && down > 1) found.push(`${words} lies on ${other}`);
      }
    });
  }
  return found;
}"""


@pytest.fixture
def run_id(sample_person: Person) -> str:
    return sample_person.get("/api/models")[0]["id"]


@pytest.fixture
def planner(open_context: Callable[..., BrowserContext], sample_person: Person, run_id: str) -> Page:
    tab = open_context(sample_person).new_page()
    tab.goto(f"/budget/{run_id}")
    expect(tab.get_by_role("heading", name="Channels", exact=True)).to_be_visible()
    return tab


def _current(person: Person, run_id: str) -> dict[str, float]:
    return person.post(f"/api/models/{run_id}/evaluate", {"allocation": {}})["current"]


def _value(page: Page, label: str) -> Locator:
    return page.locator(".mm-planner-top dl").filter(has_text=label).locator(".mm-planner-value")


def _amount(page: Page, channel: str) -> float:
    return float(page.get_by_label(f"Budget of {channel}", exact=True).input_value().replace(",", ""))


def _free(page: Page) -> None:
    page.get_by_label("Whether the total is fixed or free").select_option("free")
    expect(page.get_by_label("Total budget", exact=True)).to_be_disabled()


def _settled(page: Page, channel: str, percent: int, amount: str) -> None:
    """The server has answered, and slider and box stand where it says."""
    slider = page.get_by_role("slider", name=f"Budget of {channel} ")
    box = page.get_by_label(f"Budget of {channel}", exact=True)
    expect(slider).to_have_attribute("data-value", str(percent))
    expect(box).to_have_attribute("data-value", amount)
    expect(slider).to_have_value(str(percent))
    expect(box).to_have_value(amount)


def test_keys_move_a_slider_by_one_and_by_ten_per_cent(planner: Page, sample_person: Person, run_id: str) -> None:
    current = _current(sample_person, run_id)
    channel = next(iter(current))
    _free(planner)
    slider = planner.get_by_role("slider", name=f"Budget of {channel} ")
    slider.focus()
    for key, percent in (("ArrowRight", 101), ("PageUp", 111), ("PageDown", 101), ("ArrowLeft", 100)):
        planner.keyboard.press(key)
        _settled(planner, channel, percent, numbers.full_money(current[channel] * percent / 100))
        expect(slider).to_be_focused()
    planner.keyboard.press("PageUp")
    _settled(planner, channel, 110, numbers.full_money(current[channel] * 1.1))
    planner.keyboard.press("Control+z")
    _settled(planner, channel, 100, numbers.full_money(current[channel]))


def test_an_answer_never_pulls_back_a_slider_that_has_moved_on(
    planner: Page, sample_person: Person, run_id: str
) -> None:
    current = _current(sample_person, run_id)
    first, second, *_ = current
    _free(planner)
    planner.get_by_role("slider", name=f"Budget of {first} ").focus()
    for _ in range(30):  # quicker than the server answers, slower than it takes to hear of all of them at once
        planner.keyboard.press("ArrowRight", delay=5)
        planner.wait_for_timeout(15)
    _settled(planner, first, 130, numbers.full_money(1.3 * current[first]))
    for _ in range(3):
        planner.keyboard.press("ArrowLeft")
    planner.get_by_role("button", name=f"5 % more for {second}", exact=True).click()  # the last step counts before it
    _settled(planner, second, 105, numbers.full_money(1.05 * current[second]))
    _settled(planner, first, 127, numbers.full_money(1.27 * current[first]))


def test_a_thumb_that_is_taken_away_and_back_still_follows(planner: Page, sample_person: Person, run_id: str) -> None:
    current = _current(sample_person, run_id)
    channel = next(iter(current))
    _free(planner)
    slider = planner.get_by_role("slider", name=f"Budget of {channel} ")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    scale = int(slider.get_attribute("max") or 0)
    at = box["x"] + 10 + 100 / scale * (box["width"] - 20), box["y"] + box["height"] / 2
    planner.mouse.move(*at)
    planner.mouse.down()
    planner.mouse.move(at[0] + 60, at[1], steps=4)
    expect(slider).not_to_have_value("100")
    planner.mouse.move(*at, steps=4)
    planner.mouse.up()
    expect(slider).to_have_value("100")
    planner.get_by_role("button", name=f"5 % more for {channel}", exact=True).click()
    _settled(planner, channel, 105, numbers.full_money(1.05 * current[channel]))


def test_the_first_limits_are_half_and_one_and_a_half_and_can_be_cleared(
    planner: Page, sample_person: Person, run_id: str
) -> None:
    current = _current(sample_person, run_id)
    for name in current:
        expect(planner.get_by_label(f"At least % for {name}", exact=True)).to_have_value("50")
        expect(planner.get_by_label(f"At most % for {name}", exact=True)).to_have_value("150")
    planner.get_by_role("button", name="Optimise").click()
    expect(planner.get_by_text("The best plan found is on screen.")).to_be_attached()
    shares = {name: _amount(planner, name) / current[name] for name in current}
    assert all(0.499 <= share <= 1.501 for share in shares.values()), shares
    planner.get_by_role("button", name="Clear limits").click()
    for name in current:
        expect(planner.get_by_label(f"At least % for {name}", exact=True)).to_have_value("")
        expect(planner.get_by_label(f"At most % for {name}", exact=True)).to_have_value("")
    planner.get_by_role("button", name="Reset to now").click()
    expect(planner.get_by_label(f"At least % for {next(iter(current))}", exact=True)).to_have_value("50")


def test_the_numbers_on_screen_are_those_of_the_api(planner: Page, sample_person: Person, run_id: str) -> None:
    current = _current(sample_person, run_id)
    channel = max(current, key=lambda name: current[name])
    _free(planner)
    box = planner.get_by_label(f"Budget of {channel}", exact=True)
    box.fill(f"{current[channel] * 1.2:.0f}")
    box.press("Enter")
    allocation = current | {channel: float(f"{current[channel] * 1.2:.0f}")}
    found = sample_person.post(f"/api/models/{run_id}/evaluate", {"allocation": allocation})
    both = f"{numbers.money(found['current_revenue'])} → {numbers.money(found['revenue'])}"
    expect(_value(planner, "Revenue from media")).to_have_text(both)
    expect(_value(planner, "Gain after cost")).to_have_text(numbers.signed_money(found["net_gain"]))
    row = planner.get_by_role("group", name=channel, exact=True)
    expect(row).to_contain_text(numbers.roas(found["marginal_roas"][channel]))


def test_under_a_fixed_total_the_others_give_and_locked_ones_do_not(
    planner: Page, sample_person: Person, run_id: str
) -> None:
    current = _current(sample_person, run_id)
    first, second, *rest = current
    planner.get_by_role("button", name=f"Lock {second}", exact=True).click()
    expect(planner.get_by_role("button", name=f"Lock {second}", exact=True)).to_have_attribute("aria-pressed", "true")
    planner.get_by_role("button", name=f"5 % more for {first}", exact=True).click()
    expect(planner.get_by_label(f"Budget of {first}", exact=True)).to_have_value(
        numbers.full_money(1.05 * current[first])
    )
    assert _amount(planner, second) == pytest.approx(current[second], abs=1)
    assert all(_amount(planner, name) < current[name] for name in rest)
    assert sum(_amount(planner, name) for name in current) == pytest.approx(sum(current.values()), abs=len(current))
    planner.get_by_role("button", name="Optimise").click()
    expect(planner.get_by_text("The best plan found is on screen.")).to_be_attached()
    assert _amount(planner, second) == pytest.approx(current[second], abs=1)
    expect(planner.get_by_role("heading", name="Why these moves")).to_be_visible()
    planner.get_by_role("button", name="Reset to now").click()
    expect(planner.get_by_label(f"Budget of {first}", exact=True)).to_have_value(numbers.full_money(current[first]))


def test_impossible_questions_are_explained(planner: Page, sample_person: Person, run_id: str) -> None:
    channel = next(iter(_current(sample_person, run_id)))
    least = planner.get_by_label(f"At least % for {channel}", exact=True)
    least.fill("200")
    least.press("Enter")
    expect(planner.locator(".mm-planner-problem")).to_contain_text("The least is above the most")
    planner.get_by_role("button", name="Optimise").click()
    expect(planner.get_by_role("alert")).to_contain_text(f"The minimum for {channel}")
    most = planner.get_by_label(f"At most % for {channel}", exact=True)
    most.fill("")
    most.press("Enter")
    expect(planner.locator(".mm-planner-problem")).to_contain_text("Below its least of")
    planner.get_by_label("Goal").select_option("target_revenue")
    target = planner.get_by_label("Target", exact=True)
    target.fill("1,000,000,000,000")
    target.press("Enter")
    planner.get_by_role("button", name="Optimise").click()
    expect(planner.get_by_role("alert")).to_contain_text("out of reach")


def test_spend_that_nobody_saw_is_said(planner: Page, sample_person: Person, run_id: str) -> None:
    current = _current(sample_person, run_id)
    channel = next(iter(current))
    _free(planner)
    box = planner.get_by_label(f"Budget of {channel}", exact=True)
    box.fill(f"{current[channel] * 50:.0f}")
    box.press("Enter")
    expect(planner.get_by_text(re.compile("more than 1.3 × the highest spend"))).to_be_visible()
    expect(planner.get_by_role("group", name=channel, exact=True)).to_contain_text("outside observed spend")


def test_a_target_is_answered_with_its_chance(planner: Page, sample_person: Person, run_id: str) -> None:
    now = sample_person.post(f"/api/models/{run_id}/evaluate", {"allocation": {}})["current_revenue"]
    planner.get_by_label("Goal").select_option("target_revenue")
    planner.get_by_label("Risk").select_option("cautious")
    target = planner.get_by_label("Target", exact=True)
    target.fill(f"{now:.0f}")
    target.press("Enter")
    planner.get_by_role("button", name="Optimise").click()
    expect(planner.get_by_text("Reaches the target: 9 in 10")).to_be_visible()


def test_scenarios_are_kept_opened_and_compared(planner: Page, sample_person: Person, run_id: str) -> None:
    current = _current(sample_person, run_id)
    channel = next(iter(current))
    _free(planner)
    for name, percent in (("As it is", 0), ("A little more", 1)):
        if percent:
            planner.get_by_role("button", name=f"5 % more for {channel}", exact=True).click()
            expect(planner.get_by_label(f"Budget of {channel}", exact=True)).not_to_have_value(
                numbers.full_money(current[channel])
            )
        box = planner.get_by_label("Name of this plan")
        box.fill(name)
        box.press("Enter")
        planner.get_by_role("button", name="Save as scenario").click()
        expect(planner.get_by_text(f"Saved as {name}.")).to_be_visible()
    for name in ("As it is", "A little more"):
        planner.get_by_label(f"Compare {name}").click()
        expect(planner.get_by_label(f"Compare {name}")).to_be_checked()
    table = planner.get_by_role("region", name="Scenarios side by side")
    expect(table).to_contain_text(numbers.full_money(1.05 * current[channel]))
    planner.get_by_role("button", name="Open As it is").click()
    expect(planner.get_by_label(f"Budget of {channel}", exact=True)).to_have_value(numbers.full_money(current[channel]))
    for name in ("As it is", "A little more"):
        planner.get_by_role("button", name=f"Delete {name}").click()
        expect(planner.get_by_role("button", name=f"Open {name}")).to_have_count(0)


def test_rows_stack_on_a_phone_without_a_page_that_scrolls_sideways(
    open_context: Callable[..., BrowserContext], sample_person: Person, run_id: str
) -> None:
    tab = open_context(sample_person, viewport=PHONE).new_page()
    tab.goto(f"/budget/{run_id}")
    expect(tab.get_by_role("heading", name="Channels", exact=True)).to_be_visible()
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    lock = tab.locator(".mm-planner-lock").first.bounding_box()
    assert lock is not None
    assert min(lock["width"], lock["height"]) >= 44


@pytest.mark.parametrize("width", [1280, 1180, 1100, 1024, 768, 390, 320])
def test_nothing_in_a_row_overlaps_or_leaves_it_with_a_long_name(
    open_context: Callable[..., BrowserContext], sample_person: Person, run_id: str, width: int
) -> None:
    tab = open_context(sample_person, viewport={"width": width, "height": 900}).new_page()
    tab.goto(f"/budget/{run_id}")
    expect(tab.get_by_role("heading", name="Channels", exact=True)).to_be_visible()
    assert tab.evaluate(_CROWDED, LONG) == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_what_has_the_focus_is_not_hidden_under_the_numbers(planner: Page) -> None:
    planner.get_by_label("Name of this plan").focus()
    for _ in range(30):
        planner.keyboard.press("Shift+Tab")
        assert planner.evaluate("""() => {
          const { left, top, width } = document.activeElement.getBoundingClientRect();
          const above = document.elementFromPoint(left + width / 2, top + 2);
          return !above?.closest(".mm-planner-top");
        }"""), planner.evaluate("document.activeElement.ariaLabel")


def test_the_next_1_returns_the_same_where_the_best_plan_is_free(
    planner: Page, sample_person: Person, run_id: str
) -> None:
    current = _current(sample_person, run_id)
    locked = min(current, key=lambda name: current[name])
    planner.get_by_role("button", name=f"Lock {locked}", exact=True).click()
    planner.get_by_role("button", name="Optimise").click()
    expect(planner.get_by_text("The best plan found is on screen.")).to_be_attached()
    shares = {name: _amount(planner, name) / current[name] for name in current}
    inside = [name for name, share in shares.items() if 0.51 < share < 1.49 and name != locked]
    returns = [
        float(planner.get_by_role("group", name=name, exact=True).locator("strong").inner_text()) for name in inside
    ]
    assert len(returns) >= 2, shares
    assert max(returns) - min(returns) <= 0.011, dict(zip(inside, returns, strict=True))
