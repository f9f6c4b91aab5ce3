"""How fast pages are there, on the production build in a real Chromium: paints, content, and what came over the wire.

`python benchmarks/pages.py [--rounds 5]` starts MixModel on a temporary data directory and opens login, home and the
three views of the sample's results, cold (nothing cached) and warm (the same page again). Medians of the rounds:

* first paint, largest paint: of the browser's own measurement, ms after the navigation began
* content: ms until the page's `h1` is there and no skeleton is left, and every chart is drawn
* scripts: kB of JavaScript as transferred, compressed; plotly: whether its bundle was among them
* shift: layout shift without input (CLS); below 0.05 nothing jumps
"""

import argparse
import os
import shutil
import statistics
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run from a checkout, nothing installed

from tests.e2e.conftest import put_cookies
from tests.e2e.product import Person, Product, temporary_home

PAGES = {
    "login": "/login",
    "home": "/",
    "executive": "/results/{run}?view=executive",
    "manager": "/results/{run}?view=manager",
    "analyst": "/results/{run}?view=analyst",
}
HEAD = ("first paint", "largest paint", "content", "shift", "scripts kB", "files", "plotly")

_WATCH = """() => {
  window.seen = { largest: 0, shift: 0 };
  new PerformanceObserver((list) => list.getEntries().forEach((one) => { window.seen.largest = one.startTime; }))
    .observe({ type: "largest-contentful-paint", buffered: true });
  new PerformanceObserver((list) => list.getEntries().forEach((one) => {
    if (!one.hadRecentInput) window.seen.shift += one.value;
  })).observe({ type: "layout-shift", buffered: true });
}"""
_READ = """() => {
  const scripts = performance.getEntriesByType("resource").filter((one) => new URL(one.name).pathname.endsWith(".js"));
  const first = performance.getEntriesByName("first-contentful-paint")[0];
  return {
    first: first ? first.startTime : 0,
    largest: window.seen.largest,
    shift: window.seen.shift,
    now: performance.now(),
    bytes: scripts.reduce((sum, one) => sum + one.transferSize, 0),
    files: scripts.length,
    plotly: scripts.some((one) => one.name.includes("plotly")),
  };
}"""


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit: times in ms, scripts in bytes."""

    first: float
    largest: float
    content: float
    shift: float
    bytes: float
    files: int
    plotly: bool


def visit(page: Page, path: str) -> Visit:
    """Open a page and wait until its content is there."""
    page.goto(path, wait_until="commit")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".mm-skeleton")).to_have_count(0)
    for chart in page.locator(".mm-chart").all():
        expect(chart.locator(".main-svg").first).to_be_attached()
    content = page.evaluate("performance.now()")
    page.wait_for_timeout(300)
    found: dict[str, Any] = page.evaluate(_READ)
    return Visit(
        found["first"],
        found["largest"],
        content,
        found["shift"],
        found["bytes"],
        found["files"],
        found["plotly"],
    )


def rounds(
    browser: Browser, product: Product, person: Person, path: str, count: int
) -> tuple[list[Visit], list[Visit]]:
    """Cold and warm visits, each pair in a browser context of its own."""
    cold, warm = list[Visit](), list[Visit]()
    for _ in range(count):
        context = browser.new_context(base_url=product.url, viewport={"width": 1280, "height": 800})
        if path != PAGES["login"]:
            put_cookies(context, product, person)
        context.add_init_script(f"({_WATCH})()")
        page = context.new_page()
        cold.append(visit(page, path))
        warm.append(visit(page, path))
        context.close()
    return cold, warm


def line(name: str, visits: Iterable[Visit]) -> str:
    every = list(visits)

    def middle(key: str) -> float:
        return statistics.median(getattr(one, key) for one in every)

    times = "".join(f"{middle(key):>15.0f}" for key in ("first", "largest", "content"))
    rest = f"{middle('shift'):>15.3f}{middle('bytes') / 1000:>15.0f}{middle('files'):>15.0f}"
    return f"{name:<18}{times}{rest}{'yes' if any(one.plotly for one in every) else 'no':>15}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    chromium = os.environ.get("MIXMODEL_CHROMIUM") or shutil.which("chromium")
    with temporary_home() as home, Product(Path(home)) as product, sync_playwright() as playwright:
        person = product.sample_person()
        run = person.get("/api/models")[0]["id"]
        person.until(run, "completed", limit_s=180)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        print(f"{'':<18}" + "".join(f"{text:>15}" for text in HEAD))
        for name, path in PAGES.items():
            cold, warm = rounds(browser, product, person, path.format(run=run), options.rounds)
            print(line(f"{name}, cold", cold))
            print(line(f"{name}, warm", warm))
        browser.close()


if __name__ == "__main__":
    main()
