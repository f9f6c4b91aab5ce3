"""The running product for the whole session, and a fresh browser context for each test."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.e2e.product import ROOT, Person, Product, temporary_home

SHARED_DATA = ROOT.parent / "shared" / "data"
ACTION_LIMIT_MS = 15_000
DESKTOP = {"width": 1280, "height": 800}


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    """MixModel, started as `mixmodel up`; stopping it must leave nothing behind."""
    with temporary_home() as home, Product(Path(home)) as running:
        yield running


@pytest.fixture(scope="session")
def sample_run(product: Product) -> str:
    """The id of the sample's original run, once it is finished."""
    owner = product.sample_person()
    run_id = owner.get("/api/models")["items"][0]["id"]
    owner.until(run_id, "completed", limit_s=180)
    return run_id


@pytest.fixture(scope="session")
def sample_person(product: Product, sample_run: str) -> Person:
    """The sample account, whose workspace holds a dataset and a finished run."""
    return product.sample_person()


@pytest.fixture(scope="session")
def public_dataset() -> Path:
    """The public 208-week dataset, which is not part of the project."""
    path = SHARED_DATA / "robyn_weekly.csv"
    if not path.exists():
        pytest.skip(f"the public dataset is not at {path.relative_to(ROOT.parent)}")
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium. Without one these tests are skipped, in CI they fail."""
    path = os.environ.get("MIXMODEL_CHROMIUM") or shutil.which("chromium")
    if path is None:
        reason = "BROWSER TESTS NOT RUN: no Chromium; install one or set MIXMODEL_CHROMIUM to its path"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    # Ended with the module: Playwright's event loop would get in the way of the asyncio tests that follow.
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def open_context(product: Product, browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser contexts; what their consoles complain about fails the test."""
    product.lift_limits()
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def make(person: Person | None = None, **options: object) -> BrowserContext:
        context = browser.new_context(**{"base_url": product.url, "viewport": DESKTOP, **options})  # pyright: ignore[reportArgumentType]
        context.set_default_timeout(ACTION_LIMIT_MS)
        _listen(context, complaints)
        if person is not None:
            context.add_cookies(
                [{"name": name, "value": value, "url": product.url} for name, value in person.cookies.items()]
            )
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert not complaints, "the browser's console:\n" + "\n".join(complaints)


@pytest.fixture
def person(product: Product) -> Person:
    """Someone with an empty workspace."""
    return product.new_person()


@pytest.fixture
def page(open_context: Callable[..., BrowserContext], person: Person) -> Page:
    """A tab of that person, signed in, nothing opened yet."""
    return open_context(person).new_page()


@pytest.fixture
def guest_page(open_context: Callable[..., BrowserContext]) -> Page:
    """A tab of someone without a session."""
    return open_context().new_page()


def _listen(context: BrowserContext, complaints: list[str]) -> None:
    context.on("weberror", lambda event: complaints.append(f"uncaught: {event.error}"))
    context.on(
        "console",
        lambda message: (
            complaints.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")
            if message.type == "error"
            else None
        ),
    )
