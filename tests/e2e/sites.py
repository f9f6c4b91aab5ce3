"""Every page with content on it, for checks that hold on all of them."""

from playwright.sync_api import Page, expect

from tests.e2e.product import Person

PUBLIC_PAGES = {
    "login": "/login",
    "register": "/register",
    "forgot": "/forgot?done=asked",
    "reset": "/reset?token=x&error=link_ended",
    "join": "/join?token=x",
    "code": "/login/code?error=wrong_code",
    "connect": "/connect",
}

PAGES = {
    "home": "/",
    "datasets": "/datasets",
    "upload": "/datasets/new",
    "columns": "/datasets/{dataset}/columns",
    "check": "/datasets/{dataset}/check",
    "runs": "/runs",
    "new run": "/runs/new?dataset={dataset}",
    "run": "/runs/{run}",
    "executive": "/results/{run}?view=executive",
    "manager": "/results/{run}?view=manager",
    "analyst": "/results/{run}?view=analyst",
    "budget": "/budget/{run}",
    "compare": "/compare",
    "account": "/account",
    "settings": "/settings",
    "members": "/settings/members",
    "audit log": "/settings/audit",
    "workspace data": "/settings/data",
    "operations": "/admin",
    "not found": "/no-such-page",
}


def visit(page: Page, person: Person, name: str) -> None:
    """Open a page by its name here, with the sample's ids, and wait until its content and its charts are there."""
    run = person.get("/api/models")[0]
    path = {**PUBLIC_PAGES, **PAGES}[name].format(dataset=run["dataset_id"], run=run["id"])
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".mm-skeleton")).to_have_count(0)
    for chart in page.locator(".mm-chart").all():
        expect(chart.locator(".main-svg").first).to_be_attached()
