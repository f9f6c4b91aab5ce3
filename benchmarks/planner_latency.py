"""How fast the planner answers the hand: from the release of a slider to new numbers on the screen.

`python benchmarks/planner_latency.py [--releases 90] [--pause 600]` starts MixModel on a temporary data directory, fits
a run of 12 channels on 156 weeks (full mode keeps 500 joint draws), opens its planner over 52 weeks in a real Chromium
and drags sliders with the mouse, one after another. Milliseconds:

* total: from the browser's own time stamp of the release to the first frame after the headline numbers have changed
* to send: until the browser has sent the event
* server: until the answer is back: the socket, Redis, the handler, the way back
* to screen: until that frame: the new state, React, layout, paint
* charts: from the release until the last answer is there, with the charts

and kB of the answer with the numbers, and of that with the charts. The last line is the handler's arithmetic alone, in
this process: judging one allocation on 500 draws.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the web process has it

import numpy as np
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run from a checkout, nothing installed

from benchmarks.optimiser import posterior
from mixmodel_app.domain.budget import Horizon
from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.planning.evaluate import Planner
from tests.e2e.conftest import put_cookies
from tests.e2e.product import Person, Product, temporary_home
from tests.tables import weekly_csv

CHANNELS = tuple(f"channel_{number}" for number in range(1, 13))
WEEKS, GOAL_MS = 156, 150
PARTS = {
    "total": "total",
    "to_send": "to send",
    "server": "server",
    "to_screen": "to screen",
    "charts": "charts",
    "kb": "kB",
    "charts_kb": "charts kB",
}

_WATCH = """() => {
  const log = (window.planner = { released: 0, sent: 0, got: [], painted: 0 });
  const Real = window.WebSocket;
  window.WebSocket = class extends Real {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        if (log.sent && data.length > 40) log.got.push([performance.now(), data.length]);
      });
    }
    send(data) {
      if (log.released && !log.sent && data.length > 40) log.sent = performance.now();
      super.send(data);
    }
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches('[data-planner="slider"]')) {
      Object.assign(log, { released: event.timeStamp, sent: 0, got: [], painted: 0 });
    }
  }, true);
  new MutationObserver((changes) => {
    const inTop = changes.some(({ target }) => (target.parentElement || target).closest(".mm-planner-top"));
    if (!inTop || !log.released || log.painted) return;
    log.painted = -1;
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => { log.painted = performance.now(); };
      channel.port2.postMessage(0);
    });
  }).observe(document, { subtree: true, childList: true, characterData: true });
}"""

_WHEN_COME = """() => new Promise((done) => {
  const look = () => {
    if (window.planner.painted > 0 && window.planner.got.length > 1) done(window.planner);
    else setTimeout(look, 20);
  };
  look();
})"""


@dataclass(frozen=True, slots=True)
class Release:
    """One release, in the terms of the module's text."""

    total: float
    to_send: float
    server: float
    to_screen: float
    charts: float
    kb: float
    charts_kb: float


def fitted_run(person: Person) -> str:
    """A finished run of 12 channels; gives its id."""
    dataset = person.ready_dataset(weekly_csv(WEEKS, CHANNELS))
    run = person.start_run(dataset, "Twelve channels", mode="full", random_seed=1)
    person.until(run, "completed", limit_s=900)
    return run


def open_planner(browser: Browser, product: Product, person: Person, run: str) -> Page:
    context = browser.new_context(base_url=product.url, viewport={"width": 1280, "height": 800})
    put_cookies(context, product, person)
    context.add_init_script(f"({_WATCH})()")
    page = context.new_page()
    page.goto(f"/budget/{run}")
    expect(page.get_by_role("slider")).to_have_count(len(CHANNELS))
    for chart in page.locator(".mm-chart").all():
        expect(chart.locator(".main-svg").first).to_be_attached()
    return page


def drag(page: Page, slider: Locator, share: float) -> Release:
    """Take the thumb to `share` of the track, let it go, and wait until everything has come."""
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    middle, room = box["y"] + box["height"] / 2, box["width"] - 20
    stands = float(slider.input_value()) / float(slider.get_attribute("max") or 1)
    page.mouse.move(box["x"] + 10 + stands * room, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 10 + share * room, middle, steps=8)
    page.mouse.up()
    seen = page.evaluate(_WHEN_COME)
    first, last = seen["got"][0], seen["got"][-1]
    return Release(
        total=seen["painted"] - seen["released"],
        to_send=seen["sent"] - seen["released"],
        server=first[0] - seen["sent"],
        to_screen=seen["painted"] - first[0],
        charts=last[0] - seen["released"],
        kb=first[1] / 1000,
        charts_kb=last[1] / 1000,
    )


def releases(page: Page, product: Product, count: int, pause_ms: float) -> list[Release]:
    """Drags of all sliders in turn to places between a third and two thirds of the track."""
    rng = np.random.default_rng(1)
    sliders = page.get_by_role("slider").all()
    found = list[Release]()
    for number in range(count + len(sliders)):
        product.lift_limits()
        found.append(drag(page, sliders[number % len(sliders)], rng.uniform(0.33, 0.66)))
        page.wait_for_timeout(pause_ms)
    return found[len(sliders) :]  # the first round warms the server's and the browser's caches


def arithmetic_ms(rounds: int = 50) -> list[float]:
    """Judging one allocation of 12 channels over 52 weeks on 500 draws, the horizon prepared anew each time."""
    draws, times = posterior(len(CHANNELS), "logistic", 1), list[float]()
    for _ in range(rounds):
        began = time.perf_counter()
        planner = Planner.over(draws, Horizon(52), Frequency.WEEKLY)
        planner.evaluate(planner.current * 1.1)
        times.append(1e3 * (time.perf_counter() - began))
    return times


def line(name: str, values: list[float]) -> str:
    p95 = float(np.quantile(values, 0.95))
    return f"{name:<12}{statistics.median(values):>9.1f}{p95:>9.1f}{max(values):>9.1f}"


def report(found: list[Release]) -> None:
    print(f"{len(found)} releases, 12 channels, 52 weeks, 500 draws\n{'':<12}{'p50':>9}{'p95':>9}{'max':>9}")
    for part, text in PARTS.items():
        print(line(text, [getattr(one, part) for one in found]))
    print(line("arithmetic", arithmetic_ms()))
    p95 = float(np.quantile([one.total for one in found], 0.95))
    print(f"p95 of the total is {p95:.0f} ms; the goal is {GOAL_MS} ms: {'met' if p95 <= GOAL_MS else 'MISSED'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--releases", type=int, default=90)
    parser.add_argument("--pause", type=float, default=600, help="ms between one answer and the next drag")
    parser.add_argument("--out", type=Path, help="a JSON file for the single releases")
    options = parser.parse_args()
    chromium = os.environ.get("MIXMODEL_CHROMIUM") or shutil.which("chromium")
    with temporary_home() as home, Product(Path(home)) as product, sync_playwright() as playwright:
        person = product.new_person()
        run = fitted_run(person)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        found = releases(open_planner(browser, product, person, run), product, options.releases, options.pause)
        browser.close()
    report(found)
    if options.out:
        options.out.write_text(json.dumps([asdict(one) for one in found]))


if __name__ == "__main__":
    main()
