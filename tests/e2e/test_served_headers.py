"""What stands around every answer of the running product: headers, health, and the door of the queue's dashboard."""

import re
import time

import httpx
import pytest

from tests.e2e.product import Person, Product
from tests.e2e.socket_client import HYDRATE, socket_tab

PATHS = (
    "/login",
    "/health",
    "/health/live",
    "/api/docs",
    "/api/openapi.json",
    "/api/datasets",
    "/theme.css",
    "/fonts/inter-latin.woff2",
    "/shared/unknown",
    "/admin/rq",
    "/nowhere",
)
PAGE = {"accept": "text/html", "sec-fetch-mode": "navigate"}


def _directives(answer: httpx.Response) -> dict[str, list[str]]:
    policy = answer.headers["content-security-policy"]
    return {name: sources for name, *sources in (part.split() for part in policy.split(";") if part.strip())}


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_security_headers(product: Product, path: str) -> None:
    headers = product.http.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"]
    assert re.fullmatch(r"[0-9a-f]{32}", headers["x-request-id"])
    assert "strict-transport-security" not in headers, "only where HTTPS is sure: in production"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/theme.css", 405),
        ("DELETE", "/login", 405),
        ("PATCH", "/api/auth/me", 405),
        ("GET", "/api/nowhere", 404),
        ("GET", "/api/auth/me", 401),
        ("POST", "/_upload", 401),
        ("POST", "/api/auth/login", 422),
        ("GET", "/api/shared/unknown", 404),
        ("OPTIONS", "/api/auth/me", 405),
        ("GET", "/" + "a" * 9000, 414),
    ],
)
def test_every_error_is_a_problem_whose_id_is_in_the_log(product: Product, method: str, path: str, status: int) -> None:
    answer = product.http.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-security-policy"]
    assert answer.headers["server"] == "MixModel"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert _is_logged(product, answer.headers["x-request-id"])


def _is_logged(product: Product, request_id: str, limit_s: float = 20) -> bool:
    """Whether the web has written this id, which it does when an answer is out."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if request_id in (product.home / "logs" / "web.log").read_text():
            return True
        time.sleep(0.02)
    return False


async def test_what_a_socket_sends_stays_out_of_the_log(product: Product, person: Person) -> None:
    async with socket_tab(product.url, cookie=person.cookie_header) as tab:
        for name in ("nothing.like_this", "reflex___state____state.no_such_event", HYDRATE):
            await tab.send(name, {"password": "Planted-7Zq", "token": "planted-7Zq", "cell": {"cookie": "planted-7Zq"}})
        await tab.settle()
    log = "".join(path.read_text() for path in (product.home / "logs").iterdir())
    assert log
    assert "lanted-7Zq" not in log
    assert [name for name, value in person.cookies.items() if value in log] == []


def test_the_policy_of_pages_lets_only_our_own_scripts_run(product: Product) -> None:
    directives = _directives(product.http.get("/login", headers=PAGE))
    scripts = directives["script-src"]
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:", "data:"} & set(scripts)
    assert all(source == "'self'" or source.startswith("'sha256-") for source in scripts)
    assert directives["default-src"] == directives["form-action"] == ["'self'"]
    assert directives["base-uri"] == directives["object-src"] == directives["frame-ancestors"] == ["'none'"]


def test_a_request_id_is_taken_over_when_it_is_harmless(product: Product) -> None:
    assert product.http.get("/health", headers={"x-request-id": "order-4711"}).headers["x-request-id"] == "order-4711"
    forged = product.http.get("/health", headers={"x-request-id": 'a"}{evil' * 20}).headers["x-request-id"]
    assert "evil" not in forged


def test_health_names_four_parts_and_nothing_of_the_inside(product: Product, sample_run: str) -> None:
    answer = product.http.get("/health")
    assert answer.status_code == 200
    assert answer.json()["status"] == "healthy"
    assert answer.json()["checks"] == dict.fromkeys(("database", "redis", "storage", "worker"), "ok")
    assert set(answer.json()) == {"status", "version", "checks"}


def test_a_page_that_does_not_exist_is_a_404_for_programs_too(product: Product) -> None:
    answer = product.http.get("/nowhere", headers=PAGE)
    assert answer.status_code == 404
    assert "text/html" in answer.headers["content-type"]


def test_the_dashboard_of_the_queue_is_for_admins_only(product: Product) -> None:
    stranger = product.http.get("/admin/rq", headers=PAGE)
    assert stranger.status_code in (303, 307)
    assert "rq" not in stranger.text.lower() or not stranger.text
    behind = product.http.get("/admin/rq/", headers=PAGE)
    assert behind.headers.get("location", "").startswith("/login")
    admin = product.new_person("Ada Admin")
    _sees_the_queue(product, admin)


def _sees_the_queue(product: Product, admin: Person) -> None:
    with httpx.Client(base_url=product.url, headers={"cookie": admin.cookie_header}, follow_redirects=True) as browser:
        assert browser.get("/admin/rq/").status_code == 200


def test_the_raw_uploads_of_the_framework_are_not_served(product: Product) -> None:
    assert product.http.get("/_upload/weekly.csv").status_code in (401, 404, 405)
