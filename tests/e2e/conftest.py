"""The running product and one browser for the whole session, and a fresh browser context for each test."""

import inspect
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from tests.e2e.product import ROOT, Person, Product, temporary_home
from tests.oidc_provider import Provider

SHARED_DATA = ROOT.parent / "shared" / "data"
ACTION_LIMIT_MS = 15_000
expect.set_options(timeout=10_000)
DESKTOP = {"width": 1280, "height": 800}


@pytest.fixture(scope="session")
def provider() -> Iterator[Provider]:
    """A sign-in provider; `reset` it before use."""
    with Provider() as running:
        yield running


@pytest.fixture(scope="session")
def product(provider: Provider) -> Iterator[Product]:
    """MixModel, started as `mixmodel up`, with a sign-in provider; stopping it must leave nothing behind."""
    with temporary_home() as home, Product(Path(home), env=provider.env()) as running:
        yield running


@pytest.fixture(scope="session")
def sample_run(product: Product) -> str:
    """The id of the sample's original run, once it is finished."""
    owner = product.sample_person()
    run_id = owner.get("/api/models")[0]["id"]
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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with asyncio tests come first: Playwright's event loop, which lasts to the end, would get in their way."""
    first = {item.path for item in items if inspect.iscoroutinefunction(getattr(item, "obj", None))}
    items.sort(key=lambda item: item.path not in first)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium. Without one these tests are skipped, in CI they fail."""
    path = os.environ.get("MIXMODEL_CHROMIUM") or shutil.which("chromium")
    if path is None:
        reason = "BROWSER TESTS NOT RUN: no Chromium; install one or set MIXMODEL_CHROMIUM to its path"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


class Console:
    """What the browsers of one test complained about, without what the test expects."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.expected: list[str] = []

    def expect(self, part: str) -> None:
        """Let through complaints with this text."""
        self.expected.append(part)

    def listen(self, context: BrowserContext, home: str) -> None:
        """Hear what a context complains about, and of requests that go anywhere but to `home`."""
        context.on("request", lambda request: self._look(request.url, home))
        context.on("weberror", lambda event: self.complaints.append(f"uncaught: {event.error}"))
        context.on("console", self._hear)

    def _look(self, url: str, home: str) -> None:
        if url.startswith("http") and urlsplit(url).netloc != urlsplit(home).netloc:
            self.complaints.append(f"asked another host: {url}")

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")

    def unexpected(self) -> list[str]:
        return [line for line in self.complaints if not any(part in line for part in self.expected)]


@pytest.fixture
def console() -> Console:
    """Errors in the console fail a test, breaches of the security policy among them."""
    return Console()


@pytest.fixture
def open_context(product: Product, browser: Browser, console: Console) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser contexts, signed in as a person or not."""
    product.lift_limits()
    contexts: list[BrowserContext] = []

    def make(person: Person | None = None, **options: object) -> BrowserContext:
        context = browser.new_context(**{"base_url": product.url, "viewport": DESKTOP, **options})  # pyright: ignore[reportArgumentType]
        context.set_default_timeout(ACTION_LIMIT_MS)
        console.listen(context, str(options.get("base_url", product.url)))
        if person is not None:
            put_cookies(context, product, person)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert not console.unexpected(), "the browser's console:\n" + "\n".join(console.unexpected())


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


def put_cookies(context: BrowserContext, product: Product, person: Person) -> None:
    """Sign the browser in, as the server's own cookies would."""
    for name, value in person.cookies.items():
        context.add_cookies([{"name": name, "value": value, "url": product.url, "httpOnly": True, "sameSite": "Lax"}])
